import type { Catalog } from '../catalog/catalog';
import type { Resolver } from './resolve';
import { Sensitive } from './sensitive';
import type { Origin } from './source';

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
  /** The secrets that no other environment should hold, by variable, each as a number that only equal ones share. */
  readonly secrets: ReadonlyMap<string, { readonly number: number; readonly origin: Origin }>;
}

/** @param numberOf one numbering for all that are to be compared; without it secrets are left out */
export function summarise(
  catalog: Catalog,
  environment: string,
  resolver: Pick<Resolver, 'resolve'>,
  numberOf?: (secret: Sensitive) => number,
): EnvironmentSummary {
  const cluster = resolver.resolve(catalog.roles.cluster?.name ?? '')?.value;
  const namespace = resolver.resolve(catalog.roles.namespace.name);
  const secrets = new Map<string, { number: number; origin: Origin }>();
  for (const { name, sensitive, mayBeReused } of numberOf ? catalog.variables.values() : []) {
    const resolved = sensitive && !mayBeReused ? resolver.resolve(name) : undefined;
    if (numberOf && resolved?.value instanceof Sensitive) {
      secrets.set(name, { number: numberOf(resolved.value), origin: resolved.layerValue.origin });
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
