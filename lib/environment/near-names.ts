import { nearName } from '../catalog/near-name';
import { limits } from './limits';

export type NearNames = (unknown: string) => string | undefined;

/**
 * Looks up the near names of one source: each name once, and none any more after so many different ones.
 * @param known the variables of a catalog, by name
 */
export function createNearNames(known: ReadonlyMap<string, unknown>): NearNames {
  const found = new Map<string, string | undefined>();
  return (unknown) => {
    if (found.size < limits.nearNames && !found.has(unknown)) found.set(unknown, nearName(unknown, known.keys()));
    return found.get(unknown);
  };
}
