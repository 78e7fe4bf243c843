import { isJson } from '../catalog/json';
import { numberText } from '../environment/number-text';
import { type YamlTokenType, yamlTokens } from './yaml-tokens';

/** What keeps a YAML text from being read. Offsets count UTF-16 code units from the start of the text. */
export interface YamlFault {
  readonly offset: number;
  /** Completes "This YAML cannot be read: …". */
  readonly reason: string;
  readonly hint: string;
}

/** Keys, values, brackets and marks of one file. A patch has a few dozen. */
const mostYamlParts = 20_000;

/** Lines of one file: 4 MiB of base64 in lines of 64 characters have 65,000. */
const mostYamlLines = 100_000;

/** Brackets within each other, or list and key marks on one line. A patch needs three. */
const deepestYaml = 64;

/**
 * The first thing in the text that kubectl reads otherwise than our parser, or that no patch needs and the parser takes
 * too long for. It looks at each character a few times and keeps nothing, so it is safe on any text.
 */
export function yamlFault(text: string): YamlFault | undefined {
  return lengthFault(text) ?? characterFault(text) ?? separatorFault(text) ?? tokenFault(text) ?? jsonFault(text);
}

const isThisTheRightFile = 'A patch has a few dozen keys. Is this the right file?';

function lengthFault(text: string): YamlFault | undefined {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (++lines > mostYamlLines) {
      const reason = `it has more than ${numberText(mostYamlLines)} lines`;
      return { offset: 0, reason, hint: isThisTheRightFile };
    }
  }
  return undefined;
}

/** YAML 1.1 takes some characters for line breaks, in quotes and comments too, and allows others as escapes only. */
function characterFault(text: string): YamlFault | undefined {
  const offset = text.search(/\r(?!\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/);
  if (offset < 0) return undefined;
  const hex = text.charCodeAt(offset).toString(16).padStart(4, '0');
  const isBreak = ['000d', '0085', '2028', '2029'].includes(hex);
  return {
    offset,
    reason: `U+${hex.toUpperCase()} ${isBreak ? 'is a line break to kubectl, wherever it stands' : 'has to be written as an escape'}`,
    hint: `In a value write \\u${hex} in double quotes; elsewhere remove it`,
  };
}

/** kubectl splits a file at lines that start with `---` before it looks at anything else. */
function separatorFault(text: string): YamlFault | undefined {
  const offset = text.search(/^(?:%|---(?!$|[ \t]+(?:$|#)))/m);
  if (offset < 0) return undefined;
  return text[offset] === '%'
    ? {
        offset,
        reason: 'a line that starts with % is a directive, which changes how values are read',
        hint: 'Remove it, or indent it if it belongs to a value',
      }
    : {
        offset,
        reason: 'a line that starts with --- holds something else',
        hint: 'Indent the lines of a value under its key; between documents write --- alone',
      };
}

/** Where the scan stands. Offsets as above. */
interface Scan {
  offset: number;
  lineStart: number;
  /** The start of the latest quoted or unquoted text. */
  textStart: number;
  parts: number;
  /** The `|` or `>` and its indicators, if the next unquoted text is a block. */
  blockHeader: string;
  openBrackets: number;
  marksOfLine: number;
  /** Whether nothing but blanks stands before on the line. */
  atLineStart: boolean;
  /** Whether the document holds anything yet. */
  hasContent: boolean;
  /** Whether a line of `...` has ended the file. */
  hasEnded: boolean;
}

type UnplacedFault = Omit<YamlFault, 'offset'>;

function tokenFault(text: string): YamlFault | undefined {
  const scan: Scan = {
    offset: 0,
    lineStart: 0,
    textStart: 0,
    parts: 0,
    blockHeader: '',
    openBrackets: 0,
    marksOfLine: 0,
    atLineStart: true,
    hasContent: false,
    hasEnded: false,
  };
  for (const [type, token] of yamlTokens(text)) {
    // The lexer's own control characters, before documents.
    if (type === 'doc-mode' || type === 'flow-error-end') continue;
    const fault = advance(scan, token, type);
    if (fault) return { offset: scan.offset, ...fault };
    if (token.includes('\n')) scan.lineStart = scan.offset + token.lastIndexOf('\n') + 1;
    scan.offset += token.length;
  }
  return undefined;
}

function advance(scan: Scan, token: string, type: YamlTokenType): UnplacedFault | undefined {
  if (type === 'newline') {
    scan.atLineStart = true;
    scan.marksOfLine = 0;
    return undefined;
  }
  if (type === 'comment') return undefined;
  if (type === 'space') return scan.atLineStart && token.includes('\t') ? tabFault : undefined;
  const fault = partFault(scan, token, type);
  scan.atLineStart = token.endsWith('\n');
  scan.hasContent = type !== 'doc-start';
  return fault;
}

const tabFault: UnplacedFault = {
  reason: 'a tab is used for indentation',
  hint: 'Use spaces; a value that starts with a tab is written in double quotes, with \\t',
};

function partFault(scan: Scan, token: string, type: YamlTokenType): UnplacedFault | undefined {
  if (++scan.parts > mostYamlParts) {
    const reason = `it has more than ${numberText(mostYamlParts)} keys, values and marks`;
    return { reason, hint: isThisTheRightFile };
  }
  if (scan.hasEnded || (type === 'doc-end' && !scan.hasContent)) {
    return {
      reason: 'a line of ... stands elsewhere than at the end, and kubectl drops what is behind it',
      hint: 'Remove it: between documents write ---',
    };
  }
  switch (type) {
    case 'doc-end':
      scan.hasEnded = true;
      return undefined;
    case 'explicit-key-ind':
      return { reason: 'a key is marked with ?', hint: 'Write the key, a colon and the value on one line' };
    case 'flow-map-start':
    case 'flow-seq-start':
      return depthFault(++scan.openBrackets);
    case 'flow-map-end':
    case 'flow-seq-end':
      scan.openBrackets--;
      return undefined;
    case 'seq-item-ind':
      return depthFault(++scan.marksOfLine);
    case 'map-value-ind':
      return keyFault(scan) ?? (scan.openBrackets > 0 ? undefined : depthFault(++scan.marksOfLine));
    case 'single-quoted-scalar':
    case 'double-quoted-scalar':
      scan.textStart = scan.offset;
      return quotedFault(token);
    case 'block-scalar-header':
      scan.blockHeader = token;
      return undefined;
    case 'unquoted':
      scan.textStart = scan.offset;
      return unquotedFault(scan, token);
    default:
      return undefined;
  }
}

/** The parser takes very long, or all memory, for collections nested in each other by the thousand. */
function depthFault(depth: number): UnplacedFault | undefined {
  return depth > deepestYaml ? { reason: 'it is nested too deeply', hint: 'A patch needs three levels' } : undefined;
}

/** Our parser also takes keys that YAML does not allow: over several lines, and in brackets of any length. */
function keyFault({ offset, lineStart, textStart }: Scan): UnplacedFault | undefined {
  if (textStart >= lineStart && offset - textStart <= 1024) return undefined;
  return {
    reason: 'a colon has no key before it on its line, or a very long one',
    hint: 'Write key: value, with a space after the colon. It may be the line above that has none, or is not indented',
  };
}

/** Our lexer ends a quoted text before a line that is not indented, even behind an escaped quote; kubectl reads on. */
function quotedFault(token: string): UnplacedFault | undefined {
  const [quote] = token;
  for (let at = 1; at < token.length; at++) {
    if (quote === '"' && token[at] === '\\') {
      const fault = escapeFault(token, ++at);
      if (fault) return fault;
    } else if (quote === "'" && token.startsWith("''", at)) {
      at++;
    } else if (token[at] === quote) {
      return undefined;
    }
  }
  return notClosed;
}

const notClosed: UnplacedFault = {
  reason: 'a quote is not closed, or its text goes on in a line that is not indented',
  hint: 'Write the value on one line, in double quotes, with \\" for a quote and \\n for a newline',
};

/** JSON has escapes that YAML 1.1 has not. */
function escapeFault(token: string, at: number): UnplacedFault | undefined {
  if (token[at] === '/') return { reason: 'kubectl does not know the escape \\/', hint: 'Write / alone' };
  if (!/^(?:u|U0000)[dD][89a-fA-F]/.test(token.slice(at, at + 7))) return undefined;
  return {
    reason: 'kubectl does not know escapes of surrogates (\\ud800 to \\udfff)',
    hint: 'Write the character itself, or \\U and its eight hexadecimal digits',
  };
}

function unquotedFault(scan: Scan, token: string): UnplacedFault | undefined {
  const { blockHeader } = scan;
  scan.blockHeader = '';
  if (/^(?: *\r?\n)* *\t/.test(token)) return tabFault;
  if (scan.openBrackets > 0 && /[?:]/.test(token)) {
    return { reason: 'a text in brackets holds ? or : and has no quotes', hint: 'Put it in double quotes' };
  }
  if (blockHeader !== '' && !blockHeader.includes('-') && token !== '' && !token.endsWith('\n')) {
    // kubectl adds a newline to the value, and Kustomize does not.
    return { reason: 'the last line of a block has no newline', hint: 'End the file with a newline' };
  }
  return undefined;
}

/** kubectl reads a file as JSON if its first character is an opening brace. */
function jsonFault(text: string): YamlFault | undefined {
  const offset = text.search(/\S/);
  if (text[offset] !== '{' || isJson(text)) return undefined;
  const reason = 'it starts with {, so kubectl reads it as JSON, which it is not';
  return { offset, reason, hint: 'Write --- on a line of its own before it, or correct the JSON' };
}
