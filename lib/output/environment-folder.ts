import { type Dirent, fchmodSync, lstatSync, readdirSync, readFileSync, rmdirSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../environment/problem';
import { FolderReplaced, type HeldFolder, holdFolder } from './held-folder';
import { isOwnFolder, isOwnKustomization } from './own-folder';
import { makePrivateFolders } from './private-folders';
import { cleanUp, isLeftover, isTemporary, replaceByRename } from './write-file';

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

/** What this program writes for Kustomize is shorter by far. */
const longestRead = 64 * 1024; // bytes

/**
 * Makes the folder hold these files. Each is replaced by a rename, in the order given, so that a reader sees the old
 * one or the new one; a file that is right already is not touched. Other `*.k8s.yaml` are removed last. A folder that
 * is not this user's, or that this program did not make, is refused as it is.
 *
 * Everything is synchronous: between two steps no signal handler of this process runs, so an interrupted run leaves no
 * temporary file. What a killed run left is removed by the next one.
 */
export function writeEnvironmentFolder(folder: string, files: readonly OutputFile[]): WriteResult {
  const names = new Set(files.map(({ name }) => name));
  const isOurs = (name: string) => names.has(name) || name.endsWith('.k8s.yaml');
  let made = false;
  let changed = false;
  let held: HeldFolder | undefined;
  try {
    made = !lstatIfAny(folder);
    if (made) makePrivateFolders(folder); // unlike the folder itself, what it stands in may be a link or a mount
    held = hold(folder);
    const present = readdirSync(held.at('.'), { withFileTypes: true });
    checkFit(folder, held, present, isOurs);
    // Rights of others are taken away. The owner's own are not given: a folder may be read-only on purpose.
    if ((held.stat.mode & 0o077) !== 0) fchmodSync(held.descriptor, held.stat.mode & folderMode);
    for (const { name } of present) if (isLeftover(name)) rmSync(held.at(name), { force: true });
    for (const file of files) changed = replaceFile(held, file) || changed;
    for (const { name } of present) {
      if (names.has(name) || !isOurs(name)) continue;
      rmSync(held.at(name), { force: true });
      changed = true;
    }
    held.checkPlace();
    return { changed };
  } catch (error) {
    if (made) cleanUp(() => rmdirSync(folder));
    return { changed, problem: unfitProblem(error instanceof Unfit ? error : explain(folder, error)) };
  } finally {
    held?.close();
  }
}

/**
 * Makes a folder that the command line names, if it is not there. From then on messages may repeat its path.
 * @param shown what they call it until then
 */
export function makeGivenFolder(option: string, folder: string, shown: string): Problem | undefined {
  try {
    makePrivateFolders(folder); // it may be a link or a mount
    return undefined;
  } catch (error) {
    return unfitProblem(explain(shown, error, option));
  }
}

/** Whether a run has ever finished writing the folder. */
export function isWritten(folder: string): boolean {
  try {
    return isOwnKustomization(readShort(join(folder, 'kustomization.yaml')) ?? '');
  } catch {
    return false; // nor can anything be written there
  }
}

/** Nothing can be written there, for a reason that is not the system's. */
class Unfit extends Error {
  readonly path: string;
  readonly reason: string;
  readonly hint: string;
  /** @param reason completes "<path> …" */
  constructor(path: string, reason: string, hint: string) {
    super(reason);
    this.path = path;
    this.reason = reason;
    this.hint = hint;
  }
}

function unfitProblem({ path, reason, hint }: Unfit): Problem {
  return { severity: 'error', code: 'not-written', file: path, message: `${path} ${reason}`, hint };
}

/** @throws {Unfit} if it is no folder, or one of another user */
function hold(folder: string): HeldFolder {
  let held: HeldFolder;
  try {
    held = holdFolder(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const stat = code === 'ELOOP' || code === 'ENOTDIR' ? lstatIfAny(folder) : undefined;
    if (!stat || stat.isDirectory()) throw error;
    const reason = stat.isSymbolicLink() ? 'is a symbolic link, which is not followed' : 'is no folder';
    throw new Unfit(folder, reason, 'Remove it, or choose another --out');
  }
  const user = process.geteuid?.() ?? held.stat.uid; // Windows knows no such thing
  if (held.stat.uid === user) return held;
  held.close();
  throw new Unfit(
    folder,
    `belongs to another user (${held.stat.uid}), who could read and change what is written there`,
    'Remove it, run this as that user, or choose another --out',
  );
}

/** @throws {Unfit} if something in it may not be replaced */
function checkFit(folder: string, held: HeldFolder, present: readonly Dirent[], isOurs: (name: string) => boolean) {
  for (const entry of present) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) throw new Unfit(path, 'is a symbolic link, which is not followed', 'Remove the link');
    if (isOurs(entry.name) && !entry.isFile()) throw new Unfit(path, 'stands where a file belongs', 'Remove it');
  }
  const names = present.map(({ name }) => name).filter((name) => !isTemporary(name));
  if (isOwnFolder(names, (name) => readShort(held.at(name)))) return;
  throw new Unfit(
    folder,
    'holds files, and was not made by this program: nothing in it is overwritten',
    'Choose another --out, or move away what is in it',
  );
}

/** Returns whether the file had to be replaced. */
function replaceFile(held: HeldFolder, { name, text }: OutputFile): boolean {
  const path = held.at(name);
  const bytes = Buffer.from(text);
  const existing = lstatIfAny(path);
  if (existing?.isFile() && (existing.mode & 0o777) === fileMode && existing.uid === held.stat.uid) {
    if (existing.size === bytes.length && readFileSync(path).equals(bytes)) return false;
  }
  replaceByRename({ path, content: bytes, secret: true });
  return true;
}

function lstatIfAny(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** The text of a file that may be one of ours; undefined if it is no file. */
function readShort(path: string): string | undefined {
  const stat = lstatIfAny(path);
  if (!stat?.isFile()) return undefined;
  return stat.size <= longestRead ? readFileSync(path, 'utf8') : '(long)';
}

/**
 * Why the system refused, and what to do.
 * @param option what the path was given by
 */
function explain(path: string, error: unknown, option = '--out'): Unfit {
  if (error instanceof FolderReplaced) {
    return new Unfit(path, 'was swapped for something else while it was written', 'Look at ls -ld, and run this again');
  }
  const code = (error as NodeJS.ErrnoException).code;
  const causes: Readonly<Record<string, [string, string]>> = {
    ENOSPC: ['could not be written: the disk is full', 'Free some room and run this again'],
    EDQUOT: ['could not be written: the disk quota is used up', 'Free some room and run this again'],
    EFBIG: ['could not be written: a limit on file sizes is in force', 'Look at ulimit -f'],
    EACCES: ['could not be written: permission denied', `Look at ls -ld, or choose another ${option}`],
    EPERM: ['could not be written: not permitted', `Look at ls -ld, or choose another ${option}`],
    EROFS: ['could not be written: the file system is read-only', `Choose another ${option}`],
    EMFILE: ['could not be written: too many files are open', 'Look at ulimit -n'],
    ENFILE: ['could not be written: too many files are open on this machine', 'Run this again later'],
    ENOTDIR: ['could not be written: a part of its path is no folder', `Choose another ${option}`],
    ENAMETOOLONG: ['could not be written: its path is too long', `Choose another ${option}`],
  };
  if (code === undefined) throw error; // not the system's doing
  const [reason, hint] = causes[code] ?? [
    `could not be written (${code})`,
    `Look at ls -ld, or choose another ${option}`,
  ];
  return new Unfit(path, reason, hint);
}
