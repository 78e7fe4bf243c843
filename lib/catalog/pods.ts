import type { Catalog, Variable } from './catalog';

/** The names of the objects that pods load, in the order in which `envFrom` is to list them. */
export interface EnvFromNames {
  readonly secrets: readonly string[];
  readonly configMaps: readonly string[];
}

/**
 * What the pods of a bundle load with `envFrom`: the objects of the bundle for every pod, then its own.
 * @throws {TypeError} if there is no such bundle
 */
export function envFromNames(catalog: Catalog, bundle: string): EnvFromNames {
  const { bundles, objects } = catalog;
  if (!bundles.has(bundle)) throw new TypeError(`There is no bundle ${bundle}: ${[...bundles.keys()].join(', ')}`);
  const names = (kind: 'Secret' | 'ConfigMap') =>
    bundlesOfPods(catalog, bundle).flatMap((each) =>
      objects.filter((object) => object.bundle === each && object.kind === kind).map(({ name }) => name),
    );
  return { secrets: names('Secret'), configMaps: names('ConfigMap') };
}

/** What the pods of a bundle get, in the catalog's order. */
export function podVariables(catalog: Catalog, bundle: string): Variable[] {
  const loaded = bundlesOfPods(catalog, bundle);
  return [...catalog.variables.values()].filter((each) => each.bundles.some((name) => loaded.includes(name)));
}

/** The bundles that the pods of one load: that for every pod, if it is another one, and their own. */
export function bundlesOfPods({ bundles }: Catalog, bundle: string): string[] {
  const common = [...bundles].filter(([name, { everyPod }]) => everyPod && name !== bundle).map(([name]) => name);
  return [...common, bundle];
}
