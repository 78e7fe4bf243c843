import { type Difference, isDifferent, isHole, isNotCompared, type ObjectChange } from '../environment/difference';
import { differingObjects, differingText } from './cluster';
import type { DiffReport } from './report';
import { sideText } from './shown-value';
import { type Cell, type Row, tableText } from './table';
import { type Colors, plural, wrap } from './terminal';

/** Two environments side by side, what differs first. Secrets show no more than whether they differ. */
export function differenceTable(
  report: Extract<DiffReport, { with: 'environment' }>,
  colors: Colors,
  columns?: number,
): string {
  const { names, found } = report;
  const [first, second] = names;
  const row = (each: Difference): Row => [
    each.variable.name,
    {
      text: stateText(each.state, names),
      paint: isDifferent(each) || isNotCompared(each) ? colors.yellow : colors.dim,
    },
    ...unlike(sideText(each, 0), sideText(each, 1)),
  ];
  const notCompared = found.filter(isNotCompared);
  const header: Row = ['', '', { text: first, paint: colors.bold }, { text: second, paint: colors.bold }];
  const table = tableText([header, ...changedFirst(found).map(row)], [2, 3], columns);
  const faulty = names.filter((_, side) => notCompared.some(({ status }) => isHole({ status: status[side] ?? 'set' })));
  const holes = notCompared.filter(({ status }) => status.some((each) => isHole({ status: each })));
  const inStore = notCompared.length - holes.length;
  const rest = [
    ...(faulty.length === 0 ? [] : [`, ${notComparedText(holes.length, faulty)}`]),
    ...(inStore === 0 ? [] : [`, ${inStore} not compared: only the cluster reads what a store has`]),
  ].join('');
  return `${table}\n${wrap(`${diffTitle(report)}${rest}`, '  ', columns)}\n`;
}

/** Two texts, each with where it begins to differ from the other. */
function unlike(first: string, second: string): Cell[] {
  let differsAt = 0;
  while (differsAt < first.length && first[differsAt] === second[differsAt]) differsAt++;
  return [first, second].map((text) => ({ text, differsAt }));
}

/** How two values compare, in words. */
export function stateText(state: Difference['state'], [first, second]: readonly [string, string]): string {
  const words = { expected: 'must differ', 'only-first': `only ${first}`, 'only-second': `only ${second}` };
  return { same: state, different: state, neither: state, 'not-compared': 'not compared', ...words }[state];
}

/** A sentence on how many variables were not compared, and why that may be. */
export function notComparedNote(count: number): string[] {
  const why = 'no value, a wrong one, or one that only a store has';
  return count === 0 ? [] : [`${plural(count, 'variable')} not compared: ${why}.`];
}

function notComparedText(count: number, environments: readonly string[]): string {
  return `${count} not compared: see check for ${environments.join(' and ')}`;
}

/** What a comparison has found, in a line. */
export function diffTitle(report: DiffReport): string {
  switch (report.with) {
    case 'environment':
      return `${differencesText(report.found)} between ${report.names.join(' and ')}`;
    case 'past':
      return `${report.environment}: ${differencesText(report.found)} since ${shortened(report.commit)}`;
    case 'written':
      return `${report.environment}: ${plural(changedObjects(report.found), 'object')} unlike what is in ${report.folder}`;
    case 'cluster':
      return `${report.environment}: ${plural(differingObjects(report), 'object')} unlike those on cluster ${report.cluster}`;
  }
}

function differencesText(found: readonly Difference[]): string {
  return plural(found.filter(isDifferent).length, 'difference');
}

function changedObjects(found: readonly ObjectChange[]): number {
  return found.filter(({ state }) => state !== 'same').length;
}

/** What has become of a value since: new or gone where only one side has it. */
export function pastState(state: Difference['state']): string {
  return state === 'only-first' ? 'gone' : state === 'only-second' ? 'new' : state;
}

/** The same in words. */
export function pastStateText({ state }: Difference): string {
  return pastState(state).replace('-', ' ');
}

/** What stands for a value that may not have been there yet, or not be there any more. */
export function pastCell(each: Difference, side: 0 | 1): string {
  return each.status[side] === 'missing' ? '–' : sideText(each, side);
}

/** Those of an environment's values that are not what they were, or of which that is not known. */
export function changed(found: readonly Difference[]): Difference[] {
  return [...found.filter(isDifferent), ...found.filter(isNotCompared)];
}

/** All values, those that are not the same on both sides first. */
export function changedFirst(found: readonly Difference[]): Difference[] {
  const first = new Set(changed(found));
  return [...first, ...found.filter((each) => !first.has(each))];
}

/** A commit's name as git shows it where room is short. */
export function shortened(commit: string): string {
  return commit.slice(0, 12);
}

/** What has changed since a commit. Secrets show no more than that they have. */
export function pastText(report: Extract<DiffReport, { with: 'past' }>, colors: Colors, columns?: number): string {
  const rows = changed(report.found).map(
    (each): Row => [
      each.variable.name,
      { text: pastStateText(each), paint: colors.yellow },
      ...unlike(pastCell(each, 0), pastCell(each, 1)),
    ],
  );
  const header: Row = [
    '',
    '',
    { text: shortened(report.commit), paint: colors.bold },
    { text: 'now', paint: colors.bold },
  ];
  const notCompared = report.found.filter(isNotCompared).length;
  const rest = notCompared === 0 ? '' : `, ${notCompared} not compared`;
  const table = rows.length === 0 ? '' : `${tableText([header, ...rows], [2, 3], columns)}\n`;
  const notes = pastNotes(report).map((note) => `${wrap(note, '  ', columns)}\n`);
  return `${table}${wrap(`${diffTitle(report)}${rest}`, '  ', columns)}\n${notes.join('')}`;
}

/** What is not in the table. */
export function pastNotes({ hasOtherCatalog }: Extract<DiffReport, { with: 'past' }>): string[] {
  return hasOtherCatalog ? ['catalog.ts has changed, too: what that moves or renames is not compared here'] : [];
}

/** What synth would write beside what it wrote before. */
export function writtenText(
  { environment, folder, found, notCompared }: Extract<DiffReport, { with: 'written' }>,
  colors: Colors,
  columns?: number,
): string {
  const rows = found.map((each): Row => {
    const text = keyText(each);
    return [each.object, { text: each.state, paint: each.state === 'same' ? colors.dim : colors.yellow }, text];
  });
  const rest = notCompared.length === 0 ? '' : `, ${notComparedText(notCompared.length, [environment])}`;
  const verdict = differingText(changedObjects(found), found.length);
  const end = `${environment} and what is in ${folder}: ${verdict}${rest}`;
  return `${tableText(rows, [])}\n${wrap(end, '  ', columns)}\n`;
}

/** "changed A, B; added C; removed D" */
export function keyText({ object, added, removed, changed, otherwise }: Omit<ObjectChange, 'state'>): string {
  const parts = Object.entries({ changed, added, removed }).filter(([, keys]) => keys.length > 0);
  return [
    ...parts.map(([verb, keys]) => `${verb} ${keys.join(', ')}`),
    ...(otherwise ? [`other namespace, labels${isFetched(object) ? ', store or interval' : ' or type'}`] : []),
  ].join('; ');
}

/** Whether the operator makes a Secret of it: what it names is keys of the store, and when it is read. */
function isFetched(object: string): boolean {
  return object.startsWith('ExternalSecret/');
}
