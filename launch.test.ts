import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { folderWith } from './test/run';

/** A copy of the program whose sources and cache are the test's own, with this repository's dependencies. */
function copy(): string {
  const folder = folderWith();
  for (const name of [
    'launch.js',
    'main.ts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'lib',
    'imports',
    'envs',
  ]) {
    cpSync(join(__dirname, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.endsWith('.test.ts'),
    });
  }
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(__dirname, 'node_modules'))) {
    if (name !== '.cache') symlinkSync(join(__dirname, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}

function launch(folder: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--', 'launch.js', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return { status, stdout, stderr };
}

const bundles = (folder: string) => readdirSync(join(folder, 'node_modules/.cache/voice-agent-config'));
const catalog = (folder: string) => join(folder, 'lib/catalog/voice-agent.ts');

it('bundles once and then runs what it has', () => {
  const folder = copy();
  expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 0, stderr: '' });
  const [first] = bundles(folder);
  const made = statSync(join(folder, 'node_modules/.cache/voice-agent-config', `${first}`)).mtimeMs;
  expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 0, stdout: expect.stringContaining('up to date') });
  expect(statSync(join(folder, 'node_modules/.cache/voice-agent-config', `${first}`)).mtimeMs).toBe(made);
});

it('sees an edit in the very next run, even one that keeps time and size', () => {
  const folder = copy();
  launch(folder, 'synth', 'demo');
  const { atime, mtime } = statSync(catalog(folder));
  writeFileSync(
    catalog(folder),
    readFileSync(catalog(folder), 'utf8').replace("app: 'voice-agent'", "app: 'voice-tnega'"),
  );
  utimesSync(catalog(folder), atime, mtime);
  expect(launch(folder, 'synth', 'demo').status).toBe(0);
  expect(readdirSync(join(folder, 'dist/demo')).sort()).toEqual([
    '.gitignore',
    'kustomization.yaml',
    'voice-tnega.k8s.yaml',
  ]);
});

it('makes a bundle of its own where none can be kept', () => {
  const folder = copy();
  writeFileSync(join(folder, 'node_modules/.cache'), 'no folder');
  expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 0, stderr: '' });
});

it('says which line of TypeScript cannot be read', () => {
  const folder = copy();
  writeFileSync(catalog(folder), 'export const voiceAgent = {\n  oops oops\n};\n');
  const { status, stderr } = launch(folder, 'synth', 'demo');
  expect([status, stderr]).toEqual([1, expect.stringContaining('lib/catalog/voice-agent.ts:2:7')]);
});

it('reports a catalog that contradicts itself in words', () => {
  const folder = copy();
  writeFileSync(
    catalog(folder),
    readFileSync(catalog(folder), 'utf8').replace("bundle: 'front'", "bundle: 'frnot' as 'front'"),
  );
  const { status, stderr } = launch(folder, 'synth', 'demo');
  expect([status, stderr]).toEqual([1, expect.stringContaining('NODE_ENV: there is no bundle frnot')]);
});

it('shows the place of a defect as TypeScript file and line under DEBUG, and never its message', () => {
  const folder = copy();
  const file = join(folder, 'lib/commands/synth.ts');
  const broken = readFileSync(file, 'utf8').replace(
    'const environments = selectEnvironments',
    "throw new Error('fake-secret');\n  const environments = selectEnvironments",
  );
  writeFileSync(file, broken);
  const line = broken.split('\n').findIndex((each) => each.includes("throw new Error('fake-secret')")) + 1;
  const result = spawnSync(process.execPath, ['--', 'launch.js', 'synth', 'demo'], {
    cwd: folder,
    encoding: 'utf8',
    env: { DEBUG: '1' },
  });
  expect(result.status).toBe(1);
  expect(result.stderr).toContain(`lib/commands/synth.ts:${line}:`);
  expect(result.stdout + result.stderr).not.toContain('fake-secret');
  expect(launch(folder, 'synth', 'demo').stderr.trim().split('\n')).toHaveLength(1);
});

it('says what to do before the dependencies are installed', () => {
  const folder = folderWith({ 'launch.js': readFileSync(join(__dirname, 'launch.js')) });
  expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 1, stderr: expect.stringContaining('npm ci') });
});

it('treats a closed pipe as a reader that has read enough', () => {
  const folder = copy();
  launch(folder, 'synth', 'demo');
  const script = 'set -o pipefail; node -- launch.js synth demo --stdout | head -1';
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
  expect([status, stdout, stderr]).toEqual([0, '---\n', '']);
});
