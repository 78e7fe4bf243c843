import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Signals that end a process. */
const ending = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Signals that a terminal or a supervisor sends to this process are meant for the command. */
const passedOn = [...ending, 'SIGUSR1', 'SIGUSR2'] as const;

/** Puts a listener in the place of this process's own. @returns puts those back */
function takeSignals(signals: readonly NodeJS.Signals[], listener: (signal: NodeJS.Signals) => void): () => void {
  const own = signals.map((signal) => [signal, process.listeners(signal)] as const);
  // Never without any: for that moment, the signal would end this process at once.
  for (const [signal, listeners] of own) {
    process.on(signal, listener);
    for (const each of listeners) process.off(signal, each);
  }
  return () => {
    for (const [signal, listeners] of own) {
      for (const each of listeners) process.on(signal, each);
      process.off(signal, listener);
    }
  };
}

/** Does the last piece of work of a run, which no signal cuts short: it is about to end by itself. */
export async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  const giveBack = takeSignals(ending, () => {});
  try {
    return await work();
  } finally {
    giveBack();
  }
}

/**
 * Runs a program, without a shell, on this process's own terminal, in this environment.
 * @param heard is told of each signal meanwhile that is for this process, and not for all that the terminal has
 * @returns its exit status, or 128 and the number of the signal that ended it; the system's error code if it was not started
 */
export function runCommand(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  heard: (signal: NodeJS.Signals) => void = () => {},
): Promise<number | string> {
  return new Promise((resolve) => {
    let child: ChildProcess | undefined;
    // A terminal sends these to the command itself: passed on, they would arrive twice.
    const fromTerminal = new Set<NodeJS.Signals>(process.stdin.isTTY ? ['SIGINT', 'SIGQUIT'] : []);
    const forward = (signal: NodeJS.Signals) => {
      if (fromTerminal.has(signal)) return;
      heard(signal);
      child?.kill(signal);
    };
    // In place of the program's own handlers, which would end it before the command; and before there is a command,
    // which a signal would otherwise leave behind.
    const giveBack = takeSignals(passedOn, forward);
    const finish = (status: number | string) => {
      giveBack();
      resolve(status);
    };
    try {
      child = spawn(program, args, { stdio: 'inherit', env: environment });
    } catch (error) {
      finish((error as NodeJS.ErrnoException).code ?? 'unknown reason');
      return;
    }
    child.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.name));
    child.on('exit', (status, signal) => finish(status ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
