import { dirname, join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import type { Catalog, Variable } from '../catalog/catalog';
import { filledIn } from '../environment/checks/exposed-file';
import { evaluate } from '../environment/evaluate';
import { limits, sizeText } from '../environment/limits';
import { type Problem, refusal } from '../environment/problem';
import { resolveEnvironment } from '../environment/resolve';
import type { SecretStore } from '../environment/secret-store';
import { removeGeneratedFile, tidyGeneratedFiles, writeGeneratedFile } from '../output/new-files';
import { catalogDocument } from '../report/catalog-document';
import { envExampleText } from '../report/env-example';
import type { Host } from '../report/host';
import { pythonFileName, pythonReader } from '../report/python-reader';
import { createReporter } from '../report/reporter';
import { generated, generatedSource } from '../report/source-text';
import { typescriptFileName, typescriptReader } from '../report/typescript-reader';
import { valuesDocument } from '../report/values-document';
import { variablesDocument } from '../report/variables-document';
import { githubEnv, hasGithubEnv, withGithubEnv } from '../report/workflow';
import { readEnvFile } from '../sources/env-file';
import { demo, environmentFiles, filesBelow, knownEnvironments } from '../sources/environment-files';
import { requireEnvs, requireProject } from '../sources/given-path';
import {
  isThere,
  type Remembered,
  readTextFile,
  rememberFile,
  type TextFile,
  unreadableProblem,
} from '../sources/text-file';
import { type Context, envsOption, examples, type OptionsOf } from './command';

const line = () =>
  new Command('docs')
    .usage('[-- --check]')
    .description(
      "Regenerate what follows from the catalog: envs/*.env.example, documents, readers for the pods' code, env: of workflows",
    )
    .option('--check', 'write nothing; fail if one is stale')
    .addOption(envsOption())
    .addHelpText('after', examples('npm run docs', 'npm run docs -- --check'));

type DocsOptions = OptionsOf<typeof line>;

export const docsCommand = (context: Context) =>
  line().action(async (options) => context.exit(await docs(await context.catalog(), options, context.host)));

/**
 * Generates what follows from the catalog: an example for every environment that has a committed file, docs/variables.md,
 * and for each bundle what reads its variables in Python and in TypeScript; and what follows from the program:
 * docs/catalog.md, which says what a declaration may say, and docs/values.md, which says what values are refused. A reader
 * of a bundle that is gone goes too. Returns the exit status.
 * @throws {Refusal} if a committed file cannot be read, or the folder that is asked for is not there
 */
export async function docs(catalog: Catalog, { envs, check }: DocsOptions, host: Host): Promise<number> {
  requireProject(envs);
  requireEnvs(envs);
  const workflows = workflowFiles(join(dirname(envs), '.github/workflows'));
  const files = generatedFiles(catalog, envs, workflows);
  const stale = [...files].flatMap(([path, text]) => {
    const { file, isUnchanged } = workflows.get(path) ?? rememberFile(path);
    // Another run may have written the same meanwhile.
    const isToWrite = () => isUnchanged() || holds(readTextFile(path), text);
    return holds(file, text) ? [] : [{ path, file, text, isToWrite }];
  });
  const orphans = readersOfNoBundle(readersFolder(envs), files);
  const reporter = createReporter(host, false);
  const problems = stale.flatMap(({ path, file, text }) => [
    ...filledInProblems(catalog, path, text),
    ...foreignProblems(path, file, text),
  ]);
  const kept = new Set(problems.map(({ file }) => file));
  if (check) {
    reporter.problems('docs', problems, false);
    for (const { path } of stale) host.stderr.write(`${path} is stale\n`);
    for (const { path } of orphans) host.stderr.write(`${path} is of no bundle\n`);
    if (stale.length + orphans.length === 0) return 0;
    host.stderr.write('run: npm run docs\n');
    return 1;
  }
  tidyGeneratedFiles([...files.keys()]);
  for (const { path, text, isToWrite } of stale) {
    if (kept.has(path)) continue;
    const problem = writeGeneratedFile(path, text, isToWrite);
    if (problem) problems.push(problem);
    else reporter.result(`wrote ${path}\n`);
  }
  for (const { path, isUnchanged } of orphans) {
    const problem = removeGeneratedFile(path, isUnchanged);
    if (problem) problems.push(problem);
    else reporter.result(`removed ${path}\n`);
  }
  if (stale.length + orphans.length === 0) reporter.result('Examples and documents are up to date\n');
  reporter.problems('docs', problems, false, 'not written');
  return problems.length === 0 ? 0 : 1;
}

function holds(file: TextFile, text: string): boolean {
  return file.status === 'read' && file.text === text;
}

/** What somebody has written into an example, which is generated and committed: it would be lost, and does not belong there. */
function filledInProblems(catalog: Catalog, path: string, generated: string): Problem[] {
  if (!path.endsWith('.example')) return [];
  const present = readTextFile(path);
  if (present.status === 'unreadable' && present.remains === undefined) return [unreadableProblem(path, present)];
  const text = present.status === 'read' ? present.text : present.status === 'unreadable' ? present.remains : undefined;
  const env = path.replace(/\.example$/, '');
  return filledIn(catalog, text ?? '', generated).map(({ what, ...place }) => ({
    severity: 'error',
    code: 'exposed-file',
    file: path,
    ...place,
    message: `${path} ${what}, and everything in it is generated and committed`,
    hint: `Move that line to ${env}, which git ignores, and run npm run docs again. If it was ever pushed, rotate it`,
  }));
}

const firstLine = new RegExp(`^ *(?:<!--|#|//) ${generated}.*(?:\\r?\\n|$)`);

/** What is somebody's own under the name of a document or a reader: it would be lost. */
function foreignProblems(path: string, file: TextFile, text: string): Problem[] {
  // Of a file in the middle of a merge the first line is git's.
  const isMarked = (each: string) => firstLine.test(each.replace(/^<<<<<<< .*\n/, ''));
  if (!isMarked(text) || !isThere(path)) return [];
  if (file.status === 'read' && (file.text.trim() === '' || isMarked(file.text))) return [];
  const message = `${path} was not made by npm run docs, and is not overwritten`;
  const hint = 'Move it elsewhere, and run npm run docs again';
  return [{ severity: 'error', code: 'not-written', file: path, message, hint }];
}

/** What the files are to hold, by path. */
function generatedFiles(
  catalog: Catalog,
  envs: string,
  workflows: ReadonlyMap<string, Remembered>,
): Map<string, string> {
  const examples = knownEnvironments(envs).flatMap((environment): [string, string][] => {
    const path = environmentFiles(envs, environment).config;
    const config = readTextFile(path);
    // The demo's own env file is committed: nobody has to fill in an example.
    if (environment === demo || config.status === 'absent') return [];
    if (config.status === 'unreadable') throw refusal('unreadable', `${path} ${config.reason}`, config.hint);
    const { undecided, store } = evaluateCommitted(catalog, environment, config.text);
    const text = envExampleText(catalog, environment, undecided, store);
    return [[`${environmentFiles(envs, environment).env}.example`, text]];
  });
  const documents = join(dirname(envs), 'docs');
  const committed = committedNames(catalog, envs);
  const lines = githubEnv(catalog, committed);
  return new Map([
    ...examples,
    ...[...workflows].flatMap(([path, { file }]) =>
      file.status === 'read' ? [[path, withGithubEnv(file.text, lines)] as const] : [],
    ),
    [join(documents, 'catalog.md'), catalogDocument()],
    [join(documents, 'values.md'), valuesDocument()],
    [join(documents, 'variables.md'), variablesDocument(catalog, committed)],
    ...readers(catalog, readersFolder(envs)),
  ]);
}

/** The team's own workflows, by path: a step that asks for it gets what it needs of GitHub. */
function workflowFiles(folder: string): ReadonlyMap<string, Remembered> {
  const names = filesBelow(folder).filter((name) => /\.ya?ml$/.test(name)); // others are none, such as temporary ones
  const found = new Map<string, Remembered>();
  let left: number = limits.bytesOfWorkflows;
  for (const path of names.map((name) => join(folder, name))) {
    const workflow = rememberFile(path);
    if (workflow.file.status !== 'read' || !hasGithubEnv(workflow.file.text)) continue;
    left -= Buffer.byteLength(workflow.file.text);
    if (left < 0) {
      const message = `The workflows in ${folder} that npm run docs keeps up to date hold more than ${sizeText(limits.bytesOfWorkflows)}`;
      throw refusal(
        'unreadable',
        message,
        'Each has a line "# Generated by npm run docs: begin": is it meant in all of them?',
      );
    }
    found.set(path, workflow);
  }
  return found;
}

function readersFolder(envs: string): string {
  return join(dirname(envs), 'readers');
}

/** Readers that an earlier catalog had: whoever still used one would not learn of it. */
function readersOfNoBundle(folder: string, files: ReadonlyMap<string, string>) {
  return filesBelow(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => {
      if (files.has(path) || !/[-_]environment\.(?:py|ts)$/.test(path)) return [];
      const { file, isUnchanged } = rememberFile(path);
      const isOurs = file.status === 'read' && /^(?:#|\/\/) (.*)/.exec(file.text)?.[1] === generatedSource;
      return isOurs ? [{ path, isUnchanged }] : [];
    });
}

/** For the code in the pods of each bundle: what it can rely on. */
function readers(catalog: Catalog, folder: string): [path: string, text: string][] {
  return [...catalog.bundles.keys()].flatMap((bundle): [string, string][] => [
    [join(folder, pythonFileName(bundle)), pythonReader(catalog, bundle)],
    [join(folder, typescriptFileName(bundle)), typescriptReader(catalog, bundle)],
  ]);
}

/** The variables that every committed file gives. The demo's is left out: it gives fakes for everything. */
function committedNames(catalog: Catalog, envs: string): ReadonlySet<string> {
  const given = knownEnvironments(envs).flatMap((environment) => {
    const config = environment === demo ? undefined : readTextFile(environmentFiles(envs, environment).config);
    if (config?.status !== 'read') return [];
    const { assignments } = readEnvFile(config.text, catalog, { layer: 'config-file', unknownNamesAre: 'errors' });
    return [new Set(assignments.filter(({ template }) => template.length > 0).map(({ variable }) => variable))];
  });
  const [first = new Set<string>(), ...others] = given;
  return new Set([...first].filter((name) => others.every((each) => each.has(name))));
}

/** The required variables that are no secrets and that a committed file does not give, and the store that it names. */
function evaluateCommitted(
  catalog: Catalog,
  environment: string,
  config: string,
): { undecided: Variable[]; store: SecretStore | undefined } {
  const source = readEnvFile(config, catalog, { layer: 'config-file', unknownNamesAre: 'errors' });
  const { problems, store } = evaluate(catalog, resolveEnvironment(catalog, environment, [source]), {
    secrets: '',
    config: '',
  });
  const missing = new Set(problems.flatMap(({ code, variable }) => (code === 'missing' ? (variable ?? []) : [])));
  const undecided = [...catalog.variables.values()].filter(({ name, sensitive }) => !sensitive && missing.has(name));
  return { undecided, store };
}
