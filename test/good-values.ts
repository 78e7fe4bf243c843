/** A value that a correct team gives a variable. */
export interface GoodValue {
  readonly kind: string;
  readonly name: string;
  readonly sensitive: boolean;
  readonly value: string;
}

/** Random numbers that a seed repeats (mulberry32). */
export function randomNumbers(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  const pick = <T>(items: readonly T[]): T => items[integer(0, items.length - 1)] as T;
  const characters = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[integer(0, alphabet.length - 1)]).join('');
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => integer(0, 255)));
  return { next, integer, pick, characters, bytes };
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const letters = lower + lower.toUpperCase();
const digits = '0123456789';
const alphanumeric = letters + digits;
const hex = '0123456789abcdef';
const urlSafe = `${alphanumeric}_-`;
/** U+0021 to U+007E but for quotes. */
const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
  .filter((character) => !'\'"`'.includes(character))
  .join('');
const diceware =
  'abacus acorn amber anchor apron atlas bagel banjo barley basil beacon birch bishop bobcat bonsai breeze bridge cactus camel candle canyon cedar cello change cherry cider cinnamon clover cobalt comet copper coral cotton cricket crystal daisy default denim desert dolphin dragon eagle ember empty example falcon fennel ferry fiddle flannel forest fossil garlic gecko ginger glacier goblet granite harbor hazel heron hornet indigo iris island ivory jacket jaguar jasmine juniper kayak kelp kettle lagoon lantern laurel lemon lilac lizard lobster magnet mango maple marble meadow melon mitten mosaic nectar nutmeg oasis olive onyx orchid otter oyster paddle panda parsley pebble pepper pigeon plum pollen poppy prairie private public pumpkin quartz quiver rabbit radish random raven replace ribbon rocket saffron salmon sample sandal secret sequoia service shadow sparrow spruce squid sunset tangerine thistle timber topaz tulip turnip velvet violet walnut walrus willow zebra zinnia'.split(
    ' ',
  );

type Random = ReturnType<typeof randomNumbers>;
type Maker = (random: Random) => Omit<GoodValue, 'kind'>;

const secretNames = [
  'OPENAI_API_KEY',
  'DEEPGRAM_API_KEY',
  'CARTESIA_API_KEY',
  'PARTNER_API_KEY',
  'PARTNER_API_SECRET',
  'REGISTRY_SECRET_KEY',
  'JWT_SECRET',
  'POSTGRES_PASSWORD',
  'SESSION_TOKEN',
];

const secret =
  (make: (random: Random) => string, name?: string): Maker =>
  (random) => ({ name: name ?? random.pick(secretNames), sensitive: true, value: make(random) });
const config =
  (name: string, make: (random: Random) => string): Maker =>
  (random) => ({ name, sensitive: false, value: make(random) });

const base64 = ({ bytes }: Random, length: number) => bytes(length).toString('base64');
const uuid = ({ characters, pick }: Random) =>
  [
    characters(hex, 8),
    characters(hex, 4),
    `4${characters(hex, 3)}`,
    `${pick(['8', '9', 'a', 'b'])}${characters(hex, 3)}`,
    characters(hex, 12),
  ].join('-');
const pemBlock = (random: Random, label: string, end: string) => {
  const body = base64(random, random.integer(48, 600)).replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----${end}`;
};
const host = ({ pick, characters, integer }: Random) =>
  `${pick(['db', 'lk', 'api', 'cache', `node-${integer(1, 99)}`])}.${characters(lower, integer(3, 12))}.${pick(['example.com', 'internal', 'svc.cluster.local', 'fr', 'io'])}`;
const percentEncoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`);

/** Kinds of values, each as often as its number says. */
const makers: readonly (readonly [kind: string, weight: number, make: Maker])[] = [
  ['printable characters', 30, secret(({ characters, integer }) => characters(printable, integer(16, 64)))],
  [
    'printable characters with blanks inside',
    6,
    secret(
      ({ characters, integer }) =>
        `${characters(printable, 1)}${characters(`${printable}   `, integer(14, 62))}${characters(printable, 1)}`,
    ),
  ],
  [
    'printable characters with backticks and quotes inside',
    4,
    secret(
      ({ characters, integer }) =>
        `${characters(printable, 2)}${characters(`${printable}\`'"`, integer(12, 60))}${characters(printable, 2)}`,
    ),
  ],
  ['letters and digits', 6, secret(({ characters, integer }) => characters(alphanumeric, integer(16, 64)))],
  ['hex', 4, secret(({ characters, pick }) => characters(hex, pick([16, 24, 32, 40, 48, 64, 128])))],
  ['capital hex', 1, secret(({ characters, pick }) => characters(hex.toUpperCase(), pick([32, 40, 64])))],
  ['base64', 5, secret((random) => base64(random, random.integer(12, 96)))],
  ['base64 without padding', 2, secret((random) => base64(random, random.integer(12, 64)).replace(/=+$/, ''))],
  ['base64url', 5, secret(({ bytes, integer }) => bytes(integer(12, 96)).toString('base64url'))],
  ['base32', 1, secret(({ characters }) => characters('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 32))],
  ['small letters and digits', 2, secret(({ characters, integer }) => characters(lower + digits, integer(16, 50)))],
  ['UUID', 3, secret(uuid)],
  ['OpenAI', 2, secret(({ characters }) => `sk-${'proj'}-${characters(urlSafe, 156)}`, 'OPENAI_API_KEY')],
  ['OpenAI, older', 1, secret(({ characters }) => `sk-${characters(alphanumeric, 48)}`, 'OPENAI_API_KEY')],
  ['Cartesia', 2, secret(({ characters }) => `sk_${'car'}_${characters(alphanumeric, 22)}`, 'CARTESIA_API_KEY')],
  ['Deepgram', 2, secret(({ characters }) => characters(hex, 40), 'DEEPGRAM_API_KEY')],
  ['partner, key', 2, secret(({ characters }) => `API${characters(alphanumeric, 12)}`, 'PARTNER_API_KEY')],
  [
    'partner, secret',
    2,
    secret(({ characters, integer }) => characters(alphanumeric, integer(43, 44)), 'PARTNER_API_SECRET'),
  ],
  ['UUID of a registry', 1, secret(uuid, 'REGISTRY_SECRET_KEY')],
  ['Anthropic', 1, secret(({ characters }) => `sk-${'ant'}-api03-${characters(urlSafe, 95)}`, 'ANTHROPIC_API_KEY')],
  ['AWS', 1, secret(({ characters }) => characters(`${alphanumeric}+/`, 40), 'AWS_SECRET_ACCESS_KEY')],
  [
    'Telegram',
    1,
    secret(
      ({ characters }) => `${characters('123456789', 1)}${characters(digits, 9)}:AA${characters(urlSafe, 33)}`,
      'TELEGRAM_BOT_TOKEN',
    ),
  ],
  [
    'bcrypt',
    2,
    secret(({ characters, integer }) => `$2${'b'}$${integer(10, 14)}$${characters(`./${alphanumeric}`, 53)}`),
  ],
  [
    'argon2',
    1,
    secret(
      (random) =>
        `$argon2id$v=19$m=65536,t=3,p=4$${base64(random, 16).replace(/=/g, '')}$${base64(random, 32).replace(/=/g, '')}`,
    ),
  ],
  [
    'JWT',
    1,
    secret(
      ({ bytes, integer }) =>
        `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')}.${bytes(integer(30, 200)).toString('base64url')}.${bytes(32).toString('base64url')}`,
    ),
  ],
  [
    'PEM',
    1,
    secret(
      (random) =>
        pemBlock(
          random,
          random.pick(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'CERTIFICATE']),
          random.pick(['', '\n']),
        ),
      'SIGNING_KEY',
    ),
  ],
  [
    'service account',
    1,
    secret((random) => {
      const account = {
        type: 'service_account',
        project_id: `${random.characters(lower, 8)}-${random.integer(1, 999)}`,
        private_key_id: random.characters(hex, 40),
        private_key: pemBlock(random, 'PRIVATE KEY', '\n'),
        client_email: `agent@${random.characters(lower, 8)}.iam.gserviceaccount.com`,
        token_uri: 'https://oauth2.googleapis.com/token',
      };
      return random.pick([
        JSON.stringify(account),
        JSON.stringify(account, undefined, 2),
        `${JSON.stringify(account, undefined, 2)}\n`,
      ]);
    }, 'GOOGLE_CREDENTIALS'),
  ],
  [
    'base64 of a service account',
    1,
    secret(
      ({ characters }) =>
        Buffer.from(`{"type":"service_account","project_id":"${characters(lower, 12)}"}`).toString('base64'),
      'GOOGLE_CREDENTIALS',
    ),
  ],
  [
    'database URL',
    3,
    secret(
      (random) =>
        `${random.pick(['postgresql', 'postgres', 'mysql', 'redis', 'amqp', 'mongodb+srv'])}://${random.pick(['app', 'agent', 'svc_desk'])}:${percentEncoded(random.characters(printable, random.integer(16, 40)))}@${host(random)}${random.pick(['', ':5432', ':6379'])}/${random.pick(['app', '0', 'desk?sslmode=verify-full&application_name=desk'])}`,
      'DATABASE_URL',
    ),
  ],
  [
    'connection string',
    1,
    secret(
      ({ characters }) =>
        `Server=db.example.com;Port=5432;Database=app;User Id=app;Password=${characters(alphanumeric, 24)};`,
      'DATABASE_URL',
    ),
  ],
  [
    'password by a person',
    3,
    secret(({ pick, characters, integer }) => {
      const word = () => pick(diceware);
      const mark = () => pick(['$', '{', '(', '%', '@', '`', '!', '&', '#', '}', ')', '$$', '%d', '@x', '($', '{1}']);
      return `${word()}${mark()}${characters(digits, integer(1, 4))}${word().toUpperCase()}${mark()}${word()}`;
    }, 'POSTGRES_PASSWORD'),
  ],
  [
    'passphrase',
    3,
    secret(({ pick, integer }) => {
      const by = pick(['-', ' ', '.', '_', '']);
      return Array.from({ length: integer(5, 7) }, () => pick(diceware)).join(by);
    }),
  ],
  [
    'user name',
    1,
    secret(
      ({ pick, integer }) =>
        `${pick(['app', 'agent', 'svc_desk', 'readonly', 'admin', 'postgres'])}${pick(['', `_${integer(1, 20)}`])}`,
      'POSTGRES_USER',
    ),
  ],
  [
    'URL with a query',
    2,
    config(
      'LINK',
      (random) =>
        `https://${host(random)}/caf%C3%A9/${percentEncoded(random.pick(diceware))}?q=${random.pick(diceware)}&page=${random.integer(1, 90)}#top`,
    ),
  ],
  [
    'web socket',
    1,
    config(
      'PARTNER_URL',
      (random) => `${random.pick(['ws', 'wss'])}://${host(random)}${random.pick(['', ':7880', '/rtc'])}`,
    ),
  ],
  ['host name', 1, config('DOMAIN', host)],
  [
    'prompt',
    2,
    config('PROMPT', ({ pick }) =>
      pick([
        'You are “Ada”, a friendly agent – brief, and never rude…',
        'Dites « bonjour » à l’appelant, puis demandez son nom.',
        'Enter your name here, please, and press the # key.',
        'Ask for the key word.\nThen say:\n- “thank you”\n- “good-bye”\n',
        'Hello {{ name }}, how can I help you today? It costs $5 (100% refundable).',
        'Tell the caller that the password is secret and must not be said aloud.',
        'Loading... please wait.',
        'Réponds en français; sois bref, poli, clair;',
        '请用中文回答。',
        'Если спросят, ответьте: «не знаю».',
      ]),
    ),
  ],
  [
    'settings',
    6,
    config('SETTING', ({ pick, integer, characters }) =>
      pick([
        'true',
        'false',
        'info',
        'none',
        'auto',
        'default',
        'test',
        'random',
        'strict',
        'private',
        'hidden',
        'production',
        '0',
        String(integer(1, 99_999)),
        `${integer(1, 60)}s`,
        '0.7',
        '-1',
        '-',
        '/',
        '*',
        '**/*.ts',
        'en-GB',
        'fr',
        'Europe/Paris',
        '0 4 * * 1-5',
        '10.0.0.0/8,192.168.0.0/16',
        'a,b,c',
        'gpt-4o-mini',
        'nova-3-general',
        'sonic-2',
        'text-embedding-3-small',
        `v${integer(0, 9)}.${integer(0, 20)}.${integer(0, 9)}`,
        '/var/lib/parcel-desk/data',
        './data',
        '-Xmx512m -XX:+UseG1GC',
        '--max-old-space-size=512',
        'service.name=parcel-desk,deployment.environment=staging',
        '%d %p %m%n',
        '%(asctime)s %(message)s',
        '{"a":[1,2,{"b":null}]}',
        '[]',
        '{}',
        '^[a-z]+\\d{2,}$',
        'C:\\Program Files\\Agent',
        'text/html; charset=utf-8',
        'SELECT 1;',
        'max-age=300, must-revalidate',
        '#ff8800',
        '+33100000000',
        'agent@example.com',
        'Parcel Desk <agent@example.com>',
        '<b>Hello</b>',
        'arn:aws:iam::123456789012:role/agent',
        'arn:aws:kms:eu-west-3:123456789012:key/agent',
        `registry.example.com/team/parcel-desk:${characters(hex, 8)}`,
        `sha256:${characters(hex, 64)}`,
        characters(hex, 8),
        `parcel-desk-${characters(lower, 6)}`,
        'main',
        'us-east-1',
        'http',
        'bearer',
        'api-key',
        'key',
        'x-request-id',
      ]),
    ),
  ],
];

const lots = makers.flatMap(([kind, weight, make]) => Array.from({ length: weight }, () => [kind, make] as const));

/** Good values of every kind, the same for the same seed. */
export function* goodValues(seed: number, count: number): Generator<GoodValue> {
  const random = randomNumbers(seed);
  for (let made = 0; made < count; made++) {
    const [kind, make] = random.pick(lots);
    yield { kind, ...make(random) };
  }
}
