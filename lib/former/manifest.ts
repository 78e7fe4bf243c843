import type { Catalog, Variable } from '../catalog/catalog';
import { objectsHolding } from '../catalog/lookups';
import { limits } from '../environment/limits';
import { createNearNames } from '../environment/near-names';
import type { Problem } from '../environment/problem';
import { createProblemList } from '../environment/problem-list';
import { hasOrderForKustomize } from '../sources/patch-file';
import { findUnreadSecrets } from '../sources/unread-secrets';
import { findUnreadInYaml } from '../sources/unread-yaml';
import { readYaml, type YamlEntry, type YamlNode } from '../sources/yaml-tree';
import { formerTemplate } from './template';
import type { FormerEntry, FormerManifest, FormerNamespace, FormerUnknown } from './values';

/** The fields whose values are taken over. */
const valueFields = { Secret: ['data', 'stringData'], ConfigMap: ['data'] };

/** What a base may have besides. Others, such as binaryData, may hold values and are not taken over. */
const otherFields = ['apiVersion', 'kind', 'metadata', 'type', 'immutable'];

/** Kinds of which something may be made that pods load. */
const mayHoldValues = /secret|config|kustomiz/i;

/**
 * Reads the Secrets and ConfigMaps of a base or patch file of the former layout. Unlike `readPatchFile` it passes over
 * whatever else a base holds, and it keeps values as they are written.
 */
export function readFormerManifest(text: string, catalog: Catalog, file: string, is: 'base' | 'patch'): FormerManifest {
  const entries = new Map<string, FormerEntry>();
  const unknown: FormerUnknown[] = [];
  const namespaces: FormerNamespace[] = [];
  const problems = createProblemList(file);
  const nearNames = createNearNames(catalog.variables);
  let partial = false;
  const report = (line: number, message: string, hint: string, variable?: Variable, code?: Problem['code']) =>
    problems.add(
      { severity: 'error', code: code ?? 'invalid-patch', line, ...(variable && { variable: variable.name }) },
      () => ({ message, hint }),
    );

  for (const document of readYaml(text)) {
    if (document.type === 'broken') {
      const message = `This YAML cannot be read: ${document.reason}`;
      passOver(document.line, message, 'Mend it and migrate again, or set by hand what it holds');
      continue;
    }
    const kind = textAt(document, 'kind');
    if (kind !== 'Secret' && kind !== 'ConfigMap') {
      if (kind !== undefined && /^(?:Secret|ConfigMap)?List$/.test(kind)) {
        const hint = 'Write each object as a document of its own, and migrate again';
        passOver(document.line, 'A List of objects is not read', hint);
      } else if (is === 'patch' && document.type !== 'null' && (kind === undefined || mayHoldValues.test(kind))) {
        const message = 'This document is no Secret and no ConfigMap, and nothing of it was taken over';
        passOver(document.line, message, 'Set by hand what it holds, or remove it and migrate again');
      }
      continue;
    }
    for (const { key, line } of entriesOf(document)) {
      if ([...otherFields, ...valueFields[kind]].includes(key ?? '')) continue;
      const message = `Of this field of a ${kind} nothing was taken over`;
      passOver(line, message, `What is read is ${valueFields[kind].join(' and ')}: set by hand what else it holds`);
    }
    const metadata = fieldOf(document, 'metadata')?.value;
    const name = textAt(metadata, 'name');
    const object = catalog.objects.find((each) => each.kind === kind && each.name === name);
    const namespace = fieldOf(metadata, 'namespace');
    if (object && namespace?.value.type === 'text')
      namespaces.push({ text: namespace.value.text, file, line: namespace.line });
    for (const { key, line, value } of entriesOf(metadata)) {
      if (key !== '$patch' && !(key === 'annotations' && hasOrderForKustomize(value))) continue;
      passOver(line, 'An order to Kustomize is not carried out', 'Set by hand what comes of it, or remove it');
    }
    for (const field of valueFields[kind]) {
      const given = fieldOf(document, field);
      if (given && given.value.type !== 'map' && (is === 'patch' || given.value.type !== 'null')) {
        passOver(
          given.line,
          `${field} is no map of keys to texts, and nothing of it was taken over`,
          'Set by hand what comes of it, or remove it',
        );
      }
      for (const { key, line, value } of entriesOf(given?.value)) {
        if (key === undefined) {
          passOver(line, 'This is no plain key, and nothing of it was taken over', 'Write each key and its value out');
          continue;
        }
        if (key === '$patch') {
          passOver(line, '$patch directives are not carried out', 'Set by hand what comes of it, or remove it');
          continue;
        }
        const variable = object?.variables.get(key);
        if (!object || !variable) {
          readStrayKey(key, line);
          continue;
        }
        const id = `${object.name}/${key}`;
        const before = entries.get(id);
        const entry: FormerEntry = {
          variable,
          file,
          line,
          encoded: kind === 'Secret' && field === 'data',
          template: value.type === 'text' ? formerTemplate(value.text, variable.sensitive) : undefined,
          scalar: value.type === 'text' ? formerTemplate(value.source, variable.sensitive) : [],
          inFlow: given?.value.type === 'map' && given.value.isFlow,
        };
        if (before) {
          const message = `${variable.name} is given in ${object.name} already, on line ${before.line}`;
          report(line, message, 'Keep one of the two', variable, 'duplicate');
        } else if (value.type === 'unsure') {
          const message = `${variable.name} is written in a way that readers of YAML understand differently`;
          report(line, message, 'Write it on one line in double quotes, with escapes', variable);
        } else if (!entry.template) {
          const message = `${variable.name} is not a plain string in YAML but a number, boolean, date, null, list, alias or tag`;
          report(line, message, 'Put it in quotes', variable);
        }
        entries.set(id, before ? { ...entry, template: undefined } : entry);
      }
    }
  }
  const read = [...entries.values()].filter(({ template }) => template !== undefined);
  const readAt = new Set(read.map(({ variable, line }) => `${line} ${variable.key}`));
  const unread = findUnreadSecrets(catalog, 'errors');
  findUnreadInYaml(text, unread, (key, line) => readAt.has(`${line} ${key}`));
  const unreadSecrets = unread.all().map(({ text: secret }) => secret);
  return { entries, unknown, problems: problems.all(), partial, namespaces, unreadSecrets };

  /** Something that may hold the value of any variable. */
  function passOver(line: number, message: string, hint: string): void {
    partial = true;
    report(line, message, hint);
  }

  /** A key that its object does not have: a variable's that lives elsewhere, or nobody's. */
  function readStrayKey(key: string, line: number): void {
    const homes = catalog.objects.filter(({ variables }) => variables.has(key));
    const variable = homes[0]?.variables.get(key) ?? catalog.variables.get(key);
    if (!variable) {
      const near = nearNames(key);
      if (unknown.length < limits.unknownNames) unknown.push({ file, line, ...(near !== undefined && { near }) });
      else problems.count('warning', 'unknown-variable');
      return;
    }
    const holding = homes.length > 0 ? homes : objectsHolding(catalog, variable);
    const home = holding.map((each) => `${each.kind} ${each.name}`).join(' and ') || 'an env file';
    const message = `${variable.name} is given in a place that is not its own, and was not taken from here`;
    report(line, message, `It belongs in ${home}${key === variable.key ? '' : `, as ${variable.key}`}`, variable);
  }
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
