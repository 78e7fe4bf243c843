import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** What Debian calls it, or its sibling that GitHub's runners have. */
const program = ['chromium', 'google-chrome'].find((name) => spawnSync(name, ['--version']).status === 0);

if (program === undefined)
  process.stderr.write('chromium is not installed: the tests of pages in a browser are skipped\n');

/** For tests that need a browser: skipped, by name, where there is none; `.ci/run` installs it. */
export const itWithChromium = program === undefined ? it.skip : it;

type Params = Readonly<Record<string, unknown>>;

/** A page of a real browser without a window, spoken to by the DevTools protocol. */
export interface Page {
  /** @returns the answer of a command of https://chromedevtools.github.io/devtools-protocol */
  send(method: string, params?: Params): Promise<Readonly<Record<string, unknown>>>;
  /** @returns what an expression comes to, as JSON has it */
  evaluate<T>(expression: string): Promise<T>;
  /** What the browser has told of its own accord. */
  readonly events: readonly { readonly method: string; readonly params: Params }[];
  press(key: string, code: number, text?: string): Promise<void>;
}

/** Opens a file in a new browser, and ends the browser after the work. */
export async function withPage(file: string, work: (page: Page) => Promise<void>): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'chromium-test-'));
  const browser = spawn(
    program ?? '',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
  );
  const ended = once(browser, 'exit');
  try {
    await work(await openPage(browser, file));
  } finally {
    // With those that it has started, which write to its profile.
    process.kill(-(browser.pid ?? 0), 'SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
  }
}

async function openPage(browser: ChildProcess, file: string): Promise<Page> {
  const [input, output] = [browser.stdio[3] as Writable, browser.stdio[4] as Readable];
  const events: { method: string; params: Params }[] = [];
  const waiting = new Map<number, { resolve(result: Params): void; reject(error: Error): void }>();
  let loaded: () => void;
  const isLoaded = new Promise<void>((resolve) => {
    loaded = resolve;
  });
  let rest = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages.map((each) => JSON.parse(each))) {
      if (message.id === undefined) {
        events.push(message);
        if (message.method === 'Page.loadEventFired') loaded();
      } else if (message.error) waiting.get(message.id)?.reject(new Error(message.error.message));
      else waiting.get(message.id)?.resolve(message.result);
    }
  });
  browser.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('The browser has ended'));
  });
  let sessionId: unknown;
  let id = 0;
  const send: Page['send'] = (method, params = {}) =>
    new Promise((resolve, reject) => {
      waiting.set(++id, { resolve, reject });
      input.write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`);
    });
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  sessionId = (await send('Target.attachToTarget', { targetId, flatten: true }))['sessionId'];
  for (const domain of ['Page', 'Network', 'Log', 'Runtime', 'Accessibility']) await send(`${domain}.enable`);
  await send('Page.navigate', { url: `file://${file}` });
  await isLoaded;
  return {
    send,
    events,
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await send('Runtime.evaluate', {
        expression,
        returnByValue: true,
        awaitPromise: true,
      });
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value: T }).value;
    },
    async press(key, code, text) {
      const of = { key, windowsVirtualKeyCode: code, ...(text !== undefined && { text }) };
      await send('Input.dispatchKeyEvent', { type: 'keyDown', ...of });
      await send('Input.dispatchKeyEvent', { type: 'keyUp', ...of });
    },
  };
}
