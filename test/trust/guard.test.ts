import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { limits } from '../../lib/environment/limits';
import type { Problem } from '../../lib/environment/problem';
import { encrypted, keyPair } from '../age';
import { git } from '../git';
import { folderWith, type Run, run, validEnvironment } from '../run';

// SECURITY.md says what guard keeps out of git. Real git, as a user has it.

const home = folderWith({
  '.gitconfig': '[user]\nname=Nobody\nemail=nobody@example.com\n[init]\ndefaultBranch=main\n',
});
const env = { PATH: process.env['PATH'], HOME: home };
const before = process.cwd();
afterEach(() => process.chdir(before));

const secret = `s3cr3t/${randomBytes(15).toString('base64url')}"é+ %$`;
const plainSecret = randomBytes(20).toString('hex');
const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

/** As credentials of well-known kinds look, in pieces: nothing here is to look like one. */
const openAi = `sk-${'proj'}-${'Ab3dEf6hIj'.repeat(4)}`;
const elevenLabs = `sk${'_'}${'0f1e2d3c4b5a6978'.repeat(3)}`;
const github = `gh${'p'}_${'a1B2c3D4e5F6'.repeat(3)}`;

/** Beside values in code it would make a manifest of this file. */
const secretKind = ['Sec', 'ret'].join('');

const wideSecret = `${randomBytes(6).toString('hex')}€日😀${randomBytes(6).toString('hex')}`;

/** A text in UTF-16 without a mark of its order. */
function wide(text: string, isBigEndian: boolean, shift: number): Uint8Array {
  const bytes = Buffer.from(text, 'utf16le');
  return Buffer.concat([Buffer.from('x'.repeat(shift)), isBigEndian ? bytes.swap16() : bytes]);
}

const environment = validEnvironment('staging', {
  SUPPORT_TOKEN: `'${wideSecret}'`,
  POSTAL_API_KEY: `'${secret}'`,
  LOCATION_API_KEY: plainSecret,
  PARTNER_API_SECRET: `'${privateKey}'`,
  GEOCODES_API_KEY: 'short-one',
});

/** No secret, though it does not say so: everybody may read the demo. */
const demoValue = 'parcels-for-everybody';

type Files = Readonly<Record<string, string | Uint8Array>>;

function lay(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  }
}

/** A repository with an environment that holds secrets, one commit, and these files staged. */
function repository(staged: Files = {}, { commit = true } = {}): string {
  const folder = folderWith({
    '.gitignore': '*.env\n!*.config.env\n!demo.env\n*-secret-config-patch.yml\n',
    'envs/staging.env': environment,
    'envs/demo.env': readFileSync(join(__dirname, '../fixture/envs/demo.env'), 'utf8').replace(
      'fake-support-token',
      demoValue,
    ),
    'envs/demo.config.env': readFileSync(join(__dirname, '../fixture/envs/demo.config.env')),
  });
  git(folder, 'init', '--quiet');
  if (commit) {
    git(folder, 'add', '-A');
    git(folder, 'commit', '--quiet', '--message', 'Begin');
  }
  lay(folder, staged);
  if (Object.keys(staged).length > 0) git(folder, 'add', '--force', ...Object.keys(staged));
  return folder;
}

async function guard(folder: string, ...args: string[]): Promise<Run & { readonly problems: Problem[] }> {
  process.chdir(folder);
  const [text, json] = [
    await run(['guard', ...args], { env: { ...env, GITHUB_ACTIONS: 'true' } }),
    await run(['guard', '--json', ...args], { env }),
  ];
  process.chdir(before);
  const document = JSON.parse(json.stdout);
  expect(json.status).toBe(text.status);
  const written = `${text.stdout}${text.stderr}${json.stdout}${json.stderr}`;
  expect(leaked(written.replaceAll(folder, ''))).toEqual([]);
  return { ...text, problems: document.problems ?? [document.error] };
}

/** Six characters in a row of whatever is secret here. Only where: a failing test is not to print it. */
function leaked(text: string): number[] {
  return [secret, plainSecret, openAi, elevenLabs, github, privateKey.split('\n').slice(1, -2).join('')]
    .flatMap((each) => [each, Buffer.from(each).toString('base64'), encodeURIComponent(each)])
    .flatMap((each) => Array.from({ length: each.length - 5 }, (_, at) => each.slice(at, at + 6)))
    .flatMap((piece, at) => (text.includes(piece) ? [at] : []));
}

/** `<code> <variable> <file>:<line>` of each problem, what is not known left out. */
const places = (problems: readonly Problem[]) =>
  problems.map(({ code, variable, file, line }) =>
    [code, variable, file === undefined ? undefined : `${file}${line === undefined ? '' : `:${line}`}`]
      .filter((each) => each !== undefined)
      .join(' '),
  );

const binary = (text: string | Uint8Array) =>
  Buffer.concat([Buffer.from([0, 1, 2, 255]), Buffer.from(text), Buffer.from([0, 9])]);
const base64 = (text: string, shift = 0) => Buffer.from(`${'a'.repeat(shift)}${text}bc`).toString('base64');
const keyLine = privateKey.split('\n').at(-5) ?? '';

describe('a value of envs is found', () => {
  const postal = (place: string) => `exposed-file POSTAL_API_KEY ${place}`;

  it.each<[string, Files, string]>([
    ['as it is', { 'notes.md': `one\ntwo ${secret}\n` }, postal('notes.md:2')],
    ['in base64 in a binary file', { 'photo.png': binary(base64(secret)) }, postal('photo.png')],
    ...[0, 1, 2].map((shift): [string, Files, string] => [
      `in base64, shifted by ${shift}`,
      { a: `x: ${base64(secret, shift)}\n` },
      postal('a:1'),
    ]),
    ['in base64 of URLs', { a: Buffer.from(secret).toString('base64url') }, postal('a:1')],
    [
      'in base64 that is folded, with blanks at the ends of lines',
      { 'a.txt': `${base64(secret).replace(/.{20}/g, '$& \t\n')}\n` },
      postal('a.txt:1'),
    ],
    [
      'in base64 that is folded and indented',
      { 'a.yaml': `a\nb: |\n${base64(secret).replace(/.{20}/g, '$&\n').replace(/^/gm, '    ')}\n` },
      postal('a.yaml:3'),
    ],
    ['escaped for a URL', { a: `https://example.com/?q=${encodeURIComponent(secret)}\n` }, postal('a:1')],
    ['escaped for a form', { a: `q=${new URLSearchParams({ q: secret })}` }, postal('a:1')],
    ['escaped for JSON', { 'a.json': JSON.stringify({ a: 1, b: secret }, null, 1) }, postal('a.json:3')],
    ['in ASCII JSON', { a: JSON.stringify(secret).replace('é', '\\u00e9') }, postal('a:1')],
    ['in UTF-16', { a: Buffer.from(`\ufeffone\r\n${secret}\r\n`, 'utf16le') }, postal('a:2')],
    [
      'behind what is UTF-16, as two shells may write one file',
      { a: Buffer.concat([Buffer.from('\ufefflog\r\n', 'utf16le'), Buffer.from(`${plainSecret}\n`)]) },
      'exposed-file LOCATION_API_KEY a:2',
    ],
    [
      'in UTF-16 inside a binary file',
      { 'a.exe': binary(Buffer.from(plainSecret, 'utf16le')) },
      'exposed-file LOCATION_API_KEY a.exe',
    ],
    ...['utf16le', 'utf16be'].flatMap((order) =>
      [0, 1].map((shift): [string, Files, string] => [
        `in ${order} that does not say so, from byte ${shift} on, with characters that Latin-1 lacks`,
        { a: wide(`key: ${wideSecret}\n`, order === 'utf16be', shift) },
        'exposed-file SUPPORT_TOKEN a',
      ]),
    ),
    ...[9_000, 9_001].map((ahead): [string, Files, string] => [
      `in UTF-16 behind ${ahead} bytes of a text`,
      { a: wide(`key: ${wideSecret}\n`, false, ahead) },
      'exposed-file SUPPORT_TOKEN a',
    ]),
    [
      'behind a NUL that is far inside a text, by its line',
      { a: `${'one line\n'.repeat(2_000)}\0\n${secret}\n` },
      postal('a:2002'),
    ],
    ['behind CRLF', { a: `one\r\ntwo\r\n${secret}\r\n` }, postal('a:3')],
    ['in a file with blanks in its name', { 'my notes.txt': secret }, postal('my notes.txt:1')],
    ['in a folder', { 'a/b/c.txt': secret }, postal('a/b/c.txt:1')],
    ['far inside a large file', { a: `${'one line\n'.repeat(200_000)}${secret}\n` }, postal('a:200001')],
    ['over the edge of a piece of a large file', { a: `${'x'.repeat(1_048_570)}${secret}` }, postal('a:1')],
    ['a private key', { 'a.txt': `one\n${privateKey}` }, 'exposed-file PARTNER_API_SECRET a.txt:3'],
    ['a private key with CRLF', { a: privateKey.replaceAll('\n', '\r\n') }, 'exposed-file PARTNER_API_SECRET a:2'],
    ['one line of a private key', { a: `one\n  ${keyLine}\n` }, 'exposed-file PARTNER_API_SECRET a:2'],
    ['a private key in JSON', { a: JSON.stringify({ k: privateKey }) }, 'exposed-file PARTNER_API_SECRET a:1'],
    [
      'in the demo',
      { 'envs/demo.env': `SUPPORT_TOKEN=${plainSecret}\n` },
      'exposed-file LOCATION_API_KEY envs/demo.env:1',
    ],
    [
      'in the reviewed file',
      { 'envs/staging.config.env': `# old: ${plainSecret}\n` },
      'exposed-file LOCATION_API_KEY envs/staging.config.env:1',
    ],
  ])('%s', async (_what, files, place) => {
    const { status, problems } = await guard(repository(files));
    expect([status, ...places(problems)]).toEqual([1, place]);
  });

  it('of every environment and of a patch file, whatever layer wins', async () => {
    const patched = randomBytes(12).toString('hex');
    const folder = repository({ a: `${patched}\n${plainSecret}\n` });
    lay(folder, {
      'envs/prod.env': 'POSTAL_API_KEY=fake-winning-value\n',
      'envs/prod-secret-config-patch.yml': `apiVersion: v1\nkind: Secret\nmetadata: {name: depot-secrets}\nstringData: {LOCATION_API_KEY: "${patched}"}\n`,
    });
    expect(places((await guard(folder)).problems)).toEqual([
      'exposed-file LOCATION_API_KEY a:1',
      'exposed-file LOCATION_API_KEY a:2',
    ]);
  });

  it.each(['\n', '\r\n', '\r'])('with lines, whatever ends them there: %j', async (end) => {
    const lines = [randomBytes(9).toString('hex'), randomBytes(9).toString('hex'), ''];
    const value = lines.join('\r\n');
    const folder = repository({ a: `one\n${lines.join(end)}`, 'b.json': JSON.stringify({ key: lines.join(end) }) });
    lay(folder, {
      'envs/prod-secret-config-patch.yml': `apiVersion: v1\nkind: Secret\nmetadata: {name: depot-secrets}\nstringData: {LOCATION_API_KEY: ${JSON.stringify(value)}}\n`,
    });
    expect(places((await guard(folder)).problems)).toEqual([
      'exposed-file LOCATION_API_KEY a:2',
      'exposed-file LOCATION_API_KEY b.json:1',
    ]);
  });

  it('even where the env file can hardly be read', async () => {
    const folder = repository({ a: `one\n${openAi.slice(8)}\n` });
    writeFileSync(join(folder, 'envs/staging.env'), `POSTAL_API_KEY: ${openAi.slice(8)}\n`);
    expect(places((await guard(folder)).problems)).toEqual(['exposed-file a:2']);
  });

  it('in the name of a file, which is not said', async () => {
    for (const path of [`a/${plainSecret}.txt`, `${openAi}/b`]) {
      const { status, problems, stderr } = await guard(repository({ b: 'one', [path]: `two ${plainSecret}` }));
      expect(status).toBe(1);
      expect(problems.map(({ file }) => file)).toEqual([undefined, undefined]);
      expect(stderr).toMatch(/The name of file \d of git diff --cached --name-only/);
    }
  });

  it('in what a link leads to, and not in what is there', async () => {
    const folder = repository();
    writeFileSync(join(folder, 'envs/key.txt'), plainSecret);
    symlinkSync('envs/key.txt', join(folder, 'good'));
    symlinkSync(`/nowhere/${plainSecret}`, join(folder, 'bad'));
    git(folder, 'add', 'good', 'bad');
    expect(places((await guard(folder)).problems)).toEqual(['exposed-file LOCATION_API_KEY bad:1']);
  });
});

describe('nothing is wrong with', () => {
  const sentry = `https://${'0123456789abcdef'.repeat(2)}@o42.ingest.de.sentry.io/4501`;
  it.each<[string, Files]>([
    ['nothing', {}],
    ['a secret of fewer than 12 characters', { a: 'short-one\n' }],
    ['what the demo holds', { a: 'fake-partner-api-key and fake-postal-api-key\n' }],
    ['what a type allows or gives as an example', { a: 'production development example.com true\n' }],
    ['the public half of a key', { 'key.pub': publicKey, a: `${privateKey.split('\n')[2]}\n` }],
    ['a secret that a line break divides', { a: `${secret.slice(0, 10)}\n${secret.slice(10)}` }],
    [
      'fakes and templates',
      { '.env.example': `OPENAI_API_KEY=sk-proj-${'x'.repeat(30)}\nA=sk-proj-fake-${'0a'.repeat(20)}\nB=\${C}\n` },
    ],
    ['names of options', { a: 'npm_config_registry_of_a_company_of_ours\n' }],
    ['a database on this machine', { a: 'postgres://admin:correct-horse@localhost:5432/x postgres://u:p@db/x\n' }],
    [
      'a program that speaks of keys',
      { 'a.ts': `const start = '-----BEGIN ${'PRIVATE'} KEY-----';\npassword = read();\n` },
    ],
    [
      'a key that is a fake',
      {
        a: `-----BEGIN ${'PRIVATE'} KEY-----\n${Buffer.from('fake private key '.repeat(12)).toString('base64')}\n-----END ${'PRIVATE'} KEY-----\n`,
      },
    ],
    [
      'fakes in manifests that are cut into pieces',
      { 'a.txt': `{kind: ${secretKind}, stringData: {A: ${'long-'.repeat(200)}fake}}\n`.repeat(4_000) },
    ],
    [
      'image pull credentials of the demo',
      {
        'a.yaml': `kind: ${secretKind}\nstringData:\n  .dockerconfigjson: '{"auths":{"a.io":{"password":"fake-postal-api-key"}}}'\n`,
      },
    ],
    ['an env file of something else', { 'web/.env': 'PORT=3000\nTITLE=Parcels\n' }],
    [
      'an empty example',
      { 'envs/staging.env.example': 'POSTAL_API_KEY=\n# The key (a text; required)\nLOCATION_API_KEY= # none\n' },
    ],
    [
      'a Secret without values',
      { 'a.yaml': `kind: ${secretKind}\ndata: {}\n---\nkind: ${secretKind}\nstringData:\n  A: ""\n` },
    ],
    [
      'a Secret that is a template',
      {
        'a.yaml': `kind: ${secretKind}\nstringData:\n  A: \${A}\n  B: "{{ .Values.b }}"\n  C: ENC[AES256_GCM,data:x]\n`,
      },
    ],
    [
      'the DSN of a Sentry',
      Object.fromEntries(
        ['web/.env', 'envs/x.config.env', 'c.yaml'].map((name) => [
          name,
          `# ${sentry}\nDSN="${sentry}"\nOTHER=${sentry}\n`,
        ]),
      ),
    ],
    ['a Secret of fakes', { 'a.yaml': `data:\n  A: ${Buffer.from('fake-key').toString('base64')}\nkind: Secret\n` }],
    [
      'a ConfigMap and a SealedSecret',
      { 'a.yaml': 'kind: ConfigMap\ndata: {A: b}\n---\nkind: SealedSecret\nspec: {encryptedData: {A: b}}\n' },
    ],
  ])('%s', async (_what, files) => {
    const { status, stderr, stdout } = await guard(repository(files));
    const count = Object.keys(files).length;
    expect([status, stderr, stdout]).toEqual([
      0,
      '',
      `${count} staged file${count === 1 ? '' : 's'}: no secret found\n`,
    ]);
  });

  it('a file that is deleted, or a secret that is no longer staged', async () => {
    const folder = repository({ gone: plainSecret, a: plainSecret });
    git(folder, 'commit', '--quiet', '--message', 'Bad');
    git(folder, 'rm', '--quiet', 'gone');
    writeFileSync(join(folder, 'a'), 'clean\n');
    git(folder, 'add', 'a');
    writeFileSync(join(folder, 'a'), plainSecret); // only what is staged counts
    expect(await guard(folder)).toMatchObject({ status: 0, stdout: '1 staged file: no secret found\n' });
  });

  it('a submodule', async () => {
    const folder = repository();
    git(folder, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', folder, 'part');
    expect(await guard(folder)).toMatchObject({ status: 0, stdout: '1 staged file: no secret found\n' });
    expect(await guard(folder, '--all')).toMatchObject({ status: 0 });
    git(folder, 'mv', 'part', plainSecret);
    git(folder, 'config', '--file', '.gitmodules', 'submodule.part.ignore', 'all'); // in the working tree alone
    for (const args of [[], ['--all']]) expect(await guard(folder, ...args)).toMatchObject({ status: 1 });
    git(folder, 'commit', '--quiet', '--message', 'Bad');
    const { problems } = await guard(folder, '--range', 'HEAD~1..HEAD');
    expect(problems.map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^The name of file \d of git show/)]),
    );
  });
});

it('what this clone does not have is no more than looked for, and so an error', async () => {
  const folder = repository({ a: plainSecret });
  git(folder, 'commit', '--quiet', '--message', 'Bad');
  const object = git(folder, 'rev-parse', 'HEAD:a');
  rmSync(join(folder, '.git/objects', object.slice(0, 2), object.slice(2)));
  for (const args of [['--all'], ['--range', 'HEAD~1..HEAD']]) {
    const { status, stderr } = await guard(folder, ...args);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/is not in this clone|ended too soon/)]);
  }
});

it('nothing is wrong with what says in a path that it is none', async () => {
  const slack = `https://hooks.slack${'.com/services'}/T00000000/B00000000/${'X'.repeat(24)}`;
  const path = '/path/to/your/private/key/file/goes/in/here';
  const folder = repository({
    'a.md': `${slack}\n`,
    'x.env.example': `POSTAL_API_KEY=${path}\n`,
    'a.yaml': `kind: ${secretKind}\nstringData:\n  A: ${slack}\n  B: vault/secret/data${path}\n  C: |\n    vault/secret/data${path}\n  D: ${slack}?a=1\n  E: vault/secret/data/path/to/the/private/place/your-key\n`,
  });
  rmSync(join(folder, 'envs/staging.env'));
  expect((await guard(folder)).problems).toEqual([]);
});

it('a key behind a part of a path that is called so is one', async () => {
  const hook = `https://hooks.big.org/hooks/catch/123456/todo/${'0a1b2c3d'.repeat(4)}`;
  const folder = repository({ 'a.yaml': `kind: ${secretKind}\nstringData:\n  A: ${hook}\n` });
  rmSync(join(folder, 'envs/staging.env'));
  expect((await guard(folder)).problems).toHaveLength(1);
});

it('what synth may have written is to be taken out of git with its folder, which is never all there is', async () => {
  const manifest = `kind: ${secretKind}\nstringData:\n  A: real-one\n`;
  const folder = repository({
    'deploy/other.yaml': manifest,
    'deploy/x/parcel-desk.k8s.yaml': manifest,
    'parcel-desk.k8s.yaml': manifest,
  });
  expect((await guard(folder)).problems.map(({ hint }) => hint)).toEqual([
    expect.stringMatching(/^Remove it there, and git add the file again\. If it/),
    expect.stringMatching(
      /^Remove it there.*; or, if synth has written it, take.*: git rm -r --cached -- deploy\/x\. If it/,
    ),
    expect.stringMatching(/^Remove it there, and git add the file again\. If it/),
  ]);
});

describe('a git that is none finds nothing, and is not believed', () => {
  it.each([
    ['answers nothing', 'exit 0'],
    [
      'answers with other objects',
      'case "$*" in *cat-file*) echo "other blob 3"; echo abc;; *) exec "$real" "$@";; esac',
    ],
    [
      'answers without a size',
      'case "$*" in *cat-file*) while read o; do echo "$o blob x"; done;; *) exec "$real" "$@";; esac',
    ],
    [
      'has a folder of endless name',
      'case "$*" in *show-prefix*) head -c 9000 /dev/zero | tr "\\0" a;; *) exec "$real" "$@";; esac',
    ],
    ['names no commit', 'case "$*" in *HEAD*) echo none;; *) exec "$real" "$@";; esac'],
  ])('%s', async (_what, script) => {
    const folder = repository({ a: plainSecret });
    const real = spawnSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).stdout.trim();
    const bin = folderWith({ git: `#!/bin/sh\nreal='${real}'\n${script}\n` });
    chmodSync(join(bin, 'git'), 0o755);
    process.chdir(folder);
    const { status, stdout, stderr } = await run(['guard'], { env: { ...env, PATH: `${bin}:${env['PATH']}` } });
    process.chdir(before);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error\[tool\] /);
    expect(leaked(stderr)).toEqual([]);
  });
});

describe('what looks like a secret is found without one', () => {
  const shapes: readonly (readonly [string, Files, string])[] = [
    ["by secretlint's rules", { 'a.ts': `//\nconst key = '${github}';\n` }, 'exposed-file a.ts:2'],
    [
      'a password whose user, and database, are called like what is to be replaced',
      { a: `mysql${'://'}insert_svc:correct-horse@db.a.io/todo\n` },
      'exposed-file a:1',
    ],
    ["by this program's own", { 'a.ts': `//\nconst key = '${elevenLabs}';\n` }, 'exposed-file a.ts:2'],
    ['in a binary file', { 'a.sqlite': binary(elevenLabs) }, 'exposed-file a.sqlite'],
    ['in UTF-16 that does not say so', { a: wide(`key: ${elevenLabs}`, false, 0) }, 'exposed-file a'],
    ['a private key in JSON', { 'a.json': JSON.stringify({ key: privateKey }) }, 'exposed-file a.json:1'],
    ...[61_420, 65_516, 122_880, 126_956, 131_052].map((length): [string, Files, string] => [
      `far into a text, behind ${length} characters`,
      { a: `${'x '.repeat(length / 2)}\n'${github}'\n` },
      'exposed-file a:2',
    ]),
    ...['# ', '> ', '// ', ' * '].map((mark): [string, Files, string] => [
      `a private key behind ${mark}`,
      { a: `x\n${privateKey.replace(/^/gm, mark)}` },
      'exposed-file a:2',
    ]),
    [
      'a private key with fields',
      {
        a: `-----BEGIN PGP ${'PRIVATE'} KEY BLOCK-----\nVersion: GnuPG v2\nComment: x\n\n${privateKey.split('\n').slice(1).join('\n')}`,
      },
      'exposed-file a:1',
    ],
    [
      'a key of PuTTY',
      {
        a: `PuTTY-User${'-Key-File'}-3: ssh-rsa\nEncryption: none\nComment: x\nPublic-Lines: 6\n${privateKey.split('\n').slice(1).join('\n')}`,
      },
      'exposed-file a:1',
    ],
    ['credentials in a URL', { a: `postgres://admin:${'correct-horse'}9@db.parcels.io/x\n` }, 'exposed-file a:1'],
    [
      'a key in a comment',
      { 'envs/staging.config.env': `#\n#POSTAL_API_KEY=${openAi}\n` },
      'exposed-file envs/staging.config.env:2',
    ],
    [
      'a key behind a value',
      { 'envs/staging.config.env': `OFFICE=x # key ${openAi}\n` },
      'exposed-file envs/staging.config.env:1',
    ],
    [
      'a password in a comment',
      { 'a/b.config.env': `# POSTAL_API_KEY='${plainSecret.slice(20)}'\n` },
      'exposed-file POSTAL_API_KEY a/b.config.env:1',
    ],
    [
      'a filled-in example',
      { 'envs/staging.env.example': `A=\nPOSTAL_API_KEY=${plainSecret.slice(0, 11)}\n` },
      'exposed-file POSTAL_API_KEY envs/staging.env.example:2',
    ],
    [
      'a filled-in example of another layout',
      { 'k8/.env.k8s.prod.example': `POSTAL_API_KEY=${openAi}\n` },
      'exposed-file POSTAL_API_KEY k8/.env.k8s.prod.example:1',
    ],
    [
      'a real key in the demo',
      { 'envs/demo.env': `POSTAL_API_KEY=${elevenLabs}\n` },
      'exposed-file POSTAL_API_KEY envs/demo.env:1',
    ],
    [
      'an env file by its name',
      { 'envs/prod.env': validEnvironment('prod') },
      'exposed-file REGISTRY_TOKEN envs/prod.env:4',
    ],
    [
      'an env file elsewhere',
      { 'old/.env.k8s.prod': 'OFFICE=x\nPOSTAL_API_KEY=real-one\n' },
      'exposed-file POSTAL_API_KEY old/.env.k8s.prod:2',
    ],
    [
      'a patch by its name',
      { 'envs/prod-secret-config-patch.yml': `kind: ${secretKind}\nstringData: {A: fake}\n` },
      'exposed-file envs/prod-secret-config-patch.yml',
    ],
    [
      'the manifest of a Secret',
      { 'a.yaml': `kind: ${secretKind}\nmetadata: {name: x}\nstringData:\n  # one\n  A: real-one\n` },
      'exposed-file a.yaml:5',
    ],
    [
      'one whose value has a fake of the demo in it',
      {
        'envs/demo.env': 'POSTAL_API_KEY=postal\n',
        'a.yaml': `kind: ${secretKind}\nstringData:\n  A: postal\n---\nkind: ${secretKind}\nstringData:\n  A: real-postal-one\n`,
      },
      'exposed-file a.yaml:7',
    ],
    [
      'what was added to an encrypted file, behind what only looks like a secret',
      {
        'deploy/prod.env.age': `-----BEGIN AGE ENCRYPTED ${'FILE'}-----\nZmFr\n-----END AGE ENCRYPTED ${'FILE'}-----\nDSN=host=h password=hunter2hunter2\nPOSTAL_API_KEY=real-one-in-the-clear\n`,
      },
      'exposed-file POSTAL_API_KEY deploy/prod.env.age:5',
    ],
    [
      'one with data before its kind',
      { 'a.yml': `apiVersion: v1\ndata:\n  A: cmVhbC1vbmU=\nkind: "${secretKind}"\n` },
      'exposed-file a.yml:3',
    ],
    [
      'one over the edge of a piece of a large file',
      {
        'a.yaml': `${'# one line\n'.repeat(180_000)}---\ndata:\n  A: ${'ZmFr'.repeat(225_000)}\n  B: cmVhbC1vbmU=\nkind: ${secretKind}\n`,
      },
      'exposed-file a.yaml:180003',
    ],
    [
      'one of several documents',
      { 'a.yaml': `kind: ConfigMap\n---\nkind: ${secretKind}\nstringData: {A: real-one}\n` },
      'exposed-file a.yaml:4',
    ],
    [
      'one in JSON',
      { 'a.json': JSON.stringify({ data: { A: 'cmVhbC1vbmU=' }, kind: secretKind }) },
      'exposed-file a.json:1',
    ],
    [
      'one in a List',
      { 'a.yaml': `kind: List\nitems:\n- kind: ${secretKind}\n  data:\n    A: cmVhbC1vbmU=\n` },
      'exposed-file a.yaml:5',
    ],
    [
      'one in a document',
      { 'a.md': `# How\n\n\`\`\`yaml\nkind: ${secretKind}\ndata:\n  A: cmVhbC1vbmU=\n\`\`\`\n` },
      'exposed-file a.md:6',
    ],
    [
      'one in flow style in a script',
      { 'a.sh': `kubectl apply -f - <<< '{kind: ${secretKind}, stringData: {A: real-one}}'\n` },
      'exposed-file a.sh:1',
    ],
    [
      'one in a template',
      {
        'a.yaml': `{{- if .Values.x }}\nkind: ${secretKind}\nstringData:\n  A: {{ .Values.a }}\n  B: real-one\n{{- end }}\n`,
      },
      'exposed-file a.yaml:5',
    ],
    [
      'one on a line of JSON',
      { 'a.log': `first\n{"items":[${JSON.stringify({ kind: secretKind, data: { A: 'cmVhbC1vbmU=' } })}]}\n` },
      'exposed-file a.log:2',
    ],
    [
      'one in a command',
      {
        'a.sh': `echo '${JSON.stringify({ kind: secretKind, stringData: { A: 'real-one' } })}' | kubectl apply -f -\n`,
      },
      'exposed-file a.sh:1',
    ],
    [
      'one with a tag',
      { 'a.yaml': `kind: !!str ${secretKind}\nstringData:\n  A: real-one\n` },
      'exposed-file a.yaml:3',
    ],
    [
      'one with an alias',
      { 'a.yaml': `x: &a\n  A: real-one\nkind: ${secretKind}\nstringData: *a\n` },
      'exposed-file a.yaml:2',
    ],
    [
      'one with an alias, of many',
      {
        'a.yaml': `a: &common {b: c}\nx: &a\n  A: real-one\nlist:\n${'- {<<: *common, d: e}\n'.repeat(5_000)}kind: ${secretKind}\nstringData: {<<: *a}\n`,
      },
      'exposed-file a.yaml:3',
    ],
    [
      'one with an alias beside one that stands in itself',
      { 'a.yaml': `x: &c {A: real-one}\nkind: ${secretKind}\nmetadata: &a\n  <<: *a\n  name: x\nstringData: *c\n` },
      'exposed-file a.yaml:1',
    ],
    [
      'one with an alias that stands in itself',
      { 'a.yaml': `x: &x {<<: *x}\ny: *x\nkind: ${secretKind}\nstringData:\n  A: real-one\n` },
      'exposed-file a.yaml:5',
    ],
    [
      'one with old line ends',
      { 'a.yaml': `kind: ${secretKind}\rstringData:\r  A: real-one\r` },
      'exposed-file a.yaml:3',
    ],
    [
      'one with a block of text',
      { 'a.yaml': `stringData:\n  A: |\n    real\n    one\nkind: ${secretKind}\n` },
      'exposed-file a.yaml:2',
    ],
  ];

  it('in JSON with comments, which stands in a file of YAML too', async () => {
    const text = `{"kind": ${JSON.stringify(secretKind)},\n// one\n"data": {"A": "cmVhbC1vbmU="}}`;
    const { problems } = await guard(repository({ 'a.yaml': text, 'b.json': text }));
    expect(places(problems)).toContain('exposed-file b.json:3');
  });

  const nul = (text: string) => `\0${text}`;
  const littleEndian = (text: string) => wide(text, false, 0);
  const bigEndian = (text: string) => wide(text, true, 0);
  const marked = (text: string) => wide(`\ufeff${text}`, false, 0);
  const mixed = (text: string) => Buffer.concat([Buffer.from('\ufeff# one\n', 'utf16le'), Buffer.from(text)]);
  const manyBytes = (text: string) => `${'#\n'.repeat(5_000)}${text.split('').join('\0')}`;

  it.each([
    ['with a NUL', nul],
    ['in UTF-16 that does not say so', littleEndian],
    ['in UTF-16 of the other order', bigEndian],
    ['in UTF-16', marked],
    ['behind what is UTF-16', mixed],
    ['in UTF-16 behind many bytes', manyBytes],
  ])('by its name, %s', async (_what, write) => {
    const values = 'POSTAL_API_KEY=real-one\n';
    const folder = repository({
      'a/.env': write(values),
      'a/x.env.example': write(values),
      'a/x.config.env': write(`# POSTAL_API_KEY='${plainSecret.slice(20)}'\n`),
      'envs/demo.env': write(`POSTAL_API_KEY=${elevenLabs}\n`),
      'envs/prod-secret-config-patch.yml': write(`kind: ${secretKind}\n`),
      'envs/prod.env': write(values),
      'envs/qa.env.age': write(values),
      'm.yaml': write(`kind: ${secretKind}\nstringData: {A: real-one}\n`),
    });
    rmSync(join(folder, 'envs/staging.env'));
    const { problems } = await guard(folder);
    expect([...new Set(problems.map(({ file }) => file))]).toEqual(
      git(folder, 'diff', '--cached', '--name-only').split('\n'),
    );
  });

  it('of an encrypted file, also where the plain one stands beside it; and it says whose it cannot read', async () => {
    const [ours, theirs] = [await keyPair(), await keyPair()];
    const folder = repository({ 'a.txt': `x ${plainSecret}\n` });
    const sealed = await encrypted(`LOCATION_API_KEY=${plainSecret}\n`, ours.recipient);
    lay(folder, { 'envs/sealed.env.age': sealed, 'envs/theirs.env.age': await encrypted('A=b\n', theirs.recipient) });
    rmSync(join(folder, 'envs/staging.env'));
    const asked = async (AGE_IDENTITY?: string) => {
      process.chdir(folder);
      const { stdout, stderr } = await run(['guard'], { env: { ...env, ...(AGE_IDENTITY && { AGE_IDENTITY }) } });
      process.chdir(before);
      return [stdout, stderr.split('\n')[0]];
    };
    const found = ['', 'error[exposed-file] a.txt holds the value of LOCATION_API_KEY of sealed'];
    expect(await asked(ours.identity)).toEqual(found);
    lay(folder, { 'envs/sealed.env': '' });
    expect(await asked(ours.identity)).toEqual(found);
    process.chdir(folder);
    const { unread } = JSON.parse((await run(['guard', '--json'], { env })).stdout);
    process.chdir(before);
    expect(unread).toEqual(['envs/sealed.env.age', 'envs/theirs.env.age']);
    expect(await asked()).toEqual([
      '1 staged file: no secret found; secrets of envs/sealed.env.age and envs/theirs.env.age, which cannot be read here, were not looked for\n',
      '',
    ]);
  });

  it('and not in what an env file that is filled in half says, where it stands beside an encrypted one', async () => {
    const template =
      '# What the post is asked with\nPOSTAL_API_KEY=\n\n# See sealed.config.env, which is reviewed\nLOCATION_API_KEY=\n';
    const folder = repository({ 'readme.md': template, 'envs/sealed.config.env': '' });
    lay(folder, {
      'envs/sealed.env': template,
      'envs/sealed.env.age': await encrypted(template, (await keyPair()).recipient),
    });
    expect(await guard(folder, '--all')).toMatchObject({ status: 0, problems: [] });
  });

  it('and not in what is encrypted, whatever it was written by', async () => {
    const body = Buffer.from('POSTAL_API_KEY=real-one\n').toString('base64');
    const armored = `-----BEGIN AGE ENCRYPTED ${'FILE'}-----\n${body}\n-----END AGE ENCRYPTED ${'FILE'}-----\n`;
    const files = Object.fromEntries(
      [nul, littleEndian, bigEndian, marked, (text: string) => text].map((write, at) => [
        `envs/e${at}.env.age`,
        write(armored),
      ]),
    );
    const binaryFile = Buffer.concat([Buffer.from(`age-encryption.org/v1\n-> X25519 ${body}\n`), randomBytes(2_000)]);
    expect(await guard(repository({ ...files, 'envs/f.env.age': binaryFile }))).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  it.each(shapes)('%s', async (_what, files, place) => {
    const folder = repository(files);
    rmSync(join(folder, 'envs/staging.env')); // as in CI
    const { status, problems } = await guard(folder);
    expect([status, ...places(problems)]).toEqual([1, place]);
  });

  it('and let pass by the words for it, but for a value of envs', async () => {
    const folder = repository({
      a: `x = '${github}' // secretlint-disable-line\n`,
      b: `# secretlint-disable-next-line\ny = '${elevenLabs}'\n`,
      c: `${plainSecret} # secretlint-disable-line\n`,
      d: `'${github}'\n`,
    });
    expect(places((await guard(folder)).problems)).toEqual(['exposed-file LOCATION_API_KEY c:1', 'exposed-file d:1']);
  });
});

describe('what is looked at', () => {
  it('is what is staged, before the first commit too', async () => {
    const folder = repository({ a: plainSecret }, { commit: false });
    expect(places((await guard(folder)).problems)).toEqual(['exposed-file LOCATION_API_KEY a:1']);
  });

  it('is a renamed file as well, and not what is only in the working tree', async () => {
    const folder = repository({ a: `${'one\n'.repeat(100)}${plainSecret}` });
    git(folder, 'commit', '--quiet', '--message', 'Bad');
    expect(await guard(folder)).toMatchObject({ status: 0, stdout: '0 staged files: no secret found\n' });
    git(folder, 'mv', 'a', 'b');
    expect(places((await guard(folder)).problems)).toEqual(['exposed-file LOCATION_API_KEY b:101']);
  });

  it('is everything that git tracks with --all', async () => {
    const folder = repository({ a: plainSecret, 'c/b': plainSecret });
    git(folder, 'commit', '--quiet', '--message', 'Bad');
    expect(places((await guard(folder, '--all')).problems)).toEqual([
      'exposed-file LOCATION_API_KEY a:1',
      'exposed-file LOCATION_API_KEY c/b:1',
    ]);
  });

  it('is said with how it is taken out again: of a file that is for secrets, the whole file', async () => {
    const folder = repository({ 'a b.env': 'POSTAL_API_KEY=real-one\n', c: plainSecret });
    const hints = async (...args: string[]) => (await guard(folder, ...args)).problems.map(({ hint }) => hint);
    const rotate = 'If it was ever pushed, rotate the secret';
    const whole = `git rm --cached -- 'a b.env'. ${rotate}`;
    expect(await hints()).toEqual([whole, `Remove it there, and git add the file again. ${rotate}`]);
    git(folder, 'commit', '--quiet', '--message', 'Bad');
    expect(await hints('--all')).toEqual([whole, `Remove it there. ${rotate}`]);
    const inCommit = `Take it out of that commit (git rebase -i), not in a later one. ${rotate}`;
    expect(await hints('--range', 'HEAD~1..HEAD')).toEqual([inCommit, inCommit]);
  });

  it('is counted where it is clean, and where it is not, what must not be done with it is said', async () => {
    const folder = repository({ a: 'clean' });
    const told = async (...args: string[]) => {
      const { stdout, stderr } = await guard(folder, ...args);
      return stdout.trim() || stderr.trim().split('\n').at(-1);
    };
    const range = ['--range', 'HEAD~1..HEAD'];
    expect(await told()).toBe('1 staged file: no secret found');
    git(folder, 'commit', '--quiet', '--message', 'Good');
    expect(await told('--all')).toBe('4 tracked files: no secret found');
    expect(await told(...range)).toBe('1 commit with 1 changed file: no secret found');
    lay(folder, { a: plainSecret });
    git(folder, 'add', 'a');
    expect(await told()).toBe('guard: 1 error, not to be committed');
    git(folder, 'commit', '--quiet', '--message', 'Bad');
    expect(await told('--all')).toBe('guard: 1 error');
    expect(await told(...range)).toBe('guard: 1 error, not to be pushed');
  });

  it('is each name of one content by itself', async () => {
    const content = 'POSTAL_API_KEY=real-one-1\nSUPPORT_TOKEN=\n';
    const names = ['notes.txt', 'envs/qa-secret-config-patch.yml', 'other/qa-secret-config-patch.yml', 'x.env.example'];
    const folder = repository(Object.fromEntries(names.map((name) => [name, content])));
    expect(places((await guard(folder)).problems)).toEqual([
      'exposed-file POSTAL_API_KEY envs/qa-secret-config-patch.yml:1',
      'exposed-file POSTAL_API_KEY x.env.example:1',
    ]);
  });

  it('is a message in the encoding that its commit names', async () => {
    const folder = repository();
    lay(folder, { '.git/message': Buffer.from(`Add ${secret}`, 'latin1') });
    const file = join(folder, '.git/message');
    git(folder, '-c', 'i18n.commitEncoding=ISO-8859-1', 'commit', '--quiet', '--allow-empty', '--file', file);
    const { problems } = await guard(folder, '--range', 'HEAD~1..HEAD');
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The message of commit .* POSTAL_API_KEY/),
    ]);
  });

  it('is a message as UTF-8, whatever encoding its commit names', async () => {
    const folder = repository();
    git(folder, '-c', 'i18n.commitEncoding=UTF-16LE', 'commit', '--quiet', '--allow-empty', '--message', plainSecret);
    expect(git(folder, 'cat-file', 'commit', 'HEAD')).toMatch(/^encoding UTF-16LE$/m);
    expect((await guard(folder, '--range', 'HEAD~1..HEAD')).problems).toHaveLength(1);
  });

  it('is who made a commit, and the message of a signed tag that it merges, but no signature', async () => {
    const folder = repository();
    const [tree, parent] = ['HEAD^{tree}', 'HEAD'].map((each) => git(folder, 'rev-parse', each));
    const who = '<a@example.com> 1767225600 +0000';
    const commit = (...fields: string[]) => {
      const header = [`tree ${tree}`, `parent ${parent}`, ...fields, `committer A ${who}`];
      lay(folder, { '.git/commit': `${header.join('\n')}\n\nHarmless\n` });
      const made = git(folder, 'hash-object', '-t', 'commit', '-w', '--literally', join(folder, '.git/commit'));
      return guard(folder, '--range', `HEAD..${made}`);
    };
    expect(await commit(`author ${plainSecret} ${who}`)).toMatchObject({ status: 1 });
    const tag = `mergetag object ${parent}\n type commit\n tag v1\n tagger A ${who}\n \n A tag\n ${plainSecret}`;
    expect(await commit(`author A ${who}`, tag)).toMatchObject({ status: 1 });
    const signature = `gpgsig -----BEGIN PGP SIGNATURE-----\n \n ${plainSecret}\n -----END PGP SIGNATURE-----`;
    expect(await commit(`author A ${who}`, signature)).toMatchObject({ status: 0, stderr: '' });
  });

  it('is no message of more than it looks into, which is said', async () => {
    const folder = repository();
    lay(folder, { '.git/message': `${'a line\n'.repeat(limits.guardedBytes / 7 + 1)}${plainSecret}\n` });
    git(folder, 'commit', '--quiet', '--allow-empty', '--cleanup=verbatim', '--file', join(folder, '.git/message'));
    const { status, problems } = await guard(folder, '--range', 'HEAD~1..HEAD');
    expect([status, problems.map(({ severity, message }) => [severity, message])]).toEqual([
      0,
      [['warning', expect.stringMatching(/^The message of commit [0-9a-f]{12} is larger than 32 MiB/)]],
    ]);
  });

  it('is the manifest of a Secret in a message', async () => {
    const folder = repository();
    const message = `Deploy\n\nkind: ${secretKind}\nstringData:\n  a: real-one\n`;
    git(folder, 'commit', '--quiet', '--allow-empty', '--message', message);
    const { status, stderr } = await guard(folder, '--range', 'HEAD~1..HEAD');
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/The message of commit \w+ holds the manifest of a Secret with values/),
    ]);
  });

  it('is every commit of a range with --range: what it brings, and its message', async () => {
    const folder = repository();
    const commit = (message: string, files: Files) => {
      lay(folder, files);
      git(folder, 'add', '-A');
      git(folder, 'commit', '--quiet', '--allow-empty', '--message', message);
      return git(folder, 'rev-parse', '--short=12', 'HEAD');
    };
    const begin = git(folder, 'rev-parse', 'HEAD');
    git(folder, 'checkout', '--quiet', '-b', 'side');
    const added = commit('Add', { a: plainSecret });
    commit('Remove', { a: 'clean' });
    const told = commit(`Say\n\nThe key is ${plainSecret}`, {});
    git(folder, 'checkout', '--quiet', 'main');
    commit('Go on', { other: 'clean' });
    const outside = git(folder, 'rev-parse', 'HEAD');
    git(folder, 'merge', '--quiet', '--no-commit', 'side');
    const merged = commit('Merge', { merged: `one\n${plainSecret}` });

    const { status, problems } = await guard(folder, '--range', `${begin}..HEAD`);
    expect(status).toBe(1);
    expect(problems.map(({ file, line, message }) => [file, line, /\b[0-9a-f]{12}\b/.exec(message)?.[0]])).toEqual([
      [undefined, undefined, told],
      ['a', 1, added],
      ['merged', 2, merged],
    ]);
    expect((await guard(folder, '--range', `${begin}..${outside}`)).status).toBe(0);
    // As GitHub names what was before a new branch.
    expect((await guard(folder, '--range', `${'0'.repeat(40)}..HEAD`)).problems).toHaveLength(3);
  });

  it('is what others would fetch, and not what this repository shows in its place', async () => {
    const folder = repository({ a: plainSecret });
    git(folder, 'commit', '--quiet', '--message', 'Bad');
    const harmless = git(folder, 'hash-object', '-w', '.gitignore');
    git(folder, 'replace', git(folder, 'rev-parse', 'HEAD:a'), harmless);
    for (const args of [['--all'], ['--range', 'HEAD~1..HEAD']]) expect((await guard(folder, ...args)).status).toBe(1);
    const [begin, bad] = ['HEAD~1', 'HEAD'].map((each) => git(folder, 'rev-parse', each));
    git(folder, 'rm', '--quiet', 'a');
    git(folder, 'commit', '--quiet', '--message', 'Good');
    lay(folder, { '.git/info/grafts': `${git(folder, 'rev-parse', 'HEAD')} ${begin}\n` });
    const { problems } = await guard(folder, '--range', `${begin}..HEAD`);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(`commit ${bad?.slice(0, 12)}`)]);
  });

  it('is no range whose commits are not all there, as in a clone that goes no deeper than the last', async () => {
    const folder = repository({ a: openAi });
    git(folder, 'branch', 'main-of-old');
    git(folder, 'commit', '--quiet', '--message', 'Bad');
    git(folder, 'rm', '--quiet', 'a');
    for (const message of ['Good', 'Better']) git(folder, 'commit', '--quiet', '--allow-empty', '--message', message);
    const clone = (...depth: string[]) => {
      const to = join(folderWith(), 'clone');
      git(folder, 'clone', '--quiet', '--no-single-branch', ...depth, `file://${folder}`, to);
      return to;
    };
    const range = ['--range', 'origin/main-of-old..HEAD'];
    const { status, stderr } = await guard(clone('--depth=1'), ...range);
    expect([status, stderr]).toEqual([2, expect.stringContaining('fetch the whole history first')]);
    expect((await guard(clone('--depth=2'), '--range', 'HEAD~1..HEAD')).status).toBe(0);
    expect((await guard(clone(), ...range)).status).toBe(1);
  });

  it('is the first commit too, with a range from nothing', async () => {
    const folder = repository({ a: plainSecret }, { commit: false });
    git(folder, 'commit', '--quiet', '--message', 'Begin');
    const { problems } = await guard(folder, '--range', `${'0'.repeat(40)}..HEAD`);
    expect(places(problems)).toEqual(['exposed-file LOCATION_API_KEY a:1']);
  });

  it.each([
    ...['nonsense', '--all', 'HEAD', 'nowhere..HEAD', '-x..HEAD', 'a b..c', openAi],
    ...['0..--all', '0000...--output=made', '0..^HEAD', '0..HEAD..HEAD', '0..', '..'],
  ])('is no range, and is not repeated: %#', async (range) => {
    const folder = repository();
    const { status, stderr } = await guard(folder, `--range=${range}`);
    expect(existsSync(join(folder, 'made'))).toBe(false);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^error\[usage\] What follows --range is not a range/)]);
    expect(stderr).not.toContain(`${range}\n`);
  });

  it('takes one of the ways only', async () => {
    expect((await guard(repository(), '--all', '--range', 'A..B')).status).toBe(2);
  });

  it('passes over a file that is very large, and says so', async () => {
    const folder = repository({ large: Buffer.alloc(33 * 1024 * 1024), a: plainSecret });
    const { problems } = await guard(folder);
    expect(places(problems)).toEqual(['exposed-file LOCATION_API_KEY a:1', 'unreadable large']);
    git(folder, 'rm', '--quiet', '--cached', 'a');
    expect(await guard(folder)).toMatchObject({ status: 0, stderr: expect.stringContaining('larger than 32 MiB') });
  });

  it('has names that are no text or hold what drives a terminal', async () => {
    const folder = repository();
    const named = (name: Buffer) => {
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), plainSecret);
    };
    named(Buffer.from([0x66, 0xff, 0x22]));
    named(Buffer.from('a\n\u001b[31m"b'));
    git(folder, 'add', '-A');
    const { problems, stderr } = await guard(folder);
    expect(problems.map(({ file, message }) => [file, message.includes('\n')])).toEqual([
      ['a\ufffd\ufffd[31m"b', false],
      ['f\ufffd"', false],
    ]);
    expect(stderr).not.toContain('\u001b');
  });

  it('needs a folder that is there', async () => {
    const folder = repository();
    const { status, stderr } = await guard(folder, '--envs', 'secrets');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^error\[unreadable\] <--envs> is not there/)]);
    expect(await guard(folder, '--envs', join(folder, 'envs'))).toMatchObject({ status: 0 });
  });

  it('is said in full where an env file could not be read', async () => {
    const folder = repository({ a: 'one' });
    mkdirSync(join(folder, 'envs/prod.env'));
    const { status, stderr } = await guard(folder);
    expect([status, stderr]).toEqual([0, expect.stringContaining('warning[unreadable] envs/prod.env')]);
  });

  it('is the same for whoever configures git otherwise', async () => {
    const folder = repository({ 'sub/a': plainSecret, b: plainSecret });
    for (const setting of [
      'diff.relative',
      'diff.renames',
      'core.quotePath',
      'diff.noprefix',
      'status.relativePaths',
    ]) {
      git(folder, 'config', setting, 'true');
    }
    git(folder, 'config', 'diff.external', 'false');
    process.chdir(folder);
    expect(places((await guard(join(folder, 'sub'), '--envs', '../envs')).problems)).toEqual([
      'exposed-file LOCATION_API_KEY ../b:1',
      'exposed-file LOCATION_API_KEY a:1',
    ]);
  });
});

describe('without git', () => {
  it.each([
    ['there is none', { PATH: '/nowhere' }, 'git could not be started'],
    ['this is no repository', {}, 'There is no git repository here'],
  ])('says that %s', async (_what, changes, message) => {
    process.chdir(folderWith({ 'envs/x.env': environment }));
    const { status, stdout, stderr } = await run(['guard'], { env: { ...env, ...changes } });
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining(`error[tool] ${message}`)]);
  });
});

describe('--install-hook', () => {
  /** A stand-in for npm that runs nothing but tells in which folder and of which commit it was asked. */
  const npm = folderWith({
    npm: '#!/bin/sh\necho "$PWD $*" >> "$HOME/asked"\ngit diff --cached --name-only >> "$HOME/asked"\nexit "${NPM_STATUS:-0}"\n',
  });
  chmodSync(join(npm, 'npm'), 0o755);
  const asked = () => {
    const path = join(home, 'asked');
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    rmSync(path, { force: true });
    return text;
  };
  const withNpm = (status = '0') => ({ ...env, PATH: `${npm}:${env.PATH}`, NPM_STATUS: status });
  const commit = (folder: string, status?: string, ...args: string[]) =>
    spawnSync('git', ['-C', folder, 'commit', '--quiet', '--message', 'x', ...args], { env: withNpm(status) }).status;
  const program = { 'sub/launch.js': '', 'sub/package.json': '{"scripts": {"guard": "node -- launch.js guard"}}' };
  const hookOf = (folder: string) => join(folder, '.git/hooks/pre-commit');

  it('writes a hook that stops a commit, in a subfolder and in a worktree too', async () => {
    asked();
    const folder = repository({ ...program, a: 'one' });
    rmSync(join(folder, '.git/hooks'), { recursive: true });
    const installed = await guard(join(folder, 'sub'), '--install-hook');
    expect(installed).toMatchObject({
      status: 0,
      stdout: 'wrote ../.git/hooks/pre-commit: git runs guard before each commit\n',
    });
    expect(statSync(hookOf(folder)).mode & 0o777).toBe(0o755);
    expect(commit(folder, '1')).toBe(1);
    expect(commit(folder)).toBe(0);
    const path = join(folder, 'sub');
    const expected = `${path} run -s --if-present guard\na\nsub/launch.js\nsub/package.json\n`;
    expect(asked()).toBe(expected.repeat(2));
    git(folder, 'worktree', 'add', '--quiet', `${folder}-tree`);
    lay(`${folder}-tree`, { b: 'two' });
    git(`${folder}-tree`, 'add', 'b');
    expect(commit(`${folder}-tree`)).toBe(0);
    expect(asked()).toBe(`${folder}-tree/sub run -s --if-present guard\nb\n`);
    rmSync(`${folder}-tree`, { recursive: true });
    expect(await guard(path, '--install-hook')).toMatchObject({
      status: 0,
      stdout: '../.git/hooks/pre-commit runs guard already\n',
    });
  });

  it('lets branches pass that have no such folder, and says so, and where npm is missing', async () => {
    const folder = repository({ ...program, a: 'one' });
    await guard(join(folder, 'sub'), '--install-hook');
    const without = spawnSync(hookOf(folder), { cwd: folder, env: { PATH: '/nowhere' }, encoding: 'utf8' });
    expect([without.status, without.stderr]).toEqual([1, expect.stringContaining('guard did not run')]);
    const told = () => {
      const { status, stderr } = spawnSync('git', ['-C', folder, 'commit', '-q', '--allow-empty', '-m', 'x'], {
        env: withNpm(),
        encoding: 'utf8',
      });
      return [status, stderr];
    };
    expect(told()).toEqual([0, '']);
    lay(folder, { 'sub/package.json': '{}' }); // older than guard
    expect(told()).toEqual([0, 'guard is not in ./sub/ here, and did not look at this commit\n']);
    rmSync(join(folder, 'sub/launch.js'));
    expect(told()).toEqual([0, 'guard is not in ./sub/ here, and did not look at this commit\n']);
  });

  it.each<[string, (folder: string) => void, RegExp]>([
    [
      'a hook',
      (folder) => lay(folder, { '.git/hooks/pre-commit': '#!/bin/sh\n# npm run guard\n' }),
      /there is a pre-commit hook already.*Add this line to \.git\/hooks\/pre-commit: npm run -s --if-present guard \|\| exit 1/s,
    ],
    [
      'husky',
      (folder) => git(folder, 'config', 'core.hooksPath', '.husky/_'),
      /core\.hooksPath.*Add this line to \.husky\/pre-commit: npm/s,
    ],
    [
      'a hook that git does not run',
      (folder) => {
        lay(folder, { '.git/hooks/pre-commit': '#!/bin/sh\nnpm run guard\n' });
        chmodSync(hookOf(folder), 0o644);
      },
      /it is not executable\n {2}hint chmod \+x \.git\/hooks\/pre-commit/,
    ],
    [
      'a folder of hooks',
      (folder) => git(folder, 'config', 'core.hooksPath', 'tools/hooks'),
      /core\.hooksPath.*Add this line to tools\/hooks\/pre-commit: npm/s,
    ],
    [
      'a folder that a link leads to',
      (folder) => {
        rmSync(join(folder, '.git/hooks'), { recursive: true, force: true });
        symlinkSync(folderWith(), join(folder, '.git/hooks'));
      },
      /is a link to a folder of hooks.*Add this line to \.git\/hooks\/pre-commit: npm/s,
    ],
    [
      'a link to nothing',
      (folder) => {
        mkdirSync(join(folder, '.git/hooks'), { recursive: true });
        symlinkSync('/nowhere/x', hookOf(folder));
      },
      /could not be written: something else stands in its place/,
    ],
  ])('leaves %s of somebody alone, and says which line to add', async (_what, prepare, words) => {
    const folder = repository();
    prepare(folder);
    const hook = existsSync(hookOf(folder)) ? readFileSync(hookOf(folder), 'utf8') : undefined;
    const { status, stdout, stderr } = await guard(folder, '--install-hook');
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringMatching(words)]);
    expect(existsSync(hookOf(folder)) ? readFileSync(hookOf(folder), 'utf8') : undefined).toBe(hook);
    expect(git(folder, 'status', '--porcelain')).toBe('');
  });

  it('knows a folder of hooks from the configuration that the environment names, as the git that is to run them does', async () => {
    const folder = repository();
    const config = folderWith({ config: '[core]\n  hooksPath = /somewhere/hooks\n' });
    process.chdir(folder);
    const { status, stderr } = await run(['guard', '--install-hook'], {
      env: { ...env, GIT_CONFIG_GLOBAL: join(config, 'config') },
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining('core.hooksPath names a folder of hooks')]);
    expect(stderr).toContain('Add this line to /somewhere/hooks/pre-commit');
  });

  /** What is said of a hook of somebody's own with these lines. */
  async function saysOfHook(lines: string) {
    const folder = repository();
    lay(folder, { '.git/hooks/pre-commit': `#!/bin/sh\n${lines}\n` });
    chmodSync(hookOf(folder), 0o755);
    return guard(folder, '--install-hook');
  }

  it.each([
    'npm run type-guard',
    'echo "skip npm run guard"',
    'npm run guard || true',
    'npm run guard || exit 0',
    'npm run guard:fix',
    'npm run docs -- guard',
    'npm run guard || echo "never mind"',
    'npm run guard | tee log',
    'npm run guard; true',
    'npm run guard &',
    'if ! npm run guard; then echo no; fi',
    'message="npm run guard"',
    'printf "npm run guard"',
    'npm run guard && npm test || true',
    'npm run guard\nnpx lint-staged',
    'npm run guard\nexit 0',
    'npm run guard \\\n|| true',
    'npm run guard || exit 1 &',
    'npm run guard || { echo no; exit $?; }',
    'npm run guard || echo exit 1',
  ])('takes no hook for one that runs guard and stops a commit, since it says %s', async (lines) => {
    expect((await saysOfHook(lines)).stderr).toContain('there is a pre-commit hook already');
  });

  it.each([
    'npm run guard',
    'npx lint-staged || exit 1\nnpm run -s guard # last',
    'pnpm run --if-present guard || exit 1\nnpm test',
  ])('takes a hook for one that does where it says %s', async (lines) => {
    expect((await saysOfHook(lines)).stdout).toContain('runs guard already');
  });

  it('takes no hook of another folder of the repository for its own', async () => {
    const folder = repository({ 'app/package.json': '{}', 'apps/app/package.json': '{}' });
    lay(folder, { '.git/hooks/pre-commit': '#!/bin/sh\n(cd ./apps/app && npm run -s guard) || exit 1\n' });
    chmodSync(hookOf(folder), 0o755);
    const { status, stderr } = await guard(join(folder, 'app'), '--install-hook');
    expect([status, stderr]).toEqual([1, expect.stringContaining('(cd ./app/ && npm run')]);
    expect((await guard(join(folder, 'apps/app'), '--install-hook')).stdout).toContain('runs guard already');
  });

  it.each<[string, (path: string) => void]>([
    ['a pipe', (path) => spawnSync('mkfifo', [path])],
    ['an endless file', (path) => symlinkSync('/dev/zero', path)],
    ['a folder', (path) => mkdirSync(path)],
  ])('neither waits for nor reads %s in the place of the hook', async (_what, prepare) => {
    const folder = repository({});
    mkdirSync(join(folder, '.git/hooks'), { recursive: true });
    prepare(hookOf(folder));
    expect(await guard(folder, '--install-hook')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('there is a pre-commit hook already'),
    });
  });

  it('makes a folder of hooks that git can read, whatever the umask', async () => {
    const folder = repository({});
    rmSync(join(folder, '.git/hooks'), { recursive: true });
    const before = process.umask(0o777);
    try {
      expect(await guard(folder, '--install-hook')).toMatchObject({ status: 0 });
    } finally {
      process.umask(before);
    }
    expect(statSync(join(folder, '.git/hooks')).mode & 0o777).toBe(0o700);
  });

  it('leaves the hook of another folder of the same repository, and its line works there', async () => {
    const both = ['one', 'the two'].flatMap((of) =>
      Object.entries(program).map(([path, text]) => [path.replace('sub', of), text]),
    );
    const folder = repository(Object.fromEntries(both));
    await guard(join(folder, 'one'), '--install-hook');
    const { status, stderr } = await guard(join(folder, 'the two'), '--install-hook');
    const line = /Add this line to \S+: (.*)$/m.exec(stderr)?.[1] ?? '';
    expect([status, line]).toEqual([1, expect.stringContaining('the two')]);
    writeFileSync(hookOf(folder), `${readFileSync(hookOf(folder), 'utf8')}${line}\n`);
    asked();
    expect(commit(folder)).toBe(0);
    expect(asked()).toMatch(/one run.*the two\/? run/s);
    expect(await guard(join(folder, 'the two'), '--install-hook')).toMatchObject({ status: 0 });
  });
});

describe('in a hook', () => {
  /** Runs guard as git runs a hook, in this process: with all that git says of the commit. */
  async function inHook(folder: string, ...args: string[]): Promise<Run> {
    const told = join(folder, '.told');
    const common = git(folder, 'rev-parse', '--path-format=absolute', '--git-common-dir');
    // The commit waits for as long as the file that it waits for is not there.
    lay(common, {
      'hooks/pre-commit': `#!/bin/sh\n(pwd; env | grep ^GIT_) > '${told}.part'; mv '${told}.part' '${told}'\nwhile [ ! -e '${told}.done' ]; do sleep 0.05; done\nexit 1\n`,
    });
    chmodSync(join(common, 'hooks/pre-commit'), 0o755);
    const { spawn } = await import('node:child_process');
    const child = spawn('git', ['-C', folder, 'commit', '--quiet', '--message', 'x', ...args], {
      env,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    while (!existsSync(told)) await new Promise((resolve) => setTimeout(resolve, 20));
    const [cwd = '', ...lines] = readFileSync(told, 'utf8').trim().split('\n');
    process.chdir(existsSync(join(cwd, 'sub')) ? join(cwd, 'sub') : cwd);
    const said = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    const result = await run(['guard', '--envs', join(folder, 'envs')], { env: { ...env, ...said } });
    process.chdir(before);
    writeFileSync(`${told}.done`, '');
    await ended;
    return result;
  }

  it.each<[string, (folder: string) => string[], string]>([
    ['commit -a', () => ['-a'], '../changed:1'],
    ['commit of one file', () => ['changed'], '../changed:1'],
    [
      'commit of what is staged',
      (folder) => {
        git(folder, 'add', 'changed');
        return [];
      },
      '../changed:1',
    ],
  ])('it sees what a %s takes', async (_what, prepare, place) => {
    const folder = repository({ changed: 'one', 'sub/b': 'two', '.gitignore': '.told*\n*.env\n' });
    git(folder, 'commit', '--quiet', '--message', 'x');
    writeFileSync(join(folder, 'changed'), plainSecret);
    const args = prepare(folder);
    const { status, stderr } = await inHook(folder, ...args);
    expect([status, stderr]).toEqual([1, expect.stringContaining(place)]);
  });

  it('it does not see what a commit of another file leaves out', async () => {
    const folder = repository({ changed: 'one', other: 'two', '.gitignore': '.told*\n*.env\n' });
    git(folder, 'commit', '--quiet', '--message', 'x');
    lay(folder, { changed: plainSecret, other: 'three' });
    git(folder, 'add', 'changed');
    expect(await inHook(folder, 'other')).toMatchObject({ status: 0, stdout: '1 staged file: no secret found\n' });
  });

  it('it works in a linked worktree, whose repository git names', async () => {
    const folder = repository({ 'sub/b': 'two', '.gitignore': '.told*\n*.env\n' });
    git(folder, 'commit', '--quiet', '--message', 'x');
    const tree = join(folder, 'envs/tree');
    git(folder, 'worktree', 'add', '--quiet', tree);
    lay(tree, { 'sub/c': plainSecret, 'envs/staging.env': environment });
    git(tree, 'add', 'sub/c');
    const { status, stderr } = await inHook(tree);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/at {3}c:1$/m)]);
  });
});

it("nothing is wrong with this program's own files", async () => {
  const root = join(__dirname, '../..');
  const folder = folderWith();
  const own = ['lib', 'test', 'bench', 'README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'package-lock.json'];
  for (const name of own) cpSync(join(root, name), join(folder, name), { recursive: true });
  git(folder, 'init', '--quiet');
  git(folder, 'add', '-A');
  expect(await guard(folder)).toMatchObject({ status: 0, stderr: '' });
});
