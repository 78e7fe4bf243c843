import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../../test/run';
import { envsFlag, outFlag, requireProject, shownPath } from './given-path';

const folder = folderWith({ 'a.env': '' });
symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));

it.each([folder, join(folder, 'a.env'), join(folder, 'link'), '.', 'package.json'])(
  '%s is there, and is shown',
  (path) => {
    expect(shownPath('--out', path)).toBe(path);
  },
);

it.each([
  ['not there', join(folder, 'none')],
  ['empty', ''],
  ['below a file', join(folder, 'a.env', 'none')],
  ['longer than any name', 'a'.repeat(1_000)],
  ['longer than any path', 'a/'.repeat(10_000)],
  ['no path at all', 'a\0b'],
])('one that is %s is called by its option', (_what, path) => {
  expect(shownPath('--out', path)).toBe('<--out>');
  expect([envsFlag(path), outFlag(path)]).toEqual([' --envs <folder>', ' --out <folder>']);
});

it('what applies where nothing is given is shown, there or not', () => {
  const before = process.cwd();
  process.chdir(folder);
  try {
    expect(shownPath('--envs', 'envs')).toBe('envs');
    expect(shownPath('--out', 'envs')).toBe('<--out>');
  } finally {
    process.chdir(before);
  }
});

describe('the standard folder of env files', () => {
  const before = process.cwd();
  afterEach(() => process.chdir(before));

  it('is looked for where a catalog is, or the folder itself', () => {
    process.chdir(folderWith({ 'other.ts': '' }));
    expect(() => requireProject('envs')).toThrow('Here is neither envs nor catalog.ts');
    for (const here of [{ 'catalog.ts': '' }, { 'envs/x.env': '' }]) {
      process.chdir(folderWith(here));
      expect(() => requireProject('envs')).not.toThrow();
    }
  });
});
