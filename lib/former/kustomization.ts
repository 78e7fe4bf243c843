import { dirname, join } from 'node:path';
import { fieldAt, listAt } from '../environment/field-at';
import { limits } from '../environment/limits';
import { parseManifests } from '../sources/manifests';
import { isFolder, readTextFile } from '../sources/text-file';

/** A kustomization of the former system. */
export interface Kustomization {
  readonly file: string;
  readonly content: unknown;
  /** The paths of files that change objects. */
  readonly patches: readonly string[];
  /** The paths of files and folders that objects come from. */
  readonly parts: readonly string[];
}

const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

export function isKustomizationFile(name: string): boolean {
  return fileNames.includes(name);
}

/** The kustomization of a folder; undefined where there is none that can be read. */
export type ReadKustomization = (folder: string) => Kustomization | undefined;

/** Reads each once, however many overlays take it, and no more than a run may read of them. */
export function createKustomizationReader(): ReadKustomization {
  const known = new Map<string, Kustomization | undefined>();
  let left: number = limits.bytesOfKustomizations;

  function read(folder: string): Kustomization | undefined {
    if (!isFolder(folder)) return undefined;
    for (const name of fileNames) {
      const file = join(folder, name);
      const found = readTextFile(file);
      if (found.status === 'absent') continue;
      if (found.status !== 'read') return undefined;
      left -= Buffer.byteLength(found.text);
      const documents = left < 0 ? undefined : parseManifests(found.text, file);
      return documents === undefined || 'code' in documents ? undefined : kustomization(file, documents[0]);
    }
    return undefined;
  }

  return (folder) => {
    if (!known.has(folder)) known.set(folder, read(folder));
    return known.get(folder);
  };
}

export function kustomization(file: string, content: unknown): Kustomization {
  const paths = (found: readonly unknown[]) =>
    found.flatMap((path) =>
      typeof path === 'string' && !path.includes('\n') ? [join(dirname(file), path).replace(/(?<=.)[\\/]$/, '')] : [],
    );
  return {
    file,
    content,
    patches: paths(patchesIn(content).map((each) => (typeof each === 'string' ? each : fieldAt(each, 'path')))),
    parts: paths(partsIn(content)),
  };
}

/** Each file, folder or address that objects come from. */
export function partsIn(content: unknown): readonly unknown[] {
  return ['resources', 'bases', 'components'].flatMap((field) => listAt(content, field));
}

/** Each patch, of whatever form: a path, a text, or an object with either. */
export function patchesIn(content: unknown): readonly unknown[] {
  return ['patches', 'patchesJson6902', 'patchesStrategicMerge'].flatMap((field) => listAt(content, field));
}

/** The kustomization of a folder and those that it takes its objects from, itself first. */
export function reachedFrom(folder: string, kustomizationOf: ReadKustomization): Kustomization[] {
  const folders = new Set([folder]);
  const found: Kustomization[] = [];
  for (const each of folders) {
    if (found.length === limits.kustomizationsReached) break;
    const next = kustomizationOf(each);
    if (!next) continue;
    found.push(next);
    for (const part of next.parts) folders.add(part);
  }
  return found;
}
