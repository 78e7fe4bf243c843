import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { applyCommand } from '../environment/apply-command';
import { valuesOf } from '../environment/evaluate';
import { inOrder, isError, type Problem, refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { isWritten, makeGivenFolder, writeEnvironmentFolder } from '../output/environment-folder';
import type { Renderer } from '../output/environment-manifests';
import type { Host } from '../report/host';
import { type EnvironmentDocument, environmentDocument, jsonText } from '../report/json';
import { createReporter } from '../report/reporter';
import { isTerminal, plural, printable } from '../report/terminal';
import { shownPath } from '../sources/given-path';
import { allOption, type Context, environmentLine, examples, type OptionsOf, outOption } from './command';
import { evaluateEnvironments, lookupFor, type Outcome, selectEnvironments, variablesOf } from './environments';

const line = () =>
  environmentLine('synth', '<env>… | --all')
    .description(`Write dist/<env>, ready for: ${applyCommand} -k dist/<env>`)
    .addOption(allOption())
    .option('--stdout', `print the manifests of one environment instead, for: | ${applyCommand} -f -`)
    .addOption(outOption())
    .addHelpText(
      'after',
      examples('npm run synth -- staging', `npm run -s synth -- staging --stdout | ${applyCommand} -f -`),
    );

export type SynthOptions = OptionsOf<typeof line>;

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
    throw refusal('usage', 'Secrets are not printed to a terminal', `Pipe them: … --stdout | ${applyCommand} -f -`);
  }
  const environments = selectEnvironments(catalog, names, options, options.stdout);
  const reporter = createReporter(host, Boolean(options.quiet || options.json || options.stdout));
  const renderer = lazyRenderer(catalog);
  const documents: EnvironmentDocument[] = [];
  const written: Written[] = [];
  let done = 0;
  let failed = false;
  for await (const outcome of evaluateEnvironments(catalog, environments, lookupFor(options, host), names)) {
    reporter.progress(++done, environments.length, outcome.environment);
    const result = await synthesise(outcome, renderer, options, host);
    failed ||= result.problems.some(isError);
    const listed = reporter.problems(
      outcome.environment,
      result.problems,
      environments.length > 1,
      consequence(outcome, result, options),
    );
    if (result.written) {
      written.push(result.written);
      reporter.result(writtenText(result.written));
    }
    if (options.json) documents.push(documentOf(catalog, outcome, { ...result, problems: listed }, options.out));
  }
  if (options.json) host.stdout.write(jsonText({ environments: documents }));
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
    renderer ??= import('../output/environment-manifests').then(({ createRenderer }) => createRenderer(catalog));
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
  const unmade = makeGivenFolder('--out', options.out, shownPath('--out', options.out));
  if (unmade) return { problems: inOrder([...problems, unmade]) };
  const folder = join(options.out, environment);
  const result = writeEnvironmentFolder(folder, rendered.files);
  if (result.problem) return { problems: inOrder([...problems, result.problem]), halfWritten: result.changed };
  return { problems, written: { environment, folder, changed: result.changed, objectCount: rendered.objectCount } };
}

function documentOf(catalog: Catalog, outcome: Outcome, result: Result, out: string): EnvironmentDocument {
  return {
    ...environmentDocument(catalog, outcome.environment, result.problems, variablesOf(outcome)),
    ...('resolved' in outcome && { output: join(shownPath('--out', out), outcome.environment) }),
    changed: result.written?.changed ?? result.halfWritten ?? false,
  };
}

function writtenText({ environment, folder, changed, objectCount }: Written): string {
  const what = plural(objectCount, 'object');
  const shown = printable(folder);
  return changed ? `${environment}: wrote ${what} to ${shown}\n` : `${environment}: ${shown} is up to date (${what})\n`;
}

/** The command that comes next, ready to be copied. */
function nextStep(written: readonly Written[], asked: number, out: string): string {
  const [first] = written;
  if (asked === 1) return first ? `\nNext: ${applyCommand} -k ${shellWord(printable(first.folder))}\n` : '';
  const summary = `\n${written.length} of ${plural(asked, 'environment')} synthesised`;
  return `${summary}${first ? `. Next, for each: ${applyCommand} -k ${printable(join(out, '<env>'))}` : ''}\n`;
}
