import { spawnSync } from 'node:child_process';
import { limits } from '../environment/limits';

/** Asks git about a folder: the lines of its answer; undefined where there is no git, or it refuses to work there. */
type AskGit = (folder: string, args: readonly string[]) => string[] | undefined;

/** A repository's own settings can name programs that git starts: whoever wrote to it would have them run here. */
const startNothing = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];

/** @param env the process environment; git gets no more of it than it needs */
export function gitWith(env: NodeJS.ProcessEnv): AskGit {
  // Not GIT_DIR and the like, which a hook of another repository may have set.
  const needed = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'SystemRoot', 'USERPROFILE'];
  return (folder, args) => {
    const { status, stdout } = spawnSync('git', ['-C', folder, ...startNothing, ...args], {
      // Nor by way of a remote, where a partial clone lacks a file of rules.
      env: { ...Object.fromEntries(needed.map((name) => [name, env[name]])), GIT_ALLOW_PROTOCOL: 'none' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: limits.secondsOfProgram * 1_000,
      killSignal: 'SIGKILL',
      maxBuffer: limits.bytesOfAnswer,
    });
    return status === 0 || status === 1 ? stdout.split('\n') : undefined;
  };
}
