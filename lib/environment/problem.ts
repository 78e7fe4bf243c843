/** Every kind of problem that an environment can have. Codes are stable: scripts and annotations rely on them. */
export const problemCodes = [
  'missing',
  'unknown-variable',
  'duplicate',
  'ambiguous-line',
  'unresolved-placeholder',
  'placeholder-cycle',
  'invalid-value',
  'misplaced-secret',
  'contradiction',
  'shared-target',
  'stray-file',
  'too-large',
  'unreadable',
  'unreadable-secrets',
  'unknown-environment',
  'not-written',
  'invalid-patch',
  'reused-secret',
  'not-a-value',
  'suspicious-value',
  'empty-value',
  'open-permissions',
  'exposed-file',
  'unknown-reference',
  'collision',
  'unused-variable',
] as const;

/** What can be wrong with a whole run: the catalog, the command line, the cluster, a program we start, this program. */
export const runCodes = ['invalid-catalog', 'usage', 'cluster', 'tool', 'internal-error'] as const;

export type ProblemCode = (typeof problemCodes | typeof runCodes)[number];

/** Something wrong with an environment. No field ever holds a piece of a secret or a quoted line. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly code: ProblemCode;
  /** A name in the catalog, or an unknown one that is near one. */
  readonly variable?: string;
  /** As the user would type it, relative to the working directory. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** What is wrong, one line. */
  readonly message: string;
  /** What to do about it, one line. */
  readonly hint?: string;
  /** It stands for so many problems of its file that are not listed. */
  readonly more?: number;
  /** Of an encrypted file: it may be right, but nobody here has a key to it. */
  readonly isLocked?: true;
}

/** What is wrong, and what to do about it, before it is known where. */
export type Fault = Pick<Problem, 'message' | 'hint'>;

/** Where something stands. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
}

export function isError(problem: Pick<Problem, 'severity'>): boolean {
  return problem.severity === 'error';
}

/** By file, line and code; problems without a place come first, and in each file the one that counts the rest last. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) =>
      byCodeUnits(a.file ?? '', b.file ?? '') ||
      (a.more ?? 0) - (b.more ?? 0) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      byCodeUnits(a.code, b.code) ||
      byCodeUnits(a.variable ?? '', b.variable ?? ''),
  );
}

/** The same order on every machine, whatever its locale. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Saying no to a whole run: nothing can be said of any environment. Carries what is wrong, the first thing above all.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly problems: readonly [Problem, ...Problem[]];

  constructor(problems: readonly [Problem, ...Problem[]]) {
    super(problems[0].message);
    this.problems = problems;
  }
}

/** A refusal for one reason. */
export function refusal(code: ProblemCode, message: string, hint?: string): Refusal {
  return new Refusal([{ severity: 'error', code, message, ...(hint !== undefined && { hint }) }]);
}
