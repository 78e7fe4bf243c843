import type { Chart } from 'cdk8s';
import { type Manifest, yamlText } from './yaml-text';

/** The manifests of a chart, every text in them written so that each reader of YAML takes it as it is. */
export function exactYaml(chart: Chart): string {
  return yamlText(chart.toJson() as Manifest[]);
}
