import type { Catalog, Variable } from '../catalog/catalog';
import { environmentName } from '../catalog/declaration';
import { evaluate } from '../environment/evaluate';
import { type Inherited, inherit } from '../environment/inherit';
import { createResolver, resolveEnvironment } from '../environment/resolve';
import type { SecretStore } from '../environment/secret-store';
import { sameText } from '../environment/sensitive';
import type { Source } from '../environment/source';
import { escapePlaceholders, isReference, type Template } from '../environment/template';
import {
  configHeading,
  type Entry,
  entrySections,
  envFileText,
  openEntry,
  quotingAdvice,
  secretHeading,
  secretSections,
} from '../report/env-file-text';
import { envLine } from '../report/env-line-text';
import { readEnvFile } from '../sources/env-file';
import { demo, type EnvironmentFiles, environmentFiles } from '../sources/environment-files';

/** The environment that a new one is made after. */
export interface Model {
  readonly environment: string;
  /** The highest layer first. */
  readonly sources: readonly Source[];
}

/** The texts of a new environment's two files. */
export interface Draft {
  readonly config: string;
  readonly env: string;
  /** Values that were changed to fit: a guess, to be checked. */
  readonly derived: readonly string[];
  /** Variables that the model gives a value which is left out; a comment beside each says why. */
  readonly notCopied: readonly string[];
}

/**
 * The files of a new environment. Nothing is wrong with them but what is left to be filled in: of the model's values,
 * those that would be a problem in the new environment are left open.
 */
export function draftEnvironment(catalog: Catalog, environment: string, envs: string, model?: Model): Draft {
  const files = environmentFiles(envs, environment);
  const inherited = model ? inheritedFrom(catalog, environment, envs, model) : new Map<string, Inherited>();
  const namespace = catalog.roles.namespace.name;
  const taken = model && createResolver(catalog, model.environment, model.sources).resolve(namespace)?.value;
  const envWith = (store?: SecretStore) =>
    envFileText([secretHeading(environment, environment === demo), quotingAdvice], secretSections(catalog, store));
  const env = envWith();
  const open = new Set<string>();
  for (;;) {
    const entryOf = (variable: Variable) => configEntry(variable, environment, inherited, open, model?.environment);
    const config = envFileText(
      [configHeading(environment, environment === demo), 'To change a default, remove the # before it.', quotingAdvice],
      entrySections(catalog, ({ sensitive }) => !sensitive, entryOf),
    );
    const { problems, resolved, store } = evaluateTexts(catalog, environment, files, { config, env });
    const wrong = problems.flatMap(({ code, variable }) => (code === 'missing' ? [] : (variable ?? [])));
    const own = resolved.get(namespace)?.value;
    if (typeof own === 'string' && taken !== undefined && sameText(taken, own)) wrong.push(namespace);
    const unfit = wrong.filter((name) => inherited.has(name) && !open.has(name));
    if (unfit.length === 0) {
      const [derived, notCopied]: [string[], string[]] = [[], []];
      for (const [name, value] of inherited) {
        if (!isUsed(name, value, open)) notCopied.push(name);
        else if (value.derived) derived.push(name);
      }
      return { config, env: envWith(store), derived, notCopied };
    }
    for (const name of unfit) open.add(name);
  }
}

function inheritedFrom(catalog: Catalog, environment: string, envs: string, { environment: from, sources }: Model) {
  const { env, config } = environmentFiles(envs, from);
  return inherit(catalog, { from, to: environment }, sources, { secrets: env, config });
}

/** What the program would say of the files, were they written. */
function evaluateTexts(
  catalog: Catalog,
  environment: string,
  files: EnvironmentFiles,
  { config, env }: Pick<Draft, 'config' | 'env'>,
) {
  const sources = [
    readEnvFile(env, catalog, { layer: 'env-file', file: files.env, unknownNamesAre: 'errors' }),
    readEnvFile(config, catalog, { layer: 'config-file', file: files.config, unknownNamesAre: 'errors' }),
  ];
  return evaluate(catalog, resolveEnvironment(catalog, environment, sources), {
    secrets: files.env,
    config: files.config,
  });
}

function configEntry(
  variable: Variable,
  environment: string,
  inherited: ReadonlyMap<string, Inherited>,
  open: ReadonlySet<string>,
  from: string | undefined,
): Entry {
  const value = inherited.get(variable.name);
  const left = toDecide(variable, environment);
  if (value === undefined) return left;
  if (value === 'patched') return { ...left, note: `not copied: ${from} has it in its patch file` };
  if (value === 'unfit') return { ...left, note: `not copied: see what is wrong with it in ${from}` };
  const line = envLine(variable.name, textOf(value.template));
  if (line === undefined) return { ...left, note: `not copied: an env file cannot hold the value it has in ${from}` };
  if (open.has(variable.name)) return { ...left, note: `in ${from}: ${line}` };
  return { variable, line, ...(value.derived && { note: 'derived: check it' }) };
}

function isUsed(name: string, value: Inherited, open: ReadonlySet<string>): value is Exclude<Inherited, string> {
  return typeof value !== 'string' && !open.has(name) && envLine(name, textOf(value.template)) !== undefined;
}

/** A variable without a value from elsewhere: its default in a comment, or an assignment to be filled in. */
export function toDecide(variable: Variable, environment: string): Entry {
  const { name, drives, default: fallback } = variable;
  if (fallback === undefined) {
    return drives === 'environment' ? { variable, line: `${name}=${environment}` } : openEntry(variable);
  }
  const line = envLine(name, fallback === environmentName ? environment : fallback);
  // What ends a comment cannot stand in one.
  const fits = line !== undefined && !/[\r\u2028\u2029]/.test(line);
  return { variable, line: (fits ? line : `${name}=`).replace(/^/gm, '# ') };
}

/** A template as it is written in an env file. It is no sensitive variable's, so all its literal parts are open. */
function textOf(template: Template): string {
  return template
    .map((part) =>
      typeof part === 'string' ? escapePlaceholders(part) : isReference(part) ? `\${${part.variable}}` : '',
    )
    .join('');
}
