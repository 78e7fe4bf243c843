import { spawnSync } from 'node:child_process';
import { shellWord } from '../../lib/report/terminal';

/** The name of the context that plain kubectl would use; undefined if there is none. Asks no cluster. */
export function currentContext(): string | undefined {
  const { status, stdout } = spawnSync('kubectl', ['config', 'current-context'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * The context that the suite may work on: the current one, once it has been confirmed by name.
 * @throws {Error} naming what to set, which is not to be mistaken for a failed test
 */
export function confirmedContext(current: string | undefined, confirmation: string | undefined): string {
  if (current === undefined) {
    throw refusal('kubectl has no current context. Let KUBECONFIG name the cluster to test on.');
  }
  if (confirmation === current) return current;
  throw refusal(
    `E2E_CONFIRM ${confirmation ? 'names another context than the current one' : 'is not set'}, so no cluster was asked anything.
This suite makes and deletes namespaces on the cluster of the current context, ${current}. If that is meant:

  E2E_CONFIRM=${shellWord(current)} npm run e2e`,
  );
}

/** An error of which Jest shows the text only. */
function refusal(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}
