import { Construct } from 'constructs';
import { registryCredentials } from '../catalog/catalog';
import { mapText, Sensitive, type Text } from '../environment/sensitive';
import { SensitiveSecret } from './data-objects';
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
    new SensitiveSecret(this, 'secret', {
      metadata: {
        name: registryCredentials.name,
        namespace: common.namespace,
        labels: labelsFor(common, 'registry'),
      },
      type: 'kubernetes.io/dockerconfigjson',
      data: { [registryCredentials.key]: dockerConfig },
    });
  }
}

/** JSON of objects whose texts may be sensitive. */
function sensitiveJson(value: SensitiveTree): Sensitive {
  const parts = (node: SensitiveTree): Text[] => {
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

type SensitiveTree = Text | { readonly [key: string]: SensitiveTree };
