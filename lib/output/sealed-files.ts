import { dirname } from 'node:path';
import type { Problem } from '../environment/problem';
import type { Text } from '../environment/sensitive';
import type { AskGit } from './kept-from-git';
import { createFiles } from './new-file';
import { makePrivateFolders } from './private-folders';
import { revealText } from './reveal';

export interface SealedFile {
  readonly path: string;
  readonly content: Text;
  /** Nobody but the owner may read it, from its creation on. */
  readonly secret: boolean;
}

/**
 * Writes files that must not exist yet, and the folders that they stand in: all of them or, if one cannot be written,
 * none. What is secret is opened here, on its way to the disk.
 * @param folder what a problem calls a folder that could not be made
 */
export function createSealedFiles(files: readonly SealedFile[], folder: string, git: AskGit): Problem | undefined {
  for (const each of new Set(files.map(({ path }) => dirname(path)))) {
    try {
      makePrivateFolders(each);
    } catch {
      // Whoever creates a file in it says why.
    }
  }
  return createFiles(
    files.map(({ path, content, secret }) => ({ path, content: revealText(content), secret })),
    folder,
    git,
  );
}
