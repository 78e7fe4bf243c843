import { limits } from '../environment/limits';
import { indentation } from '../environment/text-lines';
import { namesIn, textsBehind, wordBefore } from './names-in-text';
import { upTo } from './unread-readings';
import type { UnreadSecrets } from './unread-secrets';

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
  findBehindNames(lines, unread, isRead);
  findBesideNames(lines, unread);
}

function findBehindNames(
  lines: readonly string[],
  unread: UnreadSecrets,
  isRead: (key: string, line: number) => boolean,
): void {
  for (let index = 0; index < lines.length; ) {
    const line = lines[index++] ?? '';
    const isReadHere = (name: string): boolean => isRead(name, index);
    const names = namesIn(line, ':=', (name) => isReadHere(name) || unread.isName(name));
    const [first] = names;
    if (first && isReadHere(first.name) && /^[\s'"]*$/.test(line.slice(0, first.start))) {
      // What a value that was read says about secrets is its own affair; what was a secret may stand beside it.
      const value = line.slice(first.behind);
      if (isBlock(value)) index = afterDeeper(lines, index, indentation(line), () => true);
      else unread.addComment(`${first.name} ${commentAfter(value)}`);
      continue;
    }
    if (/^\s*#/.test(line)) unread.addComment(line);
    else unread.addMentions(line, isReadHere);
    if (!first) continue;
    const texts = textsBehind(line, names);
    const unreadTexts = texts.filter((_, at) => !isReadHere(names[at]?.name ?? ''));
    if (texts.at(-1) === unreadTexts.at(-1)) {
      const belongs = (deeper: string) => namesIn(deeper, ':=', unread.isName).length === 0;
      const end = afterDeeper(lines, index, indentation(line), belongs);
      if (end > index) unreadTexts.push(...joined(texts.at(-1) ?? '', lines.slice(index, end)));
      index = end;
    }
    for (const each of unreadTexts) unread.addBehind(each, true);
  }
}

/** A map, as far as it was read. */
interface Group {
  /** Where its keys begin. */
  readonly column: number;
  /** What may be the name of a secret. */
  readonly scalars: string[];
  readonly values: string[];
}

/**
 * Finds a `value` that stands beside the name of a secret, as in the environment of a container, in a patch of JSON or in
 * a list of arguments.
 */
function findBesideNames(lines: readonly string[], unread: UnreadSecrets): void {
  const open: Group[] = []; // the outer ones first
  const close = (group: Group | undefined) => {
    if (group && group.values.length > 0 && group.scalars.some((each) => unread.isName(each))) {
      for (const value of group.values) unread.addBehind(value, true);
    }
  };
  const closeFrom = (column: number) => {
    while ((open.at(-1)?.column ?? -1) >= column) close(open.pop());
  };
  for (let index = 0; index < lines.length; ) {
    const line = lines[index++] ?? '';
    if (line.trim() === '' || /^\s*#/.test(line)) continue;
    const column = line.search(/[^\s{}[\],-]/);
    if (column < 0 || /[-{}]/.test(line.slice(0, column))) closeFrom(indentation(line) + 1);
    if (column < 0) continue;
    closeFrom(column + 1);
    if (open.at(-1)?.column !== column) open.push({ column, scalars: [], values: [] });
    const [own = '', ...inline] = partedByBraces(line.slice(column));
    const value = read(own, open.at(-1));
    // Without quotes a brace is a part of it.
    if (value !== undefined && inline.length > 0) {
      open.at(-1)?.values.push(line.slice(column + own.length - value.length).slice(0, limits.valueLength));
    }
    for (const each of inline) {
      const group = { column, scalars: [], values: [] };
      read(each, group);
      close(group);
    }
    if (value === undefined) {
      const next = lines[index] ?? '';
      if (isItem(line) && isItem(next) && indentation(next) === indentation(line) && unread.isName(lastName(line))) {
        unread.addBehind(next.trim(), true);
      }
      continue;
    }
    const belongs = isBlock(value) ? () => true : (deeper: string) => !/[\w"']\s*:/.test(deeper);
    const end = afterDeeper(lines, index, column, belongs);
    if (end > index) open.at(-1)?.values.push(...joined(value, lines.slice(index, end)));
    index = end;
  }
  closeFrom(0);
}

/** The parts of a line between its braces, but for those in a quoted value. */
function partedByBraces(line: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (const { 0: found, index } of line.matchAll(/(?<=[[{,:-]\s{0,9})(?:"(?:[^"\\]|\\.)*"|'[^']*')|[{}]/g)) {
    if (found.length > 1) continue;
    parts.push(line.slice(start, index));
    start = index + 1;
  }
  return [...parts, line.slice(start)];
}

/** Notes what a piece of a map gives; returns what stands behind `value`, if that is in it. */
function read(piece: string, group: Group | undefined): string | undefined {
  const text = piece.slice(0, limits.valueLength);
  const keys = namesIn(text, ':', () => true);
  const first = keys.find(({ name }) => /value$/i.test(name) || name === 'val');
  for (const [at, behind] of textsBehind(text, keys).entries()) {
    if (keys[at] !== first) group?.scalars.push(lastName(upTo(behind, behind.search(/[,#]/))));
  }
  const value = first && text.slice(first.behind);
  if (value !== undefined) group?.values.push(value);
  return value;
}

/** The name at the end of a text, such as the last part of a path or an option. */
function lastName(text: string): string {
  const { start, end } = wordBefore(text, text.length);
  return text.slice(start, end);
}

function isItem(line: string): boolean {
  return /^\s*-\s/.test(line);
}

/** The index behind the lines that are blank or stand deeper, as far as they belong to the one before. */
function afterDeeper(
  lines: readonly string[],
  start: number,
  depth: number,
  belongs: (line: string) => boolean,
): number {
  let index = start;
  for (let next = lines[index]; next !== undefined; next = lines[++index]) {
    if (next.trim() !== '' && (indentation(next) <= depth || !belongs(next))) break;
  }
  return index;
}

/** Whether the lines that follow are a text, given what stands behind the key. */
function isBlock(text: string): boolean {
  return /^\s*(?:[!&]\S*\s+){0,2}[|>][-+0-9]*\s*(?:#.*)?$/.test(text);
}

/** The comment behind a value that stands on one line. */
function commentAfter(value: string): string {
  const rest = value.slice(endOfQuoted(value, value.search(/\S/)));
  const start = rest.search(/\s#/);
  return start < 0 ? '' : rest.slice(start);
}

/** The index behind the quotes that begin at an index, if any do. */
function endOfQuoted(text: string, start: number): number {
  const quote = text.charAt(start);
  if (!/['"]/.test(quote)) return 0;
  for (let at = start + 1; at < text.length; at++) {
    const isEscape = text.charAt(at) === (quote === '"' ? '\\' : quote);
    if (isEscape && (quote === '"' || text.charAt(at + 1) === quote)) at++;
    else if (text.charAt(at) === quote) return at + 1;
  }
  return text.length;
}

/** A value of several lines as the kinds of scalars join them. */
function joined(first: string, deeper: readonly string[]): string[] {
  const pieces = [...(isBlock(first) ? [] : [first]), ...deeper].map((line) => line.trim());
  return ['\n', ' ', ''].map((separator) => pieces.join(separator));
}
