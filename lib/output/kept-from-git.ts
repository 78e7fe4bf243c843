import { existsSync, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Problem } from '../environment/problem';
import { shellWord } from '../environment/shell-word';

/** Asks git about a folder: the lines of its answer; undefined where there is no git, or it refuses to work there. */
export type AskGit = (folder: string, args: readonly string[]) => string[] | undefined;

/** A `.gitignore` to be made. */
export interface Gitignore {
  readonly path: string;
  readonly content: string;
  readonly secret: false;
}

/** What git takes of a folder for env files, as this repository's own rules have it. */
const gitignore = `# Env files hold secrets: git takes what is reviewed, generated, encrypted or fake, and nothing else.
*
!.gitignore
!*.config.env
!*.env.example
!*.env.age
!recipients
!demo.env
`;

/**
 * What keeps git from taking files of secrets that are about to be made: a file to be written before them where the
 * folder is empty, or a problem where it is not and git would take them.
 * @param paths of files that must not exist yet
 */
export function keptFromGit(paths: readonly string[], ask: AskGit): Gitignore[] | Problem {
  const first: Gitignore[] = [];
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    const present = listIfAny(folder);
    if (!present) continue; // whoever writes to it says why that is not possible
    const isEmpty = present.length === 0;
    const names = paths.filter((path) => dirname(path) === folder).map((path) => basename(path));
    const problem = exposed(folder, names, isEmpty, ask);
    if (problem) return problem;
    if (isEmpty) first.push({ path: join(folder, '.gitignore'), content: gitignore, secret: false });
  }
  return first;
}

/**
 * The first of these files that git would take. It is asked only where there is a repository.
 * @param getsRules the folder is to get rules of its own, which know them
 */
function exposed(folder: string, names: readonly string[], getsRules: boolean, ask: AskGit): Problem | undefined {
  if (!isInRepository(realpathSync(folder))) return undefined;
  const tracked = ask(folder, ['ls-files', '--', ...names]);
  if (!tracked) return unanswered(folder);
  const ignored = getsRules ? names : ask(folder, [...withoutOwnRules, 'check-ignore', '--', ...names]);
  if (!ignored) return unanswered(folder);
  // A file that git tracks is one that it does not ignore, whatever the rules.
  const name = names.find((each) => tracked.includes(each) || !ignored.includes(each));
  if (name === undefined) return undefined;
  const path = join(folder, name);
  const isTracked = tracked.includes(name);
  return {
    severity: 'error',
    code: 'exposed-file',
    // The name of a file that is neither there nor in git is not said: it may be a secret, typed as an environment's name.
    file: isTracked ? path : folder,
    message: isTracked
      ? `${path} is for secrets, and git tracks it`
      : `${folder} is to hold a file of secrets, and git would take it`,
    hint: keepOutOfGit(folder, name, isTracked),
  };
}

/** The rules that one user has for all repositories keep nobody else from committing a file. */
const withoutOwnRules = ['-c', 'core.excludesFile=/dev/null'];

/** Git is missing, does not trust the folder, does not know the repository's format … */
function unanswered(folder: string): Problem {
  return {
    severity: 'error',
    code: 'exposed-file',
    file: folder,
    message: `${folder} is to hold a file of secrets, and git does not answer whether it would take it`,
    hint: `git -C ${shellWord(folder)} status says why, unless git cannot be started here (ulimit -n): mend that, and run this again`,
  };
}

/** What takes a file of secrets out of git, or keeps it out. */
export function keepOutOfGit(folder: string, name: string, isTracked: boolean): string {
  return isTracked
    ? `git -C ${shellWord(folder)} rm --cached ${name}, and commit that`
    : `printf '%s\\n' '' '*.env' '!*.config.env' '!demo.env' '*-secret-config-patch.yml' >> ${shellWord(join(folder, '.gitignore'))}`;
}

/** The files of a folder that git tracks, or would take; asked once, and only where there is a repository. */
export function filesForGit(folder: string, ask: AskGit): ReadonlyMap<string, 'tracked' | 'taken'> {
  if (!existsSync(folder) || !isInRepository(realpathSync(folder))) return new Map();
  const listed =
    ask(folder, [...withoutOwnRules, 'ls-files', '-t', '-z', '--cached', '--others', '--exclude-standard']) ?? [];
  const entries = listed.join('\n').split('\0');
  return new Map(entries.map((entry) => [entry.slice(2), entry.startsWith('? ') ? 'taken' : 'tracked']));
}

/**
 * Whether git would find a repository: a folder named .git with a HEAD in it, which may be a link to a branch without a
 * commit, or a file that leads to one. Either may be a link.
 */
function isInRepository(folder: string): boolean {
  const git = join(folder, '.git');
  const isRepository = isThere(join(git, 'HEAD')) || leadsToFile(git);
  return isRepository || (dirname(folder) !== folder && isInRepository(dirname(folder)));
}

function leadsToFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Whether anything has that name, were it a link to nothing. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // below a file, for one: nor can it be written, and whoever tries says why
  }
}

function listIfAny(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}
