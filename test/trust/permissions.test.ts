import fs, { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith, run, validEnvironment } from '../run';

// SECURITY.md promises that what holds secrets is readable by its owner only, at every moment.

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

it.each([0o000, 0o022, 0o077])(
  'folders are 0700 and files 0600 under umask %o, temporary ones too, from their creation on',
  async (mask) => {
    const root = folderWith({ 'envs/x.env': validEnvironment('x') });
    const atCreation: string[] = [];
    const open = fs.openSync;
    const makeFolder = fs.mkdirSync;
    const opened = jest.spyOn(fs, 'openSync').mockImplementation((path, flags, ...rest) => {
      const descriptor = open(path, flags, ...rest);
      if (`${path}`.endsWith('.tmp')) atCreation.push((fs.fstatSync(descriptor).mode & 0o777).toString(8));
      return descriptor;
    });
    const made = jest.spyOn(fs, 'mkdirSync').mockImplementation((path, options) => {
      const result = makeFolder(path, options);
      atCreation.push(mode(`${path}`));
      return result;
    });
    const before = process.umask(mask);
    try {
      expect(await run(['synth', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'out/dist')])).toMatchObject({
        status: 0,
      });
    } finally {
      process.umask(before);
      opened.mockRestore();
      made.mockRestore();
    }
    expect(atCreation.sort()).toEqual(['600', '600', '600', '700', '700', '700']);
    const folder = join(root, 'out/dist/x');
    expect(['out', 'out/dist', 'out/dist/x'].map((name) => mode(join(root, name)))).toEqual(['700', '700', '700']);
    expect(readdirSync(folder).map((name) => mode(join(folder, name)))).toEqual(['600', '600', '600']);
  },
);

describe('an env file that others may read', () => {
  const place = (name: string, rights: number) => {
    const root = folderWith({ [`my envs/${name}.env`]: validEnvironment(name) });
    chmodSync(join(root, 'my envs', `${name}.env`), rights);
    return ['synth', name, '--envs', join(root, 'my envs'), '--out', join(root, 'dist')];
  };

  it.each([0o644, 0o604, 0o640])('is a warning with the command that mends it (mode %o)', async (rights) => {
    const { status, stderr } = await run(place('x', rights));
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(/^warning\[open-permissions\] .*\n.*\n {2}hint chmod 600 '.*my envs\/x\.env'\n/),
    ]);
  });

  it('is none where nobody else may, nor for the demo', async () => {
    expect(await run(place('x', 0o600))).toMatchObject({ status: 0, stderr: '' });
    expect(await run(place('demo', 0o644))).toMatchObject({ status: 0, stderr: '' });
  });
});
