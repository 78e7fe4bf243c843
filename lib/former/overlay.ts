import { basename, dirname, join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { fieldAt } from '../environment/field-at';
import { limits } from '../environment/limits';
import { oncePer } from '../environment/once-per';
import type { Problem } from '../environment/problem';
import { sameText } from '../environment/sensitive';
import { placeOf } from '../environment/source';
import { filesBelow } from '../sources/environment-files';
import { isThere } from '../sources/text-file';
import { isKustomizationFile, type Kustomization, type ReadKustomization, reachedFrom } from './kustomization';
import { formerTemplate, substituted } from './template';
import type { FormerEnvironment, FormerManifest, FormerNamespace } from './values';

/**
 * The overlays of an environment, each with all that it takes its objects from, itself first; an empty one where there are
 * none at all.
 */
export type OverlaysOf = (environment: string, patchFile: string) => readonly (readonly Kustomization[])[];

/** Finds the overlay that is called like an environment or, where there is none, those that take its patch file. */
export function createOverlays(folder: string, kustomizationOf: ReadKustomization): OverlaysOf {
  const apps = join(folder, 'apps');
  let all: Kustomization[][] | undefined;
  return (environment, patchFile) => {
    const own = reachedFrom(join(apps, 'overlays', environment), kustomizationOf);
    if (own.length > 0) return [own];
    all ??= foldersIn(apps).map((each) => reachedFrom(join(apps, each), kustomizationOf));
    const taking = all.filter((reached) => reached.some((each) => takenBy(each).names.has(basename(patchFile))));
    return all.length > 0 ? taking : [[]];
  };
}

/** Those with a kustomization, but for the base. */
function foldersIn(apps: string): string[] {
  const folders = filesBelow(apps)
    .filter((file) => isKustomizationFile(basename(file)))
    .map((file) => dirname(file));
  return folders.filter((each) => each !== 'base').slice(0, limits.strayNames);
}

/** The files and folders that a kustomization takes: their paths, their names, and the folders that they are in. */
const takenBy = oncePer(({ patches, parts }: Kustomization) => {
  const paths = new Set([...patches, ...parts]);
  const names = new Set([...paths].map((path) => basename(path)));
  const environments = [...names].flatMap((name) => /^(.*)-secret-config-patch\.ya?ml$/.exec(name)?.[1] ?? []);
  return { paths, names, folders: new Set([...paths].map((path) => dirname(path))), environments };
});

/**
 * What an overlay, and what that takes its objects from, say otherwise than the environment's own files: Kustomize did what
 * they say.
 * @param former.patchFile the environment's own
 * @param former.infra what `.env.k8s.<env>` gives, by name
 */
export function overlayProblems(
  reached: readonly Kustomization[],
  catalog: Catalog,
  former: Pick<FormerEnvironment, 'name' | 'patch' | 'base' | 'infra'> & { readonly patchFile: string },
): Problem[] {
  return [
    ...otherNamespace(reached, catalog, former),
    ...otherNames(reached),
    ...otherPatches(reached, former.name, former.patchFile),
    ...otherBase(reached, former.base),
  ];
}

/** Of several namespaces that of the outermost kustomization counts; without any, those of the objects. */
function otherNamespace(
  reached: readonly Kustomization[],
  { roles }: Catalog,
  { patch, base, infra }: Pick<FormerEnvironment, 'patch' | 'base' | 'infra'>,
): Problem[] {
  const variable = roles.namespace.name;
  const given = infra.get(variable);
  const isOther = ({ text }: FormerNamespace) => {
    // Where nothing stands for a placeholder, nobody knows.
    const namespace = substituted(formerTemplate(text, false), (name) => infra.get(name)?.value);
    if (!given || namespace === undefined) return false;
    return !sameText(namespace, given.value);
  };
  const files = new Set([...base.entries.values()].map(({ file }) => file));
  const said = leadingTo(reached, files).flatMap(({ file, content }): FormerNamespace[] => {
    const namespace = fieldAt(content, 'namespace');
    return typeof namespace === 'string' && namespace !== '' ? [{ text: namespace, file }] : [];
  });
  const other = (said.length > 0 ? said.slice(0, 1) : [...patch.namespaces, ...base.namespaces]).find(isOther);
  if (!given || !other) return [];
  return [
    {
      severity: 'error',
      code: 'contradiction',
      variable,
      ...placeOf(other),
      message: `${variable} is another namespace than the one here, which objects went to`,
      hint: `It was taken over as ${given.file} has it. Set it to the one that pods run in`,
    },
  ];
}

/**
 * Those that take one of the files, or what takes one, and Components, which change what others take. Each stands behind one
 * that takes it, so that one look from the end is enough.
 */
function leadingTo(reached: readonly Kustomization[], files: ReadonlySet<string>): Kustomization[] {
  const places = new Set(files);
  const leading = reached.toReversed().filter((each) => {
    const { file, content } = each;
    const leads = [...places].some((path) => takenBy(each).paths.has(path));
    if (leads) places.add(dirname(file));
    return leads || fieldAt(content, 'kind') === 'Component' || file === reached[0]?.file;
  });
  return leading.reverse();
}

function otherNames(reached: readonly Kustomization[]): Problem[] {
  return ['namePrefix', 'nameSuffix'].flatMap((field) =>
    reached
      .filter(({ content }) => fieldAt(content, field) !== undefined)
      .map(({ file }) => ({
        severity: 'warning',
        code: 'contradiction',
        file,
        message: `The ${field} here gave objects other names than the catalog does`,
        hint: 'Have workloads load the objects by the names of the catalog',
      })),
  );
}

function otherPatches(reached: readonly Kustomization[], environment: string, patchFile: string): Problem[] {
  const ofOthers = reached.filter((each) => takenBy(each).environments.some((of) => of !== environment));
  const [overlay] = reached;
  const isTaken = reached.some((each) => takenBy(each).names.has(basename(patchFile)));
  const isLeftOut = overlay && !isTaken && isThere(patchFile);
  const found: Problem[] = ofOthers.map(({ file }) => ({
    severity: 'error',
    code: 'contradiction',
    file,
    message: `This overlay takes the patch file of another environment than ${environment}`,
    hint: `What was taken over is in ${patchFile}. Look at which of the two pods run with`,
  }));
  if (!isLeftOut || ofOthers.length > 0) return found;
  return [
    {
      severity: 'warning',
      code: 'contradiction',
      file: overlay.file,
      message: `This overlay does not take ${patchFile}, whose values were taken over`,
      hint: 'Was it applied by itself? Look at which values pods run with',
    },
  ];
}

/** Files of the base whose values were taken over, and Kustomize did not. */
function otherBase(reached: readonly Kustomization[], { entries }: FormerManifest): Problem[] {
  const files = new Set([...entries.values()].map(({ file }) => file));
  return [...files].flatMap((file): Problem[] => {
    const ofFolder = reached.find((each) => dirname(each.file) === dirname(file));
    // Where nothing of its folder is taken, or what the folder says cannot be read, there is more to ask than this.
    const isFolderTaken = ofFolder || reached.some((each) => takenBy(each).folders.has(dirname(file)));
    if (!isFolderTaken || reached.some((each) => takenBy(each).paths.has(file))) return [];
    return [
      {
        severity: 'warning',
        code: 'contradiction',
        ...placeOf(ofFolder ?? reached[0] ?? {}),
        message: `Nothing here takes ${file}, whose values were taken over`,
        hint: 'Was it applied by itself? Look at which values pods run with',
      },
    ];
  });
}
