import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { manifestsOf } from '../constructs/changed-texts';
import { EnvironmentApp, type EnvironmentProps, KustomizationApp } from '../constructs/environment-app';
import { secretStoreOf } from '../environment/secret-store';
import type { AnyValues } from '../environment/values';
import type { OutputFile } from './environment-folder';
import { exactYaml } from './exact-yaml';
import {
  descriptionFile,
  isManifestsFile,
  kustomizationFile,
  manifestsFileName,
  ownRule,
  previousFolder,
} from './own-folder';
import { OpenSecrets } from './reveal';
import { createRollout, isUnfinished, type RenderedObject, type Rollout, rolloutFile } from './rollout';
import { isWrittenAfter, listWritten, readWritten } from './written-data';
import { type Manifest, yamlText } from './yaml-text';

/** An environment as text. */
export interface RenderedEnvironment {
  /** Every object, as one multi-document YAML: what `kubectl … -f -` takes. */
  readonly manifests: string;
  /** The name of the file that holds it. */
  readonly manifestsFile: string;
  readonly objectCount: number;
  /** The files of `dist/<env>`, as they are to be written over what stands there by now. */
  filesFor(folder: string): FilesOfEnvironment;
}

/** What is to be written of an environment. */
export interface FilesOfEnvironment {
  /** The manifests that stand there by now. */
  readonly before: string | undefined;
  /** In the order in which they are to be written. */
  readonly files: readonly OutputFile[];
}

/** Every object of an environment, as the API server would get it, secrets as base64. */
export function renderObjects<C extends Catalog>(props: EnvironmentProps<C>): Manifest[] {
  return manifestsOf(new EnvironmentApp(props, { resolvers: [new OpenSecrets()] }).manifests) as Manifest[];
}

/** Renders the constructs of an environment. The text holds its secrets, as base64. */
export type Renderer<C extends Catalog> = (props: Omit<EnvironmentProps<C>, 'catalog'>) => RenderedEnvironment;

/** Renders environments of one catalog: what is the same for all of them, once. */
export function createRenderer<C extends Catalog>(catalog: C): Renderer<C> {
  const name = manifestsFileName(catalog);
  const kustomization = exactYaml(new KustomizationApp([name]).chart);
  const rolloutOf = createRollout(catalog);
  return (props) => {
    const objects = renderObjects({ catalog, ...props });
    const manifests = yamlText(objects);
    const rendered = objects as unknown as readonly RenderedObject[]; // each has a kind and a name
    let made: Rollout | undefined;
    /** Asked for twice, and perhaps slow. */
    const anew = () => {
      made ??= rolloutOf(props.environment, rendered);
      return made;
    };
    return {
      manifests,
      manifestsFile: name,
      objectCount: objects.length,
      filesFor(folder) {
        const before = readWritten(folder, name);
        const isSame = before === manifests;
        const written = readWritten(folder, rolloutFile);
        // Manifests that somebody has put back since have other checksums. Then it is written anew, so that this is known.
        const isOfThese = isSame && written !== undefined && isWrittenAfter(folder, rolloutFile, name);
        const rollout = isOfThese ? rolloutOf(props.environment, rendered, written) : anew();
        const isForGit = secretStoreOf(catalog, props.environment, (each) => (props.values as AnyValues)[each]);
        // Until a folder without secrets has its kustomization, this tells that it is ours.
        const isWhole = isForGit && readWritten(folder, kustomizationFile) === kustomization;
        const files = [
          // First of all, so that no secret ever stands in the folder without it.
          ...(isWhole ? [] : [{ name: '.gitignore', text: ownRule }]),
          // At no instant do the checksums of other manifests stand beside these, and meanwhile nobody reads the folder back.
          ...(isOfThese || (before ?? written) === undefined
            ? []
            : [{ name: rolloutFile, text: rollout.unfinished() }]),
          ...(before === undefined || isSame || isForGit
            ? []
            : previousFiles(
                name,
                before,
                // That of a run that was killed may be of other manifests.
                isUnfinished(written) ? undefined : readWritten(folder, descriptionFile),
                kustomization,
              )),
          { name, text: manifests },
          { name: descriptionFile, text: environmentJson(catalog, props, rendered) },
          { name: rolloutFile, text: rollout.text },
          { name: kustomizationFile, text: kustomization },
          // When nothing holds a secret any more, the rule goes that kept it out of git.
          ...(isForGit ? [{ name: '.gitignore' }] : []),
          // What is older than manifests of another name, or than none, is not what was there before these.
          ...(isForGit || before === undefined ? previousIn(folder) : []),
        ];
        return { before, files };
      },
    };
  };
}

/** What was there before the last change, as a folder that kubectl applies, and what it was for. */
function previousFiles(
  name: string,
  manifests: string,
  description: string | undefined,
  kustomization: string,
): OutputFile[] {
  return [
    { name: `${previousFolder}/${name}`, text: manifests },
    { name: `${previousFolder}/${descriptionFile}`, ...(description !== undefined && { text: description }) },
    { name: `${previousFolder}/${kustomizationFile}`, text: kustomization },
  ];
}

/**
 * The files of `previous/`, to be removed, whatever its manifests are called: a folder that may be committed is without those
 * of a time when secrets were written, which git itself has if there are none in them.
 */
function previousIn(folder: string): OutputFile[] {
  return listWritten(join(folder, previousFolder))
    .filter((name) => isManifestsFile(name) || name === descriptionFile || name === kustomizationFile)
    .map((name) => ({ name: `${previousFolder}/${name}` }));
}

/** What there is to know of the folder without reading manifests: no value, and nothing made of one. */
function environmentJson<C extends Catalog>(
  { app, roles }: C,
  { environment, values }: Omit<EnvironmentProps<C>, 'catalog'>,
  objects: readonly RenderedObject[],
): string {
  const given = values as AnyValues;
  const document = {
    app,
    environment,
    cluster: given[roles.cluster?.name ?? ''],
    namespace: given[roles.namespace.name],
    objects: objects.map(({ kind, metadata }) => ({ kind, name: metadata.name })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
