import { captureHost } from '../../test/run';
import type { Problem } from '../environment/problem';
import { createReporter } from './reporter';

const missing = (environment: string, line: number): Problem => ({
  severity: 'error',
  code: 'missing',
  variable: 'A',
  file: `envs/${environment}.env`,
  line,
  message: 'A is required and has no value',
  hint: `Set it in envs/${environment}.env`,
});
const note = (environment: string, variable: string): Problem => ({
  severity: 'warning',
  code: 'suspicious-value',
  variable,
  file: `envs/${environment}.env`,
  message: `${variable} has a space around it`,
});

/** What a reporter writes of these environments. */
function report(environments: Readonly<Record<string, readonly Problem[]>>, env: NodeJS.ProcessEnv = {}) {
  const { host, written } = captureHost({ env });
  const reporter = createReporter(host, false, Object.keys(environments).length);
  for (const [name, problems] of Object.entries(environments)) {
    reporter.problems(name, problems, true, `nothing written; dist/${name} still holds what an earlier run wrote`);
  }
  reporter.finish();
  return written.stderr;
}

it('shows once what many environments have alike, and what is one’s own below its name', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const all = Object.fromEntries(names.map((name, index) => [name, [missing(name, index + 1)]]));
  expect(report({ ...all, c: [missing('c', 9), note('c', 'B')] })).toBe(`error[missing] A is required and has no value
  at   envs/a.env:1
  hint Set it in envs/a.env
  also in b, c, d, e, f and 2 more

c
warning[suspicious-value] B has a space around it
  at   envs/c.env

a, b, d, e, f and 2 more: 1 error, nothing written; dist/<env> still holds what an earlier run wrote (each)
c: 1 error and 1 warning, nothing written; dist/c still holds what an earlier run wrote
`);
});

it('shows what is said of the whole run below the name of none', () => {
  const reused: Problem = { ...note('a', 'B'), code: 'reused-secret' };
  const text = report({ a: [note('a', 'C'), reused], b: [], c: [], d: [] });
  expect(text).toMatch(/^warning\[reused-secret\] .*\n.*\n\na\nwarning\[suspicious-value\] /);
});

it('shows of few environments each by itself', () => {
  const few = { a: [missing('a', 1)], b: [missing('b', 1)], c: [missing('c', 1)] };
  expect(report(few).match(/^error/gm)).toHaveLength(3);
  expect(report({ ...few, d: [] }).match(/^error/gm)).toHaveLength(3);
});

it.each([
  ['the variable', (name: string, index: number) => note(name, `V${index}`)],
  ['the hint', (name: string, index: number) => ({ ...missing(name, 1), hint: `Ask ${index}` })],
  [
    'the severity',
    (name: string, index: number) => ({ ...missing(name, 1), severity: index % 2 ? 'error' : 'warning' }),
  ],
  [
    'another environment that is named',
    (name: string, index: number) => ({ ...missing(name, 1), message: `As in x${index}` }),
  ],
] as [string, (name: string, index: number) => Problem][])('takes problems for different by %s', (_what, make) => {
  const names = ['a', 'b', 'c', 'd'];
  const text = report(Object.fromEntries(names.map((name, index) => [name, [make(name, index)]])));
  expect(text.match(/^(?:error|warning)\[/gm)).toHaveLength(names.length);
});

it('takes lines of no variable for different mistakes by their number', () => {
  const line = (name: string, at: number): Problem => {
    const { variable: _none, ...rest } = missing(name, at);
    return rest;
  };
  const names = ['a', 'b', 'c', 'd'];
  const text = report(Object.fromEntries(names.map((name) => [name, [line(name, 1), line(name, 2)]])));
  expect(text.match(/^ {2}at .*$/gm)).toEqual(['  at   envs/a.env:1', '  at   envs/a.env:2']);
});

it('tells one name from another that begins like it', () => {
  const names = ['prod', 'prod-eu', 'prod-us', 'prod-x'];
  const text = report(Object.fromEntries(names.map((name) => [name, [missing(name, 1)]])));
  expect(text).toMatch(/\n {2}also in prod-eu, prod-us and prod-x\n/);
});

it('makes an annotation of each that it shows', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const text = report(Object.fromEntries(names.map((name) => [name, [missing(name, 1)]])), { GITHUB_ACTIONS: 'true' });
  expect(text.match(/^::error .*$/gm)).toEqual([
    '::error file=envs/a.env,line=1,title=missing::A is required and has no value. Set it in envs/a.env',
  ]);
});
