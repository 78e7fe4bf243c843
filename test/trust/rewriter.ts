import { readFileSync } from 'node:fs';
import { writeEnvironmentFolder } from '../../lib/output/environment-folder';
import { kustomization } from './own-kustomization';

// A process to be killed: rewrites a folder without end, with one of two sets of manifests in turn.
// Arguments: the folder, then the two files of manifests.

process.on('SIGTERM', () => process.exit(143)); // as main.ts does

const [folder = '', ...versions] = process.argv.slice(2);
const manifests = versions.map((file) => readFileSync(file, 'utf8'));
function rewrite(turn: number): void {
  const result = writeEnvironmentFolder(folder, () => [
    { name: '.gitignore', text: '*\n' },
    { name: 'app.k8s.yaml', text: manifests[turn % manifests.length] ?? '' },
    { name: 'kustomization.yaml', text: kustomization },
  ]);
  if ('problem' in result) {
    process.stderr.write(`${result.problem.message}\n`);
    process.exit(1);
  }
  if (turn === 0) process.stdout.write('started\n');
  setImmediate(rewrite, turn + 1);
}

rewrite(0);
