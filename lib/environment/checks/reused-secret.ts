import { addTo } from '../group-by';
import { numberText } from '../number-text';
import type { Problem } from '../problem';
import { someOf } from '../some-of';
import { type Origin, placeOf } from '../source';
import type { EnvironmentSummary } from '../summary';

/** The environments of a run that hold a secret which another one holds too, in the order of the run. */
interface Holders {
  /** Those who hold one and the same secret, of which there may be several. */
  readonly groups: readonly (readonly string[])[];
  /** Where the first of them has it from. */
  readonly origin: Origin;
}

/**
 * Secrets that several environments of the run hold. Each variable is told once for the whole run, with the first
 * environment of those that share it.
 * @returns the problems of one environment of the run
 */
export function reusedSecrets(run: readonly EnvironmentSummary[]): (summary: EnvironmentSummary) => Problem[] {
  const reused = holdersByVariable(run);
  return ({ environment }) =>
    [...reused].flatMap(([name, holders]) =>
      holders.groups[0]?.[0] === environment ? [reusedSecret(name, holders)] : [],
    );
}

/** By variable: who of the run holds the same secret. Those that nobody shares are left out. */
function holdersByVariable(run: readonly EnvironmentSummary[]): Map<string, Holders> {
  const repeated = repeatedNumbers(run);
  const bySecret = new Map<string, Map<number, string[]>>();
  for (const { environment, secrets } of run) {
    for (const [name, { number }] of secrets) {
      if (!repeated.has(number)) continue;
      const ofVariable = bySecret.get(name) ?? new Map<number, string[]>();
      bySecret.set(name, ofVariable);
      addTo(ofVariable, number, environment);
    }
  }
  const summaries = new Map(run.map((summary) => [summary.environment, summary]));
  return new Map(
    [...bySecret].flatMap(([name, byNumber]): [string, Holders][] => {
      const groups = [...byNumber.values()].filter(({ length }) => length > 1);
      const origin = summaries.get(groups[0]?.[0] ?? '')?.secrets.get(name)?.origin;
      return origin ? [[name, { groups, origin }]] : [];
    }),
  );
}

/** The secrets that come more than once: few of thousands, and no others are worth a list. */
function repeatedNumbers(run: readonly EnvironmentSummary[]): ReadonlySet<number> {
  const seen = new Set<number>();
  const repeated = new Set<number>();
  for (const { secrets } of run) {
    for (const { number } of secrets.values()) {
      if (seen.has(number)) repeated.add(number);
      else seen.add(number);
    }
  }
  return repeated;
}

function reusedSecret(name: string, { groups: [group = [], ...others], origin }: Holders): Problem {
  const count = others.reduce((sum, { length }) => sum + length, 0);
  const rest = count === 0 ? '' : `; ${numberText(count)} other environments share ${name} among themselves`;
  return {
    severity: 'warning',
    code: 'reused-secret',
    variable: name,
    ...placeOf(origin),
    message: `${name} is the same secret in ${someOf(group)}${rest}`,
    hint: 'Give each environment its own, or declare mayBeReused in the catalog',
  };
}
