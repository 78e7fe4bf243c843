import fs, { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../../test/run';
import { createFile, createWholeFile, type FileContent, lockFolder, replaceByRename } from './write-file';

const ways: Readonly<Record<string, (file: FileContent) => void>> = {
  'a file': createFile,
  'a whole file': createWholeFile,
  'a file that replaces another': replaceByRename,
};

it.each(Object.entries(ways))('leaves nothing of %s that cannot be filled', (_what, write) => {
  const folder = folderWith({});
  const spy = jest.spyOn(fs, 'writeFileSync').mockImplementation(() => {
    throw Object.assign(new Error('fake'), { code: 'ENOSPC' });
  });
  try {
    expect(() => write({ path: join(folder, 'new'), content: 'A=1\n', secret: false })).toThrow('fake');
  } finally {
    spy.mockRestore();
  }
  expect(readdirSync(folder)).toEqual([]);
});

it('leaves no lock of a folder that cannot be looked at', () => {
  const folder = folderWith({});
  const spy = jest.spyOn(fs, 'readdirSync').mockImplementation(() => {
    throw new Error('fake');
  });
  try {
    expect(() => lockFolder(folder)).toThrow('fake');
  } finally {
    spy.mockRestore();
  }
  expect(readdirSync(folder)).toEqual([]);
});
