import { basename, join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { fieldAt } from '../environment/field-at';
import type { Problem } from '../environment/problem';
import { textMatches } from '../environment/sensitive';
import { isThere } from '../sources/text-file';
import { type Kustomization, type ReadKustomization, reachedFrom } from './kustomization';
import { formerTemplate, substituted } from './template';
import type { FormerAssignment } from './values';

/**
 * What the overlay of an environment, and what that takes its objects from, say otherwise than the environment's own files:
 * Kustomize did what they say.
 * @param patchFile the environment's own
 * @param infra what `.env.k8s.<env>` gives, by name
 */
export function overlayProblems(
  folder: string,
  environment: string,
  patchFile: string,
  catalog: Catalog,
  infra: ReadonlyMap<string, FormerAssignment>,
  kustomizationOf: ReadKustomization,
): Problem[] {
  const reached = reachedFrom(join(folder, 'apps/overlays', environment), kustomizationOf);
  return [
    ...otherNamespace(reached, catalog, infra),
    ...otherNames(reached),
    ...otherPatches(reached, environment, patchFile),
  ];
}

/** Of several namespaces that of the outermost kustomization counts. */
function otherNamespace(
  reached: readonly Kustomization[],
  { roles }: Catalog,
  infra: ReadonlyMap<string, FormerAssignment>,
): Problem[] {
  const variable = roles.namespace.name;
  const given = infra.get(variable);
  const outermost = reached.find(({ content }) => typeof fieldAt(content, ['namespace']) === 'string');
  const written = String(fieldAt(outermost?.content, ['namespace']));
  // Where nothing stands for a placeholder, nobody knows.
  const namespace = substituted(formerTemplate(written, false), (name) => infra.get(name)?.value);
  if (!given || !outermost || namespace === undefined) return [];
  if (textMatches(namespace, (text) => textMatches(given.value, (other) => other === text))) return [];
  return [
    {
      severity: 'error',
      code: 'contradiction',
      variable,
      file: outermost.file,
      message: `${variable} is another namespace than the one here, which objects went to`,
      hint: `It was taken over as ${given.file} has it. Set it to the one that pods run in`,
    },
  ];
}

function otherNames(reached: readonly Kustomization[]): Problem[] {
  return ['namePrefix', 'nameSuffix'].flatMap((field) =>
    reached
      .filter(({ content }) => fieldAt(content, [field]) !== undefined)
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
  const taken = reached.flatMap(({ file, patches, parts }) => [...patches, ...parts].map((path) => ({ file, path })));
  const ofOthers = taken.filter(({ path }) => {
    const of = /^(.*)-secret-config-patch\.ya?ml$/.exec(basename(path))?.[1];
    return of !== undefined && of !== environment;
  });
  const [overlay] = reached;
  const isLeftOut = overlay && isThere(patchFile) && !taken.some(({ path }) => basename(path) === basename(patchFile));
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
