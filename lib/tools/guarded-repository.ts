import { limits, sizeText } from '../environment/limits';
import { refusal } from '../environment/problem';
import { environmentFor, isObjectName, openRepository, type Repository } from './git';

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

/** A file, a link or a submodule, and what is to be said of it. */
export interface GitFile {
  /** The name under which git keeps what it holds; a submodule's is kept elsewhere. */
  readonly object?: string;
  /** Its bytes, from the top of the repository: a name may be no text. */
  readonly path: Buffer;
  /** The commit that brings it, where several are looked at. */
  readonly commit?: string;
}

/** What a repository holds that others get: what is about to be committed, and what has been. */
export interface GuardedRepository extends Pick<Repository, 'prefix' | 'contents'> {
  /** What the next commit would add or change; links as well, whose content is their target. */
  staged(): Promise<GitFile[]>;
  /** All that the index holds: what the next commit would consist of. */
  tracked(): Promise<GitFile[]>;
  /**
   * What each commit of a range adds or changes; of a merge, what none of its parents has.
   * @throws {Refusal} code `usage` if it is no range of commits that are there
   */
  changedIn(range: string): Promise<{ readonly commits: readonly string[]; readonly files: readonly GitFile[] }>;
  /** A path from the top of the repository as it is typed in the working directory. */
  shown(path: Buffer): string;
  /** The folder of hooks, and whether the configuration names it. */
  hooks(): Promise<{ readonly folder: string; readonly isConfigured: boolean }>;
}

/**
 * The repository of the working directory or, in a hook, the one that it is a hook of.
 * @throws {Refusal} code `tool` if there is none, or no git
 */
export async function openForCommit(processEnv: NodeJS.ProcessEnv): Promise<GuardedRepository> {
  const env = environmentFor(processEnv, ofHook);
  const { git, answer, contents, prefix } = await openRepository({ env, cwd: '.' }, 'here');
  return {
    prefix,
    contents,
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
      const revisions = revisionsIn(range);
      const listed = revisions === undefined ? undefined : await git(['rev-list', revisions, '--']);
      if (!listed) {
        throw refusal(
          'usage',
          'What follows --range is not a range of commits that are all in this repository',
          'For example: npm run guard -- --range origin/main..HEAD. In CI, fetch the whole history first (fetch-depth: 0)',
        );
      }
      const input = listed.toString();
      const commits = input.split('\n').filter(Boolean);
      // All files of a commit are kept until it is compared, and a few trees can name any number of them.
      const raw = await git(['diff-tree', '--stdin', '-r', '-c', '--root', ...rawForm], { input, isGreedy: true });
      if (raw) return { commits, files: changes(raw) };
      throw refusal(
        'tool',
        `git diff-tree failed, or wanted more than ${sizeText(limits.bytesOfGit)} of memory`,
        'Look at less at once, such as a shorter range, or at what git fsck says here',
      );
    },
    async hooks() {
      // The git that is to run them has the whole environment, and its configuration may be in it.
      const config = Object.entries(processEnv).filter(([name]) => name.startsWith('GIT_CONFIG_'));
      const asUser = { ...env, ...Object.fromEntries(config) };
      const folder = await answer(['rev-parse', '--git-path', 'hooks'], { env: asUser });
      const named = await git(['config', 'core.hooksPath'], { env: asUser });
      return { folder: folder.toString().replace(/\n$/, ''), isConfigured: named !== undefined };
    },
  };
}

/** With the plumbing of git, whatever the user's configuration says. */
const rawForm = ['--raw', '-z', '--no-abbrev', '--no-renames', '--ignore-submodules=none'];

/** Prints the id of the tree without files, which the index is compared with before the first commit. */
const printEmptyTree = ['hash-object', '-t', 'tree', '--stdin'];

/** A command that knows only of its own folder is sent to the top. */
function fromTop(prefix: string): string[] {
  return prefix === '' ? [] : ['--', ':/'];
}

/** What git is asked for where a text may be a range, and no option. GitHub names the state before a new branch by zeros. */
function revisionsIn(range: string): string | undefined {
  const [, commit] = /^0+\.\.\.?(.*)$/.exec(range) ?? [];
  if (commit === undefined) return /^[^-\s]\S*\.\.\S*$|^\.\.\S+$/.test(range) ? range : undefined;
  return /^[^-^\s]\S*$/.test(commit) && !commit.includes('..') ? commit : undefined;
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
