import type { BundleObject, Catalog, Variable } from '../catalog/catalog';
import { objectsHolding } from '../catalog/lookups';
import { limits } from '../environment/limits';
import { createNearNames } from '../environment/near-names';
import type { Fault } from '../environment/problem';
import { createProblemList, type ProblemList } from '../environment/problem-list';
import { hasOrderForKustomize, report } from '../sources/patch-file';
import { findUnreadSecrets } from '../sources/unread-secrets';
import { findUnreadInYaml } from '../sources/unread-yaml';
import { readYaml, type YamlEntry, type YamlNode } from '../sources/yaml-tree';
import { formerTemplate } from './template';
import { type FormerEntry, type FormerManifest, type FormerNamespace, type FormerUnknown, unknownAt } from './values';

/** The fields whose values are taken over. */
const valueFields: Readonly<Record<BundleObject['kind'], readonly string[]>> = {
  Secret: ['data', 'stringData'],
  ConfigMap: ['data'],
};

/** What a base may have besides. Others, such as binaryData, may hold values and are not taken over. */
const otherFields = ['apiVersion', 'kind', 'metadata', 'type', 'immutable'];

/** Kinds of which something may be made that pods load. */
const mayHoldValues = /secret|config|kustomiz/i;

/** One of `valueFields` in a file. */
interface ValueField {
  readonly name: string;
  /** It is written in `{…}`. */
  readonly isFlow: boolean;
}

/** What a file holds as far as it was read. */
interface Findings {
  readonly catalog: Catalog;
  readonly file: string;
  /** By `<object>/<key>`. */
  readonly entries: Map<string, FormerEntry>;
  readonly unknown: FormerUnknown[];
  readonly namespaces: FormerNamespace[];
  readonly problems: ProblemList;
  readonly nearNames: (name: string) => string | undefined;
  partial: boolean;
}

/**
 * Reads the Secrets and ConfigMaps of a base or patch file of the former layout. Unlike `readPatchFile` it passes over
 * whatever else a base holds, and it keeps values as they are written.
 */
export function readFormerManifest(text: string, catalog: Catalog, file: string, is: 'base' | 'patch'): FormerManifest {
  const found: Findings = {
    catalog,
    file,
    entries: new Map(),
    unknown: [],
    namespaces: [],
    problems: createProblemList(file),
    nearNames: createNearNames(catalog.variables),
    partial: false,
  };
  for (const document of readYaml(text)) {
    const kind = document.type === 'broken' ? undefined : textAt(document, 'kind');
    if (document.type === 'broken') {
      const message = `This YAML cannot be read: ${document.reason}`;
      passOver(found, document.line, { message, hint: 'Mend it and migrate again, or set by hand what it holds' });
    } else if (kind === 'Secret' || kind === 'ConfigMap') {
      readObject(document, kind, is, found);
    } else if (kind !== undefined && /^(?:Secret|ConfigMap)?List$/.test(kind)) {
      const hint = 'Write each object as a document of its own, and migrate again';
      passOver(found, document.line, { message: 'A List of objects is not read', hint });
    } else if (is === 'patch' && document.type !== 'null' && (kind === undefined || mayHoldValues.test(kind))) {
      const message = 'This document is no Secret and no ConfigMap, and nothing of it was taken over';
      passOver(found, document.line, { message, hint: 'Set by hand what it holds, or remove it and migrate again' });
    }
  }
  const { entries, unknown, namespaces, problems, partial } = found;
  const read = [...entries.values()].filter(({ template }) => template !== undefined);
  const readAt = new Set(read.map(({ variable, line }) => `${line} ${variable.key}`));
  const unread = findUnreadSecrets(catalog, 'errors');
  findUnreadInYaml(text, unread, (key, line) => readAt.has(`${line} ${key}`));
  const unreadSecrets = unread.all().map(({ text: secret }) => secret);
  return { entries, unknown, problems: problems.all(), partial, namespaces, unreadSecrets };
}

/** Reports something that may hold the value of any variable. */
function passOver(found: Findings, line: number, fault: Fault): void {
  found.partial = true;
  report(found, line, fault);
}

const setByHand = 'Set by hand what comes of it, or remove it';

function readObject(document: YamlNode, kind: BundleObject['kind'], is: 'base' | 'patch', found: Findings): void {
  for (const { key, line } of entriesOf(document)) {
    if ([...otherFields, ...valueFields[kind]].includes(key ?? '')) continue;
    const message = `Of this field of a ${kind} nothing was taken over`;
    const hint = `What is read is ${valueFields[kind].join(' and ')}: set by hand what else it holds`;
    passOver(found, line, { message, hint });
  }
  const metadata = fieldOf(document, 'metadata')?.value;
  const called = textAt(metadata, 'name');
  const object = found.catalog.objects.find(({ kind: of, name }) => of === kind && name === called);
  const namespace = fieldOf(metadata, 'namespace');
  if (object && namespace?.value.type === 'text')
    found.namespaces.push({ text: namespace.value.text, file: found.file, line: namespace.line });
  for (const { key, line, value } of entriesOf(metadata)) {
    if (key !== '$patch' && !(key === 'annotations' && hasOrderForKustomize(value))) continue;
    passOver(found, line, { message: 'An order to Kustomize is not carried out', hint: setByHand });
  }
  for (const name of valueFields[kind]) {
    const given = fieldOf(document, name);
    if (!given) continue;
    if (given.value.type === 'map') {
      const field = { name, isFlow: given.value.isFlow };
      for (const entry of given.value.entries) readKey(entry, object, field, found);
    } else if (is === 'patch' || given.value.type !== 'null') {
      const message = `${name} is no map of keys to texts, and nothing of it was taken over`;
      passOver(found, given.line, { message, hint: setByHand });
    }
  }
}

/** @param object undefined for one that the catalog does not have */
function readKey(given: YamlEntry, object: BundleObject | undefined, field: ValueField, found: Findings): void {
  const { key, line } = given;
  const variable = object?.variables.get(key ?? '');
  if (key === undefined) {
    const message = 'This is no plain key, and nothing of it was taken over';
    passOver(found, line, { message, hint: 'Write each key and its value out' });
  } else if (key === '$patch') {
    passOver(found, line, { message: '$patch directives are not carried out', hint: setByHand });
  } else if (object && variable) {
    addEntry(given, variable, object, field, found);
  } else {
    readStrayKey(key, line, found);
  }
}

function addEntry(
  { line, value }: YamlEntry,
  variable: Variable,
  { kind, name }: BundleObject,
  field: ValueField,
  found: Findings,
): void {
  const id = `${name}/${variable.key}`;
  const before = found.entries.get(id);
  const entry: FormerEntry = {
    variable,
    file: found.file,
    line,
    encoded: kind === 'Secret' && field.name === 'data',
    template: value.type === 'text' && !before ? formerTemplate(value.text, variable.sensitive) : undefined,
    scalar: value.type === 'text' ? formerTemplate(value.source, variable.sensitive) : [],
    inFlow: field.isFlow,
  };
  found.entries.set(id, entry);
  if (before) {
    const message = `${variable.name} is given in ${name} already, on line ${before.line}`;
    report(found, line, { message, hint: 'Keep one of the two' }, variable, 'duplicate');
  } else if (value.type === 'unsure') {
    const message = `${variable.name} is written in a way that readers of YAML understand differently`;
    report(found, line, { message, hint: 'Write it on one line in double quotes, with escapes' }, variable);
  } else if (!entry.template) {
    const message = `${variable.name} is not a plain string in YAML but a number, boolean, date, null, list, alias or tag`;
    report(found, line, { message, hint: 'Put it in quotes' }, variable);
  }
}

/** A key that its object does not have: a variable's that lives elsewhere, or nobody's. */
function readStrayKey(key: string, line: number, found: Findings): void {
  const { catalog, file, unknown, problems, nearNames } = found;
  const homes = catalog.objects.filter(({ variables }) => variables.has(key));
  const variable = homes[0]?.variables.get(key) ?? catalog.variables.get(key);
  if (!variable) {
    if (unknown.length < limits.unknownNames) unknown.push(unknownAt({ file, line }, key, nearNames(key), catalog));
    else problems.count('warning', 'unknown-variable');
    return;
  }
  const holding = homes.length > 0 ? homes : objectsHolding(catalog, variable);
  const home = holding.map((each) => `${each.kind} ${each.name}`).join(' and ') || 'an env file';
  const message = `${variable.name} is given in a place that is not its own, and was not taken from here`;
  const hint = `It belongs in ${home}${key === variable.key ? '' : `, as ${variable.key}`}`;
  report(found, line, { message, hint }, variable);
}

function entriesOf(node: YamlNode | undefined): readonly YamlEntry[] {
  return node?.type === 'map' ? node.entries : [];
}

function fieldOf(node: YamlNode | undefined, name: string): YamlEntry | undefined {
  return entriesOf(node).find(({ key }) => key === name);
}

function textAt(node: YamlNode | undefined, name: string): string | undefined {
  const value = fieldOf(node, name)?.value;
  return value?.type === 'text' ? value.text : undefined;
}
