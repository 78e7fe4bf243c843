import { spawn, spawnSync } from 'node:child_process';
import { limits, sizeText } from '../environment/limits';
import { refusal } from '../environment/problem';

/** A repository's own settings can name programs that git starts: whoever wrote to it would have them run here. */
const startNothing = ['-c', 'core.fsmonitor=false', '-c', 'fetch.bundleURI=']; // a fetch asks the latter before it looks at protocols

/** What git needs of the process environment, wherever it works. */
const needed = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'SystemRoot', 'USERPROFILE'];

/** What a partial clone lacks is not fetched; and what is seen is what others have, not what stands in its place here alone. */
const asItIs = {
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_GRAFT_FILE: '/dev/null',
  GIT_SHALLOW_FILE: '',
};

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/**
 * Asks git about a folder: the lines of its answer; undefined where there is no git, or it refuses to work there.
 * @param env the process environment; git gets no more of it than it needs
 */
export function gitWith(env: NodeJS.ProcessEnv) {
  // Not GIT_DIR and the like, which a hook of another repository may have set.
  return (folder: string, args: readonly string[]): string[] | undefined => {
    const { status, stdout } = spawnSync('git', ['-C', folder, ...startNothing, ...args], {
      env: { ...pick(env, needed), ...asItIs },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: limits.secondsOfProgram * 1_000,
      killSignal: 'SIGKILL',
      maxBuffer: limits.bytesOfAnswer,
    });
    // With 1, git check-ignore says that it has found nothing: that is an answer too.
    return status === 0 || status === 1 ? stdout.split('\n') : undefined;
  };
}

/** What git gives of an object; a partial clone does not have them all. */
export type Content = Buffer | 'too-large' | 'not-here';

/** A repository that git works in, seen from one of its folders. */
export interface Repository {
  /** The folder, seen from the top of the repository: empty, or with a slash at its end. */
  readonly prefix: string;
  /** The standard output of a run of git; undefined if it fails. */
  git(args: readonly string[], given?: Given): Promise<Buffer | undefined>;
  /** The same of a run that fails only where something is wrong, which is a refusal with code `tool`. */
  answer(args: readonly string[], given?: Given): Promise<Buffer>;
  /** The bytes of each object, one after the other, or that there are more than `most`, or none here. */
  contents(objects: readonly string[], most: number): AsyncGenerator<Content>;
}

/**
 * The environment of a git that works in a repository: no more of that of the process than it needs.
 * @param also the names of variables that it is to have besides
 */
export function environmentFor(processEnv: NodeJS.ProcessEnv, also: readonly string[] = []): NodeJS.ProcessEnv {
  return {
    ...pick(processEnv, [...needed, ...also]),
    GIT_OPTIONAL_LOCKS: '0',
    ...asItIs,
  };
}

/**
 * The repository of a folder, or the one that the environment names.
 * @param place where it was looked for, as a message has it
 * @throws {Refusal} code `tool` if there is none, or no git
 */
export async function openRepository(where: Where, place: string): Promise<Repository> {
  const git = (args: readonly string[], given: Given = {}) => output(args, { ...where, ...given });
  // A hook that has changed its folder would take that for the top, were the repository named.
  const { GIT_DIR: named, ...undirected } = where.env;
  const atTop = named !== undefined && undirected['GIT_WORK_TREE'] === undefined ? undirected : where.env;
  const found = await git(['rev-parse', '--show-prefix'], { env: atTop });
  const gitFolder = await git(['rev-parse', '--git-dir']);
  if (gitFolder === undefined || gitFolder.length === 0 || (found?.length ?? 0) > longestPath) {
    throw refusal(
      'tool',
      `There is no git repository ${place}, or git refuses to work in it`,
      'Look at what git status says there',
    );
  }
  const prefix = found?.toString().replace(/\n$/, '') ?? '';
  const answer = async (args: readonly string[], given?: Given) => {
    const bytes = await git(args, given);
    if (bytes) return bytes;
    throw refusal('tool', `git ${args[0]} failed`, 'Look at what git status and git fsck say here');
  };
  return { prefix, git, answer, contents: (objects, most) => contents(objects, most, where) };
}

/** Of a folder in a repository, in bytes: what says more is no git. */
const longestPath = 4_096;

/** Whether a text is the id of an object, whichever of the two hashes the repository uses. */
export function isObjectName(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** What git is started with, and where. */
interface Where {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** What a single run of git is given. */
interface Given {
  readonly input?: string;
  /** Another environment than the others. */
  readonly env?: NodeJS.ProcessEnv;
  /** It may keep very much before it writes anything: it fails where it wants more memory than `limits` allows. */
  readonly isGreedy?: boolean;
}

/** Starts git with no more memory of its own than that; what it maps of its packs does not count. */
const withLimit = ['-c', `ulimit -d ${limits.bytesOfGit / 1_024} || :; exec git "$@"`, 'git'];

/**
 * The standard output of a run of git; undefined if it fails.
 * @throws {Refusal} code `tool` if there is no git, or it lists more than is read: a few trees can name any number of files
 */
function output(args: readonly string[], { input, isGreedy, ...where }: Where & Given): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const [program, first] = isGreedy && process.platform !== 'win32' ? ['/bin/sh', withLimit] : ['git', []];
    const child = spawn(program, [...first, ...startNothing, ...args], {
      ...where,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.on('error', (error) => reject(notStarted(error)));
    if (child.pid === undefined) return; // it has no streams then, and the error is about to come
    const chunks: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limits.bytesOfList) {
        chunks.push(chunk);
        return;
      }
      const message = `git ${args[0]} lists more than ${sizeText(limits.bytesOfList)} of names and commits`;
      reject(refusal('tool', message, 'Look at less at once, such as a shorter range'));
      child.kill();
    });
    child.stdin.on('error', () => {}); // it has ended before it has read all: its status tells
    child.stdin.end(input);
    child.on('close', (status) => resolve(status === 0 ? Buffer.concat(chunks) : undefined));
  });
}

function notStarted(error: NodeJS.ErrnoException) {
  return error.code === 'ENOENT'
    ? refusal('tool', 'git could not be started', 'Install it: https://git-scm.com/downloads')
    : refusal('tool', `git could not be started (${error.code})`, 'Look at the limits of this shell: ulimit -a');
}

async function* contents(objects: readonly string[], most: number, where: Where): AsyncGenerator<Content> {
  const child = spawn('git', [...startNothing, 'cat-file', '--batch'], {
    ...where,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const failed = new Promise<never>((_, reject) => child.on('error', (error) => reject(notStarted(error))));
  if (child.pid === undefined) await failed;
  failed.catch(() => {});
  child.stdin.on('error', () => {});
  child.stdin.end(objects.map((object) => `${object}\n`).join(''));
  const chunks = child.stdout.iterator({ destroyOnReturn: true })[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let held: Buffer = Buffer.alloc(0);
  const more = async () => {
    const { done, value } = await Promise.race([chunks.next(), failed]);
    if (done) throw refusal('tool', 'git cat-file ended too soon', 'Look at what git fsck says here');
    return value;
  };
  const line = async () => {
    let end = held.indexOf('\n');
    for (; end < 0; end = held.indexOf('\n')) held = Buffer.concat([held, await more()]);
    const text = held.subarray(0, end).toString('latin1');
    held = held.subarray(end + 1);
    return text;
  };
  const take = async (size: number, isKept: boolean) => {
    const kept: Buffer[] = [];
    for (let left = size; ; held = await more()) {
      const part = held.subarray(0, left);
      if (isKept) kept.push(part);
      left -= part.length;
      held = held.subarray(part.length);
      if (left === 0) return isKept ? Buffer.concat(kept) : undefined;
    }
  };
  try {
    for (const object of objects) {
      const [name, type, size] = (await line()).split(' ');
      const isAnswer = name === object && (size === undefined || /^[0-9]{1,15}$/.test(size));
      if (!isAnswer) throw refusal('tool', 'git cat-file answers something else', 'Look at what git fsck says here');
      if (type === undefined || size === undefined) {
        yield 'not-here';
        continue;
      }
      const bytes = await take(Number(size), Number(size) <= most);
      await take(1, false);
      yield bytes ?? 'too-large';
    }
  } finally {
    child.kill();
  }
}
