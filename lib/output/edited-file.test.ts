import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { folderWith } from '../../test/run';
import { writeEditedFile } from './edited-file';

it('is removed when this process ends, and forgotten when it was removed before', () => {
  const before = process.listeners('exit');
  const file = writeEditedFile('x.env', 'fake', { XDG_RUNTIME_DIR: folderWith() });
  if ('code' in file) throw new Error(file.message);
  expect(readFileSync(file.path, 'utf8')).toBe('fake');
  const [atExit, ...more] = process.listeners('exit').filter((each) => !before.includes(each));
  expect(more).toEqual([]);
  atExit?.(143);
  expect(existsSync(dirname(file.path))).toBe(false);
  expect(process.listeners('exit')).toEqual(before);
});
