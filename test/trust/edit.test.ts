import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { encrypted, keyPair } from '../age';
import { copyProject, powerless } from '../project-copy';
import { folderWith, validEnvironment } from '../run';

// SECURITY.md promises that what `edit` decrypts is gone when it ends, however that comes about. The real program is sent
// a signal while an editor of its own has the file open.

const program = copyProject();

/** Runs edit, and sends it a signal when the editor has written where its file is. */
async function interrupted(signal: NodeJS.Signals, script: string) {
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
  expect(readFileSync(file, 'utf8')).toContain('POSTAL_API_KEY=');
  child.kill(signal);
  const ended = await status;
  return {
    ended,
    isLeft: existsSync(join(file, '..')),
    isChanged: readFileSync(join(root, 'envs/x.env.age'), 'utf8') !== before,
  };
}

it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('%s takes the editor and its file away', async (signal) => {
  const { ended, ...rest } = await interrupted(signal, 'echo "$1" > SEEN\nexec sleep 600');
  expect(ended).toBe(1); // the editor failed, so nothing was changed
  expect(rest).toEqual({ isLeft: false, isChanged: false });
});

it('an editor that takes SIGTERM for the end of its work is heard out', async () => {
  const script = 'trap \'echo "LOG_FLOOR=error" >> "$1"; exit 0\' TERM\necho "$1" > SEEN\nwhile :; do sleep 0.01; done';
  expect(await interrupted('SIGTERM', script)).toEqual({ ended: expect.any(Number), isLeft: false, isChanged: true });
});

it('what an editor has locked away is removed all the same', async () => {
  const { identity, recipient } = await keyPair();
  const root = folderWith({
    'envs/x.env.age': await encrypted(validEnvironment('x'), recipient),
    'envs/recipients': recipient,
    editor: `#!/bin/sh
echo "$1" > "$SEEN"
folder=$(dirname "$1")
mkdir -p "$folder/a/b" && cp "$1" "$folder/a/b/copy" && chmod 000 "$folder/a/b" && chmod 500 "$folder/a" "$folder"
`,
  });
  chmodSync(join(root, 'editor'), 0o755);
  const edit = ['--', 'launch.js', 'edit', 'x', '--envs', join(root, 'envs')];
  const [command = '', ...args] = [...powerless, process.execPath, ...edit];
  const seen = join(root, 'seen');
  const env = { PATH: process.env['PATH'], AGE_IDENTITY: identity, EDITOR: join(root, 'editor'), SEEN: seen };
  const { status } = spawnSync(command, args, { cwd: program, env });
  expect([status, existsSync(join(readFileSync(seen, 'utf8').trim(), '..'))]).toEqual([0, false]);
});
