import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const mode = 0o700;

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
    mkdirSync(folder, { mode });
    chmodSync(folder, mode); // a umask may have taken away the owner's own rights
  } catch (error) {
    // Another run may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
