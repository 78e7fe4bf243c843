import { distance } from 'fastest-levenshtein';

/** No name of a file, of an object of Kubernetes or of one of its keys is longer. */
const longestName = 255;

/**
 * The known name that an unknown one probably means. Near is an edit distance of at most 3 and at most a quarter of the
 * known name, rounded up; two swapped letters are one edit, and neither case nor `-` for `_` counts.
 */
export function nearName(unknown: string, known: Iterable<string>): string | undefined {
  if (unknown.length > longestName) return undefined;
  const typed = folded(unknown);
  let nearest: string | undefined;
  let least = 4;
  for (const name of known) {
    const most = Math.min(3, Math.ceil(name.length / 4), least - 1);
    if (Math.abs(name.length - typed.length) > most || name === unknown) continue;
    const edits = editsBetween(typed, folded(name), most);
    if (edits <= most) [nearest, least] = [name, edits];
  }
  return nearest;
}

/**
 * The same for what was typed on a command line, where people also give a beginning of a name, leave out some of its
 * words, add some, or name a file of it.
 */
export function nearArgument(typed: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  const named = typed.replace(/^.*\/(?=.)|\/$/g, '').replace(/^\.env\.|(?:\.config)?\.env$/g, '');
  if (named !== typed && names.includes(named)) return named;
  const near = nearName(named, names);
  if (near !== undefined) return near;
  const start = folded(named);
  return (
    names.find((name) => isBeginning(start, folded(name)) || isBeginning(folded(name), start)) ??
    names.find((name) => haveWordsInCommon(folded(name), start)) ??
    named.split('.').find((part) => names.includes(part))
  );
}

/** A hint on what was probably meant, if anything was. */
export function suggestion(near: string | undefined): string | undefined {
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

/** Exact up to `most`; beyond that, some larger number. */
function editsBetween(a: string, b: string, most: number): number {
  const edits = distance(a, b);
  if (edits <= 1 || edits > most + 1) return edits; // a swap counts as two here, so that it can save one
  return Math.max(edits - 1, editsWithSwaps(a, b, most));
}

/** The optimal string alignment, exact up to `most`, in time that grows with the length alone. */
function editsWithSwaps(a: string, b: string, most: number): number {
  const far = most + 1;
  const at = (cells: Uint8Array, index: number) => cells[index] ?? far;
  // Of each row only the cells beside the diagonal are filled in, and one more at each end.
  let above = Uint8Array.from({ length: b.length + 2 }, (_, j) => Math.min(j, far));
  let [before, row] = [above.slice(), above.slice()];
  for (let i = 1; i <= a.length; i++) {
    const [start, end] = [Math.max(1, i - most), Math.min(b.length, i + most)];
    row[start - 1] = start === 1 ? Math.min(i, far) : far;
    row[end + 1] = far;
    for (let j = start; j <= end; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(above, j) + 1,
        at(row, j - 1) + 1,
        at(above, j - 1) + (isSame ? 0 : 1),
        isSwap ? at(before, j - 2) + 1 : far,
        far,
      );
    }
    [before, above, row] = [above, row, before];
  }
  return at(above, b.length);
}

function isBeginning(start: string, whole: string): boolean {
  return start.length > 1 && whole.startsWith(start);
}

/** Whether all words of the one are words of the other. */
function haveWordsInCommon(a: string, b: string): boolean {
  const [some, more] = [a.split('_'), b.split('_')].sort((one, other) => one.length - other.length);
  return some !== undefined && more !== undefined && some.every((word) => word !== '' && more.includes(word));
}
