import { shellWord } from './shell-word';

it.each([
  ['dist/demo', 'dist/demo'],
  ['my dist/demo', "'my dist/demo'"],
  ["it's", "'it'\\''s'"],
])('quotes %s for a shell', (word, quoted) => expect(shellWord(word)).toBe(quoted));
