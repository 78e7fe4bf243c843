import { dirname, join } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import type { Problem } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import type { Source } from '../environment/source';
import { readEnvFile } from './env-file';
import { demo, type EnvironmentFiles, environmentFiles } from './environment-files';
import { envsFlag, shownPath } from './given-path';
import { isJsonObject, readJsonEnv } from './json-env';
import { openPermissions, permissionsOf } from './open-permissions';
import { readProcessEnvironment } from './process-environment';
import {
  isThere,
  type ReadFile,
  readFileBytes,
  readTextFile,
  readTextStream,
  type TextFile,
  textOf,
  type Unreadable,
  unreadableProblem,
} from './text-file';
import { findUnreadSecrets } from './unread-secrets';
import { wholeFileFault } from './whole-file';

/** Where the values of an environment are looked for. */
export interface Lookup {
  /** The folder of env files. */
  readonly envs: string;
  /** Opt-in: the process environment is a layer too. */
  readonly processEnvironment?: NodeJS.ProcessEnv;
  /** The process environment where it is no layer: never read, only asked whether it would have had what is missing. */
  readonly notOptedInto?: NodeJS.ProcessEnv;
  /** Opt-in: read instead of `<env>.env`. `-` is standard input. */
  readonly envFile?: string;
  readonly standardInput?: AsyncIterable<Buffer>;
  /** Opt-in: an encrypted file is read even beside the plain one, for whoever looks for secrets and takes none. */
  readonly searched?: true;
  /** How files are read, if not as they are now. */
  readonly read?: ReadFile;
  /** The process environment, which says where the identities are that decrypt an encrypted env file. */
  readonly identities?: NodeJS.ProcessEnv;
}

export interface Loaded {
  /** The highest layer first. */
  readonly sources: readonly Source[];
  /** Whether any of the environment's own files exists. */
  readonly hasFiles: boolean;
  /** Whether its secrets are in an encrypted file. */
  readonly isEncrypted: boolean;
  /** What is wrong with the files as such. What is in them is the affair of the sources. Not everybody asks. */
  readonly problems: () => Problem[];
}

/** What messages call the argument of --from-env-file. */
export function shownEnvFile(envFile: string): string {
  return envFile === '-' ? 'standard input' : shownPath('--from-env-file', envFile);
}

/** The files of an environment as they were read: what they say is not looked at yet. */
export interface FilesRead {
  readonly patch: TextFile;
  readonly config: TextFile;
  /** `<env>.env`, read even where another file is taken instead. */
  readonly plain: TextFile;
  /** Whether `<env>.env.age` is there. */
  readonly isEncrypted: boolean;
  /** What --from-env-file names, if it names anything; else that file, decrypted, if it is there; else the plain one. */
  readonly taken: TextFile;
  /** How much text all this holds, in UTF-16 code units. */
  readonly length: number;
}

/** Reads the files of an environment. Those that cannot be read say why. */
export async function readFiles(environment: string, where: Lookup): Promise<FilesRead> {
  const files = environmentFiles(where.envs, environment);
  const read = where.read ?? readFileBytes;
  const textAt = (path: string) => textOf(read(path));
  const patch = textAt(files.patch);
  const config = textAt(files.config);
  const plain = textAt(files.env);
  const isEncrypted = where.read ? where.read(files.encrypted).status !== 'absent' : isThere(files.encrypted);
  const taken =
    where.envFile !== undefined
      ? await readGivenEnvFile(where.envFile, where.standardInput)
      : isEncrypted
        ? await readEncrypted(files, plain, environment, where)
        : plain;
  const length = [...new Set([patch, config, plain, taken])].reduce((sum, file) => sum + lengthOf(file), 0);
  return { patch, config, plain, isEncrypted, taken, length };
}

/** Reads everything that says something about an environment. What cannot be read becomes a problem of its source. */
export async function loadSources(catalog: Catalog, environment: string, where: Lookup): Promise<Loaded> {
  return loadFrom(await readFiles(environment, where), catalog, environment, where);
}

/** The same of files that were read before, by the same lookup. */
export async function loadFrom(read: FilesRead, catalog: Catalog, environment: string, where: Lookup): Promise<Loaded> {
  const { patch, config, plain, isEncrypted, taken } = read;
  const files = environmentFiles(where.envs, environment);
  const sources: Source[] = [];
  if (patch.status === 'read') {
    // The YAML parser is loaded only for those who still have a patch file.
    const { readPatchFile } = await import('./patch-file');
    sources.push(readPatchFile(patch.text, catalog, files.patch));
  } else if (patch.status === 'unreadable') {
    sources.push(unreadableSource('patch', files.patch, patch, catalog));
  }
  if (where.processEnvironment) sources.push(readProcessEnvironment(where.processEnvironment, catalog));
  const secrets = (file: string, text: TextFile) => envSource('env-file', file, text, catalog, environment);
  if (where.envFile !== undefined) {
    sources.push(givenSource(taken, catalog, environment, shownEnvFile(where.envFile), where.envs));
  } else if (isEncrypted) {
    sources.push(...(where.searched ? secrets(files.env, plain) : []), ...secrets(files.encrypted, taken));
  } else {
    sources.push(...secrets(files.env, plain));
  }
  sources.push(...envSource('config-file', files.config, config, catalog, environment));
  const ofTaken = (): Problem[] => {
    if (where.envFile !== undefined) return permissionProblems('secrets', where.envFile, taken);
    return isEncrypted ? permissionProblems('reviewed', files.encrypted, taken) : [];
  };
  const problems = () => [
    ...permissionProblems('secrets', files.patch, patch),
    ...permissionProblems('secrets', files.env, plain),
    ...ofTaken(),
    ...permissionProblems('reviewed', files.config, config),
  ];
  return {
    sources,
    hasFiles: isEncrypted || [patch, config, plain].some(({ status }) => status !== 'absent'),
    isEncrypted,
    problems: environment === demo ? () => [] : problems,
  };
}

/**
 * The text of an encrypted file, unless the plain one stands beside it and one of the two is to be taken: nobody knows which
 * is right.
 */
async function readEncrypted(
  files: EnvironmentFiles,
  plain: TextFile,
  environment: string,
  where: Lookup,
): Promise<TextFile> {
  if (plain.status !== 'absent' && !where.searched) return besidePlain(files, plain, environment);
  const { readAgeFile } = await import('./age-file');
  return readAgeFile(files.encrypted, environment, where.identities ?? {}, where.read);
}

/** What is wrong with an encrypted file beside the plain one that it stands for. */
export function besidePlain(files: EnvironmentFiles, plain: TextFile, environment: string): Unreadable {
  const [env, encrypted] = [files.env, files.encrypted].map(shellWord);
  const anew = environment === demo ? '' : ` && npm run encrypt -- ${environment}${envsFlag(dirname(files.env))}`; // the demo stays plain
  return {
    status: 'unreadable',
    code: 'unreadable-secrets',
    reason: `stands beside ${files.env}, and only one of the two can be right`,
    hint: `If nothing has changed since it was encrypted: rm ${env}. If ${files.env} is newer, and has all that it is to have: rm ${encrypted}${anew}`,
    ...(plain.status === 'read' && { remains: plain.text }),
  };
}

/** How much text is kept of a file, in UTF-16 code units. */
function lengthOf(file: TextFile): number {
  if (file.status === 'read') return file.text.length;
  return file.status === 'unreadable' ? (file.remains?.length ?? 0) : 0;
}

async function readGivenEnvFile(path: string, standardInput?: AsyncIterable<Buffer>): Promise<TextFile> {
  if (path === '-') {
    const text = await readTextStream(standardInput ?? emptyStream());
    return typeof text === 'string' ? { status: 'read', text } : text;
  }
  const file = readTextFile(path);
  if (file.status !== 'absent') return file;
  return { status: 'unreadable', reason: 'does not exist', hint: 'Check the path after --from-env-file' };
}

/** What --from-env-file names: lines of NAME=value, or one JSON object. */
function givenSource(given: TextFile, catalog: Catalog, environment: string, file: string, envs: string): Source {
  const kind = { layer: 'env-file', file, unknownNamesAre: 'tolerated' } as const;
  const refused = (unreadable: Unreadable) => unreadableSource(kind.layer, file, unreadable, catalog);
  if (given.status === 'unreadable') return refused(given);
  const text = given.status === 'read' ? given.text : '';
  if (isEmpty(text)) return refused(holdsNothing);
  const fault = wholeFileFault(text, { ...(file !== shownEnvFile('-') && { file }), environment, envs, is: 'given' });
  if (fault) return refused(fault);
  if (!isJsonObject(text)) return readEnvFile(text, catalog, kind);
  const source = readJsonEnv(text, catalog, kind);
  return 'status' in source ? refused(source) : source;
}

/** Blank, an object of nothing, or what jq makes of one that lacks what is looked for. */
function isEmpty(text: string): boolean {
  const found = text.trim();
  return found === '' || found === 'null' || (found.startsWith('{') && found.slice(1).trim() === '}');
}

/** A program that fails writes nothing, and a shell runs what is behind the pipe all the same. */
const holdsNothing: Unreadable = {
  status: 'unreadable',
  code: 'unreadable-secrets',
  reason: 'holds nothing',
  hint: 'Run the program that writes it by itself: it may have failed. In a script, set -o pipefail ends it there',
};

async function* emptyStream(): AsyncGenerator<Buffer> {}

/** What an env file of the environment itself says; nothing if it is not there. */
function envSource(
  layer: 'env-file' | 'config-file',
  file: string,
  found: TextFile,
  catalog: Catalog,
  environment: string,
): Source[] {
  if (found.status === 'absent') return [];
  if (found.status === 'unreadable') return [unreadableSource(layer, file, found, catalog)];
  const is = layer === 'config-file' ? 'config' : file.endsWith('.age') ? 'encrypted' : 'own';
  const fault = wholeFileFault(found.text, { file, environment, envs: dirname(file), is });
  if (fault) return [unreadableSource(layer, file, fault, catalog)];
  return [readEnvFile(found.text, catalog, { layer, file, unknownNamesAre: 'errors' })];
}

function permissionProblems(thing: 'secrets' | 'reviewed', path: string, file: TextFile | undefined): Problem[] {
  return file && file.status !== 'absent' ? openPermissions(thing, path, file.permissions) : [];
}

/** What is wrong with the folder that env files stand in. */
export function folderProblems(envs: string): Problem[] {
  return [...openPermissions('folder', envs, permissionsOf(envs)), ...recipientsProblems(envs)];
}

/** Whoever may change the list of recipients can read what is encrypted the next time. */
export function recipientsProblems(envs: string): Problem[] {
  const recipients = join(envs, 'recipients');
  return openPermissions('reviewed', recipients, permissionsOf(recipients));
}

function unreadableSource(layer: Source['layer'], file: string, unreadable: Unreadable, catalog: Catalog): Source {
  const unread = findUnreadSecrets(catalog, 'errors');
  unread.addText(unreadable.remains ?? '');
  return {
    layer,
    file,
    assignments: [],
    unknownNames: [],
    unknownNamesAre: 'errors',
    problems: [unreadableProblem(file, unreadable)],
    unreadSecrets: unread.all(),
    unreadable: true,
  };
}
