import { groupBy } from '../environment/group-by';
import {
  type ClusterObject,
  changeMark,
  changesData,
  copiedIn,
  editMark,
  hasAnnotation,
  lastChange,
  objectName,
} from '../environment/live-difference';
import { annotate } from '../tools/change-cluster';
import type { Kubectl } from '../tools/kubectl';
import { lastStart } from '../workloads/restart';
import type { ClusterPlan, Wanted } from './cluster-plan';

/**
 * Keeps in annotations what an apply destroys and the next run needs: when an object was changed that is taken over from
 * client-side apply, and that one is changed behind the back of a checksum.
 */
export async function markChanged({ catalog, namespace }: Wanted, plan: ClusterPlan, kubectl: Kubectl): Promise<void> {
  const { found, state } = plan;
  const fallback = latestLoad(state);
  for (const [annotation, names] of [
    [changeMark(catalog.app), copiedIn(found)],
    [editMark(catalog.app), editedIn(plan)],
  ] as const) {
    const marked = new Set(names);
    const objects = state.objects.filter((object) => marked.has(objectName(object)));
    const timeOf = (object: ClusterObject) => lastChange(object, changeMark(catalog.app)) ?? fallback;
    for (const [time, some] of groupBy(objects, timeOf)) {
      if (time === undefined) continue;
      await annotate(kubectl, some.map(objectName), { [annotation]: new Date(time).toISOString() }, namespace);
    }
  }
}

/** Removes these once the pods are replaced that they are for. */
export async function removeMarks(
  { catalog, namespace }: Wanted,
  { state }: Pick<ClusterPlan, 'state'>,
  kubectl: Kubectl,
): Promise<void> {
  const marks = [changeMark(catalog.app), editMark(catalog.app)];
  const isMarked = (object: ClusterObject) => marks.some((mark) => hasAnnotation(object, mark));
  const marked = state.objects.filter(isMarked).map(objectName);
  if (marked.length === 0) return;
  await annotate(kubectl, marked, Object.fromEntries(marks.map((mark) => [mark, undefined])), namespace);
}

/**
 * Objects that change while a checksum of theirs does not, as `<kind>/<name>`. Where workloads cannot be seen, any Secret
 * or ConfigMap that changes may be one.
 */
function editedIn({ found, restarts, state }: ClusterPlan): string[] {
  const isLoaded = (object: string) => /^(?:Secret|ConfigMap)\//.test(object);
  if (!state.workloads) return found.filter(changesData).flatMap(({ object }) => (isLoaded(object) ? object : []));
  return restarts.flatMap((each) => each.edited ?? []);
}

/** The time of change to assume where none is known: any pod that runs now may have loaded what was there before. */
function latestLoad({ pods }: ClusterPlan['state']): number | undefined {
  return pods ? lastStart(pods) : Date.now();
}
