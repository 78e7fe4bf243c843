import { catalog } from '../../test/fixture/catalog';
import { folderWith, run, validEnvironment } from '../../test/run';
import { markdown } from './markdown';

const screen = { colors: {} as never };
const envs = (files: Readonly<Record<string, string>>) => {
  const root = folderWith(Object.fromEntries(Object.entries(files).map(([name, text]) => [`envs/${name}`, text])));
  return async (...args: readonly string[]) => {
    const before = process.cwd();
    process.chdir(root);
    try {
      return await run([...args, '--report', 'markdown']);
    } finally {
      process.chdir(before);
    }
  };
};

/** The cells of each row of the last table. */
const cellsOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(/(?<!\\) \| /));

it('of one environment shows its problems and its variables, and no secret', async () => {
  const check = envs({
    'x.env': validEnvironment('x', { OFFICE: '', LOG_FLOOR: 'debug', POSTAL_API_KEY: "' fake-blank'" }),
  });
  const { status, stdout } = await check('check', 'x');
  expect(status).toBe(1);
  expect(stdout).toMatchSnapshot();
  expect(stdout).not.toContain('fake-blank');
});

it('of several is a matrix, in which those that are alike share a column', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `x${index}`);
  const files = Object.fromEntries(
    names.map((name) => [`${name}.env`, validEnvironment(name).replaceAll('=fake-', `=fake-${name}-`)]),
  );
  const { stdout } = await envs({ ...files, 'y.env': validEnvironment('y', { OFFICE: '' }) })('check', '--all');
  expect(stdout).toMatch(/^## 30 of 31 environments ready; not ready: y \(1 error\)\n\n### y: 1 error\n/);
  expect(stdout).toMatch(/^\| variable \| x0 and 29 more \| y \|$/m);
  expect(stdout).toMatch(/^\| `OFFICE` \| set \| missing \|$/m);
});

it('of many shows once what they have alike', async () => {
  const names = Array.from({ length: 9 }, (_, index) => `x${index}`);
  const own = (name: string) => validEnvironment(name, { OFFICE: '', ...(name === 'x3' && { LOG_FLOOR: 'loud' }) });
  const { stdout } = await envs(Object.fromEntries(names.map((name) => [`${name}.env`, own(name)])))('check', '--all');
  expect(stdout.replace(/^\| variable .*/ms, '')).toMatchSnapshot();
});

it('of a difference shows values of config, and no secret', async () => {
  const diff = envs({
    'x.env': validEnvironment('x', { OFFICE: 'x.example', LOG_FLOOR: 'loud' }),
    'y.env': validEnvironment('y', { OFFICE: 'y.example', POSTAL_API_KEY: 'fake-other', ROUTES: '["a|b"]' }),
  });
  const { status, stdout } = await diff('diff', 'x', 'y');
  expect(status).toBe(1);
  expect(stdout).toMatchSnapshot();
  expect(stdout).not.toContain('fake-other');
});

it('of what was written shows names', async () => {
  const root = folderWith({ 'x.env': validEnvironment('x') });
  await run(['synth', 'x', '--envs', root, '--out', root]);
  const { stdout } = await run(['diff', 'x', '--envs', root, '--out', root, '--report', 'markdown']);
  expect(stdout.replaceAll(root, 'dist')).toMatch(/^## x: 0 objects unlike what is in dist\/x\n\n\| object \|/);
});

it('says what is wrong where nothing could be looked at', async () => {
  const { status, stdout } = await envs({})('check', 'x', '--nope');
  expect([status, stdout]).toEqual([
    2,
    `## Stopped by an error

|  | where | what | next step |
| --- | --- | --- | --- |
| ❌ \`usage\` |  | There is no option --nope | See npm run check -- --help |
`,
  ]);
  expect((await envs({})('check', 'x')).stdout).toContain('`unknown-environment`');
});

it.each([
  ['a pipe', 'a | b', 'a \\| b'],
  ['a backtick', '`a`', '\\`a\\`'],
  ['HTML', '<img src=x onerror=alert(1)> & &lt;', '&lt;img src=x onerror=alert(1)&gt; &amp; &amp;lt;'],
  ['a link', '[a](https://example.com)', '\\[a\\](https://example.com)'],
  ['emphasis', '*a* _b_ ~c~ A_B_C', '\\*a\\* \\_b\\_ \\~c\\~ A_B_C'],
  ['a backslash before a pipe', '\\| \\\\ b', '\\\\\\| \\\\\\\\ b'],
  ['a line break', 'a\nb\r\nc\u2028d', 'a b c d'],
  ['a formula', '$x$ and @someone', '&#36;x&#36; and @&#8203;someone'],
  ['a control character', 'a\u001b[31m\u202eb', 'a�\\[31m�b'],
])('keeps %s as it is', (_what, message, escaped) => {
  const text = markdown.refusal([{ severity: 'error', code: 'usage', message }]);
  expect(cellsOf(text).at(-1)?.[2]).toBe(escaped);
});

it('fits 60 KB whatever there is, cut at a line with a word that says so', () => {
  // Each of its own: what is alike would be shown once.
  const problem = (index: number) => ({
    severity: 'error' as const,
    code: 'missing' as const,
    message: `é${index} ${'long '.repeat(40)}`,
  });
  const environments = Array.from({ length: 500 }, (_, index) => ({
    name: `x${index}`,
    problems: [problem(index)],
    states: [],
  }));
  const text = markdown.check({ catalog, environments }, screen);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60 * 1024);
  expect(Buffer.byteLength(text)).toBeGreaterThan(59 * 1024);
  const lines = text.split('\n');
  const left = /^Cut off here: ([\d,]+) more lines would not fit\. `--report json` has them all\.$/.exec(
    lines.at(-2) ?? '',
  );
  // A heading and a table of five lines each, with the blank lines between them, and the verdict above.
  expect(lines.length - 3 + Number(left?.[1]?.replace(',', ''))).toBe(2 + 500 * 6);
});

it('is printed with --quiet too: it was asked for', async () => {
  const check = envs({ 'x.env': validEnvironment('x') });
  expect((await check('check', 'x', '--quiet')).stdout).toMatch(/^## x: ready, no problem\n/);
});
