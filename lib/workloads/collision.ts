import type { Problem } from '../environment/problem';
import { findLoadables, type Loadable } from './inventory';
import { shownName } from './manifest';
import { type Container, containersOf, type EnvironmentSource } from './references';
import type { Workload } from './workload';

/** Names that a container takes from two objects, of which the later one wins without a word. */
export function collisions(workloads: readonly Workload[], loadables: readonly Loadable[]): Problem[] {
  return workloads.flatMap((workload) =>
    containersOf(workload).flatMap((container) => collisionsIn(workload, container, loadables)),
  );
}

function collisionsIn(workload: Workload, container: Container, loadables: readonly Loadable[]): Problem[] {
  const holders = new Map<string, EnvironmentSource>();
  const found: Problem[] = [];
  for (const source of container.sources) {
    for (const name of namesFrom(source, workload, loadables)) {
      const earlier = holders.get(name);
      holders.set(name, source);
      // What the container sets itself wins over both, and was written there to win.
      if (!earlier || isSame(earlier, source) || container.names.has(name)) continue;
      found.push({
        severity: 'warning',
        code: 'collision',
        message: `${workload.kind} ${shownName(workload.name)}: ${container.place} gets ${shownName(name)} from ${object(earlier)} and from ${object(source)}, and the later one wins`,
        hint: `Leave it out of one of them, or give one a prefix`,
      });
    }
  }
  return found;
}

function namesFrom(source: EnvironmentSource, { namespace }: Workload, loadables: readonly Loadable[]): Set<string> {
  const keys = findLoadables(loadables, source, namespace).flatMap((each) => [...(each.keys ?? [])]);
  return new Set(keys.map((key) => source.prefix + key));
}

function isSame(one: EnvironmentSource, other: EnvironmentSource): boolean {
  return one.kind === other.kind && one.name === other.name;
}

function object({ kind, name }: EnvironmentSource): string {
  return `${kind} ${shownName(name)}`;
}
