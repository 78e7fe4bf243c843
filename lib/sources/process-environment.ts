import type { Catalog } from '../catalog/catalog';
import { createNearNames } from '../environment/near-names';
import type { Assignment, Source, UnknownName } from '../environment/source';
import { parseTemplate } from '../environment/template';
import { findUnreadSecrets } from './unread-secrets';

/** Takes the catalog's names from a process environment. Of the others, only near ones are kept, for hints. */
export function readProcessEnvironment(environment: NodeJS.ProcessEnv, catalog: Catalog): Source {
  const assignments: Assignment[] = [];
  const unread = findUnreadSecrets(catalog, 'hints');
  const nearNames = createNearNames(catalog.variables);
  /** One for each that may be meant. */
  const unknownNames = new Map<string, UnknownName>();
  // Only the values that count are asked for: the system looks for each in a list of all.
  for (const name of Object.getOwnPropertyNames(environment)) {
    const variable = catalog.variables.get(name);
    if (variable) {
      const value = environment[name] ?? '';
      assignments.push({ variable: name, template: parseTemplate(value, catalog, variable.sensitive, nearNames) });
      unread.addWithin(value, variable.sensitive);
      continue;
    }
    const near = nearNames(name);
    if (near !== undefined && !unknownNames.has(near)) unknownNames.set(near, { name, near });
    if (unread.isName(name)) unread.addUnknown(name, environment[name] ?? '');
  }
  return {
    layer: 'process-env',
    assignments,
    unknownNames: [...unknownNames.values()],
    unknownNamesAre: 'hints',
    problems: [],
    unreadSecrets: unread.all(),
  };
}
