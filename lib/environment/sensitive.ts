import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

const mask = '[sensitive]';

/**
 * A text that cannot be printed: every way of turning it into text gives a mask. It answers questions about itself
 * (`matches`, `equals`, `measure`), can become part of another sensitive text (`join`, `map`), and is opened by
 * `reveal` alone, which one module calls: lib/output/reveal.ts.
 */
export class Sensitive {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The parts in a row. Sensitive as soon as one of them is. */
  static join(parts: readonly (string | Sensitive)[]): string | Sensitive {
    const text = parts.map((part) => (part instanceof Sensitive ? part.#text : part)).join('');
    return parts.some((part) => part instanceof Sensitive) ? new Sensitive(text) : text;
  }

  /** What `rewrite` makes of it, still sealed. */
  map(rewrite: (text: string) => string): Sensitive {
    return new Sensitive(rewrite(this.#text));
  }

  /**
   * A search for any of the secrets inside a text, in time that hardly depends on their number.
   * @param shortest secrets with fewer UTF-16 code units are not looked for
   */
  static finder(secrets: readonly Sensitive[], shortest: number): (text: string) => boolean {
    /** The secrets by their first characters and, those that share them, by their length. */
    const byStart = new Map<string, Map<number, Set<string>>>();
    for (const secret of secrets) {
      const text = secret.#text;
      if (text.length < shortest) continue;
      const start = text.slice(0, shortest);
      const byLength = byStart.get(start) ?? new Map<number, Set<string>>();
      byStart.set(start, byLength.set(text.length, (byLength.get(text.length) ?? new Set()).add(text)));
    }
    return (text) => {
      for (let at = 0; at + shortest <= text.length; at++) {
        for (const [length, same] of byStart.get(text.slice(at, at + shortest)) ?? []) {
          if (same.has(text.slice(at, at + length))) return true;
        }
      }
      return false;
    };
  }

  matches(predicate: (text: string) => boolean): boolean {
    return predicate(this.#text);
  }

  equals(other: Sensitive): boolean {
    return this.#text === other.#text;
  }

  /** What `size` counts in the text. */
  measure(size: (text: string) => number): number {
    return size(this.#text);
  }

  /** The same for equal texts under the same key, and of no use without it. */
  fingerprint(key: Uint8Array): string {
    return createHash('sha256').update(key).update(this.#text).digest('base64');
  }

  /** The text itself. To be called from lib/output/reveal.ts only; a test counts the callers. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [Symbol.toPrimitive](): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}

/** A text of either sort. */
export type Text = string | Sensitive;

/** Asks a text of either sort a yes-or-no question. */
export function textMatches(text: Text, predicate: (text: string) => boolean): boolean {
  return text instanceof Sensitive ? text.matches(predicate) : predicate(text);
}

/** Counts something in a text of either sort. */
export function measureText(text: Text, size: (text: string) => number): number {
  return text instanceof Sensitive ? text.measure(size) : size(text);
}

/** What `rewrite` makes of a text of either sort; a sensitive one stays sealed. */
export function mapText(text: Text, rewrite: (text: string) => string): Text {
  return text instanceof Sensitive ? text.map(rewrite) : rewrite(text);
}

/** Whether two texts, of either sort, are the same. */
export function sameText(a: Text, b: Text): boolean {
  return textMatches(a, (one) => textMatches(b, (other) => one === other));
}
