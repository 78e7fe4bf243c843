import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { catalog as parcelDesk } from '../../test/fixture/catalog';
import { copyProject } from '../../test/project-copy';
import { folderWith, run, validEnvironment, validValues } from '../../test/run';
import { registryCredentials } from '../catalog/catalog';
import { limits } from '../environment/limits';

/** What a fake kubectl answers, by its first words: `get secret common-secrets`. What is not here is not on the cluster. */
type Answers = Readonly<Record<string, string>>;

const cluster = 'my-cluster';
const namespace = 'parcel-desk-x';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const kubeconfig = (name: string, of: string) => JSON.stringify({ contexts: [{ name, context: { cluster: of } }] });

/** A kubectl of the test's own, which writes down how it was called, and the environment x beside it. */
function place(answers: Answers = {}, changes: Readonly<Record<string, string>> = {}) {
  const given: Answers = {
    'config current-context': 'some-context\n',
    'config view': kubeconfig('some-context', cluster),
    ...answers,
  };
  const tools = folderWith({
    ...Object.fromEntries(Object.entries(given).map(([words, text]) => [`answers/${words}`, text])),
    // One line for each call, then how much there is to read on its standard input: where it stays open, it is killed.
    kubectl: `#!/bin/sh
here="$(dirname "$0")"
echo "$*" >> "$here/calls"
timeout 60 cat > "$here/input" || echo 'its standard input is open' >> "$here/calls"
for words in "$1 $2 $3" "$1 $2"; do
  if [ -e "$here/answers/$words.fails" ]; then cat "$here/answers/$words.fails" >&2; exit 1; fi
  if [ -e "$here/answers/$words" ]; then exec cat "$here/answers/$words"; fi
done
`,
  });
  chmodSync(join(tools, 'kubectl'), 0o755);
  const roles = parcelDesk.roles;
  const envs = folderWith({
    'x.env': validEnvironment('x', {
      ...(roles.cluster && { [roles.cluster.name]: cluster }),
      [roles.namespace.name]: namespace,
      ...changes,
    }),
  });
  return {
    diff: (...args: string[]) =>
      run(['diff', 'x', '--live', ...args, '--envs', envs], { env: { PATH: `${tools}:${process.env['PATH']}` } }),
    calls: () =>
      (existsSync(join(tools, 'calls')) ? readFileSync(join(tools, 'calls'), 'utf8') : '').split('\n').slice(0, -1),
    input: () => readFileSync(join(tools, 'input'), 'utf8'),
  };
}

const values: Readonly<Record<string, string>> = { ...validValues('x') };

/** Everything that would be written, as it is on the cluster after an apply. */
function applied(): Record<string, Record<string, unknown>> {
  const objects = parcelDesk.objects.map(({ kind, name, variables }): [string, Record<string, unknown>] => {
    const data = [...variables].flatMap(([key, variable]) => {
      const value = values[variable.name] ?? variable.default;
      if (typeof value !== 'string') return [];
      return [[key, kind === 'Secret' ? base64(value) : value]];
    });
    return [
      `get ${kind.toLowerCase()} ${name}`,
      {
        kind,
        ...(kind === 'Secret' && { type: 'Opaque' }),
        ...(data.length > 0 && { data: Object.fromEntries(data) }),
      },
    ];
  });
  return Object.fromEntries(objects);
}

/** The call that asks for an object. */
const get = (kind: string, name: string, context: string) =>
  `get ${kind} ${name}${kind === 'namespace' ? '' : ` --namespace=${namespace}`} --ignore-not-found --output=json --context=${context} --request-timeout=30s`;

const everyObject = (context: string) => [
  ...parcelDesk.objects.map(({ kind, name }) => get(kind.toLowerCase(), name, context)),
  get('secret', registryCredentials.name, context),
];

describe('kubectl is asked', () => {
  it('for the current context and its cluster, then for every object, each in its namespace and of that context', async () => {
    const { diff, calls } = place();
    expect(await diff()).toMatchObject({ status: 1, stderr: '' });
    expect(calls()).toEqual([
      'config current-context',
      'config view --minify --output=json --context=some-context',
      ...everyObject('some-context'),
    ]);
  });

  it('of the context that is named instead, and not which one is current', async () => {
    const { diff, calls } = place({ 'config view': kubeconfig('other', 'another-cluster') });
    expect(await diff('--context', 'other')).toMatchObject({ status: 1, stderr: '' });
    expect(calls()).toEqual(['config view --minify --output=json --context=other', ...everyObject('other')]);
  });

  it('for the Namespace where it is written too, which is in no namespace', async () => {
    const create = parcelDesk.roles.createNamespace;
    if (!create) throw new Error('The fixture writes no Namespace');
    const { diff, calls } = place({}, { [create.name]: 'true' });
    await diff();
    expect(calls().slice(2)).toEqual([get('namespace', namespace, 'some-context'), ...everyObject('some-context')]);
  });

  it('nothing more once it is known to be another cluster', async () => {
    const { diff, calls } = place({ 'config view': kubeconfig('some-context', 'another-cluster') });
    expect(await diff()).toMatchObject({ status: 3, stdout: '' });
    expect(calls()).toHaveLength(2);
  });

  it('nothing at all where the environment has an error', async () => {
    const { diff, calls } = place({}, { [parcelDesk.roles.namespace.name]: 'Not_A_Label' });
    expect(await diff()).toMatchObject({ status: 3, stdout: '' });
    expect(calls()).toEqual([]);
  });

  it('with nothing to read, so that it cannot wait for an answer', async () => {
    const { diff, calls, input } = place();
    await diff();
    expect(calls()).not.toContain('its standard input is open');
    expect(input()).toBe('');
  });
});

describe('what is on the cluster', () => {
  const answers = (change: (objects: ReturnType<typeof applied>) => void = () => {}): Answers => {
    const objects = applied();
    change(objects);
    return Object.fromEntries(Object.entries(objects).map(([words, object]) => [words, JSON.stringify(object)]));
  };
  const credentials = `get secret ${registryCredentials.name}`;
  /** The credentials as this program writes them. */
  const dockerConfig = async (): Promise<Answers> => {
    const out = folderWith();
    const envs = folderWith({ 'x.env': validEnvironment('x') });
    await run(['synth', 'x', '--envs', envs, '--out', out]);
    const manifests = readFileSync(join(out, 'x', `${parcelDesk.app}.k8s.yaml`), 'utf8');
    const [, data] = /"\.dockerconfigjson": "([^"]+)"/.exec(manifests) ?? [];
    const object = {
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      data: { [registryCredentials.key]: data },
    };
    return { [credentials]: JSON.stringify(object) };
  };
  const filled = parcelDesk.objects.filter(({ variables }) =>
    [...variables.values()].some(({ name }) => values[name] !== undefined),
  );
  const secret = filled.find(({ kind }) => kind === 'Secret')?.name ?? '';
  const config = filled.find(({ kind }) => kind === 'ConfigMap')?.name ?? '';
  const keysOf = (name: string) =>
    Object.keys((applied()[`get configmap ${name}`]?.['data'] as object | undefined) ?? {});
  const keyOf = (name: string) => {
    const object = parcelDesk.objects.find((each) => each.name === name);
    return [...(object?.variables ?? [])].find(([, variable]) => values[variable.name] !== undefined)?.[0] ?? '';
  };
  const dataOf = (objects: ReturnType<typeof applied>, words: string) =>
    objects[words]?.['data'] as Record<string, string>;

  it('is the same, byte for byte: exit status 0', async () => {
    const { diff } = place({ ...answers(), ...(await dockerConfig()) });
    const { status, stdout, stderr } = await diff();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/: no object differs\n$/);
    expect(stdout.match(/ same$/gm)).toHaveLength(parcelDesk.objects.length + 1);
    expect(await diff('--quiet')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it.each([
    [
      'a key of a Secret that differs',
      (objects) => {
        dataOf(objects, `get secret ${secret}`)[keyOf(secret)] = base64('fake-live');
      },
      secret,
      `different\n  ${keyOf(secret)} differs`,
    ],
    [
      'a key of a ConfigMap that differs',
      (objects) => {
        dataOf(objects, `get configmap ${config}`)[keyOf(config)] = 'fake-live';
      },
      config,
      `different\n  ${keyOf(config)} differs`,
    ],
    [
      'a key that is not there',
      (objects) => {
        delete dataOf(objects, `get secret ${secret}`)[keyOf(secret)];
      },
      secret,
      `different\n  ${keyOf(secret)} is not on the cluster`,
    ],
    [
      'an object without any data',
      (objects) => {
        delete objects[`get configmap ${config}`]?.['data'];
      },
      config,
      [
        'different',
        ...keysOf(config)
          .sort()
          .map((key) => `  ${key} is not on the cluster`),
      ].join('\n'),
    ],
    [
      'a key that the catalog has elsewhere',
      (objects) => {
        dataOf(objects, `get configmap ${config}`)[keyOf(secret)] = 'fake-live';
      },
      config,
      `different\n  ${keyOf(secret)} is on the cluster only`,
    ],
    [
      'a key that the catalog does not have',
      (objects) => {
        dataOf(objects, `get configmap ${config}`)['fake-key'] = 'fake-live';
      },
      config,
      'different\n  a key that is not in the catalog is on the cluster only',
    ],
    [
      'another type',
      (objects) => {
        objects[`get secret ${secret}`] = { ...objects[`get secret ${secret}`], type: 'kubernetes.io/tls' };
      },
      secret,
      'different\n  is of another type, which no apply can change: delete it first',
    ],
    [
      'an object that is not there',
      (objects) => {
        delete objects[`get configmap ${config}`];
      },
      config,
      'missing',
    ],
  ] satisfies [string, (objects: ReturnType<typeof applied>) => void, string, string][])(
    'is one object off by %s: exit status 1',
    async (_what, change, object, detail) => {
      const { diff } = place({ ...answers(change), ...(await dockerConfig()) });
      const { status, stdout } = await diff();
      expect(status).toBe(1);
      expect(stdout).toMatch(new RegExp(`: 1 object of ${parcelDesk.objects.length + 1} differs\\n$`));
      const [, found = ''] = new RegExp(`^\\w+/${object} +(.*\\n(?: .*\\n)*)`, 'm').exec(stdout) ?? [];
      expect(found).toBe(`${detail}\n`);
      expect(stdout).not.toMatch(/fake|ZmFr/);
      expect((await diff('--quiet')).status).toBe(1);
    },
  );

  it('is one JSON document, without a value', async () => {
    const { diff } = place({
      ...answers((objects) => {
        dataOf(objects, `get secret ${secret}`)[keyOf(secret)] = base64('fake-live');
      }),
      ...(await dockerConfig()),
    });
    const { status, stdout, stderr } = await diff('--json');
    const { objects, ...rest } = JSON.parse(stdout);
    expect([status, stderr, rest]).toEqual([1, '', { environment: 'x', context: 'some-context', cluster }]);
    expect(objects.filter(({ state }: { state: string }) => state !== 'same')).toEqual([
      expect.objectContaining({ object: `Secret/${secret}`, state: 'different', differentKeys: [keyOf(secret)] }),
    ]);
    expect(stdout).not.toMatch(/fake|ZmFr/);
  });

  it('may be of any size that Kubernetes stores', async () => {
    const large = base64('fake-'.repeat(200_000)); // more than Node.js takes of a program's output if not told otherwise
    const { diff } = place(
      answers((objects) => {
        dataOf(objects, `get secret ${secret}`)[keyOf(secret)] = large;
      }),
    );
    expect(await diff()).toMatchObject({ status: 1, stderr: '' });
  });
});

describe('where kubectl cannot tell, nothing is compared: exit status 3', () => {
  const first = parcelDesk.objects[0]?.name ?? '';
  it.each([
    ['fails at once', { 'config current-context.fails': 'fake-secret' }, /kubectl config current-context failed/],
    ['knows no such context', { 'config view.fails': 'fake-secret' }, /kubectl config view failed/],
    [
      'may not read an object',
      { [`get secret ${first}.fails`]: 'fake-secret' },
      new RegExp(`kubectl get secret ${first} failed`),
    ],
    ['answers a text', { [`get secret ${first}`]: 'fake-secret' }, /no JSON of an object/],
    ['answers a list', { [`get secret ${first}`]: '["fake-secret"]' }, /no JSON of an object/],
    ['answers null', { [`get secret ${first}`]: 'null' }, /no JSON of an object/],
    ['has an empty kubeconfig', { 'config view': '{}' }, /is of cluster/],
  ] satisfies [string, Answers, RegExp][])('it %s', async (_what, answers, message) => {
    const { diff } = place(answers);
    const plain = await diff();
    expect([plain.status, plain.stdout]).toEqual([3, '']);
    expect(plain.stderr).toMatch(message);
    expect(plain.stderr).toMatch(/^ {2}hint \S/m);
    const json = await diff('--json');
    expect([json.status, JSON.parse(json.stdout)]).toEqual([
      3,
      {
        environments: [],
        error: expect.objectContaining({ code: 'cluster', message: expect.stringMatching(message) }),
      },
    ]);
    expect(plain.stderr + json.stdout + json.stderr).not.toContain('fake-secret');
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
    ['answering', '#!/bin/sh\nyes', 'bytesOfAnswer', 1_024, 'kubectl config current-context answered more than 1 KiB'],
    ['before an answer', sleeping, 'secondsOfProgram', 1, 'kubectl config current-context did not answer within 1 s'],
  ] as const)('%s is ended: exit status 3', async (_what, script, name, limit, message) => {
    jest.replaceProperty(limits as Record<string, number>, name, limit);
    const envs = folderWith({ 'x.env': validEnvironment('x') });
    const result = await run(['diff', 'x', '--live', '--envs', envs], { env: withKubectl(script).env });
    expect(result).toEqual({ status: 3, stdout: '', stderr: expect.stringContaining(message) });
    expect(result.stderr).toMatch(/^ {2}hint Try it by hand: kubectl get namespaces$/m);
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
