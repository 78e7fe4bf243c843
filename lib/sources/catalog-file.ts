import type { Catalog } from '../catalog/catalog';
import { CatalogError, type CatalogFault } from '../catalog/catalog-faults';
import { nearName } from '../catalog/near-name';
import * as valueTypes from '../catalog/value-type';
import type { Problem, Refusal } from '../environment/problem';
import { readTextFile } from './text-file';

/** A catalog, or why it could not be built. */
export type LoadedCatalog = { readonly catalog: Catalog } | { readonly problems: Refusal['problems'] };

/** The file that declares the product's variables, and what evaluating it cannot tell: keys that it gives twice. */
export interface CatalogSource {
  readonly file: string;
  load(): Promise<{ readonly catalog: Catalog }>;
  readonly givenTwice?: readonly { readonly name: string; readonly line: number }[];
}

/**
 * Evaluates the file that declares the product's variables. What is wrong with it is an `invalid-catalog` each, at the
 * line that holds the name in question.
 */
export async function loadCatalog({
  file,
  load,
  givenTwice: [first, ...others] = [],
}: CatalogSource): Promise<LoadedCatalog> {
  const twice = ({ name, line }: { readonly name: string; readonly line: number }): Problem => ({
    severity: 'error',
    code: 'invalid-catalog',
    file,
    line,
    message: `${name} is given twice, and only the last would count`,
    hint: 'Keep one of the two',
  });
  if (first) return { problems: [twice(first), ...others.map(twice)] };
  try {
    return { catalog: (await load()).catalog };
  } catch (error) {
    const [fault = evaluationFault(error), ...more] = error instanceof CatalogError ? error.faults : [];
    const read = readTextFile(file);
    const lines = read.status === 'read' ? read.text.split('\n') : [];
    const problem = (each: CatalogFault) => problemFor(each, file, lines);
    return { problems: [problem(fault), ...more.map(problem)] };
  }
}

function problemFor({ name, message, hint }: CatalogFault, file: string, lines: readonly string[]): Problem {
  const line = name === undefined ? 0 : lineOf(name, lines);
  return {
    severity: 'error',
    code: 'invalid-catalog',
    file,
    ...(line > 0 && { line }),
    message,
    ...(hint !== undefined && { hint }),
  };
}

/** The line, from 1, where a name is declared or else first mentioned; 0 where the file does not have it literally. */
function lineOf(name: string, lines: readonly string[]): number {
  const word = name.replace(/[^\w]/g, '\\$&');
  const declared = new RegExp(`^\\s*['"\`]?${word}['"\`]?\\s*[:=]`);
  const mentioned = new RegExp(`(?<![\\w$])${word}(?![\\w$])`);
  return lines.findIndex((line) => declared.test(line)) + 1 || lines.findIndex((line) => mentioned.test(line)) + 1;
}

/** An error that is no contradiction of the catalog but of the code in it. The file is committed: its text may be shown. */
function evaluationFault(error: unknown): CatalogFault {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  const unknown = /^(\w+) is not defined$/.exec(message)?.[1];
  if (unknown === undefined) return { message: `It could not be evaluated: ${message || 'something is thrown there'}` };
  const near = nearName(unknown, Object.keys(valueTypes));
  return {
    name: unknown,
    message: `${unknown} is not defined`,
    hint:
      near === undefined
        ? 'Declare or import it'
        : `Did you mean ${near}? It is imported from ./lib/catalog/value-type`,
  };
}
