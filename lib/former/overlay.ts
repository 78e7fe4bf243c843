import { basename, join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { fieldAt } from '../environment/field-at';
import type { Problem } from '../environment/problem';
import { textMatches } from '../environment/sensitive';
import { parseManifests } from '../sources/manifests';
import { readTextFile } from '../sources/text-file';
import type { FormerAssignment } from './values';

const kustomizationFiles = ['kustomization.yml', 'kustomization.yaml', 'Kustomization'];

/**
 * What the overlay of an environment says otherwise than its own files: Kustomize did what the overlay says.
 * @param infra what `.env.k8s.<env>` gives, by name
 */
export function overlayProblems(
  folder: string,
  environment: string,
  catalog: Catalog,
  infra: ReadonlyMap<string, FormerAssignment>,
): Problem[] {
  return kustomizationFiles.flatMap((name): Problem[] => {
    const file = join(folder, 'apps/overlays', environment, name);
    const read = readTextFile(file);
    const documents = read.status === 'read' ? parseManifests(read.text, file) : [];
    if ('code' in documents) return []; // it is named as unread
    return [...otherNamespace(documents[0], file, catalog, infra), ...otherPatch(documents[0], file, environment)];
  });
}

function otherNamespace(
  kustomization: unknown,
  file: string,
  { roles }: Catalog,
  infra: ReadonlyMap<string, FormerAssignment>,
): Problem[] {
  const variable = roles.namespace.name;
  const given = infra.get(variable);
  const namespace = fieldAt(kustomization, ['namespace']);
  if (!given || typeof namespace !== 'string' || textMatches(given.value, (text) => text === namespace)) return [];
  return [
    {
      severity: 'error',
      code: 'contradiction',
      variable,
      file,
      message: `${variable} is another namespace than the one of this overlay, which objects went to`,
      hint: `It was taken over as ${given.file} has it. Set it to the one that pods run in`,
    },
  ];
}

function otherPatch(kustomization: unknown, file: string, environment: string): Problem[] {
  const entries = ['patches', 'patchesStrategicMerge'].flatMap((field) => {
    const list = fieldAt(kustomization, [field]);
    return Array.isArray(list) ? list : [];
  });
  const paths = entries.map((each) => (typeof each === 'string' ? each : fieldAt(each, ['path'])));
  const others = paths.filter((path) => {
    const of = typeof path === 'string' && /^(.*)-secret-config-patch\.ya?ml$/.exec(basename(path))?.[1];
    return typeof of === 'string' && of !== environment;
  });
  return others.map(() => ({
    severity: 'error',
    code: 'contradiction',
    file,
    message: `This overlay takes the patch file of another environment than ${environment}`,
    hint: `What was taken over is in config/${environment}-secret-config-patch.yml. Look at which of the two pods run with`,
  }));
}
