import type { Variable } from '../catalog/catalog';
import type { LayerValue } from './layers';
import { isReference } from './template';

/** A value of a layer, and whose it is. */
export interface Reader {
  readonly variable: Variable;
  readonly layerValue: LayerValue;
  /** Which of the variable's values this is: 0 is the winner. */
  readonly index: number;
}

export interface ReadingOrder {
  /** The start and all that it reads, directly or not: each behind whatever it reads itself. */
  readonly order: readonly Reader[];
  /** Those who read each other in a circle. */
  readonly loops: readonly (readonly Reader[])[];
}

/** A reader whose placeholders are being followed. */
interface Step {
  readonly reader: Reader;
  /** The part of the template to look at next. */
  at: number;
  inLoop: boolean;
}

/**
 * In which order values can be made, so that whatever a value reads is there before it.
 * @param readBy whom a reader's placeholder leads to, if to anyone
 * @param isKnown whose value is there already: nobody looks further behind it
 */
export function readingOrder(
  start: Reader,
  readBy: (reader: Reader, name: string) => Reader | undefined,
  isKnown: (reader: Reader) => boolean,
): ReadingOrder {
  const order: Reader[] = [];
  const loops: Reader[][] = [];
  // With a stack of its own: a chain of placeholders may be as long as the catalog.
  const path: Step[] = [{ reader: start, at: 0, inLoop: false }];
  const begun = new Set([start.layerValue]);
  const ended = new Set<LayerValue>();
  for (let step = path.at(-1); step; step = path.at(-1)) {
    const { reader } = step;
    const part = reader.layerValue.template[step.at++];
    if (part === undefined) {
      order.push(reader);
      ended.add(reader.layerValue);
      path.pop();
      continue;
    }
    const next = isReference(part) ? readBy(reader, part.variable) : undefined;
    if (!next || ended.has(next.layerValue) || isKnown(next)) continue;
    if (!begun.has(next.layerValue)) {
      begun.add(next.layerValue);
      path.push({ reader: next, at: 0, inLoop: false });
    } else if (!step.inLoop) {
      // Each tells of one loop: of a million placeholders only the first is traced back.
      const loop = path.slice(path.findIndex((each) => each.reader.layerValue === next.layerValue));
      for (const each of loop) each.inLoop = true;
      loops.push(loop.map((each) => each.reader));
    }
  }
  return { order, loops };
}
