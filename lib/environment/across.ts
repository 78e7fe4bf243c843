import type { Catalog } from '../catalog/define-catalog';
import type { Problem } from './problem';
import { createResolver } from './resolve';
import { Sensitive } from './sensitive';
import { type Origin, placeOf, type Source } from './source';

/** Where an environment is deployed to. */
export interface Target {
  readonly cluster?: string;
  readonly namespace?: string;
  /** Where the namespace was given. */
  readonly origin?: Origin;
}

/** What of an environment matters to others. Small: of a thousand environments this is all that is kept. */
export interface Standing {
  readonly environment: string;
  readonly target: Target;
  /** Keyed fingerprints of the secrets that no other environment should hold, by variable. */
  readonly secrets: ReadonlyMap<string, { readonly fingerprint: string; readonly origin: Origin }>;
}

/**
 * @param key random bytes of this run: fingerprints tell nothing outside it. Without it secrets are left out.
 */
export function standingOf(
  catalog: Catalog,
  environment: string,
  sources: readonly Source[],
  key?: Uint8Array,
): Standing {
  const resolver = createResolver(catalog, environment, sources);
  const cluster = resolver.resolve(catalog.roles.get('cluster')?.name ?? '')?.value;
  const namespace = resolver.resolve(catalog.roles.get('namespace')?.name ?? '');
  const secrets = new Map<string, { fingerprint: string; origin: Origin }>();
  for (const variable of key ? catalog.variables.values() : []) {
    if (!variable.sensitive || variable.mayBeReused) continue;
    const resolved = resolver.resolve(variable.name);
    if (key && resolved?.value instanceof Sensitive) {
      const { offer, value } = resolved;
      secrets.set(variable.name, { fingerprint: value.fingerprint(key), origin: offer.origin });
    }
  }
  return {
    environment,
    target: {
      ...(typeof cluster === 'string' && { cluster }),
      ...(typeof namespace?.value === 'string' && { namespace: namespace.value, origin: namespace.offer.origin }),
    },
    secrets,
  };
}

/** Those who have something in common: two are named, the rest counted. */
interface Group {
  readonly first: string;
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
  run: readonly Standing[],
  rest: readonly Standing[],
): (environment: string) => Problem[] {
  const byTarget = group(run, ({ target }) => targetKeys(target));
  const restByTarget = group(rest, ({ target }) => targetKeys(target));
  const bySecret = group(run, ({ secrets }) => [...secrets].map(([name, { fingerprint }]) => `${name} ${fingerprint}`));
  const standings = new Map(run.map((standing) => [standing.environment, standing]));

  return (environment) => {
    const standing = standings.get(environment);
    if (!standing) return [];
    const problems: Problem[] = [];
    for (const key of targetKeys(standing.target)) {
      const inRun = others(byTarget.get(key), environment);
      const elsewhere = restByTarget.get(key);
      if (inRun) problems.push(sharedTarget(catalog, standing.target, inRun, 'error'));
      else if (elsewhere)
        problems.push(sharedTarget(catalog, standing.target, named(elsewhere.first, elsewhere.count), 'warning'));
    }
    for (const [name, { fingerprint, origin }] of standing.secrets) {
      const inRun = others(bySecret.get(`${name} ${fingerprint}`), environment);
      if (inRun) problems.push(reusedSecret(name, origin, inRun));
    }
    return problems;
  };
}

function targetKeys({ cluster, namespace }: Target): string[] {
  return cluster === undefined || namespace === undefined ? [] : [`${namespace} ${cluster}`];
}

function group(standings: readonly Standing[], keysOf: (standing: Standing) => string[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const standing of standings) {
    for (const key of keysOf(standing)) {
      const group = groups.get(key);
      if (!group) groups.set(key, { first: standing.environment, count: 1 });
      else {
        group.second ??= standing.environment;
        group.count++;
      }
    }
  }
  return groups;
}

/** The others of a group in words: one is named, the rest counted. */
function others(group: Group | undefined, environment: string): string | undefined {
  if (group?.second === undefined) return undefined;
  return named(group.first === environment ? group.second : group.first, group.count - 1);
}

function named(one: string, count: number): string {
  if (count === 1) return `environment ${one}`;
  return `environment ${one} and ${count - 1} other${count === 2 ? '' : 's'}`;
}

function sharedTarget(catalog: Catalog, target: Target, with_: string, severity: Problem['severity']): Problem {
  const roles = [catalog.roles.get('cluster')?.name, catalog.roles.get('namespace')?.name].join(' and ');
  return {
    severity,
    code: 'shared-target',
    ...(catalog.roles.get('namespace') && { variable: catalog.roles.get('namespace')?.name ?? '' }),
    ...(target.origin && placeOf(target.origin)),
    message: `${roles} are the same as in ${with_}: one would overwrite the other`,
    hint: 'Give each environment a namespace of its own',
  };
}

function reusedSecret(name: string, origin: Origin, with_: string): Problem {
  return {
    severity: 'warning',
    code: 'reused-secret',
    variable: name,
    ...placeOf(origin),
    message: `${name} is the same secret as in ${with_}`,
    hint: 'Give each environment its own, or declare mayBeReused in the catalog',
  };
}
