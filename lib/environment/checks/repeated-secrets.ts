import type { Problem } from '../problem';
import type { Resolved } from '../resolve';
import { Sensitive } from '../sensitive';
import { problemAt } from '../source';
import type { Recognition } from './recognisers';
import { textBehindBase64 } from './recognisers/foreign-credentials';

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

/** How variables are called that are named for what several may have in common: a user may be called like its database. */
const mayBeAlike =
  /(?:^|_)(?:USER|USERNAME|LOGIN|NAME|ID|HOST|HOSTNAME|PORT|DB|DATABASE|SCHEMA|BUCKET|REGION|EMAIL|ACCOUNT|URL|URI|DSN|MODE)_*$/i;

/**
 * One secret under two names, as it is or in base64. Whoever means it reads the other by `${NAME}`, which is left alone.
 * In time that is linear in the lengths of all.
 * @param secrets in the catalog's order: of two alike the second is reported
 */
export function repeatedSecrets(secrets: readonly NamedSecret[]): Repetition[] {
  const candidates = secrets.filter(
    ({ name, value }) => !mayBeAlike.test(name) && value.matches((text) => text.length >= shortest),
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
  const repetitions = repeatedSecrets(given);
  if (repetitions.length === 0) return [];
  const origins = new Map(given.map(({ name, origin }) => [name, origin]));
  return repetitions.flatMap((each) => {
    const origin = origins.get(each.variable);
    return origin ? [problemAt(each.variable, origin, each)] : [];
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

/** A search for an equal secret. */
function index(
  secrets: readonly NamedSecret[],
): (value: Sensitive, accepts: (secret: NamedSecret, place: number) => boolean) => NamedSecret | undefined {
  const numberOf = Sensitive.numbering();
  const places = new Map<number, number[]>();
  for (const [place, { value }] of secrets.entries()) {
    const number = numberOf(value);
    const alike = places.get(number);
    if (!alike) places.set(number, [place]);
    // Of those that are all the same the first two are enough to find one that is not the secret itself.
    else if (alike.length < 2) alike.push(place);
  }
  return (value, accepts) => {
    for (const place of places.get(numberOf(value)) ?? []) {
      const secret = secrets[place];
      if (secret && accepts(secret, place)) return secret;
    }
    return undefined;
  };
}
