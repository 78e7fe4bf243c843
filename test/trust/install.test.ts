import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { scripts } from '../../package.json';
import { folderWith } from '../run';

// SECURITY.md promises that installing runs no script. npm 10 and earlier run all of them unless they are told not to.

const root = join(__dirname, '../..');

it('runs no install script under the settings of this repository', () => {
  const place = (settings: boolean) => {
    const folder = folderWith({
      'package.json': JSON.stringify({ name: 'x', scripts: { postinstall: 'echo > ran' } }),
      'package-lock.json': JSON.stringify({ name: 'x', lockfileVersion: 3, packages: { '': { name: 'x' } } }),
    });
    if (settings) copyFileSync(join(root, '.npmrc'), join(folder, '.npmrc'));
    // Settings of whoever runs the tests are not to decide.
    const env = { PATH: process.env['PATH'], HOME: folder };
    const { status } = spawnSync('npm', ['ci', '--offline', '--no-audit'], { cwd: folder, env });
    return [status, existsSync(join(folder, 'ran'))];
  };
  expect([place(false), place(true)]).toEqual([
    [0, true],
    [0, false],
  ]);
});

it('relies on no script that npm leaves out then', () => {
  const names = Object.keys(scripts);
  const beside = names.filter((name) => names.some((other) => name === `pre${other}` || name === `post${other}`));
  const byInstall = names.filter((name) => /^(?:(?:pre|post)?(?:install|prepare)|dependencies|prepublish)$/.test(name));
  expect([...beside, ...byInstall]).toEqual([]);
});
