import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../../test/run';
import { writeEnvironmentFolder } from './environment-folder';

const files = [
  { name: '.gitignore', text: '*\n' },
  { name: 'app.k8s.yaml', text: 'new\n' },
];
const mode = (path: string) => statSync(path).mode & 0o777;

/** A folder with an environment in it as an earlier run left it. */
function written(): string {
  const folder = join(folderWith(), 'dist', 'x');
  writeEnvironmentFolder(folder, files);
  return folder;
}

it.each([0o000, 0o022, 0o077, 0o777])('makes folders 0700 and files 0600 under umask %o', (mask) => {
  const root = folderWith();
  const before = process.umask(mask);
  try {
    writeEnvironmentFolder(join(root, 'a', 'b', 'x'), files);
  } finally {
    process.umask(before);
  }
  expect(['a', 'a/b', 'a/b/x'].map((name) => mode(join(root, name)))).toEqual([0o700, 0o700, 0o700]);
  expect(['.gitignore', 'app.k8s.yaml'].map((name) => mode(join(root, 'a/b/x', name)))).toEqual([0o600, 0o600]);
});

it('touches nothing that is right already', () => {
  const folder = written();
  const past = new Date('2001-01-01');
  for (const { name } of files) utimesSync(join(folder, name), past, past);
  utimesSync(folder, past, past);
  expect(writeEnvironmentFolder(folder, files)).toEqual({ changed: false });
  for (const name of ['.', ...files.map((file) => file.name)]) expect(statSync(join(folder, name)).mtime).toEqual(past);
});

it('replaces what has other bytes or another mode', () => {
  const folder = written();
  writeFileSync(join(folder, 'app.k8s.yaml'), 'old\n');
  chmodSync(join(folder, '.gitignore'), 0o644);
  expect(writeEnvironmentFolder(folder, files)).toEqual({ changed: true });
  expect(readFileSync(join(folder, 'app.k8s.yaml'), 'utf8')).toBe('new\n');
  expect(mode(join(folder, '.gitignore'))).toBe(0o600);
});

it('narrows the rights of a folder that was there', () => {
  const folder = written();
  chmodSync(folder, 0o755);
  writeEnvironmentFolder(folder, files);
  expect(mode(folder)).toBe(0o700);
});

it('removes other manifests, and leaves everything else alone', () => {
  const folder = written();
  for (const name of ['old.k8s.yaml', 'notes.txt', 'overlay.yaml']) writeFileSync(join(folder, name), '');
  expect(writeEnvironmentFolder(folder, files)).toEqual({ changed: true });
  expect(readdirSync(folder).sort()).toEqual(['.gitignore', 'app.k8s.yaml', 'notes.txt', 'overlay.yaml']);
});

it('removes what a killed run left, and nothing of a run that goes on', () => {
  const folder = written();
  const dead = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
  for (const pid of [dead, process.ppid]) writeFileSync(join(folder, `.app.k8s.yaml.${pid}-0123abcd.tmp`), 'half');
  writeEnvironmentFolder(folder, files);
  expect(readdirSync(folder).sort()).toEqual([
    `.app.k8s.yaml.${process.ppid}-0123abcd.tmp`,
    '.gitignore',
    'app.k8s.yaml',
  ]);
});

describe('refuses', () => {
  const refusal = (folder: string) => writeEnvironmentFolder(folder, files);

  it('a symbolic link in the place of the folder', () => {
    const root = folderWith();
    mkdirSync(join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(root, 'x'));
    expect(refusal(join(root, 'x'))).toMatchObject({
      problem: { code: 'not-written', message: expect.stringContaining('symbolic link') },
    });
    expect(readdirSync(join(root, 'elsewhere'))).toEqual([]);
  });

  it.each(['app.k8s.yaml', '.gitignore', 'old.k8s.yaml', 'other'])('a symbolic link inside it: %s', (name) => {
    const root = folderWith({ target: 'untouched', 'x/file': '' });
    symlinkSync(join(root, 'target'), join(root, 'x', name));
    expect(refusal(join(root, 'x'))).toMatchObject({ problem: { code: 'not-written', file: join(root, 'x', name) } });
    expect(readFileSync(join(root, 'target'), 'utf8')).toBe('untouched');
    expect(readdirSync(join(root, 'x')).sort()).toEqual(['file', name].sort());
  });

  it('a file in the place of the folder', () => {
    const root = folderWith({ x: '' });
    expect(refusal(join(root, 'x'))).toMatchObject({ problem: { message: expect.stringContaining('is no folder') } });
  });

  it('a folder in the place of a file, and leaves no temporary file', () => {
    const root = folderWith({ 'x/app.k8s.yaml/y': '' });
    expect(refusal(join(root, 'x'))).toMatchObject({ problem: { code: 'not-written' } });
    expect(readdirSync(join(root, 'x'))).toEqual(['app.k8s.yaml']);
  });

  it('a folder that would have to be removed, before anything is written', () => {
    const folder = written();
    mkdirSync(join(folder, 'old.k8s.yaml'));
    const changes = [{ name: 'app.k8s.yaml', text: 'newer\n' }];
    expect(writeEnvironmentFolder(folder, changes)).toMatchObject({ changed: false, problem: { code: 'not-written' } });
    expect(readFileSync(join(folder, 'app.k8s.yaml'), 'utf8')).toBe('new\n');
  });
});

it('follows a link in the place of what the folder stands in', () => {
  const root = folderWith();
  mkdirSync(join(root, 'elsewhere'));
  symlinkSync(join(root, 'elsewhere'), join(root, 'dist'));
  expect(writeEnvironmentFolder(join(root, 'dist', 'x'), files)).toEqual({ changed: true });
  expect(readdirSync(join(root, 'elsewhere'))).toEqual(['x']);
});
