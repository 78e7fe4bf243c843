/** The processor time of a piece of work, in milliseconds: a busy machine does the work later, and does no more of it. */
export function cpuTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
