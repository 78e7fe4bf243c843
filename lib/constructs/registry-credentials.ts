import { Construct } from 'constructs';
import { registryCredentials } from '../catalog/catalog';
import type { Sensitive } from '../environment/sensitive';
import { SealedSecret } from './data-objects';
import { type Commons, labelsFor } from './labels';

export interface RegistryCredentialsProps extends Commons {
  /** `host[:port]` */
  readonly server: string;
  readonly user: string;
  readonly password: Sensitive;
}

/** The image pull secret `registry-credentials`, of the same content as `kubectl create secret docker-registry` makes. */
export class RegistryCredentials extends Construct {
  constructor(scope: Construct, id: string, { server, user, password, ...commons }: RegistryCredentialsProps) {
    super(scope, id);
    const dockerConfig = password.map((text) => {
      const auth = Buffer.from(`${user}:${text}`).toString('base64');
      return JSON.stringify({ auths: { [server]: { username: user, password: text, auth } } });
    });
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
