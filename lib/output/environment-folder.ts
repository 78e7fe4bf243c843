import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Problem } from '../environment/problem';
import {
  checkFit,
  checkLinks,
  holdFitFolder,
  innerFolders,
  isInner,
  lstatIfAny,
  readStart,
  Unfit,
  whyNot,
} from './fit-folder';
import type { HeldFolder } from './held-folder';
import {
  descriptionFile,
  isManifestsFile,
  isOwnKustomization,
  isOwnManifests,
  kustomizationFile,
  ownRule,
} from './own-folder';
import {
  cleanUp,
  isLeftover,
  isOwnTemporary,
  lockFolder,
  lockName,
  makePrivate,
  makePrivateFolders,
  type OtherWriter,
  privateFile,
  removeEmptyFolder,
  removeFile,
  replaceByRename,
  replacedBy,
  type StagedFile,
  stageFile,
} from './write-file';

export interface OutputFile {
  /** In the folder, or in a folder inside it: `previous/kustomization.yaml`. */
  readonly name: string;
  /** None where the file is to be removed, if there is one: after all others are written. */
  readonly text?: string;
}

export interface WriteResult {
  /** Where there is a problem, whether some file had been replaced before. */
  readonly changed: boolean;
  /** The folder could not be written. */
  readonly problem?: Problem;
  /** Another run is writing there, so nothing was done: the problem that this is if it goes on. */
  readonly busy?: Problem;
  /** It is written, and there is something to know of it. */
  readonly warning?: Problem;
}

/**
 * Makes the folder hold files. All are written aside first, so that where one cannot be, for want of space or of anything
 * else, nothing has changed. Then each is replaced by a rename, in the order given, so that a reader sees the old one or the
 * new one; a file that is right already is not touched. Manifests of ours by other names are removed last. A folder that is
 * not this user's, or that this program did not make, is refused as it is.
 *
 * Runs at the same moment write one after the other: where another one writes, nothing is done.
 *
 * Everything is synchronous: between two steps no signal handler of this process runs, so an interrupted run leaves no
 * temporary file. What a killed run left is removed by the next one.
 * @param filesFor the files, from what stands there by now: asked again once no other run writes there
 */
export function writeEnvironmentFolder(folder: string, filesFor: () => readonly OutputFile[]): WriteResult {
  const inner = new Map<string, Place>();
  let made = false;
  let changed = false;
  let held: HeldFolder | undefined;
  let unlock: (() => boolean) | undefined;
  try {
    made = !lstatIfAny(folder);
    if (made) makePrivateFolders(folder); // unlike the folder itself, what it stands in may be a link or a mount
    held = holdFitFolder(folder);
    if (!made && isDone(() => lookInto(folder, held as HeldFolder, inner, filesFor()))) {
      held.checkPlace();
      return { changed };
    }
    const lock = lockFolder(held.at('.'));
    if (typeof lock !== 'function') {
      made = false; // by now it is the other run's, which may have nothing in it yet
      return { changed, busy: busyWith(folder, lock) };
    }
    unlock = lock;
    closeAll(inner);
    const keptFor = write(lookInto(folder, held, inner, filesFor()), () => {
      changed = true;
    });
    held.checkPlace();
    unlock = undefined;
    if (!lock()) throw new Unfit(folder, 'was written by another run at the same moment', 'Run this again');
    return { changed, ...(keptFor !== undefined && { warning: keptOutOfGit(folder, join(folder, keptFor)) }) };
  } catch (error) {
    for (const [name, { isNew }] of inner) if (isNew) cleanUp(() => removeEmptyFolder(held?.at(name) ?? ''));
    return { changed, problem: whyNot(folder, error, '--out') };
  } finally {
    if (unlock) cleanUp(unlock);
    if (made && !changed) cleanUp(() => removeOwn(folder, held));
    closeAll(inner);
    held?.close();
  }
}

function closeAll(inner: Map<string, Place>): void {
  for (const { held } of inner.values()) held.close();
  inner.clear();
}

/**
 * Looks at a folder that is to hold files, and opens those inside.
 * @throws where that may not be
 */
function lookInto(folder: string, held: HeldFolder, inner: Map<string, Place>, files: readonly OutputFile[]): Target {
  const ours = new Set([
    lockName,
    ...files.map(({ name }) => name),
    ...innerFolders.flatMap((inside) => [`${inside}/${kustomizationFile}`, `${inside}/${descriptionFile}`]),
  ]);
  const isOurs = (path: string) => ours.has(path) || isManifestsFile(path);
  const present = readdirSync(held.at('.'), { withFileTypes: true });
  checkFit(folder, held, present, isOurs);
  makePrivate(held.descriptor, held.stat.mode);
  const whole: Place = { held, present: new Set(present.map(({ name }) => name)) };
  const contents = files.flatMap(({ name, text }) => (text === undefined ? [] : [{ name, bytes: Buffer.from(text) }]));
  const names = new Set(contents.map(({ name }) => name));
  const unwanted = files.filter(({ text }) => text === undefined).map(({ name }) => name);
  const target = { folder, whole, inner, isOurs, names, contents, unwanted };
  for (const { name } of present.filter(isInner)) placeIn(target, `${name}/`);
  return target;
}

/** Removes what killed runs have left, and tells whether there is nothing else to do. Another run may be writing there. */
function isDone(look: () => Target): boolean {
  try {
    const target = look();
    removeLeftoversIn(target.whole, target.isOurs);
    return isAsItIsToBe(target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false; // what was there a moment ago
    throw error;
  }
}

/** Whether there is nothing to do. */
function isAsItIsToBe(target: Target): boolean {
  const { whole, contents, unwanted } = target;
  return (
    contents.every(({ name: path, bytes }) => {
      if (!isThere(whole.held, path)) return false;
      const [place, name] = placeIn(target, path);
      return isRight(place, name, bytes);
    }) &&
    !unwanted.some((path) => isToGo(whole.held, path)) &&
    staleManifests(target).length === 0
  );
}

/**
 * Writes and removes what is to be. Returns the file for whose sake the `.gitignore` stays that was to go.
 * @param changed is called for each file
 */
function write(target: Target, changed: () => void): string | undefined {
  const { held } = target.whole;
  const stale = staleManifests(target);
  const staged = stageFiles(target, changed);
  const unwanted = target.unwanted.filter((each) => isToGo(held, each));
  try {
    // Before what would no longer tell that they are to go.
    for (const path of unwanted.filter((each) => each !== '.gitignore')) {
      removeFrom(target, path);
      changed();
    }
    for (const each of staged) {
      each.commit();
      changed();
    }
  } catch (error) {
    for (const each of staged) each.discard();
    throw error;
  }
  for (const path of stale) {
    removeFile(path);
    changed();
  }
  if (unwanted.includes('.gitignore')) {
    const keptFor = firstUnknown(target);
    // What is being written comes back to it.
    if (keptFor !== undefined) return isOwnTemporary(keptFor, target.isOurs) ? undefined : keptFor;
    removeFrom(target, '.gitignore');
    changed();
  }
  return undefined;
}

/** Whether there is a file by this name: a folder inside the held one is only looked at if it is a folder. */
function isThere(held: HeldFolder, path: string): boolean {
  const inside = dirname(path);
  return (
    (inside === '.' || lstatIfAny(held.at(inside))?.isDirectory() === true) && lstatIfAny(held.at(path)) !== undefined
  );
}

/**
 * Writes aside every file that is not right already. Where one cannot be, none is left. Only the `.gitignore` is put in its
 * place at once: without it no secret ever stands in the folder, not even aside.
 */
function stageFiles(target: Target, changed: () => void): StagedFile[] {
  const staged: StagedFile[] = [];
  const written = new Set<string>();
  let isNewRule = false;
  try {
    for (const { name: path, bytes } of target.contents) {
      const [place, name] = placeIn(target, path);
      // What is right now will not be, once the one before it in the list is in its place.
      if (!written.has(path) && place.present.has(name) && isRight(place, name, bytes)) continue;
      written.add(path);
      const file = { path: place.held.at(name), content: bytes, secret: true };
      if (path !== '.gitignore') staged.push(stageFile(file));
      else {
        replaceByRename(file);
        isNewRule = !place.present.has(name);
      }
    }
    if (written.has('.gitignore')) changed();
    return staged;
  } catch (error) {
    for (const each of staged) each.discard();
    if (isNewRule) cleanUp(() => removeFile(target.whole.held.at('.gitignore')));
    throw error;
  }
}

/** Whether a file that is not to be there is, and is ours. */
function isToGo(held: HeldFolder, path: string): boolean {
  return isThere(held, path) && (path !== '.gitignore' || readStart(held.at(path)) === ownRule);
}

/** Removes a file that is to go, and the folder inside that it leaves empty. */
function removeFrom(target: Target, path: string): void {
  const { whole } = target;
  const [{ held }, name] = placeIn(target, path);
  removeFile(held.at(name));
  const isInside = held !== whole.held;
  if (isInside && readdirSync(held.at('.')).length === 0) removeEmptyFolder(whole.held.at(dirname(path)));
}

/** The first file or folder that is none of ours, or is being written, and may hold secrets. */
function firstUnknown({ whole: { held }, names }: Target): string | undefined {
  const paths = readdirSync(held.at('.'), { withFileTypes: true }).flatMap((entry) =>
    isInner(entry) ? readdirSync(held.at(entry.name)).map((name) => join(entry.name, name)) : entry.name,
  );
  return paths.find((path) => path !== '.gitignore' && !names.has(path) && replacedBy(path) !== lockName);
}

function busyWith(folder: string, { pid, lock }: OtherWriter): Problem {
  return {
    severity: 'error',
    code: 'not-written',
    file: folder,
    message: `${folder} is being written by another run, process ${pid}`,
    hint: `Wait until it has ended, and run this again. If that process is not this program, remove ${join(folder, lock)}`,
  };
}

function keptOutOfGit(folder: string, unknown: string): Problem {
  return {
    severity: 'warning',
    code: 'exposed-file',
    file: unknown,
    message: `${unknown} is none of this program's files, and may hold secrets: ${join(folder, '.gitignore')} stays for it`,
    hint: 'Move it elsewhere, and run this again: then git takes the folder',
  };
}

/** A file as it is to be. */
interface Content {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A folder that is written to, and what stood in it when it was opened. */
interface Place {
  readonly held: HeldFolder;
  readonly present: ReadonlySet<string>;
  /** Made by this run. */
  readonly isNew?: boolean;
}

/** What a run writes to. */
interface Target {
  /** As messages call it. */
  readonly folder: string;
  readonly whole: Place;
  /** The folders inside that are held open by now. */
  readonly inner: Map<string, Place>;
  /** Whether a file by this path in it would be one of this program's. */
  isOurs(path: string): boolean;
  /** What it is to hold, in the order in which it is written. */
  readonly contents: readonly Content[];
  /** The names of these. */
  readonly names: ReadonlySet<string>;
  /** What is to be removed. */
  readonly unwanted: readonly string[];
}

/**
 * Removes what killed runs left of files of ours, each by way of the held folder: its path may lead elsewhere by then.
 * @param isOurs asked with a name in this place
 */
function removeLeftoversIn({ held, present }: Place, isOurs: (name: string) => boolean): void {
  for (const name of present) {
    if (isOwnTemporary(name, isOurs) && isLeftover(held.at(name))) removeFile(held.at(name));
  }
}

/**
 * The folder that a file stands in, and its name there. A folder inside the held one is made if it is not there.
 * @throws where something else stands in the place of one
 */
function placeIn({ folder, whole, inner, isOurs }: Target, path: string): [place: Place, name: string] {
  const [first = '', name] = path.split('/');
  if (name === undefined) return [whole, first];
  const known = inner.get(first);
  if (known) return [known, name];
  const there = whole.held.at(first);
  const isNew = !whole.present.has(first);
  if (isNew) makePrivateFolders(there);
  const opened = holdFitFolder(there, join(folder, first));
  makePrivate(opened.descriptor, opened.stat.mode);
  const present = readdirSync(opened.at('.'), { withFileTypes: true });
  const place = { held: opened, present: new Set(present.map((each) => each.name)), isNew };
  inner.set(first, place);
  checkLinks(join(folder, first), present);
  removeLeftoversIn(place, (each) => isOurs(join(first, each)));
  return [place, name];
}

/** Removes an empty folder that was just made. Somebody else may have put another one in its place. */
function removeOwn(folder: string, held: HeldFolder | undefined): void {
  if (!held) return; // it was never opened, so that nobody knows whose it is
  held.checkPlace();
  removeEmptyFolder(folder);
}

/**
 * Makes a folder that the command line names, if it is not there. From then on messages may repeat its path.
 * @param shown what they call it until then
 */
export function makeGivenFolder(option: string, folder: string, shown: () => string): Problem | undefined {
  try {
    if (!lstatIfAny(folder)) makePrivateFolders(folder); // it may be a link or a mount
    return undefined;
  } catch (error) {
    return whyNot(shown(), error, option);
  }
}

/** Whether a run has ever finished writing the folder. */
export function isWritten(folder: string): boolean {
  try {
    return isOwnKustomization(readStart(join(folder, kustomizationFile)) ?? '');
  } catch {
    return false; // nor can anything be written there
  }
}

/** The manifests of ours that are not to stay, as paths. Others may stand there, and nobody's are removed but ours. */
function ownManifests(held: HeldFolder, present: Iterable<string>, stays: (name: string) => boolean): string[] {
  return [...present]
    .filter((name) => isManifestsFile(name) && !stays(name))
    .map((name) => held.at(name))
    .filter((path) => isOwnManifests(readStart(path)));
}

/** The manifests of ours that are not to stay, also of the folders inside that this run writes to or clears. */
function staleManifests(target: Target): string[] {
  const { whole, inner, unwanted, names } = target;
  const touched = new Set([...names, ...unwanted].map((path) => dirname(path)));
  return [
    ...ownManifests(whole.held, whole.present, (name) => names.has(name)),
    // An earlier catalog may have called them otherwise.
    ...[...inner]
      .filter(([inside]) => touched.has(inside))
      .flatMap(([inside, { held, present }]) => ownManifests(held, present, (name) => names.has(`${inside}/${name}`))),
  ];
}

/** Whether a file is as it is to be. */
function isRight({ held }: Place, name: string, bytes: Buffer): boolean {
  const path = held.at(name);
  const existing = lstatIfAny(path);
  if (!existing?.isFile() || (existing.mode & 0o777) !== privateFile || existing.uid !== held.stat.uid) return false;
  return existing.size === bytes.length && readFileSync(path).equals(bytes);
}
