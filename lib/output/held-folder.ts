import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

/** A folder that is kept open, so that whoever swaps its path for something else meanwhile diverts nothing. */
export interface HeldFolder {
  readonly descriptor: number;
  /** As it was opened. */
  readonly stat: Stats;
  /**
   * The path of a file in this very folder. Where the system has none (macOS), it is the folder's own path, just checked.
   * @throws {FolderReplaced} if that check fails
   */
  at(name: string): string;
  /** @throws {FolderReplaced} if something else stands where it was opened */
  checkPlace(): void;
  close(): void;
}

/** Something else stands in the place of a folder by now. */
export class FolderReplaced extends Error {}

/**
 * Opens a folder, and no link in its place (though what it stands in may be one).
 * @throws the system's error: ENOTDIR or ELOOP for a link and for what is no folder
 */
export function holdFolder(path: string): HeldFolder {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const stat = fstatSync(descriptor);
  const checkPlace = () => {
    if (!isSame(lstatSync(path, { throwIfNoEntry: false }), stat)) throw new FolderReplaced();
  };
  // Node has no openat. On Linux this path leads to what is open, whatever became of the other one.
  const through = `/proc/self/fd/${descriptor}`;
  const isThere = isSame(statIfAny(through), stat);
  return {
    descriptor,
    stat,
    at(name) {
      if (isThere) return join(through, name);
      checkPlace();
      return join(path, name);
    },
    checkPlace,
    close: () => closeSync(descriptor),
  };
}

function isSame(one: Stats | undefined, other: Stats): boolean {
  return one?.ino === other.ino && one.dev === other.dev;
}

/** Undefined as well where /proc may not be looked at. */
function statIfAny(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
