import { Sensitive } from '../sensitive';
import { type NamedSecret, repeatedSecrets } from './repeated-secrets';

const named = (name: string, text: string, ...reads: string[]): NamedSecret => ({
  name,
  value: new Sensitive(text),
  reads: new Set(reads),
});
const found = (...secrets: NamedSecret[]) =>
  repeatedSecrets(secrets).map(({ variable, says }) => `${variable} ${says}`);
const base64 = (text: string) => Buffer.from(text).toString('base64');

it('finds one secret under two names, and says so of the second', () => {
  const problems = repeatedSecrets([named('API_KEY', 'fake-partner'), named('API_SECRET', 'fake-partner')]);
  expect(problems).toEqual([
    {
      recogniser: 'repeated-secret',
      code: 'suspicious-value',
      severity: 'warning',
      variable: 'API_SECRET',
      says: 'is the same secret as API_KEY',
      hint: 'Put its own value there, or write ${API_KEY} if the two are meant to be the same',
    },
  ]);
});

it('finds base64 of a secret, whichever comes first', () => {
  const plain = named('PLAIN_KEY', 'fake-secret-value');
  const encoded = named('OTHER_KEY', base64('fake-secret-value'));
  expect(found(plain, encoded)).toEqual(['OTHER_KEY is base64 of the secret PLAIN_KEY']);
  expect(found(encoded, plain)).toEqual(['OTHER_KEY is base64 of the secret PLAIN_KEY']);
  expect(found(plain, named('OTHER_KEY', base64('fake-secret-value\n')))).toEqual([
    'OTHER_KEY is base64 of the secret PLAIN_KEY',
  ]);
});

it('names the first of several', () => {
  const all = ['A_KEY', 'B_KEY', 'C_KEY', 'D_KEY'].map((name) => named(name, 'fake-secret'));
  expect(found(...all)).toEqual(['B', 'C', 'D'].map((letter) => `${letter}_KEY is the same secret as A_KEY`));
});

it.each<[string, readonly NamedSecret[]]>([
  ['other secrets', [named('A_KEY', 'fake-secret-a'), named('B_KEY', 'fake-secret-b')]],
  ['one that reads the other', [named('A_KEY', 'fake-secret'), named('B_KEY', 'fake-secret', 'A_KEY')]],
  ['one that the other reads', [named('A_KEY', 'fake-secret', 'B_KEY'), named('B_KEY', 'fake-secret')]],
  ['two that read a third', [named('A_KEY', 'fake-secret', 'C'), named('B_KEY', 'fake-secret', 'C')]],
  ['short ones', [named('A_KEY', 'fake1'), named('B_KEY', 'fake1')]],
  ['a user and its database', [named('DB_USER', 'fake_app'), named('DB_NAME', 'fake_app')]],
  ['base64 of another text', [named('A_KEY', 'fake-secret-a'), named('B_KEY', base64('fake-secret-b'))]],
])('leaves alone %s', (_what, secrets) => expect(found(...secrets)).toEqual([]));

it('compares as often as there are secrets, however many are alike', () => {
  const count = 20_000;
  const alike = Array.from({ length: count }, (_, i) => named(`V${i}_KEY`, 'fake-secret'));
  let compared = 0;
  const equals = jest.spyOn(Sensitive.prototype, 'equals').mockImplementation(() => {
    compared++;
    return true;
  });
  try {
    expect(repeatedSecrets(alike)).toHaveLength(count - 1);
  } finally {
    equals.mockRestore();
  }
  expect(compared).toBeLessThan(3 * count);
});
