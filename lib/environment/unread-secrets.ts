import type { Catalog } from '../catalog/catalog';
import type { Resolver } from './resolve';
import { Sensitive } from './sensitive';
import type { Assignment, Source } from './source';

/**
 * The texts that sources give for secrets and that are no value of theirs: what could not be read, what an assignment of
 * the same name replaces, the literal parts of what cannot be put together.
 */
export function unreadSecrets(catalog: Catalog, sources: readonly Source[], resolver: Resolver): Sensitive[] {
  const isResolved = ({ variable, template }: Assignment) => {
    const index = resolver.layers.valuesFor(variable).findIndex((layerValue) => layerValue.template === template);
    return index >= 0 && resolver.resolveLayer(variable, index) !== undefined;
  };
  return sources.flatMap((source) => [
    ...(source.unreadSecrets ?? [])
      .filter(({ unless }) => unless === undefined || resolver.layers.valuesFor(unless).length === 0)
      .map(({ text }) => text),
    ...source.assignments
      .filter((each) => catalog.variables.get(each.variable)?.sensitive && !isResolved(each))
      .flatMap(({ template }) => template.filter((part) => part instanceof Sensitive)),
  ]);
}
