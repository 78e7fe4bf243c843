import { type Catalog, registryCredentials, type Variable } from '../catalog/catalog';
import { addTo } from './group-by';
import type { LayerValue } from './layers';
import { isError, type Problem } from './problem';
import type { ResolvedEnvironment } from './resolve';
import { mayBeElsewhere, mayBeInStore, type SecretStore } from './secret-store';
import { mayBeUnread, type Origin } from './source';
import { isBroken, isReference } from './template';

/** `external`: its value is in a store outside, and needs to be nowhere else. */
export type Status = 'set' | 'default' | 'unset' | 'missing' | 'invalid' | 'external';

/** What is known of one variable in one environment. */
export interface VariableState {
  readonly variable: Variable;
  readonly status: Status;
  /** Only of config and non-sensitive infra, and only without a problem: the only values that may be shown. */
  readonly shownValue?: string;
  readonly origin?: Origin;
  /** The lower layers that give a value too. */
  readonly overrides: readonly Origin[];
  /** The other variables that its value reads by `${}`. */
  readonly reads: readonly Read[];
  /** The variables whose values read this one by `${}`. */
  readonly readBy: readonly string[];
  /** Of what a store has: the store, and its key there. Not where something is wrong with what says so. */
  readonly stored?: string;
}

/** A variable that a value reads, and where its own value comes from. */
export interface Read {
  readonly name: string;
  readonly origin?: Origin;
}

/** What is known of each variable, in the catalog's order. */
export function variableStates(
  catalog: Catalog,
  resolved: ResolvedEnvironment,
  problems: readonly Problem[],
  store?: SecretStore,
): VariableState[] {
  const { sources, layers, values } = resolved;
  const reads = readsIn(catalog, resolved);
  const readers = readersIn(reads);
  const suspects = new Set(problems.flatMap(({ variable }) => variable ?? []));
  // A value shows what it is made of: whoever reads a variable with a problem is not fit to be shown either.
  for (const suspect of suspects) for (const reader of readers.get(suspect) ?? []) suspects.add(reader);
  const isStoreShown = Object.values(catalog.roles.secrets ?? {}).every((each) => !suspects.has(each?.name ?? ''));
  const invalid = new Set(problems.filter(isError).flatMap(({ variable }) => variable ?? []));
  const isElsewhere = mayBeElsewhere(catalog, (name) => values.get(name)?.value);
  const mayBeThere = (variable: Variable) => mayBeUnread(variable, sources) || isElsewhere(variable);
  const missing = missingIn(catalog, resolved, mayBeThere);
  return [...catalog.variables.values()].map((variable) => {
    const { name, sensitive } = variable;
    const [winner, ...overridden] = layers.valuesFor(name);
    const value = values.get(name)?.value;
    const isFaulty = sources.some(({ faulty }) => faulty?.has(name));
    const isUnread = !winner && mayBeThere(variable);
    const isInvalid = isFaulty || isUnread || (winner !== undefined && (value === undefined || invalid.has(name)));
    const isShown = !sensitive && !suspects.has(name) && typeof value === 'string';
    return {
      variable,
      status:
        storedStatus(variable, store) ?? (missing.has(name) ? 'missing' : isInvalid ? 'invalid' : statusOf(winner)),
      ...(isShown && { shownValue: value }),
      ...(winner && { origin: winner.origin }),
      overrides: overridden.map(({ origin }) => origin),
      reads: (reads.get(name) ?? []).map((read) => {
        const [from] = layers.valuesFor(read);
        return { name: read, ...(from && { origin: from.origin }) };
      }),
      readBy: readers.get(name) ?? [],
      ...(isStoreShown && store?.holds(variable) && { stored: storedAs(variable, store) }),
    };
  });
}

/** Tells of a problem whether it says no more than that a variable is missing, as its state does. */
export function saysMissing(states: readonly VariableState[]): (problem: Problem) => boolean {
  const missing = new Set(states.flatMap(({ status, variable }) => (status === 'missing' ? variable.name : [])));
  return ({ code, variable = '' }) =>
    code === 'missing' || (code === 'unresolved-placeholder' && missing.has(variable));
}

/** "vault: x/depot (API_KEY)": with a property, and once for each bundle that gets it from another key. */
function storedAs(variable: Variable, store: SecretStore): string {
  const bundles = variable.bundles.length > 0 ? variable.bundles : [registryCredentials.component];
  const keys = bundles.map((bundle) => {
    const { key, property } = store.keyOf(variable, bundle);
    return property === undefined ? key : `${key} (${property})`;
  });
  return `${store.name}: ${[...new Set(keys)].join(', ')}`;
}

/** Of what is made of the store, whatever a file may say. */
function storedStatus(variable: Variable, store: SecretStore | undefined): Status | undefined {
  if (!store || !mayBeInStore(variable)) return undefined;
  return store.holds(variable) ? 'external' : 'unset';
}

function statusOf(winner: LayerValue | undefined): Status {
  if (!winner) return 'unset';
  return winner.origin.layer === 'default' ? 'default' : 'set';
}

/** The required variables that are given nowhere, and those with a default that lacks nothing but these. */
function missingIn(
  { variables }: Catalog,
  { layers, values }: ResolvedEnvironment,
  mayBeThere: (variable: Variable) => boolean,
): ReadonlySet<string> {
  const lackedBy = new Map<string, string[]>();
  const lacks = new Map<string, number>();
  const missing = new Set<string>();
  for (const variable of variables.values()) {
    const { name, optional } = variable;
    if (values.has(name) || mayBeThere(variable)) continue;
    const [winner] = layers.valuesFor(name);
    if (!winner && !optional) missing.add(name);
    if (winner?.origin.layer !== 'default' || winner.template.some(isBroken)) continue;
    const read = new Set(winner.template.flatMap((part) => (isReference(part) ? part.variable : [])));
    const lacking = [...read].filter((each) => !values.has(each));
    lacks.set(name, lacking.length);
    for (const each of lacking) addTo(lackedBy, each, name);
  }
  // A set is walked through to what is added meanwhile. Of a loop of defaults none gets as far as that.
  for (const name of missing) {
    for (const reader of lackedBy.get(name) ?? []) {
      const left = (lacks.get(reader) ?? 0) - 1;
      lacks.set(reader, left);
      if (left === 0) missing.add(reader);
    }
  }
  return missing;
}

/** Which others a variable reads, by its name. */
function readsIn({ variables }: Catalog, { layers, values }: ResolvedEnvironment): Map<string, string[]> {
  return new Map(
    [...variables.keys()].map((reader) => {
      const named = layers.valuesFor(reader)[0]?.template.filter(isReference) ?? [];
      const read = new Set([...named.map(({ variable }) => variable), ...(values.get(reader)?.reads ?? [])]);
      return [reader, [...read].filter((name) => name !== reader)];
    }),
  );
}

/** Who reads a variable, by its name. */
function readersIn(reads: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  for (const [reader, names] of reads) for (const name of names) addTo(readers, name, reader);
  return readers;
}
