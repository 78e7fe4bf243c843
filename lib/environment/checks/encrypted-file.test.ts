import { encryptedFile } from './encrypted-file';

const ciphertext = 'ENC[AES256_GCM,data:ZmFrZQ==,iv:ZmFrZQ==,tag:ZmFrZQ==,type:str]';
const hintFor = (command: string) => `Decrypt it: ${command} | npm run -s synth -- staging --from-env-file -`;

it.each([
  [
    'SOPS',
    `OPENAI_API_KEY=${ciphertext}\nsops_version=3.8.1\nsops_mac=${ciphertext}\n`,
    'sops -d --output-type json x.env',
  ],
  ['SOPS', `{\n\t"A": "${ciphertext}",\n"sops": {\n}}`, 'sops -d --output-type json x.env'],
  ['SOPS', `A: ${ciphertext}\nsops:\n    age: []\n`, 'sops -d --output-type json x.env'],
  ['dotenvx', '#/ header\nDOTENV_PUBLIC_KEY_STAGING="00"\nA="encrypted:ZmFrZWZha2U="\n', 'dotenvx get -f x.env'],
  ['dotenv-vault', '#/ header\nDOTENV_VAULT_STAGING="ZmFrZQ=="\n', 'dotenv-vault decrypt <key> < x.env'],
  [
    'age',
    '-----BEGIN AGE ENCRYPTED FILE-----\nRkFLRQ==\n-----END AGE ENCRYPTED FILE-----\n',
    'age -d -i <key file> x.env',
  ],
  ['PGP', '-----BEGIN PGP MESSAGE-----\n\nRkFLRQ==\n-----END PGP MESSAGE-----\n', 'gpg -d x.env'],
  ['Ansible Vault', '$ANSIBLE_VAULT;1.1;AES256\n66616b65\n', 'ansible-vault view x.env'],
  ['openssl enc', 'U2FsdGVkX18fakefake=\n', 'openssl enc -d -a -aes-256-cbc -pbkdf2 -in x.env'],
  ['EJSON', '{"_public_key":"00","A":"EJ[1:fake:fake:fake]"}', 'ejson decrypt x.env'],
])('knows a file of %s, and the line that decrypts it', (by, text, command) => {
  expect(encryptedFile(text, { file: 'x.env', synth: 'synth -- staging' })).toEqual({
    reason: `is encrypted by ${by}`,
    hint: hintFor(command),
  });
});

it('says so of standard input, and quotes what a shell would take apart', () => {
  const text = `A=${ciphertext}\nsops_version=3.8.1\n`;
  expect(encryptedFile(text, { synth: 'synth -- staging' })).toEqual({
    reason: 'is encrypted by SOPS',
    hint: hintFor('sops -d --output-type json <file>'),
  });
  expect(encryptedFile(text, { file: 'my file.env', synth: 'synth -- staging' })?.hint).toBe(
    hintFor("sops -d --output-type json 'my file.env'"),
  );
});

it.each([
  ['an ordinary file', 'OPENAI_API_KEY=fake\n'],
  ['one value that is ciphertext, which is the problem of that value', `OPENAI_API_KEY=${ciphertext}\nA=fake\n`],
  ['JSON', '{"OPENAI_API_KEY":"fake"}'],
  ['a public key in a file that is not encrypted', 'DOTENV_PUBLIC_KEY="00"\nA=fake\n'],
  ['a comment', '# sops_version=3\nA=fake\n'],
  ['a PEM block', 'A="-----BEGIN FAKE-----\nRkFLRQ==\n-----END FAKE-----"\n'],
])('leaves alone %s', (_what, text) => expect(encryptedFile(text, { synth: 'synth -- staging' })).toBeUndefined());
