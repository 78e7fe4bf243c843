import { folderWith, run } from '../../test/run';

// What is left of `npm run synth x --from-env` once npm has kept the option: an environment variable.

const before = process.cwd();
beforeAll(() => process.chdir(folderWith({ 'envs/x.env': '', rc: '; of npm\n  json = true\nall\n' })));
afterAll(() => process.chdir(before));

const swallowed = (command: string, args: readonly string[], options: Readonly<Record<string, string>>) =>
  run([command, ...args], { env: { npm_lifecycle_event: command, ...options } });

it.each([
  ['an option', ['x'], { npm_config_from_env: 'true' }, 'npm run synth -- x --from-env'],
  ['an option with a value', ['x'], { npm_config_out: 'folder' }, 'npm run synth -- x --out <dir>'],
  [
    'an option whose value is left among the words',
    ['x', 'y'],
    { npm_config_out: 'true' },
    'npm run synth -- … --out <dir>',
  ],
  ['two', ['x'], { npm_config_from_env: 'true', npm_config_stdout: 'true' }, 'npm run synth -- x --from-env --stdout'],
  ['one of two', ['x', '--quiet'], { npm_config_from_env: 'true' }, 'npm run synth -- x --quiet --from-env'],
  ['one beside a value', ['x', '--out=fake-path'], { npm_config_all: 'true' }, 'npm run synth -- x --out=… --all'],
  ['one beside who knows what', ['y', 'fake-secret'], { npm_config_all: 'true' }, 'npm run synth -- … … --all'],
  ['one beside no option', ['--FAKE-9f8e7d6c', '--fake'], { npm_config_all: 'true' }, 'npm run synth -- … … --all'],
  ['one beside what begins like an option', ['--outfake=x'], { npm_config_all: 'true' }, 'npm run synth -- … --all'],
] as const)('%s that npm kept is told with the line that was meant', async (_what, args, options, line) => {
  const { status, stdout, stderr } = await swallowed('synth', args, options);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`hint ${line}\n`);
});

it.each([
  ['the command', ['x', 'a', 'node', '-v'], { npm_config_bundle: 'true' }, 'x --bundle <bundle> -- …'],
  [
    'a command behind --',
    ['x', '--bundle', 'a', '--', 'node'],
    { npm_config_from_env: 'true' },
    'x --bundle … --from-env -- …',
  ],
  ['a command, the option first', ['a', 'x', 'node'], { npm_config_bundle: 'true' }, 'x --bundle <bundle> -- …'],
  ['a command without an environment', ['node'], { npm_config_bundle: 'true' }, '… --bundle <bundle> -- …'],
] as const)('with-env is told where its options go: before %s', async (_what, args, options, line) => {
  expect((await swallowed('with-env', args, options)).stderr).toContain(`hint npm run with-env -- ${line}\n`);
});

it.each([
  ['in the run of another command', ['x'], { npm_lifecycle_event: 'check', npm_config_from_env: 'true' }],
  ['that is given behind -- too', ['x', '--from-env'], { npm_config_from_env: 'true' }],
  ['that is off', ['x'], { npm_config_from_env: 'false' }],
  ["that a file of npm's sets for npm", ['x'], { npm_config_userconfig: 'rc', npm_config_json: 'true' }],
  ['that it sets without a value', ['x'], { npm_config_globalconfig: 'rc', npm_config_all: 'true' }],
])('nothing is said of one %s', async (_what, args, options) => {
  expect((await swallowed('synth', args, options)).stderr).not.toContain('npm has kept');
});

it.each([
  ['--no-wait', { npm_config_wait: '' }],
  ['--no-restart', { npm_config_restart: '' }],
  ['--restart', { npm_config_restart: 'true' }],
  ['--prune', { npm_config_prune: 'true' }],
])('apply is told of %s that npm kept', async (option, options) => {
  const { status, stderr } = await swallowed('apply', ['x'], options);
  expect([status, stderr]).toEqual([2, expect.stringContaining(`hint npm run apply -- x ${option}\n`)]);
});

it.each([
  ['by npm', ['x', '--yes'], { npm_lifecycle_event: 'apply' }],
  ['by a script around it', ['x', '--yes'], { npm_lifecycle_event: 'deploy' }],
])('a dry run that was kept %s stops apply', async (_what, args, env) => {
  const dry = { npm_config_dry_run: 'true', ...env };
  expect(await swallowed('apply', args, dry)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('hint npm run apply -- x --yes --dry-run\n'),
  });
  expect((await swallowed('apply', [...args, '--dry-run'], dry)).stderr).not.toContain('npm has kept');
  expect((await swallowed('apply', args, { ...dry, npm_config_dry_run: '' })).stderr).not.toContain('npm has kept');
});
