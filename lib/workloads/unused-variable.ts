import type { BundleObject, Catalog, Variable } from '../catalog/catalog';
import { addTo } from '../environment/group-by';
import type { Problem } from '../environment/problem';
import { type Node, objectsIn, textAt } from './manifest';
import { referencesOf } from './references';
import type { Workload } from './workload';

/**
 * Variables that no workload loads. Where there are no workloads, nothing is said.
 * @param manifests what stands beside the workloads: an overlay may have renamed the objects of the catalog there
 * @param namespace that of these objects, unless an overlay has given them another one
 */
export function unusedVariables(
  catalog: Catalog,
  workloads: readonly Workload[],
  manifests: readonly Node[],
  namespace?: string,
): Problem[] {
  const written = ownObjects(catalog.app, manifests);
  const places = new Set([namespace, ...written.map((each) => textAt(each, 'metadata', 'namespace'))]);
  // In another namespace the same names are other objects.
  const near = workloads.filter(
    (each) => each.namespace === undefined || places.has(each.namespace) || places.has(undefined),
  );
  if (near.length === 0) return [];
  const references = near.flatMap((workload) => referencesOf(workload));
  const homes = new Map<Variable, BundleObject[]>();
  const loaded = new Set<Variable>();
  for (const object of catalog.objects) {
    const names = namesOf(object, written);
    const own = references.filter(({ kind, name }) => kind === object.kind && names.has(name));
    for (const variable of object.variables.values()) {
      addTo(homes, variable, object);
      if (own.some((each) => each.key === undefined || each.key === variable.key)) loaded.add(variable);
    }
  }
  return [...homes]
    .filter(([variable]) => !loaded.has(variable))
    .map(([variable, objects]) => ({
      severity: 'warning',
      code: 'unused-variable',
      variable: variable.name,
      message: `${variable.name} is loaded by no workload`,
      hint: `Load ${objects.map(({ kind, name }) => `${kind} ${name}`).join(' or ')} by envFrom, or remove it from catalog.ts`,
    }));
}

/** The objects of the catalog that stand in manifests. Workloads may have the same label. */
function ownObjects(app: string, manifests: readonly Node[]): Node[] {
  const kinds = ['Secret', 'ConfigMap', 'ExternalSecret'];
  return [...objectsIn(manifests)].filter(
    (object) =>
      kinds.includes(textAt(object, 'kind') ?? '') &&
      textAt(object, 'metadata', 'labels', 'app.kubernetes.io/name') === app,
  );
}

/** What an object of the catalog is called: its name, and those that overlays gave it, by namePrefix for example. */
function namesOf({ kind, name, bundle }: BundleObject, written: readonly Node[]): Set<string> {
  const renamed = written.filter(
    (object) =>
      textAt(object, 'kind') === kind &&
      textAt(object, 'metadata', 'labels', 'app.kubernetes.io/component') === bundle &&
      textAt(object, 'metadata', 'name')?.includes(name),
  );
  return new Set([name, ...renamed.flatMap((object) => textAt(object, 'metadata', 'name') ?? [])]);
}
