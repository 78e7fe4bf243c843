import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { itWithKubectl } from '../kubectl';
import { folderWith } from '../run';
import { confirmedContext } from './confirm';

/** Runs the suite as `npm run e2e` does, on a cluster that refuses every request and counts them. */
async function runSuite({ confirm, currentContext = 'fake-cluster' }: { confirm?: string; currentContext?: string }) {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.writeHead(403).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': currentContext,
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'fake-cluster', context: { cluster: 'c', user: 'u' } }],
  });
  const config = join(__dirname, 'jest.config.js');
  const child = spawn(process.execPath, [require.resolve('jest/bin/jest'), '--config', config, '--runInBand'], {
    env: {
      ...process.env,
      KUBECONFIG: join(folderWith({ kubeconfig }), 'kubeconfig'),
      E2E_CONFIRM: confirm,
      FORCE_COLOR: '0',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [status] = await once(child, 'close');
  server.close();
  return { status, output, requests };
}

describe('the suite for a real cluster', () => {
  itWithKubectl.each([
    ['unless it is confirmed', {}, /E2E_CONFIRM is not set.*current context, fake-cluster/s],
    ['when an empty name confirms it', { confirm: '' }, /E2E_CONFIRM is not set/],
    [
      'when another context is confirmed',
      { confirm: 'fake' },
      /E2E_CONFIRM names another context.*E2E_CONFIRM=fake-cluster npm run e2e/s,
    ],
    ['without a current context', { confirm: '', currentContext: '' }, /no current context.*KUBECONFIG/],
  ])('does not start %s, and asks the cluster nothing', async (_when, given, message) => {
    const { status, output, requests } = await runSuite(given);
    expect(output).toMatch(message);
    expect({ status, requests }).toEqual({ status: 1, requests: 0 });
  });

  itWithKubectl('asks the cluster once it is confirmed', async () => {
    const { status, requests } = await runSuite({ confirm: 'fake-cluster' });
    expect(status).toBe(1);
    expect(requests).toBeGreaterThan(0);
  });
});

it('works on the confirmed context', () => {
  expect(confirmedContext('fake-cluster', 'fake-cluster')).toBe('fake-cluster');
});
