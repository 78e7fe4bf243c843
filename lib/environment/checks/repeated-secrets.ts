import type { Problem } from '../problem';
import type { Resolved } from '../resolve';
import { Sensitive } from '../sensitive';
import { placeOf, subject } from '../source';
import type { Recognition } from './recognisers';
import { wordsOfName } from './recognisers/catalog-names';
import { textBehindBase64 } from './recognisers/foreign-credentials';
import { wordList } from './recognisers/word-list';

/** A secret of an environment, and what it reads through placeholders. */
export interface NamedSecret {
  readonly name: string;
  readonly value: Sensitive;
  readonly reads: ReadonlySet<string>;
}

/** A secret that stands under a second name. */
export interface Repetition extends Recognition {
  /** The variable that repeats the other. */
  readonly variable: string;
}

/** In UTF-16 code units. Shorter ones are alike by chance, or are no secrets. */
const shortest = 6;

/** Variables that are named for what several may have in common: a user may be called like its database. */
const mayBeAlike = wordList(
  'USER USERNAME LOGIN NAME ID HOST HOSTNAME PORT DB DATABASE SCHEMA BUCKET REGION EMAIL ACCOUNT URL URI DSN MODE',
);

/**
 * One secret under two names, as it is or in base64. Whoever means it reads the other by `${NAME}`, which is left alone.
 * In time that is linear in the lengths of all.
 * @param secrets in the catalog's order: of two alike the second is reported
 */
export function repeatedSecrets(secrets: readonly NamedSecret[]): Repetition[] {
  const candidates = secrets.filter(
    ({ name, value }) =>
      !mayBeAlike.has(wordsOfName(name).at(-1) ?? '') && value.matches((text) => text.length >= shortest),
  );
  if (candidates.length < 2) return [];
  const find = index(candidates);
  return candidates.flatMap((secret, at): Repetition[] => {
    const same = find(secret.value, (_, place) => place < at);
    if (same && !isMeant(secret, same)) return [repetition(secret, same, 'is the same secret as')];
    if (!secret.value.matches((text) => textBehindBase64(text) !== undefined)) return [];
    const decoded = secret.value.map((text) => textBehindBase64(text) ?? '');
    const encoded = find(decoded, (other) => other !== secret);
    return encoded ? [repetition(secret, encoded, 'is base64 of the secret')] : [];
  });
}

/** The same as problems. Variables whose declaration calls them verbatim are left alone. */
export function repeatedSecretProblems(values: readonly Resolved[]): Problem[] {
  const given = values.flatMap(({ variable: { name, verbatim }, value, reads, layerValue }) =>
    value instanceof Sensitive && !verbatim ? [{ name, value, reads, origin: layerValue.origin }] : [],
  );
  const origins = new Map(given.map(({ name, origin }) => [name, origin]));
  return repeatedSecrets(given).flatMap(({ severity, code, variable, says, hint }): Problem[] => {
    const origin = origins.get(variable);
    if (!origin) return [];
    return [{ severity, code, variable, ...placeOf(origin), message: `${subject(variable, origin)} ${says}`, hint }];
  });
}

function repetition({ name }: NamedSecret, other: NamedSecret, says: string): Repetition {
  return {
    recogniser: 'repeated-secret',
    code: 'suspicious-value',
    severity: 'warning',
    variable: name,
    says: `${says} ${other.name}`,
    hint: `Put its own value there, or write \${${other.name}} if the two are meant to be the same`,
  };
}

function isMeant(one: NamedSecret, other: NamedSecret): boolean {
  if (one.reads.has(other.name) || other.reads.has(one.name)) return true;
  return one.reads.size > 0 && [...one.reads].every((name) => other.reads.has(name));
}

/** A search for an equal secret. Hashes stay in here and differ from run to run. */
function index(
  secrets: readonly NamedSecret[],
): (value: Sensitive, accepts: (secret: NamedSecret, place: number) => boolean) => NamedSecret | undefined {
  const factor = Math.floor(Math.random() * 2 ** 30) * 2 + 1;
  const hash = (text: string) => {
    let sum = text.length;
    for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), factor);
    return sum;
  };
  const places = new Map<number, number[]>();
  for (const [place, { value }] of secrets.entries()) {
    const key = value.measure(hash);
    const alike = places.get(key);
    if (!alike) places.set(key, [place]);
    // Of many that are all the same the first two are enough to find one that is not the secret itself.
    else if (alike.length < 2 || !secrets[alike[0] ?? 0]?.value.equals(value)) alike.push(place);
  }
  return (value, accepts) => {
    for (const place of places.get(value.measure(hash)) ?? []) {
      const secret = secrets[place];
      if (secret && accepts(secret, place) && secret.value.equals(value)) return secret;
    }
    return undefined;
  };
}
