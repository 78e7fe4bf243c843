import type { Catalog } from '../catalog/catalog';
import { type Difference, differences, type LiveDifference } from '../environment/difference';
import { type Evaluation, valuesOf } from '../environment/evaluate';
import { isError, refusal } from '../environment/problem';
import { differenceTable, liveText } from '../report/differences';
import type { Host } from '../report/host';
import { environmentDocument, jsonText } from '../report/json';
import { createReporter } from '../report/reporter';
import { colorsFor } from '../report/terminal';
import type { ClusterObject } from '../tools/live-cluster';
import { type Context, environmentLine, examples, type OptionsOf } from './command';
import {
  environmentForTools,
  evaluateEnvironments,
  isForOne,
  lookupFor,
  selectEnvironments,
  variablesOf,
} from './environments';

const line = () =>
  environmentLine('diff', '<env> <env> | <env> --live')
    .description('Compare two environments, or one with the cluster; secrets only as same or different')
    .option('--live', 'compare with the cluster of the current context, by kubectl')
    .option('--context <name>', 'with --live: ask this context, whatever its cluster is called')
    .addHelpText('after', examples('npm run diff -- staging prod', 'npm run diff -- prod --live'))
    .addHelpText('after', '\nExit status: 0 no difference, 1 a difference, 2 usage, 3 an error\n');

export type DiffOptions = OptionsOf<typeof line>;

export const diffCommand = (context: Context) =>
  line().action(async (names, options) =>
    context.exit(await diff(await context.catalog(), names, options, context.host)),
  );

/** As diff has it: 0 no difference, 1 a difference; 2 is a wrong command line, and errors are 3. */
const same = 0;
const different = 1;
const failed = 3;

/** Compares two environments, or one with the cluster it lives on. Returns the exit status. */
export async function diff(
  catalog: Catalog,
  names: readonly string[],
  options: DiffOptions,
  host: Host,
): Promise<number> {
  if (options.context !== undefined && !options.live) throw refusal('usage', '--context goes with --live');
  if (options.context === '') throw refusal('usage', '--context lacks its name');
  if (isForOne(options) && !options.live)
    throw refusal('usage', '--from-env and --from-env-file take one environment, and --live');
  const environments = selectEnvironments(catalog, names, options);
  if (environments.length !== (options.live ? 1 : 2)) {
    throw refusal('usage', ...wanted(options));
  }
  const evaluations = await evaluated(catalog, environments, names, options, host);
  const [first, second] = evaluations ?? [];
  if (!first) return failed;
  return options.live ? diffLive(catalog, first, options, host) : diffTwo(first, second as Evaluation, options, host);
}

function wanted({ live }: DiffOptions): [message: string, hint: string] {
  if (live) return ['--live compares one environment with the cluster', 'For example: npm run diff -- prod --live'];
  return ['Which two environments? They must be two different ones', 'For example: npm run diff -- staging prod'];
}

/** All environments, or undefined after reporting what is wrong with them. Warnings are left to `check`. */
async function evaluated(
  catalog: Catalog,
  environments: readonly string[],
  typed: readonly string[],
  options: DiffOptions,
  host: Host,
): Promise<Evaluation[] | undefined> {
  const reporter = createReporter(host, Boolean(options.quiet || options.json));
  const evaluations: Evaluation[] = [];
  const documents = [];
  for await (const outcome of evaluateEnvironments(catalog, environments, lookupFor(options, host), typed)) {
    const errors = outcome.problems.filter(isError);
    reporter.problems(outcome.environment, errors, environments.length > 1, 'nothing compared');
    if (options.json) {
      documents.push(environmentDocument(catalog, outcome.environment, outcome.problems, variablesOf(outcome)));
    }
    if (errors.length === 0 && 'resolved' in outcome) evaluations.push(outcome);
  }
  if (evaluations.length === environments.length) return evaluations;
  if (options.json) host.stdout.write(jsonText({ environments: documents }));
  return undefined;
}

function diffTwo(first: Evaluation, second: Evaluation, options: DiffOptions, host: Host): number {
  const found = differences(first, second);
  const names = [first.environment, second.environment] as const;
  if (options.json) host.stdout.write(jsonText(differenceDocument(names, found)));
  else if (!options.quiet)
    host.stdout.write(differenceTable(names, found, colorsFor(host.stdout, host.env), host.stdout.columns));
  return found.every(({ state }) => state === 'same' || state === 'neither') ? same : different;
}

function differenceDocument(names: readonly [string, string], found: readonly Difference[]) {
  return {
    environments: names,
    variables: found.map(({ variable, state, shown: [first, second] }) => ({
      name: variable.name,
      kind: variable.kind,
      sensitive: variable.sensitive,
      state,
      ...((first !== undefined || second !== undefined) && { values: [first ?? null, second ?? null] }),
    })),
  };
}

async function diffLive(catalog: Catalog, evaluation: Evaluation, options: DiffOptions, host: Host): Promise<number> {
  const { environment } = evaluation;
  // cdk8s, which renders the objects, is loaded only where it is needed.
  const { renderObjects } = await import('../output/environment-manifests');
  const { compareWithCluster } = await import('../tools/live-cluster');
  const values = valuesOf(evaluation);
  const objects = renderObjects({ catalog, environment, values }) as unknown as readonly ClusterObject[];
  const target = values[catalog.roles.cluster?.name ?? ''];
  const cluster = typeof target === 'string' ? target : undefined;
  const { context, found, ...asked } = await compareWithCluster(
    { catalog, environment, cluster, objects },
    options.context,
    environmentForTools(catalog, options, host),
  );
  if (options.json) host.stdout.write(jsonText({ environment, context, cluster: asked.cluster, objects: found }));
  else if (!options.quiet)
    host.stdout.write(liveText(environment, context, asked.cluster, found, colorsFor(host.stdout, host.env)));
  return found.every(isSame) ? same : different;
}

function isSame({ state }: LiveDifference): boolean {
  return state === 'same';
}
