import { parse } from 'dotenv';
import { escapePlaceholders } from '../environment/template';
import { envLine } from './env-line-text';

it.each([
  ['plain', 'V=plain'],
  ['', 'V='],
  ['wss://a.example:1/x?y=z', 'V=wss://a.example:1/x?y=z'],
  ['a b', "V='a b'"],
  ['a#b', "V='a#b'"],
  ['"a"', 'V=\'"a"\''],
  ["it's", "V=`it's`"],
  ['a\nb', "V='a\nb'"],
  ["it's a `b`", 'V="it\'s a `b`"'],
  ["it's a `b`\n", 'V="it\'s a `b`\\n"'],
  ['C:\\dir', "V='C:\\dir'"],
])('%j is written as %s, which dotenv reads back', (text, line) => {
  expect(envLine('V', text)).toBe(line);
  expect(parse(line)).toEqual({ V: text });
});

it.each([['\'`"'], ["'`\\"], ["it's a `b`\r\\"]])('%j cannot be written', (text) =>
  expect(envLine('V', text)).toBeUndefined(),
);

it.each([
  ['${A}', '$${A}'],
  ['$${A}', '$$${A}'],
  ['$A $ ${', '$A $ $${'],
])('%s is escaped as %s', (text, escaped) => expect(escapePlaceholders(text)).toBe(escaped));
