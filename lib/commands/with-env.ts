import { Command } from '@commander-js/extra-typings';
import type { Catalog, Variable } from '../catalog/catalog';
import { nearArgument, nearName, suggestion } from '../catalog/near-name';
import { podVariables } from '../catalog/pods';
import { valuesOf } from '../environment/evaluate';
import { isError, refusal } from '../environment/problem';
import type { Text } from '../environment/sensitive';
import { someOf } from '../environment/some-of';
import { revealVariables } from '../output/reveal';
import type { Host } from '../report/host';
import { createReporter } from '../report/reporter';
import { knownEnvironments } from '../sources/environment-files';
import { sourceFlags } from '../sources/given-path';
import { runCommand } from '../tools/run-command';
import {
  type Context,
  envsOption,
  examples,
  fromEnvFileOption,
  fromEnvOption,
  type OptionsOf,
  strictOption,
} from './command';
import { evaluateEnvironment, judged, lookupFor, selectEnvironments, withoutIdentity } from './environments';

const line = () =>
  new Command('with-env')
    .usage('-- <env> --bundle <bundle> -- <command> [args…]')
    .description('Run a command with what the pods of a bundle get, in its environment; nothing is written')
    .argument('[env]', 'the environment')
    .argument('[command...]', 'the command and its arguments, behind --')
    .option('--bundle <bundle>', 'the bundle whose pods it takes the place of, or infra for the infra variables')
    .option('--keep <NAME...>', "leave the caller's variable of this name, which such pods do not get")
    .addOption(envsOption())
    .addOption(fromEnvOption())
    .addOption(fromEnvFileOption())
    .addOption(strictOption())
    .addHelpText('after', examples('npm run with-env -- staging --bundle infra -- ./build.sh'));

type WithEnvOptions = OptionsOf<typeof line>;

export const withEnvCommand = (context: Context) =>
  line().action(async (environment, command, options) =>
    context.exit(await withEnv(await context.catalog(), [environment ?? []].flat(), command, options, context.host)),
  );

/**
 * Runs a command with what the pods of a bundle get, in the environment of the caller but for what they do not get.
 * Nothing is written.
 * @returns the command's own exit status
 */
async function withEnv(
  catalog: Catalog,
  environments: readonly string[],
  command: readonly string[],
  options: WithEnvOptions,
  host: Host,
): Promise<number> {
  const { bundle } = options;
  const bundles = [...catalog.bundles.keys(), 'infra'];
  if (bundle === undefined) throw refusal('usage', 'Which bundle? Say --bundle', `It is one of ${bundles.join(', ')}`);
  if (!bundles.includes(bundle)) {
    throw refusal('usage', `--bundle is one of ${bundles.join(', ')}`, suggestion(nearArgument(bundle, bundles)));
  }
  refuseUnknownKept(catalog, options.keep ?? []);
  const [name = ''] = selectEnvironments(catalog, environments, options);
  const [program, ...args] = command;
  if (!program) {
    const known = knownEnvironments(options.envs).includes(name) ? name : '<env>'; // it may be a secret
    throw refusal(
      'usage',
      'Which command?',
      `npm run with-env -- ${known}${sourceFlags(options)} --bundle ${bundle} -- …`,
    );
  }
  const outcome = judged(await evaluateEnvironment(catalog, name, lookupFor(options, host)), options);
  const reporter = createReporter(host, false);
  reporter.problems(outcome.environment, outcome.problems, false, 'nothing run');
  if (!('resolved' in outcome) || outcome.problems.some(isError)) return 1;
  const variables = variablesFor(catalog, bundle, valuesOf(outcome), options.keep);
  const { store } = outcome;
  const inStore = heldBy(catalog, bundle).filter((each) => store?.holds(each) && variables.get(each.key) === undefined);
  if (inStore.length > 0) {
    const names = someOf(inStore.map((each) => each.name));
    host.stderr.write(`Only the store has ${names}: the command does not get ${inStore.length > 1 ? 'them' : 'it'}\n`);
  }
  const status = await runCommand(program, args, { ...withoutIdentity(host.env), ...revealVariables(variables) });
  if (typeof status === 'number') return status;
  // As shells have it: 127 for a program that is not there, 126 for one that cannot be run.
  const absent = 'There is no program of that name, or none that the #! line of its script names';
  const what = status === 'ENOENT' ? absent : 'The command could not be started';
  reporter.failure(`${what} (${status})`, 'The program is the first word behind --');
  return status === 'ENOENT' ? 127 : 126;
}

/** @throws {Refusal} if a name is none of the catalog's: others are the command's anyway, and it may be misspelt */
function refuseUnknownKept({ variables }: Catalog, keep: readonly string[]): void {
  const names = [...variables.values()].flatMap(({ name, key }) => [name, key]);
  const stranger = keep.find((each) => !names.includes(each));
  if (stranger === undefined) return;
  const hint =
    suggestion(nearName(stranger, names)) ?? 'Others are left to the command anyway. Several are separated by spaces';
  throw refusal('usage', '--keep names variables of the catalog', hint);
}

/** What programs need to run at all, and no catalog takes away from them. */
const systemVariables = /^(?:PATH|HOME|USER|LOGNAME|SHELL|TERM|LANG|LC_\w+|TZ|TMPDIR|PWD)$/;

/**
 * The variables of a bundle's pods by the names that pods know them by; those of infra by their own. Undefined are the
 * others of the catalog, by either name: the command is not to have the caller's.
 * @param keep names that the caller's may stay under
 */
function variablesFor(
  catalog: Catalog,
  bundle: string,
  values: Readonly<Record<string, Text>>,
  keep: readonly string[] = [],
): Map<string, Text | undefined> {
  const all = [...catalog.variables.values()];
  const found = new Map<string, Text | undefined>();
  for (const name of all.flatMap(({ name, key }) => [name, key])) {
    if (!keep.includes(name) && !systemVariables.test(name)) found.set(name, undefined);
  }
  for (const { name, key } of heldBy(catalog, bundle)) {
    const value = values[name];
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

/** The variables that the pods of a bundle load; for infra its own. */
function heldBy(catalog: Catalog, bundle: string): Variable[] {
  if (bundle !== 'infra') return podVariables(catalog, bundle);
  return [...catalog.variables.values()].filter(({ kind }) => kind === 'infra');
}
