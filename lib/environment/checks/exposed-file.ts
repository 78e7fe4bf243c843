import type { Catalog, Variable } from '../../catalog/catalog';
import { createNearNames, type NearNames } from '../near-names';
import { secretsByName } from '../secrets-by-name';
import { isStandIn } from '../stand-in';
import { isOfTypes, valuesOfTypes } from '../type-values';
import { credentialsInConfig } from './credential-shapes';

/** What of a file gives a secret away. Both texts complete a problem; neither ever quotes the file. */
export interface Exposure {
  /** A name in the catalog. */
  readonly variable?: string;
  /** From 1. */
  readonly line?: number;
  /** Completes "<file> …". */
  readonly what: string;
}

/** The part that an env file plays in a repository, as its name has it. */
export type EnvFileRole = 'config' | 'example' | 'demo' | 'secrets';

/** What an env file is for by its name, wherever it stands; undefined if it is none. */
export function envFileRole(path: string): EnvFileRole | undefined {
  const name = path.split('/').at(-1) ?? '';
  if (/\.config\.env$/.test(name)) return 'config';
  if (/\.example$|(?:^|\.)env(?:\..*)?\.(?:sample|template|dist)$/.test(name)) return 'example';
  if (name === 'demo.env') return 'demo';
  return /\.env$|^\.env(?:\..+)?$/.test(name) && !name.endsWith('.age') ? 'secrets' : undefined;
}

/** One line of an env file. */
interface Line {
  readonly number: number;
  readonly name?: string;
  readonly value: string;
  readonly comment: string;
  readonly raw: string;
}

/**
 * What gives a secret away in an env file that is committed by its name: a value in an example; a secret, or what has
 * the shape of one, in a comment or in a value of the demo. A value of the config file is `misplaced-secret`.
 * @param isSecret whether a text holds a secret of an environment
 */
export function exposuresInEnvFile(
  catalog: Catalog,
  role: Exclude<EnvFileRole, 'secrets'>,
  text: string,
  isSecret: (text: string) => boolean,
): Exposure[] {
  const secrets = secretsByName(catalog.variables);
  let nearNames: NearNames | undefined;
  /** The secret that a name is, or nearly. */
  const secretMeantBy = (name: string): Variable | undefined => {
    const known = secrets.get(name);
    if (known || catalog.variables.has(name)) return known;
    nearNames ??= createNearNames(catalog.variables);
    return secrets.get(nearNames(name) ?? '');
  };
  // Hardly any file has either, and looking at each line by itself has its price.
  const holdsShape = shapesBeyond(catalog);
  const looks = [holdsShape, isSecret].filter((holds) => holds(text));
  const isExposed = (part: string) => part !== '' && looks.some((holds) => holds(part));
  return inLines(text, (line): Exposure[] => {
    const at = (what: string, variable?: Variable) => [
      { ...(variable && { variable: variable.name }), line: line.number, what },
    ];
    const isExample = role === 'example' && line.value !== '';
    const variable = isExample ? secretMeantBy(line.name ?? '') : secrets.get(line.name ?? '');
    if (isExample && variable && isFilledIn(line.value, variable)) {
      return at(`is an example, which is committed, and holds a value of ${variable.name}`, variable);
    }
    if (role !== 'config' && isExposed(line.value)) {
      return at(`is committed, and one of its values ${secretOrLike}`, variable);
    }
    if (isExposed(line.comment)) return at(`is committed, and a comment in it ${secretOrLike}`);
    const [, name = '', value = ''] = commentedOut.exec(line.comment) ?? [];
    const meant = secrets.get(name);
    if (meant && isFilledIn(value, meant) && looksChosen(value)) {
      return at(`is committed, and a comment in it gives ${meant.name} a value`, meant);
    }
    return [];
  });
}

const secretOrLike = 'holds a secret, or what looks like one';

/**
 * The first of what makes a file that is never to be committed one that holds secrets: a value of a secret variable, or
 * what has the shape of one. Undefined of a file that holds none: it is nobody's business.
 * @param counts whether a value of a secret variable is one
 */
export function secretInEnvFile(
  catalog: Catalog,
  text: string,
  counts: (value: string) => boolean,
): Exposure | undefined {
  return firstIn(catalog, text, counts, shapesBeyond(catalog));
}

/** The same, of values of secret variables alone. */
export function secretVariableInEnvFile(
  catalog: Catalog,
  text: string,
  counts: (value: string) => boolean,
): Exposure | undefined {
  return firstIn(catalog, text, counts, () => false);
}

function firstIn(
  { variables }: Catalog,
  text: string,
  counts: (value: string) => boolean,
  holdsShape: (value: string) => boolean,
): Exposure | undefined {
  const secrets = secretsByName(variables);
  for (const { number, name, value } of linesOf(text)) {
    const variable = name === undefined ? undefined : secrets.get(name);
    const isGiven = variable ? value !== '' && !isPlaceholder(value) && counts(value) : holdsShape(value);
    if (isGiven) return { ...(variable && { variable: variable.name }), line: number, what: 'holds secrets' };
  }
  return undefined;
}

/**
 * The lines of a generated example that a person has filled in: every one with something in it that is neither generated
 * nor a comment, and of comments those that give a variable a value somewhere in them.
 */
export function filledIn(catalog: Catalog, text: string, generated: string): Exposure[] {
  const known = new Set(generated.split('\n').map((line) => line.trim()));
  return inLines(text, ({ number, raw, name, value, comment }): Exposure[] => {
    if (known.has(raw.trim())) return [];
    const isComment = /^\s*#/.test(raw);
    const isOpen = name !== undefined && value === '' && comment === '';
    const variable = isComment ? assignedIn(catalog, comment) : catalog.variables.get(name ?? '')?.name;
    if (isComment ? variable === undefined : isOpen) return [];
    return [
      { ...(variable !== undefined && { variable }), line: number, what: 'holds a value that somebody has filled in' },
    ];
  });
}

/** The first variable that a comment gives a value, wherever in it. */
function assignedIn({ variables }: Catalog, comment: string): string | undefined {
  const names = [...comment.matchAll(/(?<!\w)([A-Za-z_]\w*)\s*=\s*(?=\S)/g)].map(([, name = '']) => name);
  return names.find((name) => variables.has(name));
}

/** Tells whether a text holds what has the shape of a credential, and is neither a fake that says so nor a type's example. */
function shapesBeyond(catalog: Catalog): (text: string) => boolean {
  let known: ReadonlySet<string> | undefined;
  return (text) =>
    credentialsInConfig(text).some((found) => {
      known ??= valuesOfTypes(catalog);
      return !isStandIn(found.text) && !isOfTypes(known, found.text);
    });
}

/** An assignment that is switched off, without blanks in its value: prose has them. */
const commentedOut = /^#+\s*(?:export\s+)?([\w.-]+)\s*=\s*['"`]?([^\s'"`]+)['"`]?\s*$/;

/** Whether a value is hardly a word of somebody's explanation. */
function looksChosen(value: string): boolean {
  return value.length >= 12 && /\d/.test(value) && /[a-z]/i.test(value);
}

/** Whether somebody has given a secret a value, and not one that stands in the place of it. */
function isFilledIn(value: string, { type }: Variable): boolean {
  return !isStandIn(value) && value !== type.example && !type.allowed?.includes(value);
}

/** Whether a value is only to be replaced: one that says that it is a fake is a value all the same. */
function isPlaceholder(value: string): boolean {
  return /^(?:\$\{[^}]*\}|\{\{.*\}\}|<[^>]*>)$/.test(value);
}

const assignment = /^\s*(?:export\s+)?([\w.-]+)\s*[=:]\s*(.*)$/s;

/**
 * The lines of a file that are not blank, read loosely: what dotenv would refuse may be a secret all the same. One by one,
 * since there may be many millions.
 */
function* linesOf(text: string): Generator<Line> {
  let number = 0;
  let start = 0;
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r|$/g)) {
    const raw = text.slice(start, index);
    start = index + end.length;
    number++;
    if (raw.trim() === '') continue;
    if (/^\s*#/.test(raw)) {
      yield { raw, number, value: '', comment: raw.trim() };
      continue;
    }
    const [, name, rest = raw] = assignment.exec(raw) ?? [];
    yield { raw, number, ...(name !== undefined && { name }), ...parted(rest.trim()) };
  }
}

/** What there is to say of each line, in one list. */
function inLines(text: string, look: (line: Line) => readonly Exposure[]): Exposure[] {
  const found: Exposure[] = [];
  for (const line of linesOf(text)) found.push(...look(line));
  return found;
}

/** A value without its quotes, and the comment behind it. A quote that is only opened is one: the value may stand on the next line. */
function parted(text: string): { value: string; comment: string } {
  const quote = /^['"`]/.exec(text)?.[0];
  const close = quote === undefined ? -1 : text.indexOf(quote, 1);
  if (close > 0) return { value: text.slice(1, close), comment: text.slice(close + 1).trim() };
  const at = text.search(/(?:^|\s)#/);
  const value = at < 0 ? text : text.slice(0, at).trim();
  return { value: quote === undefined ? value : value.slice(1) || quote, comment: at < 0 ? '' : text.slice(at).trim() };
}
