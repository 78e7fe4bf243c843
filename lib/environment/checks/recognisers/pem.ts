import type { Context, Recogniser } from './recogniser';

/** A PEM block starts like this, and ends like that; what stands between are lines of base64 and perhaps headers. */
const start = /^\s{0,100}-----BEGIN [A-Z0-9 ]{1,60}-----/;
const end = /-----END [A-Z0-9 ]{1,60}-----/;

const rightWay = (_text: string, { quote }: Context) =>
  quote === undefined
    ? 'Give it with real line breaks, each line of the file on a line of its own'
    : 'Put it in double quotes, where \\n is a line break, or write each line of the file on a line of its own, in quotes';

/** A PEM block of which no reader finds the lines. */
export const pem: readonly Recogniser[] = [
  {
    name: 'pem-without-line-breaks',
    about: 'a PEM block without line breaks (a literal `\\n` outside double quotes, or spaces for newlines)',
    in: 'any',
    startsWith: '-',
    test: (text) => {
      const head = start.exec(text)?.[0];
      const foot = end.exec(text);
      if (head === undefined || !foot) return false;
      return !/^[ \t]*\r?\n/.test(text.slice(head.length)) || !/[\r\n]$/.test(text.slice(0, foot.index));
    },
    says: (text) =>
      text.includes('\\n')
        ? 'is a PEM block with \\n in place of its line breaks, which no reader takes for one'
        : 'is a PEM block without its line breaks',
    hint: (text, context) =>
      text.includes('\\n')
        ? rightWay(text, context)
        : 'Copy the file again, each of its lines on a line of its own, in quotes',
    examples: [
      { value: '-----BEGIN FAKE-----\\nAAAA\\n-----END FAKE-----\\n', quote: '' },
      '-----BEGIN FAKE-----\\nAAAA\\n-----END FAKE-----',
      '-----BEGIN FAKE----- AAAA BBBB -----END FAKE-----',
      '-----BEGIN FAKE-----AAAA-----END FAKE-----',
      '-----BEGIN FAKE-----\nAAAA\\n-----END FAKE-----\n',
    ],
    counterExamples: [
      '-----BEGIN FAKE-----\nAAAA\nBBBB\n-----END FAKE-----\n',
      '-----BEGIN FAKE-----\r\nAAAA\r\n-----END FAKE-----',
      '{"private_key":"-----BEGIN FAKE-----\\nAAAA\\n-----END FAKE-----\\n"}',
    ],
  },
  {
    name: 'pem-cut-off',
    about: 'the first lines of a PEM block without its end',
    in: 'any',
    startsWith: '-',
    test: (text) => start.test(text) && !end.test(text),
    says: 'is the beginning of a PEM block without its end',
    hint: 'Put quotes around the whole block, from -----BEGIN to the last -----',
    examples: ['-----BEGIN FAKE-----', '-----BEGIN FAKE-----\nAAAA\nBBBB'],
    counterExamples: ['-----BEGIN FAKE-----\nAAAA\n-----END FAKE-----', '-----BEGIN', 'fake -----BEGIN FAKE-----'],
  },
];
