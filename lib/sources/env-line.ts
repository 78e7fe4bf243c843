/**
 * An assignment in dotenv's grammar that both dotenv and this program read back as exactly this text, in the plainest
 * quotes that will do. Undefined where the grammar cannot say it. Placeholders are not escaped: see `escapePlaceholders`.
 */
export function envLine(name: string, text: string): string | undefined {
  if (/^[\w.,:;/@%+=~^*()[\]{}!?&|<>$-]*$/.test(text)) return `${name}=${text}`;
  for (const quote of ["'", '`']) {
    // dotenv turns CR into LF, and may read past a backslash before the closing quote.
    if (!text.includes(quote) && !text.includes('\r') && !text.endsWith('\\')) return `${name}=${quote}${text}${quote}`;
  }
  if (/["\\]/.test(text)) return undefined;
  return `${name}="${text.replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`;
}

/** A text such that substitution gives it back unchanged: a literal `${` is written `$${`. */
export function escapePlaceholders(text: string): string {
  return text.split('${').join('$${'); // in replaceAll, the replacement would be read as ${
}
