/** A text for a comment of one line: nothing in it ends the line or makes it read otherwise than it is. */
export function commentText(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
    .replaceAll('*/', '* /')
    .trim();
}

/** A literal that TypeScript and Python read alike. */
export function literal(text: string): string {
  return JSON.stringify(text).replace(
    /[\p{Zl}\p{Zp}\p{Bidi_Control}\x7f-\x9f]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
