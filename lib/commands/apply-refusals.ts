import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { secretsOf, valuesOf } from '../environment/evaluate';
import { isAnyApplied, isNamespace, type LiveDifference, takenIn } from '../environment/live-difference';
import { isError, type Problem, Refusal, refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { someOf } from '../environment/some-of';
import { rolloutFolder } from '../output/own-folder';
import type { ShownFolder, WrittenEnvironment } from '../output/written-environment';
import { sourceFlags } from '../sources/given-path';
import { shownEnvFile } from '../sources/load';
import type { ClusterPlan } from './cluster-plan';
import type { EnvironmentOptions, Outcome } from './environments';

// Why an apply is refused, before anything is changed.

/** The options that decide on it. */
interface RefusableOptions extends Pick<EnvironmentOptions, 'envs' | 'fromEnv'> {
  readonly fromEnvFile?: string | undefined;
  readonly takeOver?: true | undefined;
  readonly restart?: boolean | undefined;
  readonly strict?: true | undefined;
  readonly wait: boolean;
  readonly dryRun?: true | undefined;
}

/** @throws {Refusal} where values are said to be in a file that cannot be read */
export function refuseUnread({ problems }: Outcome, { fromEnvFile }: RefusableOptions): void {
  if (fromEnvFile === undefined) return;
  const file = shownEnvFile(fromEnvFile);
  const isUnread = ({ code }: Problem) => code === 'unreadable' || code === 'unreadable-secrets';
  const [first, ...others] = problems.filter((each) => isUnread(each) && each.file === file);
  if (first) throw new Refusal([first, ...others]);
}

/**
 * Where the sources can be read and would give something else, somebody has changed them and not synthesised. Where they
 * have no secret, or only encrypted ones without a key, as in a job that has no more than the folder, nothing is said.
 * @returns a warning where they are there, and cannot be read or are wrong: nobody knows then
 * @throws {Refusal} code `not-written`; with `--strict` of that warning, too
 */
export async function outdated(
  catalog: Catalog,
  outcome: Outcome,
  { shown, again }: ShownFolder,
  written: Pick<WrittenEnvironment, 'manifests' | 'cluster'>,
  options: RefusableOptions,
): Promise<Problem[]> {
  const { environment } = outcome;
  const errors = outcome.problems.filter(isError);
  const isThere = 'resolved' in outcome && secretsOf(outcome).length > 0;
  const isWrong = ({ code, isLocked }: Problem) =>
    code !== 'unknown-environment' && !isLocked && (code !== 'missing' || isThere);
  if (errors.some(isWrong)) {
    const message = `It is not known whether ${shown} is up to date: its sources have errors`;
    const hint = `npm run check -- ${environment}${sourceFlags(options)} shows them`;
    if (options.strict) throw refusal('not-written', message, hint);
    return [{ severity: 'warning', code: 'not-written', message, hint }];
  }
  if (!('resolved' in outcome) || errors.length > 0) return [];
  const { createRenderer } = await import('../output/dist-files');
  const values = valuesOf(outcome);
  const { manifests } = createRenderer(catalog)({ environment, values });
  const { cluster } = catalog.roles;
  if (manifests === written.manifests && (cluster && values[cluster.name]) === written.cluster) return [];
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
export function refuseOtherRollout(
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

/** Whether a run waits for what an operator fetches: wherever pods may be replaced, with --no-wait too. */
export function waitsForStore({ wait, restart }: Pick<RefusableOptions, 'wait' | 'restart'>): boolean {
  return wait || restart !== false;
}

const rightsHint = 'examples/apply-role.yaml has the rights that are needed; those for ExternalSecrets in a comment';

/** @throws {Refusal} code `cluster`, where an apply would fail or do harm, with all the reasons */
export function refuseBlocked(plan: ClusterPlan, options: RefusableOptions): void {
  const { namespace, found, lines, problems, fetching, makers, state } = plan;
  const block = (condition: boolean, message: string, hint: string): Problem[] =>
    condition ? [{ severity: 'error', code: 'cluster', message, hint }] : [];
  const waits = !options.dryRun && waitsForStore(options);
  const namesOf = (some: readonly LiveDifference[]) => some.map(({ object }) => object);
  const isMissing = namespace.state === 'missing' && !found.some(isNamespace);
  // All are applied together, or none is.
  const applied = isAnyApplied(found, takenIn(found, options.takeOver)) ? found : [];
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
    ...block(
      options.takeOver === true && state.externalSecrets === undefined,
      'ExternalSecrets cannot be listed: --take-over could take from one what it goes on making',
      `May this user list them, and does the operator answer? ${rightsHint}`,
    ),
    ...block(unread.length > 0, `This user may not read ${someOf(unread)}`, rightsHint),
    ...block(
      options.restart === true && state.workloads === undefined,
      'This user may not list all that runs there: --restart would leave out what has to restart',
      rightsHint,
    ),
    ...block(
      options.strict === true && problems.some((each) => !(waits && fetching.includes(each))),
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
export function prunableIn({ leftOvers, state }: ClusterPlan): readonly string[] {
  if (!state.labelled || !state.workloads || !state.pods) {
    throw refusal(
      'cluster',
      'What is left over, or still in use, may not be listed: --prune would delete blindly',
      rightsHint,
    );
  }
  return leftOvers.filter(({ namedBy }) => namedBy.length === 0).map(({ object }) => object);
}
