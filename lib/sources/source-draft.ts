import type { Catalog, Variable } from '../catalog/catalog';
import { limits } from '../environment/limits';
import { createNearNames } from '../environment/near-names';
import { createProblemList } from '../environment/problem-list';
import type { Assignment, Source, UnknownName } from '../environment/source';
import { parseTemplate } from '../environment/template';
import { findUnreadSecrets } from './unread-secrets';

/** A source while it is read, assignment by assignment. */
export function draftSource(
  catalog: Catalog,
  { layer, file, unknownNamesAre }: Pick<Source, 'layer' | 'file' | 'unknownNamesAre'>,
) {
  const assignments = new Map<string, Assignment>();
  const unknownNames: UnknownName[] = [];
  const problems = createProblemList(file);
  const nearNames = createNearNames(catalog.variables);
  const faulty = new Set<string>();
  const unread = findUnreadSecrets(catalog, unknownNamesAre);
  /** Whether another name outside the catalog is kept, and not only counted. */
  const hasRoom = () => unknownNames.length < limits.unknownNames;
  /** Assigns a variable anew. The last one counts, as in dotenv, and an empty one counts as none. */
  const assign = ({ name, sensitive }: Variable, next: Assignment) => {
    const isEmpty = next.template.length === 0;
    const replaced = isEmpty ? undefined : assignments.get(name);
    if (replaced && sensitive) unread.addReplaced(replaced.template);
    if (!isEmpty || !assignments.has(name)) assignments.set(name, next);
  };
  return {
    problems,
    nearNames,
    faulty,
    unread,
    hasRoom,
    /** Takes the value of a name. @param variable undefined for a name outside the catalog */
    give(name: string, variable: Variable | undefined, value: string, place: Pick<Assignment, 'line' | 'quote'>) {
      if (variable) {
        const template = parseTemplate(value, catalog, variable.sensitive, nearNames);
        assign(variable, { variable: name, template, ...place });
      } else {
        unread.addUnknown(name, value);
      }
      unread.addWithin(value, variable?.sensitive === true);
    },
    /** @param entry its number in JSON */
    addUnknown(name: string, line: number, entry?: number) {
      if (hasRoom()) {
        const near = nearNames(name);
        unknownNames.push({ name, line, ...(near !== undefined && { near }), ...(entry !== undefined && { entry }) });
      } else if (unknownNamesAre !== 'hints') {
        problems.count(unknownNamesAre === 'errors' ? 'error' : 'warning', 'unknown-variable');
      }
    },
    finish: (): Source => ({
      layer,
      ...(file !== undefined && { file }),
      assignments: [...assignments.values()],
      unknownNames,
      unknownNamesAre,
      problems: problems.all(),
      faulty,
      unreadSecrets: unread.all(),
    }),
  };
}
