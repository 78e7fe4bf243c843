import { execFileSync, spawnSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

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

/** What `kubectl kustomize` makes of a folder. */
export function kustomize(folder: string): KubernetesObject[] {
  return objectsIn(execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', maxBuffer: 2 ** 30 }));
}

/** The objects of a multi-document YAML. Throws if a value of one's data is no text to a reader of YAML 1.1. */
export function objectsIn(yaml: string): KubernetesObject[] {
  return [...parseAllDocuments(yaml, { version: '1.1' })].map((document) => {
    if (document.errors[0]) throw document.errors[0];
    const object = document.toJS() as KubernetesObject;
    for (const [key, value] of Object.entries(object.data ?? {})) {
      if (typeof value !== 'string') throw new TypeError(`${object.metadata.name}: ${key} is no text`);
    }
    return object;
  });
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
