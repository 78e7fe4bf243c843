import type { Catalog, Variable } from '../catalog/catalog';
import { groupBy } from '../environment/group-by';
import { limits } from '../environment/limits';
import { numberText } from '../environment/number-text';
import { someOf } from '../environment/some-of';
import { layers, type Origin } from '../environment/source';
import type { VariableState } from '../environment/variable-states';
import { objectsOf } from './json';
import type { Screen } from './report';
import { valueText } from './shown-value';
import { oneLine, type Row, tableText } from './table';
import { type Colors, placeText, printable, wrap } from './terminal';

/** Where a value came from. */
export function originText({ layer, file, line }: Origin): string {
  if (file !== undefined) return placeText({ file, ...(line !== undefined && { line }) });
  return layer === 'default' ? 'default' : 'process environment';
}

/** Where a value came from, and over what: each shortened by itself, so that a place keeps its line. */
function fromTexts({ origin, overrides, stored }: VariableState): string[] {
  if (stored !== undefined) return [oneLine(stored)];
  if (!origin) return [];
  const over = overrides.map((each) => `over ${originText(each)}`).join(' ');
  return over === '' ? [originText(origin)] : [originText(origin), over];
}

function painter({ status }: VariableState, colors: Colors): (text: string) => string {
  if (status === 'missing' || status === 'invalid') return colors.red;
  return status === 'set' ? (text) => text : colors.dim;
}

/**
 * Every variable of one environment: where it goes, its value if it may be shown, and where that came from. Where the
 * terminal has too few rows for headings, each row names its own object.
 */
export function environmentTable(
  catalog: Catalog,
  states: readonly VariableState[],
  { colors, columns, rows: height = Number.POSITIVE_INFINITY }: Screen,
): string {
  const cells = (state: VariableState, from: readonly string[]): Row => [
    { text: valueText(state), paint: painter(state, colors) },
    ...from.map((text) => ({ text, paint: colors.dim })),
  ];
  const groups = [
    { title: 'infra', held: states.filter(({ variable }) => variable.kind === 'infra') },
    ...catalog.objects.map(({ kind, name, variables }) => ({
      title: `${kind} ${name}`,
      held: states.filter(({ variable }) => variables.get(variable.key) === variable),
    })),
  ].filter(({ held }) => held.length > 0);
  const lines = groups.reduce((sum, { held }) => sum + 1 + held.length, 0);
  if (lines + linesBelow > height) {
    const rows = states.map((state): Row => {
      // Of the place no more than tells it from others: all files are in one folder.
      const from = state.origin ? [originText(state.origin).replace(/^.*\//, '')] : [];
      return [state.variable.name, nameOfObjects(catalog, state), ...cells(state, from)];
    });
    return tableText(rows, [1, 2], columns);
  }
  const rows = groups.flatMap(({ title, held }): Row[] => [
    [{ text: title, paint: colors.bold }],
    ...held.map((state): Row => [`  ${state.variable.name}`, ...cells(state, fromTexts(state))]),
  ]);
  return tableText(rows, [1, 2, 3], columns);
}

/** A blank line, the verdict and the prompt. */
const linesBelow = 3;

function nameOfObjects(catalog: Catalog, { variable }: VariableState): string {
  const [first, ...more] = objectsOf(catalog, variable).map(({ object }) => object.replace(/^.*\//, ''));
  if (first === undefined) return variable.kind;
  return more.length === 0 ? first : `${first} +${more.length}`;
}

/** An environment in a matrix: the state of each variable, in the catalog's order. */
interface Column {
  readonly name: string;
  readonly states: readonly VariableState[];
}

/** Environments in which every variable has the same state, the first of them in the order given. */
export function sameStatuses(
  environments: readonly Column[],
): { readonly names: readonly string[]; readonly states: readonly VariableState[] }[] {
  const groups = groupBy(environments, ({ states }) => states.map(({ status }) => status).join());
  return [...groups.values()].map((group) => ({
    names: group.map(({ name }) => name),
    states: group[0]?.states ?? [],
  }));
}

/**
 * A matrix of variables by environments. Where they are too many for the width of the terminal, those that are alike
 * share a column, and what is still too wide comes in pieces.
 */
export function statusMatrix(environments: readonly Column[], colors: Colors, columns?: number): string {
  const names = environments[0]?.states.map(({ variable }) => variable.name) ?? [];
  const room = (columns ?? Number.POSITIVE_INFINITY) - Math.max(...names.map((name) => name.length));
  const fitting = (titles: readonly string[]) => Math.max(1, Math.floor(room / cellWidth(titles)));
  const own = environments.map(({ name, states }) => ({ title: name, states, names: [name] }));
  const isTooMany = own.length > Math.min(fitting(own.map(({ title }) => title)), limits.environmentsListed);
  const shared = sameStatuses(environments).map((group) => ({ ...group, title: titleOf(group.names) }));
  const all = isTooMany ? shared : own;
  const perPiece = fitting(all.map(({ title }) => title));
  const pieces: string[] = [];
  for (let at = 0; at < all.length; at += perPiece) {
    const shown = all.slice(at, at + perPiece);
    const header: Row = ['', ...shown.map(({ title }) => ({ text: title, paint: colors.bold }))];
    const rows = names.map(
      (name, i): Row => [
        name,
        ...shown.map(({ states }) => {
          const state = states[i];
          return state ? { text: state.status, paint: painter(state, colors) } : '';
        }),
      ],
    );
    pieces.push(tableText([header, ...rows], [0]));
  }
  const legend = all.filter((each) => each.names.length > 1).map((each) => `${each.title}: ${listed(each.names)}\n`);
  return [...pieces, ...(legend.length === 0 ? [] : [wrap(legend.join(''), '  ', columns)])].join('\n');
}

function cellWidth(titles: readonly string[]): number {
  return titles.reduce((most, { length }) => Math.max(most, length), 'default'.length) + 2;
}

/** The head of a column that several environments share. */
function titleOf([first = '', ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first} +${numberText(more.length)}`;
}

function listed(names: readonly string[]): string {
  return someOf(names, limits.environmentsListed);
}

/** One variable in several environments. */
export function variableTable(
  environments: readonly { readonly name: string; readonly state: VariableState }[],
  colors: Colors,
  columns?: number,
): string {
  const rows = environments.map(
    ({ name, state }): Row => [
      name,
      { text: valueText(state), paint: painter(state, colors) },
      { text: fromTexts(state).join(' '), paint: colors.dim },
    ],
  );
  return tableText(rows, [1], columns);
}

/** All there is to say about one variable in one environment. */
export function explanation(catalog: Catalog, state: VariableState, colors: Colors): string {
  const { variable, origin, overrides, reads, readBy } = state;
  const objects = objectsOf(catalog, variable).map(({ object, key }) => `${object} as ${key}`);
  const facts: Row[] = [
    [
      'kind',
      `${variable.kind}${variable.sensitive && variable.kind !== 'secret' ? ', sensitive' : ''}${requirementSuffix(variable)}`,
    ],
    ['type', variable.type.rule],
    ['goes to', objects.length > 0 ? objects.join(', ') : 'no object: it drives the output'],
    ['value', { text: valueText(state), paint: painter(state, colors) }],
    ...(state.stored === undefined ? [] : [['store', oneLine(state.stored)]]),
    ...(reads.length === 0 ? [] : [['reads', readsText(reads)]]),
    [
      'read by',
      readBy.length > 0 ? readBy.map((name) => `${name} as \${${variable.name}}`).join(', ') : 'no other variable',
    ],
  ];
  const layerValues = [...(origin ? [origin] : []), ...overrides];
  const layerRows = layers.map((layer): Row => {
    const layerValue = layerValues.find((each) => each.layer === layer);
    const place = layerValue ? (layerValue.file === undefined ? 'gives a value' : originText(layerValue)) : '–';
    return [`  ${layer}`, place, layerValue !== undefined && layerValue === origin ? 'wins' : ''];
  });
  return [
    `${colors.bold(variable.name)}  ${printable(variable.description)}\n`,
    tableText(facts, [1]),
    'layers, the highest first',
    `\n${tableText(layerRows, [1])}`,
  ].join('');
}

/** What a value reads, and where that comes from. */
export function readsText(reads: VariableState['reads']): string {
  return reads.map(({ name, origin }) => `${name} (${origin ? originText(origin) : 'no value'})`).join(', ');
}

function requirementSuffix({ optional, default: fallback }: Variable): string {
  if (optional) return ', optional';
  return fallback === undefined ? ', required' : ', with a default';
}
