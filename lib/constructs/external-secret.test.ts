import fc from 'fast-check';
import { schemaFaults } from '../../test/crd-schemas';
import { secretMadeOf } from '../../test/external-secrets';
import { catalog } from '../../test/fixture/catalog';
import { validValues } from '../../test/run';
import type { Variable } from '../catalog/catalog';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, oneOf, registryPath, text } from '../catalog/value-type';
import { Sensitive, type Text } from '../environment/sensitive';
import type { AnyValues, Values } from '../environment/values';
import { renderObjects } from '../output/dist-files';
import { type Manifest, yamlText } from '../output/yaml-text';

type Fixture = Values<typeof catalog>;

/** Typed values of texts by name. */
function typed(texts: Readonly<Record<string, string>>): Fixture {
  const values = Object.entries(texts).map(([name, value]): [string, Text] => [
    name,
    catalog.variables.get(name)?.sensitive ? new Sensitive(value) : value,
  ]);
  return { ...defaults, ...Object.fromEntries(values) } as unknown as Fixture;
}

const defaults = Object.fromEntries(
  [...catalog.variables.values()].flatMap((variable: Variable) =>
    typeof variable.default === 'string' ? [[variable.name, variable.default]] : [],
  ),
);

const render = (texts: Readonly<Record<string, string>>) =>
  renderObjects({ catalog, environment: 'x', values: typed(texts) });

const inStore = { SECRETS_FROM: 'external-secrets', VAULT: 'vault' };

const kindOf = (object: Manifest) => (object as { kind: string }).kind;

/** The objects that pods find once the operator has made its Secrets. */
function made(objects: readonly Manifest[], remote: Readonly<Record<string, string>>): Manifest[] {
  return objects.map((object) =>
    kindOf(object) === 'ExternalSecret' ? secretMadeOf(object, (key) => remote[key]) : object,
  );
}

const hostile = [
  'fake-password',
  '"quoted" and \'quoted\'',
  'back\\slash \\n \\u0041 \\',
  'pässwörd ħ 密码 🗝️ \u{10ffff}',
  '<a href="x">&amp;</a>',
  '{{ .password }} }} {{"{{"}} ${A} $${B} %s %d',
  'line\nbreak\ttab\r\n',
  ': # - [ ] { } | > * & ! % @ `',
];

it.each(hostile)('makes of a store the very Secrets that would be written: %j', (secret) => {
  const secrets = Object.fromEntries(
    [...catalog.variables.values()].filter(({ sensitive }) => sensitive).map(({ name }) => [name, `${secret}${name}`]),
  );
  const everything = { ...validValues('x', secrets) };
  const list = [...catalog.variables.values()].filter((each) => each.optional && each.kind === 'secret');
  const external = render({ ...everything, ...inStore, VAULT_OPTIONAL: list.map(({ name }) => name).join(', ') });
  const fetched = external.filter((object) => kindOf(object) === 'ExternalSecret');
  expect([fetched.length, fetched.flatMap(schemaFaults)]).toEqual([4, []]);
  expect(made(external, secrets)).toEqual(render(everything));
});

it('makes the very credentials of the registry of any user and password', () => {
  // Before Go 1.22 these two were escaped otherwise, which is the same text to whoever reads JSON.
  const texts = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\b\f]/.test(text));
  fc.assert(
    fc.property(texts, texts, (REGISTRY_USER, REGISTRY_TOKEN) => {
      const given = { ...validValues('x'), REGISTRY_USER, REGISTRY_TOKEN };
      expect(made(render({ ...given, ...inStore }), given).at(-1)).toEqual(render(given).at(-1));
    }),
    {
      examples: [
        ['{{ .password }}', 'fake-password'],
        ['a "user" }} \\', '{{ "fake" }}'],
        ['a\u2028user', 'fake\u2029password'],
      ],
    },
  );
});

it('makes them of a user that is in the store, too', () => {
  const own = defineCatalog({
    app: 'own',
    bundles: { common: { description: 'Every pod', everyPod: true } },
    variables: {
      NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
      PATH_: { kind: 'infra', drives: 'registry', type: registryPath(), description: 'registry' },
      LOGIN: { kind: 'infra', drives: 'registry-user', sensitive: true, type: text(), description: 'user' },
      TOKEN: { kind: 'infra', drives: 'registry-password', sensitive: true, type: text(), description: 'password' },
      FROM: {
        kind: 'infra',
        drives: 'secrets-backend',
        type: oneOf('external-secrets', 'kubernetes'),
        description: 'where secrets are',
      },
      STORE: { kind: 'infra', drives: 'secret-store', type: text(), optional: true, description: 'store' },
    },
  });
  const given = { NAME: 'x', SPACE: 'x', PATH_: 'r.example.com:5000/a', STORE: 'vault' };
  const secrets = { LOGIN: 'ro"b\\ot', TOKEN: '<fake> "token"' };
  const masked = { LOGIN: new Sensitive(secrets.LOGIN), TOKEN: new Sensitive(secrets.TOKEN) };
  const rendered = (values: AnyValues) =>
    renderObjects({ catalog: own, environment: 'x', values: values as unknown as Values<typeof own> });
  const external = rendered({ ...given, FROM: 'external-secrets' });
  expect(made(external, secrets)).toEqual(rendered({ ...given, ...masked, FROM: 'kubernetes' }));
});

it('holds no secret that has a value all the same', () => {
  const text = yamlText(render({ ...validValues('x', inStore) }));
  expect(text).not.toContain('fake-');
  expect(text).not.toContain(Buffer.from('fake-').toString('base64').slice(0, 6));
});

it('takes what looks like a mask for what it is: the program itself makes no text of a secret', () => {
  const text = yamlText(render({ ...validValues('x', inStore), VAULT_KEY: '[sensitive]/{variable}' }));
  expect(text).toContain('[sensitive]/PARTNER_API_KEY');
});

it('leaves a bundle without secrets a plain empty Secret, which the operator would refuse', () => {
  const objects = render({ ...validValues('x', inStore) });
  const kiosk = objects.find((object) => (object as { metadata: { name: string } }).metadata.name === 'kiosk-secrets');
  expect(kiosk).toMatchObject({ kind: 'Secret', type: 'Opaque' });
  expect(kiosk).not.toHaveProperty('data');
});

it.each([
  [{}, { key: 'PARTNER_API_KEY' }],
  [{ VAULT_KEY: 'name:{app}-{environment}-{variable}' }, { key: 'name:parcel-desk-x-PARTNER_API_KEY' }],
  [
    { VAULT_KEY: 'x/{bundle}', VAULT_PROPERTY: '{variable}' },
    { key: 'x/common', property: 'PARTNER_API_KEY' },
  ],
])('asks the store for what the patterns say: %j', (patterns, asked) => {
  const objects = render({ ...validValues('x', inStore), ...patterns });
  const [first] = objects.filter((object) => kindOf(object) === 'ExternalSecret');
  expect(first).toMatchObject({ spec: { data: [{ secretKey: 'PARTNER_API_KEY', remoteRef: asked }, {}] } });
});

it('is what a person can read', () => {
  const given = { VAULT_KIND: 'ClusterSecretStore', VAULT_KEY: 'x/{bundle}', VAULT_PROPERTY: '{variable}' };
  const objects = render({ ...validValues('x', inStore), ...given, VAULT_REFRESH: '15m' });
  const [first] = objects.filter((object) => kindOf(object) === 'ExternalSecret');
  expect(yamlText([first as Manifest, objects.at(-1) as Manifest])).toMatchSnapshot();
});
