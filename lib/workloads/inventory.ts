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
    const name = madeBy(kind, object);
    return name === undefined ? [] : [{ kind: 'Secret', name, ...place }];
  });
}

/** The name of the Secret that an operator makes of an object, if it makes one. */
function madeBy(kind: string, object: Node): string | undefined {
  const own = textAt(object, 'metadata', 'name');
  switch (kind) {
    case 'ExternalSecret': // External Secrets Operator
      return textAt(object, 'spec', 'target', 'name') ?? own;
    case 'SealedSecret': // Sealed Secrets
      return textAt(object, 'spec', 'template', 'metadata', 'name') ?? own;
    case 'Certificate': // cert-manager
      return textAt(object, 'spec', 'secretName');
    default:
      return undefined;
  }
}

/** Those that a pod of a namespace could load by this name. */
export function findLoadables(
  all: readonly Loadable[],
  { kind, name }: Pick<Loadable, 'kind' | 'name'>,
  namespace: string | undefined,
): Loadable[] {
  return all.filter((each) => each.kind === kind && each.name === name && isReachable(each, namespace));
}

/** Whether a pod of a namespace could load what stands in this one. Either may be left to whoever applies it. */
export function isReachable(
  { namespace: own }: { readonly namespace?: string | undefined },
  namespace: string | undefined,
): boolean {
  return own === undefined || namespace === undefined || own === namespace;
}
