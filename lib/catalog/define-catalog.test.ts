import { CatalogError } from './catalog-faults';
import { type Declarations, environmentName } from './declaration';
import { defineCatalog } from './define-catalog';
import * as types from './value-type';
import { dnsLabel, matching, oneOf, registryPath, schema, text } from './value-type';

const infra: Declarations = {
  NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), default: environmentName, description: 'The name' },
  NAMESPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'The namespace' },
};

function build(variables: Declarations, bundles: readonly string[] = ['common', 'depot', 'kiosk'], app = 'app') {
  return defineCatalog({
    app,
    bundles: Object.fromEntries(
      bundles.map((name) => [name, { description: name, ...(name === 'common' && { everyPod: true as const }) }]),
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
    const catalog = build({ TOKEN: secret('depot') });
    expect(catalog.objects.map(({ kind, name, variables }) => [kind, name, [...variables.keys()]])).toEqual([
      ['Secret', 'common-secrets', []],
      ['ConfigMap', 'common-config', []],
      ['Secret', 'depot-secrets', ['TOKEN']],
      ['ConfigMap', 'depot-config', []],
      ['Secret', 'kiosk-secrets', []],
      ['ConfigMap', 'kiosk-config', []],
    ]);
  });

  it('lets bundles that no pod loads together use one key', () => {
    const catalog = build({
      DEPOT_LEVEL: config('depot', { key: 'LEVEL' }),
      KIOSK_LEVEL: config('kiosk', { key: 'LEVEL' }),
    });
    const keys = catalog.objects.flatMap(({ name, variables }) =>
      [...variables].map(([key, variable]) => `${name}/${key}=${variable.name}`),
    );
    expect(keys).toEqual(['depot-config/LEVEL=DEPOT_LEVEL', 'kiosk-config/LEVEL=KIOSK_LEVEL']);
  });

  it('puts a variable into every bundle it names', () => {
    const catalog = build({ TOKEN: secret(['depot', 'kiosk']) });
    const holders = catalog.objects.filter(({ variables }) => variables.has('TOKEN')).map(({ name }) => name);
    expect(holders).toEqual(['depot-secrets', 'kiosk-secrets']);
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
      { kind: 'Secret', bundle: 'depot', type: text(), description: 'x' },
      /A: its kind is not one of secret, config, infra/,
    ],
    ['no kind', { bundle: 'depot', type: text(), description: 'x' }, /A: its kind is not one of/],
    ['a misspelt field', { ...secret('depot'), optionl: true }, /A: kind secret has no field optionl/],
    ['a default of a secret', { ...secret('depot'), default: 'x' }, /A: kind secret has no field default/],
    ['a sensitive config', { ...config('depot'), sensitive: true }, /A: kind config has no field sensitive/],
    ['no type', { kind: 'secret', bundle: 'depot', description: 'x' }, /A: needs a type/],
    ['no bundle', { kind: 'secret', type: text(), description: 'x' }, /A: needs a bundle/],
    ['no description', { kind: 'secret', bundle: 'depot', type: text() }, /A: needs a description/],
    ['a type that is not called', { ...secret('depot'), type: text }, /A: its type is not called/],
    ['a default that is no text', { ...config('depot'), default: true }, /A: its default is not a text/],
    ['a symbol of somebody else', { ...config('depot'), default: Symbol('x') }, /A: its default is not a text/],
    ['a switch in quotes', { ...secret('depot'), optional: 'true' }, /A: optional is true or left out/],
    ['sensitive in quotes', { ...infraText, sensitive: 'true' }, /A: sensitive is true or left out/],
    [
      'a role that is none',
      { ...infraText, drives: 'namspace' },
      /A: what it drives is not one of environment, namespace/,
    ],
    ['a key that is no text', { ...secret('depot'), key: 1 }, /A: its key is not a text/],
    ['a former name that is no list', { ...secret('depot'), formerly: 'B' }, /A: formerly is a list of names/],
    ['nothing', undefined, /A: is declared by/],
    [
      'a type that refuses its own example',
      { ...secret('depot'), type: matching(/a/, { rule: 'a', example: 'b' }) },
      /A: its type refuses its own example: it is not a$/,
    ],
    ['a schema that answers later', { ...secret('depot'), type: later }, /A: its type refuses its own example/],
  ])('%s', (_what, declaration, message) => {
    expect(() => build({ A: declaration as never })).toThrow(message);
  });

  const called = types as unknown as Readonly<Record<string, (...given: unknown[]) => unknown>>;
  it.each<[type: string, given: unknown[], usage: string]>([
    ['oneOf', [], "oneOf('json', 'text')"],
    ['oneOf', [['a', 'b']], "oneOf('json', 'text')"],
    ['oneOf', [true, false], "oneOf('json', 'text')"],
    ['oneOf', ['a', 'a'], "oneOf('json', 'text')"],
    ['oneOf', ['a', ''], "oneOf('json', 'text')"],
    ['integer', [1, 10], 'integer({ min: 1, max: 10 })'],
    ['integer', [{}, {}], 'integer({ min: 1, max: 10 })'],
    ['integer', [{ minimum: 10 }], 'integer({ min: 1, max: 10 })'],
    ['integer', [{ min: '1' }], 'integer({ min: 1, max: 10 })'],
    ['integer', [{ min: 10, max: 1 }], 'integer({ min: 1, max: 10 })'],
    ['url', [], "url('https', 'wss')"],
    ['url', ['https://'], "url('https', 'wss')"],
    ['url', [['https']], "url('https', 'wss')"],
    ['pem', ['-----BEGIN CERTIFICATE-----'], "pem('CERTIFICATE')"],
    ['pem', ['CERTIFICATE', 'PRIVATE KEY'], "pem('CERTIFICATE')"],
    ['text', [{ min: 10 }], 'text()'],
    ['flag', ['on', 'off'], 'flag()'],
    ['port', [{ min: 1024 }], 'port()'],
    ['hostName', ['x.example.com'], 'hostName()'],
    ['dnsLabel', [{}], 'dnsLabel()'],
    ['registryPath', [{}], 'registryPath()'],
    ['json', [{ type: 'object' }], 'json()'],
    ['matching', [/x/], "matching(/v[0-9]+/, { rule: 'a version (v and digits)', example: 'v1' })"],
    [
      'matching',
      ['x', { rule: 'x', example: 'x' }],
      "matching(/v[0-9]+/, { rule: 'a version (v and digits)', example: 'v1' })",
    ],
    [
      'schema',
      [{}, { rule: 'x', example: 'x' }],
      "schema(anyStandardSchema, { rule: 'an even number', example: '2' })",
    ],
  ])('%s called with %j: the error shows how it is called', (type, given, usage) => {
    const declaration = { ...config('depot'), type: called[type]?.(...given) } as never;
    const faults = [
      { name: 'A', message: 'A: its type is not called as it has to be', hint: `For example: type: ${usage}` },
    ];
    expect(() => build({ A: declaration })).toThrow(expect.objectContaining({ faults }));
  });

  it('the hint is about what is wrong', () => {
    const hintOf = (declaration: unknown) => {
      try {
        build({ A: declaration as never });
      } catch (error) {
        return (error as CatalogError).faults[0]?.hint;
      }
      return 'none';
    };
    expect(hintOf({ ...secret('depot'), default: 'x' })).toBe(
      'The catalog is committed: a secret gets its value in the file of each environment',
    );
    expect(hintOf({ kind: 'secret', type: text(), description: 'x' })).toBe('There are common, depot, kiosk');
    expect(hintOf(secret(['common', 'depot']))).toBe('Leave it to common, which every pod loads');
    expect(hintOf({ ...secret('depot'), key: 'a-b' })).toBe('Letters, digits and _, not a digit first, at most 253');
  });

  it('and the type checker does', () => {
    const bundles = { depot: { description: 'depot' } };
    const A = { kind: 'secret', bundle: 'depot', type: text(), description: 'x' } as const;
    // @ts-expect-error: misspelt
    expect(() => defineCatalog({ app: 'app', bundles, variables: { A: { ...A, optionl: true } } })).toThrow(/optionl/);
    // @ts-expect-error: a committed secret
    expect(() => defineCatalog({ app: 'app', bundles, variables: { A: { ...A, default: 'x' } } })).toThrow(/default/);
    // @ts-expect-error: there is no such bundle
    expect(() => defineCatalog({ app: 'app', bundles, variables: { A: { ...A, bundle: 'deopt' } } })).toThrow(/deopt/);
  });
});

describe('a catalog that contradicts itself fails by name', () => {
  const cases: [why: string, message: RegExp, make: () => unknown][] = [
    [
      'a key twice in one bundle',
      /A and B: a pod of bundle depot would get the key K twice/,
      () => build({ A: config('depot', { key: 'K' }), B: config('depot', { key: 'K' }) }),
    ],
    [
      'a key in common and another bundle',
      /A and B: a pod of bundle kiosk would get the key B twice/,
      () => build({ A: config('common', { key: 'B' }), B: secret('kiosk') }),
    ],
    [
      'a Secret and a ConfigMap of one bundle',
      /A and B: a pod of bundle depot would get the key B twice/,
      () => build({ A: secret('depot', { key: 'B' }), B: config('depot') }),
    ],
    [
      'a key twice in common, once though every pod gets it',
      /^A and B: a pod of bundle common would get the key K twice$/,
      () => build({ A: config('common', { key: 'K' }), B: config('common', { key: 'K' }) }),
    ],
    [
      'one variable in common and another bundle',
      /A: a pod of bundle depot would get the key A twice/,
      () => build({ A: config(['common', 'depot']) }),
    ],
    [
      'a name with a hyphen',
      /MY-VAR is a name that no environment variable may have/,
      () => build({ 'MY-VAR': config('depot') }),
    ],
    [
      'a name that starts with a digit',
      /1A is a name that no environment variable may have/,
      () => build({ '1A': config('depot') }),
    ],
    [
      'a name of 254 characters',
      /A{254} is a name that no environment variable may have/,
      () => build({ ['A'.repeat(254)]: config('depot') }),
    ],
    [
      'a key with a dot',
      /A: a\.b is a name that no environment variable may have/,
      () => build({ A: config('depot', { key: 'a.b' }) }),
    ],
    [
      'a name of Object.prototype',
      /constructor is a name that JavaScript keeps/,
      () => build({ constructor: config('depot') } as Declarations),
    ],
    ['a bundle that is not there', /A: there is no bundle deopt/, () => build({ A: config('deopt') })],
    ['a bundle twice', /^A: names a bundle twice$/, () => build({ A: config(['depot', 'depot']) })],
    ['no bundle', /A: is in no bundle/, () => build({ A: config([]) })],
    ['a bundle that cannot be a name', /bundle My_Bundle: not a DNS-1123 label/, () => build({}, ['My_Bundle'])],
    ['an app that cannot be a label', /app My App: not a DNS-1123 label/, () => build({}, ['common'], 'My App')],
    [
      'a default that its type refuses',
      /A: its default is not one of x, y/,
      () => build({ A: config('depot', { type: oneOf('x', 'y'), default: 'z' }) }),
    ],
    [
      'a default that reads itself',
      /A: its default reads \$\{A\}, which is itself/,
      () => build({ A: config('depot', { default: 'x${A}' }) }),
    ],
    [
      'a default of something optional',
      /A: has a default, so it cannot be optional/,
      () => build({ A: config('depot', { default: 'x', optional: true }) }),
    ],
    [
      'a default of something sensitive',
      /A: is sensitive, and a default is committed/,
      () => build({ A: { kind: 'infra', sensitive: true, default: 'x', type: text(), description: 'x' } }),
    ],
    ['no description', /A: needs a description of one line/, () => build({ A: config('depot', { description: ' ' }) })],
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
      () => build({ A: config('depot', { formerly: ['B'] }), B: config('depot') }),
    ],
    [
      'a former name that is none',
      /A: not a name is a name that no environment variable may have/,
      () => build({ A: config('depot', { formerly: ['not a name'] }) }),
    ],
    [
      'a former name twice',
      /A: formerly names one twice/,
      () => build({ A: config('depot', { formerly: ['B', 'B'] }) }),
    ],
    [
      'a former name of two',
      /A: C cannot be its former name: B has it/,
      () => build({ A: config('depot', { formerly: ['C'] }), B: config('depot', { formerly: ['C'] }) }),
    ],
    [
      'following the environment without a list of values',
      /A: followsEnvironment needs a type that lists its values/,
      () => build({ A: config('depot', { followsEnvironment: true }) }),
    ],
    ['a bundle called infra', /bundle infra: with-env calls the infra variables so/, () => build({}, ['infra'])],
  );
  it.each(cases)('%s', (_why, message, make) => expect(make).toThrow(message));

  it('every contradiction at once', () => {
    expect(() => build({ 'A-B': config('depot'), C: config('deopt') })).toThrow(/A-B.*deopt/s);
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

describe('what says where secrets are', () => {
  const backend = {
    kind: 'infra',
    drives: 'secrets-backend',
    type: oneOf('kubernetes', 'external-secrets'),
    description: 'x',
  } as const;
  const store = { ...infraText, drives: 'secret-store', optional: true } as const;

  it.each<[string, Record<string, unknown>, string, string | undefined]>([
    ['no store', { A: backend }, 'the roles secrets-backend and secret-store need each other', undefined],
    ['no backend', { B: store }, 'the roles secrets-backend and secret-store need each other', undefined],
    [
      'another backend',
      { A: { ...backend, type: oneOf('kubernetes', 'vault') }, B: store },
      'A: what drives the secrets-backend is one of kubernetes, external-secrets',
      "Write type: oneOf('kubernetes', 'external-secrets')",
    ],
    [
      'any text for a backend',
      { A: { ...backend, type: text() }, B: store },
      'A: what drives the secrets-backend is one of kubernetes, external-secrets',
      "Write type: oneOf('kubernetes', 'external-secrets')",
    ],
    [
      'another kind of store',
      { A: backend, B: store, C: { ...infraText, drives: 'secret-store-kind', type: oneOf('Vault') } },
      'C: what drives the secret-store-kind is one of SecretStore, ClusterSecretStore',
      "Write type: oneOf('SecretStore', 'ClusterSecretStore')",
    ],
    [
      'a pattern for no store',
      { C: { ...infraText, drives: 'secret-store-key' } },
      'C: drives the secret-store-key, and no variable drives the secrets-backend',
      undefined,
    ],
    [
      'a misspelt default of the pattern',
      { A: backend, B: store, C: { ...infraText, drives: 'secret-store-key', default: '{variabel}' } },
      'C: its default has something else in braces than what it may have there',
      'There are {variable}, {environment}, {app}, {bundle}. For example: {app}-{environment}-{variable}',
    ],
    [
      'a default that is no duration',
      { A: backend, B: store, C: { ...infraText, drives: 'secret-refresh', default: 'hourly' } },
      'C: its default is not a duration of hours, minutes and seconds',
      'For example: 1h, 15m or 1h30m; 0 reads the store only once',
    ],
    [
      'a default that is too long for Go',
      { A: backend, B: store, C: { ...infraText, drives: 'secret-refresh', default: '2562047h1m' } },
      'C: its default is more than 2562047 hours, the longest duration that Go knows',
      'For example: 1h, 15m or 1h30m; 0 reads the store only once',
    ],
    [
      'a sensitive store',
      { A: backend, B: { ...store, sensitive: true } },
      'B: what drives the secret-store must not be sensitive',
      'Remove sensitive: true',
    ],
  ])('%s', (_what, variables, message, hint) => {
    const found = faultsOf(() => build(variables as never));
    expect(found.map((fault) => [fault.message, fault.hint])).toEqual([[message, hint]]);
  });

  it('may be all there is', () => {
    const rest = {
      C: {
        ...infraText,
        drives: 'secret-store-kind',
        type: oneOf('ClusterSecretStore'),
        default: 'ClusterSecretStore',
      },
      D: { ...infraText, drives: 'secret-store-key', default: '${NAME}/{bundle}' },
      E: { ...infraText, drives: 'secret-store-property', default: '{variable}' },
      F: { ...infraText, drives: 'secret-store-optional', optional: true },
      G: { ...infraText, drives: 'secret-refresh', default: '15m' },
    };
    const { roles } = build({ A: backend, B: store, ...rest } as never);
    expect(Object.entries(roles.secrets ?? {}).map(([role, variable]) => [role, variable?.name])).toEqual([
      ['backend', 'A'],
      ['store', 'B'],
      ['storeKind', 'C'],
      ['key', 'D'],
      ['property', 'E'],
      ['optional', 'F'],
      ['refresh', 'G'],
    ]);
  });
});

describe('a fault names what it is about and what to do', () => {
  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['a kind', { ...secret('depot'), kind: 'secrets' }, 'Did you mean secret?'],
    ['a field', { ...secret('depot'), optionl: true }, 'Did you mean optional?'],
    ['a role', { ...infraText, drives: 'namspace' }, 'Did you mean namespace?'],
    ['a bundle', secret('deopt'), 'Did you mean depot?'],
    ['a default', config('depot', { type: oneOf('json', 'text'), default: 'jsn' }), 'Did you mean json?'],
    ['a default that is no text', config('depot', { default: true }), "Put it in quotes: default: 'true'"],
    [
      'a default that is an object',
      config('depot', { default: { fake: true } }),
      'Write the text that pods are to get, as in default: JSON.stringify(…)',
    ],
    [
      'a default that is null',
      config('depot', { default: null }),
      'Leave it out, or write null in quotes if pods are to get that',
    ],
    ['a placeholder', config('depot', { default: '${NAMESPCE}' }), 'Did you mean ${NAMESPACE}?'],
    ['a type', { ...secret('depot'), type: text }, 'Write type: text()'],
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

describe('refuses what stands around the declarations', () => {
  const NAME = { kind: 'infra', drives: 'environment', type: text(), description: 'x' };
  const SPACE = { kind: 'infra', drives: 'namespace', type: text(), description: 'x' };
  const right = { app: 'app', bundles: { b: { description: 'b' } }, variables: { NAME, SPACE } };
  const { app: _app, ...withoutApp } = right;
  const { bundles: _bundles, ...withoutBundles } = right;
  const { variables: _variables, ...withoutVariables } = right;
  const withBundle = (b: unknown) => ({ ...right, bundles: { b } });

  it.each<[what: string, declared: unknown, message: string]>([
    ['nothing', undefined, 'app is the name of the application, a text'],
    ['no app', withoutApp, 'app is the name of the application, a text'],
    ['an app that is no text', { ...right, app: ['app'] }, 'app is the name of the application, a text'],
    ['another field', { ...right, registry: 'x' }, 'a catalog has no field registry'],
    ['an empty user', { ...right, registryUser: '' }, 'registryUser is a text, or left out'],
    ['a user that is no text', { ...right, registryUser: 42 }, 'registryUser is a text, or left out'],
    ['no bundles', withoutBundles, 'bundles is an object: a name, and what it is, on each line'],
    ['bundles in a list', { ...right, bundles: ['b'] }, 'bundles is an object: a name, and what it is, on each line'],
    ['no variables', withoutVariables, 'variables is an object: a name, and what it is, on each line'],
    ['a bundle of nothing', withBundle(null), 'bundle b: is declared by { description }'],
    ['a bundle of a text', withBundle('web'), 'bundle b: is declared by { description }'],
    ['a bundle without a description', withBundle({}), 'bundle b: needs a description of one line'],
    [
      'a misspelt field of a bundle',
      withBundle({ description: 'b', everypod: true }),
      'bundle b: has no field everypod',
    ],
  ])('%s', (_what, declared, message) => {
    const faults = faultsOf(() => defineCatalog(declared as never));
    expect(faults.map((fault) => fault.message)).toContain(message);
  });

  it('and nothing else', () => expect(() => defineCatalog(right as never)).not.toThrow());
});

it('takes what a module exports for an object', () => {
  const variables = Object.defineProperty({ ...infra }, Symbol.toStringTag, { value: 'Module' });
  expect(defineCatalog({ app: 'desk', bundles: {}, variables: variables as never }).variables.size).toBe(2);
});
