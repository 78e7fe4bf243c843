import { parse } from 'dotenv';
import type { Catalog } from '../catalog/catalog';
import { hiddenCharacter } from '../environment/checks/recognisers/hidden-characters';
import type { Fault, ProblemCode } from '../environment/problem';
import type { Quote, Source } from '../environment/source';
import { draftSource } from './source-draft';

/** One assignment as the strict reading sees it; `end` is the index of the line after it. */
type Reading =
  | { readonly value: string; readonly comment: string; readonly end: number; readonly quote: Quote }
  | { readonly fault: Fault; readonly end: number };

const assignmentPattern = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=(.*)$/s;

/** What most lines are: a name and a value of letters, digits and a few marks, which dotenv takes as it stands. */
const plainAssignment = /^([\w.-]+)=([\w./:@+-]*)$/;

/**
 * Reads a file in dotenv's grammar, strictly: whatever dotenv would silently drop or change is an `ambiguous-line`.
 * Every value is what the dotenv package makes of its lines, and the strict reading must agree with it.
 */
export function readEnvFile(
  text: string,
  catalog: Catalog,
  as: Pick<Source, 'layer' | 'file' | 'unknownNamesAre'>,
): Source {
  const lines = splitLines(text);
  const lineEnd = text.includes('\n') ? '\n' : '\r';
  const draft = draftSource(catalog, as);
  const { problems, faulty, unread } = draft;
  const firstLines = new Map<string, number>();

  const report = (code: ProblemCode, index: number, variable: string | undefined, describe: () => Fault) =>
    problems.add({ severity: 'error', code, ...(variable !== undefined && { variable }), line: index + 1 }, describe);
  /** "This value" in a message becomes the name of the variable where that is known. */
  const reportAmbiguous = (index: number, fault: Fault, variable?: string) =>
    report('ambiguous-line', index, variable, () => ({
      ...fault,
      message: variable === undefined ? fault.message : fault.message.replace(/^This value/, variable),
    }));

  /** The index of an assignment without a value, as long as only blank lines and comments follow it. */
  let emptyAssignment: { index: number; variable?: string } | undefined;

  for (let index = 0; index < lines.length; ) {
    const line = lines[index] ?? '';
    const number = index + 1;
    const plain = plainAssignment.exec(line);
    if (!plain && /^\s*(?:#.*)?$/.test(line)) {
      unread.addComment(line);
      index++;
      continue;
    }
    const [, name, rest] = plain ?? assignmentPattern.exec(line) ?? [];
    if (name === undefined || rest === undefined) {
      reportAmbiguous(index, noAssignment(line));
      unread.addLine(line);
      if (emptyAssignment && /^\s*['"`]/.test(line)) {
        reportAmbiguous(emptyAssignment.index, valueOnNextLine, emptyAssignment.variable);
      }
      emptyAssignment = undefined;
      index++;
      continue;
    }
    const variable = catalog.variables.get(name);
    const first = firstLines.get(name);
    if (first !== undefined) report('duplicate', index, variable?.name, () => duplicate(variable?.name, first));
    else if (variable || draft.hasRoom()) firstLines.set(name, number);
    if (!variable) {
      draft.addUnknown(name, number);
    } else if (variable.sensitive && as.layer === 'config-file') {
      report('misplaced-secret', index, name, () => misplaced(name, as.file ?? ''));
    }
    const reading: Reading = plain
      ? { value: rest, comment: '', end: number, quote: '' }
      : readValue(lines, lineEnd, index, name, rest, catalog);
    emptyAssignment = undefined;
    if ('fault' in reading) {
      reportAmbiguous(index, reading.fault, variable?.name);
      if (variable) faulty.add(name);
      unread.addLine(lines.slice(index, reading.end).join('\n'));
    } else {
      draft.give(name, variable, detached(reading.value), { line: number, quote: reading.quote });
      // What was a secret may stand beside the new one.
      if (reading.comment !== '') unread.addComment(`${name} ${reading.comment}`);
      if (reading.value === '') emptyAssignment = { index, ...(variable && { variable: name }) };
    }
    index = reading.end;
  }
  return draft.finish();
}

/** LF, CRLF or, where nothing else ends lines, CR. */
export function splitLines(text: string): string[] {
  if (!text.includes('\n')) return text.split('\r');
  return text.split(text.includes('\r') ? /\r?\n/ : '\n'); // by a text it takes half the memory
}

/** A copy of a piece of a file, which was UTF-8: V8 keeps all of a text for as long as a piece of it is kept. */
function detached(piece: string): string {
  return Buffer.from(piece).toString();
}

/** @param lineEnd what stood between the lines; CRLF counts as LF, as documented */
function readValue(
  lines: readonly string[],
  lineEnd: '\n' | '\r',
  index: number,
  name: string,
  rest: string,
  catalog: Catalog,
): Reading {
  const start = rest.replace(/^[ \t]+/, '');
  const reading = /^['"`]/.test(start)
    ? readQuoted(lines, index, start, catalog)
    : (unquotedBlock(lines, index, start) ?? readUnquoted(start, rest !== start, index + 1));
  if ('fault' in reading) return reading;
  const span = reading.end === index + 1 ? (lines[index] ?? '') : lines.slice(index, reading.end).join(lineEnd);
  if (span.includes('\r')) return { fault: carriageReturn, end: reading.end };
  // What dotenv makes of letters and digits is beyond doubt, and asking it takes longer than all the rest.
  if (/^[\w.-]+=(?:[\w./:@+-]*|"[\w ./:@+-]*"|'[\w ./:@+-]*')$/.test(span)) return reading;
  const asDotenvReads = Object.entries(parse(span));
  const agrees = asDotenvReads.length === 1 && asDotenvReads[0]?.[0] === name && asDotenvReads[0][1] === reading.value;
  // dotenv keeps its results in a plain object, where this one name disappears.
  return agrees || name === '__proto__' ? reading : { fault: hiddenAround(rest) ?? readDifferently, end: reading.end };
}

/** A PEM block that stands there without quotes: its lines would each be a problem. */
function unquotedBlock(lines: readonly string[], index: number, start: string): Reading | undefined {
  if (!start.startsWith('-----BEGIN ') || start.includes('-----END ')) return undefined;
  const end = afterOpenQuote(lines, index, `'${start}`);
  return end > index + 1 ? { fault: blockWithoutQuotes, end } : undefined;
}

function readUnquoted(start: string, blankBefore: boolean, end: number): Reading {
  const hash = start.indexOf('#');
  if (hash >= 0 && !(hash === 0 ? blankBefore : /[ \t]/.test(start.charAt(hash - 1))))
    return { fault: cutAtHash(start), end };
  let length = hash < 0 ? start.length : hash;
  while (/[ \t]/.test(start.charAt(length - 1))) length--; // /[ \t]+$/ takes quadratic time on long runs of blanks
  return { value: start.slice(0, length), comment: hash < 0 ? '' : start.slice(hash), end, quote: '' };
}

function readQuoted(lines: readonly string[], index: number, start: string, catalog: Catalog): Reading {
  const quote = start.charAt(0) as Quote;
  const held: string[] = [];
  let last = index;
  let line = start.slice(1);
  let close = line.indexOf(quote);
  while (close < 0) {
    held.push(line);
    last++;
    const next = lines[last];
    if (next === undefined) return { fault: unclosed(start), end: afterOpenQuote(lines, index, start) };
    line = next;
    close = line.indexOf(quote);
  }
  const after = line.slice(close + 1);
  held.push(line.slice(0, close));
  const body = held.join('\n');
  const swallowed = lines.slice(index + 1, last + 1).some((each) => {
    const name = assignmentPattern.exec(each)?.[1];
    return name !== undefined && catalog.variables.has(name);
  });
  if (swallowed) return { fault: swallowsAssignment, end: index + 1 };
  const end = last + 1;
  const isEscaped = body.endsWith('\\');
  if (!/^[ \t]*$|^[ \t]+#/.test(after)) {
    return {
      fault: isEscaped ? escapedQuote(start) : textAfterClose(start),
      end: afterOpenQuote(lines, index, start),
    };
  }
  if (isEscaped) return { fault: backslashBeforeClose(body), end };
  if (quote !== '"') return { value: body, comment: after, end, quote };
  if (/\\[^nr]/s.test(body)) return { fault: otherEscape(body), end };
  return { value: body.replaceAll('\\n', '\n').replaceAll('\\r', '\r'), comment: after, end, quote };
}

/** After a misplaced quote every line is read by itself again, but those of a PEM block, which would each be a problem. */
function afterOpenQuote(lines: readonly string[], index: number, start: string): number {
  if (!start.startsWith('-----BEGIN ', 1)) return index + 1;
  // The line of a PEM block holds nothing but base64 and, at its end, the closing mark.
  for (let at = index + 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.startsWith('-----END ')) return at + 1;
    if (!/^[A-Za-z0-9+/=:, -]*$/.test(line)) break;
  }
  return index + 1;
}

function duplicate(name: string | undefined, first: number): Fault {
  return {
    message: `${name ?? 'This name'} is assigned on line ${first} already`,
    hint: 'Keep one of the two',
  };
}

function misplaced(name: string, file: string): Fault {
  return {
    message: `${name} is a secret, and this file is committed`,
    hint: `Move it to ${file.replace(/\.config\.env$/, '.env')}. If a real value was committed, rotate it`,
  };
}

/** A character that nobody sees before the name, within it or around `=`. */
function hiddenInName(line: string): Fault | undefined {
  const equals = line.indexOf('=');
  const hidden = equals < 0 ? undefined : hiddenCharacter(line.slice(0, equals + 2));
  if (!hidden) return undefined;
  return {
    message: `This line is not an assignment for ${hidden.name} in its column ${hidden.column}`,
    hint: 'Remove that character: it came along when the line was copied',
  };
}

/** One at the start or the end of a value, where dotenv drops some of them. */
function hiddenAround(value: string): Fault | undefined {
  const trimmed = value.trim();
  const hidden = trimmed === value ? undefined : hiddenCharacter(value.replace(trimmed, ''));
  if (!hidden) return undefined;
  return {
    message: `This value has ${hidden.name} before or behind it, which dotenv drops`,
    hint: `Remove ${hidden.name.replace(/ .*/, '')}: it came along when the value was copied`,
  };
}

function noAssignment(line: string): Fault {
  const hidden = hiddenInName(line);
  if (hidden) return hidden;
  if (/^[ \t]*[\w.+-]+:\/\//.test(line)) {
    return {
      message: 'This line is a URL, and no assignment',
      hint: 'If it is the value of the line above, put it behind its =',
    };
  }
  if (/^[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*:/.test(line)) {
    return { message: 'This line has a colon where an assignment has =', hint: 'Write NAME=value' };
  }
  if (/^[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*$/.test(line) || /^[ \t]*=/.test(line)) {
    return {
      message: 'This line is not a whole assignment: NAME=value',
      hint: 'Write NAME=value on one line. If it goes on with the value above, that needs quotes around all of it',
    };
  }
  if (/^\s*#/.test(line)) {
    return {
      message: 'This comment holds a carriage return or line separator, where dotenv ends it',
      hint: 'Remove it',
    };
  }
  return {
    message: 'This line is not an assignment, and dotenv would drop it',
    hint: 'Write NAME=value, put # before a comment, and quotes around a value of several lines',
  };
}

const valueOnNextLine: Fault = {
  message: 'This value is empty, and dotenv would take the quoted text of a later line for it',
  hint: 'Write the name, = and value on one line',
};
const carriageReturn: Fault = {
  message: 'This value holds a carriage return, which dotenv turns into a newline',
  hint: 'Save the file with LF as its line ends. For a carriage return in a value write \\r in double quotes',
};
const readDifferently: Fault = {
  message: 'This value would be changed by dotenv (unusual whitespace around it, or a line separator in it)',
  hint: 'Put the value in single quotes',
};
function cutAtHash(start: string): Fault {
  return {
    message: 'This value would be cut off at # by dotenv',
    hint: hasEveryQuote(withoutComment(start))
      ? notInEnvFile
      : 'Put quotes around the value, or a space before a comment',
  };
}
function unclosed(start: string): Fault {
  return {
    message: 'This value starts with a quote that is never closed',
    hint: hasEveryQuote(withoutComment(start))
      ? `Close it. If the quote is a part of the value: ${notInEnvFile.replace(/^An/, 'an')}`
      : 'Close it, or put another kind of quotes around the whole value',
  };
}
const swallowsAssignment: Fault = {
  message: 'This value opens a quote that closes only after another assignment',
  hint: 'Close it on its own line, or put another kind of quotes around the whole value',
};
function textAfterClose(start: string): Fault {
  return {
    message: 'This value has text after its closing quote',
    hint: hasEveryQuote(withoutComment(start).slice(1, -1))
      ? noQuotesFit
      : 'Put another kind of quotes around the whole value, or a space before a comment',
  };
}
const blockWithoutQuotes: Fault = {
  message: 'This value is a PEM block without quotes, of which dotenv would take the first line',
  hint: 'Put single quotes around the whole block, from -----BEGIN to the last -----',
};

const notInEnvFile = 'An env file cannot hold such a value: give it in the process environment, with --from-env';
const noQuotesFit = `No quotes fit around this value. Where it holds no # and starts with none of them, leave them out. ${notInEnvFile.replace(/^An/, 'Else an')}`;

function hasEveryQuote(value: string): boolean {
  return ['"', "'", '`'].every((quote) => value.includes(quote));
}

/** What stands behind the = of a line, for a value. Where it ends in the quote that it starts with, all of it was meant. */
function withoutComment(start: string): string {
  const line = start.trimEnd();
  const isWhole = line.length > 1 && /^['"`]/.test(line) && line.endsWith(line.charAt(0));
  return isWhole ? line : start.replace(/[ \t]#.*/s, '');
}

function backslashBeforeClose(body: string): Fault {
  const needsQuotes = /[#\n\r]|^[\s'"`]|\s\\*$/.test(body);
  return {
    message: 'This value has a backslash right before its closing quote, and dotenv may read past it',
    hint: needsQuotes ? notInEnvFile : 'Remove the quotes: a value may end in a backslash without them',
  };
}

/** In quotes where every character stands for itself. */
function literally(value: string): string {
  if (value.includes("'") && value.includes('`')) return noQuotesFit;
  const quotes = value.includes("'") ? 'backticks' : 'single quotes';
  return `Put ${quotes} around the value. In them every character stands for itself: remove a backslash that only escapes the next one`;
}

function escapedQuote(start: string): Fault {
  const inner = withoutComment(start).slice(1, -1);
  const inDoubleQuotes = 'Put double quotes around the whole value, and remove that backslash';
  return {
    message: 'This value has a quote behind a backslash in it, which dotenv may take for its end',
    hint: hasEveryQuote(inner)
      ? noQuotesFit
      : inner.includes("'") && inner.includes('`')
        ? inDoubleQuotes
        : literally(inner),
  };
}

function otherEscape(body: string): Fault {
  return {
    message: 'This value has a backslash in double quotes that dotenv would keep or mangle: it knows \\n and \\r only',
    hint: /\\[^nr$]/s.test(body) ? literally(body) : 'Remove the backslash before $: it needs none here',
  };
}
