import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Declaration, defineCatalog } from '../../lib/catalog/define-catalog';
import { dnsLabel, text } from '../../lib/catalog/value-type';
import { synth } from '../../lib/commands/synth';
import { type KubernetesObject, valuesIn } from '../kubectl';
import { captureHost, folderWith, type Run, run, validEnvironment } from '../run';
import { confirmedContext, currentContext } from './confirm';

// What the program writes, applied by plain kubectl to a real API server and read back from it.

// Named in every request, so that switching the current context meanwhile changes nothing.
const context = confirmedContext(currentContext(), process.env['E2E_CONFIRM']);

/** Runs kubectl against the confirmed cluster, with kubectl's own diff. */
function tryKubectl(args: readonly string[], input = ''): Run {
  const { status, stdout, stderr, error } = spawnSync('kubectl', [`--context=${context}`, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    timeout: 60_000,
    env: { ...process.env, KUBECTL_EXTERNAL_DIFF: undefined },
  });
  if (error) throw error;
  return { status: status ?? -1, stdout, stderr };
}

/** @throws {Error} with kubectl's own words if it fails */
function kubectl(args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = tryKubectl(args, input);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: exit status ${status}\n${stdout}${stderr}`);
  return stdout;
}

function get<T>(...args: readonly string[]): T {
  return JSON.parse(kubectl(['get', '--output=json', ...args])) as T;
}

const modes = [
  { mode: 'client side', flags: [], namespace: `voice-agent-e2e-${randomBytes(4).toString('hex')}` },
  { mode: 'server side', flags: ['--server-side'], namespace: `voice-agent-e2e-${randomBytes(4).toString('hex')}` },
] as const;
const namespaces = modes.map(({ namespace }) => namespace);

let removal: ChildProcess;

beforeAll(async () => {
  // A process of its own removes them: it outlives a Ctrl-C, and a kill, of this one.
  const remove = ['kubectl', `--context=${context}`, 'delete', 'namespace', '--ignore-not-found', ...namespaces];
  removal = spawn(process.execPath, [join(__dirname, 'at-the-end.js'), ...remove, '--timeout=150s'], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  for (const namespace of namespaces) {
    kubectl(
      ['create', '--filename=-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
    );
  }
  for (const namespace of namespaces) await serviceAccountIn(namespace);
});

afterAll(async () => {
  const left = once(removal, 'exit');
  removal.stdin?.end();
  expect(await left).toEqual([0, null]);
});

/** Pods are refused until the cluster has given the namespace its service account. */
async function serviceAccountIn(namespace: string): Promise<void> {
  for (
    let tries = 0;
    tryKubectl(['get', 'serviceaccount', 'default', '--namespace', namespace]).status !== 0;
    tries++
  ) {
    if (tries === 60) throw new Error(`${namespace} has no default service account after a minute`);
    await delay(1_000);
  }
}

type Texts = Readonly<Record<string, string>>;

/** Writes a bundle of such secrets and such config with the real program, its values exactly as given. */
async function write(namespace: string, bundle: string, secrets: Texts, config: Texts) {
  const declare = (kind: 'secret' | 'config', texts: Texts) =>
    Object.keys(texts).map((name) => [name, { kind, bundle, type: text(), description: name }]);
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

/** Writes the Voice Agent's own environment. */
async function writeVoiceAgent(namespace: string): Promise<string> {
  const envs = folderWith({ 'e2e.env': validEnvironment('e2e', { K8S_NAMESPACE: namespace }) });
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
  const apply = (folder: string) => kubectl(['apply', ...flags, '-k', folder]);

  it.each([
    ['hostile values', () => write(namespace, 'hostile', hostile.secrets, hostile.config).then(({ folder }) => folder)],
    ["the Voice Agent's environment", () => writeVoiceAgent(namespace)],
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

  it('objects of 300 KiB are applied server side only, as the program said', async () => {
    const values = (word: string) =>
      Object.fromEntries([1, 2, 3].map((n) => [`${word}_${n}`, `${word} ${n} `.padEnd(100 * 1024, 'fake')]));
    const [secrets, config] = [values('SECRET'), values('CONFIG')];
    const { folder, stdout, stderr } = await write(namespace, 'large', secrets, config);

    expect(stderr).toMatch(/warning\[too-large\] Secret large-secrets /);
    expect(stderr).toMatch(/warning\[too-large\] ConfigMap large-config /);
    expect(stdout).toContain(`\nNext: kubectl apply --server-side -k ${folder}\n`);
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
    apply(await writeVoiceAgent(namespace));
    const objects = ['secret/shared-secrets', 'configmap/shared-config', 'secret/agent-secrets'];
    objects.push('configmap/agent-config', 'secret/front-secrets', 'configmap/front-config');
    kubectl(['get', ...objects, 'secret/registry-credentials', '--namespace', namespace]);
    for (const bundle of ['agent', 'front']) {
      const accepted = kubectl(['create', '--dry-run=server', '--filename=-'], JSON.stringify(pod(namespace, bundle)));
      expect(accepted).toBe(`pod/${bundle} created (server dry run)\n`);
    }
  });
});

/** Values by `<object>/<key>`. */
function under(object: string, texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [`${object}/${key}`, value]));
}

/** A Pod as README says to write them, such that even a namespace of the restricted security standard takes it. */
function pod(namespace: string, bundle: string) {
  const envFrom = ['shared', bundle].flatMap((name) => [
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
          image: 'registry.example.com/voice-agent/any:1',
          envFrom,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}
