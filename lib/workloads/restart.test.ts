import { growth, mostLinear } from '../../test/growth';
import { type OptIn, rollingOut, soon, staleIn, startedBefore } from './restart';

const at = (second: number) => new Date(second * 1_000).toISOString();
const envFrom = [{ secretRef: { name: 's' } }];
const object = 'Secret/s';
const owned = (kind: string, name: string) => [{ kind, name, controller: true }];

const workload = (kind: string, rest: object = {}, metadata: object = {}) => ({
  kind,
  metadata: { name: 'w', ...metadata },
  spec: { template: { spec: { containers: [{ name: 'c', envFrom }] } }, ...rest },
});
const started = (second: number) => [{ name: 'c', state: { running: { startedAt: at(second) } } }];
const pod = (
  owner: { kind: string; name: string } | undefined,
  second: number,
  rest: object = {},
  metadata: object = {},
) => ({
  kind: 'Pod',
  metadata: { name: 'p', ...(owner && { ownerReferences: owned(owner.kind, owner.name) }), ...metadata },
  spec: { containers: [{ name: 'c', envFrom }] },
  status: { phase: 'Running', startTime: at(second), containerStatuses: started(second) },
  ...rest,
});
const set = { kind: 'StatefulSet', name: 'w' };
const restarted = (second: number) => ({
  managedFields: [
    {
      time: at(second),
      fieldsV1: {
        'f:spec': {
          'f:template': { 'f:metadata': { 'f:annotations': { 'f:kubectl.kubernetes.io/restartedAt': {} } } },
        },
      },
    },
  ],
});

const restartsIn = (...given: Parameters<typeof staleIn>) => staleIn(...given).restarts;

/** What must restart where the object was changed at second 100. */
const found = (
  workloads: readonly unknown[],
  pods: readonly unknown[] | undefined,
  changed = 100_000,
  optIns: OptIn[] = [],
) =>
  restartsIn({ workloads, pods }, new Map([[object, changed]]), optIns).map(
    ({ workload: name, how }) => `${how} ${name}`,
  );

describe('pods of a workload that loads what has changed', () => {
  it.each([
    ['started before', pod(set, 99), ['restart StatefulSet/w']],
    ['started in the same second: nobody knows which came first', pod(set, 100), ['restart StatefulSet/w']],
    ['started after', pod(set, 101), []],
    [
      'have a container that started again',
      pod(set, 50, { status: { startTime: at(50), containerStatuses: started(101) } }),
      [],
    ],
    [
      'have a container that waits',
      pod(set, 50, { status: { startTime: at(50), containerStatuses: [{ name: 'c', state: { waiting: {} } }] } }),
      [],
    ],
    ['were not started yet', pod(set, 50, { status: { phase: 'Pending' } }), []],
    ['have ended', pod(set, 50, { status: { phase: 'Succeeded', containerStatuses: started(50) } }), []],
    ['are going', pod(set, 50, {}, { deletionTimestamp: at(101) }), []],
    [
      'load something else',
      pod(set, 50, { spec: { containers: [{ name: 'c', envFrom: [{ secretRef: { name: 't' } }] }] } }),
      [],
    ],
    [
      'read one key of it',
      pod(set, 50, {
        spec: {
          containers: [{ name: 'c', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'A' } } }] }],
        },
      }),
      ['restart StatefulSet/w'],
    ],
    [
      'load it in a container that is not the one that started again',
      pod(set, 50, {
        spec: { containers: [{ name: 'd' }, { name: 'c', envFrom }] },
        status: {
          startTime: at(50),
          containerStatuses: [{ name: 'd', state: { running: { startedAt: at(101) } } }, ...started(50)],
        },
      }),
      ['restart StatefulSet/w'],
    ],
    [
      'loaded it before the others started',
      pod(set, 50, {
        spec: { initContainers: [{ name: 'i', envFrom }], containers: [{ name: 'c' }] },
        status: { startTime: at(50), containerStatuses: started(101) },
      }),
      ['restart StatefulSet/w'],
    ],
    [
      'mount it',
      pod(set, 50, { spec: { containers: [{ name: 'c' }], volumes: [{ name: 'v', secret: { secretName: 's' } }] } }),
      ['restart StatefulSet/w'],
    ],
    [
      'pull their image by it',
      pod(set, 50, { spec: { containers: [{ name: 'c' }], imagePullSecrets: [{ name: 's' }] } }),
      [],
    ],
    ['are of a former revision', pod(set, 50, {}, { labels: { 'controller-revision-hash': 'old' } }), []],
  ] as const)('%s', (_what, one, expected) => {
    const workloads = [{ ...workload('StatefulSet'), status: { updateRevision: 'new' } }];
    expect(found(workloads, [one])).toEqual(expected);
  });

  it('are looked for by way of the newest ReplicaSet of a Deployment', () => {
    const replicaSet = (name: string, revision: string) => ({
      kind: 'ReplicaSet',
      metadata: {
        name,
        annotations: { 'deployment.kubernetes.io/revision': revision },
        ownerReferences: owned('Deployment', 'w'),
      },
    });
    const sets = [replicaSet('w-9', '9'), replicaSet('w-10', '10'), replicaSet('w-8', '8')];
    const workloads = [workload('Deployment'), ...sets];
    expect(found(workloads, [pod({ kind: 'ReplicaSet', name: 'w-10' }, 50)])).toEqual(['restart Deployment/w']);
    expect(found(workloads, [pod({ kind: 'ReplicaSet', name: 'w-9' }, 50)])).toEqual([]);
  });

  it.each([
    ['after the change', 101, []],
    ['in its second', 100, []],
    ['before it', 99, ['restart DaemonSet/w']],
  ])('are not restarted twice: it was done %s', (_what, second, expected) => {
    const one = pod({ kind: 'DaemonSet', name: 'w' }, 50);
    const rolling = workload('DaemonSet', {}, { ...restarted(second), generation: 2 });
    expect(found([rolling], [one])).toEqual(expected);
    expect(found([rolling], [one], soon)).toEqual(['restart DaemonSet/w']);
    // What kubectl rollout pause and resume leave looks the same, but for the pods: all of them are there.
    expect(found([{ ...rolling, status: { observedGeneration: 2 } }], [one])).toEqual(['restart DaemonSet/w']);
  });

  it('may not be listed: what is about to change restarts all that load it, what has changed nobody', () => {
    expect(found([workload('DaemonSet')], undefined, soon)).toEqual(['restart DaemonSet/w']);
    expect(found([workload('DaemonSet')], undefined)).toEqual([]);
    const pulling = { spec: { imagePullSecrets: [{ name: 's' }], containers: [{ name: 'c' }] } };
    expect(found([workload('DaemonSet', { template: pulling })], undefined, soon)).toEqual([]);
  });
});

describe('what kubectl does not restart', () => {
  it.each([
    ['a Pod by itself', [], pod(undefined, 50), ['by-hand Pod/p']],
    [
      'a ReplicaSet by itself',
      [workload('ReplicaSet')],
      pod({ kind: 'ReplicaSet', name: 'w' }, 50),
      ['by-hand ReplicaSet/w'],
    ],
    [
      'a paused Deployment',
      [
        workload('Deployment', { paused: true }),
        { kind: 'ReplicaSet', metadata: { name: 'w-1', ownerReferences: owned('Deployment', 'w') } },
      ],
      pod({ kind: 'ReplicaSet', name: 'w-1' }, 50),
      ['by-hand Deployment/w'],
    ],
    [
      'one whose pods are deleted by hand',
      [workload('StatefulSet', { updateStrategy: { type: 'OnDelete' } })],
      pod(set, 50),
      ['by-hand StatefulSet/w'],
    ],
    [
      'one whose pods are deleted by hand, and which has a new revision',
      [{ ...workload('StatefulSet', { updateStrategy: { type: 'OnDelete' } }), status: { updateRevision: 'new' } }],
      pod(set, 50, {}, { labels: { 'controller-revision-hash': 'old' } }),
      ['by-hand StatefulSet/w'],
    ],
    ...[
      ['a pod below the partition of its StatefulSet, which was restarted', 'w-2', ['by-hand StatefulSet/w']] as const,
      ['a pod from the partition on, which is on its way out', 'w-3', []] as const,
    ].map(
      ([what, name, expected]) =>
        [
          what,
          [
            {
              ...workload(
                'StatefulSet',
                { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 3 } } },
                restarted(101),
              ),
              status: { updateRevision: 'new' },
            },
          ],
          pod(set, 50, {}, { name, labels: { 'controller-revision-hash': 'old' } }),
          expected,
        ] as const,
    ),
    ['a kind of others', [], pod({ kind: 'Rollout', name: 'r' }, 50), ['by-hand Rollout/r']],
    ['what is like no kind', [], pod({ kind: 'F4k3', name: 'r' }, 50), ['by-hand (a kind that is not shown)/r']],
    ['a Job, which ends with what it has', [workload('Job')], pod({ kind: 'Job', name: 'w' }, 50), []],
    [
      'the Job of a CronJob',
      [
        {
          kind: 'CronJob',
          metadata: { name: 'w' },
          spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: 'c', envFrom }] } } } } },
        },
        { kind: 'Job', metadata: { name: 'w-1', ownerReferences: owned('CronJob', 'w') } },
      ],
      pod({ kind: 'Job', name: 'w-1' }, 50),
      [],
    ],
    [
      'the Job of a CronJob that is gone',
      [{ kind: 'Job', metadata: { name: 'w-1', ownerReferences: owned('CronJob', 'w') } }],
      pod({ kind: 'Job', name: 'w-1' }, 50),
      [],
    ],
    [
      'one whose name looks like a credential',
      [],
      pod(undefined, 50, {}, { name: ['sk', 'proj', 'a'.repeat(40)].join('-') }),
      ['by-hand Pod/(a name that is not shown)'],
    ],
  ] as [what: string, workloads: unknown[], one: unknown, expected: string[]][])(
    'is %s',
    (_what, workloads, one, expected) => {
      expect(found(workloads, [one])).toEqual(expected);
    },
  );
});

it.each([
  ['Deployment', [{ kind: 'ReplicaSet', name: 'old' }], ['by-hand Deployment/w']],
  ['Deployment, and nothing runs', [], []],
])('amid the roll-out of a paused %s, pods of before are named', (_what, owners, expected) => {
  const sets = ['old', 'new'].map((name, at) => ({
    kind: 'ReplicaSet',
    metadata: {
      name,
      ownerReferences: owned('Deployment', 'w'),
      annotations: { 'deployment.kubernetes.io/revision': String(at + 1) },
    },
  }));
  const young = pod({ kind: 'ReplicaSet', name: 'new' }, 150, {}, { name: 'young' });
  const pods = [...owners.map((owner) => pod(owner, 50)), young];
  expect(found([workload('Deployment', { paused: true }), ...sets], pods)).toEqual(expected);
  expect(found([workload('Deployment'), ...sets], pods)).toEqual([]); // they are on their way out
});

it.each([
  ['is to have no pods', { replicas: 0 }, {}],
  ['is being deleted', { replicas: 1 }, { deletionTimestamp: at(90) }],
])('where pods may not be listed, nothing is said of one that %s', (_what, spec, metadata) => {
  expect(found([workload('Deployment', spec, metadata)], undefined, soon)).toEqual([]);
});

it.each<[partition: number, expected: string[]]>([
  [0, ['restart StatefulSet/w']],
  [1, ['restart StatefulSet/w', 'by-hand StatefulSet/w']],
  [2, ['by-hand StatefulSet/w']],
])('where pods may not be listed, a StatefulSet of two with the partition %i is told by it', (partition, expected) => {
  const updateStrategy = { rollingUpdate: { partition } };
  expect(found([workload('StatefulSet', { replicas: 2, updateStrategy })], undefined, soon)).toEqual(expected);
});

it.each([
  [undefined, 'may not be looked at by this user'],
  [[], 'is of a kind that kubectl does not restart'],
])('what owns a pod is named where workloads are %s', (workloads, why) => {
  const restarts = restartsIn({ workloads, pods: [pod(set, 50)] }, new Map([[object, 100_000]]), []);
  expect(restarts).toEqual([expect.objectContaining({ workload: 'StatefulSet/w', how: 'by-hand', why })]);
});

describe('a workload that opted in', () => {
  const optIn = (checksum: string): OptIn => ({
    label: 'app/rollout-b',
    annotation: 'app/checksum-b',
    checksum,
    loads: new Set([object]),
    objects: new Set([object]),
    vouchedFor: new Map([[object, 0]]),
  });
  const opted = (checksum?: string) => ({
    kind: 'StatefulSet',
    metadata: { name: 'w', labels: { 'app/rollout-b': 'true' } },
    spec: {
      template: {
        metadata: { annotations: checksum === undefined ? {} : { 'app/checksum-b': checksum } },
        spec: { containers: [{ name: 'c', envFrom: [...envFrom] }] },
      },
    },
  });

  it.each([
    ['has no checksum', opted(), optIn('2'), 50_000, ['rollout StatefulSet/w']],
    ['has another one', opted('1'), optIn('2'), 50_000, ['rollout StatefulSet/w']],
    ['has it: whatever the times say', opted('2'), optIn('2'), 100_000, []],
    [
      'has it of old, and changes now',
      opted('2'),
      { ...optIn('2'), vouchedFor: new Map<string, number>() },
      soon,
      ['restart StatefulSet/w'],
    ],
    [
      'has it, and has started without what was made since',
      opted('2'),
      { ...optIn('2'), vouchedFor: new Map([[object, 71_000]]) },
      71_000,
      ['restart StatefulSet/w'],
    ],
    [
      'has it, and has started in the second in which that was made',
      opted('2'),
      { ...optIn('2'), vouchedFor: new Map([[object, 70_000]]) },
      70_000,
      [],
    ],
    [
      'has said false',
      { ...opted(), metadata: { name: 'w', labels: { 'app/rollout-b': 'false' } } },
      optIn('2'),
      100_000,
      ['restart StatefulSet/w'],
    ],
  ] as const)('%s', (_what, one, how, changed, expected) => {
    expect(found([one], [pod(set, 70, {}, { annotations: { 'app/checksum-b': '2' } })], changed, [how])).toEqual(
      expected,
    );
  });

  it.each([
    ['the checksum of before', '1', ['by-hand StatefulSet/w']],
    ['the right one, which the clock cannot tell', '2', []],
  ])('and is replaced by hand is named where a pod has %s', (_what, checksum, expected) => {
    const byHand = { ...opted('2'), spec: { ...opted('2').spec, updateStrategy: { type: 'OnDelete' } } };
    const one = pod(set, 50, {}, { annotations: { 'app/checksum-b': checksum } });
    expect(found([byHand], [one], 100_000, [optIn('2')])).toEqual(expected);
  });

  it.each<[what: string, kind: string, name: string, expected: string[]]>([
    ['has no template, as a pod by itself', 'Pod', 'w', ['by-hand Pod/w']],
    [
      'has a name that is not shown',
      'StatefulSet',
      ['sk', 'proj', 'a'.repeat(40)].join('-'),
      ['by-hand StatefulSet/(a name that is not shown)'],
    ],
  ])('and %s is not rolled out', (_what, kind, name, expected) => {
    const labelled = { labels: { 'app/rollout-b': 'true' } };
    const metadata = { name, ...labelled };
    const pods = [pod(kind === 'Pod' ? undefined : { kind, name }, 50, {}, kind === 'Pod' ? metadata : labelled)];
    const workloads = kind === 'Pod' ? [] : [{ ...opted('1'), kind, metadata }];
    expect(found(workloads, pods, 100_000, [optIn('2')])).toEqual(expected);
  });

  it('and is paused is told what replaces its pods', () => {
    const paused = { ...opted('2'), kind: 'Deployment', spec: { ...opted('2').spec, paused: true } };
    const replicaSet = { kind: 'ReplicaSet', metadata: { name: 'w-1', ownerReferences: owned('Deployment', 'w') } };
    const one = pod({ kind: 'ReplicaSet', name: 'w-1' }, 50);
    const whyOf = (how: OptIn) =>
      restartsIn({ workloads: [paused, replicaSet], pods: [one] }, new Map([[object, 100_000]]), [how])[0]?.why;
    expect(whyOf(optIn('2'))).toBe('is paused: resume its roll-out');
    const edited = 'is paused: resume its roll-out, then restart it';
    expect(whyOf({ ...optIn('2'), vouchedFor: new Map() })).toBe(edited);
    // A new checksum replaces all its pods as soon as it is resumed, whatever it covers.
    const whyNotYet = (how: OptIn) =>
      restartsIn({ workloads: [paused, replicaSet], pods: [one] }, new Map([[object, 100_000]]), [how])[1]?.why;
    expect(whyNotYet(fetched(optIn('3')))).toBe('is paused: resume its roll-out');
  });

  /** Of a bundle whose one object an operator fetches: its checksum covers from where. */
  const fetched = (how: OptIn): OptIn => ({ ...how, objects: new Set(), vouchedFor: new Map() });

  it('and loads what an operator fetches is said to be rolled out for that', () => {
    const [rolled] = restartsIn({ workloads: [opted('1')], pods: [pod(set, 50)] }, new Map([[object, 100_000]]), [
      fetched(optIn('2')),
    ]);
    expect([rolled?.how, rolled?.objects]).toEqual(['rollout', [object]]);
  });

  it('and starts to count its pods at another number is rolled out', () => {
    const raised = { ...opted('1'), spec: { ...opted('1').spec, ordinals: { start: 20 } } };
    expect(found([raised], [pod(set, 50, {}, { name: 'w-10' })], soon, [optIn('2')])).toEqual([
      'rollout StatefulSet/w',
    ]);
  });

  it('and keeps some pods is rolled out, and these are named', () => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
    const partly = (start?: number) => ({
      ...opted('1'),
      spec: { ...opted('1').spec, updateStrategy: strategy, ...(start !== undefined && { ordinals: { start } }) },
    });
    const one = pod(set, 50, {}, { name: 'w-10' });
    expect(found([partly()], [one], soon, [optIn('2')])).toEqual(['rollout StatefulSet/w']);
    expect(found([partly(10)], [one], soon, [optIn('2')])).toEqual(['rollout StatefulSet/w', 'by-hand StatefulSet/w']);
  });

  it('and loads what its checksum does not cover is restarted for that, by the checksum alone where that is new', () => {
    const pods = [pod(set, 50)];
    const other = {
      ...optIn('2'),
      loads: new Set(['Secret/other']),
      objects: new Set(['Secret/other']),
      vouchedFor: new Map([['Secret/other', 0]]),
    };
    const both = (checksum: string) => {
      const one = opted(checksum);
      one.spec.template.spec.containers[0]?.envFrom.push({ secretRef: { name: 'other' } });
      return one;
    };
    expect(found([both('2')], pods, 100_000, [other])).toEqual(['restart StatefulSet/w']);
    expect(found([both('1')], pods, 100_000, [other])).toEqual(['rollout StatefulSet/w']);
  });

  it.each<[what: string, sidecar: number, main: number, loads: 'sidecar' | 'main', expected: string[]]>([
    ['whose sidecar has started without what was made since', 50, 90, 'sidecar', ['restart StatefulSet/w']],
    ['of which only a container that loads nothing is older than that', 50, 90, 'main', []],
    ['whose init container has ended without it', 0, 50, 'sidecar', ['restart StatefulSet/w']],
  ])('and has a pod %s', (_what, sidecar, main, loads, expected) => {
    const running = (name: string, second: number) => [{ name, state: { running: { startedAt: at(second) } } }];
    const container = (name: 'sidecar' | 'main') => ({ name, ...(loads === name && { envFrom }) });
    const one = pod(
      set,
      45,
      {
        spec: {
          initContainers: [{ ...container('sidecar'), restartPolicy: 'Always' }],
          containers: [container('main')],
        },
        status: {
          phase: 'Running',
          startTime: at(45),
          initContainerStatuses:
            sidecar > 0
              ? running('sidecar', sidecar)
              : [{ name: 'sidecar', state: { terminated: { startedAt: at(46) } } }],
          containerStatuses: running('main', main),
        },
      },
      { annotations: { 'app/checksum-b': '2' } },
    );
    const made = { ...optIn('2'), vouchedFor: new Map([[object, 80_000]]) };
    expect(found([opted('2')], [one], 100_000, [made])).toEqual(expected);
  });

  it('and loads nothing that its checksum covers, such as objects that an overlay has renamed, gets none', () => {
    const other = {
      ...optIn('2'),
      loads: new Set(['Secret/other']),
      objects: new Set(['Secret/other']),
      vouchedFor: new Map([['Secret/other', 0]]),
    };
    expect(found([opted('1')], [pod(set, 150)], 100_000, [other])).toEqual([]);
    expect(found([opted('1')], [pod(set, 50)], 100_000, [other])).toEqual(['restart StatefulSet/w']);
  });

  it('is said to load what has changed only where its pods do', () => {
    const [given] = restartsIn({ workloads: [opted('1')], pods: [pod(set, 150)] }, new Map([[object, 100_000]]), [
      optIn('2'),
    ]);
    const [rolled] = restartsIn({ workloads: [opted('1')], pods: [pod(set, 50)] }, new Map([[object, 100_000]]), [
      optIn('2'),
    ]);
    expect([given?.objects, rolled?.objects]).toEqual([[], [object]]);
  });
});

it.each([
  [
    'a Deployment whose pods are not all new',
    'Deployment',
    { status: { observedGeneration: 1, replicas: 3, updatedReplicas: 1 } },
    true,
  ],
  [
    'one that nobody has looked at',
    'Deployment',
    { metadata: { name: 'w', generation: 2 }, status: { observedGeneration: 1 } },
    true,
  ],
  ['one that is done', 'Deployment', { status: { replicas: 2, updatedReplicas: 2, availableReplicas: 2 } }, false],
  ['one without any of its pods', 'Deployment', { ...workload('Deployment', { replicas: 2 }), status: {} }, true],
  ['one that is to have no pods', 'Deployment', { ...workload('Deployment', { replicas: 0 }), status: {} }, false],
  [
    'one of whose new pods some are not available',
    'Deployment',
    { ...workload('Deployment', { replicas: 2 }), status: { replicas: 2, updatedReplicas: 2, availableReplicas: 1 } },
    true,
  ],
  [
    'a StatefulSet without its one pod',
    'StatefulSet',
    { ...workload('StatefulSet', { replicas: 1 }), status: {} },
    true,
  ],
  [
    'a DaemonSet whose pods do not start',
    'DaemonSet',
    { status: { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 } },
    true,
  ],
  ['one whose pods do not start', 'Deployment', { status: { replicas: 2, updatedReplicas: 2 } }, true],
  ['a StatefulSet whose pods do not start', 'StatefulSet', { status: { replicas: 1, updatedReplicas: 1 } }, true],
  [
    'a StatefulSet that has replaced the pods above its partition',
    'StatefulSet',
    {
      spec: { ...workload('StatefulSet').spec, updateStrategy: { rollingUpdate: { partition: 2 } } },
      status: { replicas: 3, readyReplicas: 3, updatedReplicas: 1 },
    },
    false,
  ],
  ['a DaemonSet', 'DaemonSet', { status: { desiredNumberScheduled: 2, updatedNumberScheduled: 1 } }, true],
  [
    'a DaemonSet that is done',
    'DaemonSet',
    { status: { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 } },
    false,
  ],
])('%s is being rolled out or not', (_what, kind, rest, expected) => {
  const one = { ...workload(kind), ...rest };
  expect(rollingOut([one], new Set([object]))).toEqual(expected ? [`${kind}/w`] : []);
  expect(rollingOut([one], new Set(['Secret/other']))).toEqual([]);
});

it('knows by which time pods were there, whatever the clocks of their nodes say', () => {
  const of = (uid: string, second: number) => pod(set, second, {}, { uid });
  const [early, late] = [of('a', 150), of('b', 50)];
  // What has started again since, or is new, is left as it is.
  const again = { ...early, status: { ...early.status, containerStatuses: started(170) } };
  expect(startedBefore([early, late, of('c', 150), again], [early, late], 120_000)).toEqual([
    of('a', 120),
    late,
    of('c', 150),
    { ...again, status: { ...again.status, startTime: at(120) } },
  ]);
});

describe('what is due by itself, with pods that run on what was there before the change at second 100', () => {
  const revision = (number: number) => ({
    kind: 'ReplicaSet',
    metadata: {
      name: `w-${number}`,
      annotations: { 'deployment.kubernetes.io/revision': String(number) },
      ownerReferences: owned('Deployment', 'w'),
    },
  });
  const sets = [revision(1), revision(2)];
  const [first, second] = sets.map(({ kind, metadata: { name } }) => ({ kind, name }));
  const opted = { labels: { l: 'true' } };
  const optIn = {
    label: 'l',
    annotation: 'a',
    checksum: 'right',
    loads: new Set([object]),
    objects: new Set([object]),
    vouchedFor: new Map([[object, Number.NaN]]),
  };
  const rightly = { annotations: { a: 'right' } };
  const isRolling = { spec: {}, status: { updatedNumberScheduled: 1, desiredNumberScheduled: 2 } };

  it.each<[what: string, workloads: readonly unknown[], pods: readonly unknown[], expected: readonly string[]]>([
    [
      'a pod of the revision before beside a new one',
      [workload('Deployment'), ...sets],
      [pod(first, 50), pod(second, 150)],
      ['replaced Deployment/w'],
    ],
    ['none but new ones', [workload('Deployment'), ...sets], [pod(second, 150)], []],
    [
      'one of the revision before that is on its way out',
      [workload('Deployment'), ...sets],
      [pod(first, 50, {}, { deletionTimestamp: at(120) }), pod(second, 150)],
      [],
    ],
    ['one of the newest revision: it is to be restarted', [workload('Deployment'), ...sets], [pod(second, 50)], []],
    [
      'one of the revision before that has it by the right checksum',
      [workload('Deployment', {}, opted), ...sets],
      [pod(first, 50, {}, rightly)],
      [],
    ],
    [
      'a DaemonSet that was restarted, and replaces them one by one',
      [{ ...workload('DaemonSet', {}, restarted(110)), status: isRolling.status }],
      [pod({ kind: 'DaemonSet', name: 'w' }, 50)],
      ['replaced DaemonSet/w'],
    ],
    [
      'what is being deleted',
      [workload('Deployment', {}, { deletionTimestamp: at(120) }), ...sets],
      [pod(first, 50)],
      [],
    ],
    [
      'a pod of the revision before, where a first checksum is due for those that have it',
      [workload('Deployment', {}, opted), ...sets],
      [pod(first, 50), pod(second, 150)],
      ['replaced Deployment/w'],
    ],
    ['a Job', [], [pod({ kind: 'Job', name: 'j' }, 50)], ['ended Job/j']],
    ['a Job that has started since', [], [pod({ kind: 'Job', name: 'j' }, 150)], []],
    [
      'a Job of a CronJob',
      [workload('CronJob'), { kind: 'Job', metadata: { name: 'j', ownerReferences: owned('CronJob', 'w') } }],
      [pod({ kind: 'Job', name: 'j' }, 50)],
      ['ended CronJob/w'],
    ],
    ['a pod of nobody: it is to be replaced by hand', [], [pod(undefined, 50)], []],
  ])('%s', (_what, workloads, pods, expected) => {
    const changes = new Map([[object, 100_000]]);
    const { outlasting: told } = staleIn({ workloads, pods }, changes, [optIn]);
    expect(told.map(({ until, workload: name }) => `${until} ${name}`)).toEqual(expected);
  });
});

it('nothing is being replaced of what is only about to be, whatever its checksum covers', () => {
  const both = [...envFrom, { secretRef: { name: 't' } }];
  const containers = [{ name: 'c', envFrom: both }];
  const one = { ...workload('StatefulSet', { template: { spec: { containers } } }, { labels: { l: 'true' } }) };
  const changes = new Map([object, 'Secret/t'].map((each) => [each, soon]));
  const covered = new Set([object]);
  const how = { label: 'l', annotation: 'a', checksum: 'new', loads: covered, objects: covered, vouchedFor: new Map() };
  const running = { workloads: [one], pods: [pod(set, 50, { spec: { containers } })] };
  const { restarts, outlasting } = staleIn(running, changes, [how]);
  expect(restarts.map(({ how: by, objects }) => [by, objects])).toEqual([['rollout', [object]]]);
  expect(outlasting).toEqual([]);
});

it('takes time by the number of containers of a pod, not by its square', () => {
  const restarts = (size: number) => {
    const names = Array.from({ length: size }, (_, number) => `c${number}`);
    const crowded = pod(set, 50, {
      spec: { containers: names.map((name) => ({ name, envFrom })) },
      status: { startTime: at(50), containerStatuses: names.map((name) => ({ ...started(101)[0], name: `${name}x` })) },
    });
    return () => found([workload('StatefulSet')], [crowded]);
  };
  expect(growth(restarts, 200)).toBeLessThan(mostLinear);
});

it('takes time by the number of pods, also where their workload is listed with each', () => {
  const restarts = (size: number) => {
    const pods = Array.from({ length: size }, (_, number) => pod(set, 50, {}, { name: `p${number}` }));
    const workloads = pods.map(() => workload('StatefulSet'));
    return () => found(workloads, pods);
  };
  expect(restarts(2)()).toEqual(['restart StatefulSet/w']);
  expect(growth(restarts, 200)).toBeLessThan(mostLinear);
});
