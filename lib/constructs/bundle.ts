import { Construct } from 'constructs';
import type { BundleObject } from '../catalog/catalog';
import type { SecretStore } from '../environment/secret-store';
import { Sensitive, type Text } from '../environment/sensitive';
import type { AnyValues } from '../environment/values';
import { PlainConfigMap, SensitiveSecret } from './data-objects';
import { SecretFromStore } from './external-secret';
import { type CommonProps, labelsFor } from './labels';

export interface BundleProps extends CommonProps {
  /** Of one bundle: its Secret and its ConfigMap. */
  readonly objects: readonly BundleObject[];
  readonly values: AnyValues;
  /** Where its secrets are, if not among the values. */
  readonly store?: SecretStore | undefined;
}

/**
 * What the pods of one bundle load with envFrom: the Secret `<bundle>-secrets` and the ConfigMap `<bundle>-config`.
 * Both are always there, empty ones too: pods may name them, and an object left out would live on in the cluster.
 */
export class Bundle extends Construct {
  constructor(scope: Construct, id: string, { objects, values, store, ...common }: BundleProps) {
    super(scope, id);
    for (const { kind, name, bundle, variables } of objects) {
      const metadata = { name, namespace: common.namespace, labels: labelsFor(common, bundle) };
      const stored = [...variables].filter(([, variable]) => kind === 'Secret' && store?.holds(variable));
      if (store && stored.length > 0) {
        const keys = new Map(stored.map(([key, variable]) => [key, store.keyOf(variable, bundle)]));
        new SecretFromStore(this, name, { metadata, type: 'Opaque', store, keys });
      } else if (kind === 'Secret' && store) {
        new SensitiveSecret(this, name, { metadata, type: 'Opaque', data: {} }); // the operator refuses one without keys
      } else if (kind === 'Secret') {
        new SensitiveSecret(this, name, { metadata, type: 'Opaque', data: dataOf(variables, values, sensitiveOnly) });
      } else {
        new PlainConfigMap(this, name, { metadata, data: dataOf(variables, values, plainOnly) });
      }
    }
  }
}

/** The values of an object by their keys, each as it has to be. */
function dataOf<T>(
  variables: BundleObject['variables'],
  values: AnyValues,
  as: (key: string, value: Text) => T,
): Record<string, T> {
  const data: Record<string, T> = {};
  for (const [key, { name }] of variables) {
    const value = values[name];
    if (value !== undefined) data[key] = as(key, value);
  }
  return data;
}

/** @throws {TypeError} on a plain text: a secret that is one could have been printed on its way */
function sensitiveOnly(key: string, value: Text): Sensitive {
  if (typeof value === 'string') throw new TypeError(`${key} is a secret and must be sensitive`);
  return value;
}

/** @throws {TypeError} on a sensitive value: a ConfigMap is no place for one */
function plainOnly(key: string, value: Text): string {
  if (value instanceof Sensitive) throw new TypeError(`${key} is sensitive and cannot go to a ConfigMap`);
  return value;
}
