import { ApiObject, type ApiObjectMetadata, App, type AppProps, Chart, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { Kustomization } from '../../imports/kustomize.config.k8s.io';
import { type Catalog, registryCredentials, type Variable } from '../catalog/catalog';
import { registryHost } from '../catalog/value-type';
import { secretStoreOf } from '../environment/secret-store';
import { Sensitive, type Text, textMatches } from '../environment/sensitive';
import type { AnyValues, Values } from '../environment/values';
import { Bundle } from './bundle';
import { writable } from './changed-texts';
import { type CommonProps, labelsFor } from './labels';
import { RegistryCredentials, StoredRegistryCredentials } from './registry-credentials';

export interface EnvironmentProps<C extends Catalog> {
  readonly catalog: C;
  /** A DNS-1123 label. */
  readonly environment: string;
  /** Valid values: whoever builds the constructs has validated them. */
  readonly values: Values<C>;
}

/**
 * The whole configuration of one environment, as a chart of manifests.
 * Secret values stay masked; rendering needs a resolver that opens them, such as `RevealSecrets` of lib/output.
 */
export class EnvironmentApp<C extends Catalog> extends App {
  readonly manifests: Chart;

  constructor(props: EnvironmentProps<C>, options: Pick<AppProps, 'resolvers'> = {}) {
    super(options);
    this.manifests = new EnvironmentChart(this, 'manifests', props);
  }
}

/** The kustomization that names the files of manifests: the same for every environment. */
export class KustomizationApp extends App {
  readonly chart: Chart;

  constructor(resources: string[]) {
    super();
    this.chart = new Chart(this, 'kustomization');
    // cdk8s names every object, and a kustomization needs no name.
    new Kustomization(this.chart, 'kustomization', { resources }).addJsonPatch(JsonPatch.remove('/metadata'));
  }
}

class Namespace extends ApiObject {
  constructor(scope: Construct, id: string, metadata: ApiObjectMetadata) {
    super(scope, id, { apiVersion: 'v1', kind: 'Namespace', metadata });
  }

  override toJson(): unknown {
    return writable(this, super.toJson());
  }
}

/**
 * The whole configuration of one environment, in any app. Secret values stay masked: the app needs a resolver that opens
 * them, such as `RevealSecrets` of lib/output.
 */
export class EnvironmentChart<C extends Catalog> extends Chart {
  constructor(scope: Construct, id: string, { catalog, environment, values }: EnvironmentProps<C>) {
    super(scope, id);
    const given = values as AnyValues;
    // The program has refused such a value; an app may have got one from elsewhere.
    for (const [name, text] of Object.entries(given)) {
      if (text !== undefined && textMatches(text, (each) => !each.isWellFormed() || each.includes('\0')))
        throw new TypeError(`${name} holds a NUL or half a character, which no pod can get`);
    }
    const { roles } = catalog;
    const textOf = (variable: Variable | undefined): Text | undefined => given[variable?.name ?? ''];
    const namespace = textOf(roles.namespace);
    if (typeof namespace !== 'string') throw new TypeError('An environment needs a namespace');
    const common: CommonProps = { app: catalog.app, environment, namespace };
    const store = secretStoreOf(catalog, environment, (name) => given[name]);

    if (textOf(roles.createNamespace) === 'true') {
      // metadata.namespace stays out: a Namespace is in none.
      new Namespace(this, 'namespace', { name: namespace, labels: labelsFor(common, 'namespace') });
    }
    for (const bundle of catalog.bundles.keys()) {
      const objects = catalog.objects.filter((object) => object.bundle === bundle);
      new Bundle(this, `bundle-${bundle}`, { ...common, objects, values: given, store });
    }
    const { registry } = roles;
    const path = textOf(registry?.path);
    if (registry && store) {
      const { user, password } = registry;
      const keyOf = (variable: Variable) => store.keyOf(variable, registryCredentials.component);
      const login = typeof user === 'string' ? user : user.sensitive ? keyOf(user) : textOf(user);
      if (typeof path === 'string' && store.holds(password) && login !== undefined && !(login instanceof Sensitive)) {
        const props = { ...common, store, server: registryHost(path), user: login, password: keyOf(password) };
        new StoredRegistryCredentials(this, 'registry', props);
      }
      return;
    }
    const password = textOf(registry?.password);
    const user = typeof registry?.user === 'object' ? textOf(registry.user) : registry?.user;
    if (typeof path === 'string' && password instanceof Sensitive && user !== undefined) {
      new RegistryCredentials(this, 'registry', { ...common, server: registryHost(path), user, password });
    }
  }
}
