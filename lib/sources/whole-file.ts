import { isJson } from '../catalog/json';
import { encryptedFile } from '../environment/checks/encrypted-file';
import { shellWord } from '../environment/shell-word';
import { textLines } from '../environment/text-lines';
import { isEncryptedByAge } from './age-file';
import { envsFlag } from './given-path';
import { isJsonObject } from './json-env';
import type { Unreadable } from './text-file';

/** An env file, and what it is read for. */
interface Place {
  /** Undefined for standard input. */
  readonly file?: string;
  readonly environment: string;
  /** The folder of env files. */
  readonly envs: string;
  /** The environment's own, the same encrypted, the reviewed one, or what --from-env-file names: that may be JSON. */
  readonly is: 'own' | 'encrypted' | 'config' | 'given';
}

/**
 * What is wrong with the text of an env file as a whole, so that its lines say nothing: it is encrypted, JSON, or holds a
 * merge conflict. One problem for the file.
 */
export function wholeFileFault(text: string, place: Place): Unreadable | undefined {
  const encrypted = encryptedFile(text, { ...place, synth: synthOf(place) });
  if (encrypted) {
    const hint = ownAge(text, place) ?? encrypted.hint;
    return { status: 'unreadable', reason: encrypted.reason, hint, remains: text };
  }
  const conflict = text.includes('<<<<<<<') ? text.search(/^<{7}(?:[ \r\n]|$)/m) : -1;
  if (conflict >= 0 && /^>{7}(?:[ \r\n]|$)/m.test(text)) {
    return {
      status: 'unreadable',
      reason: `holds a merge conflict, from line ${textLines(text).numberAt(conflict)} on`,
      hint: 'Keep one side of it, and remove the lines of <<<<<<<, ======= and >>>>>>>',
      remains: text,
    };
  }
  const isRead = place.is === 'given' && isJsonObject(text);
  return !isRead && isJsonDocument(text) ? { status: 'unreadable', ...jsonFault(place), remains: text } : undefined;
}

/** The command that writes the environment, to be followed by options. */
function synthOf({ environment, envs }: Place): string {
  return `synth -- ${environment}${envsFlag(envs)}`;
}

/** What age has encrypted is read where it belongs, if it is called so. */
function ownAge(text: string, { file, is }: Place): string | undefined {
  if (is !== 'own' || file === undefined || !isEncryptedByAge(text)) return undefined;
  return `It is read under the name that encrypted files have: mv -i ${shellWord(file)} ${shellWord(`${file}.age`)}`;
}

function jsonFault(place: Place): Pick<Unreadable, 'reason' | 'hint'> {
  const { file, is } = place;
  if (is === 'given') {
    return {
      reason: 'is a JSON list, and not one object of texts',
      hint: "Make an object of it: of a list of keys and values, jq 'map({(.key): .value}) | add' does",
    };
  }
  const lines = 'a line NAME=value for each of its entries';
  return {
    reason: 'is JSON, and not lines of NAME=value',
    hint:
      is === 'own' && file !== undefined
        ? `To have it read as it is: npm run ${synthOf(place)} --from-env-file ${shellWord(file)}. Else write ${lines}`
        : `Write ${lines}`,
  };
}

function isJsonDocument(text: string): boolean {
  return /^\s{0,100}[[{]/.test(text) && isJson(text);
}
