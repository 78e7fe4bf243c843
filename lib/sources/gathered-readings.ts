import { limits } from '../environment/limits';
import { Sensitive } from '../environment/sensitive';
import type { UnreadSecret } from '../environment/source';
import type { Template } from '../environment/template';
import { isSecretInProse, readingsApart, readingsOf, shortestReading } from './unread-readings';

const unconditionally = {};

const lengthOf = ({ length }: string): number => length;

/** Gathers what texts of one source may say for secrets: each reading once, and as many as are looked for. */
export function gatherReadings() {
  const found = new Map<string, Pick<UnreadSecret, 'unless'>>();
  const replaced: Sensitive[] = [];
  const left = { named: limits.unreadLength as number, nameless: limits.unreadLength as number };
  /** Takes a text from what is left, if it is long enough to be looked for, and one of not too many. */
  const take = (length: number, whose: keyof typeof left) => {
    if (length < shortestReading || left[whose] <= 0) return false;
    left[whose] -= length;
    return true;
  };
  const add = (reading: string, whose: keyof typeof left) => {
    if (found.get(reading) === unconditionally) return;
    if (found.has(reading) || take(reading.length, whose)) found.set(reading, unconditionally);
  };
  /** Adds the readings of texts, of each once and as much as is looked for. */
  const adder = (readings: (text: string, mayBeEncoded: boolean) => Iterable<string>, whose: keyof typeof left) => {
    const seen = { plain: new Set<string>(), perhapsEncoded: new Set<string>() };
    return (raw: string, mayBeEncoded = false) => {
      if (raw.length < shortestReading || left[whose] <= 0) return;
      // No container starts with more: nothing that holds the whole is a value.
      const text = raw.trimStart().slice(0, limits.valueLength);
      const before = seen[mayBeEncoded ? 'perhapsEncoded' : 'plain'];
      if (before.has(text)) return;
      before.add(text);
      for (const reading of readings(text, mayBeEncoded)) add(reading, whose);
    };
  };
  return {
    /** What stands right behind a name. */
    addBehind: adder(readingsOf, 'named'),
    /** What something unknown parts from a name. */
    addApart: adder(readingsApart, 'named'),
    /** The same, where most words are those of prose. */
    addProse: adder((text, mayBeEncoded) => [...readingsApart(text, mayBeEncoded)].filter(isSecretInProse), 'named'),
    /** What stands behind no name. */
    addNameless: adder(readingsOf, 'nameless'),
    /** A value of a name, which needs no reading. */
    addValue: (value: string) => add(value, 'named'),
    /** The same, where it counts only as long as a variable has no value. */
    addValueUnless(variable: string, value: string) {
      if (!found.has(value) && take(value.length, 'named')) found.set(value, { unless: variable });
    },
    /** The value of a secret that a later line replaces. */
    addReplaced(template: Template) {
      for (const part of template) {
        if (part instanceof Sensitive && take(part.measure(lengthOf), 'named')) replaced.push(part);
      }
    },
    all: (): UnreadSecret[] => [
      ...[...found].map(([text, rest]) => ({ text: new Sensitive(text), ...rest })),
      ...replaced.map((text) => ({ text })),
    ],
  };
}
