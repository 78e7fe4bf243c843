import type { Catalog } from './catalog';

/** The names of the objects that pods load, in the order in which `envFrom` is to list them. */
export interface EnvFromNames {
  readonly secrets: readonly string[];
  readonly configMaps: readonly string[];
}

/**
 * What the pods of a bundle load with `envFrom`: the objects of the bundle for every pod, then its own.
 * @throws {TypeError} if there is no such bundle
 */
export function envFromNames({ bundles, objects }: Catalog, bundle: string): EnvFromNames {
  if (!bundles.has(bundle)) throw new TypeError(`There is no bundle ${bundle}: ${[...bundles.keys()].join(', ')}`);
  const common = [...bundles].filter(([name, { everyPod }]) => everyPod && name !== bundle).map(([name]) => name);
  const names = (kind: 'Secret' | 'ConfigMap') =>
    [...common, bundle].flatMap((each) =>
      objects.filter((object) => object.bundle === each && object.kind === kind).map(({ name }) => name),
    );
  return { secrets: names('Secret'), configMaps: names('ConfigMap') };
}
