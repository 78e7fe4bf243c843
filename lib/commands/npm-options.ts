import type { CommandUnknownOpts } from '@commander-js/extra-typings';
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
  const known = knownEnvironments('envs');
  // Of the words of with-env most are those of another command.
  const isForCommand = name === 'with-env';
  const end = rest.indexOf('--');
  const own = !isForCommand ? rest : end >= 0 ? rest.slice(0, end) : [rest.find((word) => known.includes(word)) ?? '…'];
  const words = own.map((word) => {
    const [flag = '', value] = word.split('=', 2);
    if (command.options.some(({ long }) => long === flag)) return value === undefined ? flag : `${flag}=…`;
    return known.includes(word) ? word : '…'; // anything else may be a secret
  });
  throw refusal(
    'usage',
    `npm has kept ${swallowed.map(({ long }) => long).join(' and ')} for itself: options go behind --`,
    `npm run ${[name, '--', ...words, flags, ...(isForCommand ? ['-- …'] : [])].join(' ')}`,
  );
}

/** Whoever says --dry-run, to npm or to a script around this one, wants nothing to change. */
function refuseRealRun(command: CommandUnknownOpts | undefined, rest: readonly string[], env: NodeJS.ProcessEnv): void {
  const isDry = rest.includes('--dry-run') || !command?.options.some(({ long }) => long === '--dry-run');
  const value = env['npm_config_dry_run'] ?? '';
  if (isDry || value === '' || value === 'false') return;
  throw refusal(
    'usage',
    'npm has kept --dry-run for itself: options go behind --',
    `npm run ${command?.name()} -- <env> --dry-run`,
  );
}

function isKeptByNpm(option: string, env: NodeJS.ProcessEnv): boolean {
  // npm takes it for the option `wait`, and leaves that without a value.
  if (option.startsWith('no-')) return env[`npm_config_${option.slice(3).replaceAll('-', '_')}`] === '';
  const value = env[`npm_config_${option.replaceAll('-', '_')}`];
  if (value === undefined || value === '' || value === 'false') return false;
  return !alsoOfNpm.includes(option) || !setInNpmrc(option, env);
}
