import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { nearArgument, suggestion } from '../catalog/near-name';
import { secretsOf, valuesOf } from '../environment/evaluate';
import { type ClusterObject, isNamespace, isToApply, type LiveDifference } from '../environment/live-difference';
import { isError, type Problem, Refusal, refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { someOf } from '../environment/some-of';
import { previousFolder, rolloutFolder } from '../output/own-folder';
import type { ShownFolder, WrittenEnvironment } from '../output/written-environment';
import type { OwnWork } from '../report/cluster';
import type { FormatName } from '../report/formats';
import type { Host } from '../report/host';
import { agrees, canAsk } from '../report/question';
import type { ApplyReport } from '../report/report';
import { createReporter } from '../report/reporter';
import { knownEnvironments } from '../sources/environment-files';
import { envsFlag, outFlag, shownPath, sourceFlags } from '../sources/given-path';
import { shownEnvFile } from '../sources/load';
import { isFolder } from '../sources/text-file';
import type { ClusterPlan, Wanted } from './cluster-plan';
import {
  type Context,
  environmentLine,
  examples,
  formatOf,
  type OptionsOf,
  outOption,
  reportOption,
  screenOf,
} from './command';
import { environmentForTools, evaluateEnvironment, lookupFor, type Outcome, selectEnvironments } from './environments';

const line = () =>
  environmentLine('apply', '<env>')
    .description(
      'Apply dist/<env> to the cluster of the current context: show what differs, ask, apply, restart what must restart, wait',
    )
    .option('--yes', 'do not ask')
    .option('--dry-run', 'end after the plan')
    .option('--context <name>', 'apply to this context, whatever its cluster is called')
    .option('--previous', 'apply what was written before the last change')
    .option(
      '--prune',
      'delete objects of ours that the catalog no longer has, unless a workload, ServiceAccount or ExternalSecret names them',
    )
    .option('--take-over', 'also overwrite what a manager other than kubectl has set')
    .option('--restart', 'restart workloads that have not opted into the roll-out, without being asked')
    .option('--no-restart', 'touch no workload')
    .option('--no-wait', 'do not wait until pods are replaced')
    .option('--timeout <duration>', 'how long to wait: 90s, 10m, 1h; at most 24h', '5m')
    .addOption(outOption('the folder that synth wrote to'))
    .addOption(reportOption())
    .addHelpText(
      'after',
      examples(
        'npm run apply -- staging',
        'npm run apply -- prod --dry-run',
        'npm run apply -- prod --yes --restart --timeout 20m',
        'npm run apply -- prod --previous',
      ),
    )
    .addHelpText('after', '\nExit status: 0 done; 1 refused, declined, failed, or not ready in time; 2 usage\n');

type ApplyOptions = OptionsOf<typeof line>;

export const applyCommand = (context: Context) =>
  line().action(async (names, options) =>
    context.exit(await apply(await context.catalog(), names, options, context.host)),
  );

/** Applies what synth wrote of one environment. Returns the exit status. */
async function apply(catalog: Catalog, names: readonly string[], options: ApplyOptions, host: Host): Promise<number> {
  const format = formatOf(options);
  if (format === 'html') throw refusal('usage', 'apply has no HTML report', 'Say --report markdown, or json');
  const timeout = secondsIn(options.timeout);
  const { environment, path, ...inMessages } = await environmentIn(catalog, names, options);
  const folder = inMessages.shown;
  if (!options.yes && !options.dryRun && !(format === 'text' && canAsk(host))) {
    const hint = 'Say --yes, or --dry-run for the plan alone';
    throw refusal('usage', 'There is no terminal on which to ask whether the plan is right', hint);
  }
  const { readWrittenEnvironment } = await import('../output/written-environment');
  const { connectFor, planFor, secretsIn } = await import('./cluster-plan');
  const { checksumsOf } = await import('../output/rollout');
  const written = readWrittenEnvironment(catalog, environment, path, inMessages, options.previous === true);
  const objects = await objectsIn(written.manifests, folder);
  const outcome = await evaluateEnvironment(catalog, environment, lookupFor(options, host));
  refuseUnread(outcome, options);
  if (!options.previous) await refuseOutdated(catalog, outcome, inMessages, written);
  const current = options.previous ? readWrittenEnvironment(catalog, environment, path, inMessages, false) : undefined;
  const secrets = [
    ...('resolved' in outcome ? secretsOf(outcome) : []),
    ...(current ? secretsIn(await objectsIn(current.manifests, folder)) : []),
  ];
  const checksums = checksumsOf(catalog, environment, objects);
  refuseOtherRollout(written.checksums, checksums, inMessages);
  const { namespace, cluster } = written;
  const wanted: Wanted = { catalog, environment, namespace, cluster, objects, secrets, checksums };

  const kubectl = await connectFor(wanted, options.context, environmentForTools(catalog, options, host));
  const plan = await planFor(wanted, kubectl);
  const shown = options.previous ? join(folder, previousFolder) : folder;
  const mayRoll = options.restart !== false;
  const mayRestart = mayRoll && (options.restart === true || !options.yes);
  const own = options.dryRun ? {} : { restart: mayRestart, prune: options.prune === true };
  const show = await showing(format, shown, plan, own, options, host);
  show.plan();
  const reporter = createReporter(host, options.quiet || format !== 'text');
  reporter.problems(environment, plan.problems, false);
  refuseBlocked(plan, options);
  const prunable = options.prune ? prunableIn(plan) : [];
  if (options.dryRun) return show.end({ outcome: 'planned', left: plan.restarts });
  const { carryOut, isAllowed } = await import('./carry-out');
  const restarts = plan.restarts
    .filter((each) => isAllowed(each, { mayRoll, mayRestart }))
    .map(({ workload }) => workload);
  const hasWork = plan.found.some(isToApply) || prunable.length + restarts.length > 0;
  if (hasWork && !options.yes && !(await agrees(questionFor(plan, prunable, restarts), host))) {
    return show.end({ outcome: 'declined' });
  }
  // Where there was nothing to ask about, what turns out meanwhile to have to restart is left.
  const isAgreed = hasWork || options.yes === true || options.restart === true;
  const may = { mayRoll: mayRoll && isAgreed, mayRestart: mayRestart && isAgreed };
  const allowed = { from: shown, prunable, ...may, waits: options.wait, timeout };
  const done = await carryOut(wanted, written.manifests, plan, kubectl, allowed, show.step);
  return show.end({ ...done, outcome: hasWork || done.restarted.length > 0 ? 'applied' : 'nothing-to-do' });
}

/** @throws {Refusal} code `usage` if it is no time span, or one of more than a day */
function secondsIn(duration: string): number {
  const [, count, unit = 's'] = /^([1-9][0-9]{0,5})([smh])?$/.exec(duration) ?? [];
  const seconds = Number(count) * { s: 1, m: 60, h: 3_600 }[unit as 's' | 'm' | 'h'];
  if (seconds <= 86_400) return seconds;
  throw refusal('usage', '--timeout takes a time span of at most 24h', 'For example --timeout 90s, 10m or 1h');
}

/** @throws {Refusal} if it is not one environment that there is: what else was typed is not repeated */
async function environmentIn(catalog: Catalog, names: readonly string[], options: ApplyOptions) {
  const [environment = ''] = selectEnvironments(catalog, names, options);
  if (names.length > 1) {
    throw refusal('usage', 'apply takes exactly one environment', 'For example: npm run apply -- staging');
  }
  const path = join(options.out, environment);
  const [out, known] = [shownPath('--out', options.out), knownEnvironments(options.envs)];
  if (known.includes(environment) || isFolder(path)) {
    const again = `npm run synth -- ${environment}${sourceFlags(options)}${outFlag(out)}`;
    return { environment, path, shown: join(out, environment), again };
  }
  throw refusal(
    'unknown-environment',
    `Argument 1 names no environment: it has neither a file in ${shownPath('--envs', options.envs)} nor a folder in ${out}`,
    suggestion(nearArgument(environment, known)) ??
      `npm run synth -- <env>${envsFlag(options.envs)}${outFlag(options.out)} writes the folder`,
  );
}

/** The objects in a text of manifests. */
async function objectsIn(manifests: string, folder: string): Promise<readonly ClusterObject[]> {
  const { parseManifests } = await import('../sources/manifests');
  const parsed = parseManifests(manifests, folder);
  if ('code' in parsed) throw new Refusal([parsed]);
  return parsed as readonly ClusterObject[]; // of our making, as whoever read them has seen
}

/** @throws {Refusal} where values are said to be in a file that cannot be read */
function refuseUnread({ problems }: Outcome, { fromEnvFile }: ApplyOptions): void {
  if (fromEnvFile === undefined) return;
  const file = shownEnvFile(fromEnvFile);
  const isUnread = ({ code }: Problem) => code === 'unreadable' || code === 'unreadable-secrets';
  const [first, ...others] = problems.filter((each) => isUnread(each) && each.file === file);
  if (first) throw new Refusal([first, ...others]);
}

/**
 * Where the sources can be read and would give something else, somebody has changed them and not synthesised. Where they
 * cannot, as in a job that has no more than the folder, nothing is said.
 * @throws {Refusal} code `not-written`
 */
async function refuseOutdated(
  catalog: Catalog,
  outcome: Outcome,
  { shown, again }: ShownFolder,
  written: Pick<WrittenEnvironment, 'manifests' | 'cluster'>,
): Promise<void> {
  const { environment } = outcome;
  if (!('resolved' in outcome) || outcome.problems.some(isError)) return;
  const { createRenderer } = await import('../output/dist-files');
  const values = valuesOf(outcome);
  const { manifests } = createRenderer(catalog)({ environment, values });
  const { cluster } = catalog.roles;
  if (manifests === written.manifests && (cluster && values[cluster.name]) === written.cluster) return;
  throw refusal(
    'not-written',
    `${shown} is out of date: its sources give something else now`,
    `${again}. To go back to what was there before the last synth: --previous`,
  );
}

/**
 * @throws {Refusal} if the checksums that stand beside manifests are those of others: pods would not be restarted, or
 * for nothing
 */
function refuseOtherRollout(
  written: ReadonlyMap<string, string> | undefined,
  right: ReadonlyMap<string, string>,
  { shown, again }: ShownFolder,
): void {
  if (!written || [...right].every(([bundle, checksum]) => written.get(bundle) === checksum)) return;
  const rollout = join(shown, rolloutFolder);
  if (written.size === 0) throw refusal('not-written', `${rollout} is not there`, again);
  const hint = `rm -rf ${shellWord(rollout)}, and ${again}`;
  throw refusal('not-written', `${rollout} does not belong to the manifests beside it`, hint);
}

const rightsHint = 'examples/apply-role.yaml has the rights that are needed';

/** @throws {Refusal} code `cluster`, where an apply would fail or do harm, with all the reasons */
function refuseBlocked(plan: ClusterPlan, options: ApplyOptions): void {
  const { namespace, found, lines, problems, fetching, makers, state } = plan;
  const block = (condition: boolean, message: string, hint: string): Problem[] =>
    condition ? [{ severity: 'error', code: 'cluster', message, hint }] : [];
  const namesOf = (some: readonly LiveDifference[]) => some.map(({ object }) => object);
  const isMissing = namespace.state === 'missing' && !found.some(isNamespace);
  // All are applied together, or none is.
  const applied = found.some(isToApply) ? found : [];
  const fixed = namesOf(applied.filter(({ wrongType, immutable }) => wrongType || immutable));
  const going = namesOf(found.filter(({ beingDeleted }) => beingDeleted));
  const unread = namesOf(found.filter((each) => each.state === 'not-compared' && !isNamespace(each)));
  const foreign = found.filter(({ foreignFields }) => foreignFields.length > 0);
  const blocks = [
    ...block(isMissing, `Namespace ${namespace.name} is not there`, lines.createNamespace),
    ...block(
      namespace.state === 'terminating',
      `Namespace ${namespace.name} is being deleted`,
      'Wait until it is gone, then create it again',
    ),
    ...block(
      going.length > 0,
      `${someOf(going)} ${going.length === 1 ? 'is' : 'are'} being deleted`,
      'Wait until that is done, and run this again',
    ),
    ...block(
      fixed.length > 0,
      `No apply can change ${someOf(fixed)}`,
      `Delete ${fixed.length === 1 ? 'it' : 'them'} first; running pods keep what they have: ${lines.remove(fixed)}`,
    ),
    ...foreign.flatMap(({ object, foreignFields }) => {
      const maker = makers.get(object);
      const message = `${object}: a manager other than kubectl has set ${someOf(foreignFields)}`;
      if (maker) return block(true, message, `${maker.name} goes on making it. ${maker.hint}`);
      return block(!options.takeOver, message, 'Let it be managed in one place. --take-over overwrites it');
    }),
    ...block(unread.length > 0, `This user may not read ${someOf(unread)}`, rightsHint),
    ...block(
      options.restart === true && state.workloads === undefined,
      'This user may not list all that runs there: --restart would leave out what has to restart',
      rightsHint,
    ),
    ...block(
      options.strict === true && problems.some((each) => !fetching.includes(each)),
      'What runs on the cluster does not fit: see the problems above',
      'Mend it, or leave out --strict',
    ),
  ];
  const [first, ...others] = blocks;
  if (first) throw new Refusal([first, ...others]);
}

/**
 * The left-over objects that no workload, ServiceAccount or ExternalSecret names.
 * @throws {Refusal} code `cluster` where nobody may see what runs
 */
function prunableIn({ leftOvers, state }: ClusterPlan): readonly string[] {
  if (!state.labelled || !state.workloads || !state.pods) {
    throw refusal(
      'cluster',
      'What is left over, or still in use, may not be listed: --prune would delete blindly',
      rightsHint,
    );
  }
  return leftOvers.filter(({ namedBy }) => namedBy.length === 0).map(({ object }) => object);
}

function questionFor(
  { context, cluster }: ClusterPlan,
  prunable: readonly string[],
  restarts: readonly string[],
): string {
  const more = [
    ...(prunable.length > 0 ? [`delete ${someOf(prunable)}`] : []),
    ...(restarts.length > 0 ? [`restart ${someOf(restarts)}`] : []),
  ];
  return `Apply this to ${[`context ${context}`, `cluster ${cluster}`, ...more].join(', ')}?`;
}

/** How the run is shown, in the form that is asked for. */
async function showing(
  format: Exclude<FormatName, 'html'>,
  folder: string,
  plan: ClusterPlan,
  own: OwnWork,
  options: ApplyOptions,
  host: Host,
) {
  const { applyText, applyJson, planText } = await import('../report/cluster');
  const { wrap } = await import('../report/terminal');
  const screen = screenOf(host);
  const isText = format === 'text';
  return {
    /** Whoever is asked sees what about. */
    plan: () => {
      const isAsked = !options.yes && !options.dryRun;
      if (isText && (!options.quiet || isAsked))
        host.stdout.write(`${planText(plan, screen.colors, screen.columns, own)}\n`);
    },
    step: (text: string) => {
      if (isText && !options.quiet) host.stdout.write(`${wrap(text, '  ', screen.columns)}\n`);
    },
    /** @returns the exit status */
    async end(end: Pick<ApplyReport, 'outcome'> & Partial<ApplyReport>): Promise<number> {
      const none = { pruned: [], restarted: [], left: [], spared: [], waited: [], changedAgain: [] };
      const report: ApplyReport = { ...none, ...end, plan, folder };
      const failed = report.changedAgain.length > 0 || report.waited.some(({ ready }) => !ready);
      const isProblem = failed || (report.left.length > 0 && report.outcome !== 'planned');
      if (format === 'json') host.stdout.write(applyJson(report));
      else if (!isText) host.stdout.write((await import('../report/markdown')).applyMarkdown(report));
      else if (!options.quiet || isProblem) host.stdout.write(applyText(report, screen.columns));
      return failed || report.outcome === 'declined' ? 1 : 0;
    },
  };
}
