import { growth, mostLinear } from '../../../test/growth';
import { holdsCredentialShape, holdsUrlCredentials } from './credential-shapes';

/** So many characters that say of themselves what they are. Shapes stand in this file in pieces only. */
const fake = (length: number) => 'Fake0'.repeat(length).slice(0, length);
const upper = (length: number) => 'FAKE0'.repeat(length).slice(0, length);
const urlSafe = (length: number) => 'Fa-e_0'.repeat(length).slice(0, length);
const hex = (length: number) => 'fa0e'.repeat(length).slice(0, length);
const begin = (what: string) => `-----BEGIN ${what}-----`;

/** For every shape the shortest texts that have it, and texts that lack one thing. */
const shapes: readonly (readonly [issuer: string, examples: readonly string[], others: readonly string[]])[] = [
  [
    'a private key',
    ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED ', 'FAKE 2 ']
      .map((sort) => begin(`${sort}PRIVATE KEY`))
      .concat([begin('PGP PRIVATE KEY BLOCK')]),
    [begin('PUBLIC KEY'), begin('CERTIFICATE'), begin('private key'), '-----END PRIVATE KEY-----', 'a PRIVATE KEY'],
  ],
  [
    'age',
    [`AGE-SECRET-KEY-1${upper(58)}`],
    [57, 59].map((length) => `AGE-SECRET-KEY-1${upper(length)}`).concat(`age1${hex(58)}`),
  ],
  [
    'OpenAI and Anthropic',
    ['', 'proj-', 'svcacct-', 'admin-', 'ant-', '_'].map((sort) => `sk-${sort}${fake(20)}`),
    [`sk-${fake(19)}`, `task-${fake(30)}`, `sk-${fake(10)}.${fake(10)}`, 'sk-SK'],
  ],
  [
    'Cartesia, Stripe and ElevenLabs',
    ['', 'car_', 'live_', 'test_'].map((sort) => `sk_${sort}${fake(20)}`),
    [`sk_${fake(19)}`, `sk_car_${fake(19)}`, `sk_fake_${fake(20)}`, `risk_${fake(20)}`, `sk_${fake(20)}_b`],
  ],
  [
    'Stripe',
    ['rk_live_', 'whsec_'].map((start) => start + fake(20)),
    [
      `rk_live_${fake(19)}`,
      `whsec_${fake(19)}`,
      `rk_fake_${fake(20)}`,
      `rk_live_${fake(20)}_b`,
      `work_live_${fake(20)}`,
    ],
  ],
  [
    'AWS',
    ['AKIA', 'ASIA'].map((start) => start + upper(16)),
    [`AKIA${upper(15)}`, `ASIA${upper(17)}`, `AKIB${upper(16)}`, `akia${hex(16)}`, `XAKIA${upper(16)}`],
  ],
  ['Scaleway', [`SCW${upper(17)}`], [`SCW${upper(16)}`, `SCW${upper(18)}`, `SCW${fake(17)}`]],
  [
    'GitHub',
    [...'pousr'].map((sort) => `gh${sort}_${fake(36)}`),
    [`ghp_${fake(35)}`, `gha_${fake(36)}`, `ghp-${fake(36)}`, `high_${fake(36)}`, `ghp_${fake(36)}_b`],
  ],
  ['GitHub, fine-grained', [`github_pat_${fake(60)}`], [`github_pat_${fake(59)}`, `github_${fake(60)}`]],
  ['GitLab', [`glpat-${urlSafe(20)}`], [`glpat-${fake(19)}`, `glpat_${fake(20)}`]],
  [
    'Slack',
    [...'abeoprs'].map((sort) => `xox${sort}-${fake(10)}`),
    [`xoxb-${fake(9)}`, `xoxz-${fake(10)}`, `xoxb_${fake(10)}`],
  ],
  ['Google', [`AIza${urlSafe(35)}`], [`AIza${fake(34)}`, `AIza${fake(36)}`, `Aiza${fake(35)}`]],
  [
    'SendGrid',
    [`SG.${urlSafe(16)}.${urlSafe(16)}`, `SG.${fake(64)}.${fake(16)}`],
    [
      `SG.${fake(15)}.${fake(16)}`,
      `SG.${fake(65)}.${fake(16)}`,
      `SG.${fake(16)}.${fake(15)}`,
      `SG-${fake(16)}.${fake(16)}`,
    ],
  ],
  ['Hugging Face', [`hf_${fake(30)}`], [`hf_${fake(29)}`, `half_${fake(30)}`, `hf_${fake(30)}_b`]],
  ['npm', [`npm_${fake(36)}`], [`npm_${fake(35)}`, `npm_${fake(37)}`, 'npm_config_registry_of_a_company_of_ours']],
  ['DigitalOcean', [`dop_v1_${hex(64)}`], [`dop_v1_${hex(63)}`, `dop_v1_${hex(65)}`, `dop_v1_${upper(64)}`]],
  [
    'a signed JSON Web Token',
    [`eyJ${urlSafe(8)}.eyJ${urlSafe(8)}.${urlSafe(8)}`, `eyJ${fake(2_000)}.eyJ${fake(2_000)}.${fake(8)}`],
    [
      `eyJ${fake(7)}.eyJ${fake(8)}.${fake(8)}`,
      `eyJ${fake(8)}.eyJ${fake(7)}.${fake(8)}`,
      `eyJ${fake(8)}.eyJ${fake(8)}.${fake(7)}`,
      `eyJ${fake(8)}.${fake(11)}.${fake(8)}`,
      `${fake(11)}.eyJ${fake(8)}.${fake(8)}`,
      `eyJ${fake(8)}.eyJ${fake(8)}`,
      `keyJ${fake(8)}.eyJ${fake(8)}.${fake(8)}`,
    ],
  ],
];

const rows = (at: 1 | 2) =>
  shapes.flatMap((shape) =>
    shape[at].map((text) => [shape[0], `${text.slice(0, 24)}… (${text.length})`, text] as const),
  );

it.each(rows(1))('of %s is a credential, wherever it stands: %s', (_issuer, _shown, text) => {
  for (const around of [
    text,
    `key=${text}`,
    `"${text}"`,
    `a ${text} b`,
    `https://a.example/?k=${text}&x=y`,
    `(${text}),`,
  ]) {
    expect(holdsCredentialShape(around)).toBe(true);
  }
});

it.each(rows(1).filter(([, , text]) => !text.startsWith('-')))(
  'of %s is none as the end of a word: %s',
  (_issuer, _shown, text) => {
    expect(holdsCredentialShape(`x${text}`)).toBe(false);
  },
);

it.each(rows(2))('of %s is none: %s', (_issuer, _shown, text) => expect(holdsCredentialShape(text)).toBe(false));

it.each([
  '',
  '11111111-2222-4333-8444-555555555555',
  hex(64),
  Buffer.from(fake(60)).toString('base64'),
  'wss://media.example.com/asia-southeast1?token=none',
  'sk-SK,cs-CZ,en-GB;q=0.8',
  'registry.example.com/team/image@sha256:fa0efa0e',
  'desk-management-service-of-the-company-in-production',
  '{"type":"service_account","client_email":"a@b.example"}',
])('an ordinary value has no shape: %j', (text) => expect(holdsCredentialShape(text)).toBe(false));

it.each([
  'https://user:fake@a.example',
  'see https://user:fake@a.example/path for more',
  'HTTPS://user:fake@a.example',
  'redis://:fake@a.example:6379',
  'ftp://user:@a.example',
  'postgresql+psycopg2://u:p@a.example/db',
  'https://f@a.example',
  'http://f@a.example',
  'ws://f@a.example',
  'wss://f@a.example',
  'HTTPS://token@a.example',
  'git+https://token@a.example',
  `ssh://${fake(12)}@a.example`,
  `SFTP2://${fake(12)}@a.example`,
  'https://a.example,https://user:fake@b.example',
  `https://${hex(32)}:${hex(32)}@sentry.example/42`,
  ...['/42/x', '/team/x', '/team/2024-app.git', '/2024.git', '/42?x=y'].map(
    (path) => `https://${hex(32)}@sentry.example${path}`,
  ),
  ...['a.example', 'a.example/sentry', 'sentry.example@a.example'].map((host) => `https://${hex(32)}@${host}/42`),
  ...['redis', 'rediss', 'amqp', 'wss', 'ssh'].map((scheme) => `${scheme}://${hex(32)}@sentry.example:6379/0`),
  `https://${hex(31)}@sentry.example/42`,
  `https://${hex(32)}@a.example/42,https://token@b.example`,
])('a URL carries credentials: %s', (text) => expect(holdsUrlCredentials(text)).toBe(true));

it.each([
  'https://a.example',
  'https://a.example:8443/x',
  'https://a.example/@user:name',
  'https://a.example/a:b@c',
  'https://a.example?to=b:c@d.example',
  'https://a.example#a:b@c',
  'ssh://git@a.example/x.git',
  `ssh://${fake(11)}@a.example`,
  'shttp://token@a.example',
  'git@a.example:x.git',
  'mailto:somebody@a.example',
  'user:fake@a.example',
  'https://a.example and somebody@b.example',
  'a: b, c://d and e@f',
  `https://${hex(32)}@o42.ingest.de.sentry.io/4501`,
  ...[';', '.', ' and', '|x', '&quot;'].map((end) => `https://${hex(32)}@my-sentry.a.example/42${end}`),
  `{"dsn":"https://${hex(32)}@sentry.a.example:9000/sentry/42","b":1}`,
])('a URL carries none: %s', (text) => expect(holdsUrlCredentials(text)).toBe(false));

it('takes time by the length of a URL, whatever its host is made of', () => {
  const look = (size: number) => {
    const text = `https://${hex(32)}@${'sentry.'.repeat(size)}`;
    return () => holdsUrlCredentials(text);
  };
  expect(look(10)()).toBe(true);
  expect(growth(look, 2_000)).toBeLessThan(mostLinear);
});
