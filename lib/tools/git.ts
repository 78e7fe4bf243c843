import { spawn, spawnSync } from 'node:child_process';
import { limits, sizeText } from '../environment/limits';
import { refusal } from '../environment/problem';

/** A repository's own settings can name programs that git starts: whoever wrote to it would have them run here. */
const startNoMonitor = ['-c', 'core.fsmonitor=false'];
const startNothing = [...startNoMonitor, '-c', 'core.hooksPath=/dev/null'];

/** What git needs of the process environment, wherever it works. */
const needed = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'SystemRoot', 'USERPROFILE'];

/**
 * What a hook of git says of the commit that is being made: `git commit -a` and `git commit <file>` have an index of
 * their own, and in a linked worktree the repository is named.
 */
const ofHook = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_QUARANTINE_PATH',
  'GIT_CEILING_DIRECTORIES',
];

/** What others would fetch, not what this repository alone shows in its place. */
const asItIsElsewhere = { GIT_NO_REPLACE_OBJECTS: '1', GIT_GRAFT_FILE: '/dev/null' };

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
      // Nor by way of a remote, where a partial clone lacks a file of rules.
      env: { ...pick(env, needed), GIT_ALLOW_PROTOCOL: 'none', ...asItIsElsewhere },
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

/** A file, a link or a submodule, and what is to be said of it. */
export interface GitFile {
  /** The name under which git keeps what it holds; a submodule's is kept elsewhere. */
  readonly object?: string;
  /** Its bytes, from the top of the repository: a name may be no text. */
  readonly path: Buffer;
  /** The commit that brings it, where several are looked at. */
  readonly commit?: string;
}

/** What git gives of an object; a partial clone does not have them all. */
export type Content = Buffer | 'too-large' | 'not-here';

export interface Repository {
  /** What the next commit would add or change; links as well, whose content is their target. */
  staged(): Promise<GitFile[]>;
  /** All that the index holds: what the next commit would consist of. */
  tracked(): Promise<GitFile[]>;
  /**
   * What each commit of a range adds or changes; of a merge, what none of its parents has.
   * @throws {Refusal} code `usage` if it is no range of commits that are there
   */
  changedIn(range: string): Promise<{ readonly commits: readonly string[]; readonly files: readonly GitFile[] }>;
  /**
   * The commit that a revision names.
   * @throws {Refusal} code `usage` if it names none that is here
   */
  commitOf(revision: string): Promise<string>;
  /**
   * The bytes of a file as a commit has it; undefined if it has none.
   * @param path seen from the folder
   * @throws {Refusal} code `tool` if it is no file, there are more than `most`, or git does not have them here
   */
  fileAt(commit: string, path: string, most: number): Promise<Buffer | undefined>;
  /** The bytes of each object, one after the other, or that there are more than `most`, or none here. */
  contents(objects: readonly string[], most: number): AsyncGenerator<Content>;
  /** A path from the top of the repository as it is typed in the folder. */
  shown(path: Buffer): string;
  /** The folder, seen from the top of the repository: empty, or with a slash at its end. */
  readonly prefix: string;
  /** The folder of hooks, and whether the configuration names it. */
  hooks(): Promise<{ readonly folder: string; readonly isConfigured: boolean }>;
}

/**
 * The repository of a folder; without one that of the working directory or, in a hook, the one that it is a hook of.
 * @throws {Refusal} code `tool` if there is none, or no git
 */
export async function openRepository(processEnv: NodeJS.ProcessEnv, folder?: string): Promise<Repository> {
  const env: NodeJS.ProcessEnv = {
    ...pick(processEnv, folder === undefined ? [...needed, ...ofHook] : needed),
    GIT_OPTIONAL_LOCKS: '0',
    ...asItIsElsewhere,
    // Nothing is looked for elsewhere, where a partial clone lacks it.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  };
  const where: Where = { env, cwd: folder ?? '.' };
  const git = (args: readonly string[], given: Given = {}) => output(args, { ...where, ...given });
  // A hook that has changed its folder would take that for the top, were the repository named.
  const { GIT_DIR: named, ...undirected } = env;
  const atTop = named !== undefined && env['GIT_WORK_TREE'] === undefined ? undirected : env;
  const found = await git(['rev-parse', '--show-prefix'], { env: atTop });
  const gitFolder = await git(['rev-parse', '--git-dir']);
  if (gitFolder === undefined || gitFolder.length === 0 || (found?.length ?? 0) > longestPath) {
    const place = folder === undefined ? 'here' : 'around the env files';
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
  /** Whether the folder of this repository was one in a commit, or not there. Behind a link no git lists anything. */
  const isFolderAt = async (commit: string) => {
    const folders = prefix.split('/').flatMap((_, at, names) => (at === 0 ? [] : names.slice(0, at).join('/')));
    for (const each of folders) {
      const [mode = ''] = (await answer(['ls-tree', '--full-tree', commit, '--', each])).toString().split(' ');
      if (mode !== '040000') return mode === '' || mode.startsWith('100'); // behind a file there was nothing
    }
    return true;
  };
  return {
    prefix,
    shown: (path) => shownPath(path, Buffer.from(prefix)),
    async staged() {
      const head = (await git(['rev-parse', '--verify', '--quiet', 'HEAD'])) ?? (await answer(printEmptyTree));
      const name = head.toString().trim();
      if (!isObjectName(name))
        throw refusal('tool', 'git names no commit and no tree', 'Look at what git status says here');
      return changes(await answer(['diff-index', '--cached', ...rawForm, name]));
    },
    tracked: async () => entries(await answer(['ls-files', '--stage', '-z', '--full-name', ...fromTop(prefix)])),
    async changedIn(range) {
      // GitHub names the state before a new branch by zeros.
      const revisions = range.replace(/^0+\.\.+/, '');
      const listed = isRange(range) ? await git(['rev-list', revisions, '--']) : undefined;
      if (!listed) {
        throw refusal(
          'usage',
          'What follows --range is not a range of commits in this repository',
          'For example: npm run guard -- --range origin/main..HEAD. In CI, fetch the whole history first (fetch-depth: 0)',
        );
      }
      const input = listed.toString();
      const commits = input.split('\n').filter(Boolean);
      const raw = await answer(['diff-tree', '--stdin', '-r', '-c', '--root', ...rawForm], { input });
      return { commits, files: changes(raw) };
    },
    async commitOf(revision) {
      const found = isRevision(revision)
        ? await git(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`])
        : undefined;
      const commit = found?.toString().trim();
      if (commit !== undefined && isObjectName(commit)) return commit;
      throw refusal(
        'usage',
        'What follows --since names no commit that is here',
        'For example: --since HEAD~1, --since origin/main. In CI, fetch the whole history first (fetch-depth: 0)',
      );
    },
    async fileAt(commit, path, most) {
      const [mode = '', , object = ''] = (await answer(['ls-tree', commit, '--', path])).toString().split(/\s/);
      if (object === '' && (await isFolderAt(commit))) return undefined;
      if (!mode.startsWith('100')) {
        const why = 'git keeps no file there in that commit, but a link, a folder or a submodule';
        throw refusal('tool', why, 'Name the folder that holds the files themselves: --envs <folder>');
      }
      for await (const bytes of contents([object], most, where)) {
        if (typeof bytes !== 'string') return bytes;
      }
      throw refusal('tool', 'git does not give a file of that commit, or it is too large', 'Look at git fsck');
    },
    contents: (objects, most) => contents(objects, most, where),
    async hooks() {
      // The git that is to run them has the whole environment, and its configuration may be in it.
      const config = Object.keys(processEnv).filter((name) => name.startsWith('GIT_CONFIG_'));
      const asUser = { ...env, ...pick(processEnv, config) };
      const folder = await answer(['rev-parse', '--git-path', 'hooks'], { env: asUser });
      const named = await git(['config', 'core.hooksPath'], { env: asUser });
      return { folder: folder.toString().replace(/\n$/, ''), isConfigured: named !== undefined };
    },
  };
}

/** Of a folder in a repository, in bytes: what says more is no git. */
const longestPath = 4_096;

/** With the plumbing of git, whatever the user's configuration says. */
const rawForm = ['--raw', '-z', '--no-abbrev', '--no-renames', '--ignore-submodules=none'];

/** Prints the id of the tree without files, which the index is compared with before the first commit. */
const printEmptyTree = ['hash-object', '-t', 'tree', '--stdin'];

/** A command that knows only of its own folder is sent to the top. */
function fromTop(prefix: string): string[] {
  return prefix === '' ? [] : ['--', ':/'];
}

/** Neither an option nor the name of something in a commit. */
function isRevision(text: string): boolean {
  return /^[^-^:\s][^:\s]*$/.test(text);
}

function isObjectName(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

function isRange(text: string): boolean {
  return /^[^-\s]\S*\.\.\S*$|^\.\.\S+$/.test(text);
}

/** What git is started with, and where. */
interface Where {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** What a single run of git is given: its standard input, and another environment than the others. */
interface Given {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * The standard output of a run of git; undefined if it fails.
 * @throws {Refusal} code `tool` if there is no git, or it lists more than is read: a few trees can name any number of files
 */
function output(args: readonly string[], { input, ...where }: Where & Given): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...startNoMonitor, ...args], { ...where, stdio: ['pipe', 'pipe', 'ignore'] });
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

/** Pieces of a text that end with a NUL. */
function* nulEnded(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0, start);
    const end = found < 0 ? bytes.length : found;
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}

/** What `--raw -z` says of each change: `:<modes> <objects> <status>`, of a merge with more of each, then the path. */
function changes(raw: Buffer): GitFile[] {
  const files: GitFile[] = [];
  let commit: string | undefined;
  let changed: Pick<GitFile, 'object'> | 'deleted' | undefined;
  for (const piece of nulEnded(raw)) {
    if (changed !== undefined) {
      if (changed !== 'deleted') files.push({ ...changed, path: piece, ...(commit !== undefined && { commit }) });
      changed = undefined;
      continue;
    }
    const text = piece.toString('latin1');
    if (!text.startsWith(':')) {
      commit = text.trim();
      continue;
    }
    const parents = text.lastIndexOf(':') + 1;
    const words = text.slice(parents).split(' ');
    changed = words[parents] === '000000' ? 'deleted' : objectOf(words[parents], words[2 * parents + 1]);
  }
  return files;
}

/** What `ls-files --stage -z` says of each entry: `<mode> <object> <stage>`, a tab, the path. */
function entries(listed: Buffer): GitFile[] {
  return [...nulEnded(listed)].map((piece) => {
    const tab = piece.indexOf('\t');
    const [mode, object] = piece.subarray(0, tab).toString('latin1').split(' ');
    return { ...objectOf(mode, object), path: piece.subarray(tab + 1) };
  });
}

/** Of a submodule the object is a commit of another repository. */
function objectOf(mode: string | undefined, object: string | undefined): Pick<GitFile, 'object'> {
  return mode === '160000' || object === undefined ? {} : { object };
}

async function* contents(objects: readonly string[], most: number, where: Where): AsyncGenerator<Content> {
  const child = spawn('git', [...startNoMonitor, 'cat-file', '--batch'], {
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

/** @param prefix the folder that it is shown from, both seen from the top of the repository */
function shownPath(path: Buffer, prefix: Buffer): string {
  if (prefix.length === 0) return path.toString();
  if (path.subarray(0, prefix.length).equals(prefix)) return path.subarray(prefix.length).toString();
  const above = prefix.toString().split('/').slice(0, -1);
  const parts = path.toString().split('/');
  let same = 0;
  while (same < parts.length - 1 && same < above.length && parts[same] === above[same]) same++;
  return [...above.slice(same).map(() => '..'), ...parts.slice(same)].join('/');
}
