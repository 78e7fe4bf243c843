import { limits } from './limits';
import type { Problem } from './problem';
import type { Reader } from './reading-order';
import { asSensitive, measureText, Sensitive, type Text } from './sensitive';
import { type Origin, placeOf, subject } from './source';
import { type BrokenReference, isBroken, isReference, type Template } from './template';

/** A text made of a template. */
export interface Filled {
  readonly value: Text;
  /** The other variables that it reads through placeholders, also through its own lower layers. */
  readonly reads: ReadonlySet<string>;
}

/** What a placeholder finds: a value; `nothing`, where no layer gives one; `failed`, where one could not be made. */
export type Found = Filled | 'nothing' | 'failed';

/** How much text the placeholders of one environment may still make. */
export interface Allowance {
  /** Whether another value of this length is more than that. In UTF-16 code units. */
  isTooLong(length: number): boolean;
  take(length: number): void;
}

/** As much as `limits` allows. */
export function createAllowance(): Allowance {
  let taken = 0;
  return {
    isTooLong: (length) => length > limits.valueLength || taken + length > limits.substitutedTogether,
    take: (length) => {
      taken += length;
    },
  };
}

const nobody: ReadonlySet<string> = new Set();

/**
 * Puts values in the place of placeholders. Where that cannot be done, says why: each mistake once, however often the
 * value repeats it; what went wrong with a value that it reads has been said there.
 */
export function substitute(
  { variable, layerValue: { origin, template } }: Reader,
  find: (name: string) => Found,
  allowance: Allowance,
): Filled | { readonly problems: readonly Problem[] } {
  const [only] = template;
  if (template.length === 1 && (typeof only === 'string' || only instanceof Sensitive)) {
    return { value: sensitiveIf(variable.sensitive, only), reads: nobody };
  }
  const who = subject(variable.name, origin);
  const faults = new Map<string, Fault>();
  const fail = (mistake: string, describe: () => Fault): undefined => {
    if (!faults.has(mistake)) faults.set(mistake, describe());
  };
  const reads = new Set<string>();
  const textOf = (part: Template[number]): Text | undefined => {
    if (isBroken(part)) return fail(`no name ${part.near} ${part.elsewhere}`, () => brokenReference(who, part));
    if (!isReference(part)) return part;
    const found = find(part.variable);
    if (found === 'nothing')
      return fail(`no value ${part.variable}`, () => noValue(variable.name, origin, part.variable));
    if (found === 'failed') return undefined;
    // What a layer of its own reads, it reads itself.
    if (part.variable === variable.name && !reads.has(part.variable)) for (const read of found.reads) reads.add(read);
    reads.add(part.variable);
    return found.value;
  };
  const parts: Text[] = [];
  let [length, isWhole] = [0, true];
  const readsOthers = template.some(isReference);
  for (const part of template) {
    const piece = textOf(part);
    if (piece === undefined) {
      isWhole = false;
      continue;
    }
    parts.push(piece);
    length += measureText(piece, (text) => text.length);
    if (readsOthers && allowance.isTooLong(length)) {
      isWhole = false;
      fail('too large', () => growsTooLarge(who));
      break;
    }
  }
  if (!isWhole) {
    const place = { severity: 'error', variable: variable.name, ...placeOf(origin) } as const;
    return { problems: [...faults.values()].map((fault) => ({ ...place, ...fault })) };
  }
  if (readsOthers) allowance.take(length);
  reads.delete(variable.name);
  return { value: sensitiveIf(variable.sensitive, Sensitive.join(parts)), reads };
}

function sensitiveIf(sensitive: boolean, value: Text): Text {
  return sensitive ? asSensitive(value) : value;
}

type Fault = Pick<Problem, 'code' | 'message' | 'hint'>;

const hintsElsewhere = {
  default: 'Write ${NAME} alone: defaults stand in the catalog. For a literal ${ write $${',
  expression:
    'Nothing evaluates it here: hand the value over in env: of the workflow step, and read it with --from-env',
} as const;

function brokenReference(reader: string, { near, elsewhere }: BrokenReference): Fault {
  return {
    code: 'unresolved-placeholder',
    message: `${reader} holds a \${…} that names no variable of the catalog`,
    hint: near
      ? `Did you mean \${${near}}? For a literal \${ write $\${`
      : elsewhere
        ? hintsElsewhere[elsewhere]
        : 'Placeholders are ${NAME} and nothing else. For a literal ${ write $${',
  };
}

function noValue(reader: string, origin: Origin, read: string): Fault {
  return reader === read
    ? {
        code: 'unresolved-placeholder',
        message: `${subject(reader, origin)} reads its own value from a lower layer, and none gives it one`,
        hint: `Replace \${${read}} by the value, or give ${read} a value in a lower layer`,
      }
    : {
        code: 'unresolved-placeholder',
        message: `${subject(reader, origin)} reads \${${read}}, which has no value`,
        hint: `Give ${read} a value. For a literal \${ write $\${`,
      };
}

function growsTooLarge(reader: string): Fault {
  return {
    code: 'too-large',
    message: `${reader} grows too large through placeholders`,
    hint: 'Read fewer or shorter values',
  };
}
