import { basename } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { shortestSecret } from '../environment/checks/misplaced-secret';
import { changesSince, isDifferent } from '../environment/difference';
import { type Evaluation, evaluate, secretsOf } from '../environment/evaluate';
import { limits } from '../environment/limits';
import { isError, type Problem, Refusal, refusal } from '../environment/problem';
import { type ResolvedEnvironment, resolveEnvironment } from '../environment/resolve';
import { secretFinder } from '../environment/secret-search';
import { isOfTypes, valuesOfTypes } from '../environment/type-values';
import { unreadSecrets } from '../environment/unread-secrets';
import { saysMissing } from '../environment/variable-states';
import { shortened } from '../report/differences';
import { formats } from '../report/formats';
import type { Host } from '../report/host';
import { createReporter } from '../report/reporter';
import { demo, environmentFiles } from '../sources/environment-files';
import { requireEnvs } from '../sources/given-path';
import { loadSources } from '../sources/load';
import { type FileOfBytes, type ReadFile, readFileBytes } from '../sources/text-file';
import { openHistory } from '../tools/git-history';
import { formatOf, screenOf } from './command';
import { type DiffOptions, type Found, isFatal } from './diff';
import { lookupFor } from './environments';

/** What git holds of an environment at some time. */
interface Side {
  readonly resolved: ResolvedEnvironment;
  readonly evaluation: Evaluation;
  readonly hasFiles: boolean;
}

/**
 * Compares what git holds of an environment, the reviewed file and the encrypted one, with what it held at a revision, both
 * read by the catalog of today. Undefined after reporting what keeps it from being compared.
 * @throws {Refusal} where there is no repository, no such commit, or no such environment in either
 */
export async function withPast(
  catalog: Catalog,
  environment: string,
  revision: string,
  options: DiffOptions,
  host: Host,
): Promise<Found | undefined> {
  const { envs } = options;
  requireEnvs(envs);
  const history = await openHistory(host.env, envs); // a link may lead to another one
  const commit = await history.commitOf(revision);
  const { config, encrypted, env } = environmentFiles(envs, environment);
  // The fakes of the demo are committed as they are.
  const held = [config, encrypted, ...(environment === demo ? [env] : [])];
  const then = new Map<string, FileOfBytes>();
  for (const path of held) {
    const bytes = await history.fileAt(commit, basename(path), 2 * limits.fileBytes);
    if (bytes) then.set(path, { status: 'read', bytes });
  }
  const absent: FileOfBytes = { status: 'absent' };
  const sideOf = async (read: ReadFile): Promise<Side> => {
    const { sources, hasFiles } = await loadSources(catalog, environment, { envs, identities: host.env, read });
    const resolved = resolveEnvironment(catalog, environment, sources);
    return { resolved, evaluation: evaluate(catalog, resolved, { secrets: encrypted, config }), hasFiles };
  };
  const before = await sideOf((path) => then.get(path) ?? absent);
  const now = await sideOf((path) => (held.includes(path) ? readFileBytes(path) : absent));
  if (!before.hasFiles && !now.hasFiles) {
    throw refusal(
      'unknown-environment',
      'Argument 1 names an environment of which git holds nothing, neither then nor now',
      'What is compared is <env>.config.env and <env>.env.age',
    );
  }
  if (!report(catalog, environment, commit, [before, now], options, host)) return undefined;
  const all = await loadSources(catalog, environment, lookupFor(options, host));
  const today = resolveEnvironment(catalog, environment, all.sources);
  const isHarmless = harmlessBeside(catalog, [before.resolved, now.resolved, today]);
  const found = changesSince(before.evaluation, now.evaluation, isHarmless);
  return {
    report: { with: 'past', environment, commit, found, hasOtherCatalog: await hasOtherCatalog(commit, host) },
    isDifferent: found.some(isDifferent),
    failsStrictly: found.some(({ state }) => state === 'not-compared'),
  };
}

/** Whether the files of the catalog were others then, as far as the repository that they are in knows that commit. */
async function hasOtherCatalog(commit: string, { env, catalog }: Host): Promise<boolean> {
  try {
    const history = await openHistory(env, '.');
    for (const path of catalog.files) {
      const [then, now] = [await history.fileAt(commit, path, limits.fileBytes), readFileBytes(path)];
      if (then && !(now.status === 'read' && then.equals(now.bytes))) return true;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  return false;
}

/** Reports what is wrong with each side. Returns whether the two can be compared. */
function report(
  catalog: Catalog,
  environment: string,
  commit: string,
  sides: readonly Side[],
  options: DiffOptions,
  host: Host,
): boolean {
  const format = formatOf(options);
  const reporter = createReporter(host, options.quiet || format !== 'text');
  const checked = sides.map(({ evaluation }, at) => {
    const name = at === 0 ? `${environment} at ${shortened(commit)}` : environment;
    const isInTable = saysMissing(evaluation.describeVariables());
    // A name that the catalog had then, and has no longer, was right then.
    const isPast = ({ code }: Problem) => at === 0 && code === 'unknown-variable';
    const errors = evaluation.problems.filter((each) => isError(each) && !isInTable(each) && !isPast(each));
    const stops = errors.some(isFatal);
    const problems = reporter.problems(name, errors, true, stops ? 'nothing compared' : 'the rest is compared');
    // No values: what is a secret at the other time, or in a file that git does not hold, is not looked for in these.
    return { stops, name, problems, states: [] };
  });
  if (!checked.some(({ stops }) => stops)) return true;
  if (format !== 'text') host.stdout.write(formats[format].check({ catalog, environments: checked }, screenOf(host)));
  return false;
}

/** Tells of a value whether it holds no secret of either time: what is a secret today may have been a config value. */
function harmlessBeside(catalog: Catalog, times: readonly ResolvedEnvironment[]): (value: string) => boolean {
  const ordinary = valuesOfTypes(catalog);
  const secrets = times.flatMap((resolved) => [
    ...secretsOf({ resolved: resolved.values }),
    ...unreadSecrets(catalog, resolved.sources, resolved),
  ]);
  const sought = secrets.filter((secret) => !secret.matches((text) => isOfTypes(ordinary, text)));
  const holdsSecret = secretFinder(sought, shortestSecret);
  return (value) => !holdsSecret(value);
}
