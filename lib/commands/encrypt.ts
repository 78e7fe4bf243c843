import { Command } from '@commander-js/extra-typings';
import type { Catalog } from '../catalog/catalog';
import { isError, type Problem, refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { encryptText, unusableKey, writeEncryptedFile } from '../output/encrypt';
import { changedMeanwhile } from '../output/not-written';
import type { Host } from '../report/host';
import { environmentDocument, jsonText } from '../report/json';
import { createReporter } from '../report/reporter';
import { plural, wrap } from '../report/terminal';
import { mostEncrypted, readAgeFile } from '../sources/age-file';
import { demo, environmentFiles } from '../sources/environment-files';
import { shownPath } from '../sources/given-path';
import { besidePlain, recipientsProblems } from '../sources/load';
import { readRecipients } from '../sources/recipients';
import { isThere, readTextFile, rememberFile, unreadableProblem } from '../sources/text-file';
import { wholeFileFault } from '../sources/whole-file';
import { type Context, envsOption, examples, jsonOption, type OptionsOf, quietOption, screenOf } from './command';
import { selectEnvironments } from './environments';

const line = () =>
  new Command('encrypt')
    .usage('-- <env>… | --all  [options]')
    .description(
      'Encrypt <env>.env to <env>.env.age for those in envs/recipients; or that one anew when they have changed',
    )
    .argument('[env...]', 'environments: those with files in the envs folder')
    .option('--all', 'every environment that is encrypted already')
    .addOption(envsOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .addHelpText('after', examples('npm run encrypt -- prod', 'npm run encrypt -- --all'))
    .addHelpText(
      'after',
      '\nenvs/recipients has a public key of age on each line, a name behind #. Keys\n' +
        'above the first line [<env>] are for every environment, those below it for it.\n' +
        'Your own key is looked for in AGE_IDENTITY, in the file that AGE_IDENTITY_FILE\n' +
        'names, and in age/keys.txt and sops/age/keys.txt of your configuration folder.\n',
    );

type EncryptOptions = OptionsOf<typeof line>;

export const encryptCommand = (context: Context) =>
  line().action(async (names, options) =>
    context.exit(await encrypt(await context.catalog(), names, options, context.host)),
  );

/** What became of one environment. */
interface Encrypted {
  readonly problems: readonly Problem[];
  /** The encrypted file, if it was written. */
  readonly file?: string;
  /** What was done, and what is left to do. */
  readonly text?: string;
  /** The command that does it, which is not broken into lines. */
  readonly command?: string;
}

/** Encrypts the secrets of environments, or does so anew for other recipients. Returns the exit status. */
async function encrypt(
  catalog: Catalog,
  names: readonly string[],
  options: EncryptOptions,
  host: Host,
): Promise<number> {
  const selected = selectEnvironments(catalog, names, options);
  const environments = options.all ? selected.filter((each) => isThere(filesOf(each, options).encrypted)) : selected;
  if (environments.length === 0) {
    throw refusal('usage', 'No environment has an encrypted file yet', 'Name one: npm run encrypt -- <env>');
  }
  const reporter = createReporter(host, options.quiet || options.json, environments.length);
  const documents: unknown[] = [];
  let failed = false;
  for (const [index, environment] of environments.entries()) {
    const { problems, file, text, command } = await encryptOne(environment, index + 1, options, host);
    const { env, encrypted } = filesOf(environment, options);
    const name = isThere(env) || isThere(encrypted) ? environment : `argument ${index + 1}`;
    const consequence = file === undefined ? 'nothing encrypted' : undefined;
    const listed = reporter.problems(name, problems, environments.length > 1, consequence);
    documents.push({ ...environmentDocument(catalog, name, listed, []), ...(file !== undefined && { file }) });
    failed ||= problems.some(isError);
    if (text !== undefined) reporter.result(wrap(text, '  ', screenOf(host).columns));
    if (command !== undefined) reporter.result(`  ${command}\n`);
  }
  reporter.finish();
  if (options.json) host.stdout.write(jsonText({ environments: documents }));
  return failed ? 1 : 0;
}

function filesOf(environment: string, { envs }: Pick<EncryptOptions, 'envs'>) {
  return environmentFiles(envs, environment);
}

async function encryptOne(
  environment: string,
  position: number,
  options: EncryptOptions,
  host: Host,
): Promise<Encrypted> {
  const files = filesOf(environment, options);
  const changed = rememberSecrets(environment, options.envs);
  const plain = readTextFile(files.env);
  const isEncrypted = isThere(files.encrypted);
  if (plain.status === 'absent' && !isEncrypted) return { problems: [nothingToEncrypt(position, options)] };
  if (isEncrypted && plain.status !== 'absent') {
    return { problems: [unreadableProblem(files.encrypted, besidePlain(files, plain, environment))] };
  }
  if (environment === demo && !isEncrypted) return { problems: [demoStaysPlain(files.env)] };
  const found = isEncrypted ? await readAgeFile(files.encrypted, environment, host.env) : plain;
  const from = isEncrypted ? files.encrypted : files.env;
  if (found.status === 'absent') return { problems: [nothingToEncrypt(position, options)] };
  if (found.status === 'unreadable') return { problems: [unreadableProblem(from, found)] };
  const written = await encryptFor(environment, found.text, options.envs, changed);
  if ('problems' in written) return written;
  const { file, recipients } = written;
  const warnings = [...written.warnings, ...recipientsProblems(options.envs)];
  const readers = `for ${plural(recipients, 'recipient')}`;
  if (isEncrypted) return { problems: warnings, file, text: `${environment}: encrypted ${file} anew ${readers}\n` };
  const still = readTextFile(files.env);
  if (still.status !== 'read' || still.text !== found.text) {
    const hint = `${file} holds what was there before. Remove it, and run this again: rm ${shellWord(file)}`;
    return { problems: [...warnings, changedMeanwhile(files.env, hint)], file };
  }
  const again = await readAgeFile(file, environment, host.env);
  const isReadable = again.status === 'read' && again.text === found.text;
  const rest = isReadable
    ? 'The plain file can go now, and has to before anything else is done:'
    : `No identity here decrypts it. Keep ${files.env} until one of its recipients has tried, and only then remove it`;
  return {
    problems: warnings,
    file,
    text: `${environment}: encrypted ${files.env} to ${file} ${readers}\n\n${rest}\n`,
    ...(isReadable && { command: `rm ${shellWord(files.env)}` }),
  };
}

/** @returns which file of the secrets of an environment, encrypted or not, somebody has changed by now */
export function rememberSecrets(environment: string, envs: string): () => string | undefined {
  const { env, encrypted } = environmentFiles(envs, environment);
  const remembered = new Map([
    [env, rememberFile(env)],
    [encrypted, rememberFile(encrypted, mostEncrypted)],
  ]);
  return () => [...remembered].find(([, { isUnchanged }]) => !isUnchanged())?.[0];
}

/** What keeps something from being done. */
interface Failed {
  readonly problems: readonly Problem[];
}

/** The public keys of those who can decrypt an environment's secrets, each of which age can use, and what is odd about them. */
export async function recipientsOf(
  environment: string,
  envs: string,
): Promise<{ readonly keys: readonly string[]; readonly warnings: readonly Problem[] } | Failed> {
  const { of, problems, file } = readRecipients(envs, environment);
  if (problems.some(isError)) return { problems };
  const keys = of.map(({ key }) => key);
  const unusable = await unusableKey(keys);
  if (unusable === undefined) return { keys, warnings: problems };
  const line = of.find(({ key }) => key === unusable)?.line;
  return {
    problems: [
      {
        severity: 'error',
        code: 'invalid-value',
        file,
        ...(line !== undefined && { line }),
        message: 'This public key was mistyped or cut off, or is of a kind that age programs keep to plugins',
        hint: 'Copy it whole, as age-keygen -y prints it',
      },
    ],
  };
}

interface Written {
  readonly file: string;
  /** How many. */
  readonly recipients: number;
  readonly warnings: readonly Problem[];
}

/**
 * Encrypts a text to the file of an environment, for its recipients.
 * @param changed which file that the text was made of is no longer what was read
 * @returns the file, how many can decrypt it and what is odd about them, or what is wrong
 */
export async function encryptFor(
  environment: string,
  text: string,
  envs: string,
  changed: () => string | undefined,
): Promise<Written | Failed> {
  const { encrypted: file } = environmentFiles(envs, environment);
  const fault = wholeFileFault(text, { file, environment, envs, is: 'encrypted' });
  if (fault) return { problems: [unreadableProblem(environmentFiles(envs, environment).env, fault)] };
  const recipients = await recipientsOf(environment, envs);
  if ('problems' in recipients) return recipients;
  const { keys, warnings } = recipients;
  const failure = writeEncryptedFile(file, await encryptText(text, keys), changed);
  return failure ? { problems: [failure] } : { file, recipients: keys.length, warnings };
}

/** Whoever clones the repository runs it, without an identity. */
function demoStaysPlain(file: string): Problem {
  return {
    severity: 'error',
    code: 'usage',
    message: `${file} holds obvious fakes, which everybody is to read`,
    hint: 'It is committed as it is. What must not be read belongs in another environment',
  };
}

function nothingToEncrypt(position: number, { envs }: EncryptOptions): Problem {
  const folder = shownPath('--envs', envs);
  return {
    severity: 'error',
    code: 'unknown-environment',
    message: `Argument ${position} names no environment with a file of secrets in ${folder}`,
    hint: `What is encrypted is ${folder}/<env>.env`,
  };
}
