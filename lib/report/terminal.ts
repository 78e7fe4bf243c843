import { createColors } from 'picocolors';
import { isError, type Problem } from '../environment/problem';
import type { Host, Output } from './host';

type Colors = ReturnType<typeof createColors>;

/** Colours for a terminal that wants them (https://no-color.org), none for anything else. */
export function colorsFor(output: Output, env: Host['env']): Colors {
  return createColors(output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb');
}

/** One problem: what, where, and what to do about it. */
export function problemText(problem: Omit<Problem, 'code'> & { readonly code: string }, colors: Colors): string {
  const color = isError(problem) ? colors.red : colors.yellow;
  const lines = [`${color(`${problem.severity}[${problem.code}]`)} ${colors.bold(problem.message)}`];
  if (problem.file !== undefined) lines.push(`  ${colors.dim('at')}   ${placeText(problem)}`);
  if (problem.hint !== undefined) lines.push(`  ${colors.dim('hint')} ${problem.hint}`);
  return `${lines.map(printable).join('\n')}\n`;
}

/** `file:line`, which terminals and editors take for a link. */
export function placeText({ file, line }: Pick<Problem, 'file' | 'line'>): string {
  return line === undefined ? `${file}` : `${file}:${line}`;
}

/** "2 errors and 1 warning" */
export function countText(problems: readonly Problem[]): string {
  const errors = problems.filter(isError).length;
  const warnings = problems.length - errors;
  const parts = [plural(errors, 'error'), plural(warnings, 'warning')].filter((part) => !part.startsWith('0 '));
  return parts.join(' and ');
}

/** "1 object", "2 objects" */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A word as a POSIX shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Control characters of file names must not drive the terminal; the escape sequences of colours may. */
function printable(line: string): string {
  return line.replace(/\u001b(?!\[\d+m)|[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd');
}
