/**
 * What comes one by one, in groups whose lengths add up to no more than so many: to look at several texts at once costs
 * less. A group has one that is longer for itself alone.
 */
export function* inBatches<T>(
  items: Iterable<T>,
  most: number,
  lengthOf: (item: T) => number,
): Generator<readonly T[]> {
  let batch: T[] = [];
  let sum = 0;
  for (const item of items) {
    const length = lengthOf(item);
    if (batch.length > 0 && sum + length > most) {
      yield batch;
      [batch, sum] = [[], 0];
    }
    batch.push(item);
    sum += length;
  }
  if (batch.length > 0) yield batch;
}
