import fs, { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { folderWith, run, validEnvironment } from '../../test/run';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { limits } from '../environment/limits';
import * as passing from '../sources/in-passing';
import { evaluateEnvironments } from './environments';

jest.mock('../sources/in-passing', () => ({
  createGlance: jest.fn(jest.requireActual('../sources/in-passing').createGlance),
}));

/** A file with so many lines that are no assignments, or those of unknown names, and nothing else wrong. */
const nonsense = (name: string, lines: number) => {
  const bad = Array.from({ length: lines }, (_, index) => (index % 2 === 0 ? 'nonsense\n' : `UNKNOWN_${index}=x\n`));
  return validEnvironment(name).replaceAll('=fake-', `=fake-${name}-`) + bad.join('');
};

function place(files: Readonly<Record<string, string>>) {
  const root = folderWith(files);
  const envs = join(root, 'envs');
  const out = (command = '') => (command === 'synth' ? ['--out', join(root, 'dist')] : []);
  return {
    root,
    on: ([command = '', ...args]: readonly string[], options?: Parameters<typeof run>[1]) =>
      run([command, '--envs', envs, ...out(command), ...args], options),
  };
}

/** How many problems are listed in a text: those that are alike on several lines are said once. */
function listed(text: string): number {
  const others = [...text.matchAll(/^ {2}also on lines? (.*)$/gm)].flatMap(([, lines = '']) => lines.split(/, | and /));
  const counts = others.map((each) => Number(/^(\d+) more$/.exec(each)?.[1] ?? 1));
  return (text.match(/^(?:error|warning)\[/gm)?.length ?? 0) + counts.reduce((sum, count) => sum + count, 0);
}

describe('of a file with very many problems', () => {
  const files = {
    'envs/x.env': nonsense('x', 500),
    'envs/y.env': nonsense('y', 500),
    // Each value is one to dotenv and another to the shell, and of the rest every second line is no assignment.
    'former/config/.env.k8s.z': nonsense('z', 1_000).replace(/=(.+)$/gm, "='$1 x'"),
    'former/apps/base/secrets.yml': '',
  };

  it.each([
    ['synth', ['x']],
    ['check', ['x']],
    ['diff', ['x', 'y']],
    ['with-env', ['x', '--bundle', 'depot', '--', 'true']],
  ])('%s lists a hundred, and says how many more there are', async (command, args) => {
    const { stderr } = await place(files).on([command, ...args]);
    const environments = command === 'diff' ? 2 : 1;
    expect(listed(stderr)).toBe(environments * (limits.problemsOfFile + 1));
    expect(stderr).toContain('error[ambiguous-line] 400 more problems in this file are not listed\n');
    expect(stderr).toMatch(/^x: 500 errors/m);
  });

  it.each([
    ['synth', ['x']],
    ['check', ['x']],
  ])('%s --json does the same', async (command, args) => {
    const { environments } = JSON.parse((await place(files).on([command, ...args, '--json'])).stdout);
    for (const { ok, problems } of environments) {
      expect([ok, problems.length]).toEqual([false, limits.problemsOfFile + 1]);
      expect(problems.at(-1)).toMatchObject({ severity: 'error', code: 'ambiguous-line', more: 400 });
    }
  });

  it('diff --json does the same', async () => {
    const { problems } = JSON.parse((await place(files).on(['diff', 'x', 'y', '--json'])).stdout);
    expect(problems).toHaveLength(2);
    for (const ofOne of problems) {
      expect(ofOne).toHaveLength(limits.problemsOfFile + 1);
      expect(ofOne.at(-1)).toMatchObject({ severity: 'error', code: 'ambiguous-line', more: 400 });
    }
  });

  it('migrate does the same, with and without --json', async () => {
    const { root, on } = place(files);
    const text = await on(['migrate', join(root, 'former'), '--json']);
    expect(listed(text.stderr)).toBe(limits.problemsOfFile + 1);
    expect(JSON.parse(text.stdout).environments[0].problems).toHaveLength(limits.problemsOfFile + 1);
  });

  it('an annotation is made of those that are listed', async () => {
    const { stderr } = await place(files).on(['check', 'x'], { env: { GITHUB_ACTIONS: 'true' } });
    expect(stderr.match(/^::error /gm)).toHaveLength(limits.problemsOfFile + 1);
    expect(stderr).toMatch(/^::error file=[^,]*x\.env,title=ambiguous-line::400 more problems in this file/m);
  });

  it('the same goes for standard input', async () => {
    const { stderr } = await place({ 'envs/x.config.env': '' }).on(['check', 'x', '--from-env-file', '-'], {
      stdin: nonsense('x', 500),
    });
    expect(listed(stderr)).toBe(limits.problemsOfFile + 1);
    expect(stderr).toContain('  at   standard input\n');
  });

  it('errors come before warnings', async () => {
    const unknown = Array.from({ length: 300 }, (_, index) => `UNKNOWN_${index}=x\n`).join('');
    const stdin = `${unknown}nonsense\n${validEnvironment('x')}`;
    const { status, stderr } = await place({ 'envs/x.config.env': '' }).on(['check', 'x', '--from-env-file', '-'], {
      stdin,
    });
    expect([status, listed(stderr)]).toEqual([1, limits.problemsOfFile + 1]);
    expect(stderr).toMatch(/^error\[ambiguous-line\].*\n {2}at {3}standard input:301$/m);
    expect(stderr).toContain('warning[unknown-variable] 201 more problems in this file are not listed');
  });

  it('the problem of one variable is found by its name, wherever it stands', async () => {
    const env = `${nonsense('x', 500)}POSTAL_API_KEY=again\n`;
    const { stderr } = await place({ 'envs/x.env': env }).on(['check', 'x', 'POSTAL_API_KEY']);
    expect(stderr).toContain('error[duplicate] POSTAL_API_KEY is assigned on line');
  });

  it('a value with a problem that is not listed is not shown either', async () => {
    const env = `${nonsense('x', 500)}OFFICE=again.example.com\n`;
    expect((await place({ 'envs/x.env': env }).on(['check', 'x'])).stdout).toMatch(/^ {2}OFFICE +\(invalid\)/m);
  });
});

it.each(['synth', 'check'])(
  '%s lists of very many environments no more than a run may, and of each at least one',
  async (command) => {
    const names = Array.from(
      { length: limits.problemsOfRun / limits.problemsOfFile + 5 },
      (_, index) => `x${index}`,
    ).sort();
    const { on } = place(Object.fromEntries(names.map((name) => [`envs/${name}.env`, nonsense(name, 200)])));
    const { stdout, stderr } = await on([command, '--all', '--json']);
    const counts = JSON.parse(stdout).environments.map(({ problems }: { problems: unknown[] }) => problems.length);
    expect(counts.filter((count: number) => count === limits.problemsOfFile + 1)).toHaveLength(
      Math.ceil(limits.problemsOfRun / 101),
    );
    expect(counts.slice(-5)).toEqual([2, 2, 2, 2, 2]);
    // They are all alike, but for the number of those that are not listed: each is shown once.
    expect(listed(stderr)).toBe(limits.problemsOfFile + 2);
    expect(stderr).toMatch(/\n {2}also in x1, x10, x100, x101, x102 and 99 more\n/);
    expect(stderr).toMatch(/\nx0, x1, x10, x100, x101 and 100 more: 200 errors\b.*\(each\)\n$/);
  },
);

it('names some of very many environments, and says how many more there are', async () => {
  const names = Array.from({ length: limits.environmentsListed + 1_000 }, (_, index) => `x${index}`);
  const { on } = place(Object.fromEntries(names.map((name) => [`envs/${name}.env`, ''])));
  const shown = names.sort().slice(0, limits.environmentsListed).join(', ');
  expect((await on(['check', 'unheard-of'])).stderr).toContain(`There are: ${shown} and 1,000 more. To make`);
});

/** Nearly as much as a file may hold. */
const longest = `# ${'x'.repeat(4_000_000)}\n`;

it('reads standard input once, however much is there', async () => {
  const stdin = validEnvironment('x') + longest;
  const result = await place({ 'envs/x.config.env': '', 'envs/y.env': '' }).on(['synth', 'x', '--from-env-file', '-'], {
    stdin,
  });
  expect(result).toMatchObject({ status: 0, stderr: '' });
});

it('reads each file once, though environments are looked at twice', async () => {
  const { on } = place({ 'envs/x.env': validEnvironment('x'), 'envs/y.env': validEnvironment('y') });
  const opened = jest.spyOn(fs, 'openSync');
  try {
    expect((await on(['synth', '--all'])).status).toBe(0);
    const files = opened.mock.calls.map(([path]) => basename(String(path))).filter((name) => name.endsWith('.env'));
    expect(files.sort()).toEqual(['x.env', 'y.env']);
  } finally {
    opened.mockRestore();
  }
});

it('keeps no more of files that are no text, and what is small all the same', async () => {
  const large = ['v', 'w', 'x', 'y'].map((name) => [`envs/${name}.env`, `${longest}\0`]);
  const { on } = place({ ...Object.fromEntries(large), 'envs/z.env': validEnvironment('z') });
  const opened = jest.spyOn(fs, 'openSync');
  try {
    expect((await on(['synth', '--all'])).status).toBe(1);
    const files = opened.mock.calls.map(([path]) => basename(String(path))).filter((name) => name.endsWith('.env'));
    expect(files.sort()).toEqual(['v.env', 'w.env', 'x.env', 'x.env', 'y.env', 'y.env', 'z.env']);
  } finally {
    opened.mockRestore();
  }
});

it('compares environments that are too large to be kept', async () => {
  const { on } = place({
    ...Object.fromEntries(['v', 'w', 'x'].map((name) => [`envs/${name}.env`, validEnvironment(name) + longest])),
    'envs/y.env': validEnvironment('y', { POD_NAMESPACE: 'parcel-desk-v' }) + longest,
  });
  const { status, stderr } = await on(['check', '--all']);
  expect([status, stderr.match(/error\[shared-target\]/g)]).toEqual([
    1,
    ['error[shared-target]', 'error[shared-target]'],
  ]);
});

it('looks at some others in passing, and no more', async () => {
  const names = Array.from(
    { length: limits.environmentsInPassing + 1 },
    (_, index) => `y${String(index).padStart(3, '0')}`,
  );
  const files = Object.fromEntries(names.map((name) => [`envs/${name}.env`, validEnvironment(name)]));
  const sharing = (name = '') => ({ [`envs/${name}.env`]: validEnvironment('x') });
  const looked = (shares: string | undefined) =>
    place({ 'envs/x.env': validEnvironment('x'), ...files, ...sharing(shares) }).on(['check', 'x']);
  expect((await looked(names.at(-2))).stderr).toContain('warning[shared-target]');
  expect((await looked(names.at(-1))).stderr).toBe('');
});

it('is not stopped by what goes wrong with an environment that nobody asked for', async () => {
  jest.mocked(passing.createGlance).mockReturnValueOnce(async () => {
    throw new Error('fake defect');
  });
  const { root, on } = place({ 'envs/x.env': validEnvironment('x'), 'envs/y.env': validEnvironment('y') });
  expect(await on(['synth', 'x'])).toMatchObject({ status: 0, stderr: '' });
  expect(existsSync(join(root, 'dist/x'))).toBe(true);
});

it('compares no environment with one that does not exist', async () => {
  const catalog = defineCatalog({
    app: 'any',
    bundles: { web: { description: 'Web pods' } },
    variables: {
      ENVIRONMENT: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'The name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'The namespace', default: 'space' },
      CLUSTER: { kind: 'infra', drives: 'cluster', type: text(), description: 'The cluster', default: 'cluster' },
    },
  });
  const envs = folderWith({ 'a.env': 'ENVIRONMENT=a\n', 'b.env': 'ENVIRONMENT=b\n' });
  const problems = async (...names: string[]) => {
    const found = [];
    for await (const outcome of evaluateEnvironments(catalog, names, { envs })) {
      found.push([
        outcome.environment,
        outcome.problems.filter(({ severity }) => severity === 'error').map(({ code }) => code),
      ]);
    }
    return found;
  };
  expect(await problems('a', 'b')).toEqual([
    ['a', ['shared-target']],
    ['b', ['shared-target']],
  ]);
  expect(await problems('a', 'fake-secret')).toEqual([
    ['a', []],
    ['argument 2', ['unknown-environment']],
  ]);
});

describe('stray files', () => {
  const files = {
    'envs/x.env': validEnvironment('x'),
    'envs/y.env': validEnvironment('y').replaceAll('=fake-', '=fake-y-'),
    'envs/y-secret-config-patch.yaml': '',
    'envs/.env.x': '',
    'envs/z-secret-config-patch.yaml': '',
  };
  const found = (stderr: string) =>
    [...stderr.matchAll(/^(\w+)\[stray-file\] \S*\/(\S+)/gm)].map(([, ...what]) => what);

  it.each([
    ['x', ['x'], 0, [['warning', '.env.x']]],
    ['y', ['y'], 1, [['error', 'y-secret-config-patch.yaml']]],
    ['one that has nothing but them', ['z'], 1, [['error', 'z-secret-config-patch.yaml']]],
    [
      'all',
      ['--all'],
      1,
      [
        ['warning', '.env.x'],
        ['error', 'z-secret-config-patch.yaml'],
        ['error', 'y-secret-config-patch.yaml'],
      ],
    ],
  ])('of the environments of the run are reported: %s', async (_what, args, status, strays) => {
    const result = await place(files).on(['check', ...args]);
    expect([result.status, found(result.stderr)]).toEqual([status, strays]);
  });

  it('in the folder of a correct team are none: an old backup, a README and an example', async () => {
    const correct = { 'x.env.bak': '', 'x.env~': '', 'README.md': '', '.gitkeep': '', 'x.env.example': '' };
    const { on } = place({
      'envs/x.env': validEnvironment('x'),
      ...Object.fromEntries(Object.entries(correct).map(([name, text]) => [`envs/${name}`, text])),
    });
    expect(await on(['synth', 'x'])).toMatchObject({ status: 0, stderr: '' });
  });
});
