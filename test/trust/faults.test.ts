import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { writeEnvironmentFolder } from '../../lib/output/environment-folder';
import { yamlText } from '../../lib/output/yaml-text';
import { git } from '../git';
import { itWithKubectl, kustomize } from '../kubectl';
import { copyProject, powerless } from '../project-copy';
import { folderWith, validEnvironment } from '../run';
import { kustomization } from './own-kustomization';

// SECURITY.md promises that nothing is lost, whatever happens. `npm run test:faults` runs this in full.

const full = process.env['FAULTS'] === 'full';
const kills = full ? 200 : 25;
const root = copyProject();

/** Two sets of manifests in which every value says which set it is of. */
const [one, two] = ['one', 'two'].map((version) =>
  yamlText(
    Array.from({ length: 20 }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `c${i}` },
      data: Object.fromEntries(Array.from({ length: 10 }, (_, k) => [`K${k}`, `${version} `.repeat(400)])),
    })),
  ),
) as [string, string];

const rewriter = (() => {
  const folder = folderWith({ one, two });
  const outfile = join(folder, 'rewriter.js');
  buildSync({ entryPoints: [join(__dirname, 'rewriter.ts')], outfile, bundle: true, platform: 'node' });
  return (target: string) =>
    spawn(process.execPath, [outfile, target, join(folder, 'one'), join(folder, 'two')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
})();

/** @throws if it ends instead */
async function started(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`It ended with ${status}`);
  });
  await Promise.race([child.stdout && once(child.stdout, 'data'), ended]);
}

async function killAtRandom(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  await started(child);
  const exited = once(child, 'exit');
  await wait(Math.random() * 30);
  child.kill(signal);
  const [code] = await exited;
  return code;
}

const written = ['.gitignore', 'app.k8s.yaml', 'kustomization.yaml'];
const isLeftover = (name: string) => name.endsWith('.tmp');

it(`${kills} times killed at any instant, the manifests are the old or the new ones, whole, and the next run removes what was left`, async () => {
  const folder = join(folderWith(), 'x');
  const seen = { one: 0, two: 0, leftovers: 0 };
  for (let i = 0; i < kills; i++) {
    await killAtRandom(rewriter(folder), 'SIGKILL');
    const text = readFileSync(join(folder, 'app.k8s.yaml'), 'utf8');
    expect(text === one || text === two).toBe(true);
    seen[text === one ? 'one' : 'two']++;
    seen.leftovers += readdirSync(folder).filter(isLeftover).length;
    const files = [
      { name: '.gitignore', text: '*\n' },
      { name: 'app.k8s.yaml', text },
      { name: 'kustomization.yaml', text: kustomization },
    ];
    expect(writeEnvironmentFolder(folder, () => files)).toEqual({ changed: false });
    expect(readdirSync(folder).sort()).toEqual(written);
  }
  process.stderr.write(
    `killed ${kills} times: ${seen.one} × the one, ${seen.two} × the other, ${seen.leftovers} temporary files left and removed\n`,
  );
});

itWithKubectl('a reader that loops kubectl kustomize meanwhile never sees a mixture', async () => {
  const folder = join(folderWith(), 'x');
  const child = rewriter(folder);
  const exited = once(child, 'exit');
  try {
    await started(child);
    for (let i = 0; i < (full ? 150 : 15); i++) {
      const versions = new Set(kustomize(folder).flatMap(({ data }) => Object.values(data ?? {})));
      expect(versions.size).toBe(1);
    }
  } finally {
    child.kill('SIGKILL');
    await exited; // or else it might write while its folder is removed
  }
});

it('SIGTERM and SIGINT leave no temporary file', async () => {
  const folder = join(folderWith(), 'x');
  for (let i = 0; i < (full ? 50 : 5); i++) {
    expect(await killAtRandom(rewriter(folder), 'SIGTERM')).toBe(143);
    expect(readdirSync(folder).sort()).toEqual(written);
  }
});

it('another process that keeps swapping the folder for a link diverts nothing', async () => {
  const place = folderWith({ 'elsewhere/.gitignore': '*\n', 'elsewhere/other.k8s.yaml': one });
  const [folder, elsewhere] = ['x', 'elsewhere'].map((name) => join(place, name)) as [string, string];
  const script = `
    const fs = require('node:fs');
    process.chdir(${JSON.stringify(place)});
    const tries = (...actions) => actions.forEach((action) => { try { action(); } catch {} });
    process.stdout.write('started');
    const waitUpTo = (longest) => {
      const end = performance.now() + Math.random() * longest;
      while (performance.now() < end);
    };
    for (;;) tries(
      () => fs.renameSync('x', 'aside'),
      () => fs.symlinkSync('elsewhere', 'x'),
      () => fs.unlinkSync('x'),
      () => fs.renameSync('aside', 'x'),
      () => fs.rmSync('aside', { recursive: true }),
      () => waitUpTo(1), // milliseconds, for some writing to get through
    );`;
  const swapper = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(swapper, 'exit');
  const rounds = full ? 50_000 : 1_000;
  let refused = 0;
  try {
    await started(swapper);
    for (let i = 0; i < rounds; i++) {
      const text = i % 2 ? one : two;
      const files = [
        { name: '.gitignore', text: '*\n' },
        { name: 'app.k8s.yaml', text },
      ];
      if (writeEnvironmentFolder(folder, () => files).problem) refused++;
    }
  } finally {
    swapper.kill('SIGKILL');
    await exited;
  }
  process.stderr.write(`rewritten ${rounds} times under a swapper: ${refused} refused\n`);
  expect(readdirSync(elsewhere).sort()).toEqual(['.gitignore', 'other.k8s.yaml']);
  expect(readFileSync(join(elsewhere, 'other.k8s.yaml'), 'utf8')).toBe(one);
});

/** The real program as a process, on an environment x in a place of its own. */
function place(changes: Readonly<Record<string, string>> = {}) {
  const folder = folderWith({ 'envs/x.env': validEnvironment('x', changes) });
  return {
    folder,
    args: ['--', 'launch.js', 'synth', 'x', '--envs', join(folder, 'envs'), '--out', join(folder, 'dist')],
  };
}

it('a signal ends the real program with the status that shells expect', async () => {
  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const) {
    const { args } = place();
    const child = spawn(
      process.execPath,
      [...args.slice(0, 3), 'x', '--from-env-file', '-', '--envs', '.', '--out', '.'],
      { cwd: root, stdio: ['pipe', 'ignore', 'ignore'] },
    );
    // More than any pipe holds: once all of it is written, the program is reading, and waits for the rest.
    await new Promise((resolve) => child.stdin?.write('\n'.repeat(3_000_000), resolve));
    const exited = once(child, 'exit');
    child.kill(signal);
    expect((await exited)[0]).toBe(status);
  }
});

it('eight processes on one environment at once give one result, whole', async () => {
  const { folder, args } = place();
  for (let round = 0; round < (full ? 20 : 2); round++) {
    // Half of them see another version of the environment, so that they really write against each other.
    const other = join(folder, 'other');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'x.env'), validEnvironment('x', { LOG_FLOOR: 'debug' }), { mode: 0o600 });
    const children = Array.from({ length: 8 }, (_, i) =>
      spawn(
        process.execPath,
        args.map((arg) => (i % 2 && arg.endsWith('/envs') ? other : arg)),
        { cwd: root, stdio: 'ignore' },
      ),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual(Array(8).fill(0));
    const left = readdirSync(join(folder, 'dist/x'), { recursive: true }).filter(
      (name) => !/^previous/.test(`${name}`),
    );
    expect(left.sort()).toEqual([
      '.gitignore',
      'environment.json',
      'kustomization.yaml',
      'parcel-desk.k8s.yaml',
      'rollout',
      'rollout/kustomization.yaml',
    ]);
    const written = (out: string) =>
      ['parcel-desk.k8s.yaml', 'rollout/kustomization.yaml'].map((name) => readFileSync(join(out, 'x', name), 'utf8'));
    const results = ['envs', 'other'].map((envs) => {
      const out = join(folder, `alone-${envs}`);
      spawnSync(
        process.execPath,
        args.map((arg) => (arg.endsWith('/dist') ? out : arg.endsWith('/envs') ? join(folder, envs) : arg)),
        { cwd: root },
      );
      return written(out);
    });
    expect(results).toContainEqual(written(join(folder, 'dist')));
  }
});

describe('where the system refuses', () => {
  /** An environment that was written once and has changed since, so that a run must write. */
  function changed(): ReturnType<typeof place> & { before: string; manifests: string } {
    const spot = place();
    const manifests = join(spot.folder, 'dist/x/parcel-desk.k8s.yaml');
    expect(spawnSync(process.execPath, spot.args, { cwd: root }).status).toBe(0);
    const before = readFileSync(manifests, 'utf8');
    writeFileSync(join(spot.folder, 'envs/x.env'), validEnvironment('x', { POSTAL_API_KEY: 'fake'.repeat(20_000) }));
    return { ...spot, before, manifests };
  }

  function expectUntouched(
    { folder, before, manifests }: ReturnType<typeof changed>,
    result: { status: number | null; stderr: string },
    reason: RegExp,
  ) {
    expect([result.status, result.stderr]).toEqual([1, expect.stringMatching(reason)]);
    expect(result.stderr).not.toContain('internal error');
    expect(readFileSync(manifests, 'utf8')).toBe(before);
    expect(readdirSync(join(folder, 'dist/x')).filter(isLeftover)).toEqual([]);
  }

  const shell = (spot: { args: readonly string[] }, command: (run: string) => string, options = {}) =>
    spawnSync('bash', ['-c', command(`${process.execPath} ${spot.args.join(' ')}`)], {
      cwd: root,
      encoding: 'utf8',
      ...options,
    });

  const mayMount = spawnSync('unshare', ['--map-root-user', '--mount', 'true']).status === 0;
  (mayMount ? it : it.skip)('on a full disk', () => {
    const spot = changed();
    const small = join(spot.folder, 'dist');
    // In a mount namespace of its own, dist is a file system of 48 KiB that holds the old manifests.
    const command = (run: string) =>
      `cp -a ${small} ${small}.old && mount -t tmpfs -o size=48k,mode=700 tmpfs ${small} && cp -a ${small}.old/. ${small} && ${run}; status=$?; ls -A ${small}/x; cmp ${small}/x/parcel-desk.k8s.yaml ${small}.old/x/parcel-desk.k8s.yaml || exit 99; exit $status`;
    const result = spawnSync(
      'unshare',
      ['--map-root-user', '--mount', 'bash', '-c', command(`${process.execPath} ${spot.args.join(' ')}`)],
      { cwd: root, encoding: 'utf8' },
    );
    expect(result.stdout).not.toContain('.tmp');
    expectUntouched(spot, result, /not-written.*the disk is full/);
  });

  it('beyond a limit on file sizes', () => {
    const spot = changed();
    expectUntouched(
      spot,
      shell(spot, (run) => `ulimit -f 16; ${run}`),
      /not-written.*limit on file sizes/,
    );
  });

  it('beyond a limit on file sizes, with the manifests of two times in the folder', () => {
    const spot = place();
    const synth = () => spawnSync(process.execPath, spot.args, { cwd: root }).status;
    const set = (key: string) =>
      writeFileSync(join(spot.folder, 'envs/x.env'), validEnvironment('x', { POSTAL_API_KEY: key }));
    const folder = join(spot.folder, 'dist/x');
    const content = () =>
      (readdirSync(folder, { recursive: true }) as string[])
        .filter((name) => statSync(join(folder, name)).isFile())
        .map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
    expect(synth()).toBe(0);
    set('fake-second');
    expect(synth()).toBe(0);
    const before = content();
    set('fake'.repeat(20_000));
    const result = shell(spot, (run) => `ulimit -f 16; ${run}`);
    expect([result.status, result.stderr]).toEqual([1, expect.stringMatching(/not-written.*limit on file sizes/)]);
    expect(content()).toEqual(before);
  });

  const runPowerless = ({ args }: { readonly args: readonly string[] }) => {
    const [command = '', ...rest] = [...powerless, process.execPath, ...args];
    return spawnSync(command, rest, { cwd: root, encoding: 'utf8' });
  };

  it('in a folder that may not be written', () => {
    const spot = changed();
    chmodSync(join(spot.folder, 'dist/x'), 0o500);
    const result = runPowerless(spot);
    expect(statSync(join(spot.folder, 'dist/x')).mode & 0o777).toBe(0o500);
    chmodSync(join(spot.folder, 'dist/x'), 0o700);
    expectUntouched(spot, result, /not-written.*permission denied/);
  });

  it('on an env file that may not be read', () => {
    const spot = changed();
    chmodSync(join(spot.folder, 'envs/x.env'), 0o000);
    expectUntouched(spot, runPowerless(spot), /unreadable.*EACCES/);
  });

  describe('when no other program can be started', () => {
    const repository = copyProject();
    git(repository, 'init', '--quiet');
    git(repository, 'add', 'main.ts');
    git(repository, 'commit', '--quiet', '--message', 'Begin');

    it.each([
      ['diff', 'demo', '--since', 'HEAD'],
      ['diff', 'demo', '--live'],
      ['guard', '--all'],
      ['check', 'demo', '--workloads', '.'],
    ])('%s %s %s', (...args) => {
      const command = `exec ${process.execPath} -- launch.js ${args.join(' ')}`;
      spawnSync('bash', ['-c', command], { cwd: repository }); // makes the bundle
      const results = Array.from({ length: 20 }, (_, i) =>
        spawnSync('bash', ['-c', `ulimit -n ${22 + i}; ${command}`], { cwd: repository, encoding: 'utf8' }),
      ).filter(({ stderr }) => !/EMFILE: .* open '\S+\/launch\.js'/.test(stderr)); // Node.js itself comes to nothing
      for (const { stderr } of results) expect(stderr).not.toMatch(/internal error|^\s+at /m);
      const refused = results.filter(({ stderr }) => /could not be started \(EMFILE\)/.test(stderr));
      expect(refused.length).toBeGreaterThan(0);
      for (const { status } of refused) expect(status).toBe(args[0] === 'diff' ? 3 : 1);
    });
  });

  it('when no more files can be opened', () => {
    const spot = changed();
    const hog = folderWith({
      // From its first look at the folder on, every descriptor is taken.
      'hog.js': `const fs = require('node:fs');
        const lstat = fs.lstatSync;
        fs.lstatSync = (path, ...rest) => {
          if (String(path).endsWith('dist/x')) try { for (;;) fs.openSync('/dev/null'); } catch {}
          return lstat(path, ...rest);
        };`,
    });
    const args = ['--require', join(hog, 'hog.js'), ...spot.args];
    const result = spawnSync('bash', ['-c', `ulimit -n 64; exec ${process.execPath} ${args.join(' ')}`], {
      cwd: root,
      encoding: 'utf8',
    });
    expectUntouched(spot, result, /not-written.*too many files are open/);
  });
});
