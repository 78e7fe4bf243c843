import fc from 'fast-check';
import { growth, mostLinear } from '../../test/growth';
import { pieceSearch, wordSearch } from './word-search';

describe('a search for words', () => {
  it('finds what a plain search finds', () => {
    const ofTwo = (minLength: number, maxLength: number) =>
      fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '😀'), minLength, maxLength });
    fc.assert(
      fc.property(
        fc.array(ofTwo(0, 9), { maxLength: 8 }),
        ofTwo(0, 40),
        fc.constantFrom(2, 3),
        (words, text, shortest) => {
          const expected = words.some((word) => word.length >= shortest && text.includes(word));
          expect(wordSearch(words, shortest)(text)).toBe(expected);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['no words', [], 'text', false],
    ['the same word twice', ['word', 'word'], 'a word', true],
    ['a word inside another', ['abcdef', 'bcd'], 'xbcdx', true],
    ['a word that starts another', ['abcdef', 'abc'], 'abcx', true],
    ['a word that ends inside the start of another', ['xabcdef', 'bcd'], 'xabcdx', true],
    ['a word over two starts', ['aaab', 'aab'], 'aaaab', true],
    ['only a start', ['abcdef'], 'abcde', false],
    ['an empty text', ['abc'], '', false],
  ])('%s', (_what, words, text, expected) => expect(wordSearch(words, 3)(text)).toBe(expected));

  it('looks for no word that is too short', () => {
    expect(wordSearch(['abc'], 4)('abc')).toBe(false);
    expect(wordSearch(['abcd'], 4)('abcd')).toBe(true);
  });

  const a = (count: number) => 'a'.repeat(count);
  /** Every text is as long as all words together. */
  const hostile: readonly (readonly [string, (size: number) => readonly [words: readonly string[], text: string]])[] = [
    [
      'one letter, and another at the end of the words',
      (n) => [['b', 'c', 'd', 'e'].map((end) => a(n / 4) + end), a(n)],
    ],
    ['one letter, and another before it', (n) => [['b', 'c', 'd', 'e'].map((start) => start + a(n / 4)), a(n)]],
    ['words of every length', (n) => [Array.from({ length: Math.sqrt(2 * n) }, (_, i) => `${a(i + 12)}b`), a(n)]],
    [
      'two letters in turn',
      (n) => [['aa', 'bb', 'cc', 'dd'].map((end) => 'ab'.repeat(n / 8) + end), 'ab'.repeat(n / 2)],
    ],
    [
      'many words with the same long start',
      (n) => [
        Array.from({ length: 64 }, (_, i) => `${a(n / 64)}b${String.fromCharCode(1_000 + i)}`),
        `${a(n / 64)}b`.repeat(64),
      ],
    ],
    [
      'many words of which the text holds the starts',
      (n) => {
        const starts = Array.from({ length: n / 16 }, (_, i) => `${i}`.padStart(15, 'a'));
        return [starts.map((start) => `${start}b`), starts.join('c')];
      },
    ],
  ];

  it.each(hostile)('takes time that is linear in words and text: %s', (_what, inputs) => {
    const work = (size: number) => {
      const [words, text] = inputs(size);
      return () => expect(wordSearch(words, 12)(text)).toBe(false);
    };
    expect(growth(work, 2 ** 14)).toBeLessThan(mostLinear);
  });
});

describe('a search for pieces of one length', () => {
  it('tells each, until it is told to stop', () => {
    const search = pieceSearch(new Set(['abcdef', 'cdefgh', 'xxxxxx']), 6);
    const seen: string[] = [];
    expect(search('-abcdefgh-', (piece) => seen.push(piece) > 5)).toBe(false);
    expect(seen).toEqual(['abcdef', 'cdefgh']);
    expect(search('-abcdefgh-', (piece) => seen.push(piece) > 2)).toBe(true);
    expect(seen).toEqual(['abcdef', 'cdefgh', 'abcdef']);
  });
});
