import { namesIn, textsBehind, type UnreadSecrets } from './unread-secrets';

/**
 * Finds what YAML gives for secrets where it becomes no value. Goes by lines and their indentation, so that it does not
 * depend on what could be read.
 * @param isRead whether a key became a value on a line, counted from 1
 */
export function findUnreadInYaml(
  text: string,
  unread: UnreadSecrets,
  isRead: (key: string, line: number) => boolean,
): void {
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; ) {
    const line = lines[index++] ?? '';
    const isReadHere = (name: string): boolean => isRead(name, index);
    const names = namesIn(line, ':=', (name) => isReadHere(name) || unread.isName(name));
    const [first] = names;
    if (!first) continue;
    if (isReadHere(first.name) && /^[\s'"]*$/.test(line.slice(0, first.start))) {
      // What a value that was read says about secrets is its own affair.
      index = afterDeeper(lines, index, line, () => true);
      continue;
    }
    const texts = textsBehind(line, names);
    const unreadTexts = texts.filter((_, at) => !isReadHere(names[at]?.name ?? ''));
    if (texts.at(-1) === unreadTexts.at(-1)) {
      const end = afterDeeper(lines, index, line, (deeper) => namesIn(deeper, ':=', unread.isName).length === 0);
      if (end > index) unreadTexts.push(...joined(texts.at(-1) ?? '', lines.slice(index, end)));
      index = end;
    }
    for (const each of unreadTexts) unread.addBehind(each, true);
  }
}

/** The index behind the lines that are blank or stand deeper than this one, as far as they belong to it. */
function afterDeeper(
  lines: readonly string[],
  start: number,
  line: string,
  belongs: (line: string) => boolean,
): number {
  let index = start;
  for (let next = lines[index]; next !== undefined; next = lines[++index]) {
    if (next.trim() !== '' && (indentation(next) <= indentation(line) || !belongs(next))) break;
  }
  return index;
}

function indentation(line: string): number {
  return line.length - line.trimStart().length;
}

/** A value of several lines as the kinds of scalars join them. */
function joined(first: string, deeper: readonly string[]): string[] {
  const isBlock = /^\s*(?:[!&]\S*\s+){0,2}[|>][-+0-9]*\s*(?:#.*)?$/.test(first);
  const pieces = [...(isBlock ? [] : [first]), ...deeper].map((line) => line.trim());
  return ['\n', ' ', ''].map((separator) => pieces.join(separator));
}
