import { isJson } from '../../../catalog/json';
import type { Recogniser } from './recogniser';

/** The newline that a text of several lines ends with belongs to it, as that of a PEM block or a block of YAML does. */
function withoutLastNewline(text: string): string {
  const inner = text.replace(/\r?\n$/, '');
  return inner.includes('\n') && !/\s$/.test(inner.slice(-1)) ? inner : text;
}

/** A key as services make them, before a mark that came along: prefixed, long, or of few kinds of characters. */
const keyBefore = (mark: string) =>
  new RegExp(
    `^(?:${[
      String.raw`[A-Za-z]{2,8}[-_][\w.-]{1,8}`,
      '[a-z]{2,10}[-_][a-z0-9_.-]{1,300}',
      String.raw`(?:[sprg]k|gsk|hf|re|gh[opsu]|glpat|xox[abp]|key|sk_car|lin_api|npm|tok)[-_][\w.-]{1,300}`,
      String.raw`[\w.-]{32,300}`,
      '[a-z0-9]{12,300}',
      '[A-Z0-9]{12,300}',
      '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
      String.raw`[a-z][a-z0-9+.-]{1,20}://[^\s;,]{4,500}`,
    ].join('|')})${mark}$`,
  );

const separated = keyBefore('[;,]');
const newlineInLetters = keyBefore('(?:\\\\[nrt])+');
const inBackticks = /^`(?:[\w.-]{1,14}|[\w.-]{20,300})`$/;

/** Whether JSON is a text of what was made JSON twice, an object or a list, be it with a mistake, or of a stand-in. */
function standsInText(json: string): boolean {
  const inside: unknown = json.startsWith('"') ? JSON.parse(json) : undefined;
  if (typeof inside !== 'string') return false;
  return (
    /^\s*(?:<[^<>]*>\s*$|\{\s*"|\[\s*(?:"[^"]*"\s*(?:,|\]\s*$)|\{\s*"|\[\s*["{\d]))/.test(inside) ||
    (/^\s*[[{]/.test(inside) && isJson(inside))
  );
}

/** What came along with a value. */
export const surroundings: readonly Recogniser[] = [
  {
    name: 'blank-around',
    about: 'white space before or after the value (the last newline of a text of several lines is fine)',
    in: 'any',
    test: (text) => /^\s|\s$/.test(withoutLastNewline(text)),
    says: 'has white space around it',
    hint: (_text, { variable }) =>
      `Remove it: pods get it too${variable.sensitive ? ', and most services then refuse the key' : ''}`,
    examples: [
      ' sk-fake0000',
      'sk-fake0000\n',
      'sk-fake0000\t',
      'sk-fake0000\r\n',
      '-----BEGIN FAKE-----\nAAAA\n-----END FAKE-----\n\n',
      '-----BEGIN FAKE-----\r\nAAAA\r\n-----END FAKE-----\r\n\r\n',
      { value: 'info ', name: 'LOG_FORMAT' },
    ],
    counterExamples: [
      '-----BEGIN FAKE-----\nAAAA\n-----END FAKE-----\n',
      '-----BEGIN FAKE-----\r\nAAAA\r\n-----END FAKE-----\r\n',
      'a fake',
      { value: 'Be kind.\nBe brief.\n', name: 'PROMPT' },
    ],
  },
  {
    name: 'quotes-around',
    about: 'left-over quotes around the value, or one at an end',
    in: 'any',
    test: (text, { variable }) =>
      variable.type.reading?.as === 'json' && variable.type.accepts(text)
        ? standsInText(text)
        : hasLeftoverQuotes(text) || inBackticks.test(text),
    says: 'has quotes around it, or one at an end, that were left over',
    hint: 'Remove the quotes: they would become part of the value',
    examples: [
      '"sk-fake0000"',
      "'sk-fake0000'",
      'sk-fake0000"',
      "'sk-fake0000",
      '`sk-fake00`',
      { value: '"info"', name: 'LOG_FORMAT' },
    ],
    counterExamples: ['say "fake"', "it's fake", '"fake" or "fake"', '`fA0+ke`', 'fake`'],
  },
  {
    name: 'separator-behind',
    about: 'a trailing `;` or `,` behind a key',
    in: 'any',
    test: (text, { variable }) =>
      /[;,]$/.test(text) && separated.test(text) && (variable.sensitive || !/[;,=].*[;,]$/.test(text)),
    says: (text) => `ends in ${text.endsWith(';') ? 'a semicolon' : 'a comma'}`,
    hint: (text) => `Remove the ${text.endsWith(';') ? 'semicolon' : 'comma'} at its end`,
    examples: [
      'sk-fake0000;',
      'sk-fake0000,',
      'fake-deepgram-key,',
      '7f3a91c04be2d5867f3a;',
      'FAKE0FAKE0FAKE0FAKE0FAKE0FAKE0FAKEfake,',
      'redis://cache.example.com:6379/0;',
    ],
    counterExamples: [
      'fA0%ke1fA2$ke3fA4&;',
      'fA0ke1fA2ke3f+ke,',
      'fake',
      { value: 'a=b,c=d,', name: 'PAIRS' },
      { value: 'One, two,', name: 'GREETING' },
    ],
  },
  {
    name: 'newline-in-letters',
    about: 'a literal `\\n` behind a key',
    in: 'any',
    test: (text) => text.includes('\\') && newlineInLetters.test(text),
    says: 'ends in a backslash and a letter, which stand for a line break elsewhere',
    hint: 'Remove them: here they are two ordinary characters',
    examples: ['sk-fake0000\\n', 'sk-fake0000\\r\\n'],
    counterExamples: ['fA0%ke1fA2$ke3fA4&\\n', 'fake\\nfake', 'C:\\new'],
  },
];

function hasLeftoverQuotes(text: string): boolean {
  const first = text.charAt(0);
  const last = text.charAt(text.length - 1);
  const isQuote = (character: string) => character !== '' && '\'"'.includes(character);
  if (isQuote(first))
    return (last === first && text.indexOf(first, 1) === text.length - 1) || text.indexOf(first, 1) < 0;
  return isQuote(last) && text.indexOf(last) === text.length - 1;
}
