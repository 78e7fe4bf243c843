import type { Catalog } from '../catalog/catalog';
import type { Problem } from '../environment/problem';
import { createResolver, givenValues } from '../environment/resolve';
import { Sensitive } from '../environment/sensitive';
import type { Source } from '../environment/source';
import { isStandIn } from '../environment/stand-in';
import { valuesOfTypes } from '../environment/type-values';
import { unreadSecrets } from '../environment/unread-secrets';
import { demo, environmentFiles, knownEnvironments } from './environment-files';
import { loadSources } from './load';

/** A secret that the files of environments hold, and whose it is. */
export interface LocalSecret {
  readonly value: Sensitive;
  /** Without one it stands where it became no value. */
  readonly variable?: string;
  /** In the order of their names. */
  readonly environments: readonly string[];
}

export interface LocalSecrets {
  readonly secrets: readonly LocalSecret[];
  /** Whether a text is made of a secret of the demo, which everybody may read. */
  readonly isOfDemo: (text: string) => boolean;
  /** Files that could not be read, so that their secrets are not known: warnings. */
  readonly unread: readonly Problem[];
  /** Encrypted files that could not be read. */
  readonly closed: readonly string[];
}

/**
 * Every secret of every environment in a folder, winning or not. Left out is what the demo holds, unless it looks like
 * a real one that somebody has put there, and what a type allows or gives as its example.
 * @param envs the folder of env files
 * @param identities the process environment, which says what decrypts encrypted ones; those of others stay unknown
 */
export async function localSecrets(
  catalog: Catalog,
  envs: string,
  identities: NodeJS.ProcessEnv,
): Promise<LocalSecrets> {
  const numberOf = Sensitive.numbering();
  const found = new Map<number, { value: Sensitive; variable?: string; environments: Set<string> }>();
  const harmless = new Map<number, Sensitive>();
  const unread: Problem[] = [];
  const closed: string[] = [];
  const ordinary = valuesOfTypes(catalog);
  for (const environment of knownEnvironments(envs)) {
    const { sources } = await loadSources(catalog, environment, { envs, identities, searched: true });
    const problems = sources.flatMap((source) => source.problems).filter(({ code }) => code === 'unreadable');
    unread.push(...problems.map((problem) => ({ ...problem, severity: 'warning' as const })));
    const { encrypted } = environmentFiles(envs, environment);
    const ofEncrypted = sources.filter(({ file }) => file === encrypted);
    if (ofEncrypted.length > 0 && ofEncrypted.every(({ unreadable }) => unreadable)) closed.push(encrypted);
    for (const { value, variable } of secretsIn(catalog, environment, sources)) {
      const number = numberOf(value);
      if (environment === demo) {
        if (!value.matches(looksReal)) harmless.set(number, value);
      } else if (!value.matches((text) => ordinary.has(text))) {
        const known = found.get(number);
        if (known) known.environments.add(environment);
        else {
          found.set(number, {
            value,
            ...(variable !== undefined && { variable }),
            environments: new Set([environment]),
          });
        }
      }
    }
  }
  const secrets = [...found].filter(([number]) => !harmless.has(number));
  return {
    secrets: secrets.map(([, each]) => ({ ...each, environments: [...each.environments] })),
    isOfDemo: (text) => [...harmless.values()].some((value) => value.matches((fake) => isMadeOf(fake, text))),
    unread,
    closed,
  };
}

/** Every secret of one environment, with its variable if it is the value of one. */
function secretsIn(
  catalog: Catalog,
  environment: string,
  sources: readonly Source[],
): Pick<LocalSecret, 'value' | 'variable'>[] {
  const resolver = createResolver(catalog, environment, sources);
  const sensitive = [...catalog.variables.values()].filter((variable) => variable.sensitive);
  const values = givenValues(resolver, sensitive).flatMap(({ variable, value }) =>
    value instanceof Sensitive ? [{ value, variable: variable.name }] : [],
  );
  return [...values, ...unreadSecrets(catalog, sources, resolver).map((value) => ({ value }))];
}

/** Whether a text is a value, or image pull credentials that hold it. */
function isMadeOf(value: string, text: string): boolean {
  return value === text || (value.length >= 6 && /^\s{0,9}\{/.test(text) && text.includes(value));
}

/** Whether a value of the demo is hardly anybody's fake: long and without words. */
function looksReal(text: string): boolean {
  return text.length >= 20 && /^[\w+/=.-]+$/.test(text) && /\d/.test(text) && /[a-z]/i.test(text) && isRandom(text);
}

/** Whether most of a text stands in long runs that mix digits and letters. */
function isRandom(text: string): boolean {
  if (isStandIn(text)) return false;
  const runs = text.split(/[^A-Za-z0-9]/).filter((run) => run.length >= 12 && /\d/.test(run) && /[a-z]/i.test(run));
  return runs.join('').length * 2 >= text.length;
}
