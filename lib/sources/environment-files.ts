import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDnsLabel } from '../catalog/host-name';
import { refusal } from '../environment/problem';
import { isShown, shownPath } from './given-path';

/** The environment whose fakes are committed, so that everybody may read them. */
export const demo = 'demo';

/** The files that an environment may have. */
export interface EnvironmentFiles {
  /** Former system's format, never committed. */
  readonly patch: string;
  /** Secrets above all, never committed. */
  readonly env: string;
  /** Stands for the one before, encrypted by age; committed. */
  readonly encrypted: string;
  /** Committed and reviewed. */
  readonly config: string;
}

/** @param folder the folder of env files */
export function environmentFiles(folder: string, environment: string): EnvironmentFiles {
  return {
    patch: join(folder, `${environment}-secret-config-patch.yml`),
    env: join(folder, `${environment}.env`),
    encrypted: join(folder, `${environment}.env.age`),
    config: join(folder, `${environment}.config.env`),
  };
}

/**
 * The paths of all files below a folder, relative to it, and of links to files. No link to a folder is followed.
 * @param isEntered whether a folder is looked into, by its path
 * @param unlisted is told each folder that cannot be listed: there may be files in it
 */
export function filesBelow(
  folder: string,
  isEntered: (path: string) => boolean = () => true,
  unlisted: (path: string) => void = () => {},
): string[] {
  const files: string[] = [];
  const folders = [''];
  for (const each of folders) {
    try {
      for (const entry of readdirSync(join(folder, each), { withFileTypes: true })) {
        const path = join(each, entry.name);
        if (entry.isFile() || (entry.isSymbolicLink() && isFileBehind(join(folder, path)))) files.push(path);
        else if (entry.isDirectory() && isEntered(path)) folders.push(path);
      }
    } catch {
      unlisted(each);
    }
  }
  return files.sort();
}

function isFileBehind(link: string): boolean {
  try {
    return statSync(link).isFile();
  } catch {
    return false; // it leads nowhere, or in a circle
  }
}

/** The names in a folder. @throws the system's error */
export function listFolder(folder: string): string[] {
  return readdirSync(folder);
}

/** The environment whose file is called so; undefined if it is none of these. */
export function environmentOf(name: string): string | undefined {
  const environment = beforeEnding(name);
  return environment !== undefined && isDnsLabel(environment) ? environment : undefined;
}

/** What stands in the place of an environment's name; undefined if a name ends otherwise than those of its files. */
export function beforeEnding(name: string): string | undefined {
  return /^(.*?)(?:-secret-config-patch\.yml|\.config\.env|\.env(?:\.age)?)$/.exec(name)?.[1];
}

/**
 * Every environment that has a file in the folder, in alphabetical order.
 * @throws {Refusal} if the folder is there and cannot be listed
 */
export function knownEnvironments(folder: string): string[] {
  return environmentsAmong(namesInEnvs(folder));
}

/** The environments that these names of files belong to, in alphabetical order. */
export function environmentsAmong(names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => environmentOf(name) ?? []))].sort();
}

/**
 * Every name in the folder of env files; none if there is no such folder.
 * @throws {Refusal} if it is there and cannot be listed
 */
export function namesInEnvs(folder: string): string[] {
  try {
    return listFolder(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return [];
    throw refusal(
      'unreadable',
      `The folder ${shownPath('--envs', folder)} could not be listed (${code})`,
      isShown('--envs', folder) ? 'Look at it with ls -ld' : 'What follows --envs is the path of a folder',
    );
  }
}
