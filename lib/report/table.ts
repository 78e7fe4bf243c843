import { printable } from './terminal';

/** A cell, and how to colour what is shown of it. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

export type Row = readonly (string | Cell)[];

const gap = 2;
const leastWidth = 8;

/**
 * Lines of columns, each as wide as its widest cell. Where the terminal is too narrow for all of them the flexible
 * columns are cut off with an ellipsis, the widest first, and never another.
 * @param flexible their indexes
 * @param columns the width of the terminal; without it nothing is cut
 */
export function tableText(
  rows: readonly Row[],
  flexible: readonly number[],
  columns = Number.POSITIVE_INFINITY,
  indent = '',
): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? { text: cell } : cell)));
  const widths: number[] = [];
  // A cell alone in its row is a heading: it may run over the columns.
  for (const row of cells.filter(({ length }) => length > 1)) {
    for (const [at, { text }] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, lengthOf(text));
  }
  let excess = indent.length + widths.reduce((sum, width) => sum + width + gap, -gap) - columns;
  for (; excess > 0; excess--) {
    const widest = flexible.reduce((one, other) => ((widths[other] ?? 0) > (widths[one] ?? 0) ? other : one));
    const width = widths[widest] ?? 0;
    if (width <= leastWidth) break;
    widths[widest] = width - 1;
  }
  return cells
    .map((row) => {
      const line = row.map(({ text, paint }, at) => {
        const shown = cutOff(
          printable(text),
          flexible.includes(at) && row.length > 1 ? (widths[at] ?? 0) : Number.POSITIVE_INFINITY,
        );
        const padding = at === row.length - 1 ? '' : ' '.repeat(Math.max(0, (widths[at] ?? 0) - lengthOf(shown) + gap));
        return `${paint ? paint(shown) : shown}${padding}`;
      });
      return `${indent}${line.join('')}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join('');
}

function cutOff(text: string, width: number): string {
  return lengthOf(text) <= width ? text : `${[...text].slice(0, width - 1).join('')}…`;
}

/** In characters as people count them, near enough for what env files hold. */
function lengthOf(text: string): number {
  return [...text].length;
}
