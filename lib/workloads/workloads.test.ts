import { parseAllDocuments } from 'yaml';
import { growth, mostLinear } from '../../test/growth';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { labelsFor } from '../constructs/labels';
import { limits } from '../environment/limits';
import { collisions } from './collision';
import { createInventory, loadablesIn } from './inventory';
import { leftOversAmong } from './left-over';
import { referencesAmong } from './references';
import { unknownReferences } from './unknown-reference';
import { unusedVariables } from './unused-variable';
import { workloadsIn } from './workload';

const secret = { kind: 'secret', type: text(), description: 'd' } as const;
const catalog = defineCatalog({
  app: 'desk',
  bundles: { common: { description: 'c', everyPod: true }, depot: { description: 'd' } },
  variables: {
    ENV: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'd' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'd' },
    TOKEN: { ...secret, bundle: 'common' },
    POSTAL_API_KEY: { ...secret, bundle: 'depot' },
    LOG_LEVEL: { kind: 'config', bundle: 'depot', type: text(), description: 'd' },
  },
});

/** What synth would write: names and keys. */
const written = `
kind: Secret
metadata: {name: common-secrets, namespace: space}
data: {TOKEN: ZmFrZQ==}
---
kind: ConfigMap
metadata: {name: common-config, namespace: space}
---
kind: Secret
metadata: {name: depot-secrets, namespace: space}
data: {POSTAL_API_KEY: ZmFrZQ==}
---
kind: ConfigMap
metadata: {name: depot-config, namespace: space}
data: {LOG_LEVEL: info}
`;

const read = (yaml: string): unknown[] => parseAllDocuments(yaml).map((document) => document.toJS());

function deployment(podSpec: string, kind = 'Deployment'): string {
  return `---\nkind: ${kind}\nmetadata: {name: desk}\nspec: {template: {spec: ${podSpec}}}\n`;
}

/** "severity code: message (hint)" of everything wrong with a tree. */
function problemsOf(tree: string): string[] {
  const manifests = read(tree);
  const all = [...read(written), ...manifests];
  const workloads = workloadsIn(manifests);
  const inventory = createInventory(loadablesIn(all));
  return [...unknownReferences(workloads, inventory, manifests, 'w.yml'), ...collisions(workloads, inventory)].map(
    ({ severity, code, message, hint }) => `${severity} ${code}: ${message} (${hint})`,
  );
}

it('takes no object of another bundle for the one that is meant, however alike their endings make them', () => {
  const message = (name: string) =>
    problemsOf(deployment(`{containers: [{name: a, envFrom: [{secretRef: {name: ${name}}}]}]}`)).join();
  expect(message('desks-secrets')).not.toContain('Did you mean');
  for (const near of ['depto', 'depotend', 'my-depot'])
    expect(message(`${near}-secrets`)).toContain('Did you mean depot-secrets?');
});

it('takes of several ServiceAccounts of one name the last that the pods can reach', () => {
  const account = (namespace: string, secret: string) =>
    `---\nkind: ServiceAccount\nmetadata: {name: runner, namespace: ${namespace}}\nimagePullSecrets: [{name: ${secret}}]\n`;
  const tree = `${account('space', 'first')}${account('space', 'last')}${account('elsewhere', 'other')}`;
  const pods = deployment('{serviceAccountName: runner, containers: []}').replace('desk}', 'desk, namespace: space}');
  expect(problemsOf(tree + pods)).toEqual([expect.stringContaining('loads Secret last, which is not there')]);
});

it('lists as many keys and problems as somebody reads, and counts the rest', () => {
  const keys = Array.from({ length: 45 }, (_, i) => `long-${i}: x`).join(', ');
  const map = `---\nkind: ConfigMap\nmetadata: {name: other}\ndata: {${keys}}\n`;
  const env = (i: number) => `{name: E${i}, valueFrom: {configMapKeyRef: {name: other, key: NOPE}}}`;
  const all = problemsOf(
    map + deployment(`{containers: [{name: main, env: [${Array.from({ length: 150 }, (_, i) => env(i)).join()}]}]}`),
  );
  expect(all).toHaveLength(101);
  expect(all[0]).toMatch(/\(Its keys are (?:long-\d+, ){19}long-\d+ and 25 more\)$/);
  expect(all[100]).toContain('50 more problems');
});

describe('a reference to what is not there', () => {
  const container = (rest: string) => `{containers: [{name: main, ${rest}}]}`;

  it.each([
    [
      'a key',
      container('env: [{name: KEY, valueFrom: {secretKeyRef: {name: depot-secrets, key: POSTAL_API_KEI}}}]'),
      'container main, env KEY reads POSTAL_API_KEI of Secret depot-secrets, which has no such key (Did you mean POSTAL_API_KEY?)',
    ],
    [
      'a key of another object',
      container('env: [{name: KEY, valueFrom: {configMapKeyRef: {name: depot-config, key: TOKEN}}}]'),
      'container main, env KEY reads TOKEN of ConfigMap depot-config, which has no such key (It is in Secret common-secrets)',
    ],
    [
      'an object',
      container('envFrom: [{secretRef: {name: depot-secret}}]'),
      'container main, envFrom loads Secret depot-secret, which is not there (Did you mean depot-secrets?)',
    ],
    [
      'a volume',
      '{volumes: [{name: files, secret: {secretName: depot-secrets, items: [{key: NOPE, path: a}]}}]}',
      'volume files reads NOPE of Secret depot-secrets, which has no such key (Its keys are POSTAL_API_KEY)',
    ],
    [
      'a projected volume',
      '{volumes: [{name: files, projected: {sources: [{configMap: {name: depot-confg}}]}}]}',
      'volume files loads ConfigMap depot-confg, which is not there (Did you mean depot-config?)',
    ],
    [
      'the Secret of a driver, which cannot be optional',
      '{volumes: [{name: files, csi: {driver: d, nodePublishSecretRef: {name: elsewhere, optional: true}}}]}',
      'volume files loads Secret elsewhere, which is not there (Is it made elsewhere? Hand its manifest in too, or remove this reference)',
    ],
    [
      'the Secret of a driver',
      '{volumes: [{name: files, csi: {driver: d, nodePublishSecretRef: {name: depot-secretz}}}]}',
      'volume files loads Secret depot-secretz, which is not there (Did you mean depot-secrets?)',
    ],
    [
      'an image pull secret, which cannot be optional',
      '{imagePullSecrets: [{name: elsewhere, optional: true}]}',
      'imagePullSecrets loads Secret elsewhere, which is not there (Is it made elsewhere? Hand its manifest in too, or remove this reference)',
    ],
    [
      'an image pull secret',
      '{imagePullSecrets: [{name: common-secret}]}',
      'imagePullSecrets loads Secret common-secret, which is not there (Did you mean common-secrets?)',
    ],
    [
      'an init container',
      '{initContainers: [{name: first, envFrom: [{configMapRef: {name: depot-conf}}]}]}',
      'init container first, envFrom loads ConfigMap depot-conf, which is not there (Did you mean depot-config?)',
    ],
    [
      'an ephemeral container',
      '{ephemeralContainers: [{name: debug, envFrom: [{configMapRef: {name: depot-conf}}]}]}',
      'ephemeral container debug, envFrom loads ConfigMap depot-conf, which is not there (Did you mean depot-config?)',
    ],
  ])('%s', (_what, podSpec, message) => {
    expect(problemsOf(deployment(podSpec))).toEqual([`error unknown-reference: Deployment desk: ${message}`]);
  });

  it.each(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'])('of a %s', (kind) => {
    expect(problemsOf(deployment(container('envFrom: [{secretRef: {name: x}}]'), kind))).toHaveLength(1);
  });

  it('of a CronJob, of a Pod, and of each in a List', () => {
    const spec = container('envFrom: [{secretRef: {name: x}}]');
    const cron = `{kind: CronJob, metadata: {name: c}, spec: {jobTemplate: {spec: {template: {spec: ${spec}}}}}}`;
    const pod = `{kind: Pod, metadata: {name: p}, spec: ${spec}}`;
    expect(problemsOf(`kind: List\nitems: [${cron}, {kind: PodList, items: [${pod}]}]\n`)).toEqual([
      expect.stringContaining('CronJob c: container main, envFrom'),
      expect.stringContaining('Pod p: container main, envFrom'),
    ]);
  });

  it("by a ServiceAccount's image pull secret", () => {
    const account = '---\nkind: ServiceAccount\nmetadata: {name: puller}\nimagePullSecrets: [{name: x}]\n';
    expect(problemsOf(`${account}${deployment('{serviceAccountName: puller}')}`)).toEqual([
      expect.stringMatching(/imagePullSecrets of ServiceAccount puller loads Secret x, .* or remove this reference\)$/),
    ]);
  });

  it('is nothing where the pod starts without it, or something else makes it', () => {
    const made = `---
kind: ExternalSecret
metadata: {name: a}
spec: {target: {name: from-vault}}
---
kind: Certificate
metadata: {name: b}
spec: {secretName: tls}
---
kind: SealedSecret
metadata: {name: sealed}
---
kind: ClusterExternalSecret
metadata: {name: c}
spec: {externalSecretSpec: {target: {name: in-each}}}
---
kind: SecretProviderClass
metadata: {name: d}
spec: {secretObjects: [{secretName: mounted}, {secretName: mounted-too}]}
---
kind: VaultStaticSecret
metadata: {name: e}
spec: {destination: {name: of-vault}}
---
kind: OnePasswordItem
metadata: {name: of-1password}
`;
    const names = ['from-vault', 'tls', 'sealed', 'in-each', 'mounted', 'mounted-too', 'of-vault', 'of-1password'];
    const sources = names.map((name) => `{secretRef: {name: ${name}}}`);
    const optional = '{configMapRef: {name: nope, optional: true}}';
    const key = 'env: [{name: A, valueFrom: {secretKeyRef: {name: depot-secrets, key: B, optional: true}}}]';
    expect(problemsOf(made + deployment(container(`envFrom: [${[...sources, optional]}], ${key}`)))).toEqual([]);
  });

  it('is one where the object is in another namespace', () => {
    const spec = container('envFrom: [{secretRef: {name: depot-secrets}}]');
    const inSpace = (namespace: string) =>
      deployment(spec).replace('{name: desk}', `{name: desk, namespace: ${namespace}}`);
    expect(problemsOf(inSpace('space'))).toEqual([]);
    expect(problemsOf(inSpace('elsewhere'))).toHaveLength(1);
  });

  it('does not repeat a name that looks like a credential', () => {
    const pasted = `sk-proj-${'fake0'.repeat(8)}`;
    const [problem] = problemsOf(
      deployment(container(`env: [{name: A, valueFrom: {secretKeyRef: {name: depot-secrets, key: ${pasted}}}}]`)),
    );
    expect(problem).toContain('a name that is not shown');
    expect(problem).not.toContain(pasted);
  });
});

describe('a collision in one container', () => {
  const more = '---\nkind: ConfigMap\nmetadata: {name: more}\ndata: {LOG_LEVEL: debug, TOKEN: x}\n';
  const loading = (sources: string, rest = '') =>
    more + deployment(`{containers: [{name: main, envFrom: [${sources}]${rest}}]}`);
  const [config, other] = ['{configMapRef: {name: depot-config}}', '{configMapRef: {name: more}}'];

  it('names both objects', () => {
    expect(problemsOf(loading(`${config}, ${other}`))).toEqual([
      'warning collision: Deployment desk: container main gets LOG_LEVEL from ConfigMap depot-config and from ConfigMap more, and the later one wins (Leave it out of one of them, or give one a prefix)',
    ]);
  });

  it.each([
    ['with a prefix', `${config}, {prefix: X_, configMapRef: {name: more}}`, ''],
    ['of an object with itself', `${config}, ${config}`, ''],
    ['with what the container sets to win', `${config}, ${other}`, ', env: [{name: LOG_LEVEL, value: warn}]'],
  ])('is none %s', (_what, sources, rest) => {
    expect(problemsOf(loading(sources, rest))).toEqual([]);
  });
});

it('finds objects in Lists, however many stand within each other', () => {
  let manifests: unknown = read(deployment('{containers: [{name: main, envFrom: [{secretRef: {name: nobodys}}]}]}'));
  for (let depth = 0; depth < 30_000; depth++) manifests = [{ kind: 'List', items: manifests }];
  expect(workloadsIn(manifests as unknown[])).toHaveLength(1);
});

describe('a variable that no workload loads', () => {
  const unused = (tree: string, namespace?: string) => {
    const manifests = read(tree);
    return unusedVariables(catalog, workloadsIn(manifests), manifests, namespace).map(({ variable }) => variable);
  };
  const loading = (name: string) => deployment(`{containers: [{name: main, envFrom: [{secretRef: {name: ${name}}}]}]}`);

  it('is told, and infra is not', () => {
    expect(unused(loading('depot-secrets'))).toEqual(['TOKEN', 'LOG_LEVEL']);
  });

  it('is none that is read by its key', () => {
    const env = 'env: [{name: A, valueFrom: {secretKeyRef: {name: common-secrets, key: TOKEN}}}]';
    expect(unused(deployment(`{containers: [{name: main, ${env}}]}`))).toEqual(['POSTAL_API_KEY', 'LOG_LEVEL']);
  });

  it('is none where an overlay has renamed its object', () => {
    const labels = '{app.kubernetes.io/name: desk, app.kubernetes.io/component: depot}';
    const renamed = `---\nkind: Secret\nmetadata: {name: blue-depot-secrets, labels: ${labels}}\n`;
    expect(unused(renamed + loading('blue-depot-secrets'))).toEqual(['TOKEN', 'LOG_LEVEL']);
  });

  it('is one where pods of another namespace load what has the name of its object', () => {
    const labels = '{app.kubernetes.io/name: desk}';
    const elsewhere = loading('depot-secrets').replace('desk}', `desk, namespace: elsewhere, labels: ${labels}}`);
    const tree = elsewhere + loading('common-secrets');
    expect(unused(tree, 'space')).toEqual(['POSTAL_API_KEY', 'LOG_LEVEL']);
    const moved = `---\nkind: Secret\nmetadata: {name: x, namespace: elsewhere, labels: ${labels}}\n`;
    expect(unused(moved + tree, 'space')).toEqual(['LOG_LEVEL']);
    expect(unused(elsewhere, 'space')).toEqual([]);
  });

  it('is not looked for where there is no workload', () => {
    expect(unused('kind: Service\n')).toEqual([]);
  });
});

/** So many objects of a kind. */
const many = (count: number, kind: string, make: (at: number) => object) =>
  Array.from({ length: count }, (_, at) => ({ kind, ...make(at) }));

it('lists each key once, however many objects of the name are known', () => {
  const again = "kind: Secret\nmetadata: {name: depot-secrets}\ndata: {POSTAL_API_KEY: ''}\n";
  const env = '{name: A, valueFrom: {secretKeyRef: {name: depot-secrets, key: NOPE}}}';
  expect(problemsOf(`${again}${deployment(`{containers: [{name: main, env: [${env}]}]}`)}`)).toEqual([
    expect.stringContaining('(Its keys are POSTAL_API_KEY)'),
  ]);
});

const nothingWritten = { app: 'desk', environment: 'x', wanted: new Set<string>() };
const labelsOf = (component: string) => labelsFor({ app: 'desk', environment: 'x', namespace: 'space' }, component);

describe('in time that does not multiply', () => {
  const account = (size: number) => ({
    kind: 'ServiceAccount',
    metadata: { name: 'default' },
    imagePullSecrets: many(size, '', (at) => ({ name: `s${at}` })),
  });

  it('ServiceAccounts are looked at once, however many workloads run as one', () => {
    const workloads = workloadsIn(many(100, 'Deployment', (at) => ({ metadata: { name: `w${at}` } })));
    expect([...referencesAmong(workloads, [account(100)])]).toHaveLength(100);
    const apart = workloadsIn(many(3, 'Deployment', (at) => ({ metadata: { name: 'w', namespace: `n${at % 2}` } })));
    expect([...referencesAmong(apart, [account(10)])]).toHaveLength(20);
  });

  it('what is looked for is counted, also where nothing is found', () => {
    const inventory = createInventory([]);
    const missing = { kind: 'Secret', name: 'x' } as const;
    for (let at = 0; at < limits.objectsLookedAt; at++) inventory.find(missing, undefined);
    expect(inventory.isUsedUp()).toBe(false);
    inventory.find(missing, undefined);
    expect(inventory.isUsedUp()).toBe(true);
  });

  it('objects that are left over, and who names them', () => {
    const labels = (at: number) => labelsOf(`x${at}`);
    const labelled = (size: number) =>
      many(size, 'Secret', (at) => ({ metadata: { name: `x${at}-secrets`, labels: labels(at) } }));
    const accounts = (size: number) =>
      many(size, 'ServiceAccount', (at) => ({ metadata: { name: `a${at}` }, secrets: [{ name: `x${at}-secrets` }] }));
    const leftOvers = (size: number) => {
      const [objects, others] = [labelled(size), accounts(size)];
      return () => leftOversAmong(objects, nothingWritten, others);
    };
    expect(leftOvers(3)()[2]).toEqual({ object: 'Secret/x2-secrets', namedBy: ['ServiceAccount/a2'] });
    expect(growth(leftOvers, 100)).toBeLessThan(mostLinear);
    const ofOneSecret = (size: number) => {
      const stores = many(size, 'ExternalSecret', (at) => ({
        metadata: { name: `x${at}-secrets`, labels: labels(at) },
        spec: { target: { name: 'same' } },
      }));
      return () => leftOversAmong(stores, nothingWritten, stores);
    };
    expect(ofOneSecret(100)().at(-1)?.namedBy).toHaveLength(limits.keysListed);
    expect(growth(ofOneSecret, 200)).toBeLessThan(mostLinear);
  });
});

it('what pods of an older revision load is named by them', () => {
  const labelled = [{ kind: 'ConfigMap', metadata: { name: 'x-config', labels: labelsOf('x') } }];
  const containers = [{ name: 'c', envFrom: [{ configMapRef: { name: 'x-config' } }] }];
  const ownerReferences = [{ kind: 'ReplicaSet', name: 'w-1', controller: true }];
  const others = [{ kind: 'Pod', metadata: { name: 'w-1-a', ownerReferences }, spec: { containers } }];
  expect(leftOversAmong(labelled, nothingWritten, others)[0]?.namedBy).toEqual(['Pod/w-1-a']);
});

it('what is called like a credential is not named', () => {
  const component = ['sk', 'proj', 'a1b2'.repeat(10)].join('-');
  const labelled = [{ kind: 'Secret', metadata: { name: `${component}-secrets`, labels: labelsOf(component) } }];
  expect(leftOversAmong(labelled, nothingWritten, [])).toEqual([]);
});

it('what a controller has made is named by it', () => {
  const ownerReferences = [{ kind: 'SealedSecret', name: 'x-secrets', controller: true }];
  const made = { kind: 'Secret', metadata: { name: 'x-secrets', labels: labelsOf('x'), ownerReferences } };
  expect(leftOversAmong([made], nothingWritten, [])[0]?.namedBy).toEqual(['SealedSecret/x-secrets']);
});

it.each([
  ['Secret', 'x-secrets', { dataFrom: [{ sourceRef: { generatorRef: { name: 'x-secrets' } } }] }],
  ['ConfigMap', 'x-config', { target: { template: { templateFrom: [{ configMap: { name: 'x-config' } }] } } }],
])('an ExternalSecret names a %s', (kind, name, spec) => {
  const labelled = [{ kind, metadata: { name, labels: labelsOf('x') } }];
  const others = [{ kind: 'ExternalSecret', metadata: { name: 'e' }, spec }];
  expect(leftOversAmong(labelled, nothingWritten, others)[0]?.namedBy).toEqual(['ExternalSecret/e']);
});

it.each<[what: string, spec: object, keys: readonly string[] | undefined]>([
  ['what it fetches', {}, ['A', 'B']],
  ['what it makes of that', { target: { template: { data: { C: '{{ .A }}' } } } }, ['C']],
  [
    'what it makes of that, beside what it fetches',
    { target: { template: { data: { C: '' }, mergePolicy: 'Merge' } } },
    undefined,
  ],
  ['what templates elsewhere make of that', { target: { template: { templateFrom: [{}] } } }, undefined],
  ['all that the store has at a place', { dataFrom: [{}] }, undefined],
  ['what it adds to a Secret of somebody else', { target: { creationPolicy: 'Merge' } }, undefined],
  ['nothing that it names', { data: [] }, undefined],
])('the keys of the Secret of an ExternalSecret are %s', (_what, spec, keys) => {
  const data = ['A', 'B'].map((secretKey) => ({ secretKey }));
  const [made] = loadablesIn([{ kind: 'ExternalSecret', metadata: { name: 'e' }, spec: { data, ...spec } }]);
  expect(made?.keys && [...made.keys]).toEqual(keys);
});

it('an ExternalSecret names what stands anywhere in it, however deep', () => {
  let spec: object = { name: 'x-secrets' };
  for (let depth = 0; depth < 20_000; depth++) spec = [spec];
  const labels = labelsOf('x');
  const labelled = [{ kind: 'Secret', metadata: { name: 'x-secrets', labels } }];
  const others = [{ kind: 'ExternalSecret', metadata: { name: 'e' }, spec }];
  expect(leftOversAmong(labelled, nothingWritten, others)[0]?.namedBy).toEqual(['ExternalSecret/e']);
});
