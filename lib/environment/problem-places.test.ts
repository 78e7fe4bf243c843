import { chmodSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { catalog as parcelDesk } from '../../test/fixture/catalog';
import { folderWith, run, validEnvironment, validValues } from '../../test/run';
import type { Variable } from '../catalog/catalog';
import { type Problem, type ProblemCode, problemCodes } from './problem';

// What each kind of mistake is reported as, through the command line: how grave it is, of which variable, and where.

/** `<severity> <code> <variable> <file>:<line>`, what is not known left out; files relative to the place. */
type Report = string;

interface Mistake {
  readonly code: ProblemCode;
  readonly when: string;
  /** Of the environments x and y, in `envs`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly prepare?: (root: string) => void;
  readonly args?: (root: string) => readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Of the first environment, in this order. */
  readonly reports: readonly Report[];
}

const variables = [...parcelDesk.variables.values()];
/** Names of required variables of a sort, so that what is missing is only what a mistake is about. */
const names = (is: (variable: Variable) => boolean) =>
  variables.filter((each) => is(each) && !each.optional && each.default === undefined).map(({ name }) => name);
const [secret = '', other = ''] = names(({ kind, mayBeReused }) => kind === 'secret' && !mayBeReused);
const [plain = ''] = names(({ kind, type }) => kind === 'config' && type.allowed === undefined);
const mode = variables.find(({ followsEnvironment }) => followsEnvironment)?.name ?? '';
const choice =
  variables.find(({ kind, type, followsEnvironment }) => kind === 'config' && type.allowed && !followsEnvironment)
    ?.name ?? '';
const {
  environment: { name: k8Env },
  namespace: { name: namespace },
} = parcelDesk.roles;

const secretObject =
  parcelDesk.objects.find(({ kind, variables }) => kind === 'Secret' && variables.has(secret))?.name ?? '';
const configObject =
  parcelDesk.objects.find(({ kind, variables }) => kind === 'ConfigMap' && variables.has(choice))?.name ?? '';

const x = (changes: Readonly<Record<string, string>> = {}) => validEnvironment('x', changes);
/** The same with secrets of its own. */
const y = (changes: Readonly<Record<string, string>> = {}) => {
  const secrets = names(({ sensitive }) => sensitive).map((name) => [name, `fake-y-${name}`]);
  return x({ ...Object.fromEntries(secrets), ...changes });
};
/** The line of a variable in `x()`; what is added stands behind. */
const lineOf = (name: string) => Object.keys(validValues('x')).indexOf(name) + 1;
const behind = Object.keys(validValues('x')).length + 1;
const at = (name: string) => `envs/x.env:${lineOf(name)}`;

const patch = (kind: 'Secret' | 'ConfigMap', name: string, ...lines: string[]) => ({
  'x.env': x(),
  'x-secret-config-patch.yml': [`apiVersion: v1`, `kind: ${kind}`, `metadata: {name: ${name}}`, ...lines, ''].join(
    '\n',
  ),
});
const inPatch = (line: number) => `envs/x-secret-config-patch.yml:${line}`;
const fromFile = (name: string) => (root: string) => ['synth', 'x', '--from-env-file', join(root, 'envs', name)];

const mistakes: readonly Mistake[] = [
  {
    code: 'missing',
    when: 'an assignment is empty',
    files: { 'x.env': x({ [secret]: '' }) },
    reports: [`error missing ${secret} ${at(secret)}`],
  },
  {
    code: 'missing',
    when: 'there is no assignment',
    files: { 'x.env': x().replace(/^.*\n/, '') },
    reports: [`error missing ${Object.keys(validValues('x'))[0]}`],
  },
  {
    code: 'missing',
    when: 'it is empty in a higher layer',
    files: { 'x.env': x({ [plain]: '' }), 'x.config.env': `${plain}=\n` },
    reports: [`error missing ${plain} ${at(plain)}`],
  },
  {
    code: 'unknown-variable',
    when: 'a name is near one',
    files: { 'x.env': `${x()}${secret}S=fake\n` },
    reports: [`error unknown-variable ${secret}S envs/x.env:${behind}`],
  },
  {
    code: 'unknown-variable',
    when: 'a name is near none',
    files: { 'x.env': `${x()}QQQQQQQQQQ=fake\n` },
    reports: [`error unknown-variable envs/x.env:${behind}`],
  },
  {
    code: 'unknown-variable',
    when: 'a dump has names of others',
    files: { 'x.config.env': '', dump: `${x()}QQQQQQQQQQ=fake\n${secret}S=fake\n` },
    args: fromFile('dump'),
    reports: [
      `warning unknown-variable envs/dump:${behind}`,
      `warning unknown-variable ${secret}S envs/dump:${behind + 1}`,
    ],
  },
  {
    code: 'unknown-variable',
    when: 'a dump has a near name and not the name',
    files: { 'x.config.env': '', dump: `${x({ [secret]: '' })}${secret}S=fake\n` },
    args: fromFile('dump'),
    reports: [
      `error missing ${secret} envs/dump:${lineOf(secret)}`,
      `error unknown-variable ${secret}S envs/dump:${behind}`,
    ],
  },
  {
    code: 'duplicate',
    when: 'a name stands twice',
    files: { 'x.env': `${x()}${secret}=fake\n` },
    reports: [`error duplicate ${secret} envs/x.env:${behind}`],
  },
  {
    code: 'duplicate',
    when: 'a key stands twice in an object',
    files: patch('Secret', secretObject, 'stringData:', `  ${secret}: fake`, `  ${secret}: fake`),
    reports: [`error duplicate ${secret} ${inPatch(6)}`],
  },
  {
    code: 'ambiguous-line',
    when: 'a value would be cut off',
    files: { 'x.env': x({ [secret]: 'fake#key' }) },
    reports: [`error ambiguous-line ${secret} ${at(secret)}`],
  },
  {
    code: 'ambiguous-line',
    when: 'a line is no assignment',
    files: { 'x.env': `${x()}fake key\n` },
    reports: [`error ambiguous-line envs/x.env:${behind}`],
  },
  {
    code: 'unresolved-placeholder',
    when: 'a name is not in the catalog',
    files: { 'x.env': x({ [secret]: '${NOPE}' }) },
    reports: [`error unresolved-placeholder ${secret} ${at(secret)}`],
  },
  {
    code: 'unresolved-placeholder',
    when: 'the process environment has it',
    files: { 'x.env': x() },
    args: () => ['synth', 'x', '--from-env'],
    env: { [secret]: '${NOPE}' },
    reports: [`error unresolved-placeholder ${secret}`],
  },
  {
    code: 'placeholder-cycle',
    when: 'two values read each other',
    files: { 'x.env': x({ [secret]: `\${${other}}`, [other]: `\${${secret}}` }) },
    reports: [secret, other]
      .sort((a, b) => lineOf(a) - lineOf(b))
      .map((name) => `error placeholder-cycle ${name} ${at(name)}`),
  },
  {
    code: 'invalid-value',
    when: 'a value is not of its type',
    files: { 'x.env': `${x()}${choice}=loud\n` },
    reports: [`error invalid-value ${choice} envs/x.env:${behind}`],
  },
  {
    code: 'invalid-value',
    when: 'the process environment has it',
    files: { 'x.env': x() },
    args: () => ['synth', 'x', '--from-env'],
    env: { [choice]: 'loud' },
    reports: [`error invalid-value ${choice}`],
  },
  {
    code: 'misplaced-secret',
    when: 'a secret stands in the committed file',
    files: { 'x.env': x(), 'x.config.env': `\n${secret}=\n` },
    reports: [`error misplaced-secret ${secret} envs/x.config.env:2`],
  },
  {
    code: 'misplaced-secret',
    when: 'a secret stands in a ConfigMap',
    files: patch('ConfigMap', configObject, 'data:', `  ${secret}: fake`),
    reports: [`error misplaced-secret ${secret} ${inPatch(5)}`],
  },
  {
    code: 'misplaced-secret',
    when: 'a config value reads one',
    files: { 'x.env': `${x()}${choice}=\${${secret}}\n` },
    reports: [
      `error invalid-value ${choice} envs/x.env:${behind}`,
      `error misplaced-secret ${choice} envs/x.env:${behind}`,
    ],
  },
  {
    code: 'contradiction',
    when: 'a file names another environment',
    files: { 'x.env': `${x()}${k8Env}=y\n` },
    reports: [`error contradiction ${k8Env} envs/x.env:${behind}`],
  },
  {
    code: 'contradiction',
    when: 'the process environment does',
    files: { 'x.env': x() },
    args: () => ['synth', 'x', '--from-env'],
    env: { [k8Env]: 'y' },
    reports: [`error contradiction ${k8Env}`],
  },
  {
    code: 'contradiction',
    when: 'one of all environments does',
    files: { 'x.env': `${x()}${k8Env}=y\n` },
    args: () => ['synth', '--all'],
    reports: [`error contradiction ${k8Env} envs/x.env:${behind}`],
  },
  {
    code: 'shared-target',
    when: 'the other one is of the run',
    files: { 'x.env': x(), 'y.env': y() },
    args: () => ['check', '--all'],
    reports: [`error shared-target ${namespace} ${at(namespace)}`],
  },
  {
    code: 'shared-target',
    when: 'the other one is not',
    files: { 'x.env': x(), 'y.env': x() },
    reports: [`warning shared-target ${namespace} ${at(namespace)}`],
  },
  {
    code: 'too-large',
    when: 'a value is',
    files: { 'x.env': x({ [secret]: 'a'.repeat(131_072) }) },
    reports: [`error too-large ${secret} ${at(secret)}`],
  },
  {
    code: 'too-large',
    when: 'an object is for client-side apply',
    files: { 'x.env': x({ ...Object.fromEntries(objectOf(secret).map((name) => [name, name.padEnd(130_000, 'a')])) }) },
    reports: [`warning too-large`],
  },
  {
    code: 'unreadable',
    when: 'a file is no text',
    files: { 'x.config.env': 'A=\0', 'x.env': x() },
    reports: ['error unreadable envs/x.config.env'],
  },
  {
    code: 'unreadable',
    when: 'a folder stands in its place',
    files: { 'x.env': x() },
    prepare: (root) => mkdirSync(join(root, 'envs/x.config.env')),
    reports: ['error unreadable envs/x.config.env'],
  },
  {
    code: 'unreadable',
    when: 'JSON has a mistake',
    files: { 'x.config.env': '', 'given.json': `{\n"${secret}": "fake",\n}` },
    args: fromFile('given.json'),
    reports: ['error unreadable envs/given.json:3'],
  },
  {
    code: 'invalid-value',
    when: 'JSON gives a number',
    files: { 'x.config.env': '', 'given.json': JSON.stringify({ ...validValues('x'), [secret]: 1 }, undefined, 1) },
    args: fromFile('given.json'),
    reports: [`error invalid-value ${secret} envs/given.json:${lineOf(secret) + 1}`],
  },
  {
    code: 'duplicate',
    when: 'JSON gives a name twice',
    files: {
      'x.config.env': '',
      'given.json': `${JSON.stringify(validValues('x')).slice(0, -1)},\n"${secret}": "fake"}`,
    },
    args: fromFile('given.json'),
    reports: [`error duplicate ${secret} envs/given.json:2`],
  },
  {
    code: 'unreadable-secrets',
    when: 'what should have been written is empty',
    files: { 'x.config.env': '', given: '\n' },
    args: fromFile('given'),
    reports: ['error unreadable-secrets envs/given'],
  },
  {
    code: 'unreadable-secrets',
    when: 'an object holds nothing',
    files: { 'x.config.env': '', 'given.json': '{ }\n' },
    args: fromFile('given.json'),
    reports: ['error unreadable-secrets envs/given.json'],
  },
  { code: 'unknown-environment', when: 'it has no file', reports: ['error unknown-environment'] },
  {
    code: 'not-written',
    when: 'a link stands in the place of the folder',
    files: { 'x.env': x() },
    prepare: (root) => symlinkSync('/', join(root, 'dist/x')),
    reports: ['error not-written dist/x'],
  },
  {
    code: 'invalid-patch',
    when: 'a value is no text',
    files: patch('ConfigMap', configObject, 'data:', `  ${choice}: yes`),
    reports: [`error invalid-patch ${choice} ${inPatch(5)}`],
  },
  {
    code: 'invalid-patch',
    when: 'it has labels, which are not carried',
    files: {
      'x.env': x(),
      'x-secret-config-patch.yml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${configObject}\n  labels: {a: b}\n`,
    },
    reports: [`warning invalid-patch ${inPatch(5)}`],
  },
  {
    code: 'invalid-patch',
    when: 'it is meant for another namespace',
    files: {
      'x.env': x(),
      'x-secret-config-patch.yml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${configObject}\n  namespace: elsewhere\n`,
    },
    reports: [`error invalid-patch ${inPatch(5)}`],
  },
  {
    code: 'stray-file',
    when: 'a patch is called .yaml',
    files: { 'x.env': x(), 'x-secret-config-patch.yaml': '' },
    reports: ['error stray-file envs/x-secret-config-patch.yaml'],
  },
  {
    code: 'stray-file',
    when: 'an env file is named the other way round',
    files: { 'x.env': x(), '.env.x': '' },
    reports: ['warning stray-file envs/.env.x'],
  },
  {
    code: 'reused-secret',
    when: 'two environments of the run hold one secret',
    files: {
      'x.env': x(),
      'y.env': y({ [secret]: validValues('x')[secret] ?? '', [namespace]: 'y' }),
    },
    args: () => ['check', 'x', 'y'],
    reports: [`warning reused-secret ${secret} ${at(secret)}`],
  },
  {
    code: 'not-a-value',
    when: 'a stand-in was left',
    files: { 'x.env': x({ [secret]: 'changeme', [plain]: 'wss://your-server.example.com' }) },
    reports: [`error not-a-value ${secret} ${at(secret)}`, `warning not-a-value ${plain} ${at(plain)}`],
  },
  {
    code: 'empty-value',
    when: 'a secret is empty in the process environment and has a value in the file',
    files: { 'x.env': x() },
    env: { [secret]: '' },
    args: () => ['check', 'x', '--from-env'],
    reports: [`warning empty-value ${secret}`],
  },
  {
    code: 'suspicious-value',
    when: 'a blank stands before it',
    files: { 'x.env': x({ [secret]: "' fake'" }) },
    reports: [`warning suspicious-value ${secret} ${at(secret)}`],
  },
  {
    code: 'suspicious-value',
    when: 'a mode is unlike its environment',
    files: { 'prod.env': validEnvironment('prod', { [mode]: 'staging' }) },
    args: () => ['check', 'prod'],
    reports: [`warning suspicious-value ${mode} envs/prod.env:${lineOf(mode)}`],
  },
  {
    code: 'open-permissions',
    when: 'others may read a file of secrets',
    files: { 'x.env': x() },
    prepare: (root) => chmodSync(join(root, 'envs/x.env'), 0o644),
    reports: ['warning open-permissions envs/x.env'],
  },
];

/** The variables of the Secret that holds a secret. */
function objectOf(name: string): string[] {
  const object = parcelDesk.objects.find(({ kind, variables }) => kind === 'Secret' && variables.has(name));
  return [...(object?.variables.values() ?? [])].filter(({ optional }) => !optional).map(({ name }) => name);
}

/** Makes the mistake in a folder of its own, and runs what stumbles over it. */
async function stumble({ files = {}, prepare, args, env = {} }: Mistake, ...options: string[]) {
  const root = folderWith(Object.fromEntries(Object.entries(files).map(([name, text]) => [`envs/${name}`, text])));
  for (const name of ['envs', 'dist']) mkdirSync(join(root, name), { recursive: true });
  prepare?.(root);
  const line = args?.(root) ?? ['synth', 'x'];
  const out = line[0] === 'synth' ? ['--out', join(root, 'dist')] : [];
  const ran = await run([...line, ...options, '--json', '--envs', join(root, 'envs'), ...out], {
    env: { PATH: process.env['PATH'], ...env },
  });
  const [{ ok, problems }] = JSON.parse(ran.stdout).environments as [{ ok: boolean; problems: Problem[] }];
  return { ...ran, root, ok, problems };
}

const named = (some: readonly Mistake[]) => some.map((each) => [`${each.code} where ${each.when}`, each] as const);

it.each(named(mistakes))('%s', async (_what, mistake) => {
  const { reports } = mistake;
  const { root, status, ok, problems } = await stumble(mistake);
  const found = problems.map(({ severity, code, variable, file, line }) =>
    [severity, code, variable, file && `${file.replace(`${root}/`, '')}${line === undefined ? '' : `:${line}`}`]
      .filter((part) => part !== undefined)
      .join(' '),
  );
  expect(found).toEqual(reports);
  const hasError = reports.some((report) => report.startsWith('error'));
  expect([ok, status]).toEqual([!hasError, hasError ? 1 : 0]);
  for (const { message, hint } of problems) {
    expect([message, hint]).toEqual([expect.stringMatching(/^[^\n]*[^.\n]$/), expect.stringMatching(/^[^\n]+$/)]);
  }
});

describe('--strict makes an error of', () => {
  const warnings = mistakes.filter(({ reports }) => reports.some((report) => report.startsWith('warning')));

  it.each(named(warnings))('%s', async (_what, mistake) => {
    const { root, status, ok, problems, stderr } = await stumble(mistake, '--strict');
    expect(problems.map(({ severity, code }) => [severity, code])).toEqual(
      mistake.reports.map((report) => ['error', report.split(' ')[1]]),
    );
    expect([ok, status, stderr.includes('warning')]).toEqual([false, 1, false]);
    expect(readdirSync(join(root, 'dist'))).toEqual([]);
  });

  it('every code that can be a warning', () => {
    expect([...new Set(warnings.map(({ code }) => code))].sort()).toEqual([
      'empty-value',
      'invalid-patch',
      'not-a-value',
      'open-permissions',
      'reused-secret',
      'shared-target',
      'stray-file',
      'suspicious-value',
      'too-large',
      'unknown-variable',
    ]);
  });
});

describe('a name that is near one may be a piece of a secret', () => {
  const typed = `${secret}QXZ`;
  const report = async (value: string) => {
    const envs = folderWith({ 'x.env': `${x({ [secret]: value })}${typed}=1\n` });
    return (
      (await run(['check', 'x', '--envs', envs, '--json'])).stdout + (await run(['check', 'x', '--envs', envs])).stderr
    );
  };

  it('and is shown where no secret holds six characters of it', async () => {
    expect(await report('fake-QXZ')).toContain(typed); // three of them are no piece
  });

  it('and is not shown where one does', async () => {
    const output = await report(`fake-${typed.slice(-6)}`);
    expect(output).toContain(`Did you mean ${secret}?`);
    expect(output).not.toContain(typed.slice(-6));
  });
});

it('every kind of mistake is here, or has tests of its own', () => {
  const elsewhere: readonly ProblemCode[] = [
    'exposed-file', // test/trust/git.test.ts
    ...(['unknown-reference', 'collision', 'unused-variable'] as const), // lib/workloads/workloads.test.ts
  ];
  const here = new Set([...mistakes.map(({ code }) => code), ...elsewhere]);
  expect(problemCodes.filter((code) => !here.has(code))).toEqual([]);
});
