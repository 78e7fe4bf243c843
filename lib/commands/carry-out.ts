import {
  changeMark,
  changesData,
  copiedIn,
  isAnyApplied,
  isNamespace,
  type LiveDifference,
  lastApplied,
  lastChange,
  objectName,
  takingOver,
} from '../environment/live-difference';
import { type Problem, Refusal, refusal } from '../environment/problem';
import { isAllowed, type MayReplace, type Restart } from '../environment/restart';
import { someOf } from '../environment/some-of';
import { applyAgain, restartLine } from '../report/cluster';
import type { ApplyReport } from '../report/report';
import {
  annotate,
  applyManifests,
  deleteObjects,
  patchObject,
  putChecksums,
  restartWorkloads,
  waitFor,
  waitForStore,
} from '../tools/change-cluster';
import type { Kubectl } from '../tools/kubectl';
import { nameOf } from '../workloads/manifest';
import { notReplaced, rollingOut, startedBefore } from '../workloads/restart';
import { doneByThen, type Progress } from './apply-progress';
import { type ClusterPlan, fetchedSecrets, lookAt, staleFor, type Wanted } from './cluster-plan';
import { markChanged, removeMarks } from './restart-marks';

/** What may be done, and how long may be waited. */
export interface Allowed extends MayReplace {
  /** The folder that the manifests stand in, as messages show it. */
  readonly from: string;
  readonly prunable: readonly string[];
  /** The objects of which what others have set alike becomes kubectl's alone. */
  readonly taken: readonly string[];
  /** Whether to wait until an operator has fetched what pods load. */
  readonly waitsForStore: boolean;
  /** Whether to wait until pods are replaced. */
  readonly waits: boolean;
  /** How long each wait may take, in seconds. */
  readonly timeout: number;
}

type Done = Omit<ApplyReport, 'plan' | 'folder' | 'outcome'>;

/**
 * Applies, deletes and restarts. Each step asks the cluster what is left to do and remembers nothing, so that the next run
 * finishes what an interrupted one has begun.
 * @param step takes a line on what is going on
 * @throws {Refusal} code `cluster`
 */
export async function carryOut(
  wanted: Wanted,
  manifests: string,
  plan: ClusterPlan,
  kubectl: Kubectl,
  allowed: Allowed,
  step: (text: string) => void,
): Promise<Done> {
  const { namespace } = wanted;
  const progress: Progress = {
    applied: 'none',
    pruned: 'none',
    restarts: 'none',
    restarted: [],
    takenOver: [],
    due: plan.restarts,
  };
  try {
    const isChanged = isAnyApplied(plan.found, allowed.taken);
    if (isChanged) {
      await markChanged(wanted, plan, kubectl);
      progress.applied = 'some';
      await applyManifests(kubectl, withoutNamespace(manifests, plan.found), allowed.from);
      progress.applied = 'all';
    }
    if (allowed.prunable.length > 0) {
      progress.pruned = 'some';
      await deleteObjects(kubectl, allowed.prunable, namespace);
      progress.pruned = 'all';
    }
    // No pod may start before the operator has fetched: it would load what was there before.
    const hasWaited = allowed.waitsForStore && (await waitForFetched(wanted, plan, kubectl, allowed.timeout, step));
    const after = isChanged || hasWaited ? await lookAt(wanted, kubectl) : plan;
    refuseBlind(plan, after);
    const changedAgain = isChanged ? after.found.filter(isUnlike).map(({ object }) => object) : [];
    // Without pods to look at, what was about to change tells which workloads have loaded it.
    const aboutToChange = after.state.pods === undefined ? plan.found : [];
    const { restarts: due } = staleFor(wanted, byOneClock(wanted, plan, after), aboutToChange, plan.found);
    const spared = noLongerDue(wanted, plan, after, due);
    // Where nobody has waited, it is not known what the operator fetches.
    progress.due = allowed.waitsForStore ? due : [...due, ...spared];
    const [restarted, left] = await restart(progress, kubectl, allowed, namespace);
    await removeCopies(after, namespace, kubectl);
    const awaited = namesToAwait(wanted, restarted, after.state.workloads ?? []);
    const waited = allowed.waits ? await wait(awaited, kubectl, namespace, allowed.timeout, step) : [];
    const isReady = allowed.waits ? waited.every(({ ready }) => ready) : awaited.length === 0;
    const isDone = isReady && left.length === 0 && after.state.pods !== undefined;
    if (isDone) await removeMarks(wanted, after, kubectl);
    await takeOver(progress, wanted, kubectl, allowed, isDone);
    const unawaited = allowed.waits ? [] : awaited;
    return {
      pruned: allowed.prunable,
      restarted,
      left,
      spared: allowed.waitsForStore ? spared : [],
      waited,
      unawaited,
      takenOver: progress.takenOver,
      changedAgain,
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const done = await doneByThen(progress, wanted, plan, kubectl, allowed);
    const [first, ...others] = error.problems;
    // Last, since that hint may end in a command, which takes no full stop.
    const mended = done
      ? first
      : { ...first, hint: first.hint === undefined ? applyAgain : `${applyAgain}. ${first.hint}` };
    const told: Problem[] = done ? [{ severity: 'error', code: 'cluster', message: done, hint: applyAgain }] : [];
    throw new Refusal([mended, ...others, ...told, ...restartsByHand(plan, progress)]);
  }
}

/** What is there, with pods that were there before as started before what has changed since: clocks of nodes may be ahead. */
function byOneClock(
  { catalog }: Wanted,
  { state: before }: ClusterPlan,
  { state: after }: Pick<ClusterPlan, 'state'>,
): ClusterPlan['state'] {
  const mark = changeMark(catalog.app);
  const changes = (state: ClusterPlan['state']) =>
    new Map(state.objects.map((object) => [objectName(object), lastChange(object, mark)]));
  const known = changes(before);
  const since = [...changes(after)].flatMap(([name, time = 0]) => (time > (known.get(name) ?? 0) ? time : []));
  if (since.length === 0 || !after.pods) return after;
  return { ...after, pods: startedBefore(after.pods, before.pods ?? [], Math.min(...since)) };
}

/** @throws {Refusal} code `cluster` where what is there could be read before, and cannot be now */
function refuseBlind({ state: before }: ClusterPlan, { state: after }: Pick<ClusterPlan, 'state'>): void {
  const isUnread = [...after.unread].some((kind) => !before.unread.has(kind));
  if (isUnread || (before.workloads && !after.workloads) || (before.pods && !after.pods)) {
    throw refusal('cluster', 'What is there may no longer be read: no pod was restarted');
  }
}

/** Restarts that were planned, and are not due any more since the operator has fetched what was there before. */
function noLongerDue(
  { objects }: Wanted,
  { restarts }: ClusterPlan,
  { state }: Pick<ClusterPlan, 'state'>,
  due: readonly Restart[],
): Restart[] {
  const fetched = fetchedSecrets(objects);
  if (fetched.size === 0) return [];
  const stillDue = new Set(due.map(({ workload }) => workload));
  const there = new Set([...(state.workloads ?? []), ...(state.pods ?? [])].map(nameOf));
  return restarts.filter(
    ({ workload, objects }) =>
      objects.length > 0 &&
      objects.every((object) => fetched.has(object)) &&
      !stillDue.has(workload) &&
      (there.has(workload) || state.workloads === undefined),
  );
}

/** Removes the copies that plain kubectl apply has left: the next apply would write its values there too. */
async function removeCopies({ found }: Pick<ClusterPlan, 'found'>, namespace: string, kubectl: Kubectl): Promise<void> {
  const copied = copiedIn(found);
  if (copied.length > 0) await annotate(kubectl, copied, { [lastApplied]: undefined }, namespace);
}

/** Takes from others what they have set alike. Until the pods are replaced that it is for, a mark keeps when it was changed. */
async function takeOver(
  { takenOver }: Progress,
  wanted: Wanted,
  kubectl: Kubectl,
  { taken }: Allowed,
  isDone: boolean,
): Promise<void> {
  if (taken.length === 0) return;
  const { catalog, namespace } = wanted;
  const { found, state } = await lookAt(wanted, kubectl);
  const shared = new Map(found.map(({ object, sharedKeys }) => [object, sharedKeys]));
  const mark = changeMark(catalog.app);
  for (const there of state.objects) {
    const object = objectName(there);
    const keys = new Set(shared.get(object));
    if (!taken.includes(object) || keys.size === 0) continue;
    const time = isDone ? undefined : lastChange(there, mark);
    const marks = time === undefined ? {} : { [mark]: new Date(time).toISOString() };
    await patchObject(kubectl, object, takingOver(there, keys, marks), namespace);
    takenOver.push(object);
  }
}

/** Told where a run ends before its restarts and pods may not be listed: the next one cannot know what has to restart. */
function restartsByHand(plan: ClusterPlan, { applied, restarts }: Progress): Problem[] {
  const names = plan.restarts.filter(({ how }) => how === 'restart').map(({ workload }) => workload);
  if (applied === 'none' || restarts === 'all') return [];
  if (plan.state.pods !== undefined || names.length === 0) return [];
  const condition = applied === 'all' ? '' : ', if some of it was applied';
  const message = 'The next run will not know what has to restart';
  return [
    { severity: 'error', code: 'cluster', message, hint: `Do that yourself${condition}: ${restartLine(plan, names)}` },
  ];
}

/**
 * Pods that start before the store's secrets are there would start with the old ones.
 * @returns whether there was anything to wait for
 */
async function waitForFetched(
  wanted: Wanted,
  { found }: ClusterPlan,
  kubectl: Kubectl,
  seconds: number,
  step: (text: string) => void,
): Promise<boolean> {
  const names = wanted.objects.map(objectName).filter((name) => name.startsWith('ExternalSecret/'));
  if (names.length === 0) return false;
  step(`Waiting up to ${seconds} s until the operator has fetched ${someOf(names, 20)}`);
  const areNew = found.some(({ otherwise }) => otherwise);
  await waitForStore(kubectl, names, wanted.namespace, seconds, areNew);
  return true;
}

/** A Namespace that is right already, or that this user may not read, is left out: few may change one. */
function withoutNamespace(manifests: string, found: readonly LiveDifference[]): string {
  const namespace = found.find(isNamespace);
  if (namespace?.state !== 'same' && namespace?.state !== 'not-compared') return manifests;
  return manifests
    .split(/^(?=---\n)/m)
    .filter((document) => !/^"kind": "Namespace"$/m.test(document))
    .join('');
}

/** Whether an object already differs again from what was applied. What others have added is no difference: it stays. */
function isUnlike(each: LiveDifference): boolean {
  return each.otherwise || each.labels.length > 0 || changesData(each);
}

/** Replaces pods, as far as is allowed. @returns what was restarted, and what was not */
async function restart(
  progress: Progress,
  kubectl: Kubectl,
  allowed: Allowed,
  namespace: string,
): Promise<[done: Restart[], left: Restart[]]> {
  const { due, restarted } = progress;
  progress.restarts = 'some';
  const done = due.filter((each) => isAllowed(each, allowed));
  for (const each of done.filter(({ how }) => how === 'rollout')) {
    await putChecksums(kubectl, each, namespace);
    restarted.push(each.workload);
  }
  const others = done.filter(({ how }) => how === 'restart').map(({ workload }) => workload);
  if (others.length > 0) await restartWorkloads(kubectl, others, namespace);
  progress.restarts = 'all';
  restarted.push(...others);
  return [done, due.filter((each) => !isAllowed(each, allowed))];
}

/** What this run has restarted, and what an interrupted one before it has. */
function namesToAwait(
  { objects }: Wanted,
  restarted: readonly Restart[],
  workloads: readonly unknown[],
): readonly string[] {
  const idle = notReplaced(workloads);
  const names = new Set([
    ...restarted.map(({ workload }) => workload),
    ...rollingOut(workloads, new Set(objects.map(objectName))),
  ]);
  return [...names].filter((name) => !name.startsWith('CronJob/') && !idle.has(name)); // it runs when it runs
}

async function wait(
  names: readonly string[],
  kubectl: Kubectl,
  namespace: string,
  seconds: number,
  step: (text: string) => void,
): Promise<ApplyReport['waited']> {
  if (names.length === 0) return [];
  step(`Waiting up to ${seconds} s for ${someOf(names, 20)}`);
  return await waitFor(kubectl, names, namespace, seconds);
}
