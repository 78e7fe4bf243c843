import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { deployment, everything, fakeCluster, labelled, type State, type Stored } from '../../test/fake-cluster';
import { catalog as parcelDesk } from '../../test/fixture/catalog';
import { copyProject } from '../../test/project-copy';
import { folderWith, run, validEnvironment } from '../../test/run';
import { registryCredentials } from '../catalog/catalog';
import { limits } from '../environment/limits';

const namespace = 'parcel-desk-x';
const leak = 'fake-secret-of-the-server';
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** The environment x, applied to a cluster, and then what the test changes there. */
async function applied(change: (state: State) => void = () => {}, values: Readonly<Record<string, string>> = {}) {
  const envs = folderWith({
    'x.env': validEnvironment('x', { KUBE_CLUSTER: 'my-cluster', POD_NAMESPACE: namespace, ...values }),
  });
  const key = JSON.stringify(values);
  afterApply[key] ??= stateAfterApply(envs);
  const { state: there, out } = await afterApply[key];
  const state = structuredClone(there);
  change(state);
  const cluster = fakeCluster(state);
  const diff = (...args: string[]) => run(['diff', 'x', '--live', ...args, '--envs', envs], { env: cluster.env });
  const plan = () => run(['apply', 'x', '--dry-run', '--envs', envs, '--out', out], { env: cluster.env });
  const component = readFileSync(join(out, 'x/rollout/kustomization.yaml'), 'utf8');
  return { ...cluster, diff, plan, component };
}

/** The same for all tests, as long as they want the same values. */
const afterApply: Record<string, ReturnType<typeof stateAfterApply>> = {};

async function stateAfterApply(envs: string): Promise<{ state: State; out: string }> {
  const cluster = fakeCluster({ leak, objects: [{ kind: 'Namespace', metadata: { name: namespace } }] });
  const out = folderWith();
  await run(['synth', 'x', '--envs', envs, '--out', out]);
  const { status, stderr } = await run(['apply', 'x', '--yes', '--envs', envs, '--out', out], { env: cluster.env });
  if (status !== 0) throw new Error(stderr);
  return { state: cluster.read(), out };
}

const all = parcelDesk.objects.length + 1;
const named = (state: State, kind: string, name: string) => {
  const found = state.objects.find((each) => each.kind === kind && each.metadata.name === name);
  if (!found) throw new Error(`There is no ${kind} ${name}`);
  return found as Stored & { data: Record<string, string>; type?: string; immutable?: boolean };
};
/** Gives an object another manager's entry. */
const manage = (object: Stored, manager: string, fieldsV1: unknown, operation = 'Update') =>
  object.metadata.managedFields?.push({ manager, operation, time: '2026-01-01T00:00:00Z', fieldsV1 });
/** Gives an object keys that kubectl has applied at some time. */
const putByApply = (object: Stored & { data: Record<string, string> }, data: Record<string, string>) => {
  Object.assign(object.data, data);
  const keys = Object.fromEntries(Object.keys(data).map((key) => [`f:${key}`, {}]));
  manage(object, 'kubectl', { 'f:data': keys }, 'Apply');
};

describe('kubectl is asked', () => {
  const names = [
    ...parcelDesk.objects.map(({ kind, name }) => `${kind.toLowerCase()}/${name}`),
    `secret/${registryCredentials.name}`,
  ];

  it('once for all objects, each time of the same context and namespace, and never without a time limit', async () => {
    const { diff, calls, misuse } = await applied();
    expect(await diff()).toMatchObject({ status: 0, stderr: '' });
    expect(misuse()).toEqual([]);
    const [current, view, objects, ...others] = calls();
    expect([current, view]).toEqual([
      ['config', 'current-context'],
      ['config', 'view', '--minify', '--output=json', '--context=some-context'],
    ]);
    expect(objects?.filter((word) => word.includes('/')).sort()).toEqual([...names, `namespace/${namespace}`].sort());
    expect(others.map((words) => words[1]).sort()).toEqual([
      expect.stringMatching(/^deployments,/),
      'externalsecrets.external-secrets.io',
      'pods',
      'secrets,configmaps',
    ]);
    for (const words of [objects ?? [], ...others]) {
      expect(words.slice(-2)).toEqual(['--context=some-context', '--request-timeout=30s']);
      expect(words[words.indexOf('-n') + 1]).toBe(namespace);
    }
  });

  it('of the context that is named instead, and not which one is current', async () => {
    const { diff, calls } = await applied((state) => {
      state.contexts['other'] = 'another-cluster';
    });
    expect(await diff('--context', 'other')).toMatchObject({ status: 0, stderr: '' });
    expect(calls()[0]).toEqual(['config', 'view', '--minify', '--output=json', '--context=other']);
    expect(
      calls()
        .slice(1)
        .every((words) => words.includes('--context=other')),
    ).toBe(true);
  });

  it('nothing more once it is known to be another cluster', async () => {
    const { diff, calls } = await applied((state) => {
      state.contexts['some-context'] = 'another-cluster';
    });
    expect(await diff()).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('another-cluster') });
    expect(calls()).toHaveLength(2);
  });
});

describe('what is on the cluster', () => {
  it('is the same, byte for byte: exit status 0', async () => {
    const { diff } = await applied();
    const { status, stdout } = await diff();
    expect(status).toBe(0);
    expect(stdout).toMatch(/: no object differs\n$/);
    expect(stdout.match(/ same$/gm)).toHaveLength(all);
    expect(await diff('--quiet', '--strict')).toMatchObject({ status: 0, stdout: '' });
  });

  it.each([
    [
      'a key that differs',
      (state) => {
        named(state, 'Secret', 'depot-secrets').data['POSTAL_API_KEY'] = base64(leak);
      },
      'Secret/depot-secrets',
      ['POSTAL_API_KEY differs'],
    ],
    [
      'a key that is not there',
      (state) => {
        delete named(state, 'ConfigMap', 'depot-config').data['LOG_FLOOR'];
      },
      'ConfigMap/depot-config',
      ['LOG_FLOOR is not on the cluster'],
    ],
    [
      'a key that the catalog has elsewhere',
      (state) => {
        putByApply(named(state, 'ConfigMap', 'depot-config'), { POSTAL_API_KEY: leak });
      },
      'ConfigMap/depot-config',
      ['POSTAL_API_KEY is on the cluster only: apply removes it'],
    ],
    [
      'a key by a former name',
      (state) => {
        putByApply(named(state, 'ConfigMap', 'depot-config'), { CARRIER_ADDRESS: leak });
      },
      'ConfigMap/depot-config',
      ['CARRIER_ADDRESS is on the cluster only: apply removes it'],
    ],
    [
      'a key that no catalog has, which may be anything',
      (state) => {
        putByApply(named(state, 'ConfigMap', 'depot-config'), { [leak]: leak });
      },
      'ConfigMap/depot-config',
      ['a key that is not in the catalog is on the cluster only: apply removes it'],
    ],
    [
      'a key that another manager has put there',
      (state) => {
        const object = named(state, 'ConfigMap', 'depot-config');
        object.data['POSTAL_API_KEY'] = leak;
        manage(object, 'kubectl-edit', { 'f:data': { 'f:POSTAL_API_KEY': {} } });
      },
      'ConfigMap/depot-config',
      ['POSTAL_API_KEY is on the cluster only, and stays: something other than an apply has set it'],
    ],
    [
      'a key that an operator has changed',
      (state) => {
        const object = named(state, 'ConfigMap', 'depot-config');
        object.data['LOG_FLOOR'] = leak;
        manage(object, 'some-operator', { 'f:data': { 'f:LOG_FLOOR': {} } });
      },
      'ConfigMap/depot-config',
      ['LOG_FLOOR differs', 'LOG_FLOOR was set by a manager other than kubectl'],
    ],
    [
      'a label',
      (state) => {
        Object.assign(named(state, 'ConfigMap', 'depot-config').metadata, { labels: { environment: 'x' } });
      },
      'ConfigMap/depot-config',
      ['component', 'managed-by', 'name', 'part-of'].map((label) => `the label app.kubernetes.io/${label} differs`),
    ],
    [
      'another type',
      (state) => {
        named(state, 'Secret', 'depot-secrets').type = 'kubernetes.io/tls';
      },
      'Secret/depot-secrets',
      ['is of another type, which no apply can change: delete it first'],
    ],
    [
      'its deletion, which is under way',
      (state) => {
        Object.assign(named(state, 'Secret', 'depot-secrets').metadata, { deletionTimestamp: '2026-01-01T00:00:00Z' });
      },
      'Secret/depot-secrets',
      ['is being deleted'],
    ],
    [
      'a key of an immutable object',
      (state) => {
        const object = named(state, 'Secret', 'depot-secrets');
        object.immutable = true;
        object.data['POSTAL_API_KEY'] = base64(leak);
      },
      'Secret/depot-secrets',
      ['is immutable, so that no apply can change it: delete it first', 'POSTAL_API_KEY differs'],
    ],
  ] satisfies [string, (state: State) => void, string, string[]][])(
    'is one object off by %s',
    async (_what, change, object, details) => {
      const { diff } = await applied(change);
      const { status, stdout, stderr } = await diff();
      expect([status, stderr]).toEqual([1, '']);
      expect(stdout).toMatch(new RegExp(`: 1 object of ${all} differs\\n$`));
      const [, , found = ''] = new RegExp(`^${object} +(different)\\n((?:  .*\\n)*)`, 'm').exec(stdout) ?? [];
      expect(found.split('\n').slice(0, -1).sort()).toEqual(details.map((detail) => `  ${detail}`).sort());
      for (const format of ['json', 'markdown']) {
        const other = await diff('--report', format);
        expect(other.status).toBe(1);
        expect(stdout + other.stdout + other.stderr).not.toContain(leak);
        expect(other.stdout).not.toContain(base64(leak));
      }
    },
  );

  it('is one JSON document for programs, without a value', async () => {
    const { diff } = await applied((state) => {
      putByApply(named(state, 'Secret', 'depot-secrets'), {
        POSTAL_API_KEY: base64(leak),
        LOG_FLOOR: '',
        [leak]: '',
      });
      state.objects.push(...deployment('sorter', namespace, [{ secretRef: { name: 'depot-secrets' } }], state.now));
    });
    const { status, stdout } = await diff('--json');
    const { objects, ...rest } = JSON.parse(stdout);
    expect([status, rest]).toEqual([
      1,
      {
        environment: 'x',
        context: 'some-context',
        cluster: 'my-cluster',
        namespace: { name: namespace, state: 'there' },
        leftOver: [],
        restarts: [{ workload: 'Deployment/sorter', how: 'restart', objects: ['Secret/depot-secrets'] }],
        outlasting: [],
        problems: [expect.objectContaining({ code: 'unused-variable' })],
        notRead: [],
      },
    ]);
    expect(objects.filter(({ state }: { state: string }) => state !== 'same')).toEqual([
      {
        object: 'Secret/depot-secrets',
        state: 'different',
        missingKeys: [],
        extraKeys: ['LOG_FLOOR'],
        unknownKeys: 1,
        differentKeys: ['POSTAL_API_KEY'],
        stayingKeys: [],
        stayingUnknownKeys: 0,
        foreignFields: [],
        sharedKeys: [],
        labels: [],
        wrongType: false,
        otherwise: false,
        refetched: false,
        beingDeleted: false,
        immutable: false,
        copied: false,
        renewed: false,
      },
    ]);
    expect(stdout).not.toContain(leak);
  });

  it('is not off by a copy in an annotation of plain kubectl apply, which is said', async () => {
    const { diff } = await applied((state) => {
      const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': leak };
      Object.assign(named(state, 'Secret', 'depot-secrets').metadata, { annotations });
    });
    const { status, stdout } = await diff();
    expect(status).toBe(0);
    expect(stdout).toContain('  has a copy of itself in an annotation, left by client-side apply\n');
  });

  it('lacks an object', async () => {
    const { diff } = await applied((state) => {
      state.objects = state.objects.filter(({ metadata }) => metadata.name !== 'depot-config');
    });
    expect(await diff()).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^ConfigMap\/depot-config +missing$/m),
    });
  });

  it('has objects that the catalog makes no longer, some still in use; never one that an overlay has renamed', async () => {
    const { diff } = await applied((state) => {
      const left = (kind: string, name: string, component: string, environment = 'x') =>
        labelled(kind, name, component, namespace, environment);
      state.objects.push(
        left('Secret', 'belt-secrets', 'belt'),
        left('ConfigMap', 'belt-config', 'belt'),
        left('ConfigMap', 'blue-depot-config', 'depot'),
        left('Secret', 'van-secrets', 'van', 'y'),
        ...deployment('belt', namespace, [{ configMapRef: { name: 'belt-config' } }], 0),
      );
    });
    const { status, stdout } = await diff();
    expect(status).toBe(1);
    expect(stdout).toContain(
      `\nLeft over, since the manifests do not have it: Secret/belt-secrets. To delete:\n  kubectl delete secret/belt-secrets -n ${namespace} --context=some-context\n`,
    );
    expect(stdout).toMatch(/^Left over, and still named by Deployment\/belt.*: ConfigMap\/belt-config$/m);
    expect(stdout).not.toMatch(/blue|van/);
    expect(stdout).toMatch(/: no object differs, 2 left over\n$/);
  });

  it('is loaded by very many pods: some are named, the rest is counted', async () => {
    const { diff } = await applied((state) => {
      named(state, 'Secret', 'depot-secrets').data['POSTAL_API_KEY'] = base64(leak);
      const depot = [{ secretRef: { name: 'depot-secrets' } }];
      for (let number = 0; number < 25; number++) {
        state.objects.push(...deployment(`sorter-${number}`, namespace, depot, state.now));
        const [, , pod] = deployment(`bare-${number}`, namespace, depot, state.now);
        if (pod) state.objects.push({ ...pod, metadata: { name: `bare-${number}`, namespace } });
      }
    });
    const { stdout } = await diff();
    expect(stdout).toMatch(/^To be restarted, since .*Deployment\/sorter-19 and 5 more$/m);
    expect(stdout.match(/deployment\/sorter-\d+/g)).toHaveLength(20);
    expect(stdout.match(/^To be restarted by hand: .*$/gm)).toEqual([
      expect.stringMatching(/Pod\/bare-19 and 5 more load what has changed, and each is a pod that nothing replaces$/),
    ]);
  });

  it('is in no namespace', async () => {
    const { diff } = await applied((state) => {
      state.objects = [];
    });
    const { status, stdout } = await diff();
    expect(status).toBe(1);
    expect(stdout).toContain(
      `\nNamespace ${namespace} is not there. To make it:\n  kubectl create namespace ${namespace} --context=some-context\n`,
    );
    expect((await diff('--report', 'html')).stdout).toContain(
      `<p>Namespace ${namespace} is not there. To make it:</p>\n<pre>kubectl create namespace ${namespace} --context=some-context</pre>\n`,
    );
  });

  it('is the same and about to go with its namespace', async () => {
    const { diff } = await applied((state) => {
      Object.assign(named(state, 'Namespace', namespace), { status: { phase: 'Terminating' } });
    });
    expect(await diff()).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(`\nNamespace ${namespace} is being deleted, with all that is in it\n`),
    });
  });

  it('is loaded by pods: those of what differs are named, with the line that restarts them', async () => {
    const { diff } = await applied((state) => {
      named(state, 'Secret', 'depot-secrets').data['POSTAL_API_KEY'] = base64(leak);
      const depot = [{ secretRef: { name: 'depot-secrets' } }];
      state.objects.push(
        ...deployment('sorter', namespace, depot, state.now),
        ...deployment('own', namespace, depot, state.now, { 'parcel-desk/rollout-depot': 'true' }),
        ...deployment('kiosk', namespace, [{ secretRef: { name: 'kiosk-secrets' } }], state.now),
      );
    });
    const { stdout } = await diff();
    expect(stdout).toContain(
      [
        '\nTo be rolled out by a new checksum, since its pods load what has changed: Deployment/own\n\n',
        'To be restarted, since its pods load what has changed: Deployment/sorter\n',
        `  kubectl rollout restart deployment/sorter -n ${namespace} --context=some-context\n`,
      ].join(''),
    );
    expect(stdout).not.toContain('Deployment/kiosk');
  });

  /** What loads each object, so that nothing is left to say of any variable. */
  const inSecondRevision = ([workload, set, pod]: Stored[]): Stored[] => {
    const { metadata } = set as Stored;
    const second = { name: 'sorter-2', annotations: { 'deployment.kubernetes.io/revision': '2' } };
    return [
      workload as Stored,
      set as Stored,
      { ...(set as Stored), metadata: { ...metadata, ...second } },
      pod as Stored,
    ];
  };
  const ofJob = ([, , pod]: Stored[]): Stored[] => {
    const { metadata } = pod as Stored;
    const ownerReferences = [{ kind: 'Job', name: 'once', controller: true }];
    return [{ ...(pod as Stored), metadata: { ...metadata, ownerReferences } }];
  };

  it.each<[what: string, of: (objects: Stored[]) => Stored[], said: RegExp, strictly: number]>([
    [
      'that nothing replaces',
      (objects) => objects,
      /^To be restarted, since its pods load .*: Deployment\/sorter$/m,
      3,
    ],
    [
      'of a roll-out that is stuck',
      inSecondRevision,
      /^Being replaced, with pods that still run on what they loaded before: Deployment\/sorter\. If that lasts, see why:\n {2}kubectl describe deployment\/sorter /m,
      3,
    ],
    ['of a Job', ofJob, /^Left to run to its end on what it has loaded: Job\/once$/m, 0],
  ])('was loaded before it was changed by pods %s: with --strict that counts', async (_what, of, said, strictly) => {
    const { diff } = await applied((state) => {
      state.objects.push(...of(deployment('sorter', namespace, everything, 0)));
    });
    const { status, stdout, stderr } = await diff();
    expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(said), '']);
    expect(stdout).toMatch(/: no object differs\n$/);
    const { status: strict, stdout: quiet } = await diff('--quiet', '--strict');
    expect([strict, quiet]).toEqual([strictly, strictly === 0 ? '' : stdout]);
  });

  it.each([
    ['has its time', true, 3],
    ['has lost its time', false, 0],
  ])('of plain kubectl apply counts for --strict where it %s', async (_what, isDated, status) => {
    const { diff } = await applied((state) => {
      state.objects.push(...deployment('sorter', namespace, everything, 0));
      for (const { kind, metadata } of state.objects) {
        if (kind !== 'Secret' && kind !== 'ConfigMap') continue;
        const [entry] = (metadata.managedFields ?? []) as object[];
        const plain = { ...entry, manager: 'kubectl-client-side-apply', operation: 'Update' };
        Object.assign(metadata, {
          annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
          managedFields: isDated ? [plain] : [],
        });
      }
    });
    const found = await diff('--strict');
    expect([found.status, found.stdout, found.stderr]).toEqual([
      status,
      expect.stringContaining('To be restarted'),
      '',
    ]);
  });

  it('that pods have loaded as it is does not count for --strict, though an apply would take an annotation away', async () => {
    const { diff } = await applied((state) => {
      state.objects.push(...deployment('sorter', namespace, everything, state.now + 100));
      const { metadata } = named(state, 'Secret', 'depot-secrets');
      metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', other: '' };
      manage(named(state, 'Secret', 'depot-secrets'), 'kubectl-client-side-apply', {
        'f:metadata': { 'f:annotations': { 'f:other': {} } },
      });
    });
    const found = await diff('--strict');
    expect([found.status, found.stderr]).toEqual([0, '']);
    expect(found.stdout).toContain('To be restarted'); // once it is applied
  });

  it.each<[what: string, checksum: 'none' | 'right' | 'other', isEdited: boolean, expected: string]>([
    ['whose checksum is not there yet', 'none', false, 'To be given the checksum of what is there, which rolls out'],
    ['whose checksum is an old one', 'other', false, 'To be given the checksum of what is there, which rolls out'],
    ['whose checksum is right', 'right', false, ''],
    ['whose checksum is right, after an edit by hand', 'right', true, 'To be restarted'],
    ['whose checksum is an old one, after an edit by hand', 'other', true, 'To be rolled out by a new checksum'],
  ])(
    'is loaded by pods that opted in, %s: diff tells of them what apply does',
    async (_what, kind, isEdited, expected) => {
      const { component } = await applied();
      const right = /checksum-depot\\":\\"([0-9a-f]{32})/.exec(component)?.[1] ?? '';
      const checksum = { none: undefined, right, other: '0'.repeat(32) }[kind];
      const { diff, plan } = await applied((state) => {
        const depot = [{ secretRef: { name: 'depot-secrets' } }];
        const optedIn = { 'parcel-desk/rollout-depot': 'true' };
        const [workload, set, pod] = deployment('own', namespace, depot, state.now, optedIn) as [
          Stored,
          Stored,
          Stored,
        ];
        const annotations = checksum === undefined ? {} : { 'parcel-desk/checksum-depot': checksum };
        const template = { metadata: { annotations }, spec: pod['spec'] };
        const annotated = { ...pod, metadata: { ...pod.metadata, annotations } };
        state.objects.push({ ...workload, spec: { template } }, set, annotated);
        if (isEdited) named(state, 'Secret', 'depot-secrets').data['POSTAL_API_KEY'] = base64(leak);
      });
      const told = [await diff(), await plan()].map(({ stdout }) => stdout.match(/^To be .*?(?=, since|:)/gm) ?? ['']);
      expect(told).toEqual([[expected], [expected]]);
    },
  );

  it('is referred to by a key that is not there: the right one is named', async () => {
    const { diff } = await applied((state) => {
      const typo = { name: 'KEY', valueFrom: { secretKeyRef: { name: 'depot-secrets', key: 'POSTAL_API_KEI' } } };
      const [workload] = deployment('sorter', namespace, [], state.now);
      const spec = { containers: [{ name: 'main', env: [typo] }] };
      state.objects.push({ ...(workload as Stored), spec: { template: { metadata: {}, spec } } });
    });
    const { status, stderr } = await diff();
    expect([status, (await diff('--strict')).status]).toEqual([0, 3]);
    expect(stderr).toContain(
      'error[unknown-reference] Deployment sorter: container main, env KEY reads POSTAL_API_KEI of Secret depot-secrets, which has no such key\n  hint Did you mean POSTAL_API_KEY?\n',
    );
  });

  const pasted = 'fake-key-pasted-as-a-name';
  it.each([
    ['somebody else has added, and keeps', 'helper', 'Update', false],
    ['kubectl has applied, and takes away', 'kubectl', 'Apply', true],
  ])('is referred to by a key that %s', async (_what, manager, operation, isUnknown) => {
    const { diff } = await applied((state) => {
      const added = { name: 'KEY', valueFrom: { secretKeyRef: { name: 'depot-secrets', key: 'ADDED' } } };
      const [workload] = deployment('sorter', namespace, [], state.now);
      const other = { ...added, valueFrom: { secretKeyRef: { name: 'depot-secrets', key: 'QUITE_ANOTHER' } } };
      const containers = [
        { name: 'main', env: [added] },
        { name: 'other', env: [other] },
      ];
      state.objects.push({ ...(workload as Stored), spec: { template: { metadata: {}, spec: { containers } } } });
      const secret = named(state, 'Secret', 'depot-secrets');
      Object.assign(secret.data, { ADDED: base64(leak), [pasted]: '' });
      manage(secret, manager, { 'f:data': { 'f:ADDED': {}, [`f:${pasted}`]: {} } }, operation);
    });
    const { stderr } = await diff();
    expect(stderr.includes('error[unknown-reference] Deployment sorter: container main')).toBe(isUnknown);
    expect(stderr).toContain('Its keys are ');
    expect(stderr).not.toContain(pasted);
  });

  const reading = (name: string, key: string, of = 'depot-secrets') => ({
    name,
    valueFrom: { secretKeyRef: { name: of, key } },
  });
  it.each<[string, object]>([
    ['a key', { name: 'main', env: [reading('KEY', pasted)] }],
    ['a variable', { name: 'main', env: [reading(pasted, 'NOTHING')] }],
    ['a container', { name: pasted, env: [reading('KEY', 'NOTHING')] }],
    ['an object', { name: 'main', envFrom: [{ secretRef: { name: pasted } }] }],
    ['a key, in base64', { name: 'main', env: [reading('KEY', base64(`a ${pasted}`))] }],
  ])('has one of our secrets as the name of %s: that is said, and the name is not shown', async (_what, container) => {
    const { diff, calls } = await applied(
      (state) => {
        const [workload] = deployment('sorter', namespace, [], state.now);
        state.objects.push({
          ...(workload as Stored),
          spec: { template: { metadata: {}, spec: { containers: [container] } } },
        });
      },
      { POSTAL_API_KEY: pasted },
    );
    for (const form of ['text', 'json', 'markdown']) {
      const { stdout, stderr } = await diff('--report', form);
      expect(stdout + stderr).not.toContain(pasted);
      expect(stdout + stderr).not.toContain(base64(`a ${pasted}`));
      expect(stdout + stderr).toContain(
        'Deployment sorter: a name in it holds a secret of this environment, and is not shown',
      );
    }
    expect(JSON.stringify(calls())).not.toContain(pasted); // nor is kubectl asked for it, which others would see
  });

  it('names an object after somebody who is a secret: nothing is said of it, since it may be right', async () => {
    const { diff } = await applied(
      (state) => {
        const names = ['parcel-desk-robot', 'courier-database-user-tls'];
        const object = (name: string) => ({ kind: 'Secret', metadata: { name, namespace }, data: {} });
        state.objects.push(...(names.map(object) as unknown as Stored[]));
        const sources = names.map((name) => ({ secretRef: { name } }));
        state.objects.push(...deployment('sorter', namespace, sources, state.now));
      },
      { REGISTRY_USER: 'parcel-desk-robot', POSTAL_API_KEY: 'courier-database-user' },
    );
    const { status, stderr } = await diff();
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('unknown-reference')]);
  });

  it('names very many objects of others: kubectl is asked for some, and few are shown where it fails', async () => {
    const { diff, calls, change } = await applied((state) => {
      const many = Array.from({ length: 3_000 }, (_, at) => ({ secretRef: { name: `other-${at}`, optional: true } }));
      state.objects.push(...deployment('sorter', namespace, many, state.now));
    });
    expect(await diff()).toMatchObject({ status: 0 });
    expect(Math.max(...calls().map(({ length }) => length))).toBeLessThan(limits.foreignObjects + 20);
    const got = calls().filter((words) => words.includes('secret/other-0')).length;
    expect(got).toBe(1);
    change((state) => {
      state.failAt = calls().length + calls().length; // the last question of the next run
      state.failWith = 'Unable to connect to the server: i/o timeout';
    });
    const { stderr } = await diff();
    expect(stderr).toContain('Try it by hand: kubectl get secret/other-0 ');
    expect(stderr.length).toBeLessThan(1_500);
  });

  it('has one as a name that stands in a file, though the secrets are in a store', async () => {
    const objects = [
      { kind: 'Namespace', metadata: { name: namespace } },
      ...deployment('sorter', namespace, [{ secretRef: { name: pasted } }], 0),
    ];
    const { env } = fakeCluster({ objects, hasExternalSecrets: true });
    const values = { KUBE_CLUSTER: 'my-cluster', POD_NAMESPACE: namespace, POSTAL_API_KEY: pasted };
    const stored = { SECRETS_FROM: 'external-secrets', VAULT: 'vault' };
    const envs = folderWith({ 'x.env': validEnvironment('x', { ...values, ...stored }) });
    const { stdout, stderr } = await run(['diff', 'x', '--live', '--envs', envs], { env });
    expect(stdout + stderr).not.toContain(pasted);
    expect(stderr).toContain('Deployment sorter: a name in it holds a secret of this environment, and is not shown');
  });

  it('is referred to beside objects of others, which are asked for by name', async () => {
    const { diff, calls } = await applied((state) => {
      const env = [reading('HAS', 'A', 'theirs'), reading('LACKS', 'B', 'theirs')];
      const [workload] = deployment('reader', namespace, [], 0);
      state.objects.push(
        { kind: 'Secret', metadata: { name: 'theirs', namespace }, data: { A: leak } } as Stored,
        ...deployment('sorter', namespace, [{ secretRef: { name: 'theirs' } }, { secretRef: { name: 'nobodys' } }], 0),
        {
          ...(workload as Stored),
          spec: { template: { metadata: {}, spec: { containers: [{ name: 'main', env }] } } },
        },
      );
    });
    const { stderr } = await diff();
    expect(stderr).toMatch(/envFrom loads Secret nobodys, which is not there\n.*\n? *hint Make it, or say optional/);
    expect(stderr.match(/^error.*theirs.*/gm)).toEqual([
      expect.stringMatching(/env LACKS reads B of Secret theirs, which has no such key$/),
    ]);
    expect(calls().at(-1)?.slice(0, 3)).toEqual(['get', 'secret/theirs', 'secret/nobodys']);
  });
});

it.each<[string, object]>([
  ['labels', { metadata: { labels: [] } }],
  ['a label', { metadata: { labels: { 'app.kubernetes.io/name': 1 } } }],
  ['annotations', { metadata: { annotations: 'none' } }],
  ['managers', { metadata: { managedFields: {} } }],
  ['a manager', { metadata: { managedFields: [null] } }],
  ['the name of a manager', { metadata: { managedFields: [{ manager: 7 }] } }],
  ['a time', { metadata: { managedFields: [{ time: 7, fieldsV1: { 'f:data': {} } }] } }],
  ['data', { data: ['fake'] }],
  ['a value', { data: { OFFICE: 7 } }],
  ['a type', { type: {} }],
])('an answer with %s of a wrong kind is refused', async (_what, odd) => {
  const { metadata, ...rest } = odd as { metadata?: object };
  const { diff } = await applied((state) => {
    const object = named(state, 'ConfigMap', 'depot-config');
    Object.assign(object, rest);
    Object.assign(object.metadata, metadata);
  });
  expect(await diff()).toMatchObject({
    status: 3,
    stdout: '',
    stderr: expect.stringMatching(/^error\[cluster\] kubectl answered with something that is no object of Kubernetes/),
  });
});

describe('rights on a part of it', () => {
  const rule = (resources: readonly string[], verbs = ['get', 'list']) => ({
    apiGroups: ['', 'apps', 'batch'],
    resources,
    verbs,
  });
  const workloads = [
    'deployments',
    'statefulsets',
    'daemonsets',
    'replicasets',
    'jobs',
    'cronjobs',
    'serviceaccounts',
    'pods',
  ];

  it('such as ConfigMaps: they are compared, the rest is said, exit status 3', async () => {
    const { diff } = await applied((state) => {
      named(state, 'ConfigMap', 'depot-config').data['LOG_FLOOR'] = 'warn';
      state.role = [rule(['configmaps'])];
    });
    const { status, stdout } = await diff();
    expect(status).toBe(3);
    expect(stdout).toMatch(/^ConfigMap\/depot-config +different\n {2}LOG_FLOOR differs$/m);
    expect(stdout).toMatch(/^Secret\/depot-secrets +not compared: it may not be read$/m);
    expect(stdout).toMatch(/^Not compared, since this user may not read it: Secrets, Namespace/m);
    expect(stdout).toMatch(/: 1 object of \d+ differs, \d+ not compared\n$/);
    const page = await diff('--report', 'html');
    expect(page.stdout).toMatch(/<h1>x: 1 object unlike those on cluster my-cluster<\/h1>/);
    expect(page.stdout).toContain('<p>Not compared, since this user may not read it: Secrets, Namespace');
  });

  it('without the Namespace, though it is written too: all but that is compared', async () => {
    const { diff } = await applied(
      (state) => {
        state.role = [rule(['secrets', 'configmaps', ...workloads])];
      },
      { POD_NAMESPACE_CREATE: 'true' },
    );
    const { status, stdout } = await diff();
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Namespace/${namespace} +not compared: it may not be read$`, 'm'));
    expect((await diff('--strict')).status).toBe(3);
  });

  it('by name only: what is left over, and what runs there, is said to be unknown', async () => {
    const { diff } = await applied((state) => {
      state.role = [rule(['secrets', 'configmaps', 'namespaces'], ['get'])];
    });
    const { status, stdout } = await diff();
    expect(status).toBe(0);
    expect(stdout).toMatch(/may not read it: which Secrets and ConfigMaps are left over, workloads and pods$/m);
  });

  it('none at all', async () => {
    const { diff } = await applied((state) => {
      state.role = [];
    });
    const { status, stdout, stderr } = await diff();
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^error\[cluster\] kubectl is not allowed to do that \(forbidden\)$/m);
  });
});

describe('where kubectl cannot tell, nothing is compared: exit status 3, and the cause', () => {
  it.each([
    ['forbidden', 'Error from server (Forbidden): secrets "a" is forbidden: User "u" cannot get resource "secrets"'],
    ['unauthorized', 'error: You must be logged in to the server (Unauthorized)'],
    ['unauthorized', 'Please enter Username: error: EOF'],
    [
      'unauthorized',
      'Unable to connect to the server: getting credentials: exec: executable aws failed with exit code 255',
    ],
    ['unreachable', 'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?'],
    ['unknown host', 'Unable to connect to the server: dial tcp: lookup nowhere.example on 10.0.0.2:53: no such host'],
    [
      'certificate',
      'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ],
    [
      'time-out',
      'Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
    ],
    ['time-out', 'Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout'],
    [
      'has no kubeconfig',
      'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
    ],
    ['failed', 'something that nobody has heard of'],
  ])('%s: %s', async (cause, message) => {
    const { diff } = await applied((state) => {
      state.failures = { get: message };
    });
    const plain = await diff();
    expect([plain.status, plain.stdout]).toEqual([3, '']);
    expect(plain.stderr).toMatch(new RegExp(`^error\\[cluster\\] kubectl .*${cause}`, 'm'));
    expect(plain.stderr.replace(/\s+/g, ' ')).toMatch(
      new RegExp(`Try it by hand: kubectl get .* -n ${namespace} .*--context=some-context`),
    );
    expect(plain.stderr).not.toContain('--output=json'); // which would print Secrets
    const json = await diff('--json');
    expect([json.status, JSON.parse(json.stdout)]).toEqual([
      3,
      {
        environments: [],
        error: expect.objectContaining({ code: 'cluster', message: expect.stringContaining(cause) }),
      },
    ]);
    expect(plain.stderr + json.stdout + json.stderr).not.toContain(leak);
  });

  it.each([
    ['there is no current context', { current: null }, [], 'has no current context', 'kubectl config current-context'],
    [
      'there is no context of that name, which is not repeated',
      {},
      ['--context', leak],
      'found no such context',
      'kubectl config get-contexts lists them',
    ],
    [
      'there is no context of that name, and one is near',
      {},
      ['--context', 'som-context'],
      'found no such context',
      'Did you mean some-context?',
    ],
  ] as const)('%s', async (_what, change, args, message, line) => {
    const { diff } = await applied((state) => {
      Object.assign(state, change);
    });
    const { status, stderr } = await diff(...args);
    expect(status).toBe(3);
    expect(stderr).toContain(`error[cluster] kubectl ${message}`);
    expect(stderr).toContain(line);
    expect(stderr).not.toContain(leak);
  });

  it.each([
    ['a text', 'fake-secret'],
    ['a list', '["fake-secret"]'],
    ['null', 'null'],
    ['no object', '{"items":[{"kind":"Secret"}]}'],
  ])('kubectl answers with %s', async (_what, answer) => {
    const config = JSON.stringify({ contexts: [{ name: 'c', context: { cluster: 'my-cluster' } }] });
    const tools = folderWith({
      kubectl: `#!/bin/sh\ncase "$1 $2" in 'config view') echo '${config}';; config*) echo c;; *) echo '${answer}';; esac\n`,
    });
    chmodSync(join(tools, 'kubectl'), 0o755);
    const envs = folderWith({ 'x.env': validEnvironment('x', { KUBE_CLUSTER: 'my-cluster' }) });
    const env = { PATH: `${tools}:${process.env['PATH']}` };
    const { status, stdout, stderr } = await run(['diff', 'x', '--live', '--envs', envs], { env });
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^error\[cluster\] kubectl answered/m);
    expect(stderr).not.toContain('fake-secret');
  });

  it('there is no kubectl', async () => {
    const envs = folderWith({ 'x.env': validEnvironment('x') });
    const { status, stderr } = await run(['diff', 'x', '--live', '--envs', envs], { env: { PATH: folderWith() } });
    expect([status, stderr]).toEqual([3, expect.stringContaining('error[cluster] kubectl is not installed')]);
  });
});

describe('a kubectl that does not stop', () => {
  const sleeping = '#!/bin/sh\necho $$ > "$(dirname "$0")/pid"\nsleep 1000\n';
  const withKubectl = (script: string) => {
    const tools = folderWith({ kubectl: script });
    chmodSync(join(tools, 'kubectl'), 0o755);
    return { tools, env: { PATH: `${tools}:${process.env['PATH']}` } };
  };

  afterEach(() => jest.restoreAllMocks());

  it.each([
    ['answering', '#!/bin/sh\nyes', 'bytesOfAnswer', 1_024, 'kubectl answered more than 1 KiB'],
    ['before an answer', sleeping, 'secondsOfProgram', 1, 'kubectl did not answer within 1 s'],
  ] as const)('%s is ended: exit status 3', async (_what, script, name, limit, message) => {
    jest.replaceProperty(limits as Record<string, number>, name, limit);
    const envs = folderWith({ 'x.env': validEnvironment('x') });
    const result = await run(['diff', 'x', '--live', '--envs', envs], { env: withKubectl(script).env });
    expect(result).toEqual({ status: 3, stdout: '', stderr: expect.stringContaining(message) });
    expect(result.stderr).toMatch(/^ {2}hint .*Try it by hand: kubectl config current-context$/m);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('ends with this program at %s', async (signal, status) => {
    const { tools, env } = withKubectl(sleeping);
    const envs = folderWith({ 'x.env': validEnvironment('x') });
    const args = ['--', join(copyProject(), 'launch.js'), 'diff', 'x', '--live', '--envs', envs];
    const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
    const pid = await eventually(() => Number(readFileSync(join(tools, 'pid'), 'utf8')) || undefined);
    const exited = once(child, 'exit');
    child.kill(signal);
    expect((await exited)[0]).toBe(status);
    await eventually(() => (isRunning(pid) ? undefined : true));
  });

  it('ends with an apply that is told to end, which says that it can be run again', async () => {
    const { tools, env } = withKubectl(sleeping);
    const [envs, out] = [folderWith({ 'x.env': validEnvironment('x') }), folderWith()];
    expect((await run(['synth', 'x', '--envs', envs, '--out', out])).status).toBe(0);
    const args = ['--', join(copyProject(), 'launch.js'), 'apply', 'x', '--yes', '--envs', envs, '--out', out];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const said: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    await eventually(() => Number(readFileSync(join(tools, 'pid'), 'utf8')) || undefined);
    const closed = once(child, 'close');
    child.kill('SIGINT');
    expect([(await closed)[0], Buffer.concat(said).toString()]).toEqual([
      130,
      '\nThis apply was cut short. Run the same npm run apply again: it goes on from here\n',
    ]);
  });

  it('ends with the shell by which npm has started an apply', async () => {
    const { tools, env } = withKubectl(sleeping);
    const [envs, out] = [folderWith({ 'x.env': validEnvironment('x') }), folderWith()];
    expect((await run(['synth', 'x', '--envs', envs, '--out', out])).status).toBe(0);
    const program = join(copyProject(), 'launch.js');
    const shell = spawn(
      '/bin/sh',
      ['-c', `'${process.execPath}' -- '${program}' apply x --yes --envs '${envs}' --out '${out}'; true`],
      { env: { ...env, npm_lifecycle_event: 'apply' }, stdio: 'ignore' },
    );
    const pid = await eventually(() => Number(readFileSync(join(tools, 'pid'), 'utf8')) || undefined);
    shell.kill('SIGTERM');
    await eventually(() => (isRunning(pid) ? undefined : true));
  });
});

/** What `look` finds, as soon as it finds something. */
async function eventually<Found>(look: () => Found | undefined): Promise<Found> {
  for (;;) {
    try {
      const found = look();
      if (found !== undefined) return found;
    } catch {}
    await setTimeout(20);
  }
}

function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/ Z /.test(readFileSync(stat, 'utf8')); // a zombie has ended
}
