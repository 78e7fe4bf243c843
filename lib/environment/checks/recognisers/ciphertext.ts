import type { Context, Recogniser } from './recogniser';

/** A hint for what a tool decrypts into one JSON object of all names, which `--from-env-file -` takes. */
const pipe =
  (command: string) =>
  (_text: string, { environment }: Context) =>
    `Decrypt it: ${command} | npm run -s synth -- ${environment} --from-env-file -`;

/** A value that only its tool's key makes readable; pods do not have it. */
export const ciphertext: readonly Recogniser[] = [
  {
    name: 'sops',
    about: 'ciphertext of SOPS or hiera-eyaml (`ENC[…]`)',
    in: 'any',
    startsWith: 'E',
    test: (text) => /^ENC\[[A-Z0-9_]+,/.test(text),
    says: 'is ciphertext of SOPS, not what it stands for',
    hint: pipe('sops -d --output-type json <file>'),
    examples: ['ENC[AES256_GCM,data:ZmFrZQ==,iv:ZmFrZQ==,tag:ZmFrZQ==,type:str]', 'ENC[PKCS7,ZmFrZQ==]'],
    counterExamples: ['ENC[', 'ENCODING=UTF-8', 'a ENC[AES256_GCM,data:ZmFrZQ==]'],
  },
  {
    name: 'dotenvx',
    about: 'ciphertext of dotenvx (`encrypted:…`)',
    in: 'any',
    startsWith: 'e',
    test: (text) => /^encrypted:[A-Za-z0-9+/]{8,}/.test(text),
    says: 'is ciphertext of dotenvx, not what it stands for',
    hint: pipe('dotenvx get -f <file>'),
    examples: ['encrypted:BFAKEfakeFAKEfakeFAKEfakeFAKE=='],
    counterExamples: ['encrypted:', 'encrypted: yes', 'not-encrypted:fakefakefake'],
  },
  {
    name: 'age',
    about: 'a text encrypted by age, as it is or in base64',
    in: 'any',
    startsWith: '-aY',
    test: (text) =>
      /^(?:-----BEGIN AGE ENCRYPTED FILE-----|age-encryption\.org\/v1|YWdlLWVuY3J5cHRpb24ub3JnL3Yx)/.test(text),
    says: 'is encrypted by age',
    hint: 'Put what age -d prints for it there',
    examples: [
      '-----BEGIN AGE ENCRYPTED FILE-----\nRkFLRQ==\n-----END AGE ENCRYPTED FILE-----',
      'age-encryption.org/v1\n-> X25519 fake',
    ],
    counterExamples: ['age-encryption.org', 'YWdl'],
  },
  {
    name: 'pgp',
    about: 'a PGP message',
    in: 'any',
    startsWith: '-',
    test: (text) => text.startsWith('-----BEGIN PGP MESSAGE-----'),
    says: 'is encrypted by PGP',
    hint: 'Put what gpg -d prints for it there',
    examples: ['-----BEGIN PGP MESSAGE-----\n\nRkFLRQ==\n-----END PGP MESSAGE-----'],
    counterExamples: ['-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nRkFLRQ==\n-----END PGP PUBLIC KEY BLOCK-----'],
  },
  {
    name: 'ansible-vault',
    about: 'ciphertext of Ansible Vault',
    in: 'any',
    startsWith: '!$',
    test: (text) => /^(?:!vault\s{0,8}\|?\s{0,8})?\$ANSIBLE_VAULT;/.test(text),
    says: 'is ciphertext of Ansible Vault',
    hint: 'Put what ansible-vault decrypt prints for it there',
    examples: ['$ANSIBLE_VAULT;1.1;AES256\n66616b65', '!vault | $ANSIBLE_VAULT;1.1;AES256 66616b65'],
    counterExamples: ['a $ANSIBLE_VAULT; b', '$ANSIBLE'],
  },
  {
    name: 'openssl',
    about: 'ciphertext of openssl enc or CryptoJS (`U2FsdGVkX1…`)',
    in: 'any',
    startsWith: 'US',
    test: (text) => /^(?:U2FsdGVkX1[89+/]|Salted__)/.test(text),
    says: 'is encrypted with a password, by openssl enc or alike',
    hint: 'Decrypt it, and put the result there',
    examples: ['U2FsdGVkX18fakefakefakefakefakefakefake=', 'Salted__fake'],
    counterExamples: ['U2FsdGVk', 'salted__fake'],
  },
  {
    name: 'other-ciphertext',
    about: 'ciphertext of Vault transit, AWS KMS, sealed-secrets, EJSON, DigitalOcean, Laravel',
    in: 'any',
    startsWith: 'vEeA',
    test: (text) =>
      /^(?:vault:v\d+:[\w+/=]{8,}$|E[JV]\[1:|eyJpdiI6[\w+/]{20,}={0,2}$|AQICAH[\w+/]{100,}={0,2}$|Ag[A-D][\w+/]{700,}={0,2}$)/.test(
        text,
      ),
    says: 'is ciphertext, not what it stands for',
    hint: 'Decrypt it with the tool that encrypted it, and put the result there',
    examples: ['vault:v1:ZmFrZWZha2VmYWtl', 'EJ[1:fake:fake:fake]', 'EV[1:fake:fake]', `AQICAH${'fake'.repeat(40)}`],
    counterExamples: ['vault:v1', `AQICAH${'fake'.repeat(5)}`, 'AgAfake'],
  },
];
