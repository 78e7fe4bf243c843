import { join } from 'node:path';
import type { Problem } from '../../lib/environment/problem';
import { folderWith, run, validEnvironment } from '../run';

// What looks right and is wrong is stopped at the door; what a correct team writes passes --strict without a word.

const secret = 'POSTAL_API_KEY';
const complete = validEnvironment('staging', { DEP_MODE: 'staging' });
const shape = (...pieces: string[]) => pieces.join('');
const patch = (kind: 'Secret' | 'ConfigMap', name: string, body: string) =>
  `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${body}\n`;

interface Given {
  /** Of a complete env file, lines in the place of others that assign the same name; those of no name stand at its end. */
  readonly lines?: readonly string[];
  /** The whole of the env file. */
  readonly file?: string;
  readonly config?: string;
  readonly patch?: string;
  /** The process environment; with it --from-env. */
  readonly env?: Readonly<Record<string, string>>;
  /** A file for --from-env-file. */
  readonly dump?: string;
}

function envFile(lines: readonly string[]): string {
  const isReplaced = (line: string) => lines.some((each) => each.startsWith(`${line.split('=')[0]}=`));
  const kept = complete.split('\n').filter((line) => line !== '' && !isReplaced(line));
  return `${[...kept, ...lines].join('\n')}\n`;
}

async function check({ lines, file, config, patch, env, dump }: Given, ...options: string[]) {
  const root = folderWith({
    'envs/staging.env': file ?? envFile(lines ?? []),
    ...(config !== undefined && { 'envs/staging.config.env': config }),
    ...(patch !== undefined && { 'envs/staging-secret-config-patch.yml': patch }),
    ...(dump !== undefined && { dump }),
  });
  const opted = [
    ...(env ? ['--from-env'] : []),
    ...(dump === undefined ? [] : ['--from-env-file', join(root, 'dump')]),
  ];
  const args = ['check', 'staging', '--envs', join(root, 'envs'), '--json', ...opted, ...options];
  const { stdout, stderr, status } = await run(args, { ...(env && { env }) });
  const problems: Problem[] = JSON.parse(stdout).environments[0].problems;
  return { problems, stderr, status, text: stdout + stderr };
}

type Row = [what: string, given: Given, reports: readonly string[], says?: RegExp];

const line = (value: string): Given => ({ lines: [`${secret}=${value}`] });
const errors = (...codes: string[]) => codes.map((code) => `error ${code} ${secret}`);
const warnings = (...codes: string[]) => codes.map((code) => `warning ${code} ${secret}`);

const none = [
  ['ciphertext of dotenvx', 'encrypted:BE9Y7LKANx77X1pv1HnFAKE'],
  ['a quoted one', '"encrypted:BE9Y7LKANx77X1pv1HnFAKE"'],
  ['ciphertext of SOPS', 'ENC[AES256_GCM,data:RkFLRQ==,iv:RkFLRQ==,tag:RkFLRQ==,type:str]'],
  ['1Password', 'op://Private/Postal/credential'],
  ['Vault', "'vault:secret/data/x#key'"],
  ['AWS', 'arn:aws:secretsmanager:eu-west-3:000000000000:secret:postal'],
  ['Google', 'projects/p/secrets/postal/versions/latest'],
  ['vals', 'ref+awssecrets://postal'],
  ['Azure', '@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/y)'],
  ['secretref', 'secretref:postal-key'],
  ['your_…_here', 'your_postal_api_key_here'],
  ['sk-your-key-here', 'sk-your-key-here'],
  ['replace_me', 'replace_me'],
  ['changeme1234', 'changeme1234'],
  ['ChangeThis', 'ChangeThis'],
  ['TODO', 'TODO'],
  ['dots', '...'],
  ['null', 'null'],
  ['undefined', 'undefined'],
  ['asterisks', '***'],
  ['bullets', '••••••••'],
  ['what a dashboard shows', 'sk-...abcd'],
  ['the same with one character for the dots', 'sk-…abcd'],
  ['(secret)', '(secret)'],
  ['(sensitive value)', '"(sensitive value)"'],
  ['<sensitive>', '<sensitive>'],
  ['[REDACTED]', '[REDACTED]'],
  ["this program's own mask", '[sensitive]'],
  ['none', 'none'],
  ['n/a', 'n/a'],
  ['lorem', 'lorem-ipsum'],
  ['Jinja', '{{ POSTAL_API_KEY }}'],
  ['ERB', '"<%= ENV[\'POSTAL\'] %>"'],
  ['Python', '%(postal_api_key)s'],
  ['Octopus', "'#{Postal.ApiKey}'"],
  ['@@X@@', '@@POSTAL_API_KEY@@'],
  ['__X__', '__POSTAL_API_KEY__'],
  ['Windows', '%POSTAL_API_KEY%'],
  ['a command', '$(openssl rand -hex 32)'],
  ['another', '$(cat key.txt)'],
  ['backticks', "'`cat key.txt`'"],
  ['a one-line PEM', '-----BEGIN FAKE-----\\nRkFLRQ==\\n-----END FAKE-----\\n'],
  ['a one-line PEM in single quotes', "'-----BEGIN FAKE-----\\nRkFLRQ==\\n-----END FAKE-----\\n'"],
] as const;

const rows: readonly Row[] = [
  ...none.map(([what, value]): Row => [what, line(value), errors('not-a-value')]),
  ['config: undefined', { lines: ['OFFICE=undefined'] }, ['warning not-a-value OFFICE']],
  [
    'config: a URL of a project that is to be filled in',
    { lines: ['PARTNER_URL=wss://your-project.partner.example'] },
    ['warning not-a-value PARTNER_URL'],
  ],
  // Lines that ran together
  ['a last line without newline, and >>', line('fake-keyLOG_FLOOR=warn'), errors('not-a-value'), /LOG_FLOOR/],
  ['two on a line', line('sk-fake0000 LOG_FLOOR=warn'), errors('not-a-value'), /LOG_FLOOR/],
  ['two with semicolons', line('sk-fake0000; LOG_FLOOR=warn;'), errors('not-a-value'), /LOG_FLOOR/],
  [
    'where the glued name is required, the hint names the line',
    {
      file: `${envFile([`${secret}=fake-key`])
        .replace(/^OFFICE=.*\n/m, '')
        .slice(0, -1)}OFFICE=a.example.com\n`,
    },
    ['error missing OFFICE', ...errors('not-a-value')],
    /OFFICE=… stands in the value of POSTAL_API_KEY, on line \d+ of \S*staging\.env/,
  ],
  [
    'name and value by --from-env',
    { env: { [secret]: `${secret}=sk-fake0000` } },
    errors('not-a-value'),
    /its own name/,
  ],
  ['a semicolon behind', line('sk-fake0000;'), warnings('suspicious-value')],
  ['a comma behind', line('sk-fake0000,'), warnings('suspicious-value')],
  ['$NAME', line('$POSTAL_KEY'), warnings('suspicious-value')],
  // Characters that nobody sees
  ['a zero width space', line('sk-fake\u200b0000'), errors('not-a-value'), /U\+200B.*character 8/],
  ['typographic quotes', line('“sk-fake-0000”'), errors('not-a-value'), /U\+201C.*character 1/],
  ['a no-break space behind', line('sk-fake0000\u00a0'), errors('ambiguous-line'), /Remove U\+00A0/],
  [
    'a byte order mark before the name',
    { lines: [`\ufeff${secret}=fake-1`], file: complete.replace(`${secret}=`, `\ufeff${secret}=`) },
    ['error ambiguous-line undefined', `error missing ${secret}`],
    /U\+FEFF.*column 1/,
  ],
  [
    'a no-break space before =',
    { file: complete.replace(`${secret}=`, `${secret}\u00a0=`) },
    ['error ambiguous-line undefined', `error missing ${secret}`],
    /U\+00A0.*column 15/,
  ],
  [
    'a no-break space behind =',
    { file: complete.replace(`${secret}=`, `${secret}=\u00a0`) },
    errors('ambiguous-line'),
    /U\+00A0/,
  ],
  // Placeholders
  [
    'a default as shells have it',
    { lines: ['OFFICE=${LOG_FLOOR:-info}'] },
    ['error unresolved-placeholder OFFICE'],
    /[Dd]efaults stand in the catalog/,
  ],
  ['an expression of a workflow', line('${{ secrets.POSTAL_API_KEY }}'), errors('unresolved-placeholder'), /workflow/],
  ['$NAME beside a placeholder', line('x$OFFICE${LOG_FLOOR}'), warnings('suspicious-value')],
  ['a backslash before a placeholder', line('\\${LOG_FLOOR}'), warnings('suspicious-value')],
  ['a placeholder in single quotes', line("'${LOG_FLOOR}'"), warnings('suspicious-value')],
  // One mistake is one problem
  [
    'an undecrypted SOPS file',
    {
      dump: `${complete.replace(/=(.*)$/gm, '=ENC[AES256_GCM,data:RkFLRQ==,iv:RkFLRQ==,tag:RkFLRQ==,type:str]')}sops_version=3.9.0\nsops_mac=ENC[AES256_GCM,data:RkFLRQ==,type:str]\n`,
    },
    ['error unreadable undefined'],
    /encrypted by SOPS.*sops -d --output-type json .*dump \| npm run -s synth -- staging --envs \S+ --from-env-file -/,
  ],
  [
    'JSON',
    { file: `${JSON.stringify({ a: 1, b: { c: 2 } }, undefined, 2)}\n` },
    ['error unreadable undefined'],
    /JSON.*npm run synth -- staging --envs \S+ --from-env-file .*envs\/staging\.env/,
  ],
  [
    'JSON in the reviewed file',
    { config: '{"A":"b"}\n' },
    ['error unreadable undefined'],
    /JSON.*Write a line NAME=value for each of its entries/,
  ],
  [
    'a list of JSON, as some programs export it',
    { dump: '[{"key":"A","value":"b"}]' },
    ['error unreadable undefined'],
    /JSON list.*jq 'map\(/,
  ],
  [
    'a merge conflict',
    { file: complete.replace(/^(OFFICE=.*)$/m, '<<<<<<< HEAD\n$1\n=======\nOFFICE=b.example.com\n>>>>>>> main') },
    ['error unreadable undefined'],
    /merge conflict.*line \d+/,
  ],
  [
    'an unquoted PEM',
    {
      file: `${complete}KIOSK_CERTIFICATE=-----BEGIN CERTIFICATE-----\nZmFrZS1jZXJ0aWZpY2F0ZQ==\nZmFrZS1jZXJ0aWZpY2F0ZQ==\n-----END CERTIFICATE-----\n`,
    },
    ['error ambiguous-line KIOSK_CERTIFICATE'],
    /quotes/,
  ],
  [
    'an Ansible vault',
    { file: '$ANSIBLE_VAULT;1.1;AES256\n66616b6566616b65\n66616b6566616b65\n' },
    ['error unreadable undefined'],
    /ansible-vault view/,
  ],
  [
    'a file of age under the name of the plain one',
    { file: '-----BEGIN AGE ENCRYPTED FILE-----\nRkFLRQ==\n-----END AGE ENCRYPTED FILE-----\n' },
    ['error unreadable undefined'],
    /encrypted by age.*mv -i .*staging\.env .*staging\.env\.age/,
  ],
  // Patches
  [
    'plain text as data',
    { patch: patch('Secret', 'depot-secrets', `data:\n  ${secret}: bill`) },
    errors('invalid-patch'),
    /stringData/,
  ],
  [
    'base64 of a key as stringData',
    {
      patch: patch(
        'Secret',
        'depot-secrets',
        `stringData:\n  ${secret}: ${Buffer.from(shape('sk-', 'proj-', 'FAKE0'.repeat(6))).toString('base64')}`,
      ),
    },
    warnings('suspicious-value'),
  ],
  [
    'a template',
    {
      patch: `{{- if .Values.x }}\n${patch('Secret', 'depot-secrets', `stringData:\n  ${secret}: fake-1`)}{{- end }}\n`,
    },
    ['error invalid-patch undefined'],
    /template/,
  ],
  [
    'a template inside',
    { patch: patch('Secret', 'depot-secrets', `stringData:\n  ${secret}: {{ .Values.key }}`) },
    errors('invalid-patch'),
  ],
  ...['\r', '\u0085', '\u2028', '\u2029'].map(
    (mark): Row => [
      `U+${mark.charCodeAt(0).toString(16)} in a comment of a patch`,
      { patch: patch('Secret', 'depot-secrets', `stringData: # a${mark}b\n  ${secret}: fake-1`) },
      ['error invalid-patch undefined'],
    ],
  ),
  [
    'documents behind ... in a patch',
    {
      patch: `${patch('Secret', 'depot-secrets', `stringData:\n  ${secret}: fake-1`)}...\n${patch('Secret', 'common-secrets', '')}`,
    },
    ['error invalid-patch undefined'],
  ],
  // Empty
  ['a secret that is empty in the process environment', { env: { [secret]: '' } }, warnings('empty-value')],
  ['config that is empty there', { env: { LOG_FLOOR: '' }, lines: ['LOG_FLOOR=warn'] }, []],
  // Names
  [
    'another case',
    { file: complete.replace(/^POSTAL_API_KEY=.*$/m, 'postal_api_key=fake-1') },
    ['error missing POSTAL_API_KEY', 'error unknown-variable undefined'],
    /Did you mean POSTAL_API_KEY/,
  ],
  [
    'hyphens',
    { file: complete.replace(/^POSTAL_API_KEY=.*$/m, 'POSTAL-API-KEY=fake-1') },
    ['error missing POSTAL_API_KEY', 'error unknown-variable POSTAL-API-KEY'],
    /Did you mean POSTAL_API_KEY/,
  ],
  // Secrets in config
  ...(
    [
      ['a Slack webhook', shape('https://hooks.slack.com/', 'services/T0FAKE000/B0FAKE000/FAKEfakeFAKEfake00')],
      ['Groq', shape('gsk', '_', 'FAKE0'.repeat(6))],
      ['xAI', shape('xai', '-', 'FAKE0'.repeat(8))],
      ['Vault', shape('hvs', '.', 'FAKE0'.repeat(8))],
      ['Google', shape('GOCSPX', '-', 'FAKE0'.repeat(5))],
      ['Docker', shape('dckr', '_pat_', 'FAKE0'.repeat(5))],
      ['libpq', 'host=db.example.com user=app password=Fa0keFa1ke'],
      ['a query', 'https://example.com/?api_key=FAKE0FAKE0FAKE0FAKE0'],
      ['Bearer', 'Bearer FAKE0FAKE0FAKE0FAKE0'],
      ["base64 of the environment's own secret", Buffer.from('fake-geocodes_api_key').toString('base64')],
    ] as const
  ).map(
    ([what, value]): Row => [
      `config: ${what}`,
      { config: `ROUTES="${JSON.stringify({ a: value }).replace(/"/g, "'")}"\n`, lines: [`KUBE_CLUSTER='${value}'`] },
      ['error misplaced-secret KUBE_CLUSTER', 'error invalid-value ROUTES', 'error misplaced-secret ROUTES'].sort(),
    ],
  ),
  // Mixed up
  [
    'one secret under two names',
    { lines: ['PARTNER_API_KEY=fake-partner-0', 'PARTNER_API_SECRET=fake-partner-0'] },
    ['warning suspicious-value PARTNER_API_SECRET'],
    /PARTNER_API_KEY/,
  ],
];

const reported = (problems: readonly Problem[]) =>
  problems.map(({ severity, code, variable }) => `${severity} ${code} ${variable}`).sort();

it.each<Row>(rows)('%s', async (...[, given, reports, says]: Row) => {
  const { problems, text } = await check(given);
  expect(reported(problems)).toEqual([...reports].sort());
  if (says) expect(problems.map(({ message, hint }) => `${message}. ${hint}`).join('\n')).toMatch(says);
  expect(text).not.toContain('fake-key');
});
