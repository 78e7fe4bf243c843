import type { Problem } from '../environment/problem';

/** By the system's code: what it said, and what to do. `<folder>` stands for how another one is chosen. */
const causes: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  EEXIST: ['something else stands in its place or in its path', 'Move that away'],
  ENOENT: ['there is no such folder', 'Make that folder first, or check its path'],
  ELOOP: ['it is a symbolic link, which is not followed', 'Change the file that it leads to by hand'],
  ENOSPC: ['the disk is full', 'Free some room and run this again'],
  EDQUOT: ['the disk quota is used up', 'Free some room and run this again'],
  EFBIG: ['a limit on file sizes is in force', 'Look at ulimit -f'],
  EACCES: ['permission denied', 'Look at ls -ld, or choose another <folder>'],
  EPERM: ['not permitted', 'Look at ls -ld, or choose another <folder>'],
  EROFS: ['the file system is read-only', 'Choose another <folder>'],
  EMFILE: ['too many files are open', 'Look at ulimit -n'],
  ENFILE: ['too many files are open on this machine', 'Run this again later'],
  ENOTDIR: ['part of its path is not a folder', 'Choose another <folder>'],
  ENAMETOOLONG: ['its path is too long', 'Choose another <folder>'],
};

/** Somebody else has changed a file since it was read: it is left as it is. */
export function changedMeanwhile(path: string, hint = 'Run this again'): Problem {
  const message = `${path} was changed by somebody else meanwhile, and stays as it is now`;
  return { severity: 'error', code: 'not-written', file: path, message, hint };
}

/**
 * Why the system refused to write, and what to do.
 * @param option what the folder was given by
 * @throws the error itself if it is not the system's
 */
export function notWritten(path: string, error: unknown, option = 'folder'): Problem {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const [reason, hint] = causes[code] ?? [undefined, 'Look at ls -ld, or choose another <folder>'];
  return {
    severity: 'error',
    code: 'not-written',
    file: path,
    message: `${path} could not be written${reason === undefined ? ` (${code})` : `: ${reason}`}`,
    hint: hint.replace('<folder>', option),
  };
}
