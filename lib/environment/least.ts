/** The least number of a range for which the answer is yes, as it is for all greater ones; the last if it is for none. */
export function least(from: number, to: number, is: (number: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
