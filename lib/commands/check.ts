import type { Catalog } from '../catalog/catalog';
import { inOrder, isError, refusal } from '../environment/problem';
import { mayBeInStore } from '../environment/secret-store';
import type { VariableState } from '../environment/variable-states';
import { formats } from '../report/formats';
import type { Host } from '../report/host';
import type { CheckedEnvironment } from '../report/report';
import { createReporter } from '../report/reporter';
import {
  allOption,
  type Context,
  environmentLine,
  examples,
  formatOf,
  type OptionsOf,
  reportOption,
  screenOf,
} from './command';
import { evaluateEnvironments, judged, lookupFor, type Outcome, selectEnvironments, variablesOf } from './environments';
import { createExposureCheck } from './exposed-files';

const line = () =>
  environmentLine('check', '<env>… | --all [VARIABLE]')
    .description('Report every problem, and where every value comes from and goes to; write nothing')
    .addOption(allOption())
    .addOption(reportOption())
    .option(
      '--workloads <path>',
      'also what pods refer to: a folder that kubectl renders, a file, or - for standard input',
    )
    .addHelpText(
      'after',
      examples(
        'npm run check -- staging',
        'npm run check -- staging <VARIABLE>',
        'npm run check -- --all',
        'npm run check -- staging --workloads overlays/staging',
        'npm run -s check -- --all --report markdown >> "$GITHUB_STEP_SUMMARY"',
        'npm run -s check -- --all --report html > report.html',
      ),
    );

type CheckOptions = OptionsOf<typeof line>;

export const checkCommand = (context: Context) =>
  line().action(async (args, options) =>
    context.exit(await check(await context.catalog(), args, options, context.host)),
  );

/** Reports every problem and where every value comes from, and writes nothing. Returns the exit status. */
async function check(catalog: Catalog, args: readonly string[], options: CheckOptions, host: Host): Promise<number> {
  const format = formatOf(options);
  const variable = catalog.variables.get(args.at(-1) ?? '')?.name;
  const names = variable === undefined ? args : args.slice(0, -1);
  const environments = selectEnvironments(catalog, names, options);
  if (options.workloads !== undefined) checkWorkloadsOption(options, environments);
  const reporter = createReporter(host, options.quiet || format !== 'text', environments.length);
  const exposed = createExposureCheck(catalog, options.envs, host);
  const checked: CheckedEnvironment[] = [];
  let failed = false;
  for await (const outcome of evaluateEnvironments(catalog, environments, lookupFor(options, host), names)) {
    reporter.progress(checked.length + 1, environments.length, outcome.environment);
    const looked = await withWorkloads(catalog, outcome, options, host);
    const problems = inOrder([...looked.problems, ...exposed(looked)]);
    const found = narrowed(judged({ ...looked, problems }, options), catalog, variable);
    failed ||= found.problems.some(isError);
    const listed = reporter.problems(found.name, found.problems, environments.length > 1);
    const isKeptWhole =
      formats[format].showsAllValues || variable !== undefined || checked.every(({ states }) => states.length === 0);
    checked.push({ ...found, problems: listed, states: isKeptWhole ? found.states : found.states.map(statusOnly) });
  }
  reporter.finish();
  const report = { catalog, environments: checked, ...(variable !== undefined && { variable }) };
  if (format === 'text') reporter.result(formats.text.check(report, screenOf(host)));
  else host.stdout.write(formats[format].check(report, screenOf(host)));
  return failed ? 1 : 0;
}

/** @throws {Refusal} code `usage` where workloads cannot be looked at */
function checkWorkloadsOption({ workloads, fromEnvFile }: CheckOptions, environments: readonly string[]): void {
  if (environments.length !== 1) throw refusal('usage', '--workloads takes exactly one environment');
  if (workloads === '-' && fromEnvFile === '-') {
    throw refusal('usage', '--workloads and --from-env-file cannot both read standard input');
  }
}

/** With what is wrong between the environment and the workloads, if they are to be looked at, in no order. */
async function withWorkloads(catalog: Catalog, outcome: Outcome, options: CheckOptions, host: Host): Promise<Outcome> {
  if (options.workloads === undefined || !('resolved' in outcome)) return outcome;
  const { workloadProblems } = await import('./workload-problems');
  const found = await workloadProblems(catalog, outcome, options.workloads, host);
  return { ...outcome, problems: [...outcome.problems, ...found] };
}

/** Without values and places: those of a thousand environments are not kept for a matrix, which shows none. */
function statusOnly({ variable, status }: VariableState): VariableState {
  return { variable, status, overrides: [], reads: [], readBy: [] };
}

/** What was found, of one variable only if one is asked for. */
function narrowed(outcome: Outcome, { roles, variables }: Catalog, variable: string | undefined): CheckedEnvironment {
  const states = variablesOf(outcome);
  if (variable === undefined || states.length === 0)
    return { name: outcome.environment, problems: outcome.problems, states };
  const asked = variables.get(variable);
  const backend = asked && mayBeInStore(asked) ? roles.secrets?.backend?.name : undefined; // it tells where the value is
  return {
    name: outcome.environment,
    // Those of no variable, such as a file or a line that cannot be read, may be about this one.
    problems: outcome.problems.filter(({ variable: name }) => name === undefined || [variable, backend].includes(name)),
    states: states.filter((state) => state.variable.name === variable),
  };
}
