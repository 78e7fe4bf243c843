import { readFileSync } from 'node:fs';

// A temporary file says in its name whose it is, so that what a killed run has left is told from what is being written.

/**
 * What tells this process from every other one: its number and, in hexadecimal, when it began, in the system's ticks since
 * it started. Numbers come again, in a container at once; outside Linux there is nothing but the number.
 */
export function processMark(): string {
  mark ??= `${process.pid}-${lookUp(process.pid)?.start ?? ''}`;
  return mark;
}

let mark: string | undefined;

/**
 * Whether a process has ended, or can only be an earlier one of this very number.
 * @param start when it began, as in its mark; empty where that is not known
 */
export function isGone(pid: number, start: string): boolean {
  if (pid === process.pid || !isInUse(pid)) return true;
  const now = lookUp(pid);
  return now !== undefined && (now.hasEnded || (start !== '' && start !== now.start));
}

/** Whether a process or a thread has this number. */
function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0); // asks whether it is there, sends nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // it may be another user's
  }
}

/** What Linux says of a process or a thread (proc_pid_stat(5)); undefined where it says nothing. */
function lookUp(pid: number): { readonly start: string; readonly hasEnded: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // from the third on
    return { start: Number(fields[19]).toString(16), hasEnded: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return undefined;
  }
}
