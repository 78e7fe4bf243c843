import type { Catalog } from '../catalog/catalog';
import type { Difference, ObjectChange } from '../environment/difference';
import type { LiveDifference } from '../environment/live-difference';
import type { Problem, Refusal } from '../environment/problem';
import type { Outlasting, Restart } from '../environment/restart';
import type { VariableState } from '../environment/variable-states';
import type { Colors } from './terminal';

/** What `check` found of one environment. */
export interface CheckedEnvironment {
  readonly name: string;
  /** Those that are listed. */
  readonly problems: readonly Problem[];
  /** None of an environment that does not exist. */
  readonly states: readonly VariableState[];
}

/** What `check` found. */
export interface CheckReport {
  readonly catalog: Catalog;
  readonly environments: readonly CheckedEnvironment[];
  /** The one variable that was asked for. */
  readonly variable?: string;
}

/** What `diff` found, of two environments or of one and what there is of it elsewhere. */
export type DiffReport =
  | {
      readonly with: 'environment';
      readonly names: readonly [first: string, second: string];
      readonly found: readonly Difference[];
      /** What is wrong with each of the two, as far as it is listed. */
      readonly problems: readonly (readonly Problem[])[];
    }
  | {
      readonly with: 'past';
      readonly environment: string;
      /** The commit that it was compared with. */
      readonly commit: string;
      readonly found: readonly Difference[];
      /** Both are read by the catalog of today: where a variable went then is not known. */
      readonly hasOtherCatalog: boolean;
    }
  | ({ readonly with: 'cluster' } & ClusterReport)
  | {
      readonly with: 'written';
      readonly environment: string;
      readonly folder: string;
      readonly found: readonly ObjectChange[];
      /** The names of variables that have no value, or a wrong one. */
      readonly notCompared: readonly string[];
    };

/** How a cluster differs from what an environment is to be there. */
export interface ClusterReport {
  readonly environment: string;
  readonly context: string;
  readonly cluster: string;
  /** `unknown`: it may not be read. */
  readonly namespace: { readonly name: string; readonly state: 'there' | 'missing' | 'terminating' | 'unknown' };
  readonly found: readonly LiveDifference[];
  /** Objects of ours that are not written any more, each as `<kind>/<name>`, and what still names them. */
  readonly leftOvers: readonly { readonly object: string; readonly namedBy: readonly string[] }[];
  /** Workloads whose pods have loaded what differs, or what has changed since they started. */
  readonly restarts: readonly Restart[];
  /** Workloads with such pods that need no restart. */
  readonly outlasting: readonly Outlasting[];
  /** What is wrong between the environment and what runs there. */
  readonly problems: readonly Problem[];
  /** What could not be looked at. */
  readonly unknown: readonly string[];
  /** Commands as they are typed by hand. */
  readonly lines: {
    readonly createNamespace: string;
    remove(objects: readonly string[]): string;
    restart(workloads: readonly string[]): string;
    describe(workloads: readonly string[]): string;
  };
}

/** What `apply` has done. */
export interface ApplyReport {
  readonly plan: ClusterReport;
  readonly folder: string;
  readonly outcome: 'planned' | 'nothing-to-do' | 'declined' | 'applied';
  /** Objects that were deleted. */
  readonly pruned: readonly string[];
  /** Workloads whose pods are being replaced. */
  readonly restarted: readonly Restart[];
  /** Those that nobody has restarted. */
  readonly left: readonly Restart[];
  /** Those that need not restart after all: what they load turned out to be what it was. */
  readonly spared: readonly Restart[];
  /** Workloads that were waited for. */
  readonly waited: readonly { readonly workload: string; readonly ready: boolean }[];
  /** Those whose pods are being replaced, or are not ready, where nobody has waited. */
  readonly unawaited: readonly string[];
  /** Objects of which others no longer have set what they had set alike. */
  readonly takenOver: readonly string[];
  /** Objects that differ again though they were applied. */
  readonly changedAgain: readonly string[];
}

/** What is known of where a report is shown. */
export interface Screen {
  readonly colors: Colors;
  /** In characters; known on a terminal only. */
  readonly columns?: number;
  readonly rows?: number;
}

/** A form that reports are given in. */
export interface ReportFormat {
  /** Whether `check` shows the values of each of several environments. */
  readonly showsAllValues: boolean;
  check(report: CheckReport, screen: Screen): string;
  diff(report: DiffReport, screen: Screen): string;
  /** Only what fits a run that asks, and waits. */
  apply?(report: ApplyReport, screen: Screen): string;
  /** Where an error has stopped all of it. */
  refusal(problems: Refusal['problems']): string;
}
