import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { writeProject } from './project';
import { folderWith, type Run } from './run';

/** A copy of the program with the fixture as its product, whose sources and cache are the test's own. */
export function copyProject(): string {
  const folder = folderWith();
  writeProject(join(__dirname, '..'), folder);
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
