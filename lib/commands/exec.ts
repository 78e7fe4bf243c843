import type { Catalog } from '../catalog/catalog';
import { nearName } from '../catalog/near-name';
import { valuesOf } from '../environment/evaluate';
import { isError, refusal } from '../environment/problem';
import type { Text } from '../environment/sensitive';
import type { Host } from '../report/host';
import { createReporter } from '../report/reporter';
import { runCommand } from '../tools/run-command';
import { type EnvironmentOptions, evaluateEnvironment, lookupFor, selectEnvironments } from './environments';

export interface ExecOptions extends EnvironmentOptions {
  readonly bundle?: string;
}

/**
 * Runs a command with what the pods of a bundle get, added to the environment of the caller. Nothing is written.
 * @returns the command's own exit status
 */
export async function exec(
  catalog: Catalog,
  environments: readonly string[],
  command: readonly string[],
  options: ExecOptions,
  host: Host,
): Promise<number> {
  const { bundle } = options;
  const bundles = [...catalog.bundles.keys(), 'infra'];
  if (bundle === undefined || !bundles.includes(bundle)) {
    const near = nearName(bundle ?? '', bundles);
    throw refusal(
      'usage',
      `--bundle is one of ${bundles.join(', ')}`,
      near === undefined ? undefined : `Did you mean ${near}?`,
    );
  }
  const [name = ''] = selectEnvironments(catalog, environments, options, true);
  const [program, ...args] = command;
  if (!program) throw refusal('usage', 'Which command?', 'npm run exec -- staging --bundle agent -- node agent.js');
  const outcome = await evaluateEnvironment(catalog, name, lookupFor(options, host));
  const reporter = createReporter(host, false);
  reporter.problems(outcome.environment, outcome.problems, false, 'nothing run');
  if (!('resolved' in outcome) || outcome.problems.some(isError)) return 1;
  const status = await runCommand(program, args, variablesFor(catalog, bundle, valuesOf(outcome)), host.env);
  if (typeof status === 'number') return status;
  // As shells have it: 127 for a program that is not there, 126 for one that cannot be run.
  reporter.failure(`The command could not be started (${status})`, 'The program is the first word behind --');
  return status === 'ENOENT' ? 127 : 126;
}

/**
 * The variables of a bundle's pods by the names that pods know them by; those of infra by their own. One that pods do
 * not get is undefined: the command is not to have the caller's.
 */
function variablesFor(
  catalog: Catalog,
  bundle: string,
  values: Readonly<Record<string, Text>>,
): Map<string, Text | undefined> {
  const common = [...catalog.bundles].filter(([, { everyPod }]) => everyPod).map(([name]) => name);
  const held = [...catalog.variables.values()].filter(({ kind, bundles }) =>
    bundle === 'infra' ? kind === 'infra' : bundles.some((each) => each === bundle || common.includes(each)),
  );
  return new Map(held.map(({ name, key }) => [key, values[name]]));
}
