import fs, { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog as parcelDesk } from '../../test/fixture/catalog';
import { captureHost, folderWith } from '../../test/run';
import type { Catalog } from '../catalog/catalog';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, oneOf, text } from '../catalog/value-type';
import { limits } from '../environment/limits';
import { readEnvFile } from '../sources/env-file';
import { docs } from './docs';

/** What is written for the code in the pods. */
const readers = [...parcelDesk.bundles.keys()].flatMap((bundle) => [
  `readers/${bundle}_environment.py`,
  `readers/${bundle}-environment.ts`,
]);

/** Runs docs over a folder of env files and what stands beside it. */
async function generate(root: string, { check, catalog = parcelDesk }: { check?: true; catalog?: Catalog } = {}) {
  const { host, written } = captureHost();
  const status = await docs(catalog, { envs: join(root, 'envs'), ...(check && { check }) }, host);
  return {
    status,
    stdout: written.stdout.replaceAll(`${root}/`, ''),
    stderr: written.stderr.replaceAll(`${root}/`, ''),
  };
}

it('writes an example for every environment with a committed file, but for the demo, and the table', async () => {
  const root = folderWith({
    'envs/demo.config.env': '',
    'envs/prod.config.env': 'PARTNER_URL=wss://${OFFICE}\n',
    'envs/staging.env': 'OFFICE=not-looked-at.example.com\n',
  });
  expect(await generate(root)).toEqual({
    status: 0,
    stdout: [...['envs/prod.env.example', 'docs/catalog.md', 'docs/values.md', 'docs/variables.md'], ...readers]
      .map((name) => `wrote ${name}\n`)
      .join(''),
    stderr: '',
  });
  expect(await generate(root)).toMatchObject({ stdout: 'Examples and documents are up to date\n' });
  expect(await generate(root, { check: true })).toMatchObject({ status: 0 });
  const example = readFileSync(join(root, 'envs/prod.env.example'), 'utf8');
  expect(example).toMatch(/^OFFICE=$/m);
  expect(example).not.toMatch(/^PARTNER_URL=/m);
  expect(readdirSync(join(root, 'docs'))).toEqual(['catalog.md', 'values.md', 'variables.md']);
});

/** What GitHub has to give. Where secrets are is reviewed, and no matter of a pipeline. */
const withoutDefault = [...parcelDesk.variables.values()].filter(
  ({ name, default: fallback }) => fallback === undefined && !name.startsWith('VAULT'),
);

describe('the block for GitHub Actions', () => {
  const blockOf = async (files: Readonly<Record<string, string>>) => {
    const root = folderWith(files);
    await generate(root);
    const text = readFileSync(join(root, 'docs/variables.md'), 'utf8');
    return [...text.matchAll(/^ {2}([A-Z_]+): \$\{\{ /gm)].map(([, name]) => name ?? '');
  };
  const all = withoutDefault.map(({ name }) => name);
  const given = 'POD_NAMESPACE=x\nOFFICE=office.example.com\nKUBE_CLUSTER=\nDEP_MODE=prod\n';

  it.each([
    ['nothing is committed', {}, []],
    ['the demo has everything', { 'envs/demo.config.env': given }, []],
    ['a file gives some', { 'envs/prod.config.env': given }, ['POD_NAMESPACE', 'OFFICE', 'DEP_MODE']],
    [
      'not every file gives one',
      { 'envs/prod.config.env': given, 'envs/x.config.env': 'POD_NAMESPACE=y\nDEP_MODE=prod\n', 'envs/y.env': '' },
      ['POD_NAMESPACE', 'DEP_MODE'],
    ],
  ] as [string, Record<string, string>, string[]][])(
    'lists what is given nowhere else: %s',
    async (_what, files, without) => {
      expect(await blockOf({ 'envs/.keep': '', ...files })).toEqual(all.filter((name) => !without.includes(name)));
    },
  );
});

it('names what is stale with --check, and writes nothing', async () => {
  const root = folderWith({ 'envs/prod.config.env': '', 'docs/variables.md': 'old' });
  expect(await generate(root, { check: true })).toEqual({
    status: 1,
    stdout: '',
    stderr: `${['envs/prod.env.example', 'docs/catalog.md', 'docs/values.md', 'docs/variables.md', ...readers]
      .map((name) => `${name} is stale\n`)
      .join('')}run: npm run docs\n`,
  });
  expect(existsSync(join(root, 'envs/prod.env.example'))).toBe(false);
  expect(readFileSync(join(root, 'docs/variables.md'), 'utf8')).toBe('old');
});

it('notices an example that was edited by hand', async () => {
  const root = folderWith({ 'envs/prod.config.env': '' });
  await generate(root);
  const path = join(root, 'envs/prod.env.example');
  writeFileSync(path, `${readFileSync(path, 'utf8')}\n`);
  expect(await generate(root, { check: true })).toMatchObject({ status: 1 });
});

describe('an example that somebody has filled in', () => {
  /** Two examples: one that is changed in this way, and one of another catalog. */
  async function change(rewrite: (example: string) => string | Uint8Array) {
    const root = folderWith({ 'envs/prod.config.env': '', 'envs/staging.config.env': '' });
    await generate(root);
    const path = join(root, 'envs/prod.env.example');
    const example = readFileSync(path, 'utf8');
    writeFileSync(path, rewrite(example));
    writeFileSync(join(root, 'envs/staging.env.example'), '# old\nOLD_NAME=\n');
    const known = new Set(example.split('\n'));
    const changed = readFileSync(path);
    const line = `${changed}`.split(/\r?\n/).findIndex((each) => !known.has(each)) + 1;
    return { root, path, changed, line };
  }

  it.each<[string, (example: string) => string | Uint8Array]>([
    ['a secret', (text) => text.replace('POSTAL_API_KEY=', 'POSTAL_API_KEY=fake-key')],
    ['what is not secret', (text) => text.replace('OFFICE=', 'OFFICE=one.example')],
    ['blanks and quotes around it', (text) => text.replace('OFFICE=', '  export OFFICE = "one"')],
    [
      'an optional one, behind its mark of a comment',
      (text) => text.replace('# SUPPORT_TOKEN=', '# SUPPORT_TOKEN=fake'),
    ],
    ['an unknown name', (text) => `${text}OTHER=fake\n`],
    ['no assignment', (text) => `${text}fake\n`],
    ['a colon', (text) => text.replace('OFFICE=', 'OFFICE: one')],
    ['a value in the comment behind it', (text) => text.replace('POSTAL_API_KEY=', 'POSTAL_API_KEY= # fake-key')],
    ['CRLF', (text) => text.replace('OFFICE=', 'OFFICE=one').replaceAll('\n', '\r\n')],
    ['no UTF-8', (text) => Buffer.concat([Buffer.from(`${text}OTHER=fake`), Buffer.from([0xff])])],
  ])('with %s is not overwritten, and all else is written', async (_what, rewrite) => {
    const { root, path, changed, line } = await change(rewrite);
    const { status, stdout, stderr } = await generate(root);
    expect([status, stdout]).toEqual([1, 'wrote envs/staging.env.example\n']);
    expect(stderr).toMatch(/^error\[exposed-file\] envs\/prod\.env\.example holds a value that somebody has filled in/);
    expect(stderr).toContain(`at   envs/prod.env.example:${line}\n`);
    expect(stderr).toContain('Move that line to envs/prod.env,');
    expect(stderr).not.toMatch(/fake-key|OTHER|one\.example/);
    expect(readFileSync(path)).toEqual(changed);
    const checked = await generate(root, { check: true });
    expect([checked.status, checked.stderr]).toEqual([1, expect.stringMatching(/exposed-file.*is stale/s)]);
  });

  it('is not overwritten where it is too large to be read', async () => {
    const { root, path, changed } = await change((text) => `${text}OTHER=fake\n${'#'.repeat(limits.fileBytes)}`);
    expect((await generate(root)).stderr).toContain('prod.env.example is larger than 4 MiB, and was not read');
    expect(readFileSync(path)).toEqual(changed);
  });

  it('is generated again once the value is moved, whatever else is in it', async () => {
    const { root } = await change((text) => `${text.replaceAll('\n', '\r\n')}# a note of mine: x=1\nOLD=\n`);
    expect(await generate(root)).toMatchObject({ status: 0, stderr: '' });
  });
});

it('refuses a committed file that it cannot read, and says which file it could not write', async () => {
  await expect(generate(folderWith({ 'envs/prod.config.env': 'A=\0' }))).rejects.toMatchObject({
    problems: [{ code: 'unreadable' }],
  });
  expect(await generate(folderWith({ 'envs/demo.env': '', docs: 'a file in the way' }))).toEqual({
    status: 1,
    stdout: readers.map((name) => `wrote ${name}\n`).join(''),
    stderr: expect.stringContaining('error[not-written] docs/catalog.md could not be written'),
  });
});

it('gives GitHub Actions what has no default: secrets as secrets, the rest as vars', async () => {
  const root = folderWith({ 'envs/demo.env': '' });
  await generate(root);
  const document = readFileSync(join(root, 'docs/variables.md'), 'utf8');
  const listed = [...document.matchAll(/^ {2}(\w+): \$\{\{ (secrets|vars)\.\1 \}\}$/gm)].map(([, name, store]) => [
    name,
    store,
  ]);
  const expected = withoutDefault.map(({ name, sensitive }) => [name, sensitive ? 'secrets' : 'vars']);
  expect(listed).toEqual(expected);
});

it('works for any catalog', async () => {
  const catalog = defineCatalog({
    app: 'other',
    bundles: { web: { description: 'Web pods' }, job: { description: 'Job pods' } },
    variables: {
      ENVIRONMENT: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'The name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'The namespace' },
      TOKEN: { kind: 'secret', bundle: ['web', 'job'], type: text(), description: 'A token' },
      EXTRA: { kind: 'secret', bundle: 'job', type: text(), description: 'An extra', optional: true },
      JOB_LEVEL: { kind: 'config', bundle: 'job', key: 'LEVEL', type: oneOf('a|b', 'c'), description: 'One | two' },
    },
  });
  const root = folderWith({ 'envs/prod.config.env': 'ENVIRONMENT=prod\nSPACE=space\n' });
  await generate(root, { catalog });
  const example = readFileSync(join(root, 'envs/prod.env.example'), 'utf8');
  expect(example.match(/^(?:# )?\w+=$/gm)).toEqual(['TOKEN=', '# EXTRA=', 'JOB_LEVEL=']);
  expect(readEnvFile(example, catalog, { layer: 'env-file', unknownNamesAre: 'errors' }).problems).toEqual([]);
  expect(readFileSync(join(root, 'docs/variables.md'), 'utf8')).toMatchSnapshot();
});

it('writes for the code in the pods what they get, in Python and in TypeScript', async () => {
  const root = folderWith({ 'envs/.keep': '' });
  await generate(root);
  for (const name of ['depot_environment.py', 'depot-environment.ts'])
    expect(readFileSync(join(root, 'readers', name), 'utf8')).toMatchSnapshot(name);
});

it('writes what a workflow needs of GitHub between its marks, and leaves the rest of it, and others, alone', async () => {
  const workflow = (between: string) =>
    `name: Mine\nenv:\n  A: 1\n    # Generated by npm run docs: begin\n${between}    # Generated by npm run docs: end\n  B: 2\n`;
  const others = {
    'other.yml': 'name: Other\n',
    'open.yml': workflow('').replace(/ +.*: end\n/, ''),
    'lost.yml': `${workflow('').replace(/ +.*: end\n/, '')}    # Generated by npm run docs: end\n`,
  };
  const root = folderWith({
    'envs/prod.config.env': 'POD_NAMESPACE=x\nOFFICE=office.example.com\nPARTNER_URL=wss://x.example\nDEP_MODE=prod\n',
    '.github/workflows/mine.yml': workflow('    OLD: 1\n'),
    ...Object.fromEntries(Object.entries(others).map(([name, text]) => [`.github/workflows/${name}`, text])),
  });
  expect((await generate(root, { check: true })).stderr).toContain('.github/workflows/mine.yml is stale\n');
  expect((await generate(root)).stdout).toContain('wrote .github/workflows/mine.yml\n');
  expect(await generate(root, { check: true })).toMatchObject({ status: 0 });
  const read = (name: string) => readFileSync(join(root, '.github/workflows', name), 'utf8');
  const [, between = ''] = /: begin\n([\s\S]*?) {4}#/.exec(read('mine.yml')) ?? [];
  expect(read('mine.yml')).toBe(workflow(between));
  expect(between).toContain('    KUBE_CLUSTER: ${{ vars.KUBE_CLUSTER }}\n');
  expect(between).toContain('    POSTAL_API_KEY: ${{ secrets.POSTAL_API_KEY }}\n');
  expect(between).not.toMatch(/OLD|OFFICE|LOG_FLOOR/);
  for (const [name, text] of Object.entries(others)) expect(read(name)).toBe(text);
});

it.each([
  ['an example', 'envs/prod.env.example', 'POSTAL_API_KEY=fake-key\n'],
  ['a document', 'docs/variables.md', 'Mine.\n'],
  ['a workflow', '.github/workflows/mine.yml', 'name: Mine, and better\n'],
])('leaves %s as it is that somebody changes meanwhile', async (_what, name, text) => {
  const marks = '  # Generated by npm run docs: begin\n  # Generated by npm run docs: end\n';
  const root = folderWith({
    'envs/prod.config.env': '',
    '.github/workflows/mine.yml': `env:\n${marks}`,
    [name]: marks,
  });
  const { openSync: open } = fs;
  const spy = jest.spyOn(fs, 'openSync').mockImplementation((path, ...rest) => {
    if (String(path).includes(`/.${name.split('/').at(-1)}.`)) writeFileSync(join(root, name), text);
    return open(path, ...rest);
  });
  try {
    const { status, stderr } = await generate(root);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`${name} was changed by somebody else meanwhile, and stays as it is now\n`),
    ]);
  } finally {
    spy.mockRestore();
  }
  expect(readFileSync(join(root, name), 'utf8')).toBe(text);
});

it('leaves a reader of a bundle that is gone where somebody changes it meanwhile', async () => {
  const root = folderWith({ 'envs/.keep': '' });
  await generate(root);
  const path = join(root, 'readers/night_environment.py');
  writeFileSync(path, readFileSync(join(root, 'readers/depot_environment.py')));
  writeFileSync(join(root, 'docs/variables.md'), 'stale');
  const { renameSync: rename } = fs;
  const spy = jest.spyOn(fs, 'renameSync').mockImplementation((...paths) => {
    writeFileSync(path, '# My own by now.\n');
    rename(...paths);
  });
  try {
    expect(await generate(root)).toMatchObject({
      status: 1,
      stdout: 'wrote docs/variables.md\n',
      stderr: expect.stringContaining('readers/night_environment.py was changed by somebody else meanwhile'),
    });
  } finally {
    spy.mockRestore();
  }
  expect(readFileSync(path, 'utf8')).toBe('# My own by now.\n');
});

it('removes the readers of a bundle that is gone, and no file of others', async () => {
  const root = folderWith({ 'envs/.keep': '' });
  await generate(root);
  const generated = readFileSync(join(root, 'readers/depot_environment.py'), 'utf8');
  const others = { 'my_environment.py': '# mine\n', 'notes.py': generated };
  const orphans = { 'night_environment.py': generated, 'night-environment.ts': `// ${generated.slice(2)}` };
  for (const [name, text] of Object.entries({ ...others, ...orphans }))
    writeFileSync(join(root, 'readers', name), text);
  expect(await generate(root, { check: true })).toEqual({
    status: 1,
    stdout: '',
    stderr: `${Object.keys(orphans)
      .sort()
      .map((name) => `readers/${name} is of no bundle\n`)
      .join('')}run: npm run docs\n`,
  });
  const { status, stdout } = await generate(root);
  expect([status, stdout]).toEqual([
    0,
    Object.keys(orphans)
      .sort()
      .map((name) => `removed readers/${name}\n`)
      .join(''),
  ]);
  expect(readdirSync(join(root, 'readers')).sort()).toEqual(
    [...readers.map((name) => name.replace('readers/', '')), ...Object.keys(others)].sort(),
  );
});

it('removes what a killed run left of its own files, and nothing else', async () => {
  const nobody = 2 ** 22 + 1; // Linux numbers no process beyond 2 ** 22
  const left = (name: string, pid: number) => `.${name}.${pid}-0123abcd.tmp`;
  const others = [`docs/${left('mine.md', nobody)}`, `docs/${left('variables.md', process.ppid)}`];
  const own = [`docs/${left('variables.md', nobody)}`, `envs/${left('prod.env.example', nobody)}`];
  const root = folderWith({
    'envs/prod.config.env': '',
    ...Object.fromEntries([...others, ...own].map((name) => [name, 'half'])),
  });
  const present = () => [...others, ...own].filter((name) => existsSync(join(root, name)));
  await generate(root, { check: true });
  expect(present()).toEqual([...others, ...own]);
  await generate(root);
  expect(present()).toEqual(others);
});
