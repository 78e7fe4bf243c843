import type { Catalog } from '../catalog/define-catalog';
import { accepts } from '../catalog/value-type';
import { evaluate, type HintFiles } from './evaluate';
import type { FormerValues, Taken } from './former-values';
import { isError, type Problem } from './problem';
import { Sensitive, type Text, textMatches } from './sensitive';

/** A file of the new layout. */
export type Target = 'config' | 'env' | 'patch';

/** A value and the file that it goes to. */
export interface Placed extends Taken {
  readonly to: Target;
}

/**
 * Decides which file each value goes to: what is sensitive, or would be refused in the committed file, to the one that
 * is never committed; what an env file cannot say to the patch file.
 * @param canSay whether an env file can say the text
 */
export function planMigration(
  catalog: Catalog,
  environment: string,
  { taken }: FormerValues,
  files: HintFiles,
  canSay: (name: string, value: Text) => boolean,
): Placed[] {
  const faults = faultsInConfigFile(catalog, environment, taken, files);
  return taken.map((each): Placed => {
    const { variable, value } = each;
    const fault = variable.sensitive ? undefined : faults.get(variable.name);
    const notes = [each.note, fault && `not committed: ${faultText(fault, each)}`];
    const said = canSay(variable.name, value);
    // A patch file holds objects, and infra is in none. Its former values are single words: all can be said.
    const to = !said && variable.kind !== 'infra' ? 'patch' : variable.sensitive || fault ? 'env' : 'config';
    if (to === 'patch') notes.push('kept in YAML: no env file can hold it');
    const note = notes.filter((text) => text !== undefined).join('; ');
    return { variable, value, from: each.from, to, ...(note !== '' && { note }) };
  });
}

/** The first error of each variable, were every value in the committed file. */
function faultsInConfigFile(
  catalog: Catalog,
  environment: string,
  taken: readonly Taken[],
  files: HintFiles,
): Map<string, Problem> {
  const assignments = taken.map(({ variable, value }) => ({
    variable: variable.name,
    template: [variable.sensitive && !(value instanceof Sensitive) ? new Sensitive(value) : value],
  }));
  const source = { layer: 'env-file', assignments, unknownNames: [], unknownNamesAre: 'errors', problems: [] } as const;
  const { problems } = evaluate(catalog, environment, [source], files);
  const telling = problems.filter(({ code }) => code !== 'contradiction' && code !== 'missing');
  return new Map(telling.filter(isError).map((problem) => [problem.variable ?? '', problem] as const));
}

function faultText({ code }: Problem, { variable: { type }, value }: Taken): string {
  if (code === 'misplaced-secret') return 'it holds a secret, or looks like one';
  if (code === 'too-large') return 'it is too large';
  return textMatches(value, (text) => accepts(type, text)) ? 'no ConfigMap carries it' : `it is not ${type.rule}`;
}
