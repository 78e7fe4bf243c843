import { execFileSync, spawnSync } from 'node:child_process';
import { basename } from 'node:path';

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

/** The same of a folder of manifests, with the names of the files that kubectl cannot read. */
export function objectsInFiles(folder: string): { objects: KubernetesObject[]; refused: string[] } {
  const { stdout, stderr } = spawnSync('kubectl', readBy(folder), { encoding: 'utf8', maxBuffer: 2 ** 30 });
  const refused = [...stderr.matchAll(/^error parsing (.*?): /gm)].map(([, path = '']) => basename(path));
  return { objects: objectsInOutput(stdout), refused };
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
