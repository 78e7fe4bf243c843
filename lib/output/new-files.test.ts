import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
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

it('replaces a generated file whole, makes its folder, and leaves no temporary file', () => {
  const folder = folderWith({ 'docs/a.md': 'old' });
  expect(writeGeneratedFile(join(folder, 'docs/a.md'), 'new', () => true)).toBeUndefined();
  expect(writeGeneratedFile(join(folder, 'more/b.md'), 'new', () => true)).toBeUndefined();
  expect(readFileSync(join(folder, 'docs/a.md'), 'utf8')).toBe('new');
  mkdirSync(join(folder, 'docs/c.md'));
  expect(writeGeneratedFile(join(folder, 'docs/c.md'), 'new', () => true)).toMatchObject({ code: 'not-written' });
  expect(readdirSync(join(folder, 'docs')).sort()).toEqual(['a.md', 'c.md']);
});
