import type { Chart } from 'cdk8s';
import type { Catalog } from '../catalog/catalog';
import {
  EnvironmentApp,
  type EnvironmentProps,
  KustomizationApp,
  manifestsFileName,
} from '../constructs/environment-app';
import type { OutputFile } from './environment-folder';
import { RevealSecrets } from './reveal';
import { type Manifest, yamlText } from './yaml-text';

/** An environment as text. */
export interface RenderedEnvironment {
  /** Every object, as one multi-document YAML: what `kubectl … -f -` takes. */
  readonly manifests: string;
  /** The name of the file that holds it. */
  readonly manifestsFile: string;
  readonly objectCount: number;
  /** The files of `dist/<env>`, in the order in which they are to be written. */
  readonly files: readonly OutputFile[];
}

/** Every object of an environment, as the API server would get it, secrets as base64. */
export function renderObjects<C extends Catalog>(props: EnvironmentProps<C>): Manifest[] {
  return manifestsOf(new EnvironmentApp(props, { resolvers: [new RevealSecrets()] }).manifests);
}

/** Renders the constructs of an environment. The text holds its secrets, as base64. */
export type Renderer<C extends Catalog> = (props: Omit<EnvironmentProps<C>, 'catalog'>) => RenderedEnvironment;

/** Renders environments of one catalog: what is the same for all of them, once. */
export function createRenderer<C extends Catalog>(catalog: C): Renderer<C> {
  const name = manifestsFileName(catalog);
  const kustomization = yamlText(manifestsOf(new KustomizationApp([name]).chart));
  return (props) => {
    const objects = renderObjects({ catalog, ...props });
    const manifests = yamlText(objects);
    return {
      manifests,
      manifestsFile: name,
      objectCount: objects.length,
      files: [
        // First of all, so that no secret ever stands in the folder without it.
        { name: '.gitignore', text: '*\n' },
        { name, text: manifests },
        { name: 'kustomization.yaml', text: kustomization },
      ],
    };
  };
}

function manifestsOf(chart: Chart): Manifest[] {
  return chart.toJson();
}
