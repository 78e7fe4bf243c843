import type { Catalog, Variable } from './catalog';

/** What the pods of a bundle get, in the catalog's order: its own variables and those of the bundle for every pod. */
export function podVariables({ bundles, variables }: Catalog, bundle: string): Variable[] {
  const isLoaded = (name: string) => name === bundle || bundles.get(name)?.everyPod === true;
  return [...variables.values()].filter((variable) => variable.bundles.some(isLoaded));
}
