import { join } from 'node:path';
import { folderWith, run, validEnvironment, validValues } from '../../../test/run';
import { environmentName } from '../../catalog/declaration';
import { defineCatalog } from '../../catalog/define-catalog';
import { dnsLabel, oneOf, text } from '../../catalog/value-type';

const inStore = { SECRETS_FROM: 'external-secrets', VAULT: 'vault' };

/** What nobody has to give where a store has it. */
const stored = ['REGISTRY_TOKEN', 'PARTNER_API_KEY', 'PARTNER_API_SECRET', 'GEOCODES_API_KEY', 'POSTAL_API_KEY'];
const none = Object.fromEntries([...stored, 'LOCATION_API_KEY'].map((name) => [name, '']));

interface Shown {
  readonly severity: string;
  readonly code: string;
  readonly variable: string;
  readonly message: string;
  readonly hint: string;
}

/** What `check --json` says of an environment of these values. */
async function check(values: Readonly<Record<string, string>>) {
  const root = folderWith({ 'envs/x.env': validEnvironment('x', values) });
  const { stdout } = await run(['check', 'x', '--envs', join(root, 'envs'), '--json']);
  const [environment] = JSON.parse(stdout).environments as {
    ok: boolean;
    problems: Shown[];
    variables: { name: string; status: string; value?: string }[];
  }[];
  return {
    ok: environment?.ok,
    problems: environment?.problems ?? [],
    statusOf: (name: string) => environment?.variables.find((each) => each.name === name)?.status,
  };
}

it('needs no value of what the store has', async () => {
  const { ok, problems, statusOf } = await check({ ...none, ...inStore });
  expect([ok, problems]).toEqual([true, []]);
  expect([...stored, 'SUPPORT_TOKEN', 'VAULT'].map(statusOf)).toEqual([
    ...stored.map(() => 'external'),
    'unset',
    'set',
  ]);
});

it('needs them all where Secrets are written', async () => {
  const { ok, problems, statusOf } = await check({ ...none, ...inStore, SECRETS_FROM: 'kubernetes' });
  expect([ok, new Set(problems.map(({ code }) => code)), statusOf('POSTAL_API_KEY')]).toEqual([
    false,
    new Set(['missing']),
    'missing',
  ]);
});

it('takes an optional secret for one that the store has where it is listed', async () => {
  const { statusOf, problems } = await check({
    ...none,
    ...inStore,
    VAULT_OPTIONAL: "'KIOSK_CERTIFICATE, SUPPORT_TOKEN'",
  });
  expect([problems, statusOf('SUPPORT_TOKEN'), statusOf('KIOSK_CERTIFICATE')]).toEqual([[], 'external', 'external']);
});

it.each<[string, Record<string, string>, Partial<Shown>]>([
  [
    'no store',
    { VAULT: '' },
    {
      code: 'missing',
      variable: 'VAULT',
      message: 'VAULT has no value, and SECRETS_FROM says that the secrets are in a store',
    },
  ],
  ['the name of a store that no object may have', { VAULT: 'My_Store' }, { code: 'invalid-value', variable: 'VAULT' }],
  [
    'a misspelt place in the pattern',
    { VAULT_KEY: '{variabel}' },
    {
      code: 'invalid-value',
      variable: 'VAULT_KEY',
      message: 'VAULT_KEY has something else in braces than what it may have there',
    },
  ],
  ['a brace that is open', { VAULT_KEY: '{variable' }, { code: 'invalid-value', variable: 'VAULT_KEY' }],
  [
    'one key for all secrets',
    { VAULT_KEY: '{environment}' },
    {
      code: 'invalid-value',
      variable: 'VAULT_KEY',
      message: 'VAULT_KEY gives all secrets one key in the store',
      hint: 'Put {variable} in it, or in VAULT_PROPERTY',
    },
  ],
  [
    'one property for all secrets',
    { VAULT_KEY: '{environment}', VAULT_PROPERTY: 'value' },
    { variable: 'VAULT_KEY', hint: 'Put {variable} in it, or in VAULT_PROPERTY' },
  ],
  ['a pattern of a property', { VAULT_PROPERTY: '{Variable}' }, { code: 'invalid-value', variable: 'VAULT_PROPERTY' }],
  ['no duration', { VAULT_REFRESH: '1 day' }, { code: 'invalid-value', variable: 'VAULT_REFRESH' }],
  ['a duration without a unit', { VAULT_REFRESH: '60' }, { code: 'invalid-value', variable: 'VAULT_REFRESH' }],
  [
    'an optional secret that there is not',
    { VAULT_OPTIONAL: 'SUPORT_TOKEN' },
    { code: 'invalid-value', variable: 'VAULT_OPTIONAL', hint: 'Did you mean SUPPORT_TOKEN?' },
  ],
  [
    'a secret that is not optional among those',
    { VAULT_OPTIONAL: 'POSTAL_API_KEY' },
    { variable: 'VAULT_OPTIONAL', hint: 'Leave out POSTAL_API_KEY: it has to be there anyway' },
  ],
  [
    'a config variable among those',
    { VAULT_OPTIONAL: 'METRICS_PORT' },
    { variable: 'VAULT_OPTIONAL', hint: 'There are KIOSK_CERTIFICATE, SUPPORT_TOKEN' },
  ],
])('refuses %s', async (_what, values, problem) => {
  const { ok, problems } = await check({ ...none, ...inStore, ...values });
  expect([ok, problems]).toEqual([false, [expect.objectContaining({ severity: 'error', ...problem })]]);
});

it('lets a catalog with one secret call its key anything', async () => {
  const only = defineCatalog({
    app: 'only',
    bundles: { common: { description: 'Every pod', everyPod: true } },
    variables: {
      NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), default: environmentName, description: 'name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), default: 'space', description: 'namespace' },
      FROM: { kind: 'infra', drives: 'secrets-backend', type: oneOf('external-secrets'), description: 'where' },
      STORE: { kind: 'infra', drives: 'secret-store', type: text(), description: 'store' },
      KEY: { kind: 'infra', drives: 'secret-store-key', type: text(), description: 'key' },
      TOKEN: { kind: 'secret', bundle: 'common', type: text(), description: 'token' },
    },
  });
  const root = folderWith({ 'envs/x.config.env': 'FROM=external-secrets\nSTORE=vault\nKEY=the-token\n' });
  expect(await run(['check', 'x', '--envs', join(root, 'envs')], { catalog: only })).toMatchObject({
    status: 0,
    stderr: '',
  });
});

it.each([
  { VAULT: 'team.vault-1' },
  { VAULT_KEY: "'name:{app}-{environment}-{variable}'" },
  { VAULT_KEY: '{environment}/{bundle}', VAULT_PROPERTY: '{variable}' },
  { VAULT_KEY: '{bundle}${PD_ENV}{variable}' },
  { VAULT_REFRESH: '0' },
  { VAULT_REFRESH: '1h30m' },
  { VAULT_REFRESH: '1.5h' },
  { VAULT_KIND: 'ClusterSecretStore' },
  { VAULT_OPTIONAL: 'SUPPORT_TOKEN' },
])('takes %j', async (values) => {
  expect(await check({ ...none, ...inStore, ...(values as Record<string, string>) })).toMatchObject({
    ok: true,
    problems: [],
  });
});

it('warns of a value that a secret has all the same, and of nothing else about it', async () => {
  const { ok, problems, statusOf } = await check({ ...none, ...inStore, POSTAL_API_KEY: 'changeme ${NOBODY}' });
  expect([ok, statusOf('POSTAL_API_KEY')]).toEqual([true, 'external']);
  expect(problems).toEqual([
    expect.objectContaining({
      severity: 'warning',
      code: 'suspicious-value',
      variable: 'POSTAL_API_KEY',
      hint: 'Keep it in the store, and remove it here; or set SECRETS_FROM to kubernetes',
    }),
  ]);
});

it('says where to list an optional secret that has a value', async () => {
  const { problems, statusOf } = await check({ ...none, ...inStore, SUPPORT_TOKEN: 'fake-support-token' });
  expect([statusOf('SUPPORT_TOKEN'), problems]).toEqual([
    'unset',
    [
      expect.objectContaining({
        code: 'suspicious-value',
        hint: 'If the store has it, list it in VAULT_OPTIONAL; remove it here',
      }),
    ],
  ]);
});

it('still keeps such a value out of what is shown', async () => {
  const secret = validValues('x')['PARTNER_API_SECRET'] ?? '';
  const { problems } = await check({ ...none, ...inStore, PARTNER_API_SECRET: secret, KUBE_CLUSTER: secret });
  expect(problems.map(({ code, variable }) => [code, variable])).toContainEqual(['misplaced-secret', 'KUBE_CLUSTER']);
});
