import type { Variable } from '../../../catalog/catalog';
import type { Quote } from '../../source';
import type { CatalogNames } from './catalog-names';

/** What of a variable recognisers look at. */
export type Holder = Pick<Variable, 'name' | 'sensitive' | 'type' | 'followsEnvironment'>;

/** Where a value stands. */
export interface Context {
  readonly variable: Holder;
  readonly names: CatalogNames;
  readonly environment: string;
  /** The value before substitution, `${NAME}` as it was written. Left out where that is the value itself. */
  readonly written?: string;
  /** In an env file: the quotes that the value stood in, an empty text for none. Left out for every other source. */
  readonly quote?: Quote | undefined;
}

/** A part of a sentence, where it matters put together from the value; it never holds a piece of a secret. */
export type Phrase = string | ((text: string, context: Context) => string);

/** A value to try a recogniser on: of a secret called OPENAI_API_KEY, unless it says otherwise. */
export type Example =
  | string
  | ({ readonly value: string; readonly name?: string } & Pick<Context, 'written' | 'quote'>);

/** Knows one way in which a value is wrong although its type takes it. */
export interface Recogniser {
  readonly name: string;
  /** What it knows, as a noun phrase for documents. */
  readonly about: string;
  /** `secrets` are all sensitive variables, `config` all others. */
  readonly in: 'secrets' | 'config' | 'any';
  /** The characters that a value which it finds may start with, where they are few: a look at them is quicker. */
  readonly startsWith?: string;
  /** Takes time that is linear in the text, whatever the text. */
  readonly test: (text: string, context: Context) => boolean;
  /** Completes the sentence that starts with the variable's name. */
  readonly says: Phrase;
  /** A step that, followed to the letter, leads to the right value. */
  readonly hint: Phrase;
  readonly examples: readonly Example[];
  /** What it must leave alone, the nearest to its examples first. */
  readonly counterExamples: readonly Example[];
}
