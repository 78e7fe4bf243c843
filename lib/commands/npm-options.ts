import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { refusal } from '../environment/problem';
import { knownEnvironments } from '../sources/environment-files';
import { setInNpmrc } from '../sources/npmrc';

/** Options that npm has itself: a file of npm's may have set them, for npm. */
const alsoOfNpm = ['json', 'all', 'yes'];

/**
 * Refuses a run whose options npm has kept to itself because ` -- ` was forgotten: `npm run synth prod --from-env`. What
 * is left of such an option is `npm_config_from_env` in the environment.
 * @throws {Refusal} code `usage`, with the line that was meant
 */
export function refuseSwallowedOptions(
  args: readonly string[],
  commands: readonly CommandUnknownOpts[],
  env: NodeJS.ProcessEnv,
): void {
  const [name, ...rest] = args;
  const command = commands.find((each) => each.name() === name);
  refuseRealRun(command, rest, env);
  if (!command || env['npm_lifecycle_event'] !== name) return;
  const swallowed = command.options.filter(
    ({ long }) => long && !args.includes(long) && isKeptByNpm(long.slice(2), env),
  );
  if (swallowed.length === 0) return;
  const flags = swallowed.map(({ flags }) => flags).join(' ');
  const isForCommand = name === 'with-env';
  // A value that npm has not kept with its option stands among the words.
  const isParted = ({ long, required }: Option) => required && env[nameForNpm(long?.slice(2) ?? '')] === 'true';
  const words = swallowed.some(isParted) && !isForCommand ? ['…'] : shownWords(command, rest);
  throw refusal(
    'usage',
    `npm has kept ${swallowed.map(({ long }) => long).join(' and ')} for itself: options go after --`,
    `npm run ${[name, '--', ...words, flags, ...(isForCommand ? ['-- …'] : [])].join(' ')}`,
  );
}

/** The words of a command line as a message may say them: what is neither an option nor an environment may be a secret. */
function shownWords(command: CommandUnknownOpts, words: readonly string[]): string[] {
  const known = knownEnvironments('envs');
  const end = words.indexOf('--');
  // Of the words of with-env most are those of another command.
  const own =
    command.name() !== 'with-env'
      ? words
      : end >= 0
        ? words.slice(0, end)
        : [words.find((word) => known.includes(word)) ?? '…'];
  return own.map((word) => {
    const [flag = '', value] = word.split('=', 2);
    if (command.options.some(({ long }) => long === flag)) return value === undefined ? flag : `${flag}=…`;
    return known.includes(word) ? word : '…';
  });
}

/** Whoever says --dry-run, to npm or to a script around this one, wants nothing to change. */
function refuseRealRun(command: CommandUnknownOpts | undefined, rest: readonly string[], env: NodeJS.ProcessEnv): void {
  const value = env['npm_config_dry_run'] ?? '';
  const isDry = rest.includes('--dry-run') || value === '' || value === 'false';
  if (isDry || !command?.options.some(({ long }) => long === '--dry-run')) return;
  throw refusal(
    'usage',
    'npm has kept --dry-run for itself: options go after --',
    `npm run ${[command.name(), '--', ...(rest.length === 0 ? ['…'] : shownWords(command, rest)), '--dry-run'].join(' ')}`,
  );
}

/** What is left of an option. */
function nameForNpm(option: string): string {
  return `npm_config_${option.replaceAll('-', '_')}`;
}

function isKeptByNpm(option: string, env: NodeJS.ProcessEnv): boolean {
  // npm takes it for the option `wait`, and leaves that without a value.
  if (option.startsWith('no-')) return env[nameForNpm(option.slice(3))] === '';
  const value = env[nameForNpm(option)];
  if (value === undefined || value === '' || value === 'false') return false;
  return !alsoOfNpm.includes(option) || !setInNpmrc(option, env);
}
