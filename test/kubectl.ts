import { execFileSync, spawnSync } from 'node:child_process';
import { folderWith } from './run';

/** Some builds of kubectl ask the server for its version before anything else: no cluster is to be asked by a test. */
const noServer = '--server=http://127.0.0.1:1';

const hasKubectl = spawnSync('kubectl', ['version', '--client', noServer]).status === 0;

/** For tests that read manifests back through kubectl: skipped, by name, where it is not installed; never on CI. */
export const itWithKubectl = hasKubectl || process.env['CI'] === 'true' ? it : it.skip;

if (!hasKubectl) process.stderr.write('kubectl is not installed: the tests that read manifests back are skipped\n');

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly type?: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

/** What `kubectl kustomize` makes of a folder, as kubectl itself reads it. */
export function kustomize(folder: string): KubernetesObject[] {
  return objectsIn(execFileSync('kubectl', ['kustomize', folder, noServer], { encoding: 'utf8', maxBuffer: 2 ** 30 }));
}

/**
 * The objects of a multi-document YAML as kubectl reads it: other readers of YAML differ from it, in both directions.
 * `label --local` is a command of kubectl's that reads manifests, prints them and asks no server.
 */
export function objectsIn(yaml: string): KubernetesObject[] {
  const json = execFileSync('kubectl', readBy('-'), { input: yaml, encoding: 'utf8', maxBuffer: 2 ** 30 });
  const objects = objectsInOutput(json);
  for (const { metadata, data } of objects) {
    for (const [key, value] of Object.entries(data ?? {})) {
      if (typeof value !== 'string') throw new TypeError(`${metadata.name}: kubectl reads ${key} as no text`);
    }
  }
  return objects;
}

/**
 * What kubectl reads in each of these files, in one run of it: undefined if it refuses the file. Values that are no
 * texts are let through.
 */
export function objectsInEach(files: readonly string[]): (readonly KubernetesObject[] | undefined)[] {
  const nameOf = (index: number) => String(index).padStart(6, '0');
  // kubectl prints objects in the order of their files, but not where they come from: a mark goes before each file.
  const marked = files.flatMap((file, index) => [
    [`${nameOf(index)}-0.json`, JSON.stringify({ apiVersion: 'v1', kind: 'Mark', metadata: { name: 'mark' } })],
    [`${nameOf(index)}-1.yml`, file],
  ]);
  const folder = folderWith(Object.fromEntries(marked));
  const { stdout, stderr } = spawnSync('kubectl', readBy(folder), { encoding: 'utf8', maxBuffer: 2 ** 30 });
  const refused = new Set([...stderr.matchAll(/(\d{6})-1\.yml\b/g)].map(([, name]) => name));
  const found: KubernetesObject[][] = [];
  for (const object of objectsInOutput(stdout)) {
    if (object.kind === 'Mark') found.push([]);
    else found.at(-1)?.push(object);
  }
  if (found.length !== files.length) throw new Error(`kubectl failed: ${stderr}`);
  return files.map((_, index) => (refused.has(nameOf(index)) ? undefined : found[index]));
}

const readBy = (path: string) => [
  ...['label', '--local', `--filename=${path}`, '--output=json', '--overwrite', 'read-by=kubectl'],
  noServer,
];

function objectsInOutput(json: string): KubernetesObject[] {
  return json.split(/^(?<=\}\n)(?=\{)/m).map((text) => JSON.parse(text) as KubernetesObject);
}

/** Every value of the objects as pods get it, by `<object>/<key>`. */
export function valuesIn(objects: readonly KubernetesObject[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const { kind, metadata, data } of objects) {
    for (const [key, value] of Object.entries(data ?? {})) {
      values.set(`${metadata.name}/${key}`, kind === 'Secret' ? Buffer.from(value, 'base64').toString('utf8') : value);
    }
  }
  return values;
}
