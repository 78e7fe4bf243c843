import { refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { askProgram } from './ask-program';
import { withoutPreferences } from './kubectl';

/**
 * What `kubectl kustomize` makes of a folder.
 * @param shown what messages call it
 * @param env the environment of this process; kubectl gets no more of it than it needs
 * @throws {Refusal} code `tool`. Kustomize's own message is left out: it quotes objects, Secrets included
 */
export async function renderKustomization(folder: string, shown: string, env: NodeJS.ProcessEnv): Promise<string> {
  const needed = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'USERPROFILE'];
  const given = Object.fromEntries(needed.map((name) => [name, env[name]]));
  const answer = await askProgram('kubectl', ['kustomize', folder], {
    ...given,
    ...withoutPreferences,
    ...fetchNothing,
  });
  if ('text' in answer) return answer.text;
  const { absent, reason } = answer.failure;
  if (absent) throw refusal('tool', 'kubectl is not installed', 'Install it: https://kubernetes.io/docs/tasks/tools/');
  throw refusal(
    'tool',
    `kubectl kustomize could not render ${shown}${reason === 'failed' ? '' : `: it ${reason}`}`,
    `kubectl kustomize ${shellWord(shown)} shows why (it may quote Secrets). Is a folder that it names missing, such as dist/<env>? What is on the network is not fetched: hand over what kubectl prints by --workloads -`,
  );
}

/** A kustomization may name what is elsewhere, and in the name an option of git that runs a command. */
const nowhere = 'http://127.0.0.1:1';
const fetchNothing = { GIT_ALLOW_PROTOCOL: 'none', HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere };
