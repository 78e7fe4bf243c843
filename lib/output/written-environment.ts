import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { refusal } from '../environment/problem';
import { isWritten } from './environment-folder';
import { checksumsIn, rolloutFile } from './rollout';
import { readWritten, writtenObjects } from './written-data';

/** What a run of synth has written of an environment. */
export interface WrittenEnvironment {
  /** The text of its manifests. */
  readonly manifests: string;
  readonly namespace: string;
  /** Of a product without clusters there is none. */
  readonly cluster: string | undefined;
  /** The checksum of each bundle; undefined for manifests other than the current ones. */
  readonly checksums: ReadonlyMap<string, string> | undefined;
}

/**
 * Reads `dist/<env>` back.
 * @param shown what messages call the folder
 * @param previous whether the manifests before the last change are meant
 * @throws {Refusal} code `not-written` if no run of synth has finished it for this environment
 */
export function readEnvironment(
  catalog: Catalog,
  environment: string,
  folder: string,
  shown: string,
  previous: boolean,
): WrittenEnvironment {
  const name = `${catalog.app}.k8s.yaml`;
  const current = readWritten(folder, name);
  const described = description(readWritten(folder, 'environment.json'));
  const checksums = checksumsIn(readWritten(folder, rolloutFile), catalog);
  // Checksums that were read between two looks at the same manifests are theirs.
  const isSame = readWritten(folder, name) === current;
  const again = `npm run synth -- ${environment}`;
  if (!isWritten(folder) || current === undefined || !described) {
    throw refusal('not-written', `${shown} holds nothing that synth wrote`, again);
  }
  const isFor = described.app === catalog.app && described.environment === environment;
  if (!isFor || described.namespace === undefined) {
    throw refusal('not-written', `${shown} was written for another product or environment`, again);
  }
  const objects = writtenObjects(current) ?? [];
  if (!isSame) throw refusal('not-written', `${shown} was written while it was read`, 'Run this again');
  if (checksums === undefined || objects.join() !== described.objects.join()) {
    throw refusal('not-written', `${shown} was not written to its end, or changed by hand`, again);
  }
  const { namespace, cluster } = described;
  if (!previous) return { manifests: current, namespace, cluster, checksums };
  const before = readWritten(join(folder, 'previous'), name);
  if (before === undefined || writtenObjects(before) === undefined) {
    throw refusal(
      'not-written',
      `${shown} holds nothing that was there before`,
      'Only a second synth has something before it',
    );
  }
  return { manifests: before, namespace, cluster, checksums: undefined };
}

interface Description {
  readonly app: string;
  readonly environment: string;
  readonly namespace: string | undefined;
  readonly cluster: string | undefined;
  /** As `<kind>/<name>`. */
  readonly objects: readonly string[];
}

/** What environment.json says; undefined where it is none. */
function description(text: string | undefined): Description | undefined {
  if (text === undefined) return undefined;
  try {
    const { app, environment, namespace, cluster, objects } = JSON.parse(text);
    const words = (value: unknown) => (typeof value === 'string' ? value : undefined);
    const names = (objects as { kind: string; name: string }[]).map(({ kind, name }) => `${kind}/${name}`);
    return { app, environment, namespace: words(namespace), cluster: words(cluster), objects: names };
  } catch {
    return undefined;
  }
}
