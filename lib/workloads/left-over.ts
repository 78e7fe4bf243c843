import { registryCredentials } from '../catalog/catalog';
import { at, listAt, type Node, objectsIn, shownName, textAt } from './manifest';
import { referencesOf } from './references';
import { workloadsIn } from './workload';

/** An object that the program has made and makes no longer. */
export interface LeftOver {
  /** `<kind>/<name>` */
  readonly object: string;
  /** Who still names it, as `<kind>/<name>`: it must stay. */
  readonly namedBy: readonly string[];
}

/**
 * The objects with our labels that are not written any more. One by another name than the program gives is no such thing:
 * overlays rename objects, which keep their labels.
 * @param labelled objects of the app's labels
 * @param wanted what is written, as `<kind>/<name>`
 * @param others what runs there, and what else may name an object
 */
export function leftOversAmong(
  labelled: readonly Node[],
  wanted: ReadonlySet<string>,
  environment: string,
  others: readonly Node[],
): LeftOver[] {
  return labelled.flatMap((node): LeftOver[] => {
    const [kind, name] = [textAt(node, 'kind') ?? '', textAt(node, 'metadata', 'name') ?? ''];
    const object = `${kind}/${name}`;
    const isOurs = textAt(node, 'metadata', 'labels', 'environment') === environment && name === nameGiven(kind, node);
    if (!isOurs || wanted.has(object) || shownName(name) !== name) return [];
    return [{ object, namedBy: others.filter((other) => isNamedBy(kind, name, other)).map(shownOf) }];
  });
}

/** The name that the program has given to an object with these labels. */
function nameGiven(kind: string, node: Node): string | undefined {
  const component = textAt(node, 'metadata', 'labels', 'app.kubernetes.io/component');
  if (component === undefined) return undefined;
  if (kind === 'Secret')
    return component === registryCredentials.component ? registryCredentials.name : `${component}-secrets`;
  return kind === 'ConfigMap' ? `${component}-config` : undefined;
}

/** Whether a workload, a ServiceAccount or an ExternalSecret names an object. */
export function isNamedBy(kind: string, name: string, other: Node): boolean {
  const workloads = workloadsIn([withoutOwners(other)]);
  if (workloads.length > 0) {
    return workloads
      .flatMap((workload) => referencesOf(workload))
      .some((reference) => reference.kind === kind && reference.name === name);
  }
  if (kind !== 'Secret') return false;
  if (textAt(other, 'kind') === 'ServiceAccount') {
    const secrets = [...listAt(other, 'imagePullSecrets'), ...listAt(other, 'secrets')];
    return secrets.some((secret) => textAt(secret, 'name') === name);
  }
  // An ExternalSecret makes it, or reads it; it may name it in many places.
  return holds(at(other, 'spec'), name) || textAt(other, 'metadata', 'name') === name;
}

/** A pod of a workload counts by itself: it may be older than what its workload says today. */
function withoutOwners(node: Node): Node {
  const metadata = { ...(at(node, 'metadata') as object), ownerReferences: [] };
  return { ...(node as object), metadata };
}

function holds(node: Node, text: string): boolean {
  if (node === text) return true;
  return typeof node === 'object' && node !== null && Object.values(node).some((inner) => holds(inner, text));
}

function shownOf(node: Node): string {
  return [...objectsIn([node])]
    .map((each) => `${shownName(textAt(each, 'kind') ?? '')}/${shownName(textAt(each, 'metadata', 'name') ?? '')}`)
    .join();
}
