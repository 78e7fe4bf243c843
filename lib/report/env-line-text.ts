/** In the order of how much they leave alone. */
const quotes = ["'", '`', '"'] as const;

/** What is read as another variable stands in single quotes only where nothing else will do: there it looks like plain text. */
const quotesOfPlaceholders = ['"', '`', "'"] as const;

/**
 * An assignment in dotenv's grammar that both dotenv and this program read back as exactly this text, in the plainest
 * quotes that will do. Undefined where the grammar cannot say it. Placeholders are not escaped: see
 * `escapePlaceholders`.
 */
export function envLine(name: string, text: string): string | undefined {
  if (/^[\w.,:;/@%+=~^*()[\]{}!?&|<>$-]*$/.test(text)) return `${name}=${text}`;
  const order = /(?<!\$)\$\{/.test(text) ? quotesOfPlaceholders : quotes;
  const quote = order.find((each) => canStandIn(each, text));
  if (quote === undefined) return undefined;
  const inside = quote === '"' ? text.replaceAll('\n', '\\n').replaceAll('\r', '\\r') : text;
  return `${name}=${quote}${inside}${quote}`;
}

/** dotenv turns a raw CR into LF, may read past a backslash before the closing quote, and unescapes in double quotes. */
function canStandIn(quote: (typeof quotes)[number], text: string): boolean {
  if (quote === '"') return !/["\\]/.test(text);
  return !text.includes(quote) && !text.includes('\r') && !text.endsWith('\\');
}
