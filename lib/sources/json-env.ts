import type { Catalog } from '../catalog/catalog';
import type { Source } from '../environment/source';
import { textLines } from '../environment/text-lines';
import { draftSource } from './source-draft';
import type { Unreadable } from './text-file';

/** Whether a text is to be read as JSON and not as lines of NAME=value, of which none begins with a brace. */
export function isJsonObject(text: string): boolean {
  return /^[ \t\r\n]*\{/.test(text);
}

/**
 * Reads one flat JSON object of texts: each value is, byte for byte, what its JSON text stands for.
 * Anything but a text is a problem of its own; what is not such an object at all is one problem of the whole file.
 */
export function readJsonEnv(
  text: string,
  catalog: Catalog,
  as: Pick<Source, 'layer' | 'file' | 'unknownNamesAre'>,
): Source | Unreadable {
  const entries: Entry[] = [];
  const mistake = scan(text, entries);
  if (mistake) {
    const { offset, reason, hint } = mistake;
    const line = textLines(text).numberAt(offset);
    return {
      status: 'unreadable',
      reason: `is JSON with a mistake on line ${line}: ${reason}`,
      hint,
      line,
      remains: text,
    };
  }
  const lineAt = textLines(text).numberAt;
  const draft = draftSource(catalog, as);
  const { problems, nearNames, faulty, unread } = draft;
  const firstLines = new Map<string, number>();

  for (const [index, { name, offset, value, raw }] of entries.entries()) {
    const line = lineAt(offset);
    const variable = catalog.variables.get(name);
    const near = variable ? undefined : nearNames(name);
    const shown = { ...(variable && { variable: name }), line };
    const first = firstLines.get(name);
    if (first === undefined) firstLines.set(name, line);
    else {
      problems.add({ severity: 'error', code: 'duplicate', ...shown }, () => ({
        message: `${variable?.name ?? 'This name'} is given on line ${first} already`,
        hint: 'Keep one of the two',
      }));
    }
    if (!variable) draft.addUnknown(name, line, index + 1);
    if (value === undefined) {
      problems.add({ severity: 'error', code: 'invalid-value', ...shown }, () => noText(raw, variable?.name, near));
      if (variable) faulty.add(name);
      unread.addText(`${name}: ${raw}`);
    } else {
      draft.give(name, variable, value, { line });
    }
  }
  return draft.finish();
}

/** A value that is no text. A name outside the catalog is not shown: it may be a piece of a secret. */
function noText(raw: string, variable: string | undefined, near: string | undefined) {
  const what = kindOf(raw);
  const isNested = what === 'an object' || what === 'a list';
  return {
    message: `${variable ?? 'The value of a name outside the catalog'} is ${what} in JSON, and every value must be a text`,
    hint: [
      ...(variable === undefined && near !== undefined ? [`Did you mean ${near}?`] : []),
      isNested
        ? 'Pass the flat object alone: jq picks the one inside another (| jq .data)'
        : what === 'null'
          ? 'Give it a text, or leave the name out'
          : 'Put it in double quotes',
    ].join(' '),
  };
}

function kindOf(raw: string): string {
  switch (raw.charAt(0)) {
    case '{':
      return 'an object';
    case '[':
      return 'a list';
    case 'n':
      return 'null';
    case 't':
    case 'f':
      return 'true or false';
    default:
      return 'a number';
  }
}

/** A name with its value, as they stand in the text. */
interface Entry {
  readonly name: string;
  /** Where its name begins. In UTF-16 code units from the start of the text. */
  readonly offset: number;
  /** Undefined if it is no text. */
  readonly value?: string;
  /** A value that is no text as it is written, else nothing. */
  readonly raw: string;
}

/** What keeps a text from being JSON, and where. */
interface Mistake {
  readonly offset: number;
  readonly reason: string;
  readonly hint: string;
}

/**
 * Reads the entries of an object, duplicates included, which JSON.parse would drop. It looks at each character a few
 * times, whatever is there.
 */
function scan(text: string, entries: Entry[]): Mistake | undefined {
  const mistake = (offset: number, what: Reason) => ({ offset, ...(offset < text.length ? what : noEnd) });
  let at = blanksEnd(text, 0) + 1;
  for (let isFirst = true; ; isFirst = false) {
    at = blanksEnd(text, at);
    if (text[at] === '}' && isFirst) break;
    const offset = at;
    const name = text[at] === '"' ? stringAt(text, at) : isFirst ? noName : noNameBehindComma;
    if ('reason' in name) return mistake(at, name);
    at = blanksEnd(text, name.end);
    if (text[at] !== ':') return mistake(at, noColon);
    at = blanksEnd(text, at + 1);
    if (text[at] === '"') {
      const value = stringAt(text, at);
      if ('reason' in value) return mistake(at, value);
      entries.push({ name: name.text, offset, value: value.text, raw: '' });
      at = value.end;
    } else {
      const end = otherEnd(text, at);
      if (end === undefined) return mistake(at, noValue);
      entries.push({ name: name.text, offset, raw: text.slice(at, end) });
      at = end;
    }
    at = blanksEnd(text, at);
    if (text[at] === '}') break;
    if (text[at] !== ',') return mistake(at, noComma);
    at++;
  }
  at = blanksEnd(text, at + 1);
  return at < text.length ? mistake(at, moreBehind) : undefined;
}

type Reason = Omit<Mistake, 'offset'>;

const writtenByTool = 'Have a tool write it, such as jq or the export of a secret manager';
const noName: Reason = { reason: 'a name in double quotes is expected', hint: writtenByTool };
const noNameBehindComma: Reason = {
  reason: 'a name in double quotes is expected behind a comma',
  hint: 'Remove the comma behind the last entry, or a comment',
};
const noColon: Reason = { reason: 'a colon is expected behind a name', hint: writtenByTool };
const noValue: Reason = { reason: 'a text in double quotes is expected', hint: writtenByTool };
const noComma: Reason = { reason: 'a comma is expected between two entries', hint: writtenByTool };
const noEnd: Reason = {
  reason: 'it ends too soon',
  hint: 'The program that writes it may have failed: run it by itself',
};
const moreBehind: Reason = {
  reason: 'something stands behind the object',
  hint: 'It takes one object: jq -s add makes one of several',
};
const notClosed: Reason = {
  reason: 'a text in double quotes is not closed on its line',
  hint: 'A newline within a text is written \\n, a tab \\t',
};
const badEscape: Reason = {
  reason: 'a text has a backslash that stands for nothing',
  hint: 'A backslash is written \\\\, a double quote \\"',
};

function blanksEnd(text: string, start: number): number {
  let at = start;
  while (/[ \t\r\n]/.test(text.charAt(at))) at++;
  return at;
}

/** The text whose opening quote stands there, and where it ends. */
function stringAt(text: string, start: number): { readonly text: string; readonly end: number } | Reason {
  const end = closingQuote(text, start);
  if (end === undefined) return notClosed;
  try {
    return { text: JSON.parse(text.slice(start, end + 1)) as string, end: end + 1 };
  } catch {
    return badEscape;
  }
}

function closingQuote(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    if (code < 0x20) return undefined;
    if (code === 0x5c) at++;
  }
  return undefined;
}

/** Where a value that is no text ends; undefined if there is none. Of what is nested only the brackets are looked at. */
function otherEnd(text: string, start: number): number | undefined {
  if (!/[[{]/.test(text.charAt(start))) {
    const word = /(?:-?\d[\d.eE+-]*|true|false|null)(?![\w.])/y;
    word.lastIndex = start;
    return word.test(text) ? word.lastIndex : undefined;
  }
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = closingQuote(text, at);
      if (end === undefined) return undefined;
      at = end;
    } else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return undefined;
}
