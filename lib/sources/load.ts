import type { Catalog } from '../catalog/define-catalog';
import type { Problem } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import type { Source } from '../environment/source';
import { readEnvFile } from './env-file';
import { demo, type EnvironmentFiles, environmentFiles } from './environment-files';
import { readProcessEnvironment } from './process-environment';
import { readTextFile, readTextStream, type TextFile, type Unreadable, unreadableProblem } from './text-file';

/** Where the values of an environment are looked for. */
export interface Lookup {
  /** The folder of env files. */
  readonly envs: string;
  /** Opt-in: the process environment is a layer too. */
  readonly processEnvironment?: NodeJS.ProcessEnv;
  /** Opt-in: read instead of `<env>.env`. `-` is standard input. */
  readonly envFile?: string;
  readonly standardInput?: AsyncIterable<Buffer>;
}

export interface Loaded {
  /** The highest layer first. */
  readonly sources: readonly Source[];
  /** Whether any of the environment's own files exists. */
  readonly hasFiles: boolean;
  readonly files: EnvironmentFiles;
}

/** What messages call the argument of --from-env-file. */
export function shownName(envFile: string): string {
  return envFile === '-' ? 'standard input' : envFile;
}

/** Reads everything that says something about an environment. What cannot be read becomes a problem of its source. */
export async function loadSources(catalog: Catalog, environment: string, where: Lookup): Promise<Loaded> {
  const files = environmentFiles(where.envs, environment);
  const patch = readTextFile(files.patch);
  const config = readTextFile(files.config);
  const ownEnv = where.envFile === undefined ? readTextFile(files.env) : undefined;
  const givenEnv = where.envFile === undefined ? undefined : await readGivenEnvFile(where.envFile, where.standardInput);
  const committed = environment === demo;

  const sources: Source[] = [];
  if (patch.status === 'read') {
    // The YAML parser is loaded only for those who still have a patch file.
    const { readPatchFile } = await import('./patch-file');
    const source = readPatchFile(patch.text, catalog, files.patch);
    sources.push(withProblems(source, committed ? [] : openPermissions(files.patch, patch.mode)));
  } else if (patch.status === 'unreadable') {
    sources.push(unreadableSource('patch', files.patch, patch));
  }
  if (where.processEnvironment) sources.push(readProcessEnvironment(where.processEnvironment, catalog));
  if (givenEnv && where.envFile !== undefined) {
    const file = shownName(where.envFile);
    sources.push(...envSource(givenEnv, catalog, { layer: 'env-file', file, unknownNamesAre: 'tolerated' }, committed));
  }
  if (ownEnv) {
    sources.push(
      ...envSource(ownEnv, catalog, { layer: 'env-file', file: files.env, unknownNamesAre: 'errors' }, committed),
    );
  }
  sources.push(
    ...envSource(config, catalog, { layer: 'config-file', file: files.config, unknownNamesAre: 'errors' }, true),
  );
  const hasFiles = [patch, config, ownEnv ?? readTextFile(files.env)].some(({ status }) => status !== 'absent');
  return { sources, hasFiles, files };
}

async function readGivenEnvFile(path: string, standardInput?: AsyncIterable<Buffer>): Promise<TextFile> {
  if (path === '-') {
    const text = await readTextStream(standardInput ?? emptyStream());
    return typeof text === 'string' ? { status: 'read', text, mode: 0o600 } : text;
  }
  const file = readTextFile(path);
  if (file.status !== 'absent') return file;
  return { status: 'unreadable', reason: 'does not exist', hint: 'Check the path after --from-env-file' };
}

async function* emptyStream(): AsyncGenerator<Buffer> {}

function envSource(
  file: TextFile,
  catalog: Catalog,
  kind: { layer: 'env-file' | 'config-file'; file: string; unknownNamesAre: Source['unknownNamesAre'] },
  mayBeRead: boolean,
): Source[] {
  if (file.status === 'absent') return [];
  if (file.status === 'unreadable') return [unreadableSource(kind.layer, kind.file, file)];
  const source = readEnvFile(file.text, catalog, kind);
  return [withProblems(source, mayBeRead ? [] : openPermissions(kind.file, file.mode))];
}

function withProblems(source: Source, problems: readonly Problem[]): Source {
  return problems.length === 0 ? source : { ...source, problems: [...source.problems, ...problems] };
}

function openPermissions(file: string, mode: number): Problem[] {
  // Windows has no such permissions and reports every file as readable by all.
  if (process.platform === 'win32' || (mode & 0o044) === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'open-permissions',
      file,
      message: `${file} holds secrets, and other users of this machine may read it`,
      hint: `chmod 600 ${shellWord(file)}`,
    },
  ];
}

function unreadableSource(layer: Source['layer'], file: string, unreadable: Unreadable): Source {
  return {
    layer,
    file,
    assignments: [],
    unknownNames: [],
    unknownNamesAre: 'errors',
    problems: [unreadableProblem(file, unreadable)],
    unreadable: true,
  };
}
