import { Construct } from 'constructs';
import { registryCredentials } from '../catalog/catalog';
import { mapText, Sensitive, type Text } from '../environment/sensitive';
import { SealedSecret } from './data-objects';
import { type Commons, labelsFor } from './labels';

export interface RegistryCredentialsProps extends Commons {
  /** `host[:port]` */
  readonly server: string;
  readonly user: Text;
  readonly password: Sensitive;
}

/** The image pull secret `registry-credentials`, of the same content as `kubectl create secret docker-registry` makes. */
export class RegistryCredentials extends Construct {
  constructor(scope: Construct, id: string, { server, user, password, ...commons }: RegistryCredentialsProps) {
    super(scope, id);
    const auth = mapText(Sensitive.join([user, ':', password]), (login) => Buffer.from(login).toString('base64'));
    const dockerConfig = sealedJson({ auths: { [server]: { username: user, password, auth } } });
    new SealedSecret(this, 'secret', {
      metadata: {
        name: registryCredentials.name,
        namespace: commons.namespace,
        labels: labelsFor(commons, 'registry'),
      },
      type: 'kubernetes.io/dockerconfigjson',
      data: { [registryCredentials.key]: dockerConfig },
    });
  }
}

/** JSON of objects whose texts may be sensitive. */
function sealedJson(value: SealedTree): Sensitive {
  const parts = (node: SealedTree): Text[] => {
    if (typeof node === 'string' || node instanceof Sensitive) return [mapText(node, (text) => JSON.stringify(text))];
    const entries = Object.entries(node);
    const members = entries.flatMap(([key, child], i) => [
      `${i === 0 ? '' : ','}${JSON.stringify(key)}:`,
      ...parts(child),
    ]);
    return ['{', ...members, '}'];
  };
  const text = Sensitive.join(parts(value));
  return text instanceof Sensitive ? text : new Sensitive(text);
}

type SealedTree = Text | { readonly [key: string]: SealedTree };
