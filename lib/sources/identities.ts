import { join } from 'node:path';
import { isThere, readTextFile } from './text-file';

/** The age identities that are here: who has one decrypts what is encrypted for it. */
export interface Identities {
  /** As age-keygen prints them, each with the place where it was found, as messages call it. */
  readonly keys: readonly { readonly key: string; readonly place: string }[];
  /** What was found in their place and is none. */
  readonly fault?: IdentityFault;
}

/** Both texts complete a problem. Neither quotes what was found. */
export interface IdentityFault {
  /** Completes "<file> cannot be decrypted: …". */
  readonly reason: string;
  readonly hint: string;
}

/**
 * Looks for identities: in AGE_IDENTITY itself, else in the file that AGE_IDENTITY_FILE names, else in the usual files of
 * the user's configuration folder.
 * @param env the process environment
 */
export function findIdentities(env: NodeJS.ProcessEnv): Identities {
  if (env['AGE_IDENTITY']) return identitiesIn(env['AGE_IDENTITY'], 'AGE_IDENTITY');
  if (env['AGE_IDENTITY_FILE']) return identitiesOfFile(env['AGE_IDENTITY_FILE'], 'the file of AGE_IDENTITY_FILE');
  const found = usualFiles(env).flatMap(({ path, shown }) => (isThere(path) ? [identitiesOfFile(path, shown)] : []));
  const fault = found.find((each) => each.fault)?.fault;
  return { keys: found.flatMap(({ keys }) => keys), ...(fault && { fault }) };
}

/** Where a user's identities usually are: the folder of configuration has one for age, and one that SOPS reads. */
export function usualFiles(env: NodeJS.ProcessEnv): { readonly path: string; readonly shown: string }[] {
  const home = env['HOME'] ?? env['USERPROFILE'];
  const folders: [path: string | undefined, shown: string][] = [
    env['XDG_CONFIG_HOME']
      ? [env['XDG_CONFIG_HOME'], '$XDG_CONFIG_HOME']
      : [home && join(home, '.config'), '~/.config'],
    [home && join(home, 'Library', 'Application Support'), '~/Library/Application Support'],
    [env['APPDATA'], '%APPDATA%'],
  ];
  return folders.flatMap(([folder, name]) =>
    folder
      ? ['age', 'sops/age'].map((own) => ({ path: join(folder, own, 'keys.txt'), shown: `${name}/${own}/keys.txt` }))
      : [],
  );
}

function identitiesOfFile(path: string, shown: string): Identities {
  const file = readTextFile(path);
  if (file.status === 'read') return identitiesIn(file.text, shown);
  const fault =
    file.status === 'absent'
      ? { reason: `${shown} is not there`, hint: 'It is the path of a file; a key itself goes into AGE_IDENTITY' }
      : { reason: `${shown} ${file.reason}`, hint: file.isNoFile ? 'A key itself goes into AGE_IDENTITY' : file.hint };
  return { keys: [], fault };
}

/** @param place where the text was found, as messages call it */
function identitiesIn(text: string, place: string): Identities {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const given = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const isKey = (line: string) => /^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/.test(line);
  const keys = given.filter(isKey).map((key) => ({ key, place }));
  const other = given.find((line) => !isKey(line));
  if (other !== undefined) return { keys, fault: faultOf(other, place) };
  return keys.length > 0 ? { keys } : { keys, fault: { reason: `${place} holds no identity`, hint: makeOne } };
}

const makeOne = 'age-keygen makes one. Its public key then has to be among the recipients of the file';

function faultOf(line: string, place: string): IdentityFault {
  if (/^-----BEGIN .*PRIVATE KEY-----|^ssh-/.test(line)) {
    return { reason: `${place} holds an SSH key, and only age's own keys are read`, hint: makeOne };
  }
  if (/^age-encryption\.org|^-----BEGIN AGE ENCRYPTED FILE-----/.test(line)) {
    return {
      reason: `${place} is itself encrypted`,
      hint: 'Decrypt it for this run only: AGE_IDENTITY="$(age -d <that file>)" npm run …',
    };
  }
  if (line.startsWith('AGE-PLUGIN-')) {
    return { reason: `${place} holds the identity of a plugin, and only age's own keys are read`, hint: makeOne };
  }
  if (line.startsWith('age1')) {
    return {
      reason: `${place} holds a public key`,
      hint: 'The identity that belongs to it begins with AGE-SECRET-KEY-',
    };
  }
  return { reason: `${place} holds something that is no age identity`, hint: 'One begins with AGE-SECRET-KEY-' };
}
