import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../lib/environment/limits';
import { catalog as parcelDesk } from '../fixture/catalog';
import { git, gitReading, makeRepository } from '../git';
import { copyProject } from '../project-copy';
import { folderWith, validEnvironment } from '../run';

// Whatever it is given, the program answers in bounded time and memory. Each row runs the real program as a process.
// It is meant to take 2 s and 300 MiB on an idle machine. Time is that of the processor, which others that are at work
// do not add to, but slow down, and memory is freed later then: hence the slack.

const root = copyProject();
const longest = 10_000; // milliseconds of processor time; on a busy machine a clock on the wall would measure the others
/** MiB of resident memory, which Node.js 24 frees later; a run on the demo takes some 60. */
const largest = Number.parseInt(process.versions.node, 10) < 24 ? 400 : 480;
const longestAnswer = 1_000_000; // characters, of a run that finds all that it may list
const heap = 512; // MiB: a heap that is full aborts the process

/** Writes what a process took to a file. The peak of memory is from /proc, since getrusage counts the parent's too. */
const meter = join(
  folderWith({
    'meter.js': `process.on('exit', () => {
      const { readFileSync, writeFileSync } = require('node:fs');
      const [, peak] = /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
      const { user, system } = process.cpuUsage();
      writeFileSync(process.env.METER_FILE, JSON.stringify({ milliseconds: (user + system) / 1e3, mebibytes: peak / 1024 }));
    });`,
  }),
  'meter.js',
);

interface Given {
  readonly command?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

function run(args: readonly string[], { command = 'synth', cwd = root, env = {}, input = '' }: Given = {}) {
  const file = join(folderWith(), 'figures.json');
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [`--max-old-space-size=${heap}`, '--require', meter, '--', join(root, 'launch.js'), command, ...args],
    {
      cwd,
      encoding: 'utf8',
      input,
      env: { PATH: process.env['PATH'], METER_FILE: file, ...env },
      timeout: 300_000,
      killSignal: 'SIGKILL', // what never ends takes no other
      maxBuffer: 2 ** 28,
    },
  );
  const figures = (): Figures => JSON.parse(readFileSync(file, 'utf8'));
  return { status: status ?? signal, stdout, stderr, figures };
}

/** What a process took. */
interface Figures {
  readonly milliseconds: number;
  readonly mebibytes: number;
}

function expectBounded({ milliseconds, mebibytes }: Figures, what: string) {
  if (process.env['SHOW_FIGURES'])
    process.stderr.write(`${milliseconds.toFixed(0)} ms ${mebibytes.toFixed(0)} MiB ${what}\n`);
  expect(milliseconds).toBeLessThan(longest);
  expect(mebibytes).toBeLessThan(largest);
}

beforeAll(() => {
  run(['demo', '--out', join(folderWith(), 'dist')]); // makes the bundle, which is not what is measured
});

interface Row {
  readonly what: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly prepare?: (place: string) => void;
  /** Instead of synth. */
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly status: number;
  readonly answer: RegExp;
}

const secretNames = [...parcelDesk.variables.values()].flatMap(({ name, sensitive }) => (sensitive ? [name] : []));
const patch = (body: string) => ({ 'envs/x.env': validEnvironment('x'), 'envs/x-secret-config-patch.yml': body });
const depotConfig = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: depot-config}\ndata:\n${data}`;
const agentSecret = (key: string, field = 'stringData') =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: depot-secrets}\n${field}:\n  ${key}: `;
const env = (text: string | Uint8Array) => ({ 'envs/x.env': text });
const namesOfManyWords = (folder: string) =>
  Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`${folder}/${'a.'.repeat(120)}${i}.x`, '']));
const link = (from: string, to: string) => (place: string) => {
  mkdirSync(join(place, 'elsewhere'), { recursive: true });
  mkdirSync(join(place, from, '..'), { recursive: true });
  symlinkSync(join(place, to), join(place, from));
};

/** A unit as often as 4 MiB hold it, between two texts. */
const fill = (unit: string, before = '', after = '') =>
  before + unit.repeat(Math.floor((4 * 2 ** 20 - before.length - after.length) / unit.length)) + after;

/** A valid environment, filled up with more lines to the largest file that is read. */
const filled = (line: (index: number) => string, base = validEnvironment('x')) => {
  const lines = [base];
  for (let length = base.length, index = 0; ; index++) {
    const next = line(index);
    length += next.length;
    if (length > limits.fileBytes) return lines.join('');
    lines.push(next);
  }
};
/** The same of one value. */
const long = (piece: string, variable = 'POSTAL_API_KEY', quote = '') => {
  const rest = validEnvironment('x', { [variable]: `${quote}${quote}` });
  const count = Math.floor((limits.fileBytes - rest.length) / Buffer.byteLength(piece));
  return validEnvironment('x', { [variable]: `${quote}${piece.repeat(count)}${quote}` });
};

/** Lines that make the worst env files of 4 MiB: each is a mistake, or takes long to read, a million times. */
const badLines: readonly (readonly [what: string, line: (index: number) => string])[] = [
  ['names without a value', () => 'A=\n'],
  ['words', () => 'a\n'],
  ['values without a name', () => '=x\n'],
  ['colons', () => 'A: b\n'],
  ['assignments of a quote', () => 'A="\n'],
  ['quotes of three kinds that are not closed', (index) => `A=${'"\'`'.charAt(index % 3)}x\n`],
  ['quoted blanks', () => 'A=" "\n'],
  ['empty values before a quote', () => 'A=\n"\n'],
  ['different unknown names', (index) => `N${index.toString(36)}=\n`],
  ['names near a known one', (index) => `POSTAL_API_K${index.toString(36)}=x\n`],
  ['the same variable without a value', () => 'OFFICE=\n'],
  ['the same secret with other values', (index) => `POSTAL_API_KEY=fake-${index}\n`],
  ['placeholders of nobody', (index) => `OFFICE=\${X${index.toString(36)}}\n`],
];

const longValues: readonly (readonly [what: string, text: string])[] = [
  ['blanks', `${long(' ', 'PARTNER_API_KEY').slice(0, -1)}x\n`],
  ['quotes in quotes', long("'", 'POSTAL_API_KEY', '"')],
  ['backslashes in quotes', long('\\', 'POSTAL_API_KEY', "'")],
  ['\\n in double quotes', long('\\n', 'POSTAL_API_KEY', '"')],
  ['${', long('${')],
  ['${NAME} of nobody', long('${NAME}', 'OFFICE')],
  ['${NAME} of itself', long('${OFFICE}', 'OFFICE')],
  ['$a in a config value', long('$a', 'OFFICE')],
  ['beginnings of a token', long('eyJ-', 'OFFICE')],
  ['letters before a URL', `${long('a', 'PARTNER_URL').slice(0, -5)}://@\n`],
  ['slashes behind a host', long('/', 'PARTNER_URL').replace('=/////////', '=https://a')],
  ['letters before a mark', long('a', 'POSTAL_API_KEY').replace(/(a{9}\n)/, 'aaaaaaaa!\n')],
  ['\\n behind a blank', long('\\n', 'KUBE_CLUSTER', "'").replace("='\\n", "='x ")],
  ['characters that JSON escapes', long('<', 'OFFICE')],
];

/** More environments beside x, all with the same files: a name of such a file ends an environment's. */
const beside = (files: Readonly<Record<string, string>>) => (place: string) => {
  const model = folderWith(files);
  for (let index = 0; index < limits.environmentsInPassing; index++) {
    for (const ending of Object.keys(files)) linkSync(join(model, ending), join(place, 'envs', `y${index}${ending}`));
  }
};

/**
 * An env file of 4 MiB of what may be a secret: a fourth in comments, a fourth on stray lines, and else values that a
 * later line replaces. Each text can be read in many ways, and begins like a config value, so that all are looked for.
 */
const unreadable = (base: string, length: number) => {
  const text = (index: number) => `fake-unread-${index}-${'x'.repeat(length)}\\\\u0041 ''y$\${, # z`;
  const lines = [
    (index: number) => `# POSTAL_API_KEY="${text(index)}\\"" .'"\n`,
    (index: number) => `"${text(index)}\\"" .'"\n`,
    (index: number) => `POSTAL_API_KEY='${text(index).replaceAll("'", '`')}'\n`,
  ];
  const parts = [0.25, 0.25, 0.49].flatMap((share, at) => {
    const line = lines[at] ?? lines[0];
    const count = Math.floor((share * limits.fileBytes) / (line?.(1_000_000).length ?? 1));
    return Array.from({ length: count }, (_, index) => line?.(index) ?? '');
  });
  return [base, ...parts].join('');
};
/** The same as a patch. */
const unreadablePatch = (length: number) => {
  const text = (index: number) => `"fake-unread-${index}-${'x'.repeat(length)}\\\\u0041 ''y$\${, # z\\"" .'"\n`;
  const lines = Array.from(
    { length: Math.min(99_000, Math.floor(limits.fileBytes / text(100_000).length)) },
    (_, index) => text(index),
  );
  return lines
    .map((line) => `# POSTAL_API_KEY: ${line}`)
    .join('')
    .slice(0, limits.fileBytes);
};
/** Of each secret the longest value, as other values begin, and what else makes a file of 4 MiB. */
const longestSecrets = (end: string, base = '') => {
  const secrets = secretNames.map((name, index) => `${name}=${'a'.repeat(130_000)}${end}${index}\n`).join('');
  return filled((index) => `# POSTAL_API_KEY=${'a'.repeat(5_000)}${end}${index}\n`, base + secrets);
};
const likeUnread = { KUBE_CLUSTER: 'fake-unread-none' };

const rows: readonly Row[] = [
  // names
  ...['../x', '/etc', 'a/b', '', '.', '..', 'UPPER', 'a'.repeat(300), 'a\nb', '-', '__proto__'].map(
    (name): Row => ({
      what: `environment ${JSON.stringify(name.slice(0, 12))}`,
      args: ['--', name],
      status: 2,
      answer: /not a valid environment name/,
    }),
  ),
  { what: 'environment constructor', args: ['constructor'], status: 1, answer: /unknown-environment/ },
  // links
  {
    what: 'dist/x is a link',
    files: env(validEnvironment('x')),
    prepare: link('dist/x', 'elsewhere'),
    status: 1,
    answer: /not-written.*symbolic link/,
  },
  {
    what: 'dist/x is a link to nowhere',
    files: env(validEnvironment('x')),
    prepare: link('dist/x', 'nowhere'),
    status: 1,
    answer: /not-written.*symbolic link/,
  },
  {
    what: 'a manifest is a link',
    files: env(validEnvironment('x')),
    prepare: link('dist/x/parcel-desk.k8s.yaml', 'elsewhere'),
    status: 1,
    answer: /not-written.*symbolic link/,
  },
  {
    what: 'dist is a link to a folder',
    files: env(validEnvironment('x')),
    prepare: link('dist', 'elsewhere'),
    status: 0,
    answer: /wrote 7 objects/,
  },
  {
    what: 'dist is a link to nowhere',
    files: env(validEnvironment('x')),
    prepare: link('dist', 'nowhere'),
    status: 1,
    answer: /not-written/,
  },
  { what: 'dist is a file', files: { ...env(validEnvironment('x')), dist: '' }, status: 1, answer: /not-written/ },
  // what an env file may be
  {
    what: 'the env file is a folder',
    prepare: (place) => mkdirSync(join(place, 'envs/x.env'), { recursive: true }),
    status: 1,
    answer: /unreadable.*not a regular file/,
  },
  {
    what: 'the env file is a pipe',
    prepare: (place) => {
      mkdirSync(join(place, 'envs'));
      spawnSync('mkfifo', [join(place, 'envs/x.env')]);
    },
    status: 1,
    answer: /--from-env-file -/,
  },
  {
    what: 'the env file is a device',
    args: ['x', '--from-env-file', '/dev/zero'],
    files: { 'envs/x.config.env': '' },
    status: 1,
    answer: /not a regular file/,
  },
  {
    what: 'the env file is a loop of links',
    prepare: link('envs/x.env', 'envs/x.env'),
    status: 1,
    answer: /unreadable.*ELOOP/,
  },
  { what: '100 MB', files: env(Buffer.alloc(100_000_000, 'A=1\n')), status: 1, answer: /larger than 4 MiB/ },
  {
    what: 'binary',
    files: env(Buffer.from(Array.from({ length: 10_000 }, (_, i) => i % 256))),
    status: 1,
    answer: /is not UTF-8/,
  },
  { what: 'NULs', files: env(Buffer.alloc(10_000)), status: 1, answer: /NUL/ },
  { what: 'UTF-16', files: env(Buffer.from(`\ufeff${validEnvironment('x')}`, 'utf16le')), status: 1, answer: /UTF-16/ },
  {
    what: 'UTF-16 without a mark',
    files: env(Buffer.from(validEnvironment('x'), 'utf16le')),
    status: 1,
    answer: /NUL/,
  },
  {
    what: 'Latin-1',
    files: env(Buffer.from(`${validEnvironment('x')}# é\n`, 'latin1')),
    status: 1,
    answer: /is not UTF-8/,
  },
  { what: 'a byte order mark', files: env(`\ufeff${validEnvironment('x')}`), status: 0, answer: /wrote 7 objects/ },
  { what: 'CRLF', files: env(validEnvironment('x').replaceAll('\n', '\r\n')), status: 0, answer: /wrote 7 objects/ },
  { what: 'CR only', files: env(validEnvironment('x').replaceAll('\n', '\r')), status: 0, answer: /wrote 7 objects/ },
  { what: 'an empty file', files: env(''), status: 1, answer: /missing/ },
  {
    what: 'one line of 3 MB',
    files: env(validEnvironment('x', { POSTAL_API_KEY: 'a'.repeat(3_000_000) })),
    status: 1,
    answer: /too-large/,
  },
  {
    what: 'a config value of 3 MB',
    files: env(validEnvironment('x', { OFFICE: 'a.'.repeat(1_500_000) })),
    status: 1,
    answer: /invalid-value/,
  },
  {
    what: 'a line of 3 MB that is no assignment',
    files: env(`${validEnvironment('x')}${'a'.repeat(3_000_000)}`),
    status: 1,
    answer: /ambiguous-line/,
  },
  {
    what: 'a name of 3 MB',
    files: env(`${validEnvironment('x')}${'A'.repeat(3_000_000)}=1`),
    status: 1,
    answer: /unknown-variable/,
  },
  {
    what: '3 MB of blanks',
    files: env(`${validEnvironment('x')}${' '.repeat(3_000_000)}`),
    status: 0,
    answer: /wrote 7 objects/,
  },
  {
    what: '3 MB of ${',
    files: env(validEnvironment('x', { POSTAL_API_KEY: '${'.repeat(1_500_000) })),
    status: 1,
    answer: /unresolved-placeholder/,
  },
  {
    what: 'placeholders that multiply',
    files: env(
      validEnvironment('x', {
        POSTAL_API_KEY: '${GEOCODES_API_KEY}'.repeat(50_000),
        GEOCODES_API_KEY: '${LOCATION_API_KEY}'.repeat(50_000),
        LOCATION_API_KEY: 'a'.repeat(1_000_000),
      }),
    ),
    status: 1,
    answer: /too-large/,
  },
  {
    what: 'secrets that start like long config values',
    files: env(
      validEnvironment('x', {
        ...Object.fromEntries([...'bcdefg'].map((end, i) => [secretNames[i] ?? '', 'a'.repeat(16_300) + end])),
        KUBE_CLUSTER: 'a'.repeat(131_000),
        PARTNER_URL: `wss://example.com/${'a'.repeat(131_000)}`,
      }),
    ),
    status: 0,
    answer: /wrote 7 objects/,
  },
  {
    what: '100,000 secrets that cannot be read',
    files: env(
      validEnvironment('x', { KUBE_CLUSTER: 'fake-0123456789' }) +
        Array.from({ length: 100_000 }, (_, i) => `POSTAL_API_KEY: fake-0123456${i}\n`).join(''),
    ),
    status: 1,
    answer: /misplaced-secret.*KUBE_CLUSTER/,
  },
  {
    what: '100,000 blank lines',
    files: env('\n'.repeat(100_000) + validEnvironment('x')),
    status: 0,
    answer: /wrote 7 objects/,
  },
  {
    what: '100,000 duplicates',
    files: env(validEnvironment('x') + 'OFFICE=a.example\n'.repeat(100_000)),
    status: 1,
    answer: /duplicate/,
  },
  {
    what: 'keys that JavaScript keeps for itself',
    files: env(`${validEnvironment('x')}__proto__=a\nconstructor=b\ntoString=c\n`),
    status: 1,
    answer: /:13\n.*also on lines 14 and 15\n/s,
  },
  // what a patch may be
  {
    what: 'an alias bomb',
    files: patch(
      depotConfig(
        `  LOG_FLOOR: &a [x, x]\n${Array.from({ length: 30 }, (_, i) => `  B${i}: &b${i} [${`*${i ? `b${i - 1}` : 'a'}, `.repeat(9)}x]\n`).join('')}`,
      ),
    ),
    status: 1,
    answer: /invalid-patch/,
  },
  { what: 'tags', files: patch(depotConfig('  LOG_FLOOR: !!js/function "x"\n')), status: 1, answer: /invalid-patch/ },
  { what: 'a merge key', files: patch(depotConfig('  <<: {LOG_FLOOR: debug}\n')), status: 1, answer: /invalid-patch/ },
  {
    what: 'duplicate keys',
    files: patch(depotConfig('  LOG_FLOOR: debug\n  LOG_FLOOR: info\n')),
    status: 1,
    answer: /duplicate/,
  },
  {
    what: 'keys of a patch that JavaScript keeps for itself',
    files: patch(depotConfig('  __proto__: a\n  constructor: b\n')),
    status: 1,
    answer: /unknown-variable/,
  },
  {
    what: 'a thousand documents',
    files: patch(`${depotConfig('  {}\n')}---\n`.repeat(1_000)),
    status: 0,
    answer: /wrote 7 objects/,
  },
  { what: '4 MB of brackets', files: patch('['.repeat(4_000_000)), status: 1, answer: /nested too deeply/ },
  { what: '4 MB of list marks', files: patch('- '.repeat(2_000_000)), status: 1, answer: /nested too deeply/ },
  { what: '4 MB of key marks', files: patch('? '.repeat(2_000_000)), status: 1, answer: /marked with \?/ },
  {
    what: '2,000 maps in each other',
    files: patch(Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')),
    status: 1,
    answer: /invalid-patch/,
  },
  {
    what: '4 MB of text',
    files: patch(depotConfig(`  LOG_FLOOR: "${'a'.repeat(4_000_000)}"\n`)),
    status: 1,
    answer: /invalid-value/,
  },
  { what: 'a comment of 4 MB', files: patch('# '.repeat(2_000_000)), status: 0, answer: /wrote 7 objects/ },
  { what: 'a patch of 5 MB', files: patch(' '.repeat(5_000_000)), status: 1, answer: /larger than 4 MiB/ },
  {
    what: 'a patch of brackets in an environment beside',
    files: { 'envs/x.env': validEnvironment('x'), 'envs/y-secret-config-patch.yml': '['.repeat(4_000_000) },
    status: 0,
    answer: /wrote 7 objects/,
  },
  // 4 MiB that are all wrong
  ...badLines.map(
    ([what, line]): Row => ({
      what: `4 MiB of ${what}`,
      files: env(filled(line)),
      status: 1,
      answer: /error\[[a-z-]+\] [\d,]+ more problems in this file are not listed/,
    }),
  ),
  ...longValues.map(
    ([what, text]): Row => ({
      what: `4 MiB of ${what} in one value`,
      files: env(text),
      status: 1,
      answer: /x: \d+ error/,
    }),
  ),
  {
    what: '4 MiB of names without a value in the committed file',
    files: { 'envs/x.env': validEnvironment('x'), 'envs/x.config.env': filled(() => 'A=\n', '') },
    status: 1,
    answer: /more problems in this file/,
  },
  {
    what: '4 MiB of names without a value on standard input',
    files: { 'envs/x.config.env': '' },
    args: ['x', '--from-env-file', '-'],
    input: filled(() => 'A=\n'),
    status: 1,
    answer: /more problems in this file are not listed\n {2}at {3}standard input\n/,
  },
  {
    what: '4 MiB of different unknown names on standard input',
    files: { 'envs/x.config.env': '' },
    args: ['x', '--from-env-file', '-'],
    input: filled((index) => `N${index.toString(36)}=x\n`),
    status: 0,
    answer: /warning\[unknown-variable\] [\d,]+ more problems.*wrote 7 objects/s,
  },
  {
    what: '4 MiB of placeholders in each layer',
    files: { 'envs/x.env': long('${NAME}', 'OFFICE'), 'envs/x.config.env': long('${NAME}', 'PARTNER_URL') },
    status: 1,
    answer: /unresolved-placeholder/,
  },
  {
    what: 'a secret like many names that are near one',
    files: env(
      filled(
        (index) => `POSTAL_API_K${index.toString(36)}=x\n`,
        validEnvironment('x', { GEOCODES_API_KEY: 'I_API_K'.repeat(500_000) }),
      ),
    ),
    status: 1,
    answer: /more problems in this file/,
  },
  {
    what: '70,000 names in the process environment',
    files: env(validEnvironment('x')),
    args: ['x', '--from-env'],
    env: Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`POSTAL_API_K${index.toString(36)}`, 'x'])),
    status: 0,
    answer: /wrote 7 objects/,
  },
  // environments that nobody asked for
  ...[
    ['env files', { '.env': filled(() => 'A=\n') }],
    ['patch files', { '-secret-config-patch.yml': '['.repeat(limits.fileBytes) }],
    [
      'files just small enough to be read',
      {
        '.env': `POD_NAMESPACE=\${OFFICE}\n${'A="\n'.repeat(5_000)}`,
        '.config.env': '"\n'.repeat(10_000),
        '-secret-config-patch.yml': '&a &a '.repeat(5_000),
      },
    ],
  ].map(
    ([what, files]): Row => ({
      what: `bad ${what} of fifty other environments`,
      files: env(validEnvironment('x')),
      prepare: beside(files as Record<string, string>),
      status: 0,
      answer: /^x: wrote 7 objects/,
    }),
  ),
  // texts that became no value, and are looked for in others
  ...[10, 100, 1_000].flatMap((length): Row[] => [
    {
      what: `4 MiB of texts of ${length} characters that may be secrets`,
      files: env(unreadable(validEnvironment('x', likeUnread), length)),
      status: 1,
      answer: /more problems in this file/,
    },
    {
      what: `three files of texts of ${length} characters that may be secrets`,
      files: {
        'envs/x.env': unreadable(validEnvironment('x', likeUnread), length),
        'envs/x.config.env': unreadable('', length),
        'envs/x-secret-config-patch.yml': unreadablePatch(length),
      },
      status: 1,
      answer: /more problems in this file/,
    },
  ]),
  {
    what: 'names in envs/ of as many words as they can have',
    files: { ...env(validEnvironment('x')), ...namesOfManyWords('envs') },
    status: 0,
    answer: /x: wrote/,
  },
  {
    what: 'names of as many words in config/ of the former layout',
    files: { 'k8/config/.env.k8s.x': validEnvironment('x'), ...namesOfManyWords('k8/config') },
    command: 'migrate',
    args: ['k8'],
    status: 0,
    answer: /x\.config\.env/,
  },
  {
    what: 'secrets in pieces between placeholders of nobody',
    files: {
      'envs/x.env': `${long('fake-unread-x${NAME}').slice(0, -100)}\nKUBE_CLUSTER=${likeUnread.KUBE_CLUSTER}\n`,
      'envs/x.config.env': long('fake-unread-y${NAME}', 'GEOCODES_API_KEY'),
    },
    status: 1,
    answer: /unresolved-placeholder/,
  },
  {
    what: 'placeholders of the former layout that multiply',
    files: {
      'k8/config/.env.k8s.x': `${validEnvironment('x')}A=${'a'.repeat(4_000)}\n`,
      'k8/apps/base/secrets.yml': `${agentSecret('POSTAL_API_KEY')}"${'${A}'.repeat(130_000)}"\n`,
    },
    command: 'migrate',
    args: ['k8'],
    status: 0,
    answer: /POSTAL_API_KEY .*grows too large through placeholders/,
  },
  {
    what: 'blank lines in a file of the former layout that is not read',
    files: {
      'k8/config/.env.k8s.x': validEnvironment('x'),
      'k8/apps/overlays/other.yml': '\n'.repeat(limits.fileBytes),
    },
    command: 'migrate',
    args: ['k8'],
    status: 0,
    answer: /wrote/,
  },
  {
    what: 'quotes that are never closed in a file of the former layout',
    files: { 'k8/config/.env.k8s.x': `${"# '\n".repeat(1_000_000)}A=b\n` },
    command: 'migrate',
    args: ['k8'],
    status: 1,
    answer: /A quote is never closed here/,
  },
  {
    what: 'overlays of the former layout that take each other',
    files: {
      'k8/config/.env.k8s.x': validEnvironment('x'),
      ...Object.fromEntries(
        Array.from({ length: 300 }, (_, at) => [
          `k8/apps/overlays/${at === 0 ? 'x' : `o${at}`}/kustomization.yml`,
          `resources:\n${Array.from({ length: 300 }, (_, other) => `  - ../o${other}\n`).join('')}`,
        ]),
      ),
    },
    command: 'migrate',
    args: ['k8'],
    status: 0,
    answer: /wrote/,
  },
  {
    what: 'a patch of the former layout with very many patches in it',
    files: {
      'k8/config/.env.k8s.x': validEnvironment('x'),
      'k8/apps/overlays/x/kustomization.yml': `patches:\n${'  - patch: "kind: Pod"\n'.repeat(20_000)}`,
    },
    command: 'migrate',
    args: ['k8'],
    status: 0,
    answer: /wrote/,
  },
  {
    what: 'kustomizations of the former layout that name each other in a row, beside the folder',
    files: {
      'k8/config/.env.k8s.x': validEnvironment('x'),
      'k8/apps/overlays/x/kustomization.yml': 'resources: [../../../../o0]\n',
      ...Object.fromEntries(
        Array.from({ length: 20_000 }, (_, at) => [`o${at}/kustomization.yml`, `resources: [../o${at + 1}]\n`]),
      ),
    },
    command: 'migrate',
    args: ['k8'],
    status: 0,
    answer: /wrote/,
  },
  {
    what: 'large kustomizations of the former layout',
    files: {
      'k8/config/.env.k8s.x': validEnvironment('x'),
      ...Object.fromEntries(
        Array.from({ length: 60 }, (_, at) => [
          `k8/apps/overlays/${at === 0 ? 'x' : `o${at}`}/kustomization.yml`,
          `resources: [../o${at + 1}]\nimages:\n${'- {a: b}\n'.repeat(30_000)}`,
        ]),
      ),
    },
    command: 'migrate',
    args: ['k8'],
    status: 0,
    answer: /wrote/,
  },
  {
    what: 'a pattern in a patch of the former layout that takes for ever to try',
    files: {
      'k8/config/.env.k8s.x': validEnvironment('x'),
      'k8/apps/overlays/x/kustomization.yml': 'patches:\n  - {path: a.yml, target: {kind: "(?:.?){99}Z"}}\n',
    },
    command: 'migrate',
    args: ['k8'],
    status: 0,
    answer: /wrote/,
  },
  {
    what: "blank lines in a file of npm's",
    files: { ...env(validEnvironment('x')), rc: '\n'.repeat(limits.fileBytes) },
    command: 'check',
    env: { npm_config_userconfig: 'rc', npm_config_json: 'true', npm_lifecycle_event: 'check' },
    status: 2,
    answer: /npm has kept --json for itself/,
  },
  {
    what: 'a list of recipients of environments that are not there',
    files: {
      ...env(validEnvironment('x')),
      ...Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`envs/environment-number-${at}.env`, ''])),
      'envs/recipients': `age1${'q'.repeat(58)}\n${'[environment-numbr-61]\n'.repeat(limits.fileBytes / 24)}`,
    },
    command: 'encrypt',
    args: ['x'],
    status: 1,
    answer: /envs\/recipients/,
  },
  {
    what: 'a line of blanks in a file that is to get more lines',
    files: { ...env(`PD_ENV=x\n${' '.repeat(limits.fileBytes - 100)}\n`), 'envs/x.config.env': '' },
    command: 'new',
    args: ['x', '--top-up'],
    status: 0,
    answer: /wrote|added/,
  },
  {
    what: 'wide characters in a table',
    files: env(validEnvironment('x', { KUBE_CLUSTER: '漢'.repeat(43_000) })),
    command: 'check',
    status: 0,
    answer: /KUBE_CLUSTER +漢+ {2}envs/,
  },
  {
    what: 'marks that all stand on one character in a table',
    files: env(validEnvironment('x', { KUBE_CLUSTER: `e${'\u0301'.repeat(60_000)}` })),
    command: 'check',
    status: 0,
    answer: /KUBE_CLUSTER +e/,
  },
  // all files at once, in every command that reads them
  {
    what: 'quoted blanks in both env files, and blank lines in the patch',
    files: {
      'envs/x.env': filled(() => 'A=" "\n'),
      'envs/x.config.env': filled(() => 'A=" "\n', ''),
      'envs/x-secret-config-patch.yml': fill('\n', `${agentSecret('POSTAL_API_KEY')}>\n`, '    a\n'),
    },
    status: 1,
    answer: /more problems in this file/,
  },
  {
    what: 'different unknown names in both env files, and a long text in the patch',
    files: {
      'envs/x.env': filled((index) => `N${index.toString(36)}=\n`),
      'envs/x.config.env': filled((index) => `N${index.toString(36)}=\n`, ''),
      'envs/x-secret-config-patch.yml': depotConfig(`  LOG_FLOOR: "${'a'.repeat(4_000_000)}"\n`),
    },
    status: 1,
    answer: /more problems in this file/,
  },
  {
    what: 'the longest secrets in every layer, like a config value, and more that may be some',
    files: {
      'envs/x.env': longestSecrets('b', validEnvironment('x', { KUBE_CLUSTER: 'a'.repeat(131_000) })),
      'envs/x.config.env': longestSecrets('c'),
      'envs/x-secret-config-patch.yml': unreadablePatch(10),
    },
    args: ['x', '--from-env'],
    env: Object.fromEntries(secretNames.map((name, index) => [name, `${'a'.repeat(130_000)}d${index}`])),
    status: 1,
    answer: /misplaced-secret/,
  },
  ...(
    [
      ['check', ['x'], 1, /more problems in this file/],
      ['diff', ['x', 'y'], 0, /the rest is compared/],
      ['new', ['z', '--from', 'x'], 0, /wrote/],
      ['migrate', ['k8', '--envs', 'migrated'], 1, /more problems in this file/],
    ] as const
  ).map(
    ([command, args, status, answer]): Row => ({
      what: `texts in all files that may be secrets, to ${command}`,
      files: Object.fromEntries(
        ['x', 'y'].flatMap((name) => [
          [`envs/${name}.env`, unreadable(validEnvironment(name, likeUnread), 10)],
          [`envs/${name}.config.env`, unreadable('', 10)],
          [`envs/${name}-secret-config-patch.yml`, unreadablePatch(10)],
          [`k8/config/.env.k8s.${name}`, unreadable(validEnvironment(name, likeUnread), 10)],
          [`k8/config/${name}-secret-config-patch.yml`, unreadablePatch(10)],
          ['k8/apps/base/secrets.yml', unreadablePatch(10)],
        ]),
      ),
      command,
      args,
      status,
      answer,
    }),
  ),
  {
    what: 'many bad files of a run',
    files: env(filled(() => 'A=\n').slice(0, 100_000)),
    prepare: beside({ '.env': filled(() => 'A=\n').slice(0, 100_000) }),
    args: ['--all'],
    status: 1,
    answer: /51 environments/,
  },
  // text that other tools would run
  {
    what: 'commands in values',
    files: env(validEnvironment('x', { POSTAL_API_KEY: "'$(touch ran) `touch ran` ; touch ran'" })),
    status: 0,
    answer: /wrote 7 objects/,
  },
  {
    what: 'commands in the process environment',
    files: env(validEnvironment('x')),
    args: ['x', '--from-env'],
    env: { POSTAL_API_KEY: '$(touch ran)`touch ran`' },
    status: 0,
    answer: /wrote 7 objects/,
  },
];

/** Patches of (mostly) 4 MiB: what holds a few long texts is read, what holds more parts or lines than a patch can need is not. */
const tooMuch = /invalid-patch.*more than (?:20,000 keys, values and marks|100,000 lines)/;
const largePatches: readonly (readonly [what: string, text: string, answer: RegExp])[] = [
  ['colons', fill(':\n'), tooMuch],
  ['keys', fill('  LOG_FLOOR: a\n', depotConfig('')), tooMuch],
  ['keys of brackets', fill('a: b,', '--- \n{', '}'), tooMuch],
  ['keys of JSON', fill('"a":"b",', '{', '"a":"b"}'), tooMuch],
  ['list marks', fill('-\n'), tooMuch],
  ['a list in brackets', fill('a,', `${depotConfig('')}  LOG_FLOOR: [`, ']'), tooMuch],
  ['commas', fill(',', `${depotConfig('')}  LOG_FLOOR: [`, ']'), tooMuch],
  ['closing brackets', fill(']'), tooMuch],
  ['closing brackets, as many as are read', ']'.repeat(20_000), /stands where it cannot/],
  ['open maps', fill('{a: '), /nested too deeply/],
  [
    'maps in each other by indentation',
    Array.from({ length: 2_890 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    /invalid-patch/,
  ],
  ['anchors', fill('&a '), tooMuch],
  ['anchored keys', fill('  LOG_FLOOR: &a b\n', depotConfig('')), tooMuch],
  ['aliases', fill('*a,', `${depotConfig('')}  LOG_FLOOR: [`, ']'), tooMuch],
  ['tags', fill('!a '), tooMuch],
  ['directives', fill('%a\n'), tooMuch],
  ['documents', fill('---\n'), tooMuch],
  ['ends of documents', fill('...\n'), tooMuch],
  ['comments', fill('#\n'), tooMuch],
  ['comments behind keys', fill('  LOG_FLOOR: #\n', depotConfig('')), tooMuch],
  ['blank lines', fill('\n'), tooMuch],
  ['lone quotes', fill('"\n'), tooMuch],
  ['lone single quotes', fill("'\n"), tooMuch],
  ['quotes', fill('"a" '), tooMuch],
  ['escaped line breaks', fill('\\\n  ', `${agentSecret('POSTAL_API_KEY')}"`, '"\n'), tooMuch],
  ['folded lines', fill('a\n    ', agentSecret('POSTAL_API_KEY')), tooMuch],
  ['lines of a block', fill('    a\n', `${agentSecret('POSTAL_API_KEY')}|\n`), tooMuch],
  ['blank lines of a block', fill('\n', `${agentSecret('POSTAL_API_KEY')}>\n`, '    a\n'), tooMuch],
  ['headers of blocks', fill('>\n'), tooMuch],
  ['backslashes', fill('\\\\', `${agentSecret('POSTAL_API_KEY')}"`, '"\n'), /too-large/],
  ['backslashes that close nothing', fill('\\"', `${agentSecret('POSTAL_API_KEY')}"`), /quote is not closed/],
  ['pairs of single quotes', fill("''", `${agentSecret('POSTAL_API_KEY')}'`, "'\n"), /too-large/],
  ['escapes', fill('\\u0041', `${agentSecret('POSTAL_API_KEY')}"`, '"\n'), /too-large/],
  ['values beside the name of a secret', fill('{value: a, name: POSTAL_API_KEY}', '- '), tooMuch],
  ['short lines', fill('a:\n'), tooMuch],
  ['one plain text', fill('a', agentSecret('POSTAL_API_KEY'), '\n'), /too-large/],
  ['digits and a letter', fill('1', agentSecret('POSTAL_API_KEY'), 'a\n'), /too-large/],
  ['lines of base64', fill(`    ${'QUFB'.repeat(16)}\n`, `${agentSecret('POSTAL_API_KEY', 'data')}|\n`), /too-large/],
  [
    'three texts of 1 MB in base64',
    ['POSTAL_API_KEY', 'GEOCODES_API_KEY', 'LOCATION_API_KEY']
      .map((key) => `${agentSecret(key, 'data')}${'QUFB'.repeat(2 ** 18)}\n`)
      .join('---\n'),
    /too-large/,
  ],
  [
    'one folded block of long lines',
    fill(`    ${'a'.repeat(1_000)}\n`, `${agentSecret('POSTAL_API_KEY')}>-\n`),
    /too-large/,
  ],
];

it.each(largePatches)('a large patch: %s', (what, text, answer) => {
  const { figures, ...result } = run(['x'], { cwd: folderWith(patch(text)) });
  expect([result.status, result.stderr]).toEqual([1, expect.stringMatching(answer)]);
  expect(result.stderr).not.toContain('internal error');
  expect(result.stderr.length).toBeLessThan(10_000);
  expectBounded(figures(), what);
});

const container = '      - name: a\n        image: b\n        env:\n        - name: C\n          value: d\n';
const deployment =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n    spec:\n      containers:\n';
const nested = (bracket: string) => bracket.repeat(2 * 2 ** 20 - 10);

/** Manifests of anybody's, which are read less strictly. */
const largeManifests: readonly (readonly [what: string, text: string])[] = [
  ...largePatches.map(([what, text]) => [what, text] as const),
  ['containers, more than are read', fill(container, deployment)],
  ['containers, as many as are read', deployment + container.repeat(8_900)],
  ['a list, as long as is read', `a: [${'a,'.repeat(120_000)}]\n`],
  ['keys of a map, as many as are read', `a: {${Array.from({ length: 45_000 }, (_, i) => `k${i}: 1`).join()}}\n`],
  ['different anchors, as many as are read', Array.from({ length: 900 }, (_, i) => `a${i}: &a${i} [x]\n`).join('')],
  ['aliases of a long map', `z: &z {${'k: 1, '.repeat(2_000)}}\n${'a: *z\n'.repeat(700)}`],
  [
    'containers that many pods have by an alias',
    `kind: List\nitems:\n- kind: Pod\n  spec:\n    containers: &a\n${'    - envFrom: [{secretRef: {name: s}}]\n'.repeat(6_000)}${'- {kind: Pod, spec: {containers: *a}}\n'.repeat(400)}`,
  ],
  [
    'a long map that is merged into many',
    `a: &m {${Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join()}}\n${Array.from({ length: 400 }, (_, i) => `b${i}: {<<: *m}\n`).join('')}`,
  ],
  ['a list that holds itself', 'kind: List\nitems: &x\n- kind: List\n  items: *x\n'],
  ['a list that holds itself, by a name used before', 'a: &x [1]\nkind: List\nitems: &x\n- kind: List\n  items: *x\n'],
  ['documents, as many as are read', '---\na: b\n'.repeat(30_000)],
  ['blank lines of a block, as many as are read', `a: >\n${'\n'.repeat(240_000)}  b\n`],
  ['headers of blocks, as many as are read', 'a: >\n'.repeat(40_000)],
  ['JSON in brackets', `{"a":${nested('[')}${nested(']')}}`],
  ['JSON objects', `{"kind":"List","items":[${fill('{},').slice(0, -100)}{}]}`],
];

it.each(largeManifests)('large manifests: %s', (what, text) => {
  const cwd = folderWith({ ...env(validEnvironment('x')), 'w.yml': text });
  const { figures, ...result } = run(['x', '--quiet', '--workloads', 'w.yml'], { command: 'check', cwd });
  expect([0, 1]).toContain(result.status);
  expect(result.stderr).not.toContain('internal error');
  expect(result.stderr.length).toBeLessThan(10_000);
  expectBounded(figures(), `manifests: ${what}`);
});

const some = (count: number, each: (index: number) => object) => Array.from({ length: count }, (_, i) => each(i));
const keysOf = (count: number, start = 'k') =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${start}${i}`, '']));
const configMap = (name: string, data: object) => ({ kind: 'ConfigMap', metadata: { name }, data });
const pod = (name: string, spec: object) => ({ kind: 'Pod', metadata: { name }, spec });
const reads = (name: string, key: string) => ({
  containers: [{ name: 'c', env: [{ name: 'E', valueFrom: { configMapKeyRef: { name, key } } }] }],
});
const loads = (...sources: readonly object[]) => ({ containers: [{ name: 'c', envFrom: sources }] });
const from = (name: string, prefix = '') => ({ prefix, configMapRef: { name } });
const manyMissing = loads(...some(150, (i) => from(`n${i}`)));
const alternating = (length: number) => 'ab'.repeat(length / 2);

it.each<[what: string, items: readonly object[]]>([
  [
    'a container that takes one object over and over',
    [configMap('m', keysOf(150_000)), pod('p', loads(...some(2_000, (i) => from('m', `p${i}`))))],
  ],
  [
    'containers that take two objects of the same keys',
    [
      configMap('m', keysOf(75_000)),
      configMap('n', keysOf(75_000)),
      ...some(9_000, (i) => pod(`p${i}`, loads(from('m'), from('n')))),
    ],
  ],
  [
    'pods that read a key which a large object has not',
    [configMap('m', keysOf(150_000)), ...some(9_000, (i) => pod(`p${i}`, reads('m', `z${i}`)))],
  ],
  [
    'pods that load what is not there, beside many objects',
    [...some(20_000, (i) => configMap(`m${i}`, {})), ...some(15_000, (i) => pod(`p${i}`, loads(from(`n${i}`))))],
  ],
  [
    'pods that read a key which another object has, out of their reach',
    [
      configMap('m', {}),
      ...some(20_000, (i) => ({ ...configMap(`m${i}`, { k: '' }), metadata: { name: `m${i}`, namespace: 'other' } })),
      ...some(10_000, (i) => ({ ...pod('', reads('m', 'k')), metadata: { name: `p${i}`, namespace: 'here' } })),
    ],
  ],
  [
    'a pod that loads what has nearly the name of another object, and a very long one',
    [configMap(`${alternating(1_000_000)}q0ww`, {}), pod('p', loads(from(`${alternating(1_000_000)}x0yz`)))],
  ],
  [
    'pods that load what has nearly the names of many others, as long as names are',
    [
      ...some(12_000, (i) => configMap(`${alternating(230)}q${i}ww`, {})),
      ...some(1_000, (i) => pod(`p${i}`, loads(from(`${alternating(230)}x${i}yz`)))),
    ],
  ],
  [
    'a pod that reads a key of nearly the name of another',
    [configMap('m', { [`${alternating(1_000_000)}q`]: '' }), pod('p', reads('m', `${alternating(1_000_000)}x`))],
  ],
  [
    'a workload of a very long kind',
    [{ kind: 'K'.repeat(3_000_000), metadata: { name: 'p' }, spec: { template: { spec: manyMissing } } }],
  ],
  ['a workload of a very long name', [pod('sk-'.repeat(1_000_000), manyMissing)]],
  [
    'a container with a very long prefix',
    [configMap('m', keysOf(50_000)), pod('p', loads(from('m', 'p'.repeat(2_000_000))))],
  ],
  [
    'a container with prefixes that are nearly too long',
    [configMap('m', keysOf(150_000)), pod('p', loads(...some(8, (i) => from('m', `${i}`.padStart(250, 'p')))))],
  ],
  [
    'pods beside ServiceAccounts of one name',
    [
      ...some(20_000, (i) => ({ kind: 'ServiceAccount', metadata: { name: 'default', namespace: `n${i}` } })),
      ...some(20_000, (i) => ({ ...pod('', {}), metadata: { name: `p${i}`, namespace: 'here' } })),
    ],
  ],
  [
    'pods beside ServiceAccounts',
    [
      ...some(20_000, (i) => ({ kind: 'ServiceAccount', metadata: { name: `a${i}` } })),
      ...some(20_000, (i) => pod(`p${i}`, { serviceAccountName: `a${i}` })),
    ],
  ],
  [
    'keys that are in none of two large objects of one name',
    [
      configMap('m', keysOf(150_000)),
      configMap('m', keysOf(150_000, 'l')),
      ...some(120, (i) => pod(`p${i}`, reads('m', `none${i}`))),
    ],
  ],
  [
    'pods beside a ServiceAccount of many pull secrets',
    [
      {
        kind: 'ServiceAccount',
        metadata: { name: 'default' },
        imagePullSecrets: some(60_000, (i) => ({ name: `s${i}` })),
      },
      ...some(20_000, (i) => pod(`p${i}`, {})),
    ],
  ],
])('manifests of JSON: %s', (what, items) => {
  const cwd = folderWith({ ...env(validEnvironment('x')), 'w.json': JSON.stringify({ kind: 'List', items }) });
  const { figures, ...result } = run(['x', '--quiet', '--workloads', 'w.json'], { command: 'check', cwd });
  expect([0, 1]).toContain(result.status);
  expect(result.stderr).not.toMatch(/internal error|unreadable/);
  expect(result.stderr.length).toBeLessThan(60_000);
  expectBounded(figures(), `manifests: ${what}`);
});

const alike = some(20_000, (i) => ({ ...configMap('m', { k: '' }), metadata: { name: 'm', namespace: `n${i}` } }));

it.each<[what: string, items: readonly object[]]>([
  [
    'objects of one name in many namespaces, loaded in whole',
    [...alike, pod('p', loads(...some(20_000, () => from('m'))))],
  ],
  [
    'objects of one name in many namespaces, loaded by a key',
    [
      ...alike,
      pod('p', {
        containers: [
          { name: 'c', env: some(20_000, (i) => ({ valueFrom: { configMapKeyRef: { name: 'm', key: `k${i}` } } })) },
        ],
      }),
    ],
  ],
  [
    'pods in many namespaces beside a ServiceAccount of none',
    [
      {
        kind: 'ServiceAccount',
        metadata: { name: 'default' },
        imagePullSecrets: some(40_000, (i) => ({ name: `s${i}` })),
      },
      ...some(20_000, (i) => ({ ...pod('', {}), metadata: { name: `p${i}`, namespace: `n${i}` } })),
    ],
  ],
])('manifests of JSON, more than are looked through: %s', (what, items) => {
  const text = JSON.stringify({ kind: 'List', items });
  const cwd = folderWith({ ...env(validEnvironment('x')), 'w.json': text });
  const { figures, ...result } = run(['x', '--workloads', 'w.json'], { command: 'check', cwd });
  expect([result.status, result.stderr]).toEqual([1, expect.stringContaining('too many objects of the same name')]);
  expectBounded(figures(), `manifests: ${what}`);
});

/** As many different texts as lines of a file that fit in so many bytes. */
const differentLines = (count: number, before: string) =>
  Array.from({ length: count }, (_, at) => `${before}k${((at + 1) * 7919).toString(36)}-of-many-fakes\n`).join('');

describe('guard looks into 4 MiB that hold', () => {
  it.each<[what: string, text: string, files?: Readonly<Record<string, string>>]>([
    [
      'as many secrets as are known, and in one line',
      differentLines(20_000, '').replaceAll('\n', ' '),
      {
        'envs/x.env': differentLines(20_000, 'POSTAL_API_KEY '),
      },
    ],
    [
      'as many secrets as are known',
      differentLines(20_000, ''),
      {
        'envs/x.env': differentLines(20_000, 'POSTAL_API_KEY '),
      },
    ],
    [
      'lines that begin as many secrets do, and one of these',
      `${fill('url: postgres://app:x\n').slice(0, -100)}postgres://app:fake-0000\n`,
      {
        'envs/x.env': Array.from(
          { length: 5_000 },
          (_, at) => `POSTAL_API_KEY=postgres://app:fake-${String(at).padStart(4, '0')}\n`,
        ).join(''),
      },
    ],
    [
      'many secrets that begin alike, each in a line of its own',
      Array.from({ length: 5_000 }, (_, at) => `postgres://app:fake-${String(at).padStart(4, '0')}\n`).join(''),
      {
        'envs/x.env': Array.from(
          { length: 5_000 },
          (_, at) => `POSTAL_API_KEY=postgres://app:fake-${String(at).padStart(4, '0')}\n`,
        ).join(''),
      },
    ],
    ['beginnings of tokens in one line', fill(`${'eyJ'}hbGciOiJ.`)],
    ['beginnings of tokens in many lines', fill(`${'eyJ'}hbGciOiJ.${'eyJ'}hbGciOiJ.fake0000\n`)],
    ['tokens that are let pass', fill(`${'ghp'}_${'FAKE0'.repeat(8)} secretlint-disable-line\n`)],
    ['tokens in one line that is let pass', fill(`${'ghp'}_${'FAKE0'.repeat(8)} `, '// secretlint-disable-line ')],
    ['URLs with passwords', fill('https://a:abcdefgh@b.c/ ')],
    ['line breaks', fill('\n')],
    ['backslashes beside a Secret', fill('\\', `kind: ${'Secret'}\n`)],
    [
      'parts that take over what doubles',
      `kind: ${'Secret'}\na: &a0 {b: c}\n${Array.from({ length: 30 }, (_, i) => `c${i}: &a${i + 1} {<<: [*a${i}, *a${i}]}\n`).join('')}---\n`.repeat(
        200,
      ),
    ],
    [
      'maps that take each other over',
      `kind: ${'Secret'}\na: ${'{<<: '.repeat(90)}{b: c}${'}'.repeat(90)}\n---\n`.repeat(500),
    ],
    ['lines of blanks beside a Secret', fill(`${' '.repeat(900_000)}x\n`, `kind: ${'Secret'}\n"x\\n",\n`)],
    ['manifests in lines of JSON', fill('{"kind":"Secret","data":{"a":"${A}"}}\n')],
    ['manifests with values, one in each line', fill(`{kind: ${'Secret'},data: {a: YWI}}\n`)],
    [
      'one text behind every entry of one map behind every field of a Secret',
      `v: &v "${'x'.repeat(80_000)}"\nx: &a {${'a: *v,'.repeat(13_000)}}\nkind: ${'Secret'}\n${'data: *a\n'.repeat(8_500)}`,
    ],
    [
      'one map of many entries behind every field of a Secret',
      `x: &a {${'a,'.repeat(64_000)}}\nkind: ${'Secret'}\n${'data: *a\n'.repeat(14_000)}`,
    ],
  ])('%s', (what, text, files = {}) => {
    const cwd = folderWith({ 'a.txt': text, ...files });
    makeRepository(cwd);
    // The same under many names is looked at once.
    const object = git(cwd, 'hash-object', '-w', 'a.txt');
    const names = ['a.txt', 'a.env.example', ...Array.from({ length: 100 }, (_, at) => `a${at}.yaml`)];
    gitReading(names.map((name) => `100644 ${object}\t${name}\n`).join(''), cwd, 'update-index', '--index-info');
    const { figures, ...result } = run([], { command: 'guard', cwd });
    expect([0, 1]).toContain(result.status);
    expect(result.stderr.length).toBeLessThan(3 * longestAnswer); // as many as are listed of a hundred files
    expectBounded(figures(), `guard: ${what}`);
  });
});

/** A repository of these files, of which one is committed. */
function repositoryWith(files: Readonly<Record<string, string>>) {
  const cwd = folderWith({ a: '', ...files });
  makeRepository(cwd);
  git(cwd, 'add', 'a');
  git(cwd, 'commit', '--quiet', '-m', 'a');
  return cwd;
}

it.each([
  ['can list', 5, 'd'.repeat(200), 'git diff-tree lists more than 64 MiB'],
  ['can keep', 7, 'd', 'git diff-tree failed, or wanted more than 1024 MiB of memory'],
])(
  'guard looks at no more files than git %s, as of trees that stand in each other many times',
  (_what, depth, name, said) => {
    const cwd = repositoryWith({});
    const ten = (mode: string, object: string) =>
      gitReading(Array.from({ length: 10 }, (_, i) => `${mode} ${object}\t${name}${i}\n`).join(''), cwd, 'mktree');
    let tree = ten('100644 blob', gitReading('a', cwd, 'hash-object', '-w', '--stdin'));
    for (let level = 1; level < depth; level++) tree = ten('040000 tree', tree);
    const commit = git(cwd, 'commit-tree', tree, '-p', 'HEAD', '-m', 'b');
    const { figures, ...result } = run(['--range', `HEAD..${commit}`], { command: 'guard', cwd });
    expect([result.status, result.stderr]).toEqual([1, expect.stringContaining(said)]);
    expectBounded(figures(), 'guard: trees in each other');
  },
);

it('guard counts what is found under very many names', () => {
  const cwd = repositoryWith({});
  const tokens = Array.from({ length: 120 }, (_, at) => `${'ghp'}_${(at + 7_919).toString(36).repeat(12)}\n`);
  const entries = (mode: string, object: string) =>
    gitReading(Array.from({ length: 40 }, (_, i) => `${mode} ${object}\t${i}\n`).join(''), cwd, 'mktree');
  let tree = entries('100644 blob', gitReading(tokens.join(''), cwd, 'hash-object', '-w', '--stdin'));
  for (const _level of [1, 2]) tree = entries('040000 tree', tree);
  const commit = git(cwd, 'commit-tree', tree, '-p', 'HEAD', '-m', 'b');
  const { figures, ...result } = run(['--range', `HEAD..${commit}`], { command: 'guard', cwd });
  expect([result.status, result.stderr]).toEqual([
    1,
    expect.stringMatching(/\nguard: 6464000 errors, not to be pushed\n$/),
  ]);
  expectBounded(figures(), 'guard: many names');
});

// In a process of its own, as everything here: V8 has less room for values of millions where it has compiled the patterns of a
// whole suite before.
it('guard finds very long values that are one character but for the last, and of one alone none', () => {
  const long = 'A'.repeat(7_000_000);
  const secretKind = 'Secret';
  const cwd = folderWith({
    'envs/x.config.env': '',
    'x.env.example': `POSTAL_API_KEY=${long}\n`,
    'y.env.example': `POSTAL_API_KEY=${long}B\n`,
    'x.yml': `kind: ${secretKind}\nstringData:\n  A: ${'.'.repeat(6_000_000)}\n`,
    'y.yml': `kind: ${secretKind}\nstringData:\n  A: '%${long}'\n`,
    'z.yml': `kind: ${secretKind}\nstringData:\n  A: 1${'x'.repeat(6_000_000)}\n`,
  });
  makeRepository(cwd);
  git(cwd, 'add', '-f', '.');
  const { problems } = JSON.parse(run(['--json'], { command: 'guard', cwd }).stdout);
  const places = problems.map((each: Record<string, unknown>) => [
    each['code'],
    each['variable'],
    each['file'],
    each['line'],
  ]);
  expect(places).toEqual([
    ['exposed-file', 'POSTAL_API_KEY', 'y.env.example', 1],
    ['exposed-file', undefined, 'y.yml', 3],
  ]);
});

it.each([' \n', 'a', '%41', '$', 'eyJ'])('guard looks at a message of 30 MiB of nothing but %j', (unit) => {
  const cwd = repositoryWith({ 'envs/x.env': 'POSTAL_API_KEY=fake-secret-value\n' });
  const message = `a\n\n${unit.repeat((30 * 2 ** 20) / unit.length)}\nfake-secret-value\n`;
  const commit = gitReading(message, cwd, 'commit-tree', 'HEAD^{tree}', '-p', 'HEAD');
  const { figures, ...result } = run(['--range', `HEAD..${commit}`], { command: 'guard', cwd });
  expect([result.status, result.stderr]).toEqual([
    1,
    expect.stringContaining('holds the value of POSTAL_API_KEY of x'),
  ]);
  expectBounded(figures(), `guard: a message of ${JSON.stringify(unit)}`);
});

it.each(rows.map((row) => [row.what, row] as const))(
  '%s',
  (what, { files = {}, prepare, command = 'synth', args = ['x'], env = {}, input = '', status, answer }) => {
    const cwd = folderWith(files);
    prepare?.(cwd);
    const { figures, ...result } = run(args, { command, cwd, env, input });
    expect([result.status, result.stderr + result.stdout]).toEqual([status, expect.stringMatching(answer)]);
    expect(result.stderr).not.toContain('internal error');
    expect(result.stderr.length).toBeLessThan(longestAnswer);
    expectBounded(figures(), what);
    expect(readdirSync(cwd)).not.toContain('ran');
  },
);

it('never writes through a link', () => {
  const place = folderWith(env(validEnvironment('x')));
  link('dist/x', 'elsewhere')(place);
  run(['x'], { cwd: place });
  expect(readdirSync(join(place, 'elsewhere'))).toEqual([]);
});

it.each([
  'if restart has already been triggered within the past second ',
  'failed to create patch for a: if restart has already been triggered within the past second ',
  'error: if restart has already been triggered within the past second\n',
  'Warning: restart has already been triggered\n',
  'conflict ',
  'lookup a ',
  'context a ',
  'I0101 webhook ',
])('an answer of kubectl of nothing but %j', (unit) => {
  const bin = folderWith({
    kubectl: `#!/bin/sh\ncat ${JSON.stringify(join(folderWith({ said: unit.repeat(20_000) }), 'said'))} >&2\necho >&2; echo other >&2\nexit 1\n`,
  });
  chmodSync(join(bin, 'kubectl'), 0o755);
  const { status, stderr, figures } = run(['demo', '--live'], {
    command: 'diff',
    env: { PATH: `${bin}:${process.env['PATH']}` },
  });
  expect(status).toBe(3);
  expect(stderr).toMatch(/^error\[cluster\] kubectl .*\n {2}hint .*\n$/);
  expectBounded(figures(), `an answer of ${unit.trim()}`);
});
