import { measureText, Sensitive, type Text, textMatches } from '../environment/sensitive';
import type { Allowance } from '../environment/substitution';

/** A `${NAME}` or `$NAME` of the former layout, which envsubst replaced. `text` is how it was written. */
export interface FormerReference {
  readonly name: string;
  readonly text: string;
}

/** A value of the former layout: literal texts, a Sensitive if the variable is, and what stands between them. */
export type FormerTemplate = readonly (Text | FormerReference)[];

/** Finds what envsubst would replace: it knows these two forms, no defaults and no escape. */
export function formerTemplate(text: string, sensitive: boolean): FormerTemplate {
  const parts: (Text | FormerReference)[] = [];
  let end = 0;
  const literal = (piece: string) => {
    if (piece !== '') parts.push(sensitive ? new Sensitive(piece) : piece);
  };
  for (const found of text.matchAll(/\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g)) {
    literal(text.slice(end, found.index));
    end = found.index + found[0].length;
    parts.push({ name: found[1] ?? found[2] ?? '', text: found[0] });
  }
  literal(text.slice(end));
  return parts;
}

/** The names that a template reads. */
export function namesRead(template: FormerTemplate): string[] {
  return template.flatMap((part) => (isFormerReference(part) ? [part.name] : []));
}

/** The one name that a template consists of, if it is a lone placeholder. */
export function loneName(template: FormerTemplate): string | undefined {
  const [only, ...more] = template;
  return only !== undefined && more.length === 0 && isFormerReference(only) ? only.name : undefined;
}

/**
 * A value that was deployed as it is written, as that of a patch file. Undefined if it is a placeholder that nobody
 * replaced: the whole of it is one, or it holds the name of something that the former system replaced.
 */
export function asWritten(template: FormerTemplate, isReplaced: (name: string) => boolean): Text | undefined {
  const open = template.some((part) => isFormerReference(part) && isBraced(part) && isReplaced(part.name));
  return open ? undefined : whole(template.map((part) => (isFormerReference(part) ? part.text : part)));
}

/** A value after substitution. Undefined if a placeholder is left; a `$NAME` that stands for nothing is a text. */
export function substituted(
  template: FormerTemplate,
  replacement: (name: string) => Text | undefined,
): Text | undefined {
  const parts: Text[] = [];
  for (const part of template) {
    const piece = isFormerReference(part) ? (replacement(part.name) ?? (isBraced(part) ? undefined : part.text)) : part;
    if (piece === undefined) return undefined;
    parts.push(piece);
  }
  return template.some(isFormerReference) ? Sensitive.join(parts) : whole(parts);
}

/** Whether a `$NAME` is left in it as a text that stood for nothing. */
export function keepsName(template: FormerTemplate, replacement: (name: string) => Text | undefined): boolean {
  return template.some((part) => isFormerReference(part) && !isBraced(part) && replacement(part.name) === undefined);
}

/** Whether substitution would make more of it than placeholders may: nothing limited what envsubst wrote. */
export function growsTooLarge(
  template: FormerTemplate,
  replacement: (name: string) => Text | undefined,
  allowance: Allowance,
): boolean {
  if (!template.some(isFormerReference)) return false;
  let length = 0;
  const isTooLong = template.some((part) => {
    length += measureText((isFormerReference(part) ? replacement(part.name) : part) ?? '', (text) => text.length);
    return allowance.isTooLong(length);
  });
  if (!isTooLong) allowance.take(length);
  return isTooLong;
}

/** `${…}` from end to end is a placeholder, whatever stands inside: envsubst left those alone that it did not know. */
function whole(parts: readonly Text[]): Text | undefined {
  const text = Sensitive.join(parts);
  return isPlaceholder(text) ? undefined : text;
}

/** Whether a value is nothing but a placeholder, which nobody replaced. */
export function isPlaceholder(value: Text): boolean {
  return textMatches(value, (text) => /^\$\{[^}]*\}$/.test(text));
}

function isFormerReference(part: FormerTemplate[number]): part is FormerReference {
  return typeof part === 'object' && 'name' in part;
}

function isBraced({ text }: FormerReference): boolean {
  return text.startsWith('${');
}
