import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { copyProject } from '../project-copy';
import { folderWith, run, validEnvironment } from '../run';

// SECURITY.md promises that at every instant the manifests are the old ones or the new ones. faults.test.ts kills at
// random; here the real program is stopped before and after each single step of its own on the output folder, in turn. What
// comes before and after that is the same code in this process, which starts none for it.

const program = copyProject();

/**
 * Preloaded: lets so many calls on the output folder happen, then sends the process a signal, or has another run come.
 * What is written goes in two halves, so that half a file is an instant too.
 */
const stopper = folderWith({
  'stopper.js': `const fs = require('node:fs');
    const { STOP_AFTER, STOP_SIGNAL, STOP_FOLDER, OTHER_ENVS } = process.env;
    const descriptors = new Set();
    let steps = 0;
    const step = () => {
      if (++steps <= Number(STOP_AFTER)) return;
      if (!OTHER_ENVS) process.kill(process.pid, STOP_SIGNAL);
      else if (steps === Number(STOP_AFTER) + 1) {
        const other = process.execPath + ' launch.js synth x --envs ' + OTHER_ENVS + ' --out ' + STOP_FOLDER;
        const command = other + '; echo $? > ' + OTHER_ENVS + '/status.part; mv ' + OTHER_ENVS + '/status.part ' + OTHER_ENVS + '/status';
        require('node:child_process').spawn('sh', ['-c', command], { env: { PATH: process.env.PATH }, stdio: 'ignore' }).unref();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400); // milliseconds: by then it has come this far
        process.stdout.write('[met another run]');
      }
    };
    const isThere = (target) => {
      if (typeof target === 'number') return descriptors.has(target);
      const held = /^\\/proc\\/self\\/fd\\/(\\d+)/.exec(String(target))?.[1];
      return String(target).startsWith(STOP_FOLDER) || descriptors.has(Number(held));
    };
    for (const name of ['mkdirSync', 'chmodSync', 'fchmodSync', 'renameSync', 'rmSync', 'unlinkSync', 'openSync', 'closeSync']) {
      const original = fs[name];
      fs[name] = (target, ...rest) => {
        if (!isThere(target)) return original(target, ...rest);
        step();
        const result = original(target, ...rest);
        if (name === 'openSync') descriptors.add(result);
        if (name === 'closeSync') descriptors.delete(target);
        return result;
      };
    }
    const write = fs.writeFileSync;
    fs.writeFileSync = (target, content, ...rest) => {
      if (typeof target !== 'number' || !isThere(target)) return write(target, content, ...rest);
      const bytes = Buffer.from(content);
      for (const half of [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)]) {
        step();
        write(target, half, ...rest);
      }
    };`,
});

/** The environment x in a place of its own, a run of synth that is stopped after so many steps, and one that nothing stops. */
function place() {
  const folder = folderWith({ 'envs/x.env': validEnvironment('x') });
  const dist = join(folder, 'dist');
  const synth = (stop?: { after: number; signal?: NodeJS.Signals; otherEnvs?: string }) =>
    spawnSync(
      process.execPath,
      [
        ...(stop ? ['--require', join(stopper, 'stopper.js')] : []),
        ...['--', 'launch.js', 'synth', 'x', '--envs', join(folder, 'envs'), '--out', dist],
      ],
      {
        cwd: program,
        encoding: 'utf8',
        env: {
          PATH: process.env['PATH'],
          ...(stop && { STOP_AFTER: `${stop.after}`, STOP_FOLDER: dist }),
          ...(stop?.signal && { STOP_SIGNAL: stop.signal }),
          ...(stop?.otherEnvs && { OTHER_ENVS: stop.otherEnvs }),
        },
      },
    );
  const complete = () => run(['synth', 'x', '--envs', join(folder, 'envs'), '--out', dist]);
  const change = (domain: string) =>
    writeFileSync(join(folder, 'envs/x.env'), validEnvironment('x', { OFFICE: domain }));
  /** Every file but those of previous/. */
  const state = () => Object.fromEntries(filesIn(join(dist, 'x')).map((name) => [name, read(join(dist, 'x', name))]));
  const set = (values: Readonly<Record<string, string>>) =>
    writeFileSync(join(folder, 'envs/x.env'), validEnvironment('x', values));
  return { dist, synth, complete, change, set, state };
}

const read = (path: string) => readFileSync(path, 'utf8');
const names = (folder: string) => (statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder).sort() : []);
const filesIn = (folder: string) =>
  statSync(folder, { throwIfNoEntry: false })
    ? readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => !name.startsWith('previous') && statSync(join(folder, name)).isFile())
        .sort()
    : [];
/** In the order in which they are written. */
const order = [
  '.gitignore',
  'parcel-desk.k8s.yaml',
  'environment.json',
  'rollout/kustomization.yaml',
  'kustomization.yaml',
];
const files = [...order].sort();
const inStore = { SECRETS_FROM: 'external-secrets', VAULT: 'vault' };
const [manifests, rollout] = ['parcel-desk.k8s.yaml', 'rollout/kustomization.yaml'] as const;
/** Whether no checksum stands in a Component, where one belongs. */
const isUnfinished = (text: string | undefined) => /checksum-\w+[\\"]+:[\\"]+unfinished/.test(text ?? '');

/** More steps than there are: the one that is not stopped ends the row. */
const most = 200;

it('killed after any step of its first run, nothing is there or whole files are, and the next run completes them', async () => {
  const { dist, synth, state } = place();
  synth();
  const whole = state();
  let stopped = 0;
  for (let after = 0; after < most; after++) {
    const { dist: other, synth, complete, state } = place();
    const { status, signal } = synth({ after, signal: 'SIGKILL' });
    if (signal === null) {
      expect([status, state()]).toEqual([0, whole]);
      break;
    }
    stopped++;
    const left = Object.entries(state()).filter(([name]) => !name.endsWith('.tmp'));
    for (const [name, text] of left) expect([name, text]).toEqual([name, whole[name]]);
    // Without the .gitignore no secret stands there; without the manifests nothing names them.
    expect(left.map(([name]) => name).sort()).toEqual(order.slice(0, left.length).sort());
    expect(await complete()).toMatchObject({ status: 0, stderr: '' });
    expect(state()).toEqual(whole);
    expect(names(other)).toEqual(['x']);
  }
  expect(names(dist)).toEqual(['x']);
  expect(stopped).toBeGreaterThanOrEqual(3 * files.length); // each is created, written and renamed at least
});

it('killed after any step of another run, the manifests are the old ones or the new ones', async () => {
  const { synth, complete, change, state } = place();
  synth();
  const before = state();
  change('after.example.com');
  synth();
  const after = state();
  expect(after).not.toEqual(before);
  const seen = { old: 0, new: 0, temporary: 0, unfinished: 0 };
  for (let steps = 0; steps < most; steps++) {
    change('app.example.com');
    await complete();
    expect(state()).toEqual(before);
    change('after.example.com');
    const { status, signal } = synth({ after: steps, signal: 'SIGKILL' });
    if (signal === null) {
      expect([status, state()]).toEqual([0, after]);
      break;
    }
    const left = state();
    seen.temporary += Object.keys(left).filter((name) => name.endsWith('.tmp')).length;
    for (const name of files) {
      const isWhole = [before[name], after[name]].includes(left[name]);
      expect([name, isWhole || isUnfinished(left[name])]).toEqual([name, isWhole || name === rollout]);
    }
    // No checksum of the one stands beside the manifests of the other.
    if (!isUnfinished(left[rollout])) {
      expect(left[rollout] === before[rollout]).toBe(left[manifests] === before[manifests]);
    }
    seen.unfinished += isUnfinished(left[rollout]) ? 1 : 0;
    seen[left[manifests] === before[manifests] ? 'old' : 'new']++;
    expect(await complete()).toMatchObject({ status: 0, stderr: '' });
    expect(state()).toEqual(after);
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0); // it was stopped everywhere
});

it.each<[string, (spot: ReturnType<typeof place>) => unknown]>([
  ['its first one', () => {}],
  ['one that changes what is there', ({ complete }) => complete()],
  [
    'one that completes what a killed one left',
    async ({ dist, set, complete }) => {
      set({ POSTAL_API_KEY: 'fake-one' });
      await complete();
      rmSync(join(dist, 'x', rollout));
    },
  ],
  [
    'one that takes the secrets out of it',
    ({ set, complete }) => {
      set({ POSTAL_API_KEY: 'fake-one' });
      return complete();
    },
  ],
])(
  'a run in whose middle another one with other values comes, and that one, leave the files of one, all of them: %s',
  async (which, prepare) => {
    const stride = process.env['FAULTS'] === 'full' ? 1 : 6;
    const values: Readonly<Record<string, string>> = which.includes('takes the secrets')
      ? inStore
      : { POSTAL_API_KEY: 'fake-one' }; // short ones: their checksum is slow, and taken over
    const other = { POSTAL_API_KEY: 'fake-two' };
    const wholes = [values, other].map((each) => {
      const alone = place();
      alone.set(each);
      alone.synth();
      return JSON.stringify(alone.state());
    });
    let met = 0;
    for (let after = 0; after < most; after += stride) {
      const spot = place();
      await prepare(spot);
      const { synth, complete, set, state } = spot;
      set(values);
      const otherEnvs = folderWith({ 'x.env': validEnvironment('x', other) });
      const { status, stdout } = synth({ after, otherEnvs });
      expect(status).toBe(0);
      if (!stdout.includes('[met another run]')) break;
      met++;
      while (!names(otherEnvs).includes('status')) await wait(10);
      expect([after, read(join(otherEnvs, 'status'))]).toEqual([after, '0\n']);
      expect([after, wholes.includes(JSON.stringify(state()))]).toEqual([after, true]);
      await complete();
      expect(JSON.stringify(state()) === wholes[0]).toBe(true); // nothing of the other is taken over
    }
    expect(met).toBeGreaterThan(2);
  },
);

describe('where a store has the secrets, killed after any step', () => {
  const stride = process.env['FAULTS'] === 'full' ? 1 : 5;
  const committed = files.filter((name) => name !== '.gitignore');
  const isSecret = (text: string) =>
    text.split(/^---$/m).some((object) => object.includes('"kind": "Secret"') && /^"data":$/m.test(object));
  const everything = (folder: string) =>
    statSync(folder, { throwIfNoEntry: false })
      ? readdirSync(folder, { recursive: true })
          .map((name) => join(folder, String(name)))
          .filter((path) => statSync(path).isFile())
          .map(read)
      : [];

  it.each([
    ['of its first run', {}],
    ['of the run that takes the secrets out of it', { LOG_FLOOR: 'debug' }],
    ['of the run that puts them back', inStore],
  ] as [string, Record<string, string>][])(
    '%s, no secret stands there without its .gitignore, and the next run completes it',
    async (_which, before) => {
      const target = before === inStore ? {} : inStore;
      const former = place();
      if (Object.keys(before).length > 0) {
        former.synth();
        former.set(before);
        former.synth(); // now there are the manifests before these, too
      }
      let stopped = 0;
      for (let after = 0; after < most; after += stride) {
        const { dist, synth, complete, set, state } = place();
        if (statSync(former.dist, { throwIfNoEntry: false })) cpSync(former.dist, dist, { recursive: true });
        set(target);
        const { status, signal } = synth({ after, signal: 'SIGKILL' });
        const held = everything(join(dist, 'x'));
        if (held.some(isSecret)) expect(state()['.gitignore']).toBe('*\n');
        if (signal !== null)
          expect(await complete()).toMatchObject({ status: 0, stderr: expect.not.stringContaining('error') });
        else expect(status).toBe(0);
        expect(Object.keys(state())).toEqual(target === inStore ? committed : files);
        expect(everything(join(dist, 'x')).some(isSecret)).toBe(target !== inStore);
        if (signal === null) break;
        stopped++;
      }
      expect(stopped).toBeGreaterThanOrEqual((3 * committed.length) / stride);
    },
  );
});

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const)('%s at any step leaves no temporary file, nor half of the new files', (signal, status) => {
  const { synth, change, state } = place();
  synth();
  for (let after = 0; after < 30; after++) {
    change(`v${after}.example.com`);
    // It is heard once the folder is written; by then there may be nothing left to interrupt.
    expect([0, status]).toContain(synth({ after, signal }).status);
    expect(Object.keys(state())).toEqual(files);
    expect(state()['parcel-desk.k8s.yaml']).toContain(`v${after}.example.com`);
  }
});
