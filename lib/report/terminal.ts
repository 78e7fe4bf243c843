import { createColors } from 'picocolors';
import { isError, type Problem } from '../environment/problem';
import { countOf } from '../environment/problem-list';
import type { Host, Output } from './host';

/** How a terminal, or anything else that is written to, shows colours. */
export type Colors = ReturnType<typeof createColors>;

/** Whether somebody looks at what is written there. */
export function isTerminal({ isTTY }: Output): boolean {
  return isTTY === true;
}

/** A terminal that belongs to no window calls itself 0 wide and 0 high: nobody knows. */
export function sizeOf({ columns, rows }: Output): { readonly columns?: number; readonly rows?: number } {
  return { ...(columns && { columns }), ...(rows && { rows }) };
}

/** Colours for a terminal that wants them (https://no-color.org), none for anything else. */
export function colorsFor(output: Output, env: Host['env']): Colors {
  return createColors(isTerminal(output) && !env['NO_COLOR'] && env['TERM'] !== 'dumb');
}

/**
 * One problem: what, where, and what to do about it.
 * @param columns the width of the terminal; without it lines are as long as they are
 * @param also where else it is: completes "also …"
 */
export function problemText(
  problem: Omit<Problem, 'code'> & { readonly code: string },
  colors: Colors,
  columns?: number,
  also?: string,
): string {
  const color = isError(problem) ? colors.red : colors.yellow;
  const label = `${problem.severity}[${problem.code}]`;
  const message = wrap(`${label} ${problem.message}`, '  ', columns).replace(label, '');
  const lines = [color(label) + message.split('\n').map(colors.bold).join('\n')];
  if (problem.file !== undefined) lines.push(`  ${colors.dim('at')}   ${printable(placeText(problem))}`);
  if (problem.hint !== undefined) {
    lines.push(wrap(`  hint ${problem.hint}`, ' '.repeat(7), columns).replace('hint', colors.dim('hint')));
  }
  if (also !== undefined) {
    lines.push(wrap(`  also ${also}`, ' '.repeat(7), columns).replace('also', colors.dim('also')));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Breaks each line of a text between words, so that a terminal need not break inside of them. A command stays on one line,
 * however long: what a terminal breaks is copied whole, what is broken here is not.
 */
export function wrap(text: string, indent: string, columns?: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, indent, columns))
    .join('\n');
}

function wrapLine(text: string, indent: string, columns = Number.POSITIVE_INFINITY): string {
  const unbroken = printable(text).replace(command, (found) => found.replaceAll(' ', '\n'));
  const [first = '', ...words] = unbroken.split(/(?<=\S) /).map((piece) => piece.replaceAll('\n', ' '));
  let width = first.length;
  return words.reduce((wrapped, word) => {
    const fits = width + 1 + word.length <= columns;
    width = fits ? width + 1 + word.length : indent.length + word.length;
    return `${wrapped}${fits ? ' ' : `\n${indent}`}${word}`;
  }, first);
}

/** A command to be typed, as messages have it: `npm run`, or at a beginning, or behind a colon or full stop. A comma ends it. */
const command =
  /(?:npm run |(?<=^ {0,4}|hint |[:.] )(?:\(umask|[A-Z_]+=|(?:npx|kubectl|git|rm|mv|chmod|age|sops|dotenvx|gpg|openssl|ansible-vault) ))(?:(?<![,.;:]) |[^\s'"]|'[^']*'|"[^"]*")*/g;

/** `file:line`, which terminals and editors take for a link. */
export function placeText({ file, line }: Pick<Problem, 'file' | 'line'>): string {
  return line === undefined ? `${file}` : `${file}:${line}`;
}

/** "2 errors and 1 warning" */
export function countText(problems: readonly Problem[]): string {
  const errors = countOf(problems.filter(isError));
  const warnings = countOf(problems) - errors;
  const parts = [plural(errors, 'error'), plural(warnings, 'warning')].filter((part) => !part.startsWith('0 '));
  return parts.join(' and ');
}

/** "1 object", "2 objects" */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A text without the control characters, of file names for instance, that would drive the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\n' ? character : '\ufffd',
  );
}
