import type { Problem } from '../environment/problem';
import { colorsFor, countText, problemText } from './terminal';

const problem: Problem = {
  severity: 'error',
  code: 'missing',
  variable: 'POSTAL_API_KEY',
  file: 'envs/staging.env',
  line: 12,
  message: 'POSTAL_API_KEY is required and has no value',
  hint: 'Set it in envs/staging.env',
};
const plain = colorsFor({ write: () => {} }, {});
const colored = colorsFor({ write: () => {}, isTTY: true }, {});

it('says what, where, and what to do', () => {
  expect(problemText(problem, plain)).toBe(
    'error[missing] POSTAL_API_KEY is required and has no value\n  at   envs/staging.env:12\n  hint Set it in envs/staging.env\n',
  );
});

it('breaks lines between words, within the width of the terminal', () => {
  const text = problemText(
    { ...problem, message: 'word '.repeat(30).trim(), hint: 'hint '.repeat(30).trim() },
    colored,
    40,
  );
  const lines = text.replace(/\u001b\[\d+m/g, '').split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  expect(lines.join(' ').match(/word/g)).toHaveLength(30);
  expect(lines[1]).toMatch(/^ {2}word/);
  expect(lines.at(-2)).toMatch(/^ {7}hint/);
});

it.each([
  'Make envs/prod.env and fill it in: (umask 077 && cp envs/prod.env.example envs/prod.env)',
  "Decrypt it: sops -d 'a file' | npm run -s synth -- prod --from-env-file -",
  "rm 'a, b. C' c",
  'Make it by npm run synth -- prod --envs ../envs, and look at what it says',
  'Decrypt it for this run only: AGE_IDENTITY="$(age -d <that file>)" npm run check',
  'Take one side, as here: git checkout --theirs -- envs/prod.env, and make the changes of the other one by hand',
  'If this is the newer one: rm envs/prod.env.age && npm run encrypt -- prod. Else look at the other one',
])('never breaks a command, which would not work when it is copied: %s', (hint) => {
  const text = problemText({ ...problem, hint }, plain, 30);
  const [, command = ''] = /(?:^|: |by )((?:\(umask|sops|rm|AGE|git|npm).*?)(?:, and|\. E|$)/.exec(hint) ?? [];
  expect(command).not.toBe('');
  expect(text.split('\n')).toContainEqual(expect.stringContaining(command));
  expect(text.replace(/\n +/g, ' ')).toContain(hint);
  const prose = text.split('\n').filter((line) => !line.includes(command));
  expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(30 + '  at   envs/staging.env:12'.length);
});

it('colours on a terminal, unless NO_COLOR or a dumb terminal says otherwise', () => {
  const colorful = (isTTY: boolean, env: NodeJS.ProcessEnv) =>
    problemText(problem, colorsFor({ write: () => {}, isTTY }, env)).includes('\u001b[');
  expect(colorful(true, { TERM: 'xterm' })).toBe(true);
  expect(colorful(false, {})).toBe(false);
  expect(colorful(true, { NO_COLOR: '1' })).toBe(false);
  expect(colorful(true, { TERM: 'dumb' })).toBe(false);
});

it('does not let a file name drive the terminal', () => {
  const text = problemText({ ...problem, file: 'a\u001b]0;title\u0007\u009b2J\u001b[31mb' }, colored);
  expect(text).not.toMatch(/\u001b\]|\u0007|\u009b/);
});

it('counts', () => {
  const warning = { ...problem, severity: 'warning' as const };
  expect([countText([problem]), countText([problem, problem, warning]), countText([warning])]).toEqual([
    '1 error',
    '2 errors and 1 warning',
    '1 warning',
  ]);
});
