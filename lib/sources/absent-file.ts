import { join } from 'node:path';
import { nearArgument } from '../catalog/near-name';
import type { Remedy } from '../environment/checks/missing';
import { shellWord } from '../environment/shell-word';
import { demo, type EnvironmentFiles, environmentFiles, environmentsAmong } from './environment-files';
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
 * probably meant, or make it after its example. Undefined if neither file is absent.
 */
export function remedyForAbsentFile(environment: string, folder: EnvsFolder): Remedy | undefined {
  const own = environmentFiles('', environment);
  if (!folder.names.has(own.env) && !folder.names.has(own.encrypted)) {
    const example = `${own.env}.example`;
    const hasExample = environment !== demo && folder.names.has(example);
    return {
      hint: [
        ...meantInstead(environment, 'env', folder),
        ...meantInstead(environment, 'patch', folder),
        hasExample ? copyText(folder, example, own.env) : topUpText(environment, folder, own.env),
      ].join('; else '),
      // The example has a line for what the committed file leaves open, too.
      covers: ({ sensitive }) => sensitive || hasExample,
    };
  }
  const [config] = meantInstead(environment, 'config', folder);
  if (config !== undefined) return { hint: config, covers: ({ sensitive }) => !sensitive };
  const [patch] = meantInstead(environment, 'patch', folder);
  return patch === undefined ? undefined : { hint: patch, covers: ({ kind }) => kind !== 'infra' };
}

function copyText({ shown }: EnvsFolder, example: string, name: string): string {
  const [from, to] = [example, name].map((each) => shellWord(join(shown, each)));
  return `make ${join(shown, name)} and fill it in: (umask 077 && cp ${from} ${to})`;
}

function topUpText(environment: string, { shown }: EnvsFolder, name: string): string {
  const option = shown === 'envs' ? '' : ` --envs ${shellWord(shown)}`;
  return `make ${join(shown, name)} and fill it in: npm run new -- ${environment} --top-up${option}`;
}

type Kind = keyof EnvironmentFiles;

/** The file that may have been meant for this environment, if there is one. */
function meantInstead(environment: string, kind: Kind, { shown, names, strays }: EnvsFolder): string[] {
  const right = environmentFiles('', environment)[kind];
  if (names.has(right)) return [];
  const stray = strays.find((each) => each.right === right)?.problem.file;
  const other = environmentsAmong([...names]).find((each) => isMeantFor(environment, each, kind, names));
  const file = stray ?? (other === undefined ? undefined : join(shown, environmentFiles('', other)[kind]));
  if (file === undefined) return [];
  return [`is ${file} meant for ${environment}? Then: mv -i ${shellWord(file)} ${shellWord(join(shown, right))}`];
}

/** An environment of nearly the same name that has no more than one file, just the one that is not here. */
function isMeantFor(environment: string, other: string, kind: Kind, names: ReadonlySet<string>): boolean {
  if (other === environment) return false;
  const files = environmentFiles('', other);
  const present = Object.values(files).filter((name) => names.has(name));
  if (present.length !== 1 || present[0] !== files[kind]) return false;
  return nearArgument(environment, [other]) !== undefined || nearArgument(other, [environment]) !== undefined;
}
