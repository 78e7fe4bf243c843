import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { transformSync } from 'esbuild';
import { engines } from './package.json';
import { copyProject, launch } from './test/project-copy';
import { folderWith } from './test/run';

const cache = (folder: string) => join(folder, 'node_modules/.cache/launch');
const kept = (folder: string) => readdirSync(cache(folder)).sort();
const bundles = (folder: string) => kept(folder).filter((name) => name.endsWith('.js'));
const catalog = (folder: string) => join(folder, 'catalog.ts');

/** How every file ends that is kept whole. */
const seal = (contents: string | Uint8Array) => `\n//${createHash('sha256').update(contents).digest('hex')}\n`;

/** Puts a text in place of another in the catalog. */
function edit(folder: string, from: string, to: string) {
  writeFileSync(catalog(folder), readFileSync(catalog(folder), 'utf8').replace(from, to));
}

/** What is kept, and when each file was made. */
const state = (folder: string) =>
  kept(folder).map((name) => [name, statSync(join(cache(folder), name), { bigint: true }).mtimeNs]);

it('bundles once and then runs what it has', () => {
  const folder = copyProject();
  expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 0, stderr: '' });
  const before = state(folder);
  expect(bundles(folder)).toHaveLength(1);
  expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 0, stdout: expect.stringContaining('up to date') });
  expect(state(folder)).toEqual(before);
});

it('keeps a bundle of nothing but ASCII, which V8 reads in half the time, and which means the same', () => {
  const folder = copyProject();
  launch(folder, 'check', 'demo');
  const code = readFileSync(join(cache(folder), bundles(folder)[0] ?? ''));
  expect(code.findIndex((byte) => byte > 0x7f)).toBe(-1);
  // A pattern with such characters finds what it found.
  appendFileSync(join(folder, 'envs/demo.env'), 'POSTAL_API_KEY=“fake”\n');
  expect(launch(folder, 'check', 'demo').stderr).toMatch(/not-a-value.* POSTAL_API_KEY/);
});

it('reads a bundle with other characters, which a pattern may hold behind a backslash, as it was made', () => {
  const folder = copyProject();
  appendFileSync(catalog(folder), "if (!/\\é/.test('é')) throw new Error('misread');\n");
  for (const run of ['made', 'kept']) expect([run, launch(folder, 'check', 'demo').status]).toEqual([run, 0]);
  const code = readFileSync(join(cache(folder), bundles(folder)[0] ?? ''));
  expect(code.findIndex((byte) => byte > 0x7f)).not.toBe(-1);
});

it('sees a dependency that was edited in place', () => {
  const folder = copyProject();
  const dotenv = join(folder, 'node_modules/dotenv');
  const installed = realpathSync(join(__dirname, 'node_modules/dotenv')); // which may be a link
  unlinkSync(dotenv);
  cpSync(installed, dotenv, { recursive: true });
  launch(folder, 'synth', 'demo');
  const edited = join(dotenv, relative(installed, realpathSync(require.resolve('dotenv'))));
  expect(edited.startsWith(dotenv)).toBe(true);
  writeFileSync(edited, "throw new Error('edited')");
  expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 1, stdout: '' });
});

it('sees another lock file, and a change of whatever else the bundle depends on', () => {
  const folder = copyProject();
  launch(folder, 'synth', 'demo');
  for (const name of ['package-lock.json', 'tsconfig.json', 'launch.js', 'launch-cache.js']) {
    const before = bundles(folder);
    writeFileSync(join(folder, name), `${readFileSync(join(folder, name), 'utf8')}\n`);
    launch(folder, 'synth', 'demo');
    expect(bundles(folder).filter((each) => !before.includes(each))).toHaveLength(1);
  }
});

it('may be started eight times at once before anything is kept', async () => {
  const folder = copyProject();
  const runs = Array.from({ length: 8 }, async (_, i) => {
    const child = spawn(process.execPath, ['--', 'launch.js', 'synth', 'demo', '--out', `dist-${i}`], {
      cwd: folder,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const stderr = child.stderr.toArray().then((chunks) => chunks.join(''));
    const [status] = await once(child, 'exit');
    return [status, await stderr];
  });
  expect(await Promise.all(runs)).toEqual(Array(8).fill([0, '']));
  expect(bundles(folder)).toHaveLength(1);
  expect(kept(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('keeps the last four versions and removes what is older', () => {
  const folder = copyProject();
  const descriptions = ['What every pod needs', ...Array.from({ length: 6 }, (_, i) => `Version ${i}`)];
  const first: string[] = [];
  for (const [i, description] of descriptions.entries()) {
    if (i > 0) edit(folder, descriptions[i - 1] ?? '', description);
    expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 0, stderr: '' });
    if (i > 0) continue;
    writeFileSync(join(cache(folder), `${bundles(folder)[0]}.0123456789ab.tmp`), ''); // of a run that was killed
    first.push(...kept(folder));
  }
  expect(first).toHaveLength(4);
  expect(bundles(folder)).toHaveLength(4);
  expect(kept(folder)).not.toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(first.join('|')))]));
  const before = state(folder);
  edit(folder, descriptions[6] ?? '', descriptions[3] ?? '');
  launch(folder, 'synth', 'demo');
  expect(state(folder)).toEqual(before);
});

it('mends every file that is cut off or damaged', () => {
  const folder = copyProject();
  launch(folder, 'synth', 'demo');
  const names = kept(folder);
  expect(names).toHaveLength(3);
  for (const name of names) {
    const file = join(cache(folder), name);
    const good = readFileSync(file);
    const half = good.length >> 1;
    for (const damaged of [good.subarray(0, half), Buffer.from(good).fill(0, half)]) {
      writeFileSync(file, damaged);
      expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 0, stderr: '' });
      const mended = readFileSync(file);
      expect(mended.subarray(-68).toString()).toBe(seal(mended.subarray(0, -68)));
    }
    const before = state(folder);
    launch(folder, 'synth', 'demo');
    expect(state(folder)).toEqual(before);
  }
  expect(kept(folder)).toEqual(names);
});

it.each([
  ['half a minute', 30],
  ['a day', 86_400],
])('bundles once though the clock was set back by %s', (_what, seconds) => {
  const folder = copyProject();
  launch(folder, 'synth', 'demo');
  const future = Date.now() / 1000 + seconds;
  for (const letter of ['a', 'b', 'c', 'd']) {
    writeFileSync(join(cache(folder), `${letter.repeat(32)}.js`), '');
    utimesSync(join(cache(folder), `${letter.repeat(32)}.js`), future, future);
  }
  edit(folder, 'What every pod needs', 'Another version');
  launch(folder, 'synth', 'demo');
  const before = state(folder);
  expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 0, stderr: '' });
  expect(state(folder)).toEqual(before);
});

/** Puts code in the place of the bundle, as one who knows how it is kept. */
function plant(folder: string) {
  const code = "exports.start = () => process.stdout.write('planted');";
  writeFileSync(join(cache(folder), bundles(folder)[0] ?? ''), code + seal(code));
}

it.each([
  ['the cache', ''],
  ['the bundle', '/$(ls $cache | grep js$)'],
])('runs no code that others may have put there: %s may be written by them', (_what, file) => {
  const folder = copyProject();
  launch(folder, 'synth', 'demo');
  plant(folder);
  expect(launch(folder, 'synth', 'demo').stdout).toBe('planted');
  expect(spawnSync('sh', ['-c', `cache=${cache(folder)}; chmod o+w $cache${file}`]).status).toBe(0);
  expect(launch(folder, 'synth', 'demo')).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(/^demo:/),
  });
});

it('writes and removes nothing through a link in the place of its cache, and says so', () => {
  const folder = copyProject();
  const old = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${`${i}`.repeat(32)}.js`, '']));
  const elsewhere = folderWith(old);
  mkdirSync(dirname(cache(folder)));
  symlinkSync(elsewhere, cache(folder));
  const { status, stderr } = launch(folder, 'synth', 'demo');
  expect([status, stderr]).toEqual([
    0,
    expect.stringMatching(/^The launcher can keep nothing, .*\.cache\/launch is a link or a file\. Remove it\n$/),
  ]);
  expect(readdirSync(elsewhere)).toEqual(Object.keys(old));
});

it('keeps its cache for its owner only, whatever the umask', () => {
  const folder = copyProject();
  const command = `umask 000; exec '${process.execPath}' -- launch.js synth demo`;
  expect(spawnSync('sh', ['-c', command], { cwd: folder }).status).toBe(0);
  const made = [dirname(cache(folder)), cache(folder), ...kept(folder).map((name) => join(cache(folder), name))];
  expect(made.map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['700', '700', '600', '600', '600']);
});

it.each([
  ['synth', 1],
  ['diff', 3],
])('says in one line that no more files can be opened: %s, exit status %d', (command, status) => {
  const folder = copyProject();
  const script = `ulimit -n 24; exec '${process.execPath}' -- launch.js ${command} demo`;
  expect(spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8', timeout: 300_000 })).toMatchObject({
    status,
    stdout: '',
    stderr: 'The program could not be bundled: too many open files (EMFILE). Raise the limit: ulimit -n 1024\n',
  });
});

/** Puts a shell script in the place of the program of esbuild, whose path it finds in `$real`. */
function replaceEsbuild(folder: string, script: string) {
  const modules = join(folder, 'node_modules');
  const real = join(__dirname, 'node_modules/@esbuild', `${process.platform}-${process.arch}`);
  for (const name of ['esbuild', '@esbuild']) unlinkSync(join(modules, name));
  cpSync(realpathSync(join(__dirname, 'node_modules/esbuild')), join(modules, 'esbuild'), { recursive: true });
  const replaced = join(modules, '@esbuild', basename(real));
  mkdirSync(join(replaced, 'bin'), { recursive: true });
  cpSync(join(real, 'package.json'), join(replaced, 'package.json'));
  writeFileSync(join(replaced, 'bin/esbuild'), `#!/bin/sh\nreal='${join(real, 'bin/esbuild')}'\n${script}\n`, {
    mode: 0o700,
  });
}

it('hands esbuild nothing of the environment, and runs no other in its place', () => {
  const folder = copyProject();
  replaceEsbuild(folder, `env > '${join(folder, 'seen')}'\nexec "$real" "$@"`);
  const other = join(folderWith({ other: '#!/bin/sh\nexit 1\n' }), 'other');
  chmodSync(other, 0o700);
  const env = { PATH: process.env['PATH'], AGE_IDENTITY: 'fake', POSTAL_API_KEY: 'fake', ESBUILD_BINARY_PATH: other };
  const { status } = spawnSync(process.execPath, ['--', 'launch.js', 'check', 'demo'], { cwd: folder, env });
  expect(status).toBe(0);
  const names = readFileSync(join(folder, 'seen'), 'utf8').match(/^\w+(?==)/gm) ?? [];
  const ofShell = ['PWD', 'OLDPWD', 'SHLVL', '_', 'PATH'];
  expect(names.filter((name) => !ofShell.includes(name))).toEqual(['ESBUILD_WORKER_THREADS']);
});

it('an apply whose npm is ended before the program is there asks kubectl nothing', async () => {
  const folder = copyProject();
  expect(launch(folder, 'synth', 'demo').status).toBe(0);
  rmSync(cache(folder), { recursive: true });
  // It is ended while the program is bundled.
  replaceEsbuild(folder, `read shell < '${join(folder, 'shell')}'\nkill -TERM "$shell"\nexec "$real" "$@"`);
  const tools = folderWith({ kubectl: '#!/bin/sh\ntouch "$(dirname "$0")/called"\nexit 1\n' });
  chmodSync(join(tools, 'kubectl'), 0o755);
  const line = `echo $$ > shell; '${process.execPath}' -- launch.js apply demo --yes 2> said; true`;
  const env = { PATH: `${tools}:${process.env['PATH']}`, npm_lifecycle_event: 'apply' };
  expect(spawnSync('/bin/sh', ['-c', line], { cwd: folder, env, stdio: 'ignore' }).signal).toBe('SIGTERM');
  const said = () => readFileSync(join(folder, 'said'), 'utf8');
  while (said() === '') await setTimeout(20);
  expect(said()).toMatch(/^npm has been ended\. /);
  expect(readdirSync(tools)).toEqual(['kubectl']);
});

it('says in one line that a source cannot be read, or that esbuild is broken', () => {
  const broken = copyProject();
  replaceEsbuild(broken, 'exit 1');
  const run = (folder: string) =>
    spawnSync(process.execPath, ['--', 'launch.js', 'synth', 'demo'], { cwd: folder, encoding: 'utf8', env: {} });
  expect(run(broken)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^The program could not be bundled: .*\. Try: npm ci\n$/),
  });
  const folder = copyProject();
  symlinkSync('loop.ts', join(folder, 'lib/loop.ts'));
  expect(run(folder)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^The program could not be bundled: .* \(ELOOP\)\. Look at lib\/loop\.ts\n$/),
  });
});

describe('an old Node.js', () => {
  const oldest = Number(/\d+/.exec(engines.node));

  it('is told which one is needed, before anything that it does not know', () => {
    const old = folderWith({
      'old.js': `Object.defineProperty(process, 'version', { value: 'v${oldest - 1}.9.0' });
        const Module = require('node:module');
        const load = Module._load;
        Module._load = (name, parent, isMain) => {
          if (!isMain) throw new Error('Node.js before 14.18 does not know require("node:fs")');
          return load(name, parent, isMain);
        };`,
    });
    const folder = folderWith({ 'launch.js': readFileSync(join(__dirname, 'launch.js')) });
    for (const [command, status] of [
      ['synth', 1],
      ['diff', 3],
    ] as const) {
      expect(
        spawnSync(process.execPath, ['--require', join(old, 'old.js'), '--', join(folder, 'launch.js'), command], {
          encoding: 'utf8',
        }),
      ).toMatchObject({
        status,
        stdout: '',
        stderr: `Node.js ${oldest} or later is needed; this is v${oldest - 1}.9.0. With nvm: nvm install\n`,
      });
    }
  });

  it('can read launch.js that far', () => {
    const code = readFileSync(join(__dirname, 'launch.js'), 'utf8');
    const [old, latest] = ['node12.0', 'esnext'].map((target) => transformSync(code, { target }).code);
    expect(old).toBe(latest);
  });

  it('is no newer than what .nvmrc says', () => {
    expect(Number(readFileSync(join(__dirname, '.nvmrc'), 'utf8'))).toBeGreaterThanOrEqual(oldest);
  });
});

it('sees an edit in the very next run, even one that keeps time and size', () => {
  const folder = copyProject();
  launch(folder, 'synth', 'demo');
  const { atime, mtime } = statSync(catalog(folder));
  edit(folder, "app: 'parcel-desk'", "app: 'parcel-ksed'");
  utimesSync(catalog(folder), atime, mtime);
  expect(launch(folder, 'synth', 'demo').status).toBe(0);
  const manifests = readdirSync(join(folder, 'dist/demo')).filter((name) => name.endsWith('.k8s.yaml'));
  expect(manifests).toEqual(['parcel-ksed.k8s.yaml']);
});

/** The names of the manifests that synth writes. */
function synthesised(folder: string): string[] {
  expect(launch(folder, 'synth', 'demo').status).toBe(0);
  return readdirSync(join(folder, 'dist/demo')).filter((each) => each.endsWith('.k8s.yaml'));
}

it.each([
  ['a module', 'team.ts', "export default '", "';\n"],
  ['a module in a folder of the team', 'team/names.ts', "export default '", "';\n"],
  ['JSON', 'team.json', '"', '"\n'],
])('sees an edit of %s that catalog.ts imports, even one that keeps time and size', (_what, name, before, after) => {
  const folder = copyProject();
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${before}parcel-desk${after}`);
  writeFileSync(catalog(folder), `import team from './${name.replace('.ts', '')}';\n${readFileSync(catalog(folder))}`);
  edit(folder, "app: 'parcel-desk'", 'app: team');
  expect(synthesised(folder)).toEqual(['parcel-desk.k8s.yaml']);
  const made = state(folder);
  expect(synthesised(folder)).toEqual(['parcel-desk.k8s.yaml']);
  expect(state(folder)).toEqual(made);
  const { atime, mtime } = statSync(path);
  writeFileSync(path, `${before}parcel-ksed${after}`);
  utimesSync(path, atime, mtime);
  expect(synthesised(folder)).toEqual(['parcel-ksed.k8s.yaml']);
});

/** Files of a team by their paths; a text that begins with an arrow is a link to what follows. */
type OwnFiles = Readonly<Record<string, string>>;

function put(folder: string, files: OwnFiles) {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (lstatSync(path, { throwIfNoEntry: false })) unlinkSync(path); // what a link leads to stays
    if (content.startsWith('→')) symlinkSync(content.slice(1), path);
    else writeFileSync(path, content);
  }
}

const old = "export default 'parcel-desk';\n";
const other = "export default 'parcel-ksed';\n";

it.each<[what: string, asked: string, before: OwnFiles, after: OwnFiles]>([
  ['a module that takes precedence', './team', { 'team/index.ts': old }, { 'team.ts': other }],
  ['one deeper down', './a/b', { 'a/b/index.ts': old }, { 'a/b.ts': other }],
  [
    'one that a module asks for',
    './a/b',
    { 'a/b.ts': "export { default } from './c';\n", 'a/c/index.ts': old },
    { 'a/c.ts': other },
  ],
  [
    'a link that leads elsewhere',
    './team',
    { 'one/index.ts': old, 'two/index.ts': other, team: '→one' },
    { team: '→two' },
  ],
  ['one deeper down', './a/l/x', { 'r1/x.ts': old, 'r2/x.ts': other, 'a/l': '→../r1' }, { 'a/l': '→../r2' }],
  [
    'a link to a module',
    './a/l',
    { 'r1/x.ts': old, 'r1/y.ts': other, 'a/l.ts': '→../r1/x.ts' },
    { 'a/l.ts': '→../r1/y.ts' },
  ],
  [
    'a link behind a link',
    './a/l/x',
    { 'r1/x.ts': old, 'r2/x.ts': other, cur: '→r1', 'a/l': '→../cur' },
    { cur: '→r2' },
  ],
  [
    'a package.json that names another module',
    './a',
    { 'a/package.json': '{"main":"x.ts"}', 'a/x.ts': old, 'a/y.ts': other },
    { 'a/package.json': '{"main":"y.ts"}' },
  ],
])('sees %s by now: %s', (_what, asked, before, after) => {
  const folder = copyProject();
  put(folder, before);
  writeFileSync(catalog(folder), `import team from '${asked}';\n${readFileSync(catalog(folder))}`);
  edit(folder, "app: 'parcel-desk'", 'app: team');
  expect(synthesised(folder)).toEqual(['parcel-desk.k8s.yaml']);
  const made = state(folder);
  expect(synthesised(folder)).toEqual(['parcel-desk.k8s.yaml']);
  expect(state(folder)).toEqual(made);
  put(folder, after);
  expect(synthesised(folder)).toEqual(['parcel-ksed.k8s.yaml']);
});

it('sees a module that was not there, and that the catalog can do without', () => {
  const folder = copyProject();
  edit(folder, "app: 'parcel-desk'", 'app: team()');
  writeFileSync(
    catalog(folder),
    `const team = () => { try { return require('./team').default; } catch { return 'parcel-desk'; } };\n${readFileSync(catalog(folder))}`,
  );
  expect(synthesised(folder)).toEqual(['parcel-desk.k8s.yaml']);
  put(folder, { 'team.ts': other });
  expect(synthesised(folder)).toEqual(['parcel-ksed.k8s.yaml']);
});

it('says which line imports from a folder that is a file by now', () => {
  const folder = copyProject();
  mkdirSync(join(folder, 'team'));
  writeFileSync(join(folder, 'team/index.ts'), "export default 'parcel-desk';\n");
  writeFileSync(catalog(folder), `import team from './team/index';\n${readFileSync(catalog(folder))}`);
  edit(folder, "app: 'parcel-desk'", 'app: team');
  expect(launch(folder, 'check', 'demo').status).toBe(0);
  rmSync(join(folder, 'team'), { recursive: true });
  writeFileSync(join(folder, 'team'), '');
  const { status, stderr } = launch(folder, 'check', 'demo');
  expect([status, stderr]).toEqual([1, expect.stringContaining('catalog.ts:1:17')]);
});

it('makes a bundle of its own where none can be kept', () => {
  const folder = copyProject();
  writeFileSync(join(folder, 'node_modules/.cache'), 'no folder');
  expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 0, stderr: '' });
  writeFileSync(
    join(folder, 'lib/commands/synth.ts'),
    'export const synthCommand = () => {\n  throw new Error();\n};\n',
  );
  const traced = spawnSync(process.execPath, ['--', 'launch.js', 'synth', 'demo'], {
    cwd: folder,
    encoding: 'utf8',
    env: { DEBUG: '1' },
  });
  expect(traced.stderr).toContain('lib/commands/synth.ts:2:');
});

it('says which line of TypeScript cannot be read', () => {
  const folder = copyProject();
  const sound = readFileSync(catalog(folder));
  writeFileSync(catalog(folder), 'export const catalog = {\n  oops oops\n};\n');
  const { status, stderr } = launch(folder, 'synth', 'demo');
  expect([status, stderr]).toEqual([1, expect.stringContaining('catalog.ts:2:7')]);
  expect(stderr).not.toMatch(/^\s+at |launch\.js|node_modules/m); // esbuild's message and nothing else
  writeFileSync(catalog(folder), "import { z } from 'no-such-package';\nexport const catalog = z;\n");
  const other = launch(folder, 'synth', 'demo').stderr;
  expect(other).toContain('catalog.ts:1:18');
  expect(other).toContain('A package is installed by npm install');
  expect(other).not.toContain('external');
  rmSync(catalog(folder));
  expect(launch(folder, 'synth', 'demo').stderr).toContain('catalog.ts, which declares the variables, is not there');
  writeFileSync(catalog(folder), 'const q = 1;\nconst q = 2;\n');
  expect(launch(folder, 'synth', 'demo').stderr).toMatch(/catalog\.ts:2:6.*catalog\.ts:1:6/s); // where it was before
  writeFileSync(catalog(folder), sound);
  expect(launch(folder, 'synth', 'demo')).toMatchObject({ status: 0, stderr: '' });
});

it('refuses at every run a catalog that gives a name twice, by the line of the second', () => {
  const folder = copyProject();
  edit(
    folder,
    '    OFFICE: {',
    "    POSTAL_API_KEY: { kind: 'infra', type: text(), description: 'Once' },\n    OFFICE: {",
  );
  const text = readFileSync(catalog(folder), 'utf8').split('\n');
  const line = text.findLastIndex((each) => each.startsWith('    POSTAL_API_KEY:')) + 1;
  for (let runs = 0; runs < 2; runs++) {
    const { status, stderr } = launch(folder, 'synth', 'demo');
    expect([status, stderr]).toEqual([
      1,
      `error[invalid-catalog] POSTAL_API_KEY is given twice, and only the last would count\n  at   catalog.ts:${line}\n  hint Keep one of the two\n`,
    ]);
  }
});

it('refuses at every run what is given twice in a file that catalog.ts imports', () => {
  const folder = copyProject();
  const more = "MORE: { kind: 'infra' as const, type: text(), description: 'More', optional: true as const }";
  put(folder, {
    'team/more.ts': `import { text } from '../lib/catalog/value-type';\nexport const more = {\n  ${more},\n  ${more},\n};\n`,
  });
  writeFileSync(catalog(folder), `import { more } from './team/more';\n${readFileSync(catalog(folder))}`);
  edit(folder, '    OFFICE: {', '    ...more,\n    OFFICE: {');
  for (let runs = 0; runs < 2; runs++) {
    const { status, stderr } = launch(folder, 'synth', 'demo');
    expect([status, stderr]).toEqual([1, expect.stringContaining('MORE is given twice')]);
    expect(stderr).toContain('at   team/more.ts:4\n');
  }
});

it('names the type that was probably meant', () => {
  const folder = copyProject();
  edit(folder, 'type: hostName()', 'type: hostNme()');
  const { status, stderr } = launch(folder, 'synth', 'demo');
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(
      /^error\[invalid-catalog\] hostNme is not defined\n {2}at {3}catalog\.ts:\d+\n {2}hint Did you mean hostName\?/,
    ),
  ]);
});

it('reports a catalog that contradicts itself in words', () => {
  const folder = copyProject();
  edit(folder, "bundle: 'kiosk'", "bundle: 'kisok' as 'kiosk'");
  const { status, stderr } = launch(folder, 'synth', 'demo');
  expect([status, stderr]).toEqual([1, expect.stringContaining('SITE_ENV: there is no bundle kisok')]);
});

it('shows the place of a defect as TypeScript file and line under DEBUG, and never its message', () => {
  const folder = copyProject();
  const file = join(folder, 'lib/commands/synth.ts');
  const broken = readFileSync(file, 'utf8').replace(
    'const environments = selectEnvironments',
    "throw new Error('fake-secret');\n  const environments = selectEnvironments",
  );
  writeFileSync(file, broken);
  const line = broken.split('\n').findIndex((each) => each.includes("throw new Error('fake-secret')")) + 1;
  expect(launch(folder, 'synth', 'demo').stderr).toMatch(/^(?!.*synth\.ts).*internal error/s);
  const before = state(folder);
  const result = spawnSync(process.execPath, ['--', 'launch.js', 'synth', 'demo'], {
    cwd: folder,
    encoding: 'utf8',
    env: { DEBUG: '1' },
  });
  expect(result.status).toBe(1);
  expect(result.stderr).toContain(`lib/commands/synth.ts:${line}:`);
  expect(result.stdout + result.stderr).not.toContain('fake-secret');
  expect(state(folder)).toEqual(before);
});

it('shows nothing of what a type of the team has Node.js warn of', () => {
  const folder = copyProject();
  const type =
    "{ rule: 'r', example: 'x', accepts: (text) => process.emitWarning(`odd: ${text}`, 'DeprecationWarning') === undefined }";
  edit(
    folder,
    "POSTAL_API_KEY: { kind: 'secret', bundle: 'depot', type: text()",
    `POSTAL_API_KEY: { kind: 'secret', bundle: 'depot', type: ${type}`,
  );
  expect(launch(folder, 'check', 'demo')).toMatchObject({ status: 0, stderr: '' });
});

it.each([
  ['an error that cannot be described', 'setImmediate(() => { throw { name: Symbol(value) }; });'],
  [
    'an error named like the value',
    'setImmediate(() => { throw Object.assign(new Error(), { name: value, code: value }); });',
  ],
  ['a promise that nobody waits for', '(async () => { throw new Error(`no ${value}`); })();'],
  ['the value as a reason', 'Promise.reject(value);'],
  ['nothing as a reason', 'Promise.reject();'],
  ['a timer', 'setTimeout(() => { throw new Error(value); });'],
])('shows nothing of what a type of the team throws later: %s', (_what, line) => {
  const folder = copyProject();
  const type = `schema({ '~standard': { version: 1, vendor: 'x', validate: (value) => { ${line} return { value }; } } }, { rule: 'r', example: 'x' })`;
  edit(
    folder,
    "POSTAL_API_KEY: { kind: 'secret', bundle: 'depot', type: text()",
    `POSTAL_API_KEY: { kind: 'secret', bundle: 'depot', type: ${type}`,
  );
  const value = /^POSTAL_API_KEY=(.*)$/m.exec(readFileSync(join(folder, 'envs/demo.env'), 'utf8'))?.[1] ?? '';
  expect(value).not.toBe('');
  const { status, stdout, stderr } = launch(folder, 'check', 'demo');
  expect([status, stderr.slice(0, 80)]).toEqual([1, expect.stringMatching(/^error\[internal-error\]/)]);
  expect((stdout + stderr).includes(value)).toBe(false);
});

it('leaves the environment of the command of with-env as it was', () => {
  const folder = copyProject();
  for (const [env, expected] of [
    [{}, 'none'],
    [{ ESBUILD_WORKER_THREADS: 'mine' }, 'mine'],
  ] as const) {
    rmSync(cache(folder), { recursive: true, force: true });
    const { stdout } = spawnSync(
      process.execPath,
      [
        '--',
        'launch.js',
        'with-env',
        'demo',
        '--bundle',
        'depot',
        '--',
        'sh',
        '-c',
        'echo ${ESBUILD_WORKER_THREADS-none}',
      ],
      { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } },
    );
    expect(stdout).toBe(`${expected}\n`);
  }
});

it('says what to do before the dependencies are installed', () => {
  const folder = copyProject();
  rmSync(join(folder, 'node_modules'), { recursive: true });
  const told = { status: 1, stderr: 'The dependencies are not installed yet. Run: npm ci\n' };
  expect(launch(folder, 'synth', 'demo')).toMatchObject(told);
  // Nor where npm was killed meanwhile.
  cpSync(join(__dirname, 'node_modules/esbuild'), join(folder, 'node_modules/esbuild'), { recursive: true });
  expect(launch(folder, 'synth', 'demo')).toMatchObject(told);
});

it('runs where the dependencies are those of a workspace, in a folder above', () => {
  const folder = copyProject();
  const member = join(folder, 'member');
  mkdirSync(member);
  for (const name of readdirSync(folder)) {
    if (name !== 'member' && name !== 'node_modules') renameSync(join(folder, name), join(member, name));
  }
  for (const _run of ['first', 'second']) {
    expect(launch(member, 'synth', 'demo')).toMatchObject({ status: 0, stderr: '' });
  }
  expect(readdirSync(cache(member))).not.toEqual([]);
  // Another project around it may have one of them for itself.
  unlinkSync(join(folder, 'node_modules/cdk8s'));
  expect(launch(member, 'synth', 'demo')).toMatchObject({ status: 1, stderr: expect.stringContaining('npm ci') });
});

it('treats a closed pipe as a reader that has read enough', () => {
  const folder = copyProject();
  launch(folder, 'synth', 'demo');
  const script = 'set -o pipefail; node -- launch.js synth demo --stdout | head -1';
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
  expect([status, stdout, stderr]).toEqual([0, '---\n', '']);
});
