import { type ApiObject, Chart, Yaml } from 'cdk8s';

/** The charts that are being rendered for a writer that keeps every text as it is. */
const exact = new WeakSet<Chart>();

/** The manifests of a chart, for a writer that keeps every text as it is, which cdk8s's own does not. */
export function manifestsOf(chart: Chart): unknown[] {
  exact.add(chart);
  try {
    return chart.toJson();
  } finally {
    exact.delete(chart);
  }
}

/**
 * A rendered object, if each text in it may be written: cdk8s's own writer prints texts such as `0o17` without quotes,
 * which kubectl reads as numbers, and leaves characters in that other readers take for line breaks.
 * @throws {TypeError} where that writer may write the object, and would change a text
 */
export function writable<T>(object: ApiObject, rendered: T): T {
  const place = exact.has(Chart.of(object)) ? undefined : changedPlace(rendered);
  if (place === undefined) return rendered;
  throw new TypeError(`${object.kind}/${object.name}: cdk8s would not write ${place.join('.')} exactly. Use exactYaml`);
}

/** The keys that lead to the first text that may be changed; a key may be one itself. */
function changedPlace(value: unknown): string[] | undefined {
  if (typeof value === 'string') return mayChange(value) ? [] : undefined;
  for (const [key, child] of Object.entries(value ?? {})) {
    const place = mayChange(key) && !Array.isArray(value) ? [] : changedPlace(child);
    if (place) return [key, ...place];
  }
  return undefined;
}

/** What kubectl may take for a number, without any _, where cdk8s's own writer has put no quotes. */
const number = /^[-+]?(?:0[obx][-+]?[\da-f]+|\d*(?:\.\d*)?(?:e[-+]?\d+)?)$/i;

/** Whether cdk8s's own writer may change a text on its way to kubectl. */
export function mayChange(text: string): boolean {
  if (/[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) return true;
  if (!text.includes('\n') && !number.test(text.replaceAll('_', ''))) return false;
  const written = Yaml.stringify([text]).slice('- '.length);
  // In quotes over several lines, or where there is nothing but them, blanks may become something else.
  return !/^["'].*\n$/.test(written) && !(written.startsWith('|') && /\S/.test(text));
}
