import { type Declarations, defineCatalog, environmentName } from './define-catalog';
import { dnsLabel, oneOf, registryPath, text } from './value-type';

const infra: Declarations = {
  NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), default: environmentName, description: 'The name' },
  NAMESPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'The namespace' },
};

function build(variables: Declarations, bundles: readonly string[] = ['shared', 'agent', 'front'], app = 'app') {
  return defineCatalog({
    app,
    bundles: Object.fromEntries(
      bundles.map((name) => [name, { description: name, ...(name === 'shared' && { everyPod: true as const }) }]),
    ),
    variables: { ...infra, ...variables },
  });
}

const secret = (bundle: string | string[], more = {}) =>
  ({ kind: 'secret', bundle, type: text(), description: 'A secret', ...more }) as const;
const config = (bundle: string | string[], more = {}) =>
  ({ kind: 'config', bundle, type: text(), description: 'A setting', ...more }) as const;

describe('a sound catalog', () => {
  it('has both objects of every bundle, empty ones too', () => {
    const catalog = build({ TOKEN: secret('agent') });
    expect(catalog.objects.map(({ kind, name, variables }) => [kind, name, [...variables.keys()]])).toEqual([
      ['Secret', 'shared-secrets', []],
      ['ConfigMap', 'shared-config', []],
      ['Secret', 'agent-secrets', ['TOKEN']],
      ['ConfigMap', 'agent-config', []],
      ['Secret', 'front-secrets', []],
      ['ConfigMap', 'front-config', []],
    ]);
  });

  it('lets bundles that no pod loads together use one key', () => {
    const catalog = build({
      AGENT_LEVEL: config('agent', { key: 'LEVEL' }),
      FRONT_LEVEL: config('front', { key: 'LEVEL' }),
    });
    const keys = catalog.objects.flatMap(({ name, variables }) =>
      [...variables].map(([key, variable]) => `${name}/${key}=${variable.name}`),
    );
    expect(keys).toEqual(['agent-config/LEVEL=AGENT_LEVEL', 'front-config/LEVEL=FRONT_LEVEL']);
  });

  it('puts a variable into every bundle it names', () => {
    const catalog = build({ TOKEN: secret(['agent', 'front']) });
    const holders = catalog.objects.filter(({ variables }) => variables.has('TOKEN')).map(({ name }) => name);
    expect(holders).toEqual(['agent-secrets', 'front-secrets']);
  });
});

describe('what the type checker refuses, the program refuses too, since it runs without it', () => {
  it.each([
    [
      'a kind that is none',
      { kind: 'Secret', bundle: 'agent', type: text(), description: 'x' },
      /A: its kind is none of secret, config, infra/,
    ],
    ['no kind', { bundle: 'agent', type: text(), description: 'x' }, /A: its kind is none of/],
    ['a misspelt field', { ...secret('agent'), optionl: true }, /A: optionl is no field of kind secret/],
    ['a default of a secret', { ...secret('agent'), default: 'x' }, /A: default is no field of kind secret/],
    ['a sensitive config', { ...config('agent'), sensitive: true }, /A: sensitive is no field of kind config/],
    ['no type', { kind: 'secret', bundle: 'agent', description: 'x' }, /A: needs a type/],
    ['no bundle', { kind: 'secret', type: text(), description: 'x' }, /A: needs a bundle/],
    ['no description', { kind: 'secret', bundle: 'agent', type: text() }, /A: needs a description/],
  ])('%s', (_what, declaration, message) => {
    expect(() => build({ A: declaration as never })).toThrow(message);
  });

  it('and the type checker does', () => {
    const bundles = { agent: { description: 'agent' } };
    const A = { kind: 'secret', bundle: 'agent', type: text(), description: 'x' } as const;
    // @ts-expect-error: misspelt
    expect(() => defineCatalog({ app: 'app', bundles, variables: { A: { ...A, optionl: true } } })).toThrow(/optionl/);
    // @ts-expect-error: a committed secret
    expect(() => defineCatalog({ app: 'app', bundles, variables: { A: { ...A, default: 'x' } } })).toThrow(/default/);
    // @ts-expect-error: there is no such bundle
    expect(() => defineCatalog({ app: 'app', bundles, variables: { A: { ...A, bundle: 'agnet' } } })).toThrow(/agnet/);
  });
});

describe('a catalog that contradicts itself fails by name', () => {
  const cases: readonly [why: string, message: RegExp, make: () => unknown][] = [
    [
      'a key twice in one bundle',
      /A and B: a pod of bundle agent would get the key K twice/,
      () => build({ A: config('agent', { key: 'K' }), B: config('agent', { key: 'K' }) }),
    ],
    [
      'a key in shared and another bundle',
      /A and B: a pod of bundle front would get the key B twice/,
      () => build({ A: config('shared', { key: 'B' }), B: secret('front') }),
    ],
    [
      'a Secret and a ConfigMap of one bundle',
      /A and B: a pod of bundle agent would get the key B twice/,
      () => build({ A: secret('agent', { key: 'B' }), B: config('agent') }),
    ],
    [
      'one variable in shared and another bundle',
      /A: a pod of bundle agent would get the key A twice/,
      () => build({ A: config(['shared', 'agent']) }),
    ],
    [
      'a name with a hyphen',
      /MY-VAR is a name that no environment variable may have/,
      () => build({ 'MY-VAR': config('agent') }),
    ],
    [
      'a name that starts with a digit',
      /1A is a name that no environment variable may have/,
      () => build({ '1A': config('agent') }),
    ],
    [
      'a name of 254 characters',
      /A{254} is a name that no environment variable may have/,
      () => build({ ['A'.repeat(254)]: config('agent') }),
    ],
    [
      'a key with a dot',
      /A: a\.b is a name that no environment variable may have/,
      () => build({ A: config('agent', { key: 'a.b' }) }),
    ],
    [
      'a name of Object.prototype',
      /constructor is a name that JavaScript keeps/,
      () => build({ constructor: config('agent') } as Declarations),
    ],
    ['a bundle that is not there', /A: there is no bundle agnet/, () => build({ A: config('agnet') })],
    ['a bundle twice', /A: names a bundle twice/, () => build({ A: config(['agent', 'agent']) })],
    ['no bundle', /A: is in no bundle/, () => build({ A: config([]) })],
    ['a bundle that cannot be a name', /bundle My_Bundle: not a DNS-1123 label/, () => build({}, ['My_Bundle'])],
    ['an app that cannot be a label', /app My App: not a DNS-1123 label/, () => build({}, ['shared'], 'My App')],
    [
      'a default that its type refuses',
      /A: its default is not one of x, y/,
      () => build({ A: config('agent', { type: oneOf('x', 'y'), default: 'z' }) }),
    ],
    [
      'a default of something optional',
      /A: has a default, so it cannot be optional/,
      () => build({ A: config('agent', { default: 'x', optional: true }) }),
    ],
    [
      'a default of something sensitive',
      /A: is sensitive, and a default is committed/,
      () => build({ A: { kind: 'infra', sensitive: true, default: 'x', type: text(), description: 'x' } }),
    ],
    ['no description', /A: needs a description of one line/, () => build({ A: config('agent', { description: ' ' }) })],
    [
      'two variables with one role',
      /NAMESPACE and B: both drive the namespace/,
      () => build({ B: { kind: 'infra', drives: 'namespace', type: text(), description: 'x' } }),
    ],
    [
      'a registry without its password',
      /registry and registry-password need each other/,
      () => build({ B: { kind: 'infra', drives: 'registry', type: registryPath(), description: 'x' } }),
    ],
    [
      'a password that is not sensitive',
      /B: what drives the registry-password must be sensitive/,
      () => build({ B: { kind: 'infra', drives: 'registry-password', type: text(), description: 'x' } }),
    ],
    [
      'no namespace',
      /no variable drives the namespace/,
      () => defineCatalog({ app: 'app', bundles: {}, variables: { NAME: infra['NAME'] as never } }),
    ],
  ];

  it.each(cases)('%s', (_why, message, make) => expect(make).toThrow(message));

  it('every contradiction at once', () => {
    expect(() => build({ 'A-B': config('agent'), C: config('agnet') })).toThrow(/A-B.*agnet/s);
  });
});
