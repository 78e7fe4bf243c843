import { isUtf8 } from 'node:buffer';
import { createHash, randomBytes, scryptSync } from 'node:crypto';
import type { Catalog } from '../catalog/catalog';
import { bundlesOfPods } from '../catalog/pods';
import { kustomizationFile, rolloutFolder } from './own-folder';
import { type Manifest, yamlText } from './yaml-text';

/** Where the Component stands in `dist/<env>`. */
export const rolloutFile = `${rolloutFolder}/${kustomizationFile}`;

/** An object of an environment as it is rendered: data in base64 where it is a Secret. */
export interface RenderedObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  /** Of an ExternalSecret. */
  readonly spec?: unknown;
}

/** Makes the Component of an environment of a catalog. */
export type RolloutOf = (
  environment: string,
  /** All objects of the environment. */
  objects: readonly RenderedObject[],
  /** The Component of the very same objects, if there is one: what is slow need not be hashed again. */
  former?: string,
) => Rollout;

/**
 * A Kustomize Component that workloads opt into, bundle by bundle, by the label `<app>/rollout-<bundle>: "true"`. It puts
 * a checksum of what the pods of that bundle load into their template: a changed key restarts them, and nobody else.
 */
export function createRollout(catalog: Catalog): RolloutOf {
  const bundles = [...catalog.bundles.keys()].map((bundle) => ({ bundle, loads: objectsOfPods(catalog, bundle) }));
  // All but the checksums is the same for every environment: it is made once, with a mark in the place of each.
  const pieces = componentText(catalog, (bundle) => `<${bundle}>`).split(/<([a-z0-9-]+)>/);
  // Objects that are the same may be loaded by other pods, as the catalog has it.
  const covered = `# What each checksum covers: ${bundles.map(({ bundle, loads }) => `${bundle}: ${loads.join(', ')}`).join('; ')}\n`;
  return (environment, objects, former) => {
    const formerly = (bundle: string) =>
      former?.startsWith(covered) ? formerChecksum(former, catalog.app, bundle) : undefined;
    const contents = new Map(objects.map((object) => [loadedAs(object), contentOf(object)]));
    const checksums = new Map(
      bundles.map(({ bundle, loads }) => {
        const loaded = loads.flatMap((name) => contents.get(name) ?? []);
        const salt = ['rollout 1', catalog.app, environment, bundle].join('\0');
        const isSafe = loaded.some((each) => each.isSafe()) || loaded.every((each) => !each.isSecret);
        const text = loaded.map((each) => each.text).join('\n');
        const fast = fastChecksum(salt, text);
        if (isSafe) return [bundle, fast];
        const known = formerly(bundle);
        // An earlier version may have taken the same secrets for safe.
        return [bundle, known === undefined || known === fast ? slowChecksum(salt, text) : known];
      }),
    );
    const textWith = (checksumOf: (bundle: string) => string) =>
      pieces.map((piece, index) => (index % 2 === 0 ? piece : checksumOf(piece))).join('');
    return {
      text: `${covered}${textWith((bundle) => checksums.get(bundle) ?? '')}`,
      unfinished() {
        const nobodys = `unfinished-${randomBytes(8).toString('hex')}`;
        return `${unfinishedMark}${textWith(() => nobodys)}`;
      },
      checksums,
    };
  };
}

/** The checksum of what the pods of each bundle load, as the Component of these objects has it. */
export function checksumsOf(
  catalog: Catalog,
  environment: string,
  objects: readonly RenderedObject[],
): ReadonlyMap<string, string> {
  return createRollout(catalog)(environment, objects).checksums;
}

function componentText(catalog: Catalog, checksumOf: (bundle: string) => string): string {
  const patches = [...catalog.bundles.keys()].flatMap((bundle) => {
    const annotations = { [checksumAnnotation(catalog.app, bundle)]: checksumOf(bundle) };
    return workloads.map(({ group, version, kind, specWith }) => ({
      target: { group, kind, labelSelector: `${rolloutLabel(catalog.app, bundle)}=true` },
      patch: JSON.stringify({
        apiVersion: `${group}/${version}`,
        kind,
        metadata: { name: 'any' },
        spec: specWith({ metadata: { annotations } }),
      }),
    }));
  });
  return yamlText([{ apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component', patches }]);
}

/** The Component as text. */
export interface Rollout {
  readonly text: string;
  /**
   * What stands there while the manifests change. Its checksums are nobody else's: whoever applies what a killed run has
   * left restarts the pods then, and once more with what the next run writes.
   */
  unfinished(): string;
  /** The checksum of each bundle. */
  readonly checksums: ReadonlyMap<string, string>;
}

const unfinishedMark = '# The manifests are being changed.\n';

/** Whether a Component is one that stands there while the manifests change, or where a run was killed meanwhile. */
export function isUnfinished(text: string | undefined): boolean {
  return text?.startsWith(unfinishedMark) ?? false;
}

/** The label by which a workload opts in. */
export function rolloutLabel(app: string, bundle: string): string {
  return `${app}/rollout-${bundle}`;
}

/** The annotation of a pod template that holds the checksum. */
export function checksumAnnotation(app: string, bundle: string): string {
  return `${app}/checksum-${bundle}`;
}

/**
 * Workloads whose pods are replaced when their template changes. A Job's cannot change, and a Pod or ReplicaSet is
 * never replaced.
 */
const workloads = [
  ...['Deployment', 'StatefulSet', 'DaemonSet'].map((kind) => ({
    group: 'apps',
    version: 'v1',
    kind,
    specWith: (template: Manifest): Manifest => ({ template }),
  })),
  {
    group: 'batch',
    version: 'v1',
    kind: 'CronJob',
    specWith: (template: Manifest): Manifest => ({ jobTemplate: { spec: { template } } }),
  },
];

/**
 * The checksum of each bundle in the Component of an environment.
 * @param text undefined where there is none
 * @returns undefined where a run was killed while it wrote it
 */
export function checksumsIn(text: string | undefined, { app, bundles }: Catalog): Map<string, string> | undefined {
  if (isUnfinished(text)) return undefined;
  return new Map(
    [...bundles.keys()].flatMap((bundle) => {
      const checksum = formerChecksum(text, app, bundle);
      return checksum === undefined ? [] : [[bundle, checksum] as const];
    }),
  );
}

/** The objects that the pods of a bundle load, in the catalog's order: `<kind>/<name>`. */
export function objectsOfPods(catalog: Catalog, bundle: string): string[] {
  const loaded = bundlesOfPods(catalog, bundle);
  return catalog.objects.filter((each) => loaded.includes(each.bundle)).map(({ kind, name }) => `${kind}/${name}`);
}

/** What pods load of an object: of an ExternalSecret the Secret that is made of it. */
function loadedAs({ kind, metadata }: RenderedObject): string {
  return `${kind === 'ExternalSecret' ? 'Secret' : kind}/${metadata.name}`;
}

/** What an ExternalSecret fetches, and from where. The values are not known here, and how often does not matter to pods. */
function fetched(spec: unknown): unknown {
  if (typeof spec !== 'object' || spec === null) return undefined;
  const { refreshInterval: _often, ...rest } = spec as Record<string, unknown>;
  return rest;
}

interface Content {
  readonly text: string;
  readonly isSecret: boolean;
  /** Whether a hash of it tells nothing of a secret, however many are tried. */
  isSafe(): boolean;
}

/**
 * Who may read pod templates is not to learn anything of a secret from it, also who knows all the others: all are hashed
 * together. Where none of them is long and random, guessing is made slow.
 */
function contentOf({ kind, metadata, data, spec }: RenderedObject): Content {
  const isSecret = kind === 'Secret' && data !== undefined;
  let known: boolean | undefined;
  return {
    text: JSON.stringify([kind, metadata.name, data ?? fetched(spec)]),
    isSecret,
    isSafe() {
      known ??=
        isSecret && Object.values(data).some((base64) => isLongAndRandom(Buffer.from(base64, 'base64').toString()));
      return known;
    },
  };
}

function fastChecksum(salt: string, text: string): string {
  return createHash('sha256')
    .update(salt)
    .update('\0')
    .update(text)
    .digest()
    .subarray(0, checksumBytes)
    .toString('hex');
}

function slowChecksum(salt: string, text: string): string {
  return scryptSync(text, salt, checksumBytes).toString('hex');
}

const checksumBytes = 16;

/**
 * Whether nobody finds a text by trying, to be on the safe side: one word, since of several, as in a URL, the random one
 * may be no secret, and in it 32 letters and digits in a row, as only a machine mixes them. Of random ones about half
 * differ in kind from the one before, in words and dates few; and no four of them come twice. The base64 of words looks so
 * too.
 */
function isLongAndRandom(text: string): boolean {
  if (!/^[\w.-]+=*$/.test(text)) return false;
  return (text.match(/[A-Za-z0-9]{32,}/g) ?? []).some((run) => {
    const changes = run.match(/(?<=[a-z])[^a-z]|(?<=[A-Z])[^A-Z]|(?<=[0-9])[^0-9]/g)?.length ?? 0;
    const isMixed = changes >= run.length / 4 && new Set(run).size >= 10 && !hasFourTwice(run);
    return isMixed && ![0, 1, 2, 3].some((start) => isText(Buffer.from(run.slice(start), 'base64')));
  });
}

/** Whether four characters come twice, one behind the other. */
function hasFourTwice(run: string): boolean {
  const first = new Map<string, number>();
  for (let at = 0; at + 4 <= run.length; at++) {
    const four = run.slice(at, at + 4);
    const before = first.get(four);
    if (before === undefined) first.set(four, at);
    else if (at - before >= 4) return true;
  }
  return false;
}

/** Whether bytes are what somebody has typed. Of random ones hardly any are. */
function isText(bytes: Buffer): boolean {
  const whole = bytes.subarray(0, -3); // the last character may be cut
  return isUtf8(whole) && !/\p{Cc}/u.test(whole.toString().replace(/[\t\r\n]/g, ''));
}

/** The checksum of a bundle in a Component that was written before. */
function formerChecksum(former: string | undefined, app: string, bundle: string): string | undefined {
  if (former === undefined) return undefined;
  const annotation = checksumAnnotation(app, bundle);
  return former.split(`{\\"${annotation}\\":\\"`)[1]?.match(/^[0-9a-f]{32}(?=\\"\})/)?.[0];
}
