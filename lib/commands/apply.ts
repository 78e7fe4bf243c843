import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Catalog } from '../catalog/catalog';
import { nearArgument, suggestion } from '../catalog/near-name';
import { secretsOf } from '../environment/evaluate';
import { type ClusterObject, isAnyApplied, objectName, takenIn } from '../environment/live-difference';
import { type Problem, Refusal, refusal } from '../environment/problem';
import { isAllowed } from '../environment/restart';
import { someOf } from '../environment/some-of';
import { previousFolder } from '../output/own-folder';
import { type OwnWork, planText } from '../report/cluster';
import { type FormatName, formatNames, formats } from '../report/formats';
import type { Host } from '../report/host';
import { agrees, canAsk } from '../report/question';
import type { ApplyReport } from '../report/report';
import { createReporter } from '../report/reporter';
import { wrap } from '../report/terminal';
import { knownEnvironments } from '../sources/environment-files';
import { envsFlag, outFlag, shownPath, sourceFlags } from '../sources/given-path';
import { isFolder } from '../sources/text-file';
import { outdated, prunableIn, refuseBlocked, refuseOtherRollout, refuseUnread, waitsForStore } from './apply-refusals';
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
import { environmentForTools, evaluateEnvironment, lookupFor, selectEnvironments } from './environments';

const formatsOfApply = formatNames.filter((name) => formats[name].apply !== undefined);

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
    .option('--take-over', 'take over what a manager other than kubectl has set, too')
    .option('--restart', 'restart workloads that have not opted into the roll-out, without being asked')
    .option('--no-restart', 'touch no workload')
    .option('--no-wait', 'do not wait until pods are replaced')
    .option('--timeout <duration>', 'how long to wait: 90s, 10m, 1h; at most 24h', '5m')
    .addOption(outOption('the folder that synth wrote to'))
    .addOption(reportOption(formatsOfApply))
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
  const format = formatOf(options, formatsOfApply);
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
  const doubts = options.previous ? [] : await outdated(catalog, outcome, inMessages, written, options);
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
  const shown = options.previous ? join(folder, previousFolder) : folder;
  const show = showing(format, shown, ownWork(options), options, host);
  const found = await planFor(wanted, kubectl);
  const reporter = createReporter(host, options.quiet || format !== 'text');
  let plan: ClusterPlan = { ...found, problems: [...doubts, ...found.problems] };
  show.plan(plan);
  reporter.problems(environment, plan.problems, false);
  refuseBlocked(plan, options);
  const work = workOf(plan, options);
  if (options.dryRun) return show.end(plan, { outcome: 'planned', left: plan.restarts });
  if (work.isAny && !options.yes) {
    if (!(await agrees(questionFor(plan, work), host))) return show.end(plan, { outcome: 'declined' });
    // An answer may take its time, and what it was about is to be done, and nothing else.
    const now = await planFor(wanted, kubectl);
    if (!isDeepStrictEqual(thingsIn(now, workOf(now, options)), thingsIn(plan, work))) {
      const message = 'What is there has changed since the plan was shown: nothing was applied';
      throw refusal('cluster', message, 'Run it again');
    }
    const isShown = (problem: Problem) => plan.problems.some((each) => isDeepStrictEqual(each, problem));
    reporter.problems(
      environment,
      now.problems.filter((each) => !isShown(each)),
      false,
    );
    refuseBlocked(now, options);
    plan = now;
  }
  const allowed = {
    ...mayReplace(options),
    // What turns out meanwhile to have to restart is left, unless that was said beforehand.
    asked: options.yes || options.restart ? undefined : new Set(work.restarts),
    from: shown,
    prunable: work.prunable,
    taken: work.taken,
    waitsForStore: waitsForStore(options),
    waits: options.wait,
    timeout,
  };
  const { carryOut } = await import('./carry-out');
  const done = await carryOut(wanted, written.manifests, plan, kubectl, allowed, show.step);
  return show.end(plan, { ...done, outcome: work.isAny || done.restarted.length > 0 ? 'applied' : 'nothing-to-do' });
}

/** Which pods a run may replace: those that have not opted into the roll-out where it was said, or somebody is asked. */
function mayReplace({ restart, yes }: ApplyOptions) {
  return { mayRoll: restart !== false, mayRestart: restart === true || (restart !== false && !yes) };
}

/** What the run does itself, so that the plan has no command for it. */
function ownWork(options: ApplyOptions): OwnWork {
  const isReal = options.dryRun !== true;
  return {
    refusal: true,
    takeOver: options.takeOver === true,
    restart: isReal && mayReplace(options).mayRestart,
    prune: isReal && options.prune === true,
  };
}

/** What a plan comes to, each as `<kind>/<name>`. */
interface Work {
  readonly taken: readonly string[];
  readonly prunable: readonly string[];
  readonly restarts: readonly string[];
  /** Whether there is anything to do. */
  readonly isAny: boolean;
}

function workOf(plan: ClusterPlan, options: ApplyOptions): Work {
  const prunable = options.prune ? prunableIn(plan) : [];
  const taken = takenIn(plan.found, options.takeOver);
  const restarts = plan.restarts.filter((each) => isAllowed(each, mayReplace(options))).map(({ workload }) => workload);
  const isAny = isAnyApplied(plan.found, taken) || prunable.length + restarts.length > 0;
  return { taken, prunable, restarts, isAny };
}

/** All that a plan is about, values included: what comes of it for pods may change with each that starts. */
function thingsIn({ found, state }: ClusterPlan, { prunable }: Work) {
  const names = new Set(found.map(({ object }) => object));
  const objects = state.objects.filter((each) => names.has(objectName(each)));
  return [found, prunable, objects.map(({ type, metadata, data, spec }) => [type, metadata.labels, data, spec])];
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

function questionFor({ context, cluster }: ClusterPlan, { taken, prunable, restarts }: Work): string {
  const more = [
    ...(taken.length > 0 ? [`take over ${someOf(taken)}`] : []),
    ...(prunable.length > 0 ? [`delete ${someOf(prunable)}`] : []),
    ...(restarts.length > 0 ? [`restart ${someOf(restarts)}`] : []),
  ];
  return `Apply this to ${[`context ${context}`, `cluster ${cluster}`, ...more].join(', ')}?`;
}

/** How the run is shown, in the form that is asked for. */
function showing(format: FormatName, folder: string, own: OwnWork, options: ApplyOptions, host: Host) {
  const screen = screenOf(host);
  const isText = format === 'text';
  return {
    /** Whoever is asked sees what about. */
    plan: (plan: ClusterPlan) => {
      const isAsked = !options.yes && !options.dryRun;
      if (isText && (!options.quiet || isAsked))
        host.stdout.write(`${planText(plan, screen.colors, screen.columns, own)}\n`);
    },
    step: (text: string) => {
      if (isText && !options.quiet) host.stdout.write(`${wrap(text, '  ', screen.columns)}\n`);
    },
    /** @returns the exit status */
    end(plan: ClusterPlan, end: Pick<ApplyReport, 'outcome'> & Partial<ApplyReport>): number {
      const none = {
        pruned: [],
        restarted: [],
        left: [],
        spared: [],
        waited: [],
        unawaited: [],
        takenOver: [],
        changedAgain: [],
      };
      const report: ApplyReport = { ...none, ...end, plan, folder };
      const failed = report.changedAgain.length > 0 || report.waited.some(({ ready }) => !ready);
      const isProblem = failed || (report.left.length > 0 && report.outcome !== 'planned');
      const shown = formats[format].apply?.(report, screen) ?? '';
      if (!isText || !options.quiet || isProblem) host.stdout.write(shown);
      return failed || report.outcome === 'declined' ? 1 : 0;
    },
  };
}
