import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encrypted, type KeyPair, keyPair } from '../../test/age';
import { git } from '../../test/git';
import { folderWith, run, validEnvironment, validValues } from '../../test/run';
import { type Declaration, environmentName } from '../catalog/declaration';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';

let ours: KeyPair;
let theirs: KeyPair;
beforeAll(async () => {
  [ours, theirs] = [await keyPair(), await keyPair()];
});

const repository = process.cwd();
afterEach(() => process.chdir(repository));

type Files = Readonly<Record<string, string>>;

/** A repository in which these files were committed one after the other; the last ones are only in the working tree. */
function history(...states: readonly Files[]): string {
  const root = folderWith();
  git(root, 'init', '--quiet');
  for (const [at, files] of states.entries()) {
    rmSync(join(root, 'envs'), { recursive: true, force: true });
    mkdirSync(join(root, 'envs'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'envs', name), text, { mode: 0o600 });
    if (at === states.length - 1) break;
    git(root, 'add', '--all');
    git(root, 'commit', '--quiet', '--allow-empty', '-m', 'x');
  }
  process.chdir(root);
  return root;
}

const diff = (args: readonly string[], identity = ours.identity) =>
  run(['diff', ...args], { env: { PATH: process.env['PATH'], AGE_IDENTITY: identity } });

const file = (changes: Files = {}, without: readonly string[] = [], recipient = ours.recipient) =>
  encrypted(
    validEnvironment('x', changes)
      .split('\n')
      .filter((line) => !without.some((name) => line.startsWith(`${name}=`)))
      .join('\n'),
    recipient,
  );

it('says where the catalog was another one, which moves what the files do not', async () => {
  const root = history({ 'x.config.env': 'OFFICE=a.example.com\n' }, { 'x.config.env': 'OFFICE=a.example.com\n' });
  const note = 'catalog.ts has changed, too: what that moves or renames is not compared here';
  const told = async (...args: string[]) => (await diff(['x', '--since', 'HEAD', ...args])).stdout;
  expect(await told()).not.toContain('catalog.ts'); // git has none
  writeFileSync(join(root, 'catalog.ts'), 'then');
  git(root, 'add', 'catalog.ts');
  git(root, 'commit', '--quiet', '-m', 'x');
  expect(await told()).not.toContain('catalog.ts');
  writeFileSync(join(root, 'catalog.ts'), 'now');
  expect(await told()).toBe(`x: 0 differences since ${git(root, 'rev-parse', 'HEAD').slice(0, 12)}\n${note}\n`);
  for (const form of ['markdown', 'html']) expect(await told('--report', form)).toContain(note);
  expect(JSON.parse(await told('--json'))).toMatchObject({ catalogChanged: true });
});

it('says of each secret whether it is new, gone or different, and of the rest also what it was', async () => {
  const root = history(
    {
      'x.env.age': await file({ POSTAL_API_KEY: 'fake-before' }, ['LOCATION_API_KEY']),
      'x.config.env': 'LOG_FLOOR=error\n',
    },
    {
      'x.env.age': await file({ POSTAL_API_KEY: 'fake-now' }, ['GEOCODES_API_KEY']),
      'x.config.env': 'LOG_FLOOR=debug\n',
    },
  );
  const commit = git(root, 'rev-parse', 'HEAD');
  const short = commit.slice(0, 12);
  expect(await diff(['x', '--since', 'HEAD'])).toEqual({
    status: 1,
    stderr: '',
    stdout: [
      `                            ${short}  now`,
      'GEOCODES_API_KEY  gone       (secret)      –',
      'POSTAL_API_KEY    different  (secret)      (secret)',
      'LOCATION_API_KEY  new        –             (secret)',
      'LOG_FLOOR         different  error         debug',
      '',
      `x: 4 differences since ${short}`,
      '',
    ]
      .join('\n')
      .replace(/^ +/, (blanks) => blanks.padEnd('GEOCODES_API_KEY  different  '.length)),
  });
  const markdown = await diff(['x', '--since', 'main', '--report', 'markdown']);
  expect(markdown.stdout).toContain(`## x: 4 differences since ${short}\n`);
  expect(markdown.stdout).toContain('| `GEOCODES_API_KEY` | gone | (secret) | – |\n');
  const page = (await diff(['x', '--since', 'HEAD', '--report', 'html'])).stdout;
  expect(page).toContain(`x: 4 differences since ${short}`);
  expect(page.match(/<tr/g)).toHaveLength(5); // a head, and what has changed
  const { environment, since, variables } = JSON.parse((await diff(['x', '--since', 'HEAD', '--json'])).stdout);
  expect([environment, since]).toEqual(['x', commit]);
  expect(variables.filter(({ state }: { state: string }) => !/same|neither/.test(state))).toEqual([
    expect.objectContaining({ name: 'GEOCODES_API_KEY', state: 'gone' }),
    expect.objectContaining({ name: 'POSTAL_API_KEY', sensitive: true, state: 'different' }),
    expect.objectContaining({ name: 'LOCATION_API_KEY', state: 'new' }),
    expect.objectContaining({ name: 'LOG_FLOOR', state: 'different', values: ['error', 'debug'] }),
  ]);
});

it('finds no difference where a file was only encrypted anew, or a value moved from one file to the other', async () => {
  history(
    { 'x.env.age': await file() },
    {
      'x.env.age': await file({}, ['OFFICE']),
      'x.config.env': `OFFICE=${validValues('x')['OFFICE']}\n`,
    },
  );
  const { status, stdout, stderr } = await diff(['x', '--since', 'HEAD']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^x: 0 differences since [0-9a-f]{12}\n$/);
});

it('compares what is no secret where one of the two cannot be decrypted', async () => {
  history(
    { 'x.env.age': await file({}, ['OFFICE'], theirs.recipient), 'x.config.env': 'OFFICE=a.example.com\n' },
    { 'x.env.age': await file({}, ['OFFICE']), 'x.config.env': 'OFFICE=b.example.com\n' },
  );
  const { status, stdout, stderr } = await diff(['x', '--since', 'HEAD']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^x at [0-9a-f]{12}\nerror\[unreadable-secrets\] envs\/x\.env\.age is encrypted for others/);
  expect(stdout).toMatch(/^OFFICE +different +a\.example\.com +b\.example\.com$/m);
  expect(stdout).toMatch(/^POSTAL_API_KEY +not compared +\(invalid\) +\(secret\)$/m);
  expect(stdout).toMatch(/1 difference since [0-9a-f]{12}, \d+ not compared\n$/);
  expect((await diff(['x', '--since', 'HEAD', '--strict'])).status).toBe(3);
});

it('leaves what git never had out of it', async () => {
  history(
    { 'x.config.env': 'LOG_FLOOR=error\n' },
    { 'x.config.env': 'LOG_FLOOR=error\n', 'x.env': validEnvironment('x', { LOG_FLOOR: 'debug' }) },
  );
  expect(await diff(['x', '--since', 'HEAD'])).toMatchObject({ status: 0, stderr: '' });
});

it('what a default of the catalog reads may have been nowhere then: it is new, and nothing is wrong with it', async () => {
  const named = (name: string, more: Partial<Declaration>) => ({
    [name]: { kind: 'config', bundle: 'b', type: text(), description: name, ...more } as Declaration,
  });
  const catalog = defineCatalog({
    app: 'app',
    bundles: { b: { description: 'b' } },
    variables: {
      NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), default: environmentName, description: 'name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
      ...named('DOMAIN', {}),
      ...named('PUBLIC_URL', { default: 'https://${DOMAIN}/' }),
      ...named('LOGIN_URL', { default: '${PUBLIC_URL}login' }),
      ...named('PATH_URL', { default: '${PUBLIC_URL}${PATH}' }),
      ...named('PATH', { optional: true }),
    },
  });
  history({ 'x.config.env': 'SPACE=x\n' }, { 'x.config.env': 'SPACE=x\nDOMAIN=a.example\nPATH=p\n' });
  const { status, stdout, stderr } = await run(['diff', 'x', '--since', 'HEAD'], {
    catalog,
    env: { PATH: process.env['PATH'] },
  });
  // Without PATH, which nobody missed then, it would have been wrong.
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/^x at \w+\nerror\[unresolved-placeholder\] PATH_URL in the catalog reads \$\{PATH\}/),
  ]);
  expect(stderr.match(/error\[/g)).toHaveLength(1);
  expect(stdout).toMatch(/^PUBLIC_URL +new +– +https:\/\/a\.example\/$/m);
  expect(stdout).toMatch(/^LOGIN_URL +new +– +https:\/\/a\.example\/login$/m);
  expect(stdout).toMatch(/^PATH_URL +not compared +\(invalid\) /m);
});

it('looks at the env file of the demo, which is committed', async () => {
  history({ 'demo.env': 'POSTAL_API_KEY=fake-a\n' }, { 'demo.env': 'POSTAL_API_KEY=fake-b\n' });
  expect((await diff(['demo', '--since', 'HEAD'])).stdout).toMatch(
    /^POSTAL_API_KEY +different +\(secret\) +\(secret\)$/m,
  );
});

it('calls everything new of an environment that was not there, and gone of one that is not any more', async () => {
  history({ 'y.config.env': '' }, { 'x.config.env': 'OFFICE=a.example.com\n' });
  expect((await diff(['x', '--since', 'HEAD'])).stdout).toMatch(/^OFFICE +new +– +a\.example\.com$/m);
  history({ 'x.config.env': 'OFFICE=a.example.com\n' }, { 'y.config.env': '' });
  expect((await diff(['x', '--since', 'HEAD'])).stdout).toMatch(/^OFFICE +gone +a\.example\.com +–$/m);
  expect(await diff(['z', '--since', 'HEAD'])).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('Argument 1 names an environment of which git holds nothing'),
  });
});

it('shows no config value of then that is a secret of now, wherever that is kept', async () => {
  const secret = 'fake-postal-key-that-was-config';
  for (const kept of [
    { 'x.env.age': await file({ POSTAL_API_KEY: secret }, ['KUBE_CLUSTER']) },
    { 'x.env': validEnvironment('x', { POSTAL_API_KEY: secret }) },
  ]) {
    history({ 'x.config.env': `KUBE_CLUSTER=${secret}\n` }, { 'x.config.env': 'KUBE_CLUSTER=c\n', ...kept });
    for (const format of ['text', 'json', 'markdown', 'html']) {
      const { stdout, stderr } = await diff(['x', '--since', 'HEAD', '--report', format]);
      expect(stdout.replaceAll('<wbr>', '')).toContain('KUBE_CLUSTER');
      expect((stdout + stderr).replaceAll('<wbr>', '')).not.toContain('fake-postal');
    }
  }
});

it('shows no value of either time where one of them cannot be read, since a secret may be among them', async () => {
  const secret = 'fake-postal-key-that-was-config';
  const kept = { 'x.env': validEnvironment('x', { POSTAL_API_KEY: secret }) };
  const [exposed, harmless] = [`KUBE_CLUSTER=${secret}\n`, 'KUBE_CLUSTER=c\n'];
  for (const [then, now] of [
    [exposed, `${harmless}# \0\n`],
    [`${harmless}# \0\n`, exposed],
  ] as const) {
    history({ 'x.config.env': then }, { 'x.config.env': now, ...kept });
    for (const format of ['text', 'json', 'markdown', 'html']) {
      const { status, stdout, stderr } = await diff(['x', '--since', 'HEAD', '--report', format]);
      expect([status, stdout + stderr]).toEqual([3, expect.stringContaining('NUL')]);
      expect((stdout + stderr).replaceAll('<wbr>', '')).not.toContain('fake-postal');
    }
  }
});

it('finds the files from a folder below, and by a path that is absolute', async () => {
  const root = history({ 'x.config.env': 'OFFICE=a.example.com\n' }, { 'x.config.env': 'OFFICE=b.example.com\n' });
  mkdirSync(join(root, 'below'));
  process.chdir(join(root, 'below'));
  for (const envs of ['../envs', join(root, 'envs')]) {
    const { stdout } = await diff(['x', '--since', 'HEAD', '--envs', envs]);
    expect(stdout).toMatch(/^OFFICE +different +a\.example\.com +b\.example\.com$/m);
  }
});

it.each(['--output=made', '-h', 'HEAD:envs', 'nowhere', 'HEAD HEAD', '^HEAD', 'HEAD..HEAD', '--help'])(
  'takes no %s for a commit, and does not repeat it',
  async (revision) => {
    const root = history({ 'x.config.env': '' }, { 'x.config.env': '' });
    const { status, stdout, stderr } = await diff(['x', `--since=${revision}`]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('What follows --since names no commit that is here');
    expect(stderr.replace('HEAD~1', '')).not.toContain(revision);
    expect(existsSync(join(root, 'made'))).toBe(false);
  },
);

it.each([
  ['two environments', ['x', 'y', '--since', 'HEAD'], /--since compares one environment with its past/],
  ['--live', ['x', '--since', 'HEAD', '--live'], /does not go together with --live, --from-env or --from-env-file/],
  [
    '--from-env',
    ['x', '--since', 'HEAD', '--from-env'],
    /does not go together with --live, --from-env or --from-env-file/,
  ],
])('does not go together with %s', async (_what, args, says) => {
  history({ 'x.config.env': '' }, { 'x.config.env': '', 'y.config.env': '' });
  expect(await diff(args)).toMatchObject({ status: 2, stderr: expect.stringMatching(says) });
});

it('says so where there is no repository', async () => {
  process.chdir(folderWith({ 'envs/x.config.env': '' }));
  expect(await diff(['x', '--since', 'HEAD'])).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('There is no git repository around the env files'),
  });
});

it('compares nothing where a file of then cannot be read', async () => {
  history({ 'x.config.env': 'A=\0' }, { 'x.config.env': '' });
  const { status, stdout, stderr } = await diff(['x', '--since', 'HEAD']);
  expect([status, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(
    /error\[unreadable\] envs\/x\.config\.env holds a NUL.*x at [0-9a-f]{12}: 1 error, nothing compared/s,
  );
});

it.each(['a link', '--envs'])('asks the repository that the env files are in, also by %s', async (how) => {
  const other = history({ 'x.config.env': 'LOG_FLOOR=error\n' }, { 'x.config.env': 'LOG_FLOOR=debug\n' });
  const root = folderWith();
  git(root, 'init', '--quiet');
  git(root, 'commit', '--quiet', '--allow-empty', '-m', 'x');
  process.chdir(root);
  if (how === 'a link') symlinkSync(join(other, 'envs'), join(root, 'envs'));
  const { status, stdout } = await diff([
    'x',
    '--since',
    'HEAD',
    ...(how === 'a link' ? [] : ['--envs', join(other, 'envs')]),
  ]);
  expect([status, stdout]).toEqual([1, expect.stringMatching(/LOG_FLOOR +different +error +debug/)]);
  expect(stdout).not.toContain('new');
});

it('compares nothing where git keeps a link in the place of a file: what that led to then, it may not know', async () => {
  const root = history({}, {});
  writeFileSync(join(root, 'real.env'), 'LOG_FLOOR=error\n');
  symlinkSync('../real.env', join(root, 'envs/x.config.env'));
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '-m', 'x');
  const { status, stdout, stderr } = await diff(['x', '--since', 'HEAD']);
  expect([status, stdout]).toEqual([3, '']);
  expect(stderr).toContain('git keeps no file there in that commit, but a link, a folder or a submodule');
});

it('takes no name for wrong that the catalog had then', async () => {
  history({ 'x.config.env': 'GONE_SINCE=fake\n' }, { 'x.config.env': 'LOG_FLOOR=error\n' });
  const { status, stdout, stderr } = await diff(['x', '--since', 'HEAD']);
  expect([status, stderr, stdout]).toEqual([1, '', expect.stringMatching(/LOG_FLOOR +different +info +error/)]);
});

it('compares with the defaults what is new in a folder within others that git has', async () => {
  const root = history({}, {});
  mkdirSync(join(root, 'envs/deep/er'), { recursive: true });
  for (const name of ['other', 'deep/other', 'deep/er/x.env']) writeFileSync(join(root, 'envs', name), '');
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '-m', 'folders');
  writeFileSync(join(root, 'envs/deep/er/y.config.env'), 'LOG_FLOOR=error\n');
  const { status, stdout } = await diff(['y', '--since', 'HEAD', '--envs', 'envs/deep/er']);
  expect([status, stdout]).toEqual([1, expect.stringMatching(/LOG_FLOOR +different +info +error/)]);
});

it('compares nothing where git keeps a link in the place of a folder that there is by now', async () => {
  const root = history({ 'x.config.env': 'LOG_FLOOR=error\n' }, {});
  renameSync(join(root, 'envs'), join(root, 'real'));
  symlinkSync('real', join(root, 'envs'));
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '-m', 'a link');
  unlinkSync(join(root, 'envs'));
  cpSync(join(root, 'real'), join(root, 'envs/deep'), { recursive: true });
  const { status, stdout, stderr } = await diff(['x', '--since', 'HEAD', '--envs', 'envs/deep']);
  expect([status, stdout]).toEqual([3, '']);
  expect(stderr).toContain('git keeps no file there in that commit, but a link, a folder or a submodule');
});

it.each([(root: string) => join(root, '.git'), () => '.git'])(
  'asks it in a hook or an alias, too, for which git names one (%#)',
  async (dir) => {
    const root = history({ 'x.config.env': 'LOG_FLOOR=error\n' }, { 'x.config.env': 'LOG_FLOOR=debug\n' });
    const env = { PATH: process.env['PATH'], GIT_DIR: dir(root) };
    const { status, stdout } = await run(['diff', 'x', '--since', 'HEAD'], { env });
    expect([status, stdout]).toEqual([1, expect.stringMatching(/LOG_FLOOR +different +error +debug/)]);
    expect(stdout).not.toContain('new');
  },
);
