import { groupBy } from '../environment/group-by';
import { isToApply, type LiveDifference, takenIn } from '../environment/live-difference';
import type { Outlasting, Restart } from '../environment/restart';
import { firstOf, someOf } from '../environment/some-of';
import type { ApplyReport, ClusterReport } from './report';
import { type Row, tableText } from './table';
import { type Colors, plural, printable, wrap } from './terminal';

/** What would be written beside what is on the cluster, and what comes of the difference. */
export function clusterText(report: ClusterReport, colors: Colors, columns?: number): string {
  const { environment, context, cluster, found } = report;
  const asked = `context ${context}, cluster ${cluster}`;
  const leftOver = report.leftOvers.length;
  const unread = found.filter(({ state }) => state === 'not-compared').length;
  const verdict = [
    differingText(differingObjects(report), found.length),
    ...(unread === 0 ? [] : [`${unread} not compared`]),
    ...(leftOver === 0 ? [] : [`${leftOver} left over`]),
  ].join(', ');
  return `${planText(report, colors, columns)}\n${wrap(`${environment} and ${asked}: ${verdict}`, '  ', columns)}\n`;
}

/** What the run that is to come does itself, so that nobody needs a command for it. */
export interface OwnWork {
  /** It ends with an error where the namespace takes nothing. */
  readonly refusal?: boolean;
  readonly restart?: boolean;
  readonly prune?: boolean;
  readonly takeOver?: boolean;
}

/** The objects one by one, and what comes of the difference. */
export function planText(report: ClusterReport, colors: Colors, columns?: number, own: OwnWork = {}): string {
  const rows = report.found.flatMap((each): Row[] => {
    const state = stateOfObject(each);
    const mark = { text: state, paint: state === 'same' ? colors.dim : colors.yellow };
    return [[each.object, mark], ...detailsOf(each).map((detail) => [`  ${detail}`])];
  });
  const notes = clusterNotes(report, own).map(({ text, lines }) =>
    [wrap(text, '  ', columns), ...lines.map((line) => `  ${printable(line)}`)].join('\n'),
  );
  // Only a detail may be broken: an object and its state are a row.
  const table = tableText(rows, [1]).replace(/^ {2}.*/gm, (detail) => wrap(detail, '    ', columns));
  return [table, ...notes.map((note) => `${note}\n`)].join('\n');
}

/** How many objects differ, those that are left over not counted. */
export function differingObjects({ found }: ClusterReport): number {
  return found.filter(({ state }) => state === 'missing' || state === 'different').length;
}

/** "no object differs", "2 objects of 7 differ" */
export function differingText(count: number, total: number): string {
  return count === 0
    ? 'no object differs'
    : `${plural(count, 'object')} of ${total} ${count === 1 ? 'differs' : 'differ'}`;
}

/** How an object compares, in words. */
export function stateOfObject({ state }: LiveDifference): string {
  return state === 'not-compared' ? 'not compared: it may not be read' : state;
}

/** In what an object differs, a line each; the names of keys, no values. */
export function detailsOf(each: LiveDifference): string[] {
  const unknownGoing = each.unknownKeys - each.stayingUnknownKeys;
  return [
    ...(each.wrongType ? ['is of another type, which no apply can change: delete it first'] : []),
    ...(each.beingDeleted ? ['is being deleted'] : []),
    ...(each.immutable ? ['is immutable, so that no apply can change it: delete it first'] : []),
    ...each.missingKeys.map((key) => `${key} is not on the cluster`),
    ...each.extraKeys
      .filter((key) => !each.stayingKeys.includes(key))
      .map((key) => `${key} is on the cluster only: apply removes it`),
    ...(unknownGoing > 0
      ? [`${unknownKeysText(unknownGoing)} on the cluster only: apply removes ${unknownGoing === 1 ? 'it' : 'them'}`]
      : []),
    ...each.stayingKeys.map(
      (key) => `${key} is on the cluster only, and stays: something other than an apply has set it`,
    ),
    ...(each.stayingUnknownKeys > 0
      ? [
          `${unknownKeysText(each.stayingUnknownKeys)} on the cluster only, to stay: something other than an apply has set it`,
        ]
      : []),
    ...each.differentKeys.map((key) => `${key} differs`),
    ...(each.otherwise ? ['asks for something else'] : []),
    ...each.labels.map((label) => `the label ${label} differs`),
    ...each.foreignFields.map((field) => `${field} was set by a manager other than kubectl`),
    ...(each.copied ? ['has a copy of itself in an annotation, left by client-side apply'] : []),
  ];
}

function unknownKeysText(count: number): string {
  return count === 1 ? 'a key that is not in the catalog is' : `${count} keys that are not in the catalog are`;
}

/** What is to be said of a cluster besides its objects, each with the commands that go with it. */
export interface Note {
  readonly text: string;
  readonly lines: readonly string[];
}

function note(condition: boolean, text: string, ...lines: string[]): Note[] {
  return condition ? [{ text, lines }] : [];
}

/** Objects or workloads that are named for one reason: the rest is counted. */
const shownAtMost = 20;

export function clusterNotes(report: ClusterReport, own: OwnWork = {}): Note[] {
  const { namespace, leftOvers, unknown, lines, found } = report;
  const free = leftOvers.filter(({ namedBy }) => namedBy.length === 0).map(({ object }) => object);
  const named = leftOvers.filter(({ namedBy }) => namedBy.length > 0);
  const taken = takenIn(found, own.takeOver);
  const isWritten = found.some(({ object }) => object === `Namespace/${namespace.name}`);
  return [
    ...note(
      !own.refusal && namespace.state === 'missing' && !isWritten,
      `Namespace ${namespace.name} is not there. To make it:`,
      lines.createNamespace,
    ),
    ...note(
      !own.refusal && namespace.state === 'terminating',
      `Namespace ${namespace.name} is being deleted, with all that is in it`,
    ),
    ...note(unknown.length > 0, `Not compared, since this user may not read it: ${someOf(unknown)}`),
    ...note(
      free.length > 0,
      `Left over, since the manifests do not have ${free.length === 1 ? 'it' : 'them'}: ${someOf(free, shownAtMost)}. To ${own.prune ? 'be deleted' : 'delete:'}`,
      ...(own.prune ? [] : [lines.remove(free)]),
    ),
    ...[...groupBy(named.slice(0, shownAtMost), ({ namedBy }) => someOf(namedBy))].flatMap(([by, some]) =>
      note(
        true,
        `Left over, and still named by ${by}: ${someOf(
          some.map(({ object }) => object),
          shownAtMost,
        )}`,
      ),
    ),
    ...note(named.length > shownAtMost, `Left over, and still named: ${named.length - shownAtMost} more`),
    ...note(
      taken.length > 0,
      `To be taken over from another manager, which has set the same: ${someOf(taken, shownAtMost)}`,
    ),
    ...restartNotes(report, own),
  ];
}

/** Which pods have loaded what differs, and what replaces them. */
function restartNotes({ restarts, outlasting, found, lines }: ClusterReport, own: OwnWork): Note[] {
  const by = (how: Restart['how']) => restarts.filter((each) => each.how === how);
  const names = (some: readonly Restart[]) =>
    someOf(
      some.map(({ workload }) => workload),
      shownAtMost,
    );
  const [rolled, restarted, byHand] = [by('rollout'), by('restart'), by('by-hand')];
  const until = (what: Outlasting['until']) =>
    outlasting.filter((each) => each.until === what).map(({ workload }) => workload);
  const [late, ending] = [until('replaced'), until('ended')];
  // Those that have no checksum yet, or another one, and have loaded what is there.
  const [changed, given] = [
    rolled.filter(({ objects }) => objects.length > 0),
    rolled.filter(({ objects }) => objects.length === 0),
  ];
  const isRenewed = found.some(isToApply) && found.some((each) => each.renewed);
  const what = isRenewed ? 'what has changed, or counts as changed once it is applied' : 'what has changed';
  return [
    ...note(
      changed.length > 0,
      `To be rolled out by a new checksum, since ${its(changed)} pods load what has changed: ${names(changed)}`,
    ),
    ...note(given.length > 0, `To be given the checksum of what is there, which rolls out: ${names(given)}`),
    ...note(
      restarted.length > 0,
      `To be restarted, since ${its(restarted)} pods load ${what}: ${names(restarted)}`,
      ...(own.restart ? [] : [lines.restart(restarted.map(({ workload }) => workload))]),
    ),
    ...alike(byHand).flatMap(([why, some]) =>
      note(
        true,
        some.length === 1
          ? `To be restarted by hand: ${names(some)} loads what has changed, and ${why}`
          : `To be restarted by hand: ${names(some)} load what has changed, and each ${why}`,
      ),
    ),
    ...note(
      late.length > 0,
      `Being replaced, with pods that still run on what they loaded before: ${someOf(late, shownAtMost)}. If that lasts, see why:`,
      lines.describe(late),
    ),
    ...note(
      ending.length > 0,
      `Left to run to ${its(ending)} end on what ${ending.length === 1 ? 'it has' : 'they have'} loaded: ${someOf(ending, shownAtMost)}`,
    ),
  ];
}

/** Those that are not restarted for one reason, together. */
function alike(restarts: readonly Restart[]): (readonly [why: string, Restart[]])[] {
  return [...groupBy(restarts, ({ why }) => why ?? '')];
}

function its({ length }: readonly unknown[]): string {
  return length === 1 ? 'its' : 'their';
}

/** The command that restarts workloads, or some of them. */
export function restartLine({ lines }: ClusterReport, workloads: readonly string[]): string {
  const shown = firstOf(workloads, shownAtMost).length;
  const some = shown < workloads.length ? ` (${shown} of ${workloads.length})` : '';
  return `${lines.restart(workloads)}${some}`;
}

/** What came of an apply, in words that complete "prod: …". */
export function verdictOfApply({ plan, outcome, folder, waited, changedAgain }: ApplyReport): string {
  const where = `context ${plan.context}, cluster ${plan.cluster}`;
  if (outcome === 'planned') return `nothing applied to ${where}: this was the plan`;
  if (outcome === 'declined') return `nothing applied to ${where}`;
  const late = waited.filter(({ ready }) => !ready).length;
  const failed = late + changedAgain.length > 0 ? ', but not all of it has worked' : '';
  const applied = plan.found.filter(isToApply).length;
  if (applied === 0) return `${where} has all that is in ${folder}${failed}`;
  return `${plural(applied, 'object')} of ${folder} applied to ${where}${failed}`;
}

/** A sentence on some objects or workloads; none if there are none. */
export function listed(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${someOf(names, shownAtMost)}`];
}

/** What is said where an apply ends early. */
export const applyAgain = 'Run the same npm run apply again: it goes on from here';

/** What an apply has led to besides, a sentence each. */
export function applyNotes(report: ApplyReport): string[] {
  const { plan, outcome, pruned, restarted, left, spared, waited, unawaited, takenOver, changedAgain } = report;
  if (outcome === 'planned') return []; // the plan has said what would restart
  const byHow = (some: readonly Restart[], how: Restart['how']) =>
    some.filter((each) => each.how === how).map(({ workload }) => workload);
  const rolled = byHow(restarted, 'rollout');
  const again = byHow(restarted, 'restart');
  const toRestart = byHow(left, 'restart');
  const toRoll = byHow(left, 'rollout');
  const late = waited.filter(({ ready }) => !ready).map(({ workload }) => workload);
  const unneeded = spared.map(({ workload }) => workload);
  const ready = waited.filter((each) => each.ready).map(({ workload }) => workload);
  return [
    ...(changedAgain.length > 0
      ? [`Changed by somebody else meanwhile, see diff --live: ${someOf(changedAgain)}`]
      : []),
    ...listed('Taken over from another manager, which had set the same', takenOver),
    ...listed('Deleted', pruned),
    ...listed('Rolled out by a new checksum', rolled),
    ...listed('Restarted', again),
    ...(toRoll.length > 0
      ? [`Not rolled out: ${someOf(toRoll, shownAtMost)}. Apply the overlay, or run this again (not with --no-restart)`]
      : []),
    ...(toRestart.length > 0
      ? [`Not restarted, with pods that run on what they loaded before: ${restartLine(plan, toRestart)}`]
      : []),
    ...alike(left.filter(({ how }) => how === 'by-hand')).map(([why, some]) => {
      const names = someOf(
        some.map(({ workload }) => workload),
        shownAtMost,
      );
      return `Not restarted: ${names} ${some.length === 1 ? why : `each ${why}`}`;
    }),
    ...listed('Not restarted, since the operator has fetched what was there before', unneeded),
    ...listed('Ready', ready),
    ...listed('Not waited for, and not ready yet', unawaited),
    ...(late.length > 0
      ? [`Not ready in time: ${someOf(late, shownAtMost)}. See why: ${plan.lines.describe(late)}`]
      : []),
  ];
}

/** The same for people at a terminal; the plan was shown before. */
export function applyText(report: ApplyReport, columns?: number): string {
  const notes = applyNotes(report).map((note) => `${wrap(`  ${note}`, '    ', columns)}\n`);
  return `${wrap(`${report.plan.environment}: ${verdictOfApply(report)}`, '  ', columns)}\n${notes.join('')}`;
}
