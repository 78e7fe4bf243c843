import { basename, dirname, join, relative } from 'node:path';
import { fieldAt } from '../environment/field-at';
import { limits } from '../environment/limits';
import type { Problem } from '../environment/problem';
import { filesBelow } from '../sources/environment-files';
import { parseManifests } from '../sources/manifests';
import { meaningOf } from '../sources/stray-files';
import { isThere, readTextFile } from '../sources/text-file';
import {
  isKustomizationFile,
  kustomization,
  partsIn,
  patchesIn,
  type ReadKustomization,
  reachedFrom,
} from './kustomization';

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
  kustomizationOf: ReadKustomization,
): Problem[] {
  const misnamed = config.slice(0, limits.strayNames).filter((name) => isMisnamed(name, config, environments));
  const told = misnamed.map((name) => join(folder, 'config', name));
  const known = new Set([...told, ...base]);
  const unlisted: string[] = [];
  const others = filesBelow(folder, mayBeOfTeam, (path) => unlisted.push(join(folder, path)))
    .filter((name) => mayGiveValues(name) && !isOfConfig(name))
    .map((name) => join(folder, name))
    .filter((path) => !known.has(path));
  const near = others.filter((path) => /^(?:config|apps)[\\/]/.test(relative(folder, path)));
  // Those of overlays that are links, too.
  const reached = [...environments].flatMap((each) =>
    reachedFrom(join(folder, 'apps/overlays', each), kustomizationOf),
  );
  const overlays = reached.map(({ file }) => file);
  const looked = [...new Set([...near, ...overlays, ...others])].slice(0, limits.strayNames);
  const isSeen = new Set([...known, ...looked]);
  const givesValues = createFileReader(
    kustomizationOf,
    (path) => isSeen.has(path) || isOfConfig(relative(folder, path)),
  );
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
  return envFileName.test(file) || /\.(?:ya?ml|json)$/i.test(file) || isKustomizationFile(file);
}

/**
 * Tells whether a file gives values: an env file, or YAML or JSON with a Secret or a ConfigMap in it, or with what makes
 * or changes one. Where that would take long, whether it speaks of one.
 * @param isSeen whether somebody looks at a file anyway, of those that a kustomization names
 */
function createFileReader(
  kustomizationOf: ReadKustomization,
  isSeen: (path: string) => boolean,
): (path: string) => boolean {
  let left: number = limits.bytesInPassing;
  const followed = new Set<string>();

  function givesValues(path: string): boolean {
    if (envFileName.test(basename(path))) return true;
    const file = readTextFile(path);
    const mayBe = isKustomizationFile(basename(path)) || (file.status === 'read' && speaksOfValues.test(file.text));
    if (file.status !== 'read' || !mayBe) return false;
    left -= file.text.length;
    const documents = left < 0 ? undefined : parseManifests(file.text, path);
    return documents === undefined || 'code' in documents || documents.some((each) => makesValues(each, path));
  }

  function makesValues(document: unknown, path: string): boolean {
    const kind = fieldAt(document, 'kind');
    if (kind !== undefined && kind !== 'Kustomization' && kind !== 'Component') return isOfValues(kind);
    if (makers.some((field) => fieldAt(document, field) !== undefined)) return true;
    const { patches, parts } = kustomization(path, document);
    return (
      patchesIn(document).some(changesValues) ||
      isFromElsewhere(document, path) ||
      [...patches, ...parts].some(namedGivesValues)
    );
  }

  /** What a kustomization names may stand anywhere, by any name. */
  function namedGivesValues(path: string): boolean {
    const file = kustomizationOf(path)?.file ?? path;
    if (isSeen(file) || followed.has(file) || followed.size === limits.strayNames) return false;
    followed.add(file);
    return givesValues(file);
  }

  return givesValues;
}

/** Whether objects come from where nobody can look: a part is the path of a file or a folder, or an address. */
function isFromElsewhere(document: unknown, file: string): boolean {
  const isAddress = (part: unknown) =>
    typeof part === 'string' &&
    /^(?:[a-z][a-z0-9+.-]*:|[^/]*@|(?:[\w-]+\.)+[a-z]+\/)|.\/\/|[?&]ref=/i.test(part) &&
    !isThere(join(dirname(file), part));
  return partsIn(document).some(isAddress);
}

const speaksOfValues =
  /kind["']?\s*:\s*["']?(?:(?:Secret|ConfigMap)(?:List)?|List)(?![-\w])|(?:secret|configMap)Generator|patches|replacements|transformers/;

/** Fields of a kustomization that may make or change anything. */
const makers = [
  ...['secretGenerator', 'configMapGenerator', 'generators', 'transformers', 'replacements', 'vars'],
  ...['helmCharts', 'helmChartInflationGenerator'],
];

/** Whether a patch may change a Secret or ConfigMap, as far as the kustomization itself tells. */
function changesValues(patch: unknown): boolean {
  const target = fieldAt(patch, 'target');
  if (target !== undefined) return mayBeOfValues(fieldAt(target, 'kind'));
  const text = typeof patch === 'string' && /\bkind["']?\s*:/.test(patch) ? patch : fieldAt(patch, 'patch');
  if (typeof text !== 'string') return false;
  const documents = parseManifests(text, '');
  return 'code' in documents || documents.some((each) => isOfValues(fieldAt(each, 'kind')));
}

/**
 * Kustomize takes the kind of a target for a pattern, and none for any. It is not tried, which may take for ever: of each
 * alternative only the letters are looked at that it begins and ends with.
 */
function mayBeOfValues(pattern: unknown): boolean {
  if (typeof pattern !== 'string' || pattern === '' || pattern.length > 200 || /[[\\]|\(\?[^:]/.test(pattern))
    return true;
  const group = /\((?:\?:)?([^()]*)\)/g;
  let flat = pattern.replace(/^\^|\$$/g, '').replace(/^\((?:\?:)?([^()]*)\)$/, '$1');
  while (flat.search(group) >= 0) flat = flat.replace(group, '.');
  return flat.split('|').some((each) => {
    const [start = ''] = /^(?:[A-Za-z](?![?*{]))*/.exec(each) ?? [];
    const [end = ''] = /[A-Za-z]*$/.exec(each) ?? [];
    const isMeant = (kind: string) => (start === each ? kind === each : kind.startsWith(start) && kind.endsWith(end));
    return isMeant('Secret') || isMeant('ConfigMap');
  });
}

function isOfValues(kind: unknown): boolean {
  return typeof kind === 'string' && /^(?:(?:Secret|ConfigMap)(?:List)?|List)$/.test(kind);
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
