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
