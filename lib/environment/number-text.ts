/** A whole number as people write it: "1,995". Not by `toLocaleString`, whose first call takes 16 ms. */
export function numberText(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
