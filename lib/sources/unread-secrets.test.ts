import { cpuTime } from '../../test/cpu-time';
import { growth, mostLinear } from '../../test/growth';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { limits } from '../environment/limits';
import { textsHolding } from '../environment/secret-search';
import type { Source, UnreadSecret } from '../environment/source';
import { readEnvFile } from './env-file';
import { readPatchFile } from './patch-file';
import { readProcessEnvironment } from './process-environment';
import { findUnreadSecrets } from './unread-secrets';
import { findUnreadInYaml } from './unread-yaml';

const description = 'one';
const catalog = defineCatalog({
  app: 'app',
  bundles: { b: { description }, c: { description } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description },
    HOST_NAME: { kind: 'config', bundle: 'b', type: text(), description },
    PROMPT: { kind: 'config', bundle: 'b', type: text(), formerly: ['OLD_STYLE'], description },
    API_TOKEN: { kind: 'secret', bundle: ['b', 'c'], type: text(), formerly: ['VENDOR_PASSWORD'], description },
    DATABASE_URL: { kind: 'secret', bundle: 'b', key: 'DSN', type: text(), description },
  },
});

const secret = 'fake-secret-value';
/** Whether a value that is this text would be found to hold a secret. */
const givesAway = (found: readonly UnreadSecret[] | undefined, shown = secret) =>
  textsHolding(
    (found ?? []).map(({ text }) => text),
    [shown],
    12,
  ).has(shown);
const kind = { layer: 'env-file', file: 'x.env', unknownNamesAre: 'errors' } as const;
const inEnvFile = (file: string, changes: Partial<Pick<Source, 'layer' | 'unknownNamesAre'>> = {}) =>
  readEnvFile(file, catalog, { ...kind, ...changes }).unreadSecrets ?? [];
const inPatch = (file: string) => readPatchFile(file, catalog, 'x.yml').unreadSecrets ?? [];
const object = (kind: string, name: string, body: string) =>
  `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${body}\n`;
const container = (env: string) => `kind: Deployment\nspec:\n  env:\n    ${env.replaceAll('\n', '\n    ')}\n`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

it('takes a former name of a secret for that of a secret, and no other', () => {
  const { isName } = findUnreadSecrets(catalog, 'errors');
  expect(['VENDOR_PASSWORD', 'vendor-password', 'OLD_STYLE'].map(isName)).toEqual([true, true, false]);
});

describe('an env file gives away a secret that it gives no value', () => {
  it('an address that ends with a slash', () => {
    const address = 'https://hooks.example.com/fake-secret/';
    expect(givesAway(inEnvFile(`API_TOKEM: ${address}%0A`), address)).toBe(true);
  });

  it('one before the end of a sentence that breaks off', () => {
    expect(givesAway(inEnvFile(`# API_TOKEN was ${secret}.…`))).toBe(true);
  });

  it.each(['-', '.', '/', ':', '@'])('one that ends with a %s, whatever closes it', (last) => {
    for (const end of ['%0A', '\\n', '\u200b', '\u001b[0m', '"', ' ']) {
      const found = inEnvFile(`API_TOKEM: ${secret}${last}${end}`);
      expect([end, givesAway(found, `${secret}${last}`)]).toEqual([end, true]);
    }
  });

  it.each([
    ['before a #', `API_TOKEN=${secret}#more`],
    ['before a percent-encoded line break', `API_TOKEM: ${secret}%0A`],
    ['behind a colon', `API_TOKEN: ${secret}`],
    ['behind a colon, in quotes', `API_TOKEN: "${secret}"`],
    ['behind a blank', `API_TOKEN ${secret}`],
    ...[...'：＝→—–≔·•…~/^&.-;|', '%3D', '%3D%3D', '\u0085', '\u001f', '\u200b', '\u2060', '\u00ad', ' ： '].flatMap(
      (separator): [string, string][] => [
        [`behind ${JSON.stringify(separator)}`, `API_TOKEN${separator}${secret}`],
        [`behind ${JSON.stringify(separator)}, in quotes`, `API_TOKEN${separator}'${secret}'`],
      ],
    ),
    ['on the next line', `API_TOKEN\n=${secret}`],
    ['on the next line, in quotes', `API_TOKEN=\n"${secret}"`],
    ['in JSON', `{\n  "API_TOKEN": "${secret}",\n}`],
    ['in JSON on one line', `{"HOST_NAME":"x","API_TOKEN":"${secret}","PROMPT":"y"}`],
    ['in a comment', `#API_TOKEN=${secret}`],
    ['in a comment with words', `# Formerly export API_TOKEN='${secret}' # of somebody`],
    ['in a comment, an argument in quotes', `# env "API_TOKEN=${secret}" node`],
    ['in a comment, an argument in single quotes', `# docker run -e 'API_TOKEN=${secret}', x`],
    ['in a comment, in parentheses', `# (API_TOKEN=${secret})`],
    ['in a comment, in backticks', `# \`API_TOKEN=${secret}\``],
    ['in a comment, behind another value', `# API_TOKEN=changeme # really ${secret}`],
    ['in a comment, behind words and =', `# API_TOKEN = old value ${secret}`],
    ['in a comment, at the end of a sentence', `# It was API_TOKEN=${secret}.`],
    ...['<>', '()', '**', '“”', '«»', '„“', '‘’'].map(([open, close]): [string, string] => [
      `in a comment, between ${open} and ${close}`,
      `# API_TOKEN=${open}${secret}${close}`,
    ]),
    ['in a comment, as a bearer', `# API_TOKEN="Bearer ${secret}"`],
    ['in a comment, in a query', `# https://a.example/?API_TOKEN=${secret}&y=1`],
    ['in a comment, in a command', `# sed -i 's/API_TOKEN=.*/API_TOKEN=${secret}/' x`],
    ['in a comment, behind a colon', `# API_TOKEN: ${secret}`],
    ['before another one that ran into it', `API_TOKEN=${secret}DATABASE_URL=fake`],
    ['before what is no secret and ran into it', `API_TOKEN=${secret}HOST_NAME=x`],
    ['before another one on its line', `export API_TOKEN=${secret} DATABASE_URL=fake`],
    ['before another one, behind a semicolon', `API_TOKEN=${secret};PROMPT=x`],
    ['behind its own name and a colon', `API_TOKEN="API_TOKEN: ${secret}"`],
    ['in a comment, behind a colon and in quotes', `# "API_TOKEN": "${secret}",`],
    ['in a comment, behind a blank', `# setenv API_TOKEN ${secret}`],
    ['in a comment, behind an arrow', `# API_TOKEN -> ${secret}`],
    ['in a comment, behind words', `# Until May API_TOKEN was "${secret}".`],
    ['in a comment, behind brackets', `# API_TOKEN (prod) = ${secret}`],
    ['in a comment, behind a longer name', `# API_TOKEN_OLD: ${secret}`],
    ['in a comment at the end of a line', `HOST_NAME=x # API_TOKEN=${secret}`],
    ['in a comment at the end of a line, behind a colon', `HOST_NAME=x # API_TOKEN: ${secret}`],
    ['in a comment after quotes', `HOST_NAME="x" # API_TOKEN=${secret}`],
    ['in a comment after quotes over several lines', `PROMPT='x\ny' # API_TOKEN=${secret}`],
    ['in a comment after nothing', `HOST_NAME= # API_TOKEN=${secret}`],
    ['in a comment beside a name that is unknown', `UNRELATED=x # API_TOKEN=${secret}`],
    ['in a comment beside the new one', `API_TOKEN=fake # ${secret}`],
    ['in a comment beside the new one, with words', `API_TOKEN="fake" # was ${secret} till May`],
    ['behind export and a blank', `export API_TOKEN ${secret}`],
    ['behind setenv and blanks', `setenv API_TOKEN\t"${secret}"`],
    ['behind a blank and a near name', `export API_TOKEM ${secret}`],
    ['behind a command with options', `set -gx API_TOKEM ${secret}`],
    ['behind a comma', `API_TOKEN,${secret}`],
    ['behind a comma, in quotes', `"API_TOKEN","${secret}"`],
    ['behind a comma and a near name', `API_TOKEM,${secret}`],
    ['behind a semicolon', `API_TOKEN;${secret};x`],
    ['behind a bar', `| API_TOKEN | ${secret} |`],
    ['behind brackets', `API_TOKEN (prod) = ${secret}`],
    ['behind brackets, in quotes', `API_TOKEN (prod) = '${secret}'`],
    ['behind an arrow', `API_TOKEN --> ${secret}`],
    ['behind := ', `API_TOKEN := ${secret}`],
    ['behind words', `The API_TOKEN is ${secret}.`],
    ...[...'$#+~@^\\%=*', '==', '->', '%%'].map((mark): [string, string] => [
      `behind words and ${mark}`,
      `API_TOKEN is ${mark}${secret}`,
    ]),
    ['behind an escape of JSON', `API_TOKEN="x"\\u003d${secret}`],
    ['between marks behind words', `API_TOKEN is **${secret}**`],
    ['as the default of a reference', `\${API_TOKEN-${secret}}`],
    ['behind a reference and a hyphen', `$API_TOKEN-${secret}`],
    ['behind a reference and words', `echo we had set $API_TOKEN to ${secret}`],
    ['behind a reference in braces and words', `the old one is in \${API_TOKEN} and was ${secret}`],
    ['in a tag', `<API_TOKEN>${secret}</API_TOKEN>`],
    ['behind a name with an ending', `API_TOKEN_OLD=${secret}`],
    ['behind a name with a beginning', `OLD_API_TOKEN=${secret}`],
    ...['api-token', 'API_TOKEM', 'OLD_API_TOKEN', '$API_TOKEN'].flatMap((name): [string, string][] =>
      [
        ...['', '- ', '; ', '// ', '\u200b', '-- ', '- - ', '1. ', '. ', 'local ', 'ENV ', 'setx ', 'sudo export '],
        ...['declare --export ', 'declare -r -x '],
      ].flatMap((before) =>
        ['+=', ' ', '/', '|', ' += '].map((after) => [
          `on ${before}${name}${after}…`,
          `${before}${name}${after}${secret}`,
        ]),
      ),
    ),
    ['behind a name of one word with an ending', `DSN_OLD=${secret}`],
    ['behind a name of one word with a beginning', `# previous-dsn: ${secret}`],
    ['behind a name of one word with words on both sides', `OLD_DSN_2=${secret}`],
    ['behind a name of one word with a number before it', `V1_DSN=${secret}`],
    ['behind a name of one word that was copied', `copy-dsn=${secret}`],
    ['behind a name of one word with two endings', `DSN__OLD_2=${secret}`],
    ['behind a name of one word with a number', `DSN.2=${secret}`],
    ['behind a longer name in lower case', `old-api-token=${secret}`],
    ['behind a longer name, on a line that cannot be read', `API_TOKEN_PROD: ${secret}`],
    ...[
      ...['\\n', '\\r\\n', '\\t', '\\\\n', '%0A', '%0D%0A'].map((end) => `${secret}${end}FOO=1`),
      ...['\u200b', '\ufeff', '\u001a', '\u0000', '。', '\u001b[0m'].map((end) => `${secret}${end}`),
      ...['「」', '《》', '\u2066\u2069'].map(([open, close]) => `${open}${secret}${close}`),
      `\u001b[1;33m${secret}\u001b[0m`,
      ...['${X:-VALUE}', '${X:=VALUE}', '${X-VALUE}', '$(echo VALUE)', '$(printf "VALUE")', '`echo VALUE`'].map(
        (text) => text.replace('VALUE', secret),
      ),
    ].flatMap((written): [string, string][] =>
      [
        'API_TOKEN: ',
        'API_TOKEN：',
        '# API_TOKEN=',
        '# API_TOKEN is ',
        ...(/[\\%]/.test(written) ? [] : ['API_TOKEN=']),
      ].map((before) => [`as ${JSON.stringify(before + written)}`, before + written]),
    ),
    ['percent-encoded with its name', `API_TOKEN%3D${secret}%0A`],
    ['in a text of JSON', `"API_TOKEN\\":\\"${secret}\\",`],
    ['with text after its quotes', `API_TOKEN='${secret}' and more`],
    ['in a quote without an end', `API_TOKEN="${secret}\nHOST_NAME=x`],
    ['in quotes over several lines', `API_TOKEN='\n${secret}\n' and more`],
    ['with escapes', 'API_TOKEN="fake\\-secret\\u002dvalue"'],
    ['before a comma', `API_TOKEN: ${secret},`],
    ['on a line that a later one replaces', `API_TOKEN=${secret}\nAPI_TOKEN=fake`],
    ['on a line that a later one replaces, around a placeholder', `API_TOKEN=${secret}\${PROMPT}\nAPI_TOKEN=fake`],
    ['before another assignment', `API_TOKEN: ${secret} HOST_NAME=x`],
    ['behind a near name', `API_TOKEM=${secret}`],
    ['behind a near name that cannot be read either', `API_TOKEM: ${secret}`],
    ['behind a name in lower case', `api_token=${secret}`],
    ['behind a name with hyphens', `API-TOKEN=${secret}`],
    ['behind the key that objects have', `DSN=${secret}`],
    ['without a name', secret],
    ['in the value of another variable', `HOST_NAME=x API_TOKEN=${secret}`],
    ['in the value of another variable, behind a semicolon', `HOST_NAME=x;API_TOKEN=${secret}`],
    ['in the value of another variable, in quotes', `HOST_NAME="x API_TOKEN='${secret}' y"`],
    ['in the value of another variable, in JSON', `PROMPT={"API_TOKEN":"${secret}"}`],
    ['in the value of another variable, in a query', `HOST_NAME=https://a.example.com?API_TOKEN=${secret}&b=c`],
    ['in the value of another variable, percent-encoded', `HOST_NAME=x%20API_TOKEN%3D${secret}`],
    ['in the value of another variable, behind a lost line break', `HOST_NAME=xAPI_TOKEN=${secret}`],
    ['in the value of another variable, as an option', `PROMPT=run --dsn=${secret}`],
    ['in the value of another variable, as an option of one hyphen', `PROMPT=-dsn=${secret}`],
    ['in the value of another secret', `DATABASE_URL=x API_TOKEN=${secret}`],
    ['in the value of an unknown name', `OTHER=1;API_TOKEN=${secret}`],
    ['behind a name that nothing parts from it', `API_TOKEN_${secret}`],
    ['behind a longer name with a dot', `API_TOKEN.old=${secret}`],
    ['behind a longer name with a dot before it', `x.API_TOKEN=${secret}`],
    ['behind a longer name that nothing parts', `API_TOKENOLD=${secret}`],
    ['behind a longer name that nothing parts from what is before it', `OLDAPI_TOKEN=${secret}`],
    ['behind a longer name that nothing parts, on a line that cannot be read', `OLDAPI_TOKEN: ${secret}`],
    ['behind a reference', `\${API_TOKEN}=${secret}`],
    ['behind a reference, in a comment', `# $API_TOKEN: ${secret}`],
    ['behind a name that nothing parts from it, and export', `export API_TOKEN${secret}`],
  ])('%s', (_what, file) => expect(givesAway(inEnvFile(file))).toBe(true));

  it.each([
    ['what stands before # and what stands after', `API_TOKEN=${secret}#more`, `${secret}#more`],
    ['a backslash at the end', `API_TOKEN='${secret}\\'`, `${secret}\\`],
    ['an escaped placeholder', 'API_TOKEN: fake-$${secret}', 'fake-${secret}'],
    ['the tail of a key that looks like a name', 'RkFLRSBGQUtFIEZBS0U==', 'RkFLRSBGQUtFIEZBS0U=='],
  ])('with %s', (_what, file, shown) => expect(givesAway(inEnvFile(file), shown)).toBe(true));

  it('in the committed file too', () => {
    expect(givesAway(inEnvFile(`API_TOKEN: ${secret}`, { layer: 'config-file' }))).toBe(true);
  });

  it('behind a near name only while the secret is missed, where other names are ordinary', () => {
    const conditions = (unknownNamesAre: Source['unknownNamesAre']) =>
      inEnvFile(`API_TOKEM=${secret}`, { unknownNamesAre }).map(({ unless }) => unless);
    expect(conditions('tolerated')).toEqual(['API_TOKEN']);
    expect(conditions('errors')).toEqual([undefined]);
  });

  it('behind a longer name, even if the secret has a value and other names are ordinary', () => {
    const found = inEnvFile(`API_TOKEN=fake\nAPI_TOKEN_OLD=${secret}`, { unknownNamesAre: 'tolerated' });
    expect(givesAway(found)).toBe(true);
    expect(found.map(({ unless }) => unless)).toEqual([undefined]);
  });

  it.each([
    ['a secret that is its value', `API_TOKEN='${secret} # x, y'`],
    ['a value that speaks of one', `PROMPT='Set\nAPI_TOKEN: ${secret}\n# or API_TOKEN to ${secret}\n'`],
    ['what belongs to a name that begins like one', 'API_TOKEN_HOST=tokens.example.com\nAPI_TOKEN_KIND=production'],
    ['a name that ends like a key of one word', `OTHER_DSN=${secret}`],
    ['a comment that leaves one open', '# API_TOKEN='],
    ['a line of another variable', `HOST_NAME=a#b${secret}`],
    ['a name that means none', `UNRELATED=${secret}\nUNRELATED: ${secret}`],
  ])('but not %s', (_what, file) => expect(inEnvFile(file)).toEqual([]));
});

describe('an ordinary value is not taken for a secret because of a comment', () => {
  it.each([
    ['that names one', '# rotate API_TOKEN yearly', ['yearly', 'rotate API_TOKEN yearly']],
    ['that says where to look', '# API_TOKEN: see the wiki', ['wiki', 'see', 'Look it up: see the web']],
    ['with a word behind a colon', '# API_TOKEN: production', ['production']],
    ['with a host behind a colon', '# API_TOKEN: a.staging.example.com', ['a.staging.example.com']],
    [
      'that says where to get one',
      '# API_TOKEN: https://tokens.example.com, see there',
      ['https://tokens.example.com'],
    ],
    [
      'with a default in an address',
      '# API_TOKEN=wss://agent.${ENV:-staging}.example.com',
      ['wss://agent.prod.example.com'],
    ],
    ['with a default in a name', '# API_TOKEN=some-voice-agent-${ENV:-dev}', ['some-voice-agent-prod']],
    ['that breaks off', '# API_TOKEN=https://api.example.…', ['https://api.example.com']],
    ...['…', '••••', '●●●', '█████', '⋯', '\\n', '%0A', '\u200b'].map((mark): [string, string, string[]] => [
      `with a password that is ${JSON.stringify(mark)}`,
      `# API_TOKEN: postgres://app:${mark}@db`,
      ['postgres://app:${PW}@db'],
    ]),
    ...['••••', '🔒', '⚫⚫', '＊＊＊', '░░', '×××', '–––', '…'].map((mark): [string, string, string[]] => [
      `that is masked by ${mark}`,
      `# API_TOKEN=fake-ant-api03-${mark}`,
      ['Keys begin with fake-ant-api03- there'],
    ]),
    ['that breaks off behind a scheme', '# API_TOKEN=postgresql://…', ['postgresql://db/x']],
    ['with a port', '# API_TOKEN is for tokens.example.com:8443', ['tokens.example.com:8443']],
    [
      'beside one',
      'API_TOKEN=fake # for wss://tokens.example.com/',
      ['wss://tokens.example.com/', 'tokens.example.com'],
    ],
  ])('%s', (_what, file, ordinary) => {
    for (const value of ordinary) expect(givesAway(inEnvFile(file), value)).toBe(false);
    for (const { text } of inEnvFile(file)) expect(text.measure(({ length }) => length)).toBeGreaterThanOrEqual(12);
  });

  it('with a PEM block on one line', () => {
    const found = inEnvFile('# API_TOKEN="-----BEGIN CERTIFICATE-----\\nRkFLRSBGQUtFIEZBS0U="');
    expect(givesAway(found, '-----BEGIN CERTIFICATE-----\nx')).toBe(false);
  });
});

it('the process environment gives away what stands behind near names', () => {
  const found = readProcessEnvironment({ API_TOKEM: secret, UNRELATED: secret }, catalog).unreadSecrets;
  expect(found?.map(({ unless }) => unless)).toEqual(['API_TOKEN']);
  expect(givesAway(found)).toBe(true);
});

describe('a patch gives away a secret that it gives no value', () => {
  const one = (value: string, field = 'stringData', name = 'b-secrets') =>
    object('Secret', name, `${field}:\n  API_TOKEN: ${value}`);
  it.each([
    ['bad base64', one(secret, 'data')],
    ['a tag', one(`!!str "${secret}"`)],
    ['an anchor', one(`&x ${secret}`)],
    ['a list', one(`\n    - "${secret}"`)],
    ['a list on one line', one(`["${secret}"]`)],
    ['a block', one(`!!str |-\n    ${secret}`)],
    ['a plain scalar of two lines', object('Secret', 'none', 'stringData:\n  API_TOKEN:\n    fake-secret-value')],
    ['an object that there is not', one(secret, 'stringData', 'b-secret')],
    ['an object that there is not, with a mark that nobody sees', one(`${secret}\u200b`, 'stringData', 'b-secret')],
    ['a wrong object', object('Secret', 'c-secrets', `stringData:\n  DSN: ${secret}`)],
    ['a wrong object, in base64', object('Secret', 'c-secrets', `data:\n  DSN: ${base64(secret)}`)],
    ['a ConfigMap', object('ConfigMap', 'b-config', `data:\n  API_TOKEN: '${secret}'`)],
    ['a List', `kind: List\nitems:\n- ${one(secret).trim().replaceAll('\n', '\n  ')}`],
    ['a key given before', `${one('fake')}---\n${one(secret)}`],
    ['another value in another bundle', `${one(secret)}---\n${one('fake', 'stringData', 'c-secrets')}`],
    ['a near key', one(secret).replace('API_TOKEN', 'API_TOKEM')],
    ['a key in quotes', one(secret, 'data').replace('API_TOKEN', '"API_TOKEN"')],
    ['a comment', `${one('fake')}  # API_TOKEN: "${secret}"`],
    ['braces', object('Secret', 'none', `stringData: {DSN: fake, API_TOKEN: ${secret}, NAME: x}`)],
    ['another secret around it', one('\n    DSN: fake-secret-value')],
    ['what is no YAML', `stringData:\n  API_TOKEN: "${secret}"\n\tx: [`],
    ['a comment behind a value', `${one('fake').trimEnd()} # API_TOKEN=${secret}`],
    ['a comment behind another value', object('ConfigMap', 'b-config', `data:\n  HOST_NAME: x # API_TOKEN: ${secret}`)],
    [
      'a comment behind "quotes"',
      object('ConfigMap', 'b-config', `data:\n  HOST_NAME: "x \\" #" # API_TOKEN=${secret}`),
    ],
    [
      "a comment behind 'quotes'",
      object('ConfigMap', 'b-config', `data:\n  HOST_NAME: 'x '' #' # API_TOKEN=${secret}`),
    ],
    ['a comment beside the new one', `${one('fake').trimEnd()} # ${secret}`],
    ['a comment below a value', object('ConfigMap', 'b-config', `data:\n  HOST_NAME: x\n    # API_TOKEN=${secret}`)],
    ['a comment with words', `${one('fake')}  # Until May API_TOKEN was ${secret}`],
    ['a comment behind a field', `kind: Secret # API_TOKEN was ${secret}`],
    ['the environment of a container', container(`- name: API_TOKEN\n  value: ${secret}`)],
    ['one whose value comes first', container(`- value: "${secret}"\n  name: API_TOKEN`)],
    ['one in which more stands between', container(`- name: API_TOKEN\n  # now\n\n  kind: x\n  value: ${secret}`)],
    ['one in braces', container(`- {name: API_TOKEN, value: ${secret}}`)],
    ['one in braces whose value comes first', container(`- {value: ${secret}, name: API_TOKEN}`)],
    ['one in braces of two lines', container(`- {name: API_TOKEN,\n   value: ${secret}}`)],
    ['one of JSON', container(`- {"value":"${secret}","name":"API_TOKEN"}`)],
    ['one of JSON over several lines', '{"env": [\n{\n  "name": "API_TOKEN",\n  "value": "fake-secret-value"\n}\n]}'],
    ['one whose value is a block', container(`- name: API_TOKEN\n  value: |-\n    ${secret}`)],
    ['one whose value is a block, before its name', container(`- value: >-\n    ${secret}\n  name: API_TOKEN`)],
    ['one whose value is on the next line', container(`- name: API_TOKEN\n  value:\n    ${secret}`)],
    ['one of a near name', container(`- name: API_TOKEM\n  value: ${secret}`)],
    ['one in quotes', container(`- "name": 'API_TOKEN'\n  "value": '${secret}'`)],
    ['a patch of JSON', `- op: add\n  path: /stringData/API_TOKEN\n  value: ${secret}`],
    ['a patch of JSON, in base64', `- op: add\n  path: /data/API_TOKEN\n  value: ${base64(secret)}`],
    ['a patch of JSON with a container', `- op: add\n  value:\n    - name: API_TOKEN\n      value: ${secret}`],
    ['arguments', container(`- --api-token\n- ${secret}`)],
    ['arguments in brackets', container(`["--api-token", "${secret}"]`)],
    ['a list of the two', container(`- [API_TOKEN, ${secret}]`)],
    ['quotes of YAML', object('Secret', 'none', `stringData:\n  API_TOKEN: 'fake-secret-value'`)],
  ])('by %s', (_what, file) => expect(givesAway(inPatch(file))).toBe(true));

  it.each([
    ['in quotes', '- name: API_TOKEN\n  value: "VALUE"'],
    ['without quotes', '- name: API_TOKEN\n  value: VALUE'],
    ['before its name', "- value: 'VALUE'\n  name: API_TOKEN"],
    ['in braces', '- {name: API_TOKEN, value: "VALUE"}'],
    ['in braces, before its name', '- {value: "VALUE", name: API_TOKEN}'],
  ])('by a value with a brace in it, %s', (_what, file) => {
    for (const value of ['fake-{secret-value', '{"fake":"secret"}', '{fake-secret-value}']) {
      const written = file.includes('"VALUE"') ? value.replaceAll('"', '\\"') : value;
      expect([value, givesAway(inPatch(container(file.replace('VALUE', written))), value)]).toEqual([value, true]);
    }
  });

  it.each([
    ['the next one', `- name: API_TOKEN\n  valueFrom: x\n- name: HOST_NAME\n  value: ${secret}`],
    ['the one before', `- name: HOST_NAME\n  value: ${secret}\n- name: API_TOKEN`],
    ['the one around it', `- name: HOST_NAME\n  value: ${secret}\n  more:\n    name: API_TOKEN`],
    ['the next one in braces', `[{name: API_TOKEN, kind: x}, {name: HOST_NAME, value: ${secret}}]`],
    ['the next one of JSON', `{\n  "name": "API_TOKEN"\n},\n{\n  "name": "HOST_NAME",\n  "value": "${secret}"\n}`],
    ['the next argument but one', `["$(API_TOKEN)", "--host", "${secret}"]`],
  ])('but not by what belongs to %s', (_what, file) => expect(inPatch(container(file))).toEqual([]));

  it('by a value that assigns it', () => {
    const file = object('ConfigMap', 'b-config', `data:\n  PROMPT: "?API_TOKEN=fake,secret-value&x"`);
    expect(givesAway(inPatch(file), 'fake,secret-value')).toBe(true);
  });

  it('by a block that folds its lines', () => {
    expect(givesAway(inPatch(one('!!str >-\n    fake secret of\n    two lines')), 'fake secret of two lines')).toBe(
      true,
    );
  });

  it.each([
    ['a value that is read', one(`"${secret} # x, y"`)],
    ['the same value in another bundle', `${one(secret)}---\n${one(secret, 'stringData', 'c-secrets')}`],
    ['a value of several lines', one(`|\n    a\n\n    API_TOKEN: ${secret}\n    # API_TOKEN: ${secret}`)],
    ['braces over several lines', object('ConfigMap', 'b-config', `data: {HOST_NAME: x,\n  PROMPT: ${secret}}`)],
    ['a value that speaks of one', object('ConfigMap', 'b-config', `data:\n  PROMPT: "set API_TOKEN: ${secret}"`)],
    ['another variable', object('ConfigMap', 'b-config', `data:\n  HOST_NAME: !!str "${secret}"`)],
  ])('but not by %s', (_what, file) => expect(inPatch(file)).toEqual([]));
});

describe('a file that is no text as it should be gives one away', () => {
  it.each([
    ['on the next line', `{"API_TOKEN":\n"${secret}"`],
    ['behind lines without anything', `{"API_TOKEN"\n:\n\n  "${secret}",}`],
    ['behind a reference', `"HOST_NAME": "\${API_TOKEN-${secret}}`],
    ['nested on the same line', `{"API_TOKEN": {"value": "${secret}"}`],
  ])('%s', (_what, file) => {
    const unread = findUnreadSecrets(catalog, 'errors');
    unread.addText(file);
    expect(givesAway(unread.all())).toBe(true);
  });

  it('but not what a comment says behind a name without a value', () => {
    const unread = findUnreadSecrets(catalog, 'errors');
    unread.addText(`API_TOKEN=\n\n# Where it is asked for: tokens.example.internal\nDSN=\n`);
    expect(unread.all()).toEqual([]);
  });

  it('but not what stands behind another name', () => {
    const unread = findUnreadSecrets(catalog, 'errors');
    unread.addText(`{"API_TOKEN": "x",\n"HOST_NAME":\n"${secret}"}`);
    expect(givesAway(unread.all())).toBe(false);
  });
});

describe('takes time that is linear in what cannot be read', () => {
  const lines = (line: string) => (size: number) =>
    Array.from({ length: size / 32 }, (_, i) => `${line}${i}`).join('\n');
  it.each([
    ['lines behind a colon', lines('API_TOKEN: fake-')],
    ['lines without a name', lines('/fake-secret-')],
    ['comments', lines('# API_TOKEN=fake-')],
    ['near names', lines('API_TOKEM=fake-')],
    ['names on one line', (size: number) => 'API_TOKEN:'.repeat(size / 8)],
    ['separators', (size: number) => ': ='.repeat(size / 2)],
    ['blanks', (size: number) => `API_TOKEN ${' '.repeat(size)}:`],
    ['quotes', (size: number) => `API_TOKEN: ${"'".repeat(size)}`],
    ['backslashes before quotes', (size: number) => `API_TOKEN: "${'\\"'.repeat(size / 2)}`],
    ['marks', (size: number) => `API_TOKEN: ${'! - '.repeat(size / 4)}`],
    ['commas', (size: number) => `API_TOKEN: ${','.repeat(size)}x`],
    ['a comment of letters', (size: number) => `# ${'a'.repeat(size)}=`],
    ['a comment of names', (size: number) => `# ${'API_TOKEN '.repeat(size / 8)}`],
    ['comments at the end of lines', lines('HOST_NAME=x # API_TOKEN: fake-')],
    ['words', (size: number) => `# API_TOKEN ${'fake-secret '.repeat(size / 8)}`],
    ['marks around words', (size: number) => `# API_TOKEN ${'.'.repeat(size)}x${'.'.repeat(size)}/`],
    ['a name of many parts', (size: number) => `${'A_'.repeat(size)}=fake-secret-value`],
    ['longer names', lines('API_TOKEN_OLD=fake-')],
    ['options', (size: number) => `set ${'-x '.repeat(size)}`],
    ['backslashes', (size: number) => `# API_TOKEN ${'\\'.repeat(size)}`],
    ['references', (size: number) => `# API_TOKEN ${'${a'.repeat(size / 4)}`],
    ['codes of colours', (size: number) => `API_TOKEN: ${'\u001b[1'.repeat(size / 4)}`],
    ['marks of other scripts', (size: number) => `API_TOKEN=${'。'.repeat(size)}`],
    ['something to say', (size: number) => `API_TOKEN=$(echo ${' '.repeat(size)}x`],
    ['hyphens', (size: number) => `set ${'-'.repeat(size)}x${'-'.repeat(size)}`],
  ])('%s', (_what, file) => {
    const work = (size: number) => {
      const text = file(size);
      return () => inEnvFile(text);
    };
    expect(growth(work, 2 ** 12)).toBeLessThan(mostLinear);
  });

  it('a name that is longer than any file', () => {
    const unread = findUnreadSecrets(catalog, 'errors');
    for (const piece of ['_1', '1_', '_', 'old_']) {
      const name = `DSN${piece.repeat(limits.fileBytes / piece.length)}`;
      expect([piece, cpuTime(() => unread.isName(name)) < 500]).toEqual([piece, true]);
    }
  });

  it.each([
    [
      'keys within each other',
      (size: number) => Array.from({ length: Math.sqrt(size) }, (_, i) => `${' '.repeat(i)}API_TOKEN:\n`).join(''),
    ],
    ['deeper lines', (size: number) => `API_TOKEN:\n${'  fake-secret\n'.repeat(size / 16)}`],
    [
      'values within each other',
      (size: number) => {
        const depth = Math.sqrt(size);
        return Array.from({ length: depth }, (_, i) => `${' '.repeat(i)}value: fake-secret\n`).join('');
      },
    ],
    ['names and values', (size: number) => '- name: API_TOKEN\n  value: fake-secret\n'.repeat(size / 32)],
    ['values of one name', (size: number) => `- name: API_TOKEN\n${'  value: fake-secret\n'.repeat(size / 16)}`],
    ['values on one line', (size: number) => `- ${'value: fake-secret, '.repeat(size / 16)}`],
    ['braces', (size: number) => '{name: API_TOKEN, '.repeat(size / 16)],
    ['items', (size: number) => `- ${'-'.repeat(size)}x!\n- ${' '.repeat(size)}x`],
    ['blanks', (size: number) => `- x${' '.repeat(size)}y\n  value${' '.repeat(size)}`],
    ['letters before a mark', (size: number) => `x: ${`${'a'.repeat(256)}! y: `.repeat(size / 256)}`],
    ['letters', (size: number) => `x: ${'a'.repeat(size)}`],
    ['keys on one line', (size: number) => `API_TOKEN: {${'API_TOKEN: x, '.repeat(size / 16)}`],
  ])('%s of YAML', (_what, file) => {
    const work = (size: number) => {
      const text = file(size);
      const unread = findUnreadSecrets(catalog, 'errors');
      return () => findUnreadInYaml(text, unread, () => false);
    };
    expect(growth(work, 2 ** 12)).toBeLessThan(mostLinear);
  });
});

describe('of a file of nothing but texts that cannot be read', () => {
  const count = 2 * Math.ceil(limits.unreadLength / secret.length);
  const texts = (line: (text: string) => string) =>
    inEnvFile(Array.from({ length: count }, (_, index) => `${line(`${secret}-${index}`)}\n`).join(''));

  it.each([
    ['behind the name of a secret', (text: string) => `API_TOKEN: ${text}`],
    ['that a later line replaces', (text: string) => `API_TOKEN=${text}`],
    ['behind no name', (text: string) => text],
    ['in a name with hardly a value', (text: string) => `${text}=`],
  ])('those %s are gathered up to a limit', (_what, line) => {
    const found = texts(line);
    expect(found.length).toBeLessThan(1.1 * (limits.unreadLength / secret.length));
    expect(givesAway(found, line(`${secret}-7`))).toBe(true);
  });

  it('those that can be read in many ways are gathered no further', () => {
    const found = texts((text) => `# API_TOKEN="${text}, \\u0041 ''z" #`);
    const length = found.reduce((sum, { text }) => sum + text.measure(({ length }) => length), 0);
    expect(length).toBeLessThan(limits.unreadLength + limits.valueLength);
    expect(length).toBeGreaterThan(0.9 * limits.unreadLength);
  });

  it('no more of one is looked for than a container may start with', () => {
    const [whole] = inEnvFile(`API_TOKEN:${'x'.repeat(limits.fileBytes / 2)}`);
    expect(whole?.text.measure(({ length }) => length)).toBe(limits.valueLength);
  });

  it('those behind a name are gathered whatever stands before them', () => {
    const nameless = Array.from({ length: count }, (_, index) => `${secret}-${index}\n`).join('');
    expect(givesAway(inEnvFile(`${nameless}API_TOKEN: fake-last-secret`), 'fake-last-secret')).toBe(true);
  });

  it('none is gathered that is too short to be looked for', () => {
    expect(inEnvFile('a\n=\n"\nA=\nAPI_TOKEN: b\nAPI_TOKEM=c\n')).toEqual([]);
  });
});
