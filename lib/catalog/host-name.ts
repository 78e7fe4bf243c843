const pattern = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*(?![0-9]+$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/i;

/** Whether a text is a host name without scheme, port or final dot (RFC 1123; the last label is not a number, RFC 3696). */
export function isHostName(text: string): boolean {
  return text.length <= 253 && pattern.test(text);
}

/** Whether a text is a DNS-1123 label: at most 63 of a-z, 0-9 and inner hyphens. */
export function isDnsLabel(text: string): boolean {
  return /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
}
