import { limits } from '../environment/limits';
import { restartWorkloads, waitFor } from './change-cluster';
import type { Kubectl } from './kubectl';

it('waits for some workloads at one time, and tells of each in the order given', async () => {
  let running = 0;
  let most = 0;
  const asked: string[] = [];
  const tryTo = async (args: readonly string[]) => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    const [, , workload = ''] = args;
    asked.push(workload);
    return workload === 'deployment/w7' ? { cause: 'time-out' as const } : { text: '' };
  };
  const workloads = Array.from({ length: 50 }, (_, number) => `Deployment/w${number}`);
  const waited = await waitFor({ tryTo } as unknown as Kubectl, workloads, 'n', 60);
  expect(waited).toEqual(workloads.map((workload) => ({ workload, ready: workload !== 'Deployment/w7' })));
  expect([new Set(asked).size, most]).toEqual([50, limits.waitingPrograms]);
});

it('lets pass that somebody else has restarted a workload in the same second', async () => {
  const harmless: string[] = [];
  const tryTo = async (_args: readonly string[], causes: readonly string[]) => {
    harmless.push(...causes);
    return { cause: 'restarted' as const };
  };
  await restartWorkloads({ tryTo } as unknown as Kubectl, ['Deployment/w'], 'n');
  expect(harmless).toEqual(['restarted']);
});

it('waits on for one that has made no progress for long: what stops it may be mended meanwhile', async () => {
  let asked = 0;
  const tryTo = async () => (++asked < 3 ? { cause: 'not-ready' as const } : { text: '' });
  const waited = await waitFor({ tryTo } as unknown as Kubectl, ['Deployment/w'], 'n', 60);
  expect([waited, asked]).toEqual([[{ workload: 'Deployment/w', ready: true }], 3]);
});
