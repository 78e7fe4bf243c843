import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { git } from '../../test/git';
import { folderWith, run, validEnvironment } from '../../test/run';
import { inOrder, type Problem, type ProblemCode, problemCodes, runCodes } from './problem';

const patch = (name: string, body: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${body}\n`;

/** A Deployment that takes its environment from these sources. */
function workloads(sources: string) {
  const container = `{name: main, envFrom: [${sources}]}`;
  return {
    files: {
      'x.env': validEnvironment('x'),
      'desk.yaml': [
        'kind: ConfigMap\nmetadata: {name: more}\ndata: {FLOOR: debug}\n---\n',
        `kind: Deployment\nmetadata: {name: desk}\nspec: {template: {spec: {containers: [${container}]}}}\n`,
      ].join(''),
    },
    command: (root: string) => ['check', 'x', '--workloads', join(root, 'envs/desk.yaml')],
  };
}

/** For every code a set of env files, or what else it takes, that produces it in environment `x`. */
const cases: Readonly<
  Record<
    (typeof problemCodes)[number],
    {
      files?: Record<string, string>;
      prepare?: (root: string) => void;
      args?: string[];
      env?: NodeJS.ProcessEnv;
      /** Another command than synth, given the place. */
      command?: (root: string) => string[];
    }
  >
> = {
  missing: { files: { 'x.env': validEnvironment('x', { POSTAL_API_KEY: '' }) } },
  'unknown-variable': { files: { 'x.env': validEnvironment('x', { POSTAL_API_KEI: 'fake' }) } },
  duplicate: { files: { 'x.env': `${validEnvironment('x')}OFFICE=a.example\n` } },
  'ambiguous-line': { files: { 'x.env': `${validEnvironment('x')}nonsense\n` } },
  'unresolved-placeholder': { files: { 'x.env': validEnvironment('x', { POSTAL_API_KEY: '${NOPE}' }) } },
  'placeholder-cycle': {
    files: {
      'x.env': validEnvironment('x', { POSTAL_API_KEY: '${GEOCODES_API_KEY}', GEOCODES_API_KEY: '${POSTAL_API_KEY}' }),
    },
  },
  'invalid-value': { files: { 'x.env': validEnvironment('x', { LOG_FLOOR: 'loud' }) } },
  'misplaced-secret': { files: { 'x.env': validEnvironment('x'), 'x.config.env': 'POSTAL_API_KEY=fake\n' } },
  contradiction: { files: { 'x.env': validEnvironment('x', { PD_ENV: 'y' }) } },
  'shared-target': { files: { 'x.env': validEnvironment('x'), 'y.env': validEnvironment('x') } },
  'stray-file': { files: { 'x.env': validEnvironment('x'), '.env.x': '' } },
  'too-large': { files: { 'x.env': validEnvironment('x', { POSTAL_API_KEY: 'a'.repeat(131_072) }) } },
  unreadable: { files: { 'x.env': 'A=\0' } },
  'unreadable-secrets': { files: { 'x.config.env': '' }, args: ['x', '--from-env-file', '-'] },
  'unknown-environment': {},
  'not-written': {
    files: { 'x.env': validEnvironment('x') },
    prepare: (root) => symlinkSync('/', join(root, 'dist', 'x')),
  },
  'invalid-patch': {
    files: {
      'x.env': validEnvironment('x'),
      'x-secret-config-patch.yml': patch('depot-config', 'data: {TRACING_ENABLED: yes}'),
    },
  },
  'reused-secret': { files: { 'x.env': validEnvironment('x'), 'y.env': validEnvironment('y') }, args: ['x', 'y'] },
  'not-a-value': { files: { 'x.env': validEnvironment('x', { POSTAL_API_KEY: 'changeme' }) } },
  'suspicious-value': { files: { 'x.env': validEnvironment('x', { POSTAL_API_KEY: 'fake-1;' }) } },
  'empty-value': { files: { 'x.env': validEnvironment('x') }, args: ['x', '--from-env'], env: { POSTAL_API_KEY: '' } },
  'open-permissions': {
    files: { 'x.env': validEnvironment('x') },
    prepare: (root) => chmodSync(join(root, 'envs', 'x.env'), 0o644),
  },
  'exposed-file': {
    files: { 'notes.txt': '', 'config/.env.k8s.x': 'PD_ENV=x\n' },
    prepare: (root) => git(root, 'init', '--quiet'),
    command: (root) => ['migrate', join(root, 'envs')],
  },
  'unknown-reference': workloads('{configMapRef: {name: depot-confg}}'),
  collision: workloads('{configMapRef: {name: depot-config}}, {prefix: LOG_, configMapRef: {name: more}}'),
  'unused-variable': workloads('{configMapRef: {name: depot-config}}'),
};

it.each(problemCodes)('%s is reported where it occurs', async (code) => {
  const { files = {}, prepare, args = ['x'], env = {}, command } = cases[code];
  const root = folderWith(Object.fromEntries(Object.entries(files).map(([name, text]) => [`envs/${name}`, text])));
  for (const name of ['envs', 'dist']) mkdirSync(join(root, name), { recursive: true });
  prepare?.(root);
  const { status, stdout } = await run(
    [...(command?.(root) ?? ['synth', ...args, '--out', join(root, 'dist')]), '--envs', join(root, 'envs'), '--json'],
    { env: { PATH: process.env['PATH'], ...env } },
  );
  const { environments } = JSON.parse(stdout);
  const problems: Problem[] = environments[0].problems;
  expect(problems.map((problem) => problem.code)).toContain(code);
  expect(status).toBe(problems.some(({ severity }) => severity === 'error') ? 1 : 0);
  for (const { message, hint } of problems) {
    expect([message, hint ?? '']).toEqual([expect.stringMatching(/^.+[^.\n]$/), expect.not.stringContaining('\n')]);
  }
});

it('puts problems in the order of file, line and code, those without a place first', () => {
  const problem = (code: ProblemCode, file?: string, line?: number): Problem => ({
    severity: 'error',
    code,
    message: '',
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
  });
  const ordered = [
    problem('missing'),
    problem('too-large'),
    problem('unreadable', 'a'),
    problem('missing', 'a', 2),
    problem('duplicate', 'a', 10),
    problem('missing', 'a', 10),
    problem('duplicate', 'b', 1),
  ];
  expect(inOrder([...ordered].reverse())).toEqual(ordered);
});

it('is explained in docs/design.md, code by code', () => {
  const rows = readFileSync(join(__dirname, '../../docs/design.md'), 'utf8').matchAll(/^\| `([a-z-]+)` \| /gm);
  expect([...rows].map(([, code]) => code)).toEqual([...problemCodes, ...runCodes]);
});
