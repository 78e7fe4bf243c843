import { setTimeout } from 'node:timers/promises';
import { fieldAt } from '../environment/field-at';
import { kubectlApply } from '../environment/kubectl-apply';
import { limits } from '../environment/limits';
import { type ClusterObject, isFetched, isFetchedOnce, isReady, objectName } from '../environment/live-difference';
import { refusal } from '../environment/problem';
import type { Restart } from '../environment/restart';
import type { Kubectl } from './kubectl';
import { listKind } from './live-cluster';

/** `Secret/x` as kubectl takes it: `secret/x`. */
export function commandName(object: string): string {
  const [kind = '', ...name] = object.split('/');
  return [kind.toLowerCase(), ...name].join('/');
}

/**
 * Applies manifests as README.md says, with kubectl's own field manager, so that removed keys go.
 * @param from the folder that they stand in, for whoever tries it by hand
 * @throws {Refusal} code `cluster`; some of the objects may have been applied
 */
export async function applyManifests(kubectl: Kubectl, manifests: string, from: string): Promise<void> {
  const [, ...words] = kubectlApply.split(' ');
  await kubectl.ask([...words, '-f', '-'], { input: manifests, byHand: [...words, '-k', from] });
}

/** Gives objects annotations, or takes those away that are to be undefined. */
export async function annotate(
  kubectl: Kubectl,
  objects: readonly string[],
  annotations: Readonly<Record<string, string | undefined>>,
  namespace: string,
): Promise<void> {
  const changes = Object.entries(annotations).map(([name, value]) =>
    value === undefined ? `${name}-` : `${name}=${value}`,
  );
  await kubectl.ask(['annotate', ...objects.map(commandName), ...changes, '--overwrite', '-n', namespace]);
}

/**
 * @param operations a JSON patch of one version of the object
 * @throws {Refusal} code `cluster`, also where there is a later one
 */
export async function patchObject(
  kubectl: Kubectl,
  object: string,
  operations: readonly object[],
  namespace: string,
): Promise<void> {
  const patch = ['--type=json', `--patch=${JSON.stringify(operations)}`];
  // The patch is right for this moment only: nobody should type it.
  const byHand = ['auth', 'can-i', 'patch', commandName(object), '-n', namespace];
  // What it names may be gone in a later version, which the server calls invalid.
  const answer = await kubectl.tryTo(
    ['patch', commandName(object), ...patch, '-n', namespace],
    ['conflict', 'invalid'],
    { byHand },
  );
  if ('text' in answer) return;
  throw refusal('cluster', `${object} was changed by somebody else at the same time: it was not taken over`);
}

export async function deleteObjects(kubectl: Kubectl, objects: readonly string[], namespace: string): Promise<void> {
  await kubectl.ask(['delete', ...objects.map(commandName), '--ignore-not-found', '--wait=false', '-n', namespace]);
}

/** Gives the pods of a workload their new checksums, as an apply of its overlay would: one roll-out, and not two. */
export async function putChecksums(
  kubectl: Kubectl,
  { workload, checksums }: Restart,
  namespace: string,
): Promise<void> {
  const template = { template: { metadata: { annotations: checksums } } };
  const spec = workload.startsWith('CronJob/') ? { jobTemplate: { spec: template } } : template;
  const flags = ['--type=merge', '--field-manager=kubectl', `--patch=${JSON.stringify({ spec })}`];
  await kubectl.ask(['patch', commandName(workload), ...flags, '-n', namespace]);
}

/** Restarts workloads, but for those that somebody has restarted in the same second: that is as good. */
export async function restartWorkloads(
  kubectl: Kubectl,
  workloads: readonly string[],
  namespace: string,
): Promise<void> {
  await kubectl.tryTo(['rollout', 'restart', ...workloads.map(commandName), '-n', namespace], ['restarted']);
}

/**
 * Waits until workloads run what they were last given, all at once.
 * @param seconds for all of them
 * @throws {Refusal} code `cluster` where that cannot be seen
 */
export async function waitFor(
  kubectl: Kubectl,
  workloads: readonly string[],
  namespace: string,
  seconds: number,
): Promise<{ workload: string; ready: boolean }[]> {
  const end = Date.now() + seconds * 1_000;
  const waiting = [...workloads];
  const waited = new Map<string, boolean>();
  const wait = async () => {
    for (let workload = waiting.shift(); workload !== undefined; workload = waiting.shift()) {
      do {
        const left = Math.max(1, Math.ceil((end - Date.now()) / 1_000));
        const args = ['rollout', 'status', commandName(workload), `--timeout=${left}s`, '-n', namespace];
        // kubectl ends by itself; longer than that only where it does not.
        const answer = await kubectl.tryTo(args, ['time-out', 'not-ready'], { seconds: left + graceSeconds });
        waited.set(workload, 'text' in answer);
        // One that has made no progress for long may do so yet, once what stops it is mended.
        if (!('cause' in answer) || answer.cause !== 'not-ready') break;
        await setTimeout(pollingTime);
      } while (Date.now() < end);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: limits.waitingPrograms }, wait));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return workloads.map((workload) => ({ workload, ready: waited.get(workload) === true }));
}

/**
 * Waits until the operator has made the Secrets that ExternalSecrets ask for by now.
 * @param areNew whether they have been changed just now, so that an operator that looks at them will do so soon
 * @throws {Refusal} code `cluster` where it has not within the time
 */
export async function waitForStore(
  kubectl: Kubectl,
  externalSecrets: readonly string[],
  namespace: string,
  seconds: number,
  areNew: boolean,
): Promise<void> {
  const names = externalSecrets.map(commandName);
  const begin = Date.now();
  const end = begin + seconds * 1_000;
  let late: string[] = [];
  do {
    const left = Math.max(1, Math.ceil((end - Date.now()) / 1_000));
    const args = ['wait', '--for=condition=Ready', ...names, `--timeout=${left}s`, '-n', namespace];
    const answer = await kubectl.tryTo(args, ['time-out', 'not-ready'], { seconds: left + graceSeconds });
    const found = await listKind(kubectl, names, namespace);
    const isLate = !areNew || Date.now() - begin > Math.min(longestForOnce, seconds * 500);
    const isMade = (each: ClusterObject) => isFetched(each) || (isLate && isFetchedOnce(fieldAt(each, 'spec')));
    const all = Array.isArray(found) ? found : [];
    if ('text' in answer && all.every(isMade)) return;
    late = all.filter((each) => !isReady(each) || !isMade(each)).map((each) => commandName(objectName(each)));
    if (!('text' in answer)) break;
    await setTimeout(pollingTime);
  } while (Date.now() < end);
  throw refusal(
    'cluster',
    'The operator has not made all Secrets that the ExternalSecrets ask for: no pod was restarted',
    `See why: ${kubectl.line(['describe', ...(late.length > 0 ? late : names), '-n', namespace])}`,
  );
}

/** In milliseconds. */
const pollingTime = 500;

/** So long an operator may take that does look at it. In milliseconds. */
const longestForOnce = 10_000;

const graceSeconds = 30;
