/** The bytes behind base64 as the API server reads it: padded, line breaks ignored. Undefined if it is none. */
export function bytesOfBase64(text: string): Buffer | undefined {
  const encoded = text.replace(/[\r\n]/g, '');
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded ? bytes : undefined;
}
