import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from '../run';
import { confirmedContext, currentContext } from './confirm';

// The cluster that a run has been allowed to work on, and kubectl to ask it.

// Named in every request, so that switching the current context meanwhile changes nothing.
export const context = confirmedContext(currentContext(), process.env['E2E_CONFIRM']);

/** Runs kubectl against the confirmed cluster, with kubectl's own diff. */
export function tryKubectl(args: readonly string[], input = ''): Run {
  const { status, stdout, stderr, error } = spawnSync('kubectl', [`--context=${context}`, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    timeout: 60_000,
    env: { ...process.env, KUBECTL_EXTERNAL_DIFF: undefined },
  });
  if (error) throw error;
  return { status: status ?? -1, stdout, stderr };
}

/** @throws {Error} with kubectl's own words if it fails */
export function kubectl(args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = tryKubectl(args, input);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: exit status ${status}\n${stdout}${stderr}`);
  return stdout;
}

export function get<T>(...args: readonly string[]): T {
  return JSON.parse(kubectl(['get', '--output=json', ...args])) as T;
}

/** A name of this run's own. */
export const newName = () => `parcel-desk-e2e-${randomBytes(4).toString('hex')}`;

/**
 * Starts a process of its own that removes these: it outlives a Ctrl-C, and a kill, of this one. It does not wait until
 * a namespace is gone: where no controller empties it, it never is.
 */
export function removeAtTheEnd(...what: readonly string[]): ChildProcess {
  const remove = ['kubectl', `--context=${context}`, 'delete', '--ignore-not-found', '--wait=false', ...what];
  return spawn(process.execPath, [join(__dirname, 'at-the-end.js'), ...remove], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
}

export function create(...objects: readonly object[]): void {
  kubectl(['create', '--filename=-'], documents(objects));
}

/** Objects as kubectl reads them from its standard input. */
export function documents(objects: readonly object[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}

/** Asks every second, for a minute. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries === 60) throw new Error(`waited for a minute until ${what}`);
    await delay(1_000);
  }
}

/**
 * A policy by which no Secret of a namespace is changed, and what puts it in force.
 * @param reason kubectl shows what it sent with an error `Forbidden`, and does not with one `Invalid`
 */
export function secretsStayAsTheyAre(name: string, namespace: string, reason: 'Forbidden' | 'Invalid'): object[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['secrets'] }],
        },
        validations: [{ expression: 'false', message: 'Secrets stay as they are here', reason }],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
      },
    },
  ];
}
