import { Construct } from 'constructs';
import { registryCredentials } from '../catalog/catalog';
import type { SecretStore, StoreKey } from '../environment/secret-store';
import { asSensitive, mapText, Sensitive, type Text } from '../environment/sensitive';
import { SensitiveSecret } from './data-objects';
import { SecretFromStore } from './external-secret';
import { type CommonProps, labelsFor } from './labels';

export interface RegistryCredentialsProps extends CommonProps {
  /** `host[:port]` */
  readonly server: string;
  readonly user: Text;
  readonly password: Sensitive;
}

/** The image pull secret `registry-credentials`, of the same content as `kubectl create secret docker-registry` makes. */
export class RegistryCredentials extends Construct {
  constructor(scope: Construct, id: string, { server, user, password, ...common }: RegistryCredentialsProps) {
    super(scope, id);
    const auth = mapText(Sensitive.join([user, ':', password]), (login) => Buffer.from(login).toString('base64'));
    const dockerConfig = sensitiveJson({ auths: { [server]: { username: user, password, auth } } });
    const data = { [registryCredentials.key]: dockerConfig };
    new SensitiveSecret(this, 'secret', { metadata: metadataOf(common), type: dockerConfigType, data });
  }
}

const dockerConfigType = 'kubernetes.io/dockerconfigjson';

function metadataOf(common: CommonProps) {
  return {
    name: registryCredentials.name,
    namespace: common.namespace,
    labels: labelsFor(common, registryCredentials.component),
  };
}

export interface StoredRegistryCredentialsProps extends CommonProps {
  /** `host[:port]` */
  readonly server: string;
  readonly store: SecretStore;
  /** The user, or where it is in the store. */
  readonly user: string | StoreKey;
  readonly password: StoreKey;
}

/** The same Secret, byte for byte, made by the operator of a password that is in a store. */
export class StoredRegistryCredentials extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { server, store, user, password, ...common }: StoredRegistryCredentialsProps,
  ) {
    super(scope, id);
    const keys = new Map([['password', password]]);
    if (typeof user !== 'string') keys.set('user', user);
    // A text in JSON is one in Go, too.
    const login = typeof user === 'string' ? JSON.stringify(user) : '.user';
    // Other than toJson, toRawJson leaves <, > and & as they are.
    const name = typeof user === 'string' ? asTemplate(jsonOf(user)) : '{{ .user | toRawJson }}';
    const auth = `{{ printf "%s:%s" ${login} .password | b64enc }}`;
    const template = `{"auths":{${asTemplate(JSON.stringify(server))}:{"username":${name},"password":{{ .password | toRawJson }},"auth":"${auth}"}}}`;
    new SecretFromStore(this, 'secret', {
      metadata: metadataOf(common),
      type: dockerConfigType,
      store,
      keys,
      templates: { [registryCredentials.key]: template },
    });
  }
}

/** A text as a Go template that gives it back. */
function asTemplate(text: string): string {
  return text.replaceAll('{{', '{{"{{"}}');
}

/** As kubectl and the operator write it: Go escapes the two line separators. */
function jsonOf(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** JSON of objects whose texts may be sensitive. */
function sensitiveJson(value: SensitiveTree): Sensitive {
  const parts = (node: SensitiveTree): Text[] => {
    if (typeof node === 'string' || node instanceof Sensitive) return [mapText(node, jsonOf)];
    const entries = Object.entries(node);
    const members = entries.flatMap(([key, child], i) => [
      `${i === 0 ? '' : ','}${JSON.stringify(key)}:`,
      ...parts(child),
    ]);
    return ['{', ...members, '}'];
  };
  return asSensitive(Sensitive.join(parts(value)));
}

type SensitiveTree = Text | { readonly [key: string]: SensitiveTree };
