import type { Catalog } from '../../catalog/catalog';
import { decodingsOf } from '../decodings';
import { oncePer } from '../once-per';
import type { Problem } from '../problem';
import { givenValues, type Resolved, type Resolver } from '../resolve';
import { textsHolding } from '../secret-search';
import { secretsByName } from '../secrets-by-name';
import { Sensitive, type Text } from '../sensitive';
import { problemAt, type Source } from '../source';
import { unreadSecrets } from '../unread-secrets';
import { holdsCredentialShape, holdsUrlCredentials, nothingYet } from './credential-shapes';

/** Shorter secrets are found inside ordinary values by chance. In UTF-16 code units. */
export const shortestSecret = 12;

/**
 * Secrets that would reach a ConfigMap or a file that is not one for secrets. Every layer is looked at, winning or not:
 * the file is read by many all the same.
 * @param resolver resolves what does not win, too
 */
export function misplacedSecrets(catalog: Catalog, sources: readonly Source[], resolver: Resolver): Problem[] {
  const plain: Resolved[] = [];
  const texts = new Set<string>();
  const given: Sensitive[] = [];
  for (const each of givenValues(resolver, catalog.variables.values())) {
    const { variable, value } = each;
    if (variable.sensitive) {
      if (value instanceof Sensitive) given.push(value);
    } else {
      plain.push(each);
      if (typeof value === 'string') texts.add(value);
    }
  }
  const ordinary = ordinaryValues(catalog.variables);
  const looked = (secrets: readonly Sensitive[]) =>
    textsHolding(
      secrets.filter((secret) => !secret.matches((text) => ordinary.has(text))),
      texts,
      shortestSecret,
    );
  const found: Found = {
    secrets: looked(given),
    unread: sources.map((source) => {
      const { file = 'the process environment' } = source;
      return { from: file, texts: looked(unreadSecrets(catalog, [source], resolver)) };
    }),
  };
  const secretBehind = secretReader(catalog, resolver);
  const secretGivenIn = assignmentReader(catalog);
  return plain.flatMap(({ variable, layerValue, value, reads }): Problem[] => {
    // A comment may name a default of the catalog beside a secret; what is committed there is hardly what it gives away.
    const sought = layerValue.origin.layer === 'default' ? { ...found, unread: [] } : found;
    const fault = faultOf(value, () => secretBehind(reads), sought, secretGivenIn);
    if (fault === undefined) return [];
    const says = `is ${variable.kind}, readable by many, and ${fault.message}`;
    const { hint } = fault;
    return [problemAt(variable.name, layerValue.origin, { severity: 'error', code: 'misplaced-secret', says, hint })];
  });
}

interface Found {
  /** Texts that hold a value of a secret. */
  readonly secrets: ReadonlySet<string>;
  /** Texts that hold what a source gives for a secret and is no value. */
  readonly unread: readonly { readonly from: string; readonly texts: ReadonlySet<string> }[];
}

interface Fault {
  /** Completes "NAME is config, readable by many, and …". */
  readonly message: string;
  readonly hint: string;
}

const removeIt =
  'Remove the secret from it, or declare the variable as one in the catalog: by kind secret, or by sensitive: true where it is infra and drives nothing';

function faultOf(
  value: Text,
  secretsRead: () => readonly string[],
  { secrets, unread }: Found,
  secretGivenIn: (text: string) => string | undefined,
): Fault | undefined {
  // A text that became sensitive did so by reading a secret.
  if (value instanceof Sensitive) return { message: `reads ${secretsRead().join(', ')}`, hint: removeIt };
  if (secrets.has(value)) return { message: 'holds the value of a secret of this environment', hint: removeIt };
  const unreadIn = unread.find(({ texts }) => texts.has(value));
  if (unreadIn) {
    const { from } = unreadIn;
    return {
      message: `contains what ${from} has behind a secret's name, or one like it, where that does not set the secret`,
      hint: `If that is a secret, remove it from here. If not, mend or remove it in ${from}`,
    };
  }
  const given = secretGivenIn(value);
  if (given !== undefined) {
    return {
      message: `gives ${given} a value`,
      hint: `If a line break is missing, put ${given}=… on a line of its own. Else remove the secret from it`,
    };
  }
  if (holdsUrlCredentials(value)) return { message: 'carries credentials in a URL', hint: removeIt };
  if (holdsCredentialShape(value)) {
    return { message: 'holds what looks like a well-known kind of credential', hint: removeIt };
  }
  return undefined;
}

/** Values that a typed variable may have: a secret that is one of them is found elsewhere by chance. */
const ordinaryValues = oncePer(
  (variables: Catalog['variables']): ReadonlySet<string> =>
    new Set([...variables.values()].flatMap(({ type }) => type.allowed ?? [])),
);

/** What stands between a name and a value, in a line, an argument, a query or JSON; not before what only stands for one. */
const givesValue = new RegExp(
  `(?:=|["']\\s{0,4}:\\s{0,4}(?=["']))["'\`]?(?!=)${nothingYet}(?=[^\\s;&,"'\`][^\\s"'\`]{${shortestSecret - 1}})`,
  'gi',
);

/** Tells to which secret a text gives a value, by its name, key or a former name. */
function assignmentReader({ variables }: Catalog): (text: string) => string | undefined {
  let longest: number | undefined;

  /** The secret whose name ends there. What stands before it may be the end of a value that lacks its line break. */
  function secretBefore(text: string, end: number): string | undefined {
    const secrets = secretsByName(variables);
    longest ??= [...secrets.keys()].reduce((most, { length }) => Math.max(most, length), 0);
    const isInWord = (at: number) => /\w/.test(text.charAt(at));
    let start = end;
    while (end - start < longest && isInWord(start - 1)) start--;
    for (; start < end; start++) {
      const name = text.slice(start, end);
      const secret = secrets.get(name);
      // One of a single word, such as TOKEN, is the end of many names.
      if (secret && (name.includes('_') || !isInWord(start - 1))) return secret.name;
    }
    return undefined;
  }

  return (text) => {
    if (!/=|%3d|["']\s{0,4}:/i.test(text)) return undefined;
    for (const reading of decodingsOf(text)) {
      for (const { index } of reading.matchAll(givesValue)) {
        const secret = secretBefore(reading, index);
        if (secret !== undefined) return secret;
      }
    }
    return undefined;
  };
}

/** As many names are listed. */
const mostShown = 5;

/** Tells as placeholders which secrets a value reads: of each variable that it reads, the nearest one behind it. */
function secretReader(catalog: Catalog, resolver: Resolver): (reads: ReadonlySet<string>) => string[] {
  const nearest = new Map<string, string>();
  const isSecret = (name: string) => catalog.variables.get(name)?.sensitive === true;
  const leadsToSecret = (name: string) => isSecret(name) || resolver.resolve(name)?.value instanceof Sensitive;

  function secretBehind(start: string): string {
    const passed: string[] = [];
    let name: string | undefined = start;
    // Everybody is passed once, however many read each other in a row.
    while (name !== undefined && !isSecret(name) && !nearest.has(name)) {
      passed.push(name);
      name = [...(resolver.resolve(name)?.reads ?? [])].find(leadsToSecret);
    }
    const secret = nearest.get(name ?? '') ?? name ?? start;
    for (const each of passed) nearest.set(each, secret);
    return secret;
  }

  return (reads) => {
    const names = [...new Set([...reads].filter(leadsToSecret).map(secretBehind))];
    const shown = names.slice(0, mostShown).map((name) => `\${${name}}`);
    return names.length > mostShown ? [...shown, '…'] : shown;
  };
}
