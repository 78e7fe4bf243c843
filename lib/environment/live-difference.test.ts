import { growth, mostLinear } from '../../test/growth';
import {
  type ClusterObject,
  changeMark,
  changesData,
  compareObject,
  lastApplied,
  lastChange,
  type ManagedFields,
  objectName,
  takingOver,
} from './live-difference';

const known = new Set(['A', 'B']);
const fields = (...keys: string[]) => ({
  'f:data': { '.': {}, ...Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) },
});
const by = (manager: string, operation: string, fieldsV1: unknown, time = '2026-01-01T00:00:00Z'): ManagedFields => ({
  manager,
  operation,
  time,
  fieldsV1,
});
const object = (data: Record<string, string>, metadata: object = {}, rest: object = {}): ClusterObject => ({
  kind: 'ConfigMap',
  metadata: { name: 'c', ...metadata },
  data,
  ...rest,
});

describe('a key that is on the cluster only', () => {
  const copied = { annotations: { [lastApplied]: '{}' } };
  it.each([
    ['kubectl apply, server side', [by('kubectl', 'Apply', fields('A', 'B'))], {}, []],
    ['plain kubectl apply, with its copy', [by('kubectl-client-side-apply', 'Update', fields('A', 'B'))], copied, []],
    ['plain kubectl apply, whose copy is gone', [by('kubectl-client-side-apply', 'Update', fields('B'))], {}, ['B']],
    ['kubectl edit', [by('kubectl-edit', 'Update', fields('B'))], {}, ['B']],
    ['kubectl patch under the name of kubectl', [by('kubectl', 'Update', fields('B'))], {}, ['B']],
    [
      'both kubectl apply and an operator',
      [by('kubectl', 'Apply', fields('B')), by('operator', 'Update', fields('B'))],
      {},
      ['B'],
    ],
    ['who is not known', [by('operator', 'Update', fields('A'))], {}, ['B']],
    ['who is not known, since somebody has cleared that', [], copied, ['B']],
  ] as const)('was set by %s', (_who, managedFields, metadata, stayingKeys) => {
    const live = object({ A: '1', B: '2' }, { managedFields, ...metadata });
    expect(compareObject(object({ A: '1' }), live, known)).toMatchObject({ extraKeys: ['B'], stayingKeys });
  });

  it('and in no catalog is counted, whether it stays or not', () => {
    const managedFields = [by('operator', 'Update', fields('C')), by('kubectl', 'Apply', fields('D'))];
    const live = object({ C: '1', D: '2' }, { managedFields });
    expect(compareObject(object({}), live, known)).toMatchObject({
      extraKeys: [],
      unknownKeys: 2,
      stayingUnknownKeys: 1,
    });
  });
});

it.each([
  ['of which a key is to go', 'kubectl', true],
  ['of which nothing changes: a key that another manager has put there stays', 'operator', false],
])('an object is immutable %s', (_what, manager, immutable) => {
  const managedFields = [by(manager, 'Apply', fields('B'))];
  const live = object({ A: '1', B: '2' }, { managedFields }, { immutable: true });
  expect(compareObject(object({ A: '1' }), live, known)).toMatchObject({ state: 'different', immutable });
});

it.each([
  ['kubectl', 'Apply', true],
  ['somebody', 'Update', false],
])(
  'an object is immutable to an apply that would take that away again, as set by %s',
  (manager, operation, immutable) => {
    const live = object(
      { A: '1' },
      { managedFields: [by(manager, operation, { 'f:immutable': {} })] },
      { immutable: true },
    );
    expect(compareObject(object({ A: '1' }), live, known)).toMatchObject({ state: 'same', immutable });
  },
);

describe('what a manager other than kubectl has set', () => {
  const labels = { 'f:metadata': { 'f:labels': { 'f:l': {} } } };
  it.each([
    ['a key with another value', [by('operator', 'Update', fields('A'))], '2', 'x', ['A']],
    ['a key with the very value', [by('operator', 'Update', fields('A'))], '1', 'x', []],
    ['a label', [by('operator', 'Apply', labels)], '1', 'y', ['l']],
    ['an annotation', [by('operator', 'Update', { 'f:metadata': { 'f:annotations': { 'f:l': {} } } })], '2', 'y', []],
    ['nothing: kubectl edit is kubectl', [by('kubectl-edit', 'Update', fields('A'))], '2', 'x', []],
    ['nothing: it only sounds like it', [by('kubectlfake', 'Update', fields('A'))], '2', 'x', ['A']],
  ] as const)('is %s', (_what, managedFields, value, label, foreignFields) => {
    const live = object({ A: value }, { managedFields, labels: { l: label } });
    expect(compareObject(object({ A: '1' }, { labels: { l: 'x' } }), live, known)).toMatchObject({ foreignFields });
  });
});

it.each([
  ['another key of the store', { refreshInterval: '1h', a: 2 }, true],
  ['another interval', { refreshInterval: '2h', a: 1 }, false],
  ['another key, once only, which the operator has fetched before', { refreshInterval: '0', a: 2 }, false],
  ['another key, by a policy of once only', { refreshInterval: '1h', a: 2 }, false, { refreshPolicy: 'CreatedOnce' }],
])('what pods load is fetched anew for %s', (_what, spec, refetched, policy: object = {}) => {
  const status = { syncedResourceVersion: '1-fake' };
  const live = object({}, {}, { spec: { refreshInterval: '1h', a: 1, ...policy }, status });
  expect(compareObject(object({}, {}, { spec }), live, known)).toMatchObject({ otherwise: true, refetched });
});

it('names the fields of a specification that a manager other than kubectl has set, if they would change', () => {
  const managedFields = [
    by('argocd-controller', 'Update', { 'f:spec': { 'f:a': { 'f:b': {}, 'f:c': {} }, 'f:list': {} } }),
    by('kubectl', 'Apply', { 'f:spec': { 'f:d': {} } }),
  ];
  const live = object({}, { managedFields }, { spec: { a: { b: 1, c: 1 }, d: 1, list: [1] } });
  const wanted = object({}, {}, { spec: { a: { b: 2, c: 1 }, d: 2, list: [2] } });
  expect(compareObject(wanted, live, known).foreignFields).toEqual(['spec.a.b', 'spec.list']);
});

it.each([
  ['1h', '1h0m0s', false],
  ['90m', '1h30m0s', false],
  ['0', '0s', false],
  ['1h', '2h0m0s', true],
  ['1h', 'soon', true],
  ['1h', undefined, true],
])('a time span of %s is %s to the server, unless it is another one', (wanted, live, otherwise) => {
  const managedFields = [by('external-secrets', 'Update', { 'f:spec': { 'f:refreshInterval': {} } })];
  const compared = compareObject(
    object({}, {}, { spec: { refreshInterval: wanted } }),
    object({}, { managedFields }, { spec: { refreshInterval: live } }),
    known,
  );
  // Some versions of the operator say that they have set what they have only written back.
  expect(compared).toMatchObject({ otherwise, foreignFields: [] });
});

it.each([
  ['a key that is to go', 'kubectl', 'B', true],
  ['a key that another manager keeps', 'operator', 'B', false],
  ['a key that the catalog has no longer, which is to go', 'kubectl', 'C', true],
  ['a key of nobody in the catalog that another manager keeps', 'operator', 'C', false],
])('has data that changes: %s', (_what, manager, key, changes) => {
  const managedFields = [by(manager, manager === 'kubectl' ? 'Apply' : 'Update', fields(key))];
  expect(changesData(compareObject(object({}), object({ [key]: '1' }, { managedFields }), known))).toBe(changes);
});

it('what was there before the first apply is of kubectl itself', () => {
  const managedFields = [by('before-first-apply', 'Update', fields('A'))];
  expect(compareObject(object({ A: '1' }), object({ A: '2' }, { managedFields }), known).foreignFields).toEqual([]);
});

it('a copy in a Namespace, which few may change, is left there', () => {
  const space = { ...object({}, { annotations: { [lastApplied]: '{}' } }), kind: 'Namespace' };
  expect(compareObject(space, space, known).copied).toBe(false);
});

it.each([
  ['the same with what the server fills in', { a: [{ b: 1 }] }, { a: [{ b: 1, filled: 2 }], more: 3 }, false],
  ['another value', { a: [{ b: 1 }] }, { a: [{ b: 2 }] }, true],
  ['one more in a list', { a: [{ b: 1 }] }, { a: [{ b: 1 }, { b: 2 }] }, true],
  ['nothing', { a: 1 }, undefined, true],
])('a specification that is %s', (_what, wanted, live, otherwise) => {
  const [ours, theirs] = [object({}, {}, { spec: wanted }), object({}, {}, { spec: live })];
  expect(compareObject(ours, theirs, known)).toMatchObject({ otherwise, state: otherwise ? 'different' : 'same' });
});

const mark = changeMark('app');

it('was last changed when its mark says so, where the server says nothing later', () => {
  const managedFields = [by('kubectl', 'Apply', fields('A'), '2026-01-02T00:00:00Z')];
  const markedAt = (time: string) => object({ A: '1' }, { managedFields, annotations: { [mark]: time } });
  for (const [time, last] of [
    ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    ['2026-01-03T00:00:00Z', '2026-01-03T00:00:00Z'],
    ['no time', '2026-01-02T00:00:00Z'],
  ] as const)
    expect(lastChange(markedAt(time), mark)).toBe(Date.parse(last));
});

it('was last changed when its data was, by whomever', () => {
  const managedFields = [
    by('kubectl', 'Apply', fields('A'), '2026-01-01T00:00:00Z'),
    by('kubectl-edit', 'Update', fields('B'), '2026-01-02T00:00:00Z'),
    by('operator', 'Update', { 'f:metadata': {} }, '2026-01-03T00:00:00Z'),
  ];
  expect(lastChange(object({ A: '1' }, { managedFields }), mark)).toBe(Date.parse('2026-01-02T00:00:00Z'));
  // An apply of either kind may have taken the last key.
  for (const [manager, operation] of [
    ['kubectl', 'Apply'],
    ['kubectl-client-side-apply', 'Update'],
  ] as const)
    expect(lastChange(object({}, { managedFields: [by(manager, operation, {})] }), mark)).toBeDefined();
  expect(lastChange(object({}), mark)).toBeUndefined();
  expect(
    lastChange(object({}, { managedFields: [by('kubectl', 'Apply', fields('A'), 'never')] }), mark),
  ).toBeUndefined();
});

it('was last changed when it was applied, with data or not: that may have taken its last key', () => {
  const managedFields = [
    by('kubectl', 'Apply', { 'f:metadata': {} }, '2026-01-02T00:00:00Z'),
    by('operator', 'Update', { 'f:metadata': {} }, '2026-01-03T00:00:00Z'),
  ];
  expect(lastChange(object({}, { managedFields }), mark)).toBe(Date.parse('2026-01-02T00:00:00Z'));
  const others = by('operator', 'Update', fields('A'), '2026-01-01T00:00:00Z');
  expect(lastChange(object({ A: '1' }, { managedFields: [others, ...managedFields] }), mark)).toBe(
    Date.parse('2026-01-02T00:00:00Z'),
  );
});

describe('counts as changed once it is applied, with the same data,', () => {
  const marks = (kind: string, ...names: string[]) => ({
    'f:metadata': { [`f:${kind}`]: Object.fromEntries(names.map((name) => [`f:${name}`, {}])) },
  });
  it.each([
    ['where a label of ours differs', { labels: { l: 'y' } }, [by('kubectl', 'Apply', marks('labels', 'l'))], true],
    [
      'where a label goes that kubectl has set',
      { labels: { l: 'x', m: 'x' } },
      [by('kubectl', 'Apply', marks('labels', 'l', 'm'))],
      true,
    ],
    [
      'where an annotation goes that kubectl has set',
      { labels: { l: 'x' }, annotations: { a: 'x' } },
      [by('kubectl', 'Apply', marks('annotations', 'a'))],
      true,
    ],
    [
      'not where another one keeps it',
      { labels: { l: 'x', m: 'x' } },
      [by('kubectl', 'Apply', marks('labels', 'l', 'm')), by('x', 'Update', marks('labels', 'm'))],
      false,
    ],
    [
      'not where another one has set it',
      { labels: { l: 'x' }, annotations: { a: 'x' } },
      [by('x', 'Update', {})],
      false,
    ],
    [
      'where a label goes that plain kubectl has set',
      { labels: { l: 'x', m: 'x' }, annotations: { [lastApplied]: '{}' } },
      [by('kubectl-client-side-apply', 'Update', marks('labels', 'l', 'm'))],
      true,
    ],
    [
      'not where plain kubectl has set all, its copy too',
      { labels: { l: 'x' }, annotations: { [lastApplied]: '{}' } },
      [by('kubectl-client-side-apply', 'Update', { ...fields('A'), ...marks('annotations', lastApplied) })],
      false,
    ],
  ] as const)('%s', (_where, metadata, managedFields, renewed) => {
    const live = object({ A: '1' }, { managedFields, ...metadata });
    expect(compareObject(object({ A: '1' }, { labels: { l: 'x' } }), live, known)).toMatchObject({ renewed });
  });
});

describe('what another manager has set', () => {
  const mark = 'desk/changed-at';
  const managedFields = [
    by('kubectl', 'Apply', fields('A', 'B')),
    by('operator', 'Update', fields('A', 'Z')),
    by('helper', 'Apply', { ...fields('B'), 'f:metadata': {} }),
  ];
  const live = object({ A: 'x', B: 'y', Z: 'z' }, { resourceVersion: '7', managedFields });

  it('alike is shared, and nothing else', () => {
    expect(compareObject(object({ A: 'x', B: 'other' }), live, known).sharedKeys).toEqual(['A']);
  });

  it('is taken from it alone, key by key unless it is all, of this version', () => {
    const version = { op: 'replace', path: '/metadata/resourceVersion', value: '7' };
    const fieldsOf = (at: number) => `/metadata/managedFields/${at}/fieldsV1/f:data`;
    expect(takingOver(live, new Set(['A', 'B']), {})).toEqual([
      version,
      { op: 'remove', path: `${fieldsOf(1)}/f:A` },
      { op: 'remove', path: fieldsOf(2) },
    ]);
    const annotated = object({}, { ...live.metadata, annotations: {} });
    const put = { op: 'add', path: '/metadata/annotations/desk~1changed-at', value: 'now' };
    const made = { op: 'add', path: '/metadata/annotations', value: {} };
    expect(takingOver(live, new Set(), { [mark]: 'now' })).toEqual([version, made, put]);
    expect(takingOver(annotated, new Set(), { [mark]: 'now' })).toEqual([version, put]);
  });
});

it('is called by its kind and name', () => {
  expect(objectName(object({}))).toBe('ConfigMap/c');
});

it('takes time by the number of keys, not by its square', () => {
  const compare = (size: number) => {
    const keys = Array.from({ length: size }, (_, number) => `K${number}`);
    const live = object(Object.fromEntries(keys.map((key) => [key, ''])), {
      managedFields: keys.map((key) => by(key, 'Update', fields(key))),
    });
    return () => compareObject(object({}), live, known);
  };
  expect(compare(3)()).toMatchObject({ unknownKeys: 3, stayingUnknownKeys: 3 });
  expect(growth(compare, 200)).toBeLessThan(mostLinear);
});

it('takes time that does not multiply, however many labels, and managers of them, an object has', () => {
  const compare = (size: number) => {
    const names = Array.from({ length: size }, (_, at) => `l${at}`);
    const managedFields = names.map((name) =>
      by('some', 'Update', { 'f:metadata': { 'f:labels': { [`f:${name}`]: {} } } }),
    );
    const live = object({}, { labels: Object.fromEntries(names.map((name) => [name, 'x'])), managedFields });
    return () => compareObject(object({}), live, known);
  };
  expect(growth(compare, 1_000)).toBeLessThan(mostLinear);
});
