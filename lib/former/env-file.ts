import type { Catalog, Variable } from '../catalog/catalog';
import { text as anyText } from '../catalog/value-type';
import { limits } from '../environment/limits';
import { createNearNames } from '../environment/near-names';
import type { Problem } from '../environment/problem';
import { Sensitive, type Text, textMatches } from '../environment/sensitive';
import { placeOf } from '../environment/source';
import { escapePlaceholders } from '../environment/template';
import { readEnvFile, splitLines } from '../sources/env-file';
import { type FormerAssignment, type FormerUnknown, unknownAt } from './values';

export interface FormerEnvFile {
  readonly assignments: ReadonlyMap<string, FormerAssignment>;
  readonly unknown: readonly FormerUnknown[];
  readonly problems: readonly Problem[];
  /** What it gives for secrets, whether it is their value or not. */
  readonly secrets: readonly Sensitive[];
}

/**
 * Reads `.env.k8s.<env>`, which was loaded by `export $(cat … | xargs)`. A line that this and dotenv read differently
 * is ambiguous, and so is whatever the strict reader of env files refuses.
 * @param templateNames names outside the catalog that the base reads
 */
export function readFormerEnvFile(
  text: string,
  catalog: Catalog,
  file: string,
  templateNames: readonly string[],
): FormerEnvFile {
  const others = templateNames
    .filter((name) => !catalog.variables.has(name))
    .slice(0, limits.unknownNames)
    .map((name) => [name, other(name)] as const);
  const names: Catalog = { ...catalog, variables: new Map([...catalog.variables, ...others]) };
  // Nothing was substituted in this file.
  const source = readEnvFile(escapePlaceholders(text), names, {
    layer: 'env-file',
    file,
    unknownNamesAre: 'tolerated',
  });
  const exported = exportedBy(text, names.variables);
  const assignments = new Map<string, FormerAssignment>();
  const problems = [...source.problems];
  const secrets = (source.unreadSecrets ?? []).map((each) => each.text);
  for (const { variable, template, quote, line = 0 } of source.assignments) {
    const value = Sensitive.join(template as Text[]);
    const word = exported.words.get(variable);
    if (value instanceof Sensitive) secrets.push(value, ...(word === undefined ? [] : [new Sensitive(word.value)]));
    if (source.problems.some((each) => each.variable === variable)) assignments.delete(variable);
    else if (textMatches(value, (read) => read === word?.value)) {
      const isForShell = quote !== "'" && textMatches(value, (read) => /\$[\w({$!?#@*-]|`/.test(read));
      assignments.set(variable, { value, file, line, isForShell });
    } else problems.push(readDifferently(variable, file, word?.line ?? line));
  }
  const known = new Set([...source.assignments, ...problems].map(({ variable }) => variable));
  for (const [variable, { line }] of exported.words) {
    if (!known.has(variable)) problems.push(readDifferently(variable, file, line));
  }
  if (text.includes('\r\n')) problems.push(carriageReturns(file));
  const { end } = exported;
  if (end !== undefined && !problems.some(({ line }) => line === end)) problems.push(exportedNoFurther(file, end));
  const nearNames = createNearNames(catalog.variables);
  const unknown = source.unknownNames.map(({ name, ...place }) =>
    unknownAt(placeOf({ ...place, file }), name, nearNames(name), catalog),
  );
  return { assignments, unknown, problems: problems.map((problem) => hidden(problem, catalog)), secrets };
}

/** A name that is read like a variable's. It is not sensitive for itself: what it becomes part of may be. */
function other(name: string): Variable {
  return {
    name,
    kind: 'config',
    sensitive: false,
    description: '',
    type: anyText(),
    optional: true,
    bundles: [],
    key: name,
    formerly: [],
    followsEnvironment: false,
    mayBeReused: true,
    verbatim: true,
  };
}

/** What `export $(cat … | xargs)` made of a file. */
interface Exported {
  /** The last word `NAME=…` of each name: comments are words as well. */
  readonly words: ReadonlyMap<string, { readonly value: string; readonly line: number }>;
  /** The line of a quote that is never closed, where something follows: there xargs gives up. */
  readonly end?: number;
}

/** What stands behind such a quote is read all the same: the file may have been loaded in another way. */
function exportedBy(text: string, names: ReadonlyMap<string, unknown>): Exported {
  const words = new Map<string, { value: string; line: number }>();
  const lines = splitLines(text);
  const last = lines.findLastIndex((line) => line.includes('='));
  let end: number | undefined;
  for (const [index, each] of lines.entries()) {
    const { found, isCutOff } = wordsOf(each);
    for (const word of found) {
      const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(word) ?? [];
      if (names.has(name)) words.set(name, { value, line: index + 1 });
    }
    if (isCutOff && index < last) end ??= index + 1;
  }
  return { words, ...(end !== undefined && { end }) };
}

/** The words that xargs makes of a line, which the shell splits once more, up to a quote that is never closed. */
function wordsOf(line: string): { readonly found: readonly string[]; readonly isCutOff: boolean } {
  const found: string[] = [];
  let word = '';
  for (const [piece] of `${line}\n`.matchAll(/'[^']*'|"[^"]*"|\\.|[^'"\\\s]+|./gs)) {
    if (/^['"]/.test(piece) && piece.length === 1) return { found, isCutOff: true };
    if (/^\s/.test(piece)) {
      for (const each of word.split(/\s+/)) found.push(each); // there may be more than a call takes
      word = '';
    } else word += /^['"]/.test(piece) ? piece.slice(1, -1) : piece.startsWith('\\') ? piece.slice(1) : piece;
  }
  // What ends in a backslash goes on behind the line break, where the shell splits it.
  return { found: [...found, ...word.split(/\s+/)], isCutOff: false };
}

function readDifferently(variable: string, file: string, line: number): Problem {
  return {
    severity: 'error',
    code: 'ambiguous-line',
    variable,
    file,
    line,
    message: `${variable} is something else to dotenv than to export $(cat … | xargs), which knows no comments and ends a value at a space`,
    hint: 'Set it by hand to the one that is meant',
  };
}

function carriageReturns(file: string): Problem {
  return {
    severity: 'warning',
    code: 'ambiguous-line',
    file,
    message: 'Its lines end with CR LF: export $(cat … | xargs) kept the CR at the end of each value',
    hint: 'They were taken over without it. Look at whether the pods had it, or a space',
  };
}

function exportedNoFurther(file: string, line: number): Problem {
  return {
    severity: 'error',
    code: 'ambiguous-line',
    file,
    line,
    message: 'A quote is never closed here, where export $(cat … | xargs) gave up: it exported nothing of what follows',
    hint: 'What follows was taken over as dotenv reads it. Look at whether the pods had it',
  };
}

/** Names outside the catalog are not shown, and an ambiguous line may belong to one. */
function hidden(problem: Problem, catalog: Catalog): Problem {
  const { variable, ...rest } = problem;
  if (variable === undefined || catalog.variables.has(variable)) return problem;
  const hide = (text: string) => text.replaceAll(variable, 'this name');
  return { ...rest, message: hide(problem.message), ...(problem.hint !== undefined && { hint: hide(problem.hint) }) };
}
