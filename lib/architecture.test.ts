import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** What each folder of lib may import from, besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  catalog: [],
  environment: ['catalog'],
  sources: ['environment', 'catalog'],
  constructs: ['environment', 'catalog', '../imports'],
  tools: ['environment', 'catalog'],
  workloads: ['environment', 'catalog'],
  output: ['constructs', 'environment', 'catalog'],
  report: ['environment', 'catalog'],
  former: ['report', 'output', 'sources', 'environment', 'catalog'],
  // What other apps may import.
  'index.ts': ['commands', 'output', 'constructs', 'environment', 'catalog'],
  commands: ['former', 'report', 'output', 'tools', 'constructs', 'workloads', 'sources', 'environment', 'catalog'],
};

const files = readdirSync(__dirname, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));

it.each(files)('%s imports in one direction only', (file) => {
  const folder = file.split('/')[0] ?? '';
  const imported = [...readFileSync(join(__dirname, file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']*)'/g)].map(
    ([, path]) => dirname(relative('.', normalize(join(dirname(file), path ?? '')))),
  );
  // A folder inside one of these is a part of it.
  const rooms = imported.map((each) => (each.startsWith('..') ? each : (each.split('/')[0] ?? '')));
  expect(rooms.filter((each) => each !== folder && !mayImport[folder]?.includes(each))).toEqual([]);
});

const codeOf = (file: string) => readFileSync(join(__dirname, file), 'utf8').replace(/\/\*.*?\*\/|\/\/.*$/gms, '');

it.each([
  ['the file system', /node:fs/, ['sources', 'output']],
  [
    'what is written to it',
    /\b(?:write|append|copy|rename|rm|rmdir|unlink|mkdir|mkdtemp|symlink|truncate|f?chmod)(?:File)?Sync\b|fs\/promises|createWriteStream/,
    ['output/write-file.ts', 'output/standard-output.ts'],
  ],
  ['the exit status', /process\.exit/, []],
  ['the process', /(?<![.\w])process(?:\.|\[)|node:process/, ['sources', 'output', 'tools']],
  ['the terminal', /\bisTTY\b|node:readline|node:tty/, ['report', 'tools/run-command.ts']],
  // What tells an IP address from a name opens no connection.
  ['the network', /node:(?:https?|http2|tls|dgram)|(?<!\{ isIPv4, isIPv6 \} from ')node:net|\bfetch\(/, []],
  ['a program of others', /node:child_process/, ['tools']],
])('%s is touched only where it belongs', (_what, pattern, places) => {
  const users = files.filter((file) => pattern.test(codeOf(file)));
  expect(users.filter((file) => !places.some((place) => file === place || file.startsWith(`${place}/`)))).toEqual([]);
});

it('names no product: a team changes its own and nothing of the program', () => {
  const root = join(__dirname, '..');
  const program = ['lib', 'test', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))),
  );
  const named = [...program, 'main.ts', 'launch.js', 'launch-cache.js']
    .filter((name) => /\.[jt]s$/.test(name))
    // The fixture's products, what a credential of a vendor looks like, and this search.
    .filter((name) => !/^test\/fixture\/|\/(?:credential-shapes|foreign-credentials)\.|architecture\.test/.test(name))
    .filter((name) => /voice|livekit|scaleway|scenaro|SCW/i.test(codeOf(join('..', name))));
  expect(named).toEqual([]);
});
