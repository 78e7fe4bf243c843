import type { Catalog } from '../catalog/catalog';
import { isError, type Problem } from '../environment/problem';
import type { VariableState } from '../environment/variable-states';
import type { Host } from '../report/host';
import { type EnvironmentDocument, environmentDocument, jsonText } from '../report/json';
import { createReporter } from '../report/reporter';
import { colorsFor } from '../report/terminal';
import { environmentTable, explanation, statusMatrix, variableTable } from '../report/variables';
import { allOption, type Context, environmentLine, examples, type OptionsOf } from './command';
import { evaluateEnvironments, lookupFor, type Outcome, selectEnvironments, variablesOf } from './environments';

const line = () =>
  environmentLine('check', '<env>… | --all [VARIABLE]')
    .description('Report every problem, and where every value comes from and goes to; write nothing')
    .addOption(allOption())
    .addHelpText(
      'after',
      examples('npm run check -- staging', 'npm run check -- staging <VARIABLE>', 'npm run check -- --all'),
    );

export type CheckOptions = OptionsOf<typeof line>;

export const checkCommand = (context: Context) =>
  line().action(async (args, options) =>
    context.exit(await check(await context.catalog(), args, options, context.host)),
  );

/** Reports every problem and where every value comes from, and writes nothing. Returns the exit status. */
export async function check(
  catalog: Catalog,
  args: readonly string[],
  options: CheckOptions,
  host: Host,
): Promise<number> {
  const variable = catalog.variables.get(args.at(-1) ?? '')?.name;
  const names = variable === undefined ? args : args.slice(0, -1);
  const environments = selectEnvironments(catalog, names, options);
  const reporter = createReporter(host, Boolean(options.quiet || options.json));
  const documents: EnvironmentDocument[] = [];
  const looked: Shown[] = [];
  let failed = false;
  for await (const outcome of evaluateEnvironments(catalog, environments, lookupFor(options, host), names)) {
    reporter.progress(looked.length + 1, environments.length, outcome.environment);
    const found = narrowed(outcome, variable);
    failed ||= found.problems.some(isError);
    const listed = reporter.problems(found.name, found.problems, environments.length > 1);
    looked.push({
      name: found.name,
      states: isInMatrix(looked, variable) ? found.states.map(statusOnly) : found.states,
    });
    if (options.json) documents.push(environmentDocument(catalog, found.name, listed, found.states));
  }
  if (options.json) host.stdout.write(jsonText({ environments: documents }));
  else reporter.result(tables(catalog, looked, variable, host));
  return failed ? 1 : 0;
}

/** What is kept of an environment until all have been looked at. */
interface Shown {
  readonly name: string;
  readonly states: readonly VariableState[];
}

interface Looked extends Shown {
  readonly problems: readonly Problem[];
}

/** Whether an environment will be shown in a matrix only, as all are but the first of those that exist. */
function isInMatrix(looked: readonly Shown[], variable: string | undefined): boolean {
  return variable === undefined && looked.some(({ states }) => states.length > 0);
}

/** Without values and places: those of a thousand environments are not kept. */
function statusOnly({ variable, status }: VariableState): VariableState {
  return { variable, status, overrides: [], readBy: [] };
}

/** What was found, of one variable only if one is asked for. */
function narrowed(outcome: Outcome, variable: string | undefined): Looked {
  const states = variablesOf(outcome);
  if (variable === undefined || states.length === 0)
    return { name: outcome.environment, problems: outcome.problems, states };
  return {
    name: outcome.environment,
    // Those of no variable, such as a file or a line that cannot be read, may be about this one.
    problems: outcome.problems.filter((problem) => problem.variable === undefined || problem.variable === variable),
    states: states.filter((state) => state.variable.name === variable),
  };
}

function tables(catalog: Catalog, looked: readonly Shown[], variable: string | undefined, host: Host): string {
  const { stdout, env } = host;
  const colors = colorsFor(stdout, env);
  const existing = looked.filter(({ states }) => states.length > 0);
  const [first] = existing;
  if (!first) return '';
  if (variable !== undefined) {
    const rows = existing.flatMap(({ name, states }) => states.map((state) => ({ name, state })));
    const [only] = rows;
    return only && rows.length === 1
      ? explanation(catalog, only.state, colors)
      : variableTable(rows, colors, stdout.columns);
  }
  return existing.length === 1
    ? environmentTable(catalog, first.states, colors, stdout.columns)
    : statusMatrix(existing, colors, stdout.columns);
}
