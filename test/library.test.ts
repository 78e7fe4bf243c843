import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { parseAllDocuments } from 'yaml';
import { valueTypes } from '../lib/catalog/value-type';
import * as library from '../lib/index';
import { dependencies, name, peerDependencies } from '../package.json';
import { writeProject } from './project';
import { folderWith, run, validEnvironment } from './run';

// docs/library.md: another cdk8s app uses what is packed here, in a folder of its own.

const root = join(__dirname, '..');
const page = readFileSync(join(root, 'docs/library.md'), 'utf8');

function succeed(folder: string, command: string, ...args: readonly string[]): string {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** The archive that npm makes of a copy of this repository. */
function pack(): string {
  const folder = folderWith();
  writeProject(root, folder);
  const always = readdirSync(root).filter((each) => /^(?:readme|licen[cs]e|copying)/i.test(each)); // npm packs them
  for (const each of ['tsconfig.library.json', 'docs', ...always])
    cpSync(join(root, each), join(folder, each), { recursive: true });
  succeed(folder, 'npm', 'run', '-s', 'prepack');
  succeed(folder, 'npm', 'pack', '--ignore-scripts');
  return join(folder, readdirSync(folder).find((each) => each.endsWith('.tgz')) ?? '');
}

it('has every type that a catalog may give a variable', () => {
  const types = valueTypes.map(([usage]) => usage.replace(/\(.*$/, ''));
  expect(Object.keys(library)).toEqual(expect.arrayContaining(types));
});

let archive: string;
let app: string;

beforeAll(() => {
  archive = pack();
  app = folderWith();
  // As npm installs it, but for what it would fetch: the rest is this repository's.
  const installed = join(app, 'node_modules', name);
  mkdirSync(installed, { recursive: true });
  succeed(app, 'tar', '-xzf', archive, '-C', installed, '--strip-components=1');
  for (const each of [...Object.keys({ ...dependencies, ...peerDependencies }), '@types/node']) {
    mkdirSync(dirname(join(app, 'node_modules', each)), { recursive: true });
    symlinkSync(join(root, 'node_modules', each), join(app, 'node_modules', each));
  }
});

/** Writes sources to the app, what the type checker says of them, and what they are made into for Node.js. */
function compile(sources: Readonly<Record<string, string>>): void {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: 'node16',
    target: 'es2022',
    types: ['node'],
    skipLibCheck: true, // cdk8s-plus-28's own declarations fail
    noEmit: true,
  };
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(sources) }));
  for (const [file, text] of Object.entries(sources)) {
    writeFileSync(join(app, file), text);
    const { code } = transformSync(text, { loader: 'ts', format: 'cjs' });
    writeFileSync(join(app, file.replace(/ts$/, 'js')), code);
  }
  succeed(app, join(root, 'node_modules/.bin/tsc'));
}

function writeEnvs(files: Readonly<Record<string, string>>): void {
  mkdirSync(join(app, 'envs'), { recursive: true, mode: 0o700 });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(app, 'envs', file), text, { mode: 0o600 });
}

const objectsIn = (text: string) => parseAllDocuments(text).map((each) => each.toJS());

it('holds what is built, and nothing of a product', () => {
  const files = succeed(app, 'tar', '-tzf', archive).trim().split('\n').sort();
  const others = files.filter((file) => !/^package\/build\/types\/(?:lib|imports)\/[\w./-]+\.d\.ts$/.test(file));
  expect(others).toEqual(
    ['README.md', 'build/index.js', 'docs/library.md', 'launch.js', 'package.json'].map((each) => `package/${each}`),
  );
});

it('does what docs/library.md shows', () => {
  const [catalog = '', main = ''] = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, block]) => block);
  compile({ 'catalog.ts': catalog, 'main.ts': main });
  writeEnvs({
    'staging.config.env': 'NAMESPACE=shop-staging\nSTOCK_URL=https://stock.example.com\n',
    'staging.env': 'PAYMENT_KEY=fake-payment-key\n',
  });
  succeed(app, process.execPath, 'main.js');
  const objects = objectsIn(readFileSync(join(app, 'dist/configuration.k8s.yaml'), 'utf8'));
  expect(objects.map(({ kind, metadata, data }) => [kind, metadata.namespace, metadata.name, data])).toEqual([
    ['Secret', 'shop-staging', 'common-secrets', { PAYMENT_KEY: Buffer.from('fake-payment-key').toString('base64') }],
    ['ConfigMap', 'shop-staging', 'common-config', undefined],
    ['Secret', 'shop-staging', 'web-secrets', undefined],
    ['ConfigMap', 'shop-staging', 'web-config', { SALE: 'false', STOCK_URL: 'https://stock.example.com' }],
  ]);
  const [deployment] = objectsIn(readFileSync(join(app, 'dist/web.k8s.yaml'), 'utf8'));
  expect(deployment.metadata.namespace).toBe('shop-staging');
  expect(deployment.spec.template.spec.containers[0].envFrom).toEqual([
    { secretRef: { name: 'common-secrets' } },
    { secretRef: { name: 'web-secrets' } },
    { configMapRef: { name: 'common-config' } },
    { configMapRef: { name: 'web-config' } },
  ]);
});

it('makes the same manifests as the program, byte for byte', async () => {
  const catalog = readFileSync(join(root, 'test/fixture/catalog.ts'), 'utf8');
  const hostile = { POSTAL_API_KEY: "'0o17 # \\n $'", ROUTES: '["0x1f"]' };
  writeEnvs({ 'x.env': validEnvironment('x', hostile) });
  compile({
    'catalog.ts': catalog.replaceAll(/'(?:\.\.\/)+lib\/[^']*'/g, `'${name}'`),
    'main.ts': `
import { App } from 'cdk8s';
import { writeFileSync } from 'node:fs';
import { EnvironmentChart, exactYaml, readEnvironment, RevealSecrets, type Sensitive } from '${name}';
import { catalog } from './catalog';

async function main(): Promise<void> {
  const { values } = await readEnvironment(catalog, 'x', { envs: 'envs' });
  const level: 'debug' | 'info' | 'warn' | 'error' = values.LOG_FLOOR;
  const key: Sensitive = values.POSTAL_API_KEY;
  const chart = new EnvironmentChart(new App({ resolvers: [new RevealSecrets()] }), 'x', { catalog, environment: 'x', values });
  writeFileSync('x.yaml', exactYaml(chart));
  process.stdout.write(\`\${level} \${key}\`);
}

void main();
`,
  });
  expect(succeed(app, process.execPath, 'main.js')).toBe('info [sensitive]');
  const out = folderWith();
  const { stderr } = await run(['synth', 'x', '--envs', join(app, 'envs'), '--out', out]);
  expect(stderr).toBe('');
  expect(readFileSync(join(app, 'x.yaml'), 'utf8')).toBe(readFileSync(join(out, 'x/parcel-desk.k8s.yaml'), 'utf8'));
});

it('is typed by its catalog', () => {
  const use = (line: string) => () =>
    compile({
      'use.ts': `
import { defineCatalog, dnsLabel, flag, text, type Values } from '${name}';
const catalog = defineCatalog({
  app: 'a',
  bundles: { b: { description: 'b' } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
    FLAG: { kind: 'config', bundle: 'b', type: flag(), description: 'flag' },
    KEY: { kind: 'secret', bundle: 'b', type: text(), optional: true, description: 'key' },
  },
});
export const values: Values<typeof catalog> = { ${line} };
`,
    });
  expect(use("NAME: 'x', SPACE: 'x', FLAG: 'true'")).not.toThrow();
  expect(use("NAME: 'x', SPACE: 'x', FLAG: 'yes'")).toThrow(/'"yes"' is not assignable/);
  expect(use("NAME: 'x', SPACE: 'x', FLAG: 'true', KEY: 'fake'")).toThrow(/not assignable to type 'Sensitive'/);
});

it('has no command of its own outside a checkout, and says so', () => {
  const { status, stderr } = spawnSync(join(app, 'node_modules', name, 'launch.js'), ['synth', 'staging'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([1, 'This is the library alone: its commands run in a checkout of the program\n']);
});

it('in a checkout npx runs the commands, without the -- of npm', () => {
  const folder = folderWith();
  writeProject(root, folder);
  const [line] = succeed(folder, 'npx', '--offline', name, 'synth', 'demo', '--json').split('\n');
  expect(line).toBe('{');
});
