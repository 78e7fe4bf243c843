import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, rmdirSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../environment/problem';
import { makePrivateFolders } from './private-folders';
import { cleanUp, isLitter, replaceByRename } from './write-file';

export interface OutputFile {
  readonly name: string;
  readonly text: string;
}

/** Where there is a problem, `changed` says whether some file had been replaced before. */
export interface WriteResult {
  readonly changed: boolean;
  readonly problem?: Problem;
}

const folderMode = 0o700;
const fileMode = 0o600;

/**
 * Makes the folder hold these files. Each is replaced by a rename, in the order given, so that a reader sees the old
 * one or the new one; a file that is right already is not touched. Other `*.k8s.yaml` are removed last.
 *
 * Everything is synchronous: between two steps no signal handler of this process runs, so an interrupted run leaves no
 * temporary file. What a killed run left is removed by the next one.
 */
export function writeEnvironmentFolder(folder: string, files: readonly OutputFile[]): WriteResult {
  let made = false;
  let changed = false;
  const names = new Set(files.map(({ name }) => name));
  const isOurs = (name: string) => names.has(name) || name.endsWith('.k8s.yaml');
  const refused = (path: string, reason: string, hint: string): WriteResult => ({
    changed,
    problem: { severity: 'error', code: 'not-written', file: path, message: `${path} ${reason}`, hint },
  });
  try {
    made = makeFolder(folder);
    const present = readdirSync(folder, { withFileTypes: true });
    for (const entry of present) {
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink()) return refused(path, 'is a symbolic link, which is not followed', 'Remove the link');
      if (isOurs(entry.name) && !entry.isFile()) return refused(path, 'stands where a file belongs', 'Remove it');
    }
    for (const { name } of present) if (isLitter(name)) rmSync(join(folder, name), { force: true });
    for (const file of files) changed = replaceFile(folder, file) || changed;
    for (const { name } of present) {
      if (names.has(name) || !isOurs(name)) continue;
      rmSync(join(folder, name), { force: true });
      changed = true;
    }
    return { changed };
  } catch (error) {
    if (error instanceof LinkInTheWay) return refused(folder, error.message, 'Remove it, or choose another --out');
    if (made) cleanUp(() => rmdirSync(folder));
    return refused(folder, ...explain(error));
  }
}

/** Whether a run has ever finished writing the folder. */
export function isWritten(folder: string): boolean {
  return existsSync(join(folder, 'kustomization.yaml'));
}

class LinkInTheWay extends Error {}

/** Makes the folder and those above it that are missing. Returns whether it had to. */
function makeFolder(folder: string): boolean {
  const existing = lstatIfAny(folder);
  if (existing?.isSymbolicLink()) throw new LinkInTheWay('is a symbolic link, which is not followed');
  if (existing && !existing.isDirectory()) throw new LinkInTheWay('is no folder');
  if (existing) {
    // Rights of others are taken away. The owner's own are not given: a folder may be read-only on purpose.
    if ((existing.mode & 0o077) !== 0) chmodSync(folder, existing.mode & folderMode);
    return false;
  }
  makePrivateFolders(folder); // unlike the folder itself, what it stands in may be a link or a mount
  return true;
}

/** Returns whether the file had to be replaced. */
function replaceFile(folder: string, { name, text }: OutputFile): boolean {
  const path = join(folder, name);
  const bytes = Buffer.from(text);
  const existing = lstatIfAny(path);
  if (existing?.isFile() && (existing.mode & 0o777) === fileMode && existing.size === bytes.length) {
    if (readFileSync(path).equals(bytes)) return false;
  }
  replaceByRename({ path, content: bytes, secret: true });
  return true;
}

function lstatIfAny(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** Why the system refused, and what to do, completing "<folder> …". */
function explain(error: unknown): [reason: string, hint: string] {
  const code = (error as NodeJS.ErrnoException).code;
  const causes: Readonly<Record<string, [string, string]>> = {
    ENOSPC: ['could not be written: the disk is full', 'Free some room and run this again'],
    EDQUOT: ['could not be written: the disk quota is used up', 'Free some room and run this again'],
    EFBIG: ['could not be written: a limit on file sizes is in force', 'Look at ulimit -f'],
    EACCES: ['could not be written: permission denied', 'Look at ls -ld, or choose another --out'],
    EPERM: ['could not be written: not permitted', 'Look at ls -ld, or choose another --out'],
    EROFS: ['could not be written: the file system is read-only', 'Choose another --out'],
    EMFILE: ['could not be written: too many files are open', 'Look at ulimit -n'],
    ENFILE: ['could not be written: too many files are open on this machine', 'Run this again later'],
    ENOTDIR: ['could not be written: a part of its path is no folder', 'Choose another --out'],
  };
  if (code === undefined) throw error; // not the system's doing
  return causes[code] ?? [`could not be written (${code})`, 'Look at ls -ld, or choose another --out'];
}
