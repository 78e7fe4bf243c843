import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderWith } from './run';

// What docs/another-product.md shows is what test/edits.test.ts tries, and its commands are run.

const page = readFileSync(join(__dirname, '../docs/another-product.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, block]) => block ?? '');

it('shows declarations of a product that is tried', () => {
  const catalog = readFileSync(join(__dirname, 'fixture/billing/catalog.ts'), 'utf8').replace(/^ {4}/gm, '');
  const [shown = 'nothing'] = blocks('ts');
  if (!catalog.includes(shown)) expect(shown).toBe('in test/fixture/billing/catalog.ts');
});

/** A product and the program that it is of, as one commit. */
const product = {
  'catalog.ts': 'of the program',
  'envs/demo.env': 'of the program',
  '__snapshots__/main.test.ts.snap': 'of the program',
  'docs/variables.md': 'of the program',
  'readers/web_environment.py': 'of the program',
};
const before = {
  ...product,
  'main.ts': '1',
  'launch.js': '1',
  'former.test.ts': '1',
  'package.json': '1',
  'docs/design.md': '1',
  'lib/commands/synth.ts': '1',
  'lib/former/layout.ts': '1',
  'test/run.ts': '1',
  'imports/kustomization.ts': '1',
  'bench/bench.ts': '1',
};

const env = {
  PATH: process.env['PATH'],
  HOME: folderWith({ '.gitconfig': '[user]\nname = Fake\nemail = fake@example.com\n[init]\ndefaultBranch = main\n' }),
};

function run(folder: string, command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function commit(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  run(folder, 'git', 'add', '--all');
  run(folder, 'git', 'commit', '--quiet', '--message', 'x');
}

it('takes a newer version of the program and leaves the product alone', () => {
  const program = folderWith();
  run(program, 'git', 'init', '--quiet');
  commit(program, before);
  const team = join(folderWith(), 'team');
  cpSync(program, team, { recursive: true });
  const own = { ...product, 'envs/prod.config.env': '', 'docs/notes.md': '', 'NOTES.md': '' };
  commit(team, Object.fromEntries(Object.keys(own).map((name) => [name, 'of the team'])));

  for (const name of ['lib/former', 'former.test.ts']) rmSync(join(program, name), { recursive: true });
  const newer = Object.keys(before).filter((name) => !/former/.test(name));
  commit(program, Object.fromEntries([...newer, 'lib/commands/apply.ts', 'apply.test.ts'].map((name) => [name, '2'])));

  const [once = '', each = ''] = blocks('sh');
  const git = each.split('\n').filter((line) => line.startsWith('git '));
  expect(git).toHaveLength(3);
  run(team, 'sh', '-e', '-c', [once.replace(/<.*>/, program), ...git].join('\n'));

  run(team, 'git', 'add', '--all');
  expect(run(team, 'git', 'diff', '--cached', '--name-only', 'program/main').trim().split('\n')).toEqual(
    Object.keys(own).sort(),
  );
  for (const name of Object.keys(own)) expect(readFileSync(join(team, name), 'utf8')).toBe('of the team');
});
