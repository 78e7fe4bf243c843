import { type Catalog, registryCredentials, type Variable } from '../catalog/catalog';
import { type Evaluation, secretsOf } from '../environment/evaluate';
import { type Problem, refusal } from '../environment/problem';
import type { Host } from '../report/host';
import { shownPath } from '../sources/given-path';
import { parseManifests } from '../sources/manifests';
import { isFolder, readTextFile, readTextStream, unreadableProblem } from '../sources/text-file';
import { renderKustomization } from '../tools/kustomize';
import { collisions } from '../workloads/collision';
import { createInventory, type Loadable, loadablesIn } from '../workloads/inventory';
import { objectsIn, textAt } from '../workloads/manifest';
import { withoutSecrets } from '../workloads/named-secret';
import { unknownReferences } from '../workloads/unknown-reference';
import { unusedVariables } from '../workloads/unused-variable';
import { workloadKinds, workloadsIn } from '../workloads/workload';

/**
 * What is wrong between an environment and the workloads that load it.
 * @param path a folder that kubectl renders, a file of manifests, or `-` for standard input
 * @throws {Refusal} code `tool` if kubectl cannot render the folder
 */
export async function workloadProblems(
  catalog: Catalog,
  evaluation: Evaluation,
  path: string,
  host: Host,
): Promise<Problem[]> {
  const file = path === '-' ? 'standard input' : shownPath('--workloads', path);
  const text = isFolder(path) ? await renderKustomization(path, file, host.env) : await readText(path, file, host);
  const manifests = typeof text === 'string' ? parseManifests(text, file) : text;
  if ('code' in manifests) return [manifests];
  const workloads = workloadsIn(manifests);
  if (workloads.length === 0) return [noWorkload(manifests, file)];
  const written = loadablesOf(catalog, evaluation);
  const own = [...objectsIn(manifests)].filter((each) => isOfEnvironment(each, catalog, evaluation));
  // What an overlay makes of these objects is what pods find: it may rename them, or leave some out. What is no rendered
  // folder may be a part of what is there.
  const kinds = new Set(isFolder(path) ? loadablesIn(own).map(({ kind }) => kind) : []);
  const others = written.filter(({ kind }) => !kinds.has(kind));
  const inventory = createInventory([...others, ...loadablesIn(manifests)], written);
  const found = [
    ...unknownReferences(workloads, inventory, manifests, file),
    ...collisions(workloads, inventory, file),
  ];
  if (inventory.isUsedUp()) return [tooManyAlike(file)];
  return [
    ...withoutSecrets(found, secretsOf(evaluation)),
    ...unusedVariables(catalog, workloads, manifests, namespaceOf(catalog, evaluation)),
  ];
}

/**
 * Whether synth has written an object for this environment: by a name, to which an overlay may have added, and by labels,
 * some of which it may have given to objects of its own, or changed.
 */
function isOfEnvironment(object: unknown, { app, objects }: Catalog, { environment }: Evaluation): boolean {
  const label = (name: string) => textAt(object, 'metadata', 'labels', name);
  const kind = textAt(object, 'kind');
  const name = textAt(object, 'metadata', 'name') ?? '';
  const names = [
    ...objects.map((each) => ({ ...each, component: each.bundle })),
    { ...registryCredentials, kind: 'Secret' },
  ];
  const isOurs = (component: string) =>
    label('app.kubernetes.io/managed-by') === 'cdk8s' || label('app.kubernetes.io/component') === component;
  return (
    label('app.kubernetes.io/name') === app &&
    label('environment') === environment &&
    names.some(
      (each) =>
        each.kind === (kind === 'ExternalSecret' ? 'Secret' : kind) &&
        name.includes(each.name) &&
        isOurs(each.component),
    )
  );
}

/** Where the program that was to print them has failed, nothing else would tell. */
function noWorkload(manifests: readonly unknown[], file: string): Problem {
  const hasPods = [...objectsIn(manifests)].some((object) => textAt(object, 'kind') === 'Pod');
  const kinds = `${workloadKinds.slice(0, -1).join(', ')} or ${workloadKinds.at(-1)}`;
  const message = hasPods
    ? `${file} has no workload in it but pods that another one has made`
    : `${file} has no workload in it: ${kinds}`;
  const hint = hasPods
    ? 'Hand in what has made them, such as the Deployment'
    : 'Hand in what kubectl kustomize, helm template or kubectl get --output=yaml prints. Did it fail?';
  return { severity: 'error', code: 'unreadable', file, message, hint };
}

function tooManyAlike(file: string): Problem {
  return {
    severity: 'error',
    code: 'unreadable',
    file,
    message: `${file} has too many objects of the same name, or pods in too many namespaces`,
    hint: 'Hand in what belongs to one namespace, and nothing else',
  };
}

async function readText(path: string, file: string, { stdin }: Host): Promise<string | Problem> {
  const read = path === '-' ? await readTextStream(stdin) : readTextFile(path);
  if (typeof read === 'string') return read;
  if (read.status === 'read') return read.text;
  if (read.status === 'unreadable') return unreadableProblem(file, read);
  throw refusal('unreadable', `${file} does not exist`, 'Check the path after --workloads');
}

function namespaceOf(
  { roles }: Pick<Catalog, 'roles'>,
  { resolved }: Pick<Evaluation, 'resolved'>,
): string | undefined {
  const namespace = resolved.get(roles.namespace.name)?.value;
  return typeof namespace === 'string' ? namespace : undefined;
}

/** The objects that synth writes, with a key for every value that there is or has to be. */
function loadablesOf({ objects, roles }: Catalog, { resolved, store }: Evaluation): Loadable[] {
  const namespace = namespaceOf({ roles }, { resolved });
  const place = namespace === undefined ? {} : { namespace };
  const bundles = objects.map(({ kind, name, variables }): Loadable => {
    const isThere = (variable: Variable) =>
      !variable.optional || (store && kind === 'Secret' ? store.holds(variable) : resolved.has(variable.name));
    const keys = [...variables].filter(([, variable]) => isThere(variable));
    return { kind, name, ...place, keys: new Set(keys.map(([key]) => key)) };
  });
  const { name, key } = registryCredentials;
  return roles.registry ? [...bundles, { kind: 'Secret', name, ...place, keys: new Set([key]) }] : bundles;
}
