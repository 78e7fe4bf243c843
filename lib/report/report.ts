import type { Catalog } from '../catalog/catalog';
import type { Difference, LiveDifference, ObjectChange } from '../environment/difference';
import type { Problem, Refusal } from '../environment/problem';
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
      readonly with: 'cluster';
      readonly environment: string;
      readonly context: string;
      readonly cluster: string;
      readonly found: readonly LiveDifference[];
    }
  | {
      readonly with: 'written';
      readonly environment: string;
      readonly folder: string;
      readonly found: readonly ObjectChange[];
      /** The names of variables that have no value, or a wrong one. */
      readonly notCompared: readonly string[];
    };

/** What is known of where a report is shown. */
export interface Screen {
  readonly colors: Colors;
  /** In characters; known on a terminal only. */
  readonly columns?: number;
  readonly rows?: number;
}

/** A form that reports are given in. */
export interface ReportFormat {
  check(report: CheckReport, screen: Screen): string;
  diff(report: DiffReport, screen: Screen): string;
  /** Where nothing could be looked at at all. */
  refusal(problems: Refusal['problems']): string;
}
