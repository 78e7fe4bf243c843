import { spawnSync } from 'node:child_process';
import fs, {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { limits } from '../../lib/environment/limits';
import { git } from '../git';
import { folderWith, run, validEnvironment } from '../run';

// SECURITY.md promises that git takes no file of secrets that this program makes. Real git, as a user has it.

const root = join(__dirname, '../..');
const home = folderWith();
const env = { PATH: process.env['PATH'], HOME: home };

/** A repository with these files in it, none of them staged. */
function repository(files: Readonly<Record<string, string>> = {}): string {
  const folder = folderWith(files);
  git(folder, 'init', '--quiet');
  return folder;
}

/** What `git add -A` takes. */
function taken(folder: string): string[] {
  git(folder, 'add', '-A');
  return git(folder, 'ls-files').split('\n');
}

const ownGitignore = readFileSync(join(root, '.gitignore'), 'utf8');

it("this repository's own rules keep every file of secrets out, wherever it stands, and nothing that is committed", () => {
  const committed = [
    'envs/staging.config.env',
    'envs/staging.env.example',
    'envs/staging.env.age',
    'envs/recipients',
    'envs/demo.env',
    'envs/demo.config.env',
    'migrated/staging.config.env',
    'migrated/staging.env.age',
    'test/fixture/demo.env',
    'a/b/prod.config.env',
    'a/b/prod.env.example',
    'a/b/prod.env.age',
    'a/b/recipients',
    'a/b/demo.env',
    'docker/k8/config/.env.k8s.staging.example',
    '.env.example',
    'lib/environment/template.ts',
    'README.md',
  ];
  const secret = [
    'envs/staging.env',
    'envs/.env.staging',
    'envs/staging.env~',
    'envs/staging.env.bak',
    'envs/.staging.env.swp',
    'envs/staging-secret-config-patch.yml',
    'envs/staging-secret-config-patch.yaml',
    'envs/key.txt',
    '.env',
    '.env.local',
    'staging.env',
    'migrated/staging.env',
    'migrated/staging-secret-config-patch.yml',
    'a/b/.env',
    'a/b/.env.production.local',
    'a/b/prod.env',
    'a/b/prod-secret-config-patch.yml',
    'a/b/.env.k8s.prod',
    'docker/k8/config/.env.k8s.staging',
    'docker/k8/config/prod-secret-config-patch.yml',
    'docker/k8/config/prod-secret-config-patch.yaml',
    'dist/staging/parcel-desk.k8s.yaml',
  ];
  const folder = repository(Object.fromEntries([...committed, ...secret].map((name) => [name, 'fake\n'])));
  writeFileSync(join(folder, '.gitignore'), ownGitignore);
  expect(taken(folder).sort()).toEqual(['.gitignore', ...committed].sort());
});

it('what git tracks here are fakes and what is reviewed', () => {
  if (!existsSync(join(root, '.git'))) return; // an export of the sources
  const tracked = spawnSync('git', ['-C', root, '-c', `safe.directory=${root}`, 'ls-files'], {
    encoding: 'utf8',
  }).stdout;
  const names = tracked.split('\n').filter((name) => /\.env(?:$|\.)|secret-config-patch/.test(name));
  expect(names).toContain('envs/demo.env');
  expect(names.filter((name) => !/\.config\.env$|\.example$|\/demo\.env$|\.env\.age$/.test(name))).toEqual([]);
});

const former = {
  'docker/k8/config/.env.k8s.staging':
    'PD_ENV=staging\nPOD_NAMESPACE=desks-staging\nREGISTRY_TOKEN=fake-registry-key\n',
  'docker/k8/config/staging-secret-config-patch.yml':
    'apiVersion: v1\nkind: Secret\nmetadata: {name: depot-secrets}\nstringData: {POSTAL_API_KEY: "fake\\ttab"}\n',
};

/** A value that no env file can hold: it goes to a patch file. */
const patched = {
  'docker/k8/config/staging-secret-config-patch.yml': former[
    'docker/k8/config/staging-secret-config-patch.yml'
  ].replace('fake\\ttab', `fake'\\"\`\\n`),
};

const migrate = (folder: string, envs: string) =>
  run(['migrate', join(folder, 'docker/k8'), '--envs', join(folder, envs)], { env });
const create = (folder: string, envs: string, name = 'preview', host: NodeJS.ProcessEnv = env) =>
  run(['new', name, '--envs', join(folder, envs)], { env: host });

describe('migrate --envs migrated', () => {
  it('makes a folder of which git takes what is reviewed, whatever the repository ignores', async () => {
    const folder = repository(former);
    expect(await migrate(folder, 'a/migrated')).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(join(folder, 'a/migrated')).sort()).toEqual(['.gitignore', 'staging.config.env', 'staging.env']);
    for (const name of ['staging.env~', '.staging.env.swp', 'staging-secret-config-patch.yml', 'key.txt']) {
      writeFileSync(join(folder, 'a/migrated', name), 'fake');
    }
    for (const name of ['staging.env.age', 'recipients', 'staging.env.example', 'demo.env']) {
      writeFileSync(join(folder, 'a/migrated', name), 'fake');
    }
    rmSync(join(folder, 'docker'), { recursive: true });
    expect(taken(folder)).toEqual(
      ['.gitignore', 'demo.env', 'recipients', 'staging.config.env', 'staging.env.age', 'staging.env.example'].map(
        (name) => `a/migrated/${name}`,
      ),
    );
  });

  it('works in a clone of this repository as the README says', async () => {
    const folder = repository(former);
    writeFileSync(join(folder, '.gitignore'), ownGitignore);
    await migrate(folder, 'migrated');
    expect(taken(folder)).toEqual(['.gitignore', 'migrated/.gitignore', 'migrated/staging.config.env']);
  });

  it('leaves neither a folder nor a rule where it cannot write', async () => {
    const folder = repository({ ...former, 'envs/staging.env': 'mine' });
    expect(await migrate(folder, 'envs')).toMatchObject({ status: 1 });
    expect(readdirSync(join(folder, 'envs'))).toEqual(['staging.env']);
  });
});

describe('a folder that is there', () => {
  it('and empty, gets the rules, before any secret', async () => {
    const folder = repository();
    mkdirSync(join(folder, 'other'));
    const opened = jest.spyOn(fs, 'openSync');
    expect(await create(folder, 'other')).toMatchObject({ status: 0, stderr: '' });
    const made = opened.mock.calls.flatMap(([path, flags]) =>
      Number(flags) & fs.constants.O_CREAT ? [basename(`${path}`)] : [],
    );
    opened.mockRestore();
    const names = made.map((name) => name.replace(/^\.(.+)\.\d+-\w+\.tmp$/, '$1'));
    expect(names).toEqual(['.gitignore', 'preview.config.env', 'preview.env']);
    expect(taken(folder)).toEqual(['other/.gitignore', 'other/preview.config.env']);
    // The next one finds them, and asks git.
    expect(await create(folder, 'other', 'more')).toMatchObject({ status: 0 });
    expect(taken(folder)).toEqual(
      ['.gitignore', 'more.config.env', 'preview.config.env'].map((name) => `other/${name}`),
    );
  });

  it.each([
    ['without rules', {}],
    ['with rules that do not help', { 'other/.gitignore': '*.bak' }],
    ['with a rule that takes them back', { '.gitignore': '*.env\n', 'other/.gitignore': '!*.env\n' }],
    ['of a repository that ignores no patch', { ...former, ...patched, '.gitignore': '*.env\n' }],
  ])('%s: nothing is written, and the hint mends it', async (what, files) => {
    const folder = repository({ 'other/notes.txt': 'mine', ...files });
    const before = readdirSync(join(folder, 'other'));
    const attempt = () => (what.includes('patch') ? migrate(folder, 'other') : create(folder, 'other'));
    const { status, stdout, stderr } = await attempt();
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^error\[exposed-file\] .* git would take it/),
    ]);
    expect(readdirSync(join(folder, 'other'))).toEqual(before);
    const [, line = ''] = /^ *hint (printf .*)$/m.exec(stderr) ?? [];
    expect(spawnSync('sh', ['-c', line], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(await attempt()).toMatchObject({ status: 0, stderr: '' });
    expect(taken(folder).filter((name) => name.startsWith('other/'))).toEqual([
      'other/.gitignore',
      'other/notes.txt',
      expect.stringMatching(/^other\/(?:preview|staging)\.config\.env$/),
    ]);
  });

  it('and tracks the file, though it is gone and ignored: the hint mends it', async () => {
    const folder = repository({ '.gitignore': ownGitignore, 'envs/preview.env': validEnvironment('preview') });
    git(folder, 'add', '--force', 'envs/preview.env');
    rmSync(join(folder, 'envs/preview.env'));
    writeFileSync(join(folder, 'envs/staging.config.env'), '');
    const { status, stderr } = await create(folder, 'envs');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/exposed-file.* and git tracks it/)]);
    expect(readdirSync(join(folder, 'envs'))).toEqual(['staging.config.env']);
    const [, line = ''] = /^ *hint (git .*), and commit that$/m.exec(stderr) ?? [];
    expect(spawnSync('sh', ['-c', line], { env }).status).toBe(0);
    expect(await create(folder, 'envs')).toMatchObject({ status: 0, stderr: '' });
    expect(taken(folder)).not.toContain('envs/preview.env');
  });

  it('and emptied, while git tracks the file: nothing is written', async () => {
    const folder = repository({ '.gitignore': ownGitignore, 'envs/preview.env': validEnvironment('preview') });
    git(folder, 'add', '--force', 'envs/preview.env');
    rmSync(join(folder, 'envs/preview.env'));
    const { status, stderr } = await create(folder, 'envs');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/exposed-file.* and git tracks it/)]);
    expect(readdirSync(join(folder, 'envs'))).toEqual([]);
  });

  it.each([
    ['named in the configuration', { '.gitconfig': '[core]\nexcludesFile = ~/ignored\n', ignored: '*.env\n' }],
    ['in their usual place', { '.config/git/ignore': '*.env\n' }],
  ])('and ignored by the rules of this user only, %s: nothing is written', async (_what, files) => {
    const folder = repository({ 'envs/staging.config.env': '' });
    const { status, stderr } = await create(folder, 'envs', 'preview', { ...env, HOME: folderWith(files) });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/exposed-file.* and git would take it/)]);
  });

  it.each([0o477, 0o777])('and empty, gets rules that git can read, under umask %o', async (mask) => {
    const folder = repository();
    mkdirSync(join(folder, 'envs'));
    const before = process.umask(mask);
    try {
      expect(await create(folder, 'envs')).toMatchObject({ status: 0 });
    } finally {
      process.umask(before);
    }
    for (const name of ['.gitignore', 'preview.config.env', 'preview.env']) {
      expect(statSync(join(folder, 'envs', name)).mode & 0o600).toBe(0o600);
    }
  });

  it('and its HEAD a link to a branch without a commit: nothing is written that git would take', async () => {
    const folder = repository({ 'envs/staging.config.env': '' });
    rmSync(join(folder, '.git/HEAD'));
    symlinkSync('refs/heads/main', join(folder, '.git/HEAD'));
    const { status, stderr } = await create(folder, 'envs');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/exposed-file.* and git would take it/)]);
  });

  it.each([
    [
      'a file that leads to the repository',
      (folder: string) => renameSync(join(folder, '.gitfile'), join(folder, '.git')),
    ],
    ['a link to such a file', (folder: string) => symlinkSync('.gitfile', join(folder, '.git'))],
    ['a link to the repository', (folder: string) => symlinkSync('.real', join(folder, '.git'))],
  ])('and its .git %s: nothing is written that git would take', async (_what, link) => {
    const folder = repository({ 'envs/staging.config.env': '' });
    renameSync(join(folder, '.git'), join(folder, '.real'));
    writeFileSync(join(folder, '.gitfile'), 'gitdir: .real\n');
    link(folder);
    expect(git(folder, 'status', '--porcelain')).toContain('envs/');
    const { status, stderr } = await create(folder, 'envs');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/exposed-file.* and git would take it/)]);
  });

  it('and known to be ignored, is left without further rules', async () => {
    const folder = repository({ '.gitignore': ownGitignore, 'envs/staging.config.env': '' });
    expect(await create(folder, 'envs')).toMatchObject({ status: 0 });
    expect(readdirSync(join(folder, 'envs')).sort()).toEqual([
      'preview.config.env',
      'preview.env',
      'staging.config.env',
    ]);
  });

  it('may hold the demo, which is committed', async () => {
    const folder = repository({ '.gitignore': ownGitignore, 'envs/staging.config.env': '' });
    expect(await create(folder, 'envs', 'demo')).toMatchObject({ status: 0 });
    expect(taken(folder)).toContain('envs/demo.env');
  });
});

describe('check warns', () => {
  const check = async (folder: string, ...args: string[]) => {
    const { status, stdout } = await run(['check', ...args, '--json', '--envs', join(folder, 'envs')], { env });
    const { environments } = JSON.parse(stdout) as {
      environments: { problems: { severity: string; code: string; hint: string; file: string; line?: number }[] }[];
    };
    const exposed = environments.flatMap(({ problems }) => problems.filter(({ code }) => code === 'exposed-file'));
    expect(exposed.filter(({ severity }) => severity !== 'warning')).toEqual([]);
    const places = exposed.map(({ file, line }) => `${file.replace(`${folder}/`, '')}${line ? `:${line}` : ''}`);
    return { status, places, hints: exposed.map(({ hint }) => hint) };
  };
  const files = {
    '.gitignore': ownGitignore,
    'envs/staging.env': validEnvironment('staging'),
    'envs/staging.config.env': '# DEP_MODE, LOG_FLOOR: see the documents. Keys go to staging.env\n',
    'envs/demo.env': readFileSync(join(root, 'test/fixture/envs/demo.env'), 'utf8'),
    'envs/demo.config.env': readFileSync(join(root, 'test/fixture/envs/demo.config.env'), 'utf8'),
  };
  const key = `sk-${'proj'}-${'Ab3dEf6hIj'.repeat(4)}`;

  it('of nothing where all is as it should be', async () => {
    const folder = repository(files);
    git(folder, 'add', '-A');
    expect(await check(folder, '--all')).toEqual({ status: 0, places: [], hints: [] });
    expect(await check(folderWith(files), '--all')).toEqual({ status: 0, places: [], hints: [] });
  });

  it('of a file of secrets that git tracks, and the hint mends it', async () => {
    const folder = repository({
      ...files,
      'envs/staging-secret-config-patch.yml': former['docker/k8/config/staging-secret-config-patch.yml'],
    });
    git(folder, 'add', '--force', 'envs');
    const { status, places, hints } = await check(folder, 'staging');
    expect([status, places]).toEqual([0, ['envs/staging-secret-config-patch.yml', 'envs/staging.env']]);
    for (const hint of hints) {
      const line = /^(git .*), and commit that$/.exec(hint)?.[1] ?? '';
      expect(spawnSync('sh', ['-c', line], { env }).status).toBe(0);
    }
    expect((await check(folder, 'staging')).places).toEqual([]);
  });

  it('of one that git would take, in a folder below the repository as well, and the hint mends it', async () => {
    const folder = repository();
    const below = join(folder, 'a b');
    for (const [name, text] of Object.entries(files).slice(1)) {
      mkdirSync(dirname(join(below, name)), { recursive: true });
      writeFileSync(join(below, name), text, { mode: 0o600 });
    }
    const { places, hints } = await check(below, '--all');
    expect(places).toEqual(['envs/staging.env']);
    expect(spawnSync('sh', ['-c', hints[0] ?? ''], { env }).status).toBe(0);
    expect((await check(below, '--all')).places).toEqual([]);
  });

  it.each<[string, string, string, string]>([
    ['a key in a comment', 'staging.config.env', `# one\n#POSTAL_API_KEY=${key}\n`, ':2'],
    ['a key in a comment behind a value', 'staging.config.env', `TRACING_ENABLED=true # key ${key}\n`, ':1'],
    ['a secret of the environment in a comment', 'staging.config.env', '# was: fake-postal_api_key\n', ':1'],
    ['a password of no known kind in a comment', 'staging.config.env', '# POSTAL_API_KEY=correct-horse-9\n', ':1'],
    ['a value in an example', 'staging.env.example', 'A=\nPOSTAL_API_KEY=correct-horse\n', ':2'],
    ['a key in an example, under any name', 'staging.env.example', `OTHER="${key}"\n`, ':1'],
    ['a key in the demo', 'demo.env', `POSTAL_API_KEY=${key}\n`, ':1'],
    ['a password of a URL in the demo', 'demo.env', `X=postgres://a:${'correct'}-horse@db.parcels.io/x\n`, ':1'],
  ])('of %s, without git as well', async (_what, name, text, place) => {
    const folder = folderWith({ ...files, [`envs/${name}`]: text });
    const environment = name.split('.')[0] ?? '';
    expect((await check(folder, environment)).places).toEqual([`envs/${name}${place}`]);
    expect((await check(folder, environment, 'POSTAL_API_KEY')).places.length).toBe(1);
  });

  it.each<[string, string, string]>([
    ['an example that is still to be filled in', 'staging.env.example', 'POSTAL_API_KEY=\nA=your-key-here\n'],
    ['placeholders', 'staging.env.example', 'POSTAL_API_KEY=<from the dashboard>\nGEOCODES_API_KEY=${OTHER}\n'],
    ['fakes', 'staging.env.example', `POSTAL_API_KEY=fake-key\n# such as sk-proj-fake-${'0a'.repeat(20)}\n`],
    ['a comment that explains', 'staging.config.env', '# POSTAL_API_KEY=value goes to staging.env\n# secret: none\n'],
    [
      'a mask',
      'staging.config.env',
      `# POSTAL_API_KEY=sk-proj-${'x'.repeat(40)}\n# PARTNER_API_KEY=****************\n`,
    ],
  ])('not of %s', async (_what, name, text) => {
    const folder = folderWith({ ...files, [`envs/${name}`]: text });
    expect((await check(folder, 'staging')).places).toEqual([]);
  });
});

describe('git is asked', () => {
  /** A git that notes what it was asked, and says that nothing is ignored. */
  const fake = () => {
    const bin = folderWith({ git: '#!/bin/sh\n(echo "$*"; env) >> "$HOME/asked"\nexit 1\n' });
    chmodSync(join(bin, 'git'), 0o755);
    const asked = () => (existsSync(join(bin, 'asked')) ? readFileSync(join(bin, 'asked'), 'utf8') : '');
    return { env: { PATH: `${bin}:${dirname(process.execPath)}:/bin`, HOME: bin }, asked };
  };

  it('only where there is a repository, and of an empty folder only what it tracks', async () => {
    const { env: host, asked } = fake();
    expect(await create(folderWith({ 'envs/staging.config.env': '' }), 'envs', 'preview', host)).toMatchObject({
      status: 0,
    });
    const left = folderWith({ 'envs/staging.config.env': '', '.git/notes': '' }); // git takes it for no repository
    expect(await create(left, 'envs', 'preview', host)).toMatchObject({ status: 0 });
    expect(asked()).toBe('');
    const folder = repository();
    mkdirSync(join(folder, 'envs'));
    expect(await create(folder, 'envs', 'preview', host)).toMatchObject({ status: 0 });
    expect(asked()).toContain('ls-files -- preview.env');
    expect(asked()).not.toContain('check-ignore');
    expect(await create(folder, 'envs', 'more', host)).toMatchObject({ status: 1 });
    expect(asked()).toContain('check-ignore -- more.env');
  });

  it('by check once a run, and only where there is a file for secrets in a repository', async () => {
    const { env: host, asked } = fake();
    const files = Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [`envs/${name}.env`, validEnvironment(name, { POD_NAMESPACE: name })]),
    );
    const demo = { 'envs/demo.env': validEnvironment('demo'), 'envs/d.config.env': '' };
    for (const [folder, args, times] of [
      [folderWith(files), ['--all'], 0],
      [repository(demo), ['--all'], 0],
      [repository({ ...files, ...demo }), ['demo'], 0],
      [repository({ ...files, ...demo }), ['--all'], 1],
    ] as const) {
      rmSync(join(host.HOME, 'asked'), { force: true });
      await run(['check', ...args, '--envs', join(folder, 'envs')], { env: host });
      await run(['synth', ...args, '--envs', join(folder, 'envs'), '--out', join(folder, 'dist')], { env: host });
      expect(asked().match(/ls-files/g) ?? []).toHaveLength(times);
    }
  });

  it('with nothing of the process environment but what it needs', async () => {
    const { env: host, asked } = fake();
    const folder = repository({ 'envs/staging.config.env': '' });
    await create(folder, 'envs', 'preview', { ...host, FAKE_TOKEN: 'fake', GIT_DIR: '/elsewhere' });
    expect(asked()).not.toMatch(/FAKE_TOKEN|GIT_DIR/);
  });

  it('without running the program that a setting of the repository names', async () => {
    const folder = repository({ '.gitignore': ownGitignore, 'envs/staging.config.env': '' });
    const tools = folderWith({ monitor: '#!/bin/sh\ntouch "$0.ran"\n' });
    chmodSync(join(tools, 'monitor'), 0o755);
    git(folder, 'add', '-A');
    git(folder, 'config', 'core.fsmonitor', join(tools, 'monitor'));
    expect(await create(folder, 'envs', 'preview')).toMatchObject({ status: 0 });
    writeFileSync(join(folder, '.gitignore'), '');
    expect(await create(folder, 'envs', 'more')).toMatchObject({ status: 1 });
    expect(readdirSync(tools)).toEqual(['monitor']);
    git(folder, 'status'); // runs it
    expect(readdirSync(tools)).toContain('monitor.ran');
  });

  it('for no longer than any program is, and is given nothing to fetch from', async () => {
    const told = '"$GIT_ALLOW_PROTOCOL $GIT_NO_LAZY_FETCH $*"';
    const bin = folderWith({ git: `#!/bin/sh\necho ${told} > "$HOME/allowed"\nexec sleep 1000\n` });
    chmodSync(join(bin, 'git'), 0o755);
    jest.replaceProperty(limits as Record<string, number>, 'secondsOfProgram', 1);
    const folder = repository({ 'envs/staging.config.env': '' });
    await create(folder, 'envs', 'preview', { PATH: `${bin}:/bin`, HOME: bin }); // and comes back
    jest.restoreAllMocks();
    // Only with a git of 2.40 or later can it be seen what would be started otherwise.
    expect(readFileSync(join(bin, 'allowed'), 'utf8')).toMatch(/^none 1 .*-c fetch\.bundleURI= /);
  });

  const bin = (script: string) => {
    const folder = folderWith({ git: `#!/bin/sh\n${script}\n` });
    chmodSync(join(folder, 'git'), 0o755);
    return `${folder}:/bin`;
  };
  const asRoot = process.getuid?.() === 0 ? it : it.skip; // nobody else can give a folder away

  it.each<[string, { path?: string; config?: string; files?: Readonly<Record<string, string>> }]>([
    ['is not installed', { path: '/nowhere' }],
    ['is not installed, and the folder is empty', { path: '/nowhere', files: {} }],
    ['cannot read its configuration', { config: 'no config' }],
    ['does not know the format of the repository', { config: '[core]\nrepositoryformatversion = 9\n' }],
    ['is killed', { path: bin('kill -9 $$') }],
    ['answers the first question only', { path: bin('case "$*" in *check-ignore*) exit 128;; esac; exit 0') }],
  ])('in vain where it %s: nothing is written', async (_what, { path, config, files }) => {
    const folder = repository(files ?? { 'envs/staging.config.env': '' });
    if (files) mkdirSync(join(folder, 'envs'));
    if (config !== undefined) writeFileSync(join(folder, '.git/config'), config);
    await expectNoAnswer(folder, { ...env, ...(path !== undefined && { PATH: path }) });
  });

  asRoot('in vain where it does not trust the owner of the folder: nothing is written', async () => {
    const folder = repository({ 'envs/staging.config.env': '' });
    for (const name of ['', '.git']) chownSync(join(folder, name), 12_345, 12_345);
    await expectNoAnswer(folder, env);
    const trusting = spawnSync('git', ['-C', folder, 'status'], { env, encoding: 'utf8' });
    expect(trusting.stderr).toContain('safe.directory'); // the hint leads to the line that mends it
  });

  async function expectNoAnswer(folder: string, host: NodeJS.ProcessEnv) {
    const before = readdirSync(join(folder, 'envs'));
    const { status, stdout, stderr } = await create(folder, 'envs', 'preview', host);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error[exposed-file]');
    expect(stderr).toContain('git does not answer whether it would take it');
    expect(stderr).toContain(`hint git -C ${join(folder, 'envs')} status says why`);
    expect(readdirSync(join(folder, 'envs'))).toEqual(before);
  }
});
