import type { Manifest } from '../lib/output/yaml-text';
import { renderGoTemplate } from './go-template';

/** What this program writes of an ExternalSecret. */
export interface WrittenExternalSecret {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly refreshInterval: string;
    readonly secretStoreRef: { readonly name: string; readonly kind: string };
    readonly target: {
      readonly name: string;
      readonly template: {
        readonly type: string;
        readonly metadata: { readonly labels: Readonly<Record<string, string>> };
        readonly data?: Readonly<Record<string, string>>;
      };
    };
    readonly data: readonly {
      readonly secretKey: string;
      readonly remoteRef: { readonly key: string; readonly property?: string };
    }[];
  };
}

/**
 * The Secret that External Secrets makes of an ExternalSecret: with templates it has their keys, else those that were
 * fetched.
 * @param fetch what the store has; undefined where it has nothing
 * @throws {Error} where the operator would report one and make no Secret
 */
export function secretMadeOf(
  object: Manifest,
  fetch: (key: string, property: string | undefined) => string | undefined,
): Manifest {
  const { metadata, spec } = object as unknown as WrittenExternalSecret;
  const { target, data } = spec;
  if (data.length === 0) throw new Error('either data or dataFrom should be specified');
  const fetched = Object.fromEntries(
    data.map(({ secretKey, remoteRef: { key, property } }) => {
      const value = fetch(key, property);
      if (value === undefined) throw new Error(`Secret does not exist: ${key}`);
      return [secretKey, value];
    }),
  );
  const { type, metadata: made, data: templates } = target.template;
  const texts = templates
    ? Object.entries(templates).map(([key, template]) => [key, renderGoTemplate(template, fetched)] as const)
    : Object.entries(fetched);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: target.name, namespace: metadata.namespace, labels: made.labels },
    type,
    data: Object.fromEntries(texts.map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
  };
}
