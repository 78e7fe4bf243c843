import type { Catalog } from '../catalog/catalog';
import { namesOf } from '../catalog/lookups';
import { createNearNames } from '../environment/near-names';
import { oncePer } from '../environment/once-per';

/** What is asked about the names of a catalog's secrets. */
export interface SecretNames {
  /** The secret that a name means: by its name, a former one or its key, in upper case or not, with - or _, or a near one. */
  meant(name: string): string | undefined;
  /** Whether it is the name, a former one or the key of a secret as it is written. */
  isExact(name: string): boolean;
  /** Whether it is one of these in lower case, or with hyphens. */
  isOption(name: string): boolean;
  /** Whether it begins or ends with the whole name of a secret, such as `…_OLD` or `….old`. */
  isExtended(name: string): boolean;
  /** Whether it is one of these, as an option too, or such a longer one. */
  isWithin(name: string): boolean;
  /** What stands behind the name of a secret with which a text begins, with nothing in between. */
  behindStart(text: string): string | undefined;
}

/** The names, former names and keys of a catalog's secrets. */
interface SecretTable {
  /** The secret that each means, in upper case and with _. */
  readonly meant: ReadonlyMap<string, string>;
  /** Those that are no other variable's name, as they are written. */
  readonly exact: ReadonlySet<string>;
  /** Of the longest one, in UTF-16 code units. */
  readonly longest: number;
}

/** Made once for a catalog, however many files are read, and only if one of them asks. */
const tableOf = oncePer((variables: Catalog['variables']): SecretTable => {
  const secrets = [...variables.values()].filter(({ sensitive }) => sensitive);
  const own = secrets.flatMap((secret) => namesOf(secret).map((each) => [each, secret.name] as const));
  return {
    meant: new Map(own.map(([name, meant]) => [plain(name), meant])),
    exact: new Set(own.flatMap(([each]) => (variables.get(each)?.sensitive === false ? [] : [each]))),
    longest: Math.max(0, ...own.map(([{ length }]) => length)),
  };
});

/** Tells of names whether they are those of secrets. A catalog is looked through only once, and only if anything asks. */
export function lookUpSecrets({ variables }: Catalog): SecretNames {
  const table = () => tableOf(variables);
  const nearNames = createNearNames(variables);
  const isOption = (name: string) => table().meant.has(plain(name));
  const isExtended = (name: string) => {
    if (variables.has(name)) return false;
    if (isOther(name)) return true;
    for (let length = Math.min(table().longest, name.length - 1); length > 0; length--) {
      if (isPart(name.slice(0, length), name.slice(length))) return true;
      if (isPart(name.slice(-length), name.slice(0, -length))) return true;
    }
    return false;
  };
  /** Whether it is one with words such as OLD, or a number, before or behind: for another value of the same thing. */
  const isOther = (name: string) => {
    if (name.length > table().longest + longestOther) return false;
    const words = name.split(/[_.-]+/);
    const own = words.filter((word) => !otherWord.test(word));
    return own.length < words.length && isOption(own.join('_'));
  };
  /** Whether a part of a longer name is one: as it is written, whatever is next to it, or parted from that. */
  const isPart = (part: string, rest: string) => {
    if (isExactPart(part)) return true;
    // A name may be a whole file long, so that its ends are looked at first.
    const ends = rest.charAt(0) + rest.charAt(rest.length - 1);
    return /[_-]/.test(ends) && isUnmistakable(plain(part)) && isOption(part);
  };
  const isExactPart = (part: string) => isUnmistakable(part) && table().exact.has(part);
  return {
    meant(name) {
      const known = variables.get(name);
      if (known) return known.sensitive ? name : undefined;
      const meant = table().meant.get(plain(name)) ?? nearNames(name);
      return meant !== undefined && variables.get(meant)?.sensitive ? meant : undefined;
    },
    isExact: (name) => table().exact.has(name),
    isOption,
    isExtended,
    isWithin: (name) => isOption(name) || isExtended(name),
    behindStart(text) {
      for (let end = Math.min(table().longest, text.length - 1); end > 0; end--) {
        if (isExactPart(text.slice(0, end))) return text.slice(end);
      }
      return undefined;
    },
  };
}

/** What is added to a name for another value of the same thing. */
const otherWord =
  /^(?:old|new|next|prev|previous|last|former|legacy|orig|original|backup|bak|bkp|tmp|copy|current|my|v?\d+)$/i;

/** What is longer is none: nobody adds as many such words. In UTF-16 code units. */
const longestOther = 64;

/** A name of a single word, such as TOKEN, is a part of many others. */
function isUnmistakable(name: string): boolean {
  return name.includes('_');
}

function plain(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
