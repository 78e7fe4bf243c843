import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith, type Run } from './run';

const root = join(__dirname, '..');
const parts = [
  'launch.js',
  'launch-cache.js',
  'main.ts',
  'catalog.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'lib',
  'imports',
  'envs',
  'docs',
];

/** Tests, and the env files of whoever works here: what is committed is all that a copy holds. */
function isOfThisMachine(path: string): boolean {
  return (
    path.endsWith('.test.ts') || (/\/envs\/[^/]*$/.test(path) && !/(?:\.config\.env|\.example|\/demo\.env)$/.test(path))
  );
}

/** A copy of the program whose sources and cache are the test's own, with this repository's dependencies. */
export function copyProject(): string {
  const folder = folderWith();
  for (const name of parts) {
    cpSync(join(root, name), join(folder, name), { recursive: true, filter: (path) => !isOfThisMachine(path) });
  }
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '.cache') symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}

/** Runs the program of a copy as its npm scripts do. */
export function launch(folder: string, ...args: string[]): Omit<Run, 'status'> & { readonly status: number | null } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--', 'launch.js', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return { status, stdout, stderr };
}
