import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Problem } from '../environment/problem';
import type { Text } from '../environment/sensitive';
import { type AskGit, isThere, keptFromGit } from './kept-from-git';
import { changedMeanwhile, notWritten } from './not-written';
import { revealText } from './reveal';
import {
  cleanUp,
  createFile,
  createWholeFile,
  type FileToExtend,
  makeFolder,
  makePrivateFolders,
  openToExtend,
  removeFile,
  removeLeftovers,
  replaceByRename,
} from './write-file';

/** A file that is to be made. */
export interface NewFile {
  readonly path: string;
  /** What is sensitive is opened on its way to the disk. */
  readonly content: Text;
  /** Nobody but the owner may read it, from its creation on. */
  readonly secret: boolean;
}

/** Those of the paths at which something stands, were it a link to nothing. */
export function inTheWay(paths: readonly string[]): string[] {
  return paths.filter(isThere);
}

/**
 * Writes files that must not exist yet: all of them or, if one cannot be written or git would take one of secrets, none.
 * Synchronous, so that no signal handler of this process runs in between.
 * @param finish what is left to do then: where it fails, none are written either
 * @param folder what a problem calls the folder they stand in where it is not there. The name of a file that is not
 * there is never said: it may be a secret, typed in the place of an environment's name
 */
export function createFiles(
  files: readonly NewFile[],
  folder: string,
  git: AskGit,
  finish: () => Problem | undefined = () => undefined,
): Problem | undefined {
  tidyFoldersOf(files);
  const secrets = files.filter(({ secret }) => secret).map(({ path }) => path);
  const first = keptFromGit(secrets, git);
  if ('code' in first) return first;
  const created: string[] = [];
  const takeBack = () => {
    for (const path of created) cleanUp(() => removeFile(path));
  };
  for (const file of [...first, ...files]) {
    // Git knows one of secrets by its name only, so that it cannot be written aside.
    const create = file.secret ? createFile : createWholeFile;
    try {
      create({ ...file, content: revealText(file.content) });
      created.push(file.path);
    } catch (error) {
      takeBack();
      const [shown = folder] = inTheWay([file.path, dirname(file.path)]);
      return notWritten(shown, error);
    }
  }
  const failure = finish();
  if (failure) takeBack();
  return failure;
}

/** Removes what killed runs left of new files, of whichever environment: nobody may make the same one again. */
function tidyFoldersOf(files: readonly NewFile[]): void {
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) {
    cleanUp(() => removeLeftovers(folder, (name) => name === '.gitignore' || name.endsWith('.config.env')));
  }
}

/**
 * Makes the folders that new files are to stand in, for their owner only. Where that fails, whoever creates the files
 * says why.
 */
export function makeFoldersFor(paths: readonly string[]): void {
  for (const folder of new Set(paths.map((path) => dirname(path)))) cleanUp(() => makePrivateFolders(folder));
}

/** What is added to a file, or the whole of one that is not there. */
export interface Addition extends NewFile {
  readonly content: string;
  readonly isThere: boolean;
  /** Whether it still holds what the addition follows from. */
  isUnchanged(): boolean;
}

/**
 * Adds to the end of files that are there, and makes the others: all of it or, where something fails, nothing. What they
 * hold is not touched, and no link is followed.
 * @param folder as for {@link createFiles}
 */
export function appendOrCreate(files: readonly Addition[], folder: string, git: AskGit): Problem | undefined {
  tidyFoldersOf(files);
  const [present, missing] = [files.filter((file) => file.isThere), files.filter((file) => !file.isThere)];
  const opened: { readonly addition: Addition; readonly file: FileToExtend }[] = [];
  let current = '';
  try {
    // All are opened first: one that may not be written is known before another one is changed.
    for (const addition of present) {
      current = addition.path;
      opened.push({ addition, file: openToExtend(addition.path) });
    }
    // And git, which may take its time, is asked before.
    return createFiles(missing, folder, git, () => {
      const changed = opened.find(({ addition, file }) => !addition.isUnchanged() || !file.isInPlace());
      if (changed) return changedMeanwhile(changed.addition.path);
      try {
        for (const { addition, file } of opened) {
          current = addition.path;
          file.append(addition.content);
        }
        return undefined;
      } catch (error) {
        for (const { file } of opened) cleanUp(file.undo);
        return notWritten(current, error);
      }
    });
  } catch (error) {
    return notWritten(current, error);
  } finally {
    for (const { file } of opened) file.close();
  }
}

/** Removes what killed runs left beside generated files. Where that cannot be done it harms nobody. */
export function tidyGeneratedFiles(paths: readonly string[]): void {
  for (const path of paths) cleanUp(() => removeLeftovers(dirname(path), (name) => name === basename(path)));
}

/**
 * Replaces a committed file that is generated, by a rename: a link in its place is not followed.
 * @param isUnchanged whether it is still what it was when it was looked at
 */
export function writeGeneratedFile(path: string, text: string, isUnchanged: () => boolean): Problem | undefined {
  try {
    if (!existsSync(dirname(path))) makeFolder(dirname(path));
    const isReplaced = replaceByRename({ path, content: text, secret: false }, isUnchanged);
    return isReplaced ? undefined : changedMeanwhile(path);
  } catch (error) {
    return notWritten(path, error);
  }
}

/** Removes a generated file that follows from nothing any more. @param isUnchanged as above */
export function removeGeneratedFile(path: string, isUnchanged: () => boolean): Problem | undefined {
  try {
    if (!isUnchanged()) return changedMeanwhile(path);
    removeFile(path);
    return undefined;
  } catch (error) {
    return notWritten(path, error);
  }
}
