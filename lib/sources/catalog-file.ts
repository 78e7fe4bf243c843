import type { Catalog, CatalogModule } from '../catalog/catalog';
import { CatalogError, type CatalogFault } from '../catalog/catalog-faults';
import { nearName } from '../catalog/near-name';
import * as valueTypes from '../catalog/value-type';
import { type Place, type Problem, Refusal } from '../environment/problem';
import { readTextFile } from './text-file';

/**
 * Evaluates the file that declares the product's variables.
 * @throws {Refusal} an `invalid-catalog` for each thing that is wrong with it, at the line that holds the name in question
 */
export async function loadCatalog({ files, load, givenTwice }: CatalogModule): Promise<Catalog> {
  const [first, ...others] = givenTwice.map(({ name, ...place }) => {
    const message = `${name} is given twice, and only the last would count`;
    return problemFor({ message, hint: 'Keep one of the two' }, place);
  });
  if (first) throw new Refusal([first, ...others]);
  try {
    const { catalog } = await load();
    if (!(Object(catalog).variables instanceof Map)) throw new CatalogError([noCatalog]);
    return catalog;
  } catch (error) {
    const [fault = evaluationFault(error), ...more] = error instanceof CatalogError ? error.faults : [];
    const texts = files.map((file) => ({ file, lines: linesOf(file) }));
    const problem = (each: CatalogFault) =>
      problemFor(each, (each.name !== undefined && placeOf(each.name, texts)) || { file: files[0] });
    throw new Refusal([problem(fault), ...more.map(problem)]);
  }
}

function linesOf(file: string): string[] {
  const read = readTextFile(file);
  return read.status === 'read' ? read.text.split('\n') : [];
}

const noCatalog = { message: 'It exports no catalog', hint: 'Write: export const catalog = defineCatalog({ … })' };

function problemFor({ message, hint }: CatalogFault, place: Place): Problem {
  return { severity: 'error', code: 'invalid-catalog', ...place, message, ...(hint !== undefined && { hint }) };
}

/** Where a name is declared or else first mentioned; undefined where no file has it literally. */
function placeOf(name: string, texts: readonly { file: string; lines: readonly string[] }[]): Place | undefined {
  const word = name.replace(/[^\w]/g, '\\$&');
  const declared = new RegExp(`^\\s*['"\`]?${word}['"\`]?\\s*[:=]`);
  const mentioned = new RegExp(`(?<![\\w$])${word}(?![\\w$])`);
  for (const pattern of [declared, mentioned]) {
    for (const { file, lines } of texts) {
      const index = lines.findIndex((line) => pattern.test(line));
      if (index >= 0) return { file, line: index + 1 };
    }
  }
  return undefined;
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
  const typeNames = new Set(valueTypes.valueTypes.map(([usage]) => usage.replace(/\(.*/, '')));
  return near === undefined
    ? `Declare or import it. The types of variables are ${[...typeNames].join(', ')}`
    : `Did you mean ${near}? It is imported from ./lib/catalog/value-type`;
}
