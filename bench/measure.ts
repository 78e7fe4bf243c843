import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A process to be measured, from its start to its end. */
export interface Case {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs before each measurement, and is not measured. */
  readonly before?: () => void;
  /** Runs after each measurement, and is not measured. */
  readonly after?: () => void;
}

export interface Measured {
  /** Median of whole processes, in ms. */
  readonly time: number;
  /** Median of the most memory held, in MB; NaN for what is not Node.js. */
  readonly memory: number;
}

/**
 * Runs the cases in turn, round after round, so that a busy minute of the machine falls on all of them alike.
 * The first round is not counted: it fills caches.
 */
export function interleaved<Name extends string>(
  rounds: number,
  cases: Readonly<Record<Name, Case>>,
): Record<Name, Measured> {
  const names = Object.keys(cases) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  const peaks = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const { time, memory } = once(name, cases[name]);
      if (round === 0) continue;
      times.get(name)?.push(time);
      peaks.get(name)?.push(memory);
    }
  }
  const measured = (name: Name) => ({ time: median(times.get(name) ?? []), memory: median(peaks.get(name) ?? []) });
  return Object.fromEntries(names.map((name) => [name, measured(name)])) as Record<Name, Measured>;
}

function once(name: string, { command, args, cwd, env, before, after }: Case): Measured {
  before?.();
  const peakFile = join(cwd, 'peak-memory');
  rmSync(peakFile, { force: true });
  const measuresMemory = command === process.execPath && env?.['BENCH_MEMORY'] === 'yes';
  const allArgs = measuresMemory ? ['--require', join(process.cwd(), 'bench/peak-memory.js'), ...args] : args;
  const start = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(command, allArgs, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env, BENCH_PEAK_FILE: peakFile },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const time = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${name} failed: ${error?.message ?? stderr}`);
  const memory = existsSync(peakFile) ? Number(readFileSync(peakFile, 'utf8')) / 1000 : Number.NaN;
  after?.();
  return { time, memory };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** The e of time = c × count^e that fits best (least squares between the logarithms): 1 is linear, 2 is quadratic. */
export function fittedExponent(points: readonly (readonly [count: number, time: number])[]): number {
  const logs = points.map(([count, time]) => [Math.log(count), Math.log(time)] as const);
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  const x = mean(logs.map(([count]) => count));
  const y = mean(logs.map(([, time]) => time));
  const covariance = mean(logs.map(([count, time]) => (count - x) * (time - y)));
  return covariance / mean(logs.map(([count]) => (count - x) ** 2));
}
