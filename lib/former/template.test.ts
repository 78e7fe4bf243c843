import { limits } from '../environment/limits';
import { Sensitive } from '../environment/sensitive';
import { createAllowance } from '../environment/substitution';
import { asWritten, formerTemplate, growsTooLarge, loneName, namesRead, substituted } from './template';

const given: Readonly<Record<string, string>> = { A: 'a', EMPTY: '', NESTED: '${A}' };

it.each([
  ['a text', 'text', 'text'],
  ['a name in braces', 'x${A}y', 'xay'],
  ['a name without', 'x$A-y', 'xa-y'],
  ['an empty value', 'x${EMPTY}y', 'xy'],
  ['what a value says, once only', '${NESTED}', '${A}'],
  ['a name in braces that stands for nothing', 'x${B}', undefined],
  ['a name without that stands for nothing', 'x$B', 'x$B'],
  ['a form that envsubst does not know', 'x${A:-b}y', 'x${A:-b}y'],
  ['such a form from end to end, which is a placeholder', '${A:-b}', undefined],
  ['$$', 'x$$A', 'x$a'],
])('the base, of %s', (_what, text, value) => {
  expect(substituted(formerTemplate(text, false), (name) => given[name])).toBe(value);
});

it.each([
  ['a text', 'text', 'text'],
  ['a lone placeholder of a name', '${A}', undefined],
  ['a lone placeholder of whatever', '${x y}', undefined],
  ['the placeholder of a name inside a text', 'x${A}y', undefined],
  ['another ${} inside a text', 'x${B}y${', 'x${B}y${'],
  ['$NAME', 'x$A', 'x$A'],
])('the patch, of %s', (_what, text, value) => {
  expect(asWritten(formerTemplate(text, false), (name) => name === 'A')).toBe(value);
});

it('makes what is secret, and what reads it, a Sensitive', () => {
  expect(asWritten(formerTemplate('fake', true), () => false)).toBeInstanceOf(Sensitive);
  expect(substituted(formerTemplate('x${A}', false), () => new Sensitive('fake'))).toBeInstanceOf(Sensitive);
  expect(JSON.stringify(formerTemplate('fake${A}', true))).not.toContain('fake');
});

it('knows which names it reads', () => {
  expect(namesRead(formerTemplate('${A}$B', false))).toEqual(['A', 'B']);
  expect([loneName(formerTemplate('${A}', false)), loneName(formerTemplate('${A}$B', false))]).toEqual([
    'A',
    undefined,
  ]);
});

it.each([
  ['one that fits', '${A}'.repeat(limits.valueLength), false],
  ['one that does not', '${A}'.repeat(limits.valueLength + 1), true],
  ['placeholders that stand for nothing', '${B}'.repeat(limits.valueLength + 1), false],
  ['a text that is as long without placeholders', 'a'.repeat(limits.valueLength + 1), false],
])('knows what would grow too large, of %s', (_what, text, tooLarge) => {
  expect(growsTooLarge(formerTemplate(text, true), (name) => given[name], createAllowance())).toBe(tooLarge);
});

it('knows that many would grow too large together', () => {
  const template = formerTemplate('${A}'.repeat(limits.valueLength), true);
  const allowance = createAllowance();
  const count = Math.floor(limits.substitutedTogether / limits.valueLength);
  const found = Array.from({ length: count + 1 }, () => growsTooLarge(template, (name) => given[name], allowance));
  expect([found.indexOf(true), found.length]).toEqual([count, count + 1]);
});
