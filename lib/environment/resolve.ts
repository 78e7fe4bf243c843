import type { Catalog, Variable } from '../catalog/catalog';
import { type Layers, type LayerValue, layersOf } from './layers';
import type { Problem } from './problem';
import { type Reader, readingOrder } from './reading-order';
import { measureText, Sensitive, type Text } from './sensitive';
import { mayBeUnread, problemAt, type Source } from './source';
import { createAllowance, type Filled, type Found, substitute } from './substitution';
import { isBroken, isReference, type Template } from './template';

/** A value after substitution. */
export interface Resolved extends Filled {
  readonly variable: Variable;
  readonly layerValue: LayerValue;
}

export interface Resolver {
  readonly layers: Layers;
  /** The value of the winning layer; undefined where there is none or it cannot be made (then `problems` says why). */
  resolve(variable: string): Resolved | undefined;
  /** The value of one layer, as `resolve` reads it: 0 is the winner. */
  resolveLayer(variable: string, index: number): Resolved | undefined;
  /** A template that belongs to no variable. Undefined where it has no value. */
  fill(template: Template): Text | undefined;
  /** Found in what was resolved so far: placeholders that stand for nothing, loops, values that grow without end. */
  readonly problems: readonly Problem[];
}

/** An environment whose values are known: made once, and all that is to be said of it is read off it. */
export interface ResolvedEnvironment extends Resolver {
  readonly environment: string;
  /** The highest layer first. */
  readonly sources: readonly Source[];
  /** Every value that wins, valid or not. */
  readonly values: ReadonlyMap<string, Resolved>;
}

/**
 * Resolves every variable of an environment. `problems` are those of the values that win: others are nobody's concern.
 * @param resolver one that has resolved some by now, if there is one
 */
export function resolveEnvironment(
  catalog: Catalog,
  environment: string,
  sources: readonly Source[],
  resolver: Resolver = createResolver(catalog, environment, sources),
): ResolvedEnvironment {
  const values = new Map<string, Resolved>();
  for (const name of catalog.variables.keys()) {
    const value = resolver.resolve(name);
    if (value) values.set(name, value);
  }
  return { ...resolver, environment, sources, values, problems: [...resolver.problems] };
}

/** What any layer gives these variables, winning or not, as far as it can be made. */
export function givenValues(resolver: Resolver, variables: Iterable<Variable>): Resolved[] {
  const given: Resolved[] = [];
  for (const { name } of variables) {
    resolver.layers.valuesFor(name).forEach((_, index) => {
      const resolved = resolver.resolveLayer(name, index);
      if (resolved) given.push(resolved);
    });
  }
  return given;
}

/** Reads the layers of one environment, the highest first. Resolves on demand: what is not asked for is not looked at. */
export function createResolver(catalog: Catalog, environment: string, sources: readonly Source[]): Resolver {
  const layers = layersOf(catalog, environment, sources);
  const problems: Problem[] = [];
  const known = new Map<LayerValue, Resolved | undefined>();
  const allowance = createAllowance();

  function readerAt(name: string, index: number): Reader | undefined {
    const variable = catalog.variables.get(name);
    const layerValue = layers.valuesFor(name)[index];
    return variable && layerValue && { variable, layerValue, index };
  }

  /** Whom a placeholder leads to: for the variable itself its next lower layer, else the winning one. */
  const readBy = ({ variable, index }: Reader, name: string) => readerAt(name, name === variable.name ? index + 1 : 0);

  function make(reader: Reader): Resolved | undefined {
    const find = (name: string): Found => {
      const read = readBy(reader, name);
      if (read) return known.get(read.layerValue) ?? 'failed';
      const variable = catalog.variables.get(name);
      return variable && mayBeUnread(variable, sources) ? 'failed' : 'nothing';
    };
    const filled = substitute(reader, find, allowance);
    const { variable, layerValue } = reader;
    if ('value' in filled) return { variable, layerValue, value: filled.value, reads: filled.reads };
    problems.push(...filled.problems);
    return undefined;
  }

  function resolveLayer(name: string, index: number): Resolved | undefined {
    const layerValue = layers.valuesFor(name)[index];
    if (!layerValue) return undefined;
    const made = known.get(layerValue);
    if (made || known.has(layerValue)) return made;
    const asked = readerAt(name, index);
    if (!asked) return undefined;
    if (!layerValue.template.some(isReference)) known.set(layerValue, make(asked));
    else {
      const { order, loops } = readingOrder(asked, readBy, (reader) => known.has(reader.layerValue));
      const inLoop = new Set<LayerValue>();
      for (const loop of loops) problems.push(...cycle(loop, inLoop));
      for (const reader of order)
        known.set(reader.layerValue, inLoop.has(reader.layerValue) ? undefined : make(reader));
    }
    return known.get(layerValue);
  }

  return {
    layers,
    problems,
    resolve: (variable) => resolveLayer(variable, 0),
    resolveLayer,
    fill(template) {
      const parts: Text[] = [];
      let length = 0;
      for (const part of template) {
        const piece = isBroken(part) ? undefined : isReference(part) ? resolveLayer(part.variable, 0)?.value : part;
        if (piece === undefined) return undefined;
        length += measureText(piece, (text) => text.length);
        if (allowance.isTooLong(length)) return undefined;
        parts.push(piece);
      }
      allowance.take(length);
      return Sensitive.join(parts);
    },
  };
}

/**
 * A loop of placeholders, told to everyone in it who was not told of another one.
 * @param told grows by those of this loop
 */
function cycle(loop: readonly Reader[], told: Set<LayerValue>): Problem[] {
  const names = loop.slice(0, 6).map(({ variable }) => variable.name);
  const shown = loop.length > 6 ? [...names.slice(0, 5), '…'] : names;
  const found: Problem[] = [];
  for (const { variable, layerValue } of loop) {
    if (told.has(layerValue)) continue;
    told.add(layerValue);
    found.push(
      problemAt(variable.name, layerValue.origin, {
        severity: 'error',
        code: 'placeholder-cycle',
        says: `is part of a loop of placeholders: ${[...shown, names[0]].join(' → ')}`,
        hint: 'Give one of them a value without a placeholder',
      }),
    );
  }
  return found;
}
