import { cpuTime } from '../../test/cpu-time';
import {
  accepts,
  dnsLabel,
  flag,
  hostName,
  oneOf,
  registryHost,
  registryPath,
  text,
  url,
  type ValueType,
} from './value-type';

const cases: readonly [name: string, type: ValueType, valid: readonly string[], invalid: readonly string[]][] = [
  ['text', text(), ['a', ' ', 'two\nlines', '🔑'], ['']],
  ['oneOf', oneOf('debug', 'info'), ['debug', 'info'], ['', 'Debug', 'debug ', 'debu', 'toString']],
  ['flag', flag(), ['true', 'false'], ['', 'yes', 'True', '1', 'TRUE']],
  [
    'url',
    url('wss', 'https'),
    ['wss://a.example.com', 'https://a.example.com:8443/x?y=z#w', 'https://[::1]/', 'https://bücher.example'],
    [
      '',
      'a.example.com',
      'http://a.example.com',
      'wss:a',
      'wss://',
      'https:///x',
      'https://a b',
      'https://a\n',
      'https://a:99999',
      'WSS://a',
      ' https://a',
    ],
  ],
  [
    'hostName',
    hostName(),
    ['localhost', 'app.example.com', 'APP.example.com', 'a-b.c1', '1.example', `${'a'.repeat(63)}.example`],
    [
      '',
      '.',
      'a.',
      '.a',
      'a..b',
      '-a',
      'a-',
      'a_b',
      'https://a',
      'a:1',
      '127.0.0.1',
      'a b',
      'a\n',
      `${'a'.repeat(64)}.example`,
      'a.'.repeat(127).concat('ab'),
    ],
  ],
  [
    'dnsLabel',
    dnsLabel(),
    ['a', '0', 'a-b', 'a'.repeat(63)],
    ['', 'A', '-a', 'a-', 'a.b', 'a_b', 'a\n', 'a'.repeat(64)],
  ],
  [
    'registryPath',
    registryPath(),
    ['rg.fr-par.scw.cloud/scenaro', 'localhost:5000/a/b', 'a/b_c/d__e/f-g'],
    ['', 'rg.fr-par.scw.cloud', 'https://rg/a', 'rg/a/', 'rg//a', 'rg/a:tag', 'rg/A', 'rg/a@sha256:0', 'rg/a\n', '/a'],
  ],
];

describe.each(cases)('%s', (_name, type, valid, invalid) => {
  it.each(valid.map((value) => [value]))('accepts %j', (value) => expect(accepts(type, value)).toBe(true));
  it.each(invalid.map((value) => [value]))('refuses %j', (value) => expect(accepts(type, value)).toBe(false));
});

it('states its rule as a noun phrase', () => {
  expect([url('ws', 'wss', 'http', 'https').rule, url('https').rule, flag().rule, oneOf('a', 'b').rule]).toEqual([
    'a URL of scheme ws, wss, http or https',
    'a URL of scheme https',
    'true or false',
    'one of a, b',
  ]);
});

it.each([
  ['rg.fr-par.scw.cloud/scenaro', 'rg.fr-par.scw.cloud'],
  ['localhost:5000/a/b', 'localhost:5000'],
])('takes the server out of %s', (path, host) => expect(registryHost(path)).toBe(host));

it.each(cases)('%s accepts its own example', (_name, type) => expect(accepts(type, type.example)).toBe(true));

it.each(cases)('%s decides on a text of 3 MB at once', (_name, type) => {
  const decide = () => {
    for (const unit of ['a', 'a.', 'a-', ' ', 'a/', 'wss://']) accepts(type, unit.repeat(3_000_000 / unit.length));
  };
  expect(cpuTime(decide)).toBeLessThan(2_000);
});
