import { existsSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Problem } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { changedMeanwhile, notWritten } from './not-written';
import { cleanUp, createFile, removeLeftovers, replaceByRename } from './write-file';

/** The first of some public keys that age cannot use. */
export async function unusableKey(keys: readonly string[]): Promise<string | undefined> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  return keys.find((key) => {
    try {
      encrypter.addRecipient(key);
      return false;
    } catch {
      return true;
    }
  });
}

/**
 * Encrypts a text by age for each of the recipients, in the form that is text itself.
 * @param text or the bytes of a file that is none
 * @param keys public keys that can be used
 */
export async function encryptText(text: string | Uint8Array, keys: readonly string[]): Promise<string> {
  const { armor, Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const key of keys) encrypter.addRecipient(key);
  return armor.encode(await encrypter.encrypt(text));
}

/**
 * Replaces an encrypted file, or makes it, by a rename: it is to be committed. Where it is a link, that is what it leads to.
 * @param changed which file that the text was made of is no longer what was read
 */
export function writeEncryptedFile(
  path: string,
  content: string,
  changed: () => string | undefined,
): Problem | undefined {
  try {
    const place = existsSync(path) ? realpathSync(path) : path;
    cleanUp(() => removeLeftovers(dirname(place), (name) => name === basename(place)));
    let other: string | undefined;
    const isUnchanged = () => {
      other = changed();
      return other === undefined;
    };
    const isReplaced = replaceByRename({ path: place, content, secret: false }, isUnchanged);
    return isReplaced ? undefined : changedMeanwhile(other ?? path);
  } catch (error) {
    return notWritten(path, error);
  }
}

/**
 * Keeps what cannot be written to an encrypted file in one beside it, or else in the folder for temporary files.
 * @param content encrypted
 */
export function keepEncrypted(path: string, content: string): Problem {
  try {
    return keptIn(createBeside(`${path}.mine`, content));
  } catch {
    const other = join(tmpdir(), `${basename(path)}.mine`);
    try {
      return keptIn(createBeside(other, content));
    } catch (error) {
      return notWritten(other, error);
    }
  }
}

function keptIn(file: string): Problem {
  const message = `What was saved is encrypted in ${file}`;
  const hint = `age -d -i <your key> ${shellWord(file)} prints it`;
  return { severity: 'warning', code: 'not-written', file, message, hint };
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
