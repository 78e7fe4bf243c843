/** A value in a template: all that External Secrets hands over are texts. */
type Values = Readonly<Record<string, string>>;

/** The functions of Go templates (printf) and of sprig (the rest) that this program's templates use. */
const functions: Readonly<Record<string, (...args: string[]) => string>> = {
  printf: (format = '', ...args) => format.replace(/%s/g, () => args.shift() ?? '%!s(MISSING)'),
  b64enc: (text = '') => Buffer.from(text).toString('base64'),
  toRawJson: (text = '') => goJson(text),
  toJson: (text = '') => goJson(text).replace(/[<>&]/g, escaped),
};

/** encoding/json escapes these two even where it is told to leave HTML alone. */
function goJson(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Renders a Go template of texts, fields, calls and pipes, as External Secrets does: a field that is not there is an error.
 * @throws {Error} for what is none, or is beyond that
 */
export function renderGoTemplate(template: string, values: Values): string {
  let rest = template;
  let rendered = '';
  for (;;) {
    const start = rest.indexOf('{{');
    if (start < 0) return rendered + rest;
    const [whole = '', pipeline] = /^\{\{((?:[^"{}]|"(?:[^"\\]|\\.)*")*)\}\}/.exec(rest.slice(start)) ?? [];
    if (pipeline === undefined) throw new Error(`no action: ${rest.slice(start)}`);
    rendered += rest.slice(0, start) + evaluated(pipeline, values);
    rest = rest.slice(start + whole.length);
  }
}

/** The result of each call is the last argument of the next. */
function evaluated(pipeline: string, values: Values): string {
  const words = pipeline.match(/"(?:[^"\\]|\\.)*"|[^\s"|]+|\|/g) ?? [];
  const calls: string[][] = [[]];
  for (const word of words) {
    if (word === '|') calls.push([]);
    else calls.at(-1)?.push(word);
  }
  let piped: string[] = [];
  for (const [first = '', ...more] of calls) {
    const called = functions[first];
    if (called) piped = [called(...more.map((word) => operand(word, values)), ...piped)];
    else if (more.length === 0 && piped.length === 0) piped = [operand(first, values)];
    else throw new Error(`function "${first}" not defined`);
  }
  return piped.join('');
}

function operand(word: string, values: Values): string {
  if (word.startsWith('"')) return JSON.parse(word); // Go's escapes are JSON's, as far as they are used
  const value = word.startsWith('.') ? values[word.slice(1)] : undefined;
  if (value === undefined) throw new Error(`map has no entry for key "${word.slice(1)}"`);
  return value;
}
