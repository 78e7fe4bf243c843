import { groupBy } from '../environment/group-by';
import { isError, type Problem, type Refusal } from '../environment/problem';
import { createProblemLimit } from '../environment/problem-list';
import { someOf } from '../environment/some-of';
import { type EnvironmentProblems, many, partCommon } from './common-problems';
import { githubAnnotation } from './github';
import type { Host } from './host';
import { colorsFor, countText, printable, problemText, sizeOf } from './terminal';

/** Shows a run as it goes: results on standard output, diagnostics on standard error. */
export interface Reporter {
  /**
   * @param headed whether to say first which environment they belong to
   * @param consequence of errors, if there is one: completes "staging: 2 errors, …"
   * @returns those that were listed: no more than a reader can use
   */
  problems(environment: string, problems: readonly Problem[], headed: boolean, consequence?: string): Problem[];
  /** Shows what could not be shown before all environments of the run were known. */
  finish(): void;
  /** Why nothing could be done at all. */
  failure(message: string, hint?: string): void;
  /** What the command was run for. */
  result(text: string): void;
  /** One line that is overwritten, on a terminal only. */
  progress(done: number, total: number, environment: string): void;
}

/**
 * @param quiet problems only
 * @param environments of the run. What many of them have alike is shown once, at the end
 */
export function createReporter(host: Host, quiet: boolean | undefined, environments = 1): Reporter {
  const { stdout, stderr, env } = host;
  const limit = createProblemLimit();
  const gathered: EnvironmentProblems[] = [];
  let progressShown = false;
  const clearProgress = () => {
    if (progressShown) stderr.write('\r\u001b[K');
    progressShown = false;
  };
  const show = (alike: readonly Problem[], also?: string, next?: Problem) => {
    const [problem] = alike;
    if (!problem) return;
    const gap = isOneLine(problem) && next?.code === problem.code ? '' : '\n';
    stderr.write(`${problemText(problem, colorsFor(stderr, env), sizeOf(stderr).columns, also)}${gap}`);
    if (env['GITHUB_ACTIONS'] === 'true') for (const each of alike) stderr.write(githubAnnotation(each));
  };
  const showAll = (problems: readonly Problem[]) => {
    const groups = [...groupBy(problems, (problem) => JSON.stringify({ ...problem, line: undefined })).values()];
    for (const [at, alike] of groups.entries()) show(alike, otherLines(alike), groups[at + 1]?.[0]);
  };
  const heading = (text: string) => stderr.write(`${colorsFor(stderr, env).bold(text)}\n`);
  return {
    problems(environment, problems, headed, consequence) {
      if (problems.length === 0) return [];
      const listed = limit(problems);
      const end = problems.some(isError)
        ? `${countText(problems)}${consequence === undefined ? '' : `, ${consequence}`}`
        : undefined;
      if (environments >= many) {
        gathered.push({ environment, problems: listed, ...(end !== undefined && { end }) });
        return listed;
      }
      clearProgress();
      if (headed) heading(environment);
      showAll(listed);
      if (end !== undefined) stderr.write(`${environment}: ${end}\n`);
      return listed;
    },
    finish() {
      if (gathered.length === 0) return;
      clearProgress();
      const { common, own, ends } = partCommon(gathered);
      for (const { problem, environments } of common)
        show([problem], environments.length > 1 ? `in ${someOf(environments.slice(1))}` : undefined);
      for (const { environment, problems } of own) {
        heading(environment);
        showAll(problems);
      }
      for (const end of ends) stderr.write(`${printable(end)}\n`);
    },
    failure(message, hint) {
      clearProgress();
      const problem = { severity: 'error', code: 'tool', message, ...(hint !== undefined && { hint }) } as const;
      stderr.write(problemText(problem, colorsFor(stderr, env), sizeOf(stderr).columns));
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

/** The lines of a file on which the same is wrong again, as words. */
function otherLines([, ...others]: readonly Problem[]): string | undefined {
  const lines = others.flatMap(({ line }) => (line === undefined ? [] : `${line}`));
  if (lines.length === 0) return undefined;
  return `on ${lines.length === 1 ? 'line' : 'lines'} ${someOf(lines)}`;
}

/** Nothing is said of it but that it is so: several of them are a list. */
function isOneLine({ file, hint }: Problem): boolean {
  return file === undefined && hint === undefined;
}

/** Why the whole run is refused. */
export function refusalText(problems: Refusal['problems'], { stderr, env }: Host): string {
  const colors = colorsFor(stderr, env);
  const annotations = env['GITHUB_ACTIONS'] === 'true' ? problems.map(githubAnnotation) : [];
  const texts = problems.map((problem) => problemText(problem, colors, sizeOf(stderr).columns));
  return [texts.join('\n'), ...annotations].join('');
}
