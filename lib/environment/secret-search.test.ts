import { cpuTime } from '../../test/cpu-time';
import { growth, mostLinear } from '../../test/growth';
import { limits } from './limits';
import { createSecretSearch, textsHolding } from './secret-search';
import { Sensitive } from './sensitive';

/** It needs every way of escaping; its base64 has a + and a /. */
const secret = '???>>>fake/s3cret+"value" für 100%\\';
const body = Array.from({ length: 4 }, (_, i) => `FAKE${i}`.repeat(12).padEnd(64, '/')).join('\n');
const pem = `-----BEGIN FAKE PRIVATE KEY-----\n${body}\n-----END FAKE PRIVATE KEY-----\n`;
const certificate = pem.replaceAll('FAKE PRIVATE KEY', 'CERTIFICATE');

const holds = (text: string, ...secrets: string[]) =>
  textsHolding(
    secrets.map((each) => new Sensitive(each)),
    [text],
    12,
  ).has(text);
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** In the base64 of something longer. */
const amid = (count: number) => (text: string) => base64('x'.repeat(count) + text + 'y'.repeat(count));

const encodings: readonly (readonly [what: string, encode: (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['percent-encoded', encodeURIComponent],
  ['percent-encoded in lower case', (text) => encodeURIComponent(text).replace(/%../g, (hex) => hex.toLowerCase())],
  ['percent-encoded where a URL needs it', encodeURI],
  ['as a form has it', (text) => `${new URLSearchParams({ text })}`],
  ['escaped by JSON', (text) => JSON.stringify(text)],
  ['escaped by JSON in ASCII', (text) => JSON.stringify(text).replace('ü', '\\u00fc')],
  ['escaped by a shell', (text) => text.replace(/\W/g, '\\$&')],
  ['in base64', base64],
  ['in base64 without padding', (text) => base64(text).replace(/=+$/, '')],
  ['in base64url', (text) => Buffer.from(text).toString('base64url')],
  ['in folded base64', (text) => base64(text).replace(/.{7}/g, '$&\r\n')],
  ['in percent-encoded base64', (text) => encodeURIComponent(base64(text))],
  ['in base64 behind one more', amid(1)],
  ['in base64 behind two more', amid(2)],
];

describe('a text holds a secret', () => {
  it.each(encodings)('%s, also inside a URL', (_what, encode) => {
    const encoded = encode(secret);
    // Base64 may start at any place of a run of its characters.
    const within = ['', 'p', 'pa', 'pat', 'path'].map((path) => `https://example.com/${path}${encoded}`);
    for (const text of [encoded, `a=${encoded}&b=c`, ...within]) {
      expect(holds(text, 'another-fake-secret', secret)).toBe(true);
    }
  });

  it.each([
    ['without its final newline', 'fake-secret-value', 'fake-secret-value\n'],
    ['without the blanks around it', 'fake-secret-value', ' \tfake-secret-value '],
    ['without the marks of a private key', body, pem],
    ['without its line breaks either', body.replaceAll('\n', ''), pem],
    ['with line breaks in escapes', body.replaceAll('\n', '\\n'), pem],
  ])('%s', (_what, text, given) => expect(holds(`a ${text} b`, given)).toBe(true));

  describe('whatever the line ends of either', () => {
    const ends = ['\n', '\r\n', '\r'];
    const lines = ['fake', 'secret', 'für', 'ten'];
    const written = [...encodings, ['in UTF-16', (text: string) => Buffer.from(text, 'utf16le').toString('latin1')]];
    const search = (given: string) => createSecretSearch([{ value: new Sensitive(given) }], 12);

    it.each(written as typeof encodings)('%s', (what, encode) => {
      for (const [own, others] of ends.flatMap((one) => ends.map((other) => [one, other] as const))) {
        const given = lines.join(own);
        const text = `a ${encode(lines.join(others))} b`;
        if (what !== 'in UTF-16') expect(holds(text, given)).toBe(true);
        expect(search(given)(text)).toHaveLength(1);
      }
    });

    it('in one text', () => expect(holds('one-fake\r\nline\nand\rmore', 'one-fake\nline\rand\r\nmore\r\n')).toBe(true));
  });

  it('among many texts that do not', () => {
    const others = Array.from({ length: 20_000 }, (_, i) => `https://example.com/${i}`);
    const texts = [...others, secret, ...others.map((each) => `${each}/`), base64(secret)];
    expect(textsHolding([new Sensitive(secret)], texts, 12)).toEqual(new Set([secret, base64(secret)]));
  });
});

describe('a text holds no secret', () => {
  it.each([
    ['if it holds all but a character', 'fake-secret-valu', 'fake-secret-value'],
    ['if that is too short', 'fake1234567', 'fake1234567\n\n'],
    ['if that is too short without the blanks around it', '  fake1234567  ', '  fake1234567  '],
    ['if only a block that is public is the same', body, certificate],
    ['if a line of a key is all', body.slice(0, 64), pem],
  ])('%s', (_what, text, given) => expect(holds(text, given)).toBe(false));

  it('if two of them do only together', () => {
    expect(textsHolding([new Sensitive('fake-secret-value')], ['fake-sec', 'ret-value'], 12).size).toBe(0);
  });

  it('if there is none', () => expect(textsHolding([], ['text'], 12).size).toBe(0));
});

describe('takes time that is linear in the texts', () => {
  it.each([
    'a',
    '%41',
    '%4',
    '%C3%A4+',
    '\\u0061',
    '\\n',
    'aaaaaaaaaaaaaaaa.',
    'YWFhYWFh',
    'aaaaaaaaaaaaaaaaaa%61+\\n',
  ])('of nothing but %s', (piece) => {
    const secrets = ['b', 'c'].map((end) => new Sensitive('a'.repeat(4_096) + end));
    const work = (size: number) => {
      const texts = Array.from({ length: 8 }, (_, i) => piece.repeat(size / 8 / piece.length) + i);
      return () => expect(textsHolding(secrets, texts, 12).size).toBe(0);
    };
    expect(growth(work, 2 ** 13)).toBeLessThan(mostLinear);
  });
});

describe('createSecretSearch', () => {
  const one = { value: new Sensitive('fake-secret-number-one') };
  const two = { value: new Sensitive('fake-secret-number-two') };
  const search = createSecretSearch([one, two, { value: new Sensitive('too-short') }], 12);

  it('tells which secrets a text holds, and on which line each starts', () => {
    const encoded = Buffer.from('x fake-secret-number-two').toString('base64').replace(/.{10}/g, '$&\n  ');
    expect(search(`a\nb fake-secret-number-one\n\n${encoded}\ntoo-short`)).toEqual([
      { secret: one, line: 2 },
      { secret: two, line: 4 },
    ]);
  });

  it('tells neither those that only start alike, nor anything where there are none', () => {
    expect(search('fake-secret-number-three')).toEqual([]);
    expect(createSecretSearch([], 12)('fake-secret-number-one')).toEqual([]);
  });

  it('tells of many that start alike which one it is', () => {
    const many = Array.from({ length: 300 }, (_, at) => ({ value: new Sensitive(`fake-secret-${at}-of-many`) }));
    const text = `${'fake-secret-1\n'.repeat(100)}fake-secret-17-of-many`;
    expect(createSecretSearch(many, 12)(text)).toEqual([{ secret: many[17], line: 101 }]);
  });

  it('in time that is linear in what is found, and names one at least where too many start alike', () => {
    const work = (count: number) => {
      const secrets = Array.from({ length: count }, (_, at) => ({ value: new Sensitive(`${at}-fake-secret-of-many`) }));
      const text = secrets.map((_, at) => `a ${at}-fake-secret-of-many\n`).join('');
      const find = createSecretSearch(secrets, 12);
      return () => expect(find(text)).toHaveLength(count);
    };
    expect(growth(work, 256)).toBeLessThan(mostLinear);
    jest.replaceProperty(limits as Record<string, number>, 'lookedThrough', 10_000);
    const alike = Array.from({ length: 5_000 }, (_, at) => ({ value: new Sensitive(`fake-secret-of-many-${at}-`) }));
    const found = createSecretSearch(alike, 12)(`${'a'.repeat(1_000)}fake-secret-of-many-4999-`);
    expect(found).toEqual([{ secret: expect.anything(), line: 1 }]);
  });

  /** Lines of private keys, which all begin alike. */
  const keyLines = (count: number, from: number) =>
    Array.from({ length: count }, (_, at) => `FAKE${'FAKE'.repeat(11)}${from + at}`.padEnd(64, '/'));
  const keys = (count: number, lines: number) =>
    Array.from({ length: count }, (_, at) => pem.replace(body, keyLines(lines, at * lines).join('\n')));
  const alike = (count: number) => Array.from({ length: count }, (_, at) => `fake-secret-of-many-${at}-`);
  const repeated = <T>(count: number, each: T) => Array.from({ length: count }, () => each);
  it.each<[what: string, secrets: readonly string[], texts: readonly string[]]>([
    ['a long private key, in texts of one line', keys(1, 1_900), repeated(4_000, keyLines(1, 1_899).join())],
    ['private keys that begin alike', keys(200, 100), [repeated(2_000, keyLines(1, 19_999)).join('\n')]],
    [
      'the same in longer lines',
      keys(200, 100),
      [repeated(200, `${keyLines(1, 19_999)}${' '.repeat(512)}`).join('\n')],
    ],
    ['many that begin alike, in many lines', alike(5_000), [repeated(5, alike(5_000).join('\n')).join('\n')]],
    ['the same, found already', alike(2_000), [`${alike(2_000)}\n${repeated(20, alike(2_000).join('\n')).join('\n')}`]],
    ['blank lines', alike(1), [`${' \n'.repeat(2_300_000)}${alike(1)}`]],
    ['many that begin alike, in many texts', alike(40_000), repeated(2_000, 'fake-secret-of-many-39999-')],
  ])('in bounded time: %s', (_what, secrets, texts) => {
    const sought = secrets.map((each) => ({ value: new Sensitive(each) }));
    const time = cpuTime(() => {
      const find = createSecretSearch(sought, 12);
      for (const text of texts) expect(find(text)).not.toEqual([]);
    });
    expect(time).toBeLessThan(6_000); // milliseconds; on an idle machine 3,000 at most
  });
});
