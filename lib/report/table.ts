import { limits } from '../environment/limits';
import { printable } from './terminal';

/** A cell, and how to colour what is shown of it. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
  /** Where it begins to differ from its neighbour, in UTF-16 code units: that is shown, however much is cut. */
  readonly differsAt?: number | undefined;
}

export type Row = readonly (string | Cell)[];

const gap = 2;
const leastWidth = 8;

/**
 * Lines of columns, each as wide as its widest cell. Where the terminal is too narrow for all of them the flexible
 * columns are shortened, the widest first, and never another: names and paths often differ at their ends alone.
 * @param flexible their indexes
 * @param columns the width of the terminal; without it nothing is cut
 */
export function tableText(
  rows: readonly Row[],
  flexible: readonly number[],
  columns = Number.POSITIVE_INFINITY,
): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? { text: cell } : cell)));
  // What is wider still does not fit either, and need not be measured.
  const isNarrow = Number.isFinite(columns);
  const most = 1 + Math.max(limits.columnWidth, isNarrow ? columns : 0);
  const widths: number[] = [];
  // A cell alone in its row is a heading: it may run over the columns.
  for (const row of cells.filter(({ length }) => length > 1)) {
    for (const [at, { text }] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(text, most));
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
      const line = row.map(({ text, paint, differsAt }, at) => {
        const shown = shortened(
          printable(text),
          isNarrow && flexible.includes(at) && row.length > 1 ? (widths[at] ?? 0) : Number.POSITIVE_INFINITY,
          differsAt,
        );
        const width = Math.min(widths[at] ?? 0, limits.columnWidth);
        const padding = at === row.length - 1 ? '' : ' '.repeat(Math.max(gap, width - widthOf(shown, most) + gap));
        return `${paint ? paint(shown) : shown}${padding}`;
      });
      return line.join('').trimEnd();
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** Without its middle, if it is too wide, or without its beginning, if what is to be seen stands in its middle. */
function shortened(text: string, width: number, toBeSeen = 0): string {
  if (width === Number.POSITIVE_INFINITY || widthOf(text, width + 1) <= width) return text;
  const room = width - 1; // for the ellipsis
  const last = [...charactersOf(text.slice(-pieceLength))].slice(1).reverse(); // the first may be a part of one
  const end = asMany(last, Math.floor(room / 2))
    .reverse()
    .join('');
  const begin = asMany(charactersOf(text), Math.ceil(room / 2)).join('');
  if (toBeSeen < begin.length || toBeSeen >= text.length - end.length) return `${begin}…${end}`;
  const rest = asMany(last, room).reverse().join('');
  if (toBeSeen >= text.length - rest.length) return `…${rest}`;
  // Half a character would be none.
  const from = /^[\udc00-\udfff]/.test(text.slice(toBeSeen)) ? toBeSeen - 1 : toBeSeen;
  return `…${asMany(charactersOf(text.slice(from)), room - 1).join('')}…`;
}

/** The first of some characters, as many as there is room for. */
function asMany(characters: Iterable<string>, room: number): string[] {
  const taken: string[] = [];
  let left = room;
  for (const character of characters) {
    left -= columnsOf(character);
    if (left < 0) break;
    taken.push(character);
  }
  return taken;
}

/**
 * In the columns of a terminal: East Asian wide characters and emoji take two, combining marks none.
 * @param most where counting may stop
 */
function widthOf(text: string, most: number): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of charactersOf(text)) {
    width += columnsOf(character);
    if (width >= most) break;
  }
  return width;
}

function columnsOf(character: string): number {
  return isWide(character) ? 2 : 1;
}

/** UTF-16 code units that are looked at together: for each character, V8 makes a copy of all that it looks at. */
const pieceLength = 256;

/** What a reader takes for characters. One of more code units than a piece is as many as it has pieces. */
function* charactersOf(text: string): Generator<string> {
  const segmenter = new Intl.Segmenter();
  for (let start = 0; start < text.length; ) {
    const piece = text.slice(start, start + pieceLength);
    const characters = Array.from(segmenter.segment(piece), ({ segment }) => segment);
    // The last one may go on behind the piece.
    if (start + piece.length < text.length && characters.length > 1) characters.pop();
    yield* characters;
    start += characters.reduce((sum, { length }) => sum + length, 0);
  }
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
