import { spawnSync } from 'node:child_process';
import { shellWord } from '../../lib/environment/shell-word';

/** Runs before the suite and anything that it imports. */
export default function refuseUnconfirmed(): void {
  confirmedContext(currentContext(), process.env['E2E_CONFIRM']);
}

/** The name of the context that plain kubectl would use; undefined if there is none. Asks no cluster. */
export function currentContext(): string | undefined {
  // The kubectl of Google's SDK asks its server for a version before any command, this one too: give it none.
  const command = ['config', 'current-context', '--server=http://127.0.0.1:1'];
  const { status, stdout, error } = spawnSync('kubectl', command, { encoding: 'utf8' });
  if (error) throw error;
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * The context that the suite may work on: the current one, once it has been confirmed by name.
 * @throws {Error} naming what to set
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
