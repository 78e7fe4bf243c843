import { basename, dirname } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import type { Catalog } from '../catalog/catalog';
import type { Exposure } from '../environment/checks/exposed-file';
import { groupBy } from '../environment/group-by';
import { limits, sizeText } from '../environment/limits';
import { inOrder, isError, type Problem, refusal } from '../environment/problem';
import { createRunList, type ProblemList } from '../environment/problem-list';
import { shellWord } from '../environment/shell-word';
import { someOf } from '../environment/some-of';
import { installHook } from '../output/git-hook';
import { isManifestsFile } from '../output/own-folder';
import type { Host } from '../report/host';
import { guardDocument } from '../report/json';
import { createReporter } from '../report/reporter';
import { plural } from '../report/terminal';
import {
  type ContentInGit,
  createExposureSearch,
  type ExposureSearch,
  neverCommitted,
  pieceLength,
} from '../sources/exposures';
import { requireEnvs } from '../sources/given-path';
import { localSecrets } from '../sources/local-secrets';
import { readTextFile } from '../sources/text-file';
import { type GitFile, type GuardedRepository, openForCommit } from '../tools/guarded-repository';
import { type Context, envsOption, examples, jsonOption, type OptionsOf, quietOption } from './command';

const line = () =>
  new Command('guard')
    .usage('[-- options]')
    .description('Refuse to let a secret into git: look for those of envs/, and for what looks like one')
    .option('--all', 'look at every file that git tracks, instead of what is staged')
    .option('--range <A..B>', 'look at what each of these commits adds or changes, and at its message')
    .option('--install-hook', 'make git run this before each commit; a hook of your own is left as it is')
    .addOption(envsOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .addHelpText(
      'after',
      examples(
        'npm run guard',
        'npm run guard -- --all',
        'npm run guard -- --range origin/main..HEAD',
        'npm run guard -- --install-hook',
      ),
    );

type GuardOptions = OptionsOf<typeof line>;

export const guardCommand = (context: Context) =>
  line().action(async (options) => context.exit(await guard(await context.catalog(), options, context.host)));

/** What is looked at, and how it is called. */
interface Scope {
  readonly files: readonly GitFile[];
  readonly commits: readonly string[];
  /** "1 staged file" */
  readonly called: string;
  /** Of what is found. */
  readonly consequence?: string;
  /** Lists the files in the same order, for those whose name cannot be said. */
  readonly listing: string;
}

/**
 * Looks for secrets in what is staged, in all that git tracks or in a range of commits. Returns the exit status.
 * @throws {Refusal} where there is no git or no repository, or no such range
 */
async function guard(catalog: Catalog, options: GuardOptions, host: Host): Promise<number> {
  if ([options.all, options.range, options.installHook].filter(Boolean).length > 1) {
    throw refusal('usage', '--all, --range and --install-hook do not go together', 'See npm run guard -- --help');
  }
  const repository = await openForCommit(host.env);
  if (options.installHook) return installed(repository, options, host);
  requireEnvs(options.envs);
  const scope = await scopeOf(repository, options);
  const local = await localSecrets(catalog, options.envs, host.env);
  const search = await createExposureSearch(catalog, local, options.envs);
  const found = createRunList();
  await findExposures(repository, scope, search, options, found);

  const reporter = createReporter(host, options.quiet || options.json);
  const problems = inOrder([...local.unread, ...found.all()]);
  const listed = reporter.problems('guard', problems, false, scope.consequence);
  const failed = problems.some(isError);
  if (options.json) host.stdout.write(guardDocument(listed, contentsIn(scope.files), local.closed));
  const { secrets, closed } = local;
  const unknown =
    closed.length > 0 ? `; secrets of ${someOf(closed)}, which cannot be read here, were not looked for` : '';
  const none = secrets.length + closed.length === 0 ? `; there are no secrets in ${options.envs} to look for` : '';
  if (!failed) reporter.result(`${scope.called}: no secret found${unknown}${none}\n`);
  return failed ? 1 : 0;
}

async function scopeOf(repository: GuardedRepository, { all, range }: GuardOptions): Promise<Scope> {
  if (range !== undefined) {
    const { files, commits } = await repository.changedIn(range);
    const called = `${plural(commits.length, 'commit')} with ${plural(contentsIn(files), 'changed file')}`;
    const listing = 'git show --name-only --no-renames --diff-filter=d <commit>';
    return { files, commits, called, consequence: 'not to be pushed', listing };
  }
  const files = all ? await repository.tracked() : await repository.staged();
  const scope = { files, commits: [], called: plural(contentsIn(files), all ? 'tracked file' : 'staged file') };
  if (all) return { ...scope, listing: 'git ls-files' };
  const listing = 'git diff --cached --name-only --no-renames --diff-filter=d';
  return { ...scope, consequence: 'not to be committed', listing };
}

/** How many of them hold something, as submodules do not. */
function contentsIn(files: readonly GitFile[]): number {
  return files.filter(({ object }) => object !== undefined).length;
}

/** Some of the objects that are looked at, and what they hold. */
interface Batch {
  readonly contents: ContentInGit[];
  /** How the files of each are called. */
  readonly names: (readonly Named[])[];
  readonly messages: { readonly commit: string; readonly text: string }[];
}

async function findExposures(
  repository: GuardedRepository,
  scope: Scope,
  search: ExposureSearch,
  options: GuardOptions,
  found: ProblemList,
): Promise<void> {
  const names = await namesOf(repository, scope, search);
  for (const { problem } of names) if (problem) found.add(problem, () => problem);
  // The same content may have several names, and be in several commits.
  const byObject = groupBy(
    names.filter(({ object }) => object !== undefined),
    ({ object = '' }) => object,
  );
  const objects = [...byObject.keys(), ...scope.commits];
  let batch: Batch = { contents: [], names: [], messages: [] };
  let size = 0;
  let index = 0;
  for await (const bytes of repository.contents(objects, limits.guardedBytes)) {
    const object = objects[index++] ?? '';
    const named = byObject.get(object);
    if (typeof bytes === 'string') {
      const unseen = named ?? [{ subject: `The message of commit ${object.slice(0, 12)}` }];
      for (const each of unseen) addNotSearched(each, bytes === 'too-large', found);
    } else if (!named) batch.messages.push({ commit: object, text: messageOf(bytes) });
    else {
      batch.contents.push({ paths: named.map(({ path }) => path), bytes });
      batch.names.push(named);
    }
    size += bytes.length;
    if (size < pieceLength) continue;
    await addProblemsOf(batch, search, options, found);
    batch = { contents: [], names: [], messages: [] };
    size = 0;
  }
  await addProblemsOf(batch, search, options, found);
}

async function addProblemsOf(
  { contents, names, messages }: Batch,
  search: ExposureSearch,
  options: GuardOptions,
  found: ProblemList,
): Promise<void> {
  const inContents = await search.inContents(contents);
  for (const [at, named] of names.entries()) {
    for (const [nth, name] of named.entries()) {
      for (const each of firstOf(inContents[at]?.[nth] ?? [])) addExposure(each, name, options, found);
    }
  }
  const inMessages = await search.inMessages(messages.map(({ text }) => text));
  for (const [at, { commit }] of messages.entries()) {
    for (const each of inMessages[at] ?? []) addExposureInMessage(each, commit, found);
  }
}

/** As many as are listed of one file, and how many more there are. */
function firstOf(found: readonly Exposure[]): readonly Exposure[] {
  const more = found.length - limits.problemsOfFile;
  return more <= 0 ? found : [...found.slice(0, -more), { what: `holds ${plural(more, 'more secret')}` }];
}

/** How a file may be called: by its path, unless that gives something away. */
interface Named {
  readonly object?: string;
  /** Seen from the working directory. Not to be shown. */
  readonly path: string;
  readonly file?: string;
  /** Begins a message. */
  readonly subject: string;
  readonly commit?: string;
  /** Of the name itself. */
  readonly problem?: Problem;
}

async function namesOf(
  repository: GuardedRepository,
  { files, listing }: Scope,
  search: ExposureSearch,
): Promise<Named[]> {
  const found = await search.inNames(files.map(({ path }) => path.toString()));
  // A secret may be in a name that is no text.
  const ofBytes = await search.inNames(files.map(({ path }) => path.toString('latin1')));
  const counts = new Map<string | undefined, number>();
  return files.map(({ path, commit, ...rest }, at) => {
    const number = (counts.get(commit) ?? 0) + 1;
    counts.set(commit, number);
    const shown = repository.shown(path);
    const short = commit?.slice(0, 12);
    const name = { ...rest, path: shown, ...(short !== undefined && { commit: short }) };
    const [first] = [...(found[at] ?? []), ...(ofBytes[at] ?? [])];
    // What is no text is shown as far as it is one.
    const file = shown.replace(/\p{Cc}/gu, '\ufffd');
    if (!first) return { ...name, file, subject: file };
    const subject = `file ${number} of ${listing.replace('<commit>', short ?? '')}`;
    const problem: Problem = {
      ...anExposure,
      ...(first.variable !== undefined && { variable: first.variable }),
      message: `The name of ${subject} ${first.what}`,
      hint: 'Rename it with git mv. If that name was ever pushed, rotate the secret',
    };
    return { ...name, subject: `F${subject.slice(1)}`, problem };
  });
}

function addExposure({ variable, line, what }: Exposure, name: Named, { all }: GuardOptions, found: ProblemList): void {
  if (found.isFull('error', variable)) {
    found.count('error', 'exposed-file');
    return;
  }
  const { file, subject, commit } = name;
  const place = { ...(file !== undefined && { file }), ...(line !== undefined && { line }) };
  found.add({ ...anExposure, ...(variable !== undefined && { variable }), ...place }, () => ({
    message: `${subject} ${what}${commit === undefined ? '' : `, in commit ${commit}`}`,
    hint: hintFor(name, what, all === true),
  }));
}

const anExposure = { severity: 'error', code: 'exposed-file' } as const;

function hintFor({ file, commit }: Named, what: string, all: boolean): string {
  const rotate = 'If it was ever pushed, rotate the secret';
  if (commit !== undefined) return `Take it out of that commit (git rebase -i), not in a later one. ${rotate}`;
  if (what === neverCommitted && file !== undefined) return `git rm --cached -- ${shellWord(file)}. ${rotate}`;
  const removed = all ? 'Remove it there' : 'Remove it there, and git add the file again';
  const folder = file !== undefined && isManifestsFile(basename(file)) ? dirname(file) : '.';
  const isAbove = /(?:^|\/)\.\.?$/.test(folder);
  return isAbove
    ? `${removed}. ${rotate}`
    : `${removed}; or, if synth has written it, take its folder out: git rm -r --cached -- ${shellWord(folder)}. ${rotate}`;
}

function addExposureInMessage({ variable, what }: Exposure, commit: string, found: ProblemList): void {
  found.add({ ...anExposure, ...(variable !== undefined && { variable }) }, () => ({
    message: `The message of commit ${commit.slice(0, 12)} ${what}`,
    hint: 'Write another one (git rebase -i, reword). If it was ever pushed, rotate the secret',
  }));
}

/**
 * What people say in a commit, in the encoding that it names, and as UTF-8, as which most programs take it: its message,
 * whose it is, and the messages of signed tags that it merges. Its hashes and its signature are nobody's secret.
 */
function messageOf(commit: Buffer): string {
  const blank = commit.indexOf('\n\n');
  const header = commit.subarray(0, blank < 0 ? commit.length : blank).toString('latin1');
  const [, encoding = 'utf-8'] = /^encoding (.*)$/m.exec(header) ?? [];
  const said = Buffer.concat([commit.subarray(header.length), Buffer.from(saidInHeader(header), 'latin1')]);
  const asUtf8 = said.toString('utf8');
  if (/^utf-?8$/i.test(encoding)) return asUtf8;
  try {
    return `${new TextDecoder(encoding).decode(said)}\n${asUtf8}`;
  } catch {
    return `${said.toString('latin1')}\n${asUtf8}`; // one that nobody knows
  }
}

/** Each field of a header begins a line, and goes on behind a blank. */
function saidInHeader(header: string): string {
  const fields = header.split(/\n(?! )/).filter((field) => !/^(?:tree|parent|encoding|gpgsig\S*) /.test(field));
  return fields.map((field) => `\n${field.replaceAll('\n ', '\n')}`).join('');
}

/** A warning of what is too large; not of what is not here: in a partial clone that may be all that is looked at. */
function addNotSearched({ file, subject }: Pick<Named, 'file' | 'subject'>, isHere: boolean, found: ProblemList): void {
  const why = isHere ? `larger than ${sizeText(limits.guardedBytes)}` : 'not in this clone';
  const severity = isHere ? 'warning' : 'error';
  found.add({ severity, code: 'unreadable', ...(file !== undefined && { file }) }, () => ({
    message: `${subject} is ${why}, and was not searched`,
    hint: isHere
      ? 'Make sure that it holds no secret'
      : 'Clone without --filter, or run git fetch --refetch --no-filter',
  }));
}

async function installed(repository: GuardedRepository, { json, quiet }: GuardOptions, host: Host): Promise<number> {
  const result = installHook({ ...(await repository.hooks()), prefix: repository.prefix }, hookText);
  const reporter = createReporter(host, quiet || json);
  if ('code' in result) {
    reporter.problems('guard', [result], false, 'no hook written');
    if (json) host.stdout.write(guardDocument([result], 0));
    return 1;
  }
  if (json) host.stdout.write(guardDocument([], 0));
  const { path, isNew } = result;
  reporter.result(isNew ? `wrote ${path}: git runs guard before each commit\n` : `${path} runs guard already\n`);
  return 0;
}

/** A hook that is there: empty where it is no text, and so somebody's. */
function hookText(path: string): string {
  const file = readTextFile(path);
  return file.status === 'read' ? file.text : '';
}
