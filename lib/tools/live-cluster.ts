import { type Catalog, registryCredentials } from '../catalog/catalog';
import { isSameCluster } from '../environment/cluster-name';
import type { LiveDifference } from '../environment/difference';
import { limits } from '../environment/limits';
import { refusal } from '../environment/problem';
import { askProgram } from './ask-program';

export interface LiveComparison {
  readonly context: string;
  readonly cluster: string;
  readonly found: readonly LiveDifference[];
}

/** An object as the cluster has it, or is to have it. */
export interface ClusterObject {
  readonly kind: string;
  readonly type?: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** What synth would write. */
export interface Wanted {
  readonly catalog: Catalog;
  readonly environment: string;
  /** The cluster that it is for; without one, any is right. */
  readonly cluster: string | undefined;
  readonly objects: readonly ClusterObject[];
}

/**
 * Compares what synth would write with what is on the cluster, by kubectl.
 * @param context asked instead of the current one, and trusted to be the right one
 * @throws {Refusal} code `cluster`
 */
export async function compareWithCluster(
  wanted: Wanted,
  context: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<LiveComparison> {
  const kubectl = kubectlFor(env);
  const named = context ?? (await kubectl(['config', 'current-context'])).trim();
  const { cluster, isNamed } = await clusterOf(named, kubectl);
  if (context === undefined && wanted.cluster !== undefined && !isSameCluster(cluster, wanted.cluster)) {
    const variable = wanted.catalog.roles.cluster?.name;
    throw refusal(
      'cluster',
      `The current context, ${named}, is of cluster ${cluster}, and ${variable} of ${wanted.environment} is ${wanted.cluster}`,
      'Switch with kubectl config use-context, or name the context with --context if it is the right one',
    );
  }
  const known = namesIn(wanted.catalog);
  const found: LiveDifference[] = [];
  for (const object of wanted.objects) found.push(compareObject(object, await get(object, named, kubectl), known));
  // One from the command line is repeated only if the kubeconfig has it too: it may be anything.
  return { context: context === undefined || isNamed ? named : '<--context>', cluster, found };
}

type Kubectl = (args: readonly string[]) => Promise<string>;

function kubectlFor(env: NodeJS.ProcessEnv): Kubectl {
  return async (args) => {
    const answer = await askProgram('kubectl', args, env);
    if ('text' in answer) return answer.text;
    const { absent, reason } = answer.failure;
    if (absent) {
      throw refusal('cluster', 'kubectl is not installed', 'Install it: https://kubernetes.io/docs/tasks/tools/');
    }
    // Its own message may quote an object; which question it was says enough.
    const [verb, ...rest] = args.filter((arg) => !arg.startsWith('--'));
    throw refusal(
      'cluster',
      `kubectl ${verb} ${rest.slice(0, 2).join(' ')} ${reason}`,
      'Try it by hand: kubectl get namespaces',
    );
  };
}

/** @throws {Refusal} if it is not JSON of an object */
function parsed(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {}
  throw refusal('cluster', 'kubectl answered something that is no JSON of an object', 'Look at: kubectl version');
}

/** The cluster of a context, and whether the kubeconfig names such a context. */
async function clusterOf(context: string, kubectl: Kubectl): Promise<{ cluster: string; isNamed: boolean }> {
  const config = parsed(await kubectl(['config', 'view', '--minify', '--output=json', `--context=${context}`])) as {
    contexts?: { name?: string; context?: { cluster?: string } }[];
  };
  const [found] = config.contexts ?? [];
  return { cluster: found?.context?.cluster ?? '', isNamed: found?.name === context };
}

/** Every name that a key of an object may have without being a piece of a secret. */
function namesIn({ variables, objects }: Catalog): ReadonlySet<string> {
  return new Set([
    ...variables.keys(),
    ...objects.flatMap((object) => [...object.variables.keys()]),
    registryCredentials.key,
  ]);
}

async function get(
  { kind, metadata }: ClusterObject,
  context: string,
  kubectl: Kubectl,
): Promise<ClusterObject | undefined> {
  const where = metadata.namespace === undefined ? [] : [`--namespace=${metadata.namespace}`];
  const command = [
    'get',
    kind.toLowerCase(),
    metadata.name,
    ...where,
    '--ignore-not-found',
    '--output=json',
    `--context=${context}`,
    `--request-timeout=${limits.secondsOfRequest}s`,
  ];
  const json = await kubectl(command);
  return json.trim() === '' ? undefined : (parsed(json) as ClusterObject);
}

/** @param known keys that may be shown. Any other may be a secret that somebody took for a name */
function compareObject(
  wanted: ClusterObject,
  live: ClusterObject | undefined,
  known: ReadonlySet<string>,
): LiveDifference {
  const object = `${wanted.kind}/${wanted.metadata.name}`;
  const none = { missingKeys: [], extraKeys: [], unknownKeys: 0, differentKeys: [], wrongType: false };
  if (!live) return { ...none, object, state: 'missing' };
  const [ours, theirs] = [new Map(Object.entries(wanted.data ?? {})), new Map(Object.entries(live.data ?? {}))];
  const missingKeys = [...ours.keys()].filter((key) => !theirs.has(key));
  const onlyTheirs = [...theirs.keys()].filter((key) => !ours.has(key));
  const extraKeys = onlyTheirs.filter((key) => known.has(key));
  const unknownKeys = onlyTheirs.length - extraKeys.length;
  const differentKeys = [...ours.keys()].filter((key) => theirs.has(key) && theirs.get(key) !== ours.get(key));
  const wrongType = wanted.type !== live.type;
  const isSame = missingKeys.length + onlyTheirs.length + differentKeys.length === 0 && !wrongType;
  const state = isSame ? 'same' : 'different';
  return { object, state, missingKeys, extraKeys, unknownKeys, differentKeys, wrongType };
}
