import { nearName, suggestion } from '../catalog/near-name';
import { limits } from '../environment/limits';
import { numberText } from '../environment/number-text';
import type { Fault, Problem } from '../environment/problem';
import { createProblemList } from '../environment/problem-list';
import type { Inventory, Loadable } from './inventory';
import { type Node, shownName } from './manifest';
import { type Reference, referencesAmong } from './references';
import type { Workload } from './workload';

/**
 * References of workloads to what is not there: the pod would not start, or would start without it.
 * @param manifests what stands beside the workloads, of which ServiceAccounts are looked at
 * @param file that the workloads stand in; none, where they run on a cluster
 */
export function unknownReferences(
  workloads: readonly Workload[],
  inventory: Inventory,
  manifests: readonly Node[],
  file?: string,
): Problem[] {
  const problems = createProblemList(file);
  const affords = createBudget(limits.namesCompared);
  for (const { workload, reference } of referencesAmong(workloads, manifests)) {
    if (inventory.isUsedUp()) break;
    const fault = reference.optional ? undefined : unknownReference(workload, reference, inventory, affords, file);
    if (fault) problems.add({ severity: 'error', code: 'unknown-reference' }, fault);
  }
  return problems.all();
}

/** Whether so many names more may be compared with others. */
type Affords = (count: number) => boolean;

function createBudget(most: number): Affords {
  let left = most;
  return (count) => {
    left -= count;
    return left >= 0;
  };
}

/** What is to be said of a reference to what is not there. */
function unknownReference(
  workload: Workload,
  { kind, name, key, place, optional }: Reference,
  inventory: Inventory,
  affords: Affords,
  file: string | undefined,
): (() => Fault) | undefined {
  const found = inventory.find({ kind, name }, workload.namespace);
  const takenAway = () => (inventory.isWritten({ kind, name, key }, workload.namespace) ? isTakenAway : undefined);
  const subject = () => `${shownName(workload.kind)} ${shownName(workload.name)}: ${place}`;
  if (found.length === 0) {
    return () => {
      const names = inventory.of(kind, workload.namespace).map((each) => each.name);
      const meant = affords(names.length) ? nearObject(name, names) : undefined;
      return {
        message: `${subject()} loads ${kind} ${shownName(name)}, which is not there`,
        hint:
          takenAway() ??
          suggestion(meant && shownName(meant)) ??
          `${file === undefined ? 'Make it' : 'Is it made elsewhere? Hand its manifest in too'}, or ${optional === undefined ? 'remove this reference' : 'say optional: true where pods start without it'}`,
      };
    };
  }
  if (key === undefined || found.some(({ keys }) => keys === undefined || keys.has(key))) return undefined;
  return () => {
    const elsewhere = inventory.holderOf(key, workload.namespace);
    return {
      message: `${subject()} reads ${shownName(key)} of ${kind} ${shownName(name)}, which has no such key`,
      hint:
        takenAway() ??
        (elsewhere ? `It is in ${elsewhere.kind} ${shownName(elsewhere.name)}` : keysHint(key, found, affords)),
    };
  };
}

/** The name that is nearest: where two end alike, as objects of all bundles do, without that ending. */
function nearObject(name: string, names: readonly string[]): string | undefined {
  const isNear = (each: string) => {
    const [ending] = /-(?:secrets|config)$/.exec(each) ?? [];
    if (ending === undefined || !name.endsWith(ending)) return true;
    const [own, other] = [name, each].map((whole) => whole.slice(0, -ending.length)) as [string, string];
    const isWithin = (part: string, whole: string) => whole.startsWith(part) || whole.endsWith(part);
    return isWithin(own, other) || isWithin(other, own) || nearName(own, [other]) !== undefined;
  };
  return nearName(name, names.filter(isNear));
}

/** Of what the environment has, and what was handed in has not. */
const isTakenAway =
  'synth writes it: is its folder older than its sources, or does an overlay take it away? If it is made elsewhere, add its manifest';

function keysHint(key: string, found: readonly Loadable[], affords: Affords): string {
  const keys = keysOf(found, affords);
  const meant = affords(keys.size) ? nearName(key, keys) : undefined;
  if (meant !== undefined) return `Did you mean ${shownName(meant)}?`;
  if (keys.size === 0) return 'It has no keys';
  const listed: string[] = [];
  for (const each of keys) {
    if (listed.length === limits.keysListed) break;
    listed.push(shownName(each));
  }
  const rest = keys.size - listed.length;
  return `Its keys are ${listed.sort().join(', ')}${rest > 0 ? ` and ${numberText(rest)} more` : ''}`;
}

/**
 * Of several objects by one name, such as one that is written and the one on the cluster, each key once; where they have
 * very many, the keys of the first.
 */
function keysOf([first, ...others]: readonly Loadable[], affords: Affords): ReadonlySet<string> {
  const keys = first?.keys ?? new Set<string>();
  const all = [keys, ...others.map((each) => each.keys ?? new Set<string>())];
  if (others.length === 0 || !affords(all.reduce((sum, { size }) => sum + size, 0))) return keys;
  return new Set(all.flatMap((some) => [...some]));
}
