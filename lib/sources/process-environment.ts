import type { Catalog } from '../catalog/catalog';
import { nearName } from '../catalog/near-name';
import type { Assignment, Source, UnknownName } from '../environment/source';
import { parseTemplate } from '../environment/template';
import { findUnreadSecrets } from './unread-secrets';

/** Takes the catalog's names from a process environment. Of the others, only near ones are kept, for hints. */
export function readProcessEnvironment(environment: NodeJS.ProcessEnv, catalog: Catalog): Source {
  const assignments: Assignment[] = [];
  const unknownNames: UnknownName[] = [];
  const unread = findUnreadSecrets(catalog, 'hints');
  for (const [name, value] of Object.entries(environment)) {
    const variable = catalog.variables.get(name);
    if (variable) {
      assignments.push({ variable: name, template: parseTemplate(value ?? '', catalog, variable.sensitive) });
      continue;
    }
    const near = nearName(name, catalog.variables.keys());
    if (near !== undefined) unknownNames.push({ name, near });
    unread.addUnknown(name, value ?? '');
  }
  return {
    layer: 'process-env',
    assignments,
    unknownNames,
    unknownNamesAre: 'hints',
    problems: [],
    unreadSecrets: unread.all(),
  };
}
