import type { Catalog } from '../catalog/catalog';

export const kustomizationFile = 'kustomization.yaml';

/** What says what a folder is for. */
export const descriptionFile = 'environment.json';

/** All that the `.gitignore` of this program says. */
export const ownRule = '*\n';

/** The folder inside that holds what was there before the last change. */
export const previousFolder = 'previous';

/** The folder inside that holds the Component of the roll-out. */
export const rolloutFolder = 'rollout';

/** The file that holds every object. */
export function manifestsFileName({ app }: Pick<Catalog, 'app'>): string {
  return `${app}.k8s.yaml`;
}

/** Whether a file may hold every object, those of another catalog included. */
export function isManifestsFile(name: string): boolean {
  return name.endsWith('.k8s.yaml');
}

/** The fields of ours, and no others; the name of the one file that it lists. */
const ownKustomization =
  /^(?:---\n)?"apiVersion": "kustomize\.config\.k8s\.io\/v1beta1"\n"kind": "Kustomization"\n"resources":\n {2}- "([^"\\/\n]+\.k8s\.yaml)"\n$/;

/**
 * Whether this program made a folder, this version or an earlier one, finished or killed half-way. It recognises what it
 * writes first, a `.gitignore` of nothing but `*`, with manifests of its own or none yet, and what it writes last, its
 * kustomization.
 * @param read the beginning of a file, undefined if it is none
 */
export function isOwnFolder(names: readonly string[], read: (name: string) => string | undefined): boolean {
  const text = read(kustomizationFile);
  if (text) {
    const resource = resourceOf(text);
    if (resource === undefined) return false;
    const manifests = read(resource);
    return !manifests || isOwnManifests(manifests);
  }
  if (names.some((name) => name !== kustomizationFile && /^kustomization(?:\.ya?ml)?$/i.test(name))) return false;
  if (read('.gitignore') !== ownRule) return false; // other programs write such a one too, for caches of theirs
  const rest = names.filter((name) => name !== '.gitignore' && name !== kustomizationFile);
  const manifests = rest.filter(isManifestsFile);
  if (manifests.some((name) => isOwnManifests(read(name)))) return true;
  return manifests.length === rest.length && manifests.every((name) => read(name) === '');
}

/** Whether a text is that of a kustomization as every version writes it, and nobody does by hand. */
export function isOwnKustomization(text: string): boolean {
  return resourceOf(text) !== undefined;
}

/** The one file that a kustomization of this program names. */
function resourceOf(text: string): string | undefined {
  return ownKustomization.exec(text)?.[1];
}

/** Whether manifests begin as every version writes them, with every key and text in double quotes. */
export function isOwnManifests(text: string | undefined): boolean {
  return /^---\n"apiVersion": "[^"\n]+"\n"kind": "[^"\n]+"\n"metadata":\n/.test(text ?? '');
}

/**
 * Whether a file in a folder inside one of ours begins as every version writes it: manifests, perhaps behind a comment, or
 * what says what they are for.
 */
export function isOwnInner(text: string): boolean {
  return /^\{\n {2}"app": "|^(?:# [^\n]*\n)?---\n"apiVersion": "[^"\n]+"\n"kind": "/.test(text);
}
