import { growth, mostLinear } from '../../test/growth';
import { limits } from '../environment/limits';
import { oneLine, tableText } from './table';

it('gives each column the width of its widest cell, and lets a heading run over them', () => {
  expect(tableText([['a heading of its own'], ['a', 'b'], ['long', 'c']], [1])).toBe(
    'a heading of its own\na     b\nlong  c\n',
  );
});

it('shortens the flexible columns, the widest first, and nothing else', () => {
  const rows = [['name', 'a'.repeat(30), 'b'.repeat(12), 'place']];
  const line = tableText(rows, [1, 2], 40);
  expect(line).toHaveLength(41);
  expect(line).toMatch(/^name {2}a+…a+ {2}b{12} {2}place\n$/);
});

it('counts the columns that characters take on a terminal', () => {
  expect(
    tableText(
      [
        ['日本', 'x'],
        ['abcd', 'x'],
        ['e\u0301e', 'x'],
        ['🔑ab', 'x'],
      ],
      [0],
    ),
  ).toBe('日本  x\nabcd  x\ne\u0301e    x\n🔑ab  x\n');
  expect(tableText([['日本語'.repeat(5), 'x']], [0], 15)).toBe('日本語…本語   x\n');
});

it('shows both ends of what it shortens, where names and paths differ', () => {
  const registry = (environment: string) => `registry.example.com/team-of-the-${environment}`;
  const rows = [['REGISTRY', registry('north'), registry('south'), 'envs/x.config.env:11', 'over default']];
  expect(tableText(rows, [1, 2, 3], 64)).toBe('REGISTRY  regist…north  regist…south  envs/x…nv:11  over default\n');
});

it('shows where two cells begin to differ, however much is cut', () => {
  const image = (team: string) => `registry.example.com/team-${team}/images/of/parcel-desk`;
  const differsAt = image('').indexOf('team-') + 5;
  const rows = [['BASE', { text: image('alpha'), differsAt }, { text: image('gamma'), differsAt }]];
  expect(tableText(rows, [1, 2], 48)).toBe('BASE  …alpha/images/of/pa…  …gamma/images/of/pa…\n');
  const nearEnd = [['A', { text: `${'x'.repeat(30)}A${'y'.repeat(12)}`, differsAt: 30 }, 'z']];
  expect(tableText(nearEnd, [1], 25)).toBe(`A  …${'x'.repeat(5)}A${'y'.repeat(12)}  z\n`);
  const wide = [['A', { text: `${'a'.repeat(30)}🔑${'b'.repeat(30)}`, differsAt: 31 }, 'x']];
  expect(tableText(wide, [1], 20)).toContain('…🔑b');
});

it.each([
  ['漢', 6],
  ['e\u0301', 13],
  ['🇫🇷', 6],
  ['👩‍👩‍👧', 6],
])('never cuts a character like %s in two', (character, count) => {
  const rows = [['name', character.repeat(1_000), 'place']];
  expect(tableText(rows, [1], 40)).toMatch(
    new RegExp(`^name  (?:${character}){${count},}…(?:${character}){${count}} {2,}place\n$`),
  );
});

it('nor where a character begins outside of what is looked at of the end', () => {
  const family = '👩‍👩‍👧';
  const [line = ''] = tableText([['name', `${family.repeat(1_000)}abc`, 'place']], [1], 300).split('\n');
  expect(line).toMatch(new RegExp(`^name  (?:${family})+…(?:${family})+abc +place$`));
});

it.each([
  ['wide characters', (size: number) => '漢'.repeat(size)],
  ['marks on one character', (size: number) => `e${'\u0301'.repeat(size)}`],
  ['flags', (size: number) => '🇫🇷'.repeat(size / 4)],
])('takes time that is linear in the length of %s', (_what, text) => {
  const work = (columns?: number) => (size: number) => {
    const rows = [['name', text(size), 'place']];
    return () => tableText(rows, [1], columns);
  };
  expect(growth(work(), 2 ** 10)).toBeLessThan(mostLinear);
  expect(growth(work(80), 2 ** 10)).toBeLessThan(mostLinear);
});

it.each([
  ['plain', 'plain'],
  ['a\nb', '"a\\nb"'],
  ['\u001b[31m', '"\\u001b[31m"'],
])('writes %j in one line', (text, line) => expect(oneLine(text)).toBe(line));

it('pads no row to the width of a very long cell', () => {
  const long = 'x'.repeat(100_000);
  const rows = [
    ['a', long, 'first'],
    ['b', 'y', 'second'],
  ];
  expect(tableText(rows, [1])).toBe(`a  ${long}  first\nb  y${' '.repeat(limits.columnWidth + 1)}second\n`);
});
