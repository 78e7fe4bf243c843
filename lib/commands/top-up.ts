import type { Catalog, Variable } from '../catalog/catalog';
import { refusal } from '../environment/problem';
import { resolveEnvironment } from '../environment/resolve';
import { mayBeInStore, secretStoreOf } from '../environment/secret-store';
import type { Source } from '../environment/source';
import { type Addition, appendOrCreate } from '../output/new-files';
import {
  configHeading,
  type Entry,
  type EntrySection,
  entrySections,
  envFileText,
  openEntry,
  quotingAdvice,
  secretHeading,
} from '../report/env-file-text';
import { readAgeFile } from '../sources/age-file';
import { readEnvFile } from '../sources/env-file';
import { demo, environmentFiles } from '../sources/environment-files';
import { shownPath } from '../sources/given-path';
import { loadSources } from '../sources/load';
import { type Remembered, rememberFile, unreadableProblem } from '../sources/text-file';
import { gitWith } from '../tools/git';
import { toDecide } from './draft-environment';

/** A line that was added to a file of an environment. */
export interface Added {
  readonly variable: Variable;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What an environment lacked. */
export interface ToppedUp {
  readonly added: readonly Added[];
  /** Secrets that need a value, and whose file is encrypted: a person adds them to it. */
  readonly toEdit: readonly Variable[];
  /** That file, where it cannot be decrypted here: what it lacks is not known. */
  readonly unread?: string;
}

/**
 * Adds to the files of an environment a line for every variable that none of them mentions, each to the file where it
 * belongs. What is there stays as it is, to the byte, and what is encrypted stays untouched.
 * @throws {Refusal} if a file cannot be read or written, or does not end where its last value does
 */
export async function topUp(
  catalog: Catalog,
  environment: string,
  envs: string,
  processEnvironment: NodeJS.ProcessEnv,
): Promise<ToppedUp> {
  const files = environmentFiles(envs, environment);
  const [plain, config] = [rememberFile(files.env), rememberFile(files.config)];
  const { sources, isEncrypted } = await loadSources(catalog, environment, { envs, identities: processEnvironment });
  const texts = { env: textOf(files.env, plain), config: textOf(files.config, config) };
  const encrypted = isEncrypted ? await readAgeFile(files.encrypted, environment, processEnvironment) : undefined;
  const all = [...Object.values(texts), encrypted?.status === 'read' ? encrypted.text : undefined];
  const unmentioned = (variable: Variable) => !isMentioned(variable, sources, all);
  const { values } = resolveEnvironment(catalog, environment, sources);
  const store = secretStoreOf(catalog, environment, (name) => values.get(name)?.value);
  const isKept = (each: Variable) => each.sensitive && !(store && mayBeInStore(each));
  const secrets = entrySections(catalog, (each) => isKept(each) && unmentioned(each), openEntry);
  const others = entrySections(
    catalog,
    (each) => !each.sensitive && unmentioned(each),
    (variable) => toDecide(variable, environment),
  );
  const drafts = [
    draft(files.config, texts.config, others, configHeading(environment, environment === demo)),
    ...(isEncrypted ? [] : [draft(files.env, texts.env, secrets, secretHeading(environment, environment === demo))]),
  ].filter(({ entries }) => entries.length > 0);
  for (const each of drafts) checkEnd(catalog, each);
  const additions = drafts.map(
    ({ path, before, text }): Addition => ({
      path,
      content: text,
      secret: path === files.env && environment !== demo,
      isThere: before !== undefined,
      isUnchanged: (path === files.env ? plain : config).isUnchanged,
    }),
  );
  const failure = appendOrCreate(additions, shownPath('--envs', envs), gitWith(processEnvironment));
  if (failure) throw refusal(failure.code, failure.message, failure.hint);
  return {
    added: drafts.flatMap(({ path, before = '', text, entries }) => placesOf(path, before, text, entries)),
    // Of one that cannot be decrypted here it is not known what it lacks.
    ...(encrypted && encrypted.status !== 'read' && { unread: files.encrypted }),
    // What needs no value is a comment in a file that can be added to, and none that anybody is sent to edit for.
    toEdit:
      encrypted?.status === 'read'
        ? secrets.flatMap(({ entries }) => entries.map(({ variable }) => variable)).filter(({ optional }) => !optional)
        : [],
  };
}

interface Draft {
  readonly path: string;
  /** What the file holds; none if it is not there. */
  readonly before: string | undefined;
  /** What is added to it. */
  readonly text: string;
  readonly entries: readonly Entry[];
}

function textOf(path: string, { file }: Remembered): string | undefined {
  if (file.status === 'absent') return undefined;
  if (file.status === 'read') return file.text;
  const { code, message, hint } = unreadableProblem(path, file);
  throw refusal(code, message, hint);
}

/** Whether a file assigns the variable, be it empty, in a comment, or in a way that cannot be read. */
function isMentioned({ name, formerly }: Variable, sources: readonly Source[], texts: readonly (string | undefined)[]) {
  const isAssigned = sources.some(
    ({ assignments, faulty }) => faulty?.has(name) || assignments.some(({ variable }) => variable === name),
  );
  // A former name is told the new one: it is to be renamed, not to be given twice.
  const pattern = new RegExp(
    `^[ \\t]*(?:#[ \\t]*)?(?:export[ \\t]+)?(?:${[name, ...formerly].join('|')})[ \\t]*=`,
    'm',
  );
  return isAssigned || texts.some((text) => text !== undefined && pattern.test(text));
}

function draft(path: string, before: string | undefined, sections: readonly EntrySection[], heading: string): Draft {
  const header = before === undefined ? [heading, quotingAdvice] : ['In the catalog, and not in this file until now:'];
  const text = envFileText(header, sections);
  const gap = before === undefined || before === '' ? '' : before.endsWith('\n') ? '\n' : '\n\n';
  const added = `${gap}${text}`;
  return {
    path,
    before,
    text: before?.includes('\r\n') ? added.replaceAll('\n', '\r\n') : added,
    entries: sections.flatMap(({ entries }) => entries),
  };
}

/** @throws {Refusal} if what is added would be read as a part of what is there, as behind a quote that does not close */
function checkEnd(catalog: Catalog, { path, before = '', text }: Draft): void {
  const kind = { layer: 'env-file', unknownNamesAre: 'errors' } as const;
  const [old, both] = [readEnvFile(before, catalog, kind), readEnvFile(before + text, catalog, kind)];
  if (JSON.stringify(old.problems) === JSON.stringify(both.problems)) return;
  throw refusal('not-written', `${path} does not end where its last value does`, 'Close the last quote in it');
}

function placesOf(file: string, before: string, text: string, entries: readonly Entry[]): Added[] {
  const lines = (before + text).split(/\r?\n/);
  const start = before.split('\n').length - 1;
  return entries.map(({ variable, line }) => {
    const [first = ''] = line.split('\n');
    return { variable, file, line: lines.indexOf(first, start) + 1 };
  });
}
