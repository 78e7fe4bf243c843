import type { Variable } from '../catalog/catalog';
import type { Assignment } from '../environment/source';
import type { UnreadSecrets } from './unread-secrets';

/** Assigns a variable anew. The last one counts, as in dotenv, and an empty one counts as none. */
export function assign(
  assignments: Map<string, Assignment>,
  { name, sensitive }: Variable,
  next: Assignment,
  unread: UnreadSecrets,
): void {
  const isEmpty = next.template.length === 0;
  const replaced = isEmpty ? undefined : assignments.get(name);
  if (replaced && sensitive) unread.addReplaced(replaced.template);
  if (!isEmpty || !assignments.has(name)) assignments.set(name, next);
}
