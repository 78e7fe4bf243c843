import { mkdirSync } from 'node:fs';
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
  // The umask may take away the owner's own rights. Not a chmod afterwards: something else may stand there by then.
  const umask = process.umask(0o077);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another run may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    process.umask(umask);
  }
}
