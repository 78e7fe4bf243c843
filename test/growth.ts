import { cpuTime } from './cpu-time';

/**
 * How many times longer something takes for sixteen times the input: about 16 where it is linear, 256 where it is
 * quadratic. Counts the processor's time, the least of five rounds: other work on the machine makes no difference.
 * @param prepare makes the work for an input of this size, which is not counted
 */
export function growth(prepare: (size: number) => () => unknown, size: number): number {
  const works = [prepare(size), prepare(16 * size)] as const;
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 5; round++) {
    works.forEach((work, index) => {
      least[index] = Math.min(least[index] ?? 0, cpuTime(work));
    });
  }
  return (least[1] ?? 0) / Math.max(0.001, least[0] ?? 0);
}

/** Far from both 16 and 256: collecting garbage alone may make a linear one look twice as slow. */
export const mostLinear = 80;
