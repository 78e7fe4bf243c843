import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { folderWith } from '../../test/run';
import { limits } from '../environment/limits';
import { askProgram } from './ask-program';

const ask = (...args: string[]) => askProgram('sh', ['-c', ...args], process.env);
/** For the program under test these are constants, which no type lets anybody change. */
const limit = (changes: Partial<Record<keyof typeof limits, number>>) => {
  for (const [name, value] of Object.entries(changes))
    jest.replaceProperty(limits as Record<string, number>, name, value);
};

afterEach(() => jest.restoreAllMocks());

/** Comes back as soon as no process has this number any more. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    // What has ended and was not waited for yet is a zombie.
    const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    if (stat === '' || / Z /.test(stat)) return;
    await setTimeout(20);
  }
}

it('gives what the program writes to its standard output, byte for byte', async () => {
  expect(await ask('printf "%s\\n" "$1 é"; echo no >&2', 'sh', '$(touch x)')).toEqual({ text: '$(touch x) é\n' });
});

it('starts no shell, and gives the program nothing to read', async () => {
  expect(await askProgram('echo', ['$HOME; ls'], process.env)).toEqual({ text: '$HOME; ls\n' });
  expect(await ask('cat; echo end')).toEqual({ text: 'end\n' });
});

it('says that it failed, and nothing that it said', async () => {
  expect(await ask('echo fake-secret; echo fake-secret >&2; exit 3')).toEqual({
    failure: { absent: false, reason: 'failed' },
  });
});

it('says that it is not there, or could not be started', async () => {
  expect(await askProgram('no-such-program', [], process.env)).toMatchObject({ failure: { absent: true } });
  expect(await askProgram(__filename, [], process.env)).toEqual({
    failure: { absent: false, reason: 'could not be started (EACCES)' },
  });
  expect(await askProgram('echo', ['x'.repeat(2 ** 18)], process.env)).toEqual({
    failure: { absent: false, reason: 'could not be started (E2BIG)' },
  });
});

it('ends one that takes too long, and what that has started', async () => {
  limit({ secondsOfProgram: 1 });
  const folder = folderWith();
  const answer = await ask(`sleep 1000 & echo $! > ${join(folder, 'pid')}; wait`);
  expect(answer).toEqual({ failure: { absent: false, reason: 'did not answer within 1 seconds' } });
  await gone(Number(readFileSync(join(folder, 'pid'), 'utf8')));
});

it('ends one that answers too much', async () => {
  limit({ bytesOfAnswer: 1_024 });
  expect(await ask('yes')).toEqual({ failure: { absent: false, reason: 'answered more than 1 KiB' } });
  expect(await ask('printf %1024s')).toEqual({ text: ' '.repeat(1_024) });
});

it('leaves no listener behind', async () => {
  const before = process.listenerCount('exit');
  await ask('true');
  await ask('exit 1');
  expect(process.listenerCount('exit')).toBe(before);
});
