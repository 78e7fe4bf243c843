import type { Variable } from '../../catalog/catalog';
import type { Problem } from '../problem';
import type { Resolver } from '../resolve';
import { placeOf, type Source, type UnknownName } from '../source';

/** Where to put a value that is missing: file names for hints. */
export interface HintFiles {
  readonly secrets: string;
  readonly config: string;
}

/** A required variable without a value. */
export function missing(
  variable: Variable,
  sources: readonly Source[],
  resolver: Resolver,
  unshown: ReadonlySet<UnknownName>,
  files: HintFiles,
): Problem[] {
  const { name } = variable;
  if (variable.optional || resolver.layers.valuesFor(name).length > 0) return [];
  if (sources.some((source) => source.faulty?.has(name) || (source.unreadable && mayHold(source, variable)))) return [];
  const typo = firstOf(sources, ({ unknownNames }) => unknownNames.find(({ near }) => near === name));
  const file = variable.sensitive ? files.secrets : files.config;
  const optedIn = sources.some(({ layer }) => layer === 'process-env');
  return [
    {
      severity: 'error',
      code: 'missing',
      variable: name,
      ...placeOf(resolver.layers.emptyAt(name) ?? {}),
      message: `${name} is required and has no value`,
      hint: typo
        ? `Is ${placeOfTypo(typo.source, typo.found, unshown)} a misspelling of it?`
        : `Set it in ${optedIn ? 'the process environment or in ' : ''}${file}`,
    },
  ];
}

function firstOf<T>(
  sources: readonly Source[],
  find: (source: Source) => T | undefined,
): { source: Source; found: T } | undefined {
  for (const source of sources) {
    const found = find(source);
    if (found !== undefined) return { source, found };
  }
  return undefined;
}

function mayHold(source: Source, variable: Variable): boolean {
  if (source.layer === 'patch') return variable.kind !== 'infra';
  return source.layer !== 'config-file' || !variable.sensitive;
}

function placeOfTypo(source: Source, typo: UnknownName, unshown: ReadonlySet<UnknownName>): string {
  if (source.file) return `line ${typo.line} of ${source.file}`;
  // The process environment has no lines to point at.
  return `${unshown.has(typo) ? 'a name' : typo.name} in the process environment`;
}
