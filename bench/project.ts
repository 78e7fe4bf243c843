import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeProject } from '../test/project';

/** Copies the program to a folder, with the fixture as its product. */
export function copyProject(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeProject(process.cwd(), folder);
  return folder;
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
const bundles = ['common', 'depot', 'kiosk'] as const;
const count = Number(process.env['BENCH_VARIABLES']) - 5;
const variables = Array.from({ length: count }, (_, i): [string, Declaration<(typeof bundles)[number]>] => {
  const bundle = bundles[i % bundles.length] ?? 'common';
  return [\`VARIABLE_\${i}\`, { kind: i % 2 === 0 ? 'secret' : 'config', bundle, type: text(), description }];
});

export const catalog = defineCatalog({
  app: 'bench',
  registryUser: 'robot',
  bundles: { common: { description, everyPod: true }, depot: { description }, kiosk: { description } },
  variables: {
    PD_ENV: { kind: 'infra', drives: 'environment', type: dnsLabel(), default: environmentName, description },
    POD_NAMESPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description },
    KUBE_CLUSTER: { kind: 'infra', drives: 'cluster', type: text(), description },
    REGISTRY_PATH: { kind: 'infra', drives: 'registry', type: registryPath(), description },
    REGISTRY_TOKEN: { kind: 'infra', drives: 'registry-password', sensitive: true, type: text(), description },
    ...Object.fromEntries(variables),
  },
});
`;

/** Writes both files of environments that fit the synthetic catalog. Every value is another one, and all are fakes. */
export function writeEnvironments(folder: string, environments: number, variables: number): string {
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < environments; number++) {
    const name = `env-${String(number).padStart(4, '0')}`;
    const secrets = [`REGISTRY_TOKEN=${fake(`${name} registry`, 40)}`];
    const config = [`POD_NAMESPACE=${name}`, 'KUBE_CLUSTER=bench', 'REGISTRY_PATH=registry.example.com/bench'];
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
