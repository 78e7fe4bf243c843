import type { Catalog } from '../../catalog/catalog';
import { nameBeforeId } from '../cluster-name';
import type { Problem } from '../problem';
import { placeOf } from '../source';
import type { EnvironmentSummary, Target } from '../summary';

/** Environments in words: one is named, the rest counted. */
interface Some {
  readonly first: string;
  readonly count: number;
}

/** Environments that share a target. */
interface Sharers extends Some {
  /** They call the cluster by another name: with its id, or without. */
  readonly byId?: true;
}

/** Those who have something in common. */
interface Group extends Some {
  second?: string;
  count: number;
}

/**
 * Environments that would overwrite each other: an error among those of the run.
 * @param rest others that are known; what they share with the run is a warning
 * @returns the problems of one environment of the run
 */
export function sharedTargets(
  catalog: Catalog,
  run: readonly EnvironmentSummary[],
  rest: readonly EnvironmentSummary[],
): (summary: EnvironmentSummary) => Problem[] {
  const byTarget = group(run, ({ target }) => targetKeys(target));
  const restByTarget = group(rest, ({ target }) => targetKeys(target));
  return ({ environment, target }) => {
    const inRun = sharers(byTarget, target, environment);
    if (inRun.length > 0) return [sharedTarget(catalog, target, inRun, 'error')];
    const elsewhere = sharers(restByTarget, target);
    return elsewhere.length > 0 ? [sharedTarget(catalog, target, elsewhere, 'warning')] : [];
  };
}

/** What an environment is found under: its target and, if the name of its cluster has an id, the same without it. */
function targetKeys({ cluster, namespace }: Target): string[] {
  if (cluster === undefined || namespace === undefined) return [];
  const short = nameBeforeId(cluster);
  return [exactly(namespace, cluster), ...(short === undefined ? [] : [withAnyId(namespace, short)])];
}

const exactly = (namespace: string, cluster: string) => `named ${namespace} ${cluster}`;
const withAnyId = (namespace: string, cluster: string) => `with id ${namespace} ${cluster}`;

/**
 * Those whose target is the same: `isSameCluster`, without comparing each with each. Nobody is in two of these groups.
 * @param member one of the environments that are grouped, who does not share with itself
 */
function sharers(groups: ReadonlyMap<string, Group>, { cluster, namespace }: Target, member?: string): Sharers[] {
  if (cluster === undefined || namespace === undefined) return [];
  const short = nameBeforeId(cluster);
  const same = without(member, groups.get(exactly(namespace, cluster)));
  const byId = [
    groups.get(withAnyId(namespace, cluster)),
    short === undefined ? undefined : groups.get(exactly(namespace, short)),
  ].flatMap((group): Sharers[] => (group ? [{ ...group, byId: true }] : []));
  return [...(same ? [same] : []), ...byId];
}

function group(
  summaries: readonly EnvironmentSummary[],
  keysOf: (summary: EnvironmentSummary) => string[],
): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const summary of summaries) {
    for (const key of keysOf(summary)) {
      const group = groups.get(key);
      if (!group) groups.set(key, { first: summary.environment, count: 1 });
      else {
        group.second ??= summary.environment;
        group.count++;
      }
    }
  }
  return groups;
}

/** The others of a group. Undefined if there are none. */
function without(member: string | undefined, group: Group | undefined): Some | undefined {
  if (member === undefined || !group) return group;
  if (group.second === undefined) return undefined;
  return { first: group.first === member ? group.second : group.first, count: group.count - 1 };
}

function named(groups: readonly Some[]): string {
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  if (count === 1) return `environment ${groups[0]?.first}`;
  return `environment ${groups[0]?.first} and ${count - 1} other${count === 2 ? '' : 's'}`;
}

function sharedTarget(
  catalog: Catalog,
  target: Target,
  others: readonly Sharers[],
  severity: Problem['severity'],
): Problem {
  const cluster = catalog.roles.cluster?.name;
  const namespace = catalog.roles.namespace.name;
  const own = 'Give each environment a namespace of its own';
  return {
    severity,
    code: 'shared-target',
    variable: namespace,
    ...(target.origin && placeOf(target.origin)),
    message: `${cluster} and ${namespace} are the same as in ${named(others)}: one would overwrite the other`,
    hint: others.every(({ byId }) => byId)
      ? `${own}: a ${cluster} with a cluster id and one without are one cluster`
      : own,
  };
}
