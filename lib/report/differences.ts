import type { Difference, LiveDifference } from '../environment/difference';
import { oneLine, type Row, tableText } from './table';
import { type Colors, plural, printable } from './terminal';

/** Two environments side by side, what differs first. Secrets show no more than whether they differ. */
export function differenceTable(
  [first, second]: readonly [string, string],
  found: readonly Difference[],
  colors: Colors,
  columns?: number,
): string {
  const words = {
    same: 'same',
    different: 'different',
    'only-first': `only ${first}`,
    'only-second': `only ${second}`,
    neither: 'neither',
  };
  const row = ({ variable, state, shown: [one, two] }: Difference): Row => [
    variable.name,
    { text: words[state], paint: state === 'same' || state === 'neither' ? colors.dim : colors.yellow },
    cellText(variable.sensitive, state === 'only-second' || state === 'neither', one),
    cellText(variable.sensitive, state === 'only-first' || state === 'neither', two),
  ];
  const differing = found.filter(({ state }) => state !== 'same' && state !== 'neither');
  const others = found.filter((each) => !differing.includes(each));
  const header: Row = ['', '', { text: first, paint: colors.bold }, { text: second, paint: colors.bold }];
  const table = tableText([header, ...differing.map(row), ...others.map(row)], [2, 3], columns);
  return `${table}\n${plural(differing.length, 'difference')} between ${first} and ${second}\n`;
}

function cellText(sensitive: boolean, absent: boolean, shown: string | undefined): string {
  if (absent) return '–';
  return (shown === undefined ? undefined : oneLine(shown)) ?? (sensitive ? '(secret)' : '(not shown)');
}

/** What would be written beside what is on the cluster. */
export function liveText(
  environment: string,
  context: string,
  cluster: string,
  found: readonly LiveDifference[],
  colors: Colors,
): string {
  const rows = found.flatMap((each): Row[] => {
    const mark = { text: each.state, paint: each.state === 'same' ? colors.dim : colors.yellow };
    const details: Row[] = [
      ...(each.wrongType ? [['  is of another type, which no apply can change: delete it first']] : []),
      ...each.missingKeys.map((key) => [`  ${key} is not on the cluster`]),
      ...each.extraKeys.map((key) => [`  ${key} is on the cluster only`]),
      ...(each.unknownKeys > 0 ? [[`  ${unknownKeysText(each.unknownKeys)} on the cluster only`]] : []),
      ...each.differentKeys.map((key) => [`  ${key} differs`]),
    ];
    return [[each.object, mark], ...details];
  });
  const count = found.filter(({ state }) => state !== 'same').length;
  const asked = printable(`context ${context}, cluster ${cluster}`);
  return `${tableText(rows, [1])}\n${environment} and ${asked}: ${count === 0 ? 'no object differs' : `${plural(count, 'object')} of ${found.length} ${count === 1 ? 'differs' : 'differ'}`}\n`;
}

function unknownKeysText(count: number): string {
  return count === 1 ? 'a key that is not in the catalog is' : `${count} keys that are not in the catalog are`;
}
