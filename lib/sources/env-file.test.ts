import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cpuTime } from '../../test/cpu-time';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { limits } from '../environment/limits';
import { textMatches } from '../environment/sensitive';
import type { Template } from '../environment/template';
import { readEnvFile } from './env-file';

const catalog = defineCatalog({
  app: 'app',
  bundles: { common: { description: 'common' } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
    A: { kind: 'config', bundle: 'common', type: text(), description: 'a' },
    B: { kind: 'config', bundle: 'common', type: text(), description: 'b' },
    SECRET: { kind: 'secret', bundle: 'common', type: text(), description: 'secret' },
  },
});

function read(file: string, layer: 'env-file' | 'config-file' = 'env-file') {
  return readEnvFile(file, catalog, { layer, file: 'envs/x.env', unknownNamesAre: 'errors' });
}

/** The literal text of a template. */
function literal(template: Template): string {
  return template.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join('');
}

function values(file: string): Record<string, string> {
  return Object.fromEntries(read(file).assignments.map(({ variable, template }) => [variable, literal(template)]));
}

/** Code and line of every problem. */
function problems(file: string, layer?: 'env-file' | 'config-file'): string[] {
  return read(file, layer).problems.map(({ code, line }) => `${code}:${line}`);
}

describe('what dotenv reads as it is meant', () => {
  it.each([
    ['a plain value', 'A=b', 'b'],
    ['blanks around =', 'A = b ', 'b'],
    ['export', ' export A=b', 'b'],
    ['tabs', 'A\t=\tb\t', 'b'],
    ['a comment after a blank', 'A=b # c', 'b'],
    ['a comment after a tab', 'A=b\t#c', 'b'],
    ['a second # in a comment', 'A=b # c#d', 'b'],
    ['no value but a comment', 'A= # c', ''],
    ['nothing', 'A=', ''],
    ['empty quotes', "A=''", ''],
    ['= in a value', 'A=b=c==', 'b=c=='],
    ['quotes inside a value', `A=it's "so"`, `it's "so"`],
    ['single quotes', 'A=\'b # "c" $d\'', 'b # "c" $d'],
    ['double quotes', 'A="b # \'c\'"', "b # 'c'"],
    ['backquotes', 'A=`b "c" \'d\'`', 'b "c" \'d\''],
    ['blanks inside quotes', 'A="  b  "', '  b  '],
    ['a comment after quotes', "A='b' # c", 'b'],
    ['\\n and \\r in double quotes', 'A="b\\nc\\rd"', 'b\nc\rd'],
    ['backslashes in single quotes', "A='C:\\new\\table'", 'C:\\new\\table'],
    ['backslashes without quotes', 'A=C:\\new\\table\\', 'C:\\new\\table\\'],
    ['several lines in quotes', "A='b\nc\n'", 'b\nc\n'],
    ['CRLF inside quotes as LF', 'A="b\r\nc"\r\n', 'b\nc'],
    ['a line in quotes that looks like an assignment of nobody', "A='x\nFOO=1\n'", 'x\nFOO=1\n'],
    ['U+2028 in quotes', "A='b\u2028c'", 'b\u2028c'],
    ['a lone $', 'A=$b$$', '$b$$'],
    ['no-break spaces in quotes', "A='\u00a0b\u00a0'", '\u00a0b\u00a0'],
  ])('%s', (_what, file, value) => {
    expect(problems(file)).toEqual([]);
    expect(values(file)).toEqual({ A: value });
  });

  it('CRLF, CR-only and a missing last newline', () => {
    for (const end of ['\r\n', '\n', '\r']) expect(values(`A=1${end}# c${end}${end}B='2'`)).toEqual({ A: '1', B: '2' });
  });

  it('knows the line of every assignment', () => {
    const { assignments } = read('# c\r\nA="x\r\ny"\r\n\r\nB=1\r\n');
    expect(assignments.map(({ variable, line }) => [variable, line])).toEqual([
      ['A', 2],
      ['B', 5],
    ]);
  });
});

describe('what dotenv would drop or change is ambiguous', () => {
  it('a URL below the name that it is for is told to go behind it, and not to be written otherwise', () => {
    const [fault] = read('A=\npostgres://u:fake@h/db').problems;
    expect(fault?.hint).toBe('If it is the value of the line above, put it behind its =');
  });

  it.each([
    ['# without a blank before it', 'A=a#b', 1],
    ['a value that is #', 'A=#b', 1],
    ['an open double quote', 'A="b', 1],
    ['an open single quote', "A='b\n# c", 1],
    ['text after the closing quote', 'A="b" c', 1],
    ['a comment glued to the closing quote', 'A="b"#c', 1],
    ['an apostrophe inside single quotes', "A='it's'", 1],
    ['\\t in double quotes', 'A="b\\tc"', 1],
    ['two backslashes in double quotes', 'A="b\\\\nc"', 1],
    ['an escaped quote', 'A="b\\"c"', 1],
    ['a backslash before the closing quote', "A='b\\'", 1],
    ['a colon', 'A: b', 1],
    ['a URL below the name that it is for', 'A=\npostgres://u:fake@h/db', 2],
    ['a colon without a blank', 'A:b', 1],
    ['a line that is no assignment', '\n\njust text', 3],
    ['a name alone', 'A', 1],
    ['export alone', 'export A', 1],
    ['two words before =', 'A B=c', 1],
    ['a no-break space before a value', 'A=\u00a0b', 1],
    ['a byte order mark before a later name', 'A=1\n\ufeffB=2', 2],
    ['U+2028 outside quotes, before quotes', 'A=a\u2028"b"', 1],
    ['U+2028 in a comment, before an assignment', '# c\u2028A=b', 1],
    ['U+2028 in a trailing comment, before an assignment', 'A=a # c\u2028B=b', 1],
    ['a carriage return inside a line', 'A="b\rc"\nB=1', 1],
    ['a value of several lines where only CR ends lines', "A='b\rc'\r", 1],
    ['a CR and a LF the wrong way round', "A='b\n\rc'\n", 1],
  ])('%s', (_what, file, line) => expect(problems(file)).toEqual([`ambiguous-line:${line}`]));

  it('a name, = and value on more than one line, each line of it', () => {
    expect(problems('A=\n\n"b"')).toEqual(['ambiguous-line:3', 'ambiguous-line:1']);
    expect(problems('A=\nb')).toEqual(['ambiguous-line:2']);
    expect(problems('A\n=b')).toEqual(['ambiguous-line:1', 'ambiguous-line:2']);
  });

  it('a quote that swallows the assignment of a variable, which is then read by itself', () => {
    expect(problems('A="x\nB=1\nFOO="')).toEqual(['ambiguous-line:1', 'ambiguous-line:3']);
    expect(values('A="x\nB=1\nFOO="')).toEqual({ B: '1' });
  });

  it('an open quote once, not every line of the key behind it', () => {
    const key = '-----BEGIN FAKE KEY-----\nAAAA\nBBBB\n-----END FAKE KEY-----';
    expect(problems(`SECRET="${key}\nA=1\n`)).toEqual(['ambiguous-line:1']);
    expect(values(`SECRET="${key}\nA=1\n`)).toEqual({ A: '1' });
  });

  it('and the variable is then not missing as well', () => {
    expect([...(read('SECRET=a#b').faulty ?? [])]).toEqual(['SECRET']);
  });
});

describe('names', () => {
  it('outside the catalog are kept for a report, with the near one, never with their value', () => {
    const source = read('FOO=fake-value\n__proto__=x\nSECRRT=y\n');
    expect(source.unknownNames).toEqual([
      { name: 'FOO', line: 1 },
      { name: '__proto__', line: 2 },
      { name: 'SECRRT', line: 3, near: 'SECRET' },
    ]);
    expect(JSON.stringify(source)).not.toContain('fake-value');
  });

  it('outside the catalog are counted beyond some, so that a file of nothing else fills no memory', () => {
    const count = 3 * limits.unknownNames;
    const file = Array.from({ length: count }, (_, index) => `UNKNOWN_${index}=x\n`).join('');
    const kinds = { errors: 'error', tolerated: 'warning', hints: undefined } as const;
    for (const [unknownNamesAre, severity] of Object.entries(kinds)) {
      const source = readEnvFile(file, catalog, {
        layer: 'env-file',
        unknownNamesAre: unknownNamesAre as keyof typeof kinds,
      });
      expect(source.unknownNames).toHaveLength(limits.unknownNames);
      expect(source.problems.map((problem) => [problem.severity, problem.code, problem.more])).toEqual(
        severity === undefined ? [] : [[severity, 'unknown-variable', count - limits.unknownNames]],
      );
    }
  });

  it('twice in a file count as the last that is not empty', () => {
    expect(read('A=1\nA=2\nA=\nB=\nB=').assignments).toEqual([
      { variable: 'A', template: ['2'], line: 2, quote: '' },
      { variable: 'B', template: [], line: 4, quote: '' },
    ]);
  });

  it('twice in a file are a duplicate, also where one is empty', () => {
    expect(problems('A=1\nB=2\nA=\nA=3')).toEqual(['duplicate:3', 'duplicate:4']);
    expect(problems('FOO=1\nFOO=2')).toEqual(['duplicate:2']);
    expect(read('FOO=1\nFOO=2').problems[0]?.message).not.toContain('FOO');
  });

  it('of secrets are misplaced in the committed file only', () => {
    expect(problems('A=1\nSECRET=', 'config-file')).toEqual(['misplaced-secret:2']);
    expect(problems('A=1\nSECRET=', 'env-file')).toEqual([]);
  });
});

it('makes the value of a secret a Sensitive as soon as it is read', () => {
  const [assignment] = read('SECRET=fake-value').assignments;
  const [part] = assignment?.template ?? [];
  expect(`${part} ${JSON.stringify(part)}`).not.toContain('fake');
  expect(textMatches(part as never, (value) => value === 'fake-value')).toBe(true);
});

it.each([
  ['100,000 blank lines', '\n'.repeat(100_000)],
  ['a line of 3 MB', `A=${'x'.repeat(3_000_000)}`],
  ['3 MB of blanks in a value', `A=x${' '.repeat(3_000_000)}y`],
  ['3 MB of blanks', `${' '.repeat(3_000_000)}y`],
  ['a million quotes', `A="${'"'.repeat(1_000_000)}`],
  ['100,000 open quotes', 'A="x\n'.repeat(100_000)],
  ['200,000 open PEM blocks', 'A="-----BEGIN " x\n'.repeat(200_000)],
  ['500,000 unknown names', 'FOO=1\n'.repeat(500_000)],
])('reads %s in time that grows with its size only', (_what, file) => {
  expect(cpuTime(() => read(file))).toBeLessThan(20_000);
});

it('keeps nothing of a file but its values', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const memory = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = memory();
  const kept = Array.from({ length: 40 }, (_, index) => read(`A='a value of ${index}'\n#${'x'.repeat(1_000_000)}\n`));
  expect(memory() - before).toBeLessThan(10_000_000);
  expect(kept).toHaveLength(40);
});

describe('a hint, followed to the letter, leads to the right value', () => {
  /** A line that somebody writes, what the hint must say, the line that it leads to, and the value that was meant. */
  it.each([
    ['B="pa\\$\\$word"', /Remove the backslash before \$/, 'B="pa$$word"', 'pa$$word'],
    ['B="a\\d+"', /Put single quotes around the value/, "B='a\\d+'", 'a\\d+'],
    ['B="C:\\dir\\"', /Remove the quotes/, 'B=C:\\dir\\', 'C:\\dir\\'],
    ["B='dir\\'", /Remove the quotes/, 'B=dir\\', 'dir\\'],
    ['B="n7\\"x9"', /Put single quotes around the value.*remove a backslash/, "B='n7\"x9'", 'n7"x9'],
    ['B="{\\"a\\":\\"b\\"}"', /Put single quotes around the value/, `B='{"a":"b"}'`, '{"a":"b"}'],
    ["B='it\\'s \\new'", /Put backticks around the value/, "B=`it's \\new`", "it's \\new"],
    ['B="it\'s \\d+"', /Put backticks around the value/, "B=`it's \\d+`", "it's \\d+"],
    ["B='it\\'s `so`'", /Put double quotes around the whole value/, 'B="it\'s `so`"', "it's `so`"],
    ['B=a#b', /Put quotes around the value/, "B='a#b'", 'a#b'],
    ['B="a"b"', /Put another kind of quotes around the whole value/, "B='a\"b'", 'a"b'],
    ["B='it's'", /Put another kind of quotes around the whole value/, 'B="it\'s"', "it's"],
    ['B="abc', /Close it/, 'B="abc"', 'abc'],
    ['B: abc', /Write NAME=value/, 'B=abc', 'abc'],
    ['B=\n"abc"', /Write the name, = and value on one line/, 'B="abc"', 'abc'],
  ])('%s', (wrong, says, right, value) => {
    expect(read(`${wrong}\n`).problems.map(({ hint }) => hint)).toContainEqual(expect.stringMatching(says));
    expect([problems(`${right}\n`), values(`${right}\n`)]).toEqual([[], { B: value }]);
  });
});

it.each([
  [`A='x#'"\`'`, 'No quotes fit around this value'],
  [`A="x\\"'\`#"`, 'No quotes fit around this value'],
  [`A="it's \\"so\\" here"`, 'Put backticks around the value.'],
  [`A='it's' # say "use \`this\`"`, 'Put another kind of quotes around the whole value, or a space before a comment'],
  [`A='a"b\`c`, 'Close it. If the quote is a part of the value: an env file cannot hold such a value'],
  [`A="a "b" #c 'd' \`e\`"`, 'No quotes fit around this value'],
  [`A="say \\"x\\" #1 it's \`b\`"`, 'No quotes fit around this value'],
  [`A=x'"\`#y`, 'An env file cannot hold such a value: give it in the process environment, with --from-env'],
  [`A="b" c`, 'Put another kind of quotes around the whole value, or a space before a comment'],
])('gives a way that is one: %s', (line, hint) => {
  expect(read(line).problems[0]?.hint).toContain(hint);
});
