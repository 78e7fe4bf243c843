import { inspect } from 'node:util';
import { addTo } from './group-by';
import { limits } from './limits';
import { pieceSearch, wordSearch } from './word-search';

export const mask = '[sensitive]';

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

  /** What `rewrite` makes of it, still sensitive. */
  map(rewrite: (text: string) => string): Sensitive {
    return new Sensitive(rewrite(this.#text));
  }

  /** Each text that `rewrite` makes of it, still sensitive. */
  flatMap(rewrite: (text: string) => readonly string[]): Sensitive[] {
    return rewrite(this.#text).map((text) => new Sensitive(text));
  }

  /**
   * A search for any of the secrets inside a text, in time that is linear in the length of all of them.
   * @param spellings how others may write a secret
   * @param shortest spellings with fewer UTF-16 code units are not looked for
   * @param most nor are those beyond so many code units together
   */
  static finder(
    secrets: readonly Sensitive[],
    spellings: (secret: string) => readonly string[],
    shortest: number,
    most: number = limits.soughtLength,
  ): (text: string) => boolean {
    const sought = new Set<string>();
    let left = most;
    for (const secret of secrets) {
      // No container starts with more: nothing that holds the whole is a value.
      for (const spelling of spellings(secret.#text.slice(0, limits.valueLength))) {
        if (spelling.length < shortest || sought.has(spelling)) continue;
        left -= spelling.length;
        if (left < 0) return wordSearch([...sought], shortest);
        sought.add(spelling);
      }
    }
    return wordSearch([...sought], shortest);
  }

  /**
   * A search for those of the secrets that may stand in a text, in linear time: it holds how a spelling of each starts.
   * Each may come several times.
   * @param spellings how others may write a secret
   * @param start the length of such a start; shorter spellings are not looked for. In UTF-16 code units
   */
  static starts<S extends { readonly value: Sensitive }>(
    secrets: readonly S[],
    spellings: (secret: string) => readonly string[],
    start: number,
  ): (text: string) => Iterable<S> {
    const behind = new Map<string, S[]>();
    for (const secret of secrets) {
      const texts = spellings(secret.value.#text.slice(0, limits.valueLength));
      const starts = texts.filter(({ length }) => length >= start).map((text) => text.slice(0, start));
      for (const each of new Set(starts)) addTo(behind, each, secret);
    }
    const search = pieceSearch(new Set(behind.keys()), start);
    return function* (text) {
      const pieces = new Set<string>();
      search(text, (piece) => {
        pieces.add(piece);
        return pieces.size === behind.size;
      });
      for (const piece of pieces) yield* behind.get(piece) ?? [];
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

  /** Numbers secrets in the order in which they come, equal ones alike: what tells them apart and says nothing of them. */
  static numbering(): (secret: Sensitive) => number {
    const numbers = new Map<string, number>();
    return (secret) => {
      const known = numbers.get(secret.#text);
      if (known !== undefined) return known;
      numbers.set(secret.#text, numbers.size);
      return numbers.size - 1;
    };
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

/** The same text, which cannot be printed from here on. */
export function asSensitive(text: Text): Sensitive {
  return text instanceof Sensitive ? text : new Sensitive(text);
}

/** Asks a text of either sort a yes-or-no question. */
export function textMatches(text: Text, predicate: (text: string) => boolean): boolean {
  return text instanceof Sensitive ? text.matches(predicate) : predicate(text);
}

/** Counts something in a text of either sort. */
export function measureText(text: Text, size: (text: string) => number): number {
  return text instanceof Sensitive ? text.measure(size) : size(text);
}

/** What `rewrite` makes of a text of either sort; a sensitive one stays sensitive. */
export function mapText(text: Text, rewrite: (text: string) => string): Text {
  return text instanceof Sensitive ? text.map(rewrite) : rewrite(text);
}

/** Whether two texts, of either sort, are the same. */
export function sameText(a: Text, b: Text): boolean {
  return textMatches(a, (one) => textMatches(b, (other) => one === other));
}
