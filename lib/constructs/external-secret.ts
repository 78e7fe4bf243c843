import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { ExternalSecret } from '../../imports/external-secrets.io';
import type { SecretStore, StoreKey } from '../environment/secret-store';
import { writable } from './changed-texts';

export interface SecretFromStoreProps {
  /** Of the ExternalSecret; name and labels are those of the Secret, too. */
  readonly metadata: ApiObjectMetadata & { readonly name: string };
  /** The type of the Secret. */
  readonly type: string;
  readonly store: SecretStore;
  /** What is fetched: by the keys of the Secret or, with templates, by the names that these know it by. */
  readonly keys: ReadonlyMap<string, StoreKey>;
  /** By the keys of the Secret, where it does not hold what is fetched as it is. */
  readonly templates?: Readonly<Record<string, string>>;
}

/** An ExternalSecret, of which External Secrets makes a Secret of the same name, with the same labels. */
export class SecretFromStore extends ExternalSecret {
  constructor(scope: Construct, id: string, { metadata, type, store, keys, templates }: SecretFromStoreProps) {
    super(scope, id, {
      metadata,
      spec: {
        refreshInterval: store.refreshInterval,
        secretStoreRef: { name: store.name, kind: store.kind },
        target: {
          name: metadata.name,
          template: {
            engineVersion: 'v2',
            type,
            metadata: { labels: metadata.labels ?? {} },
            ...(templates && { data: templates }),
          },
        },
        data: [...keys].sort(byKey).map(([secretKey, { key, property }]) => ({
          secretKey,
          remoteRef: {
            key,
            ...(property !== undefined && { property }),
            ...asDefaulted,
          },
        })),
      },
    });
  }

  override toJson(): unknown {
    return writable(this, super.toJson());
  }
}

/** Some versions of the operator add these to each item of the list, and what compares lists would see a difference for ever. */
const asDefaulted = {
  conversionStrategy: 'Default',
  decodingStrategy: 'None',
  metadataPolicy: 'None',
};

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
