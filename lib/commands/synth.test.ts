import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { itWithKubectl, kustomize, objectsIn, valuesIn } from '../../test/kubectl';
import { folderWith, type Run, run, validEnvironment, validValues } from '../../test/run';
import { kubectlApply } from '../environment/kubectl-apply';

/** A place with these env files, and a shorthand for synth in it. */
function place(files: Readonly<Record<string, string>>) {
  const envs = folderWith(files);
  const out = join(folderWith(), 'dist');
  return {
    envs,
    out,
    synth: (args: readonly string[], host?: Parameters<typeof run>[1]) =>
      run(['synth', ...args, '--envs', envs, '--out', out], host),
  };
}

/** What pods of an environment would get, by `<object>/<key>`. */
function deployed(out: string, environment: string): Record<string, string> {
  return Object.fromEntries(valuesIn(kustomize(join(out, environment))));
}

describe('one environment', () => {
  it('is written, and the apply line comes last', async () => {
    const { synth, out } = place({ 'staging.env': validEnvironment('staging') });
    expect(await synth(['staging'])).toEqual({
      status: 0,
      stdout: `staging: wrote 7 objects to ${out}/staging\n\nNext: ${kubectlApply} -k ${out}/staging\n`,
      stderr: '',
    });
  });

  itWithKubectl('comes out of an env file written by hand', async () => {
    const { synth, out } = place({ 'staging.env': validEnvironment('staging', { POSTAL_API_KEY: "'fake # key'" }) });
    await synth(['staging']);
    expect(deployed(out, 'staging')).toMatchObject({
      'depot-secrets/POSTAL_API_KEY': 'fake # key',
      'depot-config/LOG_FLOOR': 'info',
      'common-config/OFFICE': 'app.example.com',
    });
  });

  itWithKubectl('comes out of the process environment without any env file', async () => {
    const { synth, out } = place({});
    const env = validValues('preview', { PD_ENV: 'preview', POSTAL_API_KEY: 'fake\nfrom process', HOME: '/root' });
    expect(await synth(['preview', '--from-env'], { env })).toMatchObject({ status: 0, stderr: '' });
    expect(deployed(out, 'preview')).toMatchObject({ 'depot-secrets/POSTAL_API_KEY': 'fake\nfrom process' });
  });

  itWithKubectl('takes each key from the highest of all five layers', async () => {
    const { synth, out } = place({
      'staging-secret-config-patch.yml': [
        'apiVersion: v1\nkind: Secret\nmetadata: {name: depot-secrets}\nstringData: {POSTAL_API_KEY: "patch-${POSTAL_API_KEY}"}',
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: depot-config}\ndata: {LOG_FLOOR: error}',
      ].join('\n---\n'),
      'staging.env': validEnvironment('staging', { OFFICE: 'file.example.com', DEP_MODE: '' }),
      'staging.config.env': 'OFFICE=config.example.com\nDEP_MODE=staging\nPRINT_ENABLED=false\nLOG_FLOOR=debug\n',
    });
    const env = { POSTAL_API_KEY: 'fake-process', LOG_FLOOR: 'warn', LOCATION_API_KEY: 'fake-process' };
    expect(await synth(['staging', '--from-env'], { env })).toMatchObject({ status: 0 });
    expect(deployed(out, 'staging')).toMatchObject({
      'depot-secrets/POSTAL_API_KEY': 'patch-fake-process', // patch, reading the process environment
      'depot-config/LOG_FLOOR': 'error', // patch over process environment and config file
      'depot-secrets/LOCATION_API_KEY': 'fake-process', // process environment over env file
      'common-config/OFFICE': 'file.example.com', // env file over config file
      'depot-config/DEP_MODE': 'staging', // config file, since the env file's is empty
      'kiosk-config/PRINT_ENABLED': 'false', // config file over default
      'kiosk-config/SITE_ENV': 'production', // default
    });
  });

  it('ignores the process environment unless asked', async () => {
    const { synth, out } = place({ 'staging.env': validEnvironment('staging') });
    await synth(['staging'], { env: { POSTAL_API_KEY: 'fake-laptop' } });
    const manifests = readFileSync(join(out, 'staging', 'parcel-desk.k8s.yaml'), 'utf8');
    expect(manifests).not.toContain(Buffer.from('fake-laptop').toString('base64'));
  });

  it('is read from standard input or from another file instead of its env file', async () => {
    const { synth, envs } = place({
      'staging.env': 'nonsense',
      'staging.config.env': '',
      other: validEnvironment('staging'),
    });
    expect(await synth(['staging', '--from-env-file', '-'], { stdin: validEnvironment('staging') })).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(await synth(['staging', '--from-env-file', join(envs, 'other')])).toMatchObject({ status: 0, stderr: '' });
    expect(await synth(['staging', '--from-env-file', join(envs, 'none')])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('does not exist'),
    });
  });

  it('is the same, byte for byte, from its file and from lines or JSON on standard input', async () => {
    const changes = { POSTAL_API_KEY: 'fake-$${a # b' };
    const written = async (files: Record<string, string>, ...more: Parameters<ReturnType<typeof place>['synth']>) => {
      const { synth, out } = place({ 'staging.config.env': 'LOG_FLOOR=error\n', ...files });
      expect(await synth(...more)).toMatchObject({ status: 0, stderr: '' });
      return readFileSync(join(out, 'staging', 'parcel-desk.k8s.yaml'), 'utf8');
    };
    const lines = validEnvironment('staging', { POSTAL_API_KEY: "'fake-$${a # b'" });
    const fromFile = await written({ 'staging.env': lines }, ['staging']);
    const given = ['staging', '--from-env-file', '-'];
    expect(await written({}, given, { stdin: lines })).toBe(fromFile);
    for (const indent of [undefined, 2]) {
      const stdin = `\ufeff${JSON.stringify(validValues('staging', changes), undefined, indent)}\n`;
      expect(await written({}, given, { stdin })).toBe(fromFile);
    }
  });

  it.each([
    ['nothing', ''],
    ['blank lines', ' \n\n'],
    ['an object of nothing', '{}\n'],
    ['what jq finds where there is nothing', 'null\n'],
  ])('is not written if %s comes through standard input, and no variable is called missing', async (_what, stdin) => {
    const { synth } = place({ 'staging.config.env': '' });
    expect(await synth(['staging', '--from-env-file', '-'], { stdin })).toEqual({
      status: 1,
      stdout: '',
      stderr: [
        'error[unreadable-secrets] standard input holds nothing',
        '  at   standard input',
        '  hint Run the program that writes it by itself: it may have failed. In a script, set -o pipefail ends it there',
        '',
        'staging: 1 error, nothing written',
        '',
      ].join('\n'),
    });
  });

  it('changes no byte and no modification time when nothing changed', async () => {
    const { synth, out } = place({ 'staging.env': validEnvironment('staging') });
    await synth(['staging']);
    const all = readdirSync(join(out, 'staging'), { recursive: true }).map((name) => join(out, 'staging', `${name}`));
    const paths = all.filter((path) => statSync(path).isFile());
    // So that no clock is too coarse to show that a file was written again; what is much older counts as copied since.
    for (const path of paths) utimesSync(path, new Date(), new Date(Date.now() - 5_000));
    const state = () => paths.map((path) => [path, statSync(path).mtime, readFileSync(path, 'utf8')]);
    const before = state();
    expect(await synth(['staging'])).toMatchObject({
      stdout: expect.stringContaining('staging is up to date (7 objects)'),
    });
    expect(state()).toEqual(before);
  });

  it('is not written if it has an error: what was there stays', async () => {
    const { synth, out, envs } = place({ 'staging.env': validEnvironment('staging') });
    await synth(['staging']);
    const before = readFileSync(join(out, 'staging', 'parcel-desk.k8s.yaml'), 'utf8');
    writeFileSync(
      join(envs, 'staging.env'),
      validEnvironment('staging', { OFFICE: 'new.example.com', LOG_FLOOR: 'loud' }),
    );
    expect(await synth(['staging'])).toMatchObject({ status: 1, stdout: '' });
    expect(readFileSync(join(out, 'staging', 'parcel-desk.k8s.yaml'), 'utf8')).toBe(before);
  });

  it('is applied by the same command where plain apply would refuse an object, and the warning names the flag', async () => {
    const { synth, out } = place({
      'staging.env': validEnvironment('staging', {
        PARTNER_API_KEY: 'a'.repeat(100_000),
        PARTNER_API_SECRET: 'b'.repeat(100_000),
      }),
    });
    const { status, stdout, stderr } = await synth(['staging']);
    expect([status, stdout]).toEqual([0, expect.stringContaining(`\nNext: ${kubectlApply} -k ${out}/staging\n`)]);
    expect(stderr).toMatch(/warning\[too-large\] Secret common-secrets .*\n {2}hint .* --server-side /);
  });
});

it('reports a mistake on each of ten lines in one run, and writes nothing', async () => {
  const lines = [
    'POSTAL_API_KEY=fake#key',
    'GEOCODES_API_KEY="fake',
    'LOG_FLOOR: debug',
    'SITE_ENV=prod',
    'LOCATION_API_KEI=fake',
    "OFFICE='app.example.com' x",
    'PARTNER_URL=ftp://example.com',
    'PARTNER_API_KEY="fake\\tkey"',
    'nonsense',
    'PARTNER_API_SECRET=${NOPE}',
  ];
  const { synth, out } = place({ 'staging.env': lines.join('\n') });
  const { status, stdout } = await synth(['staging', '--json']);
  const [{ problems }] = JSON.parse(stdout).environments;
  const reported = new Set(problems.flatMap(({ line }: { line?: number }) => line ?? []));
  expect([status, [...reported].sort((a, b) => Number(a) - Number(b))]).toEqual([1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]);
  expect(existsSync(out)).toBe(false);
});

describe('--stdout', () => {
  itWithKubectl('prints the objects that kubectl kustomize makes of the folder, and writes nothing', async () => {
    const { synth, out } = place({ 'staging.env': validEnvironment('staging') });
    const { stdout } = await synth(['staging', '--stdout']);
    expect(existsSync(out)).toBe(false);
    await synth(['staging']);
    const byName = (a: { kind: string; metadata: { name: string } }) => `${a.kind}/${a.metadata.name}`;
    const sorted = (objects: ReturnType<typeof objectsIn>) =>
      [...objects].sort((a, b) => (byName(a) < byName(b) ? -1 : 1));
    expect(sorted(objectsIn(stdout))).toEqual(sorted(kustomize(join(out, 'staging'))));
  });

  it('prints nothing on failure', async () => {
    const { synth } = place({ 'staging.env': validEnvironment('staging', { LOG_FLOOR: 'loud' }) });
    expect(await synth(['staging', '--stdout'])).toMatchObject({ status: 1, stdout: '' });
  });

  it.each([
    ['to a terminal', ['staging', '--stdout'], { isTTY: true }],
    ['with --json', ['staging', '--stdout', '--json'], {}],
    ['of two environments', ['staging', 'prod', '--stdout'], {}],
    ['of all environments', ['--all', '--stdout'], {}],
  ])('is refused %s', async (_what, args, host) => {
    const { synth } = place({ 'staging.env': validEnvironment('staging') });
    const { status, stdout, stderr } = await synth(args, host);
    expect([status, stdout.startsWith('{') ? JSON.parse(stdout).environments : []]).toEqual([2, []]);
    expect(stderr).toMatch(/^.*error\[usage\]/);
  });
});

describe('the folder to write to', () => {
  it('is named by its option for as long as it is not there', async () => {
    const { envs } = place({ 'a.env': validEnvironment('a'), 'b.env': validEnvironment('b', { LOG_FLOOR: 'loud' }) });
    const out = join(envs, 'a.env', 'fake-secret');
    const text = await run(['synth', 'a', '--envs', envs, '--out', out], { env: { GITHUB_ACTIONS: 'true' } });
    expect(text).toEqual({
      status: 1,
      stdout: '',
      stderr: [
        'error[not-written] <--out> could not be written: part of its path is not a folder',
        '  at   <--out>',
        '  hint Choose another --out',
        '',
        '::error file=<--out>,title=not-written::<--out> could not be written: part of its path is not a folder. Choose another --out',
        'a: 1 error, nothing written',
        '',
      ].join('\n'),
    });
    const { stdout } = await run(['synth', 'b', '--envs', envs, '--out', out, '--json']);
    expect(JSON.parse(stdout).environments).toMatchObject([{ name: 'b', output: '<--out>/b' }]);
  });

  it('is named once it is made, without what would drive the terminal', async () => {
    const { envs } = place({ 'a.env': validEnvironment('a') });
    const out = join(envs, 'made\u001b[31m');
    const { stdout } = await run(['synth', 'a', '--envs', envs, '--out', out]);
    expect(stdout).toContain(`wrote 7 objects to ${envs}/made\ufffd[31m/a\n`);
    expect(stdout).not.toContain('\u001b');
  });
});

describe('several environments', () => {
  const files = {
    'a.env': validEnvironment('a'),
    'b.env': validEnvironment('b', { LOG_FLOOR: 'loud' }),
    'c.env': validEnvironment('c', { SITE_ENV: 'loud' }),
    'd.env': validEnvironment('d'),
  };

  it('are all tried: those in order are written, every failing one is reported', async () => {
    const { synth, out } = place(files);
    const { status, stdout, stderr } = await synth(['--all']);
    expect(status).toBe(1);
    expect(readdirSync(out).sort()).toEqual(['a', 'd']);
    expect(stdout).toContain('2 of 4 environments synthesised');
    expect(stderr).toMatch(/LOG_FLOOR is not .*SITE_ENV is not /s);
  });

  it('show progress on a terminal only', async () => {
    const { synth } = place(files);
    expect((await synth(['--all'], { isTTY: true })).stderr).toContain('[4/4] d');
    expect((await synth(['--all'])).stderr).not.toContain('[4/4]');
  });

  it('may not share their target', async () => {
    const same = { POD_NAMESPACE: 'same' };
    const { synth, out } = place({ 'a.env': validEnvironment('a', same), 'b.env': validEnvironment('b', same) });
    expect(await synth(['--all'])).toMatchObject({ status: 1, stderr: expect.stringContaining('shared-target') });
    expect(existsSync(out)).toBe(false);
    expect(await synth(['a'])).toMatchObject({ status: 0, stderr: expect.stringContaining('warning[shared-target]') });
  });

  it('may not share it under the two names of one cluster either', async () => {
    const id = '01234567-89ab-cdef-0123-456789abcdef';
    const on = (cluster: string) => validEnvironment('x', { KUBE_CLUSTER: cluster });
    const { synth, out } = place({ 'a.env': on('courier'), 'b.env': on(`courier-${id}`) });
    const { status, stderr } = await synth(['--all']);
    expect([status, stderr.match(/error\[shared-target\]/g)?.length]).toEqual([1, 2]);
    expect(existsSync(out)).toBe(false);
    expect((await synth(['b'])).stderr).toContain('warning[shared-target]');
  });

  it('of more than are kept in memory are read twice, with the same result', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `e${i}`);
    const { synth } = place(Object.fromEntries(names.map((name) => [`${name}.env`, validEnvironment(name)])));
    const { status, stdout } = await synth(['--all']);
    expect([status, stdout.match(/wrote 7 objects/g)?.length]).toEqual([0, 20]);
  });
});

describe('where it writes', () => {
  const overlay = 'resources:\n  - ../../base\n';

  it('overwrites no folder that it did not make, and says so', async () => {
    const root = folderWith({
      'envs/x.env': validEnvironment('x'),
      'overlays/x/kustomization.yaml': overlay,
      'overlays/x/.gitignore': '*.env\n',
      'overlays/x/app.k8s.yaml': 'mine',
    });
    const folder = join(root, 'overlays/x');
    const result = await run(['synth', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'overlays')]);
    expect(result).toEqual({
      status: 1,
      stdout: '',
      stderr: [
        `error[not-written] ${folder} holds files or folders, and was not made by this program: nothing in it is overwritten`,
        `  at   ${folder}`,
        '  hint Choose another --out, or move away what is in it',
        '',
        'x: 1 error, nothing written',
        '',
      ].join('\n'),
    });
    expect(readdirSync(folder).sort()).toEqual(['.gitignore', 'app.k8s.yaml', 'kustomization.yaml']);
    expect(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')).toBe(overlay);
  });

  it('takes its own folder, and the one that an app by another name left, for what they are', async () => {
    const { synth, out } = place({ 'x.env': validEnvironment('x') });
    await synth(['x']);
    for (const name of ['parcel-desk.k8s.yaml', 'kustomization.yaml']) {
      const path = join(out, 'x', name);
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('parcel-desk', 'former-name'));
    }
    renameSync(join(out, 'x/parcel-desk.k8s.yaml'), join(out, 'x/former-name.k8s.yaml'));
    expect(await synth(['x'])).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(join(out, 'x')).sort()).toEqual([
      '.gitignore',
      'environment.json',
      'kustomization.yaml',
      'parcel-desk.k8s.yaml',
      'rollout',
    ]);
  });
});

describe('which environment', () => {
  const { synth } = place({ 'staging.env': validEnvironment('staging'), 'prod.config.env': '' });

  it.each([
    ['none', [], 2, /Which environment\?.*There are: prod, staging\. To make a new one: npm run new -- <name>/s],
    ['one that is not there', ['nope'], 1, /Argument 1 names no environment(?!.*nope).*There are: prod, staging/s],
    ['one that is nearly there', ['stagin'], 1, /Did you mean staging\?/],
    ['one in capitals', ['STAGING'], 2, /Argument 1 is not a valid environment name.*Did you mean staging\?/s],
    ['a path', ['staging', '../x'], 2, /Argument 2 is not a valid environment name/],
    ['an absolute path', ['/etc'], 2, /not a valid environment name/],
    ['an empty name', [''], 2, /not a valid environment name/],
    ['a dot', ['.'], 2, /not a valid environment name/],
    ['300 characters', ['a'.repeat(300)], 2, /not a valid environment name/],
    ['a name and --all', ['staging', '--all'], 2, /not both/],
    ['two with --from-env', ['staging', 'prod', '--from-env'], 2, /exactly one environment/],
    ['all with --from-env-file', ['--all', '--from-env-file', '-'], 2, /exactly one environment/],
  ])('%s', async (_what, args, status, message) => {
    const result = await synth(args);
    expect([result.status, result.stdout]).toEqual([status, '']);
    expect(result.stderr).toMatch(message);
  });

  it('one without files, from a process environment that does not name it', async () => {
    const { synth } = place({});
    expect(await synth(['preview', '--from-env'], { env: validValues('preview', { PD_ENV: 'other' }) })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('PD_ENV in the process environment must say the same name'),
    });
    expect(await synth(['preview', '--from-env'], { env: validValues('preview') })).toMatchObject({
      status: 1,
    });
  });

  it('one without files, named by another env file only', async () => {
    const { synth, envs } = place({ other: validEnvironment('preview', { PD_ENV: 'preview' }) });
    expect(await synth(['preview', '--from-env-file', join(envs, 'other')])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('unknown-environment'),
    });
    expect(await synth(['preview', '--from-env-file', join(envs, 'none')])).toMatchObject({
      stderr: expect.stringMatching(/unknown-environment.*unreadable/s),
    });
  });

  it('one that is not there, in the document: by its position among all arguments', async () => {
    const { stdout } = await synth(['staging', 'staging', 'nope', '--json']);
    expect(JSON.parse(stdout).environments).toMatchObject([
      { name: 'staging' },
      { name: 'argument 3', ok: false, problems: [{ code: 'unknown-environment' }], variables: [], changed: false },
    ]);
    expect(stdout).not.toContain('nope');
  });

  it('all of none', async () => {
    expect(await place({}).synth(['--all'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('There is no environment'),
    });
  });
});

describe('--json', () => {
  it('describes every variable, with values only where they may be shown', async () => {
    const { synth, envs, out } = place({
      'staging.env': validEnvironment('staging'),
      'staging.config.env': 'LOG_FLOOR=debug\n',
    });
    const { stdout, stderr } = await synth(['staging', '--json']);
    expect(stderr).toBe('');
    const { environments } = JSON.parse(stdout);
    expect(environments).toMatchObject([
      { name: 'staging', ok: true, problems: [], output: `${out}/staging`, changed: true },
    ]);
    const variable = (name: string) => environments[0].variables.find((each: { name: string }) => each.name === name);
    expect(variable('LOG_FLOOR')).toEqual({
      name: 'LOG_FLOOR',
      kind: 'config',
      sensitive: false,
      status: 'set',
      value: 'debug',
      objects: [{ object: 'ConfigMap/depot-config', key: 'LOG_FLOOR' }],
      origin: { layer: 'config-file', file: `${envs}/staging.config.env`, line: 1 },
      overrides: [{ layer: 'default' }],
    });
    expect(variable('REGISTRY_TOKEN')).toEqual({
      name: 'REGISTRY_TOKEN',
      kind: 'infra',
      sensitive: true,
      status: 'set',
      objects: [{ object: 'Secret/registry-credentials', key: '.dockerconfigjson' }],
      origin: { layer: 'env-file', file: `${envs}/staging.env`, line: expect.any(Number) },
      overrides: [],
    });
    expect(variable('PD_ENV')).toMatchObject({ status: 'default', value: 'staging', objects: [] });
    expect(stdout).not.toMatch(/fake-(?!text)/);
  });

  it('says of every environment whether anything changed, also of one with an error', async () => {
    const { synth, out } = place({
      'a.env': validEnvironment('a'),
      'b.env': validEnvironment('b', { LOG_FLOOR: 'loud' }),
    });
    const outputs = async () => {
      const { environments } = JSON.parse((await synth(['--all', '--json'])).stdout);
      return environments.map(({ ok, output, changed }: Record<string, unknown>) => [ok, output, changed]);
    };
    expect(await outputs()).toEqual([
      [true, join(out, 'a'), true],
      [false, join(out, 'b'), false],
    ]);
    expect(await outputs()).toEqual([
      [true, join(out, 'a'), false],
      [false, join(out, 'b'), false],
    ]);
  });

  it('is one document also on failure', async () => {
    const { synth } = place({});
    for (const [args, status, code] of [
      [['--all'], 1, 'unknown-environment'],
      [[], 2, 'usage'],
      [['x', '--nope'], 2, 'usage'],
    ] as const) {
      const result = await synth([...args, '--json']);
      expect([result.status, JSON.parse(result.stdout)]).toEqual([
        status,
        { environments: [], error: { code, message: expect.any(String), hint: expect.any(String) } },
      ]);
    }
  });
});

it('--quiet prints problems only', async () => {
  const { synth } = place({ 'a.env': validEnvironment('a'), 'b.env': validEnvironment('b', { LOG_FLOOR: 'loud' }) });
  expect(await synth(['a', '--quiet'])).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(await synth(['b', '--quiet'])).toMatchObject({ stdout: '', stderr: expect.stringContaining('LOG_FLOOR') });
});

it('annotates problems for GitHub Actions', async () => {
  const { synth, envs } = place({ 'a.env': 'PD_ENV=b\n' });
  const { stderr } = await synth(['a'], { env: { GITHUB_ACTIONS: 'true' } });
  const hint = 'Set PD_ENV=a, or leave it out. Was it copied from another environment?';
  expect(stderr).toContain(
    `\n::error file=${envs}/a.env,line=1,title=contradiction::PD_ENV names another environment than a. ${hint}\n`,
  );
});

describe('the command line', () => {
  it.each([
    ['a near option', ['synth', 'x', '--from-emv'], /Did you mean --from-env\?/],
    ['an option with a value in it', ['synth', 'x', '--ouy=fake-secret'], /Did you mean --out\?/],
    ['an unknown option', ['synth', 'x', '--zzz'], /There is no option --zzz.*--help/s],
    [
      'an option of a command that with-env starts',
      ['with-env', 'x', '--bundle', 'depot', 'node', '-v'],
      /no such option.*behind a second --/s,
    ],
    ['an option without its value', ['synth', 'x', '--out'], /--out <dir> lacks its value/],
    ['an unknown command', ['sync'], /There is no such command/],
    ['no command', [], /Which command\?/],
  ])('answers %s kindly and does not repeat it', async (_what, args, message) => {
    const { status, stdout, stderr } = await run(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('fake-secret');
  });

  it('has help with an example', async () => {
    const { status, stdout } = await run(['synth', '--help']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('npm run synth -- staging')]);
  });
});

describe('which keys changed since the last time', () => {
  /** Writes x once for each of these values, and gives what was said at last. */
  async function written(...values: readonly Readonly<Record<string, string>>[]) {
    const root = folderWith();
    mkdirSync(join(root, 'envs'));
    let result: Run = { status: 0, stdout: '', stderr: '' };
    for (const changes of values) {
      writeFileSync(join(root, 'envs/x.env'), validEnvironment('x', changes), { mode: 0o600 });
      result = await run(['synth', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'dist')]);
    }
    return result.stdout.replaceAll(root, '').replace(/\nNext: .*\n$/, '');
  }

  it('is not said the first time', async () => {
    expect(await written({})).toBe('x: wrote 7 objects to /dist/x\n');
  });

  it('is nothing where nothing changed', async () => {
    expect(await written({}, {})).toBe('x: /dist/x is up to date (7 objects)\n');
  });

  it('is said by object, with names only', async () => {
    const before = { POSTAL_API_KEY: 'fake-old', ROUTES: '{"a":1}', KIOSK_THREADS: '2' };
    const after = { POSTAL_API_KEY: 'fake-new', DEPOT_THREADS: '8', OFFICE: 'other.example.com' };
    expect(await written(before, after)).toBe(`x: wrote 7 objects to /dist/x
  ConfigMap/common-config  changed OFFICE
  Secret/depot-secrets     changed POSTAL_API_KEY
  ConfigMap/depot-config   added THREADS; removed ROUTES
  ConfigMap/kiosk-config   removed THREADS
`);
  });

  it('names objects that are new or no longer written, and what is no key', async () => {
    const create = { POD_NAMESPACE_CREATE: 'true' };
    expect(await written({}, create)).toBe('x: wrote 8 objects to /dist/x\n  Namespace/parcel-desk-x  new\n');
    expect(await written(create, {})).toBe(
      'x: wrote 7 objects to /dist/x\n  Namespace/parcel-desk-x  no longer written\n',
    );
    expect(await written({}, { POD_NAMESPACE: 'other' })).toMatch(
      /^x: wrote 7 objects to \/dist\/x\n(?: {2}\S+ +other namespace, labels or type\n){7} {2}The namespace was parcel-desk-x: what was applied there stays, pods too, until somebody deletes it\n$/,
    );
  });

  it('is left out where what was there cannot be read line by line', async () => {
    const root = folderWith({ 'envs/x.env': validEnvironment('x'), 'dist/x/.gitignore': '*\n' });
    writeFileSync(
      join(root, 'dist/x/parcel-desk.k8s.yaml'),
      '---\n"apiVersion": "v1"\n"kind": "Secret"\n"metadata":\n  name: fake\n',
    );
    const { stdout } = await run(['synth', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'dist')]);
    expect(stdout.replaceAll(root, '')).toMatch(/^x: wrote 7 objects to \/dist\/x\n\nNext: /);
  });

  it('is said once of very many environments that have it alike', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `x${String(index).padStart(2, '0')}`);
    const root = folderWith();
    const synth = async (changes: Readonly<Record<string, string>>) => {
      for (const name of names) {
        const own = validEnvironment(name, { ...changes, SUPPORT_TOKEN: 'fake-shared' }).replaceAll(
          '=fake-',
          `=fake-${name}-`,
        );
        mkdirSync(join(root, 'envs'), { recursive: true });
        writeFileSync(join(root, `envs/${name}.env`), own, { mode: 0o600 });
      }
      return (await run(['synth', '--all', '--envs', join(root, 'envs'), '--out', join(root, 'dist')])).stdout;
    };
    const summary = '\n25 of 25 environments synthesised. Next, for each: ';
    expect((await synth({})).replaceAll(root, '')).toMatch(
      new RegExp(`^x00, x01, x02, x03, x04 and 20 more: wrote 7 objects each to /dist/<env>\n${summary}`),
    );
    expect((await synth({ LOG_FLOOR: 'warn' })).replaceAll(root, '')).toMatch(
      new RegExp(
        `^x00, x01, x02, x03, x04 and 20 more: wrote 7 objects each to /dist/<env>\n {2}ConfigMap/depot-config {2}changed LOG_FLOOR\n${summary}`,
      ),
    );
  });
});
