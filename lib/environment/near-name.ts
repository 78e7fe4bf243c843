import { distance } from 'fastest-levenshtein';

/** The known name that an unknown one probably means: an edit distance of at most 3 and a quarter of the known name. */
export function nearName(unknown: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = 4;
  for (const name of known) {
    const most = Math.min(3, Math.floor(name.length / 4));
    if (Math.abs(name.length - unknown.length) > most) continue;
    const edits = distance(unknown, name);
    if (edits > 0 && edits <= most && edits < least) [nearest, least] = [name, edits];
  }
  return nearest;
}
