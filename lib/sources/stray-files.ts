import { statSync } from 'node:fs';
import { join } from 'node:path';
import { nearName } from '../catalog/near-name';
import { limits } from '../environment/limits';
import type { Problem } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { beforeEnding, type EnvironmentFiles, environmentFiles, environmentOf } from './environment-files';
import { envsFlag, shownPath } from './given-path';

/** A file that nobody reads though it is plainly meant to be read. */
export interface StrayFile {
  /** Whose it is meant to be; none where its name does not tell. */
  readonly environment?: string;
  /** The name that it should have. */
  readonly right?: string;
  readonly problem: Problem;
}

/** Words that may stand beside an environment's name in the name of a file that is meant for this program. */
const ordinary = [
  'k8s',
  'k8',
  'env',
  'envs',
  'dotenv',
  'environment',
  'local',
  'txt',
  'secret',
  'secrets',
  'vars',
  'variables',
];
const config = ['config', 'configs', 'conf', 'cfg'];
const patch = ['patch', 'patches'];
const yaml = ['yml', 'yaml'];
const words = [...ordinary, ...config, ...patch, ...yaml];

/** Only these are looked for in a misspelt word: shorter ones are near to too much, such as enc and env. */
const longWords = words.filter(({ length }) => length > 5);

/** Examples, of which every environment has one, and what Emacs, vi, nano, Office and macOS put beside a file. */
const nobodys = /\.example$|~$|^\.?#|#$|^~\$|^\._/;

/** What backups, examples and notes are called before the ending of an env file. */
const noEnvironments = /(?:^|[_-])(?:readme|notes?|examples?|samples?|templates?|old|bak|backup|copy|orig|save)$/i;

/**
 * The stray files of a folder of env files. A name is judged by its words: besides an environment's name nothing but
 * words of this program's own file names may be in it, so backups, examples and notes are nobody's business; but what ends
 * as an env file does and has a name that no environment can have is told too.
 * @param names what the folder holds
 * @param known environments, those of the run included
 */
export function strayFiles(folder: string, names: readonly string[], known: ReadonlySet<string>): StrayFile[] {
  const place: Place = { folder, shown: shownPath('--envs', folder), names: new Set(names) };
  const odd = names.filter((name) => environmentOf(name) === undefined && !nobodys.test(name));
  return odd.slice(0, limits.strayNames).flatMap((name) => {
    const stray = otherCase(place, name) ?? nearlyNamed(place, name, known) ?? wronglyNamed(place, name);
    return stray && isFile(join(folder, name)) ? [stray] : [];
  });
}

interface Place {
  readonly folder: string;
  /** As messages call it. */
  readonly shown: string;
  readonly names: ReadonlySet<string>;
}

/** A file of an environment but for the case of its letters, or a patch called `.yaml`: an error, since nobody reads any of it. */
function otherCase(place: Place, name: string): StrayFile | undefined {
  const right = name.toLowerCase().replace(/(-secret-config-patch)\.yaml$/, '$1.yml');
  const environment = environmentOf(right);
  if (environment === undefined || environment === 'readme') return undefined;
  const what = right === name.toLowerCase() ? 'its name is in another case' : 'a patch file ends in .yml';
  return { environment, right, problem: problemOf('error', place, name, right, what) };
}

function nearlyNamed(place: Place, name: string, known: ReadonlySet<string>): StrayFile | undefined {
  if (/^\.?env(?:\.local)?$/i.test(name)) return { problem: namelessProblem(place, name) };
  const meant = meaningOf(name, known);
  if (!meant) return undefined;
  const { environment, kind } = meant;
  const right = environmentFiles('', environment)[kind];
  return { environment, right, problem: problemOf('warning', place, name, right, 'nobody reads a file of this name') };
}

/** It ends as an env file does, with a name that no environment can have: a warning, since it may be something else. */
function wronglyNamed({ shown }: Place, name: string): StrayFile | undefined {
  const start = beforeEnding(name) ?? '';
  if (!/^[\w-]+$/.test(start) || noEnvironments.test(start)) return undefined;
  const path = join(shown, name);
  return {
    problem: {
      severity: 'warning',
      code: 'stray-file',
      file: path,
      message: `${path} is not read: no environment can have this name`,
      hint: 'The name of an environment has at most 63 characters: a-z, 0-9, and hyphens inside',
    },
  };
}

/** The environment and the kind of file that a name seems to mean; undefined if it is nothing of the sort. */
export function meaningOf(
  name: string,
  known: ReadonlySet<string>,
): { environment: string; kind: keyof EnvironmentFiles } | undefined {
  if (nobodys.test(name)) return undefined;
  const lower = name.toLowerCase();
  const found = environmentIn(lower, known) ?? nearlyIn(lower, known);
  const kind = found && kindMeant(found.rest);
  return found && kind && { environment: found.environment, kind };
}

/** The longest name of an environment that stands in a text on its own, and the words around it. */
function environmentIn(
  text: string,
  known: ReadonlySet<string>,
): { environment: string; rest: readonly string[] } | undefined {
  const wordsOf = [...text.matchAll(/[a-z0-9]+/g)];
  const found = wordsOf.flatMap((first, from) =>
    wordsOf.slice(from, from + mostWords).flatMap((last, more) => {
      const environment = text.slice(first.index, last.index + last[0].length);
      return known.has(environment) ? [{ environment, from, end: from + more + 1 }] : [];
    }),
  );
  const [longest] = found.sort((one, other) => other.environment.length - one.environment.length);
  if (!longest) return undefined;
  const rest = [...wordsOf.slice(0, longest.from), ...wordsOf.slice(longest.end)].map(([word]) => word);
  return { environment: longest.environment, rest };
}

/** The name of an environment has 63 characters, every second of which may be a hyphen. */
const mostWords = 32;

/** The same where a name of one word is misspelt or written out: `.env.production` for prod. */
function nearlyIn(
  text: string,
  known: ReadonlySet<string>,
): { environment: string; rest: readonly string[] } | undefined {
  const all = [...text.matchAll(/[a-z0-9]+/g)].map(([word]) => word);
  const rest = all.filter((word) => words.includes(word));
  const [word, ...others] = all.filter((each) => !rest.includes(each));
  // Three letters are near to too much.
  if (word === undefined || word.length < 4 || others.length > 0) return undefined;
  const writtenOut = [...known].filter((name) => name.length > 2 && word.startsWith(name));
  const [longest] = writtenOut.sort((one, other) => other.length - one.length);
  const environment = longest ?? (known.size > limits.environmentsNear ? undefined : nearName(word, known));
  return environment === undefined ? undefined : { environment, rest };
}

/** The file that these words mean; undefined if they are not all of this program's file names. */
function kindMeant(rest: readonly string[]): keyof EnvironmentFiles | undefined {
  const meant = rest.map((word) => (words.includes(word) ? word : nearName(word, longWords)));
  const has = (some: readonly string[]) => meant.some((word) => word !== undefined && some.includes(word));
  if (meant.includes(undefined)) return undefined;
  if (has(patch) || (has(yaml) && has(config) && has(['secret', 'secrets']))) return 'patch';
  if (has(yaml)) return undefined; // whatever it is, it is no env file
  if (has(config)) return 'config';
  return has(['env', 'envs', 'dotenv', 'environment']) ? 'env' : undefined;
}

function problemOf(severity: Problem['severity'], place: Place, name: string, right: string, why: string): Problem {
  const [path, target] = [join(place.shown, name), join(place.shown, right)];
  const environment = environmentOf(right) ?? '';
  const { env, encrypted } = environmentFiles('', environment);
  const move = `Move there what this one says, then remove it: rm ${shellWord(path)}`;
  const edit = `npm run edit -- ${environment}${envsFlag(place.folder)}`;
  return {
    severity,
    code: 'stray-file',
    file: path,
    message: `${path} is not read: ${why}`,
    hint:
      right === env && place.names.has(encrypted)
        ? `${target}.age is read, which ${edit} opens. ${move}`
        : place.names.has(right)
          ? `${target} is read. ${move}`
          : `If it is to be read, call it ${right}: mv -i ${shellWord(path)} ${shellWord(target)}`,
  };
}

function namelessProblem({ shown }: Place, name: string): Problem {
  const path = join(shown, name);
  return {
    severity: 'warning',
    code: 'stray-file',
    file: path,
    message: `${path} is not read: its name does not say of which environment it is`,
    hint: `If it is to be read, call it ${join(shown, '<env>.env')}, after its environment`,
  };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
