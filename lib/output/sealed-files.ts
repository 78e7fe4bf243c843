import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Problem } from '../environment/problem';
import type { Text } from '../environment/sensitive';
import { createFiles } from './new-file';
import { makePrivateFolders } from './private-folders';
import { revealText } from './reveal';

export interface SealedFile {
  readonly path: string;
  readonly content: Text;
  /** Nobody but the owner may read it, from its creation on. */
  readonly secret: boolean;
}

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
 * Writes files that must not exist yet, and the folders that they stand in: all of them or, if one cannot be written,
 * none. What is sealed is opened here, on its way to the disk.
 */
export function createSealedFiles(files: readonly SealedFile[], env: NodeJS.ProcessEnv): Problem | undefined {
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) {
    try {
      makePrivateFolders(folder);
    } catch {
      // Whoever creates a file in it says why.
    }
  }
  return createFiles(
    files.map(({ path, content, secret }) => ({ path, content: revealText(content), secret })),
    env,
  );
}
