import { type Stats, statSync } from 'node:fs';
import type { Problem } from '../environment/problem';
import { shellWord } from '../environment/shell-word';

/** Whose something is, and what its permission bits let others do. */
export type Permissions = Pick<Stats, 'mode' | 'uid'>;

/** What is looked at: a file that is never committed, one that everybody may read, or the folder that they stand in. */
type Thing = 'secrets' | 'reviewed' | 'folder';

/**
 * What others on this machine may do that they should not. A group may write what is reviewed: with the usual umask of
 * 002 it is the user's own group.
 */
export function openPermissions(thing: Thing, path: string, permissions: Permissions | undefined): Problem[] {
  const user = process.geteuid?.();
  if (!permissions || user === undefined) return []; // Windows has no such permissions, and reports every file as open to all
  const { mode, uid } = permissions;
  const isForeign = uid !== user && uid !== 0 && uid !== ownerOfProgram();
  const open = openTo(thing, mode);
  if (!isForeign && open === undefined) return [];
  const word = shellWord(path);
  const mayChmod = user === 0 || user === uid;
  return [
    {
      severity: 'warning',
      code: 'open-permissions',
      file: path,
      message: `${path} ${isForeign ? 'belongs to another user of this machine, who may change it' : open}`,
      hint: [
        ...(isForeign || !mayChmod ? [`${user === 0 ? '' : 'sudo '}chown ${user} ${word}`] : []),
        ...(open === undefined ? [] : [`chmod ${thing === 'secrets' ? '600' : 'o-w'} ${word}`]),
      ].join(' && '),
    },
  ];
}

/** What others may do, completing "<path> …". Undefined if it is nothing. */
function openTo(thing: Thing, mode: number): string | undefined {
  if (thing === 'secrets') {
    const rights = [...(mode & 0o044 ? ['read'] : []), ...(mode & 0o022 ? ['change'] : [])].join(' and ');
    return rights === '' ? undefined : `holds secrets, and other users of this machine may ${rights} it`;
  }
  if ((mode & 0o002) === 0) return undefined;
  if (thing === 'reviewed') return 'may be changed by every user of this machine';
  const sticky = 0o1000; // nobody may replace what is another's, as in /tmp, but add to it
  const can = mode & sticky ? 'add files that are read' : 'replace what is in it';
  return `may be changed by every user of this machine: they can ${can}`;
}

/** Whoever may change the program itself may change what it does: a checkout that root uses in a container is theirs. */
function ownerOfProgram(): number | undefined {
  return statSync(process.argv[1] ?? '', { throwIfNoEntry: false })?.uid;
}

/** Undefined if nothing is there. */
export function permissionsOf(path: string): Permissions | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // whoever reads in it says why that is not possible
  }
}
