import { basename } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import type { Catalog } from '../catalog/catalog';
import { limits } from '../environment/limits';
import { isError, type Problem, Refusal, refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { removeLeftEditFolders, writeEditedFile } from '../output/edited-file';
import { encryptText, keepEncrypted } from '../output/encrypt';
import type { Host } from '../report/host';
import { environmentDocument, jsonText } from '../report/json';
import { createReporter } from '../report/reporter';
import { plural } from '../report/terminal';
import { readAgeFile } from '../sources/age-file';
import { demo, environmentFiles } from '../sources/environment-files';
import { envsFlag } from '../sources/given-path';
import { besidePlain } from '../sources/load';
import { isThere, readFileBytes, readTextFile, textOf, unreadableProblem } from '../sources/text-file';
import { runCommand, uninterrupted } from '../tools/run-command';
import { type Context, envsOption, examples, jsonOption, type OptionsOf, quietOption } from './command';
import { encryptFor, recipientsOf, rememberSecrets } from './encrypt';
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

type EditOptions = OptionsOf<typeof line>;

export const editCommand = (context: Context) =>
  line().action(async (names, options) =>
    context.exit(await edit(await context.catalog(), names, options, context.host)),
  );

/**
 * Has an environment's secrets edited: decrypted to a file that only its owner may read and that is gone afterwards,
 * whatever becomes of the editor. Returns the exit status: 1 also where something is wrong with what was saved.
 * @throws {Refusal} if they cannot be decrypted, the editor fails, or what it saved cannot be encrypted: nothing is changed
 */
async function edit(catalog: Catalog, names: readonly string[], options: EditOptions, host: Host): Promise<number> {
  removeLeftEditFolders(host.env); // whatever becomes of this run
  const [environment = ''] = selectEnvironments(catalog, names, options);
  if (names.length > 1) throw refusal('usage', 'One environment at a time', 'For example: npm run edit -- prod');
  const editor = editorOf(host.env);
  const changed = rememberSecrets(environment, options.envs);
  const before = await decrypted(environment, options, host);
  const recipients = await recipientsOf(environment, options.envs);
  if ('problems' in recipients) throw refusalOf(recipients.problems); // before anything is typed that could not be kept
  const reporter = createReporter(host, options.quiet || options.json);
  const { bytes, ended, left } = await edited(environment, before, editor, host);
  // What was typed is not to be lost to a signal.
  return await uninterrupted(async () => {
    const report = (problems: readonly Problem[], changed: boolean, text: string, consequence?: string) => {
      const listed = reporter.problems(environment, problems, false, consequence);
      const document = environmentDocument(catalog, environment, listed, []);
      if (options.json) host.stdout.write(jsonText({ environments: [{ ...document, changed }] }));
      reporter.result(`${environment}: ${text}\n`);
      return problems.some(isError) ? 1 : 0;
    };
    const after = textOf({ status: 'read', bytes });
    const isSame = after.status === 'read' && after.text === before;
    if (ended && isSame) throw refusalOf([ended, ...left]);
    if (isSame) return report(left, false, 'nothing changed');
    // As editors of other programs have it, an empty file calls the whole off.
    if (after.status === 'read' && after.text.trim() === '' && !ended)
      throw refusalOf([emptied(environment, options), ...left]);
    const written = ended
      ? { problems: [ended] }
      : after.status === 'read'
        ? await encryptFor(environment, after.text, options.envs, changed)
        : { problems: [unreadableProblem(`${environment}.env`, after)] };
    if ('problems' in written) {
      const { encrypted } = environmentFiles(options.envs, environment);
      const kept = keepEncrypted(encrypted, await encryptText(bytes, recipients.keys));
      throw refusalOf([...written.problems, kept, ...left]);
    }
    const { problems } = await evaluateEnvironment(catalog, environment, lookupFor(options, host));
    return report(
      [...left, ...written.warnings, ...problems],
      true,
      `encrypted ${written.file} anew for ${plural(written.recipients, 'recipient')}`,
      problems.some(isError)
        ? `encrypted all the same: npm run edit -- ${environment}${envsFlag(options.envs)} mends it`
        : undefined,
    );
  });
}

function emptied(environment: string, { envs }: EditOptions): Problem {
  const { encrypted } = environmentFiles(envs, environment);
  return {
    severity: 'error',
    code: 'not-written',
    file: encrypted,
    message: `What was saved is empty: ${encrypted} stays as it was`,
    hint: 'To have no secrets in it, leave a comment; to be rid of it, remove it',
  };
}

/** A program and its arguments. No shell takes the words apart: none of them can hold a blank. */
type Editor = readonly [program: string, ...args: string[]];

function editorOf(env: NodeJS.ProcessEnv): Editor {
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
          `npm run encrypt -- <env>${envsFlag(envs)} makes them of <env>.env`,
        )
      : refusal(
          'unreadable-secrets',
          `${files.encrypted} is not there, and ${files.env} is not encrypted`,
          `Edit it as it is${environment === demo ? '' : `, or encrypt it first: npm run encrypt -- ${environment}${envsFlag(envs)}`}`,
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

/** What was saved, and why it cannot be taken, if the editor was ended. */
interface Saved {
  readonly bytes: Buffer;
  readonly ended: Problem | undefined;
}

/** What the editor saves, and what it leaves behind. @throws {Refusal} if it fails, or saves nothing */
async function edited(
  environment: string,
  text: string,
  editor: Editor,
  host: Host,
): Promise<Saved & { readonly left: readonly Problem[] }> {
  const file = writeEditedFile(`${environment}.env`, text, host.env);
  if ('code' in file) throw new Refusal([file]);
  if (!file.isInMemory) host.stderr.write(`Until the editor is closed the secrets are on disk: ${file.path}\n`);
  const saved = await savedBy(editor, file.path, host.env);
  const problem = file.remove();
  const left = problem ? [problem] : [];
  if ('code' in saved) throw refusalOf([saved, ...left]);
  return { ...saved, left };
}

async function savedBy([program, ...args]: Editor, path: string, env: NodeJS.ProcessEnv): Promise<Saved | Problem> {
  const failed = (how: string, hint?: string): Problem => {
    const message = `The editor ${how}, and nothing was changed`;
    return { severity: 'error', code: 'tool', message, ...(hint !== undefined && { hint }) };
  };
  let isInterrupted = false;
  const status = await runCommand(program, [...args, path], withoutIdentity(env), (signal) => {
    isInterrupted ||= !signal.startsWith('SIGUSR');
  });
  if (typeof status === 'string') {
    return failed(
      `could not be started (${status})`,
      'EDITOR is a program and its arguments, for example EDITOR=nano or EDITOR="code --wait"',
    );
  }
  const ended = status === 0 ? undefined : failed(`ended with status ${status}`);
  // A status of its own throws away what was saved, as vim's :cq does. That of a signal, above 128, does not, nor one that
  // answers a signal: where its terminal is closed, vim ends with 1.
  if (ended && status <= 128 && !isInterrupted) return ended;
  const name = basename(path);
  const saved = readFileBytes(path, limits.guardedBytes); // more than is taken, so that it can be kept
  if (saved.status === 'read') return { bytes: saved.bytes, ended };
  if (ended) return ended;
  if (saved.status === 'unreadable') return unreadableProblem(name, saved);
  return failed('removed the file', `Save it as ${shellWord(name)}`);
}
