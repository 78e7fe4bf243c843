import { fieldAt, listAt } from '../environment/field-at';
import { keysAt, type Node, objectsIn, shownName, textAt } from './manifest';
import type { Workload } from './workload';

/** A place in a pod specification that names a Secret or ConfigMap, or one key of it. */
export interface Reference {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  /** Undefined where the whole object is meant. */
  readonly key?: string;
  /** Pods start without it; undefined where they cannot say so. */
  readonly optional?: boolean;
  /** Where in the pod, as people say it: "container agent, env OPENAI_API_KEY". */
  readonly place: string;
}

/** An object that a container takes its whole environment from. */
export interface EnvFromSource extends Reference {
  /** Stands before each key. */
  readonly prefix: string;
}

export interface Container {
  readonly place: string;
  /** In the order in which later ones win. */
  readonly sources: readonly EnvFromSource[];
  /** The names that it sets one by one, which win over all sources. */
  readonly names: ReadonlySet<string>;
  readonly references: readonly Reference[];
}

/** The containers of a workload's pods: also those that run before the others, and those that are added to debug. */
export function containersOf({ template }: Workload): Container[] {
  const kinds = [
    ['initContainers', 'init container'],
    ['containers', 'container'],
    ['ephemeralContainers', 'ephemeral container'],
  ] as const;
  return kinds.flatMap(([field, word]) =>
    listAt(template, 'spec', field).map((container) =>
      readContainer(container, `${word} ${shownName(textAt(container, 'name') ?? '')}`.trim()),
    ),
  );
}

function readContainer(container: Node, place: string): Container {
  const sources = listAt(container, 'envFrom').flatMap((source): EnvFromSource[] => {
    const prefix = textAt(source, 'prefix') ?? '';
    return [
      ...reference('Secret', fieldAt(source, 'secretRef'), 'name', `${place}, envFrom`),
      ...reference('ConfigMap', fieldAt(source, 'configMapRef'), 'name', `${place}, envFrom`),
    ].map((each) => ({ ...each, prefix }));
  });
  const variables = listAt(container, 'env');
  const references = variables.flatMap((variable) => {
    const where = `${place}, env ${shownName(textAt(variable, 'name') ?? '')}`.trim();
    return [
      ...keyReference('Secret', fieldAt(variable, 'valueFrom', 'secretKeyRef'), where),
      ...keyReference('ConfigMap', fieldAt(variable, 'valueFrom', 'configMapKeyRef'), where),
    ];
  });
  const names = new Set(variables.flatMap((variable) => textAt(variable, 'name') ?? []));
  return { place, sources, names, references };
}

/** Every reference in a workload's own manifest. */
export function referencesOf(workload: Workload): Reference[] {
  const spec = fieldAt(workload.template, 'spec');
  return [
    ...containersOf(workload).flatMap(({ sources, references }) => [...sources, ...references]),
    ...listAt(spec, 'volumes').flatMap((volume) => volumeReferences(volume)),
    ...listAt(spec, 'imagePullSecrets').flatMap((secret) => neededSecret(secret, 'name', 'imagePullSecrets')),
  ];
}

/** The objects that a workload's own manifest refers to, as `<kind>/<name>`. */
export function objectsLoadedBy(workload: Workload): Set<string> {
  return new Set(referencesOf(workload).map(({ kind, name }) => `${kind}/${name}`));
}

/**
 * Every reference of some workloads and of the ServiceAccounts that their pods run as: of each account once, as the first
 * workload that runs as it comes to it.
 * @param manifests what stands beside the workloads, the accounts among it
 */
export function* referencesAmong(
  workloads: readonly Workload[],
  manifests: readonly Node[],
): Generator<{ readonly workload: Workload; readonly reference: Reference }> {
  const accountIn = accountsByPlace(manifests);
  const seen = new Set<string>();
  for (const workload of workloads) {
    for (const reference of referencesOf(workload)) yield { workload, reference };
    const name = textAt(workload.template, 'spec', 'serviceAccountName') ?? 'default';
    const place = `${workload.namespace ?? ''}/${name}`;
    if (seen.has(place)) continue;
    seen.add(place);
    for (const reference of ofAccount(accountIn(workload.namespace, name))) yield { workload, reference };
  }
}

function ofAccount(account: Node): Reference[] {
  const place = `imagePullSecrets of ServiceAccount ${shownName(textAt(account, 'metadata', 'name') ?? '')}`;
  return listAt(account, 'imagePullSecrets').flatMap((secret) => neededSecret(secret, 'name', place));
}

/** Finds the ServiceAccount that pods of a namespace run as: of several that they could reach, the last one. */
function accountsByPlace(manifests: readonly Node[]): (namespace: string | undefined, name: string) => Node {
  const accounts = [...objectsIn(manifests)].filter((object) => textAt(object, 'kind') === 'ServiceAccount');
  const lastOf = new Map<string, number>();
  for (const [at, account] of accounts.entries()) {
    const name = textAt(account, 'metadata', 'name') ?? '';
    const namespace = textAt(account, 'metadata', 'namespace');
    lastOf.set(`*/${name}`, at);
    lastOf.set(`${namespace ?? ''}/${name}`, at);
  }
  return (namespace, name) => {
    const places = namespace === undefined ? ['*'] : [namespace, ''];
    return accounts[Math.max(...places.map((place) => lastOf.get(`${place}/${name}`) ?? -1))];
  };
}

function volumeReferences(volume: Node): Reference[] {
  const place = `volume ${shownName(textAt(volume, 'name') ?? '')}`.trim();
  const projected = listAt(volume, 'projected', 'sources').flatMap((source) => [
    ...itemReferences('Secret', fieldAt(source, 'secret'), 'name', place),
    ...itemReferences('ConfigMap', fieldAt(source, 'configMap'), 'name', place),
  ]);
  // Drivers name the Secret of their credentials: csi, azureFile, cephfs, iscsi, rbd and others.
  const ofDrivers = keysAt(volume)
    .filter((driver) => driver !== 'secret')
    .flatMap((driver) => [
      ...['secretRef', 'nodePublishSecretRef'].flatMap((field) =>
        neededSecret(fieldAt(volume, driver, field), 'name', place),
      ),
      ...neededSecret(fieldAt(volume, driver), 'secretName', place),
    ]);
  return [
    ...itemReferences('Secret', fieldAt(volume, 'secret'), 'secretName', place),
    ...itemReferences('ConfigMap', fieldAt(volume, 'configMap'), 'name', place),
    ...projected,
    ...ofDrivers,
  ];
}

/** A whole object or, where `items` lists some, those keys of it. */
function itemReferences(kind: Reference['kind'], source: Node, field: string, place: string): Reference[] {
  const whole = reference(kind, source, field, place);
  const keys = listAt(source, 'items').flatMap((item) => textAt(item, 'key') ?? []);
  return keys.length === 0 ? whole : whole.flatMap((each) => keys.map((key) => ({ ...each, key })));
}

function keyReference(kind: Reference['kind'], source: Node, place: string): Reference[] {
  const key = textAt(source, 'key');
  return reference(kind, source, 'name', place).map((each) => (key === undefined ? each : { ...each, key }));
}

/** A Secret that stands where Kubernetes knows no `optional`. */
function neededSecret(source: Node, field: string, place: string): Reference[] {
  const name = textAt(source, field);
  return name === undefined ? [] : [{ kind: 'Secret', name, place }];
}

function reference(kind: Reference['kind'], source: Node, field: string, place: string): Reference[] {
  const name = textAt(source, field);
  return name === undefined ? [] : [{ kind, name, optional: fieldAt(source, 'optional') === true, place }];
}
