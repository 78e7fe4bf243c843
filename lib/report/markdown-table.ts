/** A table of Markdown, as lines. What is in its cells is escaped already. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** A text as a cell holds it. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
