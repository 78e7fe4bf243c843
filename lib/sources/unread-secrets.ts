import type { Catalog } from '../catalog/catalog';
import { limits } from '../environment/limits';
import { createNearNames } from '../environment/near-names';
import { Sensitive } from '../environment/sensitive';
import type { Source, UnreadSecret } from '../environment/source';
import type { Template } from '../environment/template';
import { readingsOf, shortestReading } from './unread-readings';

/** Finds what a source gives for secrets where it becomes no value: it counts as a secret, readable or not. */
export interface UnreadSecrets {
  /** Whether a name is that of a secret, exactly or nearly. */
  isName(name: string): boolean;
  /** What stands behind the name of a secret, perhaps in base64. */
  addBehind(raw: string, mayBeEncoded: boolean): void;
  /** A line, or several, that became no assignment. One that names nothing may be a piece of a value: all of it counts. */
  addLine(line: string): void;
  /** A comment, in which an assignment may be switched off. */
  addComment(comment: string): void;
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
  const secretMeant = lookUpSecrets(catalog);
  const isName = (name: string) => secretMeant(name) !== undefined;
  const found = new Map<string, Pick<UnreadSecret, 'unless'>>();
  const replaced: Sensitive[] = [];
  const left = { named: limits.unreadLength as number, nameless: limits.unreadLength as number };
  /** Whether a text is long enough to be looked for, and one of not too many. */
  const counts = (length: number, whose: keyof typeof left) => {
    if (length < shortestReading || left[whose] <= 0) return false;
    left[whose] -= length;
    return true;
  };
  const add = (raw: string, whose: keyof typeof left, mayBeEncoded = false) => {
    if (raw.length < shortestReading || left[whose] <= 0) return;
    // No container starts with more: nothing that holds the whole is a value.
    for (const reading of readingsOf(raw.slice(0, limits.valueLength), mayBeEncoded)) {
      if (!found.has(reading) && counts(reading.length, whose)) found.set(reading, unconditionally);
    }
  };
  const addBehind = (raw: string, mayBeEncoded = false) => add(raw, 'named', mayBeEncoded);
  const addAllBehind = (text: string, separators: string) => {
    const texts = textsBehind(text, namesIn(text, separators, isName));
    for (const each of texts) addBehind(each);
    return texts.length > 0;
  };
  return {
    isName,
    addBehind,
    addLine(line) {
      if (line.length < shortestReading || addAllBehind(line, ':=')) return;
      const [, first = '', rest = ''] = /^\s*([\w.-]+)\s+(.*)$/s.exec(line) ?? [];
      if (isName(first)) addBehind(rest);
      else if (!isOfAnotherName(line)) add(line, 'nameless');
    },
    addComment(comment) {
      if (comment.includes('=')) addAllBehind(comment, '=');
    },
    addText(text) {
      for (const line of text.split(/[\r\n]+/)) addAllBehind(line, ':=');
    },
    addUnknown(name, value) {
      const isTail = /^=?$/.test(value) && unknownNamesAre === 'errors';
      if (isTail) return add(`${name}=${value}`, 'nameless');
      const meant = value.length < shortestReading ? undefined : secretMeant(name);
      if (meant === undefined || !counts(value.length, 'named')) return;
      if (unknownNamesAre === 'errors') found.set(value, unconditionally);
      else if (!found.has(value)) found.set(value, { unless: meant });
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

/** Looks up the secret that a name means: by its name, a former one or its key, in upper case or not, with - or _, or by a near name. */
function lookUpSecrets({ variables }: Catalog): (name: string) => string | undefined {
  const nearNames = createNearNames(variables);
  let secrets: ReadonlyMap<string, string> | undefined;
  return (name) => {
    const known = variables.get(name);
    if (known) return known.sensitive ? name : undefined;
    secrets ??= new Map(
      [...variables.values()].flatMap((each) =>
        each.sensitive ? [each.name, each.key, ...each.formerly].map((own) => [plain(own), each.name] as const) : [],
      ),
    );
    const meant = secrets.get(plain(name)) ?? nearNames(name);
    return meant !== undefined && variables.get(meant)?.sensitive ? meant : undefined;
  };
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
    let end = at;
    while (/[\s'"`]/.test(text.charAt(end - 1))) end--;
    let start = end;
    while (/[\w.-]/.test(text.charAt(start - 1))) start--;
    const name = text.slice(start, end);
    if (name !== '' && isWanted(name)) found.push({ name, start, behind: at + 1 });
  }
  return found;
}

/** What stands behind each name, up to the next one. */
export function textsBehind(text: string, names: readonly Named[]): string[] {
  return names.map(({ behind }, index) => text.slice(behind, names[index + 1]?.start));
}
