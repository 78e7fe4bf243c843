import { limits } from './limits';
import type { Problem } from './problem';
import { atMostPerFile, countOf, createProblemLimit, createProblemList, createRunList } from './problem-list';

const most = limits.problemsOfFile;

const problem = (line: number, changes: Partial<Problem> = {}): Problem => ({
  severity: 'error',
  code: 'ambiguous-line',
  file: 'x.env',
  line,
  message: 'fake',
  ...changes,
});
const series = (length: number, changes?: Partial<Problem>) =>
  Array.from({ length }, (_, index) => problem(index + 1, changes));
const lines = (problems: readonly Problem[]) => problems.map(({ line }) => line);

describe('gathers the problems of a file', () => {
  it('and counts those beyond the limit, without making their messages', () => {
    const list = createProblemList('x.env');
    let described = 0;
    for (let line = 1; line <= 5 * most; line++) {
      list.add({ severity: 'error', code: 'duplicate', line }, () => ({ message: `fake ${described++}` }));
    }
    const all = list.all();
    expect(lines(all)).toEqual([...lines(series(most)), undefined]);
    expect(described).toBe(most);
    expect(all.at(-1)).toEqual({
      severity: 'error',
      code: 'duplicate',
      file: 'x.env',
      message: '400 more problems in this file are not listed',
      hint: 'Mend those that are, and run it again',
      more: 4 * most,
    });
  });

  it('and counts what has no message at all', () => {
    const list = createProblemList('x.env');
    list.count('warning', 'unknown-variable');
    expect(list.all()).toEqual([expect.objectContaining({ severity: 'warning', code: 'unknown-variable', more: 1 })]);
  });

  it('errors and warnings apart, so that neither hides the other', () => {
    const list = createProblemList('x.env');
    for (let line = 1; line <= 2 * most; line++)
      list.add({ severity: 'warning', code: 'duplicate', line }, () => ({ message: '' }));
    list.add({ severity: 'error', code: 'missing', line: 999 }, () => ({ message: '' }));
    expect(lines(list.all().filter(({ severity }) => severity === 'error'))).toEqual([999]);
  });

  it('with the first of every variable, however many came before: what has a problem is not shown as if it had none', () => {
    const list = createProblemList('x.env');
    const add = (line: number, variable?: string) =>
      list.add({ severity: 'error', code: 'duplicate', line, ...(variable !== undefined && { variable }) }, () => ({
        message: '',
      }));
    for (let line = 1; line <= most; line++) add(line);
    for (const line of [201, 202]) for (const variable of ['A', 'B']) add(line, variable);
    expect(
      list
        .all()
        .slice(most)
        .map(({ variable, line, more }) => variable ?? `${line} ${more}`),
    ).toEqual(['A', 'B', 'undefined 2']);
  });

  it('and has nothing to add to a few', () => {
    const list = createProblemList('x.env');
    list.add({ severity: 'error', code: 'missing' }, () => ({ message: 'fake' }));
    expect(list.all()).toEqual([{ severity: 'error', code: 'missing', file: 'x.env', message: 'fake' }]);
  });
});

describe('lists of every file', () => {
  it('no more than the limit and one that counts the rest, as its last', () => {
    const listed = atMostPerFile(series(most + 7));
    expect(lines(listed)).toEqual([...lines(series(most)), undefined]);
    expect(listed.at(-1)).toMatchObject({ message: '7 more problems in this file are not listed', more: 7 });
  });

  it('all, if they are just as many', () => {
    expect(atMostPerFile(series(most))).toEqual(series(most));
  });

  it('errors first, in the order of their lines', () => {
    const warnings = series(3 * most, { severity: 'warning', code: 'suspicious-value' });
    const listed = atMostPerFile([...warnings, problem(1_000), problem(2)]);
    expect(lines(listed.filter(({ severity }) => severity === 'error'))).toEqual([2, 1_000]);
    expect(listed).toHaveLength(most + 1);
    expect(listed.at(-1)).toMatchObject({ severity: 'warning', code: 'suspicious-value', more: 2 * most + 2 });
  });

  it('among errors first those that name a variable, which are no lines of the wrong file', () => {
    const listed = atMostPerFile([...series(most + 1), problem(1_000, { variable: 'A' })]);
    expect(lines(listed)).toEqual([...lines(series(most - 1)), 1_000, undefined]);
  });

  it('an error for the rest as soon as one of it is an error', () => {
    const listed = atMostPerFile([
      ...series(most + 1),
      ...series(50, { severity: 'warning', code: 'suspicious-value' }),
    ]);
    expect(listed.at(-1)).toMatchObject({ severity: 'error', code: 'ambiguous-line', more: 51 });
  });

  it('its own, and what has no file by itself', () => {
    const { file: _, ...without } = problem(1);
    const listed = atMostPerFile([
      ...series(most + 1),
      ...series(1, { file: 'y.env' }),
      ...series(most + 2).map(() => without),
    ]);
    expect(listed.filter(({ more }) => more).map(({ file, message }) => [file, message])).toEqual([
      [undefined, '2 more problems outside of files are not listed'],
      ['x.env', '1 more problem in this file is not listed'],
    ]);
  });

  it('once: a list that is cut again says the same, and counts what it stood for', () => {
    const list = atMostPerFile(series(most + 7));
    expect(atMostPerFile(list)).toEqual(list);
    expect(atMostPerFile([...list, problem(0)]).at(-1)).toMatchObject({ more: 8 });
    expect(countOf(list)).toBe(most + 7);
  });
});

it('lists missing variables by the hint that is for them, so that no secret stands above the file of another', () => {
  const missing = (variable: string, file: string): Problem => ({
    severity: 'error',
    code: 'missing',
    variable,
    message: `${variable} is required and has no value`,
    hint: `Set it in ${file}`,
  });
  const problems = [
    missing('API_KEY', '.env'),
    missing('DOMAIN', '.config.env'),
    missing('TOKEN', '.env'),
    missing('URL', '.config.env'),
  ];
  const listed = atMostPerFile(problems).map(({ variable, hint }) => [variable, hint]);
  expect(listed).toEqual([
    ['API_KEY', undefined],
    ['TOKEN', 'Set it in .env'],
    ['DOMAIN', undefined],
    ['URL', 'Set it in .config.env'],
  ]);
});

it('lists one problem of each file once a run has listed very many', () => {
  const limit = createProblemLimit();
  for (let listed = 0; listed < limits.problemsOfRun; listed += most) expect(limit(series(most))).toHaveLength(most);
  expect(
    limit([...series(3), problem(1, { file: 'y.env' })]).map(({ file, line, more }) => [file, line, more]),
  ).toEqual([
    ['x.env', 1, undefined],
    ['x.env', undefined, 2],
    ['y.env', 1, undefined],
  ]);
});

it('lists so many of any number of files, the errors among them, and counts the rest', () => {
  const inFiles = (count: number, severity: Problem['severity']) =>
    Array.from({ length: count }, (_, at) => problem(1, { severity, file: `${severity}-${at}` }));
  const listed = atMostPerFile([...inFiles(5, 'warning'), ...inFiles(limits.problemsOfRun, 'error')]);
  expect(listed).toHaveLength(limits.problemsOfRun + 1);
  expect(listed.filter(({ severity }) => severity === 'error')).toHaveLength(limits.problemsOfRun);
  expect(listed.at(-1)).toMatchObject({ message: '5 more problems in other files are not listed', more: 5 });
  expect(atMostPerFile(inFiles(limits.problemsOfRun, 'error'))).toHaveLength(limits.problemsOfRun);
});

it('gathers those of a run, of whatever file, and says how many more there are in others', () => {
  const list = createRunList();
  let described = 0;
  const add = (severity: Problem['severity'], file: string) =>
    list.add({ severity, code: 'exposed-file', file }, () => ({ message: `fake ${described++}` }));
  for (let at = 0; at < 3 * limits.problemsOfRun; at++) add('warning', `a${at}`);
  expect([list.isFull('warning'), list.isFull('error')]).toEqual([true, false]);
  add('error', 'b');
  expect(described).toBe(limits.problemsOfRun + 1);
  const listed = atMostPerFile(list.all());
  expect(listed.length).toBeLessThanOrEqual(limits.problemsOfRun + 1);
  expect(countOf(listed)).toBe(3 * limits.problemsOfRun + 1);
  expect(listed.filter(({ severity }) => severity === 'error').map(({ file }) => file)).toEqual(['b']);
  expect(listed.filter(({ more }) => more !== undefined)).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(/^20,00\d more problems in other files are not listed$/),
    }),
  ]);
});

it('sums up errors as one, whatever else there is more of', () => {
  const list = createRunList();
  const add = (severity: Problem['severity'], file?: string) =>
    list.add({ severity, code: 'exposed-file', ...(file !== undefined && { file }) }, () => ({ message: 'fake' }));
  for (let at = 0; at < limits.problemsOfRun + 50; at++) add('error');
  for (let at = 0; at < limits.problemsOfRun; at++) add('warning', `a${at}`);
  const errors = atMostPerFile(list.all()).filter(({ severity }) => severity === 'error');
  expect(countOf(errors)).toBeGreaterThan(limits.problemsOfRun);
});
