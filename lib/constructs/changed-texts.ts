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
 * Whether an object is being rendered for such a writer. cdk8s's own prints texts such as `0o17` without quotes, which
 * kubectl reads as numbers, and leaves characters in that other readers take for line breaks.
 */
export function isToBeExact(object: ApiObject): boolean {
  return exact.has(Chart.of(object));
}

/** Whether cdk8s's own writer may change a text on its way to kubectl. */
export function mayChange(text: string): boolean {
  if (/[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) return true;
  const written = Yaml.stringify([text]).slice('- '.length);
  if (/^["']/.test(written)) return false;
  // Of several lines, those that no reader can fold; of one, what none can take for a number.
  if (text.includes('\n')) return !/^(?:\S(?:.*\S)?(?:\n(?=.)|\n?$))+$/.test(text);
  return /^[-+.0-9][-+.0-9a-fox_:]*$/i.test(text);
}

/** What cdk8s's own writer would change in the objects of a chart, besides their data, which say so themselves. */
export function changesInWriting(chart: Chart): string[] {
  if (exact.has(chart)) return [];
  return manifestsOf(chart).flatMap((manifest) => {
    const {
      kind,
      metadata,
      data: _,
      ...rest
    } = manifest as { kind: string; metadata: { name: string }; data?: unknown };
    return [...placesChanged({ metadata, ...rest }, '')].map(
      (place) => `${kind}/${metadata.name}: cdk8s would not write ${place} exactly. Use exactYaml`,
    );
  });
}

/** The places of texts that may be changed, such as `metadata.namespace`. */
function* placesChanged(node: unknown, place: string): Generator<string> {
  if (typeof node === 'string' && mayChange(node)) yield place;
  if (typeof node !== 'object' || node === null) return;
  for (const [key, inner] of Object.entries(node)) yield* placesChanged(inner, place === '' ? key : `${place}.${key}`);
}
