import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyProject } from '../../test/project-copy';
import { folderWith, validEnvironment } from '../../test/run';

const root = copyProject();
const envs = folderWith({
  'x.env': validEnvironment('x', { POSTAL_API_KEY: "'fake # key'" }),
  'broken.env': validEnvironment('broken', { LOG_FLOOR: 'loud' }),
  'stored.env': validEnvironment('stored', {
    ...{ SECRETS_FROM: 'external-secrets', VAULT: 'vault', POD_NAMESPACE: 'stored' },
    ...{ PARTNER_API_KEY: '', PARTNER_API_SECRET: '', POSTAL_API_KEY: 'fake-postal-key' },
  }),
});
const withEnv = (...args: string[]) => [join(root, 'launch.js'), 'with-env', ...args];

/** Runs the real program, since what it starts gets this process's own terminal. */
function start(environment: string, bundle: string, ...command: string[]) {
  const args = withEnv(environment, '--envs', envs, '--bundle', bundle, '--', ...command);
  return spawnSync(process.execPath, ['--', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], CALLER: 'yes', LOG_FLOOR: 'caller', AGE_IDENTITY: 'fake' },
  });
}

const environmentOf = (bundle: string) => {
  const script = 'console.log(JSON.stringify(process.env))';
  return JSON.parse(start('x', bundle, process.execPath, '-e', script).stdout) as Record<string, string>;
};

it('gives a command exactly what pods of the bundle get, added to the environment of the caller', () => {
  const depot = environmentOf('depot');
  expect(depot).toMatchObject({
    POSTAL_API_KEY: 'fake # key',
    PARTNER_API_KEY: 'fake-partner_api_key',
    LOG_FLOOR: 'info',
    CALLER: 'yes',
  });
  for (const name of ['SITE_ENV', 'REGISTRY_TOKEN', 'POD_NAMESPACE', 'AGE_IDENTITY'])
    expect(depot).not.toHaveProperty(name);
  expect(environmentOf('kiosk')).toMatchObject({ SITE_ENV: 'production', PARTNER_API_KEY: 'fake-partner_api_key' });
  expect(environmentOf('kiosk')).not.toHaveProperty('POSTAL_API_KEY');
});

it('gives build scripts the infra variables', () => {
  const infra = environmentOf('infra');
  expect(infra).toMatchObject({ PD_ENV: 'x', REGISTRY_TOKEN: 'fake-registry_token', POD_NAMESPACE: 'parcel-desk-x' });
  expect(infra).not.toHaveProperty('POSTAL_API_KEY');
});

it('gives what there is where a store has the secrets, and says what the command does not get', () => {
  const { status, stdout, stderr } = start('stored', 'depot', 'sh', '-c', 'echo "$POSTAL_API_KEY$PARTNER_API_KEY"');
  expect([status, stdout]).toEqual([0, 'fake-postal-key\n']);
  expect(stderr).toContain(
    'Only the store has PARTNER_API_KEY and PARTNER_API_SECRET: the command does not get them\n',
  );
});

it('passes arguments and the exit status through, without a shell', () => {
  expect(start('x', 'depot', 'sh', '-c', 'echo "$1"; exit 7', 'sh', '$HOME --json')).toMatchObject({
    status: 7,
    stdout: '$HOME --json\n',
    stderr: '',
  });
});

it('runs nothing in an invalid environment', () => {
  expect(start('broken', 'depot', 'echo', 'ran')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('nothing run'),
  });
});

it('leaves the options of the command to the command', () => {
  const args = withEnv('nope', '--envs', envs, '--bundle', 'bad', '--', 'tool', '--json');
  const { status, stdout } = spawnSync(process.execPath, ['--', ...args], { cwd: root, encoding: 'utf8' });
  expect([status, stdout]).toEqual([2, '']);
});

it('writes nothing', () => {
  const before = readdirSync(envs);
  start('x', 'depot', 'true');
  expect(readdirSync(envs)).toEqual(before);
});

it.each([
  [
    'no command',
    ['x', '--bundle', 'depot'],
    2,
    /Which command\?\n {2}hint npm run with-env -- x --envs \S+ --bundle depot -- …/,
  ],
  ['no bundle', ['x', '--', 'true'], 2, /Which bundle\? Say --bundle/],
  ['a bundle that is nearly right', ['x', '--bundle', 'dept', '--', 'true'], 2, /Did you mean depot\?/],
  ['a kept name of nobody', ['x', '--bundle', 'depot', '--keep', 'A,B', '--', 'true'], 2, /separated by spaces/],
  [
    'a kept name that is nearly right',
    ['x', '--bundle', 'depot', '--keep', 'LOG_FLOR', '--', 'true'],
    2,
    /mean LOG_FLOOR\?/,
  ],
  ['no environment', ['--bundle', 'depot'], 2, /Which environment\?/],
  [
    'a program that is not there',
    ['x', '--bundle', 'depot', '--', 'no-such-program'],
    127,
    /There is no program of that name, or none that the #! line of its script names \(ENOENT\)/,
  ],
  [
    'a program that cannot be run',
    ['x', '--bundle', 'depot', '--', join(root, 'package.json')],
    126,
    /could not be started \(EACCES\)/,
  ],
])('answers %s', (_what, args, status, message) => {
  const result = spawnSync(process.execPath, ['--', ...withEnv('--envs', envs, ...args)], {
    cwd: root,
    encoding: 'utf8',
  });
  expect([result.status, result.stderr]).toEqual([status, expect.stringMatching(message)]);
});

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const)('passes %s on, and ends as the command does', async (signal, status) => {
  const script = `process.on('${signal}', () => { console.log('got it'); setTimeout(() => process.exit(5), 50); }); setInterval(() => {}, 1000); console.log('ready')`;
  for (const [command, expected] of [
    [['-e', script], 5],
    [['-e', "console.log('ready'); setInterval(() => {}, 1000)"], status],
  ] as const) {
    const args = withEnv('x', '--envs', envs, '--bundle', 'depot', '--', process.execPath, ...command);
    const child = spawn(process.execPath, ['--', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data'); // the command runs, and signals have been passed on since before it did
    const exited = once(child, 'exit');
    child.kill(signal);
    expect((await exited)[0]).toBe(expected);
  }
});
