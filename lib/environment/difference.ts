import type { Variable } from '../catalog/catalog';
import type { Evaluation } from './evaluate';
import { sameText, type Text } from './sensitive';

/** How one variable differs between two environments. */
export interface Difference {
  readonly variable: Variable;
  readonly state: 'same' | 'different' | 'only-first' | 'only-second' | 'neither';
  /** The two values, where they may be shown. */
  readonly shown: readonly [first: string | undefined, second: string | undefined];
}

/** How an object on the cluster differs from what would be written: keys that the catalog knows, no values. */
export interface LiveDifference {
  /** `<kind>/<name>` */
  readonly object: string;
  readonly state: 'same' | 'missing' | 'different';
  readonly missingKeys: readonly string[];
  /** On the cluster only. Those of the catalog by name, any other counted: it may be a secret taken for a name. */
  readonly extraKeys: readonly string[];
  readonly unknownKeys: number;
  readonly differentKeys: readonly string[];
  readonly wrongType: boolean;
}

/** Compares what two environments hold, in the catalog's order. */
export function differences(first: Evaluation, second: Evaluation): Difference[] {
  const others = second.describeVariables();
  return first.describeVariables().map((state, i) => {
    const { variable } = state;
    const values = [first, second].map(({ resolved }) => resolved.get(variable.name)?.value);
    return {
      variable,
      state: stateOf(values[0], values[1]),
      shown: [state.shownValue, others[i]?.shownValue],
    };
  });
}

function stateOf(first: Text | undefined, second: Text | undefined): Difference['state'] {
  if (first === undefined) return second === undefined ? 'neither' : 'only-second';
  if (second === undefined) return 'only-first';
  return sameText(first, second) ? 'same' : 'different';
}
