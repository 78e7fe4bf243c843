/** What a manifest is made of once it is rendered. */
export type Manifest = string | number | boolean | readonly Manifest[] | { readonly [key: string]: Manifest };

/**
 * YAML that every reader understands alike: block style, every key and text in double quotes, everything but printable
 * ASCII escaped. No reader can take such a text for a number, fold it or trip over it; see docs/design.md.
 */
export function yamlText(documents: readonly Manifest[]): string {
  return documents.map((document) => `---\n${block(document, '').slice(1)}\n`).join('');
}

/** The node, on lines of its own where it has parts; starts with the blank or newline that parts it from its key. */
function block(node: Manifest, indent: string): string {
  if (typeof node === 'string') return ` ${quoted(node)}`;
  if (typeof node !== 'object') return ` ${node}`;
  if (Array.isArray(node)) {
    return node.length === 0 ? ' []' : node.map((item) => `\n${indent}-${block(item, `${indent}  `)}`).join('');
  }
  const entries = Object.entries(node);
  if (entries.length === 0) return ' {}';
  return entries.map(([key, value]) => `\n${indent}${quoted(key)}:${block(value, `${indent}  `)}`).join('');
}

/** JSON's escapes are YAML's too, but for characters beyond U+FFFF, which YAML writes as one escape of eight digits. */
function quoted(text: string): string {
  if (/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text)) return `"${text}"`; // nothing to escape, as nearly always
  return JSON.stringify(text).replace(/[^\x20-\x7e]/gu, (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    const digits = codePoint.toString(16).padStart(codePoint > 0xffff ? 8 : 4, '0');
    return `\\${codePoint > 0xffff ? 'U' : 'u'}${digits}`;
  });
}
