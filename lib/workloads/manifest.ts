import { holdsCredentialShape } from '../environment/checks/credential-shapes';
import { fieldAt, hasFields } from '../environment/field-at';

/** A manifest of anybody's, as it was parsed: nothing about it is certain. */
export type Node = unknown;

/** The text at the end of a path; undefined where there is none. */
export function textAt(node: Node, ...path: readonly string[]): string | undefined {
  const found = fieldAt(node, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** A name as a message may say it: whoever pasted a key in its place finds no copy of it in a log. */
export function shownName(name: string): string {
  return !/^[-._a-zA-Z0-9]{0,253}$/.test(name) || holdsCredentialShape(name) ? '(a name that is not shown)' : name;
}

/** The names in the map at the end of a path. */
export function keysAt(node: Node, ...path: readonly string[]): string[] {
  const found = fieldAt(node, ...path);
  return hasFields(found) ? Object.keys(found) : [];
}

/** The objects in manifests, those in Lists of any kind one by one. */
export function* objectsIn(manifests: readonly Node[]): Generator<Node> {
  // Lists may stand within each other by the thousand.
  const open = [manifests.values()];
  for (let last = open.at(-1); last; last = open.at(-1)) {
    const { value: manifest, done } = last.next();
    if (done) {
      open.pop();
      continue;
    }
    const items = fieldAt(manifest, 'items');
    if (textAt(manifest, 'kind')?.endsWith('List') && Array.isArray(items)) open.push(items.values());
    else if (textAt(manifest, 'kind') !== undefined) yield manifest;
  }
}

/** `<kind>/<name>` */
export function nameOf(node: Node): string {
  return `${textAt(node, 'kind')}/${textAt(node, 'metadata', 'name')}`;
}
