import { readdirSync } from 'node:fs';
import { folderWith, run, validEnvironment } from '../../test/run';

const patch = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: agent-config}\ndata: {LOG_LEVEL: warn}\n';

function place(files: Readonly<Record<string, string | Uint8Array>>) {
  const envs = folderWith(files);
  const shown = (text: string) => text.replaceAll(envs, 'envs');
  return async (args: readonly string[], host?: Parameters<typeof run>[1]) => {
    const result = await run(['check', ...args, '--envs', envs], host);
    return { ...result, stdout: shown(result.stdout), stderr: shown(result.stderr), left: readdirSync(envs) };
  };
}

const staging = {
  'staging.env': validEnvironment('staging', { LIVEKIT_URL: 'wss://${DOMAIN}', LOG_LEVEL: 'debug' }),
  'staging.config.env': 'LOG_LEVEL=error\nDOMAIN=\n',
  'staging-secret-config-patch.yml': patch,
};

it('shows every variable: where it goes, its value or why not, where it came from and what it overrides', async () => {
  const { status, stdout, stderr } = await place(staging)(['staging']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(
    /^ConfigMap agent-config\n(?: {2}.*\n)* {2}LOG_LEVEL +warn +envs\/staging-secret-config-patch\.yml:4 over envs\/staging\.env:\d+ over envs\/staging\.config\.env:1 over default$/m,
  );
  expect(stdout).toMatch(
    /^Secret agent-secrets\n(?: {2}.*\n)* {2}OPENAI_API_KEY +\(secret\) +envs\/staging\.env:\d+$/m,
  );
  expect(stdout).toMatch(/^ {2}METRICS_ENABLED +true +default$/m);
});

it.each([
  ['Latin-1', (text: string) => Buffer.from(`${text}# é\n`, 'latin1')],
  ['UTF-16', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['binary', (text: string) => Buffer.from(`${text}\0`)],
])('does not show what a file that is %s gives for a secret', async (_what, encode) => {
  const check = place({
    'staging.env': encode(validEnvironment('staging', { OPENAI_API_KEY: 'fake-lost-secret' })),
    'staging.config.env': 'CLUSTER_NAME=fake-lost-secret\n',
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
    'staging.env': validEnvironment('staging', { LOG_LEVEL: 'loud', DOMAIN: '' }),
  })(['staging']);
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/error\[missing\] DOMAIN.*error\[invalid-value\] LOG_LEVEL.*staging: 2 errors\n$/s),
  ]);
  expect(stdout).toMatch(/^ {2}DOMAIN +\(missing\)$/m);
  expect(stdout).toMatch(/^ {2}LOG_LEVEL +\(invalid\) +envs/m);
  expect(stdout).not.toContain('loud');
});

it('fits 80 columns by cutting off values, nothing else', async () => {
  const long = { LIVEKIT_URL: `wss://example.com/long-${'long-'.repeat(30)}` };
  const root = folderWith({ 'envs/staging.env': validEnvironment('staging', long) });
  const before = process.cwd();
  process.chdir(root);
  try {
    const { stdout } = await run(['check', 'staging'], { isTTY: true, columns: 80, env: { NO_COLOR: '1' } });
    const lines = stdout.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBe(80);
    expect(lines.find((line) => line.includes('LIVEKIT_URL'))).toMatch(/wss:\/\/example\.com\/long-.*… +envs\/staging\.env:\d+$/);
  } finally {
    process.chdir(before);
  }
});

describe('one variable', () => {
  it('is explained in full', async () => {
    const { status, stdout } = await place(staging)(['staging', 'DOMAIN']);
    const line = staging['staging.env'].split('\n').findIndex((each) => each.startsWith('DOMAIN=')) + 1;
    expect([status, stdout]).toEqual([
      0,
      `DOMAIN  The host name users reach the app by
kind     config, required
type     a host name
goes to  ConfigMap/shared-config as DOMAIN
value    app.example.com
read by  LIVEKIT_URL as \${DOMAIN}
layers, the highest first
  patch        –
  process-env  –
  env-file     envs/staging.env:${line}  wins
  config-file  –
  default      –
`,
    ]);
  });

  it('shows no secret, and every layer that offers one', async () => {
    const env = { OPENAI_API_KEY: 'fake-process' };
    const { stdout } = await place(staging)(['staging', 'OPENAI_API_KEY', '--from-env'], { env });
    expect(stdout).toMatch(/value +\(secret\)\n/);
    expect(stdout).toMatch(/process-env +gives a value +wins\n {2}env-file +envs\/staging\.env:\d+\n/);
    expect(stdout).not.toContain('fake');
  });

  it('counts its own problems only', async () => {
    const check = place({ 'staging.env': validEnvironment('staging', { LOG_LEVEL: 'loud' }) });
    expect(await check(['staging', 'DOMAIN'])).toMatchObject({ status: 0, stderr: '' });
    expect(await check(['staging', 'LOG_LEVEL'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('LOG_LEVEL'),
    });
  });

  it('is not called fine where a file or a line could not be read', async () => {
    const unreadable = folderWith({ 'staging.env': Buffer.from([0xff, 0xfe, 0]) });
    const result = await run(['check', 'staging', 'OPENAI_API_KEY', '--envs', unreadable]);
    expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('unreadable') });
    const check = place({
      'staging.env': `${validEnvironment('staging', { OPENAI_API_KEY: '' })}OPENAI_API_KEY fake\n`,
    });
    expect((await check(['staging', 'OPENAI_API_KEY'])).stderr).toContain('ambiguous-line');
  });

  it('typed wrong gives the nearest right one', async () => {
    expect(await place(staging)(['staging', 'OPENAI_API_KEI'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Did you mean OPENAI_API_KEY?'),
    });
  });

  it('typed first is told to come last', async () => {
    expect(await place(staging)(['OPENAI_API_KEY', 'staging'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('A variable comes last'),
    });
  });

  it('in every environment is a line for each', async () => {
    const check = place({ ...staging, 'prod.config.env': '' });
    const { stdout } = await check(['--all', 'LOG_LEVEL']);
    expect(stdout).toMatch(/^prod +info +default\nstaging +warn +envs/m);
  });
});

describe('several environments', () => {
  const files = { 'a.env': validEnvironment('a'), 'b.env': validEnvironment('b', { DOMAIN: '' }) };

  it('are a matrix of variables by environments', async () => {
    const { status, stdout } = await place(files)(['--all']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ +a +b\n/);
    expect(stdout).toMatch(/^DOMAIN +set +missing$/m);
    expect(stdout).toMatch(/^LOG_LEVEL +default +default$/m);
  });

  it('are told where they hold the same secret', async () => {
    expect((await place(files)(['--all'])).stderr).toMatch(
      /warning\[reused-secret\] OPENAI_API_KEY is the same secret as in environment b/,
    );
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

it('--json is the document that synth prints, without what was written', async () => {
  const { stdout } = await place(staging)(['staging', '--json']);
  const [environment] = JSON.parse(stdout).environments;
  expect(Object.keys(environment)).toEqual(['name', 'ok', 'problems', 'variables']);
});
