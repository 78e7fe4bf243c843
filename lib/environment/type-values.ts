import type { Catalog } from '../catalog/catalog';

/** What the types of a catalog allow and give as examples: everybody may read it. */
export function valuesOfTypes({ variables }: Catalog): ReadonlySet<string> {
  return new Set([...variables.values()].flatMap(({ type }) => [...(type.allowed ?? []), type.example]));
}

/** Shorter ones are found in credentials by chance. In UTF-16 code units. */
const shortestExample = 12;

/** Whether a text is one of these values or a piece of one, or holds one that is long enough. */
export function isOfTypes(values: ReadonlySet<string>, text: string): boolean {
  for (const value of values) {
    if (value.includes(text) || (value.length >= shortestExample && text.includes(value))) return true;
  }
  return false;
}
