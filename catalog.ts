import { environmentName } from './lib/catalog/declaration';
import { defineCatalog } from './lib/catalog/define-catalog';
import { dnsLabel, flag, hostName, oneOf, registryPath, text, url } from './lib/catalog/value-type';

/**
 * Every variable of the Voice Agent, declared once. This is the one file to edit: manifests, checks, types, examples
 * and documents follow from it.
 *
 * - `secret` goes to the Secret `<bundle>-secrets`, `config` to the ConfigMap `<bundle>-config`;
 * - `infra` drives the output itself and reaches no pod.
 */
export const catalog = defineCatalog({
  app: 'voice-agent',
  registryUser: 'nologin', // Scaleway's registry takes the secret key as the password of this user.
  bundles: {
    shared: { description: 'What every pod needs', everyPod: true },
    agent: { description: 'The voice agent itself: LiveKit worker, speech and language models' },
    front: { description: 'The web front end' },
  },
  variables: {
    K8_ENV: {
      kind: 'infra',
      drives: 'environment',
      type: dnsLabel(),
      default: environmentName,
      description: "The environment's name; may be left out, may not contradict it",
    },
    K8S_NAMESPACE: {
      kind: 'infra',
      drives: 'namespace',
      type: dnsLabel(),
      description: 'The namespace that every object goes to',
    },
    K8S_NAMESPACE_CREATE: {
      kind: 'infra',
      drives: 'create-namespace',
      type: flag(),
      default: 'false',
      description: 'Write the Namespace too; then `kubectl delete -k` deletes every workload in it',
    },
    CLUSTER_NAME: {
      kind: 'infra',
      drives: 'cluster',
      type: text(),
      description: 'The cluster that the environment lives on',
    },
    REGISTRY_BASE: {
      kind: 'infra',
      drives: 'registry',
      type: registryPath(),
      description: 'Where the images are pulled from',
    },
    SCW_SECRET_KEY: {
      kind: 'infra',
      drives: 'registry-password',
      sensitive: true,
      mayBeReused: true, // one registry for the whole organisation
      type: text(),
      description: "Scaleway secret key, the registry's password",
    },
    SECRETS_BACKEND: {
      kind: 'infra',
      drives: 'secrets-backend',
      type: oneOf('kubernetes', 'external-secrets'),
      default: 'kubernetes',
      description: 'Whether Secrets are written, or made of a store by External Secrets',
    },
    SECRET_STORE: {
      kind: 'infra',
      drives: 'secret-store',
      type: text(),
      optional: true,
      description: 'The store that External Secrets reads',
    },
    SECRET_STORE_KIND: {
      kind: 'infra',
      drives: 'secret-store-kind',
      type: oneOf('SecretStore', 'ClusterSecretStore'),
      default: 'SecretStore',
      description: "Whether the store is the namespace's own or the cluster's",
    },
    SECRET_STORE_KEY: {
      kind: 'infra',
      drives: 'secret-store-key',
      type: text(),
      default: '{variable}',
      description: 'The key of a secret in the store, with {variable}, {environment}, {app}, {bundle}',
    },

    LIVEKIT_API_KEY: { kind: 'secret', bundle: 'shared', type: text(), description: 'LiveKit API key' },
    LIVEKIT_API_SECRET: {
      kind: 'secret',
      bundle: 'shared',
      type: text(),
      description: 'LiveKit API secret, signs tokens',
    },
    LIVEKIT_URL: {
      kind: 'config',
      bundle: 'shared',
      type: url('ws', 'wss', 'http', 'https'),
      description: 'The LiveKit server',
    },
    DOMAIN: { kind: 'config', bundle: 'shared', type: hostName(), description: 'The host name users reach the app by' },

    CARTESIA_API_KEY: {
      kind: 'secret',
      bundle: 'agent',
      type: text(),
      description: 'Cartesia API key, text to speech',
    },
    OPENAI_API_KEY: { kind: 'secret', bundle: 'agent', type: text(), description: 'OpenAI API key, language model' },
    DEEPGRAM_API_KEY: {
      kind: 'secret',
      bundle: 'agent',
      type: text(),
      description: 'Deepgram API key, speech to text',
    },
    ENV_MODE: {
      kind: 'config',
      bundle: 'agent',
      type: oneOf('staging', 'prod'),
      followsEnvironment: true,
      description: "The agent's mode",
    },
    LOG_LEVEL: {
      kind: 'config',
      bundle: 'agent',
      type: oneOf('debug', 'info', 'warn', 'error'),
      default: 'info',
      description: 'The least severe message the agent logs',
    },
    METRICS_ENABLED: {
      kind: 'config',
      bundle: 'agent',
      type: flag(),
      default: 'true',
      description: 'Whether the agent serves metrics',
    },

    NODE_ENV: {
      kind: 'config',
      bundle: 'front',
      type: oneOf('production', 'development'),
      default: 'production',
      description: "The front end's Node.js mode",
    },
    CACHE_ENABLED: {
      kind: 'config',
      bundle: 'front',
      type: flag(),
      default: 'true',
      description: 'Whether the front end caches',
    },
  },
});
