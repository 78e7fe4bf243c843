import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from './main';
import { catalog as parcelDesk } from './test/fixture/catalog';
import { captureHost, folderWith, run, validEnvironment } from './test/run';

// What the command line answers where it cannot do what it is asked at all: exit status, one line for people, one
// document for programs.

const envs = folderWith({ 'x.env': validEnvironment('x'), 'y.env': validEnvironment('y') });
const [bundle = ''] = parcelDesk.bundles.keys();
const [variable = ''] = parcelDesk.variables.keys();

/** A command line, its exit status, and the code of the one reason. */
const rows: readonly (readonly [line: string, status: number, code: string])[] = [
  ['synth', 2, 'usage'],
  ['synth Not_A_Name', 2, 'usage'],
  ['synth x --all', 2, 'usage'],
  ['synth x y --from-env', 2, 'usage'],
  ['synth x y --from-env-file -', 2, 'usage'],
  ['synth --all --from-env', 2, 'usage'],
  ['synth x y --stdout', 2, 'usage'],
  ['synth --all --stdout', 2, 'usage'],
  ['synth --all --envs /nowhere', 1, 'unknown-environment'],
  ['synth x --nope', 2, 'usage'],
  ['synth x --out', 2, 'usage'],
  ['synth x --out a\ufffd', 2, 'usage'], // bytes that are no UTF-8: Node.js does not tell which
  ['check', 2, 'usage'],
  [`check ${variable} x`, 2, 'usage'],
  ['check x --all', 2, 'usage'],
  ['check --all --envs /nowhere', 1, 'unknown-environment'],
  ['check x --stdout', 2, 'usage'],
  ['diff', 2, 'usage'],
  ['diff x --out /nowhere', 3, 'not-written'],
  ['diff x --report', 2, 'usage'],
  ['diff x --report html5', 2, 'usage'],
  ['check x --report markdwon', 2, 'usage'],
  ['check x --report=', 2, 'usage'],
  ['diff x x', 2, 'usage'],
  ['diff x y z', 2, 'usage'],
  ['diff x y --live', 2, 'usage'],
  ['diff --live', 2, 'usage'],
  ['diff x y --context c', 2, 'usage'],
  ['diff x y --from-env', 2, 'usage'],
  ['diff x y --from-env-file -', 2, 'usage'],
  ['diff x --live --context', 2, 'usage'],
  ['new', 2, 'usage'],
  ['new a b', 2, 'usage'],
  ['new Not_A_Name', 2, 'usage'],
  ['new x', 1, 'not-written'],
  ['new a --from Not_A_Name', 2, 'usage'],
  ['new a --from z', 1, 'unknown-environment'],
  ['new a --envs /nowhere', 1, 'not-written'],
  ['migrate', 2, 'usage'],
  ['migrate a b', 2, 'usage'],
  ['migrate /nowhere', 1, 'unreadable'],
  ['docs --nope', 2, 'usage'],
  ['exec x', 2, 'usage'],
  ['with-env x', 2, 'usage'],
  [`with-env --bundle ${bundle}`, 2, 'usage'],
  [`with-env x --bundle ${bundle}`, 2, 'usage'],
  ['with-env x --bundle nope -- true', 2, 'usage'],
  [`with-env Not_A_Name --bundle ${bundle} -- true`, 2, 'usage'],
];

const argsOf = (line: string) => {
  const [command = '', ...rest] = line.split(' ');
  return line.includes('/nowhere') && line.includes('--envs') ? [command, ...rest] : [command, '--envs', envs, ...rest];
};

it.each(rows)('%s: exit status %d, %s', async (line, status, code) => {
  const result = await run(argsOf(line));
  expect([result.status, result.stdout]).toEqual([status, '']);
  expect(result.stderr).toMatch(new RegExp(`^error\\[${code}\\] \\S.*\\n(?: {2}\\S.*\\n)*$`));
});

it.each(rows.filter(([line]) => !/^(?:docs|exec|with-env)/.test(line)))(
  '%s: one JSON document',
  async (line, status, code) => {
    const [command = '', ...rest] = argsOf(line);
    const result = await run([command, '--json', ...rest]);
    const { error, ...document } = JSON.parse(result.stdout);
    expect([result.status, document]).toEqual([status, { environments: [] }]);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^\S.*[^.]$/) });
    expect(Object.keys(error).filter((key) => !['code', 'message', 'hint', 'file'].includes(key))).toEqual([]);
    expect(result.stderr).toContain(error.message);
  },
);

it('the options of the command that exec starts are its own: --json of it prints no document of ours', async () => {
  const result = await run(['exec', 'x', '--envs', envs, '--bundle', 'nope', '--', 'tool', '--json']);
  expect(result).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/^error\[usage\] /) });
});

it.each(['--env', '--environment=staging'])('%s is told that an environment needs no option', async (option) => {
  const { status, stderr } = await run(['synth', option, 'staging']);
  expect([status, stderr]).toEqual([
    2,
    `error[usage] There is no option ${option.replace(/=.*/, '')}\n  hint An environment is named without an option: npm run synth -- <env>\n`,
  ]);
});

it.each([
  ['synth', '--env-file', ' Did you mean --from-env-file? See npm run synth -- --help'],
  ['check', '--format', ' Did you mean --report? See npm run check -- --help'],
  ['diff', '--output', ' Did you mean --out? See npm run diff -- --help'],
  ['guard', '--env', ' Did you mean --envs? See npm run guard -- --help'],
  ['docs', '--format', ' See npm run docs -- --help'],
])('%s is told what %s of other programs is called here, if it is here', async (command, option, hint) => {
  const { status, stderr } = await run([command, 'x', option, 'y']);
  expect([status, stderr]).toEqual([2, `error[usage] There is no option ${option}\n  hint${hint}\n`]);
});

it.each([
  [['--json', '--report', 'markdown'], /^\{\n {2}"environments": \[\],/],
  [['--report', 'markdown', '--nope'], /^## Stopped by an error\n/],
  [['--report=markdown', '--nope'], /^## Stopped by an error\n/],
  [['--report', 'json', '--nope'], /^\{\n {2}"environments": \[\],/],
  [['--report', 'text', '--nope'], /^$/],
  [['--report', 'fake-secret'], /^$/],
] as const)('a refusal is given in the form that is asked for: %j', async (options, form) => {
  const result = await run(['check', 'x', '--envs', envs, ...options]);
  expect([result.status, result.stdout]).toEqual([2, expect.stringMatching(form)]);
  expect(result.stdout + result.stderr).not.toContain('fake-secret');
});

it.each(['--from-env', '--from-env-file=-'])('diff of two environments says what is wrong with %s', async (option) => {
  const { stderr } = await run(['diff', 'x', 'y', option, '--envs', envs]);
  expect(stderr).toMatch(/--from-env-file\s+and\s+--stdout\s+take\s+exactly\s+one\s+environment/);
});

it.each([['sync'], ['Synth'], ['--all'], ['']])(
  'a command that there is not, %j, is a usage error',
  async (command) => {
    expect(await run([command])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error\[usage\] /),
    });
    const { status, stdout } = await run([command, '--json']);
    expect([status, JSON.parse(stdout).error.code]).toEqual([2, 'usage']);
  },
);

it.each([
  ['a terminal', { isTTY: true }, ['synth', 'x', '--stdout']],
  ['both at once', {}, ['synth', 'x', '--stdout', '--json']],
])('manifests are not printed to %s', async (_what, host, args) => {
  const { status, stdout } = await run([...args, '--envs', envs], host);
  expect(status).toBe(2);
  expect(stdout).not.toContain('"kind"');
});

describe('an option with an empty value', () => {
  const { scripts } = JSON.parse(readFileSync(join(__dirname, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const launched = Object.values(scripts).flatMap((script) => /launch\.js (\S+)/.exec(script)?.[1] ?? []);
  const commands = launched.filter((name) => name !== 'exec'); // the former name of with-env
  /** What a command needs besides. */
  const others: Readonly<Record<string, readonly string[]>> = {
    'with-env': ['--bundle', bundle],
    migrate: ['docker/k8'],
  };

  it.each(commands)('is a usage error of %s, whichever it is', async (command) => {
    const { stdout } = await run([command, '--help']);
    const options = [...stdout.matchAll(/^ +(--[a-z-]+) </gm)].map(([, option]) => option ?? '');
    expect(options).toContain('--envs');
    for (const option of options) {
      for (const empty of [[option, ''], [`${option}=`]]) {
        const name = ['docs', 'guard', 'migrate'].includes(command) ? [] : ['demo'];
        const result = await run([command, ...name, ...(others[command] ?? []), ...empty]);
        expect(result).toEqual({
          status: 2,
          stdout: '',
          stderr: expect.stringContaining(`${option} has an empty value`),
        });
      }
    }
  });
});

describe('a defect of the program', () => {
  /** A host on which the first question about the terminal fails, as only a defect would. */
  const crash = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const { host, written } = captureHost({ env });
    const error = Object.assign(new TypeError('fake-secret\n    at fake-secret'), { code: 'EFAKE' });
    const stdout = {
      write: host.stdout.write,
      get isTTY(): boolean {
        throw error;
      },
    };
    return { status: await main([...args, '--envs', envs], { ...host, stdout }), ...written };
  };

  it.each([
    ['check', ['check', 'x'], 1],
    ['diff', ['diff', 'x', 'y'], 3], // 1 would be a difference
  ])('is one line that says so, of %s', async (_command, args, status) => {
    const result = await crash(args);
    expect([result.status, result.stdout]).toEqual([status, '']);
    expect(result.stderr).toMatch(/internal error: TypeError \(EFAKE\)/);
    expect(result.stderr).toContain('DEBUG=1');
    expect(result.stderr).not.toMatch(/fake-secret|^\s+at \S+ \(/m);
  });

  it('shows its place under DEBUG, and no line of its message', async () => {
    const { status, stderr } = await crash(['check', 'x'], { DEBUG: '1' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^ {4}at .*main-refusals\.test\.ts/m)]);
    expect(stderr).not.toContain('fake-secret');
  });
});

it('every command has help, with examples', async () => {
  for (const command of ['synth', 'check', 'diff', 'new', 'migrate', 'docs', 'with-env']) {
    const { status, stdout, stderr } = await run([command, '--help']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Usage: npm run ${command}(?: -- | \\[-- )[\\s\\S]*\\nExamples:\\n {2}npm run`));
  }
});
