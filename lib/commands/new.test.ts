import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { catalog as parcelDesk } from '../../test/fixture/catalog';
import { captureHost, folderWith, validEnvironment } from '../../test/run';
import type { Catalog } from '../catalog/catalog';
import { environmentName } from '../catalog/declaration';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, flag, hostName, oneOf, text, url } from '../catalog/value-type';
import { Refusal } from '../environment/problem';
import type { Source } from '../environment/source';
import { readEnvFile } from '../sources/env-file';
import { loadSources } from '../sources/load';
import { evaluateEnvironments } from './environments';
import { type NewOptions, newEnvironment } from './new';

const secrets = [...parcelDesk.variables.values()]
  .filter((each) => each.sensitive && !each.optional)
  .map(({ name }) => name);

/** Makes an environment in a folder with these files. */
async function make(
  names: readonly string[],
  files: Readonly<Record<string, string>> = {},
  options: Partial<NewOptions> = {},
  catalog: Catalog = parcelDesk,
) {
  const envs = folderWith(files);
  const { host, written } = captureHost();
  const status = await newEnvironment(catalog, names, { envs, ...options }, host);
  const read = (name: string) => readFileSync(join(envs, name), 'utf8');
  return { envs, status, ...written, stdout: written.stdout.replaceAll(`${envs}/`, ''), read };
}

/** How it is refused; what the folder holds must not change. */
async function refusal(names: readonly string[], files: Readonly<Record<string, string>>, from?: string) {
  const envs = folderWith(files);
  const { host, written } = captureHost();
  const error = await newEnvironment(parcelDesk, names, { envs, ...(from !== undefined && { from }) }, host).catch(
    (thrown: unknown) => thrown,
  );
  expect(readdirSync(envs).sort()).toEqual(Object.keys(files).sort());
  for (const [name, content] of Object.entries(files)) expect(readFileSync(join(envs, name), 'utf8')).toBe(content);
  expect(written).toEqual({ stdout: '', stderr: '' });
  if (!(error instanceof Refusal)) throw error;
  const [{ code, message, hint }] = error.problems;
  return { code, message: message.replaceAll(envs, 'envs'), hint };
}

/** The codes of all that is wrong with an environment. */
async function codesOf(envs: string, environment: string, catalog: Catalog = parcelDesk): Promise<string[]> {
  for await (const { problems } of evaluateEnvironments(catalog, [environment], { envs })) {
    return [...new Set(problems.map(({ code }) => code))];
  }
  return [];
}

/** The files of staging, in the way most teams have them. */
function staging(config: string, env = ''): Record<string, string> {
  return { 'staging.config.env': config, 'staging.env': env };
}

describe('without a model', () => {
  it('asks for what has no default, gives the defaults in comments, and says the next command', async () => {
    const { status, stdout, stderr, read, envs } = await make(['preview']);
    expect([status, stderr]).toEqual([0, '']);
    expect(read('preview.config.env')).toMatchSnapshot();
    expect(read('preview.env')).toMatchSnapshot();
    expect(stdout.replaceAll(envs, 'envs')).toMatchSnapshot();
  });

  it('gives lines that are the empty assignments, and misses nothing else', async () => {
    const { stdout, read, envs } = await make(['preview'], {}, { json: true });
    const { toFill, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ environment: 'preview', files: ['preview.config.env', 'preview.env'] });
    const required = [...parcelDesk.variables.values()].filter((each) => each.default === undefined && !each.optional);
    expect(toFill.map(({ variable }: { variable: string }) => variable).sort()).toEqual(
      required.map(({ name }) => name).sort(),
    );
    for (const { variable, file, line } of toFill) expect(read(file).split('\n')[line - 1]).toBe(`${variable}=`);
    expect(await codesOf(envs, 'preview')).toEqual(['missing']);
  });

  it('says nothing with --quiet', async () => {
    expect(await make(['preview'], {}, { quiet: true })).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('lets only the owner read the secrets, whatever the umask', async () => {
    const before = process.umask(0o277);
    try {
      const { envs } = await make(['preview']);
      expect(statSync(join(envs, 'preview.env')).mode & 0o777).toBe(0o600);
    } finally {
      process.umask(before);
    }
  });
});

describe('with --from', () => {
  it('copies what staging has, and derives the namespace', async () => {
    const { read, stdout, envs } = await make(
      ['preview'],
      { 'staging.config.env': readFileSync(join(__dirname, '../../test/fixture/envs/staging.config.env'), 'utf8') },
      { from: 'staging' },
    );
    expect(parse(read('preview.config.env'))).toEqual({
      POD_NAMESPACE: 'courier-parcel-desk-preview',
      KUBE_CLUSTER: 'courier-parcel-desk',
      REGISTRY_PATH: 'rg.desk.example.org/courier',
      DEP_MODE: 'staging',
      LOG_FLOOR: 'debug',
      TRACING_ENABLED: 'true',
      SITE_ENV: 'production',
      PRINT_ENABLED: 'true',
      PARTNER_URL: '',
      OFFICE: '',
    });
    expect(stdout).toContain('Derived from staging, to be checked: POD_NAMESPACE\n');
    expect(await codesOf(envs, 'preview')).toEqual(['missing']);
  });

  it.each([
    ['POD_NAMESPACE', 'staging', 'preview', 'derived'],
    ['POD_NAMESPACE', 'a-staging-b', 'a-preview-b', 'derived'],
    ['POD_NAMESPACE', 'desks-${PD_ENV}', 'desks-${PD_ENV}', 'copied'],
    ['POD_NAMESPACE', 'upstaging', '', 'left open'],
    ['POD_NAMESPACE', 'desks', '', 'left open'],
    ['OFFICE', 'staging.example.com', 'preview.example.com', 'derived'],
    ['OFFICE', 'app-staging.example.com', 'app-preview.example.com', 'derived'],
    ['OFFICE', 'upstaging.example.com', 'upstaging.example.com', 'copied'],
    ['OFFICE', 'app.example.com', 'app.example.com', 'copied'],
    ['OFFICE', 'not valid', '', 'left open'],
    ['PARTNER_URL', 'wss://live.${OFFICE}/staging', 'wss://live.${OFFICE}/preview', 'derived'],
    ['PARTNER_URL', 'wss://fake:fake@example.com', '', 'left open'],
    ['PARTNER_URL', 'wss://a.example.com/?$${b}', 'wss://a.example.com/?$${b}', 'copied'],
    ['KUBE_CLUSTER', 'staging', 'staging', 'copied'],
    ['KUBE_CLUSTER', "'a # b'", 'a # b', 'copied'],
    ['REGISTRY_PATH', 'registry.example.com/staging', 'registry.example.com/staging', 'copied'],
    ['DEP_MODE', 'staging', 'staging', 'copied'],
    ['DEP_MODE', 'prod', '', 'left open'], // suspicious in staging
    ['PD_ENV', 'staging', undefined, 'left out'],
  ])('takes %s=%s as %s (%s)', async (name, written, expected, what) => {
    const values = { POD_NAMESPACE: 'desks-staging', OFFICE: 'app.example.com', [name]: written };
    const lines = Object.entries(values).map(([variable, value]) => `${variable}=${value}`);
    const { read, stdout, envs } = await make(['preview'], staging(lines.join('\n')), { from: 'staging' });
    const config = read('preview.config.env');
    expect(parse(config)[name]).toBe(expected);
    expect(new RegExp(`# derived: check it\\n${name}=`).test(config)).toBe(what === 'derived');
    expect(stdout.includes(`${name} — `)).toBe(what === 'left open');
    expect(await codesOf(envs, 'preview')).toEqual(['missing']);
  });

  it('follows the environment where the new one is called like an allowed value', async () => {
    const { read } = await make(['prod'], staging('DEP_MODE=staging'), { from: 'staging' });
    expect(read('prod.config.env')).toContain('# derived: check it\nDEP_MODE=prod\n');
  });

  it('takes config from the env file too, as the higher layer, and fills in what reads its own name', async () => {
    const config = 'OFFICE=low.example.com\nPARTNER_URL=wss://a.example.com\n';
    const env = 'OFFICE=high.example.com\nPARTNER_URL=${PARTNER_URL}/b\n';
    const { read } = await make(['preview'], staging(config, env), { from: 'staging' });
    expect(parse(read('preview.config.env'))).toMatchObject({
      OFFICE: 'high.example.com',
      PARTNER_URL: 'wss://a.example.com/b',
    });
  });

  it('leaves open what reads a value that is left open, and shows what it was', async () => {
    const config = 'OFFICE=not valid\nPARTNER_URL=wss://live.${OFFICE}\nPOD_NAMESPACE=desks\n';
    const { read } = await make(['preview'], staging(config), { from: 'staging' });
    expect(read('preview.config.env')).toContain('# in staging: POD_NAMESPACE=desks\nPOD_NAMESPACE=\n');
    expect(read('preview.config.env')).toContain('# not copied: see what is wrong with it in staging\nOFFICE=\n');
    expect(parse(read('preview.config.env'))).toMatchObject({ PARTNER_URL: '', OFFICE: '' });
  });

  it('names what it did not copy where nothing else would ask for it', async () => {
    const odd = staging("LOG_FLOOR=' debug'\nOFFICE=not valid\n");
    const { stdout, read } = await make(['preview'], odd, { from: 'staging' });
    expect(read('preview.config.env')).toMatch(/# not copied: see what is wrong with it in staging\n# LOG_FLOOR=/);
    expect(stdout).toMatch(/\nNot copied from staging; why is said beside each in preview\.config\.env: LOG_FLOOR\n/);
    const asked = JSON.parse((await make(['preview'], odd, { from: 'staging', json: true })).stdout);
    expect([asked.derived, asked.notCopied]).toEqual([[], expect.arrayContaining(['LOG_FLOOR', 'OFFICE'])]);
  });

  it('names what the model has in its patch file, and does not take what that overrides', async () => {
    const patch = 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: depot-config}\ndata: {LOG_FLOOR: error}\n';
    const model = { ...staging('LOG_FLOOR=debug\n'), 'staging-secret-config-patch.yml': patch };
    const { stdout, read } = await make(['preview'], model, { from: 'staging' });
    expect(read('preview.config.env')).toMatch(/# not copied: staging has it in its patch file\n# LOG_FLOOR=/);
    expect(stdout).toMatch(/\nNot copied from staging; why is said beside each in preview\.config\.env: LOG_FLOOR\n/);
    const empty = { ...model, 'staging-secret-config-patch.yml': patch.replace('error', "''") };
    const { read: readEmpty } = await make(['preview'], empty, { from: 'staging' });
    expect(parse(readEmpty('preview.config.env'))).toMatchObject({ LOG_FLOOR: 'debug' });
    const alike = { ...model, ...staging('LOG_FLOOR=error\n') };
    const { read: readAlike } = await make(['preview'], alike, { from: 'staging' });
    expect(parse(readAlike('preview.config.env'))).toMatchObject({ LOG_FLOOR: 'error' });
  });

  it('leaves a derived namespace open that is too long', async () => {
    const long = `staging-${'a'.repeat(50)}`;
    const { read } = await make(['p'.repeat(30)], staging(`POD_NAMESPACE=${long}`), { from: 'staging' });
    expect(parse(read(`${'p'.repeat(30)}.config.env`))['POD_NAMESPACE']).toBe('');
  });

  it('copies no secret, wherever it stands', async () => {
    const fakes = Object.fromEntries(secrets.map((name) => [name, `fake-${name}-0123456789`]));
    const lines = (values: Record<string, string>) =>
      Object.entries(values)
        .map(([name, value]) => `${name}=${value}\n`)
        .join('');
    const { read, stdout } = await make(
      ['preview'],
      {
        'staging.env': `${lines(fakes)}PARTNER_URL=wss://a.example.com/${fakes['POSTAL_API_KEY']}\n`,
        'staging.config.env': `${lines({ GEOCODES_API_KEY: 'fake-misplaced' })}KUBE_CLUSTER=\${PARTNER_API_KEY}\nREGISTRY_PATH=a.example.com/fake-short\nOFFICE=fake-patched.example.com\n`,
        'staging-secret-config-patch.yml': [
          'kind: Secret\napiVersion: v1\nmetadata: {name: depot-secrets}\nstringData: {POSTAL_API_KEY: fake-patched, LOCATION_API_KEY: fake-short}',
          'kind: ConfigMap\napiVersion: v1\nmetadata: {name: depot-config}\ndata: {LOG_FLOOR: error}',
        ].join('\n---\n'),
      },
      { from: 'staging' },
    );
    const everything = read('preview.config.env') + read('preview.env') + stdout;
    for (const secret of [...Object.values(fakes), 'fake-misplaced', 'fake-short', 'fake-patched']) {
      expect(everything).not.toContain(secret);
    }
    expect(parse(read('preview.env'))).toEqual(Object.fromEntries(secrets.map((name) => [name, ''])));
  });

  it('leaves open what cannot be read in the model, and says so', async () => {
    const { read } = await make(['preview'], staging('OFFICE=a#b.example.com\n'), { from: 'staging' });
    expect(read('preview.config.env')).toContain('# not copied: see what is wrong with it in staging\nOFFICE=\n');
  });

  it.each([
    ['on a line that cannot be read', 'POSTAL_API_KEY: fake-lost'],
    ['in a comment', '# POSTAL_API_KEY=fake-lost'],
    ['behind a near name', 'POSTAL_API_KEI=fake-lost'],
    ['that a later line replaces', 'POSTAL_API_KEY=fake-lost\nPOSTAL_API_KEY=fake'],
  ])('copies no secret %s, however short', async (_what, line) => {
    const { read, stdout } = await make(['preview'], staging('KUBE_CLUSTER=of-fake-lost\n', line), { from: 'staging' });
    expect(read('preview.config.env')).toContain('# not copied: see what is wrong with it in staging\nKUBE_CLUSTER=\n');
    expect(read('preview.config.env') + read('preview.env') + stdout).not.toContain('fake-lost');
  });

  it('reads back everything that it copies as the same text', async () => {
    for (const value of ["a'b", 'a`b"c', 'a # b', '$$${x', 'a$b', ' "q" ', 'ä€', '\\n']) {
      const quoted = value.includes("'") ? `\`${value}\`` : `'${value}'`;
      const { envs } = await make(['preview'], staging(`KUBE_CLUSTER=${quoted}`), { from: 'staging' });
      const text = async (environment: string) => {
        const { sources } = await loadSources(parcelDesk, environment, { envs });
        return sources.flatMap((source: Source) => source.assignments).find((each) => each.variable === 'KUBE_CLUSTER')
          ?.template;
      };
      const [before, after] = [await text('staging'), await text('preview')];
      expect([before, []]).toContainEqual(after); // suspicious ones are left open
    }
  });
});

describe('refused, with nothing written', () => {
  const files = { 'staging.env': validEnvironment('staging') };

  it.each([
    ['no name', [], 'usage'],
    ['two names', ['preview', 'other'], 'usage'],
    ['no DNS-1123 label', ['sk-FAKE_secret'], 'usage'],
    ['a path', ['../preview'], 'usage'],
    ['an environment that exists', ['staging'], 'not-written'],
  ])('%s', async (_what, names, code) => {
    const { message, hint, ...rest } = await refusal(names, files);
    expect(rest).toEqual({ code });
    expect(`${message}${hint}`).not.toContain('FAKE');
  });

  it.each(['preview.env', 'preview.config.env', 'preview-secret-config-patch.yml'])('%s is there', async (name) => {
    expect(await refusal(['preview'], { [name]: 'OFFICE=a.example.com\n' })).toMatchObject({ code: 'not-written' });
  });

  it('a link that leads nowhere is there', async () => {
    const envs = folderWith();
    symlinkSync(join(envs, 'elsewhere'), join(envs, 'preview.env'));
    await expect(newEnvironment(parcelDesk, ['preview'], { envs }, captureHost().host)).rejects.toThrow('already');
    expect(readdirSync(envs)).toEqual(['preview.env']);
  });

  it('a model that does not exist, with the ones that do and the near one', async () => {
    expect(await refusal(['preview'], files, 'stagin')).toEqual({
      code: 'unknown-environment',
      message: 'What follows --from names no environment',
      hint: 'Did you mean staging? There are: staging',
    });
  });

  it('a model whose name is none, or that cannot be read', async () => {
    expect(await refusal(['preview'], files, 'sk_FAKE')).toMatchObject({ code: 'usage' });
    expect(await refusal(['preview'], { 'staging.env': 'A=\0' }, 'staging')).toMatchObject({ code: 'unreadable' });
  });

  it('a folder that is not there', async () => {
    const envs = join(folderWith(), 'none');
    await expect(newEnvironment(parcelDesk, ['preview'], { envs }, captureHost().host)).rejects.toThrow(
      'no such folder',
    );
    expect(existsSync(envs)).toBe(false);
  });
});

it('works for any catalog', async () => {
  const secret = (bundle: 'web' | readonly ['web', 'job']) =>
    ({ kind: 'secret', bundle, type: text(), description: 'A "secret" of `ours`' }) as const;
  const config = { kind: 'config', bundle: 'job', description: "It's config" } as const;
  const other = defineCatalog({
    app: 'other',
    bundles: { web: { description: 'Web\u2028pods' }, job: { description: 'Job pods' }, none: { description: 'None' } },
    variables: {
      ENVIRONMENT: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'The name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'The namespace' },
      S1: secret('web'),
      S2: secret(['web', 'job']),
      S3: { ...secret('web'), optional: true },
      S4: { ...secret('web'), key: 'OTHER' },
      S5: secret('web'),
      C1: { ...config, type: text(), default: "two\nlines # and 'quotes'" },
      C2: { ...config, type: text(), default: 'carriage\rreturn' },
      C3: { ...config, type: text(), default: 'line\u2028separator' },
      C4: { ...config, type: text(), default: 'a`b"c\\\'d' },
      C5: { ...config, type: text(), default: environmentName },
      C6: { ...config, type: url('https'), default: 'https://${C7}' },
      C7: { ...config, type: hostName() },
      C8: { ...config, type: flag(), optional: true },
      C9: { ...config, type: oneOf('a', 'b'), description: 'carriage\rreturn' },
      C10: { ...config, type: text(), default: ' blank ' },
      C11: { ...config, type: text(), bundle: ['web', 'job'] },
    },
  });
  expect(other.variables.size).toBe(18);
  const { envs, read, stderr } = await make(['preview'], {}, {}, other);
  expect(stderr).toBe(''); // what a default reads is still to be filled in
  for (const [name, layer] of [
    ['preview.config.env', 'config-file'],
    ['preview.env', 'env-file'],
  ] as const) {
    expect(readEnvFile(read(name), other, { layer, unknownNamesAre: 'errors' })).toMatchObject({
      problems: [],
      unknownNames: [],
    });
  }
  expect(parse(read('preview.env'))).toEqual({ S1: '', S2: '', S4: '', S5: '' });
  expect(parse(read('preview.config.env'))).toEqual({ ENVIRONMENT: 'preview', SPACE: '', C7: '', C9: '', C11: '' });
  const { problems } = await (async () => {
    for await (const outcome of evaluateEnvironments(other, ['preview'], { envs })) return outcome;
    throw new Error('no outcome');
  })();
  expect(problems.filter(({ code }) => code === 'missing').map(({ variable }) => variable)).toEqual([
    'SPACE',
    'C11', // stands with the first of its bundles
    'C7',
    'C9',
    'S1',
    'S2',
    'S4',
    'S5',
  ]);
});

it('heads the files of the demo as those that are committed, with fakes in them', async () => {
  const { read } = await make(['demo']);
  expect(read('demo.env').split('\n')[0]).toContain('This file is committed');
  expect(read('demo.config.env').split('\n')[0]).toContain('obvious fakes');
});
