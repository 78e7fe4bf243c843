/** Words by which a value says that it is none. */
const words = /(?:^|[^a-z])(?:fake|example|your|placeholder|dummy|redacted|replace|change.?me|insert|todo|x{3,})/i;

/** Marks of a template, of a mask, or of something left out. */
const marks = /\$\{|\{\{|%[A-Z_]{3,}%|\.{3}|\u2026|\*{3}|^<[^>]*>$|^\[[^\]]*\]$/;

/** Whether a text only stands in the place of a secret: a fake that says so, a placeholder, a mask, or nothing at all. */
export function isStandIn(text: string): boolean {
  return /^(.?)\1*$/s.test(text) || /^(?:null|none|nil|undefined)$/i.test(text) || words.test(text) || marks.test(text);
}
