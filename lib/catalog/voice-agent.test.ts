import { catalog as voiceAgent } from '../../catalog';
import { Sensitive } from '../environment/sensitive';
import type { Values } from '../environment/values';

it('declares what the Voice Agent has always had where pods look for it', () => {
  const objects = voiceAgent.objects.map(({ name, variables }) => [name, [...variables.keys()]]);
  expect(Object.fromEntries(objects)).toMatchObject({
    'shared-secrets': expect.arrayContaining(['LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET']),
    'shared-config': expect.arrayContaining(['DOMAIN', 'LIVEKIT_URL']),
    'agent-secrets': expect.arrayContaining(['CARTESIA_API_KEY', 'DEEPGRAM_API_KEY', 'OPENAI_API_KEY']),
    'agent-config': expect.arrayContaining(['ENV_MODE', 'LOG_LEVEL', 'METRICS_ENABLED']),
    'front-secrets': expect.any(Array),
    'front-config': expect.arrayContaining(['CACHE_ENABLED', 'NODE_ENV']),
  });
  const infra = [...voiceAgent.variables.values()].filter(({ kind }) => kind === 'infra');
  expect(infra.map(({ name, sensitive }) => `${name}${sensitive ? ' (sensitive)' : ''}`)).toEqual(
    expect.arrayContaining([
      'K8_ENV',
      'K8S_NAMESPACE',
      'K8S_NAMESPACE_CREATE',
      'CLUSTER_NAME',
      'REGISTRY_BASE',
      'SCW_SECRET_KEY (sensitive)',
    ]),
  );
});

it('gives the values of an environment a type of their own', () => {
  // This test is one for the type checker: the values of each variable, and what it must refuse.
  const level: Values<typeof voiceAgent>['LOG_LEVEL'] = 'debug';
  const metrics: Values<typeof voiceAgent>['METRICS_ENABLED'] = 'true';
  const key: Values<typeof voiceAgent>['OPENAI_API_KEY'] = new Sensitive('fake');
  const registryKey: Values<typeof voiceAgent>['SCW_SECRET_KEY'] = new Sensitive('fake');
  // @ts-expect-error: not a level
  const loud: Values<typeof voiceAgent>['LOG_LEVEL'] = 'loud';
  // @ts-expect-error: a secret is never a plain text
  const plain: Values<typeof voiceAgent>['OPENAI_API_KEY'] = 'fake';
  // @ts-expect-error: not in the catalog
  const unknown: Values<typeof voiceAgent>['OPENAI_API_KEI'] = 'fake';
  expect([level, metrics, key, registryKey, loud, plain, unknown]).toHaveLength(7);
});
