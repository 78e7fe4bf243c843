import type { Context, Recogniser } from './recogniser';

const asWritten = (text: string, { written }: Context) => written ?? text;

/** A `$NAME` of the catalog, or a text that is nothing but one. A short name is in many a text by chance. */
function dollarName(text: string, context: Context): string | undefined {
  const written = asWritten(text, context);
  if (!written.includes('$')) return undefined;
  const [, whole] = /^\$([A-Za-z_][A-Za-z0-9_]{2,252})$/.exec(written) ?? [];
  if (whole !== undefined && (context.names.has(whole) || !/[a-z]/.test(whole))) return whole;
  for (const [, name = ''] of written.matchAll(/\$([A-Za-z_][A-Za-z0-9_]{0,252})/g)) {
    if (name.length > 3 && context.names.has(name)) return name;
  }
  return undefined;
}

/** A backslash before a placeholder, which in a shell would keep it from being one. */
const escapedPlaceholder = /\\\$\{[A-Za-z_]\w*\}/;

/** Whether every `$` has a backslash before it, as in a text that was written for a shell. */
const isEscapedForShells = (text: string) => {
  const first = text.indexOf('\\$');
  if (first < 0 || /(?:^|[^\\])\$/.test(text)) return false;
  return text.indexOf('\\$', first + 2) > 0 || /^[\w.-]*\\\$[\w.-]*$/.test(text);
};

/** What a shell would do and this program does not, or the other way round. */
export const shellHabits: readonly Recogniser[] = [
  {
    name: 'dollar-name',
    about: '`$NAME` without braces, which stays as it is',
    in: 'any',
    test: (text, context) => dollarName(text, context) !== undefined,
    says: (text, context) =>
      context.names.has(dollarName(text, context) ?? '')
        ? 'holds $NAME of a variable, which stays as it is'
        : 'is $NAME, which stays as it is',
    hint: (text, context) => {
      const name = dollarName(text, context) ?? '';
      return context.names.has(name) && name !== context.variable.name
        ? `Write \${${name}} to read ${name}`
        : 'Put the value itself there: nothing here fills in $NAME';
    },
    examples: [
      '$OPENAI_KEY',
      '$OPENAI_API_KEY',
      'fake-$DOMAIN',
      { value: 'xapp.example.com', written: 'x$DOMAIN${LOG_LEVEL}' },
      { value: 'wss://$DOMAIN', name: 'LINK' },
    ],
    counterExamples: [
      'fa$b$5',
      '$2b$12$fakefakefake',
      '$',
      '$x',
      '$FA0ke',
      { value: '$app.example.com', written: '$${DOMAIN}' },
      { value: 'US$', name: 'CURRENCY' },
    ],
  },
  {
    name: 'escaped-dollar',
    about: '`\\$`, which keeps its backslash, and does not keep `${NAME}` from being read',
    in: 'any',
    test: (text, context) =>
      escapedPlaceholder.test(asWritten(text, context)) || (context.quote !== undefined && isEscapedForShells(text)),
    says: 'has a backslash before $, which stays there',
    hint: (text, context) =>
      escapedPlaceholder.test(asWritten(text, context))
        ? 'Write $${ for a literal ${, without the backslash; to read a variable remove the backslash'
        : 'Remove the backslash: $ needs none here',
    examples: [
      { value: 'fa\\$\\$ke', quote: "'" },
      { value: 'fa\\$ke', quote: '' },
      { value: '\\app.example.com', written: '\\${DOMAIN}', quote: '' },
      { value: 'fake\\app.example.com', written: 'fake\\${DOMAIN}' },
    ],
    counterExamples: [
      'fa\\$ke',
      { value: 'fA0%\\$ke&1', quote: "'" },
      { value: 'fa$$ke', quote: "'" },
      { value: 'a\\$b$', quote: "'" },
    ],
  },
  {
    name: 'placeholder-in-single-quotes',
    about: '`${NAME}` in single quotes, which is read all the same',
    in: 'any',
    test: (_text, { written, quote }) =>
      quote === "'" && written !== undefined && /(?<!\$)\$\{[A-Za-z_]\w*\}/.test(written),
    says: 'reads a variable though it stands in single quotes',
    hint: 'Write $${ for a literal ${; to read the variable use double quotes or none',
    examples: [{ value: 'app.example.com', written: '${DOMAIN}', quote: "'" }],
    counterExamples: [
      { value: 'app.example.com', written: '${DOMAIN}', quote: '"' },
      { value: '${DOMAIN}', written: '$${DOMAIN}', quote: "'" },
      { value: 'fake', quote: "'" },
    ],
  },
  {
    name: 'newline-in-letters-of-a-text',
    about: 'a literal `\\n` between the sentences of a config value',
    in: 'config',
    test: (text) =>
      text.includes('\\n') &&
      /\s/.test(text.trim()) &&
      !/^\s*[{[]|%|\\[dwsbDWSB.()[\]]|[A-Za-z]:\\/.test(text) &&
      /[\p{L}\p{N}.!?:,;)”"»](?:\\r)?\\n(?:$|[\p{Lu}\p{N}#*•-])/u.test(text),
    says: 'has \\n in it, which is a backslash and a letter here',
    hint: (_text, { quote }) =>
      quote === undefined ? 'Give it with real line breaks' : 'Put it in double quotes, where \\n is a line break',
    examples: [
      { value: 'Be kind.\\nBe brief.', name: 'PROMPT', quote: '' },
      { value: 'You are an agent.\\n\\n- Be brief', name: 'PROMPT' },
    ],
    counterExamples: [
      { value: 'Be kind.\nBe brief.', name: 'PROMPT' },
      { value: '%d %m\\n', name: 'LOG_FORMAT' },
      { value: '{"a": "Be kind.\\nBe brief."}', name: 'PROMPT' },
      { value: 'C:\\new folder\\News', name: 'FOLDER' },
      { value: '^\\d+ .\\nFake', name: 'PATTERN' },
    ],
  },
];
