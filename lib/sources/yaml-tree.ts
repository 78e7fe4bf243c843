import { isAlias, isMap, isScalar, LineCounter, type Pair, type ParsedNode, parseAllDocuments } from 'yaml';
import { textLines } from '../environment/text-lines';
import { yamlFault } from './yaml-faults';

/** What a YAML node is to a reader of texts. Lines count from 1. */
export type YamlNode = { readonly line: number } /** `isFlow`: in braces. */ & (
  | { readonly type: 'map'; readonly entries: readonly YamlEntry[]; readonly isFlow: boolean }
  /** `source`: as it stands in the file, with its quotes and escapes. */
  | { readonly type: 'text'; readonly text: string; readonly source: string }
  | { readonly type: 'null' }
  /** A list, or what some YAML reader takes for a number, boolean or date. */
  | { readonly type: 'not-text' }
  /** A text that this parser and kubectl's read differently. */
  | { readonly type: 'unsure' }
  /** An alias, an anchor, a tag or a merge key. */
  | { readonly type: 'indirect' }
);

export interface YamlEntry {
  /** Undefined where the key is no text. */
  readonly key: string | undefined;
  readonly line: number;
  readonly value: YamlNode;
}

/** A document that cannot be read; the parser's own messages quote what they found, so they are not passed on. */
export interface BrokenDocument {
  readonly type: 'broken';
  readonly line: number;
  readonly reason: string;
  readonly hint?: string;
}

/**
 * Reads multi-document YAML 1.1 into a tree that knows its lines, exactly as kubectl reads it: what kubectl refuses or
 * reads otherwise comes out as broken or as `unsure`. Nothing is resolved: aliases and merge keys come out as
 * `indirect`, so no input grows. Empty documents are left out.
 */
export function readYaml(text: string): (YamlNode | BrokenDocument)[] {
  const fault = yamlFault(text);
  if (fault) {
    const line = textLines(text).numberAt(fault.offset);
    return [{ type: 'broken', line, reason: fault.reason, hint: fault.hint }];
  }
  const lineCounter = new LineCounter();
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  const options = { version: '1.1', uniqueKeys: false, prettyErrors: false, logLevel: 'silent', lineCounter } as const;
  return [...parseAllDocuments(text, options)].flatMap((document): (YamlNode | BrokenDocument)[] => {
    const [error] = document.errors;
    if (error) return [{ type: 'broken', line: lineAt(error.pos[0]), reason: reasonFor(error.code) }];
    const node = toNode(document.contents, { text, lineAt }, lineAt(document.range[0]));
    return node.type === 'null' ? [] : [node];
  });
}

/**
 * The text that a value has, from what stands behind its key.
 * @param inFlow in braces, where a comma ends it
 * @returns undefined where that is no text, or more than one value
 */
export function scalarText(source: string, inFlow: boolean): string | undefined {
  const [document, ...more] = readYaml(inFlow ? `map: {key: ${source}}` : `key: ${source}`);
  if (document === undefined || document.type === 'broken' || more.length > 0) return undefined;
  const outer = onlyValue(document);
  const value = inFlow && outer ? onlyValue(outer) : outer;
  return value?.type === 'text' ? value.text : undefined;
}

function onlyValue(node: YamlNode): YamlNode | undefined {
  return node.type === 'map' && node.entries.length === 1 ? node.entries[0]?.value : undefined;
}

/** The file, for what the tree does not tell. */
interface File {
  readonly text: string;
  lineAt(offset: number): number;
}

function toNode(node: ParsedNode | null, file: File, parentLine: number): YamlNode {
  if (node === null) return { type: 'null', line: parentLine };
  const line = file.lineAt(node.range[0]);
  if (isAlias(node) || node.anchor !== undefined || node.tag !== undefined) return { type: 'indirect', line };
  if (isMap<ParsedNode, ParsedNode | null>(node)) {
    return {
      type: 'map',
      line,
      entries: node.items.map((pair) => toEntry(pair, file, line)),
      isFlow: node.flow === true,
    };
  }
  if (!isScalar(node)) return { type: 'not-text', line };
  if (node.value === null) return { type: 'null', line };
  const source = file.text.slice(node.range[0], node.range[1]);
  if (isUnsure(node.type, source)) return { type: 'unsure', line };
  const isText = typeof node.value === 'string' && !(node.type === 'PLAIN' && readersDiffer(node.value));
  return isText ? { type: 'text', line, text: node.value as string, source } : { type: 'not-text', line };
}

function toEntry({ key, value }: Pair<ParsedNode, ParsedNode | null>, file: File, mapLine: number): YamlEntry {
  const name = toNode(key, file, mapLine);
  // The parser gives the merge key of YAML 1.1 as a symbol.
  const merges = isScalar(key) && (typeof key.value === 'symbol' || key.value === '<<');
  return {
    key: name.type === 'text' ? name.text : undefined,
    line: name.line,
    value: merges || name.type === 'indirect' ? { type: 'indirect', line: name.line } : toNode(value, file, name.line),
  };
}

/**
 * Readers fold lines differently, so a text that is folded must be of the simplest sort: a block without an indicator
 * of its indentation and, if folded, without lines that are indented further. Quoted and plain texts stand on one line.
 */
function isUnsure(type: unknown, source: string): boolean {
  if (type === 'BLOCK_LITERAL') return !isSimpleBlock(source);
  if (type === 'BLOCK_FOLDED') return !isSimpleBlock(source) || hasFurtherIndentation(source);
  return source.includes('\n');
}

/** `|`, `|-`, `>` or `>-`. Kustomize adds a newline to some texts of `|+`. */
function isSimpleBlock(source: string): boolean {
  return /^[|>]-?(?:\s|$)/.test(source);
}

/** Kustomize adds a newline before such a line. */
function hasFurtherIndentation(source: string): boolean {
  const lines = source.split('\n').slice(1);
  const indentation = lines.find((line) => /[^ \r]/.test(line))?.search(/[^ ]/) ?? 0;
  return lines.some((line) => /^[ \t]/.test(line.slice(indentation)));
}

/** Plain scalars that YAML 1.1 takes for text and kubectl's reader, which drops every `_` first, for a number. */
function readersDiffer(plain: string): boolean {
  const digits = plain.replaceAll('_', '');
  return /^[-+.\d]/.test(plain) && /^[-+]?(?:0[obx][0-9a-f]+|(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)$/i.test(digits);
}

/** The parser's error codes in words; see https://eemeli.org/yaml/#errors. */
function reasonFor(code: string): string {
  const reasons: Readonly<Record<string, string>> = {
    BAD_INDENT: 'the indentation is wrong here',
    TAB_AS_INDENT: 'a tab is used for indentation',
    MISSING_CHAR: 'a character such as a closing quote, bracket or colon is missing',
    MULTILINE_IMPLICIT_KEY: 'a key runs over several lines, or a quote is not closed',
    BAD_SCALAR_START: 'a value starts with a character that needs quotes',
    BAD_DQ_ESCAPE: 'a backslash in double quotes is followed by something that is not an escape',
    BLOCK_AS_IMPLICIT_KEY: 'there is a second colon on one line: put the value in quotes',
    RESOURCE_EXHAUSTION: 'it is nested too deeply',
    UNEXPECTED_TOKEN: 'something stands where it cannot',
  };
  return reasons[code] ?? `error ${code}`;
}
