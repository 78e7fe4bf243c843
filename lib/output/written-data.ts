import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectChange } from '../environment/difference';

/** What a run before wrote is larger only if it was not written by this program. In bytes. */
const longestManifests = 16 * 1024 * 1024;

/** The text of a file in a folder that this program writes; undefined where there is none that it may have written. */
export function readWritten(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  let descriptor: number;
  try {
    // That nothing is there is no exception, which would take longer.
    if (!lstatSync(path, { throwIfNoEntry: false })) return undefined;
    // Neither a link is followed nor a pipe waited for: whoever writes there says what is wrong with them.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(descriptor);
    return stat.isFile() && stat.size <= longestManifests ? readFileSync(descriptor, 'utf8') : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** The names in a folder that this program writes; none where it cannot be read. */
export function listWritten(folder: string): string[] {
  try {
    return lstatSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : []; // an exception would take longer
  } catch {
    return [];
  }
}

/**
 * Whether a file of such a folder was written after another one was put there, or at once with it. By the time that nobody
 * sets: a copy, another owner or other rights give a file a new one, and may leave that of its contents.
 */
export function isWrittenAfter(folder: string, name: string, other: string): boolean {
  const [own, theirs] = [name, other].map((each) => lstatSync(join(folder, each), { throwIfNoEntry: false }));
  if (!own || !theirs) return false;
  return own.ctimeMs >= theirs.ctimeMs && Math.abs(own.ctimeMs - own.mtimeMs) < longestWrite;
}

/** From the last byte of a file to its being in its place. In milliseconds. */
const longestWrite = 10_000;

/**
 * What differs between two texts of manifests that this program wrote: names of objects and of keys, never a value.
 * Undefined where the first is not of its making.
 */
export function changesBetween(before: string, after: string): ObjectChange[] | undefined {
  const [old, current] = [objectsIn(before), objectsIn(after)];
  if (!old || !current) return undefined;
  return [...new Set([...current.keys(), ...old.keys()])].map((object) => {
    const [was, is] = [old.get(object), current.get(object)];
    const [oldKeys, keys] = [was?.data ?? new Map<string, string>(), is?.data ?? new Map<string, string>()];
    const added = [...keys.keys()].filter((key) => !oldKeys.has(key));
    const removed = [...oldKeys.keys()].filter((key) => !keys.has(key));
    const changed = [...keys].flatMap(([key, text]) => (oldKeys.has(key) && oldKeys.get(key) !== text ? [key] : []));
    const isSame = added.length + removed.length + changed.length === 0 && was?.rest === is?.rest;
    const state = !was ? 'new' : !is ? 'gone' : isSame ? 'same' : 'changed';
    return {
      object,
      state,
      added,
      removed,
      changed,
      otherwise: was !== undefined && is !== undefined && was.rest !== is.rest,
    };
  });
}

/** The objects in a text of manifests, as `<kind>/<name>`. Undefined where it is not of this program's making. */
export function writtenObjects(manifests: string): string[] | undefined {
  const objects = objectsIn(manifests);
  return objects && [...objects.keys()];
}

/** The namespaces of the objects in a text of manifests. */
export function writtenNamespaces(manifests: string): ReadonlySet<string> {
  const rests = [...(objectsIn(manifests)?.values() ?? [])].map(({ rest }) => rest);
  return new Set(rests.flatMap((rest) => /^ {2}"namespace": "([-a-z0-9]+)"$/m.exec(rest)?.[1] ?? []));
}

/** The namespaces that manifests were for before, and are no longer. */
export function namespacesLeft(before: string, now: string): string[] {
  const namespaces = writtenNamespaces(now);
  return [...writtenNamespaces(before)].filter((each) => !namespaces.has(each));
}

/** A line of data. Keys are those of environment variables, but for one. */
const pattern = /^ {2}"([A-Za-z_]\w*|\.dockerconfigjson)": (".*")$/gm;

/** What an ExternalSecret fetches begins with the key that it has in the Secret. */
const fetchedKey = /^ {4}- ?\n {6}"secretKey": "([-.\w]+)"$/m;

interface WrittenObject {
  /** Each value as it is written. */
  readonly data: ReadonlyMap<string, string>;
  /** All but the data: the namespace, labels, the type. */
  readonly rest: string;
}

/**
 * By `<kind>/<name>`. Undefined where a key is none that a catalog may have: it may be anything. The writer makes a
 * line of each field and nothing else, so that lines can be read one by one.
 */
function objectsIn(manifests: string): Map<string, WrittenObject> | undefined {
  const objects = new Map<string, WrittenObject>();
  for (const document of manifests.split(/^---\n/m).slice(1)) {
    const [head = '', body = ''] = document.split(/^"data":\n/m);
    const kind = /^"kind": "(\w+)"$/m.exec(head)?.[1];
    const name = /^ {2}"name": "([-.a-z0-9]+)"$/m.exec(head)?.[1];
    if (kind === undefined || name === undefined) return undefined;
    if (kind === 'ExternalSecret') {
      const [rest = '', ...fetched] = head.split(fetchedKey);
      const keys = fetched.flatMap((text, at) => (at % 2 === 0 ? [[text, fetched[at + 1] ?? ''] as const] : []));
      objects.set(`${kind}/${name}`, { data: new Map(keys), rest });
      continue;
    }
    const lines = [...body.matchAll(pattern)];
    if (lines.map(([line]) => `${line}\n`).join('') !== body) return undefined;
    objects.set(`${kind}/${name}`, { data: new Map(lines.map(([, key = '', text = '']) => [key, text])), rest: head });
  }
  return objects.size > 0 ? objects : undefined;
}
