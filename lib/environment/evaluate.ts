import type { Catalog } from '../catalog/catalog';
import { contradiction } from './checks/contradiction';
import { emptyValues } from './checks/empty-value';
import { foreignNamespaces } from './checks/foreign-namespace';
import { checkValue } from './checks/invalid-value';
import { misplacedSecrets } from './checks/misplaced-secret';
import { type HintFiles, missingVariables } from './checks/missing';
import { recognisedValues } from './checks/recognisers';
import { swallowedNames } from './checks/recognisers/assignments';
import { catalogNames } from './checks/recognisers/catalog-names';
import { repeatedSecretProblems } from './checks/repeated-secrets';
import { secretStoreProblems } from './checks/secret-store';
import { oversizedObjects, oversizedValue } from './checks/too-large';
import { namesLikeSecrets, unknownNames } from './checks/unknown-variable';
import type { LayerValue } from './layers';
import { inOrder, type Problem } from './problem';
import type { Resolved, ResolvedEnvironment, Resolver } from './resolve';
import { mayBeElsewhere, mayBeInStore, type SecretStore, secretStoreOf } from './secret-store';
import { Sensitive, type Text, textMatches } from './sensitive';
import { isReference, loneReference } from './template';
import { type VariableState, variableStates } from './variable-states';

export type { HintFiles };

/** All there is to say about an environment. */
export interface Evaluation {
  readonly environment: string;
  readonly problems: readonly Problem[];
  /** What is known of each variable, in the catalog's order. Made when asked for: not every command does. */
  readonly describeVariables: () => VariableState[];
  /** Every value there is, valid or not. */
  readonly resolved: ReadonlyMap<string, Resolved>;
  /** The store that has its secrets, if they are in one. */
  readonly store?: SecretStore;
}

/**
 * Finds everything wrong with an environment. Pure: what was read comes in as sources.
 * @param fromElsewhere what looking at its files and comparing it with other environments found
 */
export function evaluate(
  catalog: Catalog,
  resolved: ResolvedEnvironment,
  hintFiles: HintFiles,
  fromElsewhere: readonly Problem[] = [],
): Evaluation {
  const { environment, sources } = resolved;
  const valueFor = (name: string) => resolved.values.get(name)?.value;
  const store = secretStoreOf(catalog, environment, valueFor);
  const isElsewhere = mayBeElsewhere(catalog, valueFor);
  const isUsed = (name: string | undefined) => store === undefined || !isInStore(catalog, name);
  const values = [...resolved.values.values()].filter(({ variable }) => isUsed(variable.name));
  const needed = [...catalog.variables.values()].filter((each) => !store?.holds(each) && !isElsewhere(each));
  const unshown = namesLikeSecrets(sources, [...resolved.values.values()]);
  const misplaced = misplacedSecrets(catalog, sources, resolved);
  const suspects = new Set(misplaced.map(({ variable }) => variable));
  const isSensitive = (name: string) => catalog.variables.get(name)?.sensitive === true;
  const swallowedBy = swallowers(values, catalog, environment);
  const mayBeQuoted = ({ variable }: Resolved) => !variable.sensitive && !suspects.has(variable.name);
  const problems = inOrder([
    ...sources.flatMap((source) => source.problems),
    ...resolved.problems.filter(({ variable }) => isUsed(variable)),
    ...unknownNames(catalog.variables, sources, resolved, unshown),
    ...foreignNamespaces(catalog, sources, resolved),
    ...missingVariables(needed, { sources, resolver: resolved, unshown, files: hintFiles, swallowedBy }),
    ...valueProblems(values, resolved, mayBeQuoted),
    ...recognisedValues(
      values.map((value) => behindItself(value, resolved)),
      catalogNames(catalog),
      environment,
      isSensitive,
    ),
    ...repeatedSecretProblems(values.filter(({ variable }) => variable.kind === 'secret')),
    ...emptyValues(catalog, sources, resolved),
    ...misplaced,
    ...contradiction(catalog, environment, resolved.values),
    ...oversizedObjects((name) => (isUsed(name) ? resolved.values.get(name)?.value : undefined), catalog),
    ...secretStoreProblems(catalog, store, resolved, hintFiles.config),
    ...fromElsewhere,
  ]);
  return {
    environment,
    problems,
    describeVariables: () => variableStates(catalog, resolved, problems, store),
    resolved: resolved.values,
    ...(store && { store }),
  };
}

/** Whether nothing is made of the value of a variable where the secrets are in a store. */
function isInStore({ variables }: Catalog, name: string | undefined): boolean {
  const variable = variables.get(name ?? '');
  return variable !== undefined && mayBeInStore(variable);
}

/** Tells in which value an assignment of a name stands. The values are looked through once, if anybody asks. */
function swallowers(
  values: readonly Resolved[],
  catalog: Catalog,
  environment: string,
): (name: string) => Resolved | undefined {
  let found: Map<string, Resolved> | undefined;
  return (name) => {
    if (!found) {
      found = new Map();
      const names = catalogNames(catalog);
      for (const value of values) {
        const { variable } = value;
        if (variable.verbatim || value.layerValue.origin.layer === 'default') continue;
        textMatches(value.value, (text) => {
          for (const each of swallowedNames(text, { variable, names, environment })) found?.set(each, value);
          return false;
        });
      }
    }
    return found.get(name);
  };
}

/** The values of an environment without errors, ready for the constructs. */
export function valuesOf({ resolved }: Evaluation): Readonly<Record<string, Text>> {
  const values: Record<string, Text> = {};
  for (const [name, { value }] of resolved) values[name] = value;
  return values;
}

/** The secrets of an environment, valid or not. */
export function secretsOf({ resolved }: Pick<Evaluation, 'resolved'>): Sensitive[] {
  return [...resolved.values()].flatMap(({ value }) => (value instanceof Sensitive ? [value] : []));
}

/** What is wrong with each value by itself. */
function valueProblems(
  values: readonly Resolved[],
  resolver: Resolver,
  mayBeQuoted: (value: Resolved) => boolean,
): Problem[] {
  const problems: Problem[] = [];
  for (const value of values) {
    for (const each of withOwnLowerValues(value, resolver)) {
      problems.push(...checkValue(each, mayBeQuoted(each)), ...oversizedValue(each));
    }
  }
  return problems;
}

/**
 * The value that wins and, where it reads itself, those below it. One that only repeats the one below is not looked at
 * twice.
 */
function withOwnLowerValues(winner: Resolved, resolver: Resolver): Resolved[] {
  const { name } = winner.variable;
  if (!readsItself(winner.layerValue, name)) return [winner];
  const chain: Resolved[] = [];
  resolver.layers.valuesFor(name).every((layerValue, index) => {
    const value = resolver.resolveLayer(name, index);
    if (value && loneReference(layerValue.template) !== name) chain.push(value);
    return readsItself(layerValue, name);
  });
  return chain;
}

/** What a value that only repeats its own from a lower layer stands for. */
function behindItself(winner: Resolved, resolver: Resolver): Resolved {
  const { name } = winner.variable;
  for (let index = 0, value: Resolved | undefined = winner; value; value = resolver.resolveLayer(name, ++index)) {
    if (loneReference(value.layerValue.template) !== name) return value;
  }
  return winner;
}

function readsItself({ template }: LayerValue, name: string): boolean {
  return template.some((part) => isReference(part) && part.variable === name);
}
