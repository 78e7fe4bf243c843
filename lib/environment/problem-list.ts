import { groupBy } from './group-by';
import { limits } from './limits';
import { numberText } from './number-text';
import { type Fault, inOrder, isError, type Problem } from './problem';

type Severity = Problem['severity'];

/** Gathers problems, however many there are, in little memory. */
export interface ProblemList {
  /** @param describe makes the message, which nobody reads of most problems of a very bad file */
  add(problem: Omit<Problem, 'message' | 'hint'>, describe: () => Fault): void;
  /** Whether one more would only be counted. One need not be made up for that, where there are millions. */
  isFull(severity: Severity, variable?: string): boolean;
  /** Adds one that is not worth a message. */
  count(severity: Severity, code: Problem['code']): void;
  /** Those kept, and one of each severity for the rest. Of every variable there is the first one of each severity. */
  all(): Problem[];
}

interface Gathered {
  readonly kept: Problem[];
  readonly variables: Set<string>;
  /** The first of those that are counted. */
  first?: Problem['code'];
  more: number;
}

/** @param file the one that the problems are of; the process environment has none */
export function createProblemList(file?: string): ProblemList {
  return gather(limits.problemsOfFile, file);
}

/** Of all files of a run. */
export function createRunList(): ProblemList {
  return gather(limits.problemsOfRun, undefined, elsewhere);
}

const elsewhere = 'in other files';

function gather(most: number, file: string | undefined, where?: string): ProblemList {
  const gathered: Readonly<Record<Severity, Gathered>> = {
    error: { kept: [], variables: new Set(), more: 0 },
    warning: { kept: [], variables: new Set(), more: 0 },
  };
  const count = (severity: Severity, code: Problem['code']) => {
    const of = gathered[severity];
    of.first ??= code;
    of.more++;
  };
  const isFull = (severity: Severity, variable?: string) => {
    const { kept, variables } = gathered[severity];
    // What is known of a variable hangs on whether it has a problem, so one of each is kept whatever their number.
    return kept.length >= most && (variable === undefined || variables.has(variable));
  };
  return {
    add(problem, describe) {
      const { severity, code, variable } = problem;
      if (isFull(severity, variable)) return count(severity, code);
      const { kept, variables } = gathered[severity];
      if (variable !== undefined) variables.add(variable);
      kept.push({ ...problem, ...(file !== undefined && { file }), ...describe() });
    },
    isFull,
    count,
    all() {
      return Object.entries(gathered).flatMap(([severity, { kept, first, more }]) =>
        first === undefined ? kept : [...kept, summary(severity as Severity, first, more, file, where)],
      );
    },
  };
}

/**
 * Of each file no more problems than so many, the most urgent ones, and one that counts the rest. Those without a file
 * count as those of one file. What is to be done about several missing variables is said with the last of them.
 */
export function atMostPerFile(problems: readonly Problem[], most: number = limits.problemsOfFile): Problem[] {
  const byFile = groupBy(problems, ({ file }) => file);
  return atMostOfRun(sharedHintsOnce(inOrder([...byFile].flatMap(([file, ofFile]) => atMost(ofFile, file, most)))));
}

/** There may be any number of files, too. */
function atMostOfRun(problems: readonly Problem[]): Problem[] {
  const [urgent, others] = [problems.filter(isError), problems.filter((each) => !isError(each))];
  const rest = [...urgent, ...others].slice(limits.problemsOfRun);
  const [worst] = rest;
  if (!worst) return [...problems];
  // What stands for problems of no file may stand for these as well.
  const left = new Set([...rest, ...problems.filter(({ file, more }) => file === undefined && more !== undefined)]);
  const { severity, code } = [...left].find(isError) ?? worst;
  return [
    ...problems.filter((each) => !left.has(each)),
    summary(severity, code, countOf([...left]), undefined, elsewhere),
  ];
}

/** Missing variables that one hint is for stand together, where the first of them stood, and the last of them says it. */
function sharedHintsOnce(problems: readonly Problem[]): Problem[] {
  const byHint = groupBy(problems, sharedHint);
  return problems.flatMap((problem) => {
    const shared = sharedHint(problem);
    const alike = byHint.get(shared) ?? [];
    if (shared === undefined) return [problem];
    if (alike[0] !== problem) return [];
    return [...alike.slice(0, -1).map(({ hint: _said, ...rest }) => rest), ...alike.slice(-1)];
  });
}

function sharedHint({ code, file, hint }: Problem): string | undefined {
  return code === 'missing' && file === undefined ? hint : undefined;
}

function atMost(problems: readonly Problem[], file: string | undefined, most: number): Problem[] {
  const single = inOrder(problems).filter(({ more }) => more === undefined);
  const urgent = single.sort((a, b) => urgency(b) - urgency(a)); // stable: the first lines stay first
  const rest = [...urgent.slice(most), ...problems.filter(({ more }) => more !== undefined)];
  const [worst] = [...rest.filter(isError), ...rest];
  if (!worst) return urgent;
  if (rest.length === 1 && worst.more !== undefined) return [...urgent, worst]; // it says of what it is
  return [...urgent.slice(0, most), summary(worst.severity, worst.code, countOf(rest), file)];
}

/** Chooses what a run lists of the problems of one environment after the other. */
export function createProblemLimit(): (problems: readonly Problem[]) => Problem[] {
  let listed = 0;
  return (problems) => {
    const chosen = atMostPerFile(problems, listed < limits.problemsOfRun ? limits.problemsOfFile : 1);
    listed += chosen.length;
    return chosen;
  };
}

/** Errors before warnings, and what names its variable before what may be any line of the wrong file. */
function urgency(problem: Problem): number {
  return (isError(problem) ? 2 : 0) + (problem.variable === undefined ? 0 : 1);
}

/** How many problems these are, with those that some of them stand for. */
export function countOf(problems: readonly Problem[]): number {
  return problems.reduce((sum, { more = 1 }) => sum + more, 0);
}

function summary(
  severity: Severity,
  code: Problem['code'],
  more: number,
  file: string | undefined,
  where = file === undefined ? 'outside of files' : 'in this file',
): Problem {
  return {
    severity,
    code,
    ...(file !== undefined && { file }),
    message: `${numberText(more)} more problem${more === 1 ? '' : 's'} ${where} ${more === 1 ? 'is' : 'are'} not listed`,
    hint: 'Mend those that are, and run it again',
    more,
  };
}
