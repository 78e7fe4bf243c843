import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Declaration } from '../../lib/catalog/declaration';
import { defineCatalog } from '../../lib/catalog/define-catalog';
import { dnsLabel, text } from '../../lib/catalog/value-type';
import { synth } from '../../lib/commands/synth';
import { kubectlApply } from '../../lib/environment/kubectl-apply';
import { type KubernetesObject, valuesIn } from '../kubectl';
import { captureHost, folderWith, type Run, run, validEnvironment } from '../run';
import {
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

// What the program writes, applied by kubectl to a real API server (1.30 or later; it needs no nodes) and read back from it.

/** The flags that README.md says to apply with. */
const [, , ...documented] = kubectlApply.split(' ');

const applyPlainly = (folder: string) => kubectl(['apply', '-k', folder]);
const applyAsDocumented = (folder: string) => kubectl(['apply', ...documented, '-k', folder]);

const modes = [
  { mode: 'plainly', flags: [], namespace: newName() },
  { mode: 'as documented', flags: documented, namespace: newName() },
];
const methods = newName();
const refusedByRole = newName();
const refusedByPolicy = newName();
const namespaces = [...modes.map(({ namespace }) => namespace), methods, refusedByRole, refusedByPolicy];

/** It belongs to no namespace: its name is this run's own. */
const policy = newName();

let removals: readonly ChildProcess[] = [];

beforeAll(() => {
  removals = [
    removeAtTheEnd('namespace', ...namespaces),
    removeAtTheEnd('validatingadmissionpolicy,validatingadmissionpolicybinding', policy),
  ];
  for (const name of namespaces) {
    create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    // Pods are refused without one. Most clusters make it, by and by; one without controllers never does.
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } };
    tryKubectl(['create', '--filename=-'], documents([account]));
    kubectl(['get', 'serviceaccount', 'default', '--namespace', name]);
  }
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

type Texts = Readonly<Record<string, string>>;

/** Writes a bundle of such secrets and such config with the real program, its values exactly as given. */
async function write(namespace: string, bundle: string, secrets: Texts, config: Texts) {
  const declare = (kind: 'secret' | 'config', texts: Texts) =>
    Object.keys(texts).map((name) => [name, { kind, bundle, type: text(), verbatim: true, description: name }]);
  const catalog = defineCatalog({
    app: 'e2e',
    bundles: { [bundle]: { description: 'What is tested' } },
    variables: {
      NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'The name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'The namespace' },
      ...Object.fromEntries([...declare('secret', secrets), ...declare('config', config)]),
    } as Readonly<Record<string, Declaration>>,
  });
  const envs = folderWith({ 'e2e.env': `NAME=e2e\nSPACE=${namespace}\n` });
  const out = folderWith();
  // `${` is the one thing to escape; as a replacement text `$$` would mean `$`.
  const env = Object.entries({ ...secrets, ...config }).map(([name, value]) => [
    name,
    value.replaceAll('${', () => '$${'),
  ]);
  const { host, written } = captureHost({ env: Object.fromEntries(env) });
  if ((await synth(catalog, ['e2e'], { envs, out, fromEnv: true }, host)) !== 0) throw new Error(written.stderr);
  return { folder: join(out, 'e2e'), ...written };
}

/** Writes the fixture's environment. */
async function writeFixture(namespace: string): Promise<string> {
  const envs = folderWith({ 'e2e.env': validEnvironment('e2e', { POD_NAMESPACE: namespace }) });
  const out = folderWith();
  const { status, stderr } = await run(['synth', 'e2e', '--envs', envs, '--out', out]);
  if (status !== 0) throw new Error(stderr);
  return join(out, 'e2e');
}

interface StoredObject extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly resourceVersion: string };
}

/** The Secrets and ConfigMaps of the program's making, as the API server holds them. */
function stored(namespace: string): readonly StoredObject[] {
  const selector = 'app.kubernetes.io/managed-by=cdk8s';
  const list = get<{ items: StoredObject[] }>('secrets,configmaps', '--selector', selector, '--namespace', namespace);
  return list.items;
}

/** The values of one bundle as pods get them, by `<object>/<key>`, and its objects without any. */
function valuesOf(namespace: string, bundle: string) {
  const objects = stored(namespace).filter(({ metadata }) => metadata.name.startsWith(`${bundle}-`));
  return {
    values: Object.fromEntries(valuesIn(objects)),
    empty: objects.filter(({ data }) => data === undefined).map(({ metadata }) => metadata.name),
  };
}

/** The versions of all objects, which the API server counts up at every change. */
function versions(namespace: string): Texts {
  return Object.fromEntries(
    stored(namespace).map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.resourceVersion]),
  );
}

/** Texts that some reader of YAML, dotenv or a shell would change. `word` tells two sets of them apart. */
const hostileTexts = (word: string): Texts => ({
  OCTAL: '0777',
  OCTAL_OF_YAML_1_2: '0o17',
  HEX: '0X1F',
  YES: 'yes',
  NULL: 'null',
  FLOAT: '1e3',
  UNDERSCORE: '1_000',
  SEXAGESIMAL: '1:30',
  DATE: '2026-11-23',
  PEM: `-----BEGIN FAKE ${word} KEY-----\nAAAA+/==\nBBBB+/==\n-----END FAKE ${word} KEY-----\n`,
  CRLF: `${word} 1\r\n${word} 2\r\n`,
  SEPARATORS: `${word}\u2028${word}\u2029${word}`,
  BYTE_ORDER_MARK: '\ufeff',
  EMOJI: `${word} 👩‍🚀🇫🇷 e\u0301`,
  QUOTES: `'"\`${word}\`"'`,
  ESCAPES: `\\n \\u0041 \\${word}\\`,
  DOLLARS: `$ $$ $(${word}) $HOME \${HOME} $\${`,
  HASH: `#${word} #${word}`,
  YAML: `---\n- &${word} ? *${word}: !!int "1" # ${word}\n...\n`,
  TAB_AND_NEWLINE: '\t\n',
  TRAILING_NEWLINE: `${word}\n`,
  BLANKS: ` ${word}  `,
});

/** What only base64, so only a Secret, carries through Kustomize. */
const unfitForConfigMaps: Texts = { NEXT_LINE: 'a\u0085b', DELETE: 'a\u007fb', NONCHARACTERS: 'a\ufffe\uffffb' };

const prefixed = (prefix: string, texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).map(([name, value]) => [`${prefix}_${name}`, value]));

const hostile = {
  secrets: prefixed('SECRET', { ...hostileTexts('secret'), ...unfitForConfigMaps }),
  config: prefixed('CONFIG', hostileTexts('config')),
};

describe.each(modes)('applied $mode', ({ flags, namespace }) => {
  const apply = flags.length > 0 ? applyAsDocumented : applyPlainly;

  it.each([
    ['hostile values', () => write(namespace, 'hostile', hostile.secrets, hostile.config).then(({ folder }) => folder)],
    ['an environment of the fixture', () => writeFixture(namespace)],
  ])('%s: nothing is left to change, whichever way kubectl is asked', async (_what, writeFolder) => {
    const folder = await writeFolder();
    apply(folder);
    const before = versions(namespace);

    expect(tryKubectl(['diff', ...flags, '-k', folder])).toEqual({ status: 0, stdout: '', stderr: '' });
    kubectl(['apply', ...flags, '--dry-run=server', '-k', folder]);
    const results = apply(folder).trimEnd().split('\n');

    expect(results.length).toBeGreaterThan(1);
    // Server-side apply always says that it applied; whether anything changed is seen in the versions.
    const unchanged = flags.length > 0 ? / serverside-applied$/ : / unchanged$/;
    for (const result of results) expect(result).toMatch(unchanged);
    expect(versions(namespace)).toEqual(before);
  });

  it('every byte of hostile values comes back from the API server', async () => {
    apply((await write(namespace, 'bytes', hostile.secrets, hostile.config)).folder);
    expect(valuesOf(namespace, 'bytes')).toEqual({
      values: { ...under('bytes-secrets', hostile.secrets), ...under('bytes-config', hostile.config) },
      empty: [],
    });
  });

  it('a removed key disappears, the last one of its object too', async () => {
    const deploy = async (secrets: Texts, config: Texts) =>
      apply((await write(namespace, 'removal', secrets, config)).folder);

    await deploy({ FIRST: 'fake 1', SECOND: 'fake 2' }, { THIRD: 'three', FOURTH: 'four' });
    await deploy({ SECOND: 'fake 2' }, { FOURTH: 'four' });
    expect(valuesOf(namespace, 'removal')).toEqual({
      values: { 'removal-secrets/SECOND': 'fake 2', 'removal-config/FOURTH': 'four' },
      empty: [],
    });

    await deploy({}, {});
    expect(valuesOf(namespace, 'removal')).toEqual({
      values: {},
      empty: expect.arrayContaining(['removal-config', 'removal-secrets']),
    });
  });

  it('kubectl diff of changed, added and removed secrets shows none of their values', async () => {
    const kept = { KEPT: 'fake secret that stays' };
    const before = { ...kept, CHANGED: 'fake secret before', REMOVED: 'fake secret that goes' };
    const after = { ...kept, CHANGED: 'fake secret afterwards', ADDED: 'fake secret that comes' };
    apply((await write(namespace, 'changed', before, {})).folder);
    const { folder } = await write(namespace, 'changed', after, {});

    const { status, stdout, stderr } = tryKubectl(['diff', ...flags, '-k', folder]);

    expect([status, stderr]).toEqual([1, '']);
    for (const name of ['CHANGED', 'REMOVED', 'ADDED']) expect(stdout).toContain(`${name}: '***`);
    for (const value of Object.values({ ...before, AFTER: after.CHANGED, ADDED: after.ADDED })) {
      expect(stdout).not.toContain(value);
      expect(stdout).not.toContain(Buffer.from(value).toString('base64'));
    }
  });

  it('objects of 300 KiB are not applied plainly, as the program said', async () => {
    const values = (word: string) =>
      Object.fromEntries([1, 2, 3].map((n) => [`${word}_${n}`, `${word} ${n} `.padEnd(100 * 1024, 'fake')]));
    const [secrets, config] = [values('SECRET'), values('CONFIG')];
    const { folder, stdout, stderr } = await write(namespace, 'large', secrets, config);

    expect(stderr).toMatch(/warning\[too-large\] Secret large-secrets /);
    expect(stderr).toMatch(/warning\[too-large\] ConfigMap large-config /);
    expect(stdout).toContain(`\nNext: ${kubectlApply} -k ${folder}\n`);
    if (flags.length === 0) {
      expect(tryKubectl(['apply', '-k', folder])).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('metadata.annotations: Too long'),
      });
      return;
    }
    apply(folder);
    expect(valuesOf(namespace, 'large').values).toEqual({
      ...under('large-secrets', secrets),
      ...under('large-config', config),
    });
  });

  it('a Pod that loads the bundles with envFrom is accepted, and everything it names is there', async () => {
    apply(await writeFixture(namespace));
    const objects = ['secret/common-secrets', 'configmap/common-config', 'secret/depot-secrets'];
    objects.push('configmap/depot-config', 'secret/kiosk-secrets', 'configmap/kiosk-config');
    kubectl(['get', ...objects, 'secret/registry-credentials', '--namespace', namespace]);
    for (const bundle of ['depot', 'kiosk']) {
      const accepted = kubectl(['create', '--dry-run=server', '--filename=-'], JSON.stringify(pod(namespace, bundle)));
      expect(accepted).toBe(`pod/${bundle} created (server dry run)\n`);
    }
  });
});

describe('whatever was done before, applying as documented ends exact', () => {
  const namespace = methods;
  const keys = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];

  /** What is applied at a step: at each a key goes, a key comes, and the others change. */
  const textsAt = (step: number, word: string): Texts =>
    Object.fromEntries(
      keys.slice(step, step + 3).map((key) => [`${word}_${key}`, `fake ${word} ${key}, step ${step}`]),
    );
  const writeStep = (bundle: string, step: number) =>
    write(namespace, bundle, textsAt(step, 'SECRET'), textsAt(step, 'CONFIG')).then(({ folder }) => folder);
  const expected = (bundle: string, step: number) => ({
    values: {
      ...under(`${bundle}-secrets`, textsAt(step, 'SECRET')),
      ...under(`${bundle}-config`, textsAt(step, 'CONFIG')),
    },
    empty: [],
  });

  it.each([
    ['client-server-client-server', [applyPlainly, applyAsDocumented, applyPlainly, applyAsDocumented]],
    ['client-client-server', [applyPlainly, applyPlainly, applyAsDocumented]],
    ['server-client-server', [applyAsDocumented, applyPlainly, applyAsDocumented]],
    ['server-client-client-server', [applyAsDocumented, applyPlainly, applyPlainly, applyAsDocumented]],
    ['server-server', [applyAsDocumented, applyAsDocumented]],
  ])('%s', async (bundle, steps) => {
    for (const [step, apply] of steps.entries()) {
      apply(await writeStep(bundle, step));
      if (apply === applyAsDocumented) expect(valuesOf(namespace, bundle)).toEqual(expected(bundle, step));
    }

    applyAsDocumented((await write(namespace, bundle, {}, {})).folder);
    expect(valuesOf(namespace, bundle).values).toEqual({});
  });

  it('which it would not plainly: a removed key stays', async () => {
    applyAsDocumented(await writeStep('plainly', 0));
    applyPlainly(await writeStep('plainly', 1));
    applyPlainly(await writeStep('plainly', 1));
    expect(valuesOf(namespace, 'plainly').values).toHaveProperty(['plainly-secrets/SECRET_A']);
    applyAsDocumented(await writeStep('plainly', 1));
    expect(valuesOf(namespace, 'plainly')).toEqual(expected('plainly', 1));
  });

  it("the former system's objects, made with stringData", async () => {
    const secret = (stringData: Texts) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'former-secrets', namespace },
      type: 'Opaque',
      stringData,
    });
    const configMap = (data: Texts) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'former-config', namespace },
      data,
    });
    const applyFormer = (...objects: readonly object[]) => kubectl(['apply', '--filename=-'], documents(objects));
    applyFormer(secret({ DROPPED: 'fake 1', OLD: 'fake 2', KEPT: 'fake 3' }), configMap({ OLD_FLAG: 'a', FLAG: 'b' }));
    applyFormer(secret({ OLD: 'fake 4', KEPT: 'fake 5' }), configMap({ OLD_FLAG: 'c', FLAG: 'd' }));

    const [secrets, config] = [{ KEPT: 'fake 6', NEW: 'fake 7' }, { FLAG: 'e' }];
    applyAsDocumented((await write(namespace, 'former', secrets, config)).folder);

    expect(valuesOf(namespace, 'former')).toEqual({
      values: { ...under('former-secrets', secrets), ...under('former-config', config) },
      empty: [],
    });
  });

  it('what somebody has edited is restored; a key that they added stays', async () => {
    const [secrets, config] = [
      { SECRET_CHANGED: 'fake 1', SECRET_REMOVED: 'fake 2' },
      { CONFIG_CHANGED: 'one', CONFIG_REMOVED: 'two' },
    ];
    const { folder } = await write(namespace, 'edited', secrets, config);
    applyAsDocumented(folder);
    const before = stored(namespace).filter(({ metadata }) => metadata.name.startsWith('edited-'));
    const edit = (object: string, data: Readonly<Record<string, string | null>>) => {
      const labels = { 'app.kubernetes.io/component': 'by-hand' };
      const change = JSON.stringify({ metadata: { labels }, data });
      const merge = ['--type=merge', '--field-manager=kubectl-edit', '--patch', change];
      kubectl(['patch', object, '--namespace', namespace, ...merge]);
    };
    const base64 = (value: string) => Buffer.from(value).toString('base64');
    edit('secret/edited-secrets', {
      SECRET_CHANGED: base64('fake by hand'),
      SECRET_REMOVED: null,
      SECRET_ADDED: base64('fake, added'),
    });
    edit('configmap/edited-config', { CONFIG_CHANGED: 'by hand', CONFIG_REMOVED: null });

    applyAsDocumented(folder);

    expect(valuesOf(namespace, 'edited').values).toEqual({
      ...under('edited-secrets', { ...secrets, SECRET_ADDED: 'fake, added' }),
      ...under('edited-config', config),
    });
    const labelsOf = (objects: readonly StoredObject[]) => objects.map(({ metadata }) => metadata.labels);
    const after = stored(namespace).filter(({ metadata }) => metadata.name.startsWith('edited-'));
    expect(labelsOf(after)).toEqual(labelsOf(before));
  });
});

describe('a refused change', () => {
  /** Unlike anything else that kubectl prints. */
  const fake = () => `fake-${randomBytes(18).toString('hex')}`;

  /** How many of the values, raw or as they stand in a Secret, are in an output. */
  const shownIn = ({ stdout, stderr }: Run, values: readonly string[]) =>
    values.filter((value) => `${stdout}${stderr}`.includes(value) || encodedIn(value, stdout + stderr)).length;
  const encodedIn = (value: string, output: string) => output.includes(Buffer.from(value).toString('base64'));

  it.each([
    ['to a role that may not patch', refusedByRole, refuseByRole, 'forbidden'],
    ['by an admission policy', refusedByPolicy, refuseByPolicy, 'denied request'],
  ])('%s shows no value when applied as documented, and does plainly', async (_what, namespace, refuse, reason) => {
    const before = { KEPT: fake(), CHANGED: fake(), REMOVED: fake() };
    const after = { KEPT: before.KEPT, CHANGED: fake(), ADDED: fake() };
    const values = [...Object.values(before), after.CHANGED, after.ADDED];
    // An object with an annotation that holds a copy of it, and one without.
    const applied = [
      ['copied', applyPlainly],
      ['uncopied', applyAsDocumented],
    ] as const;
    for (const [bundle, apply] of applied) apply((await write(namespace, bundle, before, {})).folder);
    const flags = await refuse(namespace, 'secret/copied-secrets');

    for (const [bundle] of applied) {
      const { folder } = await write(namespace, bundle, after, {});
      const ours = tryKubectl(['apply', ...documented, '-k', folder, ...flags]);
      expect({ ...ours, shown: shownIn(ours, values) }).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(reason),
        shown: 0,
      });
      const plain = tryKubectl(['apply', '-k', folder, ...flags]);
      expect({ status: plain.status, isShown: shownIn(plain, values) > 0 }).toEqual({ status: 1, isShown: true });
      expect(valuesOf(namespace, bundle).values).toEqual(under(`${bundle}-secrets`, before));
    }
  });

  /** A role of the namespace that may do everything with its objects but patch them. Returns the flags that take it. */
  async function refuseByRole(namespace: string): Promise<string[]> {
    const group = 'rbac.authorization.k8s.io';
    const metadata = { name: 'may-not-patch', namespace };
    const verbs = ['get', 'list', 'create', 'update', 'delete'];
    create(
      {
        apiVersion: `${group}/v1`,
        kind: 'Role',
        metadata,
        rules: [{ apiGroups: [''], resources: ['secrets', 'configmaps'], verbs }],
      },
      {
        apiVersion: `${group}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: group, kind: 'Role', name: metadata.name },
        subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
      },
    );
    const flags = [`--as=system:serviceaccount:${namespace}:default`];
    const may = (verb: string) => tryKubectl(['auth', 'can-i', verb, 'secrets', '--namespace', namespace, ...flags]);
    await until('the role is in force', () => may('create').stdout === 'yes\n');
    expect(may('patch').stdout).toBe('no\n');
    return flags;
  }

  /** A policy that lets no Secret of the namespace be changed. Returns the flags that it takes to run into it: none. */
  async function refuseByPolicy(namespace: string, secret: string): Promise<string[]> {
    create(...secretsStayAsTheyAre(policy, namespace, 'Forbidden'));
    const change = ['annotate', secret, 'e2e=tried', '--namespace', namespace, '--dry-run=server'];
    await until('the policy is in force', () => tryKubectl(change).status !== 0);
    return [];
  }
});

/** Values by `<object>/<key>`. */
function under(object: string, texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [`${object}/${key}`, value]));
}

/** A Pod as README says to write them, such that even a namespace of the restricted security standard takes it. */
function pod(namespace: string, bundle: string) {
  const envFrom = ['common', bundle].flatMap((name) => [
    { secretRef: { name: `${name}-secrets` } },
    { configMapRef: { name: `${name}-config` } },
  ]);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: bundle, namespace },
    spec: {
      restartPolicy: 'Never',
      imagePullSecrets: [{ name: 'registry-credentials' }],
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: bundle,
          image: 'registry.example.com/parcel-desk/any:1',
          envFrom,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}
