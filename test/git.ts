import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from './run';

/** Git as somebody has it who has set up a name and a branch, whoever runs the tests. */
const env = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: join(__dirname, 'gitconfig'),
  GIT_CONFIG_SYSTEM: '/dev/null',
};

/** Runs git in a folder. Returns what it says, without the last line end. @throws if it fails */
export function git(folder: string, ...args: readonly string[]): string {
  return gitReading('', folder, ...args);
}

/** The same, with something on its standard input. */
export function gitReading(input: string, folder: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('git', ['-C', folder, ...args], { env, input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

let empty: string | undefined;

/** Makes a repository of a folder, like one of `git init` without hooks, which is asked once and not for each. */
export function makeRepository(folder: string): void {
  if (empty === undefined) {
    empty = folderWith();
    git(empty, 'init', '--quiet', '--template=');
  }
  cpSync(join(empty, '.git'), join(folder, '.git'), { recursive: true });
}
