import { basename } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import type { Catalog } from '../catalog/catalog';
import { isError, type Problem, Refusal, refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { writeEditedFile } from '../output/edited-file';
import type { Host } from '../report/host';
import { environmentDocument, jsonText } from '../report/json';
import { createReporter } from '../report/reporter';
import { plural } from '../report/terminal';
import { readAgeFile } from '../sources/age-file';
import { environmentFiles } from '../sources/environment-files';
import { besidePlain } from '../sources/load';
import { readRecipients } from '../sources/recipients';
import { isThere, readTextFile, unreadableProblem } from '../sources/text-file';
import { runCommand } from '../tools/run-command';
import { type Context, envsOption, examples, jsonOption, type OptionsOf, quietOption } from './command';
import { encryptFor } from './encrypt';
import { evaluateEnvironment, lookupFor, selectEnvironments, withoutIdentity } from './environments';

const line = () =>
  new Command('edit')
    .usage('-- <env>  [options]')
    .description("Open an environment's encrypted secrets in your editor, check them, and encrypt them again")
    .argument('[env...]', 'an environment with an encrypted file')
    .addOption(envsOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .addHelpText('after', examples('npm run edit -- prod', 'EDITOR="code --wait" npm run edit -- prod'));

export type EditOptions = OptionsOf<typeof line>;

export const editCommand = (context: Context) =>
  line().action(async (names, options) =>
    context.exit(await edit(await context.catalog(), names, options, context.host)),
  );

/**
 * Has an environment's secrets edited: decrypted to a file that only its owner may read and that is gone afterwards,
 * whatever becomes of the editor. Returns the exit status: 1 also where something is wrong with what was saved.
 * @throws {Refusal} if they cannot be decrypted, the editor fails, or what it saved cannot be encrypted: nothing is changed
 */
export async function edit(
  catalog: Catalog,
  names: readonly string[],
  options: EditOptions,
  host: Host,
): Promise<number> {
  const [environment = ''] = selectEnvironments(catalog, names, options);
  if (names.length > 1) throw refusal('usage', 'One environment at a time', 'For example: npm run edit -- prod');
  const editor = editorOf(host.env);
  const before = await decrypted(environment, options, host);
  const { problems: unusable } = readRecipients(options.envs, environment);
  if (unusable.length > 0) throw refusalOf(unusable); // before anything is typed that could not be kept
  const reporter = createReporter(host, Boolean(options.quiet || options.json));
  const after = await edited(environment, before, editor, host);
  const report = (problems: readonly Problem[], changed: boolean, text: string) => {
    const consequence = `encrypted all the same: npm run edit -- ${environment} mends it`;
    const listed = reporter.problems(environment, problems, false, consequence);
    const document = environmentDocument(catalog, environment, listed, []);
    if (options.json) host.stdout.write(jsonText({ environments: [{ ...document, changed }] }));
    reporter.result(`${environment}: ${text}\n`);
    return problems.some(isError) ? 1 : 0;
  };
  if (after === before) return report([], false, 'nothing changed');
  const written = await encryptFor(environment, after, options.envs);
  if ('problems' in written) throw refusalOf(written.problems);
  const { problems } = await evaluateEnvironment(catalog, environment, lookupFor(options, host));
  return report(problems, true, `encrypted ${written.file} anew for ${plural(written.recipients, 'recipient')}`);
}

/** A program and its arguments. No shell takes the words apart: none of them can hold a blank. */
function editorOf(env: NodeJS.ProcessEnv): readonly [string, ...string[]] {
  const [program = '', ...args] = (env['VISUAL'] || env['EDITOR'] || '').trim().split(/\s+/);
  if (program !== '') return [program, ...args];
  throw refusal('tool', 'Which editor? EDITOR names none', 'For example: EDITOR=nano npm run edit -- <env>');
}

/** @throws {Refusal} if there is nothing to be decrypted, or nobody here can */
async function decrypted(environment: string, { envs }: EditOptions, host: Host): Promise<string> {
  const files = environmentFiles(envs, environment);
  const plain = readTextFile(files.env);
  if (!isThere(files.encrypted)) {
    throw plain.status === 'absent'
      ? refusal(
          'unknown-environment',
          'Argument 1 names no environment with encrypted secrets',
          'npm run encrypt -- <env> makes them of <env>.env',
        )
      : refusal(
          'unreadable-secrets',
          `${files.encrypted} is not there, and ${files.env} is not encrypted`,
          `Edit it as it is, or encrypt it first: npm run encrypt -- ${environment}`,
        );
  }
  if (plain.status !== 'absent') {
    throw refusalOf([unreadableProblem(files.encrypted, besidePlain(files, plain, environment))]);
  }
  const found = await readAgeFile(files.encrypted, environment, host.env);
  if (found.status === 'read') return found.text;
  throw found.status === 'absent'
    ? refusal('unreadable-secrets', `${files.encrypted} is gone`)
    : new Refusal([unreadableProblem(files.encrypted, found)]);
}

function refusalOf(problems: readonly Problem[]): Refusal {
  return new Refusal(problems as Refusal['problems']);
}

/** What the editor leaves of a text. @throws {Refusal} if it fails, or leaves no text */
async function edited(
  environment: string,
  text: string,
  [program, ...args]: readonly [string, ...string[]],
  host: Host,
): Promise<string> {
  const file = writeEditedFile(`${environment}.env`, text, host.env);
  if ('code' in file) throw new Refusal([file]);
  try {
    if (!file.isInMemory) host.stderr.write(`Until the editor is closed the secrets are on disk: ${file.path}\n`);
    const status = await runCommand(program, [...args, file.path], withoutIdentity(host.env));
    if (typeof status === 'string') {
      const hint = `EDITOR is a program and its arguments, for example: EDITOR=nano npm run edit -- ${environment}`;
      throw refusal('tool', `The editor could not be started (${status}), and nothing was changed`, hint);
    }
    if (status !== 0) throw refusal('tool', `The editor ended with status ${status}, and nothing was changed`);
    const saved = readTextFile(file.path);
    const name = basename(file.path);
    if (saved.status === 'read') return saved.text;
    if (saved.status === 'unreadable') throw new Refusal([unreadableProblem(name, saved)]);
    throw refusal('tool', 'The editor removed the file, and nothing was changed', `Save it as ${shellWord(name)}`);
  } finally {
    file.remove();
  }
}
