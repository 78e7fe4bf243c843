import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { itWithKubectl } from '../../test/kubectl';
import { folderWith, run, validEnvironment } from '../../test/run';
import { environmentName } from '../catalog/declaration';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';

const patch = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: depot-config}\ndata: {LOG_FLOOR: warn}\n';

function place(files: Readonly<Record<string, string | Uint8Array>>) {
  const envs = folderWith(files);
  const shown = (text: string) => text.replaceAll(envs, 'envs');
  return async (args: readonly string[], host?: Parameters<typeof run>[1]) => {
    const result = await run(['check', ...args, '--envs', envs], host);
    return { ...result, stdout: shown(result.stdout), stderr: shown(result.stderr), left: readdirSync(envs) };
  };
}

const staging = {
  'staging.env': validEnvironment('staging', { PARTNER_URL: 'wss://${OFFICE}', LOG_FLOOR: 'debug' }),
  'staging.config.env': 'LOG_FLOOR=error\nOFFICE=\n',
  'staging-secret-config-patch.yml': patch,
};

it('shows every variable: where it goes, its value or why not, where it came from and what it overrides', async () => {
  const { status, stdout, stderr } = await place(staging)(['staging']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(
    /^ConfigMap depot-config\n(?: {2}.*\n)* {2}LOG_FLOOR +warn +envs\/staging-secret-config-patch\.yml:4 +over envs\/staging\.env:\d+ over envs\/staging\.config\.env:1 over default$/m,
  );
  expect(stdout).toMatch(
    /^Secret depot-secrets\n(?: {2}.*\n)* {2}POSTAL_API_KEY +\(secret\) +envs\/staging\.env:\d+$/m,
  );
  expect(stdout).toMatch(/^ {2}TRACING_ENABLED +true +default$/m);
});

it.each([
  ['Latin-1', (text: string) => Buffer.from(`${text}# é\n`, 'latin1')],
  ['UTF-16', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['binary', (text: string) => Buffer.from(`${text}\0`)],
])('does not show what a file that is %s gives for a secret', async (_what, encode) => {
  const check = place({
    'staging.env': encode(validEnvironment('staging', { POSTAL_API_KEY: 'fake-lost-secret' })),
    'staging.config.env': 'KUBE_CLUSTER=fake-lost-secret\n',
  });
  for (const args of [['staging'], ['staging', '--json']]) {
    const { status, stdout, stderr } = await check(args);
    expect(status).toBe(1);
    expect(stdout + stderr).toMatch(/misplaced-secret/);
    expect(stdout + stderr).not.toContain('fake-lost');
  }
});

it('writes nothing', async () => {
  const root = folderWith();
  const before = process.cwd();
  process.chdir(root);
  try {
    const { left } = await place(staging)(['staging']);
    expect(left.sort()).toEqual(Object.keys(staging).sort());
  } finally {
    process.chdir(before);
  }
  expect(readdirSync(root)).toEqual([]);
});

it('reports problems like synth, and marks what is missing or invalid', async () => {
  const { status, stdout, stderr } = await place({
    'staging.env': validEnvironment('staging', { LOG_FLOOR: 'loud', OFFICE: '' }),
  })(['staging']);
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/error\[missing\] OFFICE.*error\[invalid-value\] LOG_FLOOR.*staging: 2 errors\n$/s),
  ]);
  expect(stdout).toMatch(/^ {2}OFFICE +\(missing\)$/m);
  expect(stdout).toMatch(/^ {2}LOG_FLOOR +\(invalid\) +envs/m);
  expect(stdout).not.toContain('loud');
});

it('cuts off nothing on a terminal that does not know its size', async () => {
  const whole = await run(['check', 'demo']);
  const { stdout } = await run(['check', 'demo'], { isTTY: true, columns: 0, rows: 0, env: { NO_COLOR: '1' } });
  expect(stdout).toBe(whole.stdout);
});

it('fits 80 columns by shortening values, nothing else', async () => {
  const long = { PARTNER_URL: `wss://example.com/long-${'long-'.repeat(30)}` };
  const root = folderWith({ 'envs/staging.env': validEnvironment('staging', long) });
  const before = process.cwd();
  process.chdir(root);
  try {
    const { stdout } = await run(['check', 'staging'], { isTTY: true, columns: 80, env: { NO_COLOR: '1' } });
    const lines = stdout.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBe(80);
    expect(lines.find((line) => line.includes('PARTNER_URL'))).toMatch(
      /wss:\/\/example\.com.*….*long- +envs\/staging\.env:\d+$/,
    );
  } finally {
    process.chdir(before);
  }
});

describe('one variable', () => {
  it('is explained in full', async () => {
    const { status, stdout } = await place(staging)(['staging', 'OFFICE']);
    const line = staging['staging.env'].split('\n').findIndex((each) => each.startsWith('OFFICE=')) + 1;
    expect([status, stdout]).toEqual([
      0,
      `OFFICE  The host name that people know
kind     config, required
type     a host name
goes to  ConfigMap/common-config as OFFICE
value    app.example.com
read by  PARTNER_URL as \${OFFICE}
layers, the highest first
  patch        –
  process-env  –
  env-file     envs/staging.env:${line}  wins
  config-file  –
  default      –

OFFICE in staging: no problem
`,
    ]);
  });

  it('is explained with what its value is made of, and where that comes from', async () => {
    const text = validEnvironment('staging', { PARTNER_URL: 'wss://${OFFICE}/${LOG_FLOOR}' });
    const line = text.split('\n').findIndex((each) => each.startsWith('OFFICE=')) + 1;
    const explain = async (env: string) => (await place({ 'staging.env': env })(['staging', 'PARTNER_URL'])).stdout;
    const withLevel = text.replace(/^LOG_FLOOR=.*\n/m, '');
    expect(await explain(withLevel)).toMatch(
      `value    wss://app.example.com/info\nreads    OFFICE (envs/staging.env:${line}), LOG_FLOOR (default)\nread by  no`,
    );
    expect(await explain(withLevel.replace(/^OFFICE=.*$/m, ''))).toContain('reads    OFFICE (no value), LOG_FLOOR');
    expect((await place(staging)(['staging', 'OFFICE'])).stdout).not.toContain('reads');
  });

  it('shows no secret, and every layer that gives one', async () => {
    const env = { POSTAL_API_KEY: 'fake-process' };
    const { stdout } = await place(staging)(['staging', 'POSTAL_API_KEY', '--from-env'], { env });
    expect(stdout).toMatch(/value +\(secret\)\n/);
    expect(stdout).toMatch(/process-env +gives a value +wins\n {2}env-file +envs\/staging\.env:\d+\n/);
    expect(stdout).not.toContain('fake');
  });

  it('counts its own problems only', async () => {
    const check = place({ 'staging.env': validEnvironment('staging', { LOG_FLOOR: 'loud' }) });
    expect(await check(['staging', 'OFFICE'])).toMatchObject({ status: 0, stderr: '' });
    expect(await check(['staging', 'LOG_FLOOR'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('LOG_FLOOR'),
    });
  });

  it('is not called fine where a file or a line could not be read', async () => {
    const unreadable = folderWith({ 'staging.env': Buffer.from([0xff, 0xfe, 0]) });
    const result = await run(['check', 'staging', 'POSTAL_API_KEY', '--envs', unreadable]);
    expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('unreadable') });
    const check = place({
      'staging.env': `${validEnvironment('staging', { POSTAL_API_KEY: '' })}POSTAL_API_KEY fake\n`,
    });
    expect((await check(['staging', 'POSTAL_API_KEY'])).stderr).toContain('ambiguous-line');
  });

  it('typed wrong gives the nearest right one', async () => {
    expect(await place(staging)(['staging', 'POSTAL_API_KEI'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Did you mean POSTAL_API_KEY?'),
    });
  });

  it('typed first is told to come last', async () => {
    expect(await place(staging)(['POSTAL_API_KEY', 'staging'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'Only check takes a variable, behind one environment: npm run check -- <env> <VARIABLE>',
      ),
    });
  });

  it('in every environment is a line for each', async () => {
    const check = place({ ...staging, 'prod.config.env': '' });
    const { stdout } = await check(['--all', 'LOG_FLOOR']);
    expect(stdout).toMatch(/^prod +info +default\nstaging +warn +envs/m);
  });
});

describe('several environments', () => {
  const files = { 'a.env': validEnvironment('a'), 'b.env': validEnvironment('b', { OFFICE: '' }) };

  it('are a matrix of variables by environments', async () => {
    const { status, stdout } = await place(files)(['--all']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ +a +b\n/);
    expect(stdout).toMatch(/^OFFICE +set +missing$/m);
    expect(stdout).toMatch(/^LOG_FLOOR +default +default$/m);
  });

  it('are told where they hold the same secret', async () => {
    expect((await place(files)(['--all'])).stderr).toMatch(
      /warning\[reused-secret\] POSTAL_API_KEY is the same secret in a and b\n/,
    );
  });

  it('may hold one secret where the catalog says so', async () => {
    const shared = { SUPPORT_TOKEN: 'fake-support-token-of-all' };
    const each = (name: string) =>
      validEnvironment(name, shared)
        .replaceAll('=fake-', `=fake-${name}-`)
        .replace(`fake-${name}-support`, 'fake-support');
    expect(await place({ 'a.env': each('a'), 'b.env': each('b') })(['--all'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('of any number fit the terminal, in pieces', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `environment-${i}`);
    const check = place(Object.fromEntries(names.map((name) => [`${name}.env`, validEnvironment(name)])));
    const { stdout } = await check(['--all'], { isTTY: true, columns: 80, env: { NO_COLOR: '1' } });
    const lines = stdout.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    for (const name of names) expect(stdout).toContain(name);
  });
});

describe('its verdict', () => {
  const verdictOf = async (files: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    (await place(files)(args)).stdout.split('\n').at(-2);
  const own = (name: string, changes: Readonly<Record<string, string>> = {}) =>
    validEnvironment(name, changes).replaceAll('=fake-', `=fake-${name}-`);

  it.each([
    ['nothing is wrong', own('x'), 'x: ready, no problem'],
    ['there are warnings', own('x', { POSTAL_API_KEY: "' fake-blank'" }), 'x: ready, with 1 warning (POSTAL_API_KEY)'],
    [
      'there are errors',
      `${own('x', { POSTAL_API_KEY: "' fake-blank'", OFFICE: '', LOG_FLOOR: 'loud' })}nonsense\n`,
      'x: not ready, 3 errors and 1 warning (OFFICE, LOG_FLOOR, envs/x.env:14 and POSTAL_API_KEY)',
    ],
    [
      'very many are wrong',
      '',
      'x: not ready, 12 errors (DEP_MODE, KUBE_CLUSTER, OFFICE, PARTNER_URL, POD_NAMESPACE and 7 more)',
    ],
  ])('is the last line: %s', async (_what, text, verdict) => {
    expect(await verdictOf({ 'x.env': text }, 'x')).toBe(verdict);
  });

  it('of several names those that are not ready', async () => {
    const files = {
      'a.env': own('a'),
      'b.env': own('b', { OFFICE: '' }),
      'c.env': own('c', { OFFICE: "' c.example'" }),
    };
    expect(await verdictOf(files, '--all')).toBe(
      '1 of 3 environments ready; not ready: b (1 error) and c (1 error and 1 warning)',
    );
    expect(await verdictOf(files, '--all', 'POSTAL_API_KEY')).toBe('POSTAL_API_KEY in 3 of 3 environments ready');
  });

  it('is of one variable, where one is asked for', async () => {
    const files = { 'x.env': own('x', { OFFICE: '' }) };
    expect(await verdictOf(files, 'x', 'OFFICE')).toBe('OFFICE in x: 1 error (OFFICE)');
    expect(await verdictOf(files, 'x', 'LOG_FLOOR')).toBe('LOG_FLOOR in x: no problem');
  });
});

describe('on a terminal of 80 columns and 24 rows', () => {
  const screen = { isTTY: true, columns: 80, rows: 24, env: { NO_COLOR: '1' } };
  const small = defineCatalog({
    app: 'small',
    bundles: { web: { description: 'Web pods' }, job: { description: 'Jobs' } },
    variables: {
      ENVIRONMENT: {
        kind: 'infra',
        drives: 'environment',
        type: dnsLabel(),
        default: environmentName,
        description: 'x',
      },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'x', default: 'space' },
      ...Object.fromEntries(
        Array.from({ length: 17 }, (_, index) => [
          `VARIABLE_${String(index).padStart(2, '0')}`,
          { kind: 'config', bundle: index % 2 ? 'web' : ['job', 'web'], type: text(), default: 'x', description: 'x' },
        ]),
      ),
    } as const,
  } as unknown as Parameters<typeof defineCatalog>[0]);

  it('a table that would be too high has no headings: each row names its object', async () => {
    const address = `https://${'long-'.repeat(30)}.example.com`;
    const envs = folderWith({ 'x.config.env': `VARIABLE_01=${address}\n` });
    const lines = async (rows: number) =>
      (await run(['check', 'x', '--envs', envs], { ...screen, rows, catalog: small })).stdout.split('\n');
    const low = await lines(24);
    expect(low.length).toBeLessThanOrEqual(24);
    expect(Math.max(...low.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(low[0]).toMatch(/^ENVIRONMENT +infra +x +default$/);
    expect(low[2]).toMatch(/^VARIABLE_00 +web-config \+1 +x +default$/);
    expect(low[3]).toMatch(/^VARIABLE_01 +web-config +https:\/\/long-.*….*\.example\.com +x\.config\.env:1$/);
    expect(low.at(-2)).toBe('x: ready, no problem');
    // The headings, a blank line, the verdict, and the line of the prompt, which `split` counts as an empty one.
    const high = await lines(100);
    expect(high[0]).toBe('infra');
    expect((await lines(high.length))[0]).toBe('infra');
    expect((await lines(high.length - 1))[0]).toMatch(/^ENVIRONMENT /);
  });

  it('environments that are alike share a column where they are too many, and are named below', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'].map((name) => `env-${name}`);
    const files = Object.fromEntries(
      names.map((name) => [`${name}.env`, validEnvironment(name, name === 'env-c' ? { OFFICE: '' } : {})]),
    );
    const { stdout } = await place(files)(['--all'], { ...screen, columns: 80 });
    expect(stdout).toMatch(/^ +env-a \+10 +env-c\n/);
    expect(stdout).toMatch(/^OFFICE +set +missing$/m);
    expect(stdout).toContain(
      '\n\nenv-a +10: env-a, env-b, env-d, env-e, env-f, env-g, env-h, env-i, env-j, env-k\n  and env-l\n',
    );
    expect(stdout).toMatch(/\n11 of 12 environments ready; not ready: env-c \(1 error\); with warnings: /);
  });
});

it('of two thousand environments says what they have alike once', async () => {
  const names = Array.from({ length: 2_000 }, (_, index) => `x${index}`);
  const check = place(Object.fromEntries(names.map((name) => [`${name}.env`, validEnvironment(name, { OFFICE: '' })])));
  const { stdout, stderr } = await check(['--all']);
  expect(
    stderr.match(/^warning\[reused-secret\] .* is the same secret in x0, x1, x10, x100, x1000 and 1,995 more$/gm),
  ).toHaveLength(6);
  expect(stderr.match(/^error\[missing\] OFFICE /gm)).toHaveLength(1);
  expect(stderr).toMatch(/\n {2}also in x1, x10, x100, x1000, x1001 and 1,994 more\n/);
  expect((stdout + stderr).split('\n').length).toBeLessThan(80);
});

it('--json is the document that synth prints, without what was written', async () => {
  const { stdout } = await place(staging)(['staging', '--json']);
  const [environment] = JSON.parse(stdout).environments;
  expect(Object.keys(environment)).toEqual(['name', 'ok', 'problems', 'variables']);
});

describe('a hint that says what to write instead', () => {
  const hintOf = async (files: Readonly<Record<string, string>>) =>
    (await place(files)(['staging'])).stderr.match(
      /^error\[(?:invalid-value|unknown-variable)\].*\n(?: {2}.*\n)*/m,
    )?.[0];
  const address = (host: string) => ({ PARTNER_URL: `wss://${host}/x` });

  it('gives a host name in punycode', async () => {
    expect(await hintOf({ 'staging.env': validEnvironment('staging', address('bücher.example')) })).toContain(
      'hint Write the host name in punycode: xn--bcher-kva.example\n',
    );
  });

  it('repeats nothing of a value that holds a secret', async () => {
    const values = { ...address('fake-secret-ü.example'), POSTAL_API_KEY: 'fake-secret-ü.example' };
    const hint = await hintOf({ 'staging.env': validEnvironment('staging', values) });
    expect(hint).toContain('hint For example: PARTNER_URL=ws://service.example.com\n');
  });

  it('keeps a block with its line breaks', async () => {
    const values = { KIOSK_CERTIFICATE: '-----BEGIN CERTIFICATE----- ZmFrZQ== -----END CERTIFICATE-----' };
    const env = validEnvironment('staging', values);
    expect(await hintOf({ 'staging.env': env })).toContain(
      'hint Give the whole block from -----BEGIN CERTIFICATE----- on, with its line breaks',
    );
  });

  it('is the new name of a variable that was renamed', async () => {
    const env = validEnvironment('staging').replace('PARTNER_URL=', 'CARRIER_ADDRESS=');
    const { stderr } = await place({ 'staging.env': env })(['staging']);
    expect(stderr).toContain('error[unknown-variable] CARRIER_ADDRESS is not in the catalog');
    expect(stderr).toContain('hint It is called PARTNER_URL now: rename it\n');
    expect(stderr).toMatch(
      /error\[missing\] PARTNER_URL.*\n {2}hint Its former name CARRIER_ADDRESS still has the value: rename it \(line \d+ of envs\/staging\.env\)/,
    );
  });
});

it.each([
  ['a former name', 'CARRIER_ADDRESS', /hint The variable is called PARTNER_URL\n/],
  ['the key that pods know', 'THREADS', /hint The variable is called \w+THREADS\n/],
  ['nobody', 'NOBODY_AT_ALL', /hint No variable of the catalog is called so either\. There are: x\. To make a new one/],
])('says what somebody may have meant who asks for a variable by %s', async (_what, name, hint) => {
  const envs = folderWith({ 'x.env': validEnvironment('x') });
  const { status, stderr } = await run(['check', 'x', name, '--envs', envs]);
  expect([status, stderr]).toEqual([2, expect.stringMatching(hint)]);
});

describe('with --workloads', () => {
  const deployment = (name: string) =>
    `kind: Deployment\napiVersion: apps/v1\nmetadata: {name: desk}\nspec: {template: {spec: {containers: [{name: main, envFrom: [{secretRef: {name: ${name}}}]}]}}}\n`;
  const files = { 'x.env': validEnvironment('x') };
  const message = 'Deployment desk: container main, envFrom loads Secret depot-secret, which is not there';

  it('tells what a file of manifests refers to in vain', async () => {
    const file = join(folderWith({ 'desk.yaml': deployment('depot-secret') }), 'desk.yaml');
    const { status, stdout } = await place(files)(['x', '--workloads', file, '--json']);
    const { problems } = JSON.parse(stdout).environments[0];
    const [{ code, hint }] = problems.filter((each: { file?: string }) => each.file === file);
    expect([status, code, hint]).toEqual([1, 'unknown-reference', 'Did you mean depot-secrets?']);
  });

  it.each([
    [
      'a SealedSecret has',
      'kind: SealedSecret\nmetadata: {name: depot-secrets}\nspec: {encryptedData: {EXTRA: x}}\n',
      [],
    ],
    [
      'a SealedSecret has in the clear',
      'kind: SealedSecret\nmetadata: {name: depot-secrets}\nspec: {template: {data: {EXTRA: x}}}\n',
      [],
    ],
    [
      'a SealedSecret has not',
      'kind: SealedSecret\nmetadata: {name: depot-secrets}\nspec: {encryptedData: {OTHER: x}}\n',
      ['unknown-reference'],
    ],
    [
      'an ExternalSecret may add',
      'kind: ExternalSecret\nmetadata: {name: more}\nspec: {target: {name: depot-secrets, creationPolicy: Merge}}\n',
      [],
    ],
    ['nothing adds', '', ['unknown-reference']],
  ])('a key of an object of ours that %s', async (_what, other, codes) => {
    const env = '[{name: A, valueFrom: {secretKeyRef: {name: depot-secrets, key: EXTRA}}}]';
    const stdin = `${deployment('depot-secrets').replace('name: main,', `name: main, env: ${env},`)}---\n${other}`;
    const { stderr } = await place(files)(['x', '--workloads', '-'], { stdin });
    expect(stderr.match(/(?<=^error\[)[a-z-]+/gm) ?? []).toEqual(codes);
  });

  it('reads what kubectl get prints from standard input, as YAML and as JSON', async () => {
    const json = JSON.stringify({ kind: 'List', items: [{ kind: 'Pod', metadata: { name: 'a' } }] });
    const check = place(files);
    expect((await check(['x', '--workloads', '-'], { stdin: deployment('depot-secret') })).stderr).toContain(message);
    const { status, stderr } = await check(['x', '--workloads', '-'], { stdin: json });
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('error')]);
  });

  it.each([
    ['nothing', ''],
    ['what a program says that failed', 'Error: chart not found\n'],
    ['a comment', '# nothing yet\n'],
    ['what runs no container', 'kind: Rollout\nspec: {workloadRef: {name: x}}\n'],
  ])('refuses %s', async (_what, stdin) => {
    const { status, stderr } = await place(files)(['x', '--workloads', '-'], { stdin });
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('standard input has no workload in it: Deployment, '),
    ]);
  });

  it('knows the workloads of others by their template, and what every cluster has', async () => {
    const rollout = deployment('depot-secret').replace('Deployment', 'Rollout');
    const { stderr } = await place(files)(['x', '--workloads', '-'], { stdin: rollout });
    expect(stderr).toContain(message.replace('Deployment', 'Rollout'));
    const scaled = deployment('depot-secret')
      .replace('Deployment', 'ScaledJob')
      .replace('spec: {', 'spec: {jobTargetRef: {')
      .replace(/\n$/, '}\n');
    expect((await place(files)(['x', '--workloads', '-'], { stdin: scaled })).stderr).toContain(
      message.replace('Deployment', 'ScaledJob'),
    );
    const volumes =
      '[{name: v, projected: {sources: [{configMap: {name: kube-root-ca.crt, items: [{key: ca.crt}]}}]}}]';
    const pod = `kind: Pod\nmetadata: {name: x}\nspec: {volumes: ${volumes}}\n`;
    expect((await place(files)(['x', '--workloads', '-'], { stdin: pod })).status).toBe(0);
  });

  itWithKubectl.each<[what: string, change: (object: string) => string, expected: string[]]>([
    ['has left as they are', (object) => object, []],
    [
      'has beside what has their labels, and does not render',
      (object) =>
        object.includes('"depot-config"')
          ? object
              .replace(/"name": "depot-config"/, '"name": "depot-config-nginx"')
              .replace(/^ +"app.kubernetes.io\/(?:component|managed-by)".*\n/gm, '')
          : '',
      [],
    ],
    [
      'has renamed',
      (object) => object.replace(/"name": "(?=depot|common)/, '"name": "blue-'),
      ['loads Secret depot-secrets, which is not there', 'loads ConfigMap common-config, which is not there'],
    ],
    [
      'has left out',
      (object) => (object.includes('"depot-secrets"') ? '' : object),
      ['loads Secret depot-secrets, which is not there'],
    ],
    [
      'has left out, and given the others labels of its own',
      (object) => (object.includes('"depot-secrets"') ? '' : object.replace(/(\/component": ")\w+/, '$1stack')),
      ['loads Secret depot-secrets, which is not there'],
    ],
    [
      'has taken a key from',
      (object) => object.replace(/^ {2}"OFFICE": .*\n/m, ''),
      ['reads OFFICE of ConfigMap common-config, which has no such key'],
    ],
  ])('looks at the objects of the environment as an overlay %s', async (_what, change, expected) => {
    const envs = folderWith(files);
    const { stdout } = await run(['synth', 'x', '--stdout', '--envs', envs]);
    const rendered = stdout
      .split(/^(?=---\n)/m)
      .map(change)
      .join('');
    const office = 'env: [{name: A, valueFrom: {configMapKeyRef: {name: common-config, key: OFFICE}}}]';
    const desk = deployment('depot-secrets').replace('envFrom', `${office}, envFrom`);
    const all = `${rendered}---\n${desk}`;
    const overlay = folderWith({ 'kustomization.yaml': 'resources: [all.yaml]\n', 'all.yaml': all });
    const env = { PATH: process.env['PATH'] };
    const { stderr } = await run(['check', 'x', '--workloads', overlay, '--envs', envs], { env });
    const found = stderr.match(/^error\[unknown-reference\].*\n.*\n.*$/gm) ?? [];
    expect(found).toHaveLength(expected.length);
    for (const each of found) expect(each).toMatch(/\n {2}hint synth writes it: is /);
    for (const [at, part] of expected.entries()) expect(found[at]).toContain(part);
    // What is handed in otherwise may be a part.
    expect(await run(['check', 'x', '--workloads', '-', '--envs', envs], { stdin: all })).toMatchObject({ status: 0 });
  });

  it('tells of pods that another workload has made, alone', async () => {
    const pod = 'kind: Pod\nmetadata: {name: x, ownerReferences: [{controller: true}]}\n';
    const { status, stderr } = await place(files)(['x', '--workloads', '-'], { stdin: pod });
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('no workload in it but pods that another one has made'),
    ]);
  });

  it('says that a name holds a secret of the environment, and does not show it', async () => {
    const pasted = 'fake-key-pasted-as-a-name';
    const check = place({ 'x.env': validEnvironment('x', { POSTAL_API_KEY: pasted }) });
    const { stderr } = await check(['x', '--workloads', '-'], { stdin: deployment(pasted) });
    expect(stderr).toContain('Deployment desk: a name in it holds a secret of this environment, and is not shown\n');
    expect(stderr).not.toContain(pasted);
  });

  itWithKubectl('renders a folder by kubectl', async () => {
    const folder = folderWith({
      'kustomization.yaml': 'resources: [desk.yaml]\n',
      'desk.yaml': deployment('depot-secret'),
      'broken/kustomization.yaml': 'resources: [nope.yaml]\n',
    });
    const env = { PATH: process.env['PATH'] };
    const check = place(files);
    expect((await check(['x', '--workloads', folder], { env })).stderr).toContain(message);
    const broken = await check(['x', '--workloads', join(folder, 'broken')], { env });
    expect([broken.status, broken.stderr]).toEqual([1, expect.stringContaining('kubectl kustomize could not render')]);
  });

  itWithKubectl('fetches nothing and runs nothing that a folder names', async () => {
    const ran = join(folderWith(), 'ran');
    const command = `touch%20${ran}`;
    const folder = folderWith({ 'kustomization.yaml': `resources: ["file:///tmp?ref=--upload-pack=${command}"]\n` });
    const { status } = await place(files)(['x', '--workloads', folder], { env: { PATH: process.env['PATH'] } });
    expect([status, existsSync(ran)]).toEqual([1, false]);
    const fake = folderWith({
      kubectl: '#!/bin/sh\necho "$HTTP_PROXY $HTTPS_PROXY $KUBERC $NO_PROXY" > "$HOME/asked"\n',
    });
    chmodSync(join(fake, 'kubectl'), 0o700);
    const env = { PATH: `${fake}:/bin`, HOME: fake, NO_PROXY: '*' };
    await place(files)(['x', '--workloads', folder], { env });
    expect(readFileSync(join(fake, 'asked'), 'utf8')).toBe('http://127.0.0.1:1 http://127.0.0.1:1 off \n');
  });

  it.each([
    ['no environment', ['--all', '--workloads', '.'], '--workloads takes exactly one environment'],
    ['standard input twice', ['x', '--workloads', '-', '--from-env-file', '-'], 'cannot both read standard input'],
  ])('refuses %s', async (_what, args, expected) => {
    const { status, stderr } = await place({ ...files, 'y.env': '' })(args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(expected)]);
  });

  it.each([
    ['a file that is not there', 'nope.yaml', 'does not exist'],
    ['what is no YAML', 'bad.yaml', 'is not YAML that kubectl reads'],
    ['what starts like JSON', 'bad.json', 'starts like JSON but is not JSON'],
    ['aliases that multiply', 'bomb.yaml', 'has aliases that multiply'],
    ['more aliases than are read', 'many.yaml', 'has more than 250,000 keys, values, marks and lines'],
  ])('says so of %s', async (_what, name, expected) => {
    const bomb = `a: &a [${'x,'.repeat(99)}]\n${[...'bcdefg'].map((each, i) => `${each}: &${each} [${`*${'abcdef'[i]},`.repeat(50)}]\n`).join('')}`;
    const many = aliases(1_000);
    const folder = folderWith({ 'bad.yaml': 'a: [', 'bad.json': '{"a"', 'bomb.yaml': bomb, 'many.yaml': many });
    const { status, stderr } = await place(files)(['x', '--workloads', join(folder, name)]);
    expect([status, stderr]).toEqual([1, expect.stringContaining(expected)]);
  });

  /** A ConfigMap of somebody else's with so many aliases of one text. */
  const aliases = (count: number) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: &a other}\ndata:\n${Array.from({ length: count }, (_, i) => `  k${i}: *a\n`).join('')}`;

  it('reads as many aliases as it says', async () => {
    const folder = folderWith({ 'many.yaml': aliases(900) });
    const { stderr } = await place(files)(['x', '--workloads', join(folder, 'many.yaml')]);
    expect(stderr).toContain('many.yaml has no workload in it');
  });
});

it('takes a text of JSON for what it is, quotes and all', async () => {
  const envs = folderWith({ 'x.env': validEnvironment('x', { ROUTES: `'"fr"'` }) });
  expect(await run(['check', 'x', '--envs', envs, '--strict', '--quiet'])).toMatchObject({ status: 0, stderr: '' });
  for (const right of [
    '"<p>Hello {name}</p>"',
    '"[{level}] {message}"',
    '"[[user]] says hello"',
    '"[\\"a\\"] is it"',
    '"[INFO] ready"',
    '"[INFO]"',
    '"{host}:{port}"',
    '" {x"',
  ]) {
    const own = folderWith({ 'x.env': validEnvironment('x', { ROUTES: `'${right}'` }) });
    expect(await run(['check', 'x', '--envs', own, '--strict', '--quiet'])).toMatchObject({ status: 0, stderr: '' });
  }
  for (const odd of [
    { LOG_FLOOR: `'"info"'` },
    { ROUTES: `'"{\\"fr\\":1}"'` },
    { ROUTES: `'"<your-value (see docs)>"'` },
    { ROUTES: `'"{\\"fr\\":1,}"'` },
    { ROUTES: `'"[\\"fr\\",]"'` },
  ]) {
    const { stderr } = await run([
      'check',
      'x',
      '--envs',
      folderWith({ 'x.env': validEnvironment('x', odd) }),
      '--quiet',
    ]);
    expect(stderr).toMatch(new RegExp(`${Object.keys(odd)[0]} has quotes around it|LOG_FLOOR is not one of`));
  }
});
