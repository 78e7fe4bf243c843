import { fieldAt, listAt } from '../environment/field-at';
import { groupBy } from '../environment/group-by';
import { limits } from '../environment/limits';
import { keysAt, type Node, objectsIn, textAt } from './manifest';

/** A Secret or ConfigMap that pods may load. */
export interface Loadable {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  /** Undefined where it is left to whoever applies it. */
  readonly namespace?: string;
  /** Undefined where only the cluster knows: somebody else fills it. */
  readonly keys?: ReadonlySet<string>;
}

/** The Secrets and ConfigMaps among manifests, and those that an operator makes of other objects. */
export function loadablesIn(manifests: readonly Node[]): Loadable[] {
  return [...objectsIn(manifests)].flatMap((object): Loadable[] => {
    const kind = textAt(object, 'kind') ?? '';
    const namespace = textAt(object, 'metadata', 'namespace');
    const place = namespace === undefined ? {} : { namespace };
    if (kind === 'Secret' || kind === 'ConfigMap') {
      const name = textAt(object, 'metadata', 'name');
      const keys = new Set(['data', 'stringData', 'binaryData'].flatMap((field) => keysAt(object, field)));
      return name === undefined ? [] : [{ kind, name, ...place, keys }];
    }
    const isWhole = kind === 'ExternalSecret' && makesSecret(object);
    const keys = isWhole ? keysOf(object) : kind === 'SealedSecret' ? sealedKeys(object) : undefined;
    return madeBy(kind, object).map((name) => ({ kind: 'Secret', name, ...place, ...(keys && { keys }) }));
  });
}

/** Whether an ExternalSecret makes a Secret: with Merge and None it adds keys to one that somebody else makes. */
export function makesSecret(externalSecret: Node): boolean {
  return !['Merge', 'None'].includes(textAt(externalSecret, 'spec', 'target', 'creationPolicy') ?? '');
}

/** The name of the Secret that an ExternalSecret makes: its own, unless it gives another. */
export function secretOf(externalSecret: Node): string | undefined {
  return textAt(externalSecret, 'spec', 'target', 'name') || textAt(externalSecret, 'metadata', 'name');
}

/** Whether an ExternalSecret may set a key of the Secret that it makes, or adds to. */
export function maySetKey(externalSecret: Node, key: string): boolean {
  if (makesSecret(externalSecret)) return true; // and takes away what is not its own
  if (textAt(externalSecret, 'spec', 'target', 'creationPolicy') === 'None') return false;
  return keysOf(externalSecret)?.has(key) ?? true;
}

/** The keys that an ExternalSecret sets, where it names all of them. */
function keysOf(externalSecret: Node): ReadonlySet<string> | undefined {
  const target = (...path: string[]) => fieldAt(externalSecret, 'spec', 'target', ...path);
  const isOpen = fieldAt(externalSecret, 'spec', 'dataFrom') ?? target('template', 'templateFrom');
  if (isOpen !== undefined || target('template', 'mergePolicy') === 'Merge') return undefined;
  const templates = keysAt(externalSecret, 'spec', 'target', 'template', 'data');
  const fetched = listAt(externalSecret, 'spec', 'data').flatMap((each) => textAt(each, 'secretKey') ?? []);
  const keys = templates.length > 0 ? templates : fetched;
  return keys.length === 0 ? undefined : new Set(keys);
}

/** The keys of the Secret that a SealedSecret makes, where it has any. */
function sealedKeys(sealedSecret: Node): ReadonlySet<string> | undefined {
  const keys = [...keysAt(sealedSecret, 'spec', 'encryptedData'), ...keysAt(sealedSecret, 'spec', 'template', 'data')];
  return keys.length === 0 ? undefined : new Set(keys);
}

/** The names of the Secrets that an operator, or a driver, makes of an object. */
function madeBy(kind: string, object: Node): string[] {
  const own = textAt(object, 'metadata', 'name');
  switch (kind) {
    case 'ExternalSecret': // External Secrets Operator
      return someText(secretOf(object));
    case 'ClusterExternalSecret': // the same, in namespaces that it chooses
      return someText(
        textAt(object, 'spec', 'externalSecretSpec', 'target', 'name') ||
          textAt(object, 'spec', 'externalSecretName') ||
          own,
      );
    case 'SealedSecret': // Sealed Secrets
      return someText(textAt(object, 'spec', 'template', 'metadata', 'name') || own);
    case 'Certificate': // cert-manager
      return someText(textAt(object, 'spec', 'secretName'));
    case 'SecretProviderClass': // Secrets Store CSI Driver
      return listAt(object, 'spec', 'secretObjects').flatMap((each) => someText(textAt(each, 'secretName')));
    case 'VaultStaticSecret': // Vault Secrets Operator
    case 'VaultDynamicSecret':
    case 'VaultPKISecret':
      return someText(textAt(object, 'spec', 'destination', 'name'));
    case 'OnePasswordItem': // 1Password Operator
      return someText(own);
    default:
      return [];
  }
}

function someText(text: string | undefined): string[] {
  return text ? [text] : [];
}

/** What pods may load, to be looked up. */
export interface Inventory {
  /** Those that a pod of a namespace could load by this name. */
  find(wanted: Pick<Loadable, 'kind' | 'name'>, namespace: string | undefined): Loadable[];
  /** One of those that it could load that has this key. */
  holderOf(key: string, namespace: string | undefined): Loadable | undefined;
  /** All that it could load. */
  of(kind: Loadable['kind'], namespace: string | undefined): Loadable[];
  /** Whether synth writes it to such a namespace, which is not to say that it is there. */
  isWritten(
    wanted: Pick<Loadable, 'kind' | 'name'> & { readonly key?: string | undefined },
    namespace: string | undefined,
  ): boolean;
  /** Whether so much was looked through that nothing is found any more: thousands of one name, in as many namespaces. */
  isUsedUp(): boolean;
}

/** What a cluster itself makes in every namespace: of Kubernetes, and of OpenShift. */
const everywhere: readonly Loadable[] = [
  { kind: 'ConfigMap', name: 'kube-root-ca.crt', keys: new Set(['ca.crt']) },
  { kind: 'ConfigMap', name: 'openshift-service-ca.crt', keys: new Set(['service-ca.crt']) },
];

/**
 * Made once for all references: there may be many thousands of either.
 * @param written the objects that synth writes, whether they are among them or not
 */
export function createInventory(all: readonly Loadable[], written: readonly Loadable[] = []): Inventory {
  const byName = groupBy([...all, ...everywhere], ({ kind, name }) => `${kind}/${name}`);
  const byKind = groupBy(all, ({ kind }) => kind);
  let byKey: ReturnType<typeof holdersByKey> | undefined;
  let left: number = limits.objectsLookedAt;
  const isLeft = (count: number) => {
    left -= 1 + count;
    return left >= 0;
  };
  const reachable = (some: readonly Loadable[] = [], namespace: string | undefined) =>
    isLeft(some.length) ? some.filter((each) => isReachable(each, namespace)) : [];
  return {
    find: ({ kind, name }, namespace) => reachable(byName.get(`${kind}/${name}`), namespace),
    holderOf(key, namespace) {
      byKey ??= holdersByKey(all);
      const held = byKey.get(key) ?? [];
      return isLeft(held.length) ? held.find(({ holder }) => isReachable(holder, namespace))?.holder : undefined;
    },
    of: (kind, namespace) => reachable(byKind.get(kind), namespace),
    isWritten: ({ kind, name, key }, namespace) =>
      written
        .filter((each) => each.kind === kind && each.name === name && isReachable(each, namespace))
        .some(({ keys }) => key === undefined || keys?.has(key) === true),
    isUsedUp: () => left < 0,
  };
}

function holdersByKey(all: readonly Loadable[]) {
  const held = all.flatMap((holder) => [...(holder.keys ?? [])].map((key) => ({ key, holder })));
  return groupBy(held, ({ key }) => key);
}

/** Whether a pod of a namespace could load what stands in this one. Either may be left to whoever applies it. */
function isReachable(
  { namespace: own }: { readonly namespace?: string | undefined },
  namespace: string | undefined,
): boolean {
  return own === undefined || namespace === undefined || own === namespace;
}
