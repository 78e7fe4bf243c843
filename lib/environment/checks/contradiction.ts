import type { Catalog } from '../../catalog/catalog';
import type { Problem } from '../problem';
import type { Resolved } from '../resolve';
import { textMatches } from '../sensitive';
import { problemAt } from '../source';

/** Values that name another environment than the one they are given for. */
export function contradiction(
  catalog: Catalog,
  environment: string,
  resolved: ReadonlyMap<string, Resolved>,
): Problem[] {
  const value = resolved.get(catalog.roles.environment.name);
  if (!value || textMatches(value.value, (text) => text === environment)) return [];
  return [
    problemAt(value.variable.name, value.layerValue.origin, {
      severity: 'error',
      code: 'contradiction',
      says: `names another environment than ${environment}`,
      hint: `Set ${value.variable.name}=${environment}, or leave it out. Was it copied from another environment?`,
    }),
  ];
}
