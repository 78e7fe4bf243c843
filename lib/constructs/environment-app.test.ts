import { ApiObject, App, JsonPatch, Testing } from 'cdk8s';
import { folderWith } from '../../test/run';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, registryPath, text } from '../catalog/value-type';
import { Sensitive } from '../environment/sensitive';
import type { Values } from '../environment/values';
import { RevealSecrets } from '../output/reveal';
import { EnvironmentApp, EnvironmentChart } from './environment-app';

const catalog = defineCatalog({
  app: 'kustomization', // a name that the app uses for something else
  registryUser: 'robot',
  bundles: {
    common: { description: 'Every pod', everyPod: true },
    registry: { description: 'A bundle called like the credentials' },
    namespace: { description: 'A bundle called like the Namespace' },
  },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
    REGISTRY: { kind: 'infra', drives: 'registry', type: registryPath(), description: 'registry' },
    PASSWORD: { kind: 'infra', drives: 'registry-password', sensitive: true, type: text(), description: 'password' },
    OFFICE: { kind: 'config', bundle: 'common', type: text(), description: 'domain' },
    TOKEN: { kind: 'secret', bundle: 'registry', type: text(), description: 'token' },
    MORE: { kind: 'config', bundle: 'namespace', type: text(), optional: true, description: 'more' },
  },
});

const values: Values<typeof catalog> = {
  NAME: 'test',
  SPACE: 'space',
  REGISTRY: 'registry.example.com/team',
  PASSWORD: new Sensitive('fake-password'),
  OFFICE: 'app.example.com',
  TOKEN: new Sensitive('fake-token'),
};

it.each(['OFFICE', 'TOKEN', 'PASSWORD'] as const)('takes no value that no pod can get, of %s', (name) => {
  for (const text of ['a\ud800b', 'a\0b']) {
    const odd = { ...values, [name]: name === 'OFFICE' ? text : new Sensitive(text) };
    expect(() => new EnvironmentApp({ catalog, environment: 'test', values: odd })).toThrow(
      `${name} holds a NUL or half a character, which no pod can get`,
    );
  }
});

it('makes the objects of an environment from typed values, without a file', () => {
  const app = new EnvironmentApp({ catalog, environment: 'test', values }, { resolvers: [new RevealSecrets()] });
  const objects = Testing.synth(app.manifests).map(({ kind, metadata, data }) => [kind, metadata.name, data ?? {}]);
  expect(objects).toEqual([
    ['Secret', 'common-secrets', {}],
    ['ConfigMap', 'common-config', { OFFICE: 'app.example.com' }],
    ['Secret', 'registry-secrets', { TOKEN: Buffer.from('fake-token').toString('base64') }],
    ['ConfigMap', 'registry-config', {}],
    ['Secret', 'namespace-secrets', {}],
    ['ConfigMap', 'namespace-config', {}],
    ['Secret', 'registry-credentials', { '.dockerconfigjson': expect.any(String) }],
  ]);
});

it('cannot be rendered by accident: without a resolver the secrets stay masked', () => {
  const app = new EnvironmentApp({ catalog, environment: 'test', values });
  expect(() => Testing.synth(app.manifests)).toThrow(/stays masked: the app has no resolver that opens it/);
});

it.each([
  ['a sensitive value into a ConfigMap', { OFFICE: new Sensitive('fake') }, /OFFICE is sensitive/],
  ['a plain text into a Secret', { TOKEN: 'fake' }, /TOKEN is a secret/],
])('puts no %s', (_what, change, message) => {
  const wrong = { ...values, ...change } as unknown as typeof values;
  expect(() => new EnvironmentApp({ catalog, environment: 'test', values: wrong })).toThrow(message);
});

it('stops an app whose writer would change a text outside of data, by its place', () => {
  const synth = (change: object) => {
    const app = new App({ outdir: folderWith(), resolvers: [new RevealSecrets()] });
    new EnvironmentChart(app, 'configuration', { catalog, environment: 'test', values: { ...values, ...change } });
    app.synth();
  };
  expect(() => synth({})).not.toThrow();
  expect(() => synth({ SPACE: '0o17' })).toThrow(
    'Secret/common-secrets: cdk8s would not write metadata.namespace exactly. Use exactYaml',
  );
});

it('makes JSON patches of the data that is there, too', () => {
  const app = new App({ resolvers: [new RevealSecrets()] });
  const chart = new EnvironmentChart(app, 'configuration', { catalog, environment: 'test', values });
  const patchOf = (name: string, ...patches: JsonPatch[]) => {
    for (const each of chart.node.findAll()) {
      if (each instanceof ApiObject && each.name === name) each.addJsonPatch(...patches);
    }
  };
  patchOf('common-config', JsonPatch.replace('/data/OFFICE', 'other.example.com'), JsonPatch.add('/data/NEW', 'x'));
  patchOf('registry-secrets', JsonPatch.remove('/data/TOKEN'), JsonPatch.add('/metadata/labels/a', 'b'));
  const objects = new Map(Testing.synth(chart).map((each) => [each.metadata.name, each]));
  expect(objects.get('common-config').data).toEqual({ OFFICE: 'other.example.com', NEW: 'x' });
  expect(objects.get('registry-secrets')).toMatchObject({ data: {}, metadata: { labels: { a: 'b' } } });
});
