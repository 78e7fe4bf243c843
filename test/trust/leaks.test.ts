import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { problemCodes } from '../../lib/environment/problem';
import { filesBelow } from '../../lib/sources/environment-files';
import { encrypted, type KeyPair, keyPair } from '../age';
import { git, makeRepository } from '../git';
import { copyProject } from '../project-copy';
import { captureHost, folderWith, launchedCommands, type Run, run, validEnvironment, validValues } from '../run';

// SECURITY.md promises that nothing but the Secret manifests ever holds a piece of a secret. Every command runs on valid
// input and into every failure with canaries for secrets, and all that it prints or writes is searched for them.

const repository = join(__dirname, '../..');

/** Every six characters in a row of a text. */
function pieces(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - 5) }, (_, at) => text.slice(at, at + 6));
}

/** What a secret looks like after any of the ways in which programs let secrets slip. */
function disguises(secret: string): string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]).toString('base64');
    return encoded.slice(shift === 0 ? 0 : 4).replace(/.{0,4}$/, ''); // without what the neighbours share in
  });
  const shell = secret.replace(/[^\w./-]/g, '\\$&');
  return [secret, ...base64, encodeURIComponent(secret), encodeURI(secret), JSON.stringify(secret).slice(1, -1), shell];
}

/** Whatever six characters in a row the program may print of its own accord. */
const ordinary = new Set(
  readdirSync(join(repository, 'lib'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .concat(__filename, ...['main.ts', 'package.json', 'test/fixture/catalog.ts'].map((name) => join(repository, name)))
    .flatMap((path) => pieces(readFileSync(path, 'utf8'))),
);

/** What every way of escaping changes. In parts: this file is among what is ordinary. */
const escaped = ['/"&', '+ %', 'ħ$<'].join('');

/** Unlike any other text. Among so many, one or another would hold six characters of a message by chance: it is not taken. */
function canary(tailBytes = 18): string {
  for (let draws = 0; draws < 100; draws++) {
    const head = randomBytes(18).toString('base64url');
    const tail = randomBytes(tailBytes).toString('base64url').replace(/[-_]/g, '');
    const drawn = `${head}${escaped}${tail}`;
    if (
      !disguises(drawn)
        .flatMap(pieces)
        .some((piece) => ordinary.has(piece))
    )
      return drawn;
  }
  throw new Error('the program holds six characters of every canary: choose others for what is escaped');
}

function expectNoLeak(output: string, secrets: readonly string[]): void {
  const sought = new Set(secrets.flatMap(disguises).flatMap(pieces));
  const read = output.replaceAll('<wbr>', ''); // where a page may break a word
  let leaks = 0;
  for (const text of new Set([output, read])) {
    for (let at = 0; at + 6 <= text.length; at++) if (sought.has(text.slice(at, at + 6))) leaks++;
  }
  // Only how many: a failing test must not print a secret either.
  expect(leaks).toBe(0);
}

/** Files that are never committed and hold secrets by design. */
function isForSecrets(name: string): boolean {
  return /^[^.]+\.env$|-secret-config-patch\.yml$/.test(name);
}

/** Everything under a folder but Secret manifests and files for secrets. */
function writtenBesidesSecrets(folder: string): string {
  return filesBelow(folder)
    .filter((path) => !isForSecrets(basename(path)))
    .map((path) => {
      const text = readFileSync(join(folder, path), 'utf8');
      return (
        basename(path) +
        text
          .split(/^---$/m)
          .filter((document) => !document.includes('"kind": "Secret"'))
          .join('')
      );
    })
    .join('\n');
}

const secretNames = [
  'REGISTRY_TOKEN',
  'PARTNER_API_KEY',
  'PARTNER_API_SECRET',
  'GEOCODES_API_KEY',
  'POSTAL_API_KEY',
  'LOCATION_API_KEY',
];

const quoted = (secret: string) => `'${secret}'`;

/** A failure, or a success, of an environment full of canaries. */
interface Scenario {
  readonly what: string;
  /** Files in the envs folder, given the secret of each variable and one more. */
  readonly files: (
    secrets: Readonly<Record<string, string>>,
    extra: string,
  ) => Readonly<Record<string, string | Uint8Array>>;
  readonly args?: (root: string, extra: string) => readonly string[];
  readonly env?: (secrets: Readonly<Record<string, string>>, extra: string) => NodeJS.ProcessEnv;
  readonly stdin?: (secrets: Readonly<Record<string, string>>) => string;
  readonly prepare?: (root: string) => void;
}

const patch = (kind: string, name: string, body: string) =>
  `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${body}\n`;
const valid = (secrets: Readonly<Record<string, string>>, changes: Readonly<Record<string, string>> = {}) =>
  validEnvironment('x', {
    ...Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, quoted(value)])),
    ...changes,
  });
const withChanges = (
  what: string,
  changes: (secrets: Readonly<Record<string, string>>, extra: string) => Record<string, string>,
): Scenario => ({
  what,
  files: (secrets, extra) => ({ 'x.env': valid(secrets, changes(secrets, extra)) }),
});
const withLine = (
  what: string,
  line: (extra: string, secrets: Readonly<Record<string, string>>) => string,
): Scenario => ({
  what,
  files: (secrets, extra) => ({ 'x.env': `${valid(secrets)}${line(extra, secrets)}\n` }),
});
const withPatch = (what: string, text: (extra: string) => string): Scenario => ({
  what,
  files: (secrets, extra) => ({ 'x.env': valid(secrets), 'x-secret-config-patch.yml': text(extra) }),
});

const inStore = 'SECRETS_FROM=external-secrets\nVAULT=vault\nVAULT_OPTIONAL=SUPPORT_TOKEN\n';

const scenarios: readonly Scenario[] = [
  { what: 'nothing wrong', files: (secrets) => ({ 'x.env': valid(secrets) }) },
  {
    what: 'secrets in the process environment',
    files: () => ({}),
    args: () => ['--from-env'],
    env: (secrets) => ({
      ...Object.fromEntries(
        valid({})
          .trim()
          .split('\n')
          .map((line) => line.split(/=(.*)/s).slice(0, 2)),
      ),
      ...secrets,
      PD_ENV: 'x',
    }),
  },
  {
    what: 'secrets on standard input',
    files: () => ({ 'x.config.env': '' }),
    args: () => ['--from-env-file', '-'],
    stdin: (secrets) => valid(secrets),
  },
  {
    what: 'secrets in JSON on standard input',
    files: () => ({ 'x.config.env': '' }),
    args: () => ['--from-env-file', '-'],
    stdin: (secrets) => JSON.stringify({ ...validValues('x'), ...secrets }),
  },
  ...(
    [
      ['that is cut off', (json: string) => json.slice(0, -1)],
      ['with a name twice', (json: string) => json.replace('{', '{"POSTAL_API_KEY":"fake",')],
      ['in a list', (json: string) => `[${json}]`],
      ['one level too deep', (json: string) => `{"data":${json},"POSTAL_API_KEY":${json}}`],
      ['with secrets for names', (json: string) => json.replace(/"(\w+)":("(?:[^"\\]|\\.)*")/g, '$2:1')],
    ] as const
  ).map(
    ([what, mend]): Scenario => ({
      what: `JSON ${what} on standard input`,
      files: () => ({ 'x.config.env': '' }),
      args: () => ['--from-env-file', '-'],
      stdin: (secrets) => mend(JSON.stringify({ ...validValues('x'), ...secrets })),
    }),
  ),
  {
    what: 'nothing on standard input',
    files: () => ({ 'x.config.env': '' }),
    args: () => ['--from-env-file', '-'],
    stdin: () => '',
  },
  {
    what: 'unknown names on standard input',
    files: () => ({ 'x.config.env': '' }),
    args: () => ['--from-env-file', '-'],
    stdin: (secrets) => `${valid(secrets)}${secrets['POSTAL_API_KEY']?.slice(0, 20)}=1\n`,
  },
  withChanges('missing', () => ({ OFFICE: '' })),
  withChanges('an invalid config value that is a secret', (_, extra) => ({ LOG_FLOOR: quoted(extra) })),
  withChanges('an invalid URL that is a secret', (_, extra) => ({ PARTNER_URL: quoted(extra) })),
  withChanges('an infra value that is a secret', (_, extra) => ({
    POD_NAMESPACE: quoted(extra),
    REGISTRY_PATH: quoted(extra),
  })),
  withChanges('a config value that equals a secret', (secrets) => ({
    OFFICE: quoted(secrets['POSTAL_API_KEY'] ?? ''),
  })),
  withChanges('a config value with the line of a secret behind it', (_, extra) => ({
    OFFICE: quoted(`mainSUPPORT_TOKEN=${extra}`),
  })),
  withChanges('a URL with a secret in its query', (_, extra) => ({
    PARTNER_URL: quoted(`wss://example.com/?SUPPORT_TOKEN=${encodeURIComponent(extra)}`),
  })),
  withChanges('a config value that reads a secret', () => ({ PARTNER_URL: 'wss://${POSTAL_API_KEY}' })),
  withChanges('credentials in a URL', (_, extra) => ({
    PARTNER_URL: quoted(`wss://user:${encodeURIComponent(extra)}@example.com`),
  })),
  withChanges('another environment named by a secret', (_, extra) => ({ PD_ENV: quoted(extra) })),
  withChanges('a cluster named by a secret', (secrets) => ({ KUBE_CLUSTER: quoted(secrets['POSTAL_API_KEY'] ?? '') })),
  withChanges('an unresolved placeholder', (_, extra) => ({ POSTAL_API_KEY: quoted(`${extra}\${${extra}}`) })),
  withChanges('a placeholder of a secret’s own letters', (_, extra) => ({
    POSTAL_API_KEY: quoted(`\${${extra.replace(/\W/g, '_')}}`),
  })),
  withChanges('a loop', (_, extra) => ({
    POSTAL_API_KEY: quoted(`${extra}\${GEOCODES_API_KEY}`),
    GEOCODES_API_KEY: quoted(`${extra}\${POSTAL_API_KEY}`),
  })),
  withChanges('a value that is too large', (_, extra) => ({ POSTAL_API_KEY: quoted(extra.repeat(3_000)) })),
  withChanges('an object too large for client-side apply', (_, extra) => ({
    PARTNER_API_KEY: quoted(extra.repeat(1_500)),
    PARTNER_API_SECRET: quoted(extra.repeat(1_400)),
  })),
  withChanges('a suspicious value', (_, extra) => ({ POSTAL_API_KEY: quoted(` ${extra}\n`) })),
  withChanges('a value that is none', (secrets, extra) => ({
    POSTAL_API_KEY: quoted(`${extra}\u200b${extra}`),
    GEOCODES_API_KEY: quoted(`${extra}LOG_FLOOR=${extra}`),
    LOCATION_API_KEY: secrets['PARTNER_API_KEY'] === undefined ? 'changeme' : quoted(secrets['PARTNER_API_KEY']),
    PARTNER_URL: 'wss://your-project.example.com',
  })),
  {
    what: 'a secret that is empty in the process environment',
    files: (secrets) => ({ 'x.env': valid(secrets) }),
    args: () => ['--from-env'],
    env: () => ({ POSTAL_API_KEY: '' }),
  },
  withLine('a duplicate', (extra) => `POSTAL_API_KEY='${extra}'`),
  withLine('a line that is no assignment', (extra) => extra),
  withLine('the tail of a key on a line of its own', (extra) => `${extra.replace(/\W/g, '')}==`),
  withLine('an unknown name that is a secret', (extra) => `${extra.replace(/\W/g, '_')}=1`),
  withLine(
    'a near name that holds a piece of a secret',
    (_, secrets) => `POSTAL_API_KEY${secrets['POSTAL_API_KEY']?.slice(0, 3)}=1`,
  ),
  withLine('an unknown name with a secret', (extra) => `POSTAL_API_KEI='${extra}'`),
  withLine('a value cut off at #', (extra) => `FOO=${extra}#${extra}`),
  withLine('an open quote', (extra) => `FOO="${extra}`),
  withLine('text after a quote', (extra) => `FOO='${extra}' ${extra}`),
  withLine('a colon', (extra) => `POSTAL_API_KEY: ${extra}`),
  withLine('a bad escape', (extra) => `FOO="\\t${extra.replaceAll('"', '')}"`),
  withLine('a NUL', (extra) => `FOO='${extra}\0'`),
  {
    what: 'no UTF-8',
    files: (secrets, extra) => ({ 'x.env': Buffer.concat([Buffer.from(valid(secrets) + extra), Buffer.from([0xff])]) }),
  },
  {
    what: 'a patch that is not read',
    files: (secrets, extra) => ({ 'x.env': valid(secrets), 'x-secret-config-patch.yaml': extra, '.env.x': extra }),
  },
  { what: 'a file that is too large', files: (_, extra) => ({ 'x.env': extra.repeat(80_000) }) },
  {
    what: 'a file that others may read',
    files: (secrets) => ({ 'x.env': valid(secrets) }),
    prepare: (root) => chmodSync(join(root, 'envs/x.env'), 0o644),
  },
  {
    what: 'a folder in the place of the file',
    files: () => ({ 'x.config.env': '' }),
    prepare: (root) => mkdirSync(join(root, 'envs/x.env')),
  },
  {
    what: 'a secret in the committed file',
    files: (secrets, extra) => ({ 'x.env': valid(secrets), 'x.config.env': `POSTAL_API_KEY='${extra}'\n` }),
  },
  {
    what: 'two environments with one secret',
    files: (secrets) => ({ 'x.env': valid(secrets), 'y.env': valid(secrets, { POD_NAMESPACE: 'y' }) }),
    args: () => ['y'],
  },
  {
    what: 'two environments with one target',
    files: (secrets) => ({ 'x.env': valid(secrets), 'y.env': valid(secrets) }),
    args: () => ['y'],
  },
  {
    what: 'a link in the place of the folder',
    files: (secrets) => ({ 'x.env': valid(secrets) }),
    prepare: (root) => symlinkSync('/', join(root, 'dist/x')),
  },
  {
    what: 'what is committed by its name',
    files: (secrets, extra) => ({
      'x.env': valid(secrets),
      'x.config.env': `# OFFICE='${secrets['POSTAL_API_KEY']}'\n#POSTAL_API_KEY=${extra}\n`,
      'x.env.example': `POSTAL_API_KEY='${extra}'\nOTHER='${extra}' # ${extra}\n# SUPPORT_TOKEN='${extra}'\n${extra}\n`,
    }),
  },
  {
    what: 'a folder of which git takes everything',
    files: (secrets) => ({ 'x.env': valid(secrets) }),
    prepare: (root) => {
      writeFileSync(join(root, 'docs/notes.txt'), '');
      makeRepository(root);
    },
  },
  {
    what: 'secrets that a store has, too',
    files: (secrets) => ({ 'x.env': valid(secrets), 'x.config.env': inStore }),
  },
  {
    what: 'secrets where a store is described',
    files: (secrets, extra) => ({
      'x.env': valid(secrets, {
        VAULT: quoted(extra),
        VAULT_KEY: quoted(`${extra}{${extra}}`),
        VAULT_PROPERTY: quoted(`{${extra}`),
        VAULT_OPTIONAL: quoted(`${extra},SUPPORT_TOKENS`),
        VAULT_REFRESH: quoted(extra),
        SECRETS_FROM: 'external-secrets',
      }),
    }),
  },
  withPatch('a patch', (extra) =>
    patch('Secret', 'depot-secrets', `stringData:\n  POSTAL_API_KEY: ${JSON.stringify(extra)}`),
  ),
  withPatch('bad base64', (extra) =>
    patch('Secret', 'depot-secrets', `data:\n  POSTAL_API_KEY: ${JSON.stringify(extra)}`),
  ),
  withPatch('a number', (extra) =>
    patch('Secret', 'depot-secrets', `stringData:\n  POSTAL_API_KEY: !!int ${JSON.stringify(extra)}`),
  ),
  withPatch('a secret in a ConfigMap', (extra) =>
    patch('ConfigMap', 'depot-config', `data:\n  POSTAL_API_KEY: ${JSON.stringify(extra)}`),
  ),
  withPatch('an unknown key', (extra) =>
    patch(
      'Secret',
      'depot-secrets',
      `stringData:\n  ${JSON.stringify(extra)}: x\n  POSTAL_API_KEI: ${JSON.stringify(extra)}`,
    ),
  ),
  withPatch('a foreign object', (extra) => patch('Secret', JSON.stringify(extra), `stringData: {}`)),
  withPatch('a foreign namespace', (extra) =>
    patch('Secret', 'depot-secrets', `  namespace: ${JSON.stringify(extra)}\nstringData: {}`),
  ),
  withPatch('a foreign kind', (extra) => patch(JSON.stringify(extra), 'depot-secrets', `stringData: {}`)),
  withPatch('an unknown field', (extra) => patch('Secret', 'depot-secrets', `${JSON.stringify(extra)}: {}`)),
  withPatch('no YAML', (extra) => `stringData: "${extra}\n\tx: ${extra}`),
  withPatch('an alias', (extra) => `a: *${extra.replace(/\W/g, '')}`),
  withPatch('a tag', (extra) => `a: !${extra.replace(/\W/g, '')} b`),
  { what: 'an unknown environment', files: () => ({}) },
  { what: 'a secret for an environment’s name', files: () => ({}), args: (_, extra) => [extra] },
  {
    what: 'a secret for a plausible environment’s name',
    files: (secrets) => ({ 'x.env': valid(secrets) }),
    args: (_, extra) => [`POSTAL_API_KEY=${extra}`],
  },
  { what: 'a secret in an unknown option', files: () => ({}), args: (_, extra) => [`--postal-api-key=${extra}`] },
  { what: 'a secret as an option', files: () => ({}), args: (_, extra) => [`--${extra}`] },
  { what: 'a secret behind a flag', files: () => ({}), args: (_, extra) => [`--all=${extra}`] },
];

/** A secret that is given where it becomes no value, and a value for everybody to read that is the same text. */
const withUnread = (
  what: string,
  files: (extra: string) => Readonly<Record<string, string | Uint8Array>>,
  shown = (extra: string) => extra,
  rest: Pick<Scenario, 'args' | 'env'> = {},
): Scenario => ({
  what: `a config value and ${what}`,
  files: (secrets, extra) => {
    const { 'x.env': line = '', ...others } = files(extra);
    const env = `${valid({ ...secrets, POSTAL_API_KEY: '' }, { KUBE_CLUSTER: quoted(shown(extra)) })}`;
    return { 'x.env': Buffer.concat([Buffer.from(env), Buffer.from(line as string), Buffer.from('\n')]), ...others };
  },
  ...rest,
});
const unreadLine = (what: string, line: (extra: string) => string | Uint8Array, shown?: (extra: string) => string) =>
  withUnread(what, (extra) => ({ 'x.env': line(extra) }), shown);
const unreadPatch = (what: string, body: (extra: string) => string, kind = 'Secret', name = 'depot-secrets') =>
  withUnread(what, (extra) => ({ 'x-secret-config-patch.yml': patch(kind, name, body(extra)) }));
const inBase64 = (text: string) => Buffer.from(text).toString('base64');

const unreadScenarios: readonly Scenario[] = [
  unreadLine(
    'a secret cut off at #',
    (extra) => `POSTAL_API_KEY=${extra}#tail`,
    (extra) => `${extra}#tail`,
  ),
  unreadLine('a secret before a #', (extra) => `POSTAL_API_KEY=${extra}#tail`),
  unreadLine('a secret behind a colon', (extra) => `POSTAL_API_KEY: ${extra}`),
  unreadLine('a secret on the next line', (extra) => `POSTAL_API_KEY\n=${extra}`),
  unreadLine('a secret without an =', (extra) => `POSTAL_API_KEY ${extra}`),
  unreadLine('a secret in a comment', (extra) => `# POSTAL_API_KEY='${extra}'`),
  unreadLine('a secret in a comment, behind a colon', (extra) => `# POSTAL_API_KEY: ${extra}`),
  unreadLine('a secret in a comment behind a value', (extra) => `LOG_FLOOR=info # POSTAL_API_KEY=${extra}`),
  unreadLine('a secret in a comment beside the new one', (extra) => `POSTAL_API_KEY=fake-new-key # ${extra}`),
  unreadLine('a secret behind a command of a shell', (extra) => `export POSTAL_API_KEY ${extra}`),
  unreadLine('a secret behind a comma', (extra) => `POSTAL_API_KEY,${extra}`),
  unreadLine('a secret behind brackets', (extra) => `POSTAL_API_KEY (prod) = ${extra}`),
  unreadLine('a secret behind a longer name', (extra) => `POSTAL_API_KEY_OLD='${extra}'`),
  unreadLine('a secret with text after its quotes', (extra) => `POSTAL_API_KEY='${extra}' and more`),
  unreadLine('a secret that opens a quote', (extra) => `POSTAL_API_KEY='${extra}`),
  unreadLine('a secret with escapes', (extra) => `POSTAL_API_KEY="\\t${extra.replaceAll('"', '\\"')}"`),
  unreadLine('the first of two duplicates', (extra) => `POSTAL_API_KEY='${extra}'\nPOSTAL_API_KEY=fake-postal-key`),
  unreadLine('a secret with a misspelt name', (extra) => `POSTAL_API_KEI='${extra}'`),
  unreadLine('a secret with a name in lower case', (extra) => `postal-api-key='${extra}'`),
  unreadLine('a secret with a placeholder', (extra) => `POSTAL_API_KEY='${extra}\${NOBODY}'`),
  unreadLine('a secret in a file that is no UTF-8', (extra) =>
    Buffer.concat([Buffer.from(`POSTAL_API_KEY='${extra}'`), Buffer.from([0xff])]),
  ),
  withUnread('an unreadable secret in the committed file', (extra) => ({
    'x.config.env': `POSTAL_API_KEY: ${extra}\n`,
  })),
  withUnread('a misspelt name in the process environment', () => ({}), undefined, {
    args: () => ['--from-env'],
    env: (_, extra) => ({ POSTAL_API_KEI: extra }),
  }),
  unreadPatch('bad base64', (extra) => `data:\n  POSTAL_API_KEY: ${JSON.stringify(extra)}`),
  unreadPatch(
    'base64 in the wrong object',
    (extra) => `data:\n  POSTAL_API_KEY: ${inBase64(extra)}`,
    'Secret',
    'kiosk-secrets',
  ),
  unreadPatch('a value with a tag', (extra) => `stringData:\n  POSTAL_API_KEY: !!str ${JSON.stringify(extra)}`),
  unreadPatch('a value in a list', (extra) => `stringData:\n  POSTAL_API_KEY:\n    - ${JSON.stringify(extra)}`),
  unreadPatch(
    'a secret in a ConfigMap',
    (extra) => `data:\n  POSTAL_API_KEY: ${JSON.stringify(extra)}`,
    'ConfigMap',
    'depot-config',
  ),
  unreadPatch('a key twice', (extra) =>
    ['fake-postal-key', extra]
      .map((value) => `stringData:\n  POSTAL_API_KEY: ${JSON.stringify(value)}`)
      .join('\n---\n'),
  ),
  unreadPatch('a near key', (extra) => `stringData:\n  POSTAL_API_KEI: ${JSON.stringify(extra)}`),
  unreadPatch('a key in a comment', (extra) => `stringData: {}\n# POSTAL_API_KEY: ${JSON.stringify(extra)}`),
  unreadPatch(
    'the environment of a container',
    (extra) => `spec:\n  env:\n    - name: POSTAL_API_KEY\n      value: ${JSON.stringify(extra)}`,
    'Deployment',
  ),
  unreadPatch(
    'a comment behind a value',
    (extra) => `data:\n  LOG_FLOOR: info # POSTAL_API_KEY=${extra}`,
    'ConfigMap',
    'depot-config',
  ),
  unreadPatch(
    'an object that there is not',
    (extra) => `stringData:\n  POSTAL_API_KEY: ${JSON.stringify(extra)}`,
    'Secret',
    'secrets',
  ),
  unreadPatch('no YAML', (extra) => `stringData:\n  POSTAL_API_KEY: ${JSON.stringify(extra)}\n\tx: [`),
];

const hosts: readonly [string, { env?: NodeJS.ProcessEnv; isTTY?: boolean }, readonly string[]][] = [
  ['plain', {}, []],
  ['--json', {}, ['--json']],
  ['--quiet', {}, ['--quiet']],
  ['on GitHub Actions', { env: { GITHUB_ACTIONS: 'true' } }, []],
  ['on a terminal', { isTTY: true }, []],
  ['with DEBUG', { env: { DEBUG: '1' } }, []],
];

/** A kubectl whose cluster has a secret wherever there is a text: as a value, a name, a key, a manager, in every error. */
const fakeKubectl = (secret: string) => {
  const template = {
    spec: {
      containers: [
        {
          name: secret,
          envFrom: [{ secretRef: { name: 'depot-secrets' } }, { secretRef: { name: secret } }],
          env: [{ name: secret, valueFrom: { secretKeyRef: { name: 'depot-secrets', key: secret } } }],
        },
      ],
    },
  };
  const pod = {
    status: { containerStatuses: [{ name: secret, state: { running: { startedAt: '2020-01-01T00:00:00Z' } } }] },
  };
  const items = [
    {
      kind: 'Secret',
      type: 'Opaque',
      metadata: {
        name: 'depot-secrets',
        labels: { [secret]: secret, environment: secret },
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': secret },
        managedFields: [
          {
            manager: secret,
            operation: 'Update',
            time: '2026-01-01T00:00:00Z',
            fieldsV1: { 'f:data': { [`f:${secret}`]: {} } },
          },
        ],
      },
      data: { LEAK: Buffer.from(secret).toString('base64'), OTHER: secret, [secret]: '', POSTAL_API_KEY: secret },
    },
    {
      kind: 'Secret',
      metadata: { name: `${secret}-secrets`, labels: { 'app.kubernetes.io/component': secret, environment: 'x' } },
    },
    { kind: 'Namespace', metadata: { name: 'parcel-desk-x' }, status: { phase: secret } },
    { kind: 'Deployment', metadata: { name: secret }, spec: { template } },
    { kind: 'Pod', metadata: { name: secret }, ...template, ...pod },
    {
      kind: 'Pod',
      metadata: { name: 'a', ownerReferences: [{ kind: secret, name: secret, controller: true }] },
      ...template,
      ...pod,
    },
  ];
  const config = JSON.stringify({ contexts: [{ context: { cluster: 'c' } }] });
  const list = JSON.stringify({ kind: 'List', items });
  const error = `error: ${secret} ${Buffer.from(secret).toString('base64')}`;
  const say = (text: string) => `printf '%s\\n' '${text}'`; // the shell's own: it starts nothing
  const folder = folderWith({
    kubectl: `#!/bin/sh\ncase "$1" in get) ${say(list)};; config) ${say(config)};; *) ${say(error)} >&2; ${say(error)}; exit 1;; esac\n`,
  });
  chmodSync(join(folder, 'kubectl'), 0o755);
  return folder;
};

/** What synth wrote of x before, with a secret that is not the one of today. */
let writtenOnce = '';
let secretWritten = '';

beforeAll(async () => {
  secretWritten = canary(60); // long and random: with it apply needs no slow hash in each row, as synth does
  const root = folderWith({
    'envs/x.env': valid(Object.fromEntries(secretNames.map((name) => [name, secretWritten]))),
  });
  const { status } = await run(['synth', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'dist')]);
  expect(status).toBe(0);
  writtenOnce = join(root, 'dist/x');
});

/** How each command of the program is run in this suite, its further arguments given. A command that is not here fails it. */
type Line = readonly string[];
const commands: Readonly<Record<string, (root: string, more: Line) => Line | Promise<Line>>> = {
  apply: (root, more) => {
    const folder = join(root, 'dist/x');
    if (existsSync(join(root, 'dist')) && !existsSync(folder)) cpSync(writtenOnce, folder, { recursive: true });
    const folders = ['--envs', join(root, 'envs'), '--out', join(root, 'dist')];
    return ['apply', 'x', '--yes', '--take-over', '--restart', '--prune', '--context', 'c', ...folders, ...more];
  },
  check: (root, more) => ['check', 'x', '--envs', join(root, 'envs'), ...more],
  diff: (root, more) => [
    'diff',
    'x',
    ...(more[0] === 'y' ? [] : ['--live', '--context', 'c']),
    '--envs',
    join(root, 'envs'),
    ...more,
  ],
  docs: (root, more) => ['docs', '--envs', join(root, 'envs'), ...more],
  'with-env': (root, more) => [
    'with-env',
    'x',
    '--bundle',
    'depot',
    '--envs',
    join(root, 'envs'),
    ...more,
    '--',
    'true',
  ],
  encrypt: (root, more) => {
    writeFileSync(join(root, 'envs/recipients'), `# ${ours.recipient}\n[x]\n${ours.recipient}\n`);
    return ['encrypt', 'x', '--envs', join(root, 'envs'), ...more];
  },
  edit: async (root, more) => {
    await seal(root, ours.recipient);
    return ['edit', 'x', '--envs', join(root, 'envs'), ...more];
  },
  // No command any more: it says what it is called now.
  exec: (root, more) => ['exec', 'x', '--bundle', 'agent', '--envs', join(root, 'envs'), ...more, '--', 'true'],
  guard: (root, more) => {
    stage(root);
    return ['guard', '--envs', join(root, 'envs'), ...more];
  },
  migrate: (root, more) => ['migrate', former(root), '--envs', join(root, 'docs'), ...more],
  new: (root, more) => ['new', 'fresh', '--from', 'x', '--envs', join(root, 'envs'), ...more],
  synth: (root, more) => ['synth', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'dist'), ...more],
};

/** Other doors of some of them. */
const doors: typeof commands = {
  'check as Markdown': (root, more) => ['check', 'x', '--envs', join(root, 'envs'), '--report', 'markdown', ...more],
  'check as a page': (root, more) => ['check', 'x', '--envs', join(root, 'envs'), '--report', 'html', ...more],
  'diff as a page': async (root, more) => {
    const line = (await doors['diff as Markdown']?.(root, more)) ?? [];
    return line.with(line.indexOf('markdown'), 'html');
  },
  'diff as Markdown': (root, more) => {
    const other = more[0] === 'y' ? [] : ['z'];
    if (other.length > 0 && existsSync(join(root, 'envs'))) {
      writeFileSync(join(root, 'envs/z.env'), valid({}, { POD_NAMESPACE: 'z' }), { mode: 0o600 });
    }
    return ['diff', 'x', ...other, '--envs', join(root, 'envs'), '--report', 'markdown', ...more];
  },
  'diff with what was written': (root, more) => {
    mkdirSync(join(root, 'dist'), { recursive: true });
    if (!existsSync(join(root, 'dist/x'))) {
      mkdirSync(join(root, 'dist/x'));
      writeFileSync(join(root, 'dist/x/parcel-desk.k8s.yaml'), writtenBefore(canary()));
    }
    return ['diff', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'dist'), ...more];
  },
  'diff with the past': async (root, more) => {
    await seal(root, ours.recipient);
    commit(root);
    const path = join(root, 'envs/x.env.age');
    if (existsSync(path)) writeFileSync(path, await encrypted(valid({}), ours.recipient));
    return ['diff', 'x', '--since', 'HEAD', '--envs', join(root, 'envs'), ...more];
  },
  'check of an encrypted file': async (root, more) => {
    await seal(root, ours.recipient);
    return ['check', 'x', '--envs', join(root, 'envs'), ...more];
  },
  'check of a file that is encrypted for others': async (root, more) => {
    await seal(root, (await keyPair()).recipient);
    return ['check', 'x', '--envs', join(root, 'envs'), ...more];
  },
  'new --top-up': (root, more) => ['new', 'x', '--top-up', '--envs', join(root, 'envs'), ...more],
};

/** Whoever runs the commands, and the secret of their cluster. */
let ours: KeyPair;
let editor: string;
let live: string;
let kubectl: string;
beforeAll(async () => {
  live = canary();
  kubectl = fakeKubectl(live.replaceAll("'", ''));
  ours = await keyPair();
  editor = join(folderWith({ editor: '#!/bin/sh\necho >> "$1"\n' }), 'editor');
  chmodSync(editor, 0o755);
});

/** Puts an encrypted file in the place of a plain one, and says who its recipients are. */
async function seal(root: string, recipient: string): Promise<void> {
  const [plain, file] = ['envs/x.env', 'envs/x.env.age'].map((name) => join(root, name)) as [string, string];
  if (!existsSync(dirname(plain))) return;
  writeFileSync(join(root, 'envs/recipients'), ours.recipient);
  if (!statSync(plain, { throwIfNoEntry: false })?.isFile()) return;
  writeFileSync(file, await encrypted(readFileSync(plain), recipient));
  rmSync(plain);
}

/** Commits what stands in a folder, in a repository of its own, and goes there. */
function commit(root: string): void {
  makeRepository(root);
  git(root, 'add', '--all', '--force', 'envs');
  git(root, 'commit', '--quiet', '--allow-empty', '-m', 'fake');
  process.chdir(root);
}

/** Manifests of an earlier run, with a secret that is not the one of today. */
const writtenBefore = (secret: string) =>
  [
    '---',
    '"kind": "Secret"',
    '"metadata":',
    '  "name": "depot-secrets"',
    '"data":',
    `  "POSTAL_API_KEY": "${Buffer.from(secret).toString('base64')}"`,
    '',
  ].join('\n');

/** Makes a repository of a folder, in which all that its files hold is staged, under harmless names and telling ones. */
function stage(root: string): void {
  makeRepository(root);
  const texts = readdirSync(join(root, 'envs'))
    .map((name) => join(root, 'envs', name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path));
  const bytes = Buffer.concat(texts);
  const tellingName = /^POSTAL_API_KEY='(?!\$\{)([^']{20,200})'/m.exec(bytes.toString())?.[1] ?? 'name';
  mkdirSync(join(root, 'staged'), { recursive: true });
  for (const [name, content] of [
    ['text', bytes],
    ['base64.bin', Buffer.from(`\0${bytes.toString('base64')}`)],
    ['x.config.env', Buffer.from(bytes.toString().replace(/^/gm, '# '))],
    [tellingName, bytes],
  ] as const) {
    mkdirSync(dirname(join(root, 'staged', name)), { recursive: true });
    writeFileSync(join(root, 'staged', name), content);
  }
  git(root, 'add', '--all', '--force', 'staged', 'envs');
  process.chdir(root);
}

afterEach(() => process.chdir(repository));

/** The same environment in the former system's layout. */
function former(root: string): string {
  const folder = join(root, 'former');
  for (const name of ['config', 'apps/base']) mkdirSync(join(folder, name), { recursive: true });
  for (const [from, to] of [
    ['x.env', '.env.k8s.x'],
    ['x-secret-config-patch.yml', 'x-secret-config-patch.yml'],
  ] as const) {
    const path = join(root, 'envs', from);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) cpSync(path, join(folder, 'config', to));
  }
  return folder;
}

it('covers every command', () => {
  expect(Object.keys(commands).sort()).toEqual(launchedCommands().sort());
});

const codesSeen = new Set<string>();

/**
 * Ways of running a scenario: all of them with `npm run test:leaks`; else two, other ones from scenario to scenario, so
 * that each command is run in each way many times.
 */
const hostsOf = (scenario: number) =>
  process.env['LEAKS'] === 'full' ? hosts : hosts.filter((_, host) => host % 3 === scenario % 3);

describe.each(Object.entries({ ...commands, ...doors }))('%s shows nothing of a secret', (_name, command) => {
  it.each([...scenarios, ...unreadScenarios].map((scenario, index) => [scenario.what, scenario, index] as const))(
    '%s',
    async (_what, scenario, index) => {
      const secrets = Object.fromEntries(secretNames.map((name) => [name, canary()]));
      const extra = canary();
      for (const [, host, flags] of hostsOf(index)) {
        const root = folderWith(
          Object.fromEntries(
            Object.entries(scenario.files(secrets, extra)).map(([name, text]) => [`envs/${name}`, text]),
          ),
        );
        for (const folder of ['envs', 'dist', 'docs']) mkdirSync(join(root, folder), { recursive: true });
        scenario.prepare?.(root);
        const line = await command(root, [...(scenario.args?.(root, extra) ?? []), ...flags]);
        const result: Run = await run(line, {
          ...host,
          env: {
            PATH: `${kubectl}:${process.env['PATH']}`,
            AGE_IDENTITY: ours.identity,
            EDITOR: editor,
            ...scenario.env?.(secrets, extra),
            ...host.env,
          },
          ...(scenario.stdin && { stdin: scenario.stdin(secrets) }),
        });
        for (const [code] of (result.stdout + result.stderr).matchAll(/[a-z]+-?[a-z]+-?[a-z]+/g)) codesSeen.add(code);
        const made = ['dist', 'docs', 'readers']
          .filter((name) => existsSync(join(root, name)))
          .map((name) => writtenBesidesSecrets(join(root, name)));
        for (const name of readdirSync(join(root, 'envs'))) {
          if (/^fresh|example$/.test(name) && !Object.hasOwn(scenario.files(secrets, extra), name))
            made.push(readFileSync(join(root, 'envs', name), 'utf8'));
        }
        const output = `${result.stdout}${result.stderr}${made.join('')}`.replaceAll(root, ''); // its name is random too
        const identity = ours.identity.slice('AGE-SECRET-KEY-'.length);
        expectNoLeak(output, [...Object.values(secrets), extra, live, identity, secretWritten]);
        process.chdir(repository);
        rmSync(root, { recursive: true }); // edit looks through all that stands beside it
      }
    },
  );
});

it('a folder that may be committed holds nothing of a secret, also where it held them before', async () => {
  const [before, now] = [0, 1].map(() => Object.fromEntries(secretNames.map((name) => [name, canary()])));
  const root = folderWith({ 'envs/x.env': valid(before ?? {}) });
  const synth = () => run(['synth', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'deploy')]);
  await synth();
  writeFileSync(join(root, 'envs/x.env'), valid(now ?? {}));
  await synth();
  const folder = join(root, 'deploy/x');
  expect(readdirSync(join(folder, 'previous'))).not.toEqual([]);
  writeFileSync(join(root, 'envs/x.config.env'), inStore);
  expect(await synth()).toMatchObject({ status: 0 });
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  expect(texts.join('\n')).toContain('"kind": "ExternalSecret"');
  expectNoLeak(
    texts.join('\n'),
    [before, now].flatMap((secrets) => Object.values(secrets ?? {})),
  );
});

/** Pasted or expanded in the place of what was meant. Some are fine names of environments, some are too long for a path. */
const mistakes: readonly [string, (root: string) => string][] = [
  ['a secret', () => canary()],
  ['a UUID', () => randomUUID()],
  ['forty hexadecimal digits', () => randomBytes(20).toString('hex')],
  ["a file's contents", () => `POSTAL_API_KEY=${canary()}\n`.repeat(80)],
  ['a path below a file', (root) => join(root, 'envs/x.env', canary().replaceAll('/', ''))],
  ['a path in a folder that is not there', (root) => join(root, 'nowhere', randomUUID(), 'envs')],
  ['a path where nothing can be made', () => join('/proc', randomUUID())],
];

/** What of a mistake nobody may see: not the part of a path that is there, nor what everybody knows. */
function telling(mistake: string, root: string): string {
  return mistake.replaceAll(root, '').replaceAll(/envs\/x\.env|nowhere|envs$|^\/proc|POSTAL_API_KEY=/g, '');
}

/** The options of a command that take a value: a new one is tried without anybody thinking of it. */
async function valueOptions(command: string): Promise<string[]> {
  const { stdout } = await run([command, '--help']);
  return [...stdout.matchAll(/^ +(--[a-z-]+) </gm)].map(([, option]) => option ?? '');
}

/** A command line with a mistake in each of its places in turn: its words, the values of options, one word more. */
async function mistaken(line: readonly string[], mistake: string): Promise<[string, readonly string[]][]> {
  const end = line.includes('--') ? line.indexOf('--') : line.length;
  const insert = (...args: string[]) => line.toSpliced(end, 0, ...args);
  const words = line.flatMap((word, at): [string, readonly string[]][] =>
    word.startsWith('--') ? [] : [[`behind ${line[at - 1]}`, line.with(at, mistake)]],
  );
  const options = (await valueOptions(line[0] ?? '')).flatMap((option): [string, readonly string[]][] => [
    [option, insert(option, mistake)],
    [`${option}=`, insert(`${option}=${mistake}`)],
  ]);
  return [...words, ...options, ['one word more', insert(mistake)], ['the last word', [...line, mistake]]];
}

describe('of the command line only the names of options are repeated, and paths that are there', () => {
  const before = process.cwd();
  afterEach(() => process.chdir(before));

  /** Each command as above, two environments compared, and one that only the process environment may know. */
  const lines: typeof commands = {
    ...commands,
    ...doors,
    'with-env without a command': (root) => ['with-env', 'x', '--bundle', 'depot', '--envs', join(root, 'envs')],
    'diff of two': (root) => ['diff', 'x', 'y', '--envs', join(root, 'envs')],
    'synth from the process environment': (root) => ['synth', 'x', '--from-env', '--envs', join(root, 'envs')],
  };
  const cases = Object.entries(lines).flatMap(([name, line]) =>
    mistakes
      // Each run of it asks git several times, and the others have what it shares with them.
      .filter(([what]) => name !== 'diff with the past' || what === 'a secret')
      .map(([what, make]) => ({ name, what, line, make })),
  );

  /** Two environments, the first with these values. */
  const lay = (root: string, values: Readonly<Record<string, string>>) => {
    for (const folder of ['envs', 'dist', 'docs']) {
      rmSync(join(root, folder), { recursive: true, force: true });
      mkdirSync(join(root, folder));
    }
    writeFileSync(join(root, 'envs/x.env'), valid({}, values), { mode: 0o600 });
    writeFileSync(join(root, 'envs/y.env'), valid({}, { POD_NAMESPACE: 'y' }), { mode: 0o600 });
  };

  it.each(cases)('$name: $what', async ({ line, make }) => {
    const kubectl = fakeKubectl('fake');
    const env = { PATH: `${kubectl}:${process.env['PATH']}`, GITHUB_ACTIONS: 'true', DEBUG: '1', PD_ENV: 'x' };
    for (const values of [{}, { LOG_FLOOR: 'loud' }]) {
      const root = folderWith();
      process.chdir(root);
      lay(root, values);
      const mistake = make(root);
      for (const [where, args] of await mistaken(await line(root, []), mistake)) {
        for (const flags of [[], ['--json']]) {
          lay(root, values);
          const { stdout, stderr } = await run(args.toSpliced(1, 0, ...flags), { env });
          const made = [mistake, join('envs', `${mistake}.env`)].filter((path) => existsSync(path));
          for (const path of made) rmSync(path, { recursive: true });
          if (made.length > 0) {
            expect(['--out', '--out=', 'behind --out', '--envs', '--envs=', 'behind --envs', 'behind new']).toContain(
              where,
            );
            continue; // it is there now, and is named
          }
          const shown = pieces(telling(mistake, root)).filter((piece) => (stdout + stderr).includes(piece));
          expect({ where, flags, shown: shown.length }).toEqual({ where, flags, shown: 0 });
        }
      }
    }
  });
});

it.each(hosts)('workloads into which secrets were pasted show nothing of them: %s', async (_what, host, flags) => {
  const [own, pasted] = [canary(), canary()];
  const secret = JSON.stringify(pasted);
  const references = [
    `{secretRef: {name: ${secret}}}`,
    '{configMapRef: {name: depot-config}}, {configMapRef: {name: depot-config}, prefix: X}, {configMapRef: {name: more}}',
  ];
  const env = [
    `{name: ${secret}, value: ${secret}}`,
    `{name: A, valueFrom: {secretKeyRef: {name: depot-secrets, key: ${secret}}}}`,
  ];
  const more = `kind: ConfigMap\nmetadata: {name: more}\ndata: {LOG_FLOOR: ${secret}, ${secret}: ${secret}}\n---\n`;
  const container = `{name: ${secret}, envFrom: [${references}], env: [${env}]}`;
  const deployment = `kind: Deployment\nmetadata: {name: ${secret}}\nspec: {template: {spec: {containers: [${container}]}}}\n`;
  const root = folderWith({ 'envs/x.env': valid({ POSTAL_API_KEY: own }), 'desk.yaml': more + deployment });
  const line = ['check', 'x', '--envs', join(root, 'envs'), '--workloads', join(root, 'desk.yaml'), ...flags];
  const { stdout, stderr } = await run(line, host);
  for (const [code] of (stdout + stderr).matchAll(/[a-z]+-[a-z]+|collision/g)) codesSeen.add(code);
  expect(stdout + stderr).toMatch(/unknown-reference/);
  for (const canary of [own, pasted]) {
    expect(pieces(canary).filter((piece) => (stdout + stderr).includes(piece))).toEqual([]);
  }
});

it('new does not name the file that git would take', async () => {
  const name = randomUUID();
  const root = folderWith({ 'envs/x.env': valid({}) });
  git(root, 'init', '--quiet');
  for (const flags of [[], ['--json']]) {
    const env = { PATH: process.env['PATH'] };
    const { status, stdout, stderr } = await run(['new', name, '--envs', join(root, 'envs'), ...flags], { env });
    expect([status, stderr]).toEqual([1, expect.stringContaining('exposed-file')]);
    expect(pieces(name).filter((piece) => (stdout + stderr).includes(piece))).toEqual([]);
  }
});

it('has run into every problem there is', () => {
  expect(problemCodes.filter((code) => !codesSeen.has(code))).toEqual([]);
});

describe('a crash inside shows nothing of a secret', () => {
  afterEach(() => jest.resetModules());

  it.each([[{}], [{ DEBUG: '1' }]])('%j', async (env) => {
    const secret = canary();
    jest.resetModules();
    jest.doMock('../../lib/output/dist-files', () => ({
      createRenderer: () => {
        throw Object.assign(new TypeError(`cannot render ${secret}`, { cause: secret }), { value: secret });
      },
    }));
    const { main } = await import('../../main');
    const root = folderWith({ 'envs/x.env': valid({ POSTAL_API_KEY: secret }) });
    const { host, written } = captureHost({ env });
    for (const flags of [[], ['--json']]) {
      expect(
        await main(['synth', 'x', '--envs', join(root, 'envs'), '--out', join(root, 'dist'), ...flags], host),
      ).toBe(1);
    }
    expect(written.stderr).toContain('internal error: TypeError');
    expectNoLeak(written.stdout + written.stderr, [secret]);
    jest.dontMock('../../lib/output/dist-files');
  });
});

it('a crash inside repeats nothing of the command line', async () => {
  const actual = jest.requireActual<object>('../../lib/sources/environment-files');
  const secret = canary();
  jest.resetModules();
  jest.doMock('../../lib/sources/environment-files', () => {
    const crash = (path: string) => {
      // As Node says it, and with a line in it that looks like one of the stack.
      throw Object.assign(new TypeError(`cannot open '${path}'\n    at ${path} (${secret}:1:1)`), {
        path,
        cause: path,
      });
    };
    return { ...actual, knownEnvironments: crash, environmentFiles: crash };
  });
  try {
    const { main } = await import('../../main');
    const root = folderWith({ 'envs/x.env': valid({}) });
    for (const [name, line] of Object.entries(commands)) {
      for (const [where, args] of await mistaken(await line(root, []), secret)) {
        for (const flags of [[], ['--json']]) {
          const { host, written } = captureHost({ env: { DEBUG: '1', GITHUB_ACTIONS: 'true' } });
          await main(args.toSpliced(1, 0, ...flags), host);
          const shown = pieces(secret).filter((piece) => (written.stdout + written.stderr).includes(piece));
          expect({ name, where, flags, shown: shown.length }).toEqual({ name, where, flags, shown: 0 });
        }
      }
    }
  } finally {
    jest.dontMock('../../lib/sources/environment-files');
    jest.resetModules();
  }
});

it('a disk that fills up shows nothing of a secret, and leaves what was there', () => {
  const secret = canary();
  const root = folderWith({ 'envs/x.env': valid({ POSTAL_API_KEY: `${secret}${'a'.repeat(60_000)}` }) });
  const command = `ulimit -f 8; exec node -- launch.js synth x --envs '${root}/envs' --out '${root}/dist'`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
    cwd: copyProject(),
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining('not-written')]);
  expectNoLeak(stdout + stderr + writtenBesidesSecrets(join(root, 'dist')), [secret]);
});

it('finds what it looks for', () => {
  const secret = canary();
  for (const leak of [
    secret,
    secret.slice(3, 9),
    `x${Buffer.from(secret).toString('base64')}`,
    Buffer.from(`a${secret}`).toString('base64'),
    Buffer.from(`ab${secret}`).toString('base64'),
    encodeURIComponent(secret),
    JSON.stringify({ secret }),
  ]) {
    expect(() => expectNoLeak(leak, [secret])).toThrow();
  }
});
