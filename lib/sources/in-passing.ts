import type { Catalog } from '../catalog/catalog';
import { limits } from '../environment/limits';
import { createResolver } from '../environment/resolve';
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
export function createGlance(catalog: Catalog, envs: string): (environment: string) => Promise<Source[]> {
  const plain = withoutSecrets(catalog);
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
    const patch = readsOthers(plain, environment, sources) ? read(files.patch) : undefined;
    if (patch === undefined) return sources;
    const { readPatchFile } = await import('./patch-file');
    return [readPatchFile(patch, plain, files.patch), ...sources];
  };
}

function withoutSecrets(catalog: Catalog): Catalog {
  return {
    ...catalog,
    variables: new Map([...catalog.variables].filter(([, { sensitive }]) => !sensitive)),
    objects: catalog.objects.filter(({ kind }) => kind === 'ConfigMap'),
  };
}

/** Whether the cluster or the namespace is made of other variables, which a patch file may give. */
function readsOthers(catalog: Catalog, environment: string, sources: readonly Source[]): boolean {
  const resolver = createResolver(catalog, environment, sources);
  const { cluster, namespace } = catalog.roles;
  return [cluster, namespace].some((variable) =>
    resolver.layerValues(variable?.name ?? '')[0]?.template.some(isReference),
  );
}
