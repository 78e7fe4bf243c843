import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Catalog } from '../catalog/catalog';
import type { ObjectChange } from '../environment/difference';
import { valuesOf } from '../environment/evaluate';
import { groupBy } from '../environment/group-by';
import { kubectlApply } from '../environment/kubectl-apply';
import { limits } from '../environment/limits';
import { inOrder, isError, type Problem, refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { someOf } from '../environment/some-of';
import type { Renderer } from '../output/dist-files';
import { isWritten, makeGivenFolder, type WriteResult, writeEnvironmentFolder } from '../output/environment-folder';
import { changesBetween, namespacesLeft } from '../output/written-data';
import { keyText } from '../report/differences';
import type { Host } from '../report/host';
import { type EnvironmentDocument, environmentDocument, jsonText } from '../report/json';
import { createReporter } from '../report/reporter';
import { type Row, tableText } from '../report/table';
import { isTerminal, plural, printable, wrap } from '../report/terminal';
import { shownPath } from '../sources/given-path';
import { allOption, type Context, environmentLine, examples, type OptionsOf, outOption, screenOf } from './command';
import { evaluateEnvironments, judged, lookupFor, type Outcome, selectEnvironments, variablesOf } from './environments';

const line = () =>
  environmentLine('synth', '<env>… | --all')
    .description(`Write dist/<env>, ready for: ${kubectlApply} -k dist/<env>`)
    .addOption(allOption())
    .option('--stdout', `print the manifests of one environment instead, for: | ${kubectlApply} -f -`)
    .addOption(outOption())
    .addHelpText(
      'after',
      examples('npm run synth -- staging', `npm run -s synth -- staging --stdout | ${kubectlApply} -f -`),
    );

type SynthOptions = OptionsOf<typeof line>;

export const synthCommand = (context: Context) =>
  line().action(async (names, options) =>
    context.exit(await synth(await context.catalog(), names, options, context.host)),
  );

/** Writes `dist/<env>` of every environment that has no error. Returns the exit status. */
export async function synth(
  catalog: Catalog,
  names: readonly string[],
  options: SynthOptions,
  host: Host,
): Promise<number> {
  if (options.stdout && options.json)
    throw refusal('usage', '--stdout prints manifests and --json a report: choose one');
  if (options.stdout && isTerminal(host.stdout)) {
    throw refusal('usage', 'Secrets are not printed to a terminal', `Pipe them: … --stdout | ${kubectlApply} -f -`);
  }
  const environments = selectEnvironments(catalog, names, options, options.stdout);
  const quiet = options.quiet || options.json || options.stdout;
  const reporter = createReporter(host, quiet, environments.length);
  const wrapped = (text: string) => wrap(text, '    ', screenOf(host).columns);
  const renderer = lazyRenderer(catalog);
  const documents: EnvironmentDocument[] = [];
  const written: Written[] = [];
  let done = 0;
  let failed = false;
  for await (const found of evaluateEnvironments(catalog, environments, lookupFor(options, host), names)) {
    const outcome = judged(found, options);
    reporter.progress(++done, environments.length, outcome.environment);
    const result = await synthesise(outcome, renderer, options, host);
    const isFaulty = result.problems.some(isError);
    failed ||= isFaulty;
    const listed = reporter.problems(
      outcome.environment,
      result.problems,
      environments.length > 1,
      isFaulty ? consequence(outcome, result, options) : undefined,
    );
    if (result.written) {
      written.push(result.written);
      // Of many, what they have alike is said once, when all are known.
      if (environments.length <= limits.environmentsListed) reporter.result(wrapped(writtenText([result.written])));
    }
    if (options.json) documents.push(documentOf(catalog, outcome, { ...result, problems: listed }, options.out));
  }
  reporter.finish();
  if (options.json) host.stdout.write(jsonText({ environments: documents }));
  if (environments.length > limits.environmentsListed) reporter.result(wrapped(alikeTexts(written)));
  reporter.result(nextStep(written, environments.length, options.out));
  return failed ? 1 : 0;
}

/** What errors have led to, completing "staging: 2 errors, …". */
function consequence({ environment }: Outcome, { halfWritten }: Result, { stdout, out }: SynthOptions): string {
  if (stdout) return 'nothing printed';
  const folder = join(out, environment);
  if (halfWritten) return `${folder} holds new files and old ones: mend this and run it again`;
  return isWritten(folder) ? `nothing written; ${folder} still holds what an earlier run wrote` : 'nothing written';
}

interface Written {
  readonly environment: string;
  readonly folder: string;
  readonly changed: boolean;
  readonly objectCount: number;
  /** What became of each object since the last time, if there was one. */
  readonly changes?: readonly ObjectChange[];
  /** The namespaces that it was for the last time, and is no longer. */
  readonly left: readonly string[];
}

interface Result {
  readonly problems: readonly Problem[];
  readonly written?: Written;
  /** Some files had been replaced before the error. */
  readonly halfWritten?: boolean;
}

/** cdk8s is loaded only where something is rendered, and then once. */
function lazyRenderer(catalog: Catalog): () => Promise<Renderer<Catalog>> {
  let renderer: Promise<Renderer<Catalog>> | undefined;
  return () => {
    renderer ??= import('../output/dist-files').then(({ createRenderer }) => createRenderer(catalog));
    return renderer;
  };
}

async function synthesise(
  outcome: Outcome,
  renderer: () => Promise<Renderer<Catalog>>,
  options: SynthOptions,
  host: Host,
): Promise<Result> {
  const { environment, problems } = outcome;
  if (!('resolved' in outcome) || problems.some(isError)) return { problems };
  const render = await renderer();
  const rendered = render({ environment, values: valuesOf(outcome) });
  if (options.stdout) {
    host.stdout.write(rendered.manifests);
    return { problems };
  }
  const unmade = makeGivenFolder('--out', options.out, () => shownPath('--out', options.out));
  if (unmade) return { problems: inOrder([...problems, unmade]) };
  const folder = join(options.out, environment);
  let before: string | undefined;
  const result = await writtenInTurn(() =>
    writeEnvironmentFolder(folder, () => {
      const found = rendered.filesFor(folder);
      before = found.before;
      return found.files;
    }),
  );
  if (result.problem) return { problems: inOrder([...problems, result.problem]), halfWritten: result.changed };
  const { changed } = result;
  const changes = changed && before !== undefined ? changesBetween(before, rendered.manifests) : undefined;
  const { objectCount } = rendered;
  const left = changes && before !== undefined ? namespacesLeft(before, rendered.manifests) : [];
  const all = result.warning ? inOrder([...problems, result.warning]) : problems;
  return { problems: all, written: { environment, folder, changed, objectCount, left, ...(changes && { changes }) } };
}

/** So long a run waits for another one that writes to the same folder, which takes it moments. In milliseconds. */
const longestWait = 10_000;

async function writtenInTurn(write: () => WriteResult): Promise<WriteResult> {
  const end = Date.now() + longestWait;
  for (;;) {
    const result = write();
    if (!result.busy) return result;
    if (Date.now() > end) return { changed: false, problem: result.busy };
    await setTimeout(5 + 20 * Math.random()); // of two that step back, one comes first the next time
  }
}

function documentOf(catalog: Catalog, outcome: Outcome, result: Result, out: string): EnvironmentDocument {
  return {
    ...environmentDocument(catalog, outcome.environment, result.problems, variablesOf(outcome)),
    ...('resolved' in outcome && { output: join(shownPath('--out', out), outcome.environment) }),
    changed: result.written?.changed ?? result.halfWritten ?? false,
  };
}

/** What was written of environments that have it alike: names of objects and keys, no values. */
function writtenText(alike: readonly Written[]): string {
  const [first] = alike;
  if (!first) return '';
  const { folder, changed, objectCount, changes = [], left } = first;
  const what = `${plural(objectCount, 'object')}${alike.length > 1 ? ' each' : ''}`;
  const shown = printable(alike.length > 1 ? join(dirname(folder), '<env>') : folder);
  const names = someOf(alike.map(({ environment }) => environment));
  const rows = changes
    .filter(({ state }) => state !== 'same')
    .map((each): Row => [`  ${each.object}`, changeText(each)]);
  const moved = left.map(
    (each) => `  The namespace was ${each}: what was applied there stays, pods too, until somebody deletes it\n`,
  );
  return changed
    ? `${names}: wrote ${what} to ${shown}\n${tableText(rows, [])}${moved.join('')}`
    : `${names}: ${shown} is up to date (${what})\n`;
}

function changeText(change: ObjectChange): string {
  if (change.state === 'gone') return 'no longer written';
  return change.state === 'new' ? 'new' : keyText(change);
}

/** The same of very many environments: those that have it alike together. */
function alikeTexts(written: readonly Written[]): string {
  const groups = groupBy(written, ({ changed, objectCount, changes, left }) =>
    JSON.stringify([changed, objectCount, left, changes?.filter(({ state }) => state !== 'same')]),
  );
  return [...groups.values()].map(writtenText).join('');
}

/** The command that comes next, ready to be copied. */
function nextStep(written: readonly Written[], asked: number, out: string): string {
  const [first] = written;
  if (asked === 1) return first ? `\nNext: ${kubectlApply} -k ${shellWord(printable(first.folder))}\n` : '';
  const summary = `\n${written.length} of ${plural(asked, 'environment')} synthesised`;
  return `${summary}${first ? `. Next, for each: ${kubectlApply} -k ${printable(join(out, '<env>'))}` : ''}\n`;
}
