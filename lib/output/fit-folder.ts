import { closeSync, constants, type Dirent, lstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../environment/problem';
import { FolderReplaced, type HeldFolder, holdFolder } from './held-folder';
import { notWritten } from './not-written';
import {
  descriptionFile,
  isManifestsFile,
  isOwnFolder,
  isOwnInner,
  kustomizationFile,
  previousFolder,
  rolloutFolder,
} from './own-folder';
import { isOwnTemporary } from './write-file';

// Which folders may be written to: those of this user that hold nothing but what this program made, and no links.

/** What tells a file of ours stands within this, and a kustomization of ours as a whole. */
const recognized = 4 * 1024; // bytes

/** The folders that this program makes inside one. */
export const innerFolders = [previousFolder, rolloutFolder];

/** Whether it is one of these. */
export function isInner(entry: Dirent): boolean {
  return entry.isDirectory() && innerFolders.includes(entry.name);
}

/** Nothing can be written there, for a reason that is not the system's. */
export class Unfit extends Error {
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

/** What is to be said of a folder that could not be written. @param option that names it */
export function whyNot(folder: string, error: unknown, option: string): Problem {
  const swapped = 'was swapped for something else while it was written';
  const unfit =
    error instanceof FolderReplaced ? new Unfit(folder, swapped, 'Look at ls -ld, and run this again') : error;
  if (!(unfit instanceof Unfit)) return notWritten(folder, error, option);
  const { path, reason, hint } = unfit;
  return { severity: 'error', code: 'not-written', file: path, message: `${path} ${reason}`, hint };
}

/**
 * Opens a folder.
 * @param shown what messages call it
 * @throws {Unfit} if it is no folder, or one of another user
 */
export function holdFitFolder(folder: string, shown = folder): HeldFolder {
  let held: HeldFolder;
  try {
    held = holdFolder(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const stat = code === 'ELOOP' || code === 'ENOTDIR' ? lstatIfAny(folder) : undefined;
    if (!stat || stat.isDirectory()) throw error;
    const reason = stat.isSymbolicLink() ? 'is a symbolic link, which is not followed' : 'is not a folder';
    throw new Unfit(shown, reason, 'Remove it, or choose another --out');
  }
  const user = process.geteuid?.() ?? held.stat.uid; // Windows knows no such thing
  if (held.stat.uid === user) return held;
  held.close();
  throw new Unfit(
    shown,
    `belongs to another user (${held.stat.uid}), who could read and change what is written there`,
    'Remove it, run this as that user, or choose another --out',
  );
}

/** @throws {Unfit} if something in it may not be replaced */
export function checkFit(
  folder: string,
  held: HeldFolder,
  present: readonly Dirent[],
  isOurs: (name: string) => boolean,
) {
  checkLinks(folder, present);
  for (const entry of present) {
    const path = join(folder, entry.name);
    if (isOurs(entry.name) && !entry.isFile()) throw new Unfit(path, 'stands where a file belongs', 'Remove it');
  }
  for (const entry of present) if (isInner(entry)) checkInner(join(folder, entry.name), held.at(entry.name));
  const names = present
    .filter((entry) => !isInner(entry))
    .map(({ name }) => name)
    .filter((name) => !isOwnTemporary(name, isOurs));
  const inside = present
    .filter(isInner)
    .flatMap(({ name }) => readdirSync(held.at(name)).map((each) => join(name, each)));
  const read = (name: string) => readStart(held.at(name));
  // One without a byte in it is new, or was left by a crash of the machine.
  if ([...names, ...inside].every((name) => read(name) === '') || isOwnFolder(names, read)) return;
  throw new Unfit(
    folder,
    'holds files or folders, and was not made by this program: nothing in it is overwritten',
    'Choose another --out, or move away what is in it',
  );
}

/** @throws {Unfit} if a folder inside ours holds a file of somebody else's, by the name of one of ours */
function checkInner(shown: string, folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (![kustomizationFile, descriptionFile].includes(name) && !isManifestsFile(name)) continue;
    const path = join(shown, name);
    if (!entry.isFile() && !entry.isSymbolicLink()) throw new Unfit(path, 'stands where a file belongs', 'Remove it');
    const text = readStart(join(folder, name));
    if (!text || isOwnInner(text)) continue;
    throw new Unfit(
      path,
      'was not made by this program: it is not overwritten',
      'Move it away, or choose another --out',
    );
  }
}

/** @throws {Unfit} if there is one */
export function checkLinks(folder: string, present: readonly Dirent[]): void {
  const link = present.find((entry) => entry.isSymbolicLink());
  if (!link) return;
  throw new Unfit(join(folder, link.name), 'is a symbolic link, which is not followed', 'Remove the link');
}

/** What stands there; undefined where nothing does. */
export function lstatIfAny(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** The beginning of a file that may be one of ours; undefined if it is no file. */
export function readStart(path: string): string | undefined {
  if (!lstatIfAny(path)?.isFile()) return undefined;
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const bytes = Buffer.alloc(recognized);
    return bytes.toString('utf8', 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
