import type { Catalog, Variable } from '../catalog/catalog';
import { text as anyText } from '../catalog/value-type';
import { limits } from '../environment/limits';
import { createNearNames } from '../environment/near-names';
import type { Problem } from '../environment/problem';
import { Sensitive, type Text, textMatches } from '../environment/sensitive';
import { escapePlaceholders } from '../environment/template';
import { readEnvFile, splitLines } from '../sources/env-file';
import type { FormerAssignment, FormerUnknown } from './values';

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
  const lines = splitLines(text);
  const assignments = new Map<string, FormerAssignment>();
  const problems = [...source.problems];
  const secrets = (source.unreadSecrets ?? []).map((each) => each.text);
  for (const { variable, template, line = 0 } of source.assignments) {
    const value = Sensitive.join(template as Text[]);
    const word = wordInShell(lines[line - 1] ?? '');
    if (value instanceof Sensitive) secrets.push(value, ...(word === undefined ? [] : [new Sensitive(word)]));
    if (source.problems.some((each) => each.variable === variable)) assignments.delete(variable);
    else if (textMatches(value, (read) => read === word)) assignments.set(variable, { value, file, line });
    else problems.push(readDifferently(variable, file, line));
  }
  const nearNames = createNearNames(catalog.variables);
  const unknown = source.unknownNames.map(({ name, line }): FormerUnknown => {
    const near = nearNames(name);
    return { file, ...(line !== undefined && { line }), ...(near !== undefined && { near }) };
  });
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

/** The value that `export $(… | xargs)` gives a line: its first word without quotes and backslashes. */
function wordInShell(line: string): string | undefined {
  const rest = /^\s*(?:export\s+)?[\w.-]+=(.*)$/s.exec(line)?.[1];
  if (rest === undefined) return undefined;
  let word = '';
  for (const [piece] of rest.matchAll(/'[^']*'|"[^"]*"|\\.|[^'"\\\s]+|./gs)) {
    if (/^\s/.test(piece)) break;
    if (/^['"\\]$/.test(piece)) return undefined; // never closed: xargs gives up
    if (/^['"]/.test(piece)) word += piece.slice(1, -1);
    else word += piece.startsWith('\\') ? piece.slice(1) : piece;
  }
  // The shell splits what xargs has put together once more.
  return /\s/.test(word) ? undefined : word;
}

function readDifferently(variable: string, file: string, line: number): Problem {
  return {
    severity: 'error',
    code: 'ambiguous-line',
    variable,
    file,
    line,
    message: `${variable} is one value to dotenv and another to export $(cat … | xargs)`,
    hint: 'Set it by hand to the one that is meant',
  };
}

/** Names outside the catalog are not shown, and an ambiguous line may belong to one. */
function hidden(problem: Problem, catalog: Catalog): Problem {
  const { variable, ...rest } = problem;
  if (variable === undefined || catalog.variables.has(variable)) return problem;
  const hide = (text: string) => text.replaceAll(variable, 'this name');
  return { ...rest, message: hide(problem.message), ...(problem.hint !== undefined && { hint: hide(problem.hint) }) };
}
