import type { Catalog } from '../catalog/catalog';
import { catalogNames } from '../environment/checks/recognisers/catalog-names';
import { decodingsOf } from '../environment/decodings';
import { limits } from '../environment/limits';
import type { Source, UnreadSecret } from '../environment/source';
import type { Template } from '../environment/template';
import { gatherReadings } from './gathered-readings';
import { firstWords, type Named, namesIn, textsBehind, wordsOf } from './names-in-text';
import { lookUpSecrets, type SecretNames } from './secret-names';
import { isSecretInProse, meantBy, shortestReading, upTo } from './unread-readings';

/** Finds what a source gives for secrets where it becomes no value: it counts as a secret, readable or not. */
export interface UnreadSecrets {
  /** Whether a name is that of a secret, exactly or nearly. */
  isName(name: string): boolean;
  /** What stands behind the name of a secret, perhaps in base64. */
  addBehind(raw: string, mayBeEncoded: boolean): void;
  /** A line in which names of secrets may stand before what they belong to. @param isRead those that do not count */
  addMentions(line: string, isRead: (name: string) => boolean): void;
  /** A line, or several, that became no assignment. One that names nothing may be a piece of a value: all of it counts. */
  addLine(line: string): void;
  /** A comment, in which an assignment may be switched off, and prose may name a secret. */
  addComment(comment: string): void;
  /** A value, in which an assignment may have ended up, as where a line break was lost: to a secret, or behind one. */
  addWithin(value: string, isSecret: boolean): void;
  /** A text of many lines, whatever it is. */
  addText(text: string): void;
  /** The value of a name outside the catalog. Such a name with hardly a value may be the tail of a key, = and all. */
  addUnknown(name: string, value: string): void;
  /** The value of a secret that a later line replaces: it does not count, and is a secret all the same. */
  addReplaced(template: Template): void;
  all(): UnreadSecret[];
}

/**
 * @param unknownNamesAre where they are no errors, a near name may belong to something else: its value counts only while
 * the secret itself has none
 */
export function findUnreadSecrets(catalog: Catalog, unknownNamesAre: Source['unknownNamesAre']): UnreadSecrets {
  const names = lookUpSecrets(catalog);
  const isName = (name: string) => names.meant(name) !== undefined || names.isExtended(name);
  const { addBehind, addApart, addProse, addNameless, addValue, addValueUnless, addReplaced, all } = gatherReadings();
  /** Adds what stands before and behind something else in the value of a secret. */
  const addRunTogether = (value: string) => {
    const text = value.slice(0, limits.valueLength);
    const [first] = catalogNames(catalog).assignedIn(text);
    if (first) addBehind(text.slice(0, first.at));
    // A whole line was pasted.
    const pasted = text.includes('\n') ? [] : secretsNamedIn(text).filter(({ start }) => start === 0);
    for (const each of textsBehind(text, pasted)) addProse(each);
  };
  /** Adds what stands behind references to secrets: what somebody writes there in words, or as a default. */
  const addReferenced = (line: string) => {
    for (const each of textsBehind(line, wordsIn(line, names, true))) addProse(each);
  };
  /** The names of secrets in a text: whatever follows those that are written as they are, and before a separator any. */
  const secretsNamedIn = (text: string) => {
    const found = new Map(wordsIn(text, names).map((named) => [named.start, named]));
    for (const named of namesIn(text, ':=', isName)) found.set(named.start, named);
    return [...found.values()].sort((one, other) => one.start - other.start);
  };
  return {
    isName,
    addBehind,
    addMentions(line, isRead) {
      const mentions = wordsIn(line, names).filter(({ name }) => !isRead(name));
      // What stands in other braces belongs to something else.
      for (const each of textsBehind(line, mentions)) addProse(upTo(each, each.search(/[{}]/)), true);
    },
    addLine(line) {
      if (line.length < shortestReading) return;
      const texts = textsBehind(line, secretsNamedIn(line));
      for (const each of texts) addApart(each);
      addReferenced(line);
      if (texts.length > 0) return;
      const joined = names.behindStart(line.replace(/^\s*(?:export\s+)?/, ''));
      if (joined !== undefined) addApart(joined);
      const near = firstWords(line).find(({ name }) => isName(name));
      if (near) addApart(line.slice(near.behind + 1));
      else if (!isOfAnotherName(line)) addNameless(line);
    },
    addComment(comment) {
      if (comment.length < shortestReading) return;
      const found = secretsNamedIn(comment);
      for (const [index, text] of textsBehind(comment, found).entries()) {
        if (comment.charAt((found[index]?.behind ?? 0) - 1) === '=') addBehind(text);
        addProse(text);
      }
    },
    addWithin(value, isSecret) {
      if (isSecret) for (const each of meantBy(value.slice(0, limits.valueLength))) addBehind(each);
      if (isSecret && /[=:\s]/.test(value)) addRunTogether(value);
      if (value.length < shortestReading || !/=|%3d|["']\s*:/i.test(value)) return;
      for (const reading of decodingsOf(value.slice(0, limits.valueLength))) {
        // A colon without a quote is one of prose.
        const found = namesIn(reading, ':=', names.isWithin).filter(({ start, behind }) =>
          /=$|["']\s*:$/.test(reading.slice(start, behind)),
        );
        // A query goes on behind an ampersand.
        for (const each of textsBehind(reading, found))
          for (const end of [-1, each.indexOf('&')]) addProse(upTo(each, end));
      }
    },
    addText(text) {
      let isOpen = false;
      for (const line of text.split(/[\r\n]+/)) {
        const texts = textsBehind(line, secretsNamedIn(line));
        // Behind a name at the end of a line, what belongs to it is on the next one, if that is no comment on another.
        if (isOpen && texts.length === 0 && !/^\s*#/.test(line)) addApart(line);
        for (const each of texts) addApart(each);
        addReferenced(line);
        isOpen = /^[\s"',:=]*$/.test(texts.at(-1) ?? (isOpen ? line : 'closed'));
      }
    },
    addUnknown(name, value) {
      const isTail = /^=?$/.test(value) && unknownNamesAre === 'errors';
      if (isTail) return addNameless(`${name}=${value}`);
      if (value.length < shortestReading) return;
      const meant = names.meant(name);
      if (meant === undefined) {
        // Such as OLD_… or …_HOST: of these names, not all are those of secrets.
        if (names.isExtended(name) && isSecretInProse(value)) addValue(value);
      } else if (unknownNamesAre === 'errors') addValue(value);
      else addValueUnless(meant, value);
    },
    addReplaced,
    all,
  };
}

/** Whether a line says whose it is. */
function isOfAnotherName(line: string): boolean {
  return /^\s*(?:export\s+)?[\w.-]+\s*(?:=|:\s)/.test(line);
}

/**
 * The names of secrets in a text as they are written, or as an option, whatever follows them.
 * @param areReferences whether those are wanted that stand in references, such as `$NAME`, and no others
 */
function wordsIn(text: string, { isExact, isOption }: SecretNames, areReferences = false): Named[] {
  const found: Named[] = [];
  for (const { name, start, behind } of wordsOf(text)) {
    const before = text.slice(Math.max(0, start - 2), start);
    const isReference = /\$[({]?$/.test(before) && !/^[)}]?\s{0,4}[=:]/.test(text.slice(behind, behind + 6));
    if (isReference !== areReferences) continue;
    // A dot or a hyphen may part a name from what stands behind it, and be part of one.
    const [head = ''] = /^\w+/.exec(name) ?? [];
    if (isExact(name) || (before === '--' && isOption(name))) found.push({ name, start, behind });
    else if (isExact(head)) found.push({ name: head, start, behind: start + head.length });
  }
  return found;
}
