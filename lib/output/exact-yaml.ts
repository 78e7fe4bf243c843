import type { Chart } from 'cdk8s';
import { manifestsOf } from '../constructs/changed-texts';
import { type Manifest, yamlText } from './yaml-text';

/** The manifests of a chart, every text in them written so that each reader of YAML takes it as it is. */
export function exactYaml(chart: Chart): string {
  return yamlText(manifestsOf(chart) as Manifest[]);
}
