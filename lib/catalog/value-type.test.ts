import { cpuTime } from '../../test/cpu-time';
import * as module from './value-type';

import {
  dnsLabel,
  flag,
  hostName,
  integer,
  json,
  matching,
  oneOf,
  pem,
  port,
  registryHost,
  registryPath,
  type StandardSchema,
  schema,
  text,
  url,
  type ValueType,
  valueTypes,
} from './value-type';

/** A PEM block of obvious fakes. */
function block(label: string, body = 'ZmFrZQ==\nZmFr\n'): string {
  return `-----BEGIN ${label}-----\n${body}-----END ${label}-----\n`;
}

/** What a schema library hands over: it changes what it accepts, quotes what it refuses, and throws on what it did not expect. */
function standard(validate: (value: string) => unknown): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate: (value) => validate(value as string) } };
}
const evenNumber = standard((value) => {
  if (value === 'x') throw new Error(`unexpected ${value}`);
  const number = Number(value);
  return value !== '' && number % 2 === 0 ? { value: number } : { issues: [{ message: `${value} is odd` }] };
});

const cases: readonly [name: string, type: ValueType, valid: readonly string[], invalid: readonly string[]][] = [
  ['text', text(), ['a', ' ', 'two\nlines', '🔑'], ['']],
  ['oneOf', oneOf('debug', 'info'), ['debug', 'info'], ['', 'Debug', 'debug ', 'debu', 'toString']],
  ['flag', flag(), ['true', 'false'], ['', 'yes', 'True', '1', 'TRUE']],
  [
    'url',
    url('wss', 'https', 'redis'),
    [
      'wss://a.example.com',
      'wss://A.example.com.',
      'https://a.example.com:8443/x?y=z#w',
      'https://a.example.com:443',
      'https://a.example.com?x=1',
      'https://a.example.com/caf%C3%A9?q=%C3%A9&r=[1]',
      'https://[::1]/',
      'https://[fe80::1]:8443',
      'wss://10.0.0.1:7880',
      'https://user:pa%40ss=;@a.example.com/x',
      'redis://:password@redis.svc.cluster.local:6379/0',
      'https://localhost',
    ],
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
      'https://a:0',
      'https://a:',
      'https://a:/x',
      'WSS://a',
      ' https://a',
      'https://bücher.example',
      'wss://lk.exam\u200bple.com',
      'wss://ｌｋ.example.com',
      'wss://1.2.3',
      'wss://1.2.3.4.5',
      'wss://0x7f.0.0.1',
      'wss://01.2.3.4',
      'wss://lk.example.com/../x',
      'wss://lk.example.com/%2e%2e/x',
      'wss://lk.example.com/a b',
      'wss://lk.example.com/{id}',
      'wss://lk.example.com/caf\u00e9',
      'wss://lk.example.com\\x',
      'wss://lk.example.com/%zz',
      'wss://https://lk.example.com',
      'wss://https//lk.example.com',
      'wss://lk.example.com;',
      'wss://$HOST',
      'wss://-lk.example.com',
      'wss://lk..example.com',
      'wss://lk_.example.com',
      'wss://@lk.example.com',
      'wss://[::1',
      'wss://[::g]',
      'wss://[fe80::1%25eth0]',
      'wss://"lk.example.com"',
      'wss://lk.example.com,lk2.example.com',
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
    ['rg.desk.example.org/courier', 'localhost:5000/a/b', 'a/b_c/d__e/f-g'],
    ['', 'rg.desk.example.org', 'https://rg/a', 'rg/a/', 'rg//a', 'rg/a:tag', 'rg/A', 'rg/a@sha256:0', 'rg/a\n', '/a'],
  ],
  [
    'integer',
    integer(),
    ['0', '-1', '42', '9007199254740991'],
    ['', '-0', '01', '+1', '1.0', '1e3', ' 1', '1\n', '٣', '9007199254740992'],
  ],
  ['integer in a range', integer({ min: 1, max: 10 }), ['1', '10'], ['0', '11', '-1']],
  ['integer with a lower end', integer({ min: 5 }), ['5', '6000'], ['4']],
  ['port', port(), ['1', '8080', '65535'], ['0', '65536', '080', 'http']],
  ['json', json(), ['{}', '{"a":[1,"é"]}', '"x"', 'null', ' 1 '], ['', '{a:1}', "{'a':1}", '{} x']],
  [
    'pem',
    pem(),
    [
      block('PRIVATE KEY'),
      block('PRIVATE KEY').trimEnd(),
      block('CERTIFICATE') + block('CERTIFICATE'),
      block('CERTIFICATE').replaceAll('\n', '\r\n'),
      block('RSA PRIVATE KEY', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00FF\n\nZmFrZQ==\n'),
    ],
    [
      '',
      block('PRIVATE KEY').replaceAll('\n', ''),
      block('PRIVATE KEY').replaceAll('\n', '\\n'),
      block('PRIVATE KEY').replaceAll('\n', ' '),
      block('PRIVATE KEY').replace('END PRIVATE', 'END PUBLIC'),
      block('PRIVATE KEY').replace(/-----END.*/, ''),
      `x${block('PRIVATE KEY')}`,
      `${block('PRIVATE KEY')}x`,
      block('PRIVATE KEY', 'not base64!\n'),
    ],
  ],
  [
    'pem with a label',
    pem('CERTIFICATE'),
    [block('CERTIFICATE')],
    [block('PRIVATE KEY'), block('CERTIFICATE') + block('PRIVATE KEY')],
  ],
  [
    'matching',
    matching(/v[0-9]+|latest/gi, { rule: 'a tag', example: 'v1' }),
    ['v1', 'V2', 'latest'],
    ['', 'xv1', 'v1x', 'v1\n', 'latestv1'],
  ],
  [
    'matching by lines',
    matching(/tok_\w+/m, { rule: 'a token', example: 'tok_1' }),
    ['tok_1'],
    ['tok_1\nEVIL=1', 'x\ntok_1', 'tok_1\n'],
  ],
  ['schema', schema(evenNumber, { rule: 'an even number', example: '2' }), ['2', '4'], ['', '1', 'x']],
];

describe.each(cases)('%s', (_name, type, valid, invalid) => {
  it.each(valid.map((value) => [value]))('accepts %j', (value) => expect(type.accepts(value)).toBe(true));
  it.each(invalid.map((value) => [value]))('refuses %j', (value) => expect(type.accepts(value)).toBe(false));
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
  ['rg.desk.example.org/courier', 'rg.desk.example.org'],
  ['localhost:5000/a/b', 'localhost:5000'],
])('takes the server out of %s', (path, host) => expect(registryHost(path)).toBe(host));

it.each(cases)('%s accepts its own example', (_name, type) => expect(type.accepts(type.example)).toBe(true));

it.each(cases)('%s decides on a text of 3 MB at once', (_name, type) => {
  const decide = () => {
    for (const unit of ['a', 'a.', 'a-', ' ', 'a/', 'wss://']) type.accepts(unit.repeat(3_000_000 / unit.length));
  };
  expect(cpuTime(decide)).toBeLessThan(2_000);
});

it('gives the host name in punycode that a URL needs', () => {
  const { advice } = url('https');
  expect(advice?.('https://bücher.example/x')).toBe('Write the host name in punycode: xn--bcher-kva.example');
  expect(advice?.('https://books.example /x')).toBe(undefined);
  expect(advice?.('https://bücher.example/ü')).toBeUndefined();
  expect(advice?.('https://a b')).toBeUndefined();
});

it('gives the same answer every time', () => {
  const { accepts } = url('https');
  const answers = new Set(Array.from({ length: 20_000 }, () => accepts('https://bücher.example')));
  expect([...answers]).toEqual([false]);
});

it('refuses what a schema answers later, and keeps a rejection from ending the process', async () => {
  const { accepts } = schema(
    standard(() => Promise.reject(new Error('later'))),
    { rule: 'x', example: 'x' },
  );
  expect(accepts('x')).toBe(false);
  await new Promise((resolve) => setImmediate(resolve));
});

it('lists every type for the documents', () => {
  const others = ['registryHost', 'valueTypes'];
  const listed = new Set(valueTypes.map(([usage]) => usage.replace(/\(.*$/, '')));
  expect([...listed].sort()).toEqual(
    Object.keys(module)
      .filter((name) => !others.includes(name))
      .sort(),
  );
});

it.each(valueTypes)('%s accepts the example that the documents give', (_usage, type) => {
  expect(type.accepts(type.example)).toBe(true);
});
