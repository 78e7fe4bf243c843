import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { limits } from './limits';
import { Sensitive } from './sensitive';

const secret = new Sensitive('fake-secret-value');

it.each([
  ['a template', () => `${secret}`],
  ['concatenation', () => ''.concat(secret as never)],
  ['String()', () => String(secret)],
  ['JSON', () => JSON.stringify({ secret, list: [secret] })],
  ['inspect', () => inspect({ secret }, { depth: 9, showHidden: true })],
  ['format', () => format('%s %o %O %j', secret, secret, secret, secret)],
  ['an error', () => inspect(new Error(`x ${secret}`, { cause: secret }))],
  ['its properties', () => JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret), { ...secret }])],
  ['a copy', () => inspect(structuredClone(secret))],
  ['a join', () => [secret, secret].join()],
])('shows nothing of itself in %s', (_what, print) => {
  expect(print()).not.toMatch(/fake|secret-/);
});

it('answers questions', () => {
  expect(secret.matches((text) => text.startsWith('fake'))).toBe(true);
  expect(secret.measure((text) => text.length)).toBe(17);
  expect(secret.equals(new Sensitive('fake-secret-value'))).toBe(true);
  expect(secret.equals(new Sensitive('other'))).toBe(false);
});

it('makes everything that it is joined with sensitive', () => {
  const joined = Sensitive.join(['a', secret]);
  expect(joined instanceof Sensitive && joined.matches((text) => text === 'afake-secret-value')).toBe(true);
  expect(Sensitive.join(['a', 'b'])).toBe('ab');
});

it('is found inside a text from a given length on', () => {
  const find = Sensitive.finder([secret, new Sensitive('short')], (text) => [text], 12);
  expect(find('x fake-secret-value y')).toBe(true);
  expect(find('fake-secret-valu')).toBe(false);
  expect(find('short')).toBe(false);
});

it('is found by as much of it as a container may start with', () => {
  const long = `fake-secret-value-${'x'.repeat(limits.valueLength)}`;
  const find = Sensitive.finder([new Sensitive(`${long}y`)], (text) => [text], 12);
  expect([find(long), find(long.slice(0, -100))]).toEqual([true, false]);
});

it('is found among so many others as are looked for at once, and equal ones count once', () => {
  const named = (index: number) => `fake-${index}-`.padEnd(limits.valueLength, 'x');
  const count = Math.floor(limits.soughtLength / limits.valueLength);
  const texts = Array.from({ length: count + 1 }, (_, index) => named(index));
  const first = Array.from({ length: 100 }, () => named(0));
  const find = Sensitive.finder(
    [...first, ...texts].map((text) => new Sensitive(text)),
    (text) => [text],
    6,
  );
  expect([find(named(0)), find(named(count - 1)), find(named(count))]).toEqual([true, true, false]);
});

it('is told from others by a number that only equal ones share', () => {
  const numberOf = Sensitive.numbering();
  const numbers = ['fake-a', 'fake-b', 'fake-a'].map((text) => numberOf(new Sensitive(text)));
  expect(numbers).toEqual([0, 1, 0]);
});

it('is opened in one module of the program', () => {
  const root = join(__dirname, '..', '..');
  const sources = [
    'main.ts',
    ...readdirSync(join(root, 'lib'), { recursive: true }).map((name) => join('lib', `${name}`)),
  ];
  const openers = sources
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .filter((name) => /\.reveal\(/.test(readFileSync(join(root, name), 'utf8')));
  expect(openers).toEqual(['lib/output/reveal.ts']);
});
