import type { Catalog, Variable } from '../catalog/catalog';
import { objectsHolding } from '../catalog/lookups';
import { mapText, Sensitive, type Text } from '../environment/sensitive';
import { yamlText } from '../output/yaml-text';

/**
 * A patch file that gives these values, in the former system's format: a document for each object of each variable.
 * Texts are written as they are given: whoever wants a literal `${` has escaped it. Sensitive as soon as one is.
 */
export function patchText(catalog: Catalog, values: readonly (readonly [variable: Variable, value: Text])[]): Text {
  return Sensitive.join(
    values.flatMap(([variable, value]) =>
      objectsHolding(catalog, variable).map(({ kind, name }) => {
        const field = kind === 'Secret' ? 'stringData' : 'data';
        const document = (text: string) =>
          yamlText([{ apiVersion: 'v1', kind, metadata: { name }, [field]: { [variable.key]: text } }]);
        return mapText(value, document);
      }),
    ),
  );
}
