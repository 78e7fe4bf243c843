import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../../test/run';
import { changesBetween, readWritten } from './written-data';
import { yamlText } from './yaml-text';

type Data = Readonly<Record<string, string>>;
const object = (kind: string, name: string, data?: Data, namespace = 'n') => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace },
  ...(data && { data }),
});
const text = (...objects: ReturnType<typeof object>[]) => yamlText(objects);
const none = { added: [], removed: [], changed: [], otherwise: false };

it.each([
  ['nothing', object('Secret', 'a', { K: 'x' }), object('Secret', 'a', { K: 'x' }), { ...none, state: 'same' }],
  [
    'a value',
    object('Secret', 'a', { K: 'x', L: 'x' }),
    object('Secret', 'a', { K: 'y', L: 'x' }),
    { ...none, changed: ['K'] },
  ],
  [
    'a key more',
    object('ConfigMap', 'a', { K: 'x' }),
    object('ConfigMap', 'a', { K: 'x', L: 'x' }),
    { ...none, added: ['L'] },
  ],
  [
    'a key less',
    object('ConfigMap', 'a', { K: 'x', L: 'x' }),
    object('ConfigMap', 'a', { L: 'x' }),
    { ...none, removed: ['K'] },
  ],
  ['all keys less', object('ConfigMap', 'a', { K: 'x' }), object('ConfigMap', 'a'), { ...none, removed: ['K'] }],
  [
    'the namespace',
    object('Secret', 'a', { K: 'x' }),
    object('Secret', 'a', { K: 'x' }, 'm'),
    { ...none, otherwise: true },
  ],
  [
    'the key of a registry',
    object('Secret', 'a', { '.dockerconfigjson': 'x' }),
    object('Secret', 'a', { '.dockerconfigjson': 'y' }),
    { ...none, changed: ['.dockerconfigjson'] },
  ],
  [
    'a value with everything in it',
    object('ConfigMap', 'a', { K: '---\n"data":\n  "L": "x"' }),
    object('ConfigMap', 'a', { K: '"\\\u2028' }),
    { ...none, changed: ['K'] },
  ],
])('tells of a change of %s', (_what, before, after, change) => {
  expect(changesBetween(text(before), text(after))).toEqual([
    { object: `${before.kind}/a`, state: 'changed', ...change },
  ]);
});

it('tells of objects that are new and gone', () => {
  const kept = object('Secret', 'kept', { K: 'x' });
  const changes = changesBetween(
    text(kept, object('Secret', 'old', { A: 'x' })),
    text(kept, object('ConfigMap', 'new', { B: 'x' })),
  );
  expect(changes).toEqual([
    { ...none, object: 'Secret/kept', state: 'same' },
    { ...none, object: 'ConfigMap/new', state: 'new', added: ['B'] },
    { ...none, object: 'Secret/old', state: 'gone', removed: ['A'] },
  ]);
});

it.each([
  ['another writer', 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n'],
  ['nothing', ''],
  ['a key that is none of an environment', text(object('Secret', 'a', { 'fake-key-taken-for-a-name': 'x' }))],
  ['a value on several lines', '---\n"kind": "Secret"\n"metadata":\n  "name": "a"\n"data":\n  "K": |\n    fake\n'],
])('takes nothing from %s', (_what, before) => {
  expect(changesBetween(before, text(object('Secret', 'a')))).toBeUndefined();
});

describe('what a run before wrote is read', () => {
  it('if it is a file', () => {
    expect(readWritten(folderWith({ 'a.k8s.yaml': 'text' }), 'a.k8s.yaml')).toBe('text');
  });

  it.each([
    ['nothing is there', () => {}],
    ['a folder is', (path: string) => mkdirSync(path)],
    ['a link is', (path: string) => symlinkSync('/etc/hosts', path)],
    ['a pipe is, and nobody writes to it', (path: string) => spawnSync('mkfifo', [path])],
    [
      'it is larger than any of ours',
      (path: string) => {
        spawnSync('touch', [path]);
        truncateSync(path, 17 * 1024 * 1024);
      },
    ],
  ])('and nothing where %s', (_what, prepare) => {
    const folder = folderWith();
    prepare(join(folder, 'a.k8s.yaml'));
    expect(readWritten(folder, 'a.k8s.yaml')).toBeUndefined();
  });
});
