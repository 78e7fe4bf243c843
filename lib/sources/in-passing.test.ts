import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../../test/run';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { limits } from '../environment/limits';
import { Sensitive } from '../environment/sensitive';
import type { Source } from '../environment/source';
import { summarise } from '../environment/summary';
import { createGlance } from './in-passing';

const description = 'fake';
const catalog = defineCatalog({
  app: 'app',
  bundles: { common: { description } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description },
    CLUSTER: { kind: 'infra', drives: 'cluster', type: text(), description },
    TEAM: { kind: 'config', bundle: 'common', type: text(), description },
    SECRET: { kind: 'secret', bundle: 'common', type: text(), description },
  },
});

const config = 'SPACE=space\nCLUSTER=cluster\n';
const large = (size: number) => `#${'x'.repeat(size - 2)}\n`;

/** What is known of where x is deployed to, and the sources that say so. */
async function glanceAt(
  files: Readonly<Record<string, string>>,
): Promise<{ target: string; sources: readonly Source[] }> {
  const resolved = await createGlance(catalog, folderWith(files))('x');
  const { cluster, namespace } = summarise(catalog, 'x', resolved).target;
  return { target: `${namespace} on ${cluster}`, sources: resolved.sources };
}

it.each([
  ['the config file', { 'x.config.env': config }, 'space on cluster'],
  ['the env file, which is above it', { 'x.config.env': config, 'x.env': 'SPACE=own\n' }, 'own on cluster'],
  [
    'what they read of each other',
    { 'x.config.env': `${config}TEAM=a\n`, 'x.env': 'SPACE=${TEAM}-${CLUSTER}\n' },
    'a-cluster on cluster',
  ],
  [
    'a file with all sorts of mistakes',
    { 'x.config.env': `A=\na\n=\n"\nSECRET='\n${config}SPACE=last\n` },
    'last on cluster',
  ],
  [
    'one as large as may be',
    { 'x.config.env': config + large(limits.fileBytesInPassing - config.length) },
    'space on cluster',
  ],
  ['no file at all', {}, 'undefined on undefined'],
])('reads it from %s', async (_what, files, target) => {
  expect((await glanceAt(files)).target).toBe(target);
});

it('leaves out a file that is too large, and one that cannot be read', async () => {
  const tooLarge = `SPACE=own\n${large(limits.fileBytesInPassing)}`;
  expect((await glanceAt({ 'x.config.env': config, 'x.env': tooLarge })).target).toBe('space on cluster');
  const folder = folderWith({ 'x.config.env': config });
  mkdirSync(join(folder, 'x.env'));
  expect((await createGlance(catalog, folder)('x')).sources).toMatchObject([{ layer: 'config-file' }]);
});

it('reads no more than so much of all environments together', async () => {
  const size = limits.fileBytesInPassing;
  const names = Array.from({ length: limits.bytesInPassing / size + 3 }, (_, index) => `x${index}`);
  const folder = folderWith(
    Object.fromEntries(names.map((name) => [`${name}.config.env`, config + large(size - config.length)])),
  );
  const glance = createGlance(catalog, folder);
  const found = [];
  for (const name of names) found.push((await glance(name)).sources.length);
  expect(found).toEqual(names.map((_, index) => (index < limits.bytesInPassing / size ? 1 : 0)));
});

describe('a patch file', () => {
  const patch = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: common-config}\ndata: {TEAM: patched}\n';
  const files = { 'x.config.env': config, 'x-secret-config-patch.yml': patch };

  it('is not read where the two stand for themselves', async () => {
    expect((await glanceAt(files)).sources.map(({ layer }) => layer)).toEqual(['config-file']);
  });

  it('is read where one of them reads another variable', async () => {
    const { target, sources } = await glanceAt({ ...files, 'x.env': 'SPACE=${TEAM}\nTEAM=own\n' });
    expect([target, sources.map(({ layer }) => layer)]).toEqual([
      'patched on cluster',
      ['patch', 'env-file', 'config-file'],
    ]);
  });
});

it('keeps no secret', async () => {
  const { sources } = await glanceAt({
    'x.config.env': 'SPACE=${TEAM}${SECRET}\nCLUSTER=cluster\nTEAM=a\n',
    'x.env': 'SECRET=fake-secret\n',
    'x-secret-config-patch.yml':
      'apiVersion: v1\nkind: Secret\nmetadata: {name: common-secrets}\nstringData: {SECRET: fake-secret}\n',
  });
  const templates = sources.flatMap(({ assignments }) => assignments.flatMap(({ template }) => template));
  expect(templates.filter((part) => part instanceof Sensitive)).toEqual([]);
  expect(JSON.stringify(sources)).not.toContain('fake-secret');
});
