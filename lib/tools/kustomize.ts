import { spawnSync } from 'node:child_process';
import { refusal } from '../environment/problem';

/** Far more than a tree of workloads is rendered to. In bytes. */
const longestAnswer = 64 * 1024 * 1024;

/** In milliseconds. A tree that names remote bases waits for them. */
const timeLimit = 60_000;

/**
 * What `kubectl kustomize` makes of a folder.
 * @param shown what messages call it
 * @param env the environment of this process; kubectl gets no more of it than it needs
 * @throws {Refusal} code `tool`. Kustomize's own message is left out: it quotes objects, Secrets included
 */
export function renderKustomization(folder: string, shown: string, env: NodeJS.ProcessEnv): string {
  const needed = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'USERPROFILE'];
  const { error, status, stdout } = spawnSync('kubectl', ['kustomize', folder], {
    env: Object.fromEntries(needed.map((name) => [name, env[name]])),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: timeLimit,
    maxBuffer: longestAnswer,
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    throw refusal('tool', 'kubectl is not installed', 'Install it: https://kubernetes.io/docs/tasks/tools/');
  }
  if (status === 0) return stdout;
  throw refusal(
    'tool',
    `kubectl kustomize could not render ${shown}`,
    `Run kubectl kustomize ${shown} to see why: its message may quote Secrets. Does a folder of dist/ that it names exist?`,
  );
}
