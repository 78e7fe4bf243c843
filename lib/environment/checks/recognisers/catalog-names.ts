import type { Catalog } from '../../../catalog/catalog';
import { oncePer } from '../../once-per';

/** What recognisers ask about the names of a catalog. Made once for a catalog. */
export interface CatalogNames {
  has(name: string): boolean;
  /** The catalog names that a text assigns: each stands right before a `=`, and perhaps behind what is no part of it. */
  assignedIn(text: string): Assigned[];
  /** Whether the name of any variable has one of these words in it, such as OPENAI in OPENAI_API_KEY. */
  anyHasWord(words: readonly string[]): boolean;
}

/** A catalog name right before a `=`. */
export interface Assigned {
  readonly name: string;
  /** Where it starts. */
  readonly at: number;
}

export function catalogNames({ variables }: Pick<Catalog, 'variables'>): CatalogNames {
  return namesOf(variables);
}

const namesOf = oncePer(createNames);

function createNames(variables: Catalog['variables']): CatalogNames {
  let longest = 0;
  for (const name of variables.keys()) longest = Math.max(longest, name.length);
  let words: Set<string> | undefined;
  return {
    has: (name) => variables.has(name),
    anyHasWord(sought) {
      words ??= new Set([...variables.keys()].flatMap(wordsOfName));
      return sought.some((word) => words?.has(word));
    },
    assignedIn(text) {
      const found: Assigned[] = [];
      let from = 0;
      for (let equals = text.indexOf('='); equals >= 0; equals = text.indexOf('=', equals + 1)) {
        // The longest name that ends here: what stands before it may be the tail of a value.
        for (let at = Math.max(from, equals - longest); at < equals; at++) {
          if (variables.has(text.slice(at, equals))) {
            found.push({ name: text.slice(at, equals), at });
            break;
          }
        }
        from = equals + 1;
      }
      return found;
    },
  };
}

/** The words of a variable's name, in capitals. */
export function wordsOfName(name: string): string[] {
  return name.toUpperCase().split('_').filter(Boolean);
}
