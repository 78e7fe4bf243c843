import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog as parcelDesk } from '../../test/fixture/catalog';
import { folderWith, run, validEnvironment, validValues } from '../../test/run';
import type { Variable } from '../catalog/catalog';

const two = (changes: Readonly<Record<string, string>>) => {
  const common = { POD_NAMESPACE: 'one', OFFICE: 'a.example' };
  const envs = folderWith({
    'a.env': validEnvironment('a', common),
    'b.env': validEnvironment('b', { ...common, POD_NAMESPACE: 'two', ...changes }),
  });
  return (...args: string[]) => run(['diff', ...args, '--envs', envs]);
};

describe('two environments', () => {
  it('whose values would break the table are quoted', async () => {
    const forged = `'a\nPOSTAL_API_KEY  same  \u001b[31m'`;
    const { stdout } = await two({ KUBE_CLUSTER: forged })('a', 'b');
    expect(stdout).toMatch(/^KUBE_CLUSTER .*"a\\nPOSTAL_API_KEY +same +\\u001b\[31m"$/m);
  });

  it('side by side: config with its values, secrets as same or different only', async () => {
    const { status, stdout, stderr } = await two({ OFFICE: 'b.example', POSTAL_API_KEY: 'fake-other' })('a', 'b');
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^OFFICE +different +a\.example +b\.example$/m);
    expect(stdout).toMatch(/^POSTAL_API_KEY +different +\(secret\) +\(secret\)$/m);
    expect(stdout).toMatch(/^GEOCODES_API_KEY +same +\(secret\) +\(secret\)$/m);
    expect(stdout).toMatch(/^PD_ENV +must differ +a +b$/m);
    expect(stdout).toMatch(/\n2 differences between a and b\n$/);
    expect(stdout).not.toContain('fake-o');
  });

  it('as JSON', async () => {
    const { status, stdout } = await two({ OFFICE: 'b.example' })('a', 'b', '--json');
    const { environments, variables } = JSON.parse(stdout);
    const variable = (name: string) => variables.find((each: { name: string }) => each.name === name);
    expect([status, environments]).toEqual([1, ['a', 'b']]);
    expect(variable('OFFICE')).toEqual({
      name: 'OFFICE',
      kind: 'config',
      sensitive: false,
      state: 'different',
      values: ['a.example', 'b.example'],
    });
    expect(variable('POSTAL_API_KEY')).toEqual({
      name: 'POSTAL_API_KEY',
      kind: 'secret',
      sensitive: true,
      state: 'same',
    });
  });

  it('that differ in no more than they must are the same: status 0', async () => {
    const { status, stdout } = await two({})('a', 'b');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^POD_NAMESPACE +must differ +one +two$/m)]);
    expect(stdout).toMatch(/\n0 differences between a and b\n$/);
    expect((await two({})('a', 'b', '--strict')).status).toBe(0);
  });

  it('that share their namespace are compared all the same', async () => {
    const { status, stdout, stderr } = await two({ POD_NAMESPACE: 'one' })('a', 'b');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^POD_NAMESPACE +same /m);
  });

  it('are compared but for what one of them lacks or has wrong, which the end counts', async () => {
    const diff = two({ POSTAL_API_KEY: '', GEOCODES_API_KEY: 'fake-other', LOG_FLOOR: 'loud' });
    const { status, stdout, stderr } = await diff('a', 'b');
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^b\nerror\[invalid-value\] LOG_FLOOR .*\n\nb: 1 error, the rest is compared\n$/s),
    ]);
    expect(stdout).toMatch(/^POSTAL_API_KEY +not compared +\(secret\) +\(missing\)$/m);
    expect(stdout).toMatch(/^LOG_FLOOR +not compared +info +\(invalid\)$/m);
    expect(stdout).toMatch(/\n1 difference between a and b, 2 not compared: see check for b\n$/);
    expect(stdout).not.toContain('fake-other');
    expect((await diff('a', 'b', '--strict')).status).toBe(3);
  });

  it('are the same where what can be compared is: status 0, and 3 with --strict', async () => {
    const diff = two({ POSTAL_API_KEY: '' });
    expect((await diff('a', 'b')).status).toBe(0);
    expect((await diff('a', 'b', '--strict')).status).toBe(3);
    const { variables, problems } = JSON.parse((await diff('a', 'b', '--json')).stdout);
    expect(variables).toContainEqual({
      name: 'POSTAL_API_KEY',
      kind: 'secret',
      sensitive: true,
      state: 'not-compared',
    });
    expect(problems).toMatchObject([[], [{ code: 'missing', variable: 'POSTAL_API_KEY' }]]);
  });

  it.each([
    ['optional and given by one only', { DEPOT_THREADS: '4' }, /^DEPOT_THREADS +only b +– +4$/m, 1],
    ['a default and the same text', { LOG_FLOOR: 'info' }, /^LOG_FLOOR +same +info +info$/m, 0],
  ])('tell of what is %s', async (_what, changes, line, status) => {
    expect(await two(changes)('a', 'b')).toMatchObject({ status, stdout: expect.stringMatching(line) });
  });

  it.each([
    ['is no text', Buffer.from([0xff])],
    ['is a patch that is no YAML', 'a: ['],
  ])('of which one has a file that %s are not compared: any value may be another', async (_what, bad) => {
    const envs = folderWith({
      'a.env': validEnvironment('a'),
      'b.env': validEnvironment('b'),
      'b-secret-config-patch.yml': bad,
    });
    const { status, stdout, stderr } = await run(['diff', 'a', 'b', '--envs', envs]);
    expect([status, stdout, stderr]).toEqual([3, '', expect.stringMatching(/b: 1 error, nothing compared\n$/)]);
    const json = await run(['diff', 'a', 'b', '--envs', envs, '--json']);
    expect(JSON.parse(json.stdout).environments).toMatchObject([{ ok: true }, { ok: false }]);
  });

  it.each([
    ['none', [], 2],
    ['one that was never written', ['a', '--out', '/nowhere'], 3],
    ['three', ['a', 'b', 'c'], 2],
    ['two with --live', ['a', 'b', '--live'], 2],
    ['an empty --context', ['a', '--live', '--context', ''], 2],
    ['one twice', ['a', 'a'], 2],
    ['--context without --live', ['a', 'b', '--context', 'x'], 2],
    ['one that is not there', ['a', 'nope'], 3],
  ])('or %s: status %3$s', async (_what, args, status) => {
    expect(await two({})(...args)).toMatchObject({ status, stdout: '' });
  });
});

describe('an environment and what the last synth wrote', () => {
  const values = { OFFICE: 'a.example', DEPOT_THREADS: '4' };
  /** Writes x with some values, then compares it with others. */
  async function written(changes: Readonly<Record<string, string>>, more: readonly string[] = []) {
    const root = folderWith({ 'envs/x.env': validEnvironment('x', values) });
    const on = (command: string, ...args: readonly string[]) =>
      run([command, 'x', '--envs', join(root, 'envs'), '--out', join(root, 'dist'), ...args]);
    expect((await on('synth')).status).toBe(0);
    writeFileSync(join(root, 'envs/x.env'), validEnvironment('x', { ...values, ...changes }));
    const { stdout, ...rest } = await on('diff', ...more);
    return { ...rest, stdout: stdout.replaceAll(root, '') };
  }

  it('are the same where nothing was changed', async () => {
    expect(await written({})).toEqual({
      status: 0,
      stderr: '',
      stdout: `Secret/common-secrets        same
ConfigMap/common-config      same
Secret/depot-secrets         same
ConfigMap/depot-config       same
Secret/kiosk-secrets         same
ConfigMap/kiosk-config       same
Secret/registry-credentials  same

x and what is in /dist/x: no object differs
`,
    });
  });

  it('differ by object and key, and no value is shown', async () => {
    const changes = {
      OFFICE: 'fake-b.example',
      DEPOT_THREADS: '',
      ROUTES: '{"fake":1}',
      POSTAL_API_KEY: 'fake-rotated',
    };
    const { status, stdout } = await written(changes);
    expect([status, stdout]).toEqual([
      1,
      `Secret/common-secrets        same
ConfigMap/common-config      changed  changed OFFICE
Secret/depot-secrets         changed  changed POSTAL_API_KEY
ConfigMap/depot-config       changed  added ROUTES; removed THREADS
Secret/kiosk-secrets         same
ConfigMap/kiosk-config       same
Secret/registry-credentials  same

x and what is in /dist/x: 3 objects of 7 differ
`,
    ]);
  });

  it('are compared but for what lacks a value', async () => {
    const { status, stdout, stderr } = await written({ POSTAL_API_KEY: '', REGISTRY_TOKEN: '', OFFICE: 'not a host' });
    expect([status, stderr]).toEqual([0, expect.stringMatching(/x: 1 error, the rest is compared\n$/)]);
    expect(stdout).toMatch(/\nx and what is in \/dist\/x: no object differs, 3 not compared: see check for x\n$/);
    expect((await written({ POSTAL_API_KEY: '' }, ['--strict'])).status).toBe(3);
  });

  it('are compared but for an object of which no key is', async () => {
    const none = { POSTAL_API_KEY: '', GEOCODES_API_KEY: '', LOCATION_API_KEY: '' };
    const objects = async (changes: Readonly<Record<string, string>>) => (await written(changes)).stdout.split('\n');
    expect(await objects(none)).not.toContainEqual(expect.stringMatching(/^Secret\/depot-secrets /));
    const { LOCATION_API_KEY: _, ...others } = none;
    expect(await objects(others)).toContainEqual(expect.stringMatching(/^Secret\/depot-secrets +same$/));
  });

  it('cannot be compared without a namespace: status 3', async () => {
    expect(await written({ POD_NAMESPACE: '' })).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringContaining('Without a valid POD_NAMESPACE nothing can be compared'),
    });
  });

  it('tell of another namespace', async () => {
    expect((await written({ POD_NAMESPACE: 'other' })).stdout).toMatch(
      /^ConfigMap\/kiosk-config +changed +other namespace, labels or type$/m,
    );
  });

  it('as JSON', async () => {
    const { stdout } = await written({ OFFICE: 'b.example', POSTAL_API_KEY: '' }, ['--json']);
    const { environment, folder, objects, notCompared } = JSON.parse(stdout);
    expect([environment, folder, notCompared]).toEqual(['x', '/dist/x', ['POSTAL_API_KEY']]);
    expect(objects).toContainEqual({
      object: 'ConfigMap/common-config',
      state: 'changed',
      added: [],
      removed: [],
      changed: ['OFFICE'],
      otherwise: false,
    });
  });

  it.each([
    ['there is no such folder', () => {}],
    ['another program wrote it', (dist: string) => writeFileSync(join(dist, 'parcel-desk.k8s.yaml'), 'kind: Secret\n')],
    ['a link stands in its place', (dist: string) => symlinkSync('/etc/hosts', join(dist, 'parcel-desk.k8s.yaml'))],
  ])('cannot be compared where %s: status 3', async (_what, prepare) => {
    const root = folderWith({ 'envs/x.env': validEnvironment('x'), 'dist/x/.gitignore': '*' });
    prepare(join(root, 'dist/x'));
    const result = await run(['diff', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'dist')]);
    expect(result).toEqual({
      status: 3,
      stdout: '',
      stderr: `error[not-written] ${root}/dist/x holds nothing that synth wrote\n  hint npm run synth -- x --envs ${root}/envs --out ${root}/dist\n`,
    });
  });
});

describe('an environment and the cluster', () => {
  /** A kubectl of the test's own, of a cluster that is empty. */
  function cluster(name: string) {
    const config = JSON.stringify({ contexts: [{ name: 'some-context', context: { cluster: name } }] });
    const folder = folderWith({
      kubectl: `#!/bin/sh
case "$*" in
  'config current-context'*) echo some-context ;;
  'config view'*) echo '${config}' ;;
  *--ignore-not-found*) ;;
  'get '*) echo '{"kind":"List","items":[]}' ;;
esac
`,
    });
    chmodSync(join(folder, 'kubectl'), 0o755);
    const envs = folderWith({ 'x.env': validEnvironment('x', { KUBE_CLUSTER: 'my-cluster' }) });
    return (...args: string[]) =>
      run(['diff', 'x', '--live', ...args, '--envs', envs], { env: { PATH: `${folder}:${process.env['PATH']}` } });
  }

  it('repeat a context that is named only if the kubeconfig has it', async () => {
    const diff = cluster('my-cluster');
    expect((await diff('--context', 'some-context')).stdout).toContain(
      'x and context some-context, cluster my-cluster',
    );
    for (const flags of [[], ['--json']]) {
      const { stdout, stderr } = await diff('--context', 'fake-secret', ...flags);
      expect(stdout + stderr).toContain('<--context>');
      expect(stdout + stderr).not.toContain('fake-secret');
    }
  });

  it('are named without what would drive the terminal, in a document too', async () => {
    const diff = cluster('my-cluster\u009b31m\u202e');
    for (const args of [[], ['--json'], ['--context', 'some-context'], ['--context', 'some-context', '--json']]) {
      const { stdout, stderr } = await diff(...args);
      expect(stdout + stderr).toContain('my-cluster');
      expect(stdout + stderr).not.toMatch(/[\u0080-\u009f\u202e]/);
    }
    const { stdout } = await diff('--context', 'some-context', '--json');
    expect(JSON.parse(stdout).cluster).toBe('my-cluster\u009b31m\u202e');
  });

  it('are compared by a kubectl that gets no secret of pods from --from-env', async () => {
    const folder = folderWith({ kubectl: '#!/bin/sh\nenv > "$(dirname "$0")/env"\n' });
    chmodSync(join(folder, 'kubectl'), 0o755);
    const first = { ...[...parcelDesk.variables.values()].find(({ kind }) => kind === 'secret') } as Variable;
    const renamed: Variable = { ...first, key: 'KEY_IN_PODS', formerly: ['ITS_FORMER_NAME'] };
    const catalog = { ...parcelDesk, variables: new Map([...parcelDesk.variables, [first.name, renamed]]) };
    const env = {
      ...validValues('x'),
      KEY_IN_PODS: 'fake-of-pods',
      ITS_FORMER_NAME: 'fake-former',
      PATH: `${folder}:${process.env['PATH']}`,
      KUBECONFIG: 'mine',
      HOME: '/home/me',
    };
    const given = async (...args: string[]) => {
      const envs = folderWith({ 'x.env': validEnvironment('x') });
      await run(['diff', 'x', '--live', ...args, '--envs', envs], { env, catalog });
      const lines = readFileSync(join(folder, 'env'), 'utf8').split('\n');
      return Object.keys(env).filter((name) => !lines.some((line) => line.startsWith(`${name}=`)));
    };
    const secrets = [...parcelDesk.variables.values()]
      .filter(({ kind, optional }) => kind === 'secret' && !optional)
      .map(({ name }) => name);
    expect((await given('--from-env')).sort()).toEqual([...secrets, 'KEY_IN_PODS', 'ITS_FORMER_NAME'].sort());
    expect(await given()).toEqual([]);
  });

  it.each(['my-cluster', 'my-cluster-0123abcd-0123-4567-89ab-0123456789ab'])(
    'are compared where the context is of cluster %s',
    async (name) => {
      expect(await cluster(name)()).toMatchObject({ status: 1 });
    },
  );

  it.each(['other', 'my-cluster-2', 'my-clusterx', 'my-cluster-prod-0123abcd-0123-4567-89ab-0123456789ab'])(
    'are not compared where it is of cluster %s, unless the context is named',
    async (name) => {
      const diff = cluster(name);
      expect(await diff()).toMatchObject({
        status: 3,
        stdout: '',
        stderr: expect.stringMatching(/is of cluster .*KUBE_CLUSTER\s+of\s+x\s+is\s+my-cluster/s),
      });
      expect(await diff('--context', 'some-context')).toMatchObject({ status: 1 });
    },
  );

  it('are not compared where kubectl fails or is not there: status 3', async () => {
    const envs = folderWith({ 'x.env': validEnvironment('x') });
    const diff = (env: NodeJS.ProcessEnv) => run(['diff', 'x', '--live', '--envs', envs], { env });
    expect(await diff({ PATH: '/nowhere' })).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('kubectl is not installed'),
    });
    const talkative = folderWith({ kubectl: '#!/bin/sh\necho fake-secret\n' });
    chmodSync(join(talkative, 'kubectl'), 0o755);
    expect(await diff({ PATH: `${talkative}:/bin` })).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/^(?!.*fake-secret).*no JSON of an object/s),
    });
    const odd = cluster('my-cluster\\n::error::fake');
    expect(await odd()).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/^(?!.*fake).*has a line break in it/s),
    });
    const broken = folderWith({ kubectl: '#!/bin/sh\necho fake-secret >&2; exit 1\n' });
    chmodSync(join(broken, 'kubectl'), 0o755);
    expect(await diff({ PATH: `${broken}:/bin` })).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/^(?!.*fake-secret).*Try it by hand: kubectl config current-context$/ms),
    });
  });
});
