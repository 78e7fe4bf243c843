import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { compareEnvironments } from './across';
import { isSameCluster } from './cluster-name';
import { createResolver } from './resolve';
import { Sensitive } from './sensitive';
import type { Source } from './source';
import { type EnvironmentSummary, summarise } from './summary';
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

const numberOf = Sensitive.numbering();

function summary(environment: string, values: Readonly<Record<string, string>>) {
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
  return summarise(catalog, environment, createResolver(catalog, environment, [source]), numberOf);
}

const here = { CLUSTER: 'c', SPACE: 's' };

it('finds environments of the run with one target', () => {
  const problemsOf = compareEnvironments(
    catalog,
    [summary('a', here), summary('b', here), summary('c', { ...here, SPACE: 't' })],
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

describe('a cluster by its name and by the name with an id', () => {
  const [one, two] = ['01234567-89ab-cdef-0123-456789abcdef', 'fedcba98-7654-3210-fedc-ba9876543210'];
  const called = (environment: string, cluster: string) => summary(environment, { CLUSTER: cluster, SPACE: 's' });

  it.each([
    ['name and name with id', 'c', `c-${one}`, true],
    ['the same id', `c-${one}`, `c-${one}`, true],
    ['two ids', `c-${one}`, `c-${two}`, false],
    ['two names, one with an id', 'c', `d-${one}`, false],
    ['a name with a hyphen', 'c-d', `c-d-${one}`, true],
    ['a name that only starts like the other', 'c', 'c-d', false],
    ['an id of other digits', 'c', `c-${one.replace('a', 'g')}`, false],
    ['an id without a name', `-${one}`, '', false],
    ['a name that ends in an id, with one more', `c-${one}`, `c-${one}-${two}`, true],
    ['the same without the first', 'c', `c-${one}-${two}`, false],
  ])('%s', (_what, a, b, same) => {
    expect(isSameCluster(a, b)).toBe(same);
    expect(isSameCluster(b, a)).toBe(same);
    const run = [called('a', a), called('b', b)];
    for (const name of ['a', 'b']) {
      expect(compareEnvironments(catalog, run, [])(name).map(({ code }) => code)).toEqual(
        same ? ['shared-target'] : [],
      );
    }
    const [first, second] = run as [EnvironmentSummary, EnvironmentSummary];
    expect(compareEnvironments(catalog, [first], [second])('a')).toHaveLength(same ? 1 : 0);
    expect(compareEnvironments(catalog, [second], [first])('b')).toHaveLength(same ? 1 : 0);
  });

  it('is told from two others that are not each other', () => {
    const run = [called('a', `c-${one}`), called('b', `c-${two}`), called('c', 'c')];
    const problemsOf = compareEnvironments(catalog, run, []);
    const messages = ['a', 'b', 'c'].flatMap((name) => problemsOf(name).map(({ message }) => message));
    expect(messages).toEqual([
      expect.stringContaining('as in environment c:'),
      expect.stringContaining('as in environment c:'),
      expect.stringContaining('as in environment a and 1 other:'),
    ]);
    expect(problemsOf('a')[0]?.hint).toBe(
      'Give each environment a namespace of its own: a CLUSTER with a cluster id and one without are one cluster',
    );
  });

  it('is no matter in another namespace', () => {
    const run = [called('a', 'c'), summary('b', { CLUSTER: `c-${one}`, SPACE: 't' })];
    expect(compareEnvironments(catalog, run, [])('a')).toEqual([]);
  });
});

it('only warns of environments that are not of the run', () => {
  const problemsOf = compareEnvironments(catalog, [summary('a', here)], [summary('b', here), summary('c', here)]);
  expect(problemsOf('a')).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('environment b and 1 other:') },
  ]);
});

it('says nothing of a target that is not known', () => {
  const nowhere = { SPACE: 's' };
  expect(compareEnvironments(catalog, [summary('a', nowhere), summary('b', nowhere)], [])('a')).toEqual([]);
});

it('says once for the whole run that environments hold the same secret, naming some and counting the rest', () => {
  const names = ['d', 'a', 'b', 'c', ...Array.from({ length: 1_000 }, (_, index) => `x${index}`)];
  const run = names.map((name) => summary(name, { SECRET: name === 'd' ? 'fake-d' : 'fake', TEXT: 'fake' }));
  const problemsOf = compareEnvironments(catalog, run, []);
  expect(names.flatMap((name) => problemsOf(name).map((problem) => [name, problem]))).toEqual([
    [
      'a',
      {
        severity: 'warning',
        code: 'reused-secret',
        variable: 'SECRET',
        file: 'a.env',
        line: 1,
        message: 'SECRET is the same secret in a, b, c, x0, x1 and 998 more',
        hint: 'Give each environment its own, or declare mayBeReused in the catalog',
      },
    ],
  ]);
});

it('counts those who share another secret of the same variable', () => {
  const run = ['a', 'b', 'c', 'd', 'e'].map((name) => summary(name, { SECRET: `fake-${'ab'.includes(name)}` }));
  const messages = run.flatMap(({ environment }) => compareEnvironments(catalog, run, [])(environment));
  expect(messages.map(({ message }) => message)).toEqual([
    'SECRET is the same secret in a and b; 3 other environments share SECRET among themselves',
  ]);
});

it('lets a secret be reused that may be', () => {
  const run = ['a', 'b'].map((name) => summary(name, { COMMON: 'fake' }));
  expect(compareEnvironments(catalog, run, [])('a')).toEqual([]);
});
