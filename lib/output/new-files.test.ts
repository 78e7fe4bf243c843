import fs, { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../../test/run';
import { createFiles, writeGeneratedFile } from './new-files';

const file = (path: string, secret = false) => ({ path, content: 'A=1\n', secret });

it('creates a file of secrets for its owner alone, and a committed one as the umask says', () => {
  const folder = folderWith();
  expect(
    createFiles([file(join(folder, 'open')), file(join(folder, 'secret'), true)], folder, () => undefined),
  ).toBeUndefined();
  expect(statSync(join(folder, 'secret')).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'open')).mode & 0o777).toBe(0o644 & ~process.umask());
});

it('overwrites nothing, follows no link, and takes back what it wrote before', () => {
  const folder = folderWith({ old: 'old' });
  symlinkSync(join(folder, 'target'), join(folder, 'link'));
  for (const name of ['old', 'link']) {
    expect(createFiles([file(join(folder, 'first')), file(join(folder, name))], folder, () => undefined)).toMatchObject(
      {
        code: 'not-written',
        file: join(folder, name),
      },
    );
  }
  expect(readdirSync(folder).sort()).toEqual(['link', 'old']);
  expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('old');
});

it.each<[string, typeof linkSync]>([
  ['has links', linkSync],
  [
    'has none',
    () => {
      throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
    },
  ],
])('leaves no temporary file, and overwrites nothing, where the file system %s', (_what, link) => {
  const folder = folderWith({ old: 'old', [`.x.config.env.${2 ** 22 + 1}-0123abcd.tmp`]: 'of a killed run' });
  const spy = jest.spyOn(fs, 'linkSync').mockImplementation(link);
  try {
    expect(createFiles([file(join(folder, 'new'))], folder, () => undefined)).toBeUndefined();
    expect(createFiles([file(join(folder, 'old'))], folder, () => undefined)).toMatchObject({ code: 'not-written' });
  } finally {
    spy.mockRestore();
  }
  expect(readdirSync(folder).sort()).toEqual(['new', 'old']);
  expect(['new', 'old'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['A=1\n', 'old']);
});

it('never has half of a file that is to be committed, nor of the rules that keep secrets out of git', () => {
  const folder = join(folderWith({ 'envs/.keep': '' }), 'envs');
  rmSync(join(folder, '.keep'));
  const names = ['.gitignore', 'x.config.env'].map((name) => join(folder, name));
  const seen: (number | undefined)[] = [];
  const look = () => seen.push(...names.map((path) => (existsSync(path) ? statSync(path).size : undefined)));
  const { writeFileSync: write } = fs;
  const spy = jest.spyOn(fs, 'writeFileSync').mockImplementation((...args) => {
    look();
    write(...args);
    look();
  });
  try {
    createFiles([file(join(folder, 'x.config.env')), file(join(folder, 'x.env'), true)], folder, () => undefined);
  } finally {
    spy.mockRestore();
  }
  const sizes = names.map((path) => statSync(path).size);
  expect(new Set(seen)).toEqual(new Set([undefined, ...sizes]));
});

it('replaces a generated file whole, makes its folder, and leaves no temporary file', () => {
  const folder = folderWith({ 'docs/a.md': 'old' });
  expect(writeGeneratedFile(join(folder, 'docs/a.md'), 'new', () => true)).toBeUndefined();
  expect(writeGeneratedFile(join(folder, 'more/b.md'), 'new', () => true)).toBeUndefined();
  expect(readFileSync(join(folder, 'docs/a.md'), 'utf8')).toBe('new');
  mkdirSync(join(folder, 'docs/c.md'));
  expect(writeGeneratedFile(join(folder, 'docs/c.md'), 'new', () => true)).toMatchObject({ code: 'not-written' });
  expect(readdirSync(join(folder, 'docs')).sort()).toEqual(['a.md', 'c.md']);
});
