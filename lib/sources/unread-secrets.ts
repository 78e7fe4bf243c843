import type { Catalog } from '../catalog/catalog';
import { nearName } from '../catalog/near-name';
import { Sensitive } from '../environment/sensitive';
import type { Source, UnreadSecret } from '../environment/source';
import { readingsOf } from './unread-readings';

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
  all(): UnreadSecret[];
}

const unconditionally = {};

/** @param unknownNamesAre where they are no errors, a near name may be another's, and counts only while it is missed */
export function findUnreadSecrets(catalog: Catalog, unknownNamesAre: Source['unknownNamesAre']): UnreadSecrets {
  const secretMeant = lookUpSecrets(catalog);
  const isName = (name: string) => secretMeant(name) !== undefined;
  const found = new Map<string, Pick<UnreadSecret, 'unless'>>();
  const addBehind = (raw: string, mayBeEncoded = false) => {
    for (const reading of readingsOf(raw, mayBeEncoded)) found.set(reading, unconditionally);
  };
  const addAllBehind = (text: string, separators: string) => {
    const texts = textsBehind(text, namesIn(text, separators, isName));
    for (const each of texts) addBehind(each);
    return texts.length > 0;
  };
  return {
    isName,
    addBehind,
    addLine(line) {
      if (addAllBehind(line, ':=')) return;
      const [, first = '', rest = ''] = /^\s*([\w.-]+)\s+(.*)$/s.exec(line) ?? [];
      if (isName(first)) addBehind(rest);
      else if (!isOfAnotherName(line)) addBehind(line);
    },
    addComment(comment) {
      if (comment.includes('=')) addAllBehind(comment, '=');
    },
    addText(text) {
      for (const line of text.split(/[\r\n]+/)) addAllBehind(line, ':=');
    },
    addUnknown(name, value) {
      const isTail = /^=?$/.test(value) && unknownNamesAre === 'errors';
      const meant = isTail ? undefined : secretMeant(name);
      if (isTail) addBehind(`${name}=${value}`);
      else if (meant !== undefined && unknownNamesAre === 'errors') found.set(value, unconditionally);
      else if (meant !== undefined && !found.has(value)) found.set(value, { unless: meant });
    },
    all: () => [...found].map(([text, rest]) => ({ text: new Sensitive(text), ...rest })),
  };
}

/** Whether a line says whose it is. */
function isOfAnotherName(line: string): boolean {
  return /^\s*(?:export\s+)?[\w.-]+\s*(?:=|:\s)/.test(line);
}

/** For more unknown names than this nobody looks up what each was meant to be. */
const mostNearNames = 1_000;

/** Looks up the secret that a name means: by its name or key, in upper case or not, with - or _, or by a near name. */
function lookUpSecrets({ variables }: Catalog): (name: string) => string | undefined {
  let secrets: ReadonlyMap<string, string> | undefined;
  const looked = new Map<string, string | undefined>();
  return (name) => {
    const known = variables.get(name);
    if (known) return known.sensitive ? name : undefined;
    if (looked.has(name)) return looked.get(name);
    secrets ??= new Map(
      [...variables.values()].flatMap((each) =>
        each.sensitive ? [each.name, each.key].map((own) => [plain(own), each.name] as const) : [],
      ),
    );
    const same = secrets.get(plain(name));
    if (same !== undefined || looked.size >= mostNearNames) return same;
    const near = nearName(name, variables.keys());
    const meant = near !== undefined && variables.get(near)?.sensitive ? near : undefined;
    looked.set(name, meant);
    return meant;
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
