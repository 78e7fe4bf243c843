import { isUtf8 } from 'node:buffer';
import type { BundleObject, Catalog, Variable } from '../catalog/catalog';
import { objectsHolding } from '../catalog/lookups';
import { bytesOfBase64 } from '../environment/base64';
import { isPlainTextAsBase64 } from '../environment/checks/plain-text-as-base64';
import { createNearNames, type NearNames } from '../environment/near-names';
import type { Problem } from '../environment/problem';
import { createProblemList } from '../environment/problem-list';
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
  report(problem: Pick<Problem, 'code' | 'line' | 'message' | 'hint' | 'variable'>, severity?: 'warning'): void;
  /** Reports a document that is passed over: any variable may be in it. */
  passOver(line: number, message: string, hint?: string): void;
}

/**
 * Reads a patch file: Secret and ConfigMap documents named like the objects of the catalog, in YAML 1.1 as kubectl
 * reads it. What would not reach a pod exactly as written is an `invalid-patch`.
 */
export function readPatchFile(text: string, catalog: Catalog, file: string): Source {
  const problems = createProblemList(file);
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
    report: ({ message, hint, ...problem }, severity) =>
      problems.add({ severity: severity ?? 'error', ...problem }, () => ({
        message,
        ...(hint !== undefined && { hint }),
      })),
    passOver: (line, message, hint) => {
      found.unreadable = true;
      found.report({ code: 'invalid-patch', line, message, ...(hint !== undefined && { hint }) });
    },
  };
  const documents = [...readYaml(text)];
  const template = documents.some(({ type }) => type === 'broken') ? templateLine(text) : undefined;
  if (template !== undefined) {
    const hint = 'Give the file that the template makes: helm template prints it, for one';
    found.passOver(template, 'This is a template that nobody fills in here, and no YAML', hint);
  }
  for (const document of template === undefined ? documents : []) {
    if (document.type === 'broken') {
      found.passOver(document.line, `This YAML cannot be read: ${document.reason}`, document.hint);
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
    problems: problems.all(),
    faulty: found.faulty,
    unreadSecrets: found.unread.all(),
    ...(found.unreadable && { unreadable: true }),
  };
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

const patchDirective = [
  '$patch directives are not carried out',
  'Remove it: a patch gives values, nothing else',
] as const;
const quoteIt = 'Put it in quotes';
const plainYaml = {
  message: 'Anchors, aliases, tags and merge keys are not read',
  hint: 'Write the value out, in quotes',
};

function readDocument(document: YamlNode, found: Findings): void {
  if (document.type !== 'map') {
    if (document.type === 'indirect') found.passOver(document.line, plainYaml.message, plainYaml.hint);
    else found.passOver(document.line, 'A document of a patch is a Secret or a ConfigMap');
    return;
  }
  const fields = distinctFields(document.entries, found);
  const kind = textOf(fields.get('kind'));
  if (kind !== 'Secret' && kind !== 'ConfigMap') {
    found.passOver(
      fields.get('kind')?.line ?? document.line,
      'A patch holds documents of kind Secret and ConfigMap only',
    );
    return;
  }
  if (textOf(fields.get('apiVersion')) !== 'v1') {
    invalid(found, fields.get('apiVersion')?.line ?? document.line, `A ${kind} has apiVersion: v1`);
  }
  const object = readMetadata(fields.get('metadata'), kind, document.line, found);
  for (const [name, { line, value }] of fields) {
    if (name === '$patch') {
      invalid(found, line, ...patchDirective);
    } else if (!fieldsOf[kind].includes(name)) {
      invalid(found, line, `A ${kind} of a patch has no such field`, `Its fields are ${fieldsOf[kind].join(', ')}`);
    } else if (name === 'type' && !(value.type === 'text' && value.text === 'Opaque')) {
      invalid(found, line, 'The Secret of a bundle is of type Opaque', 'Write type: Opaque, or leave it out');
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
    found.passOver(
      line,
      `There is no ${kind} of this name`,
      `There are ${candidates.map(({ name }) => name).join(', ')}`,
    );
  }
  for (const [name, { line, value }] of fields) {
    if (name === 'namespace' && value.type === 'text') {
      found.namespaces.push({ template: parseTemplate(value.text, found.catalog, false, found.nearNames), line });
    } else if (name === 'namespace') {
      invalid(found, line, 'The namespace is not a string in YAML', quoteIt);
    } else if (name === '$patch') {
      invalid(found, line, ...patchDirective);
    } else if ((name === 'labels' || name === 'annotations') && !isMapOfTexts(value)) {
      invalid(found, line, `${name} is a map of keys to texts`, quoteIt);
    } else if (name === 'annotations' && hasOrderForKustomize(value)) {
      found.passOver(line, 'This annotation is a Kustomize directive, which is ignored here', 'Remove it');
    } else if (name !== 'name') {
      const message = 'Of the metadata of a patch only name and namespace are read';
      const hint = 'Remove the rest: labels and annotations are set by lib/constructs';
      found.report({ code: 'invalid-patch', line, message, hint }, 'warning');
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
    if (data.type === 'null')
      found.passOver(
        data.line,
        `${field} has nothing behind it, for which Kustomize would remove it`,
        `Write ${field}: {}, or remove the line`,
      );
    else if (data.type === 'indirect') found.passOver(data.line, plainYaml.message, plainYaml.hint);
    else found.passOver(data.line, `${field} is a map of keys to texts`);
    return;
  }
  for (const { key, line, value } of data.entries) {
    if (key === undefined) {
      const fault =
        value.type === 'indirect' ? plainYaml : { message: 'This key is not a string in YAML', hint: quoteIt };
      found.passOver(line, fault.message, fault.hint);
      continue;
    }
    if (key === '$patch') {
      invalid(found, line, ...patchDirective);
      continue;
    }
    const variable = object.variables.get(key);
    const first = givenBefore(object, field, key, line, found);
    if (first) {
      reportGivenBefore(first, object, field, variable, line, found);
      continue;
    }
    if (!variable) {
      readStrayKey(object, key, line, found);
      continue;
    }
    const encoded = object.kind === 'Secret' && field === 'data';
    const text = readText(value, encoded, variable, line, found);
    if (text === undefined) found.faulty.add(variable.name);
    else assign(object, variable, text, line, found);
  }
}

function assign(object: BundleObject, variable: Variable, text: string, line: number, found: Findings): void {
  const template = parseTemplate(text, found.catalog, variable.sensitive, found.nearNames);
  found.unread.addWithin(text, variable.sensitive);
  const other = found.assigned.get(variable.name);
  if (other && !sameTemplate(other.template, template)) {
    const message = `${variable.name} has another value here than in ${other.object} on line ${other.line}`;
    invalid(found, line, message, 'Give it the same value in every bundle', variable);
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
  invalid(
    found,
    line,
    `${name} is given in ${object}, but not in ${names}, where it is as well`,
    'Give it there too: a variable has one value',
    variable,
  );
}

/** The field and line that gave the key first, if that was not here. */
function givenBefore(object: BundleObject, field: string, key: string, line: number, { given }: Findings) {
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
    found.report({ code: 'duplicate', line, message: `This key is given on line ${first.line} already`, hint });
    return;
  }
  const code = first.field === field ? 'duplicate' : 'invalid-patch';
  const message = `${variable.name} is given in ${object.name} already, in ${first.field} on line ${first.line}`;
  found.report({ code, line, message, hint, variable: variable.name });
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
    invalid(found, line, `${variable.name} is infra and reaches no object`, 'Set it in an env file instead', variable);
  } else if (variable.kind === 'secret' && object.kind === 'ConfigMap') {
    const message = `${variable.name} is a secret, and this is a ConfigMap`;
    found.report({ code: 'misplaced-secret', line, message, hint, variable: variable.name });
  } else {
    invalid(found, line, `${variable.name} does not belong in ${object.kind} ${object.name}`, hint, variable);
  }
}

function readText(
  value: YamlNode,
  encoded: boolean,
  variable: Variable,
  line: number,
  found: Findings,
): string | undefined {
  if (value.type === 'indirect') {
    invalid(found, line, plainYaml.message, plainYaml.hint, variable);
    return undefined;
  }
  if (value.type === 'unsure') {
    const message = `${variable.name} is written in a way that readers of YAML understand differently`;
    invalid(found, line, message, 'Write it on one line in double quotes, with escapes', variable);
    return undefined;
  }
  if (value.type !== 'text') {
    invalid(
      found,
      line,
      `${variable.name} is not a string in YAML but a number, boolean, date, null or list`,
      quoteIt,
      variable,
    );
    return undefined;
  }
  return encoded ? decode(value.text, variable, line, found) : value.text;
}

function decode(text: string, variable: Variable, line: number, found: Findings): string | undefined {
  const bytes = bytesOfBase64(text);
  if (!bytes) {
    invalid(found, line, `${variable.name} is not valid base64`, 'Plain texts go to stringData', variable);
    return undefined;
  }
  if (!isUtf8(bytes)) {
    invalid(found, line, `${variable.name} is base64 of bytes that are not UTF-8`, 'Variables hold text', variable);
    return undefined;
  }
  if (isPlainTextAsBase64(text)) {
    const message = `${variable.name} looks like plain text, and data holds base64`;
    invalid(found, line, message, 'Plain texts go to stringData', variable);
    return undefined;
  }
  return bytes.toString('utf8');
}

/** The fields of a document or of its metadata by name; those given twice or not plainly are reported. */
function distinctFields(entries: readonly YamlEntry[], found: Findings): Map<string, YamlEntry> {
  const fields = new Map<string, YamlEntry>();
  for (const entry of entries) {
    if (entry.value.type === 'indirect') {
      found.passOver(entry.line, plainYaml.message, plainYaml.hint);
    } else if (entry.key === undefined) {
      invalid(found, entry.line, 'This key is not a string in YAML', quoteIt);
    } else if (fields.has(entry.key)) {
      found.report({
        code: 'duplicate',
        line: entry.line,
        message: 'This field is given twice',
        hint: 'Keep one of the two',
      });
    } else {
      fields.set(entry.key, entry);
    }
  }
  return fields;
}

function textOf(entry: YamlEntry | undefined): string | undefined {
  return entry?.value.type === 'text' ? entry.value.text : undefined;
}

function invalid(found: Findings, line: number, message: string, hint?: string, variable?: Variable): void {
  found.report({
    code: 'invalid-patch',
    line,
    message,
    ...(hint !== undefined && { hint }),
    ...(variable && { variable: variable.name }),
  });
}
