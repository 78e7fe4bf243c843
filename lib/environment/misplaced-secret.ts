import type { Catalog } from '../catalog/define-catalog';
import { holdsCredentialShape, holdsUrlCredentials } from './credential-shapes';
import type { Problem } from './problem';
import type { Resolved } from './resolve';
import { Sensitive } from './sensitive';
import { placeOf, subject } from './source';

/** Shorter secrets are found inside ordinary values by chance. In UTF-16 code units. */
const shortestSecret = 12;

/** Secrets that would reach a ConfigMap or a file that is not one for secrets. */
export function misplacedSecrets(resolved: readonly Resolved[], catalog: Catalog): Problem[] {
  const holdsSecret = secretFinder(resolved, catalog);
  return resolved.flatMap((each): Problem[] => {
    const { variable, offer, value, secretsRead } = each;
    if (variable.sensitive) return [];
    const fault = reason(value, secretsRead, holdsSecret);
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
  value: Resolved['value'],
  secretsRead: ReadonlySet<string>,
  holdsSecret: (text: string) => boolean,
): string | undefined {
  // A text that became sensitive did so by reading a secret.
  if (value instanceof Sensitive) return `reads ${[...secretsRead].map((name) => `\${${name}}`).join(', ')}`;
  if (holdsSecret(value)) return 'holds the value of a secret of this environment';
  if (holdsUrlCredentials(value)) return 'carries credentials in a URL';
  if (holdsCredentialShape(value)) return 'holds what looks like a well-known kind of credential';
  return undefined;
}

function secretFinder(resolved: readonly Resolved[], catalog: Catalog): (text: string) => boolean {
  const ordinary = new Set([...catalog.variables.values()].flatMap(({ type }) => type.allowed ?? []));
  const secrets = resolved.flatMap(({ variable, value }) =>
    variable.sensitive && value instanceof Sensitive && !value.matches((text) => ordinary.has(text)) ? [value] : [],
  );
  return Sensitive.finder(secrets, shortestSecret);
}
