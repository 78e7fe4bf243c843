import type { Catalog } from '../../catalog/catalog';
import type { Problem } from '../problem';
import { createProblemList } from '../problem-list';
import type { Resolver } from '../resolve';
import { sameText } from '../sensitive';
import type { Source } from '../source';

/** Patches that say they are for another namespace than that of the environment. */
export function foreignNamespaces(catalog: Catalog, sources: readonly Source[], resolver: Resolver): Problem[] {
  const variable = catalog.roles.namespace;
  const own = resolver.resolve(variable.name)?.value;
  if (own === undefined) return [];
  return sources.flatMap((source) => {
    if (!source.namespaces) return [];
    const problems = createProblemList(source.file);
    for (const { template, line } of source.namespaces) {
      const named = resolver.fill(template);
      if (named !== undefined && sameText(named, own)) continue;
      problems.add({ severity: 'error', code: 'invalid-patch', line }, () => ({
        message: `The namespace is not the one of this environment, ${variable.name}`,
        hint: 'Remove the namespace: every object goes to the one of the environment',
      }));
    }
    return problems.all();
  });
}
