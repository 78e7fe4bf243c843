import { hasFields } from '../environment/field-at';
import type { ClusterObject } from '../environment/live-difference';
import { Refusal, refusal } from '../environment/problem';
import { type Kubectl, parsedObject } from './kubectl';

/** What is to be found on the cluster. */
export interface Sought {
  readonly namespace: string;
  /** Objects by name: those of the namespace, and the Namespace itself. */
  readonly objects: readonly Pick<ClusterObject, 'kind' | 'metadata'>[];
  /** The labels that all of these have, and those that are left over. */
  readonly selector: string;
}

/** What was found there. */
export interface LiveState {
  readonly namespace: 'there' | 'missing' | 'terminating' | 'unknown';
  /** Those that were sought by name. */
  readonly objects: readonly ClusterObject[];
  /** Kinds of them that may not be read. */
  readonly unread: ReadonlySet<string>;
  /** Those with the labels; undefined where some may not be listed. */
  readonly labelled: readonly ClusterObject[] | undefined;
  /** What runs there: workloads, ServiceAccounts and, if they may be listed, pods. Undefined where they may not be listed. */
  readonly workloads: readonly unknown[] | undefined;
  readonly pods: readonly unknown[] | undefined;
  /** Undefined where they cannot be listed; none where the cluster does not know them. */
  readonly externalSecrets: readonly unknown[] | undefined;
}

/**
 * Reads what an environment has on the cluster: one question for its objects, one for all with its labels, three for what
 * names such objects.
 * @throws {Refusal} code `cluster` where nothing can be compared
 */
export async function readCluster(kubectl: Kubectl, sought: Sought): Promise<LiveState> {
  const { namespace, selector } = sought;
  const inNamespace = ['-n', namespace];
  const byName = [
    ...sought.objects.filter(({ kind }) => kind !== 'Namespace'),
    { kind: 'Namespace', metadata: { name: namespace } },
  ];
  const kinds = [...new Set(byName.map(({ kind }) => kind))];
  const named = (kind: string) =>
    byName.filter((object) => object.kind === kind).map(({ metadata }) => `${kind.toLowerCase()}/${metadata.name}`);
  const withTimes = [ignoreMissing, '--show-managed-fields'];
  // The first one alone: where somebody has to log in, it is asked for once.
  const objects = await list(
    kubectl,
    kinds.map((kind) => [kind, named(kind)]),
    [...inNamespace, ...withTimes],
  );
  if (kinds.every((kind) => kind === 'Namespace' || objects.unread.has(kind))) {
    const some = kinds.find((kind) => kind !== 'Namespace') ?? '';
    await kubectl.ask(['get', ...named(some), ...inNamespace, ignoreMissing, '--output=json']);
  }
  /** Undefined where they may not be listed. */
  const all = async (what: string, ...flags: readonly string[]) => {
    const args = ['get', what, ...inNamespace, ...flags, '--output=json'];
    const answer = await kubectl.tryTo(args, ['forbidden', 'no-such-kind']);
    return 'text' in answer ? itemsIn(answer.text, flags) : undefined;
  };
  const [labelled, workloads, pods, externalSecrets] = await Promise.all([
    all('secrets,configmaps', '--selector', selector),
    all(workloadKinds, '--show-managed-fields'),
    all('pods'),
    externalSecretsIn(kubectl, namespace),
  ]);
  const [space] = objects.items.filter(({ kind }) => kind === 'Namespace') as { status?: { phase?: string } }[];
  return {
    namespace: space
      ? space.status?.phase === 'Terminating'
        ? 'terminating'
        : 'there'
      : objects.unread.has('Namespace')
        ? 'unknown'
        : 'missing',
    objects: objects.items,
    unread: objects.unread,
    labelled,
    workloads,
    pods,
    externalSecrets,
  };
}

/** They matter to what is left over only: nothing else ends where a broken webhook of the operator does not let them be listed. */
async function externalSecretsIn(kubectl: Kubectl, namespace: string): Promise<readonly unknown[] | undefined> {
  try {
    const found = await listKind(kubectl, ['externalsecrets.external-secrets.io'], namespace);
    return found === 'no-such-kind' ? [] : found;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Says nothing of what is not there. */
const ignoreMissing = '--ignore-not-found';

const workloadKinds = 'deployments,statefulsets,daemonsets,replicasets,jobs,cronjobs,serviceaccounts';

interface Listed {
  readonly items: readonly ClusterObject[];
  readonly unread: ReadonlySet<string>;
}

/** One question for all kinds; only where some may not be read, one for each. */
async function list(
  kubectl: Kubectl,
  kinds: readonly (readonly [kind: string, names: readonly string[]])[],
  flags: readonly string[],
): Promise<Listed> {
  const names = kinds.flatMap(([, some]) => some);
  const answer = await kubectl.tryTo(['get', ...names, ...flags, '--output=json'], ['forbidden']);
  if ('text' in answer) return { items: itemsIn(answer.text, flags), unread: new Set() };
  if (kinds.length === 1) return { items: [], unread: new Set(kinds.map(([kind]) => kind)) };
  const each = await Promise.all(kinds.map((kind) => list(kubectl, [kind], flags)));
  return {
    items: each.flatMap(({ items }) => items),
    unread: new Set(each.flatMap(({ unread }) => [...unread])),
  };
}

/** The objects of an answer: a List, one alone or, where some may be missing, nothing. */
function itemsIn(json: string, flags: readonly string[]): ClusterObject[] {
  if (json.trim() === '' && flags.includes(ignoreMissing)) return [];
  const answer = parsedObject(json) as { items?: unknown };
  const items: unknown[] = Array.isArray(answer.items) ? answer.items : [answer];
  if (items.every(isObject)) return items;
  throw refusal(
    'cluster',
    'kubectl answered with something that is no object of Kubernetes',
    'Look at: kubectl version',
  );
}

function isObject(item: unknown): item is ClusterObject {
  if (!hasFields(item)) return false;
  const { kind, type, data, metadata } = item;
  if (!hasFields(metadata)) return false;
  const { name, labels, annotations, managedFields } = metadata;
  return (
    isText(kind) &&
    isText(name) &&
    (type === undefined || isText(type)) &&
    [labels, annotations, data].every(
      (each) => isAbsent(each) || (hasFields(each) && Object.values(each).every(isText)),
    ) &&
    (isAbsent(managedFields) || (Array.isArray(managedFields) && managedFields.every(isManager)))
  );
}

function isManager(entry: unknown): boolean {
  return (
    hasFields(entry) && ['manager', 'operation', 'time'].every((name) => isAbsent(entry[name]) || isText(entry[name]))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/**
 * Which of these are there, by name; a kind that the cluster does not know, or that may not be listed, is undefined.
 * @param flags further ones of `kubectl get`
 */
export async function listKind(
  kubectl: Kubectl,
  names: readonly string[],
  namespace: string,
  ...flags: readonly string[]
): Promise<readonly ClusterObject[] | 'no-such-kind' | undefined> {
  const args = ['get', ...names, '-n', namespace, ...flags, '--output=json'];
  const answer = await kubectl.tryTo(args, ['forbidden', 'no-such-kind']);
  if ('text' in answer) return itemsIn(answer.text, flags);
  return answer.cause === 'no-such-kind' ? 'no-such-kind' : undefined;
}
