import type { Catalog } from '../catalog/catalog';
import { nameBeforeId } from './cluster-name';
import type { Problem } from './problem';
import type { Resolver } from './resolve';
import { Sensitive } from './sensitive';
import { someOf } from './some-of';
import { type Origin, placeOf } from './source';

/** Where an environment is deployed to. */
export interface Target {
  readonly cluster?: string;
  readonly namespace?: string;
  /** Where the namespace was given. */
  readonly origin?: Origin;
}

/** What of an environment matters to others. Small: of a thousand environments this is all that is kept. */
export interface EnvironmentSummary {
  readonly environment: string;
  readonly target: Target;
  /** Keyed fingerprints of the secrets that no other environment should hold, by variable. */
  readonly secrets: ReadonlyMap<string, { readonly fingerprint: string; readonly origin: Origin }>;
}

/**
 * @param key random bytes of this run: fingerprints tell nothing outside it. Without it secrets are left out.
 */
export function summarise(
  catalog: Catalog,
  environment: string,
  resolver: Pick<Resolver, 'resolve'>,
  key?: Uint8Array,
): EnvironmentSummary {
  const cluster = resolver.resolve(catalog.roles.cluster?.name ?? '')?.value;
  const namespace = resolver.resolve(catalog.roles.namespace.name);
  const secrets = new Map<string, { fingerprint: string; origin: Origin }>();
  for (const variable of key ? catalog.variables.values() : []) {
    if (!variable.sensitive || variable.mayBeReused) continue;
    const resolved = resolver.resolve(variable.name);
    if (key && resolved?.value instanceof Sensitive) {
      const { layerValue, value } = resolved;
      secrets.set(variable.name, { fingerprint: value.fingerprint(key), origin: layerValue.origin });
    }
  }
  return {
    environment,
    target: {
      ...(typeof cluster === 'string' && { cluster }),
      ...(typeof namespace?.value === 'string' && { namespace: namespace.value, origin: namespace.layerValue.origin }),
    },
    secrets,
  };
}

/** Environments in words: one is named, the rest counted. */
interface Some {
  readonly first: string;
  readonly count: number;
}

/** The environments of a run that hold a secret which another one holds too, in the order of the run. */
interface Holders {
  /** Those who hold one and the same secret, of which there may be several. */
  readonly groups: readonly (readonly string[])[];
  /** Where the first of them has it from. */
  readonly origin: Origin;
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
 * Compares environments with each other: `shared-target` among all, `reused-secret` among those of the run.
 * @param run the environments that are asked for
 * @param rest others that are known; what they share with the run is a warning
 * @returns the problems of one environment of the run
 */
export function compareEnvironments(
  catalog: Catalog,
  run: readonly EnvironmentSummary[],
  rest: readonly EnvironmentSummary[],
): (environment: string) => Problem[] {
  const byTarget = group(run, ({ target }) => targetKeys(target));
  const restByTarget = group(rest, ({ target }) => targetKeys(target));
  const reused = reusedSecrets(run);
  const summaries = new Map(run.map((summary) => [summary.environment, summary]));

  return (environment) => {
    const summary = summaries.get(environment);
    if (!summary) return [];
    const problems: Problem[] = [];
    const { target } = summary;
    const inRun = sharers(byTarget, target, environment);
    const elsewhere = sharers(restByTarget, target);
    if (inRun.length > 0) problems.push(sharedTarget(catalog, target, inRun, 'error'));
    else if (elsewhere.length > 0) problems.push(sharedTarget(catalog, target, elsewhere, 'warning'));
    // Said once for the whole run, where the first of those who share it is reported.
    for (const [name, holders] of reused) {
      if (holders.groups[0]?.[0] === environment) problems.push(reusedSecret(name, holders));
    }
    return problems;
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

/** By variable: who of the run holds the same secret. Those that nobody shares are left out. */
function reusedSecrets(run: readonly EnvironmentSummary[]): Map<string, Holders> {
  const bySecret = new Map<string, Map<string, string[]>>();
  for (const { environment, secrets } of run) {
    for (const [name, { fingerprint }] of secrets) {
      const ofVariable = bySecret.get(name) ?? new Map<string, string[]>();
      bySecret.set(name, ofVariable);
      const holders = ofVariable.get(fingerprint);
      if (holders) holders.push(environment);
      else ofVariable.set(fingerprint, [environment]);
    }
  }
  const summaries = new Map(run.map((summary) => [summary.environment, summary]));
  return new Map(
    [...bySecret].flatMap(([name, byFingerprint]): [string, Holders][] => {
      const groups = [...byFingerprint.values()].filter(({ length }) => length > 1);
      const origin = summaries.get(groups[0]?.[0] ?? '')?.secrets.get(name)?.origin;
      return origin ? [[name, { groups, origin }]] : [];
    }),
  );
}

function reusedSecret(name: string, { groups: [group = [], ...others], origin }: Holders): Problem {
  const count = others.reduce((sum, { length }) => sum + length, 0);
  const rest =
    count === 0 ? '' : `; ${count.toLocaleString('en-US')} other environments share ${name} among themselves`;
  return {
    severity: 'warning',
    code: 'reused-secret',
    variable: name,
    ...placeOf(origin),
    message: `${name} is the same secret in ${someOf(group)}${rest}`,
    hint: 'Give each environment its own, or declare mayBeReused in the catalog',
  };
}
