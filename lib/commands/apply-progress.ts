import { isToChange, type LiveDifference } from '../environment/live-difference';
import { isAllowed, type MayReplace, type Restart } from '../environment/restart';
import { listed } from '../report/cluster';
import type { Kubectl } from '../tools/kubectl';
import { lookAt, type Wanted } from './cluster-plan';

// What an apply that ends early has done: its error says what kubectl would not do, and nothing of the rest.

/** How far a run has come. */
export interface Progress {
  applied: 'none' | 'some' | 'all';
  /** Each as `<kind>/<name>`, as below. */
  pruned: readonly string[];
  restarted: string[];
  /** What is known to have to restart. */
  due: readonly Restart[];
}

/**
 * What a run has done; undefined if there was nothing to do by then.
 * @param found how the cluster differed before
 */
export async function doneByThen(
  { applied, pruned, restarted, due }: Progress,
  wanted: Wanted,
  found: readonly LiveDifference[],
  kubectl: Kubectl,
  allowed: MayReplace & { readonly taken: readonly string[] },
): Promise<string | undefined> {
  const names = namesOf(found.filter((each) => isToChange(each) || allowed.taken.includes(each.object)));
  // What was about to change, and has not, restarts nothing.
  const isDue = applied !== 'none' || names.length === 0;
  const open = due.filter((each) => isDue && isAllowed(each, allowed) && !restarted.includes(each.workload));
  const openNames = open.map(({ workload }) => workload);
  const texts = [
    ...(applied === 'all' ? listed('Applied by then', names) : []),
    ...(applied === 'some' ? [await appliedOf(found, wanted, kubectl)] : []),
    ...(applied === 'none' && names.length > 0 ? [nothing] : []),
    ...listed('Deleted', pruned),
    ...listed('Restarted', restarted),
    ...listed('Still to be restarted', openNames),
  ];
  return texts.length === 0 ? undefined : texts.join('. ');
}

const nothing = 'Nothing was applied';

/** What was applied where kubectl has failed amid the objects: only the cluster tells. */
async function appliedOf(before: readonly LiveDifference[], wanted: Wanted, kubectl: Kubectl): Promise<string> {
  const names = namesOf(before.filter(isToChange));
  const after = await lookAt(wanted, kubectl).catch(() => undefined);
  const now = after?.found.filter(({ object }) => names.includes(object)) ?? [];
  // What is only to be taken over looks the same before and after.
  if (now.length === 0 || now.some(({ state }) => state === 'not-compared')) {
    return 'It is not known what was applied by then';
  }
  const open = namesOf(now.filter(isToChange));
  const applied = names.filter((each) => !open.includes(each));
  if (applied.length === 0) return nothing;
  return [...listed('Applied by then', applied), ...listed('but not', open)].join('; ');
}

function namesOf(found: readonly LiveDifference[]): string[] {
  return found.map(({ object }) => object);
}
