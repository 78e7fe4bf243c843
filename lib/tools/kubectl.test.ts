import { chmodSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { folderWith } from '../../test/run';
import { limits } from '../environment/limits';
import { type Problem, Refusal } from '../environment/problem';
import {
  annotate,
  applyManifests,
  deleteObjects,
  putChecksums,
  restartWorkloads,
  waitFor,
  waitForStore,
} from './change-cluster';
import { connect, type Kubectl } from './kubectl';

// The real kubectl, and servers of the test's own that say no in each way.

const leak = 'fake-secret-of-the-server';
const servers: Server[] = [];

afterEach(() => {
  jest.restoreAllMocks();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Says no to everything, as an API server does. */
const refuse = (code: number, reason: string, message: string) =>
  serve((_request, response) => {
    response.writeHead(code, { 'content-type': 'application/json' });
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason };
    response.end(JSON.stringify({ ...status, message: `${message}: ${leak}` }));
  });

/** Ends amid its answer. */
const cutOff = () =>
  serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{', () => response.destroy());
  });

async function kubectlAt(server: string): Promise<Kubectl> {
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { server } }],
    users: [{ name: 'u', user: { token: 'fake-token' } }],
  };
  const home = folderWith({ kubeconfig: JSON.stringify(kubeconfig) });
  return await connect(undefined, { ...process.env, HOME: home, KUBECONFIG: join(home, 'kubeconfig') });
}

const get = [
  'get',
  'secret/a',
  'configmap/b',
  '-n',
  'x',
  '--ignore-not-found',
  '--show-managed-fields',
  '--output=json',
];

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refusal)) throw error ?? new Error('It worked');
  return error.problems[0];
}

it('finds the context and its cluster', async () => {
  expect(await kubectlAt('http://127.0.0.1:1')).toMatchObject({ shownContext: 'c', cluster: 'k' });
});

it.each([
  ['unreachable', async (): Promise<string> => 'http://127.0.0.1:1'],
  ['unknown host', async () => 'http://nowhere.invalid'],
  ['certificate', async () => `https://${await refuse(200, '', '')}`],
  ['unauthorized', async () => `http://${await refuse(401, 'Unauthorized', 'Unauthorized')}`],
  [
    'forbidden',
    async () => `http://${await refuse(403, 'Forbidden', 'secrets "a" is forbidden: User "u" cannot get')}`,
  ],
  ['server error', async () => `http://${await refuse(503, 'ServiceUnavailable', 'apiserver is shutting down')}`],
  ['server error', async () => `http://${await refuse(500, 'InternalError', 'etcdserver: leader changed')}`],
  ['server error', async () => `http://${await refuse(429, 'TooManyRequests', 'please try again later')}`],
  ['server error', async () => `http://${await cutOff()}`],
] satisfies [string, () => Promise<string>][])('a server says no: %s', async (cause, start) => {
  const kubectl = await kubectlAt(await start());
  const { code, message, hint } = await problemOf(kubectl.ask(get));
  expect([code, message]).toEqual(['cluster', expect.stringContaining(`(${cause})`)]);
  // Typed by hand, it prints no Secret.
  expect(hint).toMatch(
    /Try it by hand: kubectl get secret\/a configmap\/b -n x --ignore-not-found --output=name --context=c$/,
  );
  expect(`${message}${hint}`).not.toContain(leak);
});

it('a server that accepts and never answers is given up', async () => {
  const kubectl = await kubectlAt(`http://${await serve(() => {})}`);
  jest.replaceProperty(limits as Record<string, number>, 'secondsOfProgram', 1);
  expect((await problemOf(kubectl.ask(get))).message).toBe('kubectl did not answer within 1 seconds (time-out)');
});

it.each([
  ['no context', { KUBECONFIG: '/nowhere' }, 'has no current context'],
  ['no kubectl', { PATH: '/nowhere' }, 'is not installed'],
])('there is %s', async (_what, env, message) => {
  const { code, message: text } = await problemOf(connect(undefined, { ...process.env, HOME: folderWith(), ...env }));
  expect([code, text]).toEqual(['cluster', expect.stringContaining(message)]);
});

it.each(['{"contexts":{}}', '{"contexts":true}', '{"contexts":[null]}'])(
  'a kubectl that answers %s of its kubeconfig names no cluster',
  async (answer) => {
    const bin = folderWith({ kubectl: `#!/bin/sh\ncase $2 in view) echo '${answer}';; *) echo c;; esac\n` });
    chmodSync(join(bin, 'kubectl'), 0o755);
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
    expect(await connect(undefined, env)).toMatchObject({ shownContext: 'c', cluster: '' });
  },
);

it('a context that the kubeconfig does not have is not repeated', async () => {
  const { message, hint } = await problemOf(connect(leak, { ...process.env, KUBECONFIG: '/nowhere' }));
  expect(message).toContain('found no such context');
  expect(`${message}${hint}`).not.toContain(leak);
});

it('takes every command line of ours: each gets as far as the server', async () => {
  const kubectl = await kubectlAt('http://127.0.0.1:1');
  const rollout = {
    workload: 'Deployment/a',
    how: 'rollout',
    objects: [],
    checksums: { 'app/checksum-b': '0' },
  } as const;
  const commands: Record<string, () => Promise<unknown>> = {
    get: () => kubectl.ask(get),
    list: () => kubectl.ask(['get', 'pods,deployments', '-n', 'x', '--selector', 'a=b', '--output=json']),
    apply: () => applyManifests(kubectl, 'kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: a\n', 'dist/x'),
    annotate: () => annotate(kubectl, ['Secret/a', 'ConfigMap/b'], { a: 'b', c: undefined }, 'x'),
    delete: () => deleteObjects(kubectl, ['Secret/a', 'ConfigMap/b'], 'x'),
    patch: () => putChecksums(kubectl, rollout, 'x'),
    'rollout restart': () => restartWorkloads(kubectl, ['Deployment/a', 'StatefulSet/b'], 'x'),
    'rollout status': () => waitFor(kubectl, ['Deployment/a'], 'x', 5),
    wait: () => waitForStore(kubectl, ['ExternalSecret/a'], 'x', 5, true),
  };
  for (const [name, command] of Object.entries(commands)) {
    const { message } = await problemOf(command());
    expect({ name, message }).toEqual({ name, message: expect.stringContaining('(unreachable)') });
  }
}, 60_000);
