import type { Catalog } from '../catalog/define-catalog';
import { holdsCredentialShape, holdsUrlCredentials } from './credential-shapes';
import type { Problem } from './problem';
import type { Resolved, Resolver } from './resolve';
import { Sensitive, type Text } from './sensitive';
import { placeOf, subject } from './source';

/** Shorter secrets are found inside ordinary values by chance. In UTF-16 code units. */
const shortestSecret = 12;

/**
 * Secrets that would reach a ConfigMap or a file that is not one for secrets. Every layer is looked at, winning or not:
 * the file is read by many all the same.
 * @param resolver resolves what does not win, too
 */
export function misplacedSecrets(catalog: Catalog, resolver: Resolver): Problem[] {
  const given: Resolved[] = [];
  for (const name of catalog.variables.keys()) {
    for (const [index, { origin }] of resolver.offers(name).entries()) {
      const resolved = origin.layer === 'default' ? undefined : resolver.resolveOffer(name, index);
      if (resolved) given.push(resolved);
    }
  }
  const holdsSecret = secretFinder(given, catalog);
  const plain = given.filter(({ variable }) => !variable.sensitive);
  return plain.flatMap(({ variable, offer, value, reads }): Problem[] => {
    const fault = reason(value, () => secretsBehind(reads, catalog, resolver), holdsSecret);
    if (fault === undefined) return [];
    return [
      {
        severity: 'error',
        code: 'misplaced-secret',
        variable: variable.name,
        ...placeOf(offer.origin),
        message: `${subject(variable.name, offer.origin)} is ${variable.kind}, readable by many, and ${fault}`,
        hint: 'Remove the secret from it, or declare the variable as kind secret in the catalog',
      },
    ];
  });
}

function reason(
  value: Text,
  secretsRead: () => readonly string[],
  holdsSecret: (text: string) => boolean,
): string | undefined {
  // A text that became sensitive did so by reading a secret.
  if (value instanceof Sensitive)
    return `reads ${secretsRead()
      .map((name) => `\${${name}}`)
      .join(', ')}`;
  if (holdsSecret(value)) return 'holds the value of a secret of this environment';
  if (holdsUrlCredentials(value)) return 'carries credentials in a URL';
  if (holdsCredentialShape(value)) return 'holds what looks like a well-known kind of credential';
  return undefined;
}

/** The sensitive variables that are read, directly or through others. */
function secretsBehind(reads: ReadonlySet<string>, catalog: Catalog, resolver: Resolver): string[] {
  const reached = new Set(reads);
  // A set that grows while it is walked is walked to its end.
  for (const name of reached) {
    if (catalog.variables.get(name)?.sensitive) continue;
    for (const read of resolver.resolve(name)?.reads ?? []) reached.add(read);
  }
  return [...reached].filter((name) => catalog.variables.get(name)?.sensitive);
}

function secretFinder(given: readonly Resolved[], catalog: Catalog): (text: string) => boolean {
  const ordinary = new Set([...catalog.variables.values()].flatMap(({ type }) => type.allowed ?? []));
  const secrets = given.flatMap(({ variable, value }) =>
    variable.sensitive && value instanceof Sensitive && !value.matches((text) => ordinary.has(text)) ? [value] : [],
  );
  return Sensitive.finder(secrets, shortestSecret);
}
