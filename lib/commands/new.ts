import { Command } from '@commander-js/extra-typings';
import type { Catalog, Variable } from '../catalog/catalog';
import { isDnsLabel } from '../catalog/host-name';
import { nearArgument, suggestion } from '../catalog/near-name';
import { type Problem, refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { saysMissing } from '../environment/variable-states';
import { createFiles } from '../output/new-files';
import { requirement } from '../report/env-file-text';
import type { Host } from '../report/host';
import { jsonText } from '../report/json';
import { createReporter } from '../report/reporter';
import { placeText, plural, wrap } from '../report/terminal';
import { demo, environmentFiles, knownEnvironments } from '../sources/environment-files';
import { envsFlag, shownPath } from '../sources/given-path';
import { loadSources } from '../sources/load';
import { gitWith } from '../tools/git';
import { type Context, envsOption, examples, jsonOption, type OptionsOf, quietOption, screenOf } from './command';
import { draftEnvironment, type Model } from './draft-environment';
import { evaluateEnvironment, listText, notAName, selectEnvironments, variablesOf } from './environments';
import { type Added, topUp } from './top-up';

const line = () =>
  new Command('new')
    .usage('-- <env> [--from <env> | --top-up]  [options]')
    .description("Write a new environment's two files, to be filled in; overwrites nothing")
    .argument('[env...]', 'the name of the environment')
    .option('--from <env>', 'copy config and non-sensitive infra of this environment; never secrets')
    .option('--top-up', 'add to the files of an environment that is there a line for each variable that they lack')
    .addOption(envsOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .addHelpText(
      'after',
      examples('npm run new -- preview', 'npm run new -- preview --from staging', 'npm run new -- staging --top-up'),
    );

export type NewOptions = OptionsOf<typeof line>;

export const newCommand = (context: Context) =>
  line().action(async (names, options) =>
    context.exit(await newEnvironment(await context.catalog(), names, options, context.host)),
  );

/**
 * Writes the two files of an environment that does not exist yet, or adds to those of one that does. Returns the exit status.
 * @throws {Refusal} if it exists, if the model does not, or if the files cannot be written; then there are none
 */
export async function newEnvironment(
  catalog: Catalog,
  names: readonly string[],
  options: NewOptions,
  host: Host,
): Promise<number> {
  if (options.topUp) return await addWhatLacks(catalog, names, options, host);
  const environment = newName(names, options.envs);
  const model = options.from === undefined ? undefined : await loadModel(catalog, options.from, options.envs, host.env);
  const { config, env, derived, notCopied } = draftEnvironment(catalog, environment, options.envs, model);
  const paths = environmentFiles(options.envs, environment);
  const files = [
    { path: paths.config, content: config, secret: false },
    { path: paths.env, content: env, secret: environment !== demo },
  ];
  const failure = createFiles(files, shownPath('--envs', options.envs), gitWith(host.env));
  if (failure) throw refusal(failure.code, failure.message, failure.hint);

  const reporter = createReporter(host, options.quiet || options.json);
  const written = files.map(({ path }) => path);
  const outcome = await evaluateEnvironment(catalog, environment, { envs: options.envs });
  const toFill = outcome.problems.filter(({ code }) => code === 'missing');
  const unsaid = notCopied.filter((name) => !toFill.some(({ variable }) => variable === name));
  const isToCome = saysMissing(variablesOf(outcome));
  const rest = outcome.problems.filter((each) => !isToCome(each));
  reporter.problems(environment, rest, false, 'to be mended before it can be synthesised');
  const document = { environment, files: written, toFill: toFill.map(toFillDocument) };
  if (options.json) host.stdout.write(jsonText(model ? { ...document, derived, notCopied } : document));
  const text = [
    `${environment}: wrote ${written.join(' and ')}\n`,
    derived.length === 0 ? '' : `\nDerived from ${options.from}, to be checked: ${derived.join(', ')}\n`,
    unsaid.length === 0
      ? ''
      : `\nNot copied from ${options.from}; why is said beside each in ${paths.config}: ${unsaid.join(', ')}\n`,
    ...(toFill.length === 0 ? [] : ['\nTo be filled in:\n', ...toFill.map((each) => toFillLine(each, catalog))]),
  ].join('');
  reporter.result(`${wrap(text, '  ', screenOf(host).columns)}${nextStep(environment, options.envs)}`);
  return 0;
}

function nextStep(environment: string, envs: string): string {
  return `\nNext: npm run synth -- ${environment}${envsFlag(envs)}\n`;
}

async function addWhatLacks(
  catalog: Catalog,
  names: readonly string[],
  options: NewOptions,
  host: Host,
): Promise<number> {
  if (options.from !== undefined)
    throw refusal('usage', '--from makes a new environment, --top-up adds to one that is there');
  const [environment = ''] = selectEnvironments(catalog, names, { envs: options.envs });
  if (names.length > 1)
    throw refusal('usage', 'One environment at a time', 'For example: npm run new -- staging --top-up');
  const known = knownEnvironments(options.envs);
  if (!known.includes(environment)) {
    const hint = suggestion(nearArgument(environment, known)) ?? 'Without --top-up it is made';
    throw refusal('unknown-environment', 'Argument 1 names no environment that is there', hint);
  }
  const { added, toEdit, unread } = await topUp(catalog, environment, options.envs, host.env);
  const files = [...new Set(added.map(({ file }) => file))];
  if (options.json) {
    const lines = added.map(({ variable, file, line }) => ({ variable: variable.name, file, line }));
    const edit = toEdit.length > 0 && { toEdit: toEdit.map(({ name }) => name) };
    host.stdout.write(jsonText({ environment, files, added: lines, ...edit, ...(unread !== undefined && { unread }) }));
  }
  createReporter(host, options.quiet || options.json).result(
    added.length + toEdit.length === 0
      ? unread === undefined
        ? `${environment}: nothing to add, every variable has a line, by its name or a former one\n`
        : `${environment}: nothing to add to what can be read here; ${notKnown(unread)}`
      : [
          added.length === 0
            ? ''
            : `${environment}: added ${plural(added.length, 'variable')} to ${files.join(' and ')}\n\n`,
          wrap(addedText(added), '  ', screenOf(host).columns),
          ...(toEdit.length === 0 ? [] : [toEditText(environment, toEdit, options.envs, added.length > 0)]),
          unread === undefined ? '' : wrap(`\n${notKnown(unread)}`, '  ', screenOf(host).columns),
          nextStep(environment, options.envs),
        ].join(''),
  );
  return 0;
}

function notKnown(file: string): string {
  return `what ${file} lacks is not known, since it cannot be decrypted here\n`;
}

function toEditText(environment: string, variables: readonly Variable[], envs: string, isSecond: boolean): string {
  const names = variables.map(({ name, description }) => `${name} — ${description}\n`).join('');
  return `${isSecond ? '\n' : ''}${environment}: to be added by npm run edit -- ${environment}${envsFlag(envs)}\n\n${names}`;
}

/** What has to be filled in stands apart from what may stay as it is. */
function addedText(added: readonly Added[]): string {
  const isRequired = ({ variable }: Added) => requirement(variable) === 'required';
  const block = (heading: string, some: readonly Added[]) =>
    some.length === 0 ? [] : [`${heading}\n${some.map(addedLine).join('')}`];
  return [
    ...block('To be filled in:', added.filter(isRequired)),
    ...block(
      'In comments, since they need no value:',
      added.filter((each) => !isRequired(each)),
    ),
  ].join('\n');
}

function addedLine({ variable, file, line }: Added): string {
  return `${placeText({ file, line })} ${variable.name} — ${variable.description} (${requirement(variable)})\n`;
}

/** The one name given, which no environment may have yet. */
function newName(names: readonly string[], envs: string): string {
  const [name] = names;
  const example = 'For example: npm run new -- preview --from staging';
  if (name === undefined) throw refusal('usage', 'What is the new environment to be called?', example);
  if (names.length > 1) throw refusal('usage', 'One new environment at a time', example);
  // The argument itself is not repeated: it may be a secret typed by mistake.
  if (!isDnsLabel(name)) throw refusal('usage', `Argument 1 is ${notAName}`, example);
  if (!knownEnvironments(envs).includes(name)) return name;
  throw refusal(
    'not-written',
    `There is an environment ${name} in ${envs} already, and nothing is overwritten`,
    `Choose another name, add what its files lack with --top-up, or move them away: ls ${shellWord(envs)}/${name}[.-]*`,
  );
}

async function loadModel(
  catalog: Catalog,
  environment: string,
  envs: string,
  identities: NodeJS.ProcessEnv,
): Promise<Model> {
  const known = knownEnvironments(envs);
  const there = known.length === 0 ? `There is none in ${shownPath('--envs', envs)}` : `There are: ${listText(known)}`;
  if (!isDnsLabel(environment)) throw refusal('usage', `What follows --from is ${notAName}`, there);
  if (!known.includes(environment)) {
    const near = nearArgument(environment, known);
    const hint = near === undefined ? there : `Did you mean ${near}? ${there}`;
    throw refusal('unknown-environment', 'What follows --from names no environment', hint);
  }
  const { sources } = await loadSources(catalog, environment, { envs, identities });
  const unreadable = sources.flatMap(({ problems }) => problems).find(({ code }) => code === 'unreadable');
  if (unreadable) throw refusal('unreadable', unreadable.message, unreadable.hint);
  return { environment, sources };
}

function toFillDocument({ variable, file, line }: Problem) {
  return { variable, file, line };
}

function toFillLine(problem: Problem, catalog: Catalog): string {
  const description = catalog.variables.get(problem.variable ?? '')?.description;
  return `${placeText(problem)} ${problem.variable} — ${description}\n`;
}
