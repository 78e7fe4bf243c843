import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { kubectlApply } from '../environment/kubectl-apply';
import { refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { isWritten } from './environment-folder';
import { descriptionFile, manifestsFileName, previousFolder } from './own-folder';
import { checksumsIn, rolloutFile } from './rollout';
import { readWritten, writtenNamespaces, writtenObjects } from './written-data';

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

/** A folder that synth writes, in messages. */
export interface ShownFolder {
  readonly shown: string;
  /** The command that writes it anew. */
  readonly again: string;
}

/**
 * Reads `dist/<env>` back.
 * @param previous whether the manifests before the last change are meant
 * @throws {Refusal} code `not-written` if no run of synth has finished it for this environment
 */
export function readWrittenEnvironment(
  catalog: Catalog,
  environment: string,
  folder: string,
  { shown, again }: ShownFolder,
  previous: boolean,
): WrittenEnvironment {
  const name = manifestsFileName(catalog);
  const look = () => [name, descriptionFile, rolloutFile].map((each) => readWritten(folder, each));
  const seen = look();
  const [current, described, rollout] = [seen[0], description(seen[1]), seen[2]];
  const before = previous ? readPrevious(folder, name) : undefined;
  // What was read between two equal looks belongs together.
  const isSame = look().every((text, index) => text === seen[index]);
  if (!isWritten(folder) || current === undefined || !described) {
    throw refusal('not-written', `${shown} holds nothing that synth wrote`, again);
  }
  const isFor = ({ app, environment: of }: Description) => app === catalog.app && of === environment;
  if (!isFor(described)) {
    throw refusal('not-written', `${shown} was written for another product or environment`, again);
  }
  const checksums = checksumsIn(rollout, catalog);
  if (!isSame) throw refusal('not-written', `${shown} was written while it was read`, 'Run this again');
  const { cluster } = catalog.roles;
  const lacksCluster = (each: Description) => cluster !== undefined && !cluster.optional && each.cluster === undefined;
  if (checksums === undefined || lacksCluster(described) || !isOf(described, current)) {
    throw refusal('not-written', `${shown} was not written to its end, or changed by hand`, again);
  }
  if (!previous) return { ...described, manifests: current, checksums };
  if (before?.manifests === undefined || writtenObjects(before.manifests) === undefined) {
    throw refusal(
      'not-written',
      `${shown} holds nothing that was there before`,
      'Only a second synth has something before it',
    );
  }
  const of = before.described;
  if (!of || !isFor(of) || lacksCluster(of) || !isOf(of, before.manifests)) {
    throw refusal(
      'not-written',
      `${join(shown, previousFolder)} does not say for which cluster and namespace it was written`,
      `Look at it, and apply it yourself: ${kubectlApply} -k ${shellWord(join(shown, previousFolder))}`,
    );
  }
  return { ...of, manifests: before.manifests, checksums: undefined };
}

function readPrevious(folder: string, name: string) {
  const inside = join(folder, previousFolder);
  return { manifests: readWritten(inside, name), described: description(readWritten(inside, descriptionFile)) };
}

/** Whether a description is that of these manifests. */
function isOf({ objects, namespace }: Description, manifests: string): boolean {
  const isSamePlace = [...writtenNamespaces(manifests)].every((each) => each === namespace);
  return isSamePlace && (writtenObjects(manifests) ?? []).join() === objects.join();
}

interface Description {
  readonly app: string;
  readonly environment: string;
  readonly namespace: string;
  readonly cluster: string | undefined;
  /** As `<kind>/<name>`. */
  readonly objects: readonly string[];
}

/** What environment.json says; undefined where it is none. */
function description(text: string | undefined): Description | undefined {
  if (text === undefined) return undefined;
  try {
    const { app, environment, namespace, cluster, objects } = JSON.parse(text);
    if (typeof namespace !== 'string' || !['string', 'undefined'].includes(typeof cluster)) return undefined;
    const names = (objects as { kind: string; name: string }[]).map(({ kind, name }) => `${kind}/${name}`);
    return { app, environment, namespace, cluster, objects: names };
  } catch {
    return undefined;
  }
}
