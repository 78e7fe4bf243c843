import { type ChildProcess, spawn } from 'node:child_process';
import { limits, sizeText } from '../environment/limits';

/** What a program wrote to its standard output, or why that is not known. Nothing of its own messages: they may quote a secret. */
export type Answer<Cause = never> = { readonly text: string } | { readonly failure: Failure<Cause> };

export interface Failure<Cause = never> {
  /** It is not there. */
  readonly absent: boolean;
  /** Completes "<program> …". */
  readonly reason: string;
  /** Why, where its messages tell. */
  readonly cause?: Cause;
}

/** What may be said about a question. */
export interface Question<Cause = never> {
  /** What it reads from its standard input: nothing, if nothing is given. */
  readonly input?: string;
  /** How long it may take, where that is not what every program may. */
  readonly seconds?: number;
  /** Tells the cause of a failure from its messages, which go nowhere else: they may quote a secret. */
  readonly causeOf?: (messages: string) => Cause | undefined;
}

/** What tells a cause stands at the beginning of messages or at their end. In characters. */
const messagesKept = 16 * 1024;

/**
 * Runs a program, without a shell, for what it writes to its standard output. It reads nothing from ours, gets no more
 * time and writes no more than `limits` allows, and ends when this process does, with every program that it has started.
 */
export function askProgram<Cause extends string = never>(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { input = '', seconds = limits.secondsOfProgram, causeOf }: Question<Cause> = {},
): Promise<Answer<Cause>> {
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
    let messages = '';
    const finish = (answer: Answer<Cause>) => {
      clearTimeout(timer);
      process.off('exit', end);
      resolve(answer);
    };
    const giveUp = (reason: string) => {
      end();
      for (const stream of [child.stdout, child.stderr]) stream.destroy(); // whoever else holds its other end
      finish({ failure: { absent: false, reason } });
    };
    const timer = setTimeout(() => giveUp(`did not answer within ${seconds} seconds`), seconds * 1_000);
    process.on('exit', end);
    child.on('error', (error) => finish({ failure: notStarted(error) }));
    if (child.pid === undefined) return; // it has no streams then, and the error is about to come
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limits.bytesOfAnswer) giveUp(`answered more than ${sizeText(limits.bytesOfAnswer)}`);
      else chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      const all = messages + chunk.toString('utf8');
      messages = all.length <= 2 * messagesKept ? all : all.slice(0, messagesKept) + all.slice(-messagesKept);
    });
    child.stdin.on('error', () => {}); // it has ended before it has read all: how it ended says why
    child.stdin.end(input);
    child.on('close', (status) => {
      if (status === 0) return finish({ text: Buffer.concat(chunks).toString('utf8') });
      const cause = causeOf?.(messages);
      finish({ failure: { absent: false, reason: 'failed', ...(cause !== undefined && { cause }) } });
    });
  });
}

/** Where a program can be ended together with those that it has started: as a group of processes of its own. */
const hasGroups = process.platform !== 'win32';

function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  // Its input is closed after what it is given: some programs ask for a password there, unseen.
  return spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'], detached: hasGroups });
}

function notStarted(error: unknown): Failure<never> {
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
