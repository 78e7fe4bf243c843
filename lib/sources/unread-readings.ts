import { unescaped } from '../environment/decodings';
import { limits } from '../environment/limits';

/** Nothing shorter is looked for anywhere. In UTF-16 code units. */
export const shortestReading = 6;

/** In prose, where any word may follow, nothing shorter is taken for a secret. In UTF-16 code units. */
const shortestInProse = 12;

/** What comes along with a copied text and belongs to no secret: the codes of colours, what nobody sees, marks of any script. */
const foreign = '\\u001b\\[[\\d;]*[A-Za-z]|[^\\s\\x21-\\x7e\\p{L}\\p{N}]';
const foreignMarks = new RegExp(foreign, 'gu');

/** The same, and what stands for a line break or a quote in another language. */
const ending = `${foreign}|\\\\{1,4}(?:[nrt"']|u00(?:0[ad]|2[027]|3d))|%(?:0[ad]|2[02]|3d)`;
const endMarks = new RegExp(ending, 'giu');

/** The same, and what stands before what a variable is by default. */
const partingMarks = new RegExp(`${ending}|\\$\\{\\w+:?[-=]`, 'giu');

/** Marks behind which a text may go on: those that nobody sees, and line breaks and quotes of another language. */
const closing = /^(?:\p{Cf}|\p{Cc}|\s|\\|%)/u;

/** Whether only the beginning of an address, a path, a PEM block or a value is said: that is no value. */
function isBeginning(text: string, isBrokenOff: boolean): boolean {
  if (/(?:-----|:\/\/)$/.test(text)) return true;
  if (text.includes('://')) return (isBrokenOff ? /[/.:@-]$/ : /[:@]$/).test(text);
  return isBrokenOff && /[/@-]$/.test(text);
}

/** A text that has no quotes, escapes or marks, and that nothing ends before its end. */
const plain = /^[\w./:@%+~^*?|-]+$/;

/**
 * The values that a text may have been meant to give which stands behind a name and cannot be read: all of it, without
 * its quotes, up to a comment or to whatever else may end it, and without its escapes.
 * @param mayBeEncoded whether it may be base64, as in the data of a Secret
 */
export function readingsOf(raw: string, mayBeEncoded: boolean): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (text: string) => {
    const trimmed = text.trim();
    if (trimmed.length >= shortestReading) found.add(trimmed);
  };
  const text = raw.trim();
  add(text);
  if (!plain.test(text) || text.search(endMarks) >= 0) {
    for (const body of [text, withoutMarks(text)].flatMap(unquoted)) {
      add(/[,;]$/.test(body) ? body.slice(0, -1) : body);
      for (const end of [/#/, /\s#/, /\s/, /[,;}\]]/, /["'`)]/]) add(upTo(body, body.search(end)));
      const end = body.search(endMarks);
      const marked = upTo(body, end);
      if (!isBeginning(marked, end >= 0 && !closing.test(body.slice(end)))) add(marked);
    }
    // A longer one is the value of no container, whatever its escapes stand for.
    for (const each of [...found].filter(({ length }) => length <= limits.valueLength)) {
      if (each.includes('\\')) add(unescaped(each));
      if (each.includes("''")) add(each.replaceAll("''", "'")); // as YAML has it
      if (each.includes('$${')) add(each.replaceAll('$${', () => '${'));
    }
  }
  for (const each of mayBeEncoded ? [...found] : []) {
    if (/^[\w+/\s-]+={0,2}$/.test(each)) add(Buffer.from(each, 'base64').toString('utf8'));
  }
  return found;
}

/** Without what may stand before a value: the separator, and in YAML the mark of a list, a tag, an anchor. */
function withoutMarks(text: string): string {
  return text.replace(/^(?:[=:>[{-]\s*|[!&]\S*\s+){0,4}/, '');
}

/** The text itself or, if a quote opens it, whatever that quote may hold. */
function unquoted(text: string): string[] {
  const quote = text.charAt(0);
  if (!/['"`]/.test(quote)) return [text];
  const inside = text.slice(1);
  const first = inside.indexOf(quote);
  let unescapedOne = first;
  while (inside.charAt(unescapedOne - 1) === '\\') unescapedOne = inside.indexOf(quote, unescapedOne + 1);
  return [inside, upTo(inside, first), upTo(inside, unescapedOne), upTo(inside, inside.lastIndexOf(quote))];
}

/** The beginning of a text. @param end an index, or -1 for the whole of it */
export function upTo(text: string, end: number): string {
  return end < 0 ? text : text.slice(0, end);
}

/** What no value begins with, or what only a keyboard of another country has for `=` and `:`. A quote opens a value. */
const separators = /^(?:%[0-9a-f]{2}|[^\p{L}\p{N}'"`])+/iu;

/**
 * The readings of a text that only something unknown parts from its name, such as `(prod) =`, `is`, a comma or an arrow:
 * also what stands behind the first separator in it, behind whatever it begins with, and each word.
 */
export function readingsApart(raw: string, mayBeEncoded: boolean): ReadonlySet<string> {
  const [, behind = ''] = /[=:](?!\/\/)(.*)$/s.exec(raw) ?? [];
  const text = raw.trimStart();
  const isParted = separators.test(text);
  const parted = raw.replace(partingMarks, (mark) => (closing.test(mark) ? ' ' : '…'));
  const isWhole = (word: string) => !isBeginning(upTo(word, word.indexOf('…')), word.endsWith('…'));
  const more = parted === raw ? [] : wordsOf(parted).filter(isWhole);
  const words = [...wordsOf(raw).filter((word) => !word.endsWith('…') || isWhole(word)), ...more].flatMap((word) =>
    [word, word.replace(/^[!-/:-@[-`{-~]+/, '')].map(withoutPunctuation),
  );
  return new Set([
    ...readingsOf(raw, mayBeEncoded),
    ...readingsOf(behind, mayBeEncoded),
    ...(isParted ? readingsOf(text.slice(1), mayBeEncoded) : []),
    ...(isParted ? readingsOf(text.replace(separators, ''), mayBeEncoded) : []),
    ...words.filter(({ length }) => length >= shortestReading),
  ]);
}

/** Whether a reading may be a secret where people write prose: not a short word, nor where something is to be found. */
export function isSecretInProse(reading: string): boolean {
  return reading.length >= shortestInProse && !isAddress(reading);
}

/** A host, or a URL of nothing but one. */
function isAddress(text: string): boolean {
  return text.length < 300 && /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?\/?$/i.test(text);
}

/** Each with the … behind it, if there is one. */
function wordsOf(text: string): string[] {
  return text.match(/[^\s,;|&(){}<>[\]"'`=“”„‘’«»…]+…?/g) ?? [];
}

/** What somebody may have meant with a value that is there for a shell, or has something in it that came along. */
export function meantBy(value: string): string[] {
  if (plain.test(value)) return [];
  const [, byDefault = '', said = ''] =
    /^["']?(?:\$\{\w+:?[-=](.*)\}|(?:\$\()?(?:echo|printf)\s+(.*?)\)?)["']?$/s.exec(value) ?? [];
  return [byDefault, said, value.replace(foreignMarks, '')].filter((text) => text !== value);
}

function withoutPunctuation(word: string): string {
  const isMark = (at: number) => /[.,:!?*_/…-]/.test(word.charAt(at));
  let [start, end] = [0, word.length];
  while (start < end && isMark(start)) start++;
  while (end > start && isMark(end - 1)) end--;
  return word.slice(start, end);
}
