import type { Catalog } from '../../catalog/catalog';
import { addTo } from '../group-by';
import type { Fault, Problem } from '../problem';
import { createProblemList } from '../problem-list';
import type { Resolved, Resolver } from '../resolve';
import { Sensitive } from '../sensitive';
import type { Source, UnknownName } from '../source';

/** Names outside the catalog. */
export function unknownNames(
  variables: Catalog['variables'],
  sources: readonly Source[],
  resolver: Resolver,
  unshown: ReadonlySet<UnknownName>,
): Problem[] {
  return sources.flatMap((source) => {
    if (source.unknownNamesAre === 'hints' || source.unknownNames.length === 0) return [];
    const problems = createProblemList(source.file);
    for (const unknown of source.unknownNames) {
      const { name, near, line } = unknown;
      const tolerated =
        source.unknownNamesAre === 'tolerated' && !(near && resolver.layers.valuesFor(near).length === 0);
      const severity = tolerated ? 'warning' : 'error';
      const shown = near !== undefined && !unshown.has(unknown);
      problems.add(
        { severity, code: 'unknown-variable', ...(shown && { variable: name }), ...(line && { line }) },
        () => faultOf(unknown, shown, variables),
      );
    }
    return problems.all();
  });
}

function faultOf({ name, near, entry }: UnknownName, shown: boolean, variables: Catalog['variables']): Fault {
  const it = entry === undefined ? 'This' : `Entry ${entry}`;
  const message = shown ? `${name} is not in the catalog` : `${it} assigns a name that is not in the catalog`;
  const isFormer = near !== undefined && variables.get(near)?.formerly.includes(name);
  if (isFormer) return { message, hint: `It is called ${near} now: rename it` };
  const known = [...variables.values()].filter(({ key }) => key === name).map((variable) => variable.name);
  if (known.length > 0)
    return { message, hint: `It is called ${known.join(' or ')} here: only pods know it by this name` };
  if (near) return { message, hint: `Did you mean ${near}?` };
  const remove = 'If it is called otherwise by now, rename it; else remove it, or declare it in catalog.ts';
  return {
    message,
    hint: entry === undefined ? `${remove}. If it is the tail of a value, that value needs quotes` : remove,
  };
}

/** Names that hold six characters in a row of a secret that their well-known neighbour does not hold. */
export function namesLikeSecrets(sources: readonly Source[], values: readonly Resolved[]): ReadonlySet<UnknownName> {
  const byPiece = new Map<string, UnknownName[]>();
  for (const unknown of sources.flatMap(({ unknownNames }) => unknownNames)) {
    const { name, near } = unknown;
    if (near === undefined) continue;
    for (const piece of piecesOf(name)) if (!near.includes(piece)) addTo(byPiece, piece, unknown);
  }
  const found = new Set<UnknownName>();
  if (byPiece.size === 0) return found;
  const gather = (text: string): boolean => {
    // However many names there are, a secret is walked through once, and each piece is met once.
    for (const piece of byPiece.size > 0 ? piecesOf(text) : []) {
      for (const unknown of byPiece.get(piece) ?? []) found.add(unknown);
      byPiece.delete(piece);
    }
    return found.size > 0;
  };
  for (const { value } of values) if (value instanceof Sensitive) value.matches(gather);
  return found;
}

/** Every six characters in a row. */
function* piecesOf(text: string): Generator<string> {
  for (let at = 0; at + 6 <= text.length; at++) yield text.slice(at, at + 6);
}
