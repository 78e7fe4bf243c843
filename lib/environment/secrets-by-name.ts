import type { Catalog, Variable } from '../catalog/catalog';
import { namesOf } from '../catalog/lookups';
import { oncePer } from './once-per';

/** The secrets of a catalog by every name that they are known by. Of several that have had one name, it means the last. */
export const secretsByName = oncePer((variables: Catalog['variables']): ReadonlyMap<string, Variable> => {
  const secrets = [...variables.values()].filter(({ sensitive }) => sensitive);
  return new Map(secrets.flatMap((secret) => namesOf(secret).map((name) => [name, secret] as const)));
});
