import { basename, dirname, join, relative } from 'node:path';
import { fieldAt } from '../environment/field-at';
import { limits } from '../environment/limits';
import type { Problem } from '../environment/problem';
import { filesBelow } from '../sources/environment-files';
import { parseManifests } from '../sources/manifests';
import { meaningOf } from '../sources/stray-files';
import { readTextFile } from '../sources/text-file';

/**
 * Files that seem to hold values and are in none of the places that are read: beside their own `.yml`, named another
 * way, or anywhere else, such as in an overlay, which only kustomize read.
 * @param config the names in `config/`
 * @param base what is read of `apps/base/`
 */
export function unreadFiles(
  folder: string,
  config: readonly string[],
  base: readonly string[],
  environments: ReadonlySet<string>,
): Problem[] {
  const misnamed = config.filter((name) => isMisnamed(name, config, environments));
  const told = misnamed.map((name) => join(folder, 'config', name));
  const known = new Set([...told, ...base]);
  const unlisted: string[] = [];
  const others = filesBelow(folder, mayBeOfTeam, (path) => unlisted.push(join(folder, path)))
    .filter((name) => mayGiveValues(name) && !isOfConfig(name))
    .map((name) => join(folder, name))
    .filter((path) => !known.has(path));
  const near = others.filter((path) => /^(?:config|apps)[\\/]/.test(relative(folder, path)));
  const looked = [...new Set([...near, ...others])].slice(0, limits.strayNames);
  const givesValues = createFileReader();
  return [...[...told, ...looked.filter(givesValues)].map(unreadProblem), ...unlisted.map(unlistedProblem)];
}

/** Whether a folder may hold files of the former system, by its path: neither packages nor what this program has made. */
function mayBeOfTeam(path: string): boolean {
  return !/(?:^|[\\/])(?:\.git|node_modules)$|^(?:envs|dist)$/.test(path);
}

/** Whether a file in `config/` is one for values by its name, and not as the ones are called that are read. */
function isMisnamed(name: string, all: readonly string[], environments: ReadonlySet<string>): boolean {
  const [, environment = '', isPatch] = /^(?:\.env\.k8s\.)?(.*?)(-secret-config-patch\.ya?ml)?$/.exec(name) ?? [];
  if (isPatch) return name.endsWith('.yaml') && all.includes(name.replace(/aml$/, 'ml'));
  return (
    !(name.startsWith('.env.k8s.') && environments.has(environment)) && meaningOf(name, environments) !== undefined
  );
}

function isOfConfig(name: string): boolean {
  return dirname(name) === 'config' && /^\.env\.k8s\.|-secret-config-patch\.ya?ml$/.test(basename(name));
}

const envFileName = /^\.?env(?:\.|$)|\.env$/;

/** Whether a file may give values, by its name: examples give none. */
function mayGiveValues(name: string): boolean {
  const file = basename(name);
  if (/(?:^|[._-])(?:example|sample)(?:[._-]|$)|\.template(?:\.|$)/i.test(file)) return false;
  return envFileName.test(file) || /\.(?:ya?ml|json)$/i.test(file) || file === 'Kustomization';
}

/**
 * Tells whether a file gives values: an env file, or YAML or JSON with a Secret or a ConfigMap in it, or with what makes
 * or changes one. Where that would take long, whether it speaks of one.
 */
function createFileReader(): (path: string) => boolean {
  let left: number = limits.bytesInPassing;
  return (path) => {
    if (envFileName.test(basename(path))) return true;
    const file = readTextFile(path);
    if (file.status !== 'read' || !speaksOfValues.test(file.text)) return false;
    left -= file.text.length;
    const documents = left < 0 ? undefined : parseManifests(file.text, path);
    return documents === undefined || 'code' in documents || documents.some(makesValues);
  };
}

const speaksOfValues =
  /kind["']?\s*:\s*["']?(?:Secret|ConfigMap)?(?:List)?\b|(?:secret|configMap)Generator|patches|replacements|transformers/;

/** Whether a document is, makes or changes a Secret or ConfigMap. Files that a kustomization names are looked at themselves. */
function makesValues(document: unknown): boolean {
  const kind = fieldAt(document, ['kind']);
  if (kind !== undefined && kind !== 'Kustomization' && kind !== 'Component') return isOfValues(kind);
  const makers = ['secretGenerator', 'configMapGenerator', 'generators', 'transformers', 'replacements', 'vars'];
  if (makers.some((field) => fieldAt(document, [field]) !== undefined)) return true;
  const patches = ['patches', 'patchesJson6902', 'patchesStrategicMerge'].flatMap((field) => listAt(document, field));
  return patches.some((patch) => {
    const target = fieldAt(patch, ['target']);
    const kindOfTarget = fieldAt(target, ['kind']);
    // A target without a kind is an object of any kind, by its name.
    if (target !== undefined) return kindOfTarget === undefined || isOfValues(kindOfTarget);
    const inline = typeof patch === 'string' ? patch : fieldAt(patch, ['patch']);
    return typeof inline === 'string' && isOfValues(/kind["']?\s*:\s*["']?(\w+)/.exec(inline)?.[1]);
  });
}

function isOfValues(kind: unknown): boolean {
  return typeof kind === 'string' && /^(?:(?:Secret|ConfigMap)(?:List)?|List)$/.test(kind);
}

function listAt(document: unknown, field: string): readonly unknown[] {
  const found = fieldAt(document, [field]);
  return Array.isArray(found) ? found : [];
}

function unreadProblem(file: string): Problem {
  return {
    severity: 'warning',
    code: 'stray-file',
    file,
    message: `${file} may hold values, and was not read`,
    hint: `What is read is config/.env.k8s.<env>, config/<env>-secret-config-patch.yml, apps/base/secrets.yml and apps/base/configmap.yml: if values of this one are in use, add them to the new files by hand`,
  };
}

function unlistedProblem(file: string): Problem {
  return {
    severity: 'warning',
    code: 'stray-file',
    file,
    message: `${file} may not be listed, and nothing in it was read`,
    hint: 'If there are files with values in it, add them to the new files by hand',
  };
}
