import { join } from 'node:path';
import { folderWith } from '../../test/run';
import { limits } from '../environment/limits';
import { strayFiles } from './stray-files';

const known = new Set(['staging', 'prod', 'preview', 'preview-main', 'qa', 'a-b-c-d-e']);

/** What is said of a file of this name, in a folder with others. */
function stray(name: string, ...others: readonly string[]) {
  const envs = folderWith(Object.fromEntries([name, ...others].map((each) => [each, ''])));
  return strayFiles(envs, [name, ...others], known).map(({ environment, problem }) => ({
    environment,
    severity: problem.severity,
    file: problem.file?.replace(envs, 'envs'),
    message: problem.message.replaceAll(envs, 'envs'),
    hint: problem.hint?.replaceAll(envs, 'envs'),
  }));
}

it.each([
  ['staging-secret-config-patch.yaml', 'staging-secret-config-patch.yml'],
  ['staging-secret-config-patch.YML', 'staging-secret-config-patch.yml'],
  ['Staging-Secret-Config-Patch.yaml', 'staging-secret-config-patch.yml'],
  ['qa-secret-config-patch.yaml', 'qa-secret-config-patch.yml'],
  ['Staging.env', 'staging.env'],
  ['staging.ENV', 'staging.env'],
  ['PROD.Config.Env', 'prod.config.env'],
])('%j is an error that names %j', (name, right) => {
  expect(stray(name)).toEqual([
    {
      environment: right.split(/[-.]/)[0],
      severity: 'error',
      file: `envs/${name}`,
      message: expect.stringMatching(/ is not read: (?:a patch file ends in \.yml|its name is in another case)$/),
      hint: `If it is to be read, call it ${right}: mv -i envs/${name} envs/${right}`,
    },
  ]);
});

it.each([
  ['.env.staging', 'staging.env'],
  ['env.staging', 'staging.env'],
  ['.env-staging', 'staging.env'],
  ['.staging.env', 'staging.env'],
  ['staging.env.local', 'staging.env'],
  ['staging.local.env', 'staging.env'],
  ['.env.staging.local', 'staging.env'],
  ['staging.env.txt', 'staging.env'],
  ['staging.env ', 'staging.env'],
  [' staging.env', 'staging.env'],
  ['staging.env.', 'staging.env'],
  ['staging..env', 'staging.env'],
  ['staging_env', 'staging.env'],
  ['staging.dotenv', 'staging.env'],
  ['staging.secrets.env', 'staging.env'],
  ['.ENV.STAGING', 'staging.env'],
  ['.env.preview-main', 'preview-main.env'],
  ['.env.a-b-c-d-e', 'a-b-c-d-e.env'],
  ['.env.production', 'prod.env'],
  ['production.env.local', 'prod.env'],
  ['.env.stagign', 'staging.env'],
  ['stagin-secrets-config-patch.yml', 'staging-secret-config-patch.yml'],
  ['staging.config', 'staging.config.env'],
  ['staging.env.config', 'staging.config.env'],
  ['staging.config.env.local', 'staging.config.env'],
  ['staging_config.env', 'staging.config.env'],
  ['staging.conf.env', 'staging.config.env'],
  ['staging.confgi.env', 'staging.config.env'],
  ['.config.env.staging', 'staging.config.env'],
  ['staging-secrets-config-patch.yml', 'staging-secret-config-patch.yml'],
  ['staging-secret-config-patches.yml', 'staging-secret-config-patch.yml'],
  ['staging-secret-cofnig-patch.yml', 'staging-secret-config-patch.yml'],
  ['staging_secret_config_patch.yml', 'staging-secret-config-patch.yml'],
  ['staging.secret-config-patch.yaml', 'staging-secret-config-patch.yml'],
  ['staging-config-secret-patch.yml', 'staging-secret-config-patch.yml'],
  ['staging-secret-patch.yml', 'staging-secret-config-patch.yml'],
  ['staging-secret-config.yml', 'staging-secret-config-patch.yml'],
  ['staging-secret-config-patch', 'staging-secret-config-patch.yml'],
  ['staging-secret-config-patch.yml.txt', 'staging-secret-config-patch.yml'],
])('%j is a warning that names %j', (name, right) => {
  const path = /\s/.test(name) ? `'envs/${name}'` : `envs/${name}`;
  expect(stray(name)).toEqual([
    {
      environment: right.replace(/(?:-secret-config-patch\.yml|(?:\.config)?\.env)$/, ''),
      severity: 'warning',
      file: `envs/${name}`,
      message: `envs/${name} is not read: nobody reads a file of this name`,
      hint: `If it is to be read, call it ${right}: mv -i ${path} envs/${right}`,
    },
  ]);
});

it('is not to be moved over the file that is read', () => {
  expect(stray('staging.env.local', 'staging.env')).toMatchObject([
    { hint: 'envs/staging.env is read. Move there what this one says, then remove it: rm envs/staging.env.local' },
  ]);
});

it('is not to be given the name of a file that stands encrypted beside it', () => {
  expect(stray('.env.staging', 'staging.env.age')[0]?.hint).toMatch(
    /^envs\/staging\.env\.age is read, which npm run edit -- staging --envs \S+ opens\. Move there what this one says, then remove it: rm envs\/\.env\.staging$/,
  );
});

it.each(['staging.config.env.age', 'staging.env.age'])('of config may be moved to its name beside %s', (other) => {
  expect(stray('Staging.config.env', other)[0]?.hint).toMatch(/call it staging\.config\.env: mv -i/);
});

it.each(['sandbox_anna.config.env', 'sandbox_anna.env', 'QA_2.env.age', `${'a'.repeat(64)}.env`])(
  '%j is of no environment that there can be',
  (name) => {
    expect(stray(name)).toMatchObject([
      { severity: 'warning', message: `envs/${name} is not read: no environment can have this name` },
    ]);
  },
);

it.each(['.env', '.env.local', 'env'])('%j says of no environment that it is its own', (name) => {
  expect(stray(name)).toEqual([
    {
      severity: 'warning',
      file: `envs/${name}`,
      message: `envs/${name} is not read: its name does not say of which environment it is`,
      hint: 'If it is to be read, call it envs/<env>.env, after its environment',
    },
  ]);
});

it.each([
  ...['staging.env', 'staging.config.env', 'staging-secret-config-patch.yml', 'production.env', 'staging-old.env'],
  ...['README.env', 'ReadMe.config.env', 'prod_backup.env', 'prod_old.config.env', 'my_notes.env'],
  ...['staging.env.example', 'staging.env.sample', 'staging.env.template', 'staging.env.dist', '.env.example'],
  ...['staging.env.bak', 'staging.env~', 'staging.env.old', 'staging.env.orig', 'staging.env.save', 'staging.env.1'],
  ...[
    'staging.env.2025-11-02',
    'staging.env.bak.2',
    '.staging.env.swp',
    '#staging.env#',
    '.#staging.env',
    '._staging.env',
    'staging.env (1)',
    'staging copy.env',
    'staging.env.tmp',
    '.env~',
  ],
  ...['old-staging.env.txt', 'staging-secret-config-patch.yaml.bak', 'staging-secret-config-patch.yaml.example'],
  ...['staging.env.age', 'staging.env.gpg', 'staging.env.enc', 'staging.enc.env', 'recipients', 'staging.sops.yaml'],
  ...['README', 'README.md', 'readme.env', 'README.staging', '.gitkeep', '.gitignore', '.DS_Store', 'notes.txt'],
  ...['staging', 'staging.md', 'staging.yaml', 'staging.json', 'staging.config.yaml', 'staging.pem', 'staging.local'],
  ...[
    '.env.qatar',
    'qatar.env.local',
    '.env.prd',
    '.env.prod-eu',
    '.env.canary',
    '.env.backup',
    '.env.old',
    '.env.dist',
    '.env.sample',
    'common.env.local',
    'docker-compose.staging.yml',
    'staging-configmap.yml',
  ],
])('%j is nobody’s business', (name) => {
  expect(stray(name)).toEqual([]);
});

it('a folder is nobody’s business, nor is what is gone by now', () => {
  const envs = folderWith({ 'staging.env.local/x': '' });
  expect(strayFiles(envs, ['staging.env.local', '.env.staging', 'Prod.env'], known)).toEqual([]);
  expect(strayFiles(join(envs, 'nowhere'), [], known)).toEqual([]);
});

it('looks at no more names than it may', () => {
  const odd = Array.from({ length: limits.strayNames }, (_, index) => `notes-${index}`);
  const envs = folderWith({ '.env.staging': '' });
  expect(strayFiles(envs, [...odd.slice(1), '.env.staging'], known)).toHaveLength(1);
  expect(strayFiles(envs, [...odd, '.env.staging'], known)).toEqual([]);
  const examples = odd.map((name) => `${name}.env.example`);
  expect(strayFiles(envs, [...examples, '.env.staging'], known)).toHaveLength(1);
});

it('looks for a misspelt environment among no more than it may', () => {
  const envs = folderWith({ '.env.stagign': '', '.env.staging': '' });
  const others = Array.from({ length: limits.environmentsNear - 1 }, (_, index) => `x${index}`);
  const found = (environments: string[]) => strayFiles(envs, ['.env.stagign', '.env.staging'], new Set(environments));
  expect(found(['staging', ...others])).toHaveLength(2);
  expect(found(['staging', ...others, 'y'])).toHaveLength(1);
});
