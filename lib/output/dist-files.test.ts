import { join } from 'node:path';
import { Testing } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { parseAllDocuments } from 'yaml';
import { growth, mostLinear } from '../../test/growth';
import { itWithKubectl, type KubernetesObject, kustomize, valuesIn } from '../../test/kubectl';
import { folderWith } from '../../test/run';
import type { Declaration } from '../catalog/declaration';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, flag, registryPath, text } from '../catalog/value-type';
import { Sensitive } from '../environment/sensitive';
import { createRenderer } from './dist-files';
import { writeEnvironmentFolder } from './environment-folder';

/** Texts that YAML readers, shells, dotenv or Kustomize are known to change. */
const hostile: readonly string[] = [
  ...[
    '0o17',
    '-0o7',
    '0O17',
    '0B1',
    '0X1f',
    '0x1F',
    '017',
    '1e3',
    '1_000',
    '.5',
    '1:30',
    '12',
    '-1',
    '+1',
    '1.0',
    '.inf',
    '.nan',
  ],
  ...['yes', 'no', 'on', 'off', 'y', 'n', 'true', 'False', 'null', '~', '2026-11-23', '=', '<<'],
  ...[
    '- a',
    'a: b',
    'a:',
    '# a',
    'a # b',
    '{a}',
    '[a]',
    '&a',
    '*a',
    '!a',
    '!!str a',
    '%a',
    '@a',
    '`a`',
    '|',
    '>',
    '---',
    '...',
    '? a',
  ],
  ...[' a', 'a ', '\ta', 'a\t', '\t\n', ' ', '\n', '\r', '\r\n', 'a\r\nb', 'a\n', 'a\n\n', '\n\na', 'a\n  b\n c'],
  ...['"', "'", '`', '"a"', "'a'", 'a"b', "a'b", '\\', '\\n', '\\\\', 'a\\', '\\"', '\\u0041', '\\x41'],
  ...['$', '$$', '$a', '${a}', '$${a}', '$(reboot)', '`reboot`', '$(A)', '$$(A)', '%s', '{{ a }}', '<a>&b'],
  ...[
    '\u0001\u0007\u001b',
    '\u00a0',
    '\u2028',
    '\u2029',
    'a\u2028b',
    '\ufeff',
    '\ufeffa',
    '\u200b',
    '\ufffd',
    'é',
    '日本語',
    '🔑',
    '👨‍👩‍👧',
    '\u202eabc',
  ],
  '-----BEGIN FAKE KEY-----\nAAAA+/==\n-----END FAKE KEY-----\n',
  'x'.repeat(100_000),
  'a b '.repeat(10_000),
  '0'.repeat(5_000),
];

/** What only a Secret carries. */
const hostileToConfigMaps: readonly string[] = ['\u007f', '\u0080', '\u0085', '\u009f', 'a\u0085b', '\ufffe', '\uffff'];

function catalogWith(count: number, kind: 'secret' | 'config') {
  return defineCatalog({
    app: 'app',
    bundles: { b: { description: 'b' } },
    variables: {
      NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
      ...Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `V${i}`,
          { kind, bundle: 'b', type: text(), description: 'v' } as const,
        ]),
      ),
    } as Readonly<Record<string, Declaration<'b'>>>,
  });
}

function write(texts: readonly string[], kind: 'secret' | 'config'): string {
  const values = Object.fromEntries(texts.map((each, i) => [`V${i}`, kind === 'secret' ? new Sensitive(each) : each]));
  const { filesFor } = createRenderer(catalogWith(texts.length, kind))({
    environment: 'x',
    values: { SPACE: 's', ...values },
  });
  const folder = join(folderWith(), 'x');
  expect(writeEnvironmentFolder(folder, () => filesFor(folder).files)).toEqual({ changed: true });
  return folder;
}

describe('every value comes back through kubectl kustomize byte for byte', () => {
  const read = (folder: string, object: string, count: number) => {
    const values = valuesIn(kustomize(folder));
    return Array.from({ length: count }, (_, i) => values.get(`${object}/V${i}`));
  };

  itWithKubectl('from a Secret', () => {
    const texts = [...hostile, ...hostileToConfigMaps];
    expect(read(write(texts, 'secret'), 'b-secrets', texts.length)).toEqual(texts);
  });

  itWithKubectl('from a ConfigMap', () => {
    expect(read(write(hostile, 'config'), 'b-config', hostile.length)).toEqual(hostile);
  });

  itWithKubectl('also a base64 that YAML readers take for a number', () => {
    const texts = ['0X1F', '0o17', '1e30', '0b11', 'null', 'true', '0x1f'].map((each) =>
      Buffer.from(each, 'base64').toString('latin1'),
    );
    const ascii = texts.filter((each) => /^[\u0000-\u007f]*$/.test(each) && !each.includes('\0'));
    expect(read(write(ascii, 'secret'), 'b-secrets', ascii.length)).toEqual(ascii);
  });
});

describe('the manifests', () => {
  const catalog = defineCatalog({
    app: 'some-app',
    registryUser: 'robot',
    bundles: { common: { description: 's', everyPod: true }, worker: { description: 'w' } },
    variables: {
      NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
      CREATE: { kind: 'infra', drives: 'create-namespace', type: flag(), description: 'create' },
      REGISTRY: { kind: 'infra', drives: 'registry', type: registryPath(), description: 'registry' },
      PASSWORD: { kind: 'infra', drives: 'registry-password', sensitive: true, type: text(), description: 'password' },
      LEVEL: { kind: 'config', bundle: 'worker', key: 'LOG_FLOOR', type: text(), optional: true, description: 'level' },
      TOKEN: { kind: 'secret', bundle: 'worker', type: text(), optional: true, description: 'token' },
    },
  });
  const infra = {
    NAME: 'x',
    SPACE: 'space',
    CREATE: 'false',
    REGISTRY: 'host:5000/a',
    PASSWORD: new Sensitive('fake "p"'),
  } as const;
  const objectsIn = (yaml: string) =>
    [...parseAllDocuments(yaml, { version: '1.1' })].map((document) => document.toJS() as KubernetesObject);
  const objects = (values: object) =>
    objectsIn(createRenderer(catalog)({ environment: 'x', values: { ...infra, ...values } }).manifests);

  it('come from the catalog alone: a new bundle needs no other edit', () => {
    expect([...valuesIn(objects({ LEVEL: 'debug', TOKEN: new Sensitive('fake') }))]).toEqual([
      ['worker-secrets/TOKEN', 'fake'],
      ['worker-config/LOG_FLOOR', 'debug'],
      ['registry-credentials/.dockerconfigjson', expect.anything()],
    ]);
  });

  it('are what the level-1 classes of cdk8s-plus-28 make of the same', () => {
    const classes = { Secret: k8s.KubeSecret, ConfigMap: k8s.KubeConfigMap, Namespace: k8s.KubeNamespace };
    const rendered = objects({ CREATE: 'true', LEVEL: 'debug', TOKEN: new Sensitive('fake') });
    const made = rendered.map(({ kind, metadata, type, data }, at) => {
      const props = { metadata, ...(type !== undefined && { type }), ...(data && { data }) };
      return new classes[kind as keyof typeof classes](Testing.chart(), `${at}`, props).toJson();
    });
    expect(rendered).toEqual(made);
    expect(new Set(rendered.map(({ kind }) => kind))).toEqual(new Set(Object.keys(classes)));
  });

  it('hold both objects of every bundle, without a data field where there is no value', () => {
    const empty = objects({}).filter(({ data }) => data === undefined);
    expect(empty.map(({ metadata }) => metadata.name)).toEqual([
      'common-secrets',
      'common-config',
      'worker-secrets',
      'worker-config',
    ]);
    expect(createRenderer(catalog)({ environment: 'x', values: infra }).manifests.match(/^"data"/gm)).toHaveLength(1);
  });

  it('hold the registry credentials in the form of kubectl create secret docker-registry', () => {
    const credentials = objects({}).find(({ metadata }) => metadata.name === 'registry-credentials');
    expect(credentials?.type).toBe('kubernetes.io/dockerconfigjson');
    const auth = Buffer.from('robot:fake "p"').toString('base64');
    expect(JSON.parse(valuesIn(objects({})).get('registry-credentials/.dockerconfigjson') ?? '')).toEqual({
      auths: { 'host:5000': { username: 'robot', password: 'fake "p"', auth } },
    });
  });

  it('hold the Namespace only if asked, and it is in no namespace itself', () => {
    expect(objects({}).some(({ kind }) => kind === 'Namespace')).toBe(false);
    const [namespace, ...others] = objects({ CREATE: 'true' });
    expect(namespace).toMatchObject({ kind: 'Namespace', metadata: { name: 'space' } });
    expect(namespace?.metadata.namespace).toBeUndefined();
    expect(new Set(others.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['space']));
  });

  it('are labelled', () => {
    const labels = objects({ CREATE: 'true' }).map(({ metadata }) => metadata.labels);
    expect(labels.map((each) => each?.['app.kubernetes.io/component'])).toEqual([
      'namespace',
      'common',
      'common',
      'worker',
      'worker',
      'registry',
    ]);
    for (const each of labels) {
      expect(each).toMatchObject({
        'app.kubernetes.io/name': 'some-app',
        'app.kubernetes.io/part-of': 'some-app',
        'app.kubernetes.io/managed-by': 'cdk8s',
        environment: 'x',
      });
    }
  });

  it('go to a file of the name of the app, which the kustomization names', () => {
    const { files } = createRenderer(catalog)({ environment: 'x', values: infra }).filesFor(folderWith());
    expect(files.map(({ name }) => name)).toEqual([
      '.gitignore',
      'some-app.k8s.yaml',
      'environment.json',
      'rollout/kustomization.yaml',
      'kustomization.yaml',
    ]);
    expect(objectsIn(files.at(-1)?.text ?? '')).toEqual([
      { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: ['some-app.k8s.yaml'] },
    ]);
  });

  it('take time that grows with the number of variables, not its square', () => {
    const render = (count: number) => {
      const values = Object.fromEntries(Array.from({ length: count }, (_, i) => [`V${i}`, new Sensitive('fake')]));
      const catalog = catalogWith(count, 'secret');
      return () => createRenderer(catalog)({ environment: 'x', values: { SPACE: 's', ...values } });
    };
    expect(growth(render, 1_000)).toBeLessThan(mostLinear); // 8; with the level-1 classes it is 100
  });
});
