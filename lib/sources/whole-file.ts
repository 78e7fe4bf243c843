import { encryptedFile } from '../environment/checks/encrypted-file';
import type { Unreadable } from './text-file';

/**
 * What is wrong with the text of an env file as a whole, so that its lines say nothing: it is encrypted, JSON, or holds a
 * merge conflict. One problem for the file.
 * @param file its name, undefined for standard input
 */
export function wholeFileFault(
  text: string,
  place: { readonly file?: string; readonly environment: string },
): Unreadable | undefined {
  const encrypted = encryptedFile(text, place);
  if (encrypted) {
    const { message, hint } = encrypted;
    return { status: 'unreadable', reason: message.replace(/^This \w+ /, ''), hint, remains: text };
  }
  const conflict = text.search(/^<{7}(?:[ \r\n]|$)/m);
  if (conflict >= 0 && /^>{7}(?:[ \r\n]|$)/m.test(text)) {
    return {
      status: 'unreadable',
      reason: `holds a merge conflict, from line ${text.slice(0, conflict).split('\n').length} on`,
      hint: 'Keep one side of it, and remove the lines of <<<<<<<, ======= and >>>>>>>',
      remains: text,
    };
  }
  if (isJsonDocument(text)) {
    return {
      status: 'unreadable',
      reason: 'is JSON, and not lines of NAME=value',
      hint: 'Write a line NAME=value for each of its entries',
      remains: text,
    };
  }
  return undefined;
}

function isJsonDocument(text: string): boolean {
  if (!/^\s{0,100}[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
