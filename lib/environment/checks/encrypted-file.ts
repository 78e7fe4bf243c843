import { shellWord } from '../shell-word';

/** A way to encrypt a file of values as a whole. */
interface Encryption {
  readonly by: string;
  readonly test: (text: string) => boolean;
  /** The command that prints it decrypted, for a file of that name. */
  readonly decrypt: (file: string) => string;
}

const encryptions: readonly Encryption[] = [
  {
    by: 'SOPS',
    test: (text) =>
      text.includes('ENC[') &&
      /^(?:export )?sops_(?:version|mac|lastmodified)=|^ {0,8}"sops": ?\{|^sops: *\r?$/m.test(text),
    decrypt: (file) => `sops -d --output-type json ${file}`,
  },
  {
    by: 'dotenvx',
    test: (text) =>
      text.includes('DOTENV_PUBLIC_KEY') &&
      /^(?:export )?DOTENV_PUBLIC_KEY\w* ?=/m.test(text) &&
      /= ?["']?encrypted:/.test(text),
    decrypt: (file) => `dotenvx get -f ${file}`,
  },
  {
    by: 'dotenv-vault',
    test: (text) => text.includes('DOTENV_VAULT_') && /^DOTENV_VAULT_\w+ ?=/m.test(text),
    decrypt: (file) => `dotenv-vault decrypt <key> < ${file}`,
  },
  {
    by: 'age',
    test: (text) => /^\s{0,8}-----BEGIN AGE ENCRYPTED FILE-----|^age-encryption\.org\/v1/.test(text),
    decrypt: (file) => `age -d -i <key file> ${file}`,
  },
  {
    by: 'PGP',
    test: (text) => /^\s{0,8}-----BEGIN PGP MESSAGE-----/.test(text),
    decrypt: (file) => `gpg -d ${file}`,
  },
  {
    by: 'Ansible Vault',
    test: (text) => text.startsWith('$ANSIBLE_VAULT;'),
    decrypt: (file) => `ansible-vault view ${file}`,
  },
  {
    by: 'openssl enc',
    test: (text) => /^(?:Salted__|U2FsdGVkX1)/.test(text),
    decrypt: (file) => `openssl enc -d -a -aes-256-cbc -pbkdf2 -in ${file}`,
  },
  {
    by: 'EJSON',
    test: (text) => /^\s{0,8}\{/.test(text) && /"_public_key" ?:/.test(text) && text.includes('"EJ[1:'),
    decrypt: (file) => `ejson decrypt ${file}`,
  },
];

/**
 * What is wrong with the text of a whole file that was not decrypted; undefined where it was. One problem for the file: its
 * lines say nothing. The reason completes "<file> …".
 * @param file its name, undefined for standard input
 * @param synth the command for its environment, to be followed by options: `synth -- <env>`
 */
export function encryptedFile(
  text: string,
  { file, synth }: { readonly file?: string; readonly synth: string },
): { readonly reason: string; readonly hint: string } | undefined {
  const found = encryptions.find(({ test }) => test(text));
  if (!found) return undefined;
  const command = found.decrypt(file === undefined ? '<file>' : shellWord(file));
  return {
    reason: `is encrypted by ${found.by}`,
    hint: `Decrypt it: ${command} | npm run -s ${synth} --from-env-file -`,
  };
}
