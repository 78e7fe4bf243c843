import type { Catalog, Variable } from '../catalog/catalog';
import { layers, type Origin } from '../environment/source';
import type { VariableState } from '../environment/variable-states';
import { objectsOf } from './json';
import { oneLine, type Row, tableText } from './table';
import { type Colors, placeText } from './terminal';

/** What may be shown of a variable's value: the value itself, or in parentheses why it is not shown. */
export function valueText({ status, shownValue, variable }: VariableState): string {
  if (shownValue !== undefined) return oneLine(shownValue);
  if (status !== 'set' && status !== 'default') return `(${status})`;
  return variable.sensitive ? '(secret)' : '(not shown: see its problem)';
}

/** Where a value came from. */
export function originText({ layer, file, line }: Origin): string {
  if (file !== undefined) return placeText({ file, ...(line !== undefined && { line }) });
  return layer === 'default' ? 'default' : 'process environment';
}

function fromText({ origin, overrides }: VariableState): string {
  if (!origin) return '';
  return [originText(origin), ...overrides.map((each) => `over ${originText(each)}`)].join(' ');
}

function painter({ status }: VariableState, colors: Colors): (text: string) => string {
  if (status === 'missing' || status === 'invalid') return colors.red;
  return status === 'set' ? (text) => text : colors.dim;
}

/** Every variable of one environment: where it goes, its value if it may be shown, and where that came from. */
export function environmentTable(
  catalog: Catalog,
  states: readonly VariableState[],
  colors: Colors,
  columns?: number,
): string {
  const row = (state: VariableState): Row => [
    `  ${state.variable.name}`,
    { text: valueText(state), paint: painter(state, colors) },
    { text: fromText(state), paint: colors.dim },
  ];
  const groups = [
    { title: 'infra', held: states.filter(({ variable }) => variable.kind === 'infra') },
    ...catalog.objects.map(({ kind, name, variables }) => ({
      title: `${kind} ${name}`,
      held: states.filter(({ variable }) => variables.get(variable.key) === variable),
    })),
  ].filter(({ held }) => held.length > 0);
  const rows = groups.flatMap(({ title, held }): Row[] => [[{ text: title, paint: colors.bold }], ...held.map(row)]);
  return tableText(rows, [1, 2], columns);
}

/** A matrix of variables by environments, in as many pieces as the width of the terminal asks for. */
export function statusMatrix(
  environments: readonly { readonly name: string; readonly states: readonly VariableState[] }[],
  colors: Colors,
  columns = Number.POSITIVE_INFINITY,
): string {
  const names = environments[0]?.states.map(({ variable }) => variable.name) ?? [];
  const nameWidth = Math.max(...names.map((name) => name.length));
  const cellWidth = 2 + Math.max('default'.length, ...environments.map(({ name }) => name.length));
  const perPiece = Math.max(1, Math.floor((columns - nameWidth) / cellWidth));
  const pieces: string[] = [];
  for (let at = 0; at < environments.length; at += perPiece) {
    const shown = environments.slice(at, at + perPiece);
    const header: Row = ['', ...shown.map(({ name }) => ({ text: name, paint: colors.bold }))];
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
  return pieces.join('\n');
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
      { text: fromText(state), paint: colors.dim },
    ],
  );
  return tableText(rows, [1], columns);
}

/** All there is to say about one variable in one environment. */
export function explanation(catalog: Catalog, state: VariableState, colors: Colors): string {
  const { variable, origin, overrides, readBy } = state;
  const objects = objectsOf(catalog, variable).map(({ object, key }) => `${object} as ${key}`);
  const facts: Row[] = [
    [
      'kind',
      `${variable.kind}${variable.sensitive && variable.kind !== 'secret' ? ', sensitive' : ''}${requirement(variable)}`,
    ],
    ['type', variable.type.rule],
    ['goes to', objects.length > 0 ? objects.join(', ') : 'no object: it drives the output'],
    ['value', { text: valueText(state), paint: painter(state, colors) }],
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
    `${colors.bold(variable.name)}  ${variable.description}\n`,
    tableText(facts, [1]),
    'layers, the highest first',
    `\n${tableText(layerRows, [1])}`,
  ].join('');
}

function requirement({ optional, default: fallback }: Variable): string {
  if (optional) return ', optional';
  return fallback === undefined ? ', required' : ', with a default';
}
