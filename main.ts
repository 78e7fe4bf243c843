import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { SeenOfCatalog } from './lib/catalog/catalog';
import { nearArgument, suggestion } from './lib/catalog/near-name';
import { applyCommand } from './lib/commands/apply';
import { checkCommand } from './lib/commands/check';
import type { Context } from './lib/commands/command';
import { diffCommand } from './lib/commands/diff';
import { docsCommand } from './lib/commands/docs';
import { editCommand } from './lib/commands/edit';
import { encryptCommand } from './lib/commands/encrypt';
import { guardCommand } from './lib/commands/guard';
import { migrateCommand } from './lib/commands/migrate';
import { newCommand } from './lib/commands/new';
import { refuseSwallowedOptions } from './lib/commands/npm-options';
import { synthCommand } from './lib/commands/synth';
import { withEnvCommand } from './lib/commands/with-env';
import { type Problem, Refusal, refusal } from './lib/environment/problem';
import { wholeOutput } from './lib/output/standard-output';
import { applyAgain } from './lib/report/cluster';
import type { FormatName } from './lib/report/formats';
import type { Host } from './lib/report/host';
import { loadCatalog } from './lib/sources/catalog-file';
import { standardInput } from './lib/sources/text-file';

/** Runs a command line and returns its exit status. Importing this file runs nothing. */
export async function main(args: readonly string[], host: Host): Promise<number> {
  let status = 0;
  const exit = (result: number) => {
    status = result;
  };
  const program = commandLine({ host, catalog: () => loadCatalog(host.catalog), exit });
  try {
    refuseUndecoded(args);
    refuseSwallowedOptions(args, program.commands, host.env);
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    return report(error, args, host, program);
  }
}

/**
 * Runs this process's own command line.
 * @param seen of the catalog, by whoever bundled it
 * @param parent the process that has started this one
 */
export async function start(seen: SeenOfCatalog, parent: number): Promise<void> {
  const args = process.argv.slice(2);
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever read has read enough (`| head -1`): no error of ours.
      if (error.code === 'EPIPE') return;
      process.exitCode = failureStatus(args);
      if (stream === process.stdout) process.stderr.write(`The output could not be written (${error.code})\n`);
    });
  }
  for (const [signal, number] of [
    ['SIGHUP', 1],
    ['SIGINT', 2],
    ['SIGQUIT', 3],
    ['SIGTERM', 15],
  ] as const) {
    // A second one, as npm sends where a terminal has sent one already, does not end it before files are removed.
    process.on(signal, () => {
      if (args[0] === 'apply') process.stderr.write(`\n${cutShort}\n`);
      process.exit(128 + number);
    });
  }
  if (args[0] === 'apply') endWithNpm(parent);
  const host: Host = {
    env: process.env,
    stdin: standardInput(),
    canAnswer: () => process.stdin.isTTY,
    stdout: wholeOutput(process.stdout),
    stderr: wholeOutput(process.stderr),
    catalog: { ...seen, load: () => import('./catalog') },
  };
  // What a type of the team's own throws behind its answer, or has Node.js warn of: that would be printed, values included.
  process.removeAllListeners('warning');
  let hasCrashed = false;
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, async (error) => {
      if (hasCrashed) return;
      hasCrashed = true;
      await reportCrash(error, host).finally(() => process.exit(failureStatus(args)));
    });
  }
  // Nothing is left to wait for: Node.js itself would take its heap apart first.
  process.once('beforeExit', () => process.exit());
  const status = await main(args, host);
  process.exitCode ??= status; // unless the output could not be written: that is known by now, or soon
}

/** What is said where an apply is told to end, whatever it has done by then. */
const cutShort = `This apply was cut short. ${applyAgain}`;

/**
 * npm starts a script by a shell, which a signal ends without passing it on: `timeout 60 npm run apply`, or a job that is
 * cancelled, would be over, and the apply would go on.
 */
function endWithNpm(shell: number): void {
  if (process.env['npm_lifecycle_event'] !== 'apply') return;
  const end = () => {
    if (process.ppid === shell) return;
    process.stderr.write(`npm has been ended. ${cutShort}\n`);
    process.exit(128 + 15);
  };
  end();
  setInterval(end, 200).unref();
}

/** Every command there is. */
const commands = [
  synthCommand,
  checkCommand,
  diffCommand,
  applyCommand,
  newCommand,
  migrateCommand,
  guardCommand,
  encryptCommand,
  editCommand,
  docsCommand,
  withEnvCommand,
];

function commandLine(context: Context): Command {
  const program = new Command('npm run')
    .usage('<command> -- [arguments] [options]')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .description('Kubernetes configuration from one typed catalog: from envs/ to a folder that kubectl applies.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.host.stdout.write(text), writeErr: () => {} })
    .enablePositionalOptions()
    .helpCommand(false)
    .hook('preAction', (_program, command) => refuseEmptyValues(command));
  for (const make of commands) program.addCommand(make(context).copyInheritedSettings(program));
  return program;
}

/** Node.js has put U+FFFD in the place of bytes that are no UTF-8: another file would be meant, or another value handed on. */
function refuseUndecoded(args: readonly string[]): void {
  if (args.some((arg) => arg.includes('\ufffd'))) {
    throw refusal('usage', 'The command line has bytes that are no UTF-8', 'Is a path in another encoding? Rename it');
  }
}

/** No option means anything with an empty value; as a path it would be the working directory. */
function refuseEmptyValues(command: CommandUnknownOpts): void {
  const empty = command.options.find((option) => [command.getOptionValue(option.attributeName())].flat().includes(''));
  if (empty) {
    throw refusal(
      'usage',
      `${empty.long} has an empty value`,
      'Is a variable of the shell unset? Give it a value, or leave the option out',
    );
  }
}

async function report(error: unknown, args: readonly string[], host: Host, program: Command): Promise<number> {
  if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help
  const { refusalText } = await import('./lib/report/reporter');
  const { formatNames, formats } = await import('./lib/report/formats');
  const refused = refusalOf(error, args, program);
  const problems = refused?.problems ?? [crashProblem(error)];
  host.stdout.write(formats[formatAsked(ownPart(args), formatNames)].refusal(problems));
  if (!refused) {
    await reportCrash(error, host);
    return failureStatus(args);
  }
  host.stderr.write(refusalText(problems, host));
  return problems[0].code === 'usage' ? 2 : failureStatus(args);
}

/** Says on standard error what has no place in a report: a defect of this program, or of a type of the team's own. */
async function reportCrash(error: unknown, host: Host): Promise<void> {
  const { refusalText } = await import('./lib/report/reporter');
  host.stderr.write(refusalText([crashProblem(error)], host));
  if (host.env['DEBUG']) host.stderr.write(`${frames(error)}\n`);
}

/** The form that a command line asks for, whatever else is wrong with it. */
function formatAsked(args: readonly string[], names: readonly FormatName[]): FormatName {
  if (args.includes('--json')) return 'json';
  const asked = args.flatMap((arg, at) =>
    arg === '--report' ? (args[at + 1] ?? '') : arg.split('--report=').slice(1),
  );
  return names.find((name) => asked.includes(name)) ?? 'text';
}

/** For diff, 1 means a difference. */
function failureStatus([command]: readonly string[]): number {
  return command === 'diff' ? 3 : 1;
}

/** Expected errors. Undefined for those that are a defect of this program. */
function refusalOf(error: unknown, args: readonly string[], program: Command): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof CommanderError) return usageRefusal(error, args, program);
  return undefined;
}

/** commander's own messages repeat what was typed, which may be a secret; the name of an option is none. */
function usageRefusal(error: CommanderError, args: readonly string[], program: Command): Refusal {
  const command = program.commands.find((each) => each.name() === args[0]);
  if (!command) return unknownCommand(args[0] ?? '', program);
  const itsOwn =
    'Options of the command itself stand behind a second --: npm run with-env -- <env> --bundle <bundle> -- node -v';
  const see =
    command.name() === 'with-env' && !args.includes('--') ? itsOwn : `See npm run ${command.name()} -- --help`;
  if (error.code === 'commander.unknownOption') return unknownOptions(ownPart(args), command, see);
  if (error.code === 'commander.optionMissingArgument') {
    const [flags = 'An option'] = /(?<=')--[^']*/.exec(error.message) ?? []; // as it is declared, not as it was typed
    return refusal('usage', `${flags} lacks its value`, see);
  }
  if (error.code === 'commander.excessArguments') return refusal('usage', 'A word too many on the command line', see);
  return refusal('usage', 'The command line is wrong', see);
}

function unknownCommand(typed: string, program: Command): Refusal {
  if (typed === 'exec') {
    const hint = 'npm run with-env -- <env> --bundle <bundle> -- <command>';
    return refusal('usage', 'exec is called with-env now, since npm exec runs packages of strangers', hint);
  }
  const names = program.commands.map((each) => each.name());
  const hint =
    suggestion(nearArgument(typed, names)) ??
    `The commands are ${names.join(', ')}. For example: npm run synth -- staging`;
  return refusal('usage', typed === '' ? 'Which command?' : 'There is no such command', hint);
}

/** What other programs call an option that is here. */
const elsewhere = new Map([
  ['--env-file', '--from-env-file'],
  ['--format', '--report'],
  ['--output', '--report'],
]);

function unknownOptions(args: readonly string[], command: CommandUnknownOpts, see: string): Refusal {
  const flags = ['--help', ...command.options.map(({ long }) => long ?? '')];
  const unknown = args.flatMap((arg) => /^--[a-z-]+(?==|$)/.exec(arg) ?? []).filter((flag) => !flags.includes(flag));
  const takesEnvironment = command.usage().includes('<env>');
  if (takesEnvironment && unknown.some((flag) => flag === '--env' || flag === '--environment')) {
    const hint = `An environment is named without an option: npm run ${command.name()} -- <env>`;
    return refusal('usage', `There is no option ${unknown.join(', ')}`, hint);
  }
  const here = (flag: string) => nearArgument(flag, flags) ?? flags.find((each) => each === elsewhere.get(flag));
  const near = unknown.flatMap((flag) => here(flag) ?? []);
  const hint = near.length === 0 ? see : `Did you mean ${near.join(' and ')}? ${see}`;
  return refusal('usage', `There is no ${unknown.length === 0 ? 'such option' : `option ${unknown.join(', ')}`}`, hint);
}

/** What follows -- is a command's of its own. */
function ownPart(args: readonly string[]): readonly string[] {
  return args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
}

/** Those of JavaScript itself. */
const errorNames = ['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'URIError', 'EvalError'];

/** One line; an unexpected error's own message may quote a value, so it is left out. */
function crashProblem(error: unknown): Problem {
  // Neither is somebody's own: it may be a value.
  const name = error instanceof Error ? (errorNames.find((each) => each === error.name) ?? 'Error') : typeof error;
  const { code } = Object(error) as NodeJS.ErrnoException;
  const what = `${name}${/^(?:E[A-Z0-9]{2,15}|ERR_[A-Z_]{1,60})$/.test(String(code)) ? ` (${code})` : ''}`;
  return {
    severity: 'error',
    code: 'internal-error',
    message: `internal error: ${what}. This is a defect of the program`,
    hint: 'Run it again with DEBUG=1 for the place, and report it',
  };
}

/** The stack without the message above it, some lines of which may look like the stack's. */
function frames(error: unknown): string {
  if (!(error instanceof Error) || !error.stack?.includes(error.message)) return '';
  return error.stack
    .slice(error.stack.indexOf(error.message) + error.message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
