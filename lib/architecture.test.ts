import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** What each folder of lib may import from, besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  catalog: [],
  environment: ['catalog'],
  sources: ['environment', 'catalog'],
  constructs: ['environment', 'catalog', '../imports'],
  tools: ['output', 'environment', 'catalog'],
  output: ['constructs', 'environment', 'catalog'],
  report: ['environment', 'catalog'],
  former: ['report', 'output', 'sources', 'environment', 'catalog'],
  commands: ['former', 'report', 'output', 'tools', 'constructs', 'sources', 'environment', 'catalog'],
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

it.each([
  ['the file system', /'node:fs'/, ['sources', 'output']],
  ['the exit status', /process\.exit/, []],
  // What tells an IP address from a name opens no connection.
  ['the network', /node:(?:https?|http2|tls|dgram)|(?<!\{ isIPv4, isIPv6 \} from ')node:net|\bfetch\(/, []],
  ['a program of others', /node:child_process/, ['tools']],
])('%s is touched only where it belongs', (_what, pattern, folders) => {
  const users = files.filter((file) => pattern.test(readFileSync(join(__dirname, file), 'utf8')));
  expect(
    [...new Set(users.map((file) => file.split('/')[0]))].filter((folder) => !folders.includes(folder ?? '')),
  ).toEqual([]);
});
