import type { Variable } from '../../catalog/catalog';
import type { Problem } from '../problem';
import type { Resolved, Resolver } from '../resolve';
import { mayBeUnread, placeOf, type Source, type UnknownName } from '../source';

/** Where to put a value that is missing: file names for hints. */
export interface HintFiles {
  readonly secrets: string;
  readonly config: string;
  /** Where several variables are missing for one reason: what to do about it, and whether that gives a variable a value. */
  readonly remedy?: (missing: readonly Variable[]) => Remedy | undefined;
}

/** What gives several missing variables their values at once. */
export interface Remedy {
  readonly hint: string;
  readonly covers: (variable: Variable) => boolean;
}

/** What tells why a variable has no value, and where to give it one. */
interface Evidence {
  readonly sources: readonly Source[];
  readonly resolver: Resolver;
  readonly unshown: ReadonlySet<UnknownName>;
  readonly files: HintFiles;
  readonly swallowedBy: (name: string) => Resolved | undefined;
}

/** The required variables without a value. Those that one step mends have one hint. */
export function missingVariables(variables: Iterable<Variable>, evidence: Evidence): Problem[] {
  const found: Missing[] = [];
  for (const each of variables) {
    if (each.optional || evidence.resolver.layers.valuesFor(each.name).length > 0) continue;
    const one = missing(each, evidence);
    if (one) found.push(one);
  }
  const remedy = evidence.files.remedy?.(found.filter(({ isOpen }) => isOpen).map(({ variable }) => variable));
  return found.map(({ variable, problem, isOpen }) =>
    remedy && isOpen && remedy.covers(variable) ? { ...problem, hint: remedy.hint } : problem,
  );
}

interface Missing {
  readonly variable: Variable;
  readonly problem: Problem;
  /** What an empty assignment or a misspelt one stands for is not open: it has a place of its own to mend it. */
  readonly isOpen: boolean;
}

/** What is to be said of a required variable without a value, if anything is. */
function missing(variable: Variable, evidence: Evidence): Missing | undefined {
  const { sources, resolver, unshown, files, swallowedBy } = evidence;
  const { name } = variable;
  if (mayBeUnread(variable, sources)) return undefined;
  const typo = typoOf(variable, sources);
  const swallower = swallowedBy(name);
  const empty = resolver.layers.emptyAt(name);
  const processEnvironment = sources.find(({ layer }) => layer === 'process-env');
  const emptyThere = processEnvironment?.assignments.some((each) => each.variable === name) === true;
  const file = variable.sensitive ? files.secrets : files.config;
  const hint = () => {
    if (swallower) {
      return `${name}=… stands in the value of ${swallower.variable.name}${placeInWords(swallower)}: put it on a line of its own`;
    }
    if (typo) return hintOnNear(variable, typo, placeOfTypo(typo.source, typo.found, unshown));
    if (emptyThere) return `What a CI system does not have arrives empty: set it there, or in ${file}`;
    return `Set it in ${processEnvironment ? 'the process environment or in ' : ''}${file}`;
  };
  const problem: Problem = {
    severity: 'error',
    code: 'missing',
    variable: name,
    ...(emptyThere ? {} : placeOf(empty ?? {})),
    message: emptyThere
      ? `${name} is required, and is set but empty in the process environment`
      : `${name} is required and has no value`,
    hint: hint(),
  };
  return { variable, problem, isOpen: !empty && !typo && !swallower };
}

/** A former name is the catalog's own, and may be shown. */
function hintOnNear({ formerly, key }: Variable, { found }: { found: UnknownName }, place: string): string {
  const { name } = found;
  if (formerly.includes(name)) return `Its former name ${name} still has the value: rename it (${place})`;
  if (name === key) return `Is ${place} meant for it? Only pods call it ${name}`;
  return `Is ${place} a misspelling of it?`;
}

function placeInWords({ layerValue: { origin } }: Resolved): string {
  return origin.file === undefined || origin.line === undefined ? '' : `, on line ${origin.line} of ${origin.file}`;
}

/** A name outside the catalog that a variable's is near to, or that pods know it by, and the source that has it. */
function typoOf(
  { name, key }: Variable,
  sources: readonly Source[],
): { source: Source; found: UnknownName } | undefined {
  for (const source of sources) {
    const found = source.unknownNames.find((unknown) => unknown.near === name || unknown.name === key);
    if (found) return { source, found };
  }
  return undefined;
}

function placeOfTypo(source: Source, typo: UnknownName, unshown: ReadonlySet<UnknownName>): string {
  if (source.file) return `line ${typo.line} of ${source.file}`;
  // The process environment has no lines to point at.
  return `${unshown.has(typo) ? 'a name' : typo.name} in the process environment`;
}
