import { existsSync, readdirSync, realpathSync } from 'node:fs';
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
    if (present.length === 0) {
      first.push({ path: join(folder, '.gitignore'), content: gitignore, secret: false });
      continue;
    }
    const names = paths.filter((path) => dirname(path) === folder).map((path) => basename(path));
    const problem = exposed(folder, names, ask);
    if (problem) return problem;
  }
  return first;
}

/** The first of these files that git would take. It is asked only where there is a repository. */
function exposed(folder: string, names: readonly string[], ask: AskGit): Problem | undefined {
  if (!isInRepository(realpathSync(folder))) return undefined;
  const ignored = ask(folder, ['check-ignore', '--', ...names]);
  const name = ignored && names.find((each) => !ignored.includes(each));
  if (name === undefined) return undefined;
  const path = join(folder, name);
  // A file that git tracks is one that it does not ignore, whatever the rules.
  const isTracked = ask(folder, ['ls-files', '--', name])?.includes(name);
  return {
    severity: 'error',
    code: 'exposed-file',
    // The name of a file that is neither there nor in git is not said: it may be a secret, typed as an environment's name.
    file: isTracked ? path : folder,
    message: isTracked
      ? `${path} is for secrets, and git tracks it`
      : `${folder} is to hold a file of secrets, and git would take it`,
    hint: isTracked
      ? `git -C ${shellWord(folder)} rm --cached ${name}, and commit that`
      : `printf '%s\\n' '' '*.env' '!*.config.env' '!demo.env' '*-secret-config-patch.yml' >> ${shellWord(join(folder, '.gitignore'))}`,
  };
}

function isInRepository(folder: string): boolean {
  return existsSync(join(folder, '.git')) || (dirname(folder) !== folder && isInRepository(dirname(folder)));
}

function listIfAny(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}
