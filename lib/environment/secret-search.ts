import { createPublicKey } from 'node:crypto';
import { inBatches } from './batches';
import { bytesOf, decodingsOf } from './decodings';
import { least } from './least';
import { limits } from './limits';
import { oncePer } from './once-per';
import { Sensitive } from './sensitive';

/** Texts up to this length are looked at together, since each look has its price. In UTF-16 code units. */
const batchLength = 65_536;

/**
 * Tells of texts whether they hold one of the secrets, as `textsHolding` does. The search is made for the first text and
 * serves all of them.
 * @param shortest secrets with fewer UTF-16 code units are not looked for
 */
export function secretFinder(secrets: readonly Sensitive[], shortest: number): (text: string) => boolean {
  let isIn: ((text: string) => boolean) | undefined;
  return (text) => {
    if (secrets.length === 0) return false;
    isIn ??= Sensitive.finder(secrets, spellings, shortest);
    if (text.length > limits.valueLength) return isIn(sameLineEnds(text));
    return some(decodedAlike(text), isIn);
  };
}

/**
 * The texts that hold one of the secrets: as it is, without the blanks and newlines around it, or in an encoding that
 * `decodingsOf` knows. Takes time that is linear in the length of all secrets and texts together.
 * @param shortest secrets with fewer UTF-16 code units are not looked for
 */
export function textsHolding(
  secrets: readonly Sensitive[],
  texts: Iterable<string>,
  shortest: number,
): ReadonlySet<string> {
  const holding = new Set<string>();
  if (secrets.length === 0) return holding;
  const holdsSecret = secretFinder(secrets, shortest);
  for (const batch of inBatches(texts, batchLength, (text) => text.length + 1)) {
    if (batch.length > 1 && !holdsSecret(batch.join('\0'))) continue;
    for (const text of batch) if (holdsSecret(text)) holding.add(text);
  }
  return holding;
}

/** A text with the same line ends whatever it had: git, editors and systems change them, in a secret as in what holds it. */
function sameLineEnds(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : text;
}

/** The line ends may be encoded too, so that they are made the same behind each encoding. */
function* decodedAlike(text: string): Generator<string> {
  for (const decoding of decodingsOf(text)) yield sameLineEnds(decoding);
}

/** A secret as others may write it: what holds any of these gives it away. Blanks around it count for nothing. */
function spellings(secret: string): string[] {
  const trimmed = sameLineEnds(secret).trim();
  // A sign too many, as in NAME==value or NAME=> value, is read as a part of the value.
  const meant = /^[=>:]/.test(trimmed) ? [trimmed.replace(/^[=>:\s]+/, '')] : [];
  if (!/[^\x20-\x7e]/.test(trimmed)) return [trimmed, ...meant];
  return [trimmed, ...meant, bytesOf(trimmed), ...privateKeysIn(trimmed)];
}

/** The base64 of the private keys in PEM blocks, with its line breaks and without. The marks around it are no secret. */
function privateKeysIn(text: string): string[] {
  const parts = text.split('-----');
  return parts.flatMap((body, index) => {
    if (!/^BEGIN [A-Z0-9 ]*PRIVATE KEY$/.test(parts[index - 1] ?? '')) return [];
    return [body.trim(), body.replace(/\s+/g, '')];
  });
}

/** In texts up to this length a secret is looked for without a search of its own. In UTF-16 code units. */
const shortText = 512;

/**
 * What such a look takes at least, what it takes to make a search, and to pass over a secret that was found already, as so
 * many code units that are looked through.
 */
const priceOfLook = 4_096;
const priceOfSearch = 16_384;
const priceOfPassing = 64;

/** A secret that is to be looked for. */
export interface Sought {
  readonly value: Sensitive;
}

/**
 * A search that tells which of the secrets a text holds, in any spelling that `textsHolding` knows or with the lines of a
 * private key by themselves, and on which line each starts. Each line is looked at by itself first: what goes over several
 * is looked for in the whole text. In linear time, but for what is looked through for one secret after the other.
 * @param shortest secrets with fewer UTF-16 code units are not looked for
 */
export function createSecretSearch<S extends Sought>(
  secrets: readonly S[],
  shortest: number,
): (text: string) => { readonly secret: S; readonly line: number }[] {
  const isAnyIn = Sensitive.finder(
    secrets.map(({ value }) => value),
    spellingsByLine,
    shortest,
    Number.POSITIVE_INFINITY, // of a thousand environments none is left out
  );
  const startsIn = Sensitive.starts(secrets, spellingsByLine, shortest);
  /** The spellings of a secret, made at the first look: a private key has thousands, and they take long to make. */
  const wordsOf = oncePer(({ value }: S) => {
    const words = value.flatMap((text) => spellingsByLine(text).filter(({ length }) => length >= shortest));
    return { words, length: words.reduce((sum, word) => sum + word.measure(({ length }) => length), 0) };
  });
  /** Of the last secret only: it is asked for many times in a row, and takes 64 KiB. */
  let last: { readonly of: S; readonly isIn: (text: string) => boolean } | undefined;
  const holds = (secret: S, text: string): boolean => {
    const { words } = wordsOf(secret);
    if (text.length <= shortText) {
      return some(readingsOf(text), (reading) => words.some((word) => word.matches((each) => reading.includes(each))));
    }
    if (last?.of !== secret) last = { of: secret, isIn: Sensitive.finder(words, (word) => [word], shortest) };
    return some(readingsOf(text), last.isIn);
  };
  /** One after the other: where enough was looked through, the first of many is asked for. */
  function* candidatesIn(text: string): Generator<S> {
    const seen = new Set<S>();
    for (const reading of readingsOf(text)) {
      for (const secret of startsIn(reading)) {
        if (!seen.has(secret)) yield secret;
        seen.add(secret);
      }
    }
  }
  let left: number = limits.lookedThrough;
  /** When enough was looked through the answer is yes: of what a text holds some secret, one too many is named. */
  const mayHold = (secret: S, text: string): boolean => {
    const { length } = wordsOf(secret);
    left -= text.length > shortText ? text.length + priceOfSearch + length : Math.max(priceOfLook, length);
    return left <= 0 || holds(secret, text);
  };
  return (text) => {
    if (secrets.length === 0 || !some(readingsOf(text), isAnyIn)) return [];
    const found = new Map<S, number>();
    const lookIn = (part: string, lineOf: (secret: S) => number) => {
      if (left <= 0 && found.size > 0) return;
      for (const secret of candidatesIn(part)) {
        if (left <= 0 && found.size > 0) return;
        if (found.has(secret)) left -= priceOfPassing;
        else if (mayHold(secret, part)) found.set(secret, lineOf(secret));
      }
    };
    for (const [index, line] of text.split('\n').entries()) {
      if (line.length >= shortest && some(readingsOf(line), isAnyIn)) lookIn(line, () => index + 1);
    }
    lookIn(text, (secret) => firstLine(text, (part) => mayHold(secret, part)));
    return [...found].map(([secret, line]) => ({ secret, line }));
  };
}

/** What a text says to whoever decodes it, whatever its line ends, and without the zeros of UTF-16. */
function* readingsOf(text: string): Generator<string> {
  yield* decodedAlike(text);
  if (text.includes('\0')) yield* decodedAlike(text.replaceAll('\0', ''));
}

function some(texts: Iterable<string>, is: (text: string) => boolean): boolean {
  for (const text of texts) if (is(text)) return true;
  return false;
}

/** The line, from 1, at which the first part of a text starts that holds what is looked for. */
function firstLine(text: string, holds: (part: string) => boolean): number {
  const lines = text.split('\n');
  const end = least(1, lines.length, (count) => holds(lines.slice(0, count).join('\n')));
  // Of the lines before the end as many as can go.
  return end - least(1, end, (count) => holds(lines.slice(end - count, end).join('\n'))) + 1;
}

function spellingsByLine(secret: string): string[] {
  return [...spellings(secret), ...privateKeyLines(secret)];
}

/** The lines of private keys that hold something private: an RSA key holds its public half too, which is no secret. */
function privateKeyLines(text: string): string[] {
  if (!text.includes('PRIVATE KEY')) return [];
  const blocks = text.replaceAll('\\n', '\n').split(/(?=-----BEGIN )/);
  return blocks.flatMap((block) => {
    const body = /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----([^-]*)/.exec(block)?.[1];
    if (body === undefined) return [];
    const half = publicHalf(block);
    return body.split(/\s+/).filter((line) => !half?.includes(Buffer.from(line, 'base64')));
  });
}

function publicHalf(block: string): Buffer | undefined {
  try {
    return createPublicKey(block).export({ type: 'spki', format: 'der' });
  } catch {
    return undefined; // no key that is known here, or an encrypted one: none of it is public
  }
}
