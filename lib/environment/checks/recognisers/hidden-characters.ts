import { isJson } from '../../../catalog/json';
import type { Recogniser } from './recogniser';

/** Characters that show as nothing: formats, fillers, selectors and, but for tab, line breaks and NUL, controls. */
const invisible =
  '\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb\\u{e0000}-\\u{e01ef}';
/** Blanks that no keyboard's space bar writes, and line breaks that are no newline. */
const otherBlanks = '\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
/** What word processors make of quotes, hyphens and dots, and full-width forms of ASCII. */
const typographic =
  '\\u00ab\\u00bb\\u2010-\\u2015\\u2018-\\u201f\\u2026\\u2032\\u2033\\u2039\\u203a\\u2212\\uff01-\\uff5e';

const hidden = new RegExp(`[${invisible}${otherBlanks}${typographic}]`, 'u');
const isInvisible = new RegExp(`[${invisible}]`, 'u');
const isBlank = new RegExp(`[${otherBlanks}]`, 'u');

const known: Readonly<Record<string, string>> = {
  '\u00a0': 'no-break space',
  '\u00ad': 'soft hyphen',
  '\u00ab': 'quotation mark',
  '\u00bb': 'quotation mark',
  '\u001b': 'escape',
  '\u007f': 'delete',
  '\u200b': 'zero width space',
  '\u200c': 'zero width non-joiner',
  '\u200d': 'zero width joiner',
  '\u200e': 'left-to-right mark',
  '\u200f': 'right-to-left mark',
  '\u2010': 'hyphen',
  '\u2011': 'non-breaking hyphen',
  '\u2012': 'figure dash',
  '\u2013': 'en dash',
  '\u2014': 'em dash',
  '\u2018': 'quotation mark',
  '\u2019': 'quotation mark',
  '\u201a': 'quotation mark',
  '\u201c': 'quotation mark',
  '\u201d': 'quotation mark',
  '\u201e': 'quotation mark',
  '\u2026': 'ellipsis',
  '\u2028': 'line separator',
  '\u2029': 'paragraph separator',
  '\u202f': 'narrow no-break space',
  '\u2060': 'word joiner',
  '\u2212': 'minus sign',
  '\u3000': 'ideographic space',
  '\ufe0f': 'variation selector',
  '\ufeff': 'byte order mark',
};

/** A character that nobody sees, or takes for another. */
export interface HiddenCharacter {
  /** The code point with its name, if it has a common one: `U+200B (zero width space)`. */
  readonly name: string;
  /** Its place in the text, from 1, counted in characters. */
  readonly column: number;
  readonly kind: 'invisible' | 'blank' | 'typographic';
}

/** The first character of a text that nobody sees or that a word processor made. A code point says nothing of a secret. */
export function hiddenCharacter(text: string): HiddenCharacter | undefined {
  const found = hidden.exec(text);
  if (!found) return undefined;
  const [character] = found;
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const name = known[character];
  return {
    name: `U+${code}${name === undefined ? '' : ` (${name})`}`,
    column: [...text.slice(0, found.index)].length + 1,
    kind: isInvisible.test(character) ? 'invisible' : isBlank.test(character) ? 'blank' : 'typographic',
  };
}

/** A text whose emoji are one plain character each. */
const withoutEmoji = (text: string) =>
  /\p{Extended_Pictographic}/u.test(text)
    ? text.replace(/\p{Extended_Pictographic}(?:\ufe0f|\u200d|[\u{1f3fb}-\u{1f3ff}]){1,3}/gu, '?')
    : text;

/** Whether the whole stands between typographic quotes. */
const isQuoted = (text: string) => /^[«»‘’‚‛“”„‟‹›][\s\S]*[«»‘’‚‛“”„‟‹›]$/.test(text);

function found(text: string): HiddenCharacter {
  return hiddenCharacter(withoutEmoji(text)) ?? { name: '', column: 0, kind: 'invisible' };
}

/** Letters of Cyrillic and Greek that look like one of the Latin alphabet. */
const lookAlike = /^[АВЕЅІЈКМНОРСТУХаеорсухіјѕһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧο]+$/;

export const hiddenCharacters: readonly Recogniser[] = [
  {
    name: 'hidden-character',
    about:
      'an invisible or typographic character in a secret without spaces (a zero width space, a no-break space, “quotes”, a dash)',
    in: 'secrets',
    test: (text) =>
      !/^[\x20-\x7e\t\r\n]*$/.test(text) &&
      !/[ \t\n]/.test(text.trim()) &&
      hidden.test(withoutEmoji(text)) &&
      !isJsonDocument(text),
    says: (text) => {
      const { name, column, kind } = found(text);
      const sort =
        kind === 'typographic'
          ? 'the typographic character'
          : kind === 'blank'
            ? 'the blank'
            : 'the invisible character';
      return `holds ${sort} ${name} as its character ${column}`;
    },
    hint: (text) => {
      const { name, kind } = found(text);
      if (kind !== 'typographic') return `Remove ${name.replace(/ .*/, '')}: it came along when the value was copied`;
      if (isQuoted(text)) return 'Remove the quotes around it';
      return 'Type the plain character of the keyboard in its place, or copy the value from where it was made';
    },
    examples: [
      'sk-fake\u200b0000',
      '“sk-fake-0000”',
      'sk-fake0000\u00a0',
      '\ufeffsk-fake0000',
      'sk–fake',
      'sk-fake…0000x',
      'ｓｋ-fake',
      'sk-fake\u001b[200~',
      'sk-fake\u00ad0000',
      'sk-fake\u200b0000\n',
    ],
    counterExamples: [
      'pässwörd-fake',
      'пароль-0000',
      'fake 👩\u200d🔬 fake',
      'fake🔥\ufe0f0000',
      'a fake passphrase – with a dash',
      '{"name":"L’agent"}',
      { value: 'Dites « bonjour »', name: 'GREETING' },
    ],
  },
  {
    name: 'look-alike-letter',
    about: 'a Cyrillic or Greek letter that looks like a Latin one, in a key of Latin letters',
    in: 'secrets',
    test: (text) => {
      if (!/[\u0370-\u052f]/.test(text) || /[ \t\n]/.test(text.trim())) return false;
      // One or two of them, which all look alike, among many of the Latin alphabet.
      const foreign = text.replace(/[^\u0370-\u052f]+/g, '');
      return foreign.length <= 2 && lookAlike.test(foreign) && /(?:[A-Za-z][^A-Za-z]*){4}/.test(text);
    },
    says: (text) => {
      const at = text.search(/[\u0370-\u052f]/);
      const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
      return `holds U+${code}, which only looks like a Latin letter, as its character ${[...text.slice(0, at)].length + 1}`;
    },
    hint: 'Type the Latin letter in its place, or copy the value from where it was made',
    examples: ['sk-f\u0430ke0000', 'sk-fake\u0410KEY'],
    counterExamples: ['пароль-fake', 'sk-fake0000', 'fake-\u0436-fake'],
  },
];

/** A JSON document may well hold a name with a typographic character. */
function isJsonDocument(text: string): boolean {
  return /^\s*[{[]/.test(text) && isJson(text);
}
