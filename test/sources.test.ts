import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { age, identityFile, itWithAge, keyPair } from './age';
import { copyProject } from './project-copy';
import { folderWith, validValues } from './run';

// docs/sources.md has a line for each tool. Every one is run as it stands, by bash, in front of the real program. The tools
// themselves are programs of this file that print what the real ones print for such a command, and nothing for any other.

const page = readFileSync(join(__dirname, '../docs/sources.md'), 'utf8');
const lines = [...page.matchAll(/^(?:- run: )?(.+ \| npm run -s synth -- staging --from-env-file -)$/gm)]
  .map(([, line]) => line ?? '')
  .filter((line) => !line.startsWith('<tool>'));

const hostile = `fake 'q"u\`o\\te' # $HOME \\n\nsecond line`;
const values = validValues('staging', { POSTAL_API_KEY: hostile });
const flat = (more: Readonly<Record<string, string>> = {}) => JSON.stringify({ ...more, ...values }, undefined, 2);
const entries = Object.entries(values);
const asLines = (quote: (value: string) => string) =>
  entries.map(([name, value]) => `${name}=${quote(value)}\n`).join('');

/** What each tool prints when it is called in this way. */
const answers: readonly (readonly [command: string, answer: string])[] = [
  ['sops -d --output-type json staging.enc.yaml', flat()],
  [
    'op item get voice-agent-staging --format json',
    JSON.stringify({
      id: 'fake',
      fields: [
        { id: 'notesPlain', type: 'STRING', purpose: 'NOTES', label: 'notesPlain' },
        ...entries.map(([label, value]) => ({ id: 'fake', type: 'CONCEALED', label, value })),
      ],
    }),
  ],
  ['op inject -i staging.env.tpl', asLines((value) => `'${value.replaceAll("'", '')}'`)],
  [
    'doppler secrets download --project voice-agent --config staging --no-file --format json',
    flat({ DOPPLER_CONFIG: 'staging', DOPPLER_ENVIRONMENT: 'staging', DOPPLER_PROJECT: 'voice-agent' }),
  ],
  [
    'infisical export --env=staging --format=json',
    JSON.stringify(entries.map(([key, value]) => ({ key, workspace: 'fake', value, type: 'shared', tags: [] }))),
  ],
  [
    'vault kv get -format=json secret/voice-agent/staging',
    JSON.stringify({
      request_id: 'fake',
      lease_duration: 0,
      data: { data: values, metadata: { version: 3 } },
      warnings: null,
    }),
  ],
  ['esc env open acme/voice-agent/staging environmentVariables --format json', flat()],
  ['dotenvx get -f staging.enc.env', JSON.stringify({ DOTENV_PUBLIC_KEY_STAGING: '03fake', ...values })],
];

const hasJq = spawnSync('jq', ['--version']).status === 0;
if (!hasJq) process.stderr.write('jq is not installed: the lines with it are skipped\n');

const program = copyProject();
const envs = join(program, 'envs');
rmSync(envs, { recursive: true });
execFileSync('mkdir', ['-m', '755', envs]);
writeFileSync(join(envs, 'staging.config.env'), '');

/** Runs a line of the page in front of these answers. */
function runLine(
  line: string,
  given: readonly (readonly [command: string, answer: string])[],
  env: NodeJS.ProcessEnv = {},
) {
  const tools = folderWith();
  for (const tool of new Set(answers.map(([command]) => command.split(' ')[0] ?? ''))) {
    const cases = given.flatMap(([command, answer], at) => {
      if (!command.startsWith(`${tool} `)) return [];
      writeFileSync(join(tools, `answer-${at}`), answer);
      return [`if [ "$*" = '${command.slice(tool.length + 1)}' ]; then exec cat '${join(tools, `answer-${at}`)}'; fi`];
    });
    writeFileSync(join(tools, tool), `#!/bin/sh\n${cases.join('\n')}\nexit 3\n`);
    chmodSync(join(tools, tool), 0o755);
  }
  rmSync(join(program, 'dist'), { recursive: true, force: true });
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], {
    cwd: program,
    encoding: 'utf8',
    env: { PATH: `${tools}:${process.env['PATH']}`, ...env },
  });
  return { status, stdout, stderr };
}

/** The value that pods get. */
function deployed(name: string): string {
  const text = readFileSync(join(program, 'dist/staging/parcel-desk.k8s.yaml'), 'utf8');
  return Buffer.from(new RegExp(`"${name}": "([^"]*)"`).exec(text)?.[1] ?? '', 'base64').toString();
}

it('has a line for each tool that is known here', () => {
  const tools = new Set(lines.map((line) => line.split(' ')[0]));
  expect(tools).toEqual(new Set([...answers.map(([command]) => command.split(' ')[0]), 'age', 'printf']));
});

describe.each(lines.filter((line) => /^(?!age|printf)/.test(line)))('%s', (line) => {
  const itCan = !line.includes('jq ') || hasJq ? it : it.skip;

  itCan('gives every value as it is', () => {
    const isNested = line.includes('jq .staging ');
    const given = answers.map(
      ([command, answer]) =>
        [command, isNested ? JSON.stringify({ staging: JSON.parse(flat()), prod: {} }) : answer] as const,
    );
    const { status, stdout, stderr } = runLine(line, given);
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect(stdout).toContain('staging: wrote 7 objects');
    const isLossy = line.startsWith('op inject');
    expect(deployed('POSTAL_API_KEY')).toBe(isLossy ? hostile.replaceAll("'", '') : hostile);
    expect(deployed('GEOCODES_API_KEY')).toBe(values['GEOCODES_API_KEY']);
  });

  itCan('writes nothing if the tool fails, and the shell stops if it is told to', () => {
    const { status, stdout, stderr } = runLine(line, []);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error[unreadable-secrets] standard input holds nothing\n');
    const stopped = runLine(`set -euo pipefail\n${line}\necho went on`, []);
    expect(stopped.stdout).toBe('');
    expect(stopped.status).not.toBe(0);
  });
});

(hasJq ? it : it.skip)('GitHub gives all secrets of the job in one variable', () => {
  const line = lines.find((each) => each.startsWith('printf')) ?? '';
  const SECRETS = flat({ github_token: 'fake', OTHER_THING: 'fake' });
  const { status, stderr } = runLine(line, [], { SECRETS });
  expect(status).toBe(0);
  expect(stderr.match(/^warning\[unknown-variable\]/gm)).toHaveLength(1); // of the two, the token is taken out
  expect(deployed('POSTAL_API_KEY')).toBe(hostile);
});

itWithAge('age prints what it was given', async () => {
  const pair = await keyPair();
  writeFileSync(join(program, 'staging.json.age'), age(['-r', pair.recipient], flat()));
  const line = lines.find((each) => each.startsWith('age')) ?? '';
  const { status } = runLine(line.replace('keys.txt', identityFile(pair)), []);
  expect(status).toBe(0);
  expect(deployed('POSTAL_API_KEY')).toBe(hostile);
});
