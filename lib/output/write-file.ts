import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isGone, processMark } from './process-mark';

/** A file as it is to be. */
export interface FileContent {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Nobody but the owner may read it, from its creation on. */
  readonly secret: boolean;
}

/** The rights of what holds secrets: its owner's alone. */
const privateFolder = 0o700;
export const privateFile = 0o600;

/** Creates a file or, where it cannot be filled, none. */
export function createFile({ path, content, secret }: FileContent): void {
  // Neither an existing file nor a link in its place is ever opened.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const descriptor = openSync(path, flags, secret ? privateFile : 0o644);
  try {
    // A umask may have taken away the owner's own rights, and git has to read a .gitignore.
    if (secret) fchmodSync(descriptor, privateFile);
    else fchmodSync(descriptor, (fstatSync(descriptor).mode & 0o777) | privateFile);
    writeFileSync(descriptor, content);
  } catch (error) {
    cleanUp(() => removeFile(path));
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Creates a file that is whole from the first moment, where the file system has links; elsewhere it is empty at first. */
export function createWholeFile(file: FileContent): void {
  const staged = stageFile(file);
  try {
    staged.link(); // unlike a rename it replaces nothing
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    createFile(file);
  } finally {
    staged.discard();
  }
}

/** A file to whose end something is added. */
export interface FileToExtend {
  append(text: string): void;
  /** Takes off again what was added. */
  undo(): void;
  /** Whether its path still leads to it: a file of the same content may have been put there since. */
  isInPlace(): boolean;
  close(): void;
}

/** Opens a file that is there, and no link in its place, to add to its end. */
export function openToExtend(path: string): FileToExtend {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW);
  let added: { readonly from: number; readonly to: number } | undefined;
  return {
    append(text) {
      const { size } = fstatSync(descriptor);
      added = { from: size, to: size + Buffer.byteLength(text) };
      writeFileSync(descriptor, text);
    },
    undo() {
      const { size } = fstatSync(descriptor);
      // Somebody else may have added to it since, or written it anew.
      if (added && size > added.from && size <= added.to) ftruncateSync(descriptor, added.from);
    },
    isInPlace() {
      const there = lstatSync(path, { throwIfNoEntry: false });
      const { dev, ino } = fstatSync(descriptor);
      return there?.dev === dev && there.ino === ino;
    },
    close: () => closeSync(descriptor),
  };
}

/**
 * Replaces a file, or makes it, by a temporary file and a rename: readers see the old one or the new one, whole.
 * @param isUnchanged asked right before the rename, and if it says no, the old one stays
 * @returns whether it was replaced
 */
export function replaceByRename(file: FileContent, isUnchanged = () => true): boolean {
  const staged = stageFile(file);
  try {
    const isToReplace = isUnchanged();
    if (isToReplace) staged.commit();
    else staged.discard();
    return isToReplace;
  } catch (error) {
    staged.discard();
    throw error;
  }
}

/** A file that is written, and not yet in its place. */
export interface StagedFile {
  /** Renames it into its place. */
  commit(): void;
  /** Links it into its place; fails if something is there. */
  link(): void;
  /** Removes its temporary name, if it has it still; what stands in its place stays. */
  discard(): void;
}

/** Writes a file beside the place where it is to be. */
export function stageFile(file: FileContent): StagedFile {
  const temporary = temporaryFor(file.path);
  createFile({ ...file, path: temporary });
  return {
    commit: () => renameSync(temporary, file.path),
    link: () => linkSync(temporary, file.path),
    discard: () => cleanUp(() => removeFile(temporary)),
  };
}

/** What the temporary files are called that replace nothing, and say that a run writes to the folder. */
export const lockName = 'lock';

/** Another run writes to a folder. */
export interface OtherWriter {
  readonly pid: number;
  /** The file that says so. */
  readonly lock: string;
}

/**
 * Says to other runs that this one writes to a folder: first it says so, then it looks whether another one does. So of two
 * that come at once both may step back, and never both go on.
 * @returns what takes it back, and tells whether nobody else has done so, as a run may that does not see this process; or
 * who writes there already
 */
export function lockFolder(folder: string): (() => boolean) | OtherWriter {
  const own = temporaryFor(join(folder, lockName));
  const unlock = () => {
    try {
      unlinkSync(own);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return false;
    }
  };
  const isOther = (name: string) => replacedBy(name) === lockName && name !== basename(own);
  let other: string | undefined;
  try {
    createFile({ path: own, content: '', secret: true });
    other = readdirSync(folder).find((name) => isOther(name) && !isLeftover(join(folder, name)));
  } catch (error) {
    cleanUp(unlock);
    throw error;
  }
  if (other === undefined) return unlock;
  unlock();
  return { pid: processOf(other), lock: other };
}

/**
 * Makes a folder and those above it that are missing, for their owner only whatever the umask. Not `mkdir` with
 * `recursive`, which never returns from places such as /proc where nothing can be made.
 */
export function makePrivateFolders(folder: string): void {
  try {
    makeOne(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    makePrivateFolders(dirname(folder));
    makeOne(folder);
  }
}

function makeOne(folder: string): void {
  try {
    makeUnder(0o077, () => mkdirSync(folder, { mode: privateFolder }));
  } catch (error) {
    // Another run may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Makes a folder under another umask than the user's, which may take away the owner's own rights. Not a chmod afterwards:
 * something else may stand there by then.
 */
function makeUnder<T>(umask: number, make: () => T): T {
  const before = process.umask(umask);
  try {
    return make();
  } finally {
    process.umask(before);
  }
}

/** Makes a folder of a name that nobody else has, for its owner only. @param start what its path begins with */
export function makeTemporaryFolder(start: string): string {
  return makeUnder(0o077, () => mkdtempSync(start));
}

/**
 * Removes a folder of this user's with everything in it, whatever rights its owner has taken from himself, or what else of
 * this user's stands in its place. What is another user's stays: where it may not be removed, as in /tmp, Node.js's own
 * `rmSync` would go through a link and empty what that leads to.
 */
export function removeFolder(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.uid !== (process.geteuid?.() ?? found.uid)) throw new Error('it belongs to another user');
  if (!found.isDirectory()) {
    unlinkSync(path);
    return;
  }
  chmodSync(path, privateFolder); // from now on nobody else changes what is in it
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    openFolders(path);
    rmSync(path, { recursive: true, force: true });
  }
}

/** Gives the owner all rights to a folder and to those in it. */
function openFolders(path: string): void {
  chmodSync(path, privateFolder);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) openFolders(join(path, entry.name));
  }
}

/** Makes a folder that anybody may read whom the umask lets, its owner in any case. */
export function makeFolder(path: string): void {
  const umask = process.umask(0o077); // the way to ask for it that is not deprecated
  process.umask(umask);
  makeUnder(umask & 0o077, () => mkdirSync(path, { mode: 0o777 }));
}

/** Lets everybody run a file. */
export function makeExecutable(path: string): void {
  chmodSync(path, 0o755);
}

/** Removes a file, if it is there: itself, where it is a link, which `rmSync` may go through. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Removes a folder with nothing in it. */
export function removeEmptyFolder(path: string): void {
  rmdirSync(path);
}

/** Takes the rights of all others away from an open folder. Its owner's own are not given: it may be read-only on purpose. */
export function makePrivate(folder: number, mode: number): void {
  if ((mode & 0o077) !== 0) fchmodSync(folder, mode & privateFolder);
}

/** Eight hexadecimal digits, random at first and then counted on: no two temporary files of a process are called alike. */
const nextNumber = (() => {
  let last = randomBytes(4).readUInt32BE();
  return () => {
    last = (last + 1) % 2 ** 32;
    return last.toString(16).padStart(8, '0');
  };
})();

/** A path beside another one, of a name that no other process and no other call makes. */
function temporaryFor(path: string): string {
  return join(dirname(path), `.${basename(path)}.${processMark()}${nextNumber()}.tmp`);
}

const temporaryName = /^\.(?<replaced>.+)\.(?<pid>[0-9]+)-(?<start>[0-9a-f]*)[0-9a-f]{8}\.tmp$/;

/** The name of the file that a temporary one was to replace, whichever process made it; undefined where it is none. */
export function replacedBy(temporary: string): string | undefined {
  return temporaryName.exec(temporary)?.groups?.['replaced'];
}

/** The number of the process that has made a temporary file. */
function processOf(temporary: string): number {
  return Number(temporaryName.exec(temporary)?.groups?.['pid']);
}

/** A temporary file lives for moments: the process that made an older one is gone, whatever is known of it. */
const longestLife = 3_600_000; // milliseconds

/** Whether a file is a temporary one that no process is writing any more. */
export function isLeftover(path: string): boolean {
  const { pid, start = '' } = temporaryName.exec(basename(path))?.groups ?? {};
  if (pid === undefined) return false;
  if (isGone(Number(pid), start)) return true;
  const made = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  return made < Date.now() - longestLife;
}

/** Whether a file is a temporary one of a file of ours. Others may call theirs alike. */
export function isOwnTemporary(path: string, isOurs: (path: string) => boolean): boolean {
  const replaced = replacedBy(basename(path));
  return replaced !== undefined && isOurs(join(dirname(path), replaced));
}

/** Removes what killed runs left of the files in a folder that are ours by their names. */
export function removeLeftovers(folder: string, isOurs: (name: string) => boolean): void {
  for (const name of readdirSync(folder)) {
    if (isOwnTemporary(name, isOurs) && isLeftover(join(folder, name))) removeFile(join(folder, name));
  }
}

/** Tidies up behind a failure: of the two errors, the first is the one to tell. */
export function cleanUp(action: () => void): void {
  try {
    action();
  } catch {}
}
