import type { Catalog } from '../../catalog/catalog';
import type { Problem } from '../problem';
import type { Resolved } from '../resolve';
import { textMatches } from '../sensitive';
import { placeOf, subject } from '../source';

/** A rule of thumb: what the value looks like, and what to do if that is a mistake. */
interface Suspicion {
  readonly looks: string;
  readonly hint: string;
  readonly test: (text: string) => boolean;
}

const suspicions: readonly Suspicion[] = [
  {
    looks: 'has a blank or a newline around it',
    hint: 'Remove it: pods get it too, and most services then refuse the key',
    test: (text) => /^\s|\s$/.test(/-----END [A-Z0-9 ]+-----\n$/.test(text) ? text.slice(0, -1) : text),
  },
  {
    looks: 'has left-over quotes around it',
    hint: 'Remove the quotes: they would become part of the value',
    test: hasLeftoverQuotes,
  },
  {
    looks: 'looks like a placeholder somebody meant to replace',
    hint: 'Put the real value there',
    test: (text) => text.length < 100 && /^(?:.*[-_.:/ ])?x{3,}$|^change[-_ ]?me\b|^<[^<>]*>$/is.test(text.trim()),
  },
];

function hasLeftoverQuotes(text: string): boolean {
  const first = text.charAt(0);
  const last = text.charAt(text.length - 1);
  const isQuote = (character: string) => character !== '' && '\'"`'.includes(character);
  if (isQuote(first)) return last === first || text.indexOf(first, 1) < 0;
  return isQuote(last) && text.indexOf(last) === text.length - 1;
}

/** Whether a text holds only ordinary characters, so that no rule of thumb above can match it. */
function isPlain(text: string): boolean {
  return /^[\w.:/+=-]+$/.test(text) && !/x{3}$|^change/i.test(text);
}

/** Warnings about a value that is valid and probably not meant. */
export function suspiciousValue(resolved: Resolved, catalog: Catalog, environment: string): Problem[] {
  const { variable, layerValue, value } = resolved;
  if (layerValue.origin.layer === 'default') return [];
  if (!variable.followsEnvironment && textMatches(value, isPlain)) return [];
  const found: Pick<Suspicion, 'looks' | 'hint'>[] = suspicions.filter(({ test }) => textMatches(value, test));
  if (textMatches(value, (text) => namesVariable(text, catalog))) {
    const hint = 'To read another variable write ${NAME}';
    found.push({ looks: 'holds $NAME of a variable, which stays as it is', hint });
  }
  const named = variable.followsEnvironment && variable.type.allowed?.includes(environment);
  if (named && !textMatches(value, (text) => text === environment)) {
    const hint = `Set ${variable.name}=${environment}, unless this is meant`;
    found.push({ looks: `is not ${environment}, like the environment`, hint });
  }
  return found.map(({ looks, hint }) => ({
    severity: 'warning',
    code: 'suspicious-value',
    variable: variable.name,
    ...placeOf(layerValue.origin),
    message: `${subject(variable.name, layerValue.origin)} ${looks}`,
    hint,
  }));
}

function namesVariable(text: string, catalog: Catalog): boolean {
  // One after the other: a text may hold a million.
  for (const [, name] of text.matchAll(/\$([A-Za-z_][A-Za-z0-9_]*)/g))
    if (catalog.variables.has(name ?? '')) return true;
  return false;
}
