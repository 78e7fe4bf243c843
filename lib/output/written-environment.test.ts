import fs, { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '../../test/fixture/catalog';
import { folderWith, run, validEnvironment } from '../../test/run';
import { readEnvironment } from './written-environment';

it('refuses what another run writes meanwhile: its checksums would be those of other manifests', async () => {
  const root = folderWith({ 'envs/x.env': validEnvironment('x') });
  const folder = join(root, 'dist/x');
  await run(['synth', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'dist')]);
  const read = () => readEnvironment(catalog, 'x', folder, 'dist/x', false);
  expect(read().checksums?.size).toBeGreaterThan(0);
  const manifests = join(folder, 'parcel-desk.k8s.yaml');
  const open = fs.openSync;
  const spy = jest.spyOn(fs, 'openSync').mockImplementation((path, ...rest) => {
    if (String(path).includes('rollout')) writeFileSync(manifests, `${readFileSync(manifests, 'utf8')}\n`);
    return open(path, ...rest);
  });
  try {
    expect(read).toThrow('dist/x was written while it was read');
  } finally {
    spy.mockRestore();
  }
});
