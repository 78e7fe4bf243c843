import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../../test/run';
import { limits } from '../environment/limits';
import { readTextFile, readTextStream } from './text-file';

function read(bytes: string | Uint8Array) {
  return readTextFile(join(folderWith({ file: bytes }), 'file'));
}

it('reads UTF-8 and its permissions', () => {
  const folder = folderWith({ file: 'é🔑\n' });
  chmodSync(join(folder, 'file'), 0o640);
  expect(readTextFile(join(folder, 'file'))).toMatchObject({
    status: 'read',
    text: 'é🔑\n',
    permissions: { mode: 0o100_640, uid: process.getuid?.() },
  });
});

it('drops a byte order mark, once', () => {
  expect(read('\ufeff\ufeffA')).toMatchObject({ text: '\ufeffA' });
});

it('follows a symbolic link to a file', () => {
  const folder = folderWith({ file: 'A=1' });
  symlinkSync(join(folder, 'file'), join(folder, 'link'));
  expect(readTextFile(join(folder, 'link'))).toMatchObject({ text: 'A=1' });
});

it.each(['none', 'a'.repeat(1_000), 'a/'.repeat(10_000)])('says that a file is not there', (name) => {
  expect(readTextFile(join(folderWith(), name))).toEqual({ status: 'absent' });
});

it.each([
  ['Latin-1', Buffer.from('é', 'latin1'), /is not UTF-8/],
  ['UTF-16', Buffer.from('\ufeffA=1', 'utf16le'), /is UTF-16/],
  ['a NUL', 'A=\0', /NUL/],
  ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff]), /is not UTF-8/],
  ['an encoded surrogate', Buffer.from([0xed, 0xa0, 0x80]), /is not UTF-8/],
  ['more than 4 MiB', Buffer.alloc(limits.fileBytes + 1, 'a'), /larger than 4 MiB/],
])('refuses %s', (_what, bytes, reason) => {
  expect(read(bytes)).toMatchObject({ status: 'unreadable', reason: expect.stringMatching(reason) });
});

describe('of what is no UTF-8, what can be made out is read as it was written', () => {
  const key = 'A=pässwort-ключ';
  const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();
  it.each<[string, Buffer, string]>([
    ['UTF-8 but for one line', Buffer.concat([Buffer.from(`${key}\n# `), Buffer.from([0xff, 0x0a])]), key],
    ['Latin-1', Buffer.from('A=pässwort', 'latin1'), 'A=pässwort'],
    ['UTF-16', Buffer.from(`\ufeff${key}`, 'utf16le'), key],
    ['UTF-16 of the other order', swapped(`\ufeff${key}`), key],
    [
      'UTF-16 with a tail of ASCII',
      Buffer.concat([Buffer.from('\ufeffA=1\n', 'utf16le'), Buffer.from('B=22')]),
      'B=22',
    ],
  ])('%s', (_what, bytes, text) => expect(read(bytes)).toMatchObject({ remains: expect.stringContaining(text) }));
});

it('reads exactly 4 MiB', () => {
  expect(read(Buffer.alloc(limits.fileBytes, 'a'))).toMatchObject({ status: 'read' });
});

it('refuses a folder, and a pipe without waiting for it', () => {
  const folder = folderWith();
  mkdirSync(join(folder, 'folder'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(readTextFile(join(folder, 'folder'))).toMatchObject({ reason: 'is not a regular file' });
  expect(readTextFile(join(folder, 'pipe'))).toMatchObject({ hint: expect.stringContaining('--from-env-file -') });
});

it('refuses a device that never ends', () => {
  expect(readTextFile('/dev/zero')).toMatchObject({ reason: 'is not a regular file' });
});

it('refuses a loop of links', () => {
  const folder = folderWith();
  symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
  expect(readTextFile(join(folder, 'loop'))).toMatchObject({ reason: 'could not be read (ELOOP)' });
});

it('does not take a link to nothing for no file at all', () => {
  const folder = folderWith();
  symlinkSync(join(folder, 'nothing'), join(folder, 'link'));
  expect(readTextFile(join(folder, 'link'))).toMatchObject({ reason: 'is a symbolic link to nothing' });
});

it('stops reading a stream at 4 MiB', async () => {
  let given = 0;
  const endless = (async function* () {
    for (;;) {
      given += 1_000_000;
      yield Buffer.alloc(1_000_000, 'a');
    }
  })();
  expect(await readTextStream(endless)).toMatchObject({ status: 'unreadable' });
  expect(given).toBeLessThan(limits.fileBytes + 2_000_000);
});

it('reads a stream that comes in small pieces, of any size', async () => {
  const text = 'é'.repeat(5_000);
  for (const size of [1, 7, 4_096]) {
    const bytes = Buffer.from(text);
    const pieces = (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })();
    expect(await readTextStream(pieces)).toBe(text);
  }
});

it('reads a stream of just 4 MiB, and none of one byte more', async () => {
  const stream = (size: number) =>
    (async function* () {
      yield Buffer.alloc(size - 1, 'a');
      yield Buffer.from('a');
    })();
  expect(await readTextStream(stream(limits.fileBytes))).toHaveLength(limits.fileBytes);
  expect(await readTextStream(stream(limits.fileBytes + 1))).toMatchObject({
    reason: 'is larger than 4 MiB, and was not read',
  });
});
