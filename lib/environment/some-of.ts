import { numberText } from './number-text';

/**
 * Names in words, some of them and how many more: "a", "a and b", "a, b, c, d, e and 1,995 more".
 * @param most names that are given before the rest is counted
 */
export function someOf(names: readonly string[], most = 5): string {
  const first = firstOf(names, most);
  const left = names.length - first.length;
  const shown = left === 0 ? names : [...first, `${numberText(left)} more`];
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}

/** Some of several names; where one would be left, all: it takes no more room than "1 more". */
export function firstOf(names: readonly string[], most: number): readonly string[] {
  return names.length <= most + 1 ? names : names.slice(0, most);
}
