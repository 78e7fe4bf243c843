import { isUtf8 } from 'node:buffer';
import type { Node, Pair } from 'yaml';
import { isOneCharacter, isStandIn } from '../environment/stand-in';
import { type IsValue, looseManifests, mention, partsOf } from './loose-manifests';

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
  const uncolored = text.replace(colors, '');
  if (!mention.test(uncolored)) return [];
  const lines = uncolored.replace(/\r(?!\n)/g, '\n'); // to YAML that is the end of a line
  const kind = manifestKind(path);
  const isParsed = kind !== undefined && text.length <= longestParsed;
  const budget = { left: mostTaken };
  const parsed = isParsed ? await parsedManifests(lines, isValue, budget).catch(() => undefined) : undefined;
  // What is JSON by its name, and to YAML, may have comments of another kind.
  if (parsed && (kind !== 'json' || isJson(text))) return parsed;
  const loose = [...looseManifests(lines, isValue), ...(await mergedManifests(lines, isValue, budget))];
  return [...new Set([...(parsed ?? []), ...loose])].sort((a, b) => a - b);
}

/** As terminals take them, and logs keep them. */
const colors = /\u001b\[[0-9;]{0,20}m/g;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What a parser alone knows: the parts of a text in which a Secret takes something over from elsewhere. */
async function mergedManifests(text: string, isValue: IsValue, budget: Budget): Promise<number[]> {
  if (text.length > longestParsed) return [];
  const found: number[] = [];
  for (const { lines, before } of partsOf(text)) {
    const part = lines.join('\n');
    if (!/<<["']?\s*:|:\s*\*/.test(part) || !mention.test(part)) continue;
    const parsed = await parsedManifests(part, isValue, budget).catch(() => undefined);
    found.push(...(parsed ?? []).map((line) => before + line));
  }
  return found;
}

/** What a file is by its name, perhaps as a template. */
export function manifestKind(path: string): 'json' | 'yaml' | undefined {
  const [, ending] = /\.(ya?ml|json)(?:\.[a-z]+)?$/i.exec(path) ?? [];
  if (ending === undefined) return undefined;
  return ending.toLowerCase() === 'json' ? 'json' : 'yaml';
}

/** Undefined of what is no YAML: a template, for instance. */
async function parsedManifests(text: string, isValue: IsValue, budget: Budget): Promise<number[] | undefined> {
  const { isAlias, isCollection, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments, visit } = await import(
    'yaml'
  );
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, uniqueKeys: false, prettyErrors: false, strict: false });
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined;
  const lines = new Set<number>();
  const lineOf = (node: unknown) => lineCounter.linePos((isNode(node) ? node.range?.[0] : undefined) ?? 0).line;

  const targets = new Map<unknown, unknown>();
  const anchors = new Map<string, unknown>();
  const visitor = {
    Node(_key: unknown, node: Node) {
      if (isAlias(node)) targets.set(node, anchors.get(node.source));
      else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  };
  for (const document of documents) visit(document, visitor);
  const behind = (node: unknown): unknown => (isAlias(node) ? targets.get(node) : node);

  const [looked, lookedAsItem] = [new Set<unknown>(), new Set<unknown>()];
  const lookedAsData = { data: new Set<unknown>(), stringData: new Set<unknown>() };
  const values = { data: new Map<unknown, boolean>(), stringData: new Map<unknown, boolean>() };

  /** Texts that are the lines of a manifest: those of its values. */
  function inLines(items: readonly unknown[]): unknown[] {
    const texts = items.flatMap((item) =>
      isScalar(item) && typeof item.value === 'string'
        ? item.value
            .replace(/\n$/, '')
            .split('\n')
            .map((line) => ({ item, line }))
        : [],
    );
    if (!texts.some(({ line }) => mention.test(line))) return [];
    const found = looseManifests(texts.map(({ line }) => line).join('\n'), isValue);
    return found.map((line) => texts[line - 1]?.item);
  }

  function look(given: unknown, isItem = false): void {
    // An item of a list of Secrets may stand elsewhere.
    const node = isItem ? behind(given) : given;
    const seen = isItem ? lookedAsItem : looked;
    if (seen.has(node)) return;
    seen.add(node);
    if (isSeq(node)) {
      for (const each of node.items) look(each, isItem);
      for (const each of inLines(node.items)) lines.add(lineOf(each));
    }
    if (isScalar(node) && typeof node.value === 'string' && mention.test(node.value)) {
      // A manifest in a text, as kubectl keeps what was last applied.
      const isBlock = node.type === 'BLOCK_LITERAL';
      for (const line of looseManifests(node.value, isValue)) lines.add(lineOf(node) + (isBlock ? line : 0));
    }
    if (!isMap(node)) return;
    const textOf = (each: unknown): string | undefined => {
      const text = behind(each);
      if (!isScalar(text)) return undefined;
      return text.source ?? (typeof text.value === 'string' ? text.value : undefined);
    };
    const isMerge = ({ key }: Pair) => isScalar(key) && key.source === '<<';
    /** What a map holds, with what it takes over from others, each once: it may be there twice, or in itself. */
    const pairsOf = (map: unknown): Pair[] => {
      const pairs: Pair[] = [];
      const taken = new Set([map]);
      for (const each of taken) {
        if (each !== map) budget.left -= 1 + (isCollection(each) ? each.items.length : 0);
        if (budget.left < 0 && each !== map) break;
        if (isSeq(each)) for (const item of each.items) taken.add(behind(item));
        if (!isMap(each)) continue;
        for (const pair of each.items) {
          if (isMerge(pair)) taken.add(behind(pair.value));
          else pairs.push(pair);
        }
      }
      return pairs;
    };
    const pairs = pairsOf(node);
    const kindsIn = (some: readonly Pair[]) =>
      some.flatMap(({ key, value }) => (textOf(key) === 'kind' ? [textOf(value)] : []));
    // Its own wins over one that it takes over.
    const [own, all] = [kindsIn(node.items), kindsIn(pairs)];
    const isOf = (kind: string) => (own.length > 0 ? own : all).includes(kind);
    const isSecret = isItem || isOf('Secret');
    const isList = isOf('SecretList');
    for (const { key, value } of isSecret ? pairs : []) {
      const field = textOf(key);
      if (field !== 'data' && field !== 'stringData') continue;
      const given = behind(value);
      // However many fields have one map, and entries one text, each is looked at once.
      if (lookedAsData[field].has(given)) continue;
      lookedAsData[field].add(given);
      const first = pairsOf(given).find((item) => {
        const text = behind(item.value);
        const isOne = values[field].get(text) ?? isValue(textOf(text) ?? '', field);
        values[field].set(text, isOne);
        return isOne;
      });
      if (first) lines.add(lineOf(first.value));
    }
    for (const { key, value } of node.items) {
      const isOwn = isSecret && ['data', 'stringData'].includes(textOf(key) ?? '');
      if (!isOwn) look(value, isList && textOf(key) === 'items');
    }
  }
  for (const document of documents) look(document.contents);
  // What is switched off goes into git all the same.
  const comments = text.replace(/^(?![ \t]*#).*?(?=\s#|$)/gm, '');
  for (const line of looseManifests(comments, isValue)) lines.add(line);
  if (budget.left < 0) for (const line of looseManifests(text, isValue)) lines.add(line);
  return [...lines].sort((a, b) => a - b);
}

/** Of one text, what is merged into something else and may be looked at: maps, and their entries. */
const mostTaken = 200_000;

interface Budget {
  left: number;
}

function givesAway(text: string, field: string, isHarmless: (value: string) => boolean): boolean {
  if (isNothing(text)) return false;
  if (field !== 'data') return !isHarmless(text);
  if (!/^[\w+/\s=-]*$/.test(text)) return true;
  const bytes = Buffer.from(text, 'base64');
  const isText = isUtf8(bytes);
  const decoded = bytes.toString(isText ? 'utf8' : 'latin1'); // else what is no text would all be the same sign
  // In what is no text, words are there by accident.
  return !(isText ? isNothing(decoded.trim()) : isOneCharacter(decoded)) && !isHarmless(decoded);
}

/** Ciphertext of SOPS, which may be committed, or what stands in the place of a value, as a variable does in a script. */
function isNothing(text: string): boolean {
  return isStandIn(text) || /^(?:~|ENC\[[^\]]*\])$|^'?\$(?:[A-Z_][A-Z0-9_]*|\(.*\))'?$/.test(text);
}
