import { existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encrypted, keyPair } from '../../test/age';
import {
  deployment,
  everything,
  fakeCluster,
  labelled,
  rulesIn,
  type State,
  type Stored,
} from '../../test/fake-cluster';
import { folderWith, run, validEnvironment } from '../../test/run';
import { limits } from '../environment/limits';
import { isToApply, type LiveDifference } from '../environment/live-difference';
import { someOf } from '../environment/some-of';

const namespace = 'parcel-desk-x';
const leak = 'fake-secret-of-the-server';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const optedIn = (...bundles: string[]) =>
  Object.fromEntries(bundles.map((bundle) => [`parcel-desk/rollout-${bundle}`, 'true']));
const depot = [{ secretRef: { name: 'depot-secrets' } }, { configMapRef: { name: 'depot-config' } }];
const start = 1_767_225_600;

type Options = Parameters<typeof run>[1];
const templateOf = (workload: Stored | undefined) =>
  (workload as { spec?: { template?: { metadata?: object } } } | undefined)?.spec?.template;

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** The rules of the Role that a pipeline needs. */
const applyRole = () => rulesIn(join(__dirname, '../../examples/apply-role.yaml')) as Rule[];
const roleWithout = (resource: string) =>
  applyRole().map((rule) => ({ ...rule, resources: rule.resources.filter((each) => each !== resource) }));

const roleWithoutVerb = (resource: string, verb: string) =>
  applyRole().flatMap((rule) => [
    { ...rule, resources: rule.resources.filter((each) => each !== resource) },
    {
      ...rule,
      resources: rule.resources.filter((each) => each === resource),
      verbs: rule.verbs.filter((each) => each !== verb),
    },
  ]);

/** An environment, a folder that synth writes it to, and a cluster. */
function place(state: Partial<State> = {}) {
  const cluster = fakeCluster({
    leak,
    objects: [{ kind: 'Namespace', metadata: { name: namespace } }, ...(state.objects ?? [])],
    ...(({ objects: _own, ...rest }) => rest)(state),
  });
  const root = folderWith();
  const [envs, out] = [folderWith(), join(root, 'dist')];
  const write = (changes: Readonly<Record<string, string>> = {}) =>
    writeFileSync(
      join(envs, 'x.env'),
      validEnvironment('x', { KUBE_CLUSTER: 'my-cluster', POD_NAMESPACE: namespace, ...changes }),
      { mode: 0o600 },
    );
  write();
  const folders = ['--envs', envs, '--out', out];
  const apply = (args: readonly string[] = ['--yes'], options: Options = {}) =>
    run(['apply', 'x', ...args, ...folders], { ...options, env: { ...cluster.env, NO_COLOR: '1', ...options.env } });
  return {
    ...cluster,
    envs,
    out,
    write,
    apply,
    /** Writes these values and synthesises them. */
    async synth(changes: Readonly<Record<string, string>> = {}) {
      write(changes);
      const { status, stderr } = await run(['synth', 'x', ...folders]);
      if (status !== 0) throw new Error(stderr);
    },
    data: (kind: string, name: string) => (cluster.object(kind, name) as { data?: Record<string, string> })?.data,
    verbs: () => cluster.calls().map(([verb, noun]) => (verb === 'rollout' ? `${verb} ${noun}` : verb)),
  };
}

/** A place that was applied once. */
async function appliedPlace(state: Partial<State> = {}) {
  const there = place(state);
  await there.synth();
  const { status, stderr } = await there.apply();
  if (status !== 0) throw new Error(stderr);
  there.forgetCalls();
  return there;
}

describe('the first time', () => {
  it('every object is applied as documented, from the text that was planned on, and nothing is asked in a wrong way', async () => {
    const { synth, apply, calls, misuse, data, verbs } = place();
    await synth();
    const { status, stdout, stderr } = await apply();
    expect([status, stderr, misuse()]).toEqual([0, '', []]);
    expect(stdout).toMatch(/^x: \d+ objects of .*dist\/x applied to context some-context, cluster my-cluster$/m);
    expect(data('Secret', 'depot-secrets')?.['POSTAL_API_KEY']).toBe(base64('fake-postal_api_key'));
    const applied = calls().find(([verb]) => verb === 'apply');
    expect(applied).toEqual([
      ...['apply', '--server-side', '--force-conflicts', '-f', '-'],
      ...['--context=some-context', '--request-timeout=30s'],
    ]);
    expect(verbs().filter((verb) => !['config', 'get', 'apply'].includes(verb ?? ''))).toEqual([]);
  });

  it('and a second time nothing is left to do, nor asked about, and nobody is restarted', async () => {
    const objects = [
      ...deployment('sorter', namespace, depot, start + 100, optedIn('depot')),
      ...deployment('plain', namespace, depot, start + 100),
    ];
    const there = await appliedPlace({ objects });
    const again = await there.apply([], { isTTY: true });
    expect(again.status).toBe(0);
    expect(again.stdout).toMatch(/^x: context some-context, cluster my-cluster has all that is in /m);
    expect(again.stderr).not.toContain('[y/N]');
    expect(there.verbs().filter((verb) => !['config', 'get'].includes(verb ?? ''))).toEqual([]);
    // Its first checksum was a roll-out; nothing was since.
    expect(there.read().rolls).toEqual({ 'Deployment/sorter': 1 });
  });
});

it('says what is other than it was applied: somebody else has changed it meanwhile, exit status 1', async () => {
  const { synth, apply, change } = place();
  await synth();
  change((state) => {
    state.overwritten = { 'Secret/depot-secrets': { POSTAL_API_KEY: base64('fake-of-somebody-else') } };
  });
  const { status, stdout } = await apply(['--yes']);
  expect(status).toBe(1);
  expect(stdout).toMatch(/ applied to context some-context, cluster my-cluster, but not all of it has worked$/m);
  expect(stdout).toMatch(/^ {2}Changed by somebody else meanwhile, see diff --live: Secret\/depot-secrets$/m);
  expect(JSON.parse((await apply(['--yes', '--json'])).stdout)).toMatchObject({
    changedAgain: ['Secret/depot-secrets'],
  });
});

describe('somebody is asked', () => {
  it('in lines that a narrow terminal has room for', async () => {
    const { synth, apply } = place();
    await synth();
    const { stderr } = await apply([], { isTTY: true, columns: 40, stdin: 'y\n' });
    expect(stderr).toMatch(/^Apply this to context some-context,\n {2}cluster my-cluster\? \[y\/N\] /m);
  });

  it.each([
    ['y\n', 0],
    ['yes\n', 0],
    ['n\n', 1],
    ['\n', 1],
    ['', 1],
    ['yesterday\n', 1],
  ])('on a terminal: %j', async (stdin, status) => {
    const { synth, apply, data } = place();
    await synth();
    const result = await apply([], { isTTY: true, stdin });
    expect(result.status).toBe(status);
    expect(result.stderr).toContain('Apply this to context some-context, cluster my-cluster? [y/N] ');
    expect(data('Secret', 'depot-secrets') === undefined).toBe(status === 1);
    if (status === 1)
      expect(result.stdout).toMatch(/^x: nothing applied to context some-context, cluster my-cluster$/m);
  });

  const typed = (there: Pick<ReturnType<typeof place>, 'change'>, change: (state: State) => unknown) =>
    async function* () {
      there.change(change);
      yield 'y\n';
    };

  it.each<[what: string, key: string]>([
    ['what was right', 'PARTNER_API_KEY'],
    ['what was wrong already', 'POSTAL_API_KEY'],
  ])('and what was asked about is done, or nothing: %s changes before the answer', async (_what, key) => {
    const there = await appliedPlace();
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    const stdin = typed(there, (state) =>
      Object.assign((stored(state, 'depot-secrets', {}) as { data?: object }).data ?? {}, {
        [key]: base64('fake-other'),
      }),
    );
    const { status, stderr } = await there.apply([], { isTTY: true, stdin });
    expect([status, there.verbs().filter((verb) => !['config', 'get'].includes(verb ?? '')), stderr]).toEqual([
      1,
      [],
      expect.stringContaining(
        'error[cluster] What is there has changed since the plan was shown: nothing was applied\n  hint Run it again\n',
      ),
    ]);
    expect((await there.apply([], { isTTY: true, stdin: 'y\n' })).status).toBe(0);
  });

  it.each<[what: string, args: readonly string[], change: (state: State) => unknown]>([
    [
      'a label that was wrong already',
      [],
      (state) => Object.assign(stored(state, 'kiosk-config', {}).metadata.labels ?? {}, { environment: 'z' }),
    ],
    [
      'what is left over gets a user',
      ['--prune'],
      (state) =>
        state.objects.push(...deployment('late', namespace, [{ configMapRef: { name: 'old-config' } }], start + 100)),
    ],
  ])('nor where something else changes of what it is about: %s', async (_what, args, change) => {
    const there = await appliedPlace({ objects: [labelled('ConfigMap', 'old-config', 'old', namespace, 'x')] });
    there.change((state) =>
      Object.assign(stored(state, 'kiosk-config', {}).metadata.labels ?? {}, { environment: 'y' }),
    );
    const { status, stderr } = await there.apply(args, { isTTY: true, stdin: typed(there, change) });
    expect([status, stderr]).toEqual([1, expect.stringContaining('has changed since the plan was shown')]);
    expect(there.verbs().filter((verb) => ['apply', 'delete'].includes(verb ?? ''))).toEqual([]);
  });

  it.each<[what: string, args: readonly string[], change: (state: State) => unknown, message: string]>([
    [
      'a workload comes that loads what is not there',
      ['--strict'],
      (state) => state.objects.push(...deployment('late', namespace, [{ secretRef: { name: 'gone' } }], start)),
      'What runs on the cluster does not fit: see the problems above',
    ],
    [
      'workloads may no longer be listed',
      ['--restart'],
      (state) => Object.assign(state, { role: roleWithout('deployments') }),
      'This user may not list all that runs there',
    ],
    [
      'the namespace begins to go',
      [],
      (state) => Object.assign(stored(state, namespace, {}), { status: { phase: 'Terminating' } }),
      `Namespace ${namespace} is being deleted`,
    ],
  ])('and what is refused before is refused after the answer, too: %s', async (_what, args, change, message) => {
    const there = await appliedPlace({ objects: deployment('plain', namespace, everything, start + 100) });
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    const { status, stderr } = await there.apply(args, { isTTY: true, stdin: typed(there, change) });
    expect([status, stderr]).toEqual([1, expect.stringContaining(`error[cluster] ${message}`)]);
    expect(there.verbs()).not.toContain('apply');
    if (message.includes('problems above'))
      expect(stderr).toMatch(/error\[unknown-reference\](?:.|\n)*error\[cluster\]/);
  });

  it('and what was said before the question is not said again', async () => {
    const there = await appliedPlace({ objects: deployment('plain', namespace, depot, start + 100) });
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    const { status, stderr } = await there.apply([], { isTTY: true, stdin: 'y\n' });
    expect([status, stderr.match(/^warning\[unused-variable\]/gm)?.length]).toEqual([0, 1]);
  });

  it('and a pod of what names a left-over object, which has come meanwhile, is no change', async () => {
    const old = [...depot, { configMapRef: { name: 'old-config' } }];
    const there = await appliedPlace({
      objects: [
        labelled('ConfigMap', 'old-config', 'old', namespace, 'x'),
        ...deployment('plain', namespace, old, start + 100),
      ],
    });
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    const stdin = typed(there, (state) => {
      const [, , pod] = deployment('plain', namespace, old, start) as [Stored, Stored, Stored];
      state.objects.push({ ...pod, metadata: { ...pod.metadata, name: 'plain-1-b', uid: 'other' } });
    });
    expect((await there.apply([], { isTTY: true, stdin })).status).toBe(0);
  });

  it('and what has come meanwhile is not restarted without being asked about, unless that was said', async () => {
    for (const [args, rolls] of [
      [[], {}],
      [['--restart'], { 'Deployment/sorter': 1 }],
    ] as const) {
      const there = await appliedPlace();
      await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
      const stdin = typed(there, (state) => state.objects.push(...deployment('sorter', namespace, depot, start)));
      const { status } = await there.apply([...args], { isTTY: true, stdin });
      expect([status, there.read().rolls]).toEqual([0, rolls]);
    }
  });

  it('or says --yes: elsewhere it is a usage error, before anything is asked of the cluster', async () => {
    const { synth, apply, calls } = place();
    await synth();
    expect(await apply([])).toMatchObject({ status: 2, stderr: expect.stringMatching(/Say --yes/) });
    expect(await apply(['--json'], { isTTY: true })).toMatchObject({ status: 2 });
    expect(calls()).toEqual([]);
  });

  it('of the environment first: what is missing on the line is said before that nobody can be asked', async () => {
    const { envs, out } = place();
    expect(await run(['apply', '--envs', envs, '--out', out])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Which environment?'),
    });
  });

  it('nothing with --dry-run, which changes nothing and shows the plan', async () => {
    const { synth, apply, read, verbs } = place();
    await synth();
    const before = read();
    const { status, stdout } = await apply(['--dry-run']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Secret\/depot-secrets +missing$/m);
    expect(stdout).toMatch(/^x: nothing applied to context some-context, cluster my-cluster: this was the plan$/m);
    expect(read()).toEqual(before);
    expect(verbs()).not.toContain('apply');
  });
});

describe('what synth wrote', () => {
  async function encryptForOthers(envs: string): Promise<void> {
    const { recipient } = await keyPair();
    const text = await encrypted(readFileSync(join(envs, 'x.env'), 'utf8'), recipient);
    writeFileSync(join(envs, 'x.env.age'), text);
    rmSync(join(envs, 'x.env'));
  }

  it('is applied as it is: where the sources would give something else, nothing is', async () => {
    const { synth, write, apply, calls } = place();
    await synth();
    write({ POSTAL_API_KEY: 'fake-other-key' });
    const { status, stderr } = await apply();
    expect([status, calls()]).toEqual([1, []]);
    expect(stderr).toMatch(/^error\[not-written\] .*dist\/x is out of date: its sources give something else now$/m);
    expect(stderr).toMatch(/^ {2}hint npm run synth -- x/m);
  });

  it.each([
    ['are not there', (envs: string) => rmSync(join(envs, 'x.env')), 0],
    ['have reviewed values alone', (envs: string) => writeFileSync(join(envs, 'x.env'), 'LOG_FLOOR=error\n'), 0],
    ['are encrypted for others', encryptForOthers, 0],
    [
      'are said to be encrypted, and are not',
      (envs: string) => renameSync(join(envs, 'x.env'), join(envs, 'x.env.age')),
      1,
    ],
    ['lack a value', (envs: string) => edit(join(envs, 'x.env'), /^POSTAL_API_KEY=.*\n/m, ''), 1],
    ['have an error', (envs: string) => writeFileSync(join(envs, 'x.env'), 'LOG_FLOOR=loud\n'), 1],
    ['cannot be read', (envs: string) => writeFileSync(join(envs, 'x.env.age'), 'no such file'), 1],
  ])(
    'is applied where the sources %s, which is said where nobody knows whether it is up to date',
    async (_what, change, strictly) => {
      const { synth, envs, out, apply, data } = place();
      await synth();
      await change(envs);
      const env = { AGE_IDENTITY: (await keyPair()).identity };
      expect((await apply(['--yes', '--strict'], { env })).status).toBe(strictly);
      expect((await apply(['--dry-run', '--strict'])).status).toBe(strictly); // without any
      expect(data('Secret', 'depot-secrets') === undefined).toBe(strictly === 1);
      const { status, stderr } = await apply();
      const doubt = `warning[not-written] It is not known whether ${join(out, 'x')} is up to date: its sources have errors\n  hint npm run check -- x --envs ${envs} shows them\n\n`;
      expect([status, stderr]).toEqual([0, strictly === 1 ? doubt : '']);
      expect(data('Secret', 'depot-secrets')).toBeDefined();
    },
  );

  it.each([
    ['nothing', (folder: string) => rmSync(folder, { recursive: true })],
    ['no manifests', (folder: string) => rmSync(join(folder, 'parcel-desk.k8s.yaml'))],
    ['no description', (folder: string) => rmSync(join(folder, 'environment.json'))],
    [
      'another environment',
      (folder: string) => edit(join(folder, 'environment.json'), '"environment": "x"', '"environment": "y"'),
    ],
    ['no kustomization', (folder: string) => rmSync(join(folder, 'kustomization.yaml'))],
    [
      'another product',
      (folder: string) => edit(join(folder, 'environment.json'), '"app": "parcel-desk"', '"app": "other"'),
    ],
    ['of no cluster', (folder: string) => edit(join(folder, 'environment.json'), /\n {2}"cluster".*/, '')],
    [
      'of a cluster that is no text',
      (folder: string) => edit(join(folder, 'environment.json'), /"cluster": "[^"]*"/, '"cluster": 5'),
    ],
    [
      'fewer objects than it says',
      (folder: string) => edit(join(folder, 'environment.json'), '"depot-config"', '"other-config"'),
    ],
    [
      'a Component of a run that was killed',
      (folder: string) => edit(join(folder, 'rollout/kustomization.yaml'), /^/, '# The manifests are being changed.\n'),
    ],
    // Those that opted in would not be restarted.
    ['no Component', (folder: string) => rmSync(join(folder, 'rollout/kustomization.yaml'))],
    ['half a Component', (folder: string) => truncateSync(join(folder, 'rollout/kustomization.yaml'), 1_500)],
    [
      'a Component of other manifests',
      (folder: string) =>
        edit(join(folder, 'rollout/kustomization.yaml'), /(?<=checksum-depot\\":\\")[0-9a-f]{32}/, '0'.repeat(32)),
    ],
  ])('is refused if it is %s', async (_what, change) => {
    const { synth, out, apply, calls } = place();
    await synth();
    change(join(out, 'x'));
    const { status, stderr } = await apply();
    expect([status, calls()]).toEqual([1, []]);
    expect(stderr).toMatch(/^error\[not-written\] /m);
    expect(stderr).toMatch(
      /^ {2}hint (?:rm -rf \S+dist\/x\/rollout, and )?npm run synth -- x --envs \S+ --out \S+\/dist$/m,
    );
  });

  it('is refused if its sources, wherever they are, would give something else by now: the hint names them all', async () => {
    const { envs, out, env, synth } = place();
    await synth();
    const file = join(folderWith({ dump: '' }), 'dump');
    writeFileSync(file, validEnvironment('x', { KUBE_CLUSTER: 'my-cluster', POSTAL_API_KEY: 'fake-new-key' }));
    const sources = ['--envs', envs, '--from-env', '--from-env-file', file, '--out', out];
    const { status, stderr } = await run(['apply', 'x', '--yes', ...sources], { env });
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`hint npm run synth -- x ${sources.join(' ')}. To go back`),
    ]);
  });

  it('is refused where its sources name another cluster by now', async () => {
    const { synth, write, apply, verbs } = place();
    await synth();
    write({ KUBE_CLUSTER: 'other-cluster' });
    expect(await apply()).toMatchObject({ status: 1, stderr: expect.stringContaining('is out of date: its sources') });
    expect(verbs()).not.toContain('apply');
  });

  it('is refused if the file that its values are said to be in cannot be read', async () => {
    const { envs, out, env, synth } = place();
    await synth();
    const sources = ['--envs', envs, '--from-env-file', '/nowhere/fake-file', '--out', out];
    // What a program that failed leaves of a pipe.
    const fromPipe = ['apply', 'x', '--yes', '--envs', envs, '--from-env-file', '-', '--out', out];
    expect(await run(fromPipe, { env, stdin: '' })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error\[unreadable-secrets\]/),
    });
    const { status, stderr } = await run(['apply', 'x', '--dry-run', ...sources], { env });
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^error\[unreadable\] <--from-env-file> does not exist/m),
    ]);
    expect(stderr).not.toContain('fake-file');
  });

  it('of an environment that is not there is nothing, and the name is not repeated', async () => {
    const { envs, out, env } = place();
    const name = 'fake-secret-1234';
    const { status, stdout, stderr } = await run(['apply', name, '--yes', '--envs', envs, '--out', out], { env });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error\[unknown-environment\] Argument 1 names no environment/m);
    expect(stderr).not.toContain(name);
  });

  it('before the last change is applied with --previous, and pods get their former checksum', async () => {
    const there = await appliedPlace({ objects: deployment('sorter', namespace, depot, start, optedIn('depot')) });
    const checksum = () => templateOf(there.object('Deployment', 'sorter'))?.metadata;
    const [former, value] = [checksum(), there.data('Secret', 'depot-secrets')?.['POSTAL_API_KEY']];
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    await there.apply();
    expect(checksum()).not.toEqual(former);
    const { status, stdout } = await there.apply(['--previous', '--yes']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/1 object of .*dist\/x\/previous applied/);
    expect(there.data('Secret', 'depot-secrets')?.['POSTAL_API_KEY']).toBe(value);
    expect(checksum()).toEqual(former);
    expect(there.read().rolls).toEqual({ 'Deployment/sorter': 3 });
  });

  it('before another cluster or namespace was named is for the one of that time', async () => {
    const there = await appliedPlace();
    await there.synth({ KUBE_CLUSTER: 'new-cluster', POD_NAMESPACE: 'new-space', POSTAL_API_KEY: 'fake-new-key' });
    there.change((state) => {
      state.contexts = { 'some-context': 'new-cluster' };
      state.objects.push({ kind: 'Namespace', metadata: { name: 'new-space' } });
    });
    expect(await there.apply(['--previous', '--yes'])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('is of cluster new-cluster, and KUBE_CLUSTER of x is my-cluster'),
    });
    there.change((state) => {
      state.contexts = { 'some-context': 'my-cluster' };
    });
    await there.synth({ KUBE_CLUSTER: 'my-cluster', POD_NAMESPACE: 'new-space' });
    await there.synth({ KUBE_CLUSTER: 'my-cluster', POD_NAMESPACE: 'third-space', POSTAL_API_KEY: 'fake-third-key' });
    const { stdout } = await there.apply(['--previous', '--dry-run', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ namespace: { name: 'new-space' } });
  });

  it('before a key was changed shows neither the one nor the other, where a workload has it as a name', async () => {
    const [old, next] = ['fake-key-of-before', 'fake-key-of-today'];
    const sources = [old, next].map((name) => ({ secretRef: { name } }));
    const there = place({ objects: deployment('sorter', namespace, sources, start) });
    await there.synth({ POSTAL_API_KEY: old });
    await there.synth({ POSTAL_API_KEY: next });
    rmSync(join(there.envs, 'x.env')); // as in a job that has no more than the folder
    const { stdout, stderr } = await there.apply(['--previous', '--dry-run']);
    expect(stderr).toContain('Deployment sorter: a name in it holds a secret of this environment, and is not shown');
    expect(stdout + stderr).not.toMatch(/fake-key|undefined/);
  });

  it.each([
    ['of a version that did not say what for', (file: string) => rmSync(file)],
    ['that is not what it is said to be', (file: string) => edit(file, '"ConfigMap"', '"Secret"')],
    ['for another namespace', (file: string) => edit(file, `"namespace": "${namespace}"`, '"namespace": "other"')],
    ['of another environment', (file: string) => edit(file, '"environment": "x"', '"environment": "y"')],
  ])('is refused where it is %s', async (_what, spoil) => {
    const there = await appliedPlace();
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    spoil(join(there.out, 'x/previous/environment.json'));
    expect(await there.apply(['--previous', '--yes'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/x\/previous does not say for which cluster and namespace it was written\n.*-k /),
    });
    expect(there.verbs()).not.toContain('apply');
  });

  it('has nothing before the first change', async () => {
    const { synth, apply } = place();
    await synth();
    expect(await apply(['--previous', '--yes'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('holds nothing that was there before'),
    });
  });
});

function edit(file: string, from: string | RegExp, to: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}

describe('the cluster', () => {
  it('is the one of the environment, or a context that is named', async () => {
    const { synth, apply, change, calls, data } = place({ contexts: { 'some-context': 'another-cluster' } });
    await synth();
    expect(await apply()).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('another-cluster') });
    expect(calls()).toHaveLength(2);
    change((state) => {
      state.current = 'somebody-elses';
      state.contexts['somebody-elses'] = 'my-cluster';
    });
    expect((await apply(['--yes', '--context', 'some-context'])).status).toBe(0);
    expect(data('Secret', 'depot-secrets')).toBeDefined();
    expect(
      calls()
        .slice(2)
        .every((words) => words.includes('--context=some-context')),
    ).toBe(true);
  });

  it.each([
    ['its namespace is not there', (state) => state.objects.splice(0, 1), 'Namespace parcel-desk-x is not there'],
    [
      'its namespace is being deleted',
      (state) => Object.assign(state.objects[0] as object, { status: { phase: 'Terminating' } }),
      'Namespace parcel-desk-x is being deleted',
    ],
    [
      'an object has another type',
      (state) => stored(state, 'depot-secrets', { type: 'kubernetes.io/tls' }),
      'No apply can change Secret/depot-secrets',
    ],
    [
      'an object is immutable and differs',
      (state) => stored(state, 'depot-secrets', { immutable: true, data: {} }),
      'No apply can change Secret/depot-secrets',
    ],
    [
      'an object is being deleted',
      (state) =>
        Object.assign(stored(state, 'depot-secrets', {}).metadata, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      'Secret/depot-secrets is being deleted',
    ],
    [
      'Secrets may not be read',
      (state) => {
        state.role = [{ apiGroups: [''], resources: ['configmaps', 'namespaces'], verbs: ['get', 'list', 'patch'] }];
      },
      'This user may not read Secret/common-secrets, Secret/depot-secrets',
    ],
  ] satisfies [string, (state: State) => unknown, string][])(
    'is left as it is where %s',
    async (_what, change, message) => {
      const there = await appliedPlace();
      there.change(change);
      const before = there.read();
      const { status, stdout, stderr } = await there.apply();
      expect(status).toBe(1);
      expect(stderr).toContain(`error[cluster] ${message}`);
      expect(stdout).not.toContain(message); // nothing is said twice
      expect(there.read()).toEqual(before);
      expect(stderr).not.toContain(leak);
      expect((await there.apply(['--dry-run'])).status).toBe(1);
    },
  );

  it('has the Namespace of the folder: what is right, or may not be read, is left out', async () => {
    const there = place({ objects: [] });
    there.change((state) => {
      state.objects = [];
    });
    await there.synth({ POD_NAMESPACE_CREATE: 'true' });
    expect((await there.apply()).status).toBe(0);
    expect(there.object('Namespace', namespace)).toBeDefined();
    there.change((state) => {
      state.role = applyRole();
      for (const { kind, metadata } of state.objects) {
        if (kind === 'Namespace') metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
      }
    });
    await there.synth({ POD_NAMESPACE_CREATE: 'true', POSTAL_API_KEY: 'fake-new-key' });
    expect(await there.apply()).toMatchObject({ status: 0, stderr: '' });
    expect(there.data('Secret', 'depot-secrets')?.['POSTAL_API_KEY']).toBe(base64('fake-new-key'));
    there.change((state) => {
      state.role = applyRole().filter(({ resources }) => !resources.includes('namespaces'));
    });
    expect(await there.apply()).toMatchObject({ status: 0, stderr: '' });
  });

  it('may have an object that is immutable, if nothing of it changes', async () => {
    const there = await appliedPlace();
    there.change((state) => {
      const secret = stored(state, 'depot-secrets', { immutable: true });
      for (const { fieldsV1 } of (secret.metadata.managedFields ?? []) as { fieldsV1: object }[])
        Object.assign(fieldsV1, { 'f:immutable': {} });
    });
    expect((await there.apply()).status).toBe(0);
  });

  it.each([
    [
      'forbidden',
      (state) => {
        state.role = [
          {
            apiGroups: ['', 'apps', 'batch'],
            resources: [
              'secrets',
              'configmaps',
              'namespaces',
              'pods',
              'serviceaccounts',
              'deployments',
              'statefulsets',
              'daemonsets',
              'replicasets',
              'jobs',
              'cronjobs',
            ],
            verbs: ['get', 'list'],
          },
        ];
      },
    ],
    [
      'admission',
      (state) => {
        state.admission = true;
      },
    ],
    [
      'conflict',
      (state) => {
        state.failures = { apply: 'error: Apply failed with 1 conflict: conflict with "x": .data.A' };
      },
    ],
    [
      'webhook',
      (state) => {
        state.failures = {
          apply:
            'Error from server (InternalError): Internal error occurred: failed calling webhook "a.b": failed to call webhook: Post "https://a.b.svc:443/": dial tcp 10.0.0.1:443: connect: connection refused',
        };
      },
    ],
    [
      'invalid',
      (state) => {
        // What kubectl logs of another API that is down is no reason.
        const log =
          'E0101 00:00:00.000000       1 memcache.go:287] "Unhandled Error" err="couldn\'t get resource list for metrics.k8s.io/v1beta1: the server is currently unable to handle the request"';
        state.failures = { apply: `${log}\nThe Secret "a" is invalid: data: Forbidden: x\nThe Secret "b" is invalid` };
      },
    ],
    [
      'too large',
      (state) => {
        state.failures = { apply: 'Error from server: etcdserver: request is too large' };
      },
    ],
    [
      'too large',
      (state) => {
        state.failures = { apply: 'The Secret "x" is invalid: data: Too long: must have at most 1048576 bytes' };
      },
    ],
    [
      'terminating',
      (state) => {
        state.failures = {
          apply:
            'Error from server (Forbidden): unable to create new content in namespace x because it is being terminated',
        };
      },
    ],
    [
      'time-out',
      (state) => {
        state.failures = { apply: 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' };
      },
    ],
  ] satisfies [string, (state: State) => void][])(
    'says no (%s): the class of its reason, the command, and nothing of a secret',
    async (reason, change) => {
      const there = await appliedPlace();
      await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
      there.change(change);
      for (const form of [[], ['--json'], ['--report', 'markdown']]) {
        const { status, stdout, stderr } = await there.apply(['--yes', ...form]);
        expect(status).toBe(1);
        expect(stderr).toMatch(new RegExp(`^error\\[cluster\\] kubectl .*\\(${reason}\\)$`, 'm'));
        expect(stderr).toMatch(/kubectl apply --server-side --force-conflicts -k \S+\/x --context=some-context/);
        expect(stderr).toContain(
          'error[cluster] Nothing was applied\n  hint Run the same npm run apply again: it goes on from here\n',
        );
        for (const secret of [leak, 'fake-new-key', base64('fake-new-key')])
          expect(stdout + stderr).not.toContain(secret);
      }
    },
  );
});

const stored = (state: State, name: string, change: object) => {
  const object = state.objects.find(({ metadata }) => metadata.name === name);
  return Object.assign(object as Stored, change);
};
const manage = (object: Stored, manager: string, fieldsV1: unknown) =>
  object.metadata.managedFields?.push({ manager, operation: 'Update', time: '2026-01-01T00:00:00Z', fieldsV1 });

describe('what others have done', () => {
  it('by hand is taken back; a key that they added stays, and is named', async () => {
    const there = await appliedPlace();
    there.change((state) => {
      const object = stored(state, 'depot-config', {}) as Stored & { data: Record<string, string> };
      Object.assign(object.data, { LOG_FLOOR: 'debug', PARTNER_URL: 'added' });
      manage(object, 'kubectl-edit', { 'f:data': { 'f:LOG_FLOOR': {}, 'f:PARTNER_URL': {} } });
    });
    const { status, stdout } = await there.apply();
    expect(status).toBe(0);
    expect(stdout).toContain('PARTNER_URL is on the cluster only, and stays');
    expect(there.data('ConfigMap', 'depot-config')).toMatchObject({ LOG_FLOOR: 'info', PARTNER_URL: 'added' });
    there.forgetCalls();
    expect((await there.apply()).stdout).toContain('has all that is in');
    expect(there.verbs()).not.toContain('apply');
  });

  it('by another tool stops everything, unless it is to be taken over', async () => {
    const there = await appliedPlace();
    there.change((state) => {
      const object = stored(state, 'depot-config', {}) as Stored & { data: Record<string, string> };
      object.data['LOG_FLOOR'] = 'debug';
      manage(object, 'some-operator', { 'f:data': { 'f:LOG_FLOOR': {} } });
    });
    const { status, stderr } = await there.apply();
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('ConfigMap/depot-config: a manager other than kubectl has set LOG_FLOOR'),
    ]);
    expect(there.data('ConfigMap', 'depot-config')?.['LOG_FLOOR']).toBe('debug');
    expect((await there.apply(['--yes', '--take-over'])).status).toBe(0);
    expect(there.data('ConfigMap', 'depot-config')?.['LOG_FLOOR']).toBe('info');
  });

  it('alike by another tool is kubectl’s alone once it is taken over, and changes as all else does', async () => {
    const there = await appliedPlace();
    const labels = { 'f:metadata': { 'f:labels': {} } };
    there.change((state) => {
      const [secret, config] = ['depot-secrets', 'depot-config'].map((name) => stored(state, name, {}) as Stored);
      manage(secret as Stored, 'some-operator', { 'f:data': { '.': {}, 'f:POSTAL_API_KEY': {} }, ...labels });
      // As of an operator before this program: kubectl itself has set nothing of it.
      Object.assign((config as Stored).metadata, { managedFields: [] });
      manage(config as Stored, 'some-operator', { 'f:data': { 'f:LOG_FLOOR': {}, 'f:OF_ANOTHER': {} } });
    });
    const plan = await there.apply(['--take-over'], { isTTY: true, stdin: 'n\n' });
    const both = 'Secret/depot-secrets and ConfigMap/depot-config';
    expect(plan.stdout).toContain(`To be taken over from another manager, which has set the same: ${both}\n`);
    expect(plan.stderr).toContain(`cluster my-cluster, take over ${both}? [y/N]`);
    there.forgetCalls();
    const { status, stdout } = await there.apply(['--yes', '--take-over']);
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining(`Taken over from another manager, which had set the same: ${both}\n`),
    ]);
    // kubectl has to have it before another one lets it go.
    expect(there.verbs().filter((verb) => verb !== 'config' && verb !== 'get')).toEqual(['apply', 'patch', 'patch']);
    const fieldsOf = (kind: string, name: string) =>
      ((there.object(kind, name) as Stored).metadata.managedFields as { manager: string; fieldsV1: object }[]).find(
        ({ manager }) => manager === 'some-operator',
      )?.fieldsV1;
    expect(fieldsOf('Secret', 'depot-secrets')).toEqual(labels);
    expect(fieldsOf('ConfigMap', 'depot-config')).toEqual({ 'f:data': { 'f:OF_ANOTHER': {} } });
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    expect(await there.apply()).toMatchObject({ status: 0, stderr: '' });
    // What has not been applied looks the same.
    there.change((state) => {
      manage(stored(state, 'depot-secrets', {}), 'some-operator', { 'f:data': { 'f:POSTAL_API_KEY': {} } });
      state.admission = true;
    });
    expect((await there.apply(['--yes', '--take-over'])).stderr).toContain(
      'error[cluster] It is not known what was applied by then\n',
    );
    there.change((state) => {
      state.admission = false;
    });
    const json = await there.apply(['--yes', '--take-over', '--json']);
    expect(JSON.parse(json.stdout).takenOver).toEqual(['Secret/depot-secrets']);
    // What nobody else has set is not touched.
    there.forgetCalls();
    await there.apply(['--yes', '--take-over']);
    expect(there.verbs()).not.toContain('patch');
  });

  it.each([
    'The request is invalid: the server rejected our request due to an error in our request',
    'Error from server (Conflict): the object has been modified; please apply your changes to the latest version',
  ])('alike is not taken over where somebody changes it at the same time (%s)', async (message) => {
    const there = await appliedPlace();
    there.change((state) => {
      manage(stored(state, 'depot-secrets', {}), 'some-operator', { 'f:data': { 'f:POSTAL_API_KEY': {} } });
      state.failures = { patch: message };
    });
    const { status, stderr } = await there.apply(['--yes', '--take-over']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^error\[cluster\] Secret\/depot-secrets was changed by somebody else at the same time: it was not taken over$/m,
      ),
    ]);
  });

  it('alike is not taken over beside what no apply can change, which is said beforehand', async () => {
    const there = await appliedPlace();
    there.change((state) => {
      manage(stored(state, 'depot-secrets', {}), 'some-operator', { 'f:data': { 'f:POSTAL_API_KEY': {} } });
      const fixed = stored(state, 'kiosk-config', { immutable: true });
      fixed.metadata.managedFields?.push({ manager: 'kubectl', operation: 'Apply', fieldsV1: { 'f:immutable': {} } });
    });
    expect(await there.apply()).toMatchObject({ status: 0, stderr: '' });
    expect(await there.apply(['--yes', '--take-over'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('No apply can change ConfigMap/kiosk-config'),
    });
    expect(there.verbs()).not.toContain('apply');
  });

  it('and taken over, with pods that have not loaded it, is known to the next run', async () => {
    const there = await appliedPlace({ objects: deployment('plain', namespace, depot, start + 100) });
    there.change((state) => {
      const object = stored(state, 'depot-secrets', {});
      const time = new Date((start + 500) * 1_000).toISOString();
      object.metadata.managedFields?.push({
        manager: 'op',
        operation: 'Apply',
        time,
        fieldsV1: { 'f:data': { 'f:POSTAL_API_KEY': {} } },
      });
    });
    const left = /^ {2}Not restarted, with pods .* deployment\/plain /m;
    expect((await there.apply(['--yes', '--take-over'])).stdout).toMatch(left);
    expect((await there.apply()).stdout).toMatch(left);
    expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
    expect((await there.apply()).stdout).not.toMatch(left);
  });

  it('such as an annotation of an operator, is nobody’s business', async () => {
    const there = await appliedPlace({ objects: deployment('plain', namespace, depot, start + 100) });
    there.change((state) => {
      const object = stored(state, 'depot-config', {});
      Object.assign(object.metadata, { annotations: { 'operator.example.com/seen': 'true' } });
      object.metadata.managedFields?.push({
        manager: 'some-operator',
        operation: 'Update',
        time: '2027-01-01T00:00:00Z',
        fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:operator.example.com/seen': {} } } },
      });
    });
    const { status, stdout } = await there.apply(['--yes', '--restart']);
    expect([status, there.read().rolls]).toEqual([0, {}]);
    expect(stdout).toMatch(/has all that is in/);
  });

  it('with plain kubectl apply: its copy is removed, after kubectl has taken over what it had set', async () => {
    const there = await appliedPlace();
    there.change((state) => {
      const object = stored(state, 'depot-secrets', {}) as Stored & { data: Record<string, string> };
      object.data['PARTNER_API_KEY'] = base64(leak);
      Object.assign(object.metadata, {
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': leak },
        managedFields: [
          {
            manager: 'kubectl-client-side-apply',
            operation: 'Update',
            time: '2026-01-01T00:00:00Z',
            fieldsV1: { 'f:data': Object.fromEntries(Object.keys(object.data).map((key) => [`f:${key}`, {}])) },
          },
        ],
      });
    });
    const { status, stdout, stderr } = await there.apply();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('PARTNER_API_KEY is on the cluster only: apply removes it\n');
    expect(there.data('Secret', 'depot-secrets')).not.toHaveProperty('PARTNER_API_KEY');
    expect(there.object('Secret', 'depot-secrets')?.metadata.annotations).toEqual({});
    const changes = there.verbs().filter((verb) => verb === 'apply' || verb === 'annotate');
    expect(changes).toEqual(['annotate', 'apply', 'annotate', 'annotate']); // a mark, and both away behind it
  });
});

describe('secrets that an operator fetches', () => {
  const inStore = { SECRETS_FROM: 'external-secrets', VAULT: 'vault' };
  const made = (key: string, time: string): Stored =>
    ({
      kind: 'Secret',
      metadata: {
        name: 'depot-secrets',
        namespace,
        labels: {
          'app.kubernetes.io/name': 'parcel-desk',
          'app.kubernetes.io/managed-by': 'cdk8s',
          'app.kubernetes.io/component': 'depot',
          environment: 'x',
        },
        managedFields: [{ manager: 'external-secrets', operation: 'Apply', time, fieldsV1: { 'f:data': {} } }],
      },
      data: { POSTAL_API_KEY: base64(key) },
    }) as Stored;

  it('and are written again are its own for as long as the ExternalSecret is there, which is said', async () => {
    const store = { ...labelled('ExternalSecret', 'depot-secrets', 'depot', namespace, 'x'), spec: {} };
    const old = { ...made('old', '2026-01-01T00:00:00Z'), type: 'Opaque', data: { POSTAL_API_KEY: base64(leak) } };
    manage(old, 'external-secrets', { 'f:data': { 'f:POSTAL_API_KEY': {} } });
    const there = place({ hasExternalSecrets: true, objects: [store, old] });
    await there.synth();
    for (const args of [['--yes'], ['--yes', '--take-over']]) {
      const { status, stderr } = await there.apply(args);
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(
          /ExternalSecret\/depot-secrets goes on making it.* kubectl delete externalsecret\/depot-secrets -n .* --cascade=orphan/,
        ),
      ]);
      expect(stderr.match(/goes on making it/g)).toHaveLength(1);
    }
    expect(there.verbs()).not.toContain('apply');
  });

  it('and are written again, with the same values as yet, are said to have two makers', async () => {
    const store = { ...labelled('ExternalSecret', 'depot-secrets', 'depot', namespace, 'x'), spec: {} };
    const there = await appliedPlace({ hasExternalSecrets: true, objects: [store] });
    const { status, stderr } = await there.apply(['--yes', '--prune']);
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(
        /^warning\[cluster\] Secret\/depot-secrets is written here, but ExternalSecret\/depot-secrets goes on making it.*\n.* kubectl delete externalsecret\/depot-secrets -n .* --cascade=orphan\n/,
      ),
    ]);
    expect(there.object('ExternalSecret', 'depot-secrets')).toBeDefined();
    // What it goes on making is not taken from the operator.
    const shared = { 'f:data': { 'f:POSTAL_API_KEY': {} } };
    there.change((state) => manage(state.objects.find(isDepotSecret) as Stored, 'external-secrets', shared));
    for (const failures of [{}, { 'get externalsecrets.external-secrets.io': 'Error from server (Forbidden): x' }]) {
      there.change((state) => Object.assign(state, { failures }));
      await there.apply(['--yes', '--take-over']);
      expect(there.verbs()).not.toContain('patch');
    }
  });

  const isDepotSecret = ({ kind, metadata }: Stored) => kind === 'Secret' && metadata.name === 'depot-secrets';

  it.each<[what: string, creationPolicy: string, keys: readonly string[], isTaken: boolean]>([
    ['adds keys that nobody knows', 'Merge', [], false],
    ['adds this key', 'Merge', ['POSTAL_API_KEY'], false],
    ['adds another key', 'Merge', ['EXTRA'], true],
    ['makes none', 'None', ['POSTAL_API_KEY'], true],
  ])(
    'and are written again beside an ExternalSecret that %s have one maker, and are taken over unless it sets them',
    async (_what, creationPolicy, keys, isTaken) => {
      const target = { name: 'depot-secrets', creationPolicy };
      const spec = { target, data: keys.map((secretKey) => ({ secretKey })) };
      const store = { kind: 'ExternalSecret', metadata: { name: 'more', namespace }, spec } as Stored;
      const there = await appliedPlace({ hasExternalSecrets: true, objects: [store] });
      expect(await there.apply(['--yes', '--strict'])).toMatchObject({ status: 0, stderr: '' });
      const shared = { 'f:data': { 'f:POSTAL_API_KEY': {} } };
      there.change((state) => manage(state.objects.find(isDepotSecret) as Stored, 'some-operator', shared));
      await there.apply(['--yes', '--take-over']);
      expect(there.verbs().includes('patch')).toBe(isTaken);
    },
  );

  it('are asked for by ExternalSecrets, and what it made of them is not left over', async () => {
    const there = place({ hasExternalSecrets: true });
    await there.synth(inStore);
    expect(await there.apply()).toMatchObject({ status: 0 });
    expect(there.object('ExternalSecret', 'depot-secrets')).toBeDefined();
    there.change((state) => {
      const { spec } = stored(state, 'depot-secrets', {}) as Stored & { spec: object };
      Object.assign(spec, { refreshPolicy: 'filled in by the server' });
      state.objects.push(made('fake', '2026-01-01T00:00:10Z'));
    });
    const { status, stdout } = await there.apply(['--yes', '--prune']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('has all that is in')]);
    expect(there.object('Secret', 'depot-secrets')).toBeDefined();
    there.change((state) => {
      Object.assign(stored(state, 'depot-secrets', {}), { spec: {} });
    });
    expect(await there.apply()).toMatchObject({
      stdout: expect.stringMatching(/^ExternalSecret\/depot-secrets +different\n {2}asks for something else$/m),
    });
  });

  it('are waited for before anything is restarted', async () => {
    const objects = deployment('opted', namespace, depot, start + 100, optedIn('depot'));
    const there = place({ hasExternalSecrets: true, objects, neverReady: ['externalsecret/depot-secrets'] });
    await there.synth(inStore);
    for (const more of [[], ['--no-wait']]) {
      const { status, stderr } = await there.apply(['--yes', '--restart', '--timeout', '5s', ...more]);
      expect([status, stderr]).toEqual([1, expect.stringContaining('no pod was restarted')]);
    }
    expect(there.read().rolls).toEqual({});
    there.change((state) => {
      state.neverReady = [];
    });
    expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1 });
    expect(there.verbs().lastIndexOf('wait')).toBeLessThan(there.verbs().indexOf('patch'));
  });

  it('are waited for also where they were ready before, and something else is asked for now', async () => {
    const objects = deployment('opted', namespace, depot, start + 100, optedIn('depot'));
    const there = place({ hasExternalSecrets: true, objects });
    await there.synth(inStore);
    const synced = (syncedResourceVersion: string) =>
      there.change((state) => {
        const object = state.objects.find(
          ({ kind, metadata }) => `${kind}/${metadata.name}` === 'ExternalSecret/depot-secrets',
        );
        Object.assign(object ?? {}, { status: { syncedResourceVersion } });
        Object.assign(object?.metadata ?? {}, { generation: 2 });
      });
    await there.apply(['--yes', '--no-restart']);
    synced('1-fake');
    const { status, stderr } = await there.apply(['--yes', '--timeout', '1s']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('no pod was restarted')]);
    expect(stderr).toMatch(/See why: kubectl describe externalsecret\/depot-secrets -n /);
    expect(there.read().rolls).toEqual({});
    expect((await there.apply(['--yes', '--timeout', '1s', '--no-wait', '--no-restart'])).status).toBe(0);
    synced('2-fake');
    expect((await there.apply(['--yes', '--timeout', '1s'])).status).toBe(0);
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1 });
    // The operator never looks again at what it is to fetch once.
    await there.synth({ ...inStore, VAULT_REFRESH: '0' });
    await there.apply(['--yes', '--no-restart', '--no-wait']);
    synced('1-fake');
    // Nor does a later run ask for it again and again.
    const asked = () => there.verbs().filter((verb) => verb === 'wait').length;
    const before = asked();
    expect((await there.apply(['--yes', '--timeout', '60s'])).status).toBe(0);
    expect(asked()).toBe(before + 1);
  });

  it('and are asked for the first time restart the pods that have loaded those of before, as the plan says', async () => {
    const objects = [made('fake', '2026-01-01T00:00:00Z'), ...deployment('plain', namespace, depot, start + 100)];
    const there = place({ hasExternalSecrets: true, objects });
    await there.synth(inStore);
    const { stdout } = await there.apply(['--dry-run', '--json']);
    const [restart] = JSON.parse(stdout).restarts;
    expect(restart.objects).toContain('Secret/depot-secrets');
  });

  it('and are to be fetched from elsewhere restart pods, as the plan says', async () => {
    const objects = [made('fake', '2026-01-01T00:00:00Z'), ...deployment('plain', namespace, depot, start + 100)];
    const there = place({ hasExternalSecrets: true, objects });
    await there.synth(inStore);
    const announced = /^To be restarted, since .*: Deployment\/plain$/m;
    expect((await there.apply(['--dry-run'])).stdout).toMatch(announced);
    await there.apply(['--yes']);
    expect((await there.apply(['--dry-run'])).stdout).not.toMatch(announced);
    await there.synth({ ...inStore, VAULT_KEY: 'of-{variable}' });
    expect((await there.apply(['--dry-run'])).stdout).toMatch(announced);
    // Without pods to look at, nobody knows whether the operator has changed what they have loaded.
    there.change((state) => {
      state.failures = { 'get pods': 'Error from server (Forbidden): pods is forbidden' };
    });
    expect((await there.apply(['--yes', '--restart'])).stdout).toMatch(/^ {2}Restarted: Deployment\/plain$/m);
  });

  it.each([
    [
      'which is said',
      ['--restart'],
      /^ {2}Not restarted, since the operator has fetched what was there before: Deployment\/plain$/m,
    ],
    [
      'which is said of those that only wait for the operator',
      ['--restart', '--no-wait'],
      /^ {2}Not restarted, since the operator has fetched what was there before: Deployment\/plain$/m,
    ],
    [
      'which is said to whoever restarts nothing, and waits',
      ['--no-restart'],
      /^ {2}Not restarted, since the operator has fetched what was there before: Deployment\/plain$/m,
    ],
    [
      'which nobody knows who has not waited',
      ['--no-restart', '--no-wait'],
      /^ {2}Not restarted, with pods .* deployment\/plain /m,
    ],
  ])('and turn out to be what they were restart nothing, %s', async (_what, args, told) => {
    const objects = [made('fake', '2026-01-01T00:00:00Z'), ...deployment('plain', namespace, depot, start + 100)];
    const there = place({ hasExternalSecrets: true, objects });
    await there.synth(inStore);
    await there.apply(['--yes', '--restart']);
    await there.synth({ ...inStore, VAULT_KEY: 'of-{variable}' });
    const { status, stdout } = await there.apply(['--yes', ...args]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^To be restarted, since .*: Deployment\/plain$/m);
    expect(stdout).toMatch(told);
  });

  it('are written the first time by somebody who may not list workloads: no Namespace and no ExternalSecret is marked', async () => {
    const objects = deployment('plain', namespace, depot, start + 100);
    const there = place({ hasExternalSecrets: true, objects });
    there.change((state) => {
      state.failures = {
        'get deployments,statefulsets,daemonsets,replicasets,jobs,cronjobs,serviceaccounts':
          'Error from server (Forbidden): x',
      };
    });
    await there.synth({ ...inStore, POD_NAMESPACE_CREATE: 'true' });
    expect(await there.apply()).toMatchObject({ status: 0, stderr: '' });
    for (const { kind, metadata } of there.read().objects)
      expect([kind, Object.keys(metadata.annotations ?? {})]).toEqual([
        kind,
        expect.not.arrayContaining(['parcel-desk/edited-at']),
      ]);
  });

  it('and somebody has added a workload that opted in while a run waits that asked nobody: it is left', async () => {
    const there = place({ hasExternalSecrets: true, objects: [made('fake', '2026-01-01T00:00:00Z')] });
    await there.synth(inStore);
    await there.apply(['--yes', '--no-wait', '--no-restart']);
    there.change((state) => {
      state.fetchedMeanwhile = deployment('opted', namespace, depot, start + 100, optedIn('depot'));
    });
    const { stdout } = await there.apply([], { isTTY: true });
    expect([stdout, there.read().rolls]).toEqual([
      expect.stringMatching(/^ {2}Not rolled out: Deployment\/opted/m),
      {},
    ]);
  });

  it.each([
    ['restart pods all the same', ['--yes', '--restart', '--json'], /"outcome": "applied"/, { 'Deployment/plain': 2 }],
    // There was nothing to ask about when that run began.
    [
      'restart nothing where nobody was asked',
      [],
      /^ {2}Not restarted, with pods .* deployment\/plain /m,
      { 'Deployment/plain': 1 },
    ],
  ])('while a run waits that has nothing to apply, %s', async (_what, args, told, rolls) => {
    const objects = [made('fake', '2026-01-01T00:00:00Z'), ...deployment('plain', namespace, depot, start + 100)];
    const there = place({ hasExternalSecrets: true, objects });
    await there.synth(inStore);
    await there.apply(['--yes', '--restart']); // once, since what they load is made
    await there.synth({ ...inStore, VAULT_KEY: 'of-{variable}' });
    await there.apply(['--yes', '--no-restart', '--no-wait']); // as one that was killed behind its apply
    there.change((state) => {
      state.now = start + 1_001;
      state.fetchedMeanwhile = [made('fake-new', new Date(1_000 * (start + 1_000)).toISOString())];
    });
    const { status, stdout } = await there.apply(args, { isTTY: true });
    expect([status, stdout, there.read().rolls]).toEqual([0, expect.stringMatching(told), rolls]);
  });

  it.each<[what: string, status: string | undefined, told: RegExp, synced: string, more?: Record<string, string>]>([
    [
      'have not been made',
      undefined,
      /Secret\/depot-secrets is not there: the operator has not made it of ExternalSecret\/depot-secrets/,
      '2-fake',
    ],
    [
      'can be fetched no longer',
      'False',
      /ExternalSecret\/depot-secrets is not ready: pods get what Secret\/depot-secrets had before/,
      '1-fake',
    ],
    [
      'were fetched for what was asked for before',
      'True',
      /ExternalSecret\/depot-secrets has not been fetched since it was changed: pods get what Secret\/depot-secrets had before/,
      '0-fake',
    ],
    [
      'are not known to be fetched',
      'Unknown',
      /ExternalSecret\/depot-secrets is not ready: pods get what Secret\/depot-secrets had before/,
      '1-fake',
    ],
    ['are there', 'True', /^$/, '1-fake'],
    ['were fetched for what was asked for before, once for all', 'True', /^$/, '0-fake', { VAULT_REFRESH: '0' }],
  ])('and %s are told, by diff --live too', async (_what, status, told, syncedResourceVersion, more = {}) => {
    const all = ['common', 'depot'].map((name) => {
      const secret = made('fake', '2026-01-01T00:00:00Z');
      return { ...secret, metadata: { ...secret.metadata, name: `${name}-secrets` } };
    });
    const registry = { ...all[0], metadata: { ...all[0]?.metadata, name: 'registry-credentials' } } as Stored;
    const there = place({ hasExternalSecrets: true, objects: [...all, registry] });
    await there.synth({ ...inStore, ...more });
    await there.apply(['--yes', '--no-restart', '--no-wait']);
    there.change((state) => {
      const isDepot = (kind: string) => (each: Stored) => each.kind === kind && each.metadata.name === 'depot-secrets';
      if (status === undefined) state.objects = state.objects.filter((each) => !isDepot('Secret')(each));
      const external = state.objects.find(isDepot('ExternalSecret'));
      Object.assign(external?.metadata ?? {}, { generation: 1 });
      Object.assign(external ?? {}, {
        status: { conditions: [{ type: 'Ready', status: status ?? 'Unknown' }], syncedResourceVersion },
      });
    });
    const live = await run(['diff', 'x', '--live', '--envs', there.envs], { env: there.env });
    expect([live.status, (await there.apply(['--dry-run'])).stderr, live.stderr]).toEqual([
      0,
      expect.stringMatching(told),
      expect.stringMatching(told),
    ]);
  });

  it('are all that a workload loads which opted in: it gets its checksum, which covers what is fetched from where', async () => {
    const only = deployment(
      'only',
      namespace,
      [{ secretRef: { name: 'depot-secrets' } }],
      start + 100,
      optedIn('depot'),
    );
    const there = place({ hasExternalSecrets: true, objects: only });
    await there.synth(inStore);
    await there.apply();
    expect(there.read().rolls).toEqual({ 'Deployment/only': 1 });
  });

  it('and have not been made yet do not keep --strict from waiting for them', async () => {
    const there = place({ hasExternalSecrets: true });
    await there.synth(inStore);
    await there.apply(['--yes', '--no-wait', '--no-restart']);
    const { status, stderr } = await there.apply(['--yes', '--strict']);
    expect([status, stderr]).toEqual([0, expect.stringContaining('the operator has not made it')]);
    // On a terminal, with nothing to ask about, too: what --strict relies on is waited for.
    there.forgetCalls();
    expect((await there.apply(['--strict', '--no-wait'], { isTTY: true })).status).toBe(0);
    expect(there.verbs()).toContain('wait');
    for (const args of [['--dry-run'], ['--yes', '--no-wait', '--no-restart']])
      expect((await there.apply([...args, '--strict'])).status).toBe(1);
  });

  it('and are read by a key that they do not have stop --strict, as those that are written do', async () => {
    const typo = { name: 'KEY', valueFrom: { secretKeyRef: { name: 'depot-secrets', key: 'POSTAL_API_KEI' } } };
    const [workload] = deployment('sorter', namespace, [], start) as [Stored];
    const spec = { containers: [{ name: 'main', env: [typo] }] };
    const sorter = { ...workload, spec: { template: { metadata: {}, spec } } };
    const there = place({ hasExternalSecrets: true, objects: [sorter] });
    await there.synth(inStore);
    const { status, stderr } = await there.apply(['--yes', '--strict']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/reads POSTAL_API_KEI of .*\n {2}hint Did you mean POSTAL_API_KEY\?/),
    ]);
  });

  it.each([true, false])(
    'and may have keys of other ExternalSecrets are not said to lack one (%s)',
    async (isListed) => {
      const target = { name: 'depot-secrets', creationPolicy: 'Merge' };
      const store = { kind: 'ExternalSecret', metadata: { name: 'more', namespace }, spec: { target } } as Stored;
      const env = [{ name: 'DB', valueFrom: { secretKeyRef: { name: 'depot-secrets', key: 'DB' } } }];
      const [workload] = deployment('sorter', namespace, [], start) as [Stored];
      const sorter = {
        ...workload,
        spec: { template: { metadata: {}, spec: { containers: [{ name: 'main', env }] } } },
      };
      const there = place({ hasExternalSecrets: true, objects: [...(isListed ? [store] : []), sorter] });
      await there.synth(inStore);
      if (!isListed) {
        const forbidden = 'Error from server (Forbidden): x';
        there.change((state) =>
          Object.assign(state, { failures: { 'get externalsecrets.external-secrets.io': forbidden } }),
        );
      }
      expect((await there.apply(['--dry-run'])).stderr).not.toContain('unknown-reference');
    },
  );

  it('and belong to somebody else are told no key that is none of ours', async () => {
    const key = 'fake-secret-as-key';
    const spec = { target: { name: 'theirs' }, data: [{ secretKey: key }, { secretKey: 'B' }] };
    const store = { kind: 'ExternalSecret', metadata: { name: 'theirs', namespace }, spec } as Stored;
    const target = { name: 'depot-secrets' };
    const second = { ...store, metadata: { name: 'more', namespace }, spec: { ...spec, target } } as Stored;
    const env = ['theirs', 'depot-secrets'].map((name) => ({
      name,
      valueFrom: { secretKeyRef: { name, key: 'QUITE_ANOTHER' } },
    }));
    const [workload] = deployment('reader', namespace, [], start) as [Stored];
    const reader = { ...workload, spec: { template: { metadata: {}, spec: { containers: [{ name: 'main', env }] } } } };
    const there = place({ hasExternalSecrets: true, objects: [store, second, reader] });
    await there.synth(inStore);
    const { stderr } = await there.apply(['--dry-run']);
    expect(stderr).toContain('which is not there');
    expect(stderr).toContain('which has no such key');
    expect(stderr).toContain('Its keys are '); // so that it would be among them
    expect(stderr).not.toContain(key);
  });

  it('and may not be read are not said to be missing', async () => {
    const there = place({ hasExternalSecrets: true });
    await there.synth(inStore);
    await there.apply(['--yes', '--no-wait', '--no-restart']);
    there.change((state) => {
      state.role = roleWithout('secrets');
    });
    const { stderr } = await run(['diff', 'x', '--live', '--envs', there.envs], { env: there.env });
    expect(stderr).not.toContain('the operator');
  });

  it('and may not be read at all are said so once', async () => {
    const there = place({ hasExternalSecrets: true });
    await there.synth(inStore);
    there.change((state) => {
      state.role = applyRole().filter(({ apiGroups }) => !apiGroups.includes('external-secrets.io'));
    });
    const { stdout } = await run(['diff', 'x', '--live', '--json', '--envs', there.envs], { env: there.env });
    expect(JSON.parse(stdout).notRead).toEqual(['ExternalSecrets']);
  });

  it('and that were changed where they are kept restart the pods that have loaded them', async () => {
    const objects = [
      made('fake', '2026-01-02T00:00:00Z'),
      ...deployment('opted', namespace, depot, start + 100, optedIn('depot')),
    ];
    const there = place({ hasExternalSecrets: true, objects, now: start + 1_000_000 });
    await there.synth(inStore);
    await there.apply(['--yes', '--restart']);
    const before = there.read().rolls;
    there.change((state) => {
      state.objects = state.objects.filter(
        ({ kind, metadata }) => kind !== 'Secret' || metadata.name !== 'depot-secrets',
      );
      state.objects.push(made('fake-new', '2027-01-01T00:00:00Z'));
    });
    expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
    expect([before, there.read().rolls]).toEqual([{ 'Deployment/opted': 1 }, { 'Deployment/opted': 2 }]);
  });
});

describe('pods', () => {
  const workloads = (started: number) => [
    ...deployment('opted', namespace, depot, started, optedIn('depot')),
    ...deployment('plain', namespace, depot, started),
    ...deployment('kiosk', namespace, [{ secretRef: { name: 'kiosk-secrets' } }], started),
  ];
  /** A place that was applied once, and whose pods have started since; then a key of theirs changed. */
  async function changed(state: Partial<State> = {}) {
    const there = await appliedPlace({ objects: workloads(start + 100), ...state });
    there.change((after) => {
      after.now = start + 1_000;
      after.rolls = {};
    });
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    return there;
  }

  it('that opted in get their new checksum, once; the line for others is printed', async () => {
    const there = await changed();
    const { status, stdout } = await there.apply();
    expect([status, there.read().rolls]).toEqual([0, { 'Deployment/opted': 1 }]);
    expect(stdout).toMatch(/^ {2}Rolled out by a new checksum: Deployment\/opted$/m);
    expect(stdout).toContain(`kubectl rollout restart deployment/plain -n ${namespace} --context=some-context`);
    const template = templateOf(there.object('Deployment', 'opted'));
    const component = readFileSync(join(there.out, 'x/rollout/kustomization.yaml'), 'utf8');
    const [, checksum] = /checksum-depot\\":\\"([0-9a-f]{32})/.exec(component) ?? [];
    expect(template?.metadata).toEqual({ annotations: { 'parcel-desk/checksum-depot': checksum } });
    expect(there.calls().find(([verb]) => verb === 'patch')).toContain('--field-manager=kubectl');
  });

  it('are restarted also where the clocks of their nodes are ahead', async () => {
    const there = await changed({ objects: workloads(start + 5_000) });
    expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
  });

  it('of others are restarted with --restart, and only those that load what has changed', async () => {
    const there = await changed();
    const { status, stdout } = await there.apply(['--yes', '--restart']);
    expect([status, there.read().rolls]).toEqual([0, { 'Deployment/opted': 1, 'Deployment/plain': 1 }]);
    expect(stdout).toMatch(/^ {2}Restarted: Deployment\/plain$/m);
    expect(stdout).not.toContain('kubectl rollout restart'); // it has done that itself
    const restart = there.calls().find(([verb, noun]) => verb === 'rollout' && noun === 'restart');
    expect(restart).toContain('--request-timeout=30s');
    expect(stdout).toMatch(/^ {2}Ready: Deployment\/opted and Deployment\/plain$/m);
    there.forgetCalls();
    expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
  });

  it('of others are restarted on a terminal after the question, which names them', async () => {
    const there = await changed();
    const { status, stderr } = await there.apply([], { isTTY: true, stdin: 'y\n' });
    expect(stderr).toContain(', restart Deployment/opted and Deployment/plain? [y/N] ');
    expect([status, there.read().rolls]).toEqual([0, { 'Deployment/opted': 1, 'Deployment/plain': 1 }]);
  });

  it('of others are named by the question where an object is not there yet, too', async () => {
    const optional = [{ secretRef: { name: 'depot-secrets', optional: true } }];
    const there = place({ objects: deployment('plain', namespace, optional, start) });
    await there.synth();
    const { status, stderr } = await there.apply([], { isTTY: true, stdin: 'y\n' });
    expect(stderr).toContain(', restart Deployment/plain? [y/N] ');
    expect([status, there.read().rolls]).toEqual([0, { 'Deployment/plain': 1 }]);
  });

  it('of others are restarted where the last key of an object goes', async () => {
    const kiosk = workloads(start + 100).slice(-3);
    const there = place({ objects: kiosk });
    await there.synth({ SUPPORT_TOKEN: 'fake-token', KIOSK_CERTIFICATE: '' });
    await there.apply();
    there.change((state) => {
      Object.assign(state, { now: start + 1_000, rolls: {} });
    });
    await there.synth({ SUPPORT_TOKEN: '', KIOSK_CERTIFICATE: '' });
    expect((await there.apply(['--yes', '--restart'])).stdout).toMatch(/^ {2}Restarted: Deployment\/kiosk$/m);
    expect([there.data('Secret', 'kiosk-secrets') ?? {}, there.read().rolls]).toEqual([{}, { 'Deployment/kiosk': 1 }]);
  });

  it('of others are restarted for a label of ours that differs, as the server has it, and the plan says so', async () => {
    const there = await appliedPlace({ objects: workloads(start + 100) });
    there.change((state) => {
      Object.assign(state, { now: start + 1_000, rolls: {} });
      const object = state.objects.find(({ metadata }) => metadata.name === 'depot-secrets');
      Object.assign(object?.metadata.labels ?? {}, { environment: '' });
    });
    const announced =
      /^To be restarted, since its pods load .*counts as changed once it is applied: Deployment\/plain$/m;
    expect((await there.apply(['--dry-run'])).stdout).toMatch(announced);
    const { stderr } = await there.apply([], { isTTY: true, stdin: 'y\n' });
    expect(stderr).toContain('my-cluster, restart Deployment/plain? [y/N]');
    expect(there.read().rolls).toEqual({ 'Deployment/plain': 1 });
    expect((await there.apply(['--yes', '--restart'])).stdout).not.toContain('estarted');
  });

  it.each([
    ['before', 500, { 'Deployment/kiosk': 1, 'Deployment/plain': 1 }],
    ['after', 50, {}],
  ])(
    'of others that started %s the last plain kubectl apply are restarted or not, though its time is gone',
    async (_when, seconds, rolls) => {
      const there = await appliedPlace({ objects: workloads(start + 100) });
      there.change((state) => {
        Object.assign(state, { now: start + 1_000, rolls: {} });
        const time = new Date((start + seconds) * 1_000).toISOString();
        for (const { metadata } of state.objects.filter(({ kind }) => kind === 'Secret' || kind === 'ConfigMap')) {
          const [entry] = metadata.managedFields as { fieldsV1: { 'f:metadata': object } }[];
          Object.assign(entry ?? {}, { manager: 'kubectl-client-side-apply', operation: 'Update', time });
          const copy = 'kubectl.kubernetes.io/last-applied-configuration';
          metadata.annotations = { [copy]: '{}' };
          Object.assign(entry?.fieldsV1['f:metadata'] ?? {}, { 'f:annotations': { '.': {}, [`f:${copy}`]: {} } });
        }
      });
      const isAnnounced = (await there.apply(['--dry-run'])).stdout.includes('To be restarted');
      expect(isAnnounced).toBe(Object.keys(rolls).length > 0);
      await there.apply(['--yes', '--restart']);
      expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
      expect(there.read().rolls).toEqual(rolls);
    },
  );

  it('of others are not restarted for what another manager has set alike, where nothing is to be applied', async () => {
    const there = await appliedPlace({ objects: workloads(start + 100) });
    there.change((state) => {
      state.rolls = {};
      for (const { metadata } of state.objects)
        for (const entry of (metadata.managedFields ?? []) as { manager: string }[]) entry.manager = 'operator';
    });
    const { stdout } = await there.apply(['--yes', '--restart']);
    expect([stdout, there.read().rolls]).toEqual([expect.not.stringContaining('estarted'), {}]);
  });

  it.each<[what: string, spec: object, why: string]>([
    ['paused', { paused: true }, 'is paused: resume its roll-out'],
    ['replaced by hand', { updateStrategy: { type: 'OnDelete' } }, 'replaces pods only when they are deleted'],
  ])('that opted in and are %s are named each time, until they have started anew', async (_what, spec, why) => {
    const there = await changed();
    there.change((state) => {
      state.controllers = false;
      const { objects } = state;
      Object.assign(
        objects.find(({ kind, metadata }) => `${kind}/${metadata.name}` === 'Deployment/opted')?.['spec'] ?? {},
        spec,
      );
    });
    for (const args of [['--yes'], ['--yes', '--no-wait']]) {
      expect((await there.apply(args)).stdout).toMatch(new RegExp(`^ {2}Not restarted: Deployment/opted ${why}$`, 'm'));
    }
    // Once, for the day on which its pods are replaced.
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1 });
    expect(there.verbs()).not.toContain('rollout status');
  });

  it('that opted in are restarted for what was changed by hand meanwhile, and is taken back', async () => {
    const there = await appliedPlace({ objects: workloads(start + 100) });
    await there.apply();
    there.change(editByHand);
    // Also by a later run than the one that has taken it back.
    const { stdout } = await there.apply(['--yes']);
    expect(stdout).toMatch(/^To be restarted, .*: Deployment\/opted and Deployment\/plain$/m);
    expect(there.read().rolls).toEqual({});
    expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
    expect(there.object('Secret', 'depot-secrets')?.metadata.annotations).toEqual({});
    await there.apply(['--yes', '--restart']);
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
  });

  /** Changes a key behind the back of the checksum that pods have. */
  const editByHand = (state: State) => {
    state.now = start + 1_000;
    state.rolls = {};
    const object = stored(state, 'depot-secrets', {}) as Stored & { data: Record<string, string> };
    object.data['POSTAL_API_KEY'] = base64('fake-by-hand');
  };

  it('that opted in are restarted for what somebody has taken back who may not see them', async () => {
    const there = await appliedPlace({ objects: workloads(start + 100) });
    await there.apply();
    there.change((state) => {
      editByHand(state);
      state.role = applyRole().filter(({ resources }) => !resources.includes('replicasets'));
    });
    expect((await there.apply(['--yes'])).status).toBe(0);
    there.change((state) => {
      delete state.role;
    });
    expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
    expect(there.object('Secret', 'depot-secrets')?.metadata.annotations).toEqual({});
  });

  it('that need not restart any more, since they are gone, are not said to load what they loaded', async () => {
    const there = await changed();
    there.change((state) => {
      state.goneAfterApply = ['plain'];
    });
    const { stdout } = await there.apply(['--yes', '--restart']);
    expect(stdout).toMatch(/^To be restarted.*: Deployment\/plain$/m);
    expect(stdout).not.toMatch(/what was there before|Restarted: Deployment\/plain/);
  });

  /** A place where what pods load was deleted after they have opted in. */
  async function withoutSecret() {
    const there = await appliedPlace({ objects: workloads(start + 100) });
    await there.apply();
    there.change((state) => {
      state.now = start + 1_000;
      state.rolls = {};
      state.objects = state.objects.filter(({ metadata }) => metadata.name !== 'depot-secrets');
    });
    return there;
  }

  it('that opted in and have started without an object are restarted by the next run where this one is killed right behind the apply', async () => {
    const there = await withoutSecret();
    there.forgetCalls();
    const whole = there.read();
    await there.apply(['--yes', '--restart']);
    const failAt = there.verbs().indexOf('apply') + 2;
    there.change((state) => Object.assign(state, whole, { failAt }));
    there.forgetCalls();
    const { status, stderr } = await there.apply(['--yes', '--restart']);
    expect([status, there.object('Secret', 'depot-secrets')]).toEqual([1, expect.anything()]);
    expect(stderr).not.toContain('some of it');
    there.change((state) => {
      delete state.failAt;
    });
    expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
  });

  it.each([
    ['at once', false],
    ['also by the next run', true],
  ])('that opted in and have started without an object are restarted once it is there, %s', async (_when, isLater) => {
    const there = await withoutSecret();
    if (isLater) expect((await there.apply(['--yes'])).stdout).toMatch(/^ {2}Not restarted.*opted/m);
    expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
    expect(there.object('Secret', 'depot-secrets')?.metadata.annotations ?? {}).toEqual({});
  });

  it('that opted in and are paused are named by each run for what was changed by hand', async () => {
    const there = await appliedPlace({ objects: workloads(start + 100) });
    await there.apply();
    there.change((state) => {
      editByHand(state);
      for (const { kind, spec } of state.objects)
        if (kind === 'Deployment') Object.assign(spec ?? {}, { paused: true });
    });
    for (const _run of [1, 2]) {
      expect((await there.apply(['--yes', '--restart'])).stdout).toMatch(
        /^ {2}Not restarted: Deployment\/opted and .* paused/m,
      );
    }
  });

  it.each(['deployments', 'pods', 'secrets'])(
    'are not restarted, which is said, where %s can no longer be listed',
    async (what) => {
      const there = await changed();
      there.change((state) => {
        state.roleAfterApply = roleWithout(what);
      });
      const { status, stderr } = await there.apply(['--yes', '--restart']);
      expect([status, there.read().rolls]).toEqual([1, {}]);
      expect(stderr).toContain('What is there may no longer be read: no pod was restarted');
      there.change((state) => {
        delete state.role;
        delete state.roleAfterApply;
      });
      expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
      expect(there.read().rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
    },
  );

  it('are left alone with --no-restart', async () => {
    const there = await changed();
    const { status, stdout } = await there.apply(['--no-restart'], { isTTY: true, stdin: 'y\n' });
    expect([status, there.read().rolls]).toEqual([0, {}]);
    expect(stdout).toMatch(/^ {2}Not rolled out: Deployment\/opted\./m);
  });

  it('are not told to be left alone where only the plan is asked for', async () => {
    const there = await changed();
    const { stdout } = await there.apply(['--dry-run']);
    expect(stdout).toContain('Deployment/opted');
    expect(stdout).not.toMatch(/Not rolled out|Not restarted/);
  });

  it('that started before a change of an earlier run are restarted by the next one', async () => {
    const there = await changed();
    await there.apply(['--yes', '--no-restart']);
    const { status } = await there.apply(['--yes', '--restart']);
    expect([status, there.read().rolls]).toEqual([0, { 'Deployment/opted': 1, 'Deployment/plain': 1 }]);
  });

  it('that load what was taken over by hand, which has lost its times, are restarted', async () => {
    const there = await appliedPlace({ objects: workloads(start + 100) });
    there.change((state) => {
      const { metadata } = stored(state, 'depot-secrets', {});
      Object.assign(metadata, {
        managedFields: [],
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
      });
    });
    expect((await there.apply(['--dry-run'])).stdout).toMatch(/^To be restarted, since its pods load .*plain$/m);
  });

  it('and refer to an object of somebody else are told no key of it that is none of ours', async () => {
    const key = 'fake-secret-as-key';
    const theirs = { kind: 'Secret', metadata: { name: 'theirs', namespace }, data: { [key]: base64('x') } } as Stored;
    const [workload] = deployment('reader', namespace, [], start) as [Stored];
    const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'theirs', key: 'B' } } }];
    const spec = { template: { metadata: {}, spec: { containers: [{ name: 'main', env }] } } };
    const there = await appliedPlace({ objects: [theirs, { ...workload, spec } as Stored] });
    const { stderr } = await there.apply(['--dry-run']);
    expect(stderr).toContain('reads B of Secret theirs, which has no such key');
    expect(stderr).not.toContain(key);
  });

  it('that load by a name that is none cost kubectl no word of it', async () => {
    const there = await appliedPlace({
      objects: deployment('odd', namespace, [{ secretRef: { name: '--all' } }, { secretRef: { name: 'A B' } }], start),
    });
    await there.apply(['--dry-run']);
    expect(
      there
        .calls()
        .flat()
        .filter((word) => /--all|A B/.test(word)),
    ).toEqual([]);
  });

  it('that somebody restarts in the same second need no more, if nothing else is wrong with any', async () => {
    const there = await changed();
    const refused =
      'error: failed to create patch for plain: if restart has already been triggered within the past second, please wait';
    const failing = (message: string) =>
      there.change((state) => {
        state.failures = { 'rollout restart': message };
        delete state.leak;
      });
    failing(`${refused}\nerror: deployments.apps "other" can't restart paused deployment (run rollout resume first)`);
    expect((await there.apply(['--yes', '--restart'])).status).toBe(1);
    failing(`${refused}\n${refused.replace('plain', 'other')}`);
    expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
  });

  it('on their way out are not restarted twice where nothing replaces them yet', async () => {
    const there = await changed({ controllers: false });
    await there.apply(['--yes', '--restart']);
    await there.apply(['--yes', '--restart']);
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
  });

  it('are waited for, all at once, with the time limit of the command line', async () => {
    const there = await changed();
    there.change((state) => {
      state.neverReady = ['deployment/opted'];
    });
    const { status, stdout } = await there.apply(['--yes', '--restart', '--timeout', '2m']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^Waiting up to 120 s for Deployment\/opted and Deployment\/plain$/m);
    expect(stdout).toMatch(
      /^ {2}Ready: Deployment\/plain\n {2}Not ready in time: Deployment\/opted. See why: kubectl describe deployment\/opted -n \S+ --context=some-context$/m,
    );
    const waits = there.calls().filter(([, noun]) => noun === 'status');
    expect(waits.map((words) => words.filter((word) => /^--(?:timeout|request)/.test(word)))).toEqual([
      ['--timeout=120s'],
      ['--timeout=120s'],
    ]);
  });

  it('are not waited for with --no-wait', async () => {
    const there = await changed();
    there.change((state) => {
      state.neverReady = ['deployment/opted'];
    });
    const { status, stdout } = await there.apply(['--yes', '--no-wait']);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^ {2}Not waited for, and not ready yet: .*opted/m)]);
    expect(there.verbs()).not.toContain('rollout status');
    expect((await there.apply(['--yes'])).stdout).not.toContain('Not waited for');
  });

  it('and workloads may not be listed: --restart, which would leave some out, is refused', async () => {
    const there = await changed();
    there.change((state) => {
      state.role = applyRole().filter(({ resources }) => !resources.includes('replicasets'));
    });
    there.forgetCalls();
    expect(await there.apply(['--yes', '--restart'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('--restart would leave out what has to restart'),
    });
    expect(there.verbs()).not.toContain('apply');
  });

  it('may not be listed: it is said, and those are restarted that load what was changed', async () => {
    const there = await changed();
    there.change((state) => {
      state.role = roleWithout('pods');
    });
    const { status, stdout } = await there.apply(['--yes', '--restart']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Not compared, since this user may not read it: pods$/m);
    expect((await there.apply(['--yes', '--restart'])).status).toBe(0);
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
    await there.synth({ POSTAL_API_KEY: 'fake-newer-key' });
    there.change((state) => {
      state.failures = { 'rollout restart': 'error: unreachable' };
    });
    expect((await there.apply(['--yes', '--restart'])).stderr).toMatch(
      /will not know what has to restart\n {2}hint Do that yourself: kubectl rollout restart deployment\/plain -n \S+ --context=some-context\n/,
    );
    await there.synth({ POSTAL_API_KEY: 'fake-newest-key' });
    there.change((state) => {
      state.failures = { apply: 'error: unreachable' };
    });
    expect((await there.apply(['--yes'])).stderr).toMatch(
      /Do that yourself, if some of it was applied: kubectl rollout restart deployment\/plain -n /,
    );
  });
});

describe('what is left over', () => {
  const left = (kind: string, name: string, component: string) => labelled(kind, name, component, namespace, 'x');
  const objects = [
    left('Secret', 'free-secrets', 'free'),
    left('ConfigMap', 'used-config', 'used'),
    left('Secret', 'pull-secrets', 'pull'),
    left('Secret', 'made-secrets', 'made'),
    left('Secret', 'blue-free-secrets', 'free'),
    ...deployment('used', namespace, [{ configMapRef: { name: 'used-config' } }], start),
    { kind: 'ServiceAccount', metadata: { name: 'default', namespace }, imagePullSecrets: [{ name: 'pull-secrets' }] },
    { kind: 'ExternalSecret', metadata: { name: 'e', namespace }, spec: { target: { name: 'made-secrets' } } },
  ] as Stored[];
  const names = ({ read }: ReturnType<typeof place>) => read().objects.map(({ metadata }) => metadata.name);

  it('is listed with the line that deletes it, and kept', async () => {
    const there = await appliedPlace({ objects, hasExternalSecrets: true });
    const { status, stdout } = await there.apply();
    expect(status).toBe(0);
    expect(stdout).toContain(`kubectl delete secret/free-secrets -n ${namespace}`);
    expect(stdout).toMatch(/^Left over, and still named by ExternalSecret\/e: Secret\/made-secrets$/m);
    expect(names(there)).toContain('free-secrets');
  });

  it('is deleted with --prune, and nothing that is named elsewhere or was renamed', async () => {
    const there = await appliedPlace({ objects, hasExternalSecrets: true });
    const { status, stdout } = await there.apply(['--yes', '--prune']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}Deleted: Secret\/free-secrets$/m);
    expect(stdout).not.toContain('kubectl delete');
    const after = names(there);
    expect(after).not.toContain('free-secrets');
    expect(after).toEqual(expect.arrayContaining(['used-config', 'pull-secrets', 'made-secrets', 'blue-free-secrets']));
  });

  it('is not deleted while it is being deleted', async () => {
    const there = await appliedPlace({ objects, hasExternalSecrets: true });
    there.change((state) =>
      Object.assign(stored(state, 'free-secrets', {}).metadata, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    );
    const { status, stdout } = await there.apply(['--yes', '--prune']);
    expect([status, stdout]).toEqual([0, expect.not.stringContaining('Deleted')]);
  });

  it('is deleted as the ExternalSecret of a bundle that is gone, whose Secret goes with it', async () => {
    const own = [
      left('ExternalSecret', 'free-secrets', 'free'),
      left('Secret', 'free-secrets', 'free'),
      left('ExternalSecret', 'depot-secrets', 'depot'),
      { ...left('ExternalSecret', 'used-secrets', 'used'), spec: { target: { name: '' } } },
      left('Secret', 'used-secrets', 'used'),
      { ...left('ExternalSecret', 'other-secrets', 'other'), spec: { target: { name: 'called-otherwise' } } },
      ...['used-secrets', 'called-otherwise'].flatMap((name, at) =>
        deployment(`user-${at}`, namespace, [{ secretRef: { name } }], start),
      ),
    ];
    const there = await appliedPlace({ objects: own, hasExternalSecrets: true });
    const { stdout } = await there.apply(['--yes', '--prune']);
    expect(stdout).toMatch(/^Left over, and still named by ExternalSecret\/free-secrets: Secret\/free-secrets$/m);
    expect(stdout).toMatch(/^Left over, and still named by Deployment\/user-0, .*: ExternalSecret\/used-secrets$/m);
    expect(stdout).toMatch(/^Left over, and still named by Deployment\/user-1, .*: ExternalSecret\/other-secrets$/m);
    expect(stdout).toMatch(/^ {2}Deleted: ExternalSecret\/free-secrets$/m);
    // That of a Secret which is written again would take it along.
    expect(there.object('ExternalSecret', 'depot-secrets')).toBeDefined();
  });

  const without = (unseen: string) => (state: State) => {
    state.role = roleWithout(unseen);
  };

  it.each(['pods', 'deployments'])('is not deleted where nobody may see what is in use: no %s', async (unseen) => {
    const there = await appliedPlace({ objects });
    there.change(without(unseen));
    const { status, stderr } = await there.apply(['--yes', '--prune']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('--prune would delete blindly')]);
    expect(names(there)).toContain('free-secrets');
  });

  it.each<[why: string, change: (state: State) => void]>([
    ['may not be listed', without('externalsecrets')],
    [
      'cannot be listed, since a webhook of the operator is gone',
      (state) => {
        state.failures = {
          'get externalsecrets.external-secrets.io':
            "E1127 04:00:00.1 7 memcache.go:265] couldn't get resource list: the server could not find the requested resource\nError from server: conversion webhook failed: the server could not find the requested resource",
        };
      },
    ],
  ])('is not deleted where ExternalSecrets %s', async (_why, change) => {
    const all = [...objects, left('ConfigMap', 'free-config', 'free')];
    const there = await appliedPlace({ objects: all, hasExternalSecrets: true });
    there.change(change);
    const { status, stdout } = await there.apply(['--yes', '--prune']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Not compared, since this user may not read it: ExternalSecrets$/m);
    const [, kept = ''] = /^Left over, and still named by ExternalSecrets, perhaps: (.*)$/m.exec(stdout) ?? [];
    for (const object of ['Secret/free-secrets', 'ConfigMap/free-config']) {
      expect(kept).toContain(object);
      expect(names(there)).toContain(object.split('/')[1]);
    }
    expect(stdout).not.toContain('Deleted');
  });
});

describe('an apply that is interrupted', () => {
  const objects = [
    ...deployment('opted', namespace, depot, start + 100, optedIn('depot')),
    ...deployment('plain', namespace, depot, start + 100),
    ...deployment('kiosk', namespace, [{ secretRef: { name: 'kiosk-secrets' } }], start + 100),
  ];
  const all = ['--yes', '--restart', '--prune'];
  const changes = { POSTAL_API_KEY: 'fake-new-key' };
  async function ready() {
    const there = await appliedPlace({ objects });
    there.change((state) => {
      state.now = start + 1_000;
      state.rolls = {};
      const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': leak };
      Object.assign(stored(state, 'depot-config', {}).metadata, { annotations });
    });
    await there.synth(changes);
    return there;
  }
  const mayNotSeePods = (state: State) => {
    state.role = roleWithout('pods');
  };
  const endOf = ({ read }: Awaited<ReturnType<typeof ready>>) => {
    const { objects: stored, rolls } = read();
    const own = stored.filter(({ kind }) => kind === 'Secret' || kind === 'ConfigMap');
    return {
      rolls,
      objects: own.map(({ kind, metadata, ...rest }) => [kind, metadata.name, metadata.annotations ?? {}, rest]),
    };
  };

  it('ends right when run again, wherever that was, each workload rolled once', async () => {
    const whole = await ready();
    expect((await whole.apply(all)).status).toBe(0);
    const end = endOf(whole);
    expect(end.rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
    const count = whole.calls().length;
    expect(count).toBeGreaterThan(10);

    // Reading calls change nothing: those before the first change, and one in the middle, stand for all.
    const changing = whole.calls().flatMap(([verb], at) => (verb === 'get' || verb === 'config' ? [] : [at + 1]));
    for (const failAt of [3, ...changing, Math.max(...changing) - 1]) {
      for (const failAfterwards of [false, true]) {
        const there = await ready();
        there.change((state) => Object.assign(state, { failAt, failAfterwards }));
        expect({ failAt, status: (await there.apply(all)).status }).toEqual({ failAt, status: 1 });
        there.change((state) => {
          delete state.failAt;
          state.now += 1_000;
        });
        expect((await there.apply(all)).status).toBe(0);
        expect({ failAt, failAfterwards, ...endOf(there) }).toEqual({ failAt, failAfterwards, ...end });
      }
    }
  }, 300_000);

  /**
   * What plain kubectl apply has set at `start + 500`, behind the back of pods that are older: alone, or beside our apply
   * of before, whose time then stays the only one.
   */
  async function takenOver(isAlone: boolean) {
    const there = await ready();
    await there.synth();
    there.change((state) => {
      const time = new Date((start + 500) * 1_000).toISOString();
      for (const { kind, metadata } of state.objects) {
        if (kind !== 'Secret' && kind !== 'ConfigMap') continue;
        const [entry] = (metadata.managedFields ?? []) as readonly object[];
        const plain = { ...entry, manager: 'kubectl-client-side-apply', operation: 'Update', time };
        Object.assign(metadata, { managedFields: isAlone ? [plain] : [entry, plain] });
        metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': leak };
      }
    });
    there.forgetCalls();
    return there;
  }

  it.each([
    ['what plain kubectl apply has set', true],
    ['what both have set', false],
  ])(
    'also where it takes over %s: whatever was stale is restarted once',
    async (_what, isAlone) => {
      const whole = await takenOver(isAlone);
      expect((await whole.apply(all)).status).toBe(0);
      const end = endOf(whole);
      expect(end.rolls).toEqual({ 'Deployment/kiosk': 1, 'Deployment/plain': 1 });
      const changing = whole.calls().flatMap(([verb], at) => (verb === 'get' || verb === 'config' ? [] : [at + 1]));
      expect(changing.length).toBeGreaterThan(3);
      for (const failAt of changing) {
        for (const failAfterwards of [false, true]) {
          const there = await takenOver(isAlone);
          there.change((state) => Object.assign(state, { failAt, failAfterwards }));
          expect((await there.apply(all)).status).toBe(1);
          there.change((state) => {
            delete state.failAt;
          });
          expect((await there.apply(all)).status).toBe(0);
          expect({ failAt, failAfterwards, ...endOf(there) }).toEqual({ failAt, failAfterwards, ...end });
          expect((await there.apply(all)).stdout).toContain('has all that is in');
        }
      }
    },
    300_000,
  );

  it.each([
    ['are not restarted', ['--yes', '--no-restart'], () => {}],
    [
      'are of a workload that is paused',
      all,
      (state: State) => {
        for (const { kind, spec } of state.objects)
          if (kind === 'Deployment') Object.assign(spec ?? {}, { paused: true });
      },
    ],
  ])('and taken over, is known to the next run where pods %s', async (_which, args, change) => {
    const there = await takenOver(true);
    there.change(change);
    for (const _run of [1, 2]) {
      const { status, stdout } = await there.apply(args);
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^ {2}Not restarted.*plain/m)]);
    }
    expect(there.object('Secret', 'depot-secrets')?.metadata.annotations).toEqual({
      'parcel-desk/changed-at': new Date((start + 500) * 1_000).toISOString(),
    });
    there.change((state) => {
      for (const { kind, spec } of state.objects)
        if (kind === 'Deployment') Object.assign(spec ?? {}, { paused: false });
    });
    expect((await there.apply(all)).status).toBe(0);
    expect(there.read().rolls).toEqual({ 'Deployment/kiosk': 1, 'Deployment/plain': 1 });
    expect(there.object('Secret', 'depot-secrets')?.metadata.annotations).toEqual({});
  });

  it('and taken over by who may not list pods, is known to who may', async () => {
    const there = await takenOver(true);
    there.change(mayNotSeePods);
    expect((await there.apply(['--yes'])).status).toBe(0);
    there.change((state) => {
      delete state.role;
    });
    expect((await there.apply(all)).status).toBe(0);
    expect(there.read().rolls).toEqual({ 'Deployment/kiosk': 1, 'Deployment/plain': 1 });
  });

  const pause = (paused: boolean) => (state: State) => {
    for (const { kind, metadata, spec } of state.objects)
      if (kind === 'Deployment' && metadata.name === 'plain') Object.assign(spec ?? {}, { paused });
  };
  it.each<[when: string, args: string[], before: (state: State) => void, inVain: object]>([
    ['at once', all, () => {}, { 'Deployment/kiosk': 1, 'Deployment/plain': 1 }],
    ['by the next run, where this one may not', ['--yes'], () => {}, {}],
    ['by the next run, where this one sees no pods', ['--yes'], mayNotSeePods, {}],
    ['as soon as that can be, the others once', all, pause(true), { 'Deployment/kiosk': 1 }],
  ])('and taken over by hand has lost its time: pods are restarted %s', async (_when, args, before, inVain) => {
    const there = await takenOver(true);
    there.change((state) => {
      for (const { kind, metadata } of state.objects)
        if (kind === 'Secret' || kind === 'ConfigMap')
          for (const entry of (metadata.managedFields ?? []) as { time?: string }[]) {
            Object.assign(entry, { manager: 'kubectl', operation: 'Apply' });
            delete entry.time;
          }
      before(state);
    });
    for (const _run of [1, 2]) {
      expect((await there.apply(args)).status).toBe(0);
      expect(there.read().rolls).toEqual(inVain);
    }
    there.change((state) => {
      delete state.role;
      pause(false)(state);
    });
    for (const _run of [1, 2]) {
      expect((await there.apply(all)).status).toBe(0);
      expect(there.read().rolls).toEqual({ 'Deployment/kiosk': 1, 'Deployment/plain': 1 });
    }
    expect(there.object('Secret', 'depot-secrets')?.metadata.annotations).toEqual({});
  });

  it('keeps what tells who has to restart until pods are replaced, also where that is not waited for', async () => {
    const there = await takenOver(true);
    const marks = () => Object.keys(there.object('Secret', 'depot-secrets')?.metadata.annotations ?? {});
    there.change((state) => {
      state.neverReady = ['deployment/plain'];
    });
    expect((await there.apply(all)).status).toBe(1);
    expect(marks()).toEqual(['parcel-desk/changed-at']);
    const again = await takenOver(true);
    const { status, stdout } = await again.apply([...all, '--no-wait', '--json']);
    expect([status, JSON.parse(stdout).notAwaited]).toEqual([0, ['Deployment/plain', 'Deployment/kiosk']]);
    expect(again.object('Secret', 'depot-secrets')?.metadata.annotations).toHaveProperty(['parcel-desk/changed-at']);
    there.change((state) => {
      delete state.neverReady;
    });
    expect((await there.apply(all)).status).toBe(0);
    expect(marks()).toEqual([]);
  });

  it('and waits in vain, is known to the next run', async () => {
    const there = await takenOver(true);
    there.change((state) => {
      for (const each of state.objects)
        if (each.kind === 'Deployment' && each.metadata.name === 'opted')
          delete (each['spec'] as { template: { metadata?: object } }).template.metadata;
      state.failures = { 'rollout status': 'error: connection refused' };
    });
    expect((await there.apply(['--yes'])).status).toBe(1);
    there.change((state) => {
      delete state.failures;
    });
    expect((await there.apply(['--yes'])).stdout).toMatch(/^ {2}Not restarted.*plain/m);
  });

  it('also amid the objects', async () => {
    const whole = await ready();
    await whole.apply(all);
    for (const applyOnly of [1, 4]) {
      const there = await ready();
      const differing = async (): Promise<string[]> =>
        JSON.parse((await there.apply(['--dry-run', '--json'])).stdout)
          .objects.filter((each: LiveDifference) => isToApply({ ...each, copied: false }))
          .map(({ object }: LiveDifference) => object);
      const before = await differing();
      there.change((state) => Object.assign(state, { applyOnly }));
      const { status, stderr } = await there.apply(all);
      there.change((state) => {
        delete state.applyOnly;
      });
      const open = await differing();
      const applied = before.filter((object) => !open.includes(object));
      const what = applied.length === 0 ? 'Nothing was applied' : `Applied by then: ${someOf(applied)}`;
      const rest = open.length === 0 || applied.length === 0 ? '' : `; but not: ${someOf(open)}`;
      const isChanged = applied.includes('Secret/depot-secrets');
      const due = isChanged ? '. Still to be restarted: Deployment/opted and Deployment/plain' : '';
      expect([status, stderr]).toEqual([1, expect.stringContaining(`error[cluster] ${what}${rest}${due}\n`)]);
      expect((await there.apply(all)).status).toBe(0);
      expect(endOf(there)).toEqual(endOf(whole));
    }
  }, 120_000);

  const told = async (there: Awaited<ReturnType<typeof ready>>, args: readonly string[] = all) => {
    const { status, stderr } = await there.apply(args);
    expect(status).toBe(1);
    return [...stderr.matchAll(/^error\[cluster\] (?!kubectl )(.*)\n {2}hint Run the same/gm)].map(([, text]) => text);
  };

  it('says what was deleted, where kubectl fails amid that', async () => {
    const there = await appliedPlace({
      objects: [
        labelled('Secret', 'old-secrets', 'old', namespace, 'x'),
        labelled('ConfigMap', 'old-config', 'old', namespace, 'x'),
      ],
    });
    there.change((state) => {
      state.role = roleWithoutVerb('configmaps', 'delete');
    });
    // Nor may anything be looked at any more, or listed.
    const notListed = roleWithoutVerb('configmaps', 'delete').map(({ verbs, ...rule }) => ({
      ...rule,
      verbs: rule.resources.includes('configmaps') ? verbs.filter((verb) => verb !== 'list') : verbs,
    }));
    for (const roleAfterDelete of [[], notListed]) {
      there.change((state) => {
        Object.assign(state, { roleAfterDelete });
        state.objects = state.objects.filter(({ metadata }) => metadata.name !== 'old-secrets');
        state.objects.push(labelled('Secret', 'old-secrets', 'old', namespace, 'x'));
        state.role = roleWithoutVerb('configmaps', 'delete');
      });
      expect(await told(there)).toEqual(['It is not known what was deleted']);
    }
    there.change((state) => {
      state.role = roleWithoutVerb('configmaps', 'delete');
      delete state.roleAfterDelete;
      state.objects.push(labelled('Secret', 'old-secrets', 'old', namespace, 'x'));
    });
    expect(await told(there)).toEqual(['Deleted: Secret/old-secrets']);
  });

  it('names what may still have to restart, where kubectl fails amid that', async () => {
    const there = await ready();
    there.change((state) => {
      const [workload, , pod] = deployment('set', namespace, depot, start + 100) as [Stored, Stored, Stored];
      const ownerReferences = [{ kind: 'StatefulSet', name: 'set', controller: true }];
      state.objects.push(
        { ...workload, kind: 'StatefulSet' },
        { ...pod, metadata: { ...pod.metadata, ownerReferences } },
      );
      state.role = roleWithoutVerb('statefulsets', 'patch');
    });
    const [text] = await told(there);
    expect(text).toMatch(
      /^Applied by then: .*\. Perhaps still to be restarted: Deployment\/plain and StatefulSet\/set$/,
    );
    expect(there.read().rolls).toEqual({ 'Deployment/opted': 1, 'Deployment/plain': 1 });
  });

  it('has nobody restart who is right, where it ends before what it would take from plain kubectl apply', async () => {
    const there = await appliedPlace({ objects: deployment('plain', namespace, depot, start + 500) });
    there.change((state) => {
      const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': leak, other: '' };
      const entry = { manager: 'kubectl-client-side-apply', operation: 'Update', time: '2026-01-01T00:00:00Z' };
      Object.assign(stored(state, 'depot-config', {}).metadata, { annotations });
      stored(state, 'depot-config', {}).metadata.managedFields?.push({
        ...entry,
        fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:other': {} } } },
      });
      state.failures = { annotate: 'error: no' };
    });
    expect(await told(there)).toEqual([]);
  });

  it('offers a command to try by hand that somebody can read', async () => {
    const names = Array.from({ length: 100 }, (_, at) => `old-${at}`);
    const there = await appliedPlace({
      objects: names.map((name) => labelled('ConfigMap', `${name}-config`, name, namespace, 'x')),
    });
    there.change((state) => {
      manage(stored(state, 'depot-secrets', {}), 'some-operator', { 'f:data': { 'f:POSTAL_API_KEY': {} } });
      state.failures = { delete: 'error: no', patch: 'Error from server (Forbidden): x' };
    });
    const shown = async (args: readonly string[]) =>
      (await there.apply(args)).stderr.match(/(?<=Try it by hand: ).*/)?.[0].split(' ') ?? [];
    const deleted = await shown(all);
    expect(deleted.filter((word) => word.startsWith('configmap/old-'))).toHaveLength(limits.keysListed);
    expect(deleted.slice(0, 2)).toEqual(['kubectl', 'delete']);
    const patched = await shown(['--yes', '--take-over']);
    expect(patched.slice(0, 5)).toEqual(['kubectl', 'auth', 'can-i', 'patch', 'secret/depot-secrets']);
  });

  it('names who was to be restarted before, though this run applies nothing', async () => {
    const there = await ready();
    expect((await there.apply(['--yes', '--no-restart'])).status).toBe(0);
    await there.synth({ ...changes, KIOSK_THREADS: '3' });
    there.change((state) => Object.assign(state, { admission: true }));
    const due = 'Deployment/opted and Deployment/plain';
    expect(await told(there)).toEqual([`Nothing was applied. Still to be restarted: ${due}`]);
    // Nor is anything to be applied.
    await there.synth(changes);
    there.change((state) =>
      Object.assign(state, { admission: false, failures: { rollout: 'error: connection refused' } }),
    );
    expect(await told(there)).toEqual(['Restarted: Deployment/opted. Perhaps still to be restarted: Deployment/plain']);
  });

  it.each([
    ['look any more', []],
    ['read all of it any more', roleWithout('secrets')],
  ])('does not know what was applied, where it cannot %s', async (_what, roleAfterApply) => {
    const there = await ready();
    there.change((state) => Object.assign(state, { applyOnly: 1, roleAfterApply }));
    expect(await told(there)).toEqual(['It is not known what was applied by then']);
  });

  it('does not speak of the next run where nothing was applied by this one', async () => {
    const there = await takenOver(true);
    await there.synth(changes);
    there.change((state) => {
      mayNotSeePods(state);
      state.failures = { annotate: 'error: no' };
    });
    const { stderr } = await there.apply(['--yes']);
    expect(stderr).toContain('error[cluster] Nothing was applied\n');
    expect(stderr).not.toContain('The next run');
  });

  it('nor where everything was restarted by then', async () => {
    const there = await takenOver(true);
    await there.synth(changes);
    there.change((state) => {
      mayNotSeePods(state);
      state.failures = { 'rollout status': 'error: connection refused' };
    });
    const { stderr } = await there.apply(all.filter((arg) => arg !== '--prune'));
    expect(stderr).toMatch(/^error\[cluster\] Applied by then: .*\. Restarted: .*Deployment\/plain/m);
    expect(stderr).not.toContain('The next run');
  });

  it('says what was taken over by then', async () => {
    const shared = async () => {
      const there = await appliedPlace();
      there.change((state) => {
        const manager = (name: string, key: string) =>
          manage(stored(state, name, {}), 'some-operator', { 'f:data': { [`f:${key}`]: {} } });
        manager('depot-secrets', 'POSTAL_API_KEY');
        manager('depot-config', 'LOG_FLOOR');
      });
      return there;
    };
    const args = ['--yes', '--take-over'];
    const whole = await shared();
    await whole.apply(args);
    const failAt = whole.verbs().lastIndexOf('patch') + 1;
    const there = await shared();
    there.change((state) => Object.assign(state, { failAt }));
    expect((await told(there, args))[0]).toMatch(/\. Taken over: Secret\/depot-secrets$/);
  });
});

describe('the Role in examples/', () => {
  it('has every right that is used, and no other', async () => {
    const rules = applyRole();
    const template = { spec: { containers: [{ name: 'main', envFrom: depot }] } };
    const metadata = { namespace, labels: optedIn('depot') };
    const there = place({
      role: rules,
      hasExternalSecrets: true,
      objects: [
        ...deployment('plain', namespace, depot, start),
        { kind: 'CronJob', metadata: { ...metadata, name: 'nightly' }, spec: { jobTemplate: { spec: { template } } } },
        ...['StatefulSet', 'DaemonSet', 'Deployment'].map((kind) => ({
          kind,
          metadata: { ...metadata, name: kind.toLowerCase() },
          spec: { template },
        })),
        {
          kind: 'Secret',
          metadata: {
            name: 'free-secrets',
            namespace,
            labels: {
              'app.kubernetes.io/name': 'parcel-desk',
              'app.kubernetes.io/managed-by': 'cdk8s',
              'app.kubernetes.io/component': 'free',
              environment: 'x',
            },
          },
        },
      ] as Stored[],
    });
    await there.synth();
    const { status, stderr } = await there.apply(['--yes', '--restart', '--prune']);
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    const given = rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    );
    // Restarting takes the same rights for each kind; one delete and one annotate stand for both.
    const used = there.used();
    expect([...used].filter((each) => !given.includes(each))).toEqual([]);
    expect(given.filter((each) => !used.has(each)).sort()).toEqual(['delete /configmaps']);
  });
});

describe('the command line', () => {
  it.each([
    [['--yes', '--timeout', 'soon'], '--timeout takes a time span'],
    [['--yes', '--timeout', '0'], '--timeout takes a time span'],
    [['--yes', '--timeout', '25h'], '--timeout takes a time span of at most 24h'],
    [['y', '--yes'], 'apply takes exactly one environment'],
    [['--yes', '--report', 'html'], '--report takes text, json, markdown'],
  ])('%j is refused: exit status 2', async (args, message) => {
    const { synth, apply, calls } = place();
    await synth();
    expect(await apply(args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
    expect(calls()).toEqual([]);
  });

  it.each(['json', 'markdown'])('--report %s: one document, with no value of a secret', async (form) => {
    const there = await appliedPlace({ objects: deployment('opted', namespace, depot, start + 100, optedIn('depot')) });
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    const { status, stdout, stderr } = await there.apply(['--yes', '--report', form]);
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect(stdout).not.toMatch(/fake|ZmFr/);
    if (form === 'json') {
      expect(JSON.parse(stdout)).toMatchObject({
        environment: 'x',
        context: 'some-context',
        outcome: 'applied',
        restarted: [{ workload: 'Deployment/opted', how: 'rollout' }],
        waited: [{ workload: 'Deployment/opted', ready: true }],
        objects: expect.arrayContaining([
          expect.objectContaining({ object: 'Secret/depot-secrets', differentKeys: ['POSTAL_API_KEY'] }),
        ]),
      });
    } else expect(stdout).toMatch(/^## x: 1 object of /);
  });

  it.each([
    ['24h', 0],
    ['86401s', 2],
  ])('takes a --timeout of a day at most: %s', async (timeout, status) => {
    const { synth, apply } = place();
    await synth();
    expect((await apply(['--dry-run', '--timeout', timeout])).status).toBe(status);
  });

  it('says what is to be done by hand after a plan, and nothing with --quiet', async () => {
    const there = await appliedPlace({ objects: deployment('plain', namespace, depot, start) });
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    expect((await there.apply(['--dry-run'])).stdout).toContain('kubectl rollout restart deployment/plain');
    expect((await there.apply(['--dry-run', '--quiet'], { isTTY: true })).stdout).toBe('');
  });

  it('prints nothing with --quiet but problems', async () => {
    const { synth, apply } = place();
    await synth();
    expect(await apply(['--yes', '--quiet'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('says with --quiet what has not worked, and what is left to do', async () => {
    const objects = deployment('sorter', namespace, depot, start);
    const there = await appliedPlace({ objects, neverReady: ['deployment/sorter'] });
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    const left = await there.apply(['--yes', '--quiet', '--no-wait']);
    expect([left.status, left.stdout]).toEqual([
      0,
      expect.stringMatching(/^x: .*\n {2}Not restarted, with pods .*\n$/),
    ]);
    const late = await there.apply(['--yes', '--quiet', '--restart', '--timeout', '1s']);
    expect([late.status, late.stdout]).toEqual([
      1,
      expect.stringMatching(/^x: .*\n {2}Restarted.*\n {2}Not ready in time/),
    ]);
  });

  it('shows with --quiet what somebody is asked about', async () => {
    const there = await appliedPlace();
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    const { stdout } = await there.apply(['--quiet'], { isTTY: true, stdin: 'n\n' });
    expect(stdout).toMatch(/^Secret\/depot-secrets +different$/m);
  });

  it('breaks what is too long for a terminal', async () => {
    const objects = deployment('a-rather-long-name-of-a-sorter-of-parcels', namespace, depot, start);
    const there = await appliedPlace({ objects });
    there.change((state) => {
      Object.assign(stored(state, 'depot-secrets', {})['data'] ?? {}, { 'fake-of-somebody': 'ZmFrZQ==' });
    });
    await there.synth({ POSTAL_API_KEY: 'fake-new-key' });
    const { stdout } = await there.apply(['--yes', '--restart'], { isTTY: true, columns: 60 });
    const long = stdout.split('\n').filter((line) => line.length > 60 && !/kubectl|\/tmp/.test(line));
    expect([stdout, long]).toEqual([expect.stringMatching(/in the catalog.*\n {4}/), []]);
  });
});

it('the folder is never written to', async () => {
  const { synth, apply, out } = place();
  await synth();
  const before = readFileSync(join(out, 'x/parcel-desk.k8s.yaml'), 'utf8');
  await apply();
  expect(readFileSync(join(out, 'x/parcel-desk.k8s.yaml'), 'utf8')).toBe(before);
  expect(existsSync(join(out, 'x/previous'))).toBe(false);
});
