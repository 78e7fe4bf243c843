import { fieldAt, listAt } from '../environment/field-at';
import { groupBy } from '../environment/group-by';
import { isBeingDeleted, latest } from '../environment/live-difference';
import type { Outlasting, Restart } from '../environment/restart';
import { type Node, nameOf, shownName, textAt } from './manifest';
import { objectsLoadedBy } from './references';
import { controllerOf, type Workload, workloadsIn } from './workload';

/** How workloads opt into the roll-out of one bundle. */
export interface OptIn {
  /** The label of a workload that says so, by "true". */
  readonly label: string;
  /** The annotation of its pods' template that holds the checksum. */
  readonly annotation: string;
  /** What it has to be. */
  readonly checksum: string;
  /** What the pods of the bundle load, as `<kind>/<name>`: what an operator fetches too, of which it covers from where. */
  readonly loads: ReadonlySet<string>;
  /** What the checksum covers the values of. */
  readonly objects: ReadonlySet<string>;
  /**
   * What pods that have it have loaded as it is to be: of what it covers all that this run does not change. And when that
   * was made, in milliseconds by the server's clock: what was started before has started without it.
   */
  readonly vouchedFor: ReadonlyMap<string, number>;
}

/** What runs in a namespace. */
export interface Running {
  /** Workloads of every kind, ReplicaSets and pods of others included. Undefined where some kind may not be listed. */
  readonly workloads: readonly Node[] | undefined;
  /** Undefined where they may not be listed: then each workload is taken to have some. */
  readonly pods: readonly Node[] | undefined;
}

/**
 * What runs on what was there before, as far as pods tell: `restarts` are the workloads whose pods have read what has
 * changed since: their containers started before the last change of an object that they load. What is on its way out
 * already is left alone, so that asking twice restarts nothing twice; such pods, which may take their time or get stuck,
 * and those that run to their end, are `outlasting`.
 * @param changes when each object was last changed, in milliseconds by the server's clock; infinite for what is about to be
 */
export function staleIn(
  { workloads: listed, pods }: Running,
  changes: ReadonlyMap<string, number>,
  optIns: readonly OptIn[],
): { readonly restarts: Restart[]; readonly outlasting: Outlasting[] } {
  const workloads = listed ?? [];
  const byName = nodesByName(workloads);
  const podsByName = nodesByName(pods ?? []);
  const podsOf = groupBy((pods ?? []).filter(isRunning), (pod) => ownerOf(pod, byName));
  const isCurrent = currentPods(workloads, byName);
  const known = new Map(
    workloadsIn([...workloads, ...(pods ?? [])])
      .filter(({ kind }) => kind !== 'Job')
      .map((workload) => [`${workload.kind}/${workload.name}`, workload]),
  );
  const own = [...known].flatMap(([name, workload]) => {
    const node = byName.get(name) ?? podsByName.get(name);
    const running = podsOf.get(name)?.filter((pod) => isCurrent(pod, workload)) ?? [];
    return restartOf(workload, node, pods && running, changes, optIns);
  });
  const others = [...podsOf].flatMap(([owner, theirs]) => {
    const objects = known.has(owner) || runsToItsEnd(owner) ? [] : staleObjects(theirs, changes);
    if (objects.length === 0) return [];
    const isUnseen = listed === undefined && !owner.startsWith('Pod/');
    const why = isUnseen ? 'may not be looked at by this user' : 'is of a kind that kubectl does not restart';
    return [byHand(owner, objects, why)];
  });
  const restarts = [...own, ...others];
  const due = new Set(restarts.map(({ workload }) => workload));
  const outlasting = [...podsOf].flatMap(([owner, theirs]): Outlasting[] => {
    const [kind = '', name = ''] = owner.split(/\/(.*)/s);
    const workload = shownWorkload(owner);
    const node = byName.get(owner);
    // Of what is to be done something about, only pods of an older revision need nothing.
    const left = due.has(workload) ? theirs.filter((pod) => !isCurrent(pod, { kind, name })) : theirs;
    const objects = staleObjects(left, changes, rightBy(chosenBy(kind, node, optIns)));
    if (isBeingDeleted(node) || objects.length === 0) return [];
    return [{ workload, objects, until: runsToItsEnd(owner) ? 'ended' : 'replaced' }];
  });
  return { restarts, outlasting };
}

/** Whether it is a Job, or what makes them: its pods run to their end with what they have started with. */
function runsToItsEnd(owner: string): boolean {
  return owner.startsWith('Job/') || owner.startsWith('CronJob/');
}

/** @param pods those of its newest revision */
function restartOf(
  workload: Workload,
  node: Node,
  pods: readonly Node[] | undefined,
  changes: ReadonlyMap<string, number>,
  optIns: readonly OptIn[],
): Restart[] {
  const { kind } = workload;
  if (isBeingDeleted(node)) return [];
  const name = `${kind}/${workload.name}`;
  const chosen = chosenBy(kind, node, optIns);
  const changing = changingObjects(workload, changes);
  // The next pod of a CronJob reads what is there by then.
  if (kind === 'CronJob') return rolloutOf(workload, chosen, changing);
  const isRight = rightBy(chosen);
  const staleOf = (some: readonly Node[]) => staleObjects(some, changes, isRight);
  const loaded = fieldAt(node, 'spec', 'replicas') === 0 ? [] : changing;
  const stale = pods === undefined ? loaded : staleOf(pods);
  const [rollout] = rolloutOf(workload, chosen, stale);
  const isRolled = stale.every((object) =>
    chosen.some(({ loads, vouchedFor }) => (rollout ? loads : vouchedFor).has(object)),
  );
  const why = whyNot(kind, node, isRolled);
  const rolled = rollout ? [rollout] : [];
  const withEdited = (each: Restart): Restart => {
    const isEdited = (object: string) =>
      chosen.some(({ objects, vouchedFor }) => objects.has(object) && !vouchedFor.has(object));
    const edited = rollout ? [] : each.objects.filter(isEdited);
    return edited.length === 0 ? each : { ...each, edited };
  };
  // Nothing replaces its pods yet, not even a new checksum.
  if (why !== undefined) return [...rolled, ...(stale.length > 0 ? [withEdited(byHand(name, stale, why))] : [])];
  const partition = partitionOf(node);
  const withoutPods = partition > 0 ? stale : [];
  const staying = pods ? staleOf(pods.filter((pod) => isBelowPartition(pod, node))) : withoutPods;
  const whyStaying = `keeps the pods below its partition, ${partition}`;
  const left = staying.length > 0 ? [withEdited(byHand(name, staying, whyStaying))] : [];
  if (rollout) return [rollout, ...left];
  const isCovered = (object: string) =>
    chosen.some(({ vouchedFor }) => vouchedFor.has(object)) && !pods?.some((pod) => isWithout(pod, object, chosen));
  // It counts only until its roll-out is done: then the pods tell.
  const restarted = isReplacing(kind, node) ? (restartedAt(node) ?? 0) : 0;
  const others = partition > 0 && partition >= numberAt(node, 'spec', 'replicas') ? [] : stale;
  const replaced = pods ? staleOf(pods.filter((pod) => !isBelowPartition(pod, node))) : others;
  const objects = replaced.filter((object) => !isCovered(object) && restarted < (changes.get(object) ?? 0));
  return [
    ...(objects.length > 0 ? [withEdited({ workload: name, how: 'restart', objects, checksums: {} })] : []),
    ...left,
  ];
}

/** What tells whether a pod has an object as it is to be by the right checksum: that is right, whatever the clock says. */
function rightBy(chosen: readonly OptIn[]): (pod: Node, object: string) => boolean {
  return (pod, object) =>
    chosen.some((each) => hasIt(pod, each) && each.vouchedFor.has(object)) && !isWithout(pod, object, chosen);
}

function hasIt(pod: Node, { annotation, checksum }: OptIn): boolean {
  return textAt(pod, 'metadata', 'annotations', annotation) === checksum;
}

/** Whether a pod has the right checksum, and has started before what it covers was made. */
function isWithout(pod: Node, object: string, chosen: readonly OptIn[]): boolean {
  return chosen.some((each) => hasIt(pod, each) && runsSinceBefore(pod, object, each.vouchedFor.get(object)));
}

/** The roll-outs that a workload has opted into. */
function chosenBy(kind: string, node: Node, optIns: readonly OptIn[]): readonly OptIn[] {
  if (!hasTemplate(kind) || !isShown(node)) return [];
  return optIns.filter(({ label }) => textAt(node, 'metadata', 'labels', label) === 'true');
}

/**
 * How a workload restarts because of its checksums, where one is not what it has to be. Who loads nothing of the bundle, but
 * objects by other names, as overlays give them, gets none: its overlay is still to come.
 * @param chosen what it opted into
 * @param stale what its pods have loaded, or are about to load, and changes
 */
function rolloutOf(workload: Workload, chosen: readonly OptIn[], stale: readonly string[]): [] | [Restart] {
  const loaded = objectsLoadedBy(workload);
  const outdated = chosen.filter(
    ({ annotation, checksum, loads }) =>
      textAt(workload.template, 'metadata', 'annotations', annotation) !== checksum &&
      [...loads].some((object) => loaded.has(object)),
  );
  if (outdated.length === 0) return [];
  const covered = new Set(outdated.flatMap(({ loads }) => [...loads]));
  return [
    {
      workload: `${workload.kind}/${workload.name}`,
      how: 'rollout',
      objects: stale.filter((object) => covered.has(object)),
      checksums: Object.fromEntries(outdated.map(({ annotation, checksum }) => [annotation, checksum])),
    },
  ];
}

/** When the last of what runs in pods was started, in milliseconds by the clock of its node; undefined where nothing runs. */
export function lastStart(pods: readonly Node[]): number | undefined {
  return latest(pods.flatMap((pod) => partsOf(pod).flatMap((part) => part.starts)));
}

/**
 * Pods as they were started by the clock of the server: what was there before a time, on that clock, was started before it,
 * even where the clock of its node is ahead.
 * @param before pods that were there before
 * @param time in milliseconds
 */
export function startedBefore(pods: readonly Node[], before: readonly Node[], time: number): Node[] {
  const starts = (pod: Node) => partsOf(pod).flatMap((part) => [...part.starts, ...part.running]);
  const known = new Map(before.map((pod) => [textAt(pod, 'metadata', 'uid'), new Set(starts(pod))]));
  return pods.map((pod) => {
    const early = known.get(textAt(pod, 'metadata', 'uid'));
    const isAhead = (start: number) => start > time && early?.has(start) === true;
    if (!starts(pod).some(isAhead)) return pod;
    const status = JSON.stringify(fieldAt(pod, 'status'), (_key, value: unknown) =>
      typeof value === 'string' && isAhead(Date.parse(value)) ? new Date(time).toISOString() : value,
    );
    return { ...(pod as object), status: JSON.parse(status) as Node };
  });
}

/** Whether what runs in a pod and loads an object was started before a time; before none at all, nothing was. */
function runsSinceBefore(pod: Node, object: string, time: number | undefined): boolean {
  if (time === undefined) return false;
  const older = partsOf(pod).filter(({ running }) => running.some((start) => start < time));
  return older.some(({ spec }) => objectsLoadedBy({ kind: 'Pod', name: '', template: { spec } }).has(object));
}

/** The workloads whose pods nothing replaces by now, as `<kind>/<name>`. */
export function notReplaced(workloads: readonly Node[]): Set<string> {
  return new Set(workloads.filter((node) => whyNot(textAt(node, 'kind') ?? '', node) !== undefined).map(nameOf));
}

/**
 * The workloads that load one of these objects and whose pods are being replaced, or are not there yet, as
 * `<kind>/<name>`.
 */
export function rollingOut(workloads: readonly Node[], objects: ReadonlySet<string>): string[] {
  const byName = nodesByName(workloads);
  return workloadsIn(workloads).flatMap((workload) => {
    const name = `${workload.kind}/${workload.name}`;
    const loads = [...objectsLoadedBy(workload)].some((object) => objects.has(object));
    const node = byName.get(name);
    const isUnderWay = isReplacing(workload.kind, node) || isUnavailable(workload.kind, node);
    return loads && isUnderWay ? [name] : [];
  });
}

/** Whether fewer of its new pods are there than are to be, as `kubectl rollout status` sees it. */
function isUnavailable(kind: string, node: Node): boolean {
  const number = (field: string) => numberAt(node, 'status', field);
  const wanted = numberAt(node, 'spec', 'replicas');
  if (kind === 'Deployment') return number('availableReplicas') < Math.max(number('updatedReplicas'), wanted);
  if (kind === 'StatefulSet') return number('readyReplicas') < Math.max(number('replicas'), wanted);
  return kind === 'DaemonSet' && number('numberAvailable') < number('desiredNumberScheduled');
}

/** Whether pods of before are being replaced. */
function isReplacing(kind: string, node: Node): boolean {
  const number = (...path: readonly string[]) => numberAt(node, ...path);
  const isBehind = number('status', 'observedGeneration') < number('metadata', 'generation');
  if (kind === 'Deployment' || kind === 'StatefulSet') {
    return isBehind || number('status', 'updatedReplicas') < number('status', 'replicas') - partitionOf(node);
  }
  const wanted = number('status', 'desiredNumberScheduled');
  return kind === 'DaemonSet' && (isBehind || number('status', 'updatedNumberScheduled') < wanted);
}

/** What is about to change. */
export const soon = Number.POSITIVE_INFINITY;

/** What is about to count as changed by the server's clock, with the same data. */
export const renewed = Number.MAX_VALUE;

function byHand(workload: string, objects: readonly string[], why: string): Restart {
  return { workload: shownWorkload(workload), how: 'by-hand', objects, checksums: {}, why };
}

/** A workload by its name as it may be shown: what is no kind of Kubernetes is not shown by then. */
function shownWorkload(workload: string): string {
  const [kind = '', name = ''] = workload.split(/\/(.*)/s);
  return `${kind}/${shownName(name)}`;
}

function hasTemplate(kind: string): boolean {
  return ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'].includes(kind);
}

/** A name that looks like a credential is repeated nowhere, nor handed to a command. */
function isShown(node: Node): boolean {
  const name = textAt(node, 'metadata', 'name') ?? '';
  return shownName(name) === name;
}

/**
 * Why kubectl does not restart it, if it does not.
 * @param isRolled whether its template has what replaces its pods, or is about to get it
 */
function whyNot(kind: string, node: Node, isRolled = false): string | undefined {
  if (isBeingDeleted(node)) return 'is being deleted';
  if (!isShown(node)) return 'has a name that is not shown';
  if (kind === 'Pod') return 'is a pod that nothing replaces';
  if (kind === 'ReplicaSet') return 'belongs to no Deployment, so that nothing replaces its pods';
  if (fieldAt(node, 'spec', 'paused') === true)
    return `is paused: resume its roll-out${isRolled ? '' : ', then restart it'}`;
  if (isOnDelete(node)) return 'replaces pods only when they are deleted';
  return undefined;
}

function isOnDelete(node: Node): boolean {
  return textAt(node, 'spec', 'updateStrategy', 'type') === 'OnDelete';
}

/** How many of its pods a StatefulSet leaves as they are, the first ones. */
function partitionOf(node: Node): number {
  return numberAt(node, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
}

function isBelowPartition(pod: Node, node: Node): boolean {
  const ordinal = Number(/-(\d+)$/.exec(nameOf(pod))?.[1]);
  const partition = partitionOf(node);
  return partition > 0 && ordinal - numberAt(node, 'spec', 'ordinals', 'start') < partition;
}

function numberAt(node: Node, ...path: readonly string[]): number {
  const found = fieldAt(node, ...path);
  return typeof found === 'number' ? found : 0;
}

/** The objects that the containers of a workload load and that are about to change. */
function changingObjects({ template, ...workload }: Workload, changes: ReadonlyMap<string, number>): string[] {
  const spec = { ...(fieldAt(template, 'spec') as object), imagePullSecrets: [] };
  const loaded = objectsLoadedBy({ ...workload, template: { spec } });
  return [...changes].flatMap(([object, time]) => (loaded.has(object) && time === soon ? [object] : []));
}

/** The objects that pods have read before their last change. */
function staleObjects(
  pods: readonly Node[],
  changes: ReadonlyMap<string, number>,
  isRight: (pod: Node, object: string) => boolean = () => false,
): string[] {
  const stale = new Set<string>();
  for (const [pod, { spec, starts }] of pods.flatMap((each) => partsOf(each).map((part) => [each, part] as const))) {
    for (const object of objectsLoadedBy({ kind: 'Pod', name: '', template: { spec } })) {
      const changed = changes.get(object);
      // Where both are of the same second nobody knows which came first.
      if (changed !== undefined && starts.some((start) => start <= changed) && !isRight(pod, object)) stale.add(object);
    }
  }
  return [...changes.keys()].filter((object) => stale.has(object));
}

/** What loads objects by itself. */
interface PartOfPod {
  readonly spec: Readonly<Record<string, Node>>;
  /** When it was loaded, if that is known. */
  readonly starts: readonly number[];
  /** When what runs with it was started. */
  readonly running: readonly number[];
}

/** The parts of a pod that load objects by themselves, and when each has started. */
function partsOf(pod: Node): PartOfPod[] {
  const ofPod = timeAt(pod, 'status', 'startTime');
  const containers = (field: string, statuses: string, otherwise: readonly number[]) => {
    const statusOf = new Map(listAt(pod, 'status', statuses).map((each) => [textAt(each, 'name'), each]));
    return listAt(pod, 'spec', field).map((container) => {
      const status = statusOf.get(textAt(container, 'name'));
      const running = timeAt(status, 'state', 'running', 'startedAt');
      // What an init container has left there when it ended is what the others run on.
      const ended = field === 'initContainers' ? timeAt(status, 'state', 'terminated', 'startedAt') : [];
      const starts = running.length > 0 ? running : otherwise;
      return { spec: { containers: [container] }, starts, running: [...running, ...ended] };
    });
  };
  const parts = [
    // One that waits to be started again reads what is there by then.
    ...containers('containers', 'containerStatuses', []),
    ...containers('initContainers', 'initContainerStatuses', ofPod),
  ];
  const statuses = ['containerStatuses', 'initContainerStatuses'].flatMap((each) => listAt(pod, 'status', each));
  const running = statuses.flatMap((each) => timeAt(each, 'state', 'running', 'startedAt'));
  return [...parts, { spec: { volumes: listAt(pod, 'spec', 'volumes') }, starts: ofPod, running }];
}

function timeAt(node: Node, ...path: readonly string[]): number[] {
  const time = Date.parse(textAt(node, ...path) ?? '');
  return Number.isNaN(time) ? [] : [time];
}

/** Whether a pod will go on running, as far as is known. */
function isRunning(pod: Node): boolean {
  const phase = textAt(pod, 'status', 'phase');
  return phase !== 'Succeeded' && phase !== 'Failed' && !isBeingDeleted(pod);
}

/** Tells whether a pod is of the newest revision of its workload: those of others are being replaced already. */
function currentPods(
  workloads: readonly Node[],
  byName: ReadonlyMap<string, Node>,
): (pod: Node, workload: Pick<Workload, 'kind' | 'name'>) => boolean {
  const revisionOf = (node: Node) =>
    Number(textAt(node, 'metadata', 'annotations', 'deployment.kubernetes.io/revision') ?? 0);
  const sets = groupBy(
    workloads.filter((node) => textAt(node, 'kind') === 'ReplicaSet'),
    controllerOf,
  );
  const newest = new Map(
    [...sets].map(([controller, own]) => {
      const last = own.reduce<number>((most, node) => Math.max(most, revisionOf(node)), 0);
      return [controller, new Set(own.filter((node) => revisionOf(node) === last).map(nameOf))];
    }),
  );
  return (pod, { kind, name }) => {
    const node = byName.get(`${kind}/${name}`);
    if (fieldAt(node, 'spec', 'paused') === true) return true; // nothing replaces those of others meanwhile
    if (kind === 'Deployment') return newest.get(`${kind}/${name}`)?.has(controllerOf(pod) ?? '') === true;
    if (kind !== 'StatefulSet' || isOnDelete(node) || isBelowPartition(pod, node)) return true;
    const revision = textAt(node, 'status', 'updateRevision');
    const own = textAt(pod, 'metadata', 'labels', 'controller-revision-hash');
    return revision === undefined || own === undefined || own === revision;
  };
}

function nodesByName(nodes: readonly Node[]): Map<string, Node> {
  return new Map(nodes.map((node) => [nameOf(node), node]));
}

/** When somebody has last restarted a workload, by the server's clock. */
function restartedAt(node: Node): number | undefined {
  const path = ['f:spec', 'f:template', 'f:metadata', 'f:annotations', 'f:kubectl.kubernetes.io/restartedAt'];
  const times = listAt(node, 'metadata', 'managedFields').flatMap((entry) =>
    fieldAt(entry, 'fieldsV1', ...path) === undefined ? [] : timeAt(entry, 'time'),
  );
  return latest(times);
}

/** The workload at the top of a pod's owners, or the pod itself. */
function ownerOf(pod: Node, byName: ReadonlyMap<string, Node>): string {
  let name = nameOf(pod);
  let node: Node = pod;
  // An owner that owns itself would have no end.
  for (let steps = 0; steps < 5; steps++) {
    const owner = controllerOf(node);
    if (owner === undefined) break;
    name = owner;
    node = byName.get(owner);
  }
  return name;
}
