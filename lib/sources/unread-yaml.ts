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
    const number = index;
    const names = namesIn(line, ':=', (name) => isRead(name, number) || unread.isName(name));
    const [first] = names;
    if (!first) continue;
    if (isRead(first.name, number) && /^[\s'"]*$/.test(line.slice(0, first.start))) {
      // What a value that was read says about secrets is its own affair.
      index = afterDeeper(lines, index, line, () => true);
      continue;
    }
    const unreadTexts = textsBehind(line, names).filter((_, at) => !isRead(names[at]?.name ?? '', number));
    unreadTexts.forEach(unread.addBehind);
    const end = afterDeeper(lines, index, line, (deeper) => namesIn(deeper, ':=', unread.isName).length === 0);
    if (end > index)
      for (const whole of joined(unreadTexts.at(-1) ?? '', lines.slice(index, end))) unread.addBehind(whole);
    index = end;
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
