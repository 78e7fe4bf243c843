import type { Catalog } from '../catalog/catalog';
import { namesOf } from '../catalog/lookups';
import { catalogNames } from '../environment/checks/recognisers/catalog-names';
import { decodingsOf } from '../environment/decodings';
import { limits } from '../environment/limits';
import { createNearNames } from '../environment/near-names';
import { oncePer } from '../environment/once-per';
import { Sensitive } from '../environment/sensitive';
import type { Source, UnreadSecret } from '../environment/source';
import type { Template } from '../environment/template';
import { isSecretInProse, meantBy, readingsApart, readingsOf, shortestReading, upTo } from './unread-readings';

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

const unconditionally = {};

const lengthOf = ({ length }: string): number => length;

/** @param unknownNamesAre where they are no errors, a near name may be another's, and counts only while it is missed */
export function findUnreadSecrets(catalog: Catalog, unknownNamesAre: Source['unknownNamesAre']): UnreadSecrets {
  const names = lookUpSecrets(catalog);
  const isName = (name: string) => names.meant(name) !== undefined || names.isExtended(name);
  const found = new Map<string, Pick<UnreadSecret, 'unless'>>();
  const replaced: Sensitive[] = [];
  const left = { named: limits.unreadLength as number, nameless: limits.unreadLength as number };
  /** Whether a text is long enough to be looked for, and one of not too many. */
  const counts = (length: number, whose: keyof typeof left) => {
    if (length < shortestReading || left[whose] <= 0) return false;
    left[whose] -= length;
    return true;
  };
  const addReading = (reading: string, whose: keyof typeof left) => {
    if (found.get(reading) === unconditionally) return;
    if (found.has(reading) || counts(reading.length, whose)) found.set(reading, unconditionally);
  };
  /** Adds the readings of texts, of each once and as much as is looked for. */
  const adder = (readings: (text: string, mayBeEncoded: boolean) => Iterable<string>, whose: keyof typeof left) => {
    const seen = { plain: new Set<string>(), perhapsEncoded: new Set<string>() };
    return (raw: string, mayBeEncoded = false) => {
      if (raw.length < shortestReading || left[whose] <= 0) return;
      // No container starts with more: nothing that holds the whole is a value.
      const text = raw.trimStart().slice(0, limits.valueLength);
      const before = seen[mayBeEncoded ? 'perhapsEncoded' : 'plain'];
      if (before.has(text)) return;
      before.add(text);
      for (const reading of readings(text, mayBeEncoded)) addReading(reading, whose);
    };
  };
  const addBehind = adder(readingsOf, 'named');
  const addApart = adder(readingsApart, 'named');
  const addProse = adder(
    (text, mayBeEncoded) => [...readingsApart(text, mayBeEncoded)].filter(isSecretInProse),
    'named',
  );
  const addNameless = adder(readingsOf, 'nameless');
  /** Adds what stands before and behind something else in the value of a secret. */
  const addRunTogether = (value: string) => {
    const text = value.slice(0, limits.valueLength);
    const [first] = catalogNames(catalog).assignedIn(text);
    if (first) addBehind(text.slice(0, first.at));
    // A whole line was pasted.
    const pasted = text.includes('\n') ? [] : namesOf(text).filter(({ start }) => start === 0);
    for (const each of textsBehind(text, pasted)) addProse(each);
  };
  /** The names of secrets in a text: whatever follows those that are written as they are, and before a separator any. */
  const namesOf = (text: string) => {
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
      const texts = textsBehind(line, namesOf(line));
      for (const each of texts) addApart(each);
      if (texts.length > 0) return;
      const joined = names.behindStart(line.replace(/^\s*(?:export\s+)?/, ''));
      if (joined !== undefined) addApart(joined);
      const near = firstWords(line).find(({ name }) => isName(name));
      if (near) addApart(line.slice(near.behind + 1));
      else if (!isOfAnotherName(line)) addNameless(line);
    },
    addComment(comment) {
      if (comment.length < shortestReading) return;
      const found = namesOf(comment);
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
        const texts = textsBehind(line, namesOf(line));
        // Behind a name at the end of a line, what belongs to it is on the next one, if that is no comment on another.
        if (isOpen && texts.length === 0 && !/^\s*#/.test(line)) addApart(line);
        for (const each of texts) addApart(each);
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
        if (names.isExtended(name) && isSecretInProse(value)) addReading(value, 'named');
      } else if (unknownNamesAre === 'errors') addReading(value, 'named');
      else if (!found.has(value) && counts(value.length, 'named')) found.set(value, { unless: meant });
    },
    addReplaced(template) {
      for (const part of template) {
        if (part instanceof Sensitive && counts(part.measure(lengthOf), 'named')) replaced.push(part);
      }
    },
    all: () => [
      ...[...found].map(([text, rest]) => ({ text: new Sensitive(text), ...rest })),
      ...replaced.map((text) => ({ text })),
    ],
  };
}

/** Whether a line says whose it is. */
function isOfAnotherName(line: string): boolean {
  return /^\s*(?:export\s+)?[\w.-]+\s*(?:=|:\s)/.test(line);
}

interface SecretNames {
  /** The secret that a name means: by its name, a former one or its key, in upper case or not, with - or _, or a near one. */
  meant(name: string): string | undefined;
  /** Whether it is the name, a former one or the key of a secret as it is written. */
  isExact(name: string): boolean;
  /** Whether it is one of these in lower case, or with hyphens. */
  isOption(name: string): boolean;
  /** Whether it begins or ends with the whole name of a secret, such as `…_OLD` or `….old`. */
  isExtended(name: string): boolean;
  /** Whether it is one of these, as an option too, or such a longer one. */
  isWithin(name: string): boolean;
  /** What stands behind the name of a secret with which a text begins, with nothing in between. */
  behindStart(text: string): string | undefined;
}

/** The names, former names and keys of a catalog's secrets. */
interface SecretTable {
  /** The secret that each means, in upper case and with _. */
  readonly meant: ReadonlyMap<string, string>;
  /** Those that are no other variable's name, as they are written. */
  readonly exact: ReadonlySet<string>;
  /** Of the longest one, in UTF-16 code units. */
  readonly longest: number;
}

/** Made once for a catalog, however many files are read, and only if one of them asks. */
const tableOf = oncePer((variables: Catalog['variables']): SecretTable => {
  const secrets = [...variables.values()].filter(({ sensitive }) => sensitive);
  const own = secrets.flatMap((secret) => namesOf(secret).map((each) => [each, secret.name] as const));
  return {
    meant: new Map(own.map(([name, meant]) => [plain(name), meant])),
    exact: new Set(own.flatMap(([each]) => (variables.get(each)?.sensitive === false ? [] : [each]))),
    longest: Math.max(0, ...own.map(([{ length }]) => length)),
  };
});

function lookUpSecrets({ variables }: Catalog): SecretNames {
  const nearNames = createNearNames(variables);
  const isOption = (name: string) => tableOf(variables).meant.has(plain(name));
  const isExtended = (name: string) => {
    if (variables.has(name)) return false;
    if (isOther(name)) return true;
    for (let length = Math.min(tableOf(variables).longest, name.length - 1); length > 0; length--) {
      if (isPart(name.slice(0, length), name.slice(length))) return true;
      if (isPart(name.slice(-length), name.slice(0, -length))) return true;
    }
    return false;
  };
  /** Whether it is one with words such as OLD, or a number, before or behind: for another value of the same thing. */
  const isOther = (name: string) => {
    if (name.length > tableOf(variables).longest + longestOther) return false;
    const words = name.split(/[_.-]+/);
    const own = words.filter((word) => !otherWord.test(word));
    return own.length < words.length && isOption(own.join('_'));
  };
  /** Whether a part of a longer name is one: as it is written, whatever is next to it, or parted from that. */
  const isPart = (part: string, rest: string) => {
    if (isExactPart(part)) return true;
    // A name may be a whole file long, so that its ends are looked at first.
    const ends = rest.charAt(0) + rest.charAt(rest.length - 1);
    return /[_-]/.test(ends) && isUnmistakable(plain(part)) && isOption(part);
  };
  const isExactPart = (part: string) => isUnmistakable(part) && tableOf(variables).exact.has(part);
  return {
    meant(name) {
      const known = variables.get(name);
      if (known) return known.sensitive ? name : undefined;
      const meant = tableOf(variables).meant.get(plain(name)) ?? nearNames(name);
      return meant !== undefined && variables.get(meant)?.sensitive ? meant : undefined;
    },
    isExact: (name) => tableOf(variables).exact.has(name),
    isOption,
    isExtended,
    isWithin: (name) => isOption(name) || isExtended(name),
    behindStart(text) {
      for (let end = Math.min(tableOf(variables).longest, text.length - 1); end > 0; end--) {
        if (isExactPart(text.slice(0, end))) return text.slice(end);
      }
      return undefined;
    },
  };
}

/** What is added to a name for another value of the same thing. */
const otherWord =
  /^(?:old|new|next|prev|previous|last|former|legacy|orig|original|backup|bak|bkp|tmp|copy|current|my|v?\d+)$/i;

/** What is longer is none: nobody adds as many such words. In UTF-16 code units. */
const longestOther = 64;

/** A name of a single word, such as TOKEN, is a part of many others. */
function isUnmistakable(name: string): boolean {
  return name.includes('_');
}

function plain(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

/** A name in a text, and where what stands behind it begins. */
export interface Named {
  readonly name: string;
  readonly start: number;
  readonly behind: number;
}

/** The names in a text that one of the separators follows, perhaps after a quote and blanks. */
export function namesIn(text: string, separators: string, isWanted: (name: string) => boolean): Named[] {
  const found: Named[] = [];
  for (let at = 0; at < text.length; at++) {
    if (!separators.includes(text.charAt(at))) continue;
    const { start, end } = wordBefore(text, at);
    const name = text.slice(start, end);
    if (name !== '' && isWanted(name)) found.push({ name, start, behind: at + 1 });
  }
  return found;
}

/** Where the name ends, and begins, that stands before an index, perhaps with a quote and blanks in between, and hyphens before it. */
export function wordBefore(text: string, at: number): { readonly start: number; readonly end: number } {
  let end = at;
  while (/[\s'"`]/.test(text.charAt(end - 1))) end--;
  let start = end;
  while (/[\w.-]/.test(text.charAt(start - 1))) start--;
  while (start < end && /[.-]/.test(text.charAt(start))) start++;
  return { start, end };
}

/** The first words of a line, whatever marks are between them: a near or longer name may stand behind a command. */
function firstWords(line: string): Named[] {
  const found: Named[] = [];
  for (const word of wordsOf(line)) if (found.push(word) === wordsBefore) break;
  return found;
}

/** As many as `declare -r -x NAME` has. */
const wordsBefore = 4;

/** The words of a text that may be names, one by one, without the dots and hyphens around them. */
function* wordsOf(text: string): Generator<Named> {
  for (const { 0: word, index: start } of text.matchAll(/\w[\w.-]*/g)) {
    let { length } = word;
    while (/[.-]/.test(word.charAt(length - 1))) length--;
    yield { name: word.slice(0, length), start, behind: start + length };
  }
}

/** The names of secrets in a text as they are written, or as an option, whatever follows them; no references to them. */
function wordsIn(text: string, { isExact, isOption }: SecretNames): Named[] {
  const found: Named[] = [];
  for (const { name, start, behind } of wordsOf(text)) {
    const before = text.slice(Math.max(0, start - 2), start);
    if (/\$[({]?$/.test(before) && !/^[)}]?\s{0,4}[=:]/.test(text.slice(behind, behind + 6))) continue;
    // A dot or a hyphen may part a name from what stands behind it, and be part of one.
    const [head = ''] = /^\w+/.exec(name) ?? [];
    if (isExact(name) || (before === '--' && isOption(name))) found.push({ name, start, behind });
    else if (isExact(head)) found.push({ name: head, start, behind: start + head.length });
  }
  return found;
}

/** What stands behind each name, up to the next one. */
export function textsBehind(text: string, names: readonly Named[]): string[] {
  return names.map(({ behind }, index) => text.slice(behind, names[index + 1]?.start));
}
