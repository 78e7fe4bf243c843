import { isToApply, isToChange, type LiveDifference } from '../environment/live-difference';
import { Refusal } from '../environment/problem';
import { isAllowed, type MayReplace, type Restart } from '../environment/restart';
import { listed } from '../report/cluster';
import type { Kubectl } from '../tools/kubectl';
import { type ClusterPlan, lookAt, type Wanted } from './cluster-plan';

// What an apply that ends early has done: its error says what kubectl would not do, and nothing of the rest.

/** How much of a step is done. What is being done is `some`: kubectl may end amid it, or its answer may be lost. */
type Extent = 'none' | 'some' | 'all';

/** How far a run has come. */
export interface Progress {
  applied: Extent;
  pruned: Extent;
  restarts: Extent;
  /** Each as `<kind>/<name>`, as below. */
  restarted: string[];
  takenOver: string[];
  /** What is known to have to restart. */
  due: readonly Restart[];
}

/** What a run may do, and to what. */
interface Allowed extends MayReplace {
  readonly taken: readonly string[];
  readonly prunable: readonly string[];
}

/**
 * What a run has done; undefined if there was nothing to do by then.
 * @param plan how the cluster differed before
 */
export async function doneByThen(
  { applied, pruned, restarts, restarted, takenOver, due }: Progress,
  wanted: Wanted,
  { found }: Pick<ClusterPlan, 'found'>,
  kubectl: Kubectl,
  allowed: Allowed,
): Promise<string | undefined> {
  const { taken, prunable } = allowed;
  const now = applied === 'some' || pruned === 'some' ? await lookIfPossible(wanted, kubectl) : undefined;
  const isTaken = ({ object }: LiveDifference) => applied !== 'some' && taken.includes(object);
  const names = namesOf(found.filter((each) => isToChange(each) || isTaken(each)));
  const known = applied === 'some' ? now && appliedOf(found, now.found) : applied === 'all' ? names : [];
  const gone = pruned === 'some' ? now && goneOf(prunable, now) : pruned === 'all' ? prunable : [];
  // What was about to change, and has not, restarts nothing.
  const waiting = applied === 'all' ? [] : namesOf(found.filter(isToApply)).filter((each) => !known?.includes(each));
  const isDue = ({ objects }: Restart) =>
    objects.length === 0 || objects.some((object) => !waiting.some((each) => isOf(object, each)));
  const open = due.filter((each) => isDue(each) && isAllowed(each, allowed) && !restarted.includes(each.workload));
  const texts = [
    ...(known ? appliedText(known, names) : ['It is not known what was applied by then']),
    ...(gone ? listed('Deleted', gone) : ['It is not known what was deleted']),
    ...listed('Restarted', restarted),
    ...listed(restarts === 'some' ? 'Perhaps still to be restarted' : 'Still to be restarted', workloadsOf(open)),
    ...listed('Taken over', takenOver),
  ];
  return texts.length === 0 ? undefined : texts.join('. ');
}

function appliedText(applied: readonly string[], names: readonly string[]): string[] {
  if (names.length === 0) return [];
  if (applied.length === 0) return ['Nothing was applied'];
  const open = names.filter((each) => !applied.includes(each));
  return [[...listed('Applied by then', applied), ...listed('but not', open)].join('; ')];
}

/** What is there by now; undefined where kubectl does not answer. */
async function lookIfPossible(wanted: Wanted, kubectl: Kubectl) {
  try {
    return await lookAt(wanted, kubectl);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/**
 * What was applied where kubectl has failed amid the objects: only the cluster tells. What is only to be taken over looks
 * the same before and after. @returns undefined where it cannot be told
 */
function appliedOf(before: readonly LiveDifference[], now: readonly LiveDifference[]): string[] | undefined {
  const names = namesOf(before.filter(isToChange));
  const compared = now.filter(({ object }) => names.includes(object));
  if (compared.length === 0 || compared.some(({ state }) => state === 'not-compared')) return undefined;
  const open = namesOf(compared.filter(isToChange));
  return names.filter((each) => !open.includes(each));
}

/** Whether pods load an object because of one that was applied: an operator makes Secrets of ExternalSecrets. */
function isOf(object: string, applied: string): boolean {
  return object === applied || object === applied.replace(/^ExternalSecret\//, 'Secret/');
}

/** What is no longer left over; undefined where that cannot be told. */
function goneOf(
  names: readonly string[],
  { leftOvers, state }: Pick<ClusterPlan, 'leftOvers' | 'state'>,
): string[] | undefined {
  if (!state.labelled || !state.externalSecrets) return undefined;
  return names.filter((name) => !leftOvers.some(({ object }) => object === name));
}

function namesOf(found: readonly LiveDifference[]): string[] {
  return found.map(({ object }) => object);
}

function workloadsOf(restarts: readonly Restart[]): string[] {
  return restarts.map(({ workload }) => workload);
}
