import { closeSync, existsSync, fstatSync, lstatSync, openSync, readdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { notWritten } from './not-written';
import { isGone, processMark } from './process-mark';
import { cleanUp, createFile, makeTemporaryFolder, removeFolder } from './write-file';

/** A file of secrets that is there for as long as an editor has it open. */
export interface EditedFile {
  readonly path: string;
  /** Whether it is in memory only: else it is on a disk meanwhile. */
  readonly isInMemory: boolean;
  /** Takes it away, with whatever the editor has put beside it. Returns a problem where something is left. */
  remove(): Problem | undefined;
}

/** Where such a file may be, those in memory first: of this session, of another of this user's, of everybody. */
function places(env: NodeJS.ProcessEnv): string[] {
  const ofUser = process.geteuid ? [`/run/user/${process.geteuid()}`] : [];
  return [...(env['XDG_RUNTIME_DIR'] ? [env['XDG_RUNTIME_DIR']] : []), ...ofUser, '/dev/shm', tmpdir()];
}

/**
 * Writes a text to a file of its own in a folder that only its owner may enter, in memory where there is such a place. It
 * is removed when this process ends, if not before.
 * @param env the process environment, which may name such a place
 */
export function writeEditedFile(name: string, text: string, env: NodeJS.ProcessEnv): EditedFile | Problem {
  for (const base of places(env).filter(isInMemory)) {
    const file = writeIn(base, name, text, true);
    if ('path' in file) return file; // else it may be full, or another user's, whose environment this is
  }
  return writeIn(tmpdir(), name, text, false);
}

function writeIn(base: string, name: string, text: string, inMemory: boolean): EditedFile | Problem {
  let folder: string;
  try {
    folder = makeTemporaryFolder(join(base, `config-edit-${processMark()}-`));
  } catch (error) {
    return notWritten(base, error);
  }
  const made = lstatSync(folder).ino;
  let descriptor: number | undefined;
  const remove = (): Problem | undefined => {
    process.off('exit', remove);
    const found = inodeOf(folder);
    let isMoved = found !== made && found !== 'hidden';
    cleanUp(() => removeFolder(folder));
    const isThere = inodeOf(folder) !== undefined;
    // What was written first is still somewhere, by another name.
    if (descriptor !== undefined && !isThere) isMoved ||= fstatSync(descriptor).nlink > 0;
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
    return isMoved || isThere ? leftBehind(folder, isMoved) : undefined;
  };
  process.on('exit', remove);
  const path = join(folder, name);
  try {
    createFile({ path, content: text, secret: true });
    descriptor = openSync(path, 'r');
  } catch (error) {
    remove();
    return notWritten(base, error);
  }
  return { path, isInMemory: inMemory, remove };
}

/** Whose inode stands at a path; undefined where nothing does. A folder above may hide it. */
function inodeOf(path: string): number | 'hidden' | undefined {
  try {
    return lstatSync(path).ino;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '') ? undefined : 'hidden';
  }
}

/** What Linux calls file systems that keep their files in memory: tmpfs and ramfs (statfs(2)). */
const memoryFileSystems: readonly number[] = [0x01021994, 0x858458f6];

function isInMemory(folder: string): boolean {
  try {
    return existsSync(folder) && memoryFileSystems.includes(statfsSync(folder).type);
  } catch {
    return false;
  }
}

function leftBehind(folder: string, isMoved: boolean): Problem {
  return {
    severity: 'error',
    code: 'exposed-file',
    file: folder,
    message: isMoved
      ? `${folder} held secrets in the clear, and the editor has moved that, or what was in it`
      : `${folder} holds secrets in the clear, and could not be removed`,
    hint: isMoved ? 'If it was moved, find it and remove it' : `rm -rf ${shellWord(folder)}`,
  };
}

/**
 * Removes what killed runs have left: folders of processes that are gone. Those of another user cannot be removed, and
 * are left to them.
 * @param env the process environment
 */
export function removeLeftEditFolders(env: NodeJS.ProcessEnv): void {
  for (const base of places(env)) {
    cleanUp(() => {
      for (const name of readdirSync(base)) {
        const [, pid, start = ''] = /^config-edit-(\d+)-(?:([0-9a-f]*)-)?\w{6}$/.exec(name) ?? [];
        if (pid !== undefined && isGone(Number(pid), start)) cleanUp(() => removeFolder(join(base, name)));
      }
    });
  }
}
