import { join } from 'node:path';
import { isDnsLabel } from '../catalog/host-name';
import { nearArgument, suggestion } from '../catalog/near-name';
import { limits } from '../environment/limits';
import { type Fault, isError, type Problem } from '../environment/problem';
import { createProblemList } from '../environment/problem-list';
import { knownEnvironments } from './environment-files';
import { shownPath } from './given-path';
import { readTextFile, unreadableProblem } from './text-file';

/** Somebody who can decrypt an environment's secrets. */
export interface Recipient {
  /** A public key of age. */
  readonly key: string;
  /** From 1. */
  readonly line: number;
}

export interface Recipients {
  /** As messages call it. */
  readonly file: string;
  readonly of: readonly Recipient[];
  /** With an error among them nothing can be encrypted. */
  readonly problems: readonly Problem[];
}

/**
 * Reads who can decrypt an environment: of envs/recipients the lines below `[<env>]`, and those above the first line of
 * this kind, which are recipients of every environment.
 * @param envs the folder of env files
 */
export function readRecipients(envs: string, environment: string): Recipients {
  const file = join(shownPath('--envs', envs), 'recipients');
  const found = readTextFile(join(envs, 'recipients'));
  if (found.status === 'unreadable') return { file, of: [], problems: [unreadableProblem(file, found)] };
  const text = found.status === 'read' ? found.text : '';
  const { of, problems } = recipientsIn(text, environment, file, knownEnvironments(envs));
  if (of.length > limits.recipients) {
    const message = `${file} names more than ${limits.recipients} recipients of ${environment}`;
    const hint = 'Give groups a key of their own';
    return { file, of, problems: [{ severity: 'error', code: 'invalid-value', file, message, hint }] };
  }
  if (of.length > 0 || problems.some(isError)) return { file, of, problems };
  const nobody: Problem = {
    severity: 'error',
    code: 'unreadable-secrets',
    file,
    message: found.status === 'absent' ? `${file} is not there` : `${file} names nobody who can decrypt ${environment}`,
    hint: `Write below a line [${environment}] the public key of each, which age-keygen -y <key file> prints`,
  };
  return { file, of, problems: [nobody, ...problems] };
}

function recipientsIn(
  text: string,
  environment: string,
  file: string,
  known: readonly string[],
): Omit<Recipients, 'file'> {
  const of: Recipient[] = [];
  const keys = new Set<string>();
  const names = new Set(known);
  const problems = createProblemList(file);
  let isOurs = true;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.replace(/#.*/, '').trim(); // behind # stands whose it is
    const line = index + 1;
    if (content === '') continue;
    const refuse = (fault: Fault) => problems.add({ severity: 'error', code: 'invalid-value', line }, () => fault);
    const [, section] = /^\[(.*)\]$/.exec(content) ?? [];
    if (section !== undefined) {
      const sections = section.trim().split(/\s+/);
      const unknown = sections.find((each) => !names.has(each));
      if (!sections.every(isDnsLabel)) refuse(noSection);
      else if (unknown !== undefined) {
        problems.add({ severity: 'warning', code: 'unknown-environment', line }, () => stranger(unknown, known));
      }
      isOurs = sections.includes(environment);
      continue;
    }
    const fault = keyFault(content);
    if (fault) refuse(fault);
    else if (isOurs && !keys.has(content)) {
      keys.add(content);
      of.push({ key: content, line });
    }
  }
  return { of, problems: problems.all() };
}

const noSection: Fault = {
  message: 'This line names no environment',
  hint: 'Write [<env>], or [<env> <env>] for several',
};

/** The name is not repeated: it is none of anything here. */
function stranger(name: string, known: readonly string[]): Fault {
  const near = nearArgument(name, known);
  return {
    message: 'This line names an environment that has no file here: the keys below it decrypt nothing',
    hint: suggestion(near) ?? 'Remove it with the lines below it, or correct the name',
  };
}

/** What keeps a line from being a public key. What it says is not repeated: it may be a private one. */
function keyFault(content: string): Fault | undefined {
  if (/^age1[02-9ac-hj-np-z]+$/.test(content)) return undefined;
  if (content.startsWith('AGE-SECRET-KEY-')) {
    return {
      message: 'This line is a private key, and this file is committed',
      hint: 'Write the public one, which age-keygen -y prints. If it was ever pushed, make a new one with age-keygen',
    };
  }
  if (/^(?:ssh|ecdsa|sk-)/.test(content)) {
    return {
      message: "This line is an SSH key, and only age's own keys can be used",
      hint: 'Have its owner make one: age-keygen -o keys.txt prints the public key',
    };
  }
  return {
    message: 'This line is neither a public key of age nor a heading',
    hint: 'A key begins with age1, and whose it is stands behind #. A heading is [<env>]',
  };
}
