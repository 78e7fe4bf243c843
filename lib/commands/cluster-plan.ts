import { type Catalog, registryCredentials } from '../catalog/catalog';
import { shortestSecret } from '../environment/checks/misplaced-secret';
import { isSameCluster } from '../environment/cluster-name';
import { fieldAt } from '../environment/field-at';
import { groupBy } from '../environment/group-by';
import { limits } from '../environment/limits';
import {
  type ClusterObject,
  changeMark,
  changesData,
  compareObject,
  editMark,
  hasAnnotation,
  isCopied,
  isFetched,
  isFetchedOnce,
  isReady,
  isToApply,
  keysStaying,
  type LiveDifference,
  lastChange,
  notCompared,
  objectName,
} from '../environment/live-difference';
import { type Problem, refusal } from '../environment/problem';
import { textsHolding } from '../environment/secret-search';
import { Sensitive } from '../environment/sensitive';
import { firstOf, someOf } from '../environment/some-of';
import { checksumAnnotation, objectsOfPods, rolloutLabel } from '../output/rollout';
import type { ClusterReport } from '../report/report';
import { commandName } from '../tools/change-cluster';
import { connect, type Kubectl } from '../tools/kubectl';
import { type LiveState, listKind, readCluster } from '../tools/live-cluster';
import { collisions } from '../workloads/collision';
import { createInventory, type Loadable, loadablesIn, makesSecret, maySetKey, secretOf } from '../workloads/inventory';
import { type LeftOver, leftOversAmong } from '../workloads/left-over';
import { shownName, textAt } from '../workloads/manifest';
import { withoutSecrets } from '../workloads/named-secret';
import { referencesAmong } from '../workloads/references';
import { type OptIn, renewed, soon, staleIn } from '../workloads/restart';
import { unknownReferences } from '../workloads/unknown-reference';
import { unusedVariables } from '../workloads/unused-variable';
import { workloadsIn } from '../workloads/workload';

/** What is to be on a cluster. */
export interface Wanted {
  readonly catalog: Catalog;
  readonly environment: string;
  readonly namespace: string;
  /** The cluster that it is for; without one, any is right. */
  readonly cluster: string | undefined;
  readonly objects: readonly ClusterObject[];
  /** Those of the environment that are in none of these objects, such as newer ones. */
  readonly secrets: readonly Sensitive[];
  /** The checksum of each bundle for the pods that opted into the roll-out. */
  readonly checksums: ReadonlyMap<string, string>;
}

/** How a cluster differs from what is wanted, and what comes of it. */
export interface ClusterPlan extends ClusterReport {
  readonly leftOvers: readonly LeftOver[];
  /** Of the problems those of what the operator has not fetched: a run that waits for it may cure them. */
  readonly fetching: readonly Problem[];
  /** By the Secret that is written by now: the ExternalSecret that goes on making it. Both as `<kind>/<name>`. */
  readonly makers: ReadonlyMap<string, Maker>;
  readonly state: LiveState;
}

interface Maker {
  /** `<kind>/<name>` */
  readonly name: string;
  /** A hint: how to end that and keep the Secret. */
  readonly hint: string;
}

/**
 * Pins the context of all questions to come.
 * @param context taken instead of the current one, and trusted to be the right one
 * @throws {Refusal} code `cluster`, also where the current context is of another cluster
 */
export async function connectFor(
  { catalog, environment, cluster }: Pick<Wanted, 'catalog' | 'environment' | 'cluster'>,
  context: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Kubectl> {
  const kubectl = await connect(context, env);
  if (context !== undefined || cluster === undefined || isSameCluster(kubectl.cluster, cluster)) return kubectl;
  const variable = catalog.roles.cluster?.name ?? 'the cluster';
  throw refusal(
    'cluster',
    `The current context, ${kubectl.shownContext}, is of cluster ${kubectl.cluster}, and ${variable} of ${environment} is ${cluster}`,
    'Switch with kubectl config use-context, or name the context with --context if it is the right one',
  );
}

/**
 * Compares what is wanted with what is on the cluster, and says what an apply would lead to.
 * @throws {Refusal} code `cluster` where nothing can be compared
 */
export async function planFor(wanted: Wanted, kubectl: Kubectl): Promise<ClusterPlan> {
  const { environment, namespace } = wanted;
  const looked = await lookAt(wanted, kubectl);
  const { state, found } = looked;
  const lines = linesFor(kubectl, namespace);
  const makers = makersOf(state.externalSecrets ?? [], wanted.objects, lines);
  const uncontested = found.filter(({ foreignFields }) => foreignFields.length === 0); // of others `apply` says it
  const made = uncontested.flatMap(({ object }) => {
    const maker = makers.get(object);
    return maker === undefined ? [] : madeByOthers(object, maker);
  });
  const fetching = notFetched(wanted, looked, lines);
  return {
    ...looked,
    environment,
    context: kubectl.shownContext,
    cluster: kubectl.cluster,
    namespace: { name: namespace, state: state.namespace },
    makers,
    ...staleFor(wanted, state, found),
    fetching,
    problems: [...made, ...fetching, ...(await referenceProblems(wanted, state, kubectl))],
    unknown: unknownIn(state),
    lines,
  };
}

/** What is on the cluster, and how its objects differ from those that are wanted. */
export async function lookAt(
  { catalog, environment, namespace, objects }: Wanted,
  kubectl: Kubectl,
): Promise<Pick<ClusterPlan, 'state' | 'found' | 'leftOvers'>> {
  const selector = `app.kubernetes.io/name=${catalog.app},app.kubernetes.io/managed-by=cdk8s`;
  const made = madeSecrets(objects);
  const state = await readCluster(kubectl, { namespace, objects: [...objects, ...made], selector });
  const live = new Map(state.objects.map((object) => [objectName(object), object]));
  const known = namesIn(catalog, objects);
  const stores = state.externalSecrets ?? [];
  // What an operator goes on setting stays its own.
  const storesOf = groupBy(stores, (store) => `Secret/${secretOf(store)}`);
  const isItsOwn = (object: string, key: string) => storesOf.get(object)?.some((store) => maySetKey(store, key));
  const compare = (object: ClusterObject): LiveDifference => {
    const each = compareObject(object, live.get(objectName(object)), known);
    return { ...each, sharedKeys: each.sharedKeys.filter((key) => !isItsOwn(each.object, key)) };
  };
  const found = objects.map((object) => (state.unread.has(object.kind) ? notCompared(object) : compare(object)));
  const others = [...(state.workloads ?? []), ...(state.pods ?? []), ...stores];
  const wanted = new Set([...objects, ...made].map(objectName));
  const candidates = [...(state.labelled ?? []), ...stores];
  const leftOvers = leftOversAmong(candidates, { app: catalog.app, environment, wanted }, others);
  // Where ExternalSecrets cannot be listed, nobody knows what they make or read.
  const perhaps = (each: LeftOver): LeftOver =>
    state.externalSecrets === undefined ? { ...each, namedBy: [...each.namedBy, 'ExternalSecrets, perhaps'] } : each;
  return { state, found, leftOvers: leftOvers.map(perhaps) };
}

/** Told while the values are still alike: once they differ, the operator puts its own back. */
function madeByOthers(object: string, { name, hint }: Maker): Problem {
  const message = `${object} is written here, but ${name} goes on making it: both would set its values`;
  return { severity: 'warning', code: 'cluster', message, hint };
}

/** What the operator has not made, or not fetched as it is asked for, of ExternalSecrets that are there. */
function notFetched(
  { objects }: Wanted,
  { state }: Pick<ClusterPlan, 'state'>,
  lines: ClusterReport['lines'],
): Problem[] {
  if (state.unread.has('Secret')) return [];
  const live = new Map(state.objects.map((object) => [objectName(object), object]));
  const asked = objects.filter((object) => object.kind === 'ExternalSecret' && live.has(objectName(object)));
  return asked.flatMap((object): Problem[] => {
    const [name, secret] = [objectName(object), `Secret/${secretOf(object)}`];
    const there = live.get(name);
    const isDue = !isFetched(there) && !isFetchedOnce(fieldAt(there, 'spec'));
    const why =
      isReady(there) === false ? 'is not ready' : isDue ? 'has not been fetched since it was changed' : undefined;
    if (live.has(secret) && why === undefined) return [];
    const message = live.has(secret)
      ? `${name} ${why}: pods get what ${secret} had before`
      : `${secret} is not there: the operator has not made it of ${name}`;
    return [{ severity: 'warning', code: 'cluster', message, hint: `See why: ${lines.describe([name])}` }];
  });
}

function makersOf(
  stores: readonly unknown[],
  objects: readonly ClusterObject[],
  lines: ClusterReport['lines'],
): ClusterPlan['makers'] {
  const wanted = new Set(objects.map(objectName));
  return new Map(
    stores.flatMap((store) => {
      const name = textAt(store, 'metadata', 'name') ?? '';
      const [maker, secret] = [`ExternalSecret/${name}`, `Secret/${secretOf(store)}`];
      const hint = `Delete that, and keep the Secret: ${lines.remove([maker])} --cascade=orphan`;
      const isMade = makesSecret(store) && wanted.has(secret) && !wanted.has(maker) && shownName(name) === name;
      return isMade ? [[secret, { name: maker, hint }] as const] : [];
    }),
  );
}

/** The Secrets that an operator makes of what is written, as `<kind>/<name>`. */
export function fetchedSecrets(objects: readonly ClusterObject[]): ReadonlySet<string> {
  return new Set(madeSecrets(objects).map(objectName));
}

/** The same as objects: they have our labels, and only the cluster has their keys. */
function madeSecrets(objects: readonly ClusterObject[]): Pick<ClusterObject, 'kind' | 'metadata'>[] {
  return loadablesIn(objects.filter(({ kind }) => kind !== 'Secret' && kind !== 'ConfigMap')).map(({ kind, name }) => ({
    kind,
    metadata: { name },
  }));
}

/**
 * What runs on what was there before, by what the cluster says, and what must restart.
 * @param found what is about to change; nothing is, where it has been applied
 * @param differing what has been applied, or is about to be: the checksums of pods may be older than the data was before
 */
export function staleFor(
  wanted: Wanted,
  { objects, workloads, pods }: Pick<LiveState, 'objects' | 'workloads' | 'pods'>,
  found: readonly LiveDifference[],
  differing = found,
): Pick<ClusterPlan, 'restarts' | 'outlasting'> {
  const mark = changeMark(wanted.catalog.app);
  const times = objects.flatMap((object) => {
    // What was taken over by hand has lost its time: pods are better restarted once too often than never.
    const time = lastChange(object, mark) ?? (isCopied(object) ? renewed : undefined);
    return time === undefined ? [] : [[objectName(object), time] as const];
  });
  const isApplied = found.some(isToApply);
  const soonOf = (each: LiveDifference) => (changesData(each) ? soon : isApplied && each.renewed ? renewed : undefined);
  const coming = found.flatMap((each) => {
    const time = soonOf(each);
    const made = each.object.replace(/^ExternalSecret\//, 'Secret/'); // which the operator writes anew then
    const isMade = made !== each.object && (each.state === 'missing' || each.refetched);
    return [...(time === undefined ? [] : [[each.object, time] as const]), ...(isMade ? [[made, soon] as const] : [])];
  });
  const changes = new Map([...times, ...coming]);
  return staleIn({ workloads, pods }, changes, optInsOf(wanted, differing, objects));
}

function optInsOf(
  { catalog, checksums, objects }: Wanted,
  differing: readonly LiveDifference[],
  live: readonly ClusterObject[],
): OptIn[] {
  // What an operator fetches is in no checksum.
  const fetched = fetchedSecrets(objects);
  const mark = editMark(catalog.app);
  const marked = live.filter((object) => hasAnnotation(object, mark)).map(objectName);
  const madeAt = new Map(live.map((each) => [objectName(each), Date.parse(each.metadata.creationTimestamp ?? '')]));
  const changed = new Set([...marked, ...differing.filter(changesData).map(({ object }) => object)]);
  return [...checksums].map(([bundle, checksum]) => {
    const loads = objectsOfPods(catalog, bundle);
    const objects = loads.filter((object) => !fetched.has(object));
    return {
      label: rolloutLabel(catalog.app, bundle),
      annotation: checksumAnnotation(catalog.app, bundle),
      checksum,
      loads: new Set(loads),
      objects: new Set(objects),
      vouchedFor: new Map(
        objects.filter((object) => !changed.has(object)).map((object) => [object, madeAt.get(object) ?? Number.NaN]),
      ),
    };
  });
}

/** Every name that a key of an object may have without being a piece of a secret. */
function namesIn({ variables, objects }: Catalog, wanted: readonly ClusterObject[]): ReadonlySet<string> {
  return new Set([
    ...variables.keys(),
    ...[...variables.values()].flatMap(({ formerly }) => formerly),
    ...objects.flatMap((object) => [...object.variables.keys()]),
    ...wanted.flatMap(({ data }) => Object.keys(data ?? {})),
    registryCredentials.key,
  ]);
}

/** What could not be looked at, completing "… may not be read". */
function unknownIn({ unread, labelled, workloads, pods, externalSecrets }: LiveState): string[] {
  const unknown = [
    ...[...unread].map((kind) => `${kind}${kind === 'Namespace' ? '' : 's'}`),
    ...(labelled === undefined ? ['which Secrets and ConfigMaps are left over'] : []),
    ...(workloads === undefined ? ['workloads'] : []),
    ...(pods === undefined ? ['pods'] : []),
    ...(externalSecrets === undefined ? ['ExternalSecrets'] : []),
  ];
  return [...new Set(unknown)];
}

function linesFor(kubectl: Kubectl, namespace: string): ClusterReport['lines'] {
  const inNamespace = ['-n', namespace];
  const namesOf = (objects: readonly string[]) => firstOf(objects, limits.keysListed).map(commandName);
  return {
    createNamespace: kubectl.line(['create', 'namespace', namespace]),
    remove: (objects) => kubectl.line(['delete', ...namesOf(objects), ...inNamespace]),
    restart: (workloads) => kubectl.line(['rollout', 'restart', ...namesOf(workloads), ...inNamespace]),
    describe: (workloads) => kubectl.line(['describe', ...namesOf(workloads), ...inNamespace]),
  };
}

/** What is wrong between what is wanted and what runs on the cluster. */
async function referenceProblems(wanted: Wanted, state: LiveState, kubectl: Kubectl): Promise<Problem[]> {
  const manifests = state.workloads;
  if (manifests === undefined) return [];
  const workloads = workloadsIn([...manifests, ...(state.pods ?? [])]);
  if (workloads.length === 0) return [];
  const own = loadablesIn(wanted.objects.filter(({ kind }) => kind !== 'Namespace'));
  const names = new Set(wanted.objects.map(objectName));
  // Other ExternalSecrets may add keys to a Secret of ours; nobody knows whether, where they cannot be listed.
  const theirs = state.externalSecrets?.filter(
    (each) => !names.has(`ExternalSecret/${textAt(each, 'metadata', 'name')}`),
  );
  const made = fetchedSecrets(wanted.objects);
  const known = theirs ? own : own.map((each) => (made.has(`${each.kind}/${each.name}`) ? withoutKeys(each) : each));
  const isOwn = ({ kind, name }: Pick<Loadable, 'kind' | 'name'>) =>
    own.some((each) => each.kind === kind && each.name === name);
  const references = [...referencesAmong(workloads, manifests)].map(({ reference }) => reference);
  const secrets = [...secretsIn(wanted.objects), ...wanted.secrets];
  const foreign = references.filter((each) => !isOwn(each)).map(({ kind, name }) => ({ kind, name }));
  const others = await loadablesOfOthers(foreign, secrets, wanted.namespace, kubectl);
  const sayable = new Set([...namesIn(wanted.catalog, []), ...references.flatMap(({ key }) => key ?? [])]);
  const added = [...loadablesIn(theirs ?? []).filter(isOwn), ...stayingIn(wanted.objects, state.objects)];
  const inventory = createInventory([...known, ...[...added, ...others].map((each) => withKeysAmong(each, sayable))]);
  const found = [...unknownReferences(workloads, inventory, manifests), ...collisions(workloads, inventory)];
  return [
    ...withoutSecrets(found, secrets),
    ...inOne(
      unusedVariables(wanted.catalog, workloads, [...wanted.objects, ...(state.labelled ?? [])], wanted.namespace),
      wanted.environment,
    ),
  ];
}

/** What is known of objects of others, without keys where nothing more is known of one than its name. */
async function loadablesOfOthers(
  named: readonly Loadable[],
  secrets: readonly Sensitive[],
  namespace: string,
  kubectl: Kubectl,
): Promise<Loadable[]> {
  const objects = new Map(named.map((each) => [`${each.kind}/${each.name}`, each]));
  // What kubectl is asked is seen by others, and shown where it fails.
  const holding = textsHolding(secrets, objects.keys(), shortestSecret);
  const mayBeThere = ({ name }: Loadable) => /^[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?$/.test(name);
  const askable = [...objects].filter(([id, each]) => !holding.has(id) && mayBeThere(each));
  const asked = askable.slice(0, limits.foreignObjects);
  const names = asked.map(([id]) => commandName(id));
  const there = names.length > 0 ? await listKind(kubectl, names, namespace, '--ignore-not-found') : [];
  // A name that is a secret was pasted there; one that only holds it, as that of a user, may be right.
  const isSecret = (text: string) => secrets.some((secret) => secret.matches((each) => each === text));
  const right = [...objects].filter(([id, { name }]) => holding.has(id) && !isSecret(name));
  // Where they may not be read, nothing is said of them.
  const known = Array.isArray(there) ? loadablesIn(there) : asked.map(([, each]) => each);
  return [...known, ...[...askable.slice(limits.foreignObjects), ...right].map(([, each]) => each)];
}

/** The texts in the data of Secrets, those of JSON by themselves too. */
export function secretsIn(objects: readonly ClusterObject[]): Sensitive[] {
  return objects
    .filter(({ kind }) => kind === 'Secret')
    .flatMap(({ data }) => Object.entries(data ?? {}))
    .flatMap(([key, base64]) => {
      // What credentials are for, and whose they are, is no secret.
      const isCredentials = key === registryCredentials.key;
      const text = new Sensitive(Buffer.from(base64, 'base64').toString());
      return text.flatMap((each) => textsIn(each, (field) => !isCredentials || ['password', 'auth'].includes(field)));
    });
}

function textsIn(text: string, isTaken: (field: string) => boolean): string[] {
  try {
    const texts = [text];
    JSON.parse(text, (field, value) => {
      if (typeof value === 'string' && isTaken(field)) texts.push(value);
    });
    return texts;
  } catch {
    return [text];
  }
}

/** Of a namespace one line is enough: some of the workloads may not be there yet. */
function inOne(unused: readonly Problem[], environment: string): Problem[] {
  const [first, ...others] = unused;
  if (!first || others.length === 0) return [...unused];
  const names = unused.flatMap(({ variable }) => variable ?? []);
  const message = `${names.length} variables are loaded by no workload that runs there: ${someOf(names)}`;
  const { severity, code } = first;
  return [
    {
      severity,
      code,
      message,
      hint: `npm run check -- ${environment} --workloads <overlay> tells what each could be loaded from`,
    },
  ];
}

/** The keys that somebody else has added to objects that are wanted, and keeps there. */
function stayingIn(wanted: readonly ClusterObject[], live: readonly ClusterObject[]): Loadable[] {
  const byName = new Map(wanted.map((object) => [objectName(object), object]));
  return live.flatMap((each) => {
    const own = byName.get(objectName(each));
    if (!own || own.kind === 'ExternalSecret') return [];
    // What it has in binaryData is never ours.
    return loadablesIn([{ ...each, data: Object.fromEntries(keysStaying(own, each).map((key) => [key, ''])) }]);
  });
}

function withoutKeys({ keys: _unknown, ...rest }: Loadable): Loadable {
  return rest;
}

/** Messages list keys, and one on the cluster may be a secret that somebody took for a name. */
function withKeysAmong(loadable: Loadable, sayable: ReadonlySet<string>): Loadable {
  return loadable.keys
    ? { ...loadable, keys: new Set([...loadable.keys].filter((key) => sayable.has(key))) }
    : loadable;
}
