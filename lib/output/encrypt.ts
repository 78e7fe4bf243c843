import type { Problem } from '../environment/problem';
import type { Text } from '../environment/sensitive';
import { notWritten } from './not-written';
import { revealText } from './reveal';
import { removeLeftovers, replaceByRename } from './write-file';

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

/** Replaces an encrypted file, or makes it, by a rename: it is to be committed. */
export function writeEncryptedFile(path: string, content: string): Problem | undefined {
  try {
    removeLeftovers(path);
    replaceByRename({ path, content, secret: false });
    return undefined;
  } catch (error) {
    return notWritten(path, error);
  }
}
