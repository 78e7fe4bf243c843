import { indentation, textLines } from '../environment/text-lines';

/** Whether a text gives something away, as it stands or, in `data`, behind its base64. */
export type IsValue = (text: string, field: string) => boolean;

const tags = '(?:[!&]\\S{0,99}\\s{1,9}){0,3}';

/** What any document of a Secret, or of a list of them, says, in YAML and JSON, and in JSON that is a text in JSON. */
export const mention = new RegExp(`kind["'\\\\]*\\s*:\\s*${tags}["'\\\\]*Secret(?:List)?(?![-\\w])`);

/**
 * The lines, from 1, of the first value of each Secret in a text that need be no YAML as a whole: a document, a script, a
 * log, a template, a quotation or a comment. In linear time.
 */
export function looseManifests(text: string, isValue: IsValue): number[] {
  const found = [...inParts(text, isValue), ...inTextsOfLines(text, isValue)];
  return [...new Set(found)].sort((a, b) => a - b);
}

function inParts(text: string, isValue: IsValue): number[] {
  return partsOf(text).flatMap((part) => manifestsIn(part.lines, isValue).map((line) => part.before + line));
}

/** In texts that have their own line breaks as escapes, such as one in JSON or in code. */
function inTextsOfLines(text: string, isValue: IsValue): number[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (!mention.test(line)) return [];
    const holdsOne = textsIn(line).some((each) => {
      if (!each.includes('\\n') || !mention.test(each)) return false;
      const unescaped = withoutEscapes(each.replace(/(?<!\\)(?:\\+r)?\\+n/g, '\n'));
      return inParts(unescaped, writtenOut(isValue)).length > 0;
    });
    return holdsOne ? index + 1 : [];
  });
}

/**
 * What stands between two quotes of a line, or beside one: a line may be a piece of a longer one, or have an apostrophe in
 * it. Texts of one line each, in a list, or added up or printed by code, are one text.
 */
function textsIn(line: string): string[] {
  return quotes.flatMap(({ own, other }) => {
    const pieces = line.split(own);
    return [0, 1].flatMap((start) => {
      // What only stands beside a quote may be two texts in quotes of the other kind.
      const isText = (piece: string) => start === 1 || !other.test(piece);
      return [...joined(pieces, start).filter(isText), ...(start === 1 ? [linesAmong(pieces)] : [])];
    });
  });
}

/** The texts of one line each among pieces, of which every second one is a text. */
function linesAmong(pieces: readonly string[]): string {
  const lines = pieces.filter((_, at) => at % 2 === 1).map((text) => text.replace(/(?:\\r)?\\n$/, ''));
  return lines.filter((line) => !line.includes('\\n')).join('\\n');
}

const quotes = [
  { own: /(?<!\\)"/, other: /(?<!\\)['`]/ },
  { own: /(?<!\\)'/, other: /(?<!\\)["`]/ },
  { own: /(?<!\\)`/, other: /(?<!\\)["']/ },
];

/** Every second piece, those that go on in the next one with it. */
function joined(pieces: readonly string[], start: number): string[] {
  const found: string[] = [];
  let lines: string[] = [];
  for (let at = start; at < pieces.length; at += 2) {
    const piece = pieces[at] ?? '';
    const isOneLine = piece.indexOf('\\n') === piece.length - 2;
    const isWhole = piece.includes('\\n') && !isOneLine;
    if (isWhole) found.push(piece);
    else lines.push(piece);
    if (isOneLine && /^\s*[,+]\s*$/.test(pieces[at + 1] ?? '')) continue;
    found.push(lines.join(''));
    lines = [];
  }
  return [...found, lines.join('')];
}

function withoutEscapes(text: string): string {
  return text.replace(/(?<!\\)\\+(?=["'])/g, '');
}

/** Does not take for a value what only code fills in. */
function writtenOut(isValue: IsValue): IsValue {
  return (text, field) => !filledInByCode.test(text) && isValue(text, field);
}

/**
 * `%s` but no percent-encoded character, `%(x)s`, `{x}`, `$x`, `\(x)`, what is between the end of a text and the next,
 * and the size of what is not shown.
 */
const filledInByCode =
  /%(?:@|(?![2-9a-f][0-9a-f]|0d)[-+# 0-9.]{0,9}[sqvd]|\(\w{1,99}\)[a-z])|\{[\w.]{0,99}\}|^\$\w+$|\\\(|["'`]\s{0,9}[+.]|[+.]\s{0,9}["'`]|^\s*\+.*\+\s*$|^\d+ bytes$/is;

/** The documents of a text, and what is quoted in one, with the number of lines before each. */
export function partsOf(text: string): { readonly lines: readonly string[]; readonly before: number }[] {
  const lines = text.split(/\r?\n/);
  const ends = [...lines.flatMap((line, index) => (isBoundary(line) ? [index] : [])), lines.length];
  return ends.map((end, at) => {
    const before = at === 0 ? 0 : (ends[at - 1] ?? 0) + 1;
    return { lines: lines.slice(before, end), before };
  });
}

/** Whether a line begins or ends a document, or what is quoted in one. A PEM block has more dashes. */
function isBoundary(line: string): boolean {
  return /^\s*---(?!-)|^[\s>#/*;]*(?:---\s*$|```|~~~)/.test(line);
}

function manifestsIn(lines: readonly string[], isValue: IsValue): number[] {
  const text = lines.join('\n');
  if (!mention.test(text)) return [];
  const { numberAt } = textLines(text);
  const unescaped = withoutEscapes(text);
  const { numberAt: numberInUnescaped } = textLines(unescaped);
  // Of a diff, and of a text in C.
  const plain = lines.map((line) => line.replace(/^(?:\+|-(?! \S))/, ' ').replace(/(?:\\r)?\\n\\$/, ''));
  const unquoted = plain.some((line) => quotedLine.test(line)) ? plain.map(withoutQuotes) : [];
  const inBlocks = (marked: readonly string[], marks: readonly Mark[], counts: IsValue) =>
    marks.flatMap(({ unmarked }) => inBlockStyle(marked.map(unmarked), counts) ?? []);
  const marks = marksIn(plain);
  const behindPrefixes = marks.flatMap(({ unmarked, isPrefix }) => {
    const inner = isPrefix ? plain.map(unmarked).join('\n') : '';
    return inFlowStyle(inner, isValue).map(textLines(inner).numberAt);
  });
  return [
    ...inBlocks(plain, marks, isValue),
    ...inBlocks(unquoted, marksIn(unquoted), writtenOut(isValue)),
    ...behindPrefixes,
    ...inFlowStyle(text, isValue).map(numberAt),
    ...(unescaped === text ? [] : inFlowStyle(unescaped, isValue).map(numberInUnescaped)),
  ];
}

/** What code puts behind a text that is a line: signs, and for a shell the file that it goes to. */
const behindQuote = '\\s*(?:[,+\\\\;).]\\s*){0,3}(?:>>?\\s*\\S{1,200}\\s*)?$';

/**
 * A line that is a text by itself, as in the list of them that a notebook is, or one that code adds up, prints or hands to
 * a function: with its line break, unless it is the line of the kind.
 */
const quotedLine = new RegExp(
  `^\\s*(?:[+.]\\s*|[$\\w.]{1,60}(?:\\s*[+.]?=\\s*|\\s*\\(\\s*(?:[\\w.]{1,60},\\s*)?|\\s+))?["'\`](?:.*\\\\n|kind:\\s*Secret)["'\`]${behindQuote}`,
);

const endOfQuoted = new RegExp(`(?:(?:\\\\r)?\\\\n)?["'\`]${behindQuote}`);

/** Has a sign in the place of the quote before a line, for the columns, and nothing in that of the one behind it. */
function withoutQuotes(line: string): string {
  return withoutEscapes(line.replace(/^\s*(?=\S)[^"'`]{0,100}["'`]/, '|').replace(endOfQuoted, ''));
}

const kindLine = new RegExp(
  `^(.{0,200}?)(["']?)kind["']?\\s*:\\s*${tags}["']?Secret(?:List)?["']?\\s*(?:,\\s*)?(?:#.*)?$`,
);

/** Texts that are made up have more. */
const mostMarks = 8;

/** Takes off a line what stands before a manifest; the line is empty if it has something else there. */
type Unmarked = (line: string, index: number) => string;

interface Mark {
  readonly unmarked: Unmarked;
  /** It is more than signs, which the braces of flow style do not mind. */
  readonly isPrefix: boolean;
}

/** What takes off each of the marks that stand before the manifests of a text, and what stands before their first lines. */
function marksIn(lines: readonly string[]): Mark[] {
  const found = new Map<string, Mark>();
  const opened = new Map<number, string>();
  for (const [index, line] of lines.entries()) {
    const [all, before = '', quote = ''] = kindLine.exec(line) ?? [];
    if (all === undefined) continue;
    const isPrefix = /\w/.test(before);
    const [mark, unmarked] = isPrefix ? withoutPrefix(before) : withoutSigns(before);
    if (found.size < mostMarks) found.set(mark, { unmarked, isPrefix });
    // A quote, and what the text is given to, stand before its first line alone, which is in the column of the next one.
    const isOpened = /\S/.test(before) && /["'`>(=]$/.test(before + quote);
    const text = line.slice(before.length + quote.length);
    if (isOpened) opened.set(index, ' '.repeat(indentation(lines[index + 1] ?? '')) + text);
  }
  const behindOpeners = { unmarked: (line: string, index: number) => opened.get(index) ?? line, isPrefix: false };
  return [...found.values(), ...(opened.size > 0 ? [behindOpeners] : [])];
}

/** The signs of a quotation or a comment: what is behind them stays in its columns. */
function withoutSigns(before: string): [mark: string, Unmarked] {
  const signs = before.trim().replace(/(?:^|\s)-$/, ''); // the dash is that of a list
  const unmarked = (line: string) => {
    const at = indentation(line);
    return line.startsWith(signs, at) ? ' '.repeat(at + signs.length) + line.slice(at + signs.length) : '';
  };
  return [signs, signs === '' ? (line) => line : unmarked];
}

/** What a log or a listing puts before each line, such as a time, a name or a number: its digits change. */
function withoutPrefix(before: string): [mark: string, Unmarked] {
  const shape = before
    .trim()
    .replace(/[^\w\s]/g, '\\$&')
    .replace(/\d+/g, '\\d+');
  const pattern = new RegExp(`^\\s*${shape}`);
  return [shape, (line) => (pattern.test(line) ? line.replace(pattern, '') : '')];
}

/** A comment, or what only a template reads. */
const passedOver = /^\s*(?:#|\{\{.*\}\}\s*$|\{%.*%\}\s*$|<%.*%>\s*$|$)/;

const kindAlone = new RegExp(`^\\s*["']?kind["']?\\s*:\\s*${tags}["']?Secret(List)?(?![-\\w])`);

/** The number of the first line that gives a value to one that is written without braces. */
function inBlockStyle(lines: readonly string[], isValue: IsValue): number | undefined {
  const besides = new Set<number>();
  let isList = false;
  for (const line of lines.map(withoutDash)) {
    const kind = kindAlone.exec(line);
    // Whoever comments lines out by hand may move one of them by a column.
    if (kind) for (const by of [-1, 0, 1]) besides.add(indentation(line) + by);
    isList ||= kind?.[1] !== undefined;
  }
  /** Whether a field stands beside the kind: what other objects refer to is a Secret as well. */
  const isBeside = (indent: number) => isList || besides.has(indent);
  let field: { readonly name: string; readonly indent: number } | undefined;
  let pair: { readonly line: number; readonly indent: number; readonly texts: string[] } | undefined;
  const isGiven = () => pair && field && isValue(scalarOf(pair.texts), field.name);
  for (const [index, raw] of lines.entries()) {
    if (passedOver.test(raw)) continue;
    const line = withoutDash(raw);
    const indent = indentation(line);
    if (pair && indent > pair.indent) {
      pair.texts.push(line.trim());
      continue;
    }
    if (isGiven()) return pair?.line;
    pair = undefined;
    if (field && indent > field.indent) {
      const text = /^\s*["']?(?:[-.\w]|\{\{[^{}]*\}\})+["']?\s*:(.*)$/.exec(line)?.[1];
      if (text !== undefined) pair = { line: index + 1, indent, texts: [withoutComment(text)] };
      continue;
    }
    const name = /^\s*["']?(data|stringData)["']?\s*:\s*(?:&\S+\s*)?(?:#.*)?$/.exec(line)?.[1];
    field = name !== undefined && isBeside(indent) ? { name, indent } : undefined;
  }
  return isGiven() ? pair?.line : undefined;
}

/** What stands behind the dash of a list is in its column. */
function withoutDash(line: string): string {
  return line.replace(/^(\s*)- /, '$1  ');
}

function withoutComment(text: string): string {
  const at = text.search(/\s#/);
  return (at < 0 ? text : text.slice(0, at)).trim();
}

/** What stands behind a key on its own line and on those below. */
function scalarOf([first = '', ...more]: readonly string[]): string {
  const own = first.replace(/^(?:[!&]\S*(?:\s+|$)){1,3}/, '').replace(/^[|>][-+0-9]*$/, '');
  const text = [own, ...more].filter((line) => line !== '').join('\n');
  return text.replace(/^(["'])(.*)\1$/s, '$2');
}

/** Whether a word stands in quotes. */
type Quoting = 'plain' | 'quoted';

/** What is between two braces. */
interface Braces {
  /** How it says that it is a Secret. */
  secret?: Quoting | undefined;
  /** How it says that what it holds are Secrets. */
  list?: Quoting;
  /** It is the `data` of what is around it. */
  readonly field?: string | undefined;
  /** Where the first value in its own `data` stands, in quotes and without them. */
  quoted?: number | undefined;
  plain?: number | undefined;
  /** The same in what it holds that does not say what it is, as the items of a list. */
  readonly ofItems: { quoted?: number | undefined; plain?: number | undefined };
}

const template = '\\{\\{[^{}]*\\}\\}|\\$\\{[^{}]*\\}';
/** The keys are as long as Kubernetes takes them: without a bound a word of millions of characters is more than V8 can go back over. */
const tokens = new RegExp(`${template}|\\{%[^{}]*\\}|[{}]|(?<![\\w.["'\`-])(["']?)([-.\\w]{1,253})\\1\\s{0,100}:`, 'g');
const secretAhead = new RegExp(`\\s*${tags}(["']?)Secret(List)?(?![-\\w])`, 'y');
/** A text in quotes, also one of bytes, and one that code encodes. */
const quotedAhead =
  /\s*(?:(?:btoa|b64encode|(?:[Bb]ase64|Buffer)\.\w{1,30}|\w{0,20}[Ee]ncode\w{0,20})\(\s*){0,3}[bBrRuU]{0,2}(?:"([^"\\\n]*(?:\\.[^"\\\n]*)*)"|'([^'\n]*)'|`([^`\n]*)`)/y;
const plainAhead = new RegExp(`\\s*((?:${template}|[^\\s{},"'\`])(?:${template}|[^{},\\n])*)`, 'y');

/**
 * Where the first value of each Secret stands that is written with braces: YAML in flow style, JSON, an object in code.
 * What surrounds it may be anything, hence no parser.
 */
function inFlowStyle(text: string, isValue: IsValue): number[] {
  const found: number[] = [];
  const outer: Braces[] = [];
  let braces: Braces = { ofItems: {} };
  let opening: { readonly field: string; readonly end: number } | undefined;
  /** Where Secret itself has quotes, as in JSON and in code, what has none is a name in code. */
  const add = (quoting: Quoting, { quoted, plain }: Braces['ofItems']) => {
    const known = [quoted, quoting === 'plain' ? plain : undefined].filter((place) => place !== undefined);
    if (known.length > 0) found.push(Math.min(...known));
  };
  const end = () => {
    const around = outer.at(-1)?.ofItems;
    if (braces.secret) add(braces.secret, braces);
    else if (around) {
      around.quoted ??= braces.quoted;
      around.plain ??= braces.plain;
    }
    if (braces.list) add(braces.list, braces.ofItems);
  };
  const ahead = (pattern: RegExp, at: number) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  tokens.lastIndex = 0;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    const [all, , key] = token;
    const opened = opening;
    opening = undefined;
    if (all === '{') {
      outer.push(braces);
      braces =
        opened && isBlank(text.slice(opened.end, token.index))
          ? { field: opened.field, ofItems: {} }
          : { secret: braces.list, ofItems: {} };
    } else if (all === '}') {
      end();
      braces = outer.pop() ?? { ofItems: {} };
    } else if (key !== undefined && braces.field !== undefined) {
      const owner = outer.at(-1);
      const quoted = ahead(quotedAhead, tokens.lastIndex);
      const value = quoted ?? ahead(plainAhead, tokens.lastIndex);
      if (!value || !owner) continue;
      const given = value.slice(1).find((each) => each !== undefined) ?? '';
      const sort = quoted ? 'quoted' : 'plain';
      const at = value.index + indentation(value[0]);
      if (owner[sort] === undefined && isValue(given.trim(), braces.field)) owner[sort] = at;
      tokens.lastIndex = value.index + value[0].length;
    } else if (key === 'kind') {
      const secret = ahead(secretAhead, tokens.lastIndex);
      // Outside of all braces there is no object of code.
      const quoting = secret?.[1] === '' || outer.length === 0 ? 'plain' : 'quoted';
      if (secret?.[2] !== undefined) braces.list = quoting;
      else if (secret) braces.secret ??= quoting;
    } else if (key === 'data' || key === 'stringData') opening = { field: key, end: tokens.lastIndex };
  }
  while (outer.length > 0) {
    end();
    braces = outer.pop() ?? { ofItems: {} };
  }
  end();
  return found;
}

/** Whether there is nothing, or a comment of code. */
function isBlank(text: string): boolean {
  return text.replace(/\/\*[^*]{0,200}\*\//g, '').trim() === '';
}
