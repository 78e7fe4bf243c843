import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastApplied } from '../../lib/environment/live-difference';
import { labelled } from '../fake-cluster';
import type { KubernetesObject } from '../kubectl';
import { folderWith, type Run, run, validEnvironment } from '../run';
import {
  context,
  create,
  documents,
  get,
  kubectl,
  newName,
  removeAtTheEnd,
  secretsStayAsTheyAre,
  tryKubectl,
  until,
} from './real-cluster';

// `npm run apply` and `npm run diff -- --live` on a real API server. Where it has neither nodes nor controllers no pod ever
// starts: the tests play the part of both, and say so.

interface Stored extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & {
    readonly uid: string;
    readonly generation?: number;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: { readonly template?: { readonly metadata?: { readonly annotations?: Record<string, string> } } };
}

const policies = { Invalid: newName(), Forbidden: newName() };
/** More than are needed: what removes them knows their names from the start, so that it outlives a kill of this process. */
const names = Array.from({ length: 60 }, newName);
let taken = 0;
let removals: readonly ChildProcess[] = [];

beforeAll(() => {
  removals = [
    removeAtTheEnd('namespace', ...names),
    removeAtTheEnd('validatingadmissionpolicy,validatingadmissionpolicybinding', ...Object.values(policies)),
  ];
});

afterAll(async () => {
  const ends = await Promise.all(
    removals.map((removal) => {
      const end = once(removal, 'exit');
      removal.stdin?.end();
      return end;
    }),
  );
  expect(ends).toEqual(removals.map(() => [0, null]));
});

/** A namespace of the test's own, and an environment for it. */
function place() {
  const namespace = names[taken++];
  if (namespace === undefined) throw new Error('More namespaces are needed');
  create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
  tryKubectl(['create', '--filename=-'], documents([account]));
  const root = folderWith();
  const envs = folderWith();
  const folders = ['--envs', envs, '--out', join(root, 'dist')];
  const synth = async (changes: Readonly<Record<string, string>> = {}) => {
    const text = validEnvironment('e2e', { POD_NAMESPACE: namespace, ...changes });
    writeFileSync(join(envs, 'e2e.env'), text, { mode: 0o600 });
    const { status, stderr } = await run(['synth', 'e2e', ...folders]);
    if (status !== 0) throw new Error(stderr);
  };
  const program = (command: string[], env: NodeJS.ProcessEnv) =>
    run([...command, '--context', context, ...folders], { env: { ...process.env, ...env } });
  return {
    namespace,
    folder: join(root, 'dist/e2e'),
    synth,
    apply: (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
      program(['apply', 'e2e', '--yes', '--timeout', '5s', ...args], env),
    diff: (...args: string[]) => program(['diff', 'e2e', '--live', ...args], {}),
    /** What is stored, by `<object>/<key>`, decoded. */
    values: () => {
      const { items } = get<{ items: Stored[] }>('secrets,configmaps', '--namespace', namespace);
      return Object.fromEntries(
        items.flatMap(({ kind, metadata, data }) =>
          Object.entries(data ?? {}).map(([key, value]) => [
            `${metadata.name}/${key}`,
            kind === 'Secret' ? Buffer.from(value, 'base64').toString() : value,
          ]),
        ),
      );
    },
    one: (kind: string, name: string) => get<Stored>(kind, name, '--namespace', namespace),
    patch: (object: string, change: object, ...flags: string[]) =>
      kubectl(['patch', object, '--namespace', namespace, '--type=merge', '--patch', JSON.stringify(change), ...flags]),
  };
}

function expectDone({ status, stderr }: Run): void {
  expect({ status, errors: stderr.split('\n').filter((line) => line.startsWith('error')) }).toEqual({
    status: 0,
    errors: [],
  });
}

const fake = (word: string) => `fake-${word}-${newName()}`;
const hasPiece = (output: string, values: readonly string[]) =>
  values.some((value) => output.includes(value) || output.includes(Buffer.from(value).toString('base64')));

const depot = [{ secretRef: { name: 'depot-secrets' } }, { configMapRef: { name: 'depot-config' } }];
const deployment = (
  name: string,
  namespace: string,
  labels: Record<string, string> = {},
  envFrom: object[] = depot,
) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, labels },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      // An image that there is nowhere: the pods start on no cluster, unless the test plays that part.
      spec: { containers: [{ name: 'main', image: 'registry.invalid/none:1', envFrom }] },
    },
  },
});

/** A Deployment with a pod that has started, in a second in which nothing else happens: the server counts no less. */
async function running(namespace: string, name: string, envFrom: object[]): Promise<void> {
  await delay(1_100);
  const { spec, ...rest } = deployment(name, namespace, {}, envFrom);
  const containers = [{ name: 'main', image: 'registry.k8s.io/pause:3.10', envFrom }];
  create({ ...rest, spec: { ...spec, template: { ...spec.template, spec: { containers } } } });
  const pods = () => get<{ items: Stored[] }>('pods', '--selector', `app=${name}`, '--namespace', namespace).items;
  for (let tries = 0; tries < 5 && pods().length === 0; tries++) await delay(1_000);
  const isMade = pods().length > 0;
  if (isMade && get<{ items: object[] }>('nodes').items.length > 0) {
    kubectl(['rollout', 'status', `deployment/${name}`, '--namespace', namespace, '--timeout=55s']);
  } else {
    const nobody = isMade ? 'node starts' : 'controller makes';
    process.stderr.write(`No ${nobody} pods of ${name} on this cluster: the test plays its part\n`);
    if (!isMade) playControllers(namespace, name, get<Stored>('deployment', name, '--namespace', namespace), envFrom);
    for (const { metadata } of pods()) playNode(namespace, metadata.name);
  }
  await delay(1_100);
}

/** Makes a ReplicaSet and a pod that no controller makes or removes. */
function playControllers(namespace: string, name: string, { metadata }: Stored, envFrom: object[]): void {
  const owner = (kind: string, of: string, uid: string) => [
    { apiVersion: 'apps/v1', kind, name: of, uid, controller: true, blockOwnerDeletion: false },
  ];
  const { template } = deployment(name, namespace, {}, envFrom).spec;
  const labels = { app: name, played: 'true' };
  create({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-played`,
      namespace,
      labels,
      annotations: { 'deployment.kubernetes.io/revision': '1000' },
      ownerReferences: owner('Deployment', name, metadata.uid),
    },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { ...template, metadata: { labels } } },
  });
  const set = get<Stored>('replicaset', `${name}-played`, '--namespace', namespace);
  create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-played`,
      namespace,
      labels,
      ownerReferences: owner('ReplicaSet', `${name}-played`, set.metadata.uid),
    },
    spec: { ...template.spec, schedulingGates: [{ name: 'played.example.com/never' }] },
  });
}

/** Lets a pod be as if a node had just started it. */
function playNode(namespace: string, pod: string): void {
  const startedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const running = {
    name: 'main',
    image: 'none',
    imageID: '',
    ready: true,
    restartCount: 0,
    state: { running: { startedAt } },
  };
  const status = { phase: 'Running', startTime: startedAt, containerStatuses: [running] };
  const change = ['--subresource=status', '--type=merge', '--patch', JSON.stringify({ status })];
  kubectl(['patch', 'pod', pod, '--namespace', namespace, ...change]);
}

describe('the objects', () => {
  it('are exact after the first apply, and nothing is left to do', async () => {
    const { synth, apply, diff, values, one } = place();
    await synth();
    expectDone(await apply());
    expect(values()['depot-secrets/POSTAL_API_KEY']).toBe('fake-postal_api_key');
    const { uid } = one('secret', 'depot-secrets').metadata;
    const before = get<object>(
      'secrets,configmaps',
      '--namespace',
      one('secret', 'depot-secrets').metadata.namespace ?? '',
    );
    const again = await apply();
    expectDone(again);
    expect(again.stdout).toContain('has all that is in');
    expect(await diff()).toMatchObject({ status: 0 });
    expect(
      get<object>('secrets,configmaps', '--namespace', one('secret', 'depot-secrets').metadata.namespace ?? ''),
    ).toEqual(before);
    expect(one('secret', 'depot-secrets').metadata.uid).toBe(uid);
  });

  it.each([
    ['client side', ['plain']],
    ['client side, twice', ['plain', 'plain']],
    ['server side, then client side', ['apply', 'plain']],
    ["by the former system's stringData", ['former']],
  ])('are exact after they were applied %s, and no copy of them is left', async (_what, steps) => {
    const { namespace, synth, apply, values, one, folder } = place();
    const former = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'depot-secrets', namespace },
      type: 'Opaque',
      stringData: { OLD_KEY: 'fake old', POSTAL_API_KEY: 'fake former' },
    };
    await synth({ SUPPORT_TOKEN: 'fake-token', DEPOT_THREADS: '4' });
    for (const step of steps) {
      if (step === 'former') kubectl(['apply', '--filename=-'], documents([former]));
      else if (step === 'plain') kubectl(['apply', '-k', folder]);
      else expectDone(await apply());
    }
    await synth();
    expectDone(await apply());
    const {
      'depot-secrets/OLD_KEY': old,
      'depot-secrets/SUPPORT_TOKEN': token,
      'depot-config/THREADS': threads,
    } = values();
    expect([old, token, threads]).toEqual([undefined, undefined, undefined]);
    expect(values()['depot-secrets/POSTAL_API_KEY']).toBe('fake-postal_api_key');
    expect(one('secret', 'depot-secrets').metadata.annotations?.[lastApplied]).toBeUndefined();
  });

  it('that somebody has edited are restored; what was added stays, and is named', async () => {
    const { synth, apply, patch, diff, values } = place();
    await synth();
    expectDone(await apply());
    patch('configmap/depot-config', { data: { LOG_FLOOR: 'debug', OFFICE: 'added' } }, '--field-manager=kubectl-edit');
    const { stdout } = await diff();
    expect(stdout).toMatch(/LOG_FLOOR differs/);
    expect(stdout).toMatch(/OFFICE is on the cluster only, and stays/);
    expectDone(await apply());
    expect(values()).toMatchObject({ 'depot-config/LOG_FLOOR': 'info', 'depot-config/OFFICE': 'added' });
  });

  it('keep a key that nobody is known to have set, as of a restored backup, which is said', async () => {
    const { synth, apply, diff, patch, values } = place();
    await synth();
    expectDone(await apply());
    patch('configmap/depot-config', { metadata: { managedFields: [{}] }, data: { OFFICE: 'restored' } });
    const stays = 'OFFICE is on the cluster only, and stays: something other than an apply has set it';
    expect(await diff()).toMatchObject({ status: 1, stdout: expect.stringContaining(stays) });
    const { status, stdout } = await apply();
    expect([status, stdout]).toEqual([0, expect.stringContaining('has all that is in')]);
    expect(values()['depot-config/OFFICE']).toBe('restored');
  });

  it('that another manager has changed are its own, until they are to be taken over', async () => {
    const { synth, apply, patch, values } = place();
    await synth();
    expectDone(await apply());
    patch('configmap/depot-config', { data: { LOG_FLOOR: 'debug' } }, '--field-manager=some-operator');
    expect(await apply()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('a manager other than kubectl has set LOG_FLOOR'),
    });
    expect(values()['depot-config/LOG_FLOOR']).toBe('debug');
    expectDone(await apply(['--take-over']));
    expect(values()['depot-config/LOG_FLOOR']).toBe('info');
  });

  it('that another manager has set alike are kubectl’s alone once they are taken over', async () => {
    const { synth, apply, patch, values } = place();
    const [before, after] = [fake('before'), fake('after')];
    await synth({ POSTAL_API_KEY: before });
    expectDone(await apply());
    const data = { POSTAL_API_KEY: Buffer.from(before).toString('base64') };
    patch('secret/depot-secrets', { data: { POSTAL_API_KEY: 'eA==' } }, '--field-manager=some-operator');
    patch('secret/depot-secrets', { data }, '--field-manager=some-operator');
    expectDone(await apply(['--take-over']));
    await synth({ POSTAL_API_KEY: after });
    expectDone(await apply());
    expect(values()['depot-secrets/POSTAL_API_KEY']).toBe(after);
  });

  it('of a namespace that is not there are not applied', async () => {
    const { namespace, synth, apply, diff } = place();
    await synth({ POD_NAMESPACE: `${namespace}-gone` });
    expect(await diff()).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(`Namespace ${namespace}-gone is not there`),
    });
    expect(await apply()).toMatchObject({ status: 1, stderr: expect.stringContaining('is not there') });
  });
});

describe('a refusal shows no value, and the class of its reason', () => {
  it.each(['Invalid', 'Forbidden'] as const)('by an admission policy, as %s', async (reason) => {
    const { namespace, synth, apply, patch } = place();
    const values = [fake('before'), fake('after')];
    await synth({ POSTAL_API_KEY: values[0] ?? '' });
    expectDone(await apply());
    const policy = policies[reason];
    create(...secretsStayAsTheyAre(policy, namespace, reason));
    const tries = { metadata: { labels: { tried: 'true' } } };
    await until('the policy is in force', () => {
      try {
        patch('secret/depot-secrets', tries, '--dry-run=server');
        return false;
      } catch {
        return true;
      }
    });
    await synth({ POSTAL_API_KEY: values[1] ?? '' });
    const { status, stdout, stderr } = await apply();
    expect([status, stderr]).toEqual([1, expect.stringContaining('(admission)')]);
    expect(hasPiece(stdout + stderr, values)).toBe(false);
  });

  it('by a Role: with that of the examples all of it works, and without patch nothing does', async () => {
    const { namespace, synth, apply } = place();
    const values = [fake('before'), fake('after')];
    const role = readFileSync(join(__dirname, '../../examples/apply-role.yaml'), 'utf8');
    kubectl(['apply', '--namespace', namespace, '--filename=-'], role);
    create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'apply', namespace } });
    create(deployment('opted', namespace, { 'parcel-desk/rollout-depot': 'true' }));
    const token = kubectl(['create', 'token', 'apply', '--namespace', namespace]).trim();
    const config = JSON.parse(kubectl(['config', 'view', '--raw', '--minify', '--flatten', '--output=json']));
    const kubeconfig = folderWith({
      config: JSON.stringify({ ...config, users: [{ name: config.contexts[0].context.user, user: { token } }] }),
    });
    const as = { KUBECONFIG: join(kubeconfig, 'config') };
    const may = (verb: string) => ['auth', 'can-i', verb, 'secrets', '--namespace', namespace];
    const asked = (verb: string) => tryKubectl([...may(verb), `--as=system:serviceaccount:${namespace}:apply`]).stdout;
    await until('the Role is in force', () => asked('patch') === 'yes\n');
    await synth({ POSTAL_API_KEY: values[0] ?? '' });
    expectDone(await apply(['--restart', '--prune', '--no-wait'], as));

    const rule = { apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: ['get', 'list', 'create'] };
    kubectl([
      'patch',
      'role',
      'apply',
      '--namespace',
      namespace,
      '--type=json',
      '--patch',
      JSON.stringify([{ op: 'replace', path: '/rules/0', value: rule }]),
    ]);
    await synth({ POSTAL_API_KEY: values[1] ?? '' });
    await until('the Role may not patch', () => asked('patch') === 'no\n');
    const { status, stdout, stderr } = await apply(['--no-wait'], as);
    expect([status, stderr]).toEqual([1, expect.stringContaining('(forbidden)')]);
    expect(hasPiece(stdout + stderr, values)).toBe(false);
  });
});

describe('workloads', () => {
  const checksum = ({ spec }: Stored) => spec?.template?.metadata?.annotations?.['parcel-desk/checksum-depot'];
  const restartedAt = ({ spec }: Stored) =>
    spec?.template?.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt'];

  it('that opted in are rolled once, and back by --previous; what is awaited ends by its time limit', async () => {
    const { namespace, synth, apply, one } = place();
    create(deployment('opted', namespace, { 'parcel-desk/rollout-depot': 'true' }));
    await synth();
    // No pod becomes ready, whether or not there are nodes.
    const first = await apply();
    expect([first.status, first.stdout]).toEqual([1, expect.stringContaining('Not ready in time: Deployment/opted')]);
    const [former, generation] = [
      checksum(one('deployment', 'opted')),
      one('deployment', 'opted').metadata.generation ?? 0,
    ];
    expect(former).toMatch(/^[0-9a-f]{32}$/);
    expectDone(await apply(['--no-wait']));
    expect(one('deployment', 'opted').metadata.generation).toBe(generation);

    await synth({ POSTAL_API_KEY: fake('new') });
    expectDone(await apply(['--no-wait']));
    expect(checksum(one('deployment', 'opted'))).not.toBe(former);
    expectDone(await apply(['--no-wait', '--previous']));
    expect(checksum(one('deployment', 'opted'))).toBe(former);
    expect(one('deployment', 'opted').metadata.generation).toBe(generation + 2);
  });

  it('are restarted if their pods started before the change of what they load, once, and no others', async () => {
    const { namespace, synth, apply, one } = place();
    await synth();
    expectDone(await apply());
    const kiosk = [{ secretRef: { name: 'kiosk-secrets' } }];
    await running(namespace, 'sorter', depot);
    await running(namespace, 'kiosk', kiosk);
    await synth({ POSTAL_API_KEY: fake('new') });
    const { stdout } = await apply(['--restart', '--no-wait']);
    expect(stdout).toMatch(/Restarted: Deployment\/sorter$/m);
    const stamp = restartedAt(one('deployment', 'sorter'));
    expect(stamp).toBeDefined();
    expect(restartedAt(one('deployment', 'kiosk'))).toBeUndefined();
    expectDone(await apply(['--restart', '--no-wait']));
    expect(restartedAt(one('deployment', 'sorter'))).toBe(stamp);
  });

  it('are restarted where the last key of an object goes', async () => {
    const { namespace, synth, apply, one, values } = place();
    await synth({ SUPPORT_TOKEN: fake('token'), KIOSK_CERTIFICATE: '' });
    expectDone(await apply());
    await running(namespace, 'kiosk', [{ secretRef: { name: 'kiosk-secrets' } }]);
    await synth({ SUPPORT_TOKEN: '', KIOSK_CERTIFICATE: '' });
    expect((await apply(['--restart', '--no-wait'])).stdout).toMatch(/Restarted: Deployment\/kiosk$/m);
    expect(Object.keys(values()).filter((name) => name.startsWith('kiosk-secrets/'))).toEqual([]);
    expect(restartedAt(one('deployment', 'kiosk'))).toBeDefined();
  });

  it.each(['plain kubectl apply has set them until then', 'a label differs'])(
    'are restarted as the plan says, and then no more, where %s',
    async (how) => {
      const { namespace, folder, synth, apply, diff, one } = place();
      await synth();
      const isLabel = how === 'a label differs';
      if (isLabel) expectDone(await apply());
      else kubectl(['apply', '-k', folder]);
      await running(namespace, 'sorter', depot);
      if (isLabel) {
        kubectl(['label', 'secret/depot-secrets', 'environment=other', '--overwrite', '--namespace', namespace]);
      }
      const isAnnounced = /^To be restarted, since .*: Deployment\/sorter$/m.test((await diff()).stdout);
      const { stdout } = await apply(['--restart', '--no-wait']);
      expect([isAnnounced, /Restarted: Deployment\/sorter$/m.test(stdout)]).toEqual([isLabel, isLabel]);
      const stamp = restartedAt(one('deployment', 'sorter'));
      expectDone(await apply(['--restart', '--no-wait']));
      expect(restartedAt(one('deployment', 'sorter'))).toBe(stamp);
    },
  );

  it('refer to a key that is not there: the right one is named', async () => {
    const { namespace, synth, apply, diff } = place();
    await synth();
    expectDone(await apply());
    const env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'depot-secrets', key: 'POSTAL_API_KEI' } } }];
    const typo = deployment('typo', namespace);
    const containers = [{ name: 'main', image: 'registry.invalid/none:1', env }];
    create({ ...typo, spec: { ...typo.spec, template: { ...typo.spec.template, spec: { containers } } } });
    expect((await diff()).stderr).toContain('Did you mean POSTAL_API_KEY?');
  });
});

describe('secrets of a store', () => {
  const names = [
    ...['REGISTRY_TOKEN', 'PARTNER_API_KEY', 'PARTNER_API_SECRET'],
    ...['GEOCODES_API_KEY', 'POSTAL_API_KEY', 'LOCATION_API_KEY'],
  ];
  const inStore = {
    ...Object.fromEntries(names.map((name) => [name, ''])),
    SECRETS_FROM: 'external-secrets',
    VAULT: 'store',
  };

  /** A store of External Secrets that holds fakes, unless there is no such operator. */
  async function store(namespace: string, prefixes: readonly string[]): Promise<boolean> {
    const data = prefixes.flatMap((prefix) =>
      names.map((name) => ({ key: `${prefix}${name}`, value: `fake-${prefix}${name.toLowerCase()}` })),
    );
    const one = { apiVersion: 'external-secrets.io/v1', kind: 'SecretStore', metadata: { name: 'store', namespace } };
    const made = tryKubectl(
      ['create', '--filename=-'],
      documents([{ ...one, spec: { provider: { fake: { data } } } }]),
    );
    const wait = ['wait', '--for=condition=Ready', 'secretstore/store', '--namespace', namespace, '--timeout=20s'];
    if (made.status === 0 && tryKubectl(wait).status === 0) return true;
    process.stderr.write('External Secrets is not at work on this cluster: what waits for it was not tried\n');
    return false;
  }

  it('are waited for, and pods restarted once they are there; what the store lacks ends by the time limit', async () => {
    const { namespace, synth, apply, one, values } = place();
    if (!(await store(namespace, ['', 'new-']))) return;
    await synth(inStore);
    expectDone(await apply(['--timeout', '60s']));
    expect(values()['depot-secrets/POSTAL_API_KEY']).toBe('fake-postal_api_key');
    expect((await apply(['--timeout', '60s'])).stdout).toContain('has all that is in');

    await running(namespace, 'sorter', depot);
    await synth({ ...inStore, VAULT_KEY: 'new-{variable}' });
    expect((await apply(['--restart', '--no-wait', '--timeout', '60s'])).stdout).toMatch(
      /Restarted: Deployment\/sorter$/m,
    );
    expect(values()['depot-secrets/POSTAL_API_KEY']).toBe('fake-new-postal_api_key');
    const { generation } = one('deployment', 'sorter').metadata;

    await synth({ ...inStore, VAULT_KEY: 'none-{variable}' });
    expect(await apply(['--restart', '--no-wait'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('The operator has not made all Secrets that the ExternalSecrets ask for'),
    });
    expect(one('deployment', 'sorter').metadata.generation).toBe(generation);
  });
});

describe('what is left over', () => {
  it('is deleted by --prune, unless it is named elsewhere or an overlay has renamed it', async () => {
    const { namespace, synth, apply } = place();
    await synth();
    expectDone(await apply());
    const left = (name: string, component: string) => ({
      apiVersion: 'v1',
      ...labelled('ConfigMap', name, component, namespace, 'e2e'),
    });
    create(left('free-config', 'free'), left('used-config', 'used'), left('blue-depot-config', 'depot'));
    create(deployment('user', namespace, {}, [{ configMapRef: { name: 'used-config', optional: true } }]));
    expectDone(await apply());
    const names = () =>
      get<{ items: Stored[] }>('configmaps', '--namespace', namespace).items.map(({ metadata }) => metadata.name);
    expect(names()).toEqual(expect.arrayContaining(['free-config', 'used-config', 'blue-depot-config']));
    const { stdout } = await apply(['--prune']);
    expect(stdout).toMatch(/Deleted: ConfigMap\/free-config$/m);
    expect(names()).not.toContain('free-config');
    expect(names()).toEqual(expect.arrayContaining(['used-config', 'blue-depot-config', 'depot-config']));
  });
});

describe('an apply that ends after any of its calls', () => {
  /** A kubectl whose n-th call is its last: what it asked for is done, and nobody learns of it. */
  function endingAfter(n: number): NodeJS.ProcessEnv {
    const path = process.env['PATH'] ?? '';
    const folder = folderWith({
      kubectl: `#!/bin/sh
here="$(dirname "$0")"
echo call >> "$here/calls"
count=$(wc -l < "$here/calls")
[ "$count" -le ${n} ] || exit 9
PATH='${path}' kubectl "$@" || exit
[ "$count" -lt ${n} ] || exit 9
`,
    });
    chmodSync(join(folder, 'kubectl'), 0o755);
    return { PATH: `${folder}:${path}` };
  }

  it('ends the same when run again, and each workload is rolled once', async () => {
    const ends: object[] = [];
    for (let n = 1; n < 30; n++) {
      const { namespace, synth, apply, one, values } = place();
      await synth();
      expectDone(await apply());
      create(deployment('opted', namespace, { 'parcel-desk/rollout-depot': 'true' }));
      const { generation = 0 } = one('deployment', 'opted').metadata;
      await synth({ POSTAL_API_KEY: 'fake-new-key' });
      const { status } = await apply(['--no-wait', '--prune'], endingAfter(n));
      expectDone(await apply(['--no-wait', '--prune']));
      ends.push({ values: values(), rolled: (one('deployment', 'opted').metadata.generation ?? 0) - generation });
      if (status === 0) break; // it needed no more calls than that
    }
    expect(ends.length).toBeGreaterThan(5);
    for (const end of ends) expect(end).toEqual({ ...ends[0], rolled: 1 });
  }, 900_000);

  it('knows what has to restart also where it was plain kubectl apply that changed it', async () => {
    const ends: object[] = [];
    for (let n = 1; n < 30; n++) {
      const { namespace, folder, synth, apply, one, values } = place();
      await synth();
      expectDone(await apply());
      await running(namespace, 'sorter', depot);
      await synth({ POSTAL_API_KEY: 'fake-new-key' });
      kubectl(['apply', '-k', folder]);
      const { generation = 0 } = one('deployment', 'sorter').metadata;
      const { status } = await apply(['--no-wait', '--restart'], endingAfter(n));
      expectDone(await apply(['--no-wait', '--restart']));
      const { metadata } = one('secret', 'depot-secrets');
      const rolled = (one('deployment', 'sorter').metadata.generation ?? 0) - generation;
      ends.push({ values: values(), rolled, isCopied: metadata.annotations?.[lastApplied] !== undefined });
      if (status === 0) break; // it needed no more calls than that
    }
    expect(ends.length).toBeGreaterThan(5);
    for (const end of ends) expect(end).toEqual({ ...ends[0], rolled: 1, isCopied: false });
  }, 900_000);
});
