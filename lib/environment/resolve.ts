import type { Catalog, Variable } from '../catalog/catalog';
import { environmentName } from '../catalog/declaration';
import { limits } from './limits';
import type { Problem } from './problem';
import { measureText, Sensitive, type Text } from './sensitive';
import { type Origin, placeOf, type Source, subject } from './source';
import { isBroken, isReference, parseTemplate, type Template } from './template';

/** A value that a layer gives for a variable. */
export interface LayerValue {
  readonly origin: Origin;
  readonly template: Template;
}

/** A value after substitution. */
export interface Resolved {
  readonly variable: Variable;
  readonly layerValue: LayerValue;
  readonly value: Text;
  /** The other variables that it reads through placeholders. */
  readonly reads: ReadonlySet<string>;
}

export interface Resolver {
  /** The layers that give the variable a value, the winner first. */
  layerValues(variable: string): readonly LayerValue[];
  /** Where a line gives the variable an empty value, in the highest layer that has one: it counts as not given. */
  emptyAt(variable: string): Origin | undefined;
  /** The value of the winning layer; undefined where there is none or it cannot be made (then `problems` says why). */
  resolve(variable: string): Resolved | undefined;
  /** The value of one layer, as `resolve` reads it. */
  resolveLayer(variable: string, index: number): Resolved | undefined;
  /** A template that belongs to no variable. Undefined where it has no value. */
  fill(template: Template): Text | undefined;
  /** Found in what was resolved so far: placeholders that stand for nothing, loops, values that grow without end. */
  readonly problems: readonly Problem[];
}

/** A value of a layer whose placeholders are being looked up. */
interface Frame {
  readonly variable: Variable;
  readonly layerValue: LayerValue;
  readonly index: number;
  /** The part of the template to look at next. */
  at: number;
  inLoop: boolean;
}

const nothing: ReadonlySet<string> = new Set();

function sensitiveIf(sensitive: boolean, value: Text): Text {
  return sensitive && typeof value === 'string' ? new Sensitive(value) : value;
}

/** Reads the layers of one environment, the highest first. Resolves on demand: what is not asked for is not looked at. */
export function createResolver(catalog: Catalog, environment: string, sources: readonly Source[]): Resolver {
  const given = collectLayerValues(catalog, environment, sources);
  const empties = collectEmpties(sources);
  const problems: Problem[] = [];
  const done = new Map<LayerValue, Resolved | undefined>();
  let together = 0;

  /** What a placeholder of a value stands for: for the variable itself its next lower layer, else the winning one. */
  function targetOf(
    variable: string,
    { variable: reader, index }: Frame,
  ): { layerValue: LayerValue; index: number } | undefined {
    const at = variable === reader.name ? index + 1 : 0;
    const layerValue = given.get(variable)?.[at];
    return layerValue && { layerValue, index: at };
  }

  function frameFor(name: string, index: number): Frame | undefined {
    const variable = catalog.variables.get(name);
    const layerValue = given.get(name)?.[index];
    return variable && layerValue && { variable, layerValue, index, at: 0, inLoop: false };
  }

  // With a stack of its own: a chain of placeholders may be as long as the catalog.
  function resolveLayer(name: string, index: number): Resolved | undefined {
    const asked = given.get(name)?.[index];
    if (!asked || done.has(asked)) return asked && done.get(asked);
    const start = frameFor(name, index);
    if (!start) return undefined;
    if (!asked.template.some(isReference)) {
      const resolved = substitute(start);
      done.set(asked, resolved);
      return resolved;
    }
    const underWay = [start];
    const begun = new Set([asked]);
    for (let frame = underWay.at(-1); frame && !done.has(start.layerValue); frame = underWay.at(-1)) {
      const part = frame.layerValue.template[frame.at++];
      if (part === undefined) {
        done.set(frame.layerValue, frame.inLoop ? undefined : substitute(frame));
        underWay.pop();
        continue;
      }
      const target = isReference(part) ? targetOf(part.variable, frame) : undefined;
      if (!target || !isReference(part) || done.has(target.layerValue)) continue;
      if (!begun.has(target.layerValue)) {
        const next = frameFor(part.variable, target.index);
        if (!next) continue;
        begun.add(next.layerValue);
        underWay.push(next);
      } else if (!frame.inLoop) {
        // Each frame tells of one loop: of a million placeholders only the first is traced back.
        reportLoop(underWay.slice(underWay.findIndex(({ layerValue }) => layerValue === target.layerValue)));
      }
    }
    return done.get(start.layerValue);
  }

  /** Whether another value of this length is more than placeholders may make. */
  function isTooLong(length: number): boolean {
    return length > limits.valueLength || together + length > limits.substitutedTogether;
  }

  /** The text of a value whose placeholders have all been resolved. */
  function substitute(frame: Frame): Resolved | undefined {
    const { variable, layerValue } = frame;
    const [only] = layerValue.template;
    if (layerValue.template.length === 1 && (typeof only === 'string' || only instanceof Sensitive)) {
      return { variable, layerValue, value: sensitiveIf(variable.sensitive, only), reads: nothing };
    }
    const parts: Text[] = [];
    const reads = new Set<string>();
    const reported = new Set<string>();
    let length = 0;
    let whole = true;
    /** Once for each mistake, however often the value repeats it. */
    const fail = (mistake: string, describe: () => Pick<Problem, 'code' | 'message' | 'hint'>) => {
      whole = false;
      if (reported.has(mistake)) return;
      reported.add(mistake);
      problems.push({ severity: 'error', variable: variable.name, ...placeOf(layerValue.origin), ...describe() });
    };
    const readsOthers = layerValue.template.some(isReference);
    for (const part of layerValue.template) {
      let piece: Text;
      if (isBroken(part)) {
        fail(`no name ${part.near}`, () => brokenReference(subject(variable.name, layerValue.origin), part.near));
        continue;
      }
      if (isReference(part)) {
        const target = targetOf(part.variable, frame);
        if (!target) {
          fail(`no value ${part.variable}`, () => noValue(variable.name, layerValue.origin, part.variable));
          continue;
        }
        const resolved = done.get(target.layerValue);
        if (!resolved) {
          whole = false; // what it reads has been reported
          continue;
        }
        // What a layer of its own reads, it reads itself.
        if (part.variable === variable.name && !reads.has(part.variable)) {
          for (const read of resolved.reads) reads.add(read);
        }
        reads.add(part.variable);
        piece = resolved.value;
      } else {
        piece = part;
      }
      parts.push(piece);
      length += measureText(piece, (text) => text.length);
      if (readsOthers && isTooLong(length)) {
        fail('too large', () => ({
          code: 'too-large',
          message: `${subject(variable.name, layerValue.origin)} grows too large through placeholders`,
          hint: 'Read fewer or shorter values',
        }));
        break;
      }
    }
    if (!whole) return undefined;
    if (readsOthers) together += length;
    reads.delete(variable.name);
    return { variable, layerValue, value: sensitiveIf(variable.sensitive, Sensitive.join(parts)), reads };
  }

  /** Tells everyone in a loop of placeholders, once. */
  function reportLoop(loop: readonly Frame[]): void {
    const names = loop.map(({ variable }) => variable.name);
    const shown = names.length > 6 ? [...names.slice(0, 5), '…'] : names;
    for (const frame of loop) {
      frame.inLoop = true;
      const { variable, layerValue } = frame;
      problems.push({
        severity: 'error',
        code: 'placeholder-cycle',
        variable: variable.name,
        ...placeOf(layerValue.origin),
        message: `${subject(variable.name, layerValue.origin)} is part of a loop of placeholders: ${[...shown, names[0]].join(' → ')}`,
        hint: 'Give one of them a value without a placeholder',
      });
    }
  }

  return {
    problems,
    layerValues: (variable) => given.get(variable) ?? [],
    emptyAt: (variable) => empties.get(variable),
    resolve: (variable) => resolveLayer(variable, 0),
    resolveLayer,
    fill(template) {
      const parts: Text[] = [];
      let length = 0;
      for (const part of template) {
        const piece = isBroken(part) ? undefined : isReference(part) ? resolveLayer(part.variable, 0)?.value : part;
        if (piece === undefined) return undefined;
        length += measureText(piece, (text) => text.length);
        if (isTooLong(length)) return undefined;
        parts.push(piece);
      }
      together += length;
      return Sensitive.join(parts);
    },
  };
}

/** What every layer gives, the highest first. An empty value is none. */
function collectLayerValues(
  catalog: Catalog,
  environment: string,
  sources: readonly Source[],
): Map<string, LayerValue[]> {
  const given = new Map<string, LayerValue[]>();
  for (const source of sources) {
    for (const { variable, template, line } of source.assignments) {
      if (template.length === 0) continue;
      const layerValue: LayerValue = { origin: originOf(source, line), template };
      const layerValues = given.get(variable);
      if (!layerValues) {
        given.set(variable, [layerValue]);
        continue;
      }
      // Within one source the last assignment counts, as in dotenv; that there are two is reported elsewhere.
      if (layerValues.at(-1)?.origin.layer === source.layer) layerValues.pop();
      layerValues.push(layerValue);
    }
  }
  for (const variable of catalog.variables.values()) {
    if (variable.default === undefined) continue;
    const text = variable.default === environmentName ? environment : variable.default;
    const template = parseTemplate(text, catalog, false);
    given.set(variable.name, [...(given.get(variable.name) ?? []), { origin: { layer: 'default' }, template }]);
  }
  return given;
}

/** The first line that gives each variable an empty value. */
function collectEmpties(sources: readonly Source[]): Map<string, Origin> {
  const empties = new Map<string, Origin>();
  for (const source of sources) {
    for (const { variable, template, line } of source.assignments) {
      if (template.length === 0 && line !== undefined && !empties.has(variable)) {
        empties.set(variable, originOf(source, line));
      }
    }
  }
  return empties;
}

function originOf({ layer, file }: Source, line: number | undefined): Origin {
  if (file === undefined) return { layer };
  return line === undefined ? { layer, file } : { layer, file, line };
}

function brokenReference(reader: string, near: string | undefined): Pick<Problem, 'code' | 'message' | 'hint'> {
  return {
    code: 'unresolved-placeholder',
    message: `${reader} holds a \${…} that names no variable of the catalog`,
    hint: near
      ? `Did you mean \${${near}}? For a literal \${ write $\${`
      : 'Placeholders are ${NAME} and nothing else. For a literal ${ write $${',
  };
}

function noValue(reader: string, origin: Origin, read: string): Pick<Problem, 'code' | 'message' | 'hint'> {
  return reader === read
    ? {
        code: 'unresolved-placeholder',
        message: `${subject(reader, origin)} reads its own value from a lower layer, and none gives it one`,
        hint: `Replace \${${read}} by the value, or give ${read} a value in a lower layer`,
      }
    : {
        code: 'unresolved-placeholder',
        message: `${subject(reader, origin)} reads \${${read}}, which has no value`,
        hint: `Give ${read} a value. For a literal \${ write $\${`,
      };
}
