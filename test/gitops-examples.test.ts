import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { schemaFaults } from './crd-schemas';
import type { WrittenExternalSecret } from './external-secrets';
import { catalog as spokenOf } from './fixture/readme/catalog';
import { folderWith, run } from './run';

const root = join(__dirname, '..');
const examples = join(root, 'examples/gitops');
const objectsIn = (path: string) =>
  parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as Record<string, unknown>);

it.each(readdirSync(examples))('%s is what its operator takes', (name) => {
  const objects = objectsIn(join(examples, name));
  expect(objects.length).toBeGreaterThan(0);
  expect(objects.flatMap(schemaFaults)).toEqual([]);
});

it.each([
  ['a misspelt field', { spec: { project: 'default', destination: {}, syncpolicy: {} } }],
  ['a required field that is not there', { spec: { project: 'default' } }],
  ['another type', { spec: { project: 'default', destination: { server: 1 } } }],
])('the schema refuses %s', (_what, wrong) => {
  const [example] = objectsIn(join(examples, 'argo-cd.yaml'));
  expect(schemaFaults({ ...example, ...wrong })).toHaveLength(1);
});

it('the page shows the examples as they are', () => {
  const page = readFileSync(join(root, 'docs/gitops.md'), 'utf8');
  for (const name of ['argo-cd.yaml', 'flux.yaml', 'secret-store.yaml']) {
    expect(page).toContain(`(../examples/gitops/${name})`);
  }
});

it('the page says what makes the folder, and the examples are for it', async () => {
  const product = join(root, 'test/fixture/readme/envs');
  const page = readFileSync(join(root, 'docs/gitops.md'), 'utf8');
  const [, settings = ''] = /reviewed and committed:\n\n```sh\n([^`]+)```/.exec(page) ?? [];
  const config = readFileSync(join(product, 'prod.config.env'), 'utf8');
  const folder = folderWith({ 'envs/prod.config.env': `${config}\n${settings}` });
  const args = ['prod', '--envs', join(folder, 'envs'), '--out', join(folder, 'deploy')];
  const { stdout } = await run(['check', ...args.slice(0, 3), '--json'], { catalog: spokenOf });
  const { problems } = JSON.parse(stdout).environments[0] as { problems: { code: string; variable: string }[] };
  expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['missing'])); // what the sample leaves to each team
  expect(problems.filter(({ variable }) => spokenOf.variables.get(variable)?.sensitive)).toEqual([]);
  const given = problems.map(({ variable }) => `${variable}=${spokenOf.variables.get(variable)?.type.example}\n`);
  writeFileSync(join(folder, 'envs/prod.config.env'), `${config}\n${settings}${given.join('')}`);
  expect(await run(['synth', ...args], { catalog: spokenOf })).toMatchObject({ status: 0, stderr: '' });
  const written = objectsIn(
    join(folder, 'deploy/prod', `${spokenOf.app}.k8s.yaml`),
  ) as unknown as WrittenExternalSecret[];
  const fetched = written.filter(({ kind }) => kind === 'ExternalSecret');
  expect(fetched.flatMap(schemaFaults)).toEqual([]);
  const stores = objectsIn(join(examples, 'secret-store.yaml')) as unknown as WrittenExternalSecret[];
  expect(new Set(fetched.map(({ spec, metadata }) => `${metadata.namespace}/${spec.secretStoreRef.name}`))).toEqual(
    new Set(stores.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)),
  );
});

it('Argo CD and Flux apply the folder that synth writes', () => {
  const paths = readdirSync(examples)
    .flatMap((name) => objectsIn(join(examples, name)))
    .map((object) => JSON.stringify(object).match(/"path":"(?:\.\/)?([^"]+)"/)?.[1]);
  expect(new Set(paths.filter((path) => path !== undefined))).toEqual(new Set(['deploy/prod']));
});
