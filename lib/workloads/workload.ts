import { fieldAt, listAt } from '../environment/field-at';
import { type Node, objectsIn, textAt } from './manifest';

/** What runs pods. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  /** Undefined where the manifest leaves it to whoever applies it. */
  readonly namespace?: string;
  /** The template of its pods, or the pod itself. */
  readonly template: Node;
}

/** Where each kind has the template of its pods. */
const templates: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  Pod: [],
};

/**
 * Those of others have it where a Deployment has it: a Rollout of Argo, a Service of Knative, a DeploymentConfig. KEDA's
 * ScaledJob has a Job's.
 */
function templateOf(object: Node): readonly string[] | undefined {
  return [
    ['spec', 'template'],
    ['spec', 'jobTargetRef', 'template'],
  ].find((path) => listAt(object, ...path, 'spec', 'containers').length > 0);
}

export const workloadKinds = Object.keys(templates);

/** The workloads among manifests. What another workload has made is left out: a Deployment's pods say what it says. */
export function workloadsIn(manifests: readonly Node[]): Workload[] {
  return [...objectsIn(manifests)].flatMap((object): Workload[] => {
    const kind = textAt(object, 'kind') ?? '';
    const path = Object.hasOwn(templates, kind) ? templates[kind] : templateOf(object);
    if (!path || controllerOf(object) !== undefined) return [];
    const namespace = textAt(object, 'metadata', 'namespace');
    const name = textAt(object, 'metadata', 'name') ?? textAt(object, 'metadata', 'generateName') ?? '';
    return [{ kind, name, ...(namespace !== undefined && { namespace }), template: fieldAt(object, ...path) }];
  });
}

/** What has made an object and manages it, as `<kind>/<name>`; undefined where nothing does. */
export function controllerOf(object: Node): string | undefined {
  const owner = listAt(object, 'metadata', 'ownerReferences').find((each) => fieldAt(each, 'controller') === true);
  if (owner === undefined) return undefined;
  const kind = textAt(owner, 'kind') ?? '';
  return `${/^[A-Z][A-Za-z]{0,62}$/.test(kind) ? kind : '(a kind that is not shown)'}/${textAt(owner, 'name')}`;
}
