import { isError, type Problem } from '../environment/problem';
import { someOf } from '../environment/some-of';
import type { CheckedEnvironment, CheckReport } from './report';
import { countText, placeText, plural } from './terminal';

/** What `check` comes to, on one line: whether all is ready to be written, and what is not. */
export function verdict({ environments, variable }: CheckReport): string {
  const [only] = environments;
  const subject = variable === undefined ? '' : `${variable} in `;
  if (only && environments.length === 1) return `${subject}${only.name}: ${stateOf(only, variable)}`;
  const bad = environments.filter(({ problems }) => problems.some(isError));
  const warned = environments.filter((each) => !bad.includes(each) && each.problems.length > 0);
  const parts = [
    ...(bad.length === 0 ? [] : [`not ready: ${someOf(bad.map(withCount))}`]),
    ...(warned.length === 0 ? [] : [`with warnings: ${someOf(warned.map(withCount))}`]),
  ];
  const good = environments.length - bad.length;
  const count = `${good} of ${plural(environments.length, 'environment')} ready`;
  return [`${subject}${count}`, ...parts].join('; ');
}

function stateOf({ problems }: CheckedEnvironment, variable: string | undefined): string {
  if (problems.length === 0) return variable === undefined ? 'ready, no problem' : 'no problem';
  const about = `${countText(problems)} (${someOf(subjects(problems))})`;
  if (variable !== undefined) return about;
  return problems.some(isError) ? `not ready, ${about}` : `ready, with ${about}`;
}

/** What problems are about: the variable, else the place. Errors first. */
function subjects(problems: readonly Problem[]): string[] {
  const ordered = [...problems.filter(isError), ...problems.filter((problem) => !isError(problem))];
  return [...new Set(ordered.map((each) => each.variable ?? (each.file === undefined ? each.code : placeText(each))))];
}

function withCount({ name, problems }: CheckedEnvironment): string {
  return `${name} (${countText(problems)})`;
}
