import { type ApiObject, Chart, Yaml } from 'cdk8s';
import type { Construct } from 'constructs';

/** A chart that says how its manifests are to be written. */
export class WrittenChart extends Chart {
  readonly #isExact: boolean;

  /** @param isExact by a writer that keeps every text as it is, not by cdk8s's own */
  constructor(scope: Construct, id: string, isExact: boolean) {
    super(scope, id);
    this.#isExact = isExact;
  }

  /**
   * Whether an object is in a chart that cdk8s's own writer may write. That prints texts such as `0o17` without quotes,
   * which kubectl reads as numbers, and leaves characters in that other readers take for line breaks.
   */
  static isForCdk8s(object: ApiObject): boolean {
    const chart = Chart.of(object);
    return !(#isExact in chart && chart.#isExact);
  }
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
