import { existsSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Problem } from '../environment/problem';
import { type AskGit, keptFromGit } from './kept-from-git';
import { cleanUp, createFile, type FileContent, replaceByRename } from './write-file';

/** Those of the paths at which something stands, were it a link to nothing. */
export function inTheWay(paths: readonly string[]): string[] {
  return paths.filter((path) => {
    try {
      return lstatSync(path, { throwIfNoEntry: false });
    } catch {
      return false; // nor can it be written: whoever tries says why
    }
  });
}

/**
 * Writes files that must not exist yet: all of them or, if one cannot be written or git would take one of secrets, none.
 * Synchronous, so that no signal handler of this process runs in between.
 * @param folder what a problem calls the folder they stand in where it is not there. The name of a file that is not
 * there is never said: it may be a secret, typed in the place of an environment's name
 */
export function createFiles(files: readonly FileContent[], folder: string, git: AskGit): Problem | undefined {
  const secrets = files.filter(({ secret }) => secret).map(({ path }) => path);
  const first = keptFromGit(secrets, git);
  if ('code' in first) return first;
  const created: string[] = [];
  for (const file of [...first, ...files]) {
    try {
      createFile(file, () => created.push(file.path));
    } catch (error) {
      for (const path of created) cleanUp(() => unlinkSync(path));
      const [shown = folder] = inTheWay([file.path, dirname(file.path)]);
      return notWritten(shown, error);
    }
  }
  return undefined;
}

/** Replaces a committed file that is generated, by a rename: a link in its place is not followed. */
export function writeGeneratedFile(path: string, text: string): Problem | undefined {
  try {
    if (!existsSync(dirname(path))) mkdirSync(dirname(path));
    replaceByRename({ path, content: text, secret: false });
    return undefined;
  } catch (error) {
    return notWritten(path, error);
  }
}

function notWritten(path: string, error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) throw error; // not the system's doing
  const causes: Readonly<Record<string, [string, string]>> = {
    EEXIST: ['could not be written: something else stands in its place or in its path', 'Move that away'],
    ENOENT: ['could not be written: there is no such folder', 'Make that folder first, or check its path'],
    ENOSPC: ['could not be written: the disk is full', 'Free some room and run this again'],
    EROFS: ['could not be written: the file system is read-only', 'Run it where you may write'],
  };
  const [reason, hint] = causes[code] ?? [`could not be written (${code})`, 'Look at its folder with ls -ld'];
  return { severity: 'error', code: 'not-written', file: path, message: `${path} ${reason}`, hint };
}
