import { folderWith } from '../../test/run';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { evaluateEnvironments } from './environments';

it('compares no environment with one that does not exist', async () => {
  const catalog = defineCatalog({
    app: 'any',
    bundles: { web: { description: 'Web pods' } },
    variables: {
      ENVIRONMENT: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'The name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'The namespace', default: 'space' },
      CLUSTER: { kind: 'infra', drives: 'cluster', type: text(), description: 'The cluster', default: 'cluster' },
    },
  });
  const envs = folderWith({ 'a.env': 'ENVIRONMENT=a\n', 'b.env': 'ENVIRONMENT=b\n' });
  const problems = async (...names: string[]) => {
    const found = [];
    for await (const outcome of evaluateEnvironments(catalog, names, { envs })) {
      found.push([
        outcome.environment,
        outcome.problems.filter(({ severity }) => severity === 'error').map(({ code }) => code),
      ]);
    }
    return found;
  };
  expect(await problems('a', 'b')).toEqual([
    ['a', ['shared-target']],
    ['b', ['shared-target']],
  ]);
  expect(await problems('a', 'fake-secret')).toEqual([
    ['a', []],
    ['argument 2', ['unknown-environment']],
  ]);
});
