import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const program = [
  'launch.js',
  'launch-cache.js',
  'main.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'lib',
  'imports',
];

/** The workflows of the program. A team may have others beside them. */
export const programWorkflows = ['ci.yml', 'deploy.yml', 'review-comment.yml', 'review.yml'];

/**
 * Writes the program of this repository, without its tests, to an empty folder. Its product is the fixture's, its
 * dependencies are this repository's, and its cache is its own.
 * @param root this repository
 */
export function writeProject(root: string, folder: string): void {
  for (const name of program) {
    cpSync(join(root, name), join(folder, name), { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
  }
  writeProduct(join(root, 'test/fixture'), folder);
  linkDependencies(root, folder);
}

/** What a copy does not take over: the team's product, and what belongs to this place. */
const left = ['catalog.ts', 'envs', 'readers', '__snapshots__', '.git', 'dist', 'node_modules'];

/**
 * Writes the whole of this repository, tests included, to an empty folder, but for the team's product. Its dependencies
 * are this repository's.
 * @param root this repository
 */
export function writeRepository(root: string, folder: string): void {
  for (const name of readdirSync(root).filter((each) => !left.includes(each))) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  linkDependencies(root, folder);
}

/** Puts a product of test/fixture where a team has its own: catalog.ts and envs/ of a project. */
export function writeProduct(product: string, folder: string): void {
  const catalog = readFileSync(join(product, 'catalog.ts'), 'utf8');
  writeFileSync(join(folder, 'catalog.ts'), catalog.replaceAll(/'(?:\.\.\/)+lib\//g, "'./lib/"));
  rmSync(join(folder, 'envs'), { recursive: true, force: true });
  cpSync(join(product, 'envs'), join(folder, 'envs'), { recursive: true });
}

/** Gives a folder this repository's dependencies, but not its cache. */
export function linkDependencies(root: string, folder: string): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '.cache') symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
}
