import type { Catalog, Variable } from '../catalog/catalog';
import { isDifferent, isNotCompared } from '../environment/difference';
import { limits } from '../environment/limits';
import { isError, type Problem } from '../environment/problem';
import { someOf } from '../environment/some-of';
import type { Status, VariableState } from '../environment/variable-states';
import { clusterNotes, detailsOf, stateOfObject } from './cluster';
import { partCommon } from './common-problems';
import {
  changed,
  diffTitle,
  keyText,
  notComparedNote,
  pastCell,
  pastNotes,
  pastStateText,
  shortened,
  stateText,
} from './differences';
import { breakable, filterForm, htmlPage, type Markup, markup } from './html-page';
import { objectsOf } from './json';
import type { CheckedEnvironment, CheckReport, DiffReport, ReportFormat } from './report';
import { sideText, valueText } from './shown-value';
import { countText, placeText } from './terminal';
import { originText, readsText, sameStatuses } from './variables';
import { verdict } from './verdict';

/** For people with a browser: one page. */
export const html: ReportFormat = {
  showsAllValues: true,
  check: (report) => {
    const groups = problemGroups(report.environments);
    return htmlPage(
      verdict(report),
      markup`${filterForm('variable, file, environment …')}
${problemSection(groups)}${variableSection(report, groups)}`,
    );
  },
  diff: (report) => {
    const { head, rows, notes } = comparison(report);
    return htmlPage(
      diffTitle(report),
      markup`${notes}${filterForm('name, value …')}
${tableOf('Differences', head, rows)}`,
    );
  },
  refusal: (problems) =>
    htmlPage('Stopped by an error', problemSection([{ title: '', problems: numbered(problems, 1, '') }])),
};

/** A problem with the number by which the page refers to it. */
interface Numbered {
  readonly problem: Problem;
  readonly id: string;
  /** Those that have it. */
  readonly environments: readonly string[];
}

interface ProblemGroup {
  /** An environment; empty where there is but one; undefined for several. */
  readonly title: string | undefined;
  readonly problems: readonly Numbered[];
}

function numbered(problems: readonly Problem[], from: number, environment: string): Numbered[] {
  const inUrgency = [...problems.filter(isError), ...problems.filter((problem) => !isError(problem))];
  return inUrgency.map((problem, at) => ({ problem, id: `problem-${from + at}`, environments: [environment] }));
}

/** What many environments have alike comes first, once. */
function problemGroups(environments: readonly CheckedEnvironment[]): ProblemGroup[] {
  const [only] = environments;
  if (only && environments.length === 1) return [{ title: '', problems: numbered(only.problems, 1, only.name) }];
  const { common, own } = partCommon(environments.map(({ name, problems }) => ({ environment: name, problems })));
  let count = common.length;
  const alike = common.map(
    ({ problem, environments }, at): Numbered => ({ problem, id: `problem-${at + 1}`, environments }),
  );
  const groups = own.map(({ environment, problems }): ProblemGroup => {
    const group = { title: environment, problems: numbered(problems, count + 1, environment) };
    count += problems.length;
    return group;
  });
  return [...(alike.length === 0 ? [] : [{ title: undefined, problems: alike }]), ...groups];
}

function problemSection(groups: readonly ProblemGroup[]): Markup {
  const all = groups.flatMap(({ problems }) => problems.map(({ problem }) => problem));
  if (all.length === 0) return markup``;
  return markup`<section aria-labelledby="problems">
<h2 id="problems">${countText(all)}</h2>
${groups.map(
  ({ title, problems }) => markup`<div data-group>
${title === '' ? '' : markup`<h3>${title ?? 'Several environments'}</h3>`}
<ul>
${problems.map(problemItem)}</ul>
</div>
`,
)}</section>
`;
}

function problemItem({ problem, id, environments: [, ...alsoIn] }: Numbered): Markup {
  const { code, message, hint } = problem;
  const [kind, sign] = isError(problem) ? (['error', '✖'] as const) : (['warning', '▲'] as const);
  return markup`<li class="problem ${kind}" id="${id}" data-item="problems" data-look>
<p><span class="mark ${kind}"><span aria-hidden="true">${sign}</span> ${kind}</span> <code>${code}</code> ${message}</p>
${problem.file === undefined ? '' : markup`<p class="quiet">at <code>${breakable(placeText(problem))}</code></p>\n`}${
  hint === undefined ? '' : markup`<p>${hint}</p>\n`
}${alsoIn.length === 0 ? '' : markup`<p class="quiet">also in ${someOf(alsoIn, limits.environmentsListed)}</p>\n`}</li>
`;
}

/** The sign of each status, which says the same as its colour, and how the two are called. */
const looks: Readonly<Record<Status, readonly [look: string, sign: string]>> = {
  set: ['good', '✓'],
  default: ['quiet', '○'],
  unset: ['quiet', '–'],
  external: ['good', '↗'],
  missing: ['error', '✖'],
  invalid: ['error', '✖'],
};

/** An environment, or several that are alike: a column. */
interface Column {
  readonly title: string;
  readonly environments: readonly CheckedEnvironment[];
}

function variableSection({ catalog, environments, variable }: CheckReport, groups: readonly ProblemGroup[]): Markup {
  const existing = environments.filter(({ states }) => states.length > 0);
  const [first] = existing;
  if (!first) return markup``;
  const columns = columnsOf(existing);
  const isOne = existing.length === 1 || variable !== undefined;
  const listed = groups.flatMap(({ problems }) => problems);
  const rows = first.states.map(({ variable }, at): TableRow => {
    const own = listed.filter(({ problem }) => problem.variable === variable.name);
    const cells = columns.map((column) => stateCell(catalog, column, at, own, isOne));
    const isFaulty = existing.some(({ states }) => lookOf(states[at]) === 'error');
    const isWarned = cells.some(({ look }) => look === 'warning');
    return {
      look: isFaulty ? 'error' : isWarned ? 'warning' : undefined,
      head: variableHead(variable, lacking(existing, at)),
      cells,
    };
  });
  return tableOf('Variables', ['Variable', ...columns.map(({ title }) => title)], rows, 'variables');
}

/** As many environments as a reader can take in have a column each; of more, those that are alike share one. */
function columnsOf(environments: readonly CheckedEnvironment[]): Column[] {
  if (environments.length <= limits.environmentsListed)
    return environments.map((each) => ({ title: each.name, environments: [each] }));
  const byName = new Map(environments.map((each) => [each.name, each]));
  return sameStatuses(environments).map(({ names }) => ({
    title: someOf(names, 2),
    environments: names.flatMap((name) => byName.get(name) ?? []),
  }));
}

/** "missing in prod": where there are many columns, nobody need look for it. */
function lacking(environments: readonly CheckedEnvironment[], at: number): string[] {
  if (environments.length === 1) return [];
  return (['missing', 'invalid'] as const).flatMap((status) => {
    const names = environments.filter(({ states }) => states[at]?.status === status).map(({ name }) => name);
    return names.length === 0 ? [] : [`${status} in ${someOf(names, limits.environmentsListed)}`];
  });
}

function lookOf(state: VariableState | undefined): string {
  return state ? looks[state.status][0] : '';
}

function variableHead({ name, kind, sensitive, description }: Variable, faults: readonly string[]): Markup {
  return markup`<code>${breakable(name)}</code>
${faults.map((fault) => markup`<p class="mark error">${fault}</p>\n`)}<p class="quiet">${description} (${kind}${
    sensitive && kind !== 'secret' ? ', sensitive' : ''
  })</p>`;
}

/** @param listed the problems of the variable that the page lists */
function stateCell(
  catalog: Catalog,
  { environments }: Column,
  at: number,
  listed: readonly Numbered[],
  isOpen: boolean,
): Cell {
  const [environment] = environments;
  const state = environment?.states[at];
  if (!environment || !state) return { content: markup`` };
  const problems = listed.filter((each) => each.environments.includes(environment.name));
  const [look, sign] = looks[state.status];
  const isWarned = look !== 'error' && problems.length > 0;
  const mark = markup`<span class="mark"><span aria-hidden="true">${isWarned ? '▲' : sign}</span> ${state.status}${
    isWarned ? ', see problem' : ''
  }</span>`;
  const content = environments.length > 1 ? mark : stateDetails(catalog, state, mark, problems, isOpen);
  return { look: isWarned ? 'warning' : look, content };
}

function stateDetails(
  catalog: Catalog,
  state: VariableState,
  mark: Markup,
  problems: readonly Numbered[],
  isOpen: boolean,
): Markup {
  const { variable, origin, overrides, reads, readBy } = state;
  const objects = objectsOf(catalog, variable).map(({ object, key }) => `${object} as ${key}`);
  const facts: [string, string | Markup][] = [
    ['value', markup`<span class="value">${valueText(state)}</span>`],
    ...[...(origin ? [origin] : []), ...overrides].map((each): [string, Markup] => [
      each === origin ? 'from' : 'over',
      breakable(originText(each)),
    ]),
    ['goes to', objects.length > 0 ? breakable(objects.join(', ')) : 'no object'],
    ...(reads.length > 0 ? [['reads', breakable(readsText(reads))] as [string, Markup]] : []),
    ...(readBy.length > 0 ? [['read by', readBy.join(', ')] as [string, string]] : []),
    ...problems.map(({ problem, id }): [string, Markup] => ['problem', markup`<a href="#${id}">${problem.code}</a>`]),
  ];
  return markup`<details${isOpen ? markup` open` : ''}><summary>${mark}</summary>
<dl>${facts.map(([term, fact]) => markup`<dt>${term}</dt><dd>${fact}</dd>`)}</dl></details>`;
}

interface Cell {
  readonly look?: string;
  readonly content: Markup;
}

interface TableRow {
  /** Of one that needs a look. */
  readonly look: 'error' | 'warning' | undefined;
  readonly head: Markup;
  readonly cells: readonly Cell[];
}

/** What needs a look first. */
function tableOf(title: string, head: readonly string[], rows: readonly TableRow[], noun = 'rows'): Markup {
  const sorted = (['error', 'warning', undefined] as const).flatMap((look) => rows.filter((row) => row.look === look));
  return markup`<section>
<h2 id="table">${title}</h2>
<div class="table" role="region" aria-labelledby="table" tabindex="0">
<table>
<thead><tr>${head.map((each) => markup`<th scope="col">${each}</th>`)}</tr></thead>
<tbody>
${sorted.map(
  ({
    look,
    head,
    cells,
  }) => markup`<tr data-item="${noun}"${look === undefined ? '' : markup` data-look`}><th scope="row">${head}</th>${cells.map(
    (cell) => markup`<td class="${cell.look ?? ''}">${cell.content}</td>`,
  )}</tr>
`,
)}</tbody>
</table>
</div>
</section>
`;
}

interface Comparison {
  readonly head: readonly string[];
  readonly rows: readonly TableRow[];
  /** Stands above the table. */
  readonly notes: readonly Markup[];
}

function comparison(report: DiffReport): Comparison {
  if (report.with === 'environment') {
    const { names, found } = report;
    const [first, second] = names;
    return {
      head: ['Variable', 'State', first, second],
      notes: notesOf(notComparedNote(found.filter(isNotCompared).length)),
      rows: found.map((each) =>
        row(isDifferent(each) || isNotCompared(each), variableHead(each.variable, []), [
          stateText(each.state, names),
          ...([0, 1] as const).map((side) => markup`<span class="value">${sideText(each, side)}</span>`),
        ]),
      ),
    };
  }
  if (report.with === 'past') {
    const rows = changed(report.found);
    return {
      head: ['Variable', 'State', shortened(report.commit), 'now'],
      notes: notesOf([...notComparedNote(rows.filter(isNotCompared).length), ...pastNotes(report)]),
      rows: rows.map((each) =>
        row(true, variableHead(each.variable, []), [
          pastStateText(each),
          ...([0, 1] as const).map((side) => markup`<span class="value">${pastCell(each, side)}</span>`),
        ]),
      ),
    };
  }
  const head = ['Object', 'State', 'Keys'];
  if (report.with === 'written') {
    return {
      head,
      notes: notesOf(notComparedNote(report.notCompared.length)),
      rows: report.found.map((each) =>
        row(each.state !== 'same', markup`<code>${breakable(each.object)}</code>`, [each.state, keyText(each)]),
      ),
    };
  }
  return {
    head,
    notes: [
      ...clusterNotes(report).flatMap(({ text, lines }) => [...notesOf([text]), ...lines.map(commandLine)]),
      problemSection([{ title: '', problems: numbered(report.problems, 1, '') }]),
    ],
    rows: report.found.map((each) =>
      row(each.state !== 'same', markup`<code>${breakable(each.object)}</code>`, [
        stateOfObject(each),
        detailsOf(each).join('; '),
      ]),
    ),
  };
}

function notesOf(texts: readonly string[]): Markup[] {
  return texts.map((text) => markup`<p>${text}</p>\n`);
}

function commandLine(line: string): Markup {
  return markup`<pre>${line}</pre>\n`;
}

function row(differs: boolean, head: Markup, [state = '', ...rest]: readonly (string | Markup)[]): TableRow {
  const mark = markup`<span class="mark"><span aria-hidden="true">${differs ? '▲' : state === 'same' ? '=' : '–'}</span> ${state}</span>`;
  return {
    look: differs ? 'warning' : undefined,
    head,
    cells: [
      { look: differs ? 'warning' : 'quiet', content: mark },
      ...rest.map((each) => ({ content: markup`${each}` })),
    ],
  };
}
