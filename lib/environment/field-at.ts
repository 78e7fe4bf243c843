/** Whether something that was parsed is an object, with a field by each of its names. */
export function hasFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The items of the list at the end of a path; none where there is no list. */
export function listAt(node: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = fieldAt(node, ...path);
  return Array.isArray(found) ? found : [];
}

/** The field at the end of a path, of what was parsed and may be anything; undefined where there is none. */
export function fieldAt(node: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    node,
  );
}
