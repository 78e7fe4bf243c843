import type { Variable } from '../catalog/catalog';
import type { Place, Problem } from './problem';
import type { Sensitive } from './sensitive';
import type { Template } from './template';

/** Where a value may come from, the higher one first: it wins. */
export const layers = ['patch', 'process-env', 'env-file', 'config-file', 'default'] as const;

export type Layer = (typeof layers)[number];

/** Where a value came from. The process environment and the catalog have no file. */
export interface Origin extends Place {
  readonly layer: Layer;
}

/** Where a source gives something. */
export function originIn({ layer, file }: Pick<Source, 'layer' | 'file'>, line: number | undefined): Origin {
  if (file === undefined) return { layer };
  return line === undefined ? { layer, file } : { layer, file, line };
}

/** Where something stands and nothing else of it: of an origin all but its layer. */
export function placeOf({ file, line }: Place): Place {
  return { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}

/** A variable by name and, where its value comes from no file, by layer: a message has no other place to show. */
export function subject(variable: string, { layer }: Origin): string {
  if (layer === 'process-env') return `${variable} in the process environment`;
  return layer === 'default' ? `${variable} in the catalog` : variable;
}

/**
 * A problem of a variable, at the place that gives its value.
 * @param says completes the sentence that starts with the variable's name
 */
export function problemAt(
  variable: string,
  origin: Origin,
  { severity, code, says, hint }: Pick<Problem, 'severity' | 'code'> & { says: string; hint?: string | undefined },
): Problem {
  const message = `${subject(variable, origin)} ${says}`;
  return { severity, code, variable, ...placeOf(origin), message, ...(hint !== undefined && { hint }) };
}

/** A value that a source gives a variable of the catalog. An empty template counts as not given. */
export interface Assignment {
  readonly variable: string;
  readonly template: Template;
  readonly line?: number;
  /** In an env file: the quotes that the value stands in, an empty text for none. */
  readonly quote?: Quote;
}

/** What may stand around a value in an env file. */
export type Quote = '"' | "'" | '`' | '';

/** A name outside the catalog. Its value is never kept; the name itself may be the tail of a key. */
export interface UnknownName {
  readonly name: string;
  readonly near?: string;
  readonly line?: number;
  /** In JSON, which may have all on one line: which entry it is, from 1. */
  readonly entry?: number;
}

/** A text that stands behind the name of a secret, or of one that was probably meant, and did not become its value. */
export interface UnreadSecret {
  readonly text: Sensitive;
  /** It counts only as long as this variable has no value: where names outside the catalog are ordinary. */
  readonly unless?: string;
}

/** What was read from one place: the only thing that the pure middle of the program knows of the outside. */
export interface Source {
  readonly layer: Layer;
  readonly file?: string;
  readonly assignments: readonly Assignment[];
  readonly unknownNames: readonly UnknownName[];
  /**
   * What a name outside the catalog is here: an error; an error only where the near name has no value, else a warning
   * (dumps of secret managers carry extra names); or nothing but a hint (the process environment).
   */
  readonly unknownNamesAre: 'errors' | 'tolerated' | 'hints';
  /** Variables that it assigns in a way that could not be read: they are not missing as well. */
  readonly faulty?: ReadonlySet<string>;
  /** What it says of secrets besides: on lines that cannot be read, in comments, behind near names. */
  readonly unreadSecrets?: readonly UnreadSecret[];
  /** Namespaces that it says it is meant for. */
  readonly namespaces?: readonly { readonly template: Template; readonly line: number }[];
  /** What was found while reading it. */
  readonly problems: readonly Problem[];
  /** It exists and could not be read, so that any variable may be in it. */
  readonly unreadable?: true;
}

/** Whether a variable may have a value that could not be read: on a line, or in a file, that cannot be. */
export function mayBeUnread({ name, kind, sensitive }: Variable, sources: readonly Source[]): boolean {
  return sources.some(({ layer, faulty, unreadable }) => {
    const mayHold = layer === 'patch' ? kind !== 'infra' : layer !== 'config-file' || !sensitive;
    return faulty?.has(name) || (unreadable && mayHold);
  });
}
