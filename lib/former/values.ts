import { isUtf8 } from 'node:buffer';
import type { Catalog, Variable } from '../catalog/catalog';
import { objectsHolding } from '../catalog/lookups';
import { bytesOfBase64 } from '../environment/base64';
import type { Place, Problem } from '../environment/problem';
import { asSensitive, mapText, Sensitive, sameText, type Text, textMatches } from '../environment/sensitive';
import { placeOf } from '../environment/source';
import { type Allowance, createAllowance } from '../environment/substitution';
import { scalarText } from '../sources/yaml-tree';
import {
  asWritten,
  type FormerTemplate,
  growsTooLarge,
  isPlaceholder,
  keepsName,
  loneName,
  namesRead,
  substituted,
} from './template';

/** A key of a Secret or ConfigMap of the former layout. */
export interface FormerEntry {
  readonly variable: Variable;
  readonly file: string;
  readonly line: number;
  /** It stands in the `data` of a Secret, which is base64. */
  readonly encoded: boolean;
  /** Undefined where it could not be read, which is reported. */
  readonly template: FormerTemplate | undefined;
  /** The same as it stands in the file, with its quotes and escapes: envsubst knows no YAML. */
  readonly scalar: FormerTemplate;
  /** It stands in `{…}`. */
  readonly inFlow: boolean;
  /** Why nobody can say what was deployed of it. */
  readonly fault?: Problem;
}

/** A name outside the catalog, which is not kept: it may be the tail of a key. */
export interface FormerUnknown extends Place {
  /** The name in the catalog that was probably meant. */
  readonly near?: string;
  /** It is a name that the near one had before. */
  readonly isFormerName?: true;
}

/** @param near the name in the catalog that is nearest to it, if any is near */
export function unknownAt(place: Place, name: string, near: string | undefined, { variables }: Catalog): FormerUnknown {
  if (near === undefined) return place;
  const isFormerName = variables.get(near)?.formerly.includes(name) === true;
  return { ...place, near, ...(isFormerName && { isFormerName }) };
}

/** A namespace as an object or a kustomization has it, perhaps with placeholders. */
export interface FormerNamespace extends Place {
  readonly text: string;
}

/** What a base or patch file holds. */
export interface FormerManifest {
  /** By `<object>/<key>`. */
  readonly entries: ReadonlyMap<string, FormerEntry>;
  readonly unknown: readonly FormerUnknown[];
  readonly problems: readonly Problem[];
  /** A part of it could not be read, so that any key may be in it. */
  readonly partial: boolean;
  /** Those that its objects themselves say they are in. */
  readonly namespaces: readonly FormerNamespace[];
  /** What it gives for secrets where that becomes no entry. */
  readonly unreadSecrets: readonly Sensitive[];
}

/** A line of `.env.k8s.<env>`. */
export interface FormerAssignment {
  readonly value: Text;
  readonly file: string;
  readonly line: number;
  /** A shell that sources the file would replace something in it. */
  readonly isForShell: boolean;
}

/** All that the former layout holds of one environment. */
export interface FormerEnvironment {
  readonly name: string;
  /** `.env.k8s.<env>`, by name; names outside the catalog as far as the base reads them. */
  readonly infra: ReadonlyMap<string, FormerAssignment>;
  readonly patch: FormerManifest;
  /** The files of `apps/base` together. */
  readonly base: FormerManifest;
  readonly unknown: readonly FormerUnknown[];
  readonly problems: readonly Problem[];
  /** What its files give for secrets besides entries of the patch and the base. */
  readonly unreadSecrets: readonly Sensitive[];
}

export interface Taken {
  readonly variable: Variable;
  readonly value: Text;
  readonly from: Place;
  readonly note?: string;
}

/** A variable that gets no value from the former layout, and why. */
export interface Open {
  readonly variable: Variable;
  readonly from?: Place;
  readonly why: string;
}

export interface FormerValues {
  /** In the catalog's order, as the open ones. */
  readonly taken: readonly Taken[];
  readonly open: readonly Open[];
  readonly problems: readonly Problem[];
  /** Texts that the former files give for secrets and that were not taken, or may not have been. */
  readonly otherSecrets: readonly Sensitive[];
}

type Found = Taken | Open | { readonly fault: Problem };

/**
 * What the former system deployed of each variable: for a key of an object the patch file's value or else the base's
 * after substitution from `.env.k8s.<env>`, and for infra what `.env.k8s.<env>` says.
 */
export function formerValues(catalog: Catalog, former: FormerEnvironment): FormerValues {
  const taken: Taken[] = [];
  const open: Open[] = [];
  const problems: Problem[] = [...former.problems];
  const allowance = createAllowance();
  const replaced = new Set([
    ...catalog.variables.keys(),
    ...[...former.base.entries.values()].flatMap(({ template }) => namesRead(template ?? [])),
  ]);
  for (const variable of catalog.variables.values()) {
    const found =
      variable.kind === 'infra'
        ? fromInfra(variable, former)
        : fromObjects(catalog, variable, former, replaced, allowance);
    if (!found) {
      // A default that pods get now is new to them.
      const isNew = variable.default === undefined || variable.kind !== 'infra';
      if (!variable.optional && isNew) open.push({ variable, why: 'has no value there' });
    } else if ('fault' in found) {
      problems.push(found.fault);
      open.push({ variable, why: 'could not be read', from: placeOf(found.fault) });
    } else if ('value' in found) {
      const empty = textMatches(found.value, (text) => text === '');
      if (empty) open.push({ variable, from: found.from, why: 'is empty' });
      else taken.push(found);
    } else {
      open.push(found);
    }
  }
  return {
    taken,
    open,
    problems: [...problems, ...contradictions(taken, former.name)],
    otherSecrets: [...former.unreadSecrets, ...secretsInEntries(former)],
  };
}

/** What the objects give for secrets, winning or not: as it is and decoded, or in pieces where it cannot be put together. */
function secretsInEntries({ base, patch, infra }: FormerEnvironment): Sensitive[] {
  const entries = [...base.entries.values(), ...patch.entries.values()].filter(({ variable }) => variable.sensitive);
  const replacement = (name: string) => infra.get(name)?.value;
  const allowance = createAllowance();
  return entries.flatMap(({ template = [], encoded }) => {
    const whole = growsTooLarge(template, replacement, allowance) ? undefined : substituted(template, replacement);
    const texts = whole === undefined ? template.filter((part) => part instanceof Sensitive) : [asSensitive(whole)];
    return encoded ? [...texts, ...texts.map((text) => text.map(decode))] : texts;
  });
}

/** The file's name says which environment it is of, and the file may say otherwise. */
function contradictions(taken: readonly Taken[], environment: string): Problem[] {
  return taken
    .filter(
      ({ variable, value }) => variable.drives === 'environment' && !textMatches(value, (text) => text === environment),
    )
    .map(({ variable: { name }, from }) => ({
      severity: 'error',
      code: 'contradiction',
      variable: name,
      ...from,
      message: `${name} names another environment than ${environment}, after which the file is named`,
      hint: `It was taken over as it is. Set it to ${environment} where that is meant, and look at the other values too`,
    }));
}

function fromInfra(variable: Variable, { infra, problems }: FormerEnvironment): Taken | Open | undefined {
  const assigned = infra.get(variable.name);
  if (assigned) return unlessPlaceholder({ variable, ...asAssigned(assigned) });
  const faulty = problems.find((each) => each.variable === variable.name);
  return faulty && { variable, from: placeOf(faulty), why: 'could not be read' };
}

function asAssigned(assigned: FormerAssignment): Pick<Taken, 'value' | 'from' | 'note'> {
  return {
    value: assigned.value,
    from: placeOf(assigned),
    ...noted(assigned.isForShell ? unreplaced : undefined),
  };
}

const unreplaced =
  'a $ or ` in it stands as it is, as xargs left it: a shell that sourced the file replaced what it begins';

/** Each object that holds the variable had a value of its own; there can only be one. */
function fromObjects(
  catalog: Catalog,
  variable: Variable,
  former: FormerEnvironment,
  replaced: ReadonlySet<string>,
  allowance: Allowance,
): Found | undefined {
  const homes = objectsHolding(catalog, variable).map(({ name }) => {
    return { name, found: fromKey(variable, `${name}/${variable.key}`, former, replaced, allowance) };
  });
  const [first, ...others] = homes.flatMap(({ found }) => found ?? []);
  if (!first) return fromInfraAlone(variable, former);
  const fault = [first, ...others].find((each) => 'fault' in each);
  if (fault) return fault;
  const other = others.find((each) => 'value' in each && !('value' in first && sameText(first.value, each.value)));
  if (other && 'value' in other) return { fault: differently(variable.name, other.from) };
  const without = homes.filter(({ found }) => !found || !('value' in found)).map(({ name }) => name);
  if (!('value' in first) || without.length === 0) return first;
  return {
    ...first,
    ...noted(first.note, `${without.join(' and ')} had no value: pods that load it get this one now`),
  };
}

function differently(variable: string, from: Place): Problem {
  return {
    severity: 'error',
    code: 'invalid-patch',
    variable,
    ...from,
    message: `${variable} has another value here than in another bundle`,
    hint: 'Decide on one, and set it by hand',
  };
}

function fromKey(
  variable: Variable,
  id: string,
  former: FormerEnvironment,
  replaced: ReadonlySet<string>,
  allowance: Allowance,
): Found | undefined {
  const patched = former.patch.entries.get(id);
  if (!patched && former.patch.partial)
    return { variable, why: 'may stand in the patch file where it could not be read' };
  const base = former.base.entries.get(id);
  // Kustomize keeps both fields, and the API server writes stringData over data.
  const isOverridden = patched?.encoded === true && base?.encoded === false;
  if (patched?.encoded && !base && former.base.partial) return mayBeInBase(variable);
  if (patched && !isOverridden) return fromPatch(patched, replaced);
  if (base) {
    const found = fromBase(base, former, allowance);
    if (!isOverridden || 'fault' in found) return found;
    return 'value' in found
      ? { ...found, ...noted(found.note, overridden) }
      : { ...found, why: `${found.why}; ${overridden}` };
  }
  return former.base.partial ? mayBeInBase(variable) : undefined;
}

function mayBeInBase(variable: Variable): Open {
  return { variable, why: 'may stand in the base where it could not be read' };
}

const overridden = 'the patch file has it in data, and stringData of the base overrode that';

/** What a patch file gives was deployed as it is written. */
function fromPatch({ variable, template, encoded, ...place }: FormerEntry, replaced: ReadonlySet<string>): Found {
  const from = placeOf(place);
  if (!template) return { variable, from, why: 'could not be read' };
  const value = asWritten(template, (name) => replaced.has(name));
  if (value === undefined) return { variable, from, why: 'is still a placeholder' };
  return encoded ? decoded(variable, value, from) : { variable, value, from };
}

/** What the base gives was read as YAML once envsubst had put the values into it. */
function fromBase(
  { variable, template, scalar, inFlow, encoded, fault, ...place }: FormerEntry,
  { infra }: FormerEnvironment,
  allowance: Allowance,
): Found {
  const from = placeOf(place);
  if (fault) return { fault };
  if (!template) return { variable, from, why: 'could not be read' };
  const replacement = (name: string) => infra.get(name)?.value;
  if (growsTooLarge(template, replacement, allowance)) {
    return { variable, from, why: 'grows too large through placeholders' };
  }
  const given = substituted(template, replacement);
  if (given === undefined) return { variable, from, why: 'is still a placeholder' };
  const source = infra.get(loneName(template) ?? '');
  const readFrom = source ? placeOf(source) : from;
  const put = substituted(scalar, replacement) ?? '';
  if (!textMatches(put, (text) => scalarText(text, inFlow) !== undefined)) {
    return { fault: noTextInYaml(variable.name, readFrom) };
  }
  const value = mapText(put, (text) => scalarText(text, inFlow) ?? '');
  if (encoded) return decoded(variable, value, readFrom);
  const notes = noted(
    sameText(given, value) ? undefined : 'as the YAML of the base had it once envsubst had put it there',
    keepsName(template, replacement) ? keptName : undefined,
    namesRead(template).some((name) => infra.get(name)?.isForShell) ? unreplaced : undefined,
  );
  return unlessPlaceholder({ variable, value, from: readFrom, ...notes });
}

/** What is to be said of a value, if anything is. */
export function noted(...notes: readonly (string | undefined)[]): Pick<Taken, 'note'> {
  const note = notes.filter((each) => each !== undefined).join('; ');
  return note === '' ? {} : { note };
}

const keptName =
  'a $ with a name that .env.k8s does not give stands in it as it is: envsubst took it away, unless told which to replace';

function noTextInYaml(variable: string, from: Place): Problem {
  return {
    severity: 'error',
    code: 'invalid-patch',
    variable,
    ...from,
    message: `${variable} was no text any more where envsubst had put its value into the YAML of the base`,
    hint: 'Set it by hand to what the pods had',
  };
}

/** A value that is nothing but a placeholder was never replaced by one, wherever it stands. */
function unlessPlaceholder(taken: Taken): Taken | Open {
  const { variable, from, value } = taken;
  return isPlaceholder(value) ? { variable, from, why: 'is still a placeholder' } : taken;
}

/** Given in `.env.k8s.<env>`, as the documents say it may be, while no object had the key. */
function fromInfraAlone(variable: Variable, { infra }: FormerEnvironment): Taken | Open | undefined {
  const assigned = infra.get(variable.name);
  if (!assigned) return undefined;
  const given = asAssigned(assigned);
  return unlessPlaceholder({ variable, ...given, ...noted('no object held it: pods did not get it', given.note) });
}

function isBase64OfUtf8(text: string): boolean {
  const bytes = bytesOfBase64(text);
  return bytes !== undefined && isUtf8(bytes);
}

function decode(text: string): string {
  return bytesOfBase64(text)?.toString('utf8') ?? '';
}

function decoded(variable: Variable, value: Text, from: Place): Found {
  if (!textMatches(value, isBase64OfUtf8)) {
    return {
      fault: {
        severity: 'error',
        code: 'invalid-patch',
        variable: variable.name,
        ...from,
        message: `${variable.name} is not base64 of UTF-8 text, and data of a Secret has to be`,
        hint: 'Set it by hand',
      },
    };
  }
  return { variable, value: mapText(value, decode), from };
}
