import { wordsOfName } from './catalog-names';
import { letters } from './letters';
import type { Context, Recogniser } from './recogniser';
import { isPlainlyInPlace, isSequence, isWordsInPlace, wordsOf } from './stand-in-words';
import { wordList } from './word-list';

/** A variable that is named for what ordinary words name too. */
const holdsName = ({ variable }: Context) => namesOfOrdinary.has(wordsOfName(variable.name).at(-1) ?? '');
const namesOfOrdinary = wordList(`
  USER USERNAME LOGIN NAME ID SID HOST HOSTNAME DB DATABASE SCHEMA BUCKET REGION EMAIL HEADER PREFIX PATH MODE ACCOUNT
  REALM ISSUER AUDIENCE TENANT SCOPE TYPE PROVIDER
`);

/** A password may be no more than what services have when they are new, or what everybody tries first. */
const firstPassword = (text: string, { variable }: Context) =>
  /PASS|PWD|SECRET/i.test(variable.name) &&
  (/^(?:root|admin|guest|postgres|mysql|toor|letmein|welcome|qwerty|admin1?|hunter2|shh+)(?:\d{1,4})?!?$/i.test(text) ||
    /^(?:super|my|top)?(?:p[a@4][s5$]{2}w[o0]rd|s[e3]cr[e3]t)[\d!@#$]{0,5}$/i.test(text) ||
    (text.length < 20 && isSequence(text)));

/** Words between marks of any kind, such as `##insert key##`. */
const marked = new RegExp(`^([#*=~!$%^&+:|])\\1{1,6}([${letters}\\d][${letters}\\d\\s_.-]{0,60})\\1{2,7}$`);

const ownWords = ({ variable }: Context) => new Set(wordsOfName(variable.name).map((word) => word.toLowerCase()));

/** Whether a secret, or a part of one, is nothing but words that say that another value belongs there. */
const isAskingForValue = (text: string, context: Context) =>
  context.variable.sensitive
    ? isWordsInPlace(text, ownWords(context), holdsName(context)) || firstPassword(text, context)
    : isPlainlyInPlace(text);

const hint = 'Put the real value there';

/** What a program writes where it has no value. */
const nothings =
  /^(?:undefined|null|nan|\[object object\]|<(?:nil|none|null|unset|no value|undefined)>|\((?:null|unset|undefined|not set)\)|%!s\(<nil>\)|#n\/a|#ref!)$/i;
const moreNothings =
  /^(?:none|nil|n\/a|\((?:none|nil|empty|blank|missing|not found)\)|not[ _-]?set|no[ _-]?value|[-_?.~/#+=]{1,20}|\\n)$/i;

/** Words between brackets, all of them in one case or with a capital in front. */
const inner = `[${letters}\\d](?:[${letters}\\d\\s_.,:;/|'"+-]{0,100}[${letters}\\d.…])?`;
const bracketed = new RegExp(`^([<[{(])(${inner})[>\\]})]$`);
const partInAngles = new RegExp(`^[A-Za-z]{1,8}[-_. ](?:[A-Za-z0-9]{1,8}[-_.])?<(${inner})>$`);

/** A run of x, by itself, after what the key of a service starts with, or in groups. */
const crosses =
  /^(?:(?:[A-Za-z]{1,8}|\d{6,10})[-_.:])?(?:[A-Za-z0-9]{1,8}[-_.:]){0,2}(?:[A-Za-z]{1,8})?(?:x{3,}|X{3,})(?:[-_. /](?:x{2,}|X{2,}))*(?:\.[a-z.]{2,40})?$/;

/** How a text begins that says what to put there: a word, and what may follow it. */
const instructions: readonly (readonly [words: ReadonlySet<string>, next: RegExp])[] = [
  [wordList('generate create use'), /^ (?:random|secure|strong)\b/i],
  [
    wordList(
      'generate create insert enter paste put add set get use copy replace change fill provide choose run obtain find',
    ),
    /^ (?:a|an|the|your|this|it|in|with|from|by|me|at|new|any|one|via|using)\b/i,
  ],
  [
    new Set(['same', 'must', 'should', 'only', 'at least', 'any', 'leave']),
    /^ (?:(?:as|be|if|when|blank|empty|random|string)\b|\d+)/i,
  ],
  [wordList('optional required'), /^(?:[,:;]|[^\w\n\r\u2028\u2029]? )/],
];

function isInstruction(text: string): boolean {
  const [start = '', first = ''] = /^["'([{<]?(at least|[a-z]+)/i.exec(text) ?? [];
  const word = first.toLowerCase();
  return instructions.some(([words, next]) => words.has(word) && next.test(text.slice(start.length)));
}

/** What the examples of documents are marked by, at a border of words or, as AWS does, at the end. */
const markedAsExample =
  /^django-insecure-|(?:^|[-_.])(?:EXAMPLE|REPLACE_?ME|CHANGE_?ME|PLACEHOLDER|YOUR_[A-Z_]{3,})(?:[-_.]|$)|[A-Z0-9/]EXAMPLE(?:KEY)?$|(?:^|[-_.])(?:replace[-_]?me|change[-_]?me|placeholder)(?:[-_.]|$)/;

/** A MySQL driver's address of a database: `user:password@tcp(…)/…`. */
const mysqlAddress = /^[\w-]{1,64}:([^\s@]{1,200})@(?:tcp|unix)\(/;

const url = /^([a-z][a-z0-9+.-]{0,30}):\/\/(?:([^\s/?#@]{0,500})@)?([^\s/?#@]{0,300})([/?#][^\s]{0,2000})?$/i;

/** The parts of a URL of which one is a stand-in. */
function isUrlInPlace(text: string, context: Context): boolean {
  if (!text.includes('://') && !text.includes('@')) return false;
  const [, password] = mysqlAddress.exec(text) ?? [];
  if (password !== undefined) return isAskingForValue(password, context);
  const [, , user, host = '', rest = ''] = url.exec(text) ?? [];
  if (host === '' && user === undefined) return false;
  const isTelling = (part: string) =>
    /^(?:undefined|null|NaN|None|<[^<>]+>|\{[\w -]+\}|\[[\w -]+\]|x{4,}|X{4,}|\*{3,}|\.{3,}|…)$/.test(part) ||
    /^your(?:[-_.]|$|domain|company|site|app|project|org|host|server|name|user|pass)/i.test(part);
  const credentials = user?.split(':') ?? [];
  if (
    credentials.some((part) => isTelling(part) || /^x{3}$/i.test(part)) ||
    (credentials.length > 0 && isAskingForValue(credentials.at(-1) ?? '', context))
  )
    return true;
  const labels = host.replace(/:[^:]*$/, '').split('.');
  if (labels.some(isTelling) || /^(?:HOST|HOSTNAME|SERVER)$/.test(host) || /:port$/i.test(host)) return true;
  return rest.split(/[/?#&=]/).some((part) => isTelling(part) || /^(?:XXX|T?X{4,})$/.test(part));
}

/** What stands in the place of a value that somebody is to put there. */
export const standIns: readonly Recogniser[] = [
  {
    name: 'nothing',
    about: 'what a program writes for no value (`null`, `undefined`, `None`, `<no value>`, `[object Object]`)',
    in: 'any',
    test: (text, { variable }) => nothings.test(text) || (variable.sensitive && moreNothings.test(text)),
    says: 'is what a program writes where it has no value',
    hint,
    examples: [
      'null',
      'undefined',
      'None',
      'nil',
      'NaN',
      'n/a',
      '<no value>',
      '[object Object]',
      '-',
      '??',
      '(null)',
      { value: 'undefined', name: 'HOST' },
    ],
    counterExamples: [
      'nullable',
      'none-of-it-fake',
      { value: 'none', name: 'PROXY' },
      { value: '-', name: 'SEPARATOR' },
      { value: '/', name: 'BASE_PATH' },
    ],
  },
  {
    name: 'brackets',
    about: 'words in brackets or between marks (`<…>`, `[YOUR-KEY]`, `SG.<key>`, `##KEY##`)',
    in: 'any',
    test: (text, context) => {
      if (!/^[[{(#*=~!$%^&+:|]|</.test(text)) return false;
      const [, bracket, inside = ''] = bracketed.exec(text) ?? [];
      if (bracket === '<') return wordsOf(inside.replace('+', ' ')) !== undefined;
      if (bracket !== undefined && isAskingForValue(inside, context)) return true;
      const [, , between] = marked.exec(text) ?? [];
      if (between !== undefined && wordsOf(between) !== undefined) return true;
      const part = context.variable.sensitive ? partInAngles.exec(text)?.[1] : undefined;
      return part !== undefined && wordsOf(part) !== undefined;
    },
    says: 'is text between marks that was to be replaced',
    hint,
    examples: [
      '<your-key>',
      '<office365_password>',
      '<OPENAI_API_KEY>',
      '<the key of OpenAI>',
      '[YOUR-PASSWORD]',
      '{your_key}',
      'SG.<sendgrid_api_key>',
      '##Insert Key##',
      '<你的密钥>',
      { value: '<domain>', name: 'HOST' },
    ],
    counterExamples: [
      '<',
      '<fA0+ke>1',
      '[1,2]',
      '{"a":"b"}',
      'a<b>c+d',
      '<Fa0kE1fA2>',
      { value: '[info]', name: 'LOG_PREFIX' },
    ],
  },
  {
    name: 'crosses',
    about: 'a run of x, alone or behind the beginning of a key (`xxx`, `sk-xxxx`, `xoxb-xxxx-xxxx`)',
    in: 'secrets',
    test: (text) => text.length <= 200 && (crosses.test(text) || /^[\w.:+/-]{0,60}(?:x{5,}|X{5,})$/.test(text)),
    says: 'is a run of x that was to be replaced',
    hint,
    examples: [
      'xxx',
      'sk-xxxxxxxx',
      'sk-proj-xxxx',
      'xoxb-xxxx-xxxx-xxxx',
      'SG.xxxxxxxx',
      'ACxxxxxxxxxxxxxxxx',
      'xxxx xxxx xxxx xxxx',
      'XXXXXXXX',
      'xxx.apps.googleusercontent.com',
      '7000000000:AAFxxxxxxxx',
    ],
    counterExamples: ['xx', 'fake-xx', 'fakexxfake', 'fake+xxx', 'xxx1', '/fa0ke-1xxx'],
  },
  {
    name: 'dots',
    about: 'dots in place of the rest (`...`, `sk-...`, `https://...`)',
    in: 'any',
    test: (text, { variable }) =>
      /^(?:[a-z][a-z0-9+.-]{0,20}:\/\/)?(?:\.{3,}|…+)$/i.test(text) ||
      (variable.sensitive &&
        /^[\w.:+/=-]{0,80}(?:\.{3}|…)(?:[\w-]{0,40})$/.test(text) &&
        !/\.\.\.[\w-]{0,40}[./:+=]/.test(text)) ||
      (variable.sensitive && /^[{[][\s\S]{0,500}\.\.\.\s{0,9}[}\]]$/.test(text)),
    says: 'has dots where the rest of it was to stand',
    hint,
    examples: [
      '...',
      '…',
      'sk-...',
      'whsec_...',
      '000000:FAKE...',
      'postgresql://...',
      'eyJfake...',
      'AIzaSy...your_key_here',
      '{"type":"service_account",...}',
      { value: 'https://...', name: 'LINK' },
    ],
    counterExamples: [
      'fake..',
      '/fake.../fake',
      'f.a.k.e',
      { value: 'Loading...', name: 'GREETING' },
      { value: 'main...HEAD', name: 'RANGE' },
    ],
  },
  {
    name: 'words',
    about:
      'words that ask for the value (`your-…-here`, `changeme`, `replace_me`, `TODO`, `my-secret-key`, `sua_chave_aqui`)',
    in: 'any',
    test: isAskingForValue,
    says: 'is text that was to be replaced by the value',
    hint,
    examples: [
      'your_openai_api_key_here',
      'sk-your-key-here',
      'YourTokenHere',
      'replace_me',
      'changeme1234',
      'ChangeThis',
      'change-me-in-production',
      'TODO',
      'placeholder',
      'my-secret-key',
      'supersecret',
      'secret1234',
      'db_password',
      'Any random string',
      'insert key here',
      'sua_chave_aqui',
      'votre-cle-api',
      '你的密钥',
      { value: 'changeme', name: 'REGION_TEXT' },
      { value: 'your-bucket', name: 'STORE' },
    ],
    counterExamples: [
      'fake-openai-api-key',
      'fake partner api secret, in quotes',
      'correct-horse-battery-staple',
      'change-lamp-otter-bucket-violin-moss',
      'yourFa0keKey1',
      'keyboard',
      { value: 'app_user', name: 'POSTGRES_USER' },
      { value: 'api_user', name: 'SMTP_USER' },
      { value: 'random', name: 'BALANCING' },
      { value: 'Enter your name here, please', name: 'GREETING' },
      { value: 'api-key', name: 'AUTH_SCHEME' },
    ],
  },
  {
    name: 'instruction',
    about: 'a text that says what to put there (`generate a …`, `…EXAMPLE`, `…REPLACE_ME`)',
    in: 'secrets',
    test: (text) => (/[\s(]/.test(text) && isInstruction(text)) || (markedAsExample.test(text) && !/fake/i.test(text)),
    says: 'says what to put there, or that it is an example',
    hint,
    examples: [
      '(generate random string like: f0f0)',
      'Generate a key with openssl',
      'any random string',
      'same as in staging',
      'f0f0.EXAMPLE_TOKEN_REPLACE_ME',
      'AKIAFAKEEXAMPLE'.replace('FAKE', '0000'),
      'f0-placeholder-1',
      'django-insecure-f0f0',
    ],
    counterExamples: [
      'generate-fake',
      'anyone',
      'EXAMPLEs of f0f0',
      'fake_EXAMPLE',
      'setter of stone',
      'samedi-12-mars',
    ],
  },
  {
    name: 'sequence',
    about: 'letters or digits in their order (`1234567890abcdef`, `sk-1234`), or one over and over',
    in: 'secrets',
    test: (text) => {
      if (text.length > 100 || /fake/i.test(text)) return false;
      if (/^(?:[A-Za-z]{0,4}[-_:])?[01]{8,}$/.test(text) && /0{8}|1{8}/.test(text)) return true;
      if (/^0{8}-0{4}-0{4}-0{4}-0{12}$|^(.)\1{15,}$|^(?:0x)?(?:deadbeef|cafebabe|feedface)+$/i.test(text)) return true;
      const pieces = /^[A-Za-z\d_-]+$/.test(text) ? text.toLowerCase().match(/[a-z]+|\d+/g) : undefined;
      const counted = pieces?.filter(isSequence).join('').length ?? 0;
      const [first = ''] = pieces ?? [];
      const rest = pieces?.filter((piece, at) => !isSequence(piece) && !(at === 0 && first.length <= 6)) ?? [''];
      return rest.length === 0 && (counted >= 6 || (counted >= 4 && counted < text.replace(/[-_]/g, '').length));
    },
    says: 'is only letters or digits in order, which no secret is',
    hint,
    examples: [
      '123456789',
      '1234567890abcdef1234567890abcdef',
      'sk-1234',
      'AC1234567890abcdef1234567890abcdef',
      'abc123',
      '00000000-0000-0000-0000-000000000000',
      '0000000000',
    ],
    counterExamples: ['1234', '12345679', '0110100110010110', 'fa0e1b2c', 'abc', 'fake-1234-fake', 'fake1234567'],
  },
  {
    name: 'name-of-variable',
    about: 'the name of a variable in place of its value',
    in: 'any',
    test: (text, { names, variable }) =>
      text.length <= longestName &&
      ((text.includes('_') &&
        names.has(text) &&
        !/(?:^|_)(?:NAMES?|ENV|VARS?|VARIABLES?|KEYS?_FROM)(?:_|$)/i.test(variable.name)) ||
        (variable.sensitive && /^[\w .-]{6,}$/.test(text) && squeezed(text) === squeezed(variable.name))),
    says: (text, { variable }) =>
      squeezed(text) === squeezed(variable.name) ? 'is its own name' : `is the name ${text}, not its value`,
    hint: (text, { variable }) =>
      squeezed(text) === squeezed(variable.name) ? hint : `Write \${${text}} to read ${text}`,
    examples: ['OPENAI_API_KEY', 'openai-api-key', 'DEEPGRAM_API_KEY', { value: 'PARTNER_URL', name: 'LINK' }],
    counterExamples: [
      'OTHER_API_KEY+fake',
      { value: 'OPENAI_API_KEY', name: 'KEY_VARIABLE' },
      { value: 'domain', name: 'DOMAIN' },
    ],
  },
  {
    name: 'url-in-place',
    about:
      'a URL of which a part was to be replaced (`wss://your-project.…`, `postgres://user:password@…`, `https://undefined/`)',
    in: 'any',
    test: isUrlInPlace,
    says: 'is a URL with a part that was to be replaced',
    hint: 'Put the real address there',
    examples: [
      'postgresql://user:password@localhost:5432/app',
      'postgres://USER:PASSWORD@HOST:PORT/DB',
      'mongodb+srv://<user>:<password>@cluster0.example.net/app',
      'https://xxx@logs.example.com/0',
      'https://hooks.slack.com/services/TXXXX/BXXXX/XXXXXXXX',
      'app:password@tcp(127.0.0.1:3306)/app',
      { value: 'wss://your-project.partner.example', name: 'PARTNER_URL' },
      { value: 'https://yourdomain.com', name: 'PARTNER_URL' },
      { value: 'https://undefined/api', name: 'PARTNER_URL' },
      { value: 'https://xxxx.supabase.co', name: 'LINK' },
    ],
    counterExamples: [
      'postgresql://app:fA0ke%2F1@db.example.com:5432/app?sslmode=require',
      'redis://localhost:6379/0',
      { value: 'wss://partner.example.com', name: 'PARTNER_URL' },
      { value: 'https://example.com/caf%C3%A9?q=a&page=2', name: 'LINK' },
      { value: 'https://www.yourself.example/null-safety', name: 'LINK' },
    ],
  },
  {
    name: 'path-to',
    about: 'a path that only an example has (`/path/to/…`)',
    in: 'any',
    test: (text) => /^(?:[A-Za-z]:|~|\.{1,2})?[\\/]?(?:[a-z]+[\\/])?path[\\/]to[\\/]/i.test(text),
    says: 'is a path that only an example has',
    hint: 'Put the real path there',
    examples: [
      '/path/to/key.json',
      'path/to/service-account.json',
      'C:\\path\\to\\key',
      { value: '/path/to/files', name: 'FILES' },
    ],
    counterExamples: ['/paths/to/fake', '/a/pathto/b', 'https://example.com/path/to/fake'],
  },
];

/** A data key has at most so many characters, and a name of a variable is one. */
const longestName = 253;

function squeezed(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}
