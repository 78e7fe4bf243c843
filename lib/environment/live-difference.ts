import { fieldAt, hasFields, listAt } from './field-at';
import { addTo } from './group-by';

/** An object as the cluster has it, or is to have it. */
export interface ClusterObject {
  readonly kind: string;
  readonly type?: string;
  readonly immutable?: boolean;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly ManagedFields[];
    readonly resourceVersion?: string;
    /** RFC 3339, whole seconds, by the server's clock. */
    readonly creationTimestamp?: string;
    /** Set while it is being deleted. */
    readonly deletionTimestamp?: string;
  };
  readonly data?: Readonly<Record<string, string>>;
  /** Of an ExternalSecret. */
  readonly spec?: unknown;
}

/** Who has set which fields, as the server keeps it (https://kubernetes.io/docs/reference/using-api/server-side-apply/). */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  /** RFC 3339, whole seconds, by the server's clock. */
  readonly time?: string;
  readonly fieldsV1?: unknown;
}

/** How an object on the cluster differs from what would be written: keys that the catalog knows, no values. */
export interface LiveDifference {
  /** `<kind>/<name>` */
  readonly object: string;
  /** `not-compared`: it may not be read. */
  readonly state: 'same' | 'missing' | 'different' | 'not-compared';
  readonly missingKeys: readonly string[];
  /** On the cluster only. Those of the catalog by name, any other counted: it may be a secret taken for a name. */
  readonly extraKeys: readonly string[];
  readonly unknownKeys: number;
  readonly differentKeys: readonly string[];
  /** Of those on the cluster only: they stay, since apply removes what kubectl has put there and nothing else. */
  readonly stayingKeys: readonly string[];
  readonly stayingUnknownKeys: number;
  /** Keys, labels and fields that would change and that a manager other than kubectl has set: an operator, another tool. */
  readonly foreignFields: readonly string[];
  /** Keys that such a manager has set alike. */
  readonly sharedKeys: readonly string[];
  /** The names of our labels that differ. */
  readonly labels: readonly string[];
  readonly wrongType: boolean;
  /** Of an ExternalSecret: it asks for something else. */
  readonly otherwise: boolean;
  /** Of an ExternalSecret: so that the operator fetches anew what pods load. */
  readonly refetched: boolean;
  /** The server lets nobody change its data, nor take that away, and an apply would. */
  readonly immutable: boolean;
  /** It is being deleted. */
  readonly beingDeleted: boolean;
  /** Plain kubectl apply has left a copy of it in an annotation, values included. */
  readonly copied: boolean;
  /** Applied, it counts as changed by the server's clock whatever becomes of its data: a label of it changes, or goes. */
  readonly renewed: boolean;
}

/** Whether an apply changes the object: not where all that differs stays. */
export function isToApply(each: LiveDifference): boolean {
  return isToChange(each) || each.copied;
}

/** The same, but for the copy that plain kubectl apply has left, which goes last. */
export function isToChange(each: LiveDifference): boolean {
  return changesData(each) || each.labels.length > 0 || each.wrongType || each.otherwise;
}

/** Whether anything is applied: what differs, or what others have set alike and is taken over. */
export function isAnyApplied(found: readonly LiveDifference[], taken: readonly string[]): boolean {
  return found.some(isToApply) || taken.length > 0;
}

/** The objects that others have set alike, if these are to be taken over, as `<kind>/<name>`. */
export function takenIn(found: readonly LiveDifference[], takeOver: boolean | undefined): string[] {
  return found.flatMap(({ object, sharedKeys }) => (takeOver && sharedKeys.length > 0 ? [object] : []));
}

/** Whether an apply changes what it holds: makes it, or adds, changes or takes away a key. */
export function changesData(each: LiveDifference): boolean {
  const removed = each.extraKeys.length - each.stayingKeys.length + each.unknownKeys - each.stayingUnknownKeys;
  return each.state === 'missing' || each.missingKeys.length + each.differentKeys.length + removed > 0;
}

/** Where plain `kubectl apply` keeps its copy. */
export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Whether plain `kubectl apply` has left its copy. That of a Namespace holds no values, and few may change one. */
export function isCopied(object: ClusterObject): boolean {
  return object.kind !== 'Namespace' && hasAnnotation(object, lastApplied);
}

/** The objects of which plain `kubectl apply` has left its copy. */
export function copiedIn(found: readonly LiveDifference[]): string[] {
  return found.flatMap(({ copied, object }) => (copied ? object : []));
}

export function hasAnnotation({ metadata }: ClusterObject, name: string): boolean {
  return metadata.annotations?.[name] !== undefined;
}

/**
 * The annotation that holds when an object was changed, for as long as pods of before run: taking it over from client-side
 * apply takes that time out of `managedFields`.
 */
export function changeMark(app: string): string {
  return `${app}/changed-at`;
}

/** The annotation of an object that was changed behind the back of a checksum, for as long as pods may have loaded that. */
export function editMark(app: string): string {
  return `${app}/edited-at`;
}

/** Whether an object of anybody's is being deleted. */
export function isBeingDeleted(object: unknown): boolean {
  return fieldAt(object, 'metadata', 'deletionTimestamp') !== undefined;
}

/** `<kind>/<name>` */
export function objectName({ kind, metadata }: Pick<ClusterObject, 'kind' | 'metadata'>): string {
  return `${kind}/${metadata.name}`;
}

/** Whether it is the namespace itself, which few may read or change. */
export function isNamespace({ object }: Pick<LiveDifference, 'object'>): boolean {
  return object.startsWith('Namespace/');
}

const none: Omit<LiveDifference, 'object' | 'state'> = {
  missingKeys: [],
  extraKeys: [],
  unknownKeys: 0,
  differentKeys: [],
  stayingKeys: [],
  stayingUnknownKeys: 0,
  foreignFields: [],
  sharedKeys: [],
  labels: [],
  wrongType: false,
  otherwise: false,
  refetched: false,
  immutable: false,
  beingDeleted: false,
  copied: false,
  renewed: false,
};

/** What is said of an object that may not be read. */
export function notCompared(wanted: ClusterObject): LiveDifference {
  return { ...none, object: objectName(wanted), state: 'not-compared' };
}

/** @param known keys that may be shown. Any other may be a secret that somebody took for a name */
export function compareObject(
  wanted: ClusterObject,
  live: ClusterObject | undefined,
  known: ReadonlySet<string>,
): LiveDifference {
  const object = objectName(wanted);
  if (!live) return { ...none, object, state: 'missing' };
  const [ours, theirs] = [new Map(Object.entries(wanted.data ?? {})), new Map(Object.entries(live.data ?? {}))];
  const missingKeys = [...ours.keys()].filter((key) => !theirs.has(key));
  const onlyTheirs = [...theirs.keys()].filter((key) => !ours.has(key));
  const extraKeys = onlyTheirs.filter((key) => known.has(key));
  const copied = isCopied(live);
  const managers = managersIn(live, 'data');
  const staying = keysStaying(wanted, live, managers);
  const stayingKeys = staying.filter((key) => known.has(key));
  const differentKeys = [...ours.keys()].filter((key) => theirs.has(key) && theirs.get(key) !== ours.get(key));
  const liveLabels = live.metadata.labels ?? {};
  const labels = Object.entries(wanted.metadata.labels ?? {})
    .filter(([name, value]) => liveLabels[name] !== value)
    .map(([name]) => name);
  const beingDeleted = isBeingDeleted(live) && live.kind !== 'Namespace'; // whose state is told by itself
  const isForeign = (some: readonly ManagedFields[] = []) => some.some(({ manager }) => !isKubectl(manager));
  const wrongType = wanted.type !== live.type;
  const otherwise = !holds(live.spec, wanted.spec);
  const changing = missingKeys.length + differentKeys.length + onlyTheirs.length - staying.length;
  return {
    object,
    state:
      changing + staying.length > 0 || labels.length > 0 || wrongType || otherwise || beingDeleted
        ? 'different'
        : 'same',
    missingKeys,
    extraKeys,
    unknownKeys: onlyTheirs.length - extraKeys.length,
    differentKeys,
    stayingKeys,
    stayingUnknownKeys: staying.length - stayingKeys.length,
    foreignFields: [
      ...differentKeys.filter((key) => isForeign(managers.get(key))),
      ...labels.filter((label) => isForeign(managersOf(live, 'f:metadata', 'f:labels', `f:${label}`))),
      ...otherFields(live.spec, wanted.spec, ['spec'])
        .filter((path) => isForeign(managersOf(live, ...path.map((name) => `f:${name}`)).filter(isNoOperator)))
        .map((path) => path.join('.')),
    ],
    sharedKeys: [...ours.keys()].filter((key) => theirs.get(key) === ours.get(key) && isForeign(managers.get(key))),
    labels,
    wrongType,
    otherwise,
    refetched: otherwise && isRefetched(live, wanted),
    immutable: live.immutable === true && (changing > 0 || losesImmutable(live, copied)),
    beingDeleted,
    copied,
    renewed: labels.length > 0 || losesMarks(live, wanted, copied),
  };
}

/**
 * The keys that only the cluster has and that an apply leaves there, of the catalog or not.
 * @param managers who has set each, where that is known by now
 */
export function keysStaying(wanted: ClusterObject, live: ClusterObject, managers = managersIn(live, 'data')): string[] {
  const copied = isCopied(live);
  const isOurs = (key: string) => Object.hasOwn(wanted.data ?? {}, key);
  return Object.keys(live.data ?? {}).filter((key) => !isOurs(key) && isKept(managers.get(key), copied));
}

/** Whether a field has all that is wanted of it: the server fills in what is not said. */
function holds(live: unknown, wanted: unknown, name?: string): boolean {
  if (wanted === undefined) return true;
  if (name === 'refreshInterval') return live === wanted || secondsOfSpan(live) === secondsOfSpan(wanted);
  if (typeof wanted !== 'object' || wanted === null) return live === wanted;
  if (typeof live !== 'object' || live === null) return false;
  if (Array.isArray(wanted) && (!Array.isArray(live) || live.length !== wanted.length)) return false;
  return Object.entries(wanted).every(([name, inner]) => holds((live as Record<string, unknown>)[name], inner, name));
}

/** Whether the operator fetches something else: not for another interval, nor what it is to fetch once and has. */
function isRefetched(live: ClusterObject, wanted: ClusterObject): boolean {
  const isOnce = isFetchedOnce({ ...Object(live.spec), ...Object(wanted.spec) });
  if (isOnce && fieldAt(live, 'status', 'syncedResourceVersion') !== undefined) return false;
  return otherFields(live.spec, wanted.spec, []).some(([field]) => field !== 'refreshInterval');
}

/**
 * Whether what was fetched is what an ExternalSecret asks for by now: it stays ready from the time before until the operator
 * looks at it, which notes `<generation>-<hash>` then.
 */
export function isFetched(externalSecret: unknown): boolean {
  const synced = fieldAt(externalSecret, 'status', 'syncedResourceVersion');
  return typeof synced !== 'string' || synced.startsWith(`${fieldAt(externalSecret, 'metadata', 'generation')}-`);
}

/** Whether what an ExternalSecret asks for is fetched once. @param spec its specification */
export function isFetchedOnce(spec: unknown): boolean {
  return secondsOfSpan(fieldAt(spec, 'refreshInterval')) === 0 || fieldAt(spec, 'refreshPolicy') === 'CreatedOnce';
}

/** Whether the operator says that an ExternalSecret is ready. Undefined where it has said nothing yet. */
export function isReady(externalSecret: unknown): boolean | undefined {
  const ready = listAt(externalSecret, 'status', 'conditions').find((each) => fieldAt(each, 'type') === 'Ready');
  return ready === undefined ? undefined : fieldAt(ready, 'status') === 'True';
}

/** A time span as Go has it: what was `1h` the operator may have written back as `1h0m0s`. */
function secondsOfSpan(span: unknown): number {
  const found = /^(?=.)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(span === '0' ? '0s' : String(span));
  const [h, m, s] = [1, 2, 3].map((part) => Number(found?.[part] ?? 0));
  return found ? (h ?? 0) * 3_600 + (m ?? 0) * 60 + (s ?? 0) : Number.NaN;
}

/** The paths of fields that do not have what is wanted of them. A list is one field. */
function otherFields(live: unknown, wanted: unknown, path: readonly string[]): string[][] {
  if (holds(live, wanted, path.at(-1))) return [];
  if (!hasFields(live) || !hasFields(wanted)) return [[...path]];
  return Object.entries(wanted).flatMap(([name, inner]) => otherFields(live[name], inner, [...path, name]));
}

/**
 * When its data was last changed, by the server's clock, in milliseconds; undefined if that is not known. kubectl's apply
 * counts also where it has set no data: it may have taken the last key that was there of it.
 * @param mark the annotation that may say it too
 */
export function lastChange({ metadata }: ClusterObject, mark: string): number | undefined {
  const times = (metadata.managedFields ?? [])
    .filter((each) => fieldAt(each.fieldsV1, 'f:data') !== undefined || isApplier(each))
    .concat({ time: metadata.annotations?.[mark] ?? '' })
    .map(({ time }) => Date.parse(time ?? ''))
    .filter((time) => !Number.isNaN(time));
  return latest(times);
}

/** The last of some times, however many there are. */
export function latest(times: readonly number[]): number | undefined {
  return times.reduce<number | undefined>((last, time) => Math.max(last ?? time, time), undefined);
}

/**
 * The JSON patch (RFC 6902) that takes keys of an object from others than kubectl that have set them. It names no other key:
 * arguments can be seen. It has the version that the object has here, and does not fit a later one.
 * @param annotations those that it gets at the same time
 */
export function takingOver(
  { metadata }: ClusterObject,
  keys: ReadonlySet<string>,
  annotations: Readonly<Record<string, string>>,
): object[] {
  const taken = (metadata.managedFields ?? []).flatMap(({ manager, fieldsV1 }, at) => {
    const data = fieldAt(fieldsV1, 'f:data');
    if (isKubectl(manager) || !hasFields(data)) return [];
    const own = Object.keys(data).filter((field) => keys.has(field.replace(/^f:/, '')));
    const path = `/metadata/managedFields/${at}/fieldsV1/f:data`;
    const isAll = Object.keys(data).every((field) => field === '.' || own.includes(field));
    return isAll ? [path] : own.map((field) => `${path}/${field}`);
  });
  const path = '/metadata/annotations';
  const given = Object.entries(annotations).map(([name, value]) => ({
    op: 'add',
    path: `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    value,
  }));
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    ...taken.map((each) => ({ op: 'remove', path: each })),
    ...(given.length > 0 && metadata.annotations === undefined ? [{ op: 'add', path, value: {} }] : []),
    ...given,
  ];
}

/** Who has set each field of a map in it. @param path the names of fields that lead to the map */
function managersIn({ metadata }: ClusterObject, ...path: readonly string[]): ReadonlyMap<string, ManagedFields[]> {
  const byName = new Map<string, ManagedFields[]>();
  for (const each of metadata.managedFields ?? []) {
    const fields = fieldAt(each.fieldsV1, ...path.map((name) => `f:${name}`));
    if (!hasFields(fields)) continue;
    for (const field of Object.keys(fields)) addTo(byName, field.replace(/^f:/, ''), each);
  }
  return byName;
}

function managersOf({ metadata }: ClusterObject, ...path: readonly string[]): ManagedFields[] {
  return (metadata.managedFields ?? []).filter(({ fieldsV1 }) => fieldAt(fieldsV1, ...path) !== undefined);
}

/**
 * Whether a server-side apply by kubectl leaves a field there: someone else has set it too, or nobody knows who. What
 * plain `kubectl apply` has set becomes its own, as long as its copy tells that it was there; what `kubectl edit` has set
 * does not.
 */
function isKept(managers: readonly ManagedFields[] | undefined, copied: boolean): boolean {
  return (
    managers === undefined ||
    managers.some(({ manager, operation }) =>
      manager === 'kubectl' ? operation !== 'Apply' : !(copied && manager === 'kubectl-client-side-apply'),
    )
  );
}

/** kubectl's apply, of either kind. */
function isApplier({ manager, operation }: ManagedFields): boolean {
  return (manager === 'kubectl' && operation === 'Apply') || manager === 'kubectl-client-side-apply';
}

/** Some versions of External Secrets claim fields that they have only written back. */
function isNoOperator({ manager = '' }: ManagedFields): boolean {
  return !manager.startsWith('external-secrets');
}

/** Whether an apply takes away that it is immutable, which no object of ours is: a field of kubectl's alone. */
function losesImmutable(live: ClusterObject, copied: boolean): boolean {
  const own = managersOf(live, 'f:immutable');
  return own.length > 0 && !isKept(own, copied);
}

/** Whether an apply takes away a label or an annotation: one of kubectl's alone that is not wanted, its copy apart. */
function losesMarks(live: ClusterObject, wanted: ClusterObject, copied: boolean): boolean {
  return (['labels', 'annotations'] as const).some((kind) => {
    const others = Object.keys(live.metadata[kind] ?? {}).filter(
      (name) => !Object.hasOwn(wanted.metadata[kind] ?? {}, name),
    );
    const managers = managersIn(live, 'metadata', kind);
    return others.some((name) => name !== lastApplied && !isKept(managers.get(name), copied));
  });
}

/** kubectl itself, whichever of its commands: what people do by hand is taken back, as documented. */
function isKubectl(manager = ''): boolean {
  return manager === 'kubectl' || manager.startsWith('kubectl-') || manager === 'before-first-apply';
}
