import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { envLine } from '../../lib/report/env-line-text';
import { folderWith, run, validValues } from '../run';

// What a correct team does passes `synth --strict` without a word: every guard is also a way to be red without cause.

/** Random characters, the same in every run. */
function random(alphabet: string, length: number, seed: number): string {
  let state = seed;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return alphabet[Math.floor((state / 2_147_483_648) * alphabet.length)];
  }).join('');
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const alphanumeric = lower + lower.toUpperCase() + digits;
const hex = `${digits}abcdef`;
const shape = (...pieces: string[]) => pieces.join('');
const pem = (label: string) =>
  `-----BEGIN ${label}-----\n${random(`${alphanumeric}+/`, 64, 7)}\n${random(`${alphanumeric}+/`, 40, 8)}\n-----END ${label}-----\n`;
const serviceAccount = JSON.stringify({
  type: 'service_account',
  project_id: 'parcels',
  private_key: pem('PRIVATE KEY'),
  client_email: 'desk@parcels.example.com',
});
const uuid = [8, 4, 4, 4, 12].map((length, i) => random(hex, length, 20 + i)).join('-');

/** Values of one secret, each fit for an env file. */
const secrets: readonly (readonly [what: string, value: string])[] = [
  ['a key of OpenAI', shape('sk-', 'proj-', random(`${alphanumeric}_-`, 120, 1))],
  ['an older one', shape('sk-', random(alphanumeric, 48, 2))],
  ['a key of Cartesia', shape('sk_', 'car_', random(alphanumeric, 22, 3))],
  ['a key of Deepgram', random(hex, 40, 4)],
  ['letters and digits', random(alphanumeric, 43, 5)],
  ['a UUID', uuid],
  ['hexadecimal', random(hex, 64, 9)],
  ['base64', Buffer.from(random(alphanumeric, 32, 10)).toString('base64')],
  ['base64url', random(`${alphanumeric}_-`, 43, 11)],
  ['a bcrypt hash', shape('$2b$', '12$', random(`${alphanumeric}./`, 53, 12))],
  ['PEM', pem('PRIVATE KEY')],
  ['a service account', serviceAccount],
  ['a password with $', 'pa$$w0rd-of-$ome-length'],
  ['a password with braces', 'k{9}m(2)x[7]Lq%4@z'],
  ['a password with a backtick', 'k9`m2x7Lq4z'],
  ['a password with blanks inside', 'four words of nobody 4711'],
];

const token = (name: string) => createHash('sha256').update(name).digest('hex');

/** A complete environment: a line for each value, the secrets in the env file and the rest in the committed one. */
function environment(name: string, changes: Readonly<Record<string, string>> = {}) {
  const given = Object.entries({ ...validValues(name), DEP_MODE: name === 'prod' ? 'prod' : 'staging', ...changes });
  const isSecret = (variable: string) => /_(?:KEY|SECRET|TOKEN|CERTIFICATE)$/.test(variable);
  const lines = (entries: readonly (readonly [string, string])[]) =>
    entries.map(([variable, value]) => `${envLine(variable, value.replaceAll('${', '$${'))}\n`).join('');
  const own = given.map(([variable, value]): [string, string] => [
    variable,
    isSecret(variable) && !(variable in changes) ? token(`${name} ${variable}`) : value,
  ]);
  return {
    [`envs/${name}.env`]: lines(own.filter(([variable]) => isSecret(variable))),
    [`envs/${name}.config.env`]: lines(own.filter(([variable]) => !isSecret(variable))),
  };
}

const wordless = { status: 0, stderr: '' };

async function synth(files: Readonly<Record<string, string>>, args: readonly string[], env?: NodeJS.ProcessEnv) {
  const root = folderWith(files);
  const line = ['synth', ...args, '--strict', '--envs', join(root, 'envs'), '--out', join(root, 'dist')];
  const { status, stderr } = await run(line, { ...(env && { env }) });
  return { status, stderr };
}

it.each(secrets)('%s is taken from an env file', async (_what, value) => {
  expect(await synth(environment('prod', { POSTAL_API_KEY: value }), ['prod'])).toEqual(wordless);
});

it.each(secrets)('%s is taken from the process environment and from a patch', async (_what, value) => {
  const files = environment('prod');
  const opted = await synth(files, ['prod', '--from-env'], { POSTAL_API_KEY: value.replaceAll('${', '$${') });
  const patch = `apiVersion: v1\nkind: Secret\nmetadata: {name: depot-secrets}\nstringData:\n  POSTAL_API_KEY: ${JSON.stringify(value)}\n`;
  const patched = await synth({ ...files, 'envs/prod-secret-config-patch.yml': patch }, ['prod']);
  expect([opted, patched]).toEqual([wordless, wordless]);
});

it.each([
  ['a URL with an escape and a query', { PARTNER_URL: 'https://partner.example.com/caf%C3%A9?region=eu&tier=2' }],
  ['typographic quotes in a text', { ROUTES: '{"prompt":"Say “hello” to whoever calls – and don’t hang up…"}' }],
  ['a proper certificate', { KIOSK_CERTIFICATE: pem('CERTIFICATE') }],
  ['a version, a number and a port', { RELEASE: 'v12', DEPOT_THREADS: '8', METRICS_PORT: '9090' }],
])('%s is config like any other', async (_what, changes) => {
  expect(await synth(environment('prod', changes), ['prod'])).toEqual(wordless);
});

it('CI gives every secret, and leaves empty what is optional or stands in the committed file', async () => {
  const files = environment('prod');
  const secretLines = (files['envs/prod.env'] ?? '').trim().split('\n');
  const env = Object.fromEntries(secretLines.map((line) => line.split('=') as [string, string]));
  const { 'envs/prod.config.env': config = '' } = files;
  const given = { ...env, SUPPORT_TOKEN: '', LOG_FLOOR: '', OFFICE: '', RELEASE: '' };
  expect(await synth({ 'envs/prod.config.env': config }, ['prod', '--from-env'], given)).toEqual(wordless);
});

it('environments share a cluster, and what may be reused', async () => {
  const files = {
    ...environment('staging', { SUPPORT_TOKEN: token('help desk') }),
    ...environment('preview', { SUPPORT_TOKEN: token('help desk') }),
    ...environment('prod'),
  };
  expect(await synth(files, ['--all'])).toEqual(wordless);
});

it('backups and notes stand beside the files', async () => {
  const files = {
    ...environment('prod'),
    'envs/prod.env.bak': 'POSTAL_API_KEY=old\n',
    'envs/prod.env~': 'POSTAL_API_KEY=old\n',
    'envs/.prod.env.swp': '',
    'envs/README.md': 'Ask the team for the keys.\n',
    'envs/notes.txt': '',
  };
  expect(await synth(files, ['prod'])).toEqual(wordless);
});

it('the demo is a fake from end to end, with a throw-away certificate', async () => {
  const files = ['demo.config.env', 'demo.env'].map((name) => [
    `envs/${name}`,
    readFileSync(join(__dirname, '../fixture/envs', name), 'utf8'),
  ]);
  expect(await synth(Object.fromEntries(files), ['demo'])).toEqual(wordless);
});
