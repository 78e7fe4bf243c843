import { Testing } from 'cdk8s';
import { voiceAgent } from '../catalog/voice-agent';
import { Sensitive } from '../environment/sensitive';
import type { Values } from '../environment/values';
import { RevealSecrets } from '../output/reveal';
import { EnvironmentApp } from './environment-app';

const values: Values<typeof voiceAgent> = {
  K8_ENV: 'test',
  K8S_NAMESPACE: 'voice-agent-test',
  K8S_NAMESPACE_CREATE: 'false',
  CLUSTER_NAME: 'test-cluster',
  REGISTRY_BASE: 'registry.example.com/voice-agent',
  SCW_SECRET_KEY: new Sensitive('fake-scaleway'),
  LIVEKIT_API_KEY: new Sensitive('fake-livekit'),
  LIVEKIT_API_SECRET: new Sensitive('fake-livekit'),
  LIVEKIT_URL: 'wss://livekit.example.com',
  DOMAIN: 'app.example.com',
  CARTESIA_API_KEY: new Sensitive('fake-cartesia'),
  OPENAI_API_KEY: new Sensitive('fake-openai'),
  DEEPGRAM_API_KEY: new Sensitive('fake-deepgram'),
  ENV_MODE: 'staging',
  LOG_LEVEL: 'info',
  METRICS_ENABLED: 'true',
  NODE_ENV: 'production',
  CACHE_ENABLED: 'true',
};

it('makes the objects of an environment from typed values, without a file', () => {
  const app = new EnvironmentApp(
    { catalog: voiceAgent, environment: 'test', values },
    { resolvers: [new RevealSecrets()] },
  );
  const objects = Testing.synth(app.manifests).map(({ kind, metadata, data }) => [
    kind,
    metadata.name,
    Object.keys(data ?? {}),
  ]);
  expect(objects).toEqual([
    ['Secret', 'shared-secrets', ['LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET']],
    ['ConfigMap', 'shared-config', ['DOMAIN', 'LIVEKIT_URL']],
    ['Secret', 'agent-secrets', ['CARTESIA_API_KEY', 'DEEPGRAM_API_KEY', 'OPENAI_API_KEY']],
    ['ConfigMap', 'agent-config', ['ENV_MODE', 'LOG_LEVEL', 'METRICS_ENABLED']],
    ['Secret', 'front-secrets', []],
    ['ConfigMap', 'front-config', ['CACHE_ENABLED', 'NODE_ENV']],
    ['Secret', 'registry-credentials', ['.dockerconfigjson']],
  ]);
});

it('cannot be rendered by accident: without a resolver the secrets stay sealed', () => {
  const app = new EnvironmentApp({ catalog: voiceAgent, environment: 'test', values });
  expect(() => Testing.synth(app.manifests)).toThrow(/can't render non-simple object of type 'Sensitive'/);
});

it('puts no sensitive value into a ConfigMap', () => {
  const wrong = { ...values, DOMAIN: new Sensitive('fake') } as unknown as typeof values;
  expect(() => new EnvironmentApp({ catalog: voiceAgent, environment: 'test', values: wrong })).toThrow(
    /DOMAIN is sensitive/,
  );
});
