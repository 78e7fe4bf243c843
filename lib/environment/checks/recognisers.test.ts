import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goodValues, randomNumbers } from '../../../test/good-values';
import { growth, mostLinear } from '../../../test/growth';
import type { Declaration } from '../../catalog/declaration';
import { defineCatalog } from '../../catalog/define-catalog';
import { dnsLabel, oneOf, text } from '../../catalog/value-type';
import { isOrdinary, recognise, recognisers, recogniseThoroughly } from './recognisers';
import { catalogNames } from './recognisers/catalog-names';
import type { Context, Example, Recogniser } from './recognisers/recogniser';

const secret = (): Declaration<'b'> => ({ kind: 'secret', bundle: 'b', type: text(), description: 'a secret' });
const config = (): Declaration<'b'> => ({ kind: 'config', bundle: 'b', type: text(), description: 'a text' });

const catalog = defineCatalog({
  app: 'app',
  bundles: { b: { description: 'b' } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), default: 'space', description: 'namespace' },
    OPENAI_API_KEY: secret(),
    DEEPGRAM_API_KEY: secret(),
    PARTNER_URL: config(),
    DOMAIN: config(),
    LOG_LEVEL: { ...config(), type: oneOf('info', 'warn') } as Declaration<'b'>,
    ENV_MODE: { ...config(), type: oneOf('staging', 'prod'), followsEnvironment: true } as Declaration<'b'>,
  } as Readonly<Record<string, Declaration<'b'>>>,
});
const names = catalogNames(catalog);

const isSecretName = (name: string) => /KEY|SECRET|TOKEN|PASSWORD|USER$/.test(name) && !/^(?:KEY|AUTH)_/.test(name);

/** An example and where it stands. */
function placed(example: Example, each?: Pick<Recogniser, 'in'>): [value: string, context: Context] {
  const { value, name = 'OPENAI_API_KEY', ...rest } = typeof example === 'string' ? { value: example } : example;
  const sensitive = each?.in === 'secrets' || (each?.in !== 'config' && isSecretName(name));
  return [value, { ...contextOf(name, sensitive), ...rest }];
}

function contextOf(name: string, sensitive: boolean): Context {
  const variable = catalog.variables.get(name) ?? { name, sensitive, type: text(), followsEnvironment: false };
  return { variable, names, environment: 'staging' };
}

describe.each(Object.entries(recognisers))('%s', (code, list) => {
  describe.each(list.map((each) => [each.name, each] as const))('%s', (_name, each) => {
    it('finds its examples, says so in a line, and gives a hint', () => {
      expect(each.examples.length).toBeGreaterThan(0);
      for (const example of each.examples) {
        const [value, context] = placed(example, each);
        if (each.startsWith !== undefined) expect(each.startsWith).toContain([...value][0]);
        expect([value, each.test(value.trim(), context) || each.test(value, context)]).toEqual([value, true]);
        const found = recognise(value, context);
        expect([value, found.map((one) => one.code)]).toEqual([value, expect.arrayContaining([code])]);
        for (const { severity, says, hint } of found) {
          expect(severity).toBe(code === 'not-a-value' && context.variable.sensitive ? 'error' : 'warning');
          expect(`${says} ${hint}`).toMatch(/^[^\n\r]+$/);
        }
      }
    });

    it('leaves alone what only looks like them', () => {
      expect(each.counterExamples.length).toBeGreaterThan(0);
      for (const example of each.counterExamples) {
        const [value, context] = placed(example, each);
        expect([value, each.test(value, context)]).toEqual([value, false]);
      }
    });
  });
});

it('has a name of its own for each recogniser', () => {
  const all = Object.values(recognisers).flatMap((list) => list.map(({ name }) => name));
  expect(new Set(all).size).toBe(all.length);
});

/** `NAME=value` lines, the value exactly as it stands there. */
function standInForms(): [value: string, context: Context][] {
  const lines = readFileSync(join(__dirname, '../../../test/stand-ins.txt'), 'utf8').split('\n');
  return lines
    .filter((line) => line.includes('=') && !line.startsWith('#'))
    .map((line) => {
      const [, config, name = '', value = ''] = /^(config )?(\w+)=(.*)$/.exec(line) ?? [];
      return [value, contextOf(name, config === undefined)];
    });
}

const figure = (line: string) => process.stderr.write(`${line}\n`);

it('sees nearly all forms of stand-ins that example files have', () => {
  const forms = standInForms();
  const unseen = forms.filter(
    ([value, context]) => !recognise(value, context).some(({ code }) => code === 'not-a-value'),
  );
  figure(`stand-ins: ${forms.length - unseen.length} of ${forms.length} forms seen`);
  expect(forms.length).toBeGreaterThanOrEqual(200);
  expect(readFileSync(join(__dirname, '../../../SECURITY.md'), 'utf8')).toContain(
    `Of ${forms.length} forms of stand-ins that example files have, ${forms.length - unseen.length} are seen`,
  );
  // No longer a stand-in than a weak password, or in a language of which too few words are known.
  expect(unseen.map(([value]) => value)).toEqual([
    'seuemail@gmail.com',
    'Admin@12345',
    'dreampass2024',
    'drugi-dugacak-secret',
  ]);
});

describe('good values', () => {
  const seed = Number(process.env['GOOD_VALUES_SEED'] ?? 1);
  const count = Number(process.env['GOOD_VALUES'] ?? 30_000);

  it('raise nothing', () => {
    const raised: string[] = [];
    const kinds = new Set<string>();
    for (const { kind, name, sensitive, value } of goodValues(seed, count)) {
      kinds.add(kind);
      const written = value.includes('${') ? value.replaceAll('${', () => '$${') : undefined;
      const context = { ...contextOf(name, sensitive), ...(written !== undefined && { written }) };
      const found = recognise(value, context);
      raised.push(...found.map(({ recogniser }) => `${kind}: ${recogniser}: ${value}`));
    }
    figure(
      `good values: ${raised.length} of ${count} of ${kinds.size} kinds raise anything (GOOD_VALUES_SEED=${seed})`,
    );
    expect(raised).toEqual([]);
    expect(kinds.size).toBeGreaterThan(30);
  });

  it('are of the kinds that they say', () => {
    const all = [...goodValues(1, 3_000)];
    const ofKind = (kind: string) => all.filter((each) => each.kind === kind).map(({ value }) => value);
    expect(ofKind('printable characters').every((value) => /^[!-~]{16,64}$/.test(value))).toBe(true);
    expect(ofKind('printable characters').some((value) => /[;,]$/.test(value))).toBe(true);
    expect(ofKind('printable characters').some((value) => /^[<{(%$]/.test(value))).toBe(true);
    expect(ofKind('bcrypt').every((value) => /^\$2b\$\d\d\$.{53}$/.test(value))).toBe(true);
    expect([...goodValues(7, 50)]).toEqual([...goodValues(7, 50)]);
  });
});

describe('the short cut', () => {
  const everything = () =>
    Object.values(recognisers).flatMap((list) =>
      list.flatMap((each) => [...each.examples, ...each.counterExamples].map((example) => placed(example, each))),
    );

  it('takes no value that anything is to be said of', () => {
    const pieces = [...everything(), ...standInForms()];
    const { pick, integer, characters } = randomNumbers(1);
    const changed = Array.from({ length: 20_000 }, (): [string, Context] => {
      const [value, context] = pick(pieces);
      const [other] = pick(pieces);
      const at = integer(0, value.length);
      const insert = pick([characters('abcxyz0159-_./', integer(1, 4)), other, '']);
      const removed = integer(0, 3);
      return [`${value.slice(0, at)}${insert}${value.slice(at + removed)}`, context];
    });
    for (const [value, context] of [...pieces, ...changed]) {
      if (isOrdinary(value, context)) expect([value, recogniseThoroughly(value, context)]).toEqual([value, []]);
    }
  });

  it('is taken by nearly every value that is one', () => {
    const all = [...goodValues(1, 3_000)].filter(({ kind }) =>
      /^(?:hex|UUID|base64url|letters and digits|Deepgram|partner, secret)$/.test(kind),
    );
    const taken = all.filter(({ name, sensitive, value }) => isOrdinary(value, contextOf(name, sensitive)));
    expect(taken.length / all.length).toBeGreaterThan(0.85);
  });
});

describe('hints, followed to the letter, lead to a value that raises nothing', () => {
  it.each<[hint: RegExp, from: Example, to: Example]>([
    [/^Remove it/, ' sk-fake0000\n', 'sk-fake0000'],
    [/^Remove the quotes/, '"sk-fake0000"', 'sk-fake0000'],
    [/^Remove the semicolon/, 'sk-fake0000;', 'sk-fake0000'],
    [/^Remove the comma/, 'sk-fake0000,', 'sk-fake0000'],
    [/^Remove them/, 'sk-fake0000\\n', 'sk-fake0000'],
    [/^Remove U\+200B/, 'sk-fake\u200b0000', 'sk-fake0000'],
    [/^Remove U\+00A0/, 'sk-fake0000\u00a0', 'sk-fake0000'],
    [/^Remove the quotes/, '“sk-fake-0000”', 'sk-fake-0000'],
    [/^Type the plain character/, 'sk–fake', 'sk-fake'],
    [/^Type the Latin letter/, 'sk-f\u0430ke0000', 'sk-fake0000'],
    [/^Remove OPENAI_API_KEY=/, 'OPENAI_API_KEY=sk-fake0000', 'sk-fake0000'],
    [/^Put LOG_LEVEL=… on a line of its own/, 'sk-fake0000LOG_LEVEL=warn', 'sk-fake0000'],
    [/^Put only the value/, '{"OPENAI_API_KEY":"sk-fake0000"}', 'sk-fake0000'],
    [
      /^Write \$\{DOMAIN\}/,
      { value: '$DOMAIN', name: 'LINK' },
      { value: 'app.example.com', written: '${DOMAIN}', name: 'LINK' },
    ],
    [/^Remove the backslash/, { value: 'pa\\$\\$word', quote: "'" }, { value: 'pa$$word', quote: "'" }],
    [
      /^Write \$\$\{ for a literal/,
      { value: 'fake\\x', written: 'fake\\${DOMAIN}' },
      { value: 'fake${DOMAIN}', written: 'fake$${DOMAIN}' },
    ],
    [
      /use double quotes or none/,
      { value: 'x', written: '${DOMAIN}', quote: "'", name: 'LINK' },
      { value: 'x', written: '${DOMAIN}', quote: '"', name: 'LINK' },
    ],
    [
      /in double quotes, where \\n/,
      { value: '-----BEGIN FAKE-----\\nAAAA\\n-----END FAKE-----\\n', quote: "'" },
      '-----BEGIN FAKE-----\nAAAA\n-----END FAKE-----\n',
    ],
    [
      /with real line breaks/,
      '-----BEGIN FAKE-----\\nAAAA\\n-----END FAKE-----',
      '-----BEGIN FAKE-----\nAAAA\n-----END FAKE-----',
    ],
    [
      /^Put it in double quotes/,
      { value: 'Be kind.\\nBe brief.', name: 'PROMPT', quote: '' },
      { value: 'Be kind.\nBe brief.', name: 'PROMPT', quote: '"' },
    ],
    [/^Remove the tab/, { value: '\ta\nb', name: 'PROMPT' }, { value: 'a\nb', name: 'PROMPT' }],
    [/^Set ENV_MODE=staging/, { value: 'prod', name: 'ENV_MODE' }, { value: 'staging', name: 'ENV_MODE' }],
    [
      /^Write \$\{PARTNER_URL\}/,
      { value: '{{ PARTNER_URL }}', name: 'LINK' },
      { value: 'wss://x.example.com', written: '${PARTNER_URL}', name: 'LINK' },
    ],
  ])('%s', (hint, from, to) => {
    const [value, context] = placed(from);
    expect(recognise(value, context).map((found) => found.hint)).toEqual(
      expect.arrayContaining([expect.stringMatching(hint)]),
    );
    expect(recognise(...placed(to))).toEqual([]);
  });
});

it('leaves alone what the type lists and what it shows as an example', () => {
  const variable = { name: 'MODE', sensitive: false, type: oneOf('undefined', 'changeme'), followsEnvironment: false };
  expect(recognise('undefined', { variable, names, environment: 'staging' })).toEqual([]);
  expect(recognise('fake-text', contextOf('OPENAI_API_KEY', true))).toEqual([]);
});

it('says a secret in none of its sentences', () => {
  const ofCatalog = new RegExp(`\\b(?:${[...catalog.variables.keys()].join('|')})\\b`, 'g');
  for (const each of Object.values(recognisers).flat()) {
    if (typeof each.says === 'string' && typeof each.hint === 'string') continue;
    for (const example of each.examples) {
      const [value, context] = placed(example, each);
      const found = recognise(value, context);
      const shown = found.map(({ says, hint }) => `${says} ${hint}`.replace(ofCatalog, '…')).join(' ');
      const pieces = Array.from({ length: Math.max(0, value.length - 5) }, (_, at) => value.slice(at, at + 6));
      expect([value, pieces.filter((piece) => shown.includes(piece))]).toEqual([value, []]);
    }
  }
});

describe('in time that is linear in the text, however it is made', () => {
  const longest = 131_071;
  const pieces = [
    ...Object.values(recognisers).flatMap((list) =>
      list.flatMap((each) => each.examples.map((example) => placed(example, each)[0])),
    ),
    ...[
      ...'aA0=$./-_,:#%&*~',
      '${',
      '\\$',
      '\\n',
      '`',
      '"',
      '<',
      '-----BEGIN FAKE-----\n',
      '://',
      '@',
      'LOG_LEVEL=',
      'x=',
      ' ',
      '\n',
      'é',
      '\u200b',
      '\ud83d\udd25\ufe0f',
      '…',
      'your-',
      'a_',
      'A.a',
      '{{',
      '$(cat ',
      'АВ',
      'ab1',
    ],
  ];

  it.each([
    ['a secret', contextOf('OPENAI_API_KEY', true)],
    ['config', contextOf('PROMPT', false)],
  ])(
    '%s',
    (_what, place) => {
      const context: Context = { ...place, quote: '' };
      const look = (text: string) => () => {
        isOrdinary(text, context);
        recogniseThoroughly(text, { ...context, written: text });
      };
      const slow: string[] = [];
      for (const piece of pieces) {
        for (const start of piece.length > 3 ? ['', '"'] : ['', 'fake', 'x ', '$(', 'cat ', '-----BEGIN FAKE-----']) {
          const ofLength = (length: number) => `${start}${piece.repeat(length / piece.length)};`;
          const before = process.cpuUsage();
          look(ofLength(longest))();
          // What is quick needs no measuring: were it quadratic, it would take seconds.
          if (process.cpuUsage(before).user < 100_000) continue;
          if (growth((size) => look(ofLength(size)), longest / 8) > mostLinear) slow.push(`${start}${piece}`);
        }
      }
      expect(slow).toEqual([]);
    },
    120_000,
  );
});
