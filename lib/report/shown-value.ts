import type { Difference } from '../environment/difference';
import type { VariableState } from '../environment/variable-states';
import { oneLine } from './table';

// What stands for a value, whatever the form of report: a secret's is shown by none of them.

/** What may be shown of a variable's value: the value itself, or in parentheses why it is not shown. */
export function valueText({ status, shownValue, variable }: VariableState): string {
  if (shownValue !== undefined) return oneLine(shownValue);
  if (status !== 'set' && status !== 'default') return `(${status})`;
  return variable.sensitive ? '(secret)' : '(not shown: see its problem)';
}

/** The same of one of two environments that are compared. */
export function sideText({ variable, shown, status }: Difference, side: 0 | 1): string {
  const value = shown[side];
  if (value !== undefined) return oneLine(value);
  if (status[side] === 'unset') return '–';
  if (status[side] !== 'set' && status[side] !== 'default') return `(${status[side]})`;
  return variable.sensitive ? '(secret)' : '(not shown)';
}
