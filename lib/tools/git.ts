import { spawnSync } from 'node:child_process';

/** Asks git about a folder: the lines of its answer; undefined where there is no git, or it refuses to work there. */
type AskGit = (folder: string, args: readonly string[]) => string[] | undefined;

/** @param env the process environment; git gets no more of it than it needs */
export function gitWith(env: NodeJS.ProcessEnv): AskGit {
  // Not GIT_DIR and the like, which a hook of another repository may have set.
  const needed = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'SystemRoot', 'USERPROFILE'];
  return (folder, args) => {
    const { status, stdout } = spawnSync('git', ['-C', folder, ...args], {
      env: Object.fromEntries(needed.map((name) => [name, env[name]])),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return status === 0 || status === 1 ? stdout.split('\n') : undefined;
  };
}
