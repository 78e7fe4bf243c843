import { limits } from '../environment/limits';
import type { Problem } from '../environment/problem';
import { createProblemList } from '../environment/problem-list';
import type { Inventory } from './inventory';
import { shownName } from './manifest';
import { type Container, containersOf, type EnvFromSource } from './references';
import type { Workload } from './workload';

/**
 * Names that a container takes from two objects, of which the later one wins without a word.
 * @param file that the workloads stand in
 */
export function collisions(workloads: readonly Workload[], inventory: Inventory, file?: string): Problem[] {
  const problems = createProblemList(file);
  const all = workloads.flatMap((workload) => containersOf(workload).map((container) => ({ workload, container })));
  let left: number = limits.namesOfContainers;
  for (const { workload, container } of all) {
    const holders = new Map<string, EnvFromSource>();
    for (const { name, source } of namesIn(container, workload, inventory)) {
      if (left-- <= 0) return problems.all();
      const earlier = holders.get(name);
      holders.set(name, source);
      // What the container sets itself wins over both, and was written there to win.
      if (!earlier || isSame(earlier, source) || container.names.has(name)) continue;
      problems.add({ severity: 'warning', code: 'collision' }, () => ({
        message: `${shownName(workload.kind)} ${shownName(workload.name)}: ${container.place} gets ${shownName(name)} from ${object(earlier)} and from ${object(source)}, and the later one wins`,
        hint: 'Leave it out of one of them, or give one a prefix',
      }));
    }
  }
  return problems.all();
}

/** Of a longer one the names are not made: each takes its length. In UTF-16 code units. */
const longestPrefix = 253;

/** The names that a container takes from whole objects, in the order in which later ones win. */
function* namesIn({ sources }: Container, { namespace }: Workload, inventory: Inventory) {
  for (const source of sources.filter(({ prefix }) => prefix.length <= longestPrefix)) {
    for (const { keys } of inventory.find(source, namespace)) {
      for (const key of keys ?? []) yield { name: source.prefix + key, source };
    }
  }
}

function isSame(one: EnvFromSource, other: EnvFromSource): boolean {
  return one.kind === other.kind && one.name === other.name;
}

function object({ kind, name }: EnvFromSource): string {
  return `${kind} ${shownName(name)}`;
}
