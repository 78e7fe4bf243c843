import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkDependencies, writeProduct } from './project';
import { folderWith } from './run';

// Whatever a team does to its product ends green by four steps: the edit (and a demo value, if one is needed), npm run
// docs, npx jest main.test.ts -u, npm test. Here the last one is the product's own tests; with EDITS=full it is npm test.

const root = join(__dirname, '..');
const isFull = process.env['EDITS'] === 'full';

/** The files of a copy, by path: what an edit changes. */
type Edit = (edit: (name: string, change: (text: string) => string) => void, folder: string) => void;

const declare =
  (declaration: string, demo = ''): Edit =>
  (edit) => {
    edit('catalog.ts', (text) => text.replace(/^ {2}variables: \{\n/m, `$&    ${declaration}\n`));
    if (demo !== '') edit('envs/demo.env', (text) => `${text}${demo}`);
  };

/** Takes a declaration out, on one line or several. */
const remove = (text: string, name: string) =>
  text.replace(new RegExp(`^ {4}${name}: \\{(?:.*\\},\\n|\\n[^]*?^ {4}\\},\\n)`, 'm'), '');

const edits: readonly (readonly [what: string, edit: Edit])[] = [
  [
    'a required secret, with a fake in the demo',
    declare(
      "MISTRAL_API_KEY: { kind: 'secret', bundle: 'agent', type: text(), description: 'Mistral API key' },",
      'MISTRAL_API_KEY=fake-mistral-api-key\n',
    ),
  ],
  [
    'a setting with a default',
    declare(
      "LOG_FORMAT: { kind: 'config', bundle: 'agent', type: oneOf('json', 'text'), default: 'json', description: 'How lines are written' },",
    ),
  ],
  [
    'an optional secret in the bundle of every pod',
    declare(
      "SENTRY_DSN: { kind: 'secret', bundle: 'shared', type: text(), optional: true, description: 'Where errors go' },",
    ),
  ],
  [
    'a fourth bundle, empty',
    (edit) =>
      edit('catalog.ts', (text) => text.replace(/^ {2}bundles: \{\n/m, "$&    worker: { description: 'Jobs' },\n")),
  ],
  [
    'a fourth bundle with two variables',
    (edit, folder) => {
      edit('catalog.ts', (text) => text.replace(/^ {2}bundles: \{\n/m, "$&    worker: { description: 'Jobs' },\n"));
      declare(
        "QUEUE_TOKEN: { kind: 'secret', bundle: 'worker', type: text(), description: 'Token of the queue' },\n    QUEUE_SIZE: { kind: 'config', bundle: 'worker', type: oneOf('1', '2'), default: '1', description: 'How many' },",
        'QUEUE_TOKEN=fake-queue-token\n',
      )(edit, folder);
    },
  ],
  [
    'a variable less',
    (edit) => {
      edit('catalog.ts', (text) => remove(text, 'CACHE_ENABLED'));
      for (const name of ['demo', 'staging', 'prod'])
        edit(`envs/${name}.config.env`, (text) => text.replace(/^CACHE_ENABLED=.*\n/m, ''));
    },
  ],
  [
    'a variable in another bundle',
    (edit) => edit('catalog.ts', (text) => text.replace(/(CARTESIA_API_KEY: \{[^}]*bundle: )'agent'/, "$1'shared'")),
  ],
  [
    'a variable by another name',
    (edit) => {
      edit('catalog.ts', (text) => text.replace(/^ {4}DOMAIN:/m, '    PUBLIC_HOST:'));
      edit('envs/demo.config.env', (text) => text.replaceAll('DOMAIN', 'PUBLIC_HOST'));
    },
  ],
  [
    'another product',
    (_edit, folder) => {
      rmSync(join(folder, 'envs'), { recursive: true });
      writeProduct(join(root, 'test/fixture'), folder);
    },
  ],
  [
    'a product without a registry, a cluster and a bundle for every pod',
    (_edit, folder) => {
      rmSync(join(folder, 'envs'), { recursive: true });
      mkdirSync(join(folder, 'envs'));
      const bare = readFileSync(join(root, 'test/fixture/bare-catalog.ts'), 'utf8');
      writeFileSync(
        join(folder, 'catalog.ts'),
        bare.replaceAll('../../lib/', './lib/').replace('bareCatalog', 'catalog'),
      );
      writeFileSync(join(folder, 'envs/demo.config.env'), 'NAME=demo\nNAMESPACE=ferry-demo\nGREETING=hello\n');
      writeFileSync(join(folder, 'envs/demo.env'), 'TOKEN=fake-token\n');
    },
  ],
];

/** A copy of this repository with the product that the README speaks of in place of its own. */
function copyRepository(): string {
  const folder = folderWith();
  const others = ['.git', 'node_modules', 'dist', 'catalog.ts', 'envs', '__snapshots__'].map((name) =>
    join(root, name),
  );
  cpSync(root, folder, { recursive: true, filter: (path) => !others.includes(path) });
  writeProduct(join(root, 'test/fixture/readme'), folder);
  linkDependencies(root, folder);
  return folder;
}

it.each(edits)('%s', (_what, edit) => {
  const folder = copyRepository();
  const step = (command: string, ...args: string[]) => {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env });
    expect(status === 0 || `${stdout}${stderr}`.slice(-3_000)).toBe(true);
  };
  edit((name, change) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const changed = change(text);
    expect(changed === text).toBe(false); // an edit that finds its place
    writeFileSync(join(folder, name), changed);
  }, folder);
  step('node', '--', 'launch.js', 'docs');
  step('npx', 'jest', 'main.test.ts', '-u');
  if (isFull) step('npm', 'test');
  else step('npx', 'jest', 'main.test.ts', '--ci');
});
