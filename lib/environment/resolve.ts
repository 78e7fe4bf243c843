import { type Catalog, environmentName, type Variable } from '../catalog/define-catalog';
import type { Problem } from './problem';
import { measureText, Sensitive, type Text } from './sensitive';
import { type Origin, placeOf, type Source, subject } from './source';
import { isBroken, isReference, parseTemplate, type Template } from './template';

/** A value that a layer gives for a variable. */
export interface Offer {
  readonly origin: Origin;
  readonly template: Template;
}

/** A value after substitution. */
export interface Resolved {
  readonly variable: Variable;
  readonly offer: Offer;
  readonly value: Text;
  /** The sensitive variables that it reads through placeholders, directly or not. */
  readonly secretsRead: ReadonlySet<string>;
}

export interface Resolver {
  /** The layers that give the variable a value, the winner first. */
  offers(variable: string): readonly Offer[];
  /** The value of the winning layer; undefined where there is none or it cannot be made (then `problems` says why). */
  resolve(variable: string): Resolved | undefined;
  /** The value of one layer, as `resolve` reads it. */
  resolveOffer(variable: string, index: number): Resolved | undefined;
  /** A template that belongs to no variable. Undefined where it has no value. */
  fill(template: Template): Text | undefined;
  /** Found in what was resolved so far: placeholders that stand for nothing, loops, values that grow without end. */
  readonly problems: readonly Problem[];
}

/** No value may grow past this through placeholders; in UTF-16 code units. What pods take is far less. */
const longestValue = 4 * 1024 * 1024;

/** Reads the layers of one environment, the highest first. Resolves on demand: what is not asked for is not looked at. */
export function createResolver(catalog: Catalog, environment: string, sources: readonly Source[]): Resolver {
  const given = new Map<string, Offer[]>();
  for (const source of sources) {
    for (const { variable, template, line } of source.assignments) {
      if (template.length === 0) continue;
      const origin = { layer: source.layer, ...(source.file && { file: source.file }), ...(line && { line }) };
      const offers = given.get(variable) ?? [];
      // Within one source the last assignment counts, as in dotenv; that there are two is reported elsewhere.
      if (offers.at(-1)?.origin.layer === source.layer) offers.pop();
      given.set(variable, [...offers, { origin, template }]);
    }
  }
  for (const variable of catalog.variables.values()) {
    if (variable.default === undefined) continue;
    const text = variable.default === environmentName ? environment : variable.default;
    const template = parseTemplate(text, catalog, false);
    given.set(variable.name, [...(given.get(variable.name) ?? []), { origin: { layer: 'default' }, template }]);
  }

  const problems: Problem[] = [];
  const done = new Map<Offer, Resolved | undefined>();
  const underWay: { name: string; offer: Offer }[] = [];

  function resolveOffer(name: string, index: number): Resolved | undefined {
    const variable = catalog.variables.get(name);
    const offer = given.get(name)?.[index];
    if (!variable || !offer) return undefined;
    if (done.has(offer)) return done.get(offer);
    underWay.push({ name, offer });
    const resolved = substitute(variable, offer, index);
    underWay.pop();
    done.set(offer, resolved);
    return resolved;
  }

  function substitute(variable: Variable, offer: Offer, index: number): Resolved | undefined {
    const parts: Text[] = [];
    const secretsRead = new Set<string>();
    let length = 0;
    let whole = true;
    const reported = new Set<string>();
    /** Once for each mistake, however often the value repeats it. */
    const fail = (problem: Pick<Problem, 'code' | 'message' | 'hint'>) => {
      whole = false;
      if (reported.has(`${problem.message}${problem.hint}`)) return;
      reported.add(`${problem.message}${problem.hint}`);
      problems.push({ severity: 'error', variable: variable.name, ...placeOf(offer.origin), ...problem });
    };
    for (const part of offer.template) {
      let piece: Text;
      if (isBroken(part)) {
        fail({
          code: 'unresolved-placeholder',
          message: `${subject(variable.name, offer.origin)} holds a \${…} that names no variable of the catalog`,
          hint: part.near
            ? `Did you mean \${${part.near}}? For a literal \${ write $\${`
            : 'Placeholders are ${NAME} and nothing else. For a literal ${ write $${',
        });
        continue;
      }
      if (isReference(part)) {
        const at = part.variable === variable.name ? index + 1 : 0;
        const target = given.get(part.variable)?.[at];
        if (!target) {
          fail(noValue(variable.name, offer.origin, part.variable));
          continue;
        }
        if (reportCycle(target)) {
          whole = false;
          continue;
        }
        const resolved = resolveOffer(part.variable, at);
        if (!resolved) {
          whole = false; // what it reads has been reported
          continue;
        }
        if (resolved.variable.sensitive) secretsRead.add(part.variable);
        for (const secret of resolved.secretsRead) secretsRead.add(secret);
        piece = resolved.value;
      } else {
        piece = part;
      }
      length += measureText(piece, (text) => text.length);
      if (length > longestValue) {
        fail({
          code: 'too-large',
          message: `${subject(variable.name, offer.origin)} grows past 4 MiB through placeholders`,
        });
        break;
      }
      parts.push(piece);
    }
    if (!whole) return undefined;
    const joined = Sensitive.join(parts);
    const value = variable.sensitive && typeof joined === 'string' ? new Sensitive(joined) : joined;
    secretsRead.delete(variable.name);
    return { variable, offer, value, secretsRead };
  }

  /** Whether the offer is being resolved already; then everyone in the loop is told, once. */
  function reportCycle(target: Offer): boolean {
    const start = underWay.findIndex(({ offer }) => offer === target);
    if (start < 0) return false;
    const loop = underWay.slice(start);
    const names = [...loop, loop[0]].map((each) => each?.name).join(' → ');
    for (const { name, offer } of loop) {
      problems.push({
        severity: 'error',
        code: 'placeholder-cycle',
        variable: name,
        ...placeOf(offer.origin),
        message: `${subject(name, offer.origin)} is part of a loop of placeholders: ${names}`,
        hint: 'Give one of them a value without a placeholder',
      });
    }
    return true;
  }

  return {
    problems,
    offers: (variable) => given.get(variable) ?? [],
    resolve: (variable) => resolveOffer(variable, 0),
    resolveOffer,
    fill(template) {
      const parts: Text[] = [];
      for (const part of template) {
        const piece = isBroken(part) ? undefined : isReference(part) ? resolveOffer(part.variable, 0)?.value : part;
        if (piece === undefined) return undefined;
        parts.push(piece);
      }
      return Sensitive.join(parts);
    },
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
