/**
 * Whether what stands as base64 is more likely the text itself, which belongs in `stringData`: it is a word, or a key of
 * some service, and nothing that anybody would have encoded comes out. Base64 of a text has capitals and small letters.
 * @param encoded padded base64 of something that is valid UTF-8
 */
export function isPlainTextAsBase64(encoded: string): boolean {
  const text = encoded.trim();
  if (text === '' || text.endsWith('=') || !/^[A-Za-z0-9+/]+$/.test(text)) return false;
  const isWord = /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+|[a-z]+\d+|\d+)$/.test(text);
  // A word of ours comes out of base64 only where somebody encoded it.
  return isWord && !/^[\w.-]+$/.test(Buffer.from(text, 'base64').toString('utf8'));
}
