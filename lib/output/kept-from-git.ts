import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Problem } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import type { FileContent } from './write-file';

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
 * @param env the process environment; git gets no more of it than it needs
 */
export function keptFromGit(paths: readonly string[], env: NodeJS.ProcessEnv): FileContent[] | Problem {
  const first: FileContent[] = [];
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    const present = listIfAny(folder);
    if (!present) continue; // whoever writes to it says why that is not possible
    if (present.length === 0) {
      first.push({ path: join(folder, '.gitignore'), content: gitignore, secret: false });
      continue;
    }
    const names = paths.filter((path) => dirname(path) === folder).map((path) => basename(path));
    const problem = exposed(folder, names, env);
    if (problem) return problem;
  }
  return first;
}

/** The first of these files that git would take. It is asked only where there is a repository. */
function exposed(folder: string, names: readonly string[], env: NodeJS.ProcessEnv): Problem | undefined {
  if (!isInRepository(realpathSync(folder))) return undefined;
  const ignored = ask(folder, ['check-ignore', '--', ...names], env);
  const name = ignored && names.find((each) => !ignored.includes(each));
  if (name === undefined) return undefined;
  const path = join(folder, name);
  // A file that git tracks is one that it does not ignore, whatever the rules.
  const isTracked = ask(folder, ['ls-files', '--', name], env)?.includes(name);
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

/** The lines of git's answer. Undefined where there is no git, or it refuses to work in this folder. */
function ask(folder: string, args: readonly string[], env: NodeJS.ProcessEnv): string[] | undefined {
  // Not GIT_DIR and the like, which a hook of another repository may have set.
  const needed = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'SystemRoot', 'USERPROFILE'];
  const { status, stdout } = spawnSync('git', ['-C', folder, ...args], {
    env: Object.fromEntries(needed.map((name) => [name, env[name]])),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 || status === 1 ? stdout.split('\n') : undefined;
}

function listIfAny(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}
