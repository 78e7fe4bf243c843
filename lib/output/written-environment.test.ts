import fs, { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '../../test/fixture/catalog';
import { folderWith, run, validEnvironment } from '../../test/run';
import { readWrittenEnvironment } from './written-environment';

/** Where another run writes the manifests as soon as a path with this in it is opened. */
function expectRefused(read: () => unknown, folder: string, opened: string): void {
  const manifests = join(folder, 'parcel-desk.k8s.yaml');
  const open = fs.openSync;
  const spy = jest.spyOn(fs, 'openSync').mockImplementation((path, ...rest) => {
    if (String(path).includes(opened)) writeFileSync(manifests, `${readFileSync(manifests, 'utf8')}\n`);
    return open(path, ...rest);
  });
  try {
    expect(read).toThrow('dist/x was written while it was read');
  } finally {
    spy.mockRestore();
  }
}

it('refuses what another run writes meanwhile: its checksums would be those of other manifests', async () => {
  const root = folderWith({ 'envs/x.env': validEnvironment('x') });
  const folder = join(root, 'dist/x');
  await run(['synth', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'dist')]);
  const read = () =>
    readWrittenEnvironment(catalog, 'x', folder, { shown: 'dist/x', again: 'npm run synth -- x' }, false);
  expect(read().checksums?.size).toBeGreaterThan(0);
  expectRefused(read, folder, 'rollout');
});

it('refuses what was there before where another run writes meanwhile: it may be older by then', async () => {
  const root = folderWith();
  const folder = join(root, 'dist/x');
  for (const key of ['fake-first-key', 'fake-second-key']) {
    const envs = folderWith({ 'x.env': validEnvironment('x', { POSTAL_API_KEY: key }) });
    await run(['synth', 'x', '--envs', envs, '--out', join(root, 'dist')]);
  }
  const read = () =>
    readWrittenEnvironment(catalog, 'x', folder, { shown: 'dist/x', again: 'npm run synth -- x' }, true);
  expect(read().checksums).toBeUndefined();
  expectRefused(read, folder, 'previous');
});

it('gives what was there before with its own cluster, wherever the run that put it there was killed', async () => {
  const envs = folderWith();
  const synth = (at: string, out: string) => {
    writeFileSync(
      join(envs, 'x.env'),
      validEnvironment('x', { KUBE_CLUSTER: at, POSTAL_API_KEY: `fake-key-of-${at}` }),
    );
    return run(['synth', 'x', '--envs', envs, '--out', out]);
  };
  /** The manifests before and the cluster that they are said to be of; undefined where nothing is said. */
  const before = (out: string) => {
    try {
      const { cluster, manifests } = readWrittenEnvironment(
        catalog,
        'x',
        join(out, 'x'),
        { shown: 'x', again: 'npm run synth -- x' },
        true,
      );
      return { said: cluster, is: clusters.find((at) => manifests.includes(base64(`fake-key-of-${at}`))) };
    } catch {
      return undefined;
    }
  };
  const clusters = ['first', 'second', 'third', 'fourth'];
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const { renameSync: rename } = fs;
  const seen = new Set<unknown>();
  const expectTrue = (out: string) => {
    const found = before(out);
    expect(found?.said).toBe(found?.is);
    seen.add(found?.said);
  };
  for (const next of ['third', 'fourth']) {
    let isKilled = true;
    for (let step = 1; isKilled; step++) {
      const out = folderWith();
      for (const at of ['first', 'second']) await synth(at, out);
      let count = 0;
      const spy = jest.spyOn(fs, 'renameSync').mockImplementation((...paths) => {
        if (++count === step) throw new Error('killed');
        rename(...paths);
      });
      await synth('third', out);
      spy.mockRestore();
      isKilled = count >= step;
      expectTrue(out);
      await synth(next, out);
      expectTrue(out);
    }
  }
  expect([...seen]).toEqual(expect.arrayContaining(['first', 'second', 'third', undefined]));
});
