import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { isDnsLabel } from '../catalog/host-name';
import { type Problem, refusal } from '../environment/problem';
import type { Sensitive } from '../environment/sensitive';
import { listFolder } from '../sources/environment-files';
import { readTextFile, type TextFile, unreadableProblem } from '../sources/text-file';
import { findUnreadSecrets } from '../sources/unread-secrets';
import { type FormerEnvFile, readFormerEnvFile } from './env-file';
import { readFormerManifest } from './manifest';
import { namesRead } from './template';
import type { FormerEnvironment, FormerManifest } from './values';

const lookedFor = 'Looked in it for config/.env.k8s.<env> and config/<env>-secret-config-patch.yml';

/** The environments of a former layout, in alphabetical order. */
export interface FormerNames {
  readonly names: readonly string[];
  /** Files that are named like an environment's, with a name that none may have. */
  readonly problems: readonly Problem[];
}

/**
 * Every environment that has a file in `config/`. Examples are no environments.
 * @throws {Refusal} if there is none, or no such folder. The folder is not repeated: it may be anything
 */
export function formerEnvironments(folder: string): FormerNames {
  const config = join(folder, 'config');
  const names = new Set<string>();
  const problems: Problem[] = [];
  for (const file of namesIn(config)) {
    const name = /^(?:\.env\.k8s\.(.*)|(.*)-secret-config-patch\.yml)$/.exec(file)?.slice(1).join('');
    if (name === undefined || /(?:^|\.)example$/.test(name)) continue;
    if (isDnsLabel(name)) names.add(name);
    else problems.push(noEnvironment(join(config, file)));
  }
  if (names.size === 0)
    throw refusal('unknown-environment', 'The config of this folder holds no environment', lookedFor);
  return { names: [...names].sort(), problems };
}

function namesIn(config: string): string[] {
  try {
    return listFolder(config).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw refusal('unreadable', 'This folder has no config in it', lookedFor);
    throw refusal('unreadable', `The config of this folder could not be listed (${code})`, 'Look at it with ls -ld');
  }
}

function noEnvironment(file: string): Problem {
  return {
    severity: 'warning',
    code: 'unknown-environment',
    file,
    message: 'This file is named like an environment, with a name that none may have, and was not read',
    hint: 'Environments are named with a-z, 0-9 and inner hyphens. Rename a copy to take it over',
  };
}

/** What all environments have in common: the files of `apps/base`. */
export function readFormerBase(folder: string, catalog: Catalog): FormerManifest {
  const parts = ['configmap.yml', 'secrets.yml'].map((name) =>
    readManifestFile(join(folder, 'apps', 'base', name), catalog),
  );
  return {
    entries: new Map(parts.flatMap(({ entries }) => [...entries])),
    unknown: parts.flatMap(({ unknown }) => unknown),
    problems: parts.flatMap(({ problems }) => problems),
    partial: parts.some(({ partial }) => partial),
    unreadSecrets: parts.flatMap(({ unreadSecrets }) => unreadSecrets),
  };
}

/** Reads what the former layout holds of one environment. Opens its files for reading only. */
export function readFormerEnvironment(
  folder: string,
  name: string,
  catalog: Catalog,
  base: FormerManifest,
): FormerEnvironment {
  const envFile = join(folder, 'config', `.env.k8s.${name}`);
  const patchFile = join(folder, 'config', `${name}-secret-config-patch.yml`);
  const templateNames = [...base.entries.values()].flatMap(({ template }) => namesRead(template ?? []));
  const env = readEnv(envFile, catalog, [...new Set(templateNames)]);
  const patch = readManifestFile(patchFile, catalog);
  return {
    name,
    infra: env.assignments,
    patch,
    base,
    unknown: [...env.unknown, ...patch.unknown, ...base.unknown],
    problems: [...env.problems, ...patch.problems, ...base.problems],
    unreadSecrets: [...env.secrets, ...patch.unreadSecrets, ...base.unreadSecrets],
  };
}

function readEnv(file: string, catalog: Catalog, templateNames: readonly string[]): FormerEnvFile {
  const read = readTextFile(file);
  if (read.status === 'read') return readFormerEnvFile(read.text, catalog, file, templateNames);
  const problems = read.status === 'absent' ? [] : [unreadableProblem(file, read)];
  return { assignments: new Map(), unknown: [], problems, secrets: secretsIn(read, catalog) };
}

function readManifestFile(file: string, catalog: Catalog): FormerManifest {
  const read = readTextFile(file);
  if (read.status === 'read') return readFormerManifest(read.text, catalog, file);
  const absent = read.status === 'absent';
  const problems = absent ? [] : [unreadableProblem(file, read)];
  return { entries: new Map(), unknown: [], problems, partial: !absent, unreadSecrets: secretsIn(read, catalog) };
}

/** What can be made out in a file that cannot be read. */
function secretsIn(file: Exclude<TextFile, { status: 'read' }>, catalog: Catalog): Sensitive[] {
  const unread = findUnreadSecrets(catalog, 'errors');
  if (file.status === 'unreadable') unread.addText(file.remains ?? '');
  return unread.all().map(({ text }) => text);
}
