import { CatalogError } from './catalog-faults';
import { type Declarations, environmentName } from './declaration';
import { defineCatalog } from './define-catalog';
import { dnsLabel, matching, oneOf, registryPath, schema, text } from './value-type';

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

const infraText = { kind: 'infra', type: text(), description: 'x' } as const;
const later = schema(
  { '~standard': { version: 1, vendor: 'test', validate: (value) => Promise.resolve({ value }) } },
  { rule: 'x', example: 'x' },
);

describe('what the type checker refuses, the program refuses too, since it runs without it', () => {
  it.each([
    [
      'a kind that is none',
      { kind: 'Secret', bundle: 'agent', type: text(), description: 'x' },
      /A: its kind is not one of secret, config, infra/,
    ],
    ['no kind', { bundle: 'agent', type: text(), description: 'x' }, /A: its kind is not one of/],
    ['a misspelt field', { ...secret('agent'), optionl: true }, /A: kind secret has no field optionl/],
    ['a default of a secret', { ...secret('agent'), default: 'x' }, /A: kind secret has no field default/],
    ['a sensitive config', { ...config('agent'), sensitive: true }, /A: kind config has no field sensitive/],
    ['no type', { kind: 'secret', bundle: 'agent', description: 'x' }, /A: needs a type/],
    ['no bundle', { kind: 'secret', type: text(), description: 'x' }, /A: needs a bundle/],
    ['no description', { kind: 'secret', bundle: 'agent', type: text() }, /A: needs a description/],
    ['a type that is not called', { ...secret('agent'), type: text }, /A: its type is not called/],
    ['a default that is no text', { ...config('agent'), default: true }, /A: its default is not a text/],
    ['a symbol of somebody else', { ...config('agent'), default: Symbol('x') }, /A: its default is not a text/],
    ['a switch in quotes', { ...secret('agent'), optional: 'true' }, /A: optional is true or left out/],
    ['sensitive in quotes', { ...infraText, sensitive: 'true' }, /A: sensitive is true or left out/],
    [
      'a role that is none',
      { ...infraText, drives: 'namspace' },
      /A: what it drives is not one of environment, namespace/,
    ],
    ['a key that is no text', { ...secret('agent'), key: 1 }, /A: its key is not a text/],
    ['a former name that is no list', { ...secret('agent'), formerly: 'B' }, /A: formerly is a list of names/],
    ['nothing', undefined, /A: is declared by/],
    [
      'a type that refuses its own example',
      { ...secret('agent'), type: matching(/a/, { rule: 'a', example: 'b' }) },
      /A: its type refuses its own example: it is not a$/,
    ],
    ['a schema that answers later', { ...secret('agent'), type: later }, /A: its type refuses its own example/],
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
  const cases: [why: string, message: RegExp, make: () => unknown][] = [
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

  const registry: Declarations = {
    R: { kind: 'infra', drives: 'registry', type: registryPath(), description: 'x' },
    P: { kind: 'infra', drives: 'registry-password', sensitive: true, type: text(), description: 'x' },
  };
  const user: Declarations = { U: { kind: 'infra', drives: 'registry-user', type: text(), description: 'x' } };
  cases.push(
    ['a registry without its user', /the registry has no user/, () => build(registry)],
    [
      'two users of a registry',
      /U and registryUser: both give the registry's user/,
      () =>
        defineCatalog<string, Declarations>({
          app: 'app',
          registryUser: 'u',
          bundles: {},
          variables: { ...infra, ...registry, ...user },
        }),
    ],
    ['a user without a registry', /U: drives the user of a registry, and there is none/, () => build(user)],
    [
      'a former name that is another variable',
      /A: B cannot be its former name: B has it/,
      () => build({ A: config('agent', { formerly: ['B'] }), B: config('agent') }),
    ],
    [
      'a former name of two',
      /A: C cannot be its former name: B has it/,
      () => build({ A: config('agent', { formerly: ['C'] }), B: config('agent', { formerly: ['C'] }) }),
    ],
    [
      'following the environment without a list of values',
      /A: followsEnvironment needs a type that lists its values/,
      () => build({ A: config('agent', { followsEnvironment: true }) }),
    ],
    ['a bundle called infra', /bundle infra: with-env calls the infra variables so/, () => build({}, ['infra'])],
  );
  it.each(cases)('%s', (_why, message, make) => expect(make).toThrow(message));

  it('every contradiction at once', () => {
    expect(() => build({ 'A-B': config('agent'), C: config('agnet') })).toThrow(/A-B.*agnet/s);
  });
});

it('knows the roles', () => {
  const { roles } = defineCatalog<string, Declarations>({
    app: 'app',
    bundles: {},
    variables: {
      ...infra,
      CLUSTER: { kind: 'infra', drives: 'cluster', type: text(), description: 'x' },
      R: { kind: 'infra', drives: 'registry', type: registryPath(), description: 'x' },
      P: { kind: 'infra', drives: 'registry-password', sensitive: true, type: text(), description: 'x' },
      U: { kind: 'infra', drives: 'registry-user', type: text(), description: 'x' },
    },
  });
  expect(roles).toMatchObject({
    environment: { name: 'NAME' },
    namespace: { name: 'NAMESPACE' },
    cluster: { name: 'CLUSTER' },
    registry: { path: { name: 'R' }, password: { name: 'P' }, user: { name: 'U' } },
  });
  expect(build({}).roles).not.toHaveProperty('registry');
});

describe('a fault names what it is about and what to do', () => {
  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['a kind', { ...secret('agent'), kind: 'secrets' }, 'Did you mean secret?'],
    ['a field', { ...secret('agent'), optionl: true }, 'Did you mean optional?'],
    ['a role', { ...infraText, drives: 'namspace' }, 'Did you mean namespace?'],
    ['a bundle', secret('agnet'), 'Did you mean agent?'],
    ['a default', config('agent', { type: oneOf('json', 'text'), default: 'jsn' }), 'Did you mean json?'],
    ['a default that is no text', config('agent', { default: true }), "Put it in quotes: default: 'true'"],
    ['a placeholder', config('agent', { default: '${NAMESPCE}' }), 'Did you mean ${NAMESPACE}?'],
    ['a type', { ...secret('agent'), type: text }, 'Write type: text()'],
  ])('%s', (_what, declaration, hint) => {
    expect(faultsOf(() => build({ A: declaration as never }))).toEqual([expect.objectContaining({ name: 'A', hint })]);
  });
});

function faultsOf(make: () => unknown) {
  try {
    make();
  } catch (error) {
    if (error instanceof CatalogError) return error.faults;
    throw error;
  }
  return [];
}
