import type { BundleObject, Catalog, Variable } from '../catalog/catalog';
import { addTo } from '../environment/group-by';
import type { Problem } from '../environment/problem';
import { type Node, objectsIn, textAt } from './manifest';
import { referencesOf } from './references';
import type { Workload } from './workload';

/**
 * Variables that no workload loads. Where there are no workloads, nothing is said.
 * @param manifests what stands beside the workloads: an overlay may have renamed the objects of the catalog there
 */
export function unusedVariables(
  catalog: Catalog,
  workloads: readonly Workload[],
  manifests: readonly Node[],
): Problem[] {
  if (workloads.length === 0) return [];
  const references = workloads.flatMap((workload) => referencesOf(workload));
  const homes = new Map<Variable, BundleObject[]>();
  const loaded = new Set<Variable>();
  for (const object of catalog.objects) {
    const names = namesOf(object, catalog.app, manifests);
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

/** What an object of the catalog is called: its name, and those that overlays gave it, by namePrefix for example. */
function namesOf({ kind, name, bundle }: BundleObject, app: string, manifests: readonly Node[]): Set<string> {
  const renamed = [...objectsIn(manifests)].filter(
    (object) =>
      textAt(object, 'kind') === kind &&
      textAt(object, 'metadata', 'labels', 'app.kubernetes.io/name') === app &&
      textAt(object, 'metadata', 'labels', 'app.kubernetes.io/component') === bundle &&
      textAt(object, 'metadata', 'name')?.includes(name),
  );
  return new Set([name, ...renamed.flatMap((object) => textAt(object, 'metadata', 'name') ?? [])]);
}
