import type { Catalog, Variable } from '../catalog/catalog';
import { isDnsLabel } from '../catalog/host-name';
import { namesOf } from '../catalog/lookups';
import { nearArgument } from '../catalog/near-name';
import { compareEnvironments } from '../environment/across';
import type { Remedy } from '../environment/checks/missing';
import { type Evaluation, evaluate } from '../environment/evaluate';
import { limits } from '../environment/limits';
import { numberText } from '../environment/number-text';
import { inOrder, isError, type Problem, refusal } from '../environment/problem';
import { createResolver, type Resolver, resolveEnvironment } from '../environment/resolve';
import { Sensitive } from '../environment/sensitive';
import { type EnvironmentSummary, summarise } from '../environment/summary';
import type { VariableState } from '../environment/variable-states';
import type { Host } from '../report/host';
import { type EnvsFolder, remedyForAbsentFile } from '../sources/absent-file';
import {
  demo,
  environmentFiles,
  environmentsAmong,
  knownEnvironments,
  namesInEnvs,
} from '../sources/environment-files';
import { envsFlag, isShown, requireProject, shownPath } from '../sources/given-path';
import { createGlance } from '../sources/in-passing';
import {
  type FilesRead,
  folderProblems,
  type Loaded,
  type Lookup,
  loadFrom,
  readFiles,
  shownEnvFile,
} from '../sources/load';
import { type StrayFile, strayFiles } from '../sources/stray-files';

/** The options of every command that looks at environments. */
export interface EnvironmentOptions {
  readonly all?: true | undefined;
  readonly envs: string;
  readonly fromEnv?: true | undefined;
  readonly fromEnvFile?: string | undefined;
  readonly strict?: true | undefined;
}

/** What an argument is that cannot name an environment. */
export const notAName = 'not a valid environment name (a-z, 0-9 and inner hyphens, at most 63 characters)';

/**
 * The environments that the command line asks for.
 * @param single whether only one may be chosen, whatever the options
 * @throws {Refusal} code `usage` if it asks for none, for something that is no name, or for too many
 */
export function selectEnvironments(
  catalog: Catalog,
  names: readonly string[],
  options: EnvironmentOptions,
  single = false,
): string[] {
  const known = knownEnvironments(options.envs);
  const malformed = names.findIndex((name) => !isDnsLabel(name));
  if (malformed >= 0) {
    const typed = names[malformed] ?? '';
    // The argument itself is not repeated: it may be a secret typed by mistake, and the error goes to logs.
    throw refusal('usage', `Argument ${malformed + 1} is ${notAName}`, meantBy(typed, catalog, known, options.envs));
  }
  if (known.length === 0) requireProject(options.envs);
  if (options.all && names.length > 0) throw refusal('usage', 'Name environments, or say --all, not both');
  const chosen = options.all ? known : [...new Set(names)];
  if (!options.all && chosen.length === 0) {
    throw refusal('usage', 'Which environment?', knownText(known, options.envs));
  }
  if ((single || isForOne(options)) && (options.all || chosen.length !== 1)) {
    throw refusal('usage', '--from-env, --from-env-file and --stdout take exactly one environment');
  }
  if (chosen.length === 0) {
    throw refusal(
      'unknown-environment',
      `There is no environment in ${shownPath('--envs', options.envs)}`,
      knownText(known, options.envs),
    );
  }
  return chosen;
}

/** What somebody may have meant who typed what is no name of an environment. */
function meantBy(typed: string, { variables }: Catalog, known: readonly string[], envs: string): string {
  if (variables.has(typed))
    return 'Only check takes a variable, behind one environment: npm run check -- <env> <VARIABLE>';
  const other = [...variables.values()].find(({ key, formerly }) => key === typed || formerly.includes(typed));
  if (other) return `The variable is called ${other.name}`;
  const near = nearArgument(typed, known) ?? nearArgument(typed, variables.keys());
  if (near !== undefined) return `Did you mean ${near}?`;
  const either = /^[A-Z][A-Z0-9_]*$/.test(typed) ? 'No variable of the catalog is called so either. ' : '';
  return `${either}${knownText(known, envs)}`;
}

/** Whether an option gives values that can only be those of one environment. */
export function isForOne({ fromEnv, fromEnvFile }: EnvironmentOptions): boolean {
  return fromEnv === true || fromEnvFile !== undefined;
}

/** The environments that exist and how to make one, for whoever did not find theirs. */
function knownText(known: readonly string[], envs: string): string {
  const make = `To make a new one: npm run new -- <name>${envsFlag(envs)}`;
  return known.length === 0 ? make : `There are: ${listText(known)}. ${make}`;
}

/** Names of environments in a row: some, and how many more. */
export function listText(names: readonly string[]): string {
  const more = names.length - limits.environmentsListed;
  if (more <= 0) return names.join(', ');
  return `${names.slice(0, limits.environmentsListed).join(', ')} and ${numberText(more)} more`;
}

/** Where the options say that values are to be looked for. */
export function lookupFor(options: EnvironmentOptions, host: Host): Lookup {
  return {
    envs: options.envs,
    identities: host.env,
    ...(options.fromEnv ? { processEnvironment: host.env } : { notOptedInto: host.env }),
    ...(options.fromEnvFile !== undefined && { envFile: options.fromEnvFile, standardInput: host.stdin }),
  };
}

/** The process environment for programs that are started: none gets the variable that may hold the key to encrypted files. */
export function withoutIdentity({ AGE_IDENTITY: _key, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

/**
 * The environment of programs that ask the cluster. Where ours gives values, it holds the secrets of pods, which are no
 * business of such a program; infra variables stay, since it may log in with one.
 */
export function environmentForTools(catalog: Catalog, options: EnvironmentOptions, host: Host): NodeJS.ProcessEnv {
  const env = withoutIdentity(host.env);
  if (!options.fromEnv) return env;
  const secrets = [...catalog.variables.values()].filter(({ kind }) => kind === 'secret');
  const namesOfSecrets = new Set(secrets.flatMap(namesOf));
  const isKept = (name: string) => catalog.variables.get(name)?.kind === 'infra' || !namesOfSecrets.has(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => isKept(name)));
}

/**
 * What is known of one environment. One that does not exist has nothing but that problem, and a position instead of a
 * name: what was typed may be a secret.
 */
export type Outcome = Evaluation | { readonly environment: string; readonly problems: readonly Problem[] };

/** An outcome as the options take it: with --strict its warnings are errors. */
export function judged<O extends Outcome>(outcome: O, { strict }: Pick<EnvironmentOptions, 'strict'>): O {
  if (!strict || outcome.problems.every(isError)) return outcome;
  return { ...outcome, problems: outcome.problems.map((problem) => ({ ...problem, severity: 'error' })) };
}

/** What is known of each variable; nothing of an environment that does not exist. */
export function variablesOf(outcome: Outcome): VariableState[] {
  return 'resolved' in outcome ? outcome.describeVariables() : [];
}

/**
 * Reads and evaluates environments, each compared with the others, and yields them in the order given.
 * @param typed the arguments that name them, for the position of one that does not exist
 */
export async function* evaluateEnvironments(
  catalog: Catalog,
  names: readonly string[],
  where: Lookup,
  typed: readonly string[] = names,
): AsyncGenerator<Outcome> {
  const looks = createLooks(catalog, where);
  const numberOf = names.length > 1 ? Sensitive.numbering() : undefined;
  const present = namesInEnvs(where.envs);
  const known = environmentsAmong(present);
  const rest = await summariesInPassing(catalog, names, where.envs, known);
  const strays = strayFiles(where.envs, present, new Set([...known, ...names]));
  const folderFaults = folderProblems(where.envs);
  const folder = { shown: shownPath('--envs', where.envs), names: new Set(present), strays };
  const run: EnvironmentSummary[] = [];
  for (const name of names) {
    const looked = await looks.first(name);
    if (names.length + rest.length > 1 && isThere(catalog, looked)) {
      run.push(summarise(catalog, name, looked.resolver, numberOf));
    }
  }
  const problemsAcross = compareEnvironments(catalog, run, rest);

  for (const environment of names) {
    const stray = straysOf(environment, strays, names, typed.length === 0);
    const looked = await looks.second(environment);
    const { loaded, resolver } = looked;
    if (isThere(catalog, looked)) {
      const files = environmentFiles(folder.shown, environment);
      const own = loaded.isEncrypted
        ? `${files.encrypted}: npm run edit -- ${environment}${envsFlag(folder.shown)}`
        : files.env;
      const piped = where.envFile === '-' ? 'what is piped to ' : '';
      const secrets = where.envFile === undefined ? own : `${piped}${shownEnvFile(where.envFile)}`;
      const remedy = remedyFor(environment, folder, where);
      const resolved = resolveEnvironment(catalog, environment, loaded.sources, resolver);
      yield evaluate(catalog, resolved, { secrets, config: files.config, remedy }, [
        ...loaded.problems(),
        ...(loaded.hasFiles && environment !== demo ? folderFaults : []),
        ...problemsAcross(environment),
        ...stray,
      ]);
    } else {
      const unread = loaded.sources.filter(({ unreadable }) => unreadable).flatMap(({ problems }) => problems);
      const position = (typed.includes(environment) ? typed : names).indexOf(environment) + 1;
      const problem = unknownEnvironment(catalog, environment, position, where);
      yield { environment: `argument ${position}`, problems: inOrder([...unread, ...stray, problem]) };
    }
  }
}

/** An environment and what its files say. */
interface Looked {
  readonly environment: string;
  readonly loaded: Loaded;
  readonly resolver: Resolver;
}

/**
 * Looks at each environment twice. In between, what was made of a few is kept, of some more their files as text, and
 * those of the others are read again: to keep what is made of very many takes longer than to make it again.
 */
function createLooks(catalog: Catalog, where: Lookup) {
  const looks = new Map<string, Looked>();
  const texts = new Map<string, FilesRead>();
  const left = { made: limits.lengthKept as number, text: limits.textKept as number };
  const fits = (what: keyof typeof left, length: number) => {
    if (length > left[what]) return false;
    left[what] -= length;
    return true;
  };
  const lookAt = async (environment: string, read: FilesRead): Promise<Looked> => {
    const loaded = await loadFrom(read, catalog, environment, where);
    return { environment, loaded, resolver: createResolver(catalog, environment, loaded.sources) };
  };
  return {
    async first(environment: string): Promise<Looked> {
      const read = await readFiles(environment, where);
      const looked = await lookAt(environment, read);
      // The first one whatever it holds: standard input can be read once only, and then there is no other.
      if (looks.size === 0 || fits('made', read.length)) looks.set(environment, looked);
      else if (fits('text', read.length)) texts.set(environment, read);
      return looked;
    },
    async second(environment: string): Promise<Looked> {
      const looked = looks.get(environment);
      const read = texts.get(environment);
      looks.delete(environment);
      texts.delete(environment);
      return looked ?? lookAt(environment, read ?? (await readFiles(environment, where)));
    },
  };
}

/** The same for a single environment. */
export async function evaluateEnvironment(catalog: Catalog, name: string, where: Lookup): Promise<Outcome> {
  const { value } = await evaluateEnvironments(catalog, [name], where).next();
  return value as Outcome; // it yields one for each name
}

/** What gives an environment several values at once that it lacks. */
function remedyFor(environment: string, folder: EnvsFolder, where: Lookup) {
  return (missing: readonly Variable[]): Remedy | undefined => {
    if (where.processEnvironment || where.envFile !== undefined || missing.length === 0) return undefined;
    const absent = remedyForAbsentFile(
      environment,
      folder,
      missing.some(({ sensitive }) => sensitive),
    );
    if (!missing.every(({ name }) => where.notOptedInto?.[name]))
      return absent && { ...absent, hint: sentence(absent.hint) };
    // Only where it has all of them: a laptop's own key of one vendor must not end up in prod.
    const fromEnv = 'The process environment has what is missing: say --from-env to take it from there';
    return { hint: absent ? `${fromEnv}. Else ${absent.hint}` : fromEnv, covers: () => true };
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/**
 * What is said of stray files with one environment: of its own and, with the first of the run, of those that belong to
 * no other. What other environments have is their own affair.
 * @param all whether the run is of every environment there is
 */
function straysOf(environment: string, strays: readonly StrayFile[], run: readonly string[], all: boolean): Problem[] {
  const isFirst = run[0] === environment;
  const isNobodys = ({ environment: owner }: StrayFile) => owner === undefined || (all && !run.includes(owner));
  return strays
    .filter((stray) => stray.environment === environment || (isFirst && isNobodys(stray)))
    .map(({ problem }) => problem);
}

/** Environments besides the run. What is wrong with them is their own affair. */
async function summariesInPassing(
  catalog: Catalog,
  run: readonly string[],
  envs: string,
  known: readonly string[],
): Promise<EnvironmentSummary[]> {
  const asked = new Set(run);
  const rest = known.filter((name) => !asked.has(name));
  if (rest.length === 0) return [];
  const glance = createGlance(catalog, envs);
  const summaries: EnvironmentSummary[] = [];
  for (const name of rest.slice(0, limits.environmentsInPassing)) {
    try {
      summaries.push(summarise(catalog, name, await glance(name)));
    } catch {
      // Whatever is in it, it must not stop the environments that were asked for.
    }
  }
  return summaries;
}

/** An environment without files exists if the process environment names it, so that a typo does not make one. */
function isThere({ roles }: Catalog, { environment, loaded, resolver }: Looked): boolean {
  if (loaded.hasFiles) return true;
  const named = resolver.resolve(roles.environment.name);
  return named?.layerValue.origin.layer === 'process-env' && named.value === environment;
}

function unknownEnvironment(catalog: Catalog, environment: string, position: number, where: Lookup): Problem {
  const known = knownEnvironments(where.envs);
  const near = nearArgument(environment, known);
  const variable = catalog.roles.environment.name;
  return {
    severity: 'error',
    code: 'unknown-environment',
    message: `Argument ${position} names no environment: it has no file in ${shownPath('--envs', where.envs)}`,
    hint: near
      ? `Did you mean ${near}?`
      : where.notOptedInto?.[variable] === environment
        ? `${variable} in the process environment says this name: say --from-env to take values from there`
        : where.processEnvironment
          ? `Without a file, ${variable} in the process environment must say the same name, so that a typo makes no environment`
          : isShown('--envs', where.envs)
            ? knownText(known, where.envs)
            : 'Check the path after --envs: nothing is there',
  };
}
