import type { Catalog } from '../../catalog/catalog';
import type { Problem } from '../problem';
import type { Resolver } from '../resolve';
import { layers, type Source } from '../source';

/**
 * Secrets that are set but empty in the process environment, so that a lower layer's value is taken: whoever lists a secret
 * there means to set it. An unset secret of GitHub arrives like that.
 */
export function emptyValues(catalog: Catalog, sources: readonly Source[], resolver: Resolver): Problem[] {
  const source = sources.find(({ layer }) => layer === 'process-env');
  return (source?.assignments ?? []).flatMap(({ variable, template }): Problem[] => {
    const taken = resolver.layers.valuesFor(variable)[0]?.origin;
    const fallsBack = taken && layers.indexOf(taken.layer) > layers.indexOf('process-env');
    if (template.length > 0 || !fallsBack || !catalog.variables.get(variable)?.sensitive) return [];
    return [
      {
        severity: 'warning',
        code: 'empty-value',
        variable,
        message: `${variable} is empty in the process environment, and the value of ${taken.file ?? 'the catalog'} is taken`,
        hint: `Give ${variable} its value there: is its name spelled differently in the secret store? Or do not list it`,
      },
    ];
  });
}
