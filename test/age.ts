import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { folderWith } from './run';

const hasAge = ['age', 'age-keygen'].every((program) => spawnSync(program, ['--version']).status === 0);

/** For tests that hand files to the program age and take its own: skipped, by name, where it is not installed. */
export const itWithAge = hasAge ? it : it.skip;

if (!hasAge) process.stderr.write('age is not installed: the tests that exchange files with it are skipped\n');

/** A pair of keys, made for one test. */
export interface KeyPair {
  readonly identity: string;
  readonly recipient: string;
}

/** Two halves of a key of age, unlike those of any other test. */
export async function keyPair(): Promise<KeyPair> {
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** What this program's library, and no other part of it, makes of a text. */
export async function encrypted(text: string | Uint8Array, ...recipients: readonly string[]): Promise<string> {
  const { armor, Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(text));
}

/** Runs the program age, with a text for its input. */
export function age(args: readonly string[], input: string | Uint8Array): Buffer {
  return execFileSync('age', args, { input, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** A file that holds an identity, as age-keygen writes one. */
export function identityFile({ identity, recipient }: KeyPair): string {
  const text = `# created: today\n# public key: ${recipient}\n${identity}\n`;
  return join(folderWith({ 'keys.txt': text }), 'keys.txt');
}
