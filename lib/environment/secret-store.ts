import type { Catalog, Variable } from '../catalog/catalog';
import { storeDefaults, storeKey } from '../catalog/secret-store';
import type { Text } from './sensitive';

/** The store outside the cluster that has the secrets of an environment. */
export interface SecretStore {
  readonly name: string;
  /** `SecretStore` or `ClusterSecretStore` */
  readonly kind: string;
  /** How often the operator reads it, as Go writes a duration. */
  readonly refreshInterval: string;
  /** Whether the value of a variable is there, and needs to be nowhere else. */
  holds(variable: Variable): boolean;
  /** Where it is there. */
  keyOf(variable: Variable, bundle: string): StoreKey;
}

export interface StoreKey {
  readonly key: string;
  readonly property?: string;
}

/**
 * The store of an environment; undefined where its Secrets are written with their values.
 * @param valueFor the value of a variable by its name
 */
export function secretStoreOf(
  { app, roles }: Catalog,
  environment: string,
  valueFor: (name: string) => Text | undefined,
): SecretStore | undefined {
  const { secrets } = roles;
  const textOf = (variable: Variable | undefined): string | undefined => {
    const value = valueFor(variable?.name ?? '');
    return typeof value === 'string' ? value : undefined;
  };
  if (!secrets || textOf(secrets.backend) !== 'external-secrets') return undefined;
  const property = textOf(secrets.property);
  const pattern = textOf(secrets.key) ?? storeDefaults.key;
  const listed = new Set(namesIn(textOf(secrets.optional) ?? ''));
  return {
    name: textOf(secrets.store) ?? '',
    kind: textOf(secrets.storeKind) ?? storeDefaults.kind,
    refreshInterval: textOf(secrets.refresh) ?? storeDefaults.refresh,
    holds: (variable) => mayBeInStore(variable) && (!variable.optional || listed.has(variable.name)),
    keyOf({ name: variable }, bundle) {
      const parts = { variable, environment, app, bundle };
      return {
        key: storeKey(pattern, parts),
        ...(property !== undefined && { property: storeKey(property, parts) }),
      };
    },
  };
}

/** Tells of a variable whether it may be in a store or not, since what says so has a value that says neither. */
export function mayBeElsewhere(
  { roles }: Catalog,
  valueFor: (name: string) => Text | undefined,
): (variable: Variable) => boolean {
  const { backend } = roles.secrets ?? {};
  const said = backend && valueFor(backend.name);
  const isUnclear = typeof said === 'string' && backend?.type.accepts(said) !== true;
  return (variable) => isUnclear && mayBeInStore(variable);
}

/** Whether a variable ends up in a Secret and nowhere else. */
export function mayBeInStore({ kind, sensitive, drives }: Variable): boolean {
  return kind === 'secret' || (sensitive && drives?.startsWith('registry') === true);
}

/** The names of a list that is separated by commas or spaces. */
export function namesIn(list: string): string[] {
  return list.split(/[\s,]+/).filter((name) => name !== '');
}
