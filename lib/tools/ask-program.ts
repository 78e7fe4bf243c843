import { type ChildProcess, spawn } from 'node:child_process';
import { limits, sizeText } from '../environment/limits';

/** What a program wrote to its standard output, or why that is not known. Nothing of its own messages: they may quote a secret. */
export type Answer = { readonly text: string } | { readonly failure: Failure };

export interface Failure {
  /** It is not there. */
  readonly absent: boolean;
  /** Completes "<program> …". */
  readonly reason: string;
}

/**
 * Runs a program, without a shell, for what it writes to its standard output. It reads nothing from ours, gets no more
 * time and writes no more than `limits` allows, and ends when this process does, with every program that it has started.
 */
export function askProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Answer> {
  return new Promise((resolve) => {
    let child: ReturnType<typeof start>;
    try {
      child = start(program, args, env);
    } catch (error) {
      resolve({ failure: notStarted(error) });
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    const end = () => endGroup(child);
    const finish = (answer: Answer) => {
      clearTimeout(timer);
      process.off('exit', end);
      resolve(answer);
    };
    const giveUp = (reason: string) => {
      end();
      child.stdout.destroy(); // whoever else holds its other end
      finish({ failure: { absent: false, reason } });
    };
    const timer = setTimeout(
      () => giveUp(`did not answer within ${limits.secondsOfProgram} seconds`),
      limits.secondsOfProgram * 1_000,
    );
    process.on('exit', end);
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limits.bytesOfAnswer) giveUp(`answered more than ${sizeText(limits.bytesOfAnswer)}`);
      else chunks.push(chunk);
    });
    child.on('error', (error) => finish({ failure: notStarted(error) }));
    child.on('close', (status) => {
      if (status === 0) finish({ text: Buffer.concat(chunks).toString('utf8') });
      else finish({ failure: { absent: false, reason: 'failed' } });
    });
  });
}

/** Where a program can be ended together with those that it has started: as a group of processes of its own. */
const hasGroups = process.platform !== 'win32';

function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  // An open input may be waited for: some programs ask for a password there, unseen.
  return spawn(program, args, { env, stdio: ['ignore', 'pipe', 'ignore'], detached: hasGroups });
}

function notStarted(error: unknown): Failure {
  const { code } = error as NodeJS.ErrnoException;
  return { absent: code === 'ENOENT', reason: `could not be started (${code})` };
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (hasGroups) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
