import { limits } from '../environment/limits';
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
): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? { text: cell } : cell)));
  const widths: number[] = [];
  // A cell alone in its row is a heading: it may run over the columns.
  for (const row of cells.filter(({ length }) => length > 1)) {
    for (const [at, { text }] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, lengthOf(text));
  }
  let excess = widths.reduce((sum, width) => sum + width + gap, -gap) - columns;
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
        const width = Math.min(widths[at] ?? 0, limits.columnWidth);
        const padding = at === row.length - 1 ? '' : ' '.repeat(Math.max(gap, width - lengthOf(shown) + gap));
        return `${paint ? paint(shown) : shown}${padding}`;
      });
      return line.join('').trimEnd();
    })
    .map((line) => `${line}\n`)
    .join('');
}

function cutOff(text: string, width: number): string {
  if (lengthOf(text) <= width) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (lengthOf(kept + segment) >= width) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** In the columns of a terminal: East Asian wide characters and emoji take two, combining marks none. */
function lengthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  const segments = [...new Intl.Segmenter().segment(text)];
  return segments.reduce((sum, { segment }) => sum + (isWide(segment) ? 2 : 1), 0);
}

function isWide(segment: string): boolean {
  return /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|^[\u{20000}-\u{3fffd}]/u.test(
    segment,
  );
}

/** A value as one line: quoted, with escapes, where it would break the line or drive the terminal. */
export function oneLine(text: string): string {
  return /[\p{Cc}\u2028\u2029]/u.test(text) ? JSON.stringify(text) : text;
}
