import { randomBytes } from 'node:crypto';
import { closeSync, constants, fchmodSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A file as it is to be. */
export interface FileContent {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Nobody but the owner may read it, from its creation on. */
  readonly secret: boolean;
}

/** Creates a file. @param created is called as soon as it is there, whether or not it can be filled */
export function createFile({ path, content, secret }: FileContent, created?: () => void): void {
  // Neither an existing file nor a link in its place is ever opened.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const descriptor = openSync(path, flags, secret ? 0o600 : 0o644);
  created?.();
  try {
    if (secret) fchmodSync(descriptor, 0o600); // a umask may have taken away the owner's own rights
    writeFileSync(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}

/** Replaces a file, or makes it, by a temporary file and a rename: readers see the old one or the new one, whole. */
export function replaceByRename(file: FileContent): void {
  const name = `.${basename(file.path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const temporary = join(dirname(file.path), name);
  try {
    createFile({ ...file, path: temporary });
    renameSync(temporary, file.path);
  } catch (error) {
    cleanUp(() => unlinkSync(temporary));
    throw error;
  }
}

const temporaryName = /^\..+\.([0-9]+)-[0-9a-f]{8}\.tmp$/;

/** Whether a file is a temporary one, of whatever process. */
export function isTemporary(name: string): boolean {
  return temporaryName.test(name);
}

/** Whether a file is a temporary one whose process is gone. */
export function isLeftover(name: string): boolean {
  const pid = temporaryName.exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0); // asks whether it is there, sends nothing
    return Number(pid) === process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Tidies up behind a failure: of the two errors, the first is the one to tell. */
export function cleanUp(action: () => void): void {
  try {
    action();
  } catch {}
}
