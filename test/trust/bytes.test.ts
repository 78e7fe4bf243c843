import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Declaration } from '../../lib/catalog/declaration';
import { defineCatalog } from '../../lib/catalog/define-catalog';
import { dnsLabel, text } from '../../lib/catalog/value-type';
import { synth } from '../../lib/commands/synth';
import { holdsCredentialShape, holdsUrlCredentials } from '../../lib/environment/checks/credential-shapes';
import { escapePlaceholders } from '../../lib/environment/template';
import { yamlText } from '../../lib/output/yaml-text';
import { envLine } from '../../lib/report/env-line-text';
import { anyText, foundTexts } from '../hostile-texts';
import { itWithKubectl, kustomize, valuesIn } from '../kubectl';
import { captureHost, folderWith } from '../run';

// SECURITY.md promises that every value reaches the pod byte for byte, whichever way it comes in. Strings of every sort
// go in, and are compared with what the real kubectl kustomize gives back.

const seed = Number(process.env['FC_SEED'] ?? randomInt(2 ** 31));
const batchSize = 300;
const batchesPerRoute = 2; // eight routes: 4,800 strings a run
process.stderr.write(`byte exactness: FC_SEED=${seed} repeats this run\n`);

const fitsConfigMap = (value: string) =>
  !/[\u007f-\u009f\ufffe\uffff]/.test(value) && !holdsCredentialShape(value) && !holdsUrlCredentials(value);

type Route = 'process-env' | 'patch' | 'env-file' | 'json';

/** Sends values in by a route and returns what pods would get. */
async function roundTrip(
  values: readonly string[],
  kind: 'secret' | 'config',
  route: Route,
): Promise<(string | undefined)[]> {
  const names = values.map((_, i) => `V${i}`);
  const catalog = defineCatalog({
    app: 'app',
    bundles: { b: { description: 'b' } },
    variables: {
      NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), default: 'space', description: 'namespace' },
      ...Object.fromEntries(
        names.map((name) => [name, { kind, bundle: 'b', type: text(), verbatim: true, description: name }]),
      ),
    } as Readonly<Record<string, Declaration<'b'>>>,
  });
  const given = Object.fromEntries(values.map((value, i) => [`V${i}`, escapePlaceholders(value)]));
  const object = kind === 'secret' ? 'b-secrets' : 'b-config';
  const patch = {
    apiVersion: 'v1',
    kind: kind === 'secret' ? 'Secret' : 'ConfigMap',
    metadata: { name: object },
    [kind === 'secret' ? 'stringData' : 'data']: given,
  };
  const envs = folderWith({
    'x.env': `NAME=x\n${
      route === 'env-file'
        ? Object.entries(given)
            .map(([name, value]) => `${envLine(name, value)}\n`)
            .join('')
        : ''
    }`,
    ...(route === 'patch' && { 'x-secret-config-patch.yml': yamlText([patch]) }),
  });
  const out = folderWith();
  const { host, written } = captureHost({
    env: route === 'process-env' ? given : {},
    ...(route === 'json' && { stdin: JSON.stringify({ NAME: 'x', ...given }) }),
  });
  const door = {
    ...(route === 'process-env' && { fromEnv: true as const }),
    ...(route === 'json' && { fromEnvFile: '-' }),
  };
  const status = await synth(catalog, ['x'], { envs, out, ...door }, host);
  if (status !== 0) throw new Error(written.stderr);
  const deployed = valuesIn(kustomize(join(out, 'x')));
  return names.map((name) => deployed.get(`${object}/${name}`));
}

/** Batches that fit in one object. */
function* fitting(values: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const value of values) {
    const size = Buffer.byteLength(value);
    if (bytes + size > 1_000_000) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(value);
    bytes += size;
  }
  yield batch;
}

const routes: readonly [kind: 'secret' | 'config', route: Route][] = [
  ['secret', 'process-env'],
  ['secret', 'patch'],
  ['secret', 'env-file'],
  ['secret', 'json'],
  ['config', 'process-env'],
  ['config', 'patch'],
  ['config', 'env-file'],
  ['config', 'json'],
];

describe.each(routes)('a %s through the %s', (kind, route) => {
  const carries = (value: string) =>
    (kind === 'secret' || fitsConfigMap(value)) &&
    (route !== 'env-file' || envLine('V', escapePlaceholders(value)) !== undefined) &&
    (route !== 'process-env' || !value.includes('\ufffd'));

  const check = async (values: readonly string[]) => {
    for (const batch of fitting(values.filter(carries))) {
      if (batch.length > 0) expect(await roundTrip(batch, kind, route)).toEqual(batch);
    }
  };

  itWithKubectl('comes back unchanged', async () => {
    await check(foundTexts);
    const batch = fc.array(anyText, { minLength: batchSize, maxLength: batchSize, size: 'max' });
    await fc.assert(fc.asyncProperty(batch, check), { seed, numRuns: batchesPerRoute, endOnFailure: false });
  });
});

it.each([
  ['a NUL', 'a\0b', 'a NUL'],
  ['a lone high surrogate', 'a\ud800', 'lone surrogate'],
  ['a lone low surrogate', '\udc00b', 'lone surrogate'],
])('refuses %s by the name of the variable', async (_what, value, reason) => {
  for (const kind of ['secret', 'config'] as const) {
    await expect(roundTrip([value], kind, 'process-env')).rejects.toThrow(
      new RegExp(`error\\[invalid-value\\] V0 .*${reason}`),
    );
  }
});
