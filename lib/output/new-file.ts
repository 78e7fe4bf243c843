import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Problem } from '../environment/problem';

export interface NewFile {
  readonly path: string;
  readonly text: string;
  /** Nobody but the owner may read it, from its creation on. */
  readonly secret: boolean;
}

/**
 * Writes files that must not exist yet: all of them or, if one cannot be written, none. Synchronous, so that no signal
 * handler of this process runs in between.
 */
export function createFiles(files: readonly NewFile[]): Problem | undefined {
  const created: string[] = [];
  for (const file of files) {
    try {
      createFile(file, () => created.push(file.path));
    } catch (error) {
      for (const path of created) remove(path);
      return notWritten(file.path, error);
    }
  }
  return undefined;
}

/** Replaces a committed file that is generated, by a rename: a link in its place is not followed. */
export function writeGeneratedFile(path: string, text: string): Problem | undefined {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    if (!existsSync(dirname(path))) mkdirSync(dirname(path));
    createFile({ path: temporary, text, secret: false });
    renameSync(temporary, path);
    return undefined;
  } catch (error) {
    remove(temporary);
    return notWritten(path, error);
  }
}

/** @param created is called as soon as the file is there, whether or not it can be filled */
function createFile({ path, text, secret }: NewFile, created?: () => void): void {
  // Neither an existing file nor a link in its place is ever opened.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const descriptor = openSync(path, flags, secret ? 0o600 : 0o644);
  created?.();
  try {
    if (secret) fchmodSync(descriptor, 0o600); // a umask may have taken away the owner's own rights
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/** Tidies up behind a failure, which is the one to tell. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {}
}

function notWritten(path: string, error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) throw error; // not the system's doing
  const causes: Readonly<Record<string, [string, string]>> = {
    EEXIST: ['could not be written: something else stands in its place or in its path', 'Move that away'],
    ENOENT: ['could not be written: there is no such folder', `mkdir -p ${dirname(path)}`],
    ENOSPC: ['could not be written: the disk is full', 'Free some room and run this again'],
    EROFS: ['could not be written: the file system is read-only', 'Run it where you may write'],
  };
  const [reason, hint] = causes[code] ?? [`could not be written (${code})`, `Look at ls -ld ${dirname(path)}`];
  return { severity: 'error', code: 'not-written', file: path, message: `${path} ${reason}`, hint };
}
