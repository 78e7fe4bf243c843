import type { Catalog, Variable } from '../catalog/catalog';
import { environmentName } from '../catalog/declaration';
import { evaluate, type HintFiles } from './evaluate';
import type { LayerValue } from './layers';
import { givenValues, type Resolver, resolveEnvironment } from './resolve';
import { textsHolding } from './secret-search';
import { Sensitive } from './sensitive';
import type { Source } from './source';
import { isReference, type Template } from './template';
import { unreadSecrets } from './unread-secrets';

/** What a new environment can take from another for one variable. */
export type Inherited =
  | {
      readonly template: Template;
      /** It was changed to fit the new environment: a guess, which somebody should look at. */
      readonly derived: boolean;
    }
  /** It has a value there, which is not to be copied. */
  | 'unfit'
  /** It has the one of a patch file, which is the former system's. */
  | 'patched';

/** Secrets shorter than this are not looked for in what is copied: they would be found by chance. In UTF-16 code units. */
const shortestCopied = 6;

/**
 * What a new environment takes from another one's env files: config and non-sensitive infra that has no problem there and
 * holds no secret, as it is written, with the environment's name replaced where two environments must differ.
 * @param sources of the other environment, the highest layer first
 */
export function inherit(
  catalog: Catalog,
  { from, to }: { readonly from: string; readonly to: string },
  sources: readonly Source[],
  files: HintFiles,
): ReadonlyMap<string, Inherited> {
  const own = sources.map((source) => withoutPlainPatches(source, catalog));
  const resolver = resolveEnvironment(catalog, from, own);
  const suspects = new Set(evaluate(catalog, resolver, files).problems.flatMap(({ variable }) => variable ?? []));
  const given = new Set(own.flatMap(variablesIn));
  const inherited = new Map<string, Inherited>();
  const copies = new Map<Variable, Template>();
  const patched = new Map(
    sources
      .filter(({ layer }) => layer === 'patch')
      .flatMap(({ assignments }) => assignments.map(({ variable, template }) => [variable, template] as const))
      .filter(([, template]) => template.length > 0),
  );
  for (const variable of catalog.variables.values()) {
    if (variable.sensitive || variable.drives === 'environment' || variable.default === environmentName) continue;
    const ownValue = asWritten(variable.name, resolver.layers.valuesFor(variable.name));
    const patch = patched.get(variable.name);
    if (patch && JSON.stringify(patch) !== JSON.stringify(ownValue ?? [variable.default])) {
      inherited.set(variable.name, 'patched');
      continue;
    }
    if (suspects.has(variable.name)) {
      if (given.has(variable.name)) inherited.set(variable.name, 'unfit');
      continue;
    }
    if (ownValue) copies.set(variable, ownValue);
  }
  const secrets = [...everySecret(catalog, resolver), ...unreadSecrets(catalog, own, resolver)];
  const holding = textsHolding(secrets, [...copies.values()].flatMap(literals), shortestCopied);
  for (const [variable, written] of copies) {
    const unfit = literals(written).some((text) => holding.has(text));
    inherited.set(variable.name, unfit ? 'unfit' : derive(variable, written, from, to));
  }
  return inherited;
}

/** The texts between the placeholders. */
function literals(template: Template): string[] {
  return template.filter((part) => typeof part === 'string');
}

/** A patch is the former system's; of its values only the secrets matter here, in order not to be copied. */
function withoutPlainPatches(source: Source, catalog: Catalog): Source {
  if (source.layer !== 'patch') return source;
  const assignments = source.assignments.filter(({ variable }) => catalog.variables.get(variable)?.sensitive);
  return { ...source, assignments };
}

/** Those that other layers override too. */
function everySecret(catalog: Catalog, resolver: Resolver): Sensitive[] {
  const sensitive = [...catalog.variables.values()].filter((variable) => variable.sensitive);
  return givenValues(resolver, sensitive)
    .map(({ value }) => value)
    .filter((value) => value instanceof Sensitive);
}

/** Those that it gives a value, readable or not. */
function variablesIn({ assignments, faulty }: Source): string[] {
  const assigned = assignments.filter(({ template }) => template.length > 0).map(({ variable }) => variable);
  return [...assigned, ...(faulty ?? [])];
}

/** The text of the winning file; where it reads its own name, that of the file below takes the place. */
function asWritten(name: string, layerValues: readonly LayerValue[], index = 0): Template | undefined {
  const layerValue = layerValues[index];
  if (!layerValue || layerValue.origin.layer === 'default') return undefined;
  return layerValue.template.flatMap((part) =>
    isReference(part) && part.variable === name ? (asWritten(name, layerValues, index + 1) ?? [part]) : [part],
  );
}

function derive(variable: Variable, written: Template, from: string, to: string): Inherited {
  const { drives, followsEnvironment, type } = variable;
  if (followsEnvironment && type.allowed?.includes(to)) {
    return { template: [to], derived: written.length > 1 || written[0] !== to };
  }
  // Of infra, the namespace alone must differ: clusters and registries are shared.
  const isolates = drives === 'namespace' || (drives === undefined && isAddress(written));
  if (!isolates) return { template: written, derived: false };
  // Names hold a-z, 0-9 and hyphens only, so none of their characters means anything in a pattern.
  const part = new RegExp(`(?<![A-Za-z0-9])${from}(?![A-Za-z0-9])`, 'g');
  const template = written.map((piece) => (typeof piece === 'string' ? piece.replace(part, to) : piece));
  return { template, derived: template.some((piece, index) => piece !== written[index]) };
}

/** A URL, or something with a dot in it and no blank, such as a host name. */
function isAddress(template: Template): boolean {
  const text = template.map((part) => (typeof part === 'string' ? part : '')).join('');
  return /:\/\/|\./.test(text) && !/\s/.test(text);
}
