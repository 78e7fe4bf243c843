import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  watch,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { encrypted, keyPair } from '../age';
import { copyProject, powerless } from '../project-copy';
import { folderWith, validEnvironment } from '../run';

// SECURITY.md promises that what `edit` decrypts is gone when it ends, however that comes about. The real program is sent
// a signal while an editor of its own has the file open.

const program = copyProject();

/** Runs edit, and sends it a signal, if there is one, when the editor has written where its file is. */
async function interrupted(signal: NodeJS.Signals | undefined, script: string) {
  const { identity, recipient } = await keyPair();
  const root = folderWith({
    'envs/x.env.age': await encrypted(validEnvironment('x'), recipient),
    'envs/recipients': recipient,
    'seen/empty': '',
    editor: `#!/bin/sh\n${script.replaceAll('SEEN', '"$SEEN_FOLDER/part" && mv "$SEEN_FOLDER/part" "$SEEN_FOLDER/file"')}\n`,
  });
  chmodSync(join(root, 'editor'), 0o755);
  const before = readFileSync(join(root, 'envs/x.env.age'), 'utf8');
  const seen = join(root, 'seen/file');
  const child = spawn(process.execPath, ['--', 'launch.js', 'edit', 'x', '--envs', join(root, 'envs')], {
    cwd: program,
    env: {
      PATH: process.env['PATH'],
      AGE_IDENTITY: identity,
      EDITOR: join(root, 'editor'),
      SEEN_FOLDER: join(root, 'seen'),
    },
    stdio: 'ignore',
  });
  const status = new Promise<number | null>((resolve) => child.on('close', resolve));
  await new Promise<void>((resolve) => {
    const look = () => {
      if (!existsSync(seen)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(join(root, 'seen'), look);
    look(); // it may have been there before anybody watched
  });
  const file = readFileSync(seen, 'utf8').trim();
  if (signal) {
    expect(readFileSync(file, 'utf8')).toContain('POSTAL_API_KEY=');
    child.kill(signal);
  }
  const ended = await status;
  return {
    ended,
    isLeft: existsSync(join(file, '..')),
    isChanged: readFileSync(join(root, 'envs/x.env.age'), 'utf8') !== before,
    isKept: existsSync(join(root, 'envs/x.env.age.mine')),
  };
}

it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('%s takes the editor and its file away', async (signal) => {
  const { ended, ...rest } = await interrupted(signal, 'echo "$1" > SEEN\nexec sleep 600');
  expect(ended).toBe(1); // the editor failed, so nothing was changed
  expect(rest).toEqual({ isLeft: false, isChanged: false, isKept: false });
});

it('an editor that takes SIGTERM for the end of its work is heard out', async () => {
  const script = 'trap \'echo "LOG_FLOOR=error" >> "$1"; exit 0\' TERM\necho "$1" > SEEN\nwhile :; do sleep 0.01; done';
  const taken = { ended: expect.any(Number), isLeft: false, isChanged: true, isKept: false };
  expect(await interrupted('SIGTERM', script)).toEqual(taken);
});

it.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const)(
  'of an editor that answers %s with a status of its own, as vim does without its terminal, what was saved is kept',
  async (signal) => {
    const name = signal.slice('SIG'.length);
    const script = `trap 'exit 1' ${name}\necho "LOG_FLOOR=error" >> "$1"\necho "$1" > SEEN\nwhile :; do sleep 0.01; done`;
    expect(await interrupted(signal, script)).toEqual({ ended: 1, isLeft: false, isChanged: false, isKept: true });
  },
);

it.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const)(
  '%s in the moment after the editor has ended changes nothing: what was saved is encrypted',
  async (signal) => {
    const name = signal.slice('SIG'.length);
    // A process that has ended is there until its parent has heard of it.
    const after = `(while kill -0 $$; do :; done; while kill -${name} $PPID; do :; done) 2>/dev/null &`;
    const script = `echo "LOG_FLOOR=error" >> "$1"\necho "$1" > SEEN\n${after}\nexit 0`;
    const { ended, ...rest } = await interrupted(undefined, script);
    expect(rest).toEqual({ isLeft: false, isChanged: true, isKept: false });
    expect([0, 128 + constants.signals[signal]]).toContain(ended); // by itself, or right behind it
  },
);

/** Runs edit as somebody with no more rights than those of files, in a folder for what is edited. */
async function edited(script: string, place: string, rights = powerless) {
  const { identity, recipient } = await keyPair();
  const root = folderWith({
    'envs/x.env.age': await encrypted(validEnvironment('x'), recipient),
    'envs/recipients': recipient,
    editor: `#!/bin/sh\n${script}\n`,
  });
  chmodSync(join(root, 'editor'), 0o755);
  const edit = ['--', 'launch.js', 'edit', 'x', '--envs', join(root, 'envs')];
  const [command = '', ...args] = [...rights, process.execPath, ...edit];
  const env = {
    PATH: process.env['PATH'],
    AGE_IDENTITY: identity,
    EDITOR: join(root, 'editor'),
    SEEN: join(root, 'seen'),
    XDG_RUNTIME_DIR: place,
  };
  const { status, stderr } = spawnSync(command, args, { cwd: program, env, encoding: 'utf8' });
  const seen = readFileSync(join(root, 'seen'), 'utf8').trim();
  return { status, stderr, folder: join(seen, '..') };
}

it('what an editor has locked away is removed all the same', async () => {
  const { status, folder } = await edited(
    `echo "$1" > "$SEEN"
folder=$(dirname "$1")
mkdir -p "$folder/a/b" && cp "$1" "$folder/a/b/copy" && chmod 000 "$folder/a/b" && chmod 500 "$folder/a" "$folder"`,
    '',
  );
  expect([status, existsSync(folder)]).toEqual([0, false]);
});

/** A folder in memory, where there is such a place. */
function memoryFolder(mode: number): string {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'config-test-'));
  chmodSync(folder, mode);
  return folder;
}

it('says where it is left if a folder above is locked', async () => {
  const place = memoryFolder(0o700);
  try {
    const script = 'echo "$1" > "$SEEN"; chmod 000 "$(dirname "$(dirname "$1")")"';
    const { status, stderr, folder } = await edited(script, place);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`${folder} holds secrets in the clear, and could not be removed`),
    ]);
  } finally {
    chmodSync(place, 0o700);
    rmSync(place, { recursive: true });
  }
});

it('takes the next place where it may not write in the first', async () => {
  const place = memoryFolder(0o500);
  try {
    const { status, folder } = await edited('echo "$1" > "$SEEN"', place);
    expect([status, folder.startsWith(place), existsSync(folder)]).toEqual([0, false, false]);
  } finally {
    rmSync(place, { recursive: true });
  }
});

// Only root can make what is another user's, and it needs another place in memory than that of everybody.
(process.getuid?.() === 0 && existsSync('/dev/shm') ? describe : describe.skip)(
  'what another user has put there under such a name is left alone',
  () => {
    const nobody = 65_534;

    async function editedBeside(put: (name: string) => void, rights: readonly string[]) {
      const place = memoryFolder(0o1777);
      try {
        const name = join(place, 'config-edit-4000000-1-abcdef');
        put(name);
        lchownSync(name, nobody, nobody);
        chownSync(place, nobody, nobody);
        const { status, folder } = await edited('echo "$1" > "$SEEN"', place, rights);
        return { status, isLeft: existsSync(folder), isThere: lstatSync(name).uid === nobody };
      } finally {
        rmSync(place, { recursive: true });
      }
    }

    it('a folder, even by root', async () => {
      const put = (name: string) => mkdirSync(join(name, 'of theirs'), { recursive: true });
      expect(await editedBeside(put, [])).toEqual({ status: 0, isLeft: false, isThere: true });
    });

    it('a link, and where it leads to', async () => {
      const mine = folderWith({ 'sub/file': 'mine' });
      const rights = powerless.map((each) => each.replace('-dac_override', '-fowner,-dac_override'));
      const result = await editedBeside((name) => symlinkSync(mine, name), rights);
      expect(result).toEqual({ status: 0, isLeft: false, isThere: true });
      expect(existsSync(join(mine, 'sub/file'))).toBe(true);
    });
  },
);
