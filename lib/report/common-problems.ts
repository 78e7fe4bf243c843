import { groupBy } from '../environment/group-by';
import type { Problem } from '../environment/problem';
import { someOf } from '../environment/some-of';

/** What is wrong with one environment of a run. */
export interface EnvironmentProblems {
  readonly environment: string;
  readonly problems: readonly Problem[];
  /** What it came to, where it has errors: completes "staging: …". */
  readonly end?: string;
}

/** Environments that have a problem alike are many from this number on: fewer are shown one by one. */
export const many = 4;

/** What environments have in common. */
export interface CommonProblem {
  /** The first environment's. */
  readonly problem: Problem;
  readonly environments: readonly string[];
}

/** Parts what many environments have alike, or what is said of the whole run, from what is a single one's own. */
export function partCommon(run: readonly EnvironmentProblems[]): {
  readonly common: readonly CommonProblem[];
  readonly own: readonly EnvironmentProblems[];
  /** A line for each end, in the order of the run. */
  readonly ends: readonly string[];
} {
  const groups = groupBy(
    run.flatMap(({ environment, problems }) => problems.map((problem) => ({ environment, problem }))),
    ({ environment, problem }) => likeness(environment, problem),
  );
  const common = [...groups.values()].flatMap((members): (CommonProblem & { members: readonly Problem[] })[] => {
    const environments = [...new Set(members.map(({ environment }) => environment))];
    const [first] = members;
    if (!first || (environments.length < many && first.problem.code !== 'reused-secret')) return [];
    return [{ problem: first.problem, environments, members: members.map(({ problem }) => problem) }];
  });
  const said = new Set(common.flatMap(({ members }) => members));
  const own = run
    .map(({ environment, problems }) => ({ environment, problems: problems.filter((each) => !said.has(each)) }))
    .filter(({ problems }) => problems.length > 0);
  return { common, own, ends: endsOf(run) };
}

function endsOf(run: readonly EnvironmentProblems[]): string[] {
  const ended = run.flatMap(({ environment, end }) => (end === undefined ? [] : [{ environment, end }]));
  const groups = groupBy(ended, ({ environment, end }) => withoutName(end, environment));
  return [...groups.values()].flatMap((members) => {
    if (members.length < many) return members.map(({ environment, end }) => `${environment}: ${end}`);
    const [{ environment, end } = { environment: '', end: '' }] = members;
    return [`${someOf(members.map((each) => each.environment))}: ${withoutName(end, environment)} (each)`];
  });
}

/** The same for two problems if they differ in nothing but the environment and the line. */
function likeness(environment: string, { severity, code, variable, file, line, message, hint, more }: Problem): string {
  const texts = [file, message, hint].map((text) => withoutName(text ?? '', environment));
  // Without a variable, two lines of one file may be two mistakes.
  return JSON.stringify([severity, code, variable ?? line, more, ...texts]);
}

/** A text with the name of its environment taken out, wherever that stands on its own. */
function withoutName(text: string, environment: string): string {
  // Names hold a-z, 0-9 and hyphens only, so none of their characters means anything in a pattern.
  return text.replace(new RegExp(`(?<![A-Za-z0-9])${environment}(?![A-Za-z0-9])`, 'g'), '<env>');
}
