import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const parts = [
  'launch.js',
  'launch-cache.js',
  'main.ts',
  'catalog.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'lib',
  'imports',
  'envs',
];

/** Copies the program to a folder, with a cache of its own and this repository's dependencies. */
export function copyProject(folder: string): string {
  for (const name of parts) cpSync(name, join(folder, name), { recursive: true });
  linkDependencies(folder);
  return folder;
}

export function linkDependencies(folder: string): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  for (const name of readdirSync('node_modules')) {
    if (name !== '.cache') symlinkSync(join(process.cwd(), 'node_modules', name), join(folder, 'node_modules', name));
  }
}

/**
 * A catalog of as many variables as BENCH_VARIABLES says, half of them secrets, over three bundles. Read when it runs,
 * so that runs with different counts share one bundle, as runs of one catalog do.
 */
export const syntheticCatalog = `
import { type Declaration, environmentName } from './lib/catalog/declaration';
import { defineCatalog } from './lib/catalog/define-catalog';
import { dnsLabel, registryPath, text } from './lib/catalog/value-type';

const description = 'One of many';
const bundles = ['shared', 'agent', 'front'] as const;
const count = Number(process.env['BENCH_VARIABLES']) - 5;
const variables = Array.from({ length: count }, (_, i): [string, Declaration<(typeof bundles)[number]>] => {
  const bundle = bundles[i % bundles.length] ?? 'shared';
  return [\`VARIABLE_\${i}\`, { kind: i % 2 === 0 ? 'secret' : 'config', bundle, type: text(), description }];
});

export const catalog = defineCatalog({
  app: 'voice-agent',
  registryUser: 'robot',
  bundles: { shared: { description, everyPod: true }, agent: { description }, front: { description } },
  variables: {
    K8_ENV: { kind: 'infra', drives: 'environment', type: dnsLabel(), default: environmentName, description },
    K8S_NAMESPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description },
    CLUSTER_NAME: { kind: 'infra', drives: 'cluster', type: text(), description },
    REGISTRY_BASE: { kind: 'infra', drives: 'registry', type: registryPath(), description },
    SCW_SECRET_KEY: { kind: 'infra', drives: 'registry-password', sensitive: true, type: text(), description },
    ...Object.fromEntries(variables),
  },
});
`;

/** Writes both files of environments that fit the synthetic catalog. Every value is another one, and all are fakes. */
export function writeEnvironments(folder: string, environments: number, variables: number): string {
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < environments; number++) {
    const name = `env-${String(number).padStart(4, '0')}`;
    const secrets = [`SCW_SECRET_KEY=${fake(`${name} registry`, 40)}`];
    const config = [`K8S_NAMESPACE=${name}`, 'CLUSTER_NAME=bench', 'REGISTRY_BASE=registry.example.com/voice-agent'];
    for (let i = 0; i < variables - 5; i++) {
      if (i % 2 === 0) secrets.push(`VARIABLE_${i}=${fake(`${name} ${i}`, 40)}`);
      else config.push(`VARIABLE_${i}=${fake(`${name} ${i}`, 16)}`);
    }
    writeFileSync(join(folder, `${name}.env`), `${secrets.join('\n')}\n`, { mode: 0o600 });
    writeFileSync(join(folder, `${name}.config.env`), `${config.join('\n')}\n`);
  }
  return folder;
}

function fake(seed: string, length: number): string {
  return `fake-${createHash('sha256').update(seed).digest('hex').slice(0, length)}`;
}
