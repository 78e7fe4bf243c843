import type { Catalog, Variable } from '../../catalog/catalog';
import { nearName, suggestion } from '../../catalog/near-name';
import {
  refreshFault,
  type StoreFault,
  storeDefaults,
  storeKeyFault,
  tellsSecretsApart,
} from '../../catalog/secret-store';
import type { Problem } from '../problem';
import type { ResolvedEnvironment } from '../resolve';
import { mayBeInStore, namesIn, type SecretStore } from '../secret-store';
import { problemAt } from '../source';

/**
 * What is wrong where the secrets of an environment are in a store: with what says where, and a value that a secret has
 * all the same.
 * @param configFile for hints
 */
export function secretStoreProblems(
  { roles, variables }: Catalog,
  store: SecretStore | undefined,
  resolved: ResolvedEnvironment,
  configFile: string,
): Problem[] {
  const { secrets } = roles;
  if (!secrets || !store) return [];
  const faultsOf = (variable: Variable | undefined, find: (text: string) => StoreFault | undefined): Problem[] => {
    const value = resolved.values.get(variable?.name ?? '');
    const fault = typeof value?.value === 'string' ? find(value.value) : undefined;
    if (!value || !fault) return [];
    const { message: says, hint } = fault;
    const problem = { severity: 'error', code: 'invalid-value', says, hint } as const;
    return [problemAt(value.variable.name, value.layerValue.origin, problem)];
  };
  const isGiven = (variable: Variable) => resolved.layers.valuesFor(variable.name).length > 0;
  return [
    ...(secrets.store.optional && !isGiven(secrets.store) ? [withoutStore(secrets, configFile)] : []),
    ...faultsOf(secrets.store, (name) => (isObjectName(name) ? undefined : nameRule)),
    ...faultsOf(secrets.key, storeKeyFault),
    ...faultsOf(secrets.property, storeKeyFault),
    ...faultsOf(secrets.refresh, refreshFault),
    ...faultsOf(secrets.optional, (list) => listFault(list, variables)),
    ...sameForAll(secrets, store, resolved, variables),
    ...[...variables.values()].flatMap((variable) => givenAllTheSame(variable, secrets, store, resolved)),
  ];
}

type SecretsRoles = NonNullable<Catalog['roles']['secrets']>;

function withoutStore({ store, backend }: SecretsRoles, configFile: string): Problem {
  return {
    severity: 'error',
    code: 'missing',
    variable: store.name,
    message: `${store.name} has no value, and ${backend.name} says that the secrets are in a store`,
    hint: `Set it in ${configFile} to the name of the store`,
  };
}

/** The name of an object, a DNS-1123 subdomain. */
function isObjectName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/.test(text);
}

const nameRule: StoreFault = {
  message: 'is not the name of an object (a-z, 0-9, hyphens and dots inside)',
  hint: 'Look at: kubectl get secretstores,clustersecretstores --all-namespaces',
};

function listFault(list: string, variables: ReadonlyMap<string, Variable>): StoreFault | undefined {
  for (const name of namesIn(list)) {
    const variable = variables.get(name);
    if (variable && !variable.optional && mayBeInStore(variable)) {
      return { message: 'lists a secret that is not optional', hint: `Leave out ${name}: it has to be there anyway` };
    }
    if (variable?.optional && mayBeInStore(variable)) continue;
    const optional = [...variables.values()].filter((each) => each.optional && mayBeInStore(each));
    const near = nearName(
      name,
      optional.map((each) => each.name),
    );
    const known = optional.map((each) => each.name).join(', ');
    return {
      message: 'lists a name that is not that of an optional secret',
      hint: suggestion(near) ?? `There are ${known || 'none'}`,
    };
  }
  return undefined;
}

/** Every secret would get the same value. */
function sameForAll(
  { key, property, store: storeRole }: SecretsRoles,
  store: SecretStore,
  { values }: ResolvedEnvironment,
  variables: ReadonlyMap<string, Variable>,
): Problem[] {
  const held = [...variables.values()].filter((each) => store.holds(each));
  const textOf = (variable: Variable | undefined) => {
    const value = values.get(variable?.name ?? '')?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const patterns = [textOf(key) ?? storeDefaults.key, textOf(property) ?? ''];
  if (held.length < 2 || patterns.some((each) => tellsSecretsApart(each) || storeKeyFault(each))) return [];
  const told = key ?? storeRole;
  const origin = values.get(told.name)?.layerValue.origin ?? { layer: 'default' as const };
  return [
    problemAt(told.name, origin, {
      severity: 'error',
      code: 'invalid-value',
      says: 'gives all secrets one key in the store',
      hint: `Put {variable} in it${property ? `, or in ${property.name}` : ''}`,
    }),
  ];
}

/** Nobody would notice that a changed line changes nothing. */
function givenAllTheSame(
  variable: Variable,
  { backend, optional }: SecretsRoles,
  store: SecretStore,
  { layers }: ResolvedEnvironment,
): Problem[] {
  const [given] = layers.valuesFor(variable.name);
  if (!given || !mayBeInStore(variable)) return [];
  const remove = `Keep it in the store, and remove it here; or set ${backend.name} to kubernetes`;
  const list = optional ? `If the store has it, list it in ${optional.name}; remove it here` : remove;
  return [
    problemAt(variable.name, given.origin, {
      severity: 'warning',
      code: 'suspicious-value',
      says: `has a value here, and Secrets are made of what the store has: ${backend.name} is external-secrets`,
      hint: store.holds(variable) ? remove : list,
    }),
  ];
}
