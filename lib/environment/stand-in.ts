// V8 has no room for `{3,}` of a few million characters, and for `*` it has.

/** Words by which a value says that it is none. */
const words = /(?:^|[^a-z])(?:fake|example|your|placeholder|dummy|redacted|replace|change.?me|insert|todo|x{3})/i;

/** Marks of a template, of a mask, or of something left out. */
const marks = /\$\{|\{\{|%[A-Z_]{3}[A-Z_]*%|\.{3}|\u2026|\*{3}|^<[^>]*>$|^\[[^\]]*\]$/;

/** The beginning of a long run of letters, as in a key or in base64: what stands further behind may be there by accident. */
const runs = /([A-Za-z0-9+/]{12})[A-Za-z0-9+/=\r\n]{28}[A-Za-z0-9+/=\r\n]*/g;

/** A whole part of a path that says so is not there by accident; one of base64 in lines may be. */
const parts = /\/(?:xxx|your|example|fake|placeholder|dummy|insert|todo)x*(?![A-Za-z0-9])/i;

/** A part of a path that is the secret itself, whatever the parts before it are called. */
const isKey = (part: string) => part.length >= 16 && /\d/.test(part) && /[A-Za-z]/.test(part);

/** Whether a text only stands in the place of a secret: a fake that says so, a placeholder, a mask, or nothing at all. */
export function isStandIn(text: string): boolean {
  if (isOneCharacter(text) || /^(?:null|none|nil|undefined)$/i.test(text)) return true;
  const said = text.replace(runs, (run, start: string, at: number) => {
    const part = /[\r\n]/.test(run.trimEnd()) ? null : parts.exec(text.slice(at, at + run.length + 1));
    if (!part) return start;
    const behind = run.slice(part.index + part[0].length).split('/');
    return behind.some(isKey) ? start : run;
  });
  return words.test(said) || marks.test(said);
}

/** Whether it is empty, or one character again and again. */
export function isOneCharacter(text: string): boolean {
  return text === text.charAt(0).repeat(text.length);
}
