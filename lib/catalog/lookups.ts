import type { BundleObject, Catalog, Variable } from './catalog';

/** The objects that hold a variable. */
export function objectsHolding({ objects }: Pick<Catalog, 'objects'>, variable: Variable): BundleObject[] {
  return objects.filter(({ variables }) => variables.get(variable.key) === variable);
}

/** Every name that a variable is known by: its own, its key and its former ones. */
export function namesOf({ name, key, formerly }: Variable): string[] {
  return [name, key, ...formerly];
}
