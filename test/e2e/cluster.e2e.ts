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
  for (let tries = 0; tryKubectl(['get', 'serviceaccount', 'default', '--namespace', namespace]).status !== 0; tries++) {
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
  const { host, written } = captureHost({ env: { ...secrets, ...config } });
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

/** Texts that one reader or another of YAML, dotenv or a shell would change. `word` keeps two sets apart. */
const hostileTexts = (word: string): Texts => ({
  OCTAL: '0777',
  OCTAL_1_2: '0o17',
  HEX: '0X1F',
  YES: 'yes',
  NULL: 'null',
  FLOAT: '1e3',
  BASE64_OF_A_NUMBER: '\u007f'.length === 1 ? '1_000' : '',
  SEXAGESIMAL: '1:30',
  DATE: '2026-11-23',
  PEM: `-----BEGIN FAKE ${word} KEY-----\nAAAA+/==\nBBBB+/==\n-----END FAKE ${word} KEY-----\n`,
  CRLF: `${word} 1\r\n${word} 2\r\n`,
  LINE_SEPARATOR: `${word}\u2028${word}\u2029${word}`,
  BYTE_ORDER_MARK: '\ufeff',
  EMOJI: `${word} 👩‍🚀🇫🇷 e\u0301`,
  QUOTES: `'"\`${word}\`"'`,
  ESCAPES: `\\n \\u0041 \\${word}\\`,
  DOLLARS: `$ $$ $(${word}) $HOME $\{`.replace('${', '$${'),
  HASH: `#${word} #${word}`,
  YAML: `---\n- &${word} ? *${word}: !!int "1" # ${word}\n...\n`,
  TABS_AND_NEWLINES: '\t\n',
  TRAILING_NEWLINE: `${word}\n`,
  BLANKS: ` ${word}  `,
});
