import type { Catalog, Variable } from '../catalog/catalog';
import { contradiction } from './checks/contradiction';
import { foreignNamespaces } from './checks/foreign-namespace';
import { checkValue } from './checks/invalid-value';
import { misplacedSecrets } from './checks/misplaced-secret';
import { type HintFiles, missing } from './checks/missing';
import { suspiciousValue } from './checks/suspicious-value';
import { oversizedObjects } from './checks/too-large';
import { namesLikeSecrets, unknownNames } from './checks/unknown-variable';
import { inOrder, isError, type Problem } from './problem';
import { createResolver, type LayerValue, type Resolved, type Resolver } from './resolve';
import type { Text } from './sensitive';
import type { Origin, Source } from './source';
import { isReference, loneReference } from './template';

export type { HintFiles };

export type Status = 'set' | 'default' | 'unset' | 'missing' | 'invalid';

/** What is known of one variable in one environment. */
export interface VariableState {
  readonly variable: Variable;
  readonly status: Status;
  /** Only of config and non-sensitive infra, and only without a problem: the only values that may be shown. */
  readonly shownValue?: string;
  readonly origin?: Origin;
  /** The lower layers that give a value too. */
  readonly overrides: readonly Origin[];
  /** The variables whose values read this one by `${}`. */
  readonly readBy: readonly string[];
}

/** All there is to say about an environment. */
export interface Evaluation {
  readonly environment: string;
  readonly problems: readonly Problem[];
  /** What is known of each variable, in the catalog's order. Made when asked for: not every command does. */
  readonly describeVariables: () => VariableState[];
  /** Every value there is, valid or not. */
  readonly resolved: ReadonlyMap<string, Resolved>;
}

/**
 * Decides what an environment holds and finds everything wrong with it. Pure: what was read comes in as sources.
 * @param sources the highest layer first
 * @param fromElsewhere what looking at its files and comparing it with other environments found
 */
export function evaluate(
  catalog: Catalog,
  environment: string,
  sources: readonly Source[],
  hintFiles: HintFiles,
  fromElsewhere: readonly Problem[] = [],
): Evaluation {
  const resolver = createResolver(catalog, environment, sources);
  const resolved = new Map<string, Resolved>();
  for (const name of catalog.variables.keys()) {
    const value = resolver.resolve(name);
    if (value) resolved.set(name, value);
  }
  const values = [...resolved.values()];
  const namespaces = foreignNamespaces(catalog, sources, resolver);
  // Before values are resolved that do not win: what is wrong with their placeholders is nobody's concern.
  const placeholders = [...resolver.problems];
  const unshown = namesLikeSecrets(sources, values);
  const misplaced = misplacedSecrets(catalog, sources, resolver);
  const suspects = new Set(misplaced.map(({ variable }) => variable));
  const mayBeQuoted = ({ variable }: Resolved) => !variable.sensitive && !suspects.has(variable.name);
  const problems = inOrder([
    ...sources.flatMap((source) => source.problems),
    ...unknownNames(catalog.variables, sources, resolver, unshown),
    ...namespaces,
    ...[...catalog.variables.values()].flatMap((variable) => missing(variable, sources, resolver, unshown, hintFiles)),
    ...values.flatMap((value) =>
      withOwnLowerValues(value, resolver).flatMap((each) => checkValue(each, mayBeQuoted(each))),
    ),
    ...values.flatMap((value) => suspiciousValue(value, catalog, environment)),
    ...misplaced,
    ...contradiction(catalog, environment, resolved),
    ...oversizedObjects(resolved, catalog),
    ...placeholders,
    ...fromElsewhere,
  ]);
  return {
    environment,
    problems,
    describeVariables: () => states(catalog, sources, resolver, resolved, problems),
    resolved,
  };
}

/** The values of an environment without errors, ready for the constructs. */
export function valuesOf({ resolved }: Evaluation): Readonly<Record<string, Text>> {
  const values: Record<string, Text> = {};
  for (const [name, { value }] of resolved) values[name] = value;
  return values;
}

/** The value that wins and, where it reads itself, those below it. One that only repeats the one below is not looked at twice. */
function withOwnLowerValues(winner: Resolved, resolver: Resolver): Resolved[] {
  const { name } = winner.variable;
  if (!readsItself(winner.layerValue, name)) return [winner];
  const chain: Resolved[] = [];
  resolver.layerValues(name).every((layerValue, index) => {
    const value = resolver.resolveLayer(name, index);
    if (value && loneReference(layerValue.template) !== name) chain.push(value);
    return readsItself(layerValue, name);
  });
  return chain;
}

function readsItself({ template }: LayerValue, name: string): boolean {
  return template.some((part) => isReference(part) && part.variable === name);
}

function states(
  catalog: Catalog,
  sources: readonly Source[],
  resolver: Resolver,
  resolved: ReadonlyMap<string, Resolved>,
  problems: readonly Problem[],
): VariableState[] {
  const suspects = new Set(problems.flatMap(({ variable }) => variable ?? []));
  const readers = readersIn(catalog, resolver, resolved);
  // A value shows what it is made of: whoever reads a variable with a problem is not fit to be shown either.
  for (const suspect of suspects) for (const reader of readers.get(suspect) ?? []) suspects.add(reader);
  const invalid = new Set(problems.filter(isError).flatMap(({ variable }) => variable ?? []));
  return [...catalog.variables.values()].map((variable) => {
    const [winner, ...overridden] = resolver.layerValues(variable.name);
    const value = resolved.get(variable.name)?.value;
    const shown = !variable.sensitive && !suspects.has(variable.name);
    const faulty = sources.some((source) => source.faulty?.has(variable.name));
    return {
      variable,
      status: statusOf(variable, winner, faulty || (winner !== undefined && (!value || invalid.has(variable.name)))),
      ...(shown && typeof value === 'string' && { shownValue: value }),
      ...(winner && { origin: winner.origin }),
      overrides: overridden.map(({ origin }) => origin),
      readBy: readers.get(variable.name) ?? [],
    };
  });
}

/** Who reads a variable, by its name; reading oneself does not count. */
function readersIn(
  catalog: Catalog,
  resolver: Resolver,
  resolved: ReadonlyMap<string, Resolved>,
): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  for (const reader of catalog.variables.keys()) {
    const named = resolver.layerValues(reader)[0]?.template.filter(isReference) ?? [];
    const read = new Set([...named.map(({ variable }) => variable), ...(resolved.get(reader)?.reads ?? [])]);
    for (const name of read) {
      if (name === reader) continue;
      const others = readers.get(name);
      if (others) others.push(reader);
      else readers.set(name, [reader]);
    }
  }
  return readers;
}

function statusOf(variable: Variable, winner: LayerValue | undefined, invalid: boolean): Status {
  if (invalid) return 'invalid';
  if (!winner) return variable.optional ? 'unset' : 'missing';
  return winner.origin.layer === 'default' ? 'default' : 'set';
}
