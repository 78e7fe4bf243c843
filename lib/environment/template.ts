import type { Catalog } from '../catalog/catalog';
import { createNearNames, type NearNames } from './near-names';
import { Sensitive, type Text } from './sensitive';

/** Stands for the value of a variable of the catalog. */
export interface Reference {
  readonly variable: string;
}

/** A `${` that stands for nothing: `near` is the name that was probably meant, if any. */
export interface BrokenReference {
  readonly broken: true;
  /** What it is elsewhere: a default as shells have it, or an expression of a workflow. */
  readonly elsewhere?: 'default' | 'expression';
  readonly near?: string;
}

/** A text as a source gave it, its placeholders found: literal texts (a Sensitive if secret) and what goes between. */
export type Template = readonly (Text | Reference | BrokenReference)[];

/**
 * Finds the placeholders of a text: `${NAME}` stands for a value, `$${` for a literal `${`, any other `$` for itself.
 * @param sensitive whether the literal texts are secret
 * @param near looks up what a name outside the catalog was meant to be
 */
export function parseTemplate(text: string, catalog: Catalog, sensitive: boolean, near?: NearNames): Template {
  const literal = (piece: string): Text => (sensitive ? new Sensitive(piece) : piece);
  if (!text.includes('${')) return text === '' ? [] : [literal(text)];
  const parts: (Text | Reference | BrokenReference)[] = [];
  let nearNames = near;
  let pending = '';
  let end = 0;
  for (const found of text.matchAll(/\$\$\{|\$\{(?:([A-Za-z0-9_.-]+)\})?/g)) {
    pending += text.slice(end, found.index);
    end = found.index + found[0].length;
    if (found[0] === '$${') {
      pending += '${';
      continue;
    }
    if (pending !== '') parts.push(literal(pending));
    pending = '';
    const name = found[1];
    if (name === undefined) parts.push(brokenAt(text, end));
    else if (catalog.variables.has(name)) parts.push({ variable: name });
    else {
      nearNames ??= createNearNames(catalog.variables);
      parts.push(brokenReference(nearNames(name)));
    }
  }
  pending += text.slice(end);
  if (pending !== '') parts.push(literal(pending));
  return parts;
}

const asDefault: BrokenReference = { broken: true, elsewhere: 'default' };
const asExpression: BrokenReference = { broken: true, elsewhere: 'expression' };

/** @param at where it goes on behind its `${` */
function brokenAt(text: string, at: number): BrokenReference {
  if (text[at] === '{') return asExpression;
  return /^[A-Za-z_]\w{0,252}:?[-=?+]/.test(text.slice(at, at + 260)) ? asDefault : meantByNobody;
}

/** A value may be made of nothing else, a million of them. */
const meantByNobody: BrokenReference = { broken: true };

function brokenReference(near: string | undefined): BrokenReference {
  return near === undefined ? meantByNobody : { broken: true, near };
}

export function isReference(part: Template[number]): part is Reference {
  return typeof part === 'object' && 'variable' in part;
}

export function isBroken(part: Template[number]): part is BrokenReference {
  return typeof part === 'object' && 'broken' in part;
}

/** The one variable that a template consists of, if it is a lone placeholder. */
export function loneReference(template: Template): string | undefined {
  const [only] = template;
  return only !== undefined && template.length === 1 && isReference(only) ? only.variable : undefined;
}

/** Whether two templates say the same. */
export function sameTemplate(a: Template, b: Template): boolean {
  return a.length === b.length && a.every((part, i) => samePart(part, b[i]));
}

function samePart(a: Template[number], b: Template[number] | undefined): boolean {
  if (b === undefined || typeof a === 'string') return a === b;
  if (a instanceof Sensitive) return b instanceof Sensitive && a.equals(b);
  return isReference(a) ? isReference(b) && a.variable === b.variable : isBroken(b);
}

/** A text such that substitution gives it back unchanged: a literal `${` is written `$${`. */
export function escapePlaceholders(text: string): string {
  return text.split('${').join('$${'); // in replaceAll, the replacement would be read as ${
}
