import { numberText } from './number-text';

/**
 * Names in words, some of them and how many more: "a", "a and b", "a, b, c, d, e and 1,995 more".
 * @param most names that are given before the rest is counted
 */
export function someOf(names: readonly string[], most = 5): string {
  // One name takes no more room than "1 more".
  const shown = names.length <= most + 1 ? names : [...names.slice(0, most), `${numberText(names.length - most)} more`];
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}
