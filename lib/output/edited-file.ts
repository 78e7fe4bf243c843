import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../environment/problem';
import type { Text } from '../environment/sensitive';
import { notWritten } from './not-written';
import { revealText } from './reveal';
import { cleanUp, createFile, isRunning, makeTemporaryFolder, removeFolder } from './write-file';

/** A file of secrets that is there for as long as an editor has it open. */
export interface EditedFile {
  readonly path: string;
  /** Whether it is in memory only: else it is on a disk meanwhile. */
  readonly isInMemory: boolean;
  /** Takes it away, with whatever the editor has put beside it. */
  remove(): void;
}

/**
 * Writes a text to a file of its own in a folder that only its owner may enter, in memory where there is such a place. It
 * is removed when this process ends, if not before; what killed runs left is removed first.
 * @param env the process environment, which may name such a place
 */
export function writeEditedFile(name: string, text: Text, env: NodeJS.ProcessEnv): EditedFile | Problem {
  const inMemory = [env['XDG_RUNTIME_DIR'], '/dev/shm'].find((folder) => folder && isInMemory(folder));
  const base = inMemory ?? tmpdir();
  removeLeftovers(base);
  let folder: string;
  try {
    folder = makeTemporaryFolder(join(base, `${prefix}${process.pid}-`));
  } catch (error) {
    return notWritten(base, error);
  }
  const remove = () => {
    process.off('exit', remove);
    cleanUp(() => removeFolder(folder));
  };
  process.on('exit', remove);
  const path = join(folder, name);
  try {
    createFile({ path, content: revealText(text), secret: true });
  } catch (error) {
    remove();
    return notWritten(base, error);
  }
  return { path, isInMemory: inMemory !== undefined, remove };
}

const prefix = 'config-edit-';

/** What Linux calls file systems that keep their files in memory: tmpfs and ramfs (statfs(2)). */
const memoryFileSystems: readonly number[] = [0x01021994, 0x858458f6];

function isInMemory(folder: string): boolean {
  try {
    return existsSync(folder) && memoryFileSystems.includes(statfsSync(folder).type);
  } catch {
    return false;
  }
}

/** Folders of processes that are gone. Those of another user cannot be removed, and are left to them. */
function removeLeftovers(base: string): void {
  cleanUp(() => {
    for (const name of readdirSync(base)) {
      const [, pid] = /^config-edit-(\d+)-\w{6}$/.exec(name) ?? [];
      if (pid !== undefined && !isRunning(Number(pid))) cleanUp(() => removeFolder(join(base, name)));
    }
  });
}
