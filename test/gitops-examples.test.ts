import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { schemaFaults } from './crd-schemas';

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

it('Argo CD and Flux apply the folder that synth writes', () => {
  const paths = readdirSync(examples)
    .flatMap((name) => objectsIn(join(examples, name)))
    .map((object) => JSON.stringify(object).match(/"path":"(?:\.\/)?([^"]+)"/)?.[1]);
  expect(new Set(paths.filter((path) => path !== undefined))).toEqual(new Set(['deploy/prod']));
});
