import type { Catalog, CatalogFile } from '../catalog/catalog';
import { CatalogError, type CatalogFault } from '../catalog/catalog-faults';
import { nearName } from '../catalog/near-name';
import * as valueTypes from '../catalog/value-type';
import { type Problem, Refusal } from '../environment/problem';
import { readTextFile } from './text-file';

/**
 * Evaluates the file that declares the product's variables.
 * @throws {Refusal} an `invalid-catalog` for each thing that is wrong with it, at the line that holds the name in question
 */
export async function loadCatalog({ file, load, givenTwice = [] }: CatalogFile): Promise<Catalog> {
  const [first, ...others] = givenTwice.map(({ name, line }) => {
    const message = `${name} is given twice, and only the last would count`;
    return problemFor({ message, hint: 'Keep one of the two' }, file, line);
  });
  if (first) throw new Refusal([first, ...others]);
  try {
    const { catalog } = await load();
    if (!(Object(catalog).variables instanceof Map)) throw new CatalogError([noCatalog]);
    return catalog;
  } catch (error) {
    const [fault = evaluationFault(error), ...more] = error instanceof CatalogError ? error.faults : [];
    const read = readTextFile(file);
    const lines = read.status === 'read' ? read.text.split('\n') : [];
    const problem = (each: CatalogFault) =>
      problemFor(each, file, each.name === undefined ? 0 : lineOf(each.name, lines));
    throw new Refusal([problem(fault), ...more.map(problem)]);
  }
}

const noCatalog = { message: 'It exports no catalog', hint: 'Write: export const catalog = defineCatalog({ … })' };

/** @param line from 1; 0 where it is not known */
function problemFor({ message, hint }: CatalogFault, file: string, line: number): Problem {
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
  if (unknown !== undefined) return { name: unknown, message, hint: hintOn(unknown) };
  // Where two have one name, a bundler puts a number behind that of one.
  const said = message.replace(/\b([a-z]\w*?)\d+\(/gi, (call, name) =>
    Object.hasOwn(valueTypes, name) ? `${name}(` : call,
  );
  return {
    message: `It could not be evaluated: ${said || 'something is thrown there'}`,
    hint: 'npm run types says where',
  };
}

function hintOn(unknown: string): string {
  if (Object.hasOwn(valueTypes, unknown)) return "Add it to the import from './lib/catalog/value-type'";
  const near = nearName(unknown, Object.keys(valueTypes));
  return near === undefined
    ? 'Declare or import it'
    : `Did you mean ${near}? It is imported from ./lib/catalog/value-type`;
}
