import type { Catalog } from '../catalog/catalog';
import { evaluate, type HintFiles } from '../environment/evaluate';
import { isError, type Problem } from '../environment/problem';
import { resolveEnvironment } from '../environment/resolve';
import { asSensitive, type Sensitive, type Text, textMatches } from '../environment/sensitive';
import type { Source } from '../environment/source';
import { type FormerValues, noted, type Open, type Taken } from './values';

/** A file of the new layout. */
export type Target = 'config' | 'env' | 'patch';

/** A value and the file that it goes to. */
export interface Placed extends Taken {
  readonly to: Target;
}

export interface MigrationPlan {
  readonly placed: readonly Placed[];
  /** In the catalog's order: what the former layout gives no value, and what must not be copied from it. */
  readonly open: readonly Open[];
}

/**
 * Decides which file each value goes to: what is sensitive, or would be refused in the committed file, to the one that
 * is never committed; what an env file cannot say to the patch file. What holds a secret that is not taken over goes
 * nowhere: in the new files nothing would tell that it does.
 * @param canSay whether an env file can say the text
 */
export function planMigration(
  catalog: Catalog,
  environment: string,
  { taken, open, otherSecrets }: FormerValues,
  files: HintFiles,
  canSay: (name: string, value: Text) => boolean,
): MigrationPlan {
  const errors = errorsInConfigFile(catalog, environment, taken, otherSecrets, files);
  const faults = new Map(errors.map((problem) => [problem.variable ?? '', problem] as const));
  const misplaced = misplacedAmong(errors);
  const misplacedLater = misplacedAmong(errorsInConfigFile(catalog, environment, taken, [], files));
  const isTellTale = ({ variable: { name } }: Taken) => misplaced.has(name) && !misplacedLater.has(name);
  const telling = taken
    .filter(isTellTale)
    .map(({ variable, from }): Open => ({ variable, from, why: holdsLostSecret }));
  const placed = taken
    .filter((each) => !isTellTale(each))
    .map((each): Placed => {
      const { variable, value } = each;
      const fault = variable.sensitive ? undefined : faults.get(variable.name);
      const said = canSay(variable.name, value);
      // A patch file holds objects, and infra is in none. Its former values are single words: all can be said.
      const to = !said && variable.kind !== 'infra' ? 'patch' : variable.sensitive || fault ? 'env' : 'config';
      const why = fault && `not committed: ${faultText(fault, each)}`;
      const inYaml = to === 'patch' ? 'kept in YAML: no env file can hold it' : undefined;
      return { variable, value, from: each.from, to, ...noted(each.note, why, inYaml) };
    });
  const all = new Map([...open, ...telling].map((each) => [each.variable, each] as const));
  return { placed, open: [...catalog.variables.values()].flatMap((variable) => all.get(variable) ?? []) };
}

const holdsLostSecret = 'holds what is given for a secret, and that was not taken over';

/** What would be wrong, were every value in the committed file. */
function errorsInConfigFile(
  catalog: Catalog,
  environment: string,
  taken: readonly Taken[],
  otherSecrets: readonly Sensitive[],
  files: HintFiles,
): Problem[] {
  const assignments = taken.map(({ variable, value }) => ({
    variable: variable.name,
    template: [variable.sensitive ? asSensitive(value) : value],
  }));
  const source: Source = {
    layer: 'env-file',
    assignments,
    unknownNames: [],
    unknownNamesAre: 'errors',
    problems: [],
    unreadSecrets: otherSecrets.map((text) => ({ text })),
  };
  const { problems } = evaluate(catalog, resolveEnvironment(catalog, environment, [source]), files);
  return problems.filter((problem) => isError(problem) && !['contradiction', 'missing'].includes(problem.code));
}

function misplacedAmong(problems: readonly Problem[]): ReadonlySet<string | undefined> {
  return new Set(problems.filter(({ code }) => code === 'misplaced-secret').map(({ variable }) => variable));
}

function faultText({ code }: Problem, { variable: { type }, value }: Taken): string {
  if (code === 'misplaced-secret') return 'it holds a secret, or looks like one';
  if (code === 'too-large') return 'it is too large';
  return textMatches(value, (text) => type.accepts(text)) ? 'no ConfigMap carries it' : `it is not ${type.rule}`;
}
