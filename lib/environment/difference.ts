import { type Catalog, registryCredentials, type Variable } from '../catalog/catalog';
import type { Evaluation } from './evaluate';
import { sameText, type Text } from './sensitive';
import type { Status, VariableState } from './variable-states';

/** How one variable differs between two environments. */
export interface Difference {
  readonly variable: Variable;
  /**
   * `expected` is what must differ: the environment's name and its namespace. `not-compared` is what one of the two
   * lacks, has wrong, or has in a store that only its cluster reads.
   */
  readonly state: 'same' | 'different' | 'expected' | 'only-first' | 'only-second' | 'neither' | 'not-compared';
  /** The two values, where they may be shown. */
  readonly shown: readonly [first: string | undefined, second: string | undefined];
  readonly status: readonly [first: Status, second: Status];
}

/** How an object that is written differs from what was written before: names of keys, no values. */
export interface ObjectChange {
  /** `<kind>/<name>` */
  readonly object: string;
  readonly state: 'same' | 'new' | 'gone' | 'changed';
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** Its namespace, labels or type are others. */
  readonly otherwise: boolean;
}

/** Compares what two environments hold, in the catalog's order. What one of them lacks stops nothing. */
export function differences({ roles }: Catalog, first: Evaluation, second: Evaluation): Difference[] {
  const others = second.describeVariables();
  const unlike: readonly Variable[] = [roles.environment, roles.namespace];
  return first.describeVariables().map((state, i): Difference => {
    const { variable } = state;
    const other = others[i] ?? state;
    const values = [first, second].map(({ resolved }) => resolved.get(variable.name)?.value);
    const isUnknown = [state, other].some((each) => isHole(each) || each.status === 'external');
    const found = isUnknown ? 'not-compared' : stateOf(values[0], values[1]);
    return {
      variable,
      state: found === 'different' && unlike.includes(variable) ? 'expected' : found,
      shown: [state.shownValue, other.shownValue],
      status: [state.status, other.status],
    };
  });
}

/**
 * Compares what an environment held with what it holds, in the catalog's order. What has no value is not there; only what
 * is wrong, or cannot be read, is not compared.
 * @param isShown whether a value may be seen by whoever may not see the other side's secrets
 */
export function changesSince(before: Evaluation, now: Evaluation, isShown: (value: string) => boolean): Difference[] {
  const states = now.describeVariables();
  return before.describeVariables().map((state, i): Difference => {
    const { variable } = state;
    const other = states[i] ?? state;
    const isUnknown = [state, other].some(({ status }) => status === 'invalid');
    const [first, second] = [before, now].map(({ resolved }) => resolved.get(variable.name)?.value);
    const shown = [state, other].map(({ shownValue: value }) =>
      value !== undefined && isShown(value) ? value : undefined,
    );
    return {
      variable,
      state: isUnknown ? 'not-compared' : stateOf(first, second),
      shown: [shown[0], shown[1]],
      status: [state.status, other.status],
    };
  });
}

/** Whether a variable lacks the value that it should have. */
export function isHole({ status }: Pick<VariableState, 'status'>): boolean {
  return status === 'missing' || status === 'invalid';
}

function stateOf(first: Text | undefined, second: Text | undefined): Difference['state'] {
  if (first === undefined) return second === undefined ? 'neither' : 'only-second';
  if (second === undefined) return 'only-first';
  return sameText(first, second) ? 'same' : 'different';
}

/** Whether it is a difference that counts. */
export function isDifferent({ state }: Difference): boolean {
  return state === 'different' || state === 'only-first' || state === 'only-second';
}

/** Whether it is not known how the two compare. */
export function isNotCompared({ state }: Difference): boolean {
  return state === 'not-compared';
}

/**
 * Changes without those of keys whose variables have no value: what becomes of them is not known. An object of which
 * nothing is known by that is left out.
 * @param values what is known, by variable
 */
export function withoutHoles(
  { objects }: Catalog,
  changes: readonly ObjectChange[],
  holes: readonly Variable[],
  values: Readonly<Record<string, Text>>,
): ObjectChange[] {
  const credentials =
    holes.some(({ drives }) => drives?.startsWith('registry')) && `Secret/${registryCredentials.name}`;
  return changes
    .filter(({ object }) => object !== credentials)
    .flatMap((change) => {
      const own = objects.find(({ kind, name }) => `${kind}/${name}` === change.object);
      const isKnown = (key: string) => !holes.some((variable) => own?.variables.get(key) === variable);
      const [added, removed, changed] = [change.added, change.removed, change.changed].map((keys) =>
        keys.filter(isKnown),
      );
      const left = { added: added ?? [], removed: removed ?? [], changed: changed ?? [] };
      const isSame = Object.values(left).every(({ length }) => length === 0) && !change.otherwise;
      if (change.state !== 'changed' || !isSame) return { ...change, ...left };
      const isAnyKnown = [...(own?.variables.values() ?? [])].some(({ name }) => values[name] !== undefined);
      return isAnyKnown ? { ...change, ...left, state: 'same' as const } : [];
    });
}
