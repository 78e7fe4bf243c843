import { refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { isThere } from './text-file';

/** The options that take a path, each with what applies where it is not given. */
const standardPaths = { '--envs': 'envs', '--out': 'dist', '--from-env-file': '-', '--workloads': '-' } as const;

export type PathOption = keyof typeof standardPaths;

/**
 * What is said of a path that the command line gives: the path itself if something is there, else the option only.
 * Whoever pastes a secret, or the contents of a file, in the place of its path is not to find them in a log.
 */
export function shownPath(option: PathOption, path: string): string {
  return isShown(option, path) ? path : `<${option}>`;
}

/** Whether messages may repeat a path that the command line gives. */
export function isShown(option: PathOption, path: string): boolean {
  return path === standardPaths[option] || isThere(path);
}

/** The option that a printed command needs to look in the same folder of env files, with a blank before it. */
export function envsFlag(envs: string): string {
  return flag('--envs', envs);
}

/** The same for all that says where values come from. */
export function sourceFlags(options: {
  readonly envs: string;
  readonly fromEnv?: true | undefined;
  readonly fromEnvFile?: string | undefined;
}): string {
  const { envs, fromEnv, fromEnvFile } = options;
  const file = fromEnvFile === '-' ? ' --from-env-file -' : flag('--from-env-file', fromEnvFile ?? '-');
  return `${envsFlag(envs)}${fromEnv ? ' --from-env' : ''}${file}`;
}

/** The same for the folder that is written to. */
export function outFlag(out: string): string {
  return flag('--out', out);
}

/** What is not shown leaves a gap to be filled in: no word, so that a shell refuses it as it stands. */
function flag(option: PathOption, path: string): string {
  if (path === standardPaths[option]) return '';
  return ` ${option} ${isShown(option, path) ? shellWord(path) : option === '--from-env-file' ? '<file>' : '<folder>'}`;
}

/** @throws {Refusal} code `unreadable` if the folder of env files is not there */
export function requireEnvs(envs: string): void {
  if (isShown('--envs', envs)) return;
  throw refusal('unreadable', `${shownPath('--envs', envs)} is not there`, 'Check the path after --envs');
}

/**
 * @throws {Refusal} code `unknown-environment` if this is no place for the standard folder of env files: neither it nor
 * a catalog is here
 */
export function requireProject(envs: string): void {
  if (envs !== standardPaths['--envs'] || isThere(envs) || isThere('catalog.ts')) return;
  throw refusal(
    'unknown-environment',
    'Here is neither envs nor catalog.ts',
    'Go to the folder of catalog.ts, or say --envs',
  );
}
