import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Problem } from '../environment/problem';
import type { Text } from '../environment/sensitive';
import { shellWord } from '../environment/shell-word';
import { changedMeanwhile, notWritten } from './not-written';
import { revealText } from './reveal';
import { createFile, removeLeftovers, replaceByRename } from './write-file';

/** A public key that age cannot use. */
export interface UnusableKey {
  readonly unusable: string;
}

/**
 * Encrypts a text by age for each of the recipients, in the form that is text itself.
 * @param keys public keys
 */
export async function encryptText(text: Text, keys: readonly string[]): Promise<string | UnusableKey> {
  const { armor, Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const key of keys) {
    try {
      encrypter.addRecipient(key);
    } catch {
      return { unusable: key };
    }
  }
  return armor.encode(await encrypter.encrypt(revealText(text)));
}

/**
 * Replaces an encrypted file, or makes it, by a rename: it is to be committed. Where it is a link, that is what it leads to.
 * @param changed which file that the text was made of is no longer what was read
 * @param kept where it is written otherwise, for whoever typed the text; by a further number if something is there
 */
export function writeEncryptedFile(
  path: string,
  content: string,
  changed: () => string | undefined,
  kept?: string,
): Problem | undefined {
  try {
    const place = existsSync(path) ? realpathSync(path) : path;
    removeLeftovers(dirname(place), (name) => name === basename(place));
    let other: string | undefined;
    const isUnchanged = () => {
      other = changed();
      return other === undefined;
    };
    if (replaceByRename({ path: place, content, secret: false }, isUnchanged)) return undefined;
    if (kept === undefined) return changedMeanwhile(other ?? path);
    const file = createBeside(kept, content);
    const hint = `Run this again. What was saved is encrypted in ${file}: age -d -i <your key> ${shellWord(file)} prints it`;
    return changedMeanwhile(other ?? path, hint);
  } catch (error) {
    return notWritten(path, error);
  }
}

/** Makes a file of a name that nothing has: this one, or with a number. @returns its path */
function createBeside(path: string, content: string): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? path : `${path}${number}`;
    try {
      createFile({ path: free, content, secret: false });
      return free;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
