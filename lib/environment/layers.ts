import type { Catalog } from '../catalog/catalog';
import { environmentName } from '../catalog/declaration';
import { type Origin, originIn, type Quote, type Source } from './source';
import { parseTemplate, type Template } from './template';

/** A value that a layer gives for a variable. */
export interface LayerValue {
  readonly origin: Origin;
  readonly template: Template;
  /** As in `Assignment`. */
  readonly quote?: Quote;
}

/** Who gives what: every variable's values, layer upon layer. */
export interface Layers {
  /** The values of a variable, the winner first. */
  valuesFor(variable: string): readonly LayerValue[];
  /** Where a line gives the variable an empty value, in the highest layer that has one: it counts as not given. */
  emptyAt(variable: string): Origin | undefined;
}

/** Lays the sources of one environment upon the defaults of the catalog. The highest source comes first. */
export function layersOf(catalog: Catalog, environment: string, sources: readonly Source[]): Layers {
  const given = new Map<string, LayerValue[]>();
  const empties = new Map<string, Origin>();
  for (const source of sources) {
    for (const { variable, template, line, quote } of source.assignments) {
      const origin = originIn(source, line);
      if (template.length > 0)
        addValue(given, variable, quote === undefined ? { origin, template } : { origin, template, quote });
      else if (line !== undefined && !empties.has(variable)) empties.set(variable, origin);
    }
  }
  for (const { name, default: fallback } of catalog.variables.values()) {
    if (fallback === undefined) continue;
    const template = parseTemplate(fallback === environmentName ? environment : fallback, catalog, false);
    addValue(given, name, { origin: { layer: 'default' }, template });
  }
  return {
    valuesFor: (variable) => given.get(variable) ?? [],
    emptyAt: (variable) => empties.get(variable),
  };
}

/** Within one source the last assignment counts, as in dotenv; that there are two is reported elsewhere. */
function addValue(given: Map<string, LayerValue[]>, variable: string, value: LayerValue): void {
  const values = given.get(variable);
  if (!values) given.set(variable, [value]);
  else {
    if (values.at(-1)?.origin.layer === value.origin.layer) values.pop();
    values.push(value);
  }
}
