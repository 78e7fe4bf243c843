import type { Variable } from '../catalog/catalog';
import { nearName } from '../catalog/near-name';
import { limits } from './limits';

export type NearNames = (unknown: string) => string | undefined;

/**
 * Looks up the near names of one source, where a variable's former name is nearest: each name once, and none any more
 * after so many different ones.
 * @param known the variables of a catalog, by name
 */
export function createNearNames(known: ReadonlyMap<string, Pick<Variable, 'formerly'>>): NearNames {
  let found: Map<string, string | undefined> | undefined;
  let most = 0;
  return (unknown) => {
    if (!found) {
      found = new Map([...known].flatMap(([name, { formerly }]) => formerly.map((former) => [former, name])));
      most = found.size + limits.nearNames;
    }
    if (found.size < most && !found.has(unknown)) found.set(unknown, nearName(unknown, known.keys()));
    return found.get(unknown);
  };
}
