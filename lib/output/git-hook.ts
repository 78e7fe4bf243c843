import { accessSync, constants, existsSync, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Problem } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { notWritten } from './not-written';
import { createFile, makeExecutable, makeFolder } from './write-file';

/** Where hooks of a repository are, and the folder of the program in it. */
export interface HookPlace {
  /** As it is typed in the working directory. */
  readonly folder: string;
  /** Whether the configuration of git names that folder, so that it belongs to somebody or something else. */
  readonly isConfigured: boolean;
  /** The working directory, seen from the top of the repository: empty, or with a slash at its end. */
  readonly prefix: string;
}

/**
 * Makes git run `guard` before each commit. A hook that is there, and a folder of hooks that the configuration names, are
 * somebody's: they are left as they are, and the problem says which line to add.
 * @param read the text of a file that is there, empty where it is no text
 * @returns the path of the hook that runs it and whether it was written now, or why there is none
 */
export function installHook(
  place: HookPlace,
  read: (path: string) => string,
): { readonly path: string; readonly isNew: boolean } | Problem {
  const { folder, isConfigured, prefix } = place;
  // husky has hooks of its own in a folder `_`, which call those that people edit.
  const isHusky = /(?:^|\/)\.husky\/_\/?$/.test(folder);
  const path = join(isHusky ? dirname(folder) : folder, 'pre-commit');
  const present = existsSync(path) ? read(path) : undefined;
  if (present !== undefined && runsGuard(present, prefix, isHusky)) {
    return isHusky || isExecutable(path) ? { path, isNew: false } : notExecutable(path);
  }
  const isLink = lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (isConfigured || isLink || present !== undefined) {
    const reason = isConfigured
      ? 'core.hooksPath names a folder of hooks'
      : isLink
        ? `${folder} is a link to a folder of hooks`
        : 'there is a pre-commit hook already';
    return {
      severity: 'error',
      code: 'not-written',
      message: `No hook was written: ${reason}, and nothing of yours is overwritten`,
      hint: `Add this line to ${path}: ${hookLine(prefix)}`,
    };
  }
  try {
    if (!existsSync(folder)) makeFolder(folder);
    createFile({ path, content: hookText(prefix), secret: false });
    makeExecutable(path);
    return { path, isNew: true };
  } catch (error) {
    return notWritten(path, error);
  }
}

/**
 * Whether a hook runs it for the folder of the program, and ends where it fails: in a line that is nothing but this command,
 * with `|| exit 1` behind it, as the last one, or in a shell that ends at each failure. What else does is told the line too.
 * @param isStrict whether the shell does so
 */
function runsGuard(hook: string, prefix: string, isStrict: boolean): boolean {
  const written = hook.split('\n').map((line) => line.trim());
  if (written.includes(hookLine(prefix))) return true;
  const lines = written.map((line) => line.replace(/#.*/, '').trim());
  const last = lines.findLastIndex((line) => line !== '');
  return lines.some((line, at) => {
    const [found, exits] = call.exec(line) ?? [];
    const ends = exits !== undefined || isStrict || at === last;
    return found !== undefined && ends && isFor(line, prefix.replace(/\/$/, ''));
  });
}

const call = /^(?:\(cd (?:'[^']*'|\S+) && )?(?:npm|pnpm|yarn|bun) run (?:-[\w-]+ )*guard\)?( \|\| exit [1-9])?$/;

/** Whether a line names the folder of the program, and not another one whose name only has it in it. */
function isFor(line: string, folder: string): boolean {
  const escaped = folder.replace(/[^\w\s]/g, '\\$&');
  return folder === '' || new RegExp(`(?:^|[\\s'"(])(?:\\./)?${escaped}/?(?:$|[\\s'");&|])`).test(line);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function notExecutable(path: string): Problem {
  return {
    severity: 'error',
    code: 'not-written',
    message: `${path} calls guard, but git skips it because it is not executable`,
    hint: `chmod +x ${shellWord(path)}`,
  };
}

/** A line for a hook of somebody's own. */
function hookLine(prefix: string): string {
  const run = 'npm run -s --if-present guard';
  return prefix === '' ? `${run} || exit 1` : `(cd ${shellWord(`./${prefix}`)} && ${run}) || exit 1`;
}

/** A hook runs at the top of the worktree, and a branch may be older than the program, or guard. More lines may follow. */
function hookText(prefix: string): string {
  const program = shellWord(`./${prefix}launch.js`);
  return [
    '#!/bin/sh',
    '# Written by npm run guard -- --install-hook. It keeps secrets out of git; git commit --no-verify leaves it out.',
    `if [ -f ${program} ]; then`,
    '  for tool in npm grep; do',
    '    command -v $tool >/dev/null || { echo "$tool is not in the PATH of this hook, so guard did not run" >&2; exit 1; }',
    '  done',
    'fi',
    `if [ -f ${program} ] && grep -q '"guard":' ${shellWord(`./${prefix}package.json`)}; then`,
    `  ${hookLine(prefix)}`,
    'else',
    `  echo ${shellWord(`guard is not in ./${prefix} here, and did not look at this commit`)} >&2`,
    'fi',
    '',
  ].join('\n');
}
