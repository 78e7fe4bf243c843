import { isError, type Problem, type Refusal } from '../environment/problem';
import { createProblemLimit } from '../environment/problem-list';
import { githubAnnotation } from './github';
import type { Host } from './host';
import { colorsFor, countText, problemText } from './terminal';

/** Shows a run as it goes: results on standard output, diagnostics on standard error. */
export interface Reporter {
  /**
   * @param headed whether to say first which environment they belong to
   * @param consequence of errors, if there is one: completes "staging: 2 errors, …"
   * @returns those that were listed: no more than a reader can use
   */
  problems(environment: string, problems: readonly Problem[], headed: boolean, consequence?: string): Problem[];
  /** Why nothing could be done at all. */
  failure(message: string, hint?: string): void;
  /** What the command was run for. */
  result(text: string): void;
  /** One line that is overwritten, on a terminal only. */
  progress(done: number, total: number, environment: string): void;
}

/** @param quiet problems only */
export function createReporter(host: Host, quiet: boolean): Reporter {
  const { stdout, stderr, env } = host;
  const limit = createProblemLimit();
  let progressShown = false;
  const clearProgress = () => {
    if (progressShown) stderr.write('\r\u001b[K');
    progressShown = false;
  };
  return {
    problems(environment, problems, headed, consequence) {
      if (problems.length === 0) return [];
      clearProgress();
      const colors = colorsFor(stderr, env);
      if (headed) stderr.write(`${colors.bold(environment)}\n`);
      const listed = limit(problems);
      for (const problem of listed) {
        stderr.write(`${problemText(problem, colors, stderr.columns)}\n`);
        if (env['GITHUB_ACTIONS'] === 'true') stderr.write(githubAnnotation(problem));
      }
      if (problems.some(isError)) {
        stderr.write(`${environment}: ${countText(problems)}${consequence === undefined ? '' : `, ${consequence}`}\n`);
      }
      return listed;
    },
    failure(message, hint) {
      clearProgress();
      const problem = { severity: 'error', code: 'tool', message, ...(hint !== undefined && { hint }) } as const;
      stderr.write(problemText(problem, colorsFor(stderr, env), stderr.columns));
    },
    result(text) {
      if (quiet || text === '') return;
      clearProgress();
      stdout.write(text);
    },
    progress(done, total, environment) {
      if (quiet || !stderr.isTTY || total < 2) return;
      stderr.write(`\r\u001b[K[${done}/${total}] ${environment}`);
      progressShown = true;
    },
  };
}

/** Why the whole run is refused. */
export function refusalText(problems: Refusal['problems'], { stderr, env }: Host): string {
  const colors = colorsFor(stderr, env);
  const annotations = env['GITHUB_ACTIONS'] === 'true' ? problems.map(githubAnnotation) : [];
  const texts = problems.map((problem) => problemText(problem, colors, stderr.columns));
  return [texts.join('\n'), ...annotations].join('');
}
