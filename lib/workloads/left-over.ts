import { registryCredentials } from '../catalog/catalog';
import { fieldAt, listAt } from '../environment/field-at';
import { limits } from '../environment/limits';
import { isBeingDeleted } from '../environment/live-difference';
import { secretOf } from './inventory';
import { type Node, objectsIn, shownName, textAt } from './manifest';
import { objectsLoadedBy } from './references';
import { controllerOf, workloadsIn } from './workload';

/** An object that the program has made and makes no longer. */
export interface LeftOver {
  /** `<kind>/<name>` */
  readonly object: string;
  /** Who still names it, as `<kind>/<name>`, or has made it: it must stay. At most `limits.keysListed` of them. */
  readonly namedBy: readonly string[];
}

/** What is written of an environment. */
interface Written {
  readonly app: string;
  readonly environment: string;
  /** As `<kind>/<name>`. */
  readonly wanted: ReadonlySet<string>;
}

/**
 * The objects with our labels that are not written any more. One by another name than the program gives is no such thing:
 * overlays rename objects, which keep their labels.
 * @param candidates objects of the app's labels, and ExternalSecrets of any
 * @param others what runs there, and what else may name an object
 */
export function leftOversAmong(
  candidates: readonly Node[],
  { app, environment, wanted }: Written,
  others: readonly Node[],
): LeftOver[] {
  const leftOver = candidates.flatMap((node) => {
    const [kind, name] = [textAt(node, 'kind') ?? '', textAt(node, 'metadata', 'name') ?? ''];
    const object = `${kind}/${name}`;
    // An ExternalSecret takes the Secret along that it has made, which may be one of ours again: whoever needs that needs it.
    const needed = kind === 'ExternalSecret' ? `Secret/${secretOf(node)}` : object;
    const label = (of: string) => textAt(node, 'metadata', 'labels', of);
    const isOurs =
      label('app.kubernetes.io/name') === app &&
      label('app.kubernetes.io/managed-by') === 'cdk8s' &&
      label('environment') === environment &&
      name === nameGiven(kind, node);
    const isNeeded = wanted.has(object) || wanted.has(needed);
    return isOurs && !isNeeded && !isBeingDeleted(node) && shownName(name) === name
      ? [{ object, needed, maker: controllerOf(node) }]
      : [];
  });
  const namers = new Map<string, Set<string>>(leftOver.map(({ needed }) => [needed, new Set()]));
  for (const other of others) {
    for (const object of objectsNamedBy(other)) {
      const names = namers.get(object);
      if (names && names.size <= limits.keysListed) names.add(shownOf(other));
    }
  }
  return leftOver.map(({ object, needed, maker }) => {
    // What has made it would make it again.
    const names = new Set([...(maker === undefined ? [] : [shownObject(maker)]), ...(namers.get(needed) ?? [])]);
    return { object, namedBy: [...names].filter((each) => each !== object).slice(0, limits.keysListed) };
  });
}

/** The name that the program has given to an object with these labels. */
function nameGiven(kind: string, node: Node): string | undefined {
  const component = textAt(node, 'metadata', 'labels', 'app.kubernetes.io/component');
  if (component === undefined) return undefined;
  if (kind === 'Secret' || kind === 'ExternalSecret')
    return component === registryCredentials.component ? registryCredentials.name : `${component}-secrets`;
  return kind === 'ConfigMap' ? `${component}-config` : undefined;
}

/** The objects that a workload, a ServiceAccount or an ExternalSecret names, as `<kind>/<name>`. */
function objectsNamedBy(node: Node): Set<string> {
  const workloads = workloadsIn([withoutOwners(node)]);
  if (workloads.length > 0) return new Set(workloads.flatMap((workload) => [...objectsLoadedBy(workload)]));
  if (textAt(node, 'kind') === 'ServiceAccount') {
    const secrets = [...listAt(node, 'imagePullSecrets'), ...listAt(node, 'secrets')];
    return new Set(secrets.map((secret) => `Secret/${textAt(secret, 'name')}`));
  }
  // An ExternalSecret makes a Secret; what it reads, its templates among them, it may name in many places.
  const read = textsIn(fieldAt(node, 'spec')).flatMap((text) => [`Secret/${text}`, `ConfigMap/${text}`]);
  return new Set([`Secret/${textAt(node, 'metadata', 'name')}`, ...read]);
}

/** A pod of a workload counts by itself: it may be older than what its workload says today. */
function withoutOwners(node: Node): Node {
  const metadata = { ...(fieldAt(node, 'metadata') as object), ownerReferences: [] };
  return { ...(node as object), metadata };
}

/** Every text in it, however deep. */
function textsIn(node: Node): string[] {
  const texts: string[] = [];
  const open = [node];
  for (const inner of open) {
    if (typeof inner === 'string') texts.push(inner);
    else if (typeof inner === 'object' && inner !== null) for (const each of Object.values(inner)) open.push(each);
  }
  return texts;
}

function shownOf(node: Node): string {
  return [...objectsIn([node])]
    .map((each) => shownObject(`${textAt(each, 'kind') ?? ''}/${textAt(each, 'metadata', 'name') ?? ''}`))
    .join();
}

function shownObject(object: string): string {
  const [kind = '', name = ''] = object.split(/\/(.*)/s);
  return `${shownName(kind)}/${shownName(name)}`;
}
