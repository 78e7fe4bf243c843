import { spawnSync } from 'node:child_process';
import fs, { chmodSync, chownSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../lib/environment/limits';
import { encrypted, keyPair } from '../age';
import { folderWith, run, validEnvironment } from '../run';

// SECURITY.md promises that what holds secrets is readable by its owner only, at every moment.

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

it.each([0o022, 0o177, 0o477, 0o777])('what edit decrypts to is its owner’s under umask %o', async (mask) => {
  const { writeEditedFile } = await import('../../lib/output/edited-file');
  const before = process.umask(mask);
  try {
    const file = writeEditedFile('x.env', 'A=fake\n', {});
    if ('code' in file) throw new Error(file.message);
    expect([file.path, join(file.path, '..')].map(mode)).toEqual(['600', '700']);
    expect(file.remove()).toBeUndefined();
  } finally {
    process.umask(before);
  }
});

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
    // Five files, and the one that says that this run writes.
    expect(atCreation.sort()).toEqual([...Array(6).fill('600'), ...Array(4).fill('700')]);
    const folder = join(root, 'out/dist/x');
    expect(['out', 'out/dist', 'out/dist/x'].map((name) => mode(join(root, name)))).toEqual(['700', '700', '700']);
    const written = readdirSync(folder, { recursive: true }).map((name) => mode(join(folder, `${name}`)));
    expect(written.sort()).toEqual([...Array(5).fill('600'), '700']);
  },
);

describe('what others on this machine may do', () => {
  /** An environment in a folder of its own, after a change to it. */
  function place(change: (path: (name: string) => string) => void, environment = 'x') {
    const root = folderWith({
      [`my envs/${environment}.env`]: validEnvironment(environment),
      [`my envs/${environment}.config.env`]: 'LOG_FLOOR=debug\n',
      [`my envs/${environment}-secret-config-patch.yml`]: '',
      [`given/${environment}.env`]: validEnvironment(environment),
    });
    chmodSync(join(root, 'my envs'), 0o755);
    change((name) => join(root, name));
    return (...more: string[]) =>
      run(['synth', environment, '--envs', join(root, 'my envs'), '--out', join(root, 'dist'), ...more]).then(
        (result) => ({ ...result, stderr: result.stderr.replaceAll(`${root}/`, '').trimEnd() }),
      );
  }

  const warning = (file: string, message: string, hint: string) =>
    `warning[open-permissions] ${file} ${message}\n  at   ${file}\n  hint ${hint}`;
  const holds = (what: string) => `holds secrets, and other users of this machine may ${what} it`;
  const anyone = 'may be changed by every user of this machine';

  it.each([
    ['my envs/x.env', '644', holds('read'), "chmod 600 'my envs/x.env'"],
    ['my envs/x.env', '604', holds('read'), "chmod 600 'my envs/x.env'"],
    ['my envs/x.env', '640', holds('read'), "chmod 600 'my envs/x.env'"],
    ['my envs/x.env', '620', holds('change'), "chmod 600 'my envs/x.env'"],
    ['my envs/x.env', '602', holds('change'), "chmod 600 'my envs/x.env'"],
    ['my envs/x.env', '664', holds('read and change'), "chmod 600 'my envs/x.env'"],
    [
      'my envs/x-secret-config-patch.yml',
      '666',
      holds('read and change'),
      "chmod 600 'my envs/x-secret-config-patch.yml'",
    ],
    ['my envs/x.config.env', '666', anyone, "chmod o-w 'my envs/x.config.env'"],
    ['my envs/x.config.env', '602', anyone, "chmod o-w 'my envs/x.config.env'"],
    ['my envs', '777', `${anyone}: they can replace what is in it`, "chmod o-w 'my envs'"],
    ['my envs', '1777', `${anyone}: they can add files that are read`, "chmod o-w 'my envs'"],
  ])('is said of %s with mode %s, and the hint mends it', async (name, rights, message, hint) => {
    let folder = '';
    const synth = place((path) => {
      folder = path('.');
      chmodSync(path(name), rights);
    });
    expect(await synth()).toMatchObject({
      status: 0,
      stderr: warning(name, message, hint),
    });
    expect(spawnSync('sh', ['-c', hint], { cwd: folder, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(await synth()).toMatchObject({ status: 0, stderr: '' });
  });

  it.each([
    ['is no UTF-8', Buffer.from('POSTAL_API_KEY=f\xe4ke\n', 'latin1')],
    ['is too large', '#'.repeat(limits.fileBytes + 1)],
  ])('is said of a file that %s as well', async (_what, content) => {
    const synth = place((path) => {
      writeFileSync(path('my envs/x.env'), content);
      chmodSync(path('my envs/x.env'), 0o644);
    });
    const { status, stderr } = await synth();
    expect(status).toBe(1);
    expect(stderr).toContain(`open-permissions] my envs/x.env ${holds('read')}`);
  });

  it('is said of an encrypted file and of its recipients, which whoever changes them needs no identity for', async () => {
    const { identity, recipient } = await keyPair();
    const root = folderWith({
      'envs/x.env.age': await encrypted(validEnvironment('x'), recipient),
      'envs/recipients': recipient,
    });
    const names = ['envs/x.env.age', 'envs/recipients'].map((name) => join(root, name));
    const check = async () => {
      const args = ['check', 'x', '--quiet', '--envs', join(root, 'envs')];
      const { stderr } = await run(args, { env: { AGE_IDENTITY: identity } });
      return stderr.match(/open-permissions\] .*/g);
    };
    for (const name of names) chmodSync(name, 0o644);
    expect(await check()).toBeNull();
    for (const name of names) chmodSync(name, 0o666);
    const message = 'may be changed by every user of this machine';
    expect((await check())?.sort()).toEqual(names.sort().map((name) => `open-permissions] ${name} ${message}`));
  });

  it('is said of recipients before anything is encrypted for them, and when it is', async () => {
    const { identity, recipient } = await keyPair();
    const root = folderWith({ 'envs/x.env': validEnvironment('x'), 'envs/recipients': recipient });
    const [env, recipients] = ['envs/x.env', 'envs/recipients'].map((name) => join(root, name)) as [string, string];
    chmodSync(env, 0o600);
    chmodSync(recipients, 0o666);
    for (const command of ['check', 'encrypt']) {
      const { stderr } = await run([command, 'x', '--envs', join(root, 'envs')], { env: { AGE_IDENTITY: identity } });
      expect(stderr.match(/open-permissions\] .*/g)).toEqual([
        `open-permissions] ${recipients} may be changed by every user of this machine`,
      ]);
    }
  });

  it('is said of the file that stands in for the env file, and of that one too', async () => {
    const given: string[] = [];
    const synth = place((path) => {
      given.push('--from-env-file', path('given/x.env'));
      chmodSync(path('given/x.env'), 0o644);
      chmodSync(path('my envs/x.env'), 0o644);
    });
    const { stderr } = await synth(...given);
    expect(stderr.match(/open-permissions\] .*/g)).toEqual(
      ['given/x.env', 'my envs/x.env'].map((name) => `open-permissions] ${name} ${holds('read')}`),
    );
  });

  it.each([
    ['the owner alone has rights', 'my envs/x.env', '600'],
    ['a group may write what is reviewed, as the usual umask of 002 has it', 'my envs/x.config.env', '664'],
    ['a group may write in the folder', 'my envs', '775'],
    ['everybody may write in the folder above', '.', '777'],
  ])('is no problem where %s', async (_what, name, rights) => {
    expect(await place((path) => chmodSync(path(name), rights))()).toMatchObject({ status: 0, stderr: '' });
  });

  it('is no matter for the demo, which is committed', async () => {
    const names = ['my envs/demo.env', 'my envs/demo.config.env', 'my envs'];
    const synth = place((path) => {
      for (const name of names) chmodSync(path(name), 0o777);
    }, 'demo');
    expect(await synth()).toMatchObject({ status: 0, stderr: '' });
  });

  describe('with what is theirs', () => {
    const asRoot = process.getuid?.() === 0 ? it : it.skip; // nobody else can give a file away
    const stranger = 12_345;
    const message = 'belongs to another user of this machine, who may change it';

    asRoot.each(['my envs/x.env', 'my envs/x-secret-config-patch.yml', 'my envs/x.config.env', 'my envs'])(
      'is said of %s, and the hint mends it',
      async (name) => {
        let folder = '';
        const synth = place((path) => {
          folder = path('.');
          chownSync(path(name), stranger, stranger);
        });
        const hint = `chown 0 '${name}'`;
        expect(await synth()).toMatchObject({
          status: 0,
          stderr: warning(name, message, hint),
        });
        expect(spawnSync('sh', ['-c', hint], { cwd: folder, encoding: 'utf8' }).status).toBe(0);
        expect(await synth()).toMatchObject({ status: 0, stderr: '' });
      },
    );

    asRoot('is mended in one line where the rights are wrong too', async () => {
      const synth = place((path) => {
        chownSync(path('my envs/x.env'), stranger, stranger);
        chmodSync(path('my envs/x.env'), 0o644);
      });
      const hint = "chown 0 'my envs/x.env' && chmod 600 'my envs/x.env'";
      expect((await synth()).stderr).toBe(warning('my envs/x.env', message, hint));
    });

    describe('who could change the program as well: a checkout that root uses in a container', () => {
      const [, script = ''] = process.argv;
      beforeEach(() => {
        process.argv[1] = join(folderWith({ 'launch.js': '' }), 'launch.js');
        if (process.getuid?.() === 0) chownSync(process.argv[1], stranger, stranger);
      });
      afterEach(() => {
        process.argv[1] = script;
      });

      asRoot('is no problem', async () => {
        const synth = place((path) => {
          for (const name of ['my envs/x.env', 'my envs/x.config.env', 'my envs']) {
            chownSync(path(name), stranger, stranger);
          }
        });
        expect(await synth()).toMatchObject({ status: 0, stderr: '' });
      });

      asRoot('stays theirs where its rights are wrong', async () => {
        const synth = place((path) => {
          chownSync(path('my envs/x.env'), stranger, stranger);
          chmodSync(path('my envs/x.env'), 0o644);
        });
        expect((await synth()).stderr).toBe(warning('my envs/x.env', holds('read'), "chmod 600 'my envs/x.env'"));
      });

      asRoot('asks for sudo where one is neither root nor them; what is of root is fine', async () => {
        const user = jest.spyOn(process, 'geteuid' as 'getuid').mockReturnValue(1_000);
        try {
          const envs = folderWith({ 'x.env': validEnvironment('x'), 'x.config.env': '' });
          chmodSync(join(envs, 'x.env'), 0o644);
          const { stderr } = await run(['check', 'x', '--envs', envs]);
          const hint = `sudo chown 1000 ${envs}/x.env && chmod 600 ${envs}/x.env`;
          expect(stderr.trimEnd()).toBe(warning(`${envs}/x.env`, holds('read'), hint));
        } finally {
          user.mockRestore();
        }
      });
    });
  });
});
