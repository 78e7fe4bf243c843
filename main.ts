import { Command, CommanderError, Option } from 'commander';
import type { Catalog } from './lib/catalog/catalog';
import { nearName } from './lib/catalog/near-name';
import { applyCommand } from './lib/environment/apply-command';
import { type Problem, Refusal, refusal } from './lib/environment/problem';
import type { Host } from './lib/report/host';
import { standardInput } from './lib/sources/text-file';

/** Runs a command line and returns its exit status. Importing this file runs nothing. */
export async function main(args: readonly string[], host: Host): Promise<number> {
  let status = 0;
  const program = commandLine(host, (result) => {
    status = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    return report(error, args, host, program);
  }
}

/** Runs this process's own command line. */
export async function start(): Promise<void> {
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
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.once(signal, () => process.exit(128 + number));
  }
  const { env, stdout, stderr } = process;
  const status = await main(args, {
    env,
    stdin: standardInput(),
    stdout,
    stderr,
    catalog: { file: 'catalog.ts', load: () => import('./catalog') },
  });
  process.exitCode ??= status; // unless the output could not be written: that is known by now, or soon
}

function commandLine(host: Host, done: (status: number) => void): Command {
  const program = new Command('npm run')
    .description('Kubernetes configuration of the Voice Agent: from envs/ to a folder that plain kubectl applies.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => host.stdout.write(text), writeErr: () => {} })
    .enablePositionalOptions()
    .helpCommand(false)
    .hook('preAction', (_program, command) => refuseEmptyValues(command));

  environmentCommand(program, 'synth', '<env>… | --all')
    .description(`Write dist/<env>, ready for: ${applyCommand} -k dist/<env>`)
    .option('--stdout', `print the manifests of one environment instead, for: | ${applyCommand} -f -`)
    .addOption(outOption())
    .addHelpText(
      'after',
      examples('npm run synth -- staging', `npm run -s synth -- staging --stdout | ${applyCommand} -f -`),
    )
    .action(async (names: string[], options) => {
      const { synth } = await import('./lib/commands/synth');
      done(await synth(await catalogOf(host), names, options, host));
    });

  environmentCommand(program, 'check', '<env>… | --all [VARIABLE]')
    .description('Report every problem, and where every value comes from and goes to; write nothing')
    .addHelpText(
      'after',
      examples('npm run check -- staging', 'npm run check -- staging OPENAI_API_KEY', 'npm run check -- --all'),
    )
    .action(async (args: string[], options) => {
      const { check } = await import('./lib/commands/check');
      done(await check(await catalogOf(host), args, options, host));
    });

  environmentCommand(program, 'diff', '<env> <env> | <env> --live')
    .description('Compare two environments, or one with the cluster; secrets only as same or different')
    .option('--live', 'compare with the cluster of the current context, by kubectl')
    .option('--context <name>', 'with --live: ask this context, whatever its cluster is called')
    .addHelpText('after', examples('npm run diff -- staging prod', 'npm run diff -- prod --live'))
    .addHelpText('after', '\nExit status: 0 no difference, 1 a difference, 2 usage, 3 an error\n')
    .action(async (names: string[], options) => {
      const { diff } = await import('./lib/commands/diff');
      done(await diff(await catalogOf(host), names, options, host));
    });

  program
    .command('new')
    .usage('-- <env> [--from <env>]  [options]')
    .description("Write a new environment's two files, to be filled in; overwrites nothing")
    .argument('[env...]', 'the name of the new environment')
    .option('--from <env>', 'copy config and non-sensitive infra of this environment; never secrets')
    .addOption(envsOption())
    .option(...json)
    .option(...quiet)
    .addHelpText('after', examples('npm run new -- preview', 'npm run new -- preview --from staging'))
    .action(async (names: string[], options) => {
      const { newEnvironment } = await import('./lib/commands/new');
      done(await newEnvironment(await catalogOf(host), names, options, host));
    });

  program
    .command('migrate')
    .usage('-- <folder>  [options]')
    .description('Take the former layout (config/, apps/base/) over into env files; the old files stay as they are')
    .argument('[folder...]', 'the folder with config/ and apps/ in it')
    .addOption(envsOption())
    .option(...json)
    .option(...quiet)
    .addHelpText('after', examples('npm run migrate -- docker/k8', 'npm run migrate -- docker/k8 --envs migrated'))
    .action(async (folders: string[], options) => {
      const { migrate } = await import('./lib/commands/migrate');
      done(await migrate(await catalogOf(host), folders, options, host));
    });

  program
    .command('docs')
    .usage('[-- --check]')
    .description('Regenerate envs/*.env.example and docs/variables.md from the catalog')
    .option('--check', 'write nothing; fail if one is stale')
    .addOption(envsOption())
    .addHelpText('after', examples('npm run docs', 'npm run docs -- --check'))
    .action(async (options) => {
      const { docs } = await import('./lib/commands/docs');
      done(await docs(await catalogOf(host), options, host));
    });

  program
    .command('exec')
    .usage('-- <env> --bundle <bundle> -- <command> [args…]')
    .description('Run a command with what the pods of a bundle get, in its environment; nothing is written')
    .argument('[env]', 'the environment')
    .argument('[command...]', 'the command and its arguments, behind --')
    .requiredOption(
      '--bundle <bundle>',
      'the bundle whose pods it takes the place of, or infra for the infra variables',
    )
    .addOption(envsOption())
    .option(...fromEnv)
    .option(...fromEnvFile)
    .addHelpText('after', examples('npm run exec -- staging --bundle agent -- node agent.js'))
    .action(async (environment: string | undefined, command: string[], options) => {
      const { exec } = await import('./lib/commands/exec');
      done(await exec(await catalogOf(host), environment === undefined ? [] : [environment], command, options, host));
    });

  return program;
}

/** A command that looks at environments, with the options that all of them have. */
function environmentCommand(program: Command, name: string, usage: string): Command {
  const command = program
    .command(name)
    .usage(`-- ${usage}  [options]`)
    .argument('[env...]', 'environments: those with files in the envs folder');
  if (usage.includes('--all')) command.option('--all', 'every environment there is');
  return command
    .addOption(envsOption())
    .option(...fromEnv)
    .option(...fromEnvFile)
    .option(...json)
    .option(...quiet);
}

const fromEnv = ['--from-env', 'take values from the process environment too; they win over the env files'] as const;
const json = ['--json', 'print one JSON document, and nothing else, to standard output'] as const;
const quiet = ['--quiet', 'print problems only'] as const;
const fromEnvFile = ['--from-env-file <path>', 'read this file instead of <env>.env; - is standard input'] as const;

function envsOption(): Option {
  return new Option('--envs <dir>', 'the folder of env files').default('envs');
}

function outOption(): Option {
  return new Option('--out <dir>', 'the folder to write to').default('dist');
}

/** No option means anything with an empty value; as a path it would be the working directory. */
function refuseEmptyValues(command: Command): void {
  const empty = command.options.find((option) => command.getOptionValue(option.attributeName()) === '');
  if (empty) {
    throw refusal(
      'usage',
      `${empty.long} has an empty value`,
      'Is a variable of the shell unset? Give it a value, or leave the option out',
    );
  }
}

/** Loaded by the commands that need it: a catalog that contradicts itself must not break --help. */
async function catalogOf({ catalog }: Host): Promise<Catalog> {
  const { loadCatalog } = await import('./lib/sources/catalog-file');
  const loaded = await loadCatalog(catalog.load, catalog.file);
  if ('catalog' in loaded) return loaded.catalog;
  throw new Refusal(loaded.problems);
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

async function report(error: unknown, args: readonly string[], host: Host, program: Command): Promise<number> {
  if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help
  const { refusalText } = await import('./lib/report/reporter');
  const { refusalDocument } = await import('./lib/report/json');
  const refused = refusalOf(error, args, program);
  const problems = refused?.problems ?? [crashProblem(error)];
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args; // what follows is a command's of its own
  if (own.includes('--json')) host.stdout.write(refusalDocument(problems));
  host.stderr.write(refusalText(problems, host));
  if (refused) return problems[0].code === 'usage' ? 2 : failureStatus(args);
  if (host.env['DEBUG']) host.stderr.write(`${frames(error)}\n`);
  return failureStatus(args);
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

/** commander's own messages repeat what was typed, which may be a secret. */
function usageRefusal(error: CommanderError, args: readonly string[], program: Command): Refusal {
  const command = program.commands.find((each) => each.name() === args[0]);
  const see = command ? `See npm run ${command.name()} -- --help` : undefined;
  if (error.code === 'commander.unknownOption') {
    const flags = (command ?? program).options.map(({ long }) => long ?? '');
    const near = args.flatMap((arg) =>
      flags.includes(arg) ? [] : (nearName(arg.split('=')[0] ?? '', flags) ?? []),
    )[0];
    return refusal('usage', 'There is no such option', near ? `Did you mean ${near}?` : see);
  }
  if (error.code === 'commander.missingMandatoryOptionValue')
    return refusal('usage', 'Which bundle? Say --bundle', see);
  if (error.code === 'commander.optionMissingArgument') return refusal('usage', 'An option lacks its value', see);
  const names = program.commands.map((each) => each.name()).join(', ');
  if (!command)
    return refusal(
      'usage',
      'There is no such command',
      `The commands are ${names}. For example: npm run synth -- staging`,
    );
  return refusal('usage', 'The command line is wrong', see);
}

/** One line; an unexpected error's own message may quote a value, so it is left out. */
function crashProblem(error: unknown): Problem {
  const { name, code } = error as NodeJS.ErrnoException;
  const what = `${name ?? typeof error}${code ? ` (${code})` : ''}`;
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
