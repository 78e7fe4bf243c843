import { bytesOf, decodingsOf } from './decodings';
import { limits } from './limits';
import { Sensitive } from './sensitive';

/** Texts up to this length are looked at together, since each look has its price. In UTF-16 code units. */
const batchLength = 65_536;

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
  const isIn = Sensitive.finder(secrets, spellings, shortest);
  const holdsSecret = (text: string): boolean => {
    if (text.length > limits.valueLength) return isIn(text);
    for (const decoding of decodingsOf(text)) if (isIn(decoding)) return true;
    return false;
  };
  for (const batch of batchesOf(texts)) {
    if (batch.length > 1 && !holdsSecret(batch.join('\0'))) continue;
    for (const text of batch) if (holdsSecret(text)) holding.add(text);
  }
  return holding;
}

function* batchesOf(texts: Iterable<string>): Generator<string[]> {
  let batch: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (length + text.length >= batchLength && batch.length > 0) {
      yield batch;
      [batch, length] = [[], 0];
    }
    batch.push(text);
    length += text.length + 1;
  }
  if (batch.length > 0) yield batch;
}

/** A secret as others may write it: what holds any of these gives it away. */
function spellings(secret: string): string[] {
  const trimmed = secret.trim();
  if (!/[^\x20-\x7e]/.test(trimmed)) return [trimmed];
  return [trimmed, bytesOf(trimmed), ...privateKeysIn(trimmed)];
}

/** The base64 of the private keys in PEM blocks, with its line breaks and without. The marks around it are no secret. */
function privateKeysIn(text: string): string[] {
  const parts = text.split('-----');
  return parts.flatMap((body, index) => {
    if (!/^BEGIN [A-Z0-9 ]*PRIVATE KEY$/.test(parts[index - 1] ?? '')) return [];
    return [body.trim(), body.replace(/\s+/g, '')];
  });
}
