import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { differences, isDifferent, isHole, isNotCompared, withoutHoles } from '../environment/difference';
import { type Evaluation, secretsOf, valuesOf } from '../environment/evaluate';
import {
  type ClusterObject,
  changeMark,
  isCopied,
  isNamespace,
  isToChange,
  lastChange,
} from '../environment/live-difference';
import { isError, type Problem, type ProblemCode, refusal } from '../environment/problem';
import { atMostPerFile } from '../environment/problem-list';
import { saysMissing } from '../environment/variable-states';
import { changesBetween, readWritten } from '../output/written-data';
import { formats } from '../report/formats';
import type { Host } from '../report/host';
import type { CheckedEnvironment, DiffReport } from '../report/report';
import { createReporter } from '../report/reporter';
import { outFlag, shownPath, sourceFlags } from '../sources/given-path';
import {
  type Context,
  environmentLine,
  examples,
  formatOf,
  type OptionsOf,
  outOption,
  reportOption,
  screenOf,
} from './command';
import {
  environmentForTools,
  evaluateEnvironments,
  isForOne,
  lookupFor,
  selectEnvironments,
  variablesOf,
} from './environments';

const line = () =>
  environmentLine('diff', '<env> [<env> | --since <revision> | --live]')
    .description(
      'Compare two environments, or one with what the last synth wrote, with what git had or with the cluster; secrets only as same or different',
    )
    .option(
      '--since <revision>',
      'compare what git holds of it with what it held then: the reviewed and the encrypted file',
    )
    .option('--live', 'compare with the cluster of the current context, by kubectl')
    .option('--context <name>', 'with --live: ask this context, whatever its cluster is called')
    .addOption(outOption('the folder that synth wrote to'))
    .addOption(reportOption())
    .addHelpText(
      'after',
      examples(
        'npm run diff -- staging prod',
        'npm run diff -- prod',
        'npm run -s diff -- prod --since origin/main --report markdown',
        'npm run diff -- prod --live',
      ),
    )
    .addHelpText(
      'after',
      '\nExit status: 0 no difference, 1 a difference, 2 usage, 3 an error; with --strict\nalso where something could not be compared, what runs does not fit, or nothing is\nto be applied and pods that are to be replaced run on what was there before\n',
    );

export type DiffOptions = OptionsOf<typeof line>;

export const diffCommand = (context: Context) =>
  line().action(async (names, options) =>
    context.exit(await diff(await context.catalog(), names, options, context.host)),
  );

/** As diff has it: 0 no difference, 1 a difference; 2 is a wrong command line, and errors are 3. */
const same = 0;
const different = 1;
const failed = 3;

/** Compares two environments, or one with the cluster or with what was written. Returns the exit status. */
async function diff(catalog: Catalog, names: readonly string[], options: DiffOptions, host: Host): Promise<number> {
  formatOf(options); // what is wrong with it is said before anything is read
  if (options.context !== undefined && !options.live) throw refusal('usage', '--context goes with --live');
  if (options.since !== undefined && (options.live || isForOne(options))) {
    throw refusal('usage', '--since does not go together with --live, --from-env or --from-env-file');
  }
  const environments = selectEnvironments(catalog, names, options);
  const most = options.live || options.since !== undefined ? 1 : 2;
  if (environments.length > most || environments.length < names.length) throw refusal('usage', ...wanted(options));
  if (options.since !== undefined) {
    const { withPast } = await import('./diff-since');
    const past = await withPast(catalog, environments[0] ?? '', options.since, options, host);
    return past ? shown(past, options, host) : failed;
  }
  const compared = await evaluated(catalog, environments, names, options, host);
  const [first, second] = compared ?? [];
  if (!first) return failed;
  const found = second
    ? twoEnvironments(catalog, first, second)
    : await (options.live ? withCluster : withWritten)(catalog, first, options, host);
  return shown(found, options, host);
}

/** Shows what was found, and returns the exit status. */
function shown(found: Found, options: DiffOptions, host: Host): number {
  const format = formatOf(options);
  const report = formats[format].diff(found.report, screenOf(host));
  const hasFailed = found.hasFailed || (options.strict && found.failsStrictly);
  if (format !== 'text' || !options.quiet || hasFailed) host.stdout.write(report);
  if (hasFailed) return failed;
  return found.isDifferent ? different : same;
}

function wanted({ live, since }: DiffOptions): [message: string, hint: string] {
  if (since !== undefined) {
    return ['--since compares one environment with its past', 'For example: npm run diff -- prod --since HEAD~1'];
  }
  if (live) return ['--live compares one environment with the cluster', 'For example: npm run diff -- prod --live'];
  return ['Which environments? One, or two different ones', 'For example: npm run diff -- staging prod'];
}

/**
 * All environments, or undefined after reporting what is wrong with them. What is wrong with a single variable stops
 * nothing where two are compared, nor where one is compared with what was written. Warnings are left to `check`.
 */
async function evaluated(
  catalog: Catalog,
  environments: readonly string[],
  typed: readonly string[],
  options: DiffOptions,
  host: Host,
): Promise<Evaluation[] | undefined> {
  const format = formatOf(options);
  const reporter = createReporter(host, options.quiet || format !== 'text');
  const evaluations: Evaluation[] = [];
  const checked: CheckedEnvironment[] = [];
  for (const name of environments) {
    // Each by itself: that two of them share something is no reason not to compare them.
    for await (const outcome of evaluateEnvironments(catalog, [name], lookupFor(options, host), typed)) {
      const states = variablesOf(outcome);
      const isInTable = saysMissing(states);
      const errors = outcome.problems.filter((problem) => isError(problem) && (options.live || !isInTable(problem)));
      const stops = errors.filter((problem) => options.live || isFatal(problem));
      const consequence = stops.length > 0 ? 'nothing compared' : 'the rest is compared';
      const listed = reporter.problems(outcome.environment, errors, environments.length > 1, consequence);
      checked.push({ name: outcome.environment, problems: listed, states });
      if (stops.length === 0 && 'resolved' in outcome) evaluations.push(outcome);
    }
  }
  if (evaluations.length === environments.length) return evaluations;
  if (format !== 'text') host.stdout.write(formats[format].check({ catalog, environments: checked }, screenOf(host)));
  return undefined;
}

/** What may have taken away values without saying whose: then nothing that is found can be trusted. */
export function isFatal({ code, variable }: Problem): boolean {
  return variable === undefined && !harmless.includes(code);
}

const harmless: readonly ProblemCode[] = [
  'unknown-variable',
  'ambiguous-line',
  'duplicate',
  'stray-file',
  'too-large',
  'unreadable-secrets', // not everybody can decrypt the secrets of every environment
];

export interface Found {
  readonly report: DiffReport;
  readonly isDifferent: boolean;
  /** Something could not be compared, or what runs on the cluster does not fit or is out of date: an error with `--strict`. */
  readonly failsStrictly: boolean;
  /** What could not be read is most of what there is to compare. */
  readonly hasFailed?: boolean;
}

function twoEnvironments(catalog: Catalog, first: Evaluation, second: Evaluation): Found {
  const problems = [first, second].map((each) => atMostPerFile(each.problems.filter(isError)));
  const found = differences(catalog, first, second);
  return {
    report: { with: 'environment', names: [first.environment, second.environment], found, problems },
    isDifferent: found.some(isDifferent),
    failsStrictly: found.some(isNotCompared),
  };
}

async function withCluster(catalog: Catalog, evaluation: Evaluation, options: DiffOptions, host: Host): Promise<Found> {
  const { environment } = evaluation;
  // cdk8s, which renders the objects, is loaded only where it is needed.
  const { renderObjects } = await import('../output/dist-files');
  const { checksumsOf } = await import('../output/rollout');
  const { connectFor, planFor, staleFor } = await import('./cluster-plan');
  const values = valuesOf(evaluation);
  const objects = renderObjects({ catalog, environment, values }) as unknown as readonly ClusterObject[];
  const target = values[catalog.roles.cluster?.name ?? ''];
  const cluster = typeof target === 'string' ? target : undefined;
  const namespace = String(values[catalog.roles.namespace.name]);
  const checksums = checksumsOf(catalog, environment, objects);
  const wanted = { catalog, environment, namespace, cluster, objects, secrets: secretsOf(evaluation), checksums };
  const kubectl = await connectFor(wanted, options.context, environmentForTools(catalog, options, host));
  const report = await planFor(wanted, kubectl);
  const reporter = createReporter(host, options.quiet || formatOf(options) !== 'text');
  reporter.problems(environment, report.problems, false);
  const { namespace: space, found, leftOvers, unknown } = report;
  const isDifferent =
    found.some(({ state }) => state === 'missing' || state === 'different') ||
    leftOvers.length > 0 ||
    space.state === 'terminating';
  // Taken over by hand from plain kubectl apply, an object has lost the time of its change.
  const mark = changeMark(catalog.app);
  const isDated = (each: ClusterObject) => !isCopied(each) || lastChange(each, mark) !== undefined;
  /** Whether pods run by now, before any apply, on what was there before. */
  const runsOnOlder = () => {
    const now = staleFor(wanted, { ...report.state, objects: report.state.objects.filter(isDated) }, [], found);
    const stale = [...now.restarts, ...now.outlasting.filter(({ until }) => until === 'replaced')];
    return stale.some(({ objects }) => objects.length > 0);
  };
  // Where something else is to be applied, pods are about to load it.
  const isStale = !found.some(isToChange) && runsOnOlder();
  return {
    report: { with: 'cluster', ...report },
    isDifferent,
    failsStrictly: isStale || unknown.length + report.problems.length > 0,
    hasFailed: found.some((each) => each.state === 'not-compared' && !isNamespace(each)),
  };
}

/** @throws {Refusal} if nothing was written yet, or if it cannot be said what would be */
async function withWritten(catalog: Catalog, evaluation: Evaluation, options: DiffOptions): Promise<Found> {
  const { environment } = evaluation;
  const holes = evaluation
    .describeVariables()
    .filter(isHole)
    .map(({ variable }) => variable);
  const { namespace } = catalog.roles;
  if (holes.includes(namespace)) {
    const hint = `npm run check -- ${environment} ${namespace.name}${sourceFlags(options)}`;
    throw refusal('missing', `Without a valid ${namespace.name} nothing can be compared`, hint);
  }
  const values = Object.fromEntries(
    Object.entries(valuesOf(evaluation)).filter(([name]) => !holes.some((variable) => variable.name === name)),
  );
  // cdk8s, which renders the objects, is loaded only where it is needed.
  const { createRenderer } = await import('../output/dist-files');
  const { manifests, manifestsFile } = createRenderer(catalog)({ environment, values });
  const before = readWritten(join(options.out, environment), manifestsFile);
  const changes = before === undefined ? undefined : changesBetween(before, manifests);
  const folder = join(shownPath('--out', options.out), environment);
  if (!changes) {
    throw refusal(
      'not-written',
      `${folder} holds nothing that synth wrote`,
      `npm run synth -- ${environment}${sourceFlags(options)}${outFlag(options.out)}`,
    );
  }
  const found = withoutHoles(catalog, changes, holes, values);
  return {
    report: { with: 'written', environment, folder, found, notCompared: holes.map(({ name }) => name) },
    isDifferent: found.some(({ state }) => state !== 'same'),
    failsStrictly: holes.length > 0,
  };
}
