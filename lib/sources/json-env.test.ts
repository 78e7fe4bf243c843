import fc from 'fast-check';
import { growth, mostLinear } from '../../test/growth';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { limits } from '../environment/limits';
import { Sensitive, textMatches } from '../environment/sensitive';
import { escapePlaceholders, isReference, type Template } from '../environment/template';
import { isJsonObject, readJsonEnv } from './json-env';

const catalog = defineCatalog({
  app: 'app',
  bundles: { common: { description: 'common' } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
    COLOUR: { kind: 'config', bundle: 'common', type: text(), description: 'a' },
    SECRET: { kind: 'secret', bundle: 'common', type: text(), description: 'secret' },
  },
});

const read = (json: string) =>
  readJsonEnv(json, catalog, { layer: 'env-file', file: 'standard input', unknownNamesAre: 'tolerated' });

function source(json: string) {
  const found = read(json);
  if ('status' in found) throw new Error(found.reason);
  return found;
}

const values = (json: string) =>
  Object.fromEntries(
    source(json).assignments.map(({ variable, template, line }) => [
      variable,
      [template.map((part) => (isReference(part) ? `<${part.variable}>` : opened(part))).join(''), line],
    ]),
  );

/** The text of a part, asked of it character by character: a test has no other way to look into a secret. */
function opened(part: Template[number]): string {
  if (typeof part !== 'string' && !(part instanceof Sensitive)) return '(broken)';
  let seen = '';
  textMatches(part, (text) => {
    seen = text;
    return true;
  });
  return seen;
}

it('is told from lines of NAME=value by its first character', () => {
  expect(['{}', ' \r\n\t{"A":', '\u00a0{}', '', '[]', 'A={}', '"A"'].map(isJsonObject)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

it('reads texts and the lines that they stand on', () => {
  expect(values('{"COLOUR": "red",\n  "SECRET"\n:\n"fake"}\n\n')).toEqual({ COLOUR: ['red', 1], SECRET: ['fake', 2] });
  expect(values('{}')).toEqual({});
});

it('reads placeholders as every layer does', () => {
  expect(values('{"COLOUR": "a${SECRET}b$${c"}')).toEqual({ COLOUR: ['a<SECRET>b${c', 1] });
});

it('gives every text as it is, however it is written', () => {
  const written = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(written, fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
      const json = JSON.stringify({ other: 'x', SECRET: escapePlaceholders(text), COLOUR: 'x' }, undefined, indent);
      const ascii = json.replace(
        /[\u0080-\uffff]/g,
        (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      for (const each of [json, ascii]) expect(values(each)['SECRET']?.[0]).toBe(text);
    }),
  );
});

it('keeps half a surrogate pair, which is for the checks of values to refuse', () => {
  expect(values('{"SECRET": "a\\ud800b"}')).toEqual({ SECRET: ['a\ud800b', 1] });
});

it.each([
  ['a number', '1e400'],
  ['a number', '-0'],
  ['true or false', 'true'],
  ['true or false', 'false'],
  ['null', 'null'],
  ['an object', '{"a": "}"}'],
  ['a list', '["]", [{}]]'],
])('refuses %s by the name of its variable: %s', (what, value) => {
  const { problems, assignments, faulty } = source(`{\n"SECRET": ${value},\n"COLOUR":"red"}`);
  expect(problems).toEqual([
    expect.objectContaining({
      severity: 'error',
      code: 'invalid-value',
      variable: 'SECRET',
      line: 2,
      message: `SECRET is ${what} in JSON, and every value must be a text`,
    }),
  ]);
  expect(assignments.map(({ variable }) => variable)).toEqual(['COLOUR']);
  expect(faulty).toEqual(new Set(['SECRET']));
});

it('does not show a name outside the catalog, and says which one was probably meant', () => {
  const { problems, unknownNames } = source('{"c2VjcmV0": 1, "SECRTE": 2, "SECRTE": "fake"}');
  expect(problems.map(({ code, message, hint }) => [code, message, hint])).toEqual([
    [
      'invalid-value',
      'The value of a name outside the catalog is a number in JSON, and every value must be a text',
      'Put it in double quotes',
    ],
    [
      'invalid-value',
      'The value of a name outside the catalog is a number in JSON, and every value must be a text',
      'Did you mean SECRET? Put it in double quotes',
    ],
    ['duplicate', 'This name is given on line 1 already', 'Keep one of the two'],
  ]);
  expect(unknownNames.map(({ near }) => near)).toEqual([undefined, 'SECRET', 'SECRET']);
});

it('refuses a name that is there twice, whatever way it is written', () => {
  const { problems } = source('{"SECRET": "one",\n"\\u0053ECRET": "two",\n"SECRET": ""}');
  expect(problems.map(({ code, variable, line, message }) => [code, variable, line, message])).toEqual([
    ['duplicate', 'SECRET', 2, 'SECRET is given on line 1 already'],
    ['duplicate', 'SECRET', 3, 'SECRET is given on line 1 already'],
  ]);
  expect(values('{"SECRET": "one", "SECRET": "two", "SECRET": ""}')).toEqual({ SECRET: ['two', 1] });
});

it('counts what it does not use for a secret all the same', () => {
  const texts = (json: string) => (source(json).unreadSecrets ?? []).map(({ text }) => opened(text));
  expect(texts('{"SECRET": "replaced-fake", "SECRET": "fake"}')).toEqual(['replaced-fake']);
  expect(texts('{"SECRET": {"value": "nested-fake"}}').join()).toContain('nested-fake');
  expect(texts('{"SECRET": 1234567890}')).toEqual(['1234567890']);
  expect(texts('{"SECRTE": "near-fake"}')).toEqual(['near-fake']);
});

it.each([
  ['{', 'it ends too soon', 1, /run it by itself/],
  ['{"A": "b"', 'it ends too soon', 1, /run it by itself/],
  ['{"A": "b",\n}', 'a name in double quotes is expected behind a comma', 2, /comma/],
  ['{"A": "b",\n// c\n}', 'a name in double quotes is expected behind a comma', 2, /comment/],
  ["{'A': 'b'}", 'a name in double quotes is expected', 1, /tool/],
  ['{\nA: "b"}', 'a name in double quotes is expected', 2, /tool/],
  ['{"A" "b"}', 'a colon is expected behind a name', 1, /tool/],
  ['{"A": b}', 'a text in double quotes is expected', 1, /tool/],
  ['{"A": }', 'a text in double quotes is expected', 1, /tool/],
  ['{"A": nullify}', 'a text in double quotes is expected', 1, /tool/],
  ['{"A": ["b"}', 'it ends too soon', 1, /run it by itself/],
  ['{"A": "b" "C": "d"}', 'a comma is expected between two entries', 1, /tool/],
  ['{"A": "b\n"}', 'a text in double quotes is not closed on its line', 1, /\\n/],
  ['{"A": "b', 'a text in double quotes is not closed on its line', 1, /\\n/],
  ['{"A": "\\x41"}', 'a text has a backslash that stands for nothing', 1, /\\\\/],
  ['{"A": "b"}\n{"C": "d"}', 'something stands behind the object', 2, /jq -s add/],
])('is one problem of the whole file, with its line: %j', (json, reason, line, hint) => {
  expect(read(json)).toMatchObject({
    status: 'unreadable',
    reason: `is JSON with a mistake on line ${line}: ${reason}`,
    line,
    hint: expect.stringMatching(hint),
    remains: json,
  });
});

it('takes for JSON what JSON.parse takes for it, and nothing else', () => {
  const pieces = fc.constantFrom(
    '"A"',
    '"SECRET"',
    ':',
    ',',
    '{',
    '}',
    '"b"',
    '1',
    'null',
    ' ',
    '\n',
    '"',
    '\\',
    '[',
    ']',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
      const json = `{${parts.join('')}`;
      let isFlat = false;
      try {
        isFlat = Object.values(JSON.parse(json)).every((value) => typeof value === 'string');
      } catch {}
      const found = read(json);
      const isTaken = !('status' in found) && found.problems.every(({ code }) => code === 'duplicate');
      if (isFlat) expect(isTaken).toBe(true);
      else if (isTaken) expect(() => JSON.parse(json)).not.toThrow(); // a replaced value was no text
    }),
    { numRuns: 3_000 },
  );
});

it.each([
  ['brackets', (size: number) => `{"SECRET": ${'['.repeat(size)}`],
  ['entries', (size: number) => `{${'"A":"",'.repeat(size / 7)}"SECRET":""}`],
  ['escapes', (size: number) => `{"SECRET": "${'\\n'.repeat(size / 2)}"}`],
  ['blanks', (size: number) => `{${' '.repeat(size)}"SECRET": ""}`],
  ['newlines', (size: number) => `{${'\n'.repeat(size)}"SECRET": ""}`],
])('reads as many %s as a file may hold in time that is linear', (_what, make) => {
  expect(growth((size) => () => read(make(size)), limits.fileBytes / 16)).toBeLessThan(mostLinear);
});
