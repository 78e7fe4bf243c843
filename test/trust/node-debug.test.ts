import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog as parcelDesk } from '../fixture/catalog';
import { copyProject } from '../project-copy';
import { folderWith, validValues } from '../run';

// SECURITY.md promises that no log holds a secret. One is Node.js' own, which NODE_DEBUG turns on: it shows the whole
// environment of every program that is started, and the beginning of everything that is read.

const sensitive = [...parcelDesk.variables.values()].filter(
  ({ sensitive, type }) => sensitive && type.accepts('any text'),
);
const secrets = Object.fromEntries(sensitive.map(({ name }) => [name, randomBytes(18).toString('hex')]));

/** Secrets come first: of what is read, the first 50 bytes are shown. */
const values: Readonly<Record<string, string>> = { ...secrets, ...validValues('x'), ...secrets };

/** Half of each secret, as text and as buffers are shown. */
const pieces = Object.values(secrets).flatMap((secret) => {
  const piece = secret.slice(0, 18);
  return [
    piece,
    Buffer.from(piece)
      .toString('hex')
      .replace(/..(?!$)/g, '$& '),
  ];
});

const project = copyProject();
writeFileSync(join(project, 'envs/x.config.env'), '');
const tools = folderWith({
  kubectl: `#!/bin/sh
case "$*" in
  'config current-context'*) echo some-context ;;
  'config view'*) echo '{"contexts":[{"context":{"cluster":"${values['KUBE_CLUSTER']}"}}]}' ;;
  *--ignore-not-found*) ;;
  'get '*) echo '{"kind":"List","items":[]}' ;;
esac
`,
});
chmodSync(join(tools, 'kubectl'), 0o700);

function runUnder(nodeDebug: string, args: readonly string[]) {
  return spawnSync(process.execPath, ['--', 'launch.js', ...args], {
    cwd: project,
    encoding: 'utf8',
    input: Object.entries(values)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
    env: { ...values, PATH: `${tools}:${process.env['PATH']}`, NODE_DEBUG: nodeDebug },
  });
}

describe.each(['child_process', '*', 'child_process,stream,fs,net'])('under NODE_DEBUG=%s', (nodeDebug) => {
  it.each([
    ['with-env', ['with-env', 'x', '--from-env', '--bundle', 'depot', '--', 'true'], 0],
    ['diff --live', ['diff', 'x', '--from-env', '--live'], 1],
    ['synth of standard input', ['synth', 'x', '--from-env-file', '-'], 0],
  ])('%s prints no secret, bundled before or not', (_what, args, status) => {
    for (const cold of [true, false]) {
      if (cold) rmSync(join(project, 'node_modules/.cache'), { recursive: true, force: true });
      const result = runUnder(nodeDebug, args);
      expect(result.status).toBe(status);
      // Only how many: a failing test must not print a secret either.
      expect(pieces.filter((piece) => `${result.stdout}${result.stderr}`.includes(piece)).length).toBe(0);
    }
  });
});

it('what the program itself has to say is still said', () => {
  const { status, stderr } = runUnder('*', ['check', 'nope']);
  expect([status, stderr]).toEqual([1, expect.stringContaining('unknown-environment')]);
});

it('the command of exec gets NODE_DEBUG: it is the caller’s', () => {
  const args = ['with-env', 'x', '--from-env', '--bundle', 'depot', '--', 'sh', '-c', 'echo $NODE_DEBUG'];
  expect(runUnder('child_process', args)).toMatchObject({ status: 0, stdout: 'child_process\n', stderr: '' });
});
