import type { Document } from 'yaml';
import { isStandIn } from '../environment/stand-in';

/** What any document of a Secret says, in YAML and JSON. */
const mention = /["']?kind["']?\s*:\s*(?:[!&]\S*\s+){0,3}["']?Secret\b/;

/** A longer text is read line by line only: the parser takes seconds for megabytes. In UTF-16 code units. */
const longestParsed = 262_144;

/**
 * The lines, from 1, of the first value of each Secret manifest in a text: of YAML and JSON, in several documents and
 * lists, whatever comes first in them, and of the YAML in documents, scripts and templates. A Secret without values, or
 * with nothing but what stands in the place of one (`${VAR}`, `fake…`, ciphertext), is none.
 * @param isHarmless whether a value, without its base64, is known to be no secret
 */
export async function secretManifests(
  path: string,
  text: string,
  isHarmless: (value: string) => boolean,
): Promise<number[]> {
  const isValue = (value: string, field: string) => givesAway(value, field, isHarmless);
  if (!mention.test(text)) return [];
  const lines = text.replace(/\r(?!\n)/g, '\n'); // to YAML that is the end of a line
  const isParsed = isManifests(path) && text.length <= longestParsed;
  const parsed = isParsed ? await parsedManifests(lines, isValue).catch(() => undefined) : undefined;
  return parsed ?? manifestsByLine(lines, isValue);
}

/** Whether a file is YAML or JSON by its name. */
export function isManifests(path: string): boolean {
  return /\.(?:ya?ml|json)(?:\.[a-z]+)?$/i.test(path);
}

/** Undefined of what is no YAML: a template, for instance. */
async function parsedManifests(text: string, isValue: IsValue): Promise<number[] | undefined> {
  const { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } = await import('yaml');
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, uniqueKeys: false, prettyErrors: false, strict: false });
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined;
  const lines: number[] = [];

  let aliases = 0;
  /** What an alias stands for; the document is searched for each, hence not for any number of them. */
  const behind = (node: unknown, document: Document): unknown =>
    isAlias(node) && aliases++ < mostAliases ? node.resolve(document) : node;

  function look(node: unknown, document: Document): void {
    if (isSeq(node)) for (const each of node.items) look(each, document);
    if (!isMap(node)) return;
    const textOf = (each: unknown): string | undefined => {
      const text = behind(each, document);
      if (!isScalar(text)) return undefined;
      return text.source ?? (typeof text.value === 'string' ? text.value : undefined);
    };
    const isSecret = node.items.some(({ key, value }) => textOf(key) === 'kind' && textOf(value) === 'Secret');
    for (const { key, value } of node.items) {
      const field = textOf(key);
      const data = isSecret && (field === 'data' || field === 'stringData') ? behind(value, document) : undefined;
      if (field !== undefined && isMap(data)) {
        const given = data.items.find((item) => isValue(textOf(item.value) ?? '', field));
        const at = isNode(given?.value) ? given.value.range?.[0] : undefined;
        if (at !== undefined) lines.push(lineCounter.linePos(at).line);
      } else look(value, document);
    }
  }
  for (const document of documents) look(document.contents, document);
  return lines;
}

/** Aliases of one text that are followed. */
const mostAliases = 100;

/** The same of a text that is no YAML as a whole. */
function manifestsByLine(text: string, isValue: IsValue): number[] {
  const lines = text.split(/\r?\n/);
  const found = lines.flatMap((line, index) =>
    mention.test(line) && isSecretInJson(line, isValue) ? [index + 1] : [],
  );
  let start = 0;
  for (let index = 0; index <= lines.length; index++) {
    if (index < lines.length && !/^\s*(?:---|```)/.test(lines[index] ?? '')) continue;
    const line = valueIn(lines.slice(start, index), isValue);
    if (line !== undefined) found.push(start + line + 1);
    start = index + 1;
  }
  return found;
}

/** Whether a line holds JSON, as logs and scripts do, in which a Secret has a value. */
function isSecretInJson(line: string, isValue: IsValue): boolean {
  const gives = (node: unknown): boolean => {
    if (typeof node !== 'object' || node === null) return false;
    const { kind, data, stringData } = node as Record<string, unknown>;
    const hasValue = (values: unknown, field: string) =>
      Object.values(Object(values)).some((value) => typeof value === 'string' && isValue(value, field));
    if (kind === 'Secret' && (hasValue(data, 'data') || hasValue(stringData, 'stringData'))) return true;
    return Object.values(node).some(gives);
  };
  try {
    return gives(JSON.parse(line.slice(line.indexOf('{'), line.lastIndexOf('}') + 1)));
  } catch {
    return false; // no JSON, or nested deeper than anybody reads
  }
}

/** The index of the first line of one document that gives a Secret a value. */
function valueIn(lines: readonly string[], isValue: IsValue): number | undefined {
  const kind = lines.findIndex((line) => /^\W*["']?kind["']?\s*:\s*["']?Secret["']?\s*,?\s*(?:#.*)?$/.test(line));
  if (kind < 0) return undefined;
  let field: { readonly name: string; readonly indent: number } | undefined;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const indent = indentOf(line);
    if (field && indent > field.indent) {
      const [, value] = /^\s*["']?[-._\w]+["']?\s*:\s*(.*?),?\s*$/.exec(line) ?? [];
      const plain = (value ?? '').replace(/^(["'])(.*)\1$/, '$2');
      if (/^[|>][-+0-9]*$/.test(plain)) {
        if (isValue((lines[index + 1] ?? '').trim(), field.name)) return index;
      } else if (value !== undefined && isValue(plain, field.name)) return index;
      continue;
    }
    const name = /^\s*["']?(data|stringData)["']?\s*:\s*\{?\s*$/.exec(line)?.[1];
    field = name === undefined ? undefined : { name, indent };
  }
  return undefined;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Whether a text gives something away, as it stands or, in `data`, behind its base64. */
type IsValue = (text: string, field: string) => boolean;

function givesAway(text: string, field: string, isHarmless: (value: string) => boolean): boolean {
  if (isNothing(text)) return false;
  if (field !== 'data') return !isHarmless(text);
  const decoded = Buffer.from(text, 'base64').toString();
  return /^[\w+/\s=-]*$/.test(text) ? !isNothing(decoded.trim()) && !isHarmless(decoded) : true;
}

/** Ciphertext of SOPS, which may be committed, or what stands in the place of a value. */
function isNothing(text: string): boolean {
  return isStandIn(text) || /^(?:~|ENC\[)/.test(text);
}
