import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isGone, processMark } from './process-mark';

const [, ownStart = ''] = processMark().split('-');
const onLinux = existsSync('/proc/self/stat') ? it : it.skip;

it('is the number of this process, and the same at every call', () => {
  expect(processMark()).toMatch(new RegExp(`^${process.pid}-[0-9a-f]*$`));
  expect(processMark()).toBe(processMark());
});

it('knows a process that goes on', () => {
  expect(isGone(process.ppid, '')).toBe(false);
});

it('knows a number that nobody has', () => {
  expect(isGone(2 ** 22 + 1, ownStart)).toBe(true); // Linux numbers no process beyond 2 ** 22
});

onLinux('knows by its start that a process is not the one that had its number before', () => {
  expect(ownStart).not.toBe('');
  const stat = readFileSync(`/proc/${process.ppid}/stat`, 'latin1');
  const start = Number(stat.split(') ')[1]?.split(' ')[19]).toString(16);
  expect(isGone(process.ppid, start)).toBe(false);
  expect(isGone(process.ppid, `${start}0`)).toBe(true);
});

onLinux('takes no thread of this process for the process that had its number before', () => {
  const threads = readdirSync('/proc/self/task').filter((id) => Number(id) !== process.pid);
  expect(threads.length).toBeGreaterThan(0);
  for (const thread of threads) expect(isGone(Number(thread), '1')).toBe(true);
});

onLinux('knows a killed process for whose end nobody has asked yet', async () => {
  const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const child = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)));
    const until = async (pid: number, pattern: RegExp) => {
      while (!pattern.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) await new Promise(setImmediate);
    };
    await until(Number(parent.pid), /\(sleep\)/); // which asks for no child's end, as the shell before it does
    expect(isGone(child, '')).toBe(false);
    process.kill(child, 'SIGKILL');
    await until(child, /\) [ZX] /);
    expect(isGone(child, '')).toBe(true);
  } finally {
    parent.kill('SIGKILL');
  }
});
