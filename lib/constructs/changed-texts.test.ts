import { randomInt } from 'node:crypto';
import { ApiObject, App, Chart, JsonPatch, Yaml } from 'cdk8s';
import fc from 'fast-check';
import { catalog } from '../../test/fixture/catalog';
import { growth, mostLinear } from '../../test/growth';
import { anyText, foundTexts } from '../../test/hostile-texts';
import { itWithKubectl, kustomize, objectsIn, valuesIn } from '../../test/kubectl';
import { folderWith } from '../../test/run';
import type { Values } from '../environment/values';
import { manifestsOf, mayChange } from './changed-texts';
import { PlainConfigMap } from './data-objects';
import { EnvironmentChart } from './environment-app';

const seed = Number(process.env['FC_SEED'] ?? randomInt(2 ** 31));
process.stderr.write(`cdk8s's own writer: FC_SEED=${seed} repeats this run\n`);

/** What `kubectl apply -f` reads where cdk8s has written the texts, and what `-k` does. */
function readBack(texts: readonly string[]): (string | undefined)[][] {
  const data = Object.fromEntries(texts.map((text, at) => [`V${at}`, text]));
  const written = Yaml.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data });
  const folder = folderWith({ 'a.yaml': written, 'kustomization.yaml': 'resources: [a.yaml]\n' });
  return [objectsIn(written), kustomize(folder)].map((objects) => {
    const values = valuesIn(objects);
    return texts.map((_, at) => values.get(`a/V${at}`));
  });
}

itWithKubectl('what is let pass is read by kubectl as it is, written by cdk8s', () => {
  const words = [
    '0o17',
    '-0o7',
    '0O17',
    '0B1',
    '0X1f',
    '1e3',
    '.5',
    '1:30',
    '1_000',
    '0_x1',
    '0b-1',
    '1e_+1',
    '-_0x1',
    `${'x'.repeat(40)}\n${'y'.repeat(40)}\n \n `,
    '~',
    'y',
    'NO',
    '=',
    '<<',
    '2026-11-23',
  ];
  const numbers = fc.string({ unit: fc.constantFrom(...'0123456789abcdefxXoObBeE_+-.:'), minLength: 1, maxLength: 5 });
  const base64 = fc.string({ minLength: 1, maxLength: 6 }).map((text) => Buffer.from(text).toString('base64'));
  const lines = fc.array(fc.string({ unit: fc.constantFrom(...' \t#-:|>."\'\\aé0'), maxLength: 5 }), {
    minLength: 2,
    maxLength: 4,
  });
  const several = lines.map((each) => each.join('\n'));
  const batch = fc.array(fc.oneof(anyText, numbers, base64, several), { minLength: 300, maxLength: 300, size: 'max' });
  const check = (texts: readonly string[]) => {
    const passed = texts.filter((text) => !mayChange(text));
    expect(readBack(passed)).toEqual([passed, passed]);
  };
  check([...foundTexts, ...words]);
  fc.assert(fc.property(batch, check), { seed, numRuns: 5, endOnFailure: true });
});

it('lets ordinary values pass', () => {
  const ordinary = [
    'true',
    'info',
    '8080',
    'https://a.example.com/?q=1#x',
    'a # b',
    "it's",
    '{"a":[1]}',
    ' x ',
    'MFgxRg==',
    JSON.stringify({ recording: true, limits: { calls: 3 } }, null, 2),
    '#!/bin/sh\nfor each in a b; do\n  echo "$each"\ndone\n',
    'You are an agent.\n\nBe kind.\n',
    'server {\n    listen 8080;\n\n    location / { return 204; }\n}\n',
    '-----BEGIN FAKE-----\nZmFrZQ==\n-----END FAKE-----\n\n-----BEGIN FAKE-----\nZmFrZQ==\n-----END FAKE-----\n',
    '1.2.3',
    '8080:80',
    '1234567e',
    '1-2',
    '0a-b',
    '10.0.0.1',
    '-c',
    '--',
    '::1',
    '',
    'é',
  ];
  expect(ordinary.filter(mayChange)).toEqual([]);
});

it.each(['1', '_', '1:', '.', 'a\n', ' '])('asks in time that is linear in the length of a text: of %j', (piece) => {
  const work = (size: number) => () => mayChange(`${piece.repeat(size)}x`);
  expect(growth((size) => work(size), 4_000)).toBeLessThan(mostLinear);
});

it('refuses the rest by the name of its key, unless another writer asks for it', () => {
  const chart = new Chart(new App(), 'a');
  new PlainConfigMap(chart, 'map', { metadata: { name: 'a-config' }, data: { GOOD: 'x', MODE: '0o17' } });
  const refused = 'ConfigMap/a-config: cdk8s would not write data.MODE exactly. Use exactYaml';
  expect(() => chart.toJson()).toThrow(refused);
  expect(manifestsOf(chart)).toMatchObject([{ data: { GOOD: 'x', MODE: '0o17' } }]);
  expect(() => chart.toJson()).toThrow(refused);
});

const given = {
  POD_NAMESPACE: 'space',
  REGISTRY_PATH: 'registry.example.com/team',
  REGISTRY_USER: 'robot',
  SECRETS_FROM: 'external-secrets',
  VAULT: 'vault',
};

it.each([
  ['namespace', { POD_NAMESPACE: '0o17' }, /: cdk8s would not write metadata\.namespace exactly/],
  ['Namespace', { POD_NAMESPACE: '0o17', POD_NAMESPACE_CREATE: 'true' }, /^Namespace\/0o17: .* metadata\.name exactly/],
  ['store', { VAULT: '0o17' }, /^ExternalSecret\/.* spec\.secretStoreRef\.name exactly/],
  ['key', { VAULT_KEY: '0o17' }, /^ExternalSecret\/.* spec\.data\.0\.remoteRef\.key exactly/],
  ['property', { VAULT_PROPERTY: '0o17' }, /^ExternalSecret\/.* spec\.data\.0\.remoteRef\.property exactly/],
  [
    'user in a template',
    { REGISTRY_USER: 'a\u2028b' },
    /registry-credentials: .* spec\.target\.template\.data\.\.docker/,
  ],
])('refuses it wherever it stands in one of our objects: the %s', (_what, change, refused) => {
  const values = { ...given, ...change } as unknown as Values<typeof catalog>;
  const chart = new EnvironmentChart(new App(), 'x', { catalog, environment: 'x', values });
  expect(() => chart.toJson()).toThrow(refused);
  expect(JSON.stringify(manifestsOf(chart))).toContain(JSON.stringify(Object.values(change)[0]).slice(1, -1));
});

it('refuses a label of the environment, and what a patch puts into an object, too', () => {
  const props = { catalog, environment: '0o17', values: given as unknown as Values<typeof catalog> };
  expect(() => new EnvironmentChart(new App(), 'x', props).toJson()).toThrow(/ metadata\.labels\.environment exactly/);
  const chart = new EnvironmentChart(new App(), 'x', { ...props, environment: 'x' });
  expect(() => chart.toJson()).not.toThrow();
  const map = ApiObject.of(chart.node.findChild('bundle-common').node.findChild('common-config'));
  map.addJsonPatch(JsonPatch.add('/metadata/annotations', { '0o17': 'x' }));
  expect(() => chart.toJson()).toThrow(/ metadata\.annotations\.0o17 exactly/);
  map.addJsonPatch(JsonPatch.remove('/metadata/annotations'), JsonPatch.add('/data', { MODE: '0o17' }));
  expect(() => chart.toJson()).toThrow(/ data\.MODE exactly/);
});
