/**
 * What a text says in itself and to whoever decodes it: percent-encoding, with + for a blank too, the escapes of JSON,
 * and base64 of either alphabet within all of these. Each is about as long as the text, the last three times as long.
 */
export function* decodingsOf(text: string): Generator<string> {
  const plain = new Set([text]);
  if (text.includes('%')) plain.add(percentDecoded(text));
  if (text.includes('+')) plain.add(percentDecoded(text.replaceAll('+', ' ')));
  if (text.includes('\\')) plain.add(unescaped(text));
  yield* plain;
  for (const each of plain) yield base64Decoded(each);
}

/** What does not decode stays as it is. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** The escapes of JSON; in shells a backslash stands before any other character. */
export function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|(.))/gis, (_, code: string | undefined, character: string) =>
    code === undefined ? (escapes[character] ?? character) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** What base64 is in a text, wherever it may start: its groups of four characters may do so at each of four places. */
function base64Decoded(text: string): string {
  // Folded, and in YAML indented as well. A run of blanks is looked at once, and in no group that repeats: Node.js keeps
  // the place of each round, and has room for two million.
  const unfolded = /[\r\n]/.test(text) ? text.replace(/(?<![ \t\r\n])[ \t]*[\r\n][ \t\r\n]*/g, '') : text;
  const groups: string[] = [];
  // Less holds no twelve characters.
  for (const run of unfolded.match(/[\w+/-]{16,}/g) ?? []) {
    // A is a zero: it fills the last group, so that all can be decoded at once.
    for (let start = 0; start < 4; start++) groups.push(run.slice(start), 'AAAA'.slice((run.length - start) % 4));
  }
  return Buffer.from(groups.join(''), 'base64').toString('latin1');
}

/** The bytes of a text, each as one character: what is behind base64 is given in the same way. */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}
