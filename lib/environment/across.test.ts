import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { compareEnvironments, standingOf } from './across';
import type { Source } from './source';
import { parseTemplate } from './template';

const catalog = defineCatalog({
  app: 'app',
  bundles: { b: { description: 'b' } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
    CLUSTER: { kind: 'infra', drives: 'cluster', type: text(), description: 'cluster' },
    SECRET: { kind: 'secret', bundle: 'b', type: text(), description: 'secret' },
    COMMON: { kind: 'secret', bundle: 'b', type: text(), mayBeReused: true, description: 'common' },
    TEXT: { kind: 'config', bundle: 'b', type: text(), description: 'text' },
  },
});

function standing(environment: string, values: Readonly<Record<string, string>>) {
  const assignments = Object.entries(values).map(([variable, value], index) => ({
    variable,
    template: parseTemplate(value, catalog, catalog.variables.get(variable)?.sensitive === true),
    line: index + 1,
  }));
  const source: Source = {
    layer: 'env-file',
    file: `${environment}.env`,
    assignments,
    unknownNames: [],
    unknownNamesAre: 'errors',
    problems: [],
  };
  return standingOf(catalog, environment, [source], Buffer.from('key'));
}

const here = { CLUSTER: 'c', SPACE: 's' };

it('finds environments of the run with one target', () => {
  const problemsOf = compareEnvironments(
    catalog,
    [standing('a', here), standing('b', here), standing('c', { ...here, SPACE: 't' })],
    [],
  );
  expect(problemsOf('a')).toEqual([
    {
      severity: 'error',
      code: 'shared-target',
      variable: 'SPACE',
      file: 'a.env',
      line: 2,
      message: 'CLUSTER and SPACE are the same as in environment b: one would overwrite the other',
      hint: 'Give each environment a namespace of its own',
    },
  ]);
  expect(problemsOf('b')).toMatchObject([
    { code: 'shared-target', message: expect.stringContaining('environment a:') },
  ]);
  expect(problemsOf('c')).toEqual([]);
});

it('only warns of environments that are not of the run', () => {
  const problemsOf = compareEnvironments(catalog, [standing('a', here)], [standing('b', here), standing('c', here)]);
  expect(problemsOf('a')).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('environment b and 1 other:') },
  ]);
});

it('says nothing of a target that is not known', () => {
  const nowhere = { SPACE: 's' };
  expect(compareEnvironments(catalog, [standing('a', nowhere), standing('b', nowhere)], [])('a')).toEqual([]);
});

it('finds secrets that several environments hold, names one of them and counts the rest', () => {
  const run = ['a', 'b', 'c', 'd'].map((name) =>
    standing(name, { SECRET: name === 'd' ? 'fake-d' : 'fake', TEXT: 'fake' }),
  );
  const problemsOf = compareEnvironments(catalog, run, []);
  expect(problemsOf('b')).toMatchObject([
    {
      severity: 'warning',
      code: 'reused-secret',
      variable: 'SECRET',
      message: 'SECRET is the same secret as in environment a and 1 other',
    },
  ]);
  expect(problemsOf('a')).toMatchObject([{ message: expect.stringContaining('environment b and 1 other') }]);
  expect(problemsOf('d')).toEqual([]);
});

it('lets a secret be reused that may be', () => {
  const run = ['a', 'b'].map((name) => standing(name, { COMMON: 'fake' }));
  expect(compareEnvironments(catalog, run, [])('a')).toEqual([]);
});
