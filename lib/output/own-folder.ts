const kustomization = 'kustomization.yaml';

/**
 * Whether this program made a folder, this version or an earlier one, finished or killed half-way. It recognises what it
 * writes first, a `.gitignore` of nothing but `*`, and what it writes last, its kustomization. A folder without a byte in
 * it (new, or left by a crash of the machine) is as good.
 * @param read the text of a file, undefined if it is none
 */
export function isOwnFolder(names: readonly string[], read: (name: string) => string | undefined): boolean {
  if (names.every((name) => read(name) === '')) return true;
  const text = read(kustomization);
  if (text) return isOwnKustomization(text);
  if (names.some((name) => name !== kustomization && /^kustomization(?:\.ya?ml)?$/i.test(name))) return false;
  if (read('.gitignore') !== '*\n') return false; // other programs write such a one too, for caches of theirs
  const rest = names.filter((name) => name !== '.gitignore' && name !== kustomization);
  return rest.length === 0 || rest.some((name) => name.endsWith('.k8s.yaml'));
}

/** Whether every key and text is in double quotes, as every version writes them and nobody does by hand. */
export function isOwnKustomization(text: string): boolean {
  return /^(?:---\n)?(?:[ -]*"[^\n]*\n)+$/.test(text);
}
