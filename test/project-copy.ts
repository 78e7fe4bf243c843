import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { writeProduct, writeProject, writeRepository } from './project';
import { folderWith, type Run } from './run';

const root = join(__dirname, '..');

/** A copy of the program with the fixture as its product, whose sources and cache are the test's own. */
export function copyProject(): string {
  const folder = folderWith();
  writeProject(root, folder);
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

/** A copy of this repository, tests included, with a product of test/fixture in place of the team's. */
export function copyRepository(product: string): string {
  const folder = folderWith();
  writeRepository(root, folder);
  writeProduct(product, folder);
  return folder;
}

/** Whether `npm run test:edits` runs, which takes its time. */
export const allTests = process.env['EDITS'] === 'all';

/** Whether this repository is a copy that a test made. It makes no copies in turn, or there would be no end of them. */
export const isCopy = process.env['EDITS'] === 'none';

/**
 * Takes the steps that follow every edit of a product. Of the last, `npm test`, only what is about the product and
 * what looks at all code, unless all tests are asked for.
 * @throws {Error} with the end of what a step printed, if it fails
 */
export function expectGreenAfterEdit(folder: string): void {
  runIn(folder, 'npm', 'run', 'docs');
  runJest(folder, 'main.test.ts', '-u');
  if (allTests) runIn(folder, 'npm', 'test');
  else {
    runIn(folder, 'npm', 'run', '-s', 'lint');
    runIn(folder, 'npm', 'run', '-s', 'types');
    runJest(folder, 'main.test.ts', '--ci');
  }
}

export function runJest(folder: string, ...args: readonly string[]): void {
  runIn(folder, process.execPath, join(root, 'node_modules/jest/bin/jest.js'), ...args);
}

function runIn(folder: string, command: string, ...args: readonly string[]): void {
  const { PATH, HOME, CI } = process.env;
  const env = { PATH, HOME, ...(CI !== undefined && { CI }), EDITS: 'none', FORCE_COLOR: '0' };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env });
  // A long run sums up its failures at the end.
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${`${stdout}${stderr}`.slice(-4_000)}`);
}

/** What stands before a command so that even root may only do what the rights of files allow. */
export const powerless: readonly string[] =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];
