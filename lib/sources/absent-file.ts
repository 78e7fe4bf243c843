import { join } from 'node:path';
import type { Variable } from '../catalog/catalog';
import { nearArgument } from '../catalog/near-name';
import type { Remedy } from '../environment/checks/missing';
import { limits } from '../environment/limits';
import { oncePer } from '../environment/once-per';
import { shellWord } from '../environment/shell-word';
import { demo, type EnvironmentFiles, environmentFiles, environmentsAmong } from './environment-files';
import { envsFlag } from './given-path';
import type { StrayFile } from './stray-files';

/** A folder of env files, listed once for a run. */
export interface EnvsFolder {
  /** As messages call it. */
  readonly shown: string;
  readonly names: ReadonlySet<string>;
  readonly strays: readonly StrayFile[];
}

/**
 * What to do where an environment's values are missing because a whole file of it is not there: take the file that was
 * probably meant, or make it. Undefined if neither file is absent.
 * @param needsSecrets whether secrets are missing: an environment whose secrets are in a store needs no file of them
 */
export function remedyForAbsentFile(
  environment: string,
  folder: EnvsFolder,
  needsSecrets: boolean,
): Remedy | undefined {
  const own = environmentFiles('', environment);
  if (needsSecrets && !folder.names.has(own.env) && !folder.names.has(own.encrypted)) {
    const example = `${own.env}.example`;
    const hasExample = environment !== demo && folder.names.has(example);
    return {
      hint: [
        ...meantInstead(environment, 'env', folder),
        ...meantInstead(environment, 'patch', folder),
        hasExample ? copyText(folder, example, own.env) : topUpText(environment, folder, own.env),
      ].join('; else '),
      // The example has a line for what the committed file leaves open, too.
      covers: ({ sensitive }) => sensitive || (hasExample && folder.names.has(own.config)),
    };
  }
  const [config, patch] = [meantInstead(environment, 'config', folder), meantInstead(environment, 'patch', folder)];
  const make = folder.names.has(own.config) ? [] : [topUpText(environment, folder, own.config)];
  const ways = [...config, ...patch, ...make];
  if (ways.length === 0) return undefined;
  const inPatch = ({ kind }: Variable) => patch.length > 0 && kind !== 'infra';
  return { hint: ways.join('; else '), covers: (each) => (!each.sensitive && make.length > 0) || inPatch(each) };
}

function copyText({ shown }: EnvsFolder, example: string, name: string): string {
  const [from, to] = [example, name].map((each) => shellWord(join(shown, each)));
  return `make ${join(shown, name)} and fill it in: (umask 077 && cp ${from} ${to})`;
}

function topUpText(environment: string, { shown }: EnvsFolder, name: string): string {
  return `make ${join(shown, name)} and fill it in: npm run new -- ${environment} --top-up${envsFlag(shown)}`;
}

type Kind = keyof EnvironmentFiles;

/** The file that may have been meant for this environment, if there is one. */
function meantInstead(environment: string, kind: Kind, folder: EnvsFolder): string[] {
  const { shown, names, strays } = folder;
  const right = environmentFiles('', environment)[kind];
  if (names.has(right)) return [];
  const stray = strays.find((each) => each.right === right)?.problem.file;
  const other = loneEnvironments(folder)[kind].find((each) => isNear(environment, each));
  const file = stray ?? (other === undefined ? undefined : join(shown, environmentFiles('', other)[kind]));
  if (file === undefined) return [];
  return [`is ${file} meant for ${environment}? Then: mv -i ${shellWord(file)} ${shellWord(join(shown, right))}`];
}

/** Nearly the same name: the other may have been typed for it. */
function isNear(environment: string, other: string): boolean {
  if (other === environment) return false;
  return nearArgument(environment, [other]) !== undefined || nearArgument(other, [environment]) !== undefined;
}

type ByKind = Readonly<Record<Kind, readonly string[]>>;

/** The environments that have no more than one file, by which it is; none of a kind of which there are many. */
const loneEnvironments = oncePer((folder: EnvsFolder): ByKind => {
  const lone: Record<Kind, string[]> = { patch: [], env: [], encrypted: [], config: [] };
  for (const environment of environmentsAmong([...folder.names])) {
    const kinds = Object.entries(environmentFiles('', environment)) as [Kind, string][];
    const [first, second] = kinds.filter(([, name]) => folder.names.has(name));
    if (first && !second) lone[first[0]].push(environment);
  }
  const few = Object.entries(lone).map(([kind, names]) => [kind, names.length > limits.loneEnvironments ? [] : names]);
  return Object.fromEntries(few) as ByKind;
});
