import { captureHost } from '../../test/run';
import { type Problem, refusal } from '../environment/problem';
import { createReporter, refusalText } from './reporter';

const error: Problem = {
  severity: 'error',
  code: 'missing',
  variable: 'A',
  file: 'envs/x.env',
  line: 3,
  message: 'A is required and has no value',
  hint: 'Set it',
};
const warning: Problem = {
  severity: 'warning',
  code: 'suspicious-value',
  file: 'envs/x.env',
  line: 4,
  message: 'B has a space around it',
};
const color = '\u001b[';

/** What a reporter writes, given a host. */
function report(
  act: (reporter: ReturnType<typeof createReporter>) => void,
  options?: Parameters<typeof captureHost>[0],
  quiet = false,
) {
  const { host, written } = captureHost(options);
  act(createReporter(host, quiet));
  return written;
}

describe('problems', () => {
  it('go to standard error, below the name of their environment if there are several, with what came of them', () => {
    const { stdout, stderr } = report((reporter) => reporter.problems('x', [error, warning], true, 'nothing written'));
    expect(stdout).toBe('');
    expect(stderr).toBe(`x
error[missing] A is required and has no value
  at   envs/x.env:3
  hint Set it

warning[suspicious-value] B has a space around it
  at   envs/x.env:4

x: 1 error and 1 warning, nothing written
`);
  });

  it('that differ in their line alone are one, with all the lines, and an annotation each', () => {
    const lines = (...numbers: number[]) => numbers.map((line) => ({ ...error, line }));
    const textOf = (problems: readonly Problem[], env = {}) =>
      report((reporter) => reporter.problems('x', problems, false), { env }).stderr;
    const text = 'error[missing] A is required and has no value\n  at   envs/x.env:3\n  hint Set it\n';
    expect(textOf(lines(3, 4))).toBe(`${text}  also on line 4\n\nx: 2 errors\n`);
    expect(textOf(lines(3, 5, 6))).toBe(`${text}  also on lines 5 and 6\n\nx: 3 errors\n`);
    expect(textOf([...lines(3), warning, ...lines(9)])).toBe(
      `${text}  also on line 9\n\nwarning[suspicious-value] B has a space around it\n  at   envs/x.env:4\n\nx: 2 errors and 1 warning\n`,
    );
    const annotations = textOf(lines(3, 4), { GITHUB_ACTIONS: 'true' }).match(/^::error file=envs\/x\.env,line=\d/gm);
    expect(annotations).toEqual(['::error file=envs/x.env,line=3', '::error file=envs/x.env,line=4']);
  });

  it('stand on lines as long as they are where a terminal says that it is 0 wide', () => {
    const act = (reporter: ReturnType<typeof createReporter>) => reporter.problems('x', [error], false);
    const { stderr } = report(act, { isTTY: true, columns: 0, env: { NO_COLOR: '1' } });
    expect(stderr).toContain('error[missing] A is required and has no value\n');
  });

  it('of one environment stand alone', () => {
    const { stderr } = report((reporter) => reporter.problems('x', [error], false));
    expect(stderr).toMatch(/^error\[missing\] [\s\S]*\n\nx: 1 error\n$/);
  });

  it('that are all warnings have no consequence', () => {
    const { stderr } = report((reporter) => reporter.problems('x', [warning], false, 'nothing written'));
    expect(stderr).toBe('warning[suspicious-value] B has a space around it\n  at   envs/x.env:4\n\n');
  });

  it('that do not exist are not mentioned', () => {
    expect(report((reporter) => reporter.problems('x', [], true, 'nothing written'))).toEqual({
      stdout: '',
      stderr: '',
    });
  });

  it('are shown with --quiet too', () => {
    expect(report((reporter) => reporter.problems('x', [error], false), {}, true).stderr).toContain('error[missing]');
  });

  it.each([
    ['true', true],
    ['false', false],
    ['1', false],
    ['', false],
  ])('are annotations too where GITHUB_ACTIONS is %j: %s', (value, annotated) => {
    const written = report((reporter) => reporter.problems('x', [error, warning], false), {
      env: { GITHUB_ACTIONS: value },
    });
    const annotations = written.stderr.split('\n').filter((line) => line.startsWith('::'));
    expect(annotations).toEqual(
      annotated
        ? [
            '::error file=envs/x.env,line=3,title=missing::A is required and has no value. Set it',
            '::warning file=envs/x.env,line=4,title=suspicious-value::B has a space around it',
          ]
        : [],
    );
    expect(written.stdout).toBe('');
  });
});

describe('colours', () => {
  const isColored = (options: Parameters<typeof captureHost>[0]) =>
    report((reporter) => reporter.problems('x', [error], false), options).stderr.includes(color);

  it.each([
    ['a terminal', { isTTY: true }, true],
    ['no terminal', { isTTY: false }, false],
    ['NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }, false],
    ['an empty NO_COLOR, which says nothing', { isTTY: true, env: { NO_COLOR: '' } }, true],
    ['a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }, false],
    ['FORCE_COLOR, which is not promised', { isTTY: false, env: { FORCE_COLOR: '1' } }, false],
  ])('on %s', (_where, options, colored) => expect(isColored(options)).toBe(colored));

  it('tell errors from warnings', () => {
    const { stderr } = report((reporter) => reporter.problems('x', [error, warning], false), { isTTY: true });
    expect([stderr.includes(`${color}31merror`), stderr.includes(`${color}33mwarning`)]).toEqual([true, true]);
  });
});

describe('results', () => {
  it('go to standard output, and not at all with --quiet', () => {
    expect(report((reporter) => reporter.result('done\n'))).toEqual({ stdout: 'done\n', stderr: '' });
    expect(report((reporter) => reporter.result('done\n'), {}, true)).toEqual({ stdout: '', stderr: '' });
  });
});

describe('progress', () => {
  const shown = '\r\u001b[K[1/2] x';
  const cleared = '\r\u001b[K';

  it.each([
    ['on a terminal', { isTTY: true }, false, 2, shown],
    ['elsewhere not', { isTTY: false }, false, 2, ''],
    ['with --quiet not', { isTTY: true }, true, 2, ''],
    ['of a single environment not', { isTTY: true }, false, 1, ''],
  ])('is shown %s', (_where, options, quiet, total, expected) => {
    expect(report((reporter) => reporter.progress(1, total, 'x'), options, quiet).stderr).toBe(expected);
  });

  it.each([
    ['problems', (reporter) => reporter.problems('x', [warning], false)],
    ['a failure', (reporter) => reporter.failure('It failed')],
  ] satisfies [string, (reporter: ReturnType<typeof createReporter>) => void][])('makes way for %s', (_what, act) => {
    const { stderr } = report(
      (reporter) => {
        reporter.progress(1, 2, 'x');
        act(reporter);
      },
      { isTTY: true, env: { NO_COLOR: '1' } },
    );
    expect(stderr).toMatch(/^\r\u001b\[K\[1\/2\] x\r\u001b\[K(?:warning|error)/);
  });

  it('makes way for a result, and is cleared once', () => {
    const { stdout, stderr } = report(
      (reporter) => {
        reporter.progress(1, 2, 'x');
        reporter.result('one\n');
        reporter.result('two\n');
      },
      { isTTY: true },
    );
    expect([stdout, stderr]).toEqual(['one\ntwo\n', `${shown}${cleared}`]);
  });
});

it('a failure is one error with its hint', () => {
  const { stdout, stderr } = report((reporter) => reporter.failure('It failed', 'Try again'));
  expect([stdout, stderr]).toEqual(['', 'error[tool] It failed\n  hint Try again\n']);
});

it.each([
  [{}, 'error[usage] No\n  hint Yes\n'],
  [{ GITHUB_ACTIONS: 'true' }, 'error[usage] No\n  hint Yes\n::error title=usage::No. Yes\n'],
])('a refusal is one error with its hint, and on GitHub an annotation: %j', (env, text) => {
  expect(refusalText(refusal('usage', 'No', 'Yes').problems, captureHost({ env }).host)).toBe(text);
});
