import { spawnSync } from 'node:child_process';
import fs, { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { git } from '../../test/git';
import { folderWith, run, validEnvironment, validValues } from '../../test/run';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, oneOf, text } from '../catalog/value-type';

/** A product before and after it has gained some variables. */
const declare = (more: object) =>
  defineCatalog({
    app: 'app',
    bundles: { web: { description: 'Web pods' } },
    variables: {
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'The namespace' },
      NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), optional: true, description: 'The name' },
      TOKEN: { kind: 'secret', bundle: 'web', type: text(), description: 'A token' },
      ...more,
    },
  } as Parameters<typeof defineCatalog>[0]);
const grown = declare({
  KEY: { kind: 'secret', bundle: 'web', type: text(), description: 'A key' },
  SPARE_KEY: { kind: 'secret', bundle: 'web', type: text(), optional: true, description: "Somebody else's key" },
  LEVEL: { kind: 'config', bundle: 'web', type: oneOf('high', 'low'), default: 'low', description: 'A level' },
  TITLE: { kind: 'config', bundle: 'web', type: text(), description: 'A title' },
});

const files = {
  'x.config.env': '# Mine.\nSPACE=x\n# NAME=\n',
  'x.env': 'TOKEN=fake-token\n',
};

function place(there: Readonly<Record<string, string>> = files) {
  const root = folderWith();
  mkdirSync(join(root, 'envs'));
  for (const [name, content] of Object.entries(there)) {
    spawnSync('tee', [join(root, 'envs', name)], { input: content });
    chmodSync(join(root, 'envs', name), name.includes('config') ? 0o644 : 0o600);
  }
  const read = (name: string) => readFileSync(join(root, 'envs', name), 'utf8');
  const topUp = async (...args: readonly string[]) => topUpWith(process.env['PATH'] ?? '', args);
  const topUpWith = async (path: string, args: readonly string[] = []) => {
    const before = process.cwd();
    process.chdir(root);
    try {
      return await run(['new', 'x', '--top-up', ...args], { catalog: grown, env: { PATH: path } });
    } finally {
      process.chdir(before);
    }
  };
  return { root, read, topUp, topUpWith };
}

const addedConfig = `
# In the catalog, and not in this file until now:

## web: Web pods

# A level (one of high, low; default: low)
# LEVEL=low

# A title (a text; required)
TITLE=
`;
const addedSecrets = `
# In the catalog, and not in this file until now:

## web: Web pods

# A key (a text; required)
KEY=

# Somebody else's key (a text; optional)
# SPARE_KEY=
`;

it('adds a line for what the catalog has gained, each to its file, and leaves what is there as it is', async () => {
  const { read, topUp } = place();
  expect(await topUp()).toEqual({
    status: 0,
    stderr: '',
    stdout: `x: added 4 variables to envs/x.config.env and envs/x.env

To be filled in:
envs/x.config.env:13 TITLE — A title (required)
envs/x.env:8 KEY — A key (required)

In comments, since they need no value:
envs/x.config.env:10 LEVEL — A level (default: low)
envs/x.env:11 SPARE_KEY — Somebody else's key (optional)

Next: npm run synth -- x
`,
  });
  expect(read('x.config.env')).toBe(`${files['x.config.env']}${addedConfig}`);
  expect(read('x.env')).toBe(`${files['x.env']}${addedSecrets}`);
});

it('has nothing to add the second time', async () => {
  const { read, topUp } = place();
  await topUp();
  const before = [read('x.env'), read('x.config.env')];
  expect(await topUp()).toEqual({
    status: 0,
    stderr: '',
    stdout: 'x: nothing to add, every variable has a line, by its name or a former one\n',
  });
  expect([read('x.env'), read('x.config.env')]).toEqual(before);
});

it('keeps modes, a missing final newline and CRLF', async () => {
  const there = { 'x.config.env': 'SPACE=x\r\n# NAME=\r\n', 'x.env': 'TOKEN=fake-token' };
  const { root, read, topUp } = place(there);
  chmodSync(join(root, 'envs/x.env'), 0o640);
  await topUp();
  expect(read('x.config.env')).toBe(`${there['x.config.env']}${addedConfig.replaceAll('\n', '\r\n')}`);
  expect(read('x.env')).toBe(`${there['x.env']}\n${addedSecrets}`);
  expect(statSync(join(root, 'envs/x.env')).mode & 0o777).toBe(0o640);
});

it.each([
  ['assigned in the other file', { 'x.env': 'TOKEN=fake\nTITLE=a\nLEVEL=low\nKEY=fake\n' }, ['SPARE_KEY']],
  ['empty', { 'x.env': 'TOKEN=\nKEY=\nexport SPARE_KEY=\n' }, ['LEVEL', 'TITLE']],
  ['in a comment', { 'x.env': '#TOKEN=\n  # KEY = fake\n#  export SPARE_KEY=\n' }, ['LEVEL', 'TITLE']],
  [
    'in a patch',
    {
      'x-secret-config-patch.yml':
        'apiVersion: v1\nkind: Secret\nmetadata: {name: web-secrets}\nstringData: {KEY: fake, SPARE_KEY: fake}\n',
    },
    ['LEVEL', 'TITLE'],
  ],
  ['on a line that cannot be read', { 'x.env': 'TOKEN=fake\nKEY="fake\n' }, ['LEVEL', 'SPARE_KEY', 'TITLE']],
])('counts as there what is %s', async (_what, changes, names) => {
  const { topUp } = place({ ...files, ...changes });
  const { stdout } = await topUp('--json');
  expect(
    JSON.parse(stdout)
      .added?.map(({ variable }: { variable: string }) => variable)
      .sort(),
  ).toEqual(names);
});

it('makes the file that is not there, for its owner only', async () => {
  const { root, read, topUp } = place({ 'x.config.env': files['x.config.env'] });
  expect((await topUp()).status).toBe(0);
  expect(read('x.env')).toMatch(/^# x: what is never committed, secrets above all\.\n.*\nTOKEN=\n.*\nKEY=\n/s);
  expect(statSync(join(root, 'envs/x.env')).mode & 0o777).toBe(0o600);
});

it('adds nothing where the file that lacks would go to git', async () => {
  const { root, read, topUp } = place({ 'x.config.env': files['x.config.env'] });
  git(root, 'init', '--quiet');
  expect(await topUp()).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('exposed-file') });
  expect(read('x.config.env')).toBe(files['x.config.env']);
});

it('adds nothing where the last value does not end, which would swallow what is added', async () => {
  const there = { ...files, 'x.env': "TOKEN='fake\n" };
  const { read, topUp } = place(there);
  const { status, stderr } = await topUp();
  expect([status, stderr]).toEqual([
    1,
    'error[not-written] envs/x.env does not end where its last value does\n  hint Close the last quote in it\n',
  ]);
  expect([read('x.env'), read('x.config.env')]).toEqual([there['x.env'], there['x.config.env']]);
});

describe('where one file cannot be written, the other is as it was:', () => {
  it.each<[string, (envs: string) => void]>([
    ['the second is a link', (envs) => symlinkSync('elsewhere.txt', join(envs, 'x.env'))],
    ['the second would go to git', (envs) => git(envs, 'init', '--quiet')],
  ])('%s', async (_what, prepare) => {
    const { root, read, topUp } = place({ 'x.config.env': files['x.config.env'], 'elsewhere.txt': files['x.env'] });
    prepare(join(root, 'envs'));
    expect(await topUp()).toMatchObject({ status: 1, stdout: '' });
    expect(read('x.config.env')).toBe(files['x.config.env']);
    expect(read('elsewhere.txt')).toBe(files['x.env']);
  });

  it('the second may not be written, and the first cannot be cut', async () => {
    const { read, topUp } = place();
    const spy = jest.spyOn(fs, 'ftruncateSync').mockImplementation(() => {
      throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
    });
    const open = fs.openSync;
    const opener = jest.spyOn(fs, 'openSync').mockImplementation((path, flags, ...rest) => {
      const isWritten = typeof flags === 'number' && (flags & fs.constants.O_WRONLY) !== 0;
      if (isWritten && path === 'envs/x.env') throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
      return open(path, flags, ...rest);
    });
    try {
      expect(await topUp()).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('envs/x.env could not be written'),
      });
    } finally {
      spy.mockRestore();
      opener.mockRestore();
    }
    expect(read('x.config.env')).toBe(files['x.config.env']);
  });

  it('the disk is full', async () => {
    const { read, topUp } = place();
    const write = fs.writeFileSync;
    const spy = jest.spyOn(fs, 'writeFileSync').mockImplementation((file, content) => {
      if (fs.fstatSync(Number(file)).size === files['x.config.env'].length) return write(file, content);
      write(file, String(content).slice(0, 20));
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    });
    try {
      const { status, stderr } = await topUp();
      expect([status, stderr]).toEqual([1, expect.stringContaining('the disk is full')]);
    } finally {
      spy.mockRestore();
    }
    expect([read('x.config.env'), read('x.env')]).toEqual(Object.values(files));
  });
});

it.each<[what: string, text: string, put?: (path: string, text: string) => void]>([
  ['added something, as another run does', `${files['x.env']}KEY=fake\n`],
  ['written less', 'KEY=fake\n'],
  [
    'put a file of the same content there',
    files['x.env'],
    (path, text) => {
      fs.writeFileSync(`${path}.new`, text);
      fs.renameSync(`${path}.new`, path);
    },
  ],
])('adds nothing where somebody else has meanwhile %s', async (_what, text, put = fs.writeFileSync) => {
  const { root, read, topUp } = place();
  const { openSync: open } = fs;
  const spy = jest.spyOn(fs, 'openSync').mockImplementation((path, flags, ...rest) => {
    const descriptor = open(path, flags, ...rest);
    if (path === 'envs/x.env' && Number(flags) & fs.constants.O_APPEND) put(join(root, path), text);
    return descriptor;
  });
  try {
    expect(await topUp()).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('envs/x.env was changed by somebody else meanwhile'),
    });
  } finally {
    spy.mockRestore();
  }
  expect([read('x.config.env'), read('x.env')]).toEqual([files['x.config.env'], text]);
});

it('leaves what somebody saves while git is asked, whatever git says', async () => {
  const { root, read, topUpWith } = place({ 'x.config.env': files['x.config.env'] });
  git(root, 'init', '--quiet');
  const saved = `${files['x.config.env']}TITLE=mine\n`;
  const tools = folderWith({
    saved,
    git: `#!/bin/sh\ncat "$(dirname "$0")/saved" > '${root}/envs/x.config.env'\nexit 1\n`,
  });
  chmodSync(join(tools, 'git'), 0o755);
  const { status, stderr } = await topUpWith(`${tools}:${process.env['PATH']}`);
  expect([status, stderr]).toEqual([1, expect.stringContaining('git would take it')]);
  expect(read('x.config.env')).toBe(saved);
});

it('does not follow a link', async () => {
  const { root, topUp } = place({ 'x.config.env': files['x.config.env'], 'elsewhere.txt': files['x.env'] });
  symlinkSync('elsewhere.txt', join(root, 'envs/x.env'));
  expect(await topUp()).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('envs/x.env could not be written: it is a symbolic link, which is not followed'),
  });
});

it.each([
  ['no environment', [], 2, 'Which environment?'],
  ['two', ['x', 'y'], 2, 'One environment at a time'],
  ['one that is not there', ['other'], 1, 'Without --top-up it is made'],
  ['a near name', ['x.env'], 2, 'Did you mean x?'],
  ['a model', ['x', '--from', 'y'], 2, '--from makes a new environment, --top-up adds to one that is there'],
  ['an unreadable file', ['bad'], 1, 'holds a NUL byte'],
])('refuses %s', async (_what, args, status, message) => {
  const envs = folderWith({ 'x.env': '', 'y.env': '', 'bad.env': 'A=\0' });
  const result = await run(['new', '--top-up', ...args, '--envs', envs]);
  expect([result.status, result.stdout, result.stderr]).toEqual([status, '', expect.stringContaining(message)]);
});

it('adds what makes a valid environment once it is filled in', async () => {
  const values = validValues('x');
  const half = validEnvironment('x').split('\n').slice(0, 4).join('\n');
  const root = folderWith({ 'x.env': `${half}\n` });
  expect((await run(['new', 'x', '--top-up', '--envs', root])).status).toBe(0);
  for (const name of ['x.env', 'x.config.env']) {
    const path = join(root, name);
    const filled = readFileSync(path, 'utf8').replace(
      /^([A-Z_]+)=$/gm,
      (line, variable) => `${line}${values[variable]}`,
    );
    spawnSync('tee', [path], { input: filled });
  }
  expect(await run(['check', 'x', '--envs', root])).toMatchObject({ status: 0, stderr: '' });
});
