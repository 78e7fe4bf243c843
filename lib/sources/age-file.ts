import { dirname } from 'node:path';
import { limits } from '../environment/limits';
import { shellWord } from '../environment/shell-word';
import { envsFlag } from './given-path';
import { findIdentities, type Identities, usualFiles } from './identities';
import { type ReadFile, readFileBytes, type TextFile, textOf, type Unreadable } from './text-file';

/** What an encrypted file may have: as text it is a third longer than the bytes that it stands for. */
export const mostEncrypted = Math.ceil((limits.fileBytes * 3) / 2);

/** What a file of age begins with, and one in the form of text. */
const magic = 'age-encryption.org/v1\n';
const armor = '-----BEGIN AGE ENCRYPTED FILE-----';

/** Whether a text, or bytes read as one, is what age writes. */
export function isEncryptedByAge(text: string): boolean {
  return text.startsWith(magic) || text.trimStart().startsWith(armor);
}

/**
 * Reads the text that a file of age stands for, in memory only. Never throws: what cannot be decrypted is
 * `unreadable-secrets`.
 * @param environment whose file it is, for hints
 * @param env the process environment, which says where the identities are
 * @param read how the file is read
 */
export async function readAgeFile(
  path: string,
  environment: string,
  env: NodeJS.ProcessEnv,
  read: ReadFile = readFileBytes,
): Promise<TextFile> {
  const file = read(path, mostEncrypted);
  if (file.status !== 'read') return file;
  const kept = file.permissions && { permissions: file.permissions };
  const decrypted = await decrypt(file.bytes, { path, environment, env });
  return Buffer.isBuffer(decrypted)
    ? textOf({ status: 'read', bytes: decrypted, ...kept })
    : // Somebody may have added something in the clear.
      { status: 'unreadable', code: 'unreadable-secrets', remains: file.bytes.toString('utf8'), ...decrypted, ...kept };
}

interface Place {
  readonly path: string;
  readonly environment: string;
  readonly env: NodeJS.ProcessEnv;
}

type Fault = Pick<Unreadable, 'reason' | 'hint' | 'remains' | 'isLocked'>;

async function decrypt(bytes: Buffer, place: Place): Promise<Buffer | Fault> {
  const text = bytes.toString('latin1');
  if (!isEncryptedByAge(text)) return notByAge(bytes.toString('utf8'), place);
  const { armor: armored, Decrypter } = await import('age-encryption');
  let file: Uint8Array = bytes;
  if (!text.startsWith(magic)) {
    if (/^<{7} /m.test(text)) return conflict(place);
    try {
      file = armored.decode(text);
    } catch {
      return altered(place);
    }
  }
  const start = Buffer.from(file.subarray(0, limits.bytesOfRecipients)).toString('latin1');
  const end = start.search(/^---/m);
  if (end < 0 && file.length > limits.bytesOfRecipients) return forTooMany(place);
  const kinds = recipientKinds(end < 0 ? start : start.slice(0, end));
  if (kinds.includes('scrypt')) return byPassphrase(place);
  const identities = findIdentities(place.env);
  if (identities.keys.length === 0) return identities.fault ? faulty(identities.fault) : noIdentity(place);
  if (kinds.length > limits.recipients) return forTooMany(place);
  // Each identity costs something even where a file is for nobody.
  if (Math.max(1, kinds.length) * identities.keys.length > limits.decryptions) {
    return faulty({
      reason: `there are ${identities.keys.length} identities here, too many to try on a file of so many recipients (${kinds.length})`,
      hint: 'Say which one: AGE_IDENTITY_FILE=<file with that one>',
    });
  }
  const decrypter = new Decrypter();
  for (const { key, place: found } of identities.keys) {
    try {
      decrypter.addIdentity(key);
    } catch {
      const hint = 'Copy it whole, as age-keygen printed it';
      return faulty({ reason: `${found} holds an identity that was mistyped or cut off`, hint });
    }
  }
  try {
    return Buffer.from(await decrypter.decrypt(file));
  } catch (error) {
    // Only what it says when no key fits is told from all else; its text goes nowhere.
    return /no identity matched/.test(String(error)) ? notForUs(kinds, identities, place) : altered(place);
  }
}

/** For what kinds of recipients a file is encrypted, as its head says: "X25519", "scrypt", "ssh-ed25519" … */
function recipientKinds(head: string): string[] {
  return [...head.matchAll(/^-> (\S+)/gm)].map(([, kind]) => kind ?? '');
}

function faulty({ reason, hint }: { readonly reason: string; readonly hint: string }): Fault {
  return { reason: `cannot be decrypted: ${reason}`, hint };
}

/** As it is printed. */
function commandFor({ environment, path }: Place, command: 'edit' | 'encrypt'): string {
  return `npm run ${command} -- ${environment}${envsFlag(dirname(path))}`;
}

function forTooMany(place: Place): Fault {
  return {
    reason: `is encrypted for more than ${limits.recipients} recipients`,
    hint: `Have somebody who can read it take lines out of recipients, and run ${commandFor(place, 'encrypt')}`,
  };
}

function noIdentity({ env }: Place): Fault {
  const [usual] = usualFiles(env);
  return {
    isLocked: true,
    reason: 'is encrypted, and there is no age identity here to decrypt it',
    hint: `Put yours in ${usual?.shown ?? 'a file'}, or say where it is in AGE_IDENTITY_FILE (in CI: the key itself in AGE_IDENTITY); age-keygen makes one`,
  };
}

function notForUs(kinds: readonly string[], { fault }: Identities, place: Place): Fault {
  if (kinds.length > 0 && kinds.every((kind) => kind.startsWith('ssh-'))) {
    return {
      reason: "is encrypted for SSH keys only, and only age's own keys are read",
      hint: 'age -d -i <SSH key> decrypts it. age-keygen makes a key: add it to the recipients, and encrypt it again',
    };
  }
  return fault
    ? faulty(fault)
    : {
        isLocked: true,
        reason: 'is encrypted for others: no identity here decrypts it',
        hint: `Somebody who can decrypt it has to add your public key to its recipients, and run ${commandFor(place, 'encrypt')}`,
      };
}

function altered({ path }: Place): Fault {
  return {
    reason: 'has been altered or cut off, and cannot be decrypted',
    hint: `Take the last good one from git: git checkout HEAD -- ${shellWord(path)}`,
  };
}

function conflict(place: Place): Fault {
  return {
    reason: 'holds a merge conflict',
    hint: `Take one side, git checkout --theirs -- ${shellWord(place.path)}, and make the other's changes by ${commandFor(place, 'edit')}`,
  };
}

function byPassphrase(place: Place): Fault {
  const word = shellWord(place.path);
  const plain = shellWord(place.path.replace(/\.age$/, ''));
  return {
    reason: 'is encrypted by a passphrase, and not for recipients',
    hint: `(umask 077 && age -d ${word} > ${plain}) && rm ${word} && ${commandFor(place, 'encrypt')}`,
  };
}

function notByAge(text: string, place: Place): Fault {
  const word = shellWord(place.path);
  const plain = shellWord(place.path.replace(/\.age$/, ''));
  return {
    reason: 'is not encrypted by age',
    hint: `If it holds values in the clear: mv -i ${word} ${plain} && ${commandFor(place, 'encrypt')}. If it was ever pushed, rotate them`,
    remains: text,
  };
}
