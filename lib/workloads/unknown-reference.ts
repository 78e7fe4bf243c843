import { nearName } from '../catalog/near-name';
import type { Problem } from '../environment/problem';
import { findLoadables, isReachable, type Loadable } from './inventory';
import { type Node, objectsIn, shownName, textAt } from './manifest';
import { type Reference, referencesOf } from './references';
import type { Workload } from './workload';

/**
 * References of workloads to what is not there: the pod would not start, or would start without it.
 * @param manifests what stands beside the workloads, of which ServiceAccounts are looked at
 */
export function unknownReferences(
  workloads: readonly Workload[],
  loadables: readonly Loadable[],
  manifests: readonly Node[],
): Problem[] {
  const accounts = [...objectsIn(manifests)].filter((object) => textAt(object, 'kind') === 'ServiceAccount');
  return workloads.flatMap((workload) => {
    const own = accounts.filter((account) =>
      isReachable({ namespace: textAt(account, 'metadata', 'namespace') }, workload.namespace),
    );
    const byName = new Map(own.map((account) => [textAt(account, 'metadata', 'name') ?? '', account]));
    const references = referencesOf(workload, byName).filter(({ optional }) => !optional);
    return references.flatMap((each) => unknownReference(workload, each, loadables));
  });
}

function unknownReference(workload: Workload, reference: Reference, loadables: readonly Loadable[]): Problem[] {
  const { kind, name, key, place } = reference;
  const subject = `${workload.kind} ${shownName(workload.name)}: ${place}`;
  const error = (message: string, hint: string): Problem[] => [
    { severity: 'error', code: 'unknown-reference', message: `${subject} ${message}`, hint },
  ];
  const found = findLoadables(loadables, reference, workload.namespace);
  if (found.length === 0) {
    const names = loadables.filter((each) => each.kind === kind && isReachable(each, workload.namespace));
    const near = nearName(
      name,
      names.map((each) => each.name),
    );
    return error(
      `loads ${kind} ${shownName(name)}, which is not there`,
      near === undefined
        ? `Is it made elsewhere? Hand its manifest in too, or say optional: true where pods start without it`
        : `Did you mean ${shownName(near)}?`,
    );
  }
  if (key === undefined || found.some(({ keys }) => keys === undefined || keys.has(key))) return [];
  const keys = found.flatMap((each) => [...(each.keys ?? [])]);
  const near = nearName(key, keys);
  const elsewhere = loadables.find((each) => isReachable(each, workload.namespace) && each.keys?.has(key));
  return error(
    `reads ${shownName(key)} of ${kind} ${shownName(name)}, which has no such key`,
    elsewhere !== undefined
      ? `It is in ${elsewhere.kind} ${shownName(elsewhere.name)}`
      : near !== undefined
        ? `Did you mean ${near}?`
        : `Its keys are ${keys.length === 0 ? 'none' : keys.map(shownName).sort().join(', ')}`,
  );
}
