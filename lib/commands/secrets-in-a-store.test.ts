import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { itWithKubectl, type KubernetesObject, kustomize } from '../../test/kubectl';
import { folderWith, run, validEnvironment } from '../../test/run';

// What the commands make of an environment whose secrets are in a store.

const secrets = ['REGISTRY_TOKEN', 'PARTNER_API_KEY', 'PARTNER_API_SECRET', 'GEOCODES_API_KEY', 'POSTAL_API_KEY'];
const none = Object.fromEntries([...secrets, 'LOCATION_API_KEY'].map((name) => [name, '']));
const inStore = { ...none, SECRETS_FROM: 'external-secrets', VAULT: 'vault' };

/** A project whose environment x has these values, and what commands say there. */
function project(values: Readonly<Record<string, string>>) {
  const root = folderWith();
  const set = (changes: Readonly<Record<string, string>>, name = 'x') => {
    mkdirSync(join(root, 'envs'), { recursive: true });
    writeFileSync(join(root, 'envs', `${name}.env`), validEnvironment(name, changes), { mode: 0o600 });
  };
  set(values);
  const command = (...args: string[]) => run([...args, '--envs', join(root, 'envs')]);
  const folder = join(root, 'deploy/x');
  return {
    root,
    folder,
    set,
    command,
    synth: () => command('synth', 'x', '--out', join(root, 'deploy')),
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort(),
  };
}

const committed = ['environment.json', 'kustomization.yaml', 'parcel-desk.k8s.yaml', 'rollout/kustomization.yaml'];

describe('the folder', () => {
  it('has no .gitignore and may be committed; the same input gives the same bytes', async () => {
    const { synth, files, folder } = project(inStore);
    expect(await synth()).toMatchObject({ status: 0, stderr: '' });
    expect(files()).toEqual(committed);
    const before = readFileSync(join(folder, 'environment.json'), 'utf8');
    expect((await synth()).stdout).toContain('is up to date (7 objects)');
    expect(files()).toEqual(committed);
    expect(JSON.parse(before).objects).toEqual([
      { kind: 'ExternalSecret', name: 'common-secrets' },
      { kind: 'ConfigMap', name: 'common-config' },
      { kind: 'ExternalSecret', name: 'depot-secrets' },
      { kind: 'ConfigMap', name: 'depot-config' },
      { kind: 'Secret', name: 'kiosk-secrets' },
      { kind: 'ConfigMap', name: 'kiosk-config' },
      { kind: 'ExternalSecret', name: 'registry-credentials' },
    ]);
  });

  it('keeps nothing of what was before: git does', async () => {
    const { set, synth, files } = project(inStore);
    await synth();
    set({ ...inStore, LOG_FLOOR: 'debug' });
    expect((await synth()).stdout).toContain('wrote 7 objects');
    expect(files()).toEqual(committed);
  });

  it('loses the secrets of a time when they were written, and only then its .gitignore', async () => {
    const { set, synth, files, folder } = project({});
    await synth();
    set({ LOG_FLOOR: 'debug' });
    await synth();
    expect(files()).toEqual(
      [
        '.gitignore',
        ...committed,
        ...['environment.json', 'kustomization.yaml', 'parcel-desk.k8s.yaml'].map((name) => `previous/${name}`),
      ].sort(),
    );
    set(inStore);
    await synth();
    expect(files()).toEqual(committed);
    expect(existsSync(join(folder, 'previous'))).toBe(false);
    expect(existsSync(join(project(inStore).root, 'deploy'))).toBe(false);
  });

  it('gets its .gitignore back before a secret', async () => {
    const { set, synth, files, folder } = project(inStore);
    await synth();
    set({});
    await synth();
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*\n');
    expect(files()).toContain('.gitignore');
  });

  it('keeps a .gitignore that somebody else wrote', async () => {
    const { synth, folder } = project(inStore);
    await synth();
    writeFileSync(join(folder, '.gitignore'), 'notes.txt\n');
    await synth();
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('notes.txt\n');
  });

  it.each([
    ['before its manifests', ['.gitignore']],
    ['before its kustomization', ['.gitignore', 'parcel-desk.k8s.yaml', 'environment.json']],
    ['before its .gitignore was removed', ['.gitignore', ...committed]],
  ])('is its own where a run was killed %s', async (_when, left) => {
    const { synth, folder, files } = project(inStore);
    await synth();
    writeFileSync(join(folder, '.gitignore'), '*\n');
    for (const name of files()) if (!left.includes(name)) rmSync(join(folder, name));
    expect(await synth()).toMatchObject({ status: 0, stderr: '' });
    expect(files()).toEqual(committed);
  });

  itWithKubectl('is what kubectl reads', async () => {
    const { synth, folder } = project(inStore);
    await synth();
    expect(kustomize(folder).map(({ kind }) => kind)).toContain('ExternalSecret');
  });
});

describe('what changes', () => {
  it('is named by the keys that are fetched', async () => {
    const { set, synth } = project(inStore);
    await synth();
    set({ ...inStore, VAULT_OPTIONAL: 'SUPPORT_TOKEN', VAULT_KEY: '{bundle}-{variable}' });
    const { stdout } = await synth();
    expect(stdout).toMatch(/ExternalSecret\/depot-secrets +changed GEOCODES_API_KEY, .*; added SUPPORT_TOKEN\n/);
    expect(stdout).toMatch(/ExternalSecret\/kiosk-secrets +new/);
    expect(stdout).toMatch(/Secret\/kiosk-secrets +no longer written/);
  });

  it('is said of an object where the store is another one', async () => {
    const { set, synth } = project(inStore);
    await synth();
    set({ ...inStore, VAULT: 'other' });
    expect((await synth()).stdout).toMatch(
      /ExternalSecret\/depot-secrets +other namespace, labels, store or interval\n/,
    );
  });

  it('between environments is the place of secrets, which are not compared by value', async () => {
    const { set, command } = project(inStore);
    set({ ...inStore, POD_NAMESPACE: 'y', VAULT: 'other' }, 'y');
    const { status, stdout } = await command('diff', 'x', 'y');
    expect(status).toBe(1);
    expect(stdout).toMatch(/VAULT +different +vault +other/);
    expect(stdout).toMatch(/POSTAL_API_KEY +not compared +\(external\) +\(external\)/);
    expect(stdout).toContain('6 not compared: only the cluster reads what a store has');
  });

  it('gives pods another checksum where a key more is fetched, and none where only the interval is another', async () => {
    const { set, synth, folder } = project(inStore);
    const checksums = () =>
      Object.fromEntries(
        [
          ...readFileSync(join(folder, 'rollout/kustomization.yaml'), 'utf8').matchAll(
            /checksum-(\w+)\W+([0-9a-f]{32})/g,
          ),
        ].map(([, bundle, checksum]) => [bundle, checksum]),
      );
    await synth();
    const before = checksums();
    expect(Object.keys(before)).toEqual(['common', 'depot', 'kiosk']);
    set({ ...inStore, VAULT_REFRESH: '5m' });
    await synth();
    expect(checksums()).toEqual(before);
    set({ ...inStore, VAULT_OPTIONAL: 'SUPPORT_TOKEN' }); // of depot and kiosk
    await synth();
    const more = checksums();
    expect(more['common']).toBe(before['common']);
    for (const bundle of ['depot', 'kiosk']) expect(more[bundle]).not.toBe(before[bundle]);
    set({ ...inStore, VAULT_OPTIONAL: 'SUPPORT_TOKEN, KIOSK_CERTIFICATE' });
    await synth();
    expect({ ...checksums(), kiosk: '' }).toEqual({ ...more, kiosk: '' });
    expect(checksums()['kiosk']).not.toBe(more['kiosk']);
  });
});

it('says where the store has each', async () => {
  const patterns = { VAULT_KEY: '{environment}/{bundle}', VAULT_PROPERTY: '{variable}' };
  const { command, set } = project({ ...inStore, ...patterns, VAULT_OPTIONAL: 'SUPPORT_TOKEN' });
  const { stdout } = await command('check', 'x');
  expect(stdout).toMatch(/^ {2}POSTAL_API_KEY +\(external\) +vault: x\/depot \(POSTAL_API_KEY\)$/m);
  expect(stdout).toMatch(/^ {2}REGISTRY_TOKEN +\(external\) +vault: x\/registry \(REGISTRY_TOKEN\)$/m);
  expect((await command('check', 'x', 'SUPPORT_TOKEN')).stdout).toMatch(
    /^store +vault: x\/depot \(SUPPORT_TOKEN\), x\/kiosk \(SUPPORT_TOKEN\)$/m,
  );
  set({ ...inStore, VAULT: 'Not_A_Name' });
  expect((await command('check', 'x')).stdout).not.toContain('Not_A_Name');
});

it('says of none that it is missing where nobody knows whether a store has it', async () => {
  const { command } = project({ ...inStore, SECRETS_FROM: 'external_secrets' });
  const { stdout } = await command('check', 'x', '--json');
  const [{ problems, variables }] = JSON.parse(stdout).environments;
  expect(problems.map(({ code, variable }: { code: string; variable: string }) => [code, variable])).toEqual([
    ['invalid-value', 'SECRETS_FROM'],
  ]);
  const { status } = variables.find(({ name }: { name: string }) => name === 'POSTAL_API_KEY');
  expect(status).toBe('invalid');
  expect(await command('check', 'x', 'POSTAL_API_KEY')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('SECRETS_FROM'),
  });
});

it('knows the keys that pods load', async () => {
  const container = (key: string) => ({
    name: 'main',
    image: 'fake',
    envFrom: ['common', 'depot', 'kiosk'].flatMap((bundle) => [
      { secretRef: { name: `${bundle}-secrets` } },
      { configMapRef: { name: `${bundle}-config` } },
    ]),
    env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'kiosk-secrets', key } } }],
  });
  const workload = (key: string) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'depot', namespace: 'parcel-desk-x' },
    spec: {
      template: { spec: { imagePullSecrets: [{ name: 'registry-credentials' }], containers: [container(key)] } },
    },
  });
  const { root, command } = project({ ...inStore, VAULT_OPTIONAL: 'KIOSK_CERTIFICATE' });
  const codes = async (key: string, rendered = '') => {
    writeFileSync(join(root, 'workload.yaml'), `${rendered}---\n${JSON.stringify(workload(key))}\n`);
    const { stdout } = await command('check', 'x', '--workloads', join(root, 'workload.yaml'), '--json');
    return JSON.parse(stdout).environments[0].problems.map(({ code }: { code: string }) => code);
  };
  const { stdout } = await command('synth', 'x', '--stdout');
  for (const rendered of ['', stdout]) {
    expect(await codes('TLS_CERTIFICATE', rendered)).toEqual([]);
    expect(await codes('SUPPORT_TOKEN', rendered)).toEqual(['unknown-reference']); // optional, and not said to be there
  }
});

it('prints manifests for kubectl, too', async () => {
  const { command } = project(inStore);
  const { stdout } = await command('synth', 'x', '--stdout');
  const kinds = parseAllDocuments(stdout).map((each) => (each.toJS() as KubernetesObject).kind);
  expect(kinds.filter((kind) => kind === 'ExternalSecret')).toHaveLength(3);
});

describe('files for people', () => {
  const config = (values: Readonly<Record<string, string>>, name = 'x') =>
    validEnvironment(name, { ...none, ...values }).replace(/^\w+=\n/gm, '');
  const committedFile = config({ SECRETS_FROM: 'external-secrets', VAULT: 'vault' });

  it('ask for no secret that the store has: the example', async () => {
    const root = folderWith({ 'envs/x.config.env': committedFile, 'docs/.keep': '' });
    await run(['docs', '--envs', join(root, 'envs')]);
    expect(readFileSync(join(root, 'envs/x.env.example'), 'utf8')).toBe(
      '# x: nothing to fill in. A store has its secrets: x.config.env says which.\n# Generated by npm run docs from the catalog.\n',
    );
  });

  it('ask for no secret that the store has: those of a new environment', async () => {
    const root = folderWith({ 'envs/x.config.env': committedFile });
    const { status, stdout } = await run(['new', 'fresh', '--from', 'x', '--envs', join(root, 'envs')]);
    expect([status, readFileSync(join(root, 'envs/fresh.env'), 'utf8')]).toEqual([
      0,
      expect.not.stringContaining('POSTAL_API_KEY'),
    ]);
    expect(stdout).not.toContain('POSTAL_API_KEY');
  });

  it('ask for no secret that the store has: what the catalog has gained', async () => {
    const root = folderWith({ 'envs/x.config.env': committedFile });
    await run(['new', 'x', '--top-up', '--envs', join(root, 'envs')]);
    expect(existsSync(join(root, 'envs/x.env'))).toBe(false);
  });
});
