import type { Catalog } from '../catalog/catalog';
import { valuesOf } from '../environment/evaluate';
import { isError, type Problem, Refusal } from '../environment/problem';
import type { Values } from '../environment/values';
import { knownEnvironments } from '../sources/environment-files';
import { evaluateEnvironment, listText } from './environments';

/** Where the values of an environment are looked for. */
export interface EnvironmentSource {
  /** The folder of env files. */
  readonly envs: string;
  /** A layer above the env files, such as `process.env`; without it no process environment is read. */
  readonly processEnvironment?: NodeJS.ProcessEnv;
  /** Says where the age identities are that open `<env>.env.age`, such as `process.env`; without it there is none. */
  readonly identities?: NodeJS.ProcessEnv;
}

/** Valid values, and what is likely wrong with them. */
export interface ReadEnvironment<C extends Catalog> {
  readonly values: Values<C>;
  readonly warnings: readonly Problem[];
}

/**
 * Reads an environment as `synth` does, for an app that makes its manifests itself.
 * @throws {Refusal} with everything that is wrong, if anything is
 */
export async function readEnvironment<C extends Catalog>(
  catalog: C,
  environment: string,
  source: EnvironmentSource,
): Promise<ReadEnvironment<C>> {
  const outcome = await evaluateEnvironment(catalog, environment, source);
  const [first, ...others] = outcome.problems.filter(isError).map((each) => inWordsOfAnApp(each, source));
  if (first) throw new Refusal([first, ...others]);
  if (!('resolved' in outcome)) throw new TypeError('An environment without values has a problem');
  return {
    values: valuesOf(outcome) as Values<C>,
    warnings: outcome.problems.map((each) => inWordsOfAnApp(each, source)),
  };
}

/** An app has no arguments, and the npm scripts are those of the program's own checkout. */
function inWordsOfAnApp(problem: Problem, { envs, identities }: EnvironmentSource): Problem {
  // Who looks into no environment finds none of what it names.
  if (!identities && problem.hint?.includes('AGE_IDENTITY_FILE'))
    return { ...problem, hint: 'Say { identities: process.env }, which tells where yours is' };
  if (problem.code !== 'unknown-environment') {
    if (!/npm run (?:-s )?\w+ -- /.test(problem.hint ?? '')) return problem;
    return { ...problem, hint: `${problem.hint} (in a checkout of the program, with --envs and the path from there)` };
  }
  const known = knownEnvironments(envs);
  const message = 'No environment of this name has a file in the folder of env files';
  return { ...problem, message, hint: known.length === 0 ? 'Check its path' : `There are: ${listText(known)}` };
}
