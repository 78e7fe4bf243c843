import type { Catalog } from '../catalog/catalog';
import { limits } from '../environment/limits';
import { type ResolvedEnvironment, type Resolver, resolveEnvironment } from '../environment/resolve';
import type { Source } from '../environment/source';
import { isReference } from '../environment/template';
import { readEnvFile } from './env-file';
import { environmentFiles } from './environment-files';
import { readTextFile } from './text-file';

/**
 * Reads of other environments what decides their cluster and namespace: no secret, a patch file only where one of the
 * two reads another variable, and no more of all of them together than a small part of what one may hold. A file that
 * is too large for that, or cannot be read, is left out.
 * @param envs the folder of env files
 */
export function createGlance(catalog: Catalog, envs: string): (environment: string) => Promise<ResolvedEnvironment> {
  const plain = plainCatalog(catalog);
  let left: number = limits.bytesInPassing;
  const read = (file: string): string | undefined => {
    const found = readTextFile(file, Math.min(left, limits.fileBytesInPassing));
    if (found.status !== 'read') return undefined;
    left -= Buffer.byteLength(found.text);
    return found.text;
  };
  return async (environment) => {
    const files = environmentFiles(envs, environment);
    const sources = (['env', 'config'] as const).flatMap((kind): Source[] => {
      const text = read(files[kind]);
      return text === undefined ? [] : [readEnvFile(text, plain, { layer: `${kind}-file`, unknownNamesAre: 'hints' })];
    });
    const withoutPatch = resolveEnvironment(plain, environment, sources);
    const patch = readsOthers(plain, withoutPatch) ? read(files.patch) : undefined;
    if (patch === undefined) return withoutPatch;
    const { readPatchFile } = await import('./patch-file');
    return resolveEnvironment(plain, environment, [readPatchFile(patch, plain, files.patch), ...sources]);
  };
}

function plainCatalog(catalog: Catalog): Catalog {
  return {
    ...catalog,
    variables: new Map([...catalog.variables].filter(([, { sensitive }]) => !sensitive)),
    objects: catalog.objects.filter(({ kind }) => kind === 'ConfigMap'),
  };
}

/** Whether the cluster or the namespace is made of other variables, which a patch file may give. */
function readsOthers({ roles }: Catalog, { layers }: Resolver): boolean {
  return [roles.cluster, roles.namespace].some((variable) =>
    layers.valuesFor(variable?.name ?? '')[0]?.template.some(isReference),
  );
}
