import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import { limits, sizeText } from '../environment/limits';
import type { Problem } from '../environment/problem';
import type { Permissions } from './open-permissions';

export type TextFile =
  | { readonly status: 'read'; readonly text: string /** None of a pipe. */; readonly permissions?: Permissions }
  | { readonly status: 'absent' }
  | Unreadable;

export interface Unreadable {
  readonly status: 'unreadable';
  /** Completes "<file> …". */
  readonly reason: string;
  readonly hint: string;
  /** `unreadable` unless it says otherwise. */
  readonly code?: 'unreadable' | 'unreadable-secrets';
  /** Of an encrypted file: it may be right, but nobody here has a key to it. */
  readonly isLocked?: true;
  /** From 1. */
  readonly line?: number;
  /** What can be made out all the same of a file that is no text as it should be. */
  readonly remains?: string;
  /** Of a file that is there and is no text. */
  readonly permissions?: Permissions;
  /** Whether it is a folder, a pipe or the like. */
  readonly isNoFile?: true;
}

/** What is to be said of a file that cannot be read. */
export function unreadableProblem(file: string, unreadable: Unreadable): Problem {
  const { reason, hint, code = 'unreadable', line, isLocked } = unreadable;
  const more = { ...(line !== undefined && { line }), ...(isLocked && { isLocked }) };
  return { severity: 'error', code, file, ...more, message: `${file} ${reason}`, hint };
}

/** A file as it is, whatever it holds. */
export type FileOfBytes =
  | { readonly status: 'read'; readonly bytes: Buffer; readonly permissions?: Permissions }
  | Exclude<TextFile, { readonly status: 'read' }>;

/** How a file is read. */
export type ReadFile = (path: string, most?: number) => FileOfBytes;

/**
 * Reads a regular file of UTF-8 text. A byte order mark at its start is dropped. Never throws, never waits on a pipe.
 * @param most bytes that it may have: a larger one is not read
 */
export function readTextFile(path: string, most: number = limits.fileBytes): TextFile {
  return textOf(readFileBytes(path, most), most);
}

/** A file as it was read, to be replaced only while nobody else has changed it. */
export interface Remembered {
  readonly file: TextFile;
  /** Whether it holds the same by now, or still is not there. */
  isUnchanged(): boolean;
}

/** Reads a file once, to use its text and to remember it. @param most as above */
export function rememberFile(path: string, most?: number): Remembered {
  const before = readFileBytes(path, most);
  return {
    file: textOf(before, most),
    isUnchanged() {
      const now = readFileBytes(path, most);
      if (before.status !== 'read' || now.status !== 'read') return before.status === now.status;
      return before.bytes.equals(now.bytes);
    },
  };
}

/** Whether anything has that name, were it a link to nothing. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // too long for a path, or below a file
  }
}

/** Whether a path leads to a folder. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // whoever reads it says why that is not possible
  }
}

/** What was read, as text. */
export function textOf(
  file: Extract<FileOfBytes, { readonly status: 'read' }>,
  most?: number,
): Exclude<TextFile, { readonly status: 'absent' }>;
export function textOf(file: FileOfBytes, most?: number): TextFile;
export function textOf(file: FileOfBytes, most: number = limits.fileBytes): TextFile {
  if (file.status !== 'read') return file;
  const permissions = file.permissions && { permissions: file.permissions };
  const text = decodeText(file.bytes, most);
  return typeof text === 'string' ? { status: 'read', text, ...permissions } : { ...text, ...permissions };
}

/** Reads a regular file. Never throws, never waits on a pipe. @param most as above */
export function readFileBytes(path: string, most: number = limits.fileBytes): FileOfBytes {
  let descriptor: number;
  try {
    // That nothing is there is no exception, which would take longer.
    if (!lstatSync(path, { throwIfNoEntry: false })) return { status: 'absent' };
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return cannotOpen(error, path);
  }
  try {
    const stat = fstatSync(descriptor);
    const permissions = { mode: stat.mode, uid: stat.uid };
    if (!stat.isFile()) {
      return {
        status: 'unreadable',
        reason: 'is not a regular file',
        isNoFile: true,
        hint: stat.isDirectory()
          ? 'Put a file in its place'
          : 'A pipe is read on standard input only: --from-env-file - or --workloads -',
      };
    }
    if (stat.size > most) return { ...tooLarge(most), permissions };
    return { status: 'read', bytes: readUpTo(descriptor, stat.size, most), permissions };
  } catch (error) {
    return unreadable(error);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a pipe to its end, or to the size limit. */
export async function readTextStream(stream: AsyncIterable<Buffer>): Promise<string | Unreadable> {
  let bytes = Buffer.alloc(0);
  let length = 0;
  try {
    for await (const chunk of stream) {
      if (length + chunk.length > limits.fileBytes) return tooLarge(limits.fileBytes);
      // Copied, since a writer may give it byte by byte: millions of chunks would take more memory than their bytes.
      if (length + chunk.length > bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(length + chunk.length)]);
      length += chunk.copy(bytes, length);
    }
  } catch (error) {
    return unreadable(error);
  }
  return decodeText(bytes.subarray(0, length), limits.fileBytes);
}

/** Standard input of this process. A folder in its place would read as empty. */
export async function* standardInput(): AsyncGenerator<Buffer> {
  if (fstatSync(0).isDirectory()) throw Object.assign(new Error('standard input is a folder'), { code: 'EISDIR' });
  yield* process.stdin;
}

function tooLarge(most: number): Unreadable {
  return {
    status: 'unreadable',
    reason: `is larger than ${sizeText(most)}, and was not read`,
    hint: 'An environment is a few kilobytes. Is this the right file?',
  };
}

function cannotOpen(error: unknown, path: string): Exclude<FileOfBytes, { readonly status: 'read' }> {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENAMETOOLONG') return { status: 'absent' }; // longer than the path of anything
  if (code !== 'ENOENT') return unreadable(error);
  if (!lstatSync(path, { throwIfNoEntry: false })) return { status: 'absent' };
  return { status: 'unreadable', reason: 'is a symbolic link to nothing', hint: 'Mend the link, or remove it' };
}

function unreadable(error: unknown): Unreadable {
  const { code } = error as NodeJS.ErrnoException;
  return {
    status: 'unreadable',
    reason: `could not be read (${code ?? 'unknown reason'})`,
    hint: code === 'EACCES' || code === 'EPERM' ? 'Give yourself the right to read it' : 'Look at it with ls -l',
  };
}

/** The file's bytes; one more than expected is asked for, since a file may grow and some report no size at all. */
function readUpTo(descriptor: number, expected: number, most: number): Buffer {
  let buffer = Buffer.allocUnsafe(expected + 1);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (count === 0) return buffer.subarray(0, length);
    length += count;
    if (length > most) return buffer.subarray(0, length);
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(length)]);
  }
}

function decodeText(bytes: Buffer, most: number): string | Unreadable {
  if (bytes.length > most) return tooLarge(most);
  const wide = wideEncodingOf(bytes);
  if (wide) {
    const text = new TextDecoder(wide).decode(bytes);
    // What another program has added to its end may be ASCII, as which without its zeros all of it can be read.
    const remains = `${text}\n${withoutZeros(bytes.subarray(2).toString('latin1'))}`;
    return { status: 'unreadable', reason: 'is UTF-16, not UTF-8', hint: 'Save it as UTF-8', remains };
  }
  if (!isUtf8(bytes)) {
    return {
      status: 'unreadable',
      reason: 'is not UTF-8',
      hint: 'Save it as UTF-8 (Latin-1 and binary files are not read)',
      remains: linesOfEither(bytes),
    };
  }
  const text = bytes.toString('utf8');
  if (bytes.includes(0)) {
    return {
      status: 'unreadable',
      reason: 'holds a NUL byte: it is not text',
      hint: 'Is this the right file?',
      remains: withoutZeros(text),
    };
  }
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** The encoding that a byte order mark says, if it is one of UTF-16. */
export function wideEncodingOf(bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const mark = bytes.subarray(0, 2).toString('hex');
  return mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : undefined;
}

/** Each line as UTF-8, if it is that, or else as Latin-1. */
function linesOfEither(bytes: Buffer): string {
  const western = bytes.toString('latin1').split('\n');
  const lines = bytes.toString('utf8').split('\n');
  return lines.map((line, at) => (line.includes('\ufffd') ? western[at] : line)).join('\n');
}

function withoutZeros(text: string): string {
  return text.replaceAll('\0', '');
}
