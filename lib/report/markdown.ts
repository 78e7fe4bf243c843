import { type Difference, isNotCompared, type ObjectChange } from '../environment/difference';
import type { LiveDifference } from '../environment/live-difference';
import { numberText } from '../environment/number-text';
import { isError, type Problem } from '../environment/problem';
import { someOf } from '../environment/some-of';
import { applyNotes, clusterNotes, detailsOf, stateOfObject, verdictOfApply } from './cluster';
import { partCommon } from './common-problems';
import {
  changed,
  changedFirst,
  diffTitle,
  keyText,
  notComparedNote,
  pastCell,
  pastNotes,
  pastStateText,
  shortened,
  stateText,
} from './differences';
import { objectsOf } from './json';
import { markdownTable } from './markdown-table';
import type { ApplyReport, CheckedEnvironment, CheckReport, ClusterReport, DiffReport, ReportFormat } from './report';
import { sideText, valueText } from './shown-value';
import { countText, placeText, printable } from './terminal';
import { originText, sameStatuses } from './variables';
import { verdict } from './verdict';

/** GitHub takes job summaries of 1 MiB a step and comments of 65,536 characters: this fits into both. In bytes. */
const most = 60 * 1024;

/** For the summary of a CI job or a comment: GitHub's Markdown. */
export const markdown: ReportFormat = {
  showsAllValues: false,
  check: (report) =>
    fitted([`## ${inline(verdict(report))}`, '', ...problemLines(report.environments), ...stateLines(report)]),
  diff: (report) => fitted([`## ${inline(diffTitle(report))}`, '', ...diffLines(report)]),
  apply: applyMarkdown,
  refusal: (problems) => fitted(['## Stopped by an error', '', ...problemTable(problems)]),
};

function problemLines(environments: readonly CheckedEnvironment[]): string[] {
  const [only] = environments;
  if (only && environments.length === 1) return only.problems.length === 0 ? [] : [...problemTable(only.problems), ''];
  const run = environments.map(({ name, problems }) => ({ environment: name, problems }));
  const { common, own } = partCommon(run);
  const alike = common.map(({ problem, environments: [, ...others] }) =>
    others.length === 0 ? problem : { ...problem, message: `${problem.message} (also in ${someOf(others)})` },
  );
  return [
    ...(alike.length === 0 ? [] : ['### Several environments', '', ...problemTable(alike), '']),
    ...own.flatMap(({ environment, problems }) => [
      `### ${inline(environment)}: ${countText(problems)}`,
      '',
      ...problemTable(problems),
      '',
    ]),
  ];
}

function problemTable(problems: readonly Problem[]): string[] {
  return markdownTable(
    ['', 'where', 'what', 'next step'],
    problems.map((problem) => [
      `${isError(problem) ? '❌' : '⚠️'} ${code(problem.code)}`,
      problem.file === undefined ? '' : code(placeText(problem)),
      inline(problem.message),
      inline(problem.hint ?? ''),
    ]),
  );
}

function stateLines({ catalog, environments }: CheckReport): string[] {
  const existing = environments.filter(({ states }) => states.length > 0);
  const [only] = existing;
  if (!only) return [];
  if (existing.length > 1) return matrixLines(existing);
  return markdownTable(
    ['variable', 'goes to', 'value', 'from'],
    only.states.map((state) => [
      code(state.variable.name),
      objectsOf(catalog, state.variable)
        .map(({ object }) => code(object))
        .join(', '),
      inline(valueText(state)),
      state.origin ? inline(originText(state.origin)) : '',
    ]),
  );
}

/** Environments in which every variable has the same state share a column. */
function matrixLines(environments: readonly CheckedEnvironment[]): string[] {
  const groups = sameStatuses(environments);
  const names = environments[0]?.states.map(({ variable }) => variable.name) ?? [];
  return markdownTable(
    [
      'variable',
      ...groups.map(({ names: [first = '', ...more] }) =>
        inline(more.length === 0 ? first : `${first} and ${more.length} more`),
      ),
    ],
    names.map((name, i) => [code(name), ...groups.map(({ states }) => inline(states[i]?.status ?? ''))]),
  );
}

function diffLines(report: DiffReport): string[] {
  if (report.with === 'environment') return environmentLines(report.names, report.found);
  if (report.with === 'past') {
    const rows = changed(report.found);
    return [
      ...notComparedLines(rows.filter(isNotCompared).length),
      ...pastNotes(report).flatMap((note) => [inline(note), '']),
      ...(rows.length === 0
        ? []
        : markdownTable(
            ['variable', '', inline(shortened(report.commit)), 'now'],
            rows.map((each) => [
              code(each.variable.name),
              inline(pastStateText(each)),
              ...([0, 1] as const).map((side) => inline(pastCell(each, side))),
            ]),
          )),
    ];
  }
  if (report.with === 'written') {
    return [
      ...notComparedLines(report.notCompared.length),
      ...markdownTable(['object', '', 'keys'], report.found.map(changeRow)),
    ];
  }
  return clusterLines(report);
}

/** An environment beside what is on the cluster. */
function clusterLines(report: ClusterReport): string[] {
  const { found, problems } = report;
  const notes = clusterNotes(report).flatMap(({ text, lines }) => [
    inline(text),
    '',
    ...(lines.length === 0 ? [] : ['```sh', ...lines.map(printable), '```', '']),
  ]);
  return [
    ...markdownTable(['object', '', 'keys'], found.map(liveRow)),
    '',
    ...notes,
    ...(problems.length === 0 ? [] : [...problemTable(problems), '']),
  ];
}

/** What `apply` has done, for the summary of a CI job. */
function applyMarkdown(report: ApplyReport): string {
  const { plan } = report;
  const title = `## ${inline(`${plan.environment}: ${verdictOfApply(report)}`)}`;
  return fitted([title, '', ...clusterLines(plan), ...applyNotes(report).map(inline)]);
}

function environmentLines(names: readonly [string, string], found: readonly Difference[]): string[] {
  return [
    ...notComparedLines(found.filter(isNotCompared).length),
    ...markdownTable(
      ['variable', '', ...names.map(inline)],
      changedFirst(found).map((each) => [
        code(each.variable.name),
        inline(stateText(each.state, names)),
        ...([0, 1] as const).map((side) => inline(sideText(each, side))),
      ]),
    ),
  ];
}

function notComparedLines(count: number): string[] {
  return notComparedNote(count).flatMap((note) => [note, '']);
}

function changeRow(change: ObjectChange): string[] {
  return [code(change.object), change.state, inline(keyText(change))];
}

function liveRow(each: LiveDifference): string[] {
  return [code(each.object), stateOfObject(each), inline(detailsOf(each).join('; '))];
}

/** A text as it is: nothing in it is a mark, a tag or the end of a cell. */
function inline(text: string): string {
  return printable(text.replace(/\s+/g, ' '))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('$', '&#36;') // a formula
    .replaceAll('@', '@&#8203;') // nobody is called: GitHub takes `&#64;` for the sign itself
    .replace(/[\\`*|~[\]!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\$&');
}

/** A name or a place. What a code span could not hold stands without one. */
function code(text: string): string {
  return /^[-\w./:() ]+$/.test(text) && text.trim() === text ? `\`${text}\`` : inline(text);
}

/** As many whole lines as fit, and a word about those that do not. */
function fitted(lines: readonly string[]): string {
  const all = lines.map((line) => `${line}\n`);
  const kept: string[] = [];
  let size = 0;
  for (const line of all) {
    size += Buffer.byteLength(line);
    if (size > most - word(all.length).length) break;
    kept.push(line);
  }
  return kept.length === all.length ? all.join('') : `${kept.join('')}${word(all.length - kept.length)}`;
}

function word(left: number): string {
  return `\nCut off here: ${numberText(left)} more lines would not fit. \`--report json\` has them all.\n`;
}
