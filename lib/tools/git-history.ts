import { refusal } from '../environment/problem';
import { environmentFor, isObjectName, openRepository, type Repository } from './git';

/** What the repository of a folder has held at its commits. */
export interface History {
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
}

/**
 * The history of the repository that a folder is in, whatever repository a hook names.
 * @throws {Refusal} code `tool` if there is none, or no git
 */
export async function openHistory(processEnv: NodeJS.ProcessEnv, folder: string): Promise<History> {
  const repository = await openRepository({ env: environmentFor(processEnv), cwd: folder }, 'around the env files');
  const { git, answer, contents } = repository;
  return {
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
      if (object === '' && (await isFolderAt(repository, commit))) return undefined;
      if (!mode.startsWith('100')) {
        const why = 'git keeps no file there in that commit, but a link, a folder or a submodule';
        throw refusal('tool', why, 'Name the folder that holds the files themselves: --envs <folder>');
      }
      for await (const bytes of contents([object], most)) {
        if (typeof bytes !== 'string') return bytes;
      }
      throw refusal('tool', 'git does not give a file of that commit, or it is too large', 'Look at git fsck');
    },
  };
}

/** Whether the folder of a repository was one in a commit, or not there. Behind a link no git lists anything. */
async function isFolderAt({ answer, prefix }: Repository, commit: string): Promise<boolean> {
  const folders = prefix.split('/').flatMap((_, at, names) => (at === 0 ? [] : names.slice(0, at).join('/')));
  for (const each of folders) {
    const [mode = ''] = (await answer(['ls-tree', '--full-tree', commit, '--', each])).toString().split(' ');
    if (mode !== '040000') return mode === '' || mode.startsWith('100'); // behind a file there was nothing
  }
  return true;
}

/** Neither an option nor the name of something in a commit. */
function isRevision(text: string): boolean {
  return /^[^-^:\s][^:\s]*$/.test(text);
}
