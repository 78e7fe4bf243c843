import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog as parcelDesk } from '../../test/fixture/catalog';
import { folderWith, run, validEnvironment, validValues } from '../../test/run';

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
    expect(stdout).toMatch(/\n4 differences between a and b\n$/); // with PD_ENV and the namespace
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

  it('of which one has an error are not compared: status 3', async () => {
    const { status, stdout, stderr } = await two({ OFFICE: '' })('a', 'b');
    expect([status, stdout, stderr]).toEqual([3, '', expect.stringMatching(/OFFICE is required.*nothing compared/s)]);
  });

  it.each([
    ['none', [], 2],
    ['one', ['a'], 2],
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

describe('an environment and the cluster', () => {
  /** A kubectl of the test's own, with a cluster in a folder: one file of JSON for each object. */
  function cluster(name: string, objects: Readonly<Record<string, unknown>>) {
    const files = Object.fromEntries(
      Object.entries(objects).map(([object, value]) => [`objects/${object}`, JSON.stringify(value)]),
    );
    const config = JSON.stringify({ contexts: [{ name: 'some-context', context: { cluster: name } }] });
    const folder = folderWith({
      ...files,
      'objects/.keep': '',
      kubectl: `#!/bin/sh
echo "$@" >> '__LOG__'
case "$1 $2" in
  'config current-context') echo some-context ;;
  'config view') echo '${config}' ;;
  get*) cat "$(dirname "$0")/objects/$2-$3" 2>/dev/null || true ;;
esac
`.replace('__LOG__', join(folderWith(), 'log')),
    });
    chmodSync(join(folder, 'kubectl'), 0o755);
    const envs = folderWith({ 'x.env': validEnvironment('x', { KUBE_CLUSTER: 'my-cluster' }) });
    return (...args: string[]) =>
      run(['diff', 'x', '--live', ...args, '--envs', envs], { env: { PATH: `${folder}:${process.env['PATH']}` } });
  }

  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const values = validValues('x');
  const agentSecrets = Object.fromEntries(
    ['GEOCODES_API_KEY', 'POSTAL_API_KEY', 'LOCATION_API_KEY'].map((name) => [name, base64(values[name] ?? '')]),
  );

  it('differ by object and key, and no value is shown', async () => {
    const diff = cluster('my-cluster', {
      'secret-depot-secrets': {
        type: 'Opaque',
        data: { ...agentSecrets, POSTAL_API_KEY: base64('fake-live'), 'fake-sk-proj-key': base64('fake-live') },
      },
      'secret-kiosk-secrets': { type: 'kubernetes.io/tls', data: {} },
      'configmap-kiosk-config': { data: { SITE_ENV: 'production', PRINT_ENABLED: 'true' } },
      'configmap-depot-config': { data: { DEP_MODE: 'staging', LOG_FLOOR: 'info' } },
    });
    const { status, stdout, stderr } = await diff();
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^Secret\/common-secrets +missing$/m);
    expect(stdout).toMatch(
      /^Secret\/depot-secrets +different\n {2}a key that is not in the catalog is on the cluster only\n {2}POSTAL_API_KEY differs$/m,
    );
    expect(stdout).toMatch(/^Secret\/kiosk-secrets +different\n {2}is of another type/m);
    expect(stdout).toMatch(/^ConfigMap\/kiosk-config +same$/m);
    expect(stdout).toMatch(/^ConfigMap\/depot-config +different\n {2}TRACING_ENABLED is not on the cluster$/m);
    expect(stdout).toMatch(/\nx and context some-context, cluster my-cluster: 6 objects of 7 differ\n$/);
    expect(stdout).not.toMatch(/fake|ZmFr/);
  });

  it('name only such keys as the catalog has, and count the others', async () => {
    const data = { ...agentSecrets, LOG_FLOOR: base64('info'), '.dockerconfigjson': 'e30=', 'fake-sk-proj-key': '' };
    const live = { 'secret-depot-secrets': { type: 'Opaque', data: { ...data, 'fake-UUID': '' } } };
    const { stdout } = await cluster('my-cluster', live)();
    expect(stdout).toMatch(
      /^Secret\/depot-secrets +different\n {2}LOG_FLOOR is .*\n {2}\.dockerconfigjson is .*\n {2}2 keys that are not in the catalog are on the cluster only$/m,
    );
    const json = (await cluster('my-cluster', live)('--json')).stdout;
    const found = JSON.parse(json).objects.find(({ object }: { object: string }) => object === 'Secret/depot-secrets');
    expect(found).toEqual({
      object: 'Secret/depot-secrets',
      state: 'different',
      missingKeys: [],
      extraKeys: ['LOG_FLOOR', '.dockerconfigjson'],
      unknownKeys: 2,
      differentKeys: [],
      wrongType: false,
    });
    expect(stdout + json).not.toContain('fake');
  });

  it('repeat a context that is named only if the kubeconfig has it', async () => {
    const diff = cluster('my-cluster', {});
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
    const diff = cluster('my-cluster\u009b31m\u202e', {});
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
    const env = { ...validValues('x'), PATH: `${folder}:${process.env['PATH']}`, KUBECONFIG: 'mine', HOME: '/home/me' };
    const given = async (...args: string[]) => {
      await run(['diff', 'x', '--live', ...args, '--envs', folderWith({ 'x.env': validEnvironment('x') })], { env });
      const lines = readFileSync(join(folder, 'env'), 'utf8').split('\n');
      return Object.keys(env).filter((name) => !lines.some((line) => line.startsWith(`${name}=`)));
    };
    const secrets = [...parcelDesk.variables.values()]
      .filter(({ kind, optional }) => kind === 'secret' && !optional)
      .map(({ name }) => name);
    expect((await given('--from-env')).sort()).toEqual(secrets.sort());
    expect(await given()).toEqual([]);
  });

  it.each(['my-cluster', 'my-cluster-0123abcd-0123-4567-89ab-0123456789ab'])(
    'are compared where the context is of cluster %s',
    async (name) => {
      expect(await cluster(name, {})()).toMatchObject({ status: 1 });
    },
  );

  it.each(['other', 'my-cluster-2', 'my-clusterx', 'my-cluster-prod-0123abcd-0123-4567-89ab-0123456789ab'])(
    'are not compared where it is of cluster %s, unless the context is named',
    async (name) => {
      const diff = cluster(name, {});
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
    const broken = folderWith({ kubectl: '#!/bin/sh\necho fake-secret >&2; exit 1\n' });
    chmodSync(join(broken, 'kubectl'), 0o755);
    expect(await diff({ PATH: `${broken}:/bin` })).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/^(?!.*fake-secret).*kubectl config current-context failed/s),
    });
  });
});
