import type { Catalog, Variable } from '../catalog/catalog';
import { checkValue } from './checks/invalid-value';
import { misplacedSecrets } from './checks/misplaced-secret';
import { suspiciousValue } from './checks/suspicious-value';
import { oversizedObjects } from './checks/too-large';
import { inOrder, isError, type Problem } from './problem';
import { createProblemList } from './problem-list';
import { createResolver, type Offer, type Resolved, type Resolver } from './resolve';
import { Sensitive, sameText, type Text, textMatches } from './sensitive';
import { type Origin, placeOf, type Source, subject, type UnknownName } from './source';
import { isReference, loneReference } from './template';

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

/** Where to put a value that is missing: file names for hints. */
export interface HintFiles {
  readonly secrets: string;
  readonly config: string;
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
  const problems = inOrder([
    ...sources.flatMap((source) => source.problems),
    ...unknownNames(sources, resolver, unshown),
    ...namespaces,
    ...[...catalog.variables.values()].flatMap((variable) => missing(variable, sources, resolver, unshown, hintFiles)),
    ...values.flatMap((value) => withOwnLowerValues(value, resolver).flatMap(checkValue)),
    ...values.flatMap((value) => suspiciousValue(value, catalog, environment)),
    ...misplacedSecrets(catalog, sources, resolver),
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
  if (!readsItself(winner.offer, name)) return [winner];
  const chain: Resolved[] = [];
  resolver.offers(name).every((offer, index) => {
    const value = resolver.resolveOffer(name, index);
    if (value && loneReference(offer.template) !== name) chain.push(value);
    return readsItself(offer, name);
  });
  return chain;
}

function readsItself({ template }: Offer, name: string): boolean {
  return template.some((part) => isReference(part) && part.variable === name);
}

function missing(
  variable: Variable,
  sources: readonly Source[],
  resolver: Resolver,
  unshown: ReadonlySet<UnknownName>,
  files: HintFiles,
): Problem[] {
  const { name } = variable;
  if (variable.optional || resolver.offers(name).length > 0) return [];
  if (sources.some((source) => source.spoiled?.has(name) || (source.unreadable && mayHold(source, variable))))
    return [];
  const typo = firstOf(sources, ({ unknownNames }) => unknownNames.find(({ near }) => near === name));
  const file = variable.sensitive ? files.secrets : files.config;
  const optedIn = sources.some(({ layer }) => layer === 'process-env');
  return [
    {
      severity: 'error',
      code: 'missing',
      variable: name,
      ...placeOf(resolver.emptyAt(name) ?? {}),
      message: `${name} is required and has no value`,
      hint: typo
        ? `Is ${placeOfTypo(typo.source, typo.found, unshown)} a misspelling of it?`
        : `Set it in ${optedIn ? 'the process environment or in ' : ''}${file}`,
    },
  ];
}

function firstOf<T>(
  sources: readonly Source[],
  find: (source: Source) => T | undefined,
): { source: Source; found: T } | undefined {
  for (const source of sources) {
    const found = find(source);
    if (found !== undefined) return { source, found };
  }
  return undefined;
}

function mayHold(source: Source, variable: Variable): boolean {
  if (source.layer === 'patch') return variable.kind !== 'infra';
  return source.layer !== 'config-file' || !variable.sensitive;
}

function placeOfTypo(source: Source, typo: UnknownName, unshown: ReadonlySet<UnknownName>): string {
  if (source.file) return `line ${typo.line} of ${source.file}`;
  // The process environment has no lines to point at.
  return `${unshown.has(typo) ? 'a name' : typo.name} in the process environment`;
}

function unknownNames(sources: readonly Source[], resolver: Resolver, unshown: ReadonlySet<UnknownName>): Problem[] {
  return sources.flatMap((source) => {
    if (source.unknownNamesAre === 'hints') return [];
    const problems = createProblemList(source.file);
    for (const unknown of source.unknownNames) {
      const { name, near, line } = unknown;
      const tolerated = source.unknownNamesAre === 'tolerated' && !(near && resolver.offers(near).length === 0);
      const severity = tolerated ? 'warning' : 'error';
      const shown = near !== undefined && !unshown.has(unknown);
      problems.add(
        { severity, code: 'unknown-variable', ...(shown && { variable: name }), ...(line && { line }) },
        () => ({
          message: shown ? `${name} is not in the catalog` : 'This assigns a name that is not in the catalog',
          hint: near
            ? `Did you mean ${near}?`
            : 'Remove it, or declare it in catalog.ts. If it is the tail of a value, that value needs quotes',
        }),
      );
    }
    return problems.all();
  });
}

/** Names that hold six characters in a row of a secret that their well-known neighbour does not hold. */
function namesLikeSecrets(sources: readonly Source[], values: readonly Resolved[]): ReadonlySet<UnknownName> {
  const byPiece = new Map<string, UnknownName[]>();
  for (const unknown of sources.flatMap(({ unknownNames }) => unknownNames)) {
    const { name, near } = unknown;
    if (near === undefined) continue;
    for (const piece of piecesOf(name)) {
      if (near.includes(piece)) continue;
      const others = byPiece.get(piece);
      if (others) others.push(unknown);
      else byPiece.set(piece, [unknown]);
    }
  }
  const found = new Set<UnknownName>();
  const gather = (text: string): boolean => {
    // However many names there are, a secret is walked through once, and each piece is met once.
    for (const piece of byPiece.size > 0 ? piecesOf(text) : []) {
      for (const unknown of byPiece.get(piece) ?? []) found.add(unknown);
      byPiece.delete(piece);
    }
    return found.size > 0;
  };
  for (const { value } of values) if (value instanceof Sensitive) value.matches(gather);
  return found;
}

/** Every six characters in a row. */
function* piecesOf(text: string): Generator<string> {
  for (let at = 0; at + 6 <= text.length; at++) yield text.slice(at, at + 6);
}

function foreignNamespaces(catalog: Catalog, sources: readonly Source[], resolver: Resolver): Problem[] {
  const variable = catalog.roles.namespace;
  const own = resolver.resolve(variable.name)?.value;
  if (own === undefined) return [];
  return sources.flatMap((source) => {
    const problems = createProblemList(source.file);
    for (const { template, line } of source.namespaces ?? []) {
      const named = resolver.fill(template);
      if (named !== undefined && sameText(named, own)) continue;
      problems.add({ severity: 'error', code: 'invalid-patch', line }, () => ({
        message: `The namespace is not the one of this environment, ${variable.name}`,
        hint: 'Remove the namespace: every object goes to the one of the environment',
      }));
    }
    return problems.all();
  });
}

function contradiction(catalog: Catalog, environment: string, resolved: ReadonlyMap<string, Resolved>): Problem[] {
  const value = resolved.get(catalog.roles.environment.name);
  if (!value || textMatches(value.value, (text) => text === environment)) return [];
  return [
    {
      severity: 'error',
      code: 'contradiction',
      variable: value.variable.name,
      ...placeOf(value.offer.origin),
      message: `${subject(value.variable.name, value.offer.origin)} names another environment than ${environment}`,
      hint: `Set ${value.variable.name}=${environment}, or leave it out. Was it copied from another environment?`,
    },
  ];
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
    const [winner, ...overridden] = resolver.offers(variable.name);
    const value = resolved.get(variable.name)?.value;
    const shown = !variable.sensitive && !suspects.has(variable.name);
    const spoiled = sources.some((source) => source.spoiled?.has(variable.name));
    return {
      variable,
      status: statusOf(variable, winner, spoiled || (winner !== undefined && (!value || invalid.has(variable.name)))),
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
    const named = resolver.offers(reader)[0]?.template.filter(isReference) ?? [];
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

function statusOf(variable: Variable, winner: Offer | undefined, invalid: boolean): Status {
  if (invalid) return 'invalid';
  if (!winner) return variable.optional ? 'unset' : 'missing';
  return winner.origin.layer === 'default' ? 'default' : 'set';
}
