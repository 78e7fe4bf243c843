import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { parse } from 'yaml';
import { catalog as parcelDesk } from './fixture/catalog';
import { folderWith } from './run';

/** A manifest, as the cluster has it. */
export interface Stored {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    readonly namespace?: string;
    readonly labels?: Record<string, string>;
    annotations?: Record<string, string>;
    readonly managedFields?: unknown[];
    readonly ownerReferences?: readonly unknown[];
  };
  readonly [field: string]: unknown;
}

/** What the fake kubectl plays; see fake-kubectl.js. */
export interface State {
  /** In seconds since 1970. */
  now: number;
  objects: Stored[];
  /** The cluster of each context. */
  contexts: Record<string, string>;
  current: string | null;
  /** How often each workload was rolled out. */
  rolls: Record<string, number>;
  /** Whether pods are replaced at a roll-out, as by the controllers of a cluster. */
  controllers: boolean;
  /** What stands in every error besides. */
  leak?: string;
  /** The rules of the user's Role; everything without. */
  role?: unknown[];
  /** Those from the next apply on. */
  roleAfterApply?: unknown[];
  /** Those from the first object on that is deleted. */
  roleAfterDelete?: unknown[];
  hasExternalSecrets?: boolean;
  admission?: boolean;
  /** What a command fails with, by its first word, or its first two. */
  failures?: Record<string, string>;
  /** The call that fails, from 1: before its work, or afterwards. */
  failAt?: number;
  /** What it says then, before its work. */
  failWith?: string;
  failAfterwards?: boolean;
  /** An apply that is killed after so many objects. */
  applyOnly?: number;
  /** What somebody else puts into the data of an object, by `<kind>/<name>`, right after each apply. */
  overwritten?: Record<string, Record<string, string>>;
  /** What somebody deletes right after each apply, by the beginnings of names. */
  goneAfterApply?: string[];
  neverReady?: string[];
  /** What takes the place of objects of these names by the time a wait ends, as what an operator has fetched. */
  fetchedMeanwhile?: Stored[];
}

/** What answers for every cluster of a test file, in a thread of its own: the test may be waiting for a process meanwhile. */
let server: Worker | undefined;
const port = new Int32Array(new SharedArrayBuffer(4));

afterAll(async () => {
  await server?.terminate();
});

/** Hands its words and its standard input to that thread. */
const kubectl = (folder: string) => `#!/usr/bin/env bash
IFS= read -r -d '' input
[ "$KUBERC$KUBECTL_KUBERC" = offfalse ] || echo 'what users prefer counts here' >> '${folder}/misuse'
exec 3<>/dev/tcp/127.0.0.1/${port[0]}
printf '%s\\0' "$(($# + 2))" '${folder}' "$@" "$input" >&3
IFS= read -r -d '' status <&3
IFS= read -r -d '' error <&3
printf '%s' "$error" >&2
[ "$status" = 0 ] && exec cat <&3
cat <&3
exit 1
`;

/** A cluster of the test's own, and a kubectl that asks it. */
export function fakeCluster(given: Partial<State> = {}) {
  if (!server) {
    server = new Worker(join(__dirname, 'fake-kubectl.js'), { workerData: port });
    Atomics.wait(port, 0, 0);
  }
  const folder = folderWith();
  writeFileSync(join(folder, 'kubectl'), kubectl(folder), { mode: 0o700 });
  const path = join(folder, 'state.json');
  const read = (): State => JSON.parse(readFileSync(path, 'utf8'));
  const save = (state: State) => writeFileSync(path, JSON.stringify(state));
  save({
    now: 1_767_225_600, // 2026-01-01
    objects: [],
    contexts: { 'some-context': 'my-cluster' },
    current: 'some-context',
    rolls: {},
    controllers: true,
    ...given,
  });
  const lines = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1) : [];
  return {
    folder,
    env: { PATH: `${folder}:${process.env['PATH']}` },
    read,
    change(by: (state: State) => void) {
      const state = read();
      by(state);
      save(state);
    },
    /** Every call so far, each as its words. */
    calls: () => lines('calls').map((line) => JSON.parse(line) as string[]),
    forgetCalls: () => writeFileSync(join(folder, 'calls'), ''),
    /** What was called in a way that no kubectl takes. */
    misuse: () => lines('misuse'),
    /** Every right that was needed: `get apps/deployments`. */
    used: () => new Set(lines('used')),
    object: (kind: string, name: string) =>
      read().objects.find((each) => each.kind === kind && each.metadata.name === name),
  };
}

/** An object with the labels of the program, as an environment of an earlier catalog had it. */
export function labelled(
  kind: string,
  name: string,
  component: string,
  namespace: string,
  environment: string,
): Stored {
  return {
    kind,
    metadata: {
      name,
      namespace,
      labels: {
        'app.kubernetes.io/name': 'parcel-desk',
        'app.kubernetes.io/managed-by': 'cdk8s',
        'app.kubernetes.io/component': component,
        environment,
      },
    },
  };
}

/** What loads every object, so that no variable is unused. */
export const everything = parcelDesk.objects.map(({ kind, name }) => ({
  [kind === 'Secret' ? 'secretRef' : 'configMapRef']: { name },
}));

/** A Deployment with a pod that has started, and what is between the two. */
export function deployment(
  name: string,
  namespace: string,
  envFrom: readonly unknown[],
  started: number,
  labels: Record<string, string> = {},
): Stored[] {
  const spec = { containers: [{ name: 'main', envFrom }] };
  const owned = (kind: string, owner: string) => [{ kind, name: owner, controller: true }];
  const time = new Date(started * 1_000).toISOString().replace('.000', '');
  return [
    {
      kind: 'Deployment',
      metadata: { name, namespace, labels, managedFields: [] },
      spec: { template: { metadata: {}, spec } },
    },
    {
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-1`,
        namespace,
        annotations: { 'deployment.kubernetes.io/revision': '1' },
        ownerReferences: owned('Deployment', name),
      },
      spec: { template: { metadata: {}, spec } },
    },
    {
      kind: 'Pod',
      metadata: {
        name: `${name}-1-a`,
        uid: `${name}-uid`,
        namespace,
        ownerReferences: owned('ReplicaSet', `${name}-1`),
      },
      spec,
      status: {
        phase: 'Running',
        startTime: time,
        containerStatuses: [{ name: 'main', state: { running: { startedAt: time } } }],
      },
    },
  ];
}

/** The rules of the Role in a file of manifests. */
export function rulesIn(file: string): unknown[] {
  return (parse(readFileSync(file, 'utf8').split(/^---$/m)[0] ?? '') as { rules: unknown[] }).rules;
}
