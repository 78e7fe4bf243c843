import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { catalog as voiceAgent } from '../../catalog';
import { folderWith, validEnvironment } from '../run';

// Whatever it is given, the program answers in bounded time and memory. Each row runs the real program as a process.

const root = join(__dirname, '../..');
const longest = 10_000; // milliseconds of processor time; on a busy machine a clock on the wall would measure the others
const largest = 400; // MiB of resident memory; a run on the demo takes some 60

/**
 * Prints the processor time, in microseconds, and the peak of resident memory, in KiB, as the last line of standard
 * error. (For memory getrusage counts the parent's too.)
 */
const meter = folderWith({
  'meter.js': `process.on('exit', () => {
    const [, peak = 0] = /VmHWM:\\s+(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8')) ?? [];
    const { user, system } = process.cpuUsage();
    process.stderr.write('\\n' + (user + system) + ' ' + peak);
  });`,
});

function synth(args: readonly string[], cwd = root, env: NodeJS.ProcessEnv = {}) {
  const result = spawnSync(
    process.execPath,
    ['--require', join(meter, 'meter.js'), '--', join(root, 'launch.js'), 'synth', ...args],
    {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...env },
      timeout: 300_000, // it waits for something that never comes
      maxBuffer: 2 ** 30,
    },
  );
  const [, stderr = result.stderr, time, peak] = /^(.*)\n(\d+) (\d+)$/s.exec(result.stderr) ?? [];
  return {
    status: result.status,
    stdout: result.stdout,
    stderr,
    milliseconds: Number(time) / 1_000,
    mebibytes: Number(peak) / 1024,
  };
}

beforeAll(() => {
  synth(['demo', '--out', join(folderWith(), 'dist')]); // makes the bundle, which is not what is measured
});

interface Row {
  readonly what: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly prepare?: (place: string) => void;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly status: number;
  readonly answer: RegExp;
}

const secretNames = [...voiceAgent.variables.values()].flatMap(({ name, sensitive }) => (sensitive ? [name] : []));
const patch = (body: string) => ({ 'envs/x.env': validEnvironment('x'), 'envs/x-secret-config-patch.yml': body });
const agentConfig = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: agent-config}\ndata:\n${data}`;
const env = (text: string | Uint8Array) => ({ 'envs/x.env': text });
const link = (from: string, to: string) => (place: string) => {
  mkdirSync(join(place, 'elsewhere'), { recursive: true });
  mkdirSync(join(place, from, '..'), { recursive: true });
  symlinkSync(join(place, to), join(place, from));
};

const rows: readonly Row[] = [
  // names
  ...['../x', '/etc', 'a/b', '', '.', '..', 'UPPER', 'a'.repeat(300), 'a\nb', '-', '__proto__'].map(
    (name): Row => ({
      what: `environment ${JSON.stringify(name.slice(0, 12))}`,
      args: ['--', name],
      status: 2,
      answer: /no environment's name/,
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
    prepare: link('dist/x/voice-agent.k8s.yaml', 'elsewhere'),
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
    files: env(validEnvironment('x', { OPENAI_API_KEY: 'a'.repeat(3_000_000) })),
    status: 1,
    answer: /too-large/,
  },
  {
    what: 'a config value of 3 MB',
    files: env(validEnvironment('x', { DOMAIN: 'a.'.repeat(1_500_000) })),
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
    files: env(validEnvironment('x', { OPENAI_API_KEY: '${'.repeat(1_500_000) })),
    status: 1,
    answer: /unresolved-placeholder/,
  },
  {
    what: 'placeholders that multiply',
    files: env(
      validEnvironment('x', {
        OPENAI_API_KEY: '${CARTESIA_API_KEY}'.repeat(50_000),
        CARTESIA_API_KEY: '${DEEPGRAM_API_KEY}'.repeat(50_000),
        DEEPGRAM_API_KEY: 'a'.repeat(1_000_000),
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
        CLUSTER_NAME: 'a'.repeat(131_000),
        LIVEKIT_URL: `wss://example.com/${'a'.repeat(131_000)}`,
      }),
    ),
    status: 0,
    answer: /wrote 7 objects/,
  },
  {
    what: '100,000 secrets that cannot be read',
    files: env(
      validEnvironment('x', { CLUSTER_NAME: 'fake-0123456789' }) +
        Array.from({ length: 100_000 }, (_, i) => `OPENAI_API_KEY: fake-0123456${i}\n`).join(''),
    ),
    status: 1,
    answer: /misplaced-secret.*CLUSTER_NAME/,
  },
  {
    what: '100,000 blank lines',
    files: env('\n'.repeat(100_000) + validEnvironment('x')),
    status: 0,
    answer: /wrote 7 objects/,
  },
  {
    what: '100,000 duplicates',
    files: env(validEnvironment('x') + 'DOMAIN=a.example\n'.repeat(100_000)),
    status: 1,
    answer: /duplicate/,
  },
  {
    what: 'keys that JavaScript keeps for itself',
    files: env(`${validEnvironment('x')}__proto__=a\nconstructor=b\ntoString=c\n`),
    status: 1,
    answer: /:13\n.*:14\n.*:15\n/s,
  },
  // what a patch may be
  {
    what: 'an alias bomb',
    files: patch(
      agentConfig(
        `  LOG_LEVEL: &a [x, x]\n${Array.from({ length: 30 }, (_, i) => `  B${i}: &b${i} [${`*${i ? `b${i - 1}` : 'a'}, `.repeat(9)}x]\n`).join('')}`,
      ),
    ),
    status: 1,
    answer: /invalid-patch/,
  },
  { what: 'tags', files: patch(agentConfig('  LOG_LEVEL: !!js/function "x"\n')), status: 1, answer: /invalid-patch/ },
  { what: 'a merge key', files: patch(agentConfig('  <<: {LOG_LEVEL: debug}\n')), status: 1, answer: /invalid-patch/ },
  {
    what: 'duplicate keys',
    files: patch(agentConfig('  LOG_LEVEL: debug\n  LOG_LEVEL: info\n')),
    status: 1,
    answer: /duplicate/,
  },
  {
    what: 'keys of a patch that JavaScript keeps for itself',
    files: patch(agentConfig('  __proto__: a\n  constructor: b\n')),
    status: 1,
    answer: /unknown-variable/,
  },
  {
    what: 'a thousand documents',
    files: patch(`${agentConfig('  {}\n')}---\n`.repeat(1_000)),
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
    files: patch(agentConfig(`  LOG_LEVEL: "${'a'.repeat(4_000_000)}"\n`)),
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
  // text that other tools would run
  {
    what: 'commands in values',
    files: env(validEnvironment('x', { OPENAI_API_KEY: "'$(touch ran) `touch ran` ; touch ran'" })),
    status: 0,
    answer: /wrote 7 objects/,
  },
  {
    what: 'commands in the process environment',
    files: env(validEnvironment('x')),
    args: ['x', '--from-env'],
    env: { OPENAI_API_KEY: '$(touch ran)`touch ran`' },
    status: 0,
    answer: /wrote 7 objects/,
  },
];

/** Patches of (mostly) 4 MiB: what holds a few long texts is read, what holds more parts or lines than a patch can need is not. */
const fill = (unit: string, before = '', after = '') =>
  before + unit.repeat(Math.floor((4 * 2 ** 20 - before.length - after.length) / unit.length)) + after;
const agentSecret = (key: string, field = 'stringData') =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: agent-secrets}\n${field}:\n  ${key}: `;
const tooMuch = /invalid-patch.*more than (?:20,000 keys, values and marks|100,000 lines)/;
const largePatches: readonly (readonly [what: string, text: string, answer: RegExp])[] = [
  ['colons', fill(':\n'), tooMuch],
  ['keys', fill('  LOG_LEVEL: a\n', agentConfig('')), tooMuch],
  ['keys of brackets', fill('a: b,', '--- \n{', '}'), tooMuch],
  ['keys of JSON', fill('"a":"b",', '{', '"a":"b"}'), tooMuch],
  ['list marks', fill('-\n'), tooMuch],
  ['a list in brackets', fill('a,', `${agentConfig('')}  LOG_LEVEL: [`, ']'), tooMuch],
  ['commas', fill(',', `${agentConfig('')}  LOG_LEVEL: [`, ']'), tooMuch],
  ['closing brackets', fill(']'), tooMuch],
  ['closing brackets, as many as are read', ']'.repeat(20_000), /stands where it cannot/],
  ['open maps', fill('{a: '), /nested too deeply/],
  [
    'maps in each other by indentation',
    Array.from({ length: 2_890 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    /invalid-patch/,
  ],
  ['anchors', fill('&a '), tooMuch],
  ['anchored keys', fill('  LOG_LEVEL: &a b\n', agentConfig('')), tooMuch],
  ['aliases', fill('*a,', `${agentConfig('')}  LOG_LEVEL: [`, ']'), tooMuch],
  ['tags', fill('!a '), tooMuch],
  ['directives', fill('%a\n'), tooMuch],
  ['documents', fill('---\n'), tooMuch],
  ['ends of documents', fill('...\n'), tooMuch],
  ['comments', fill('#\n'), tooMuch],
  ['comments behind keys', fill('  LOG_LEVEL: #\n', agentConfig('')), tooMuch],
  ['blank lines', fill('\n'), tooMuch],
  ['lone quotes', fill('"\n'), tooMuch],
  ['lone single quotes', fill("'\n"), tooMuch],
  ['quotes', fill('"a" '), tooMuch],
  ['escaped line breaks', fill('\\\n  ', `${agentSecret('OPENAI_API_KEY')}"`, '"\n'), tooMuch],
  ['folded lines', fill('a\n    ', agentSecret('OPENAI_API_KEY')), tooMuch],
  ['lines of a block', fill('    a\n', `${agentSecret('OPENAI_API_KEY')}|\n`), tooMuch],
  ['blank lines of a block', fill('\n', `${agentSecret('OPENAI_API_KEY')}>\n`, '    a\n'), tooMuch],
  ['headers of blocks', fill('>\n'), tooMuch],
  ['backslashes', fill('\\\\', `${agentSecret('OPENAI_API_KEY')}"`, '"\n'), /too-large/],
  ['backslashes that close nothing', fill('\\"', `${agentSecret('OPENAI_API_KEY')}"`), /quote is not closed/],
  ['pairs of single quotes', fill("''", `${agentSecret('OPENAI_API_KEY')}'`, "'\n"), /too-large/],
  ['escapes', fill('\\u0041', `${agentSecret('OPENAI_API_KEY')}"`, '"\n'), /too-large/],
  ['one plain text', fill('a', agentSecret('OPENAI_API_KEY'), '\n'), /too-large/],
  ['digits and a letter', fill('1', agentSecret('OPENAI_API_KEY'), 'a\n'), /too-large/],
  ['lines of base64', fill(`    ${'QUFB'.repeat(16)}\n`, `${agentSecret('OPENAI_API_KEY', 'data')}|\n`), /too-large/],
  [
    'three texts of 1 MB in base64',
    ['OPENAI_API_KEY', 'CARTESIA_API_KEY', 'DEEPGRAM_API_KEY']
      .map((key) => `${agentSecret(key, 'data')}${'QUFB'.repeat(2 ** 18)}\n`)
      .join('---\n'),
    /too-large/,
  ],
  [
    'one folded block of long lines',
    fill(`    ${'a'.repeat(1_000)}\n`, `${agentSecret('OPENAI_API_KEY')}>-\n`),
    /too-large/,
  ],
];

it.each(largePatches)('a large patch: %s', (_what, text, answer) => {
  const result = synth(['x'], folderWith(patch(text)));
  expect([result.status, result.stderr]).toEqual([1, expect.stringMatching(answer)]);
  expect(result.stderr).not.toContain('internal error');
  expect(result.stderr.length).toBeLessThan(10_000);
  expect(result.milliseconds).toBeLessThan(longest);
  expect(result.mebibytes).toBeLessThan(300);
  if (process.env['SHOW_FIGURES'])
    process.stderr.write(`${result.milliseconds.toFixed(0)} ms ${result.mebibytes.toFixed(0)} MiB ${_what}\n`);
});

it.each(rows.map((row) => [row.what, row] as const))(
  '%s',
  (_what, { files = {}, prepare, args = ['x'], env, status, answer }) => {
    const place = folderWith(files);
    prepare?.(place);
    const result = synth(args, place, env);
    expect([result.status, result.stdout + result.stderr]).toEqual([status, expect.stringMatching(answer)]);
    expect(result.stderr).not.toContain('internal error');
    expect(result.milliseconds).toBeLessThan(longest);
    expect(result.mebibytes).toBeLessThan(largest);
    expect(readdirSync(place)).not.toContain('ran');
    if (process.env['SHOW_FIGURES'])
      process.stderr.write(`${result.milliseconds.toFixed(0)} ms ${result.mebibytes.toFixed(0)} MiB ${_what}\n`);
  },
);

it('never writes through a link', () => {
  const place = folderWith(env(validEnvironment('x')));
  link('dist/x', 'elsewhere')(place);
  synth(['x'], place);
  expect(readdirSync(join(place, 'elsewhere'))).toEqual([]);
});
