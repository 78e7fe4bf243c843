import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../test/run';

it('is what npm run import makes of the schemas beside it', () => {
  const root = join(__dirname, '..');
  const work = folderWith();
  for (const name of [
    'package.json',
    'cdk8s.yaml',
    'imports/kustomization.crd.yaml',
    'imports/external-secrets.crd.yaml',
  ])
    cpSync(join(root, name), join(work, name));
  const command = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    .scripts.import.split(' ')
    .slice(1);
  const result = spawnSync(join(root, 'node_modules', '.bin', 'cdk8s'), command, { cwd: work, encoding: 'utf8' });
  expect(result.status).toBe(0);
  const generated = (folder: string) =>
    Object.fromEntries(
      readdirSync(join(folder, 'imports'))
        .filter((name) => name.endsWith('.io.ts'))
        .map((name) => [name, readFileSync(join(folder, 'imports', name), 'utf8')]),
    );
  expect(generated(work)).toEqual(generated(root));
});
