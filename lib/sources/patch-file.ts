import { isUtf8 } from 'node:buffer';
import type { BundleObject, Catalog, Variable } from '../catalog/catalog';
import { objectsHolding } from '../catalog/lookups';
import { nearName, suggestion } from '../catalog/near-name';
import { bytesOfBase64 } from '../environment/base64';
import { isPlainTextAsBase64 } from '../environment/checks/plain-text-as-base64';
import { createNearNames, type NearNames } from '../environment/near-names';
import type { Fault, Problem } from '../environment/problem';
import { createProblemList, type ProblemList } from '../environment/problem-list';
import type { Source, UnknownName } from '../environment/source';
import { parseTemplate, sameTemplate, type Template } from '../environment/template';
import { findUnreadSecrets, type UnreadSecrets } from './unread-secrets';
import { findUnreadInYaml } from './unread-yaml';
import { readYaml, type YamlEntry, type YamlNode } from './yaml-tree';

/** What has been found so far. */
interface Findings {
  readonly catalog: Catalog;
  readonly assigned: Map<string, { readonly template: Template; readonly line: number; readonly object: string }>;
  /** `<object>/<key>`, and the field and line that gave it first. */
  readonly given: Map<string, { readonly field: string; readonly line: number }>;
  /** `<line> <key>` of every value that counts. */
  readonly readAt: Set<string>;
  readonly unknownNames: UnknownName[];
  readonly namespaces: { template: Template; line: number }[];
  readonly faulty: Set<string>;
  unreadable: boolean;
  readonly nearNames: NearNames;
  readonly unread: UnreadSecrets;
  readonly problems: ProblemList;
}

/**
 * Reads a patch file: Secret and ConfigMap documents named like the objects of the catalog, in YAML 1.1 as kubectl
 * reads it. What would not reach a pod exactly as written is an `invalid-patch`.
 */
export function readPatchFile(text: string, catalog: Catalog, file: string): Source {
  const found: Findings = {
    catalog,
    assigned: new Map(),
    given: new Map(),
    readAt: new Set(),
    unknownNames: [],
    namespaces: [],
    faulty: new Set(),
    unreadable: false,
    nearNames: createNearNames(catalog.variables),
    unread: findUnreadSecrets(catalog, 'errors'),
    problems: createProblemList(file),
  };
  const documents = [...readYaml(text)];
  const template = documents.some(({ type }) => type === 'broken') ? templateLine(text) : undefined;
  if (template !== undefined) {
    const message = 'This is a template that nobody fills in here, and no YAML';
    const hint = 'Give the file that the template makes: helm template prints it, for one';
    passOver(found, template, { message, hint });
  }
  for (const document of template === undefined ? documents : []) {
    if (document.type === 'broken') {
      const { line, reason, hint } = document;
      const message = `This YAML cannot be read: ${reason}`;
      passOver(found, line, { message, ...(hint !== undefined && { hint }) });
    } else {
      readDocument(document, found);
    }
  }
  if (!found.unreadable) for (const assigned of found.assigned) reportLeftOut(assigned, found);
  findUnreadInYaml(text, found.unread, (key, line) => found.readAt.has(`${line} ${key}`));
  return {
    layer: 'patch',
    file,
    assignments: [...found.assigned].map(([variable, { template, line }]) => ({ variable, template, line })),
    unknownNames: found.unknownNames,
    unknownNamesAre: 'errors',
    namespaces: found.namespaces,
    problems: found.problems.all(),
    faulty: found.faulty,
    unreadSecrets: found.unread.all(),
    ...(found.unreadable && { unreadable: true }),
  };
}

/** Reports what stands on a line of a patch, of this layout or the former one; of a variable, if it is one's. */
export function report(
  { problems }: { readonly problems: ProblemList },
  line: number,
  fault: Fault,
  variable?: Variable,
  code?: Problem['code'],
): void {
  problems.add(
    { severity: 'error', code: code ?? 'invalid-patch', line, ...(variable && { variable: variable.name }) },
    () => fault,
  );
}

/** Reports a document that is passed over: any variable may be in it. */
function passOver(found: Findings, line: number, fault: Fault): void {
  found.unreadable = true;
  report(found, line, fault);
}

/** The first line that is or holds an action of a template where YAML has none, from 1. */
function templateLine(text: string): number | undefined {
  const at = text.search(/^[ \t]{0,100}(?:[\w.-]{1,253}:[ \t]{1,100}|- )?(?:\{\{|\{%|<%)/m);
  return at < 0 ? undefined : text.slice(0, at).split('\n').length;
}

const fieldsOf: Readonly<Record<BundleObject['kind'], readonly string[]>> = {
  Secret: ['apiVersion', 'kind', 'metadata', 'type', 'data', 'stringData'],
  ConfigMap: ['apiVersion', 'kind', 'metadata', 'data'],
};

const patchDirective: Fault = {
  message: '$patch directives are not carried out',
  hint: 'Remove it: a patch gives values, nothing else',
};
const quoteIt = 'Put it in quotes';
const noPlainKey: Fault = { message: 'This key is not a string in YAML', hint: quoteIt };
const noPlainYaml: Fault = {
  message: 'Anchors, aliases, tags and merge keys are not read',
  hint: 'Write the value out, in quotes',
};

function readDocument(document: YamlNode, found: Findings): void {
  if (document.type !== 'map') {
    const noObject = { message: 'A document of a patch is a Secret or a ConfigMap' };
    passOver(found, document.line, document.type === 'indirect' ? noPlainYaml : noObject);
    return;
  }
  const fields = distinctFields(document.entries, found);
  const kind = textOf(fields.get('kind'));
  if (kind !== 'Secret' && kind !== 'ConfigMap') {
    const line = fields.get('kind')?.line ?? document.line;
    const hint = suggestion(nearName(kind ?? '', ['Secret', 'ConfigMap']));
    passOver(found, line, {
      message: 'A patch holds documents of kind Secret and ConfigMap only',
      ...(hint && { hint }),
    });
    return;
  }
  if (textOf(fields.get('apiVersion')) !== 'v1') {
    report(found, fields.get('apiVersion')?.line ?? document.line, { message: `A ${kind} has apiVersion: v1` });
  }
  const object = readMetadata(fields.get('metadata'), kind, document.line, found);
  for (const [name, { line, value }] of fields) {
    if (name === '$patch') {
      report(found, line, patchDirective);
    } else if (!fieldsOf[kind].includes(name)) {
      const hint = `Its fields are ${fieldsOf[kind].join(', ')}`;
      report(found, line, { message: `A ${kind} of a patch has no such field`, hint });
    } else if (name === 'type' && !(value.type === 'text' && value.text === 'Opaque')) {
      const message = 'The Secret of a bundle is of type Opaque';
      report(found, line, { message, hint: 'Write type: Opaque, or leave it out' });
    } else if (object && (name === 'data' || name === 'stringData')) {
      readData(object, name, value, found);
    }
  }
}

/** The object that the document names, if the catalog has it. */
function readMetadata(
  metadata: YamlEntry | undefined,
  kind: BundleObject['kind'],
  start: number,
  found: Findings,
): BundleObject | undefined {
  const fields =
    metadata?.value.type === 'map' ? distinctFields(metadata.value.entries, found) : new Map<string, YamlEntry>();
  const candidates = found.catalog.objects.filter((object) => object.kind === kind);
  const object = candidates.find(({ name }) => name === textOf(fields.get('name')));
  if (!object) {
    const line = fields.get('name')?.line ?? metadata?.line ?? start;
    const hint = `There are ${candidates.map(({ name }) => name).join(', ')}`;
    passOver(found, line, { message: `There is no ${kind} of this name`, hint });
  }
  for (const [name, { line, value }] of fields) {
    if (name === 'namespace' && value.type === 'text') {
      found.namespaces.push({ template: parseTemplate(value.text, found.catalog, false, found.nearNames), line });
    } else if (name === 'namespace') {
      report(found, line, { message: 'The namespace is not a string in YAML', hint: quoteIt });
    } else if (name === '$patch') {
      report(found, line, patchDirective);
    } else if ((name === 'labels' || name === 'annotations') && !isMapOfTexts(value)) {
      report(found, line, { message: `${name} is a map of keys to texts`, hint: quoteIt });
    } else if (name === 'annotations' && hasOrderForKustomize(value)) {
      const message = 'This annotation is a Kustomize directive, which is ignored here';
      passOver(found, line, { message, hint: 'Remove it' });
    } else if (name !== 'name') {
      const message = 'Of the metadata of a patch only name and namespace are read';
      const hint = 'Remove the rest: labels and annotations are set by lib/constructs';
      found.problems.add({ severity: 'warning', code: 'invalid-patch', line }, () => ({ message, hint }));
    }
  }
  return object;
}

/** What has Kustomize leave the object out, merge it otherwise or call it otherwise. */
export function hasOrderForKustomize(annotations: YamlNode): boolean {
  return (
    annotations.type === 'map' &&
    annotations.entries.some(({ key = '', value }) =>
      key === 'config.kubernetes.io/local-config'
        ? !(value.type === 'text' && value.text === 'false')
        : key.startsWith('kustomize.config.k8s.io/') || key === 'internal.config.kubernetes.io/needsHashSuffix',
    )
  );
}

/** Of distinct keys, since Kustomize refuses others. */
function isMapOfTexts(node: YamlNode): boolean {
  if (node.type !== 'map') return node.type === 'null';
  const keys = new Set(node.entries.map(({ key }) => key));
  return (
    keys.size === node.entries.length &&
    !keys.has(undefined) &&
    node.entries.every(({ value }) => value.type === 'text')
  );
}

function readData(object: BundleObject, field: 'data' | 'stringData', data: YamlNode, found: Findings): void {
  if (data.type !== 'map') {
    passOver(found, data.line, noMap(data, field));
    return;
  }
  for (const { key, line, value } of data.entries) {
    if (key === undefined) {
      passOver(found, line, value.type === 'indirect' ? noPlainYaml : noPlainKey);
      continue;
    }
    if (key === '$patch') {
      report(found, line, patchDirective);
      continue;
    }
    const variable = object.variables.get(key);
    const first = noteGiven(object, field, key, line, found);
    if (first) {
      reportGivenBefore(first, object, field, variable, line, found);
      continue;
    }
    if (!variable) {
      readStrayKey(object, key, line, found);
      continue;
    }
    const encoded = object.kind === 'Secret' && field === 'data';
    const text = readText(value, encoded, variable);
    if (typeof text === 'string') {
      assign(object, variable, text, line, found);
    } else {
      report(found, line, text, variable);
      found.faulty.add(variable.name);
    }
  }
}

/** Why nothing is read of a field whose value is no map. */
function noMap({ type }: YamlNode, field: 'data' | 'stringData'): Fault {
  if (type === 'indirect') return noPlainYaml;
  if (type !== 'null') return { message: `${field} is a map of keys to texts` };
  return {
    message: `${field} has nothing behind it, for which Kustomize would remove it`,
    hint: `Write ${field}: {}, or remove the line`,
  };
}

function assign(object: BundleObject, variable: Variable, text: string, line: number, found: Findings): void {
  const template = parseTemplate(text, found.catalog, variable.sensitive, found.nearNames);
  found.unread.addWithin(text, variable.sensitive);
  const other = found.assigned.get(variable.name);
  if (other && !sameTemplate(other.template, template)) {
    const message = `${variable.name} has another value here than in ${other.object} on line ${other.line}`;
    report(found, line, { message, hint: 'Give it the same value in every bundle' }, variable);
    found.readAt.delete(`${other.line} ${variable.key}`);
  }
  found.readAt.add(`${line} ${variable.key}`);
  found.assigned.set(variable.name, { template, line, object: object.name });
}

/**
 * A variable has one value wherever it is: one that is given for a part of the objects that hold it would change the
 * rest too.
 */
function reportLeftOut(
  [name, { line, object }]: readonly [string, { readonly line: number; readonly object: string }],
  found: Findings,
): void {
  const variable = found.catalog.variables.get(name);
  if (!variable || found.faulty.has(name)) return;
  const leftOut = objectsHolding(found.catalog, variable).filter(
    (each) => !found.given.has(`${each.name}/${variable.key}`),
  );
  if (leftOut.length === 0) return;
  const names = leftOut.map((each) => each.name).join(' and ');
  const message = `${name} is given in ${object}, but not in ${names}, where it is as well`;
  report(found, line, { message, hint: 'Give it there too: a variable has one value' }, variable);
}

/** Notes that a key is given; returns the field and line that gave it first, if that was not here. */
function noteGiven(object: BundleObject, field: string, key: string, line: number, { given }: Findings) {
  const id = `${object.name}/${key}`;
  const first = given.get(id);
  if (!first) given.set(id, { field, line });
  return first;
}

function reportGivenBefore(
  first: { readonly field: string; readonly line: number },
  object: BundleObject,
  field: string,
  variable: Variable | undefined,
  line: number,
  found: Findings,
): void {
  const hint = 'Keep one of the two';
  if (!variable) {
    // The name of an unknown key is not shown, since it may be anything.
    const message = `This key is given on line ${first.line} already`;
    report(found, line, { message, hint }, undefined, 'duplicate');
    return;
  }
  const code = first.field === field ? 'duplicate' : 'invalid-patch';
  const message = `${variable.name} is given in ${object.name} already, in ${first.field} on line ${first.line}`;
  report(found, line, { message, hint }, variable, code);
}

/** A key that the object does not have: a variable's that lives elsewhere, or nobody's. */
function readStrayKey(object: BundleObject, key: string, line: number, found: Findings): void {
  const { objects, variables } = found.catalog;
  const variable = objects.find((each) => each.variables.has(key))?.variables.get(key) ?? variables.get(key);
  if (!variable) {
    const near = found.nearNames(key);
    found.unknownNames.push({ name: key, line, ...(near !== undefined && { near }) });
    return;
  }
  found.faulty.add(variable.name);
  const homes = objectsHolding(found.catalog, variable);
  const hint = `It belongs in ${homes.map(({ kind, name }) => `${kind} ${name}`).join(' and ')} as ${variable.key}`;
  if (variable.kind === 'infra') {
    const message = `${variable.name} is infra and reaches no object`;
    report(found, line, { message, hint: 'Set it in an env file instead' }, variable);
  } else if (variable.kind === 'secret' && object.kind === 'ConfigMap') {
    const message = `${variable.name} is a secret, and this is a ConfigMap`;
    report(found, line, { message, hint }, variable, 'misplaced-secret');
  } else {
    const message = `${variable.name} does not belong in ${object.kind} ${object.name}`;
    report(found, line, { message, hint }, variable);
  }
}

/** What a value says, or why it cannot be read. */
function readText(value: YamlNode, encoded: boolean, { name }: Variable): string | Fault {
  if (value.type === 'text') return encoded ? decode(value.text, name) : value.text;
  if (value.type === 'indirect') return noPlainYaml;
  if (value.type === 'unsure') {
    const message = `${name} is written in a way that readers of YAML understand differently`;
    return { message, hint: 'Write it on one line in double quotes, with escapes' };
  }
  return { message: `${name} is not a string in YAML but a number, boolean, date, null or list`, hint: quoteIt };
}

function decode(text: string, name: string): string | Fault {
  const bytes = bytesOfBase64(text);
  if (!bytes) return { message: `${name} is not valid base64`, hint: 'Plain texts go to stringData' };
  if (!isUtf8(bytes)) return { message: `${name} is base64 of bytes that are not UTF-8`, hint: 'Variables hold text' };
  if (isPlainTextAsBase64(text)) {
    return { message: `${name} looks like plain text, and data holds base64`, hint: 'Plain texts go to stringData' };
  }
  return bytes.toString('utf8');
}

/** The fields of a document or of its metadata by name; those given twice or not plainly are reported. */
function distinctFields(entries: readonly YamlEntry[], found: Findings): Map<string, YamlEntry> {
  const fields = new Map<string, YamlEntry>();
  for (const entry of entries) {
    if (entry.value.type === 'indirect') {
      passOver(found, entry.line, noPlainYaml);
    } else if (entry.key === undefined) {
      report(found, entry.line, noPlainKey);
    } else if (fields.has(entry.key)) {
      const fault = { message: 'This field is given twice', hint: 'Keep one of the two' };
      report(found, entry.line, fault, undefined, 'duplicate');
    } else {
      fields.set(entry.key, entry);
    }
  }
  return fields;
}

function textOf(entry: YamlEntry | undefined): string | undefined {
  return entry?.value.type === 'text' ? entry.value.text : undefined;
}
