import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { copyProject } from '../project-copy';
import { folderWith, launchedCommands, validEnvironment } from '../run';

// What becomes of a run whose output goes nowhere. Each row runs the real program as a process.

const project = copyProject();

/** Every command where it prints something, and the exit status that it then has. */
const commands: Readonly<Record<string, readonly (readonly [line: string, status: number])[]>> = {
  synth: [
    ['x', 0],
    ['x --json', 0],
    ['x --stdout', 0],
    ['nope --json', 1],
  ],
  check: [
    ['x', 0],
    ['x --json', 0],
    ['--all', 0],
    ['x OFFICE', 0],
  ],
  diff: [
    ['demo x', 1],
    ['demo x --json', 1],
    ['demo nope --json', 3],
  ],
  new: [
    ['fresh', 0],
    ['fresh --json', 0],
  ],
  migrate: [
    ['former', 0],
    ['former --json', 0],
  ],
  docs: [['', 0]],
  guard: [
    ['', 1], // there is no repository
    ['--json', 1],
  ],
  'with-env': [],
  apply: [
    ['x --yes', 1], // nothing was synthesised
    ['x --yes --json', 1],
  ],
  encrypt: [],
  edit: [
    ['x', 1], // nothing is encrypted
    ['x --json', 1],
  ],
};

const rows = Object.entries(commands).flatMap(([command, lines]) =>
  [...lines, ['--help', 0] as const].map(([line, status]) => [`${command} ${line}`.trim(), status] as const),
);

/** Runs a command line in a place of its own; `redirect` is what a shell makes of "$@". */
function run(line: string, redirect: string) {
  const cwd = folderWith({ 'envs/x.env': validEnvironment('x'), 'former/config/.env.k8s.old': 'PD_ENV=old\n' });
  for (const name of ['demo.env', 'demo.config.env']) cpSync(join(project, 'envs', name), join(cwd, 'envs', name));
  const program = [process.execPath, '--', join(project, 'launch.js'), ...line.split(' ')];
  const env = { PATH: process.env['PATH'] };
  return spawnSync('bash', ['-c', redirect, 'bash', ...program], {
    ...{ cwd, encoding: 'utf8', env },
    ...{ timeout: 300_000, killSignal: 'SIGKILL' }, // for what hangs
  });
}

it('covers every command', () => {
  const launched = launchedCommands().filter((name) => name !== 'exec'); // the former name of with-env
  expect(Object.keys(commands).sort()).toEqual(launched.sort());
});

const withFullDisk = existsSync('/dev/full') ? it : it.skip;

withFullDisk.each(rows)('a full disk behind standard output is a failure, in one line: %s', (line) => {
  const { status, stderr } = run(line, 'exec "$@" >/dev/full');
  expect(status).toBe(line.startsWith('diff') ? 3 : 1); // of diff, 1 is a difference
  expect(stderr).toMatch(/^The output could not be written \(ENOSPC\)\n$/m);
  expect(stderr).not.toMatch(/^\s+at |internal error|Error:/m);
});

// A limit on file sizes cuts a write off as a disk does that runs full.
it.each(['synth x --stdout', 'check x --report html', 'check x --json', 'diff demo x --json', 'check --help'])(
  'a file that takes a part of standard output is a failure, in one line: %s',
  (line) => {
    const whole = run(line, 'exec "$@"').stdout;
    const { status, stdout, stderr } = run(line, '(ulimit -f 1; "$@" >out); status=$?; cat out; exit $status');
    expect([status, whole.startsWith(stdout)]).toEqual([line.startsWith('diff') ? 3 : 1, true]);
    expect(stderr).toMatch(/^The output could not be written \(EFBIG\)\n$/m);
    expect(whole.length).toBeGreaterThan(1024);
  },
);

it.each([
  ['all', 'unlimited', 2],
  ['a part', '1', 1],
] as const)('a file that takes %s of standard error: ulimit -f %s, exit status %i', (_what, limit, expected) => {
  const line = `check --${'a'.repeat(2_000)}`; // a long message
  expect(run(line, `ulimit -f ${limit}; exec "$@" >/dev/null 2>out`).status).toBe(expected);
});

withFullDisk('a full disk behind standard error is a failure too', () => {
  expect(run('check nope', 'exec "$@" 2>/dev/full')).toMatchObject({ status: 1, stdout: '' });
});

it.each(rows)('a reader who has gone is no failure: %s', (line, expected) => {
  const { status, stderr } = run(line, 'exec 3> >(:); wait $!; exec "$@" >&3'); // gone before the program starts
  expect(status).toBe(expected);
  expect(stderr).not.toMatch(/EPIPE|could not be written|internal error/);
});
