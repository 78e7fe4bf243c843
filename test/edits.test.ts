import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeProduct } from './project';
import { allTests, copyRepository, expectGreenAfterEdit, isCopy, launch, runJest } from './project-copy';

// What a team does to its product ends green after four steps: the declaration (and a demo value, if one is required),
// `npm run docs`, `npx jest main.test.ts -u`, `npm test`. Of the last this runs what is about the product;
// `npm run test:edits` runs all of it.

const fixture = join(__dirname, 'fixture');
const readme = join(fixture, 'readme');

/** Changes a file of a copy. An edit that changes nothing would prove nothing. */
function edit(path: string, change: (text: string) => string): void {
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`Nothing changed in ${path}`);
  writeFileSync(path, after);
}

/** Declares variables, each a line of the catalog. */
const declare = (folder: string, ...declarations: readonly string[]) =>
  edit(join(folder, 'catalog.ts'), (text) =>
    text.replace(/^ {4}ENV_MODE: \{/m, [...declarations.map((each) => `    ${each}`), '$&'].join('\n')),
  );

const addBundle = (folder: string) =>
  edit(join(folder, 'catalog.ts'), (text) =>
    text.replace(/^ {4}front: \{.*\},\n/m, "$&    worker: { description: 'Works at night' },\n"),
  );

const addToDemo = (folder: string, line: string) => appendFileSync(join(folder, 'envs/demo.env'), `${line}\n`);

/** Fills in every secret that an env file leaves open. */
const fillIn = (path: string) =>
  edit(path, (text) => text.replace(/^([A-Z0-9_]+_(?:KEY|SECRET))=$/gm, (_, name) => `${name}=fake-${name}`));

/** The same for hosts of its own. */
const fillInHosts = (path: string, domain: string) =>
  edit(path, (text) => text.replace(/_URL=$/m, `$&wss://media.${domain}`).replace(/^DOMAIN=$/m, `$&${domain}`));

/** What a team does, to a copy with the product that the README speaks of. */
const edits: readonly (readonly [name: string, change: (folder: string) => void])[] = [
  ['none', () => {}],
  [
    'a required secret',
    (folder) => {
      declare(
        folder,
        "MISTRAL_API_KEY: { kind: 'secret', bundle: 'agent', type: text(), description: 'Mistral API key' },",
      );
      addToDemo(folder, 'MISTRAL_API_KEY=fake-mistral-api-key');
    },
  ],
  [
    'a config variable with a default',
    (folder) =>
      declare(
        folder,
        'LOG_FORMAT: {',
        "  kind: 'config',",
        "  bundle: 'agent',",
        "  type: oneOf('json', 'text'),",
        "  default: 'json',",
        "  description: 'How the agent logs',",
        '},',
      ),
  ],
  [
    'an optional secret of every pod',
    (folder) =>
      declare(
        folder,
        "SENTRY_DSN: { kind: 'secret', bundle: 'shared', type: text(), optional: true, description: 'For errors' },",
      ),
  ],
  ['a fourth bundle, empty', addBundle],
  [
    'a fourth bundle with a secret and a config variable',
    (folder) => {
      addBundle(folder);
      declare(
        folder,
        "QUEUE_KEY: { kind: 'secret', bundle: 'worker', type: text(), description: 'Key of the queue' },",
        "QUEUE_NAME: { kind: 'config', bundle: 'worker', type: text(), description: 'Name of the queue' },",
      );
      addToDemo(folder, 'QUEUE_KEY=fake-queue-key\nQUEUE_NAME=night');
    },
  ],
  [
    'a variable removed, the last of its type',
    (folder) => {
      edit(join(folder, 'catalog.ts'), (text) => text.replace(/^ {4}LIVEKIT_URL: \{\n(?: {6}.*\n)+ {4}\},\n/m, ''));
      edit(join(folder, 'envs/demo.config.env'), (text) => text.replace(/^LIVEKIT_URL=.*\n/m, ''));
    },
  ],
  [
    'a variable moved to another bundle',
    (folder) =>
      edit(join(folder, 'catalog.ts'), (text) =>
        text.replace(/(CARTESIA_API_KEY: \{\n {6}kind: 'secret',\n {6}bundle: )'agent'/, "$1'shared'"),
      ),
  ],
  [
    'a variable renamed',
    (folder) => {
      const rename = (text: string) => text.replaceAll(/\bDOMAIN\b/g, 'PUBLIC_HOST');
      for (const file of ['catalog.ts', 'envs/demo.config.env']) edit(join(folder, file), rename);
    },
  ],
  ['another product: bundles, a registry whose user is a variable, no cluster', changeProduct('billing')],
  ['another product: no registry, no cluster, no bundle of every pod, no default', changeProduct('bare')],
  [
    'secrets of staging, which was synthesised, files and a workflow of others beside them, and no justfile',
    (folder) => {
      rmSync(join(folder, 'justfile'));
      const ours = join(folder, '.github/workflows/ours.yml');
      writeFileSync(ours, 'on: push\njobs:\n  a:\n    uses: ./.github/workflows/deploy.yml\n    secrets: inherit\n');
      cpSync(join(folder, 'envs/staging.env.example'), join(folder, 'envs/staging.env'));
      fillIn(join(folder, 'envs/staging.env'));
      fillInHosts(join(folder, 'envs/staging.env'), 'app.example.com');
      expect(launch(folder, 'synth', 'staging')).toMatchObject({ status: 0 });
      writeFileSync(join(folder, 'envs/mine.env'), 'no assignment\n');
      for (const name of ['demo', 'mine'])
        cpSync(join(folder, 'envs'), join(folder, 'dist', name), { recursive: true });
    },
  ],
];

function changeProduct(name: string): (folder: string) => void {
  return (folder) => writeProduct(join(fixture, name), folder);
}

(isCopy ? describe.skip : describe)('the tests are green after an edit of the product', () => {
  it.each(edits)('%s', (_name, change) => {
    const folder = copyRepository(readme);
    change(folder);
    expectGreenAfterEdit(folder);
    rmSync(folder, { recursive: true });
  });

  (allTests ? it : it.skip)('and those of the program without any product', () => {
    const folder = copyRepository(readme);
    for (const name of ['catalog.ts', 'envs']) rmSync(join(folder, name), { recursive: true });
    runJest(folder, '--testPathIgnorePatterns', '/node_modules/', '<rootDir>/main\\.test\\.ts$');
  });
});
