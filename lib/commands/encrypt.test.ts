import { spawnSync } from 'node:child_process';
import fs, {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { age, encrypted, identityFile, itWithAge, type KeyPair, keyPair } from '../../test/age';
import { catalog as parcelDesk } from '../../test/fixture/catalog';
import { git } from '../../test/git';
import { folderWith, run, validEnvironment, validValues } from '../../test/run';
import { limits } from '../environment/limits';

let ours: KeyPair;
let theirs: KeyPair;
beforeAll(async () => {
  [ours, theirs] = [await keyPair(), await keyPair()];
});

/** A place of env files, in which the commands are run by somebody with our identity. */
function place(files: Readonly<Record<string, string | Uint8Array>>) {
  const root = folderWith(Object.fromEntries(Object.entries(files).map(([name, text]) => [`envs/${name}`, text])));
  for (const name of ['envs', 'dist']) mkdirSync(join(root, name), { recursive: true });
  const envs = join(root, 'envs');
  return {
    root,
    envs,
    path: (name: string) => join(envs, name),
    text: (name: string) => readFileSync(join(envs, name), 'utf8'),
    async on(args: readonly string[], env: NodeJS.ProcessEnv = { AGE_IDENTITY: ours.identity }) {
      const { status, stdout, stderr } = await run([...args, '--envs', envs], {
        env: { PATH: process.env['PATH'], ...env },
      });
      return { status, stdout: stdout.replaceAll(`${root}/`, ''), stderr: stderr.replaceAll(`${root}/`, '') };
    },
  };
}

const lines = validEnvironment('x');
const manifests = (root: string) => readFileSync(join(root, 'dist/x/parcel-desk.k8s.yaml'), 'utf8');
const synth = (root: string) => ['synth', 'x', '--out', join(root, 'dist')];
const secrets = [...parcelDesk.variables.values()].filter(({ sensitive }) => sensitive).map(({ name }) => name);

describe('an encrypted env file', () => {
  it('stands for the plain one: the same bytes are written, and problems have its lines', async () => {
    const plain = place({ 'x.env': lines });
    expect(await plain.on(synth(plain.root))).toMatchObject({ status: 0 });
    const { root, on } = place({ 'x.env.age': await encrypted(lines, ours.recipient) });
    expect(await on(synth(root))).toMatchObject({ status: 0, stderr: '' });
    expect(manifests(root)).toBe(manifests(plain.root));

    const faulty = place({ 'x.env.age': await encrypted(`${lines}\nnonsense\n`, ours.recipient) });
    const line = lines.split('\n').length + 1;
    expect((await faulty.on(synth(faulty.root))).stderr).toContain(`at   envs/x.env.age:${line}\n`);
  });

  it('is not made of the demo, whose fakes everybody is to read', async () => {
    const { text, on } = place({ 'demo.env': 'A=fake\n', recipients: ours.recipient });
    expect(await on(['encrypt', 'demo'])).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error\[usage\] envs\/demo\.env holds obvious fakes.*nothing encrypted\n$/s),
    });
    expect((await on(['edit', 'demo'], { EDITOR: 'true' })).stderr).toContain('  hint Edit it as it is\n');
    expect(text('demo.env')).toBe('A=fake\n');
  });

  it('is not tried for minutes: neither for more recipients nor with more identities than anybody has', async () => {
    const many = place({
      'x.env.age': await encrypted(lines, ...Array.from({ length: limits.recipients + 1 }, () => ours.recipient)),
    });
    expect((await many.on(['check', 'x'])).stderr).toContain('is encrypted for more than 200 recipients');
    const long = `age-encryption.org/v1\n-> fake\n${`${'A'.repeat(64)}\n`.repeat(20_000)}\n-> X25519 fake\nA\n--- A\n`;
    const hidden = place({ 'x.env.age': long }); // behind what is looked at
    expect((await hidden.on(['check', 'x'])).stderr).toContain('is encrypted for more than 200 recipients');
    const few = place({ 'x.env.age': await encrypted(lines, ours.recipient) });
    const identities = `${theirs.identity}\n`.repeat(limits.decryptions + 1);
    const { status, stderr } = await few.on(['check', 'x'], { AGE_IDENTITY: identities });
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/there are 2001 identities here, too many to try on a file of so many recipients \(1\)/),
    ]);
    const nobodys = place({ 'x.env.age': `age-encryption.org/v1\n--- ${'A'.repeat(43)}\n${'x'.repeat(40)}` });
    expect((await nobodys.on(['check', 'x'], { AGE_IDENTITY: identities })).stderr).toContain(
      'too many to try on a file of so many recipients (0)',
    );
  });

  it('is decrypted for as many recipients as may be, behind blank lines, and as long as a file may be', async () => {
    const all = Array.from({ length: limits.recipients }, () => ours.recipient);
    const long = `${lines}# ${'x'.repeat(3.5 * 2 ** 20)}\n`;
    for (const text of [
      await encrypted(lines, ...all),
      `\n \n${await encrypted(lines, ours.recipient)}`,
      await encrypted(long, ours.recipient),
    ]) {
      const { on } = place({ 'x.env.age': text });
      expect((await on(['check', 'x'], { AGE_IDENTITY: ours.identity })).stderr).not.toContain('unreadable');
    }
  });

  it('is said to be for others, and not for SSH keys, where it is for nobody', async () => {
    const nobodys = place({ 'x.env.age': `age-encryption.org/v1\n--- ${'A'.repeat(43)}\n${'x'.repeat(40)}` });
    const { stderr } = await nobodys.on(['check', 'x'], { AGE_IDENTITY: ours.identity });
    expect([stderr, /SSH/.test(stderr)]).toEqual([expect.stringContaining('unreadable-secrets'), false]);
  });

  it('is decrypted in memory only', async () => {
    const { root, on } = place({ 'x.env.age': await encrypted(lines, ours.recipient) });
    await on(['check', 'x']);
    expect(readdirSync(root, { recursive: true }).sort()).toEqual(['dist', 'envs', 'envs/x.env.age']);
  });

  itWithAge('is read as the program age writes it, as bytes or as text', async () => {
    for (const form of [[], ['--armor']]) {
      const file = age([...form, '-r', theirs.recipient, '-r', ours.recipient], lines);
      const { root, on } = place({ 'x.env.age': file });
      expect(await on(synth(root))).toMatchObject({ status: 0, stderr: '' });
    }
  });

  it('is decrypted by what AGE_IDENTITY holds, what AGE_IDENTITY_FILE names, or a usual file', async () => {
    const { on } = place({ 'x.env.age': await encrypted(lines, ours.recipient) });
    const keys = `# ours\r\n\r\n${theirs.identity}\n${ours.identity}\n`;
    const home = folderWith({ '.config/age/keys.txt': keys });
    const sops = folderWith({ 'sops/age/keys.txt': keys });
    for (const env of [
      { AGE_IDENTITY: keys },
      { AGE_IDENTITY_FILE: identityFile(ours) },
      { HOME: home },
      { HOME: home, AGE_IDENTITY: '', AGE_IDENTITY_FILE: '' },
      { HOME: folderWith(), XDG_CONFIG_HOME: sops },
    ]) {
      expect([env, (await on(['check', 'x'], env)).status]).toEqual([env, 0]);
    }
    // What is said to be the one is the only one that counts.
    for (const env of [
      { HOME: home, AGE_IDENTITY: theirs.identity },
      { HOME: home, AGE_IDENTITY_FILE: identityFile(theirs) },
      { HOME: home, XDG_CONFIG_HOME: folderWith() },
    ]) {
      expect((await on(['check', 'x'], env)).status).toBe(1);
    }
  });

  it('is one problem where nobody here can decrypt it, and the rest is looked at', async () => {
    const config = 'LOG_FLOOR=loud\nOFFICE=a.example.com\n';
    const { on } = place({ 'x.env.age': await encrypted(lines, theirs.recipient), 'x.config.env': config });
    const { status, stdout } = await on(['check', 'x', '--json']);
    const [{ problems, variables }] = JSON.parse(stdout).environments;
    expect(status).toBe(1);
    expect(problems.map(({ code, file }: { code: string; file: string }) => [code, file])).toEqual([
      ['invalid-value', 'envs/x.config.env'],
      ['unreadable-secrets', 'envs/x.env.age'],
    ]);
    const statusOf = Object.fromEntries(
      variables.map((each: { name: string; status: string }) => [each.name, each.status]),
    );
    expect(statusOf).toMatchObject({ OFFICE: 'set', PRINT_ENABLED: 'default' });
    expect(Object.values(statusOf)).not.toContain('missing');
    expect(secrets.map((name) => statusOf[name])).toEqual(secrets.map(() => 'invalid'));
  });

  it('of others leaves everybody able to compare and to make environments', async () => {
    const { on, text } = place({
      'x.env.age': await encrypted(lines, theirs.recipient),
      'x.config.env': 'OFFICE=a.example.com\nPD_ENV=x\n',
      'y.env': validEnvironment('y', { OFFICE: 'b.example.com' }),
    });
    const compared = await on(['diff', 'x', 'y']);
    expect(compared.stdout).toMatch(/^OFFICE +different +a\.example\.com +b\.example\.com$/m);
    expect(compared.stdout).toMatch(/^POSTAL_API_KEY +not compared +\(invalid\) +\(secret\)$/m);
    expect(compared.status).toBe(1);
    expect((await on(['diff', 'x', 'y', '--strict'])).status).toBe(3);
    expect(await on(['new', 'fresh', '--from', 'x'])).toMatchObject({ status: 0 });
    expect(text('fresh.config.env')).toContain('OFFICE=a.example.com');
  });

  it('gets no line from new --top-up, which says what is to be added to it', async () => {
    const own = lines.replace(/^(?:POSTAL|LOCATION)_API_KEY=.*\n/gm, '');
    const files = { 'x.env.age': await encrypted(`${own}# LOCATION_API_KEY=\n`, ours.recipient), 'x.config.env': '' };
    const { on, envs } = place(files);
    const { status, stdout } = await on(['new', 'x', '--top-up']);
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('x: to be added by npm run edit -- x --envs envs\n\nPOSTAL_API_KEY — '),
    ]);
    expect(stdout.match(/^[A-Z_]+ — /gm)).toEqual(['POSTAL_API_KEY — ']); // of what needs a value and is not mentioned
    expect(readdirSync(envs).sort()).toEqual(['x.config.env', 'x.env.age']);
    const others = place({ ...files, 'x.env.age': await encrypted(own, theirs.recipient) });
    const blind = (await others.on(['new', 'x', '--top-up'])).stdout;
    expect(blind).not.toContain('npm run edit');
    expect(blind).toMatch(/what \S+x\.env\.age lacks is not known, since it cannot be decrypted here\n/);
    expect(readdirSync(others.envs).sort()).toEqual(['x.config.env', 'x.env.age']);
  });

  it('of another environment is not decrypted in passing', async () => {
    const { on } = place({
      'x.env': lines,
      'y.env.age': await encrypted(lines, theirs.recipient),
      'y.config.env': `POD_NAMESPACE=${validValues('x')['POD_NAMESPACE']}-y\n`,
    });
    expect(await on(['check', 'x'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('beside the plain one is a problem, not a guess', async () => {
    const files = { 'x.env': lines, 'x.env.age': await encrypted(lines, ours.recipient), recipients: ours.recipient };
    for (const command of ['check', 'encrypt', 'edit']) {
      const { status, stderr } = await place(files).on([command, 'x'], {
        AGE_IDENTITY: ours.identity,
        EDITOR: 'false',
      });
      expect([command, status, stderr]).toEqual([
        command,
        1,
        expect.stringContaining(
          [
            'error[unreadable-secrets] envs/x.env.age stands beside envs/x.env, and only one of the two can be right',
            '  at   envs/x.env.age',
            '  hint If nothing has changed since it was encrypted: rm envs/x.env. If envs/x.env is newer, and has all that it is to have: rm envs/x.env.age && npm run encrypt -- x',
          ].join('\n'),
        ),
      ]);
    }
  });

  it("beside that of the demo is to go: the demo's stays plain", async () => {
    const files = { 'demo.env': lines, 'demo.env.age': await encrypted(lines, ours.recipient) };
    const { stderr } = await place(files).on(['check', 'demo'], { AGE_IDENTITY: ours.identity });
    expect(stderr).toMatch(/If envs\/demo\.env is newer, and has all that it is to have: rm envs\/demo\.env\.age$/m);
  });

  it('is not looked at where --from-env-file stands in for it', async () => {
    const { root, on } = place({ 'x.env.age': 'nonsense' });
    const given = join(folderWith({ given: lines }), 'given');
    expect(await on([...synth(root), '--from-env-file', given])).toMatchObject({ status: 0, stderr: '' });
  });

  it('and a plain one that others may read is named there all the same', async () => {
    const { root, path, on } = place({ 'x.env': 'POSTAL_API_KEY=fake-old\n' });
    chmodSync(path('x.env'), 0o644);
    const given = join(folderWith({ given: lines }), 'given');
    const { status, stderr } = await on([...synth(root), '--from-env-file', given]);
    expect([status, stderr]).toEqual([0, expect.stringContaining('warning[open-permissions] envs/x.env')]);
  });

  it('makes npm run edit the place where a missing secret is set', async () => {
    const { on } = place({ 'x.env.age': await encrypted(lines.replace(/^POSTAL_API_KEY=.*\n/m, ''), ours.recipient) });
    expect((await on(['check', 'x'])).stderr).toContain(
      'hint Set it in envs/x.env.age: npm run edit -- x --envs envs\n',
    );
  });

  it('holds secrets that guard looks for, if somebody can decrypt it', async () => {
    const secret = 'fake-key-of-the-parcel-desk-9';
    const { root, on } = place({
      'x.env.age': await encrypted(validEnvironment('x', { POSTAL_API_KEY: secret }), ours.recipient),
    });
    git(root, 'init', '--quiet');
    git(root, 'add', '.');
    writeFileSync(join(root, 'notes.txt'), secret);
    git(root, 'add', '.');
    const before = process.cwd();
    process.chdir(root);
    try {
      expect((await on(['guard'])).stderr).toMatch(/notes\.txt holds the value of POSTAL_API_KEY of x/);
      expect(await on(['guard'], { AGE_IDENTITY: theirs.identity })).toMatchObject({ status: 0, stderr: '' });
      writeFileSync(join(root, 'envs/y.env.age'), validEnvironment('y', { POSTAL_API_KEY: '4f7c1be02d9a88e3' }));
      git(root, 'add', '.');
      const inClear = await on(['guard'], { AGE_IDENTITY: theirs.identity });
      expect(inClear.stderr).toContain('envs/y.env.age is not encrypted, and holds secrets');
      // Nor what was added to one that is, in either of its forms.
      const added = 'POSTAL_API_KEY=4f7c1be02d9a88e3\n';
      const forms = [Buffer.from(await encrypted('A=b', ours.recipient)), await bytesFor('A=b', ours.recipient)];
      for (const [at, form] of forms.entries()) {
        // The end of bytes is no end of a line.
        const between = at === 0 ? '\n' : '';
        writeFileSync(join(root, 'envs/y.env.age'), Buffer.concat([form, Buffer.from(`${between}${added}`)]));
        writeFileSync(join(root, 'envs/y.config.env'), 'OFFICE=a-4f7c1be02d9a88e3.example.com\n');
        git(root, 'add', '--force', '.');
        expect((await on(['guard'])).stderr).toContain('envs/y.env.age is not encrypted as a whole, and holds secrets');
        expect((await on(['check', 'y'])).stderr).toMatch(/misplaced-secret\] OFFICE/);
      }
    } finally {
      process.chdir(before);
    }
  });

  it.each<[what: string, make: () => Promise<[file: string | Uint8Array, env: () => NodeJS.ProcessEnv]>, says: RegExp]>(
    [
      [
        'no identity is here',
        async () => [await encrypted('', ours.recipient), () => ({ HOME: '/nowhere' })],
        /is encrypted, and there is no age identity here.*hint Put yours in ~\/\.config\/age\/keys\.txt/s,
      ],
      [
        'the identity is not one of its recipients’',
        async () => [await encrypted('', theirs.recipient), own],
        /encrypted for others.*hint Somebody who can decrypt it has to add your public key.*npm run encrypt -- x/s,
      ],
      [
        'its text is cut off',
        async () => [(await encrypted('A=b', ours.recipient)).slice(0, -50), own],
        /altered or cut off.*git checkout HEAD -- envs\/x\.env\.age/s,
      ],
      [
        'its bytes are cut off',
        async () => [(await bytesFor('A=b', ours.recipient)).subarray(0, -3), own],
        /altered or cut off/,
      ],
      [
        'a bit of its last byte is flipped',
        async () => [flipped(await bytesFor('A=b', ours.recipient)), own],
        /altered or cut off/,
      ],
      [
        'two sides of a merge stand in it',
        async () => [`-----BEGIN AGE ENCRYPTED FILE-----\n<<<<<<< HEAD\nA\n=======\nB\n>>>>>>> b\n`, own],
        /holds a merge conflict.*git checkout --theirs -- envs\/x\.env\.age/s,
      ],
      ['it is plain text', async () => [lines, own], /is not encrypted by age.*mv -i envs\/x\.env\.age envs\/x\.env/s],
      ['it is empty', async () => ['', own], /is not encrypted by age/],
      [
        'a passphrase encrypts it',
        async () => [await byPassphrase(), own],
        /by a passphrase.*age -d envs\/x\.env\.age > envs\/x\.env/s,
      ],
      ['it is for SSH keys', async () => [forSsh, own], /SSH keys only.*age-keygen makes a key/s],
      [
        'the identity is an SSH key',
        async () => [
          await encrypted('', ours.recipient),
          () => ({ AGE_IDENTITY: `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----\nRkFLRQ==\n` }),
        ],
        /AGE_IDENTITY holds an SSH key.*age-keygen makes one/s,
      ],
      [
        'the identity is a public key',
        async () => [await encrypted('', ours.recipient), () => ({ AGE_IDENTITY: ours.recipient })],
        /AGE_IDENTITY holds a public key/,
      ],
      [
        'the identity is of a plugin',
        async () => [await encrypted('', ours.recipient), () => ({ AGE_IDENTITY: 'AGE-PLUGIN-FAKE-1FAKE' })],
        /identity of a plugin/,
      ],
      [
        'the identity is encrypted itself',
        async () => [
          await encrypted('', ours.recipient),
          () => ({ AGE_IDENTITY_FILE: join(folderWith({ key: 'age-encryption.org/v1\n' }), 'key') }),
        ],
        /the file of AGE_IDENTITY_FILE is itself encrypted.*AGE_IDENTITY="\$\(age -d/s,
      ],
      [
        'the identity is mistyped',
        async () => [await encrypted('', ours.recipient), () => ({ AGE_IDENTITY: ours.identity.slice(0, -1) })],
        /cannot be decrypted: AGE_IDENTITY holds an identity that was mistyped or cut off/,
      ],
      [
        'the file of the identity is not there',
        async () => [await encrypted('', ours.recipient), () => ({ AGE_IDENTITY_FILE: ours.identity })],
        /the file of AGE_IDENTITY_FILE is not there.*a key itself goes into AGE_IDENTITY/s,
      ],
      [
        'the identity is nothing of the sort',
        async () => [await encrypted('', ours.recipient), () => ({ AGE_IDENTITY: '# nothing' })],
        /AGE_IDENTITY holds no identity/,
      ],
    ],
  )('says so where %s', async (_what, make, says) => {
    const [file, env] = await make();
    const { on } = place({ 'x.env.age': file });
    const { status, stderr } = await on(synth('/nowhere'), env());
    expect([status, stderr]).toEqual([1, expect.stringMatching(says)]);
    expect(stderr).toMatch(/^error\[unreadable-secrets\] envs\/x\.env\.age .*\n {2}at {3}envs\/x\.env\.age\n/);
    expect(stderr).toMatch(/\nx: 1 error, nothing written\n$/);
    for (const text of [ours, theirs].flatMap(Object.values)) expect(stderr).not.toContain(text.slice(4, 20));
  });
});

const own = () => ({ AGE_IDENTITY: ours.identity });
/** The head of a file that age -R ~/.ssh/id_ed25519.pub makes. */
const forSsh = `age-encryption.org/v1\n-> ssh-ed25519 RkFLRQ ${'RkFL'.repeat(10)}RkE\n${'RkFL'.repeat(10)}RkE\n--- ${'RkFL'.repeat(10)}RkE\n${'fake'.repeat(10)}`;

async function bytesFor(text: string, recipient: string): Promise<Uint8Array> {
  const { armor } = await import('age-encryption');
  return armor.decode(await encrypted(text, recipient));
}

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1);
}

async function byPassphrase(): Promise<Uint8Array> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(2);
  encrypter.setPassphrase('fake passphrase');
  return encrypter.encrypt('A=b');
}

describe('encrypt', () => {
  it('makes the file from the plain one, which can go then', async () => {
    const { root, on, path } = place({ 'x.env': lines, recipients: `[x]\n${ours.recipient} # us\n` });
    expect(await on(['encrypt', 'x'])).toEqual({
      status: 0,
      stderr: '',
      stdout:
        'x: encrypted envs/x.env to envs/x.env.age for 1 recipient\n\n' +
        'The plain file can go now, and has to before anything else is done:\n  rm envs/x.env\n',
    });
    rmSync(path('x.env'));
    expect(await on(synth(root))).toMatchObject({ status: 0, stderr: '' });
  });

  it('says that the plain one should stay for now if nobody here can decrypt the other', async () => {
    const { on } = place({ 'x.env': lines, recipients: theirs.recipient });
    const { stdout } = await on(['encrypt', 'x']);
    expect(stdout).toContain('No identity here decrypts it. Keep envs/x.env until one of its recipients has tried');
    expect(stdout).not.toMatch(/^ *rm /m);
  });

  itWithAge('makes what the program age reads, to the byte', async () => {
    const odd = 'A="ä\r\n"\n# no newline at the end';
    const { on, path } = place({ 'x.env': odd, recipients: `${ours.recipient}\n${theirs.recipient}\n` });
    await on(['encrypt', 'x']);
    for (const pair of [ours, theirs]) {
      expect(age(['-d', '-i', identityFile(pair), path('x.env.age')], '').toString()).toBe(odd);
    }
  });

  it.each([
    ['[other]', 'Remove it with the lines below it, or correct the name'],
    ['[xx]', 'Did you mean x?'],
    ['[x other]', 'Remove it with the lines below it, or correct the name'],
  ])('warns of a section that names an environment which is not there: %s', async (section, hint) => {
    const recipients = `${ours.recipient}\n${section}\n${theirs.recipient}\n`;
    const { on, path } = place({ 'x.env': lines, recipients });
    const { status, stdout, stderr } = await on(['encrypt', 'x']);
    expect([status, stderr]).toEqual([
      0,
      `warning[unknown-environment] This line names an environment that has no file here: the keys below it decrypt nothing\n  at   envs/recipients:2\n  hint ${hint}\n\n`,
    ]);
    expect(stdout).toContain(`for ${section === '[x other]' ? '2 recipients' : '1 recipient'}`);
    expect(existsSync(path('x.env.age'))).toBe(true);
  });

  it('makes it anew when the recipients have changed', async () => {
    const { on } = place({
      'x.env.age': await encrypted(lines, ours.recipient),
      'y.env': lines,
      recipients: `${ours.recipient}\n[x]\n${theirs.recipient}\n`,
    });
    const others = { AGE_IDENTITY: theirs.identity };
    expect((await on(['check', 'x'], others)).status).toBe(1);
    // Of all environments those that are encrypted already.
    expect(await on(['encrypt', '--all'])).toEqual({
      status: 0,
      stderr: '',
      stdout: 'x: encrypted envs/x.env.age anew for 2 recipients\n',
    });
    expect((await on(['check', 'x'], others)).status).toBe(0);
  });

  it('keeps the file as it was if its text cannot be encrypted', async () => {
    const file = await encrypted(lines, ours.recipient);
    for (const [recipients, says] of [
      ['', /envs\/recipients names nobody who can decrypt x.*Write below a line \[x\]/s],
      [`[y]\n${ours.recipient}\n`, /names nobody who can decrypt x/],
      [`ssh-ed25519 ${'A'.repeat(60)}\n`, /invalid-value\] This line is an SSH key.*recipients:1.*age-keygen/s],
      [`\n${ours.identity}\n`, /This line is a private key, and this file is committed.*recipients:2/s],
      [`${ours.recipient.slice(0, -1)}\n`, /This public key was mistyped.*recipients:1/s],
      ['[X]\n', /This line names no environment.*recipients:1/s],
      [
        Array.from({ length: limits.recipients + 1 }, (_, i) => `age1${'q'.repeat(i + 1)}\n`).join(''),
        /names more than 200 recipients of x.*Give groups a key of their own/s,
      ],
      ['somebody\n', /This line is neither a public key of age nor a heading.*recipients:1/s],
    ] as const) {
      const { on, text } = place({ 'x.env.age': file, recipients });
      const { status, stderr } = await on(['encrypt', 'x']);
      expect([status, stderr]).toEqual([1, expect.stringMatching(says)]);
      expect(stderr).not.toContain(ours.identity.slice(15, 30));
      expect(stderr).toMatch(/\nx: 1 error(?: and 1 warning)?, nothing encrypted\n$/);
      expect(text('x.env.age')).toBe(file);
    }
  });

  it.each([
    ['no text', Buffer.from([0xff, 0xfe, 0xfd]), /unreadable\] envs\/x\.env /],
    ['a merge', '<<<<<<< HEAD\nA=b\n=======\nA=c\n>>>>>>> main\n', /unreadable\] envs\/x\.env holds a merge conflict/],
    ['encrypted already', 'age-encryption.org/v1\n-> X25519 fake\n', /unreadable\] envs\/x\.env is encrypted by age/],
  ])('does not encrypt what is %s', async (_what, content, says) => {
    const { on, path } = place({ 'x.env': content, recipients: ours.recipient });
    expect(await on(['encrypt', 'x'])).toMatchObject({ status: 1, stderr: expect.stringMatching(says) });
    expect(existsSync(path('x.env.age'))).toBe(false);
  });

  describe('where somebody else changes something meanwhile', () => {
    /** Does something right before the new file is put in its place, or when it is about to be written. */
    async function whileEncrypting(
      files: Readonly<Record<string, string | Uint8Array>>,
      step: 'openSync' | 'renameSync',
      act: (at: ReturnType<typeof place>) => void,
    ) {
      const at = place({ recipients: ours.recipient, ...files });
      const original = fs[step] as (...args: unknown[]) => unknown;
      const spy = jest.spyOn(fs, step).mockImplementation(((path: unknown, ...rest: unknown[]) => {
        if (String(path).includes('/.x.env.age.')) act(at);
        return original(path, ...rest);
      }) as never);
      try {
        return { ...at, result: await at.on(['encrypt', 'x']) };
      } finally {
        spy.mockRestore();
      }
    }
    const meanwhile = 'was changed by somebody else meanwhile, and stays as it is now';

    it('an encrypted file stays what it is by then', async () => {
      const [before, other] = [await encrypted(lines, ours.recipient), await encrypted('A=b\n', ours.recipient)];
      const { result, text } = await whileEncrypting({ 'x.env.age': before }, 'openSync', ({ path }) =>
        writeFileSync(path('x.env.age'), other),
      );
      expect(result).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringContaining(`x.env.age ${meanwhile}`),
      });
      expect(text('x.env.age')).toBe(`${other}`);
    });

    it.each([
      ['the plain file', 'x.env', 'A=b\n'],
      ['the encrypted one is there by then', 'x.env.age', 'of somebody else'],
    ])('nothing is encrypted: %s', async (_what, name, text) => {
      const { result, path, envs } = await whileEncrypting({ 'x.env': lines }, 'openSync', ({ path: to }) =>
        writeFileSync(to(name), text),
      );
      expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining(`/${name} ${meanwhile}`) });
      expect(readFileSync(path(name), 'utf8')).toBe(text);
      expect(readdirSync(envs).sort()).toEqual(['recipients', ...new Set(['x.env', name])].sort());
    });

    it('a plain file that has something newer is not called ready to go', async () => {
      const { result, text } = await whileEncrypting({ 'x.env': lines }, 'renameSync', ({ path }) =>
        writeFileSync(path('x.env'), 'A=b\n'),
      );
      expect(result).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining(`x.env ${meanwhile}`) });
      expect(result.stderr).toContain(
        'envs/x.env.age holds what was there before. Remove it, and run this again: rm envs/x.env.age',
      );
      expect(result.stderr).not.toContain('nothing encrypted');
      expect(text('x.env')).toBe('A=b\n');
    });
  });

  it('repeats no name of an environment that is not there', async () => {
    const { on } = place({ 'y.config.env': '' });
    const { status, stderr } = await on(['encrypt', 'unheard-of']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('Argument 1 names no environment with a file of secrets'),
    ]);
    expect(stderr).not.toContain('unheard-of');
    expect((await on(['encrypt', '--all'])).status).toBe(2);
  });

  it('says the same in JSON', async () => {
    const { on } = place({ 'x.env': lines, recipients: ours.recipient });
    expect(JSON.parse((await on(['encrypt', 'x', '--json'])).stdout)).toEqual({
      environments: [{ name: 'x', ok: true, problems: [], variables: [], file: expect.stringContaining('x.env.age') }],
    });
  });
});

/** What the library makes of an encrypted text. */
async function decryptedBy({ identity }: KeyPair, text: string): Promise<Buffer> {
  const { armor, Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return Buffer.from(await decrypter.decrypt(armor.decode(text)));
}

describe('edit', () => {
  /** An editor that is a script. */
  const editor = (script: string) => {
    const folder = folderWith({ editor: `#!/bin/sh\n${script}\n` });
    chmodSync(join(folder, 'editor'), 0o755);
    return join(folder, 'editor');
  };
  /** What an editor with this script, run on x, leaves. */
  async function edit(script: string, { text = lines, recipients = ours.recipient } = {}) {
    const runtime = folderWith();
    const seen = join(folderWith(), 'seen');
    const { on, path, text: content } = place({ 'x.env.age': await encrypted(text, ours.recipient), recipients });
    const before = content('x.env.age');
    const command = editor(script.replaceAll('SEEN', seen));
    const result = await on(['edit', 'x'], {
      AGE_IDENTITY: ours.identity,
      XDG_RUNTIME_DIR: runtime,
      EDITOR: `${command} --wait`,
    });
    const { readAgeFile } = await import('../sources/age-file');
    const after = await readAgeFile(path('x.env.age'), 'x', { AGE_IDENTITY: ours.identity });
    const [file = ''] = existsSync(seen) ? readFileSync(seen, 'utf8').split('\n') : [];
    return {
      ...result,
      after,
      isChanged: content('x.env.age') !== before,
      seen: () => readFileSync(seen, 'utf8'),
      file,
    };
  }

  it('opens the decrypted text, encrypts what is saved, and leaves nothing behind', async () => {
    const change = 's/^LOG_FLOOR=.*//; $ a LOG_FLOOR=error';
    const script = `test "$1" = --wait || exit 9\nls -ld "$2" "$(dirname "$2")" | cut -c1-10 > SEEN\necho "$2" >> SEEN\nenv >> SEEN\ncat "$2" >> SEEN\nsed -i '${change}' "$2"\ntouch "$2~"`;
    const { status, stdout, after, seen, stderr } = await edit(script);
    expect([status, stdout]).toEqual([0, 'x: encrypted envs/x.env.age anew for 1 recipient\n']);
    expect(after).toMatchObject({ status: 'read', text: expect.stringMatching(/\nLOG_FLOOR=error\n$/) });
    const [fileMode, folderMode, file = ''] = seen().split('\n');
    expect([fileMode, folderMode].sort()).toEqual(['-rw-------', 'drwx------']);
    expect(seen()).toContain(lines);
    expect(seen()).not.toContain(ours.identity);
    expect(existsSync(join(file, '..'))).toBe(false);
    // In memory where the system has such a place.
    expect(/^\/dev\/shm\//.test(file)).toBe(stderr === '');
  });

  it.each([
    [
      'crashes',
      'echo changed > "$2"; echo "$2" > SEEN; kill -KILL $$',
      /The editor ended with status 137, and nothing was changed/,
    ],
    [
      'fails',
      'echo changed > "$2"; echo "$2" > SEEN; exit 3',
      /The editor ended with status 3, and nothing was changed/,
    ],
    ['removes the file', 'echo "$2" > SEEN; rm "$2"', /The editor removed the file, and nothing was changed/],
    ['saves nothing', 'echo "$2" > SEEN; echo > "$2"', /What was saved is empty: envs\/x\.env\.age stays as it was/],
    ['saves no text', 'echo "$2" > SEEN; printf "A=\\377" > "$2"', /x\.env is not UTF-8/],
    [
      'saves half a merge',
      'echo "$2" > SEEN; printf "<<<<<<< a\\n>>>>>>> b\\n" > "$2"',
      /x\.env holds a merge conflict/,
    ],
  ])('changes nothing and leaves nothing if the editor %s', async (_what, script, says) => {
    const { status, stderr, isChanged, file } = await edit(script);
    expect([status, stderr]).toEqual([1, expect.stringMatching(says)]);
    expect(isChanged).toBe(false);
    expect(file).not.toBe('');
    expect(existsSync(join(file, '..'))).toBe(false);
  });

  it('says that secrets may be in the clear where the editor has moved them', async () => {
    const place = folderWith();
    const result = await edit(`echo LOG_FLOOR=error >> "$2"; cp "$2" SEEN; mv "$(dirname "$2")" '${place}/moved'`);
    expect(result).toMatchObject({ status: 1, isChanged: false });
    expect(result.stderr).toMatch(/The editor removed the file, and nothing was changed/);
    expect(result.stderr).toMatch(/error\[exposed-file\] \S+config-edit-\S+ held secrets in the clear/);
  });

  it.each([
    ['the file, and put a copy in its place', 'mv "$2" "$base/stolen"; cp "$base/stolen" "$2"'],
    ['the file, and written another', 'ln "$2" "$base/stolen"; cat "$2" > "$2.new"; mv "$2.new" "$2"'],
    ['the folder, and put a copy in its place', 'mv "$here" "$base/stolen"; cp -r "$base/stolen" "$here"'],
    [
      'the folder, with a file of its own in it',
      'cat "$2" > "$2.new"; mv "$2.new" "$2"; mv "$here" "$base/stolen"; cp -r "$base/stolen" "$here"',
    ],
    ['the folder, and put a link in its place', 'mv "$here" "$base/stolen"; ln -s "$base/stolen" "$here"'],
  ])('says so where the editor has moved %s', async (_what, script) => {
    const held = 'here=$(dirname "$2"); base=$here-moved; mkdir "$base"; echo "$base" > SEEN;';
    const { status, stderr, file: base } = await edit(`${held} ${script}`);
    try {
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/error\[exposed-file\] \S+ held secrets in the clear/),
      ]);
      expect(existsSync(join(base, 'stolen'))).toBe(true);
      expect(existsSync(base.replace(/-moved$/, ''))).toBe(false);
    } finally {
      rmSync(base, { recursive: true });
    }
  });

  it('says where secrets are left in the clear, and keeps what was saved: they cannot be removed', async () => {
    const remove = jest.spyOn(fs, 'rmSync').mockImplementation(() => {
      throw Object.assign(new Error('fake'), { code: 'EBUSY' });
    });
    const { status, stderr, isChanged, file } = await edit('echo "$2" > SEEN; echo LOG_FLOOR=error >> "$2"');
    remove.mockRestore();
    const folder = join(file, '..');
    try {
      expect(existsSync(folder)).toBe(true);
      expect([status, isChanged]).toEqual([1, true]);
      expect(stderr).toContain(`${folder} holds secrets in the clear, and could not be removed`);
      expect(stderr).toContain(`rm -rf ${folder}\n`);
      expect(stderr).toContain('x: 1 error\n');
    } finally {
      spawnSync('rm', ['-rf', folder]);
    }
  });

  it('leaves a file as it is that somebody else has changed meanwhile, and keeps what was saved', async () => {
    const { path, on, text, envs } = place({
      'x.env.age': await encrypted(lines, ours.recipient),
      recipients: ours.recipient,
      pulled: await encrypted('OTHER=fake\n', ours.recipient),
    });
    const pulled = text('pulled');
    const script = `cp '${path('pulled')}' '${path('x.env.age')}'; echo MINE=fake >> "$1"`;
    const earlier = 'encrypted by an edit before';
    writeFileSync(path('x.env.age.mine'), earlier);
    const { status, stdout, stderr } = await on(['edit', 'x'], { AGE_IDENTITY: ours.identity, EDITOR: editor(script) });
    expect([status, stdout, text('x.env.age')]).toEqual([1, '', pulled]);
    expect(stderr).toContain('envs/x.env.age was changed by somebody else meanwhile, and stays as it is now\n');
    expect(stderr).toContain(
      'What was saved is encrypted in envs/x.env.age.mine2\n' +
        '  at   envs/x.env.age.mine2\n' +
        '  hint age -d -i <your key> envs/x.env.age.mine2 prints it\n',
    );
    expect(text('x.env.age.mine')).toBe(earlier);
    renameSync(path('x.env.age.mine2'), path('x.env.age'));
    const { readAgeFile } = await import('../sources/age-file');
    expect(await readAgeFile(path('x.env.age'), 'x', { AGE_IDENTITY: ours.identity })).toMatchObject({
      text: `${lines}MINE=fake\n`,
    });
    expect(readdirSync(envs).sort()).toEqual(['pulled', 'recipients', 'x.env.age', 'x.env.age.mine']);
  });

  it.each([
    ['a signal has ended the editor since', 'echo MINE=fake >> "$1"; kill -KILL $$', true],
    ['a signal has ended the editor', 'kill -KILL $$', false],
    ['the editor ended with a status, which throws it away', 'echo MINE=fake >> "$1"; exit 1', false],
  ])('keeps what was saved, or not, where %s', async (_what, script, isKept) => {
    const before = await encrypted(lines, ours.recipient);
    const { path, on, text } = place({ 'x.env.age': before, recipients: ours.recipient });
    const { status, stderr } = await on(['edit', 'x'], { AGE_IDENTITY: ours.identity, EDITOR: editor(script) });
    expect([status, text('x.env.age')]).toEqual([1, before]);
    expect(stderr).toMatch(/The editor ended with status \d+, and nothing was changed/);
    expect(stderr.includes('What was saved is encrypted in envs/x.env.age.mine')).toBe(isKept);
    expect(existsSync(path('x.env.age.mine'))).toBe(isKept);
    if (!isKept) return;
    renameSync(path('x.env.age.mine'), path('x.env.age'));
    const { readAgeFile } = await import('../sources/age-file');
    expect(await readAgeFile(path('x.env.age'), 'x', { AGE_IDENTITY: ours.identity })).toMatchObject({
      text: `${lines}MINE=fake\n`,
    });
  });

  it.each([
    ['is UTF-16', (recipients: string) => `printf 'M\\0I\\0' >> "$1"; : ${recipients}`, 'holds a NUL byte'],
    ['is too large', () => 'head -c 5000000 /dev/zero | tr "\\0" a >> "$1"', 'is larger than 4 MiB'],
    ['holds a conflict', () => 'printf "<<<<<<< a\\n>>>>>>> b\\n" >> "$1"', 'holds a merge conflict'],
    [
      'is for nobody by then',
      (recipients: string) => `echo MINE=fake >> "$1"; echo '<<<<<<< a' >> '${recipients}'`,
      'is neither a public key of age nor a heading',
    ],
  ])('keeps what was saved where it %s', async (_what, script, says) => {
    const { path, on, text } = place({
      'x.env.age': await encrypted(lines, ours.recipient),
      recipients: ours.recipient,
    });
    const before = text('x.env.age');
    const saved = join(folderWith(), 'saved');
    const command = editor(`${script(path('recipients'))}\ncp "$1" '${saved}'`);
    const { status, stderr } = await on(['edit', 'x'], { AGE_IDENTITY: ours.identity, EDITOR: command });
    expect([status, stderr, text('x.env.age')]).toEqual([1, expect.stringContaining(says), before]);
    expect(stderr).toContain('What was saved is encrypted in envs/x.env.age.mine\n');
    const kept = await decryptedBy(ours, text('x.env.age.mine'));
    expect(kept.equals(readFileSync(saved))).toBe(true);
  });

  it('keeps what was saved elsewhere where there is no room beside the file', async () => {
    const { envs, path, on } = place({
      'x.env.age': await encrypted(lines, ours.recipient),
      recipients: ours.recipient,
    });
    const original = fs.openSync;
    const spy = jest.spyOn(fs, 'openSync').mockImplementation((file, flags, ...rest) => {
      const isWritten = typeof flags === 'number' && (flags & fs.constants.O_CREAT) !== 0;
      if (isWritten && String(file).startsWith(envs)) throw Object.assign(new Error('fake'), { code: 'ENOSPC' });
      return original(file, flags, ...rest);
    });
    const command = editor('echo MINE=fake >> "$1"');
    const { stderr } = await on(['edit', 'x'], { AGE_IDENTITY: ours.identity, EDITOR: command }).finally(() =>
      spy.mockRestore(),
    );
    expect(stderr).toContain('the disk is full');
    const [, file = ''] = /What was saved is encrypted in (\S+)\n/.exec(stderr) ?? [];
    expect(file.startsWith(join(tmpdir(), 'x.env.age.mine'))).toBe(true);
    expect(existsSync(path('x.env.age.mine'))).toBe(false);
    expect(String(await decryptedBy(ours, readFileSync(file, 'utf8')))).toBe(`${lines}MINE=fake\n`);
    rmSync(file);
  });

  it('changes what a link leads to, and leaves the link', async () => {
    const { path, on, text } = place({ file: await encrypted(lines, ours.recipient), recipients: ours.recipient });
    symlinkSync('file', path('x.env.age'));
    const before = text('file');
    const script = 'echo LOG_FLOOR=error >> "$1"';
    expect(await on(['edit', 'x'], { AGE_IDENTITY: ours.identity, EDITOR: editor(script) })).toMatchObject({
      status: 0,
    });
    expect([lstatSync(path('x.env.age')).isSymbolicLink(), text('file') !== before]).toEqual([true, true]);
  });

  it('encrypts nothing anew where nothing was changed', async () => {
    expect(await edit('touch "$2"')).toMatchObject({ status: 0, stdout: 'x: nothing changed\n', isChanged: false });
  });

  it('keeps what has a mistake in it, and says which', async () => {
    const { status, stderr, isChanged } = await edit('echo nonsense >> "$2"');
    expect([status, isChanged]).toEqual([1, true]);
    expect(stderr).toMatch(/ambiguous-line.*\n {2}at {3}envs\/x\.env\.age:\d+\n/);
    expect(stderr).toContain('x: 1 error, encrypted all the same: npm run edit -- x --envs envs mends it\n');
  });

  it('opens no editor where what is typed could not be kept', async () => {
    const { status, stderr, file } = await edit('echo "$2" > SEEN', { recipients: '' });
    expect([status, file, stderr]).toEqual([1, '', expect.stringContaining('names nobody who can decrypt x')]);
  });

  it.each([
    ['no editor is named', {}, {}, /Which editor\?/],
    [
      'there is no such editor',
      {},
      { EDITOR: '/nowhere/editor' },
      /could not be started \(ENOENT\), and nothing was changed/,
    ],
    ['nobody here can decrypt it', {}, { EDITOR: 'true', AGE_IDENTITY: '# none' }, /AGE_IDENTITY holds no identity/],
    [
      'only the plain one is there',
      { 'x.env.age': undefined, 'x.env': lines },
      { EDITOR: 'true' },
      /x\.env is not encrypted/,
    ],
    [
      'there is neither',
      { 'x.env.age': undefined },
      { EDITOR: 'true' },
      /Argument 1 names no environment with encrypted/,
    ],
  ])('says so where %s', async (_what, files, env, says) => {
    const all = { 'x.env.age': await encrypted(lines, ours.recipient), recipients: ours.recipient, ...files };
    const there = Object.fromEntries(
      Object.entries(all).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
    );
    const { on } = place(there);
    expect(await on(['edit', 'x'], { AGE_IDENTITY: ours.identity, ...env })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(says),
    });
  });

  it('takes away first what a killed run has left', async () => {
    const { pid } = spawnSync('true');
    const base = ['/dev/shm'].find((each) => existsSync(each)) ?? folderWith();
    const left = join(base, `config-edit-${pid}-fake00`);
    // In a container the number of this process may have been that of another one before.
    const sameNumber = join(base, `config-edit-${process.pid}-fake00`);
    for (const each of [left, sameNumber]) mkdirSync(each, { mode: 0o700 });
    const alive = join(base, `config-edit-${process.ppid}-fake00`);
    mkdirSync(alive, { mode: 0o700 });
    try {
      const { on } = place({});
      await on(['edit', 'nobody'], { EDITOR: 'true', XDG_RUNTIME_DIR: folderWith() }); // even where it comes to nothing
      if (base === '/dev/shm') expect([left, sameNumber].filter((each) => existsSync(each))).toEqual([]);
      expect(statSync(alive).isDirectory()).toBe(true);
    } finally {
      for (const each of [left, sameNumber, alive]) rmSync(each, { recursive: true, force: true });
    }
  });
});
