/** A name in a text, and where what stands behind it begins. */
export interface Named {
  readonly name: string;
  readonly start: number;
  readonly behind: number;
}

/** The names in a text that one of the separators follows, perhaps after a quote and blanks. */
export function namesIn(text: string, separators: string, isWanted: (name: string) => boolean): Named[] {
  const found: Named[] = [];
  for (let at = 0; at < text.length; at++) {
    if (!separators.includes(text.charAt(at))) continue;
    const { start, end } = wordBefore(text, at);
    const name = text.slice(start, end);
    if (name !== '' && isWanted(name)) found.push({ name, start, behind: at + 1 });
  }
  return found;
}

/**
 * The start and end of the name before an index: a quote and blanks may stand between, leading dots and hyphens are no
 * part of it.
 */
export function wordBefore(text: string, at: number): { readonly start: number; readonly end: number } {
  let end = at;
  while (/[\s'"`]/.test(text.charAt(end - 1))) end--;
  let start = end;
  while (/[\w.-]/.test(text.charAt(start - 1))) start--;
  while (start < end && /[.-]/.test(text.charAt(start))) start++;
  return { start, end };
}

/** The first words of a line, whatever marks are between them: a near or longer name may stand behind a command. */
export function firstWords(line: string): Named[] {
  const found: Named[] = [];
  for (const word of wordsOf(line)) if (found.push(word) === wordsBefore) break;
  return found;
}

/** As many as `declare -r -x NAME` has. */
const wordsBefore = 4;

/** The words of a text that may be names, one by one, without the dots and hyphens around them. */
export function* wordsOf(text: string): Generator<Named> {
  for (const { 0: word, index: start } of text.matchAll(/\w[\w.-]*/g)) {
    let { length } = word;
    while (/[.-]/.test(word.charAt(length - 1))) length--;
    yield { name: word.slice(0, length), start, behind: start + length };
  }
}

/** What stands behind each name, up to the next one. */
export function textsBehind(text: string, names: readonly Named[]): string[] {
  return names.map(({ behind }, index) => text.slice(behind, names[index + 1]?.start));
}
