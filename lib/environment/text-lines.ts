import { least } from './least';

/** Where the lines of a text are: it is looked through once, however often this is asked. */
export interface TextLines {
  /** The number of the line, from 1, that the character at an index stands on. */
  numberAt(index: number): number;
  /** A line by its number; empty where there is none. */
  line(number: number): string;
}

/** Of a text with newlines between its lines. */
export function textLines(text: string): TextLines {
  let starts: number[] | undefined;
  const startsOfLines = (): number[] => {
    if (starts) return starts;
    starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    return starts;
  };
  return {
    numberAt(index) {
      const all = startsOfLines();
      return least(1, all.length, (number) => (all[number] ?? 0) > index);
    },
    line(number) {
      const all = startsOfLines();
      const start = all[number - 1];
      return start === undefined ? '' : text.slice(start, (all[number] ?? text.length + 1) - 1);
    },
  };
}

/** How many blanks a line begins with. */
export function indentation(line: string): number {
  return line.length - line.trimStart().length;
}
