import { Command } from '@commander-js/extra-typings';
import type { Catalog } from '../catalog/catalog';
import { inOrder, isError, type Problem, refusal } from '../environment/problem';
import { createKustomizationReader } from '../former/kustomization';
import { formerEnvironments, readFormerBase, readFormerEnvironment } from '../former/layout';
import { envFileCanSay, migratedFiles } from '../former/migrated-files';
import { createOverlays } from '../former/overlay';
import { planMigration } from '../former/plan';
import { type Migration, migrationDocument, migrationText } from '../former/report';
import { type FormerEnvironment, formerValues } from '../former/values';
import { createFiles, inTheWay, makeFoldersFor } from '../output/new-files';
import type { Host } from '../report/host';
import { jsonText } from '../report/json';
import { createReporter } from '../report/reporter';
import { demo, environmentFiles } from '../sources/environment-files';
import { envsFlag, shownPath } from '../sources/given-path';
import { gitWith } from '../tools/git';
import { type Context, envsOption, examples, jsonOption, type OptionsOf, quietOption } from './command';

const line = () =>
  new Command('migrate')
    .usage('-- <folder>  [options]')
    .description('Take the former layout (config/, apps/base/) over into env files; the old files stay as they are')
    .argument('[folder...]', 'the folder with config/ and apps/ in it')
    .addOption(envsOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .addHelpText('after', examples('npm run migrate -- docker/k8', 'npm run migrate -- docker/k8 --envs migrated'));

type MigrateOptions = OptionsOf<typeof line>;

export const migrateCommand = (context: Context) =>
  line().action(async (folders, options) =>
    context.exit(await migrate(await context.catalog(), folders, options, context.host)),
  );

/**
 * Takes every environment of a former layout over into env files. Reads the old files, changes none. Returns the exit
 * status: 1 if something in them could not be read, or an environment could not be written.
 * @throws {Refusal} if there is no environment to take over
 */
export async function migrate(
  catalog: Catalog,
  folders: readonly string[],
  options: MigrateOptions,
  host: Host,
): Promise<number> {
  const [folder, ...more] = folders;
  const example = 'For example: npm run migrate -- docker/k8';
  if (!folder) throw refusal('usage', 'Which folder? The one with config/ and apps/ in it', example);
  if (more.length > 0) throw refusal('usage', 'One folder at a time', example);

  const kustomizationOf = createKustomizationReader();
  const { names, problems } = formerEnvironments(folder, kustomizationOf);
  const base = readFormerBase(folder, catalog);
  const overlaysOf = createOverlays(folder, kustomizationOf);
  const reporter = createReporter(host, options.quiet || options.json);
  reporter.problems('config', problems, false);
  const migrations = names.map((name) => {
    const former = readFormerEnvironment(folder, name, catalog, base, overlaysOf);
    const migration = takeOver(catalog, former, options.envs, host);
    reporter.problems(name, migration.problems, names.length > 1, consequence(migration));
    if (migration.files.length > 0) reporter.result(migrationText(migration, pathIn(options.envs, name)));
    return migration;
  });
  if (options.json) {
    const environments = migrations.map((each) => migrationDocument(each, pathIn(options.envs, each.name)));
    host.stdout.write(jsonText({ environments, ...(problems.length > 0 && { problems }) }));
  }
  reporter.result(nextStep(migrations, options.envs));
  return migrations.some((each) => each.problems.some(isError)) ? 1 : 0;
}

function takeOver(catalog: Catalog, former: FormerEnvironment, envs: string, host: Host): Migration {
  const { name, unknown } = former;
  const paths = environmentFiles(envs, name);
  if (name === demo) {
    const shown = environmentFiles(shownPath('--envs', envs), name);
    return { ...untouched(name), problems: [demoProblem(shown.env)] };
  }
  const obstacles = inTheWay([paths.config, paths.env, paths.encrypted, paths.patch]);
  if (obstacles.length > 0) return { ...untouched(name), problems: obstacles.map(obstacleProblem) };

  const values = formerValues(catalog, former);
  const hintFiles = { secrets: paths.env, config: paths.config };
  const plan = planMigration(catalog, name, values, hintFiles, (...args) => envFileCanSay(catalog, ...args));
  const files = migratedFiles(catalog, name, plan.placed, plan.open, paths);
  makeFoldersFor(files.map(({ path }) => path));
  const failure = createFiles(files, shownPath('--envs', envs), gitWith(host.env));
  if (failure) return { ...untouched(name), problems: inOrder([...values.problems, failure]) };
  return {
    name,
    files: files.map(({ path }) => path),
    variables: plan.placed,
    open: plan.open,
    unknown,
    problems: inOrder(values.problems),
  };
}

function untouched(name: string): Migration {
  return { name, files: [], variables: [], open: [], unknown: [], problems: [] };
}

function obstacleProblem(file: string): Problem {
  return {
    severity: 'error',
    code: 'not-written',
    file,
    message: `${file} is there already, and nothing is overwritten`,
    hint: 'Move it away, or migrate into another folder by --envs and compare',
  };
}

/** Whatever git says: the demo is meant to be committed. */
function demoProblem(file: string): Problem {
  return {
    severity: 'error',
    code: 'exposed-file',
    file,
    message: `${file} is committed by its name, and what is taken over holds secrets`,
    hint: `Give this environment another name than ${demo} in a copy of the former layout, and migrate that`,
  };
}

function consequence({ files }: Migration): string {
  return files.length === 0 ? 'nothing written' : 'the rest was taken over';
}

function pathIn(envs: string, name: string) {
  const paths = environmentFiles(envs, name);
  return (to: keyof typeof paths) => paths[to];
}

/** The commands that come next, ready to be copied. */
function nextStep(migrations: readonly Migration[], envs: string): string {
  const written = migrations.filter(({ files }) => files.length > 0);
  return written.map(({ name }) => `Next: npm run synth -- ${name}${envsFlag(envs)}\n`).join('');
}
