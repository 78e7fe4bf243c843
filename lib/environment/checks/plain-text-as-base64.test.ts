import { randomNumbers } from '../../../test/good-values';
import { isPlainTextAsBase64 } from './plain-text-as-base64';

it.each(['bill', 'hunter22', 'password', 'Password', 'SECRETED', '12345678', 'bill\n'])(
  'takes %j for plain text',
  (text) => expect(isPlainTextAsBase64(text)).toBe(true),
);

it.each(['', 'bill=', 'Yg==', 'YmlsbA==', 'dGVzdA==', 'c2stZmFrZTAwMDA=', 'a/b+'])('but not %j', (text) =>
  expect(isPlainTextAsBase64(text)).toBe(false),
);

/** Texts of random characters whose base64 is taken for plain text. */
function taken(alphabet: string, least: number, most: number): string[] {
  const { integer, characters } = randomNumbers(1);
  const texts = Array.from({ length: 30_000 }, () => characters(alphabet, integer(least, most)));
  return texts.filter((text) => isPlainTextAsBase64(Buffer.from(text).toString('base64')));
}

it('takes base64 of no text for one', () => {
  expect(taken('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.', 1, 40)).toEqual([]);
});

it('takes base64 of no random secret for one', () => {
  const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
  expect(taken(printable, 9, 64)).toEqual([]);
});
