import { isUtf8 } from 'node:buffer';
import { dirname, normalize, relative } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { credentialsIn } from '../environment/checks/credential-shapes';
import {
  type Exposure,
  envFileRole,
  exposuresInEnvFile,
  secretInEnvFile,
  secretVariableInEnvFile,
} from '../environment/checks/exposed-file';
import { createShapeSearch, type ShapeFound } from '../environment/checks/known-shapes';
import { shortestSecret } from '../environment/checks/misplaced-secret';
import { least } from '../environment/least';
import { limits } from '../environment/limits';
import { createSecretSearch } from '../environment/secret-search';
import { isStandIn } from '../environment/stand-in';
import { textLines } from '../environment/text-lines';
import { isOfTypes, valuesOfTypes } from '../environment/type-values';
import { isEncryptedByAge } from './age-file';
import type { LocalSecret, LocalSecrets } from './local-secrets';
import { manifestKind, secretManifests } from './secret-manifests';
import { wideEncodingOf } from './text-file';

/** What is looked at together: of a text in UTF-16 code units, of files in bytes. */
export const pieceLength = 1_048_576;

/** The content of files as git has it: once, whatever many names it has. */
export interface ContentInGit {
  /** Seen from the folder of the program. */
  readonly paths: readonly string[];
  readonly bytes: Buffer;
}

/** Looks for secrets in whatever may get into git: in several things at once, since each look has its price. */
export interface ExposureSearch {
  /** In the text of each, or in its bytes where it is none: what it is by each of its names, in their order. */
  inContents(contents: readonly ContentInGit[]): Promise<Exposure[][][]>;
  /** In the names of files. */
  inNames(names: readonly string[]): Promise<Exposure[][]>;
  /** In what people say in a commit. */
  inMessages(messages: readonly string[]): Promise<Exposure[][]>;
}

/**
 * @param local what the files of environments hold
 * @param envs their folder
 */
export async function createExposureSearch(
  catalog: Catalog,
  { secrets, isOfDemo }: Pick<LocalSecrets, 'secrets' | 'isOfDemo'>,
  envs: string,
): Promise<ExposureSearch> {
  const lengths = secrets.map(({ value }) => value.measure(({ length }) => length));
  // As long as any encoding of the longest secret, as far as it is looked for.
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const shared = 8 * Math.min(longest, limits.valueLength) + 4_096;
  const { inPieces, inBytes } = await createContentSearch(catalog, secrets, shared);
  const asManifests = createManifestSearch(isOfDemo);
  const inNamed = createNameSearch(catalog, asManifests, envs);
  return {
    async inNames(names) {
      return (await inPieces(names.map((name) => [name]))).map(distinct);
    },
    async inMessages(messages) {
      const found = await inPieces(messages.map((message) => [message]));
      return Promise.all(
        messages.map(async (message, at) => distinct([...(found[at] ?? []), ...(await asManifests('', message))])),
      );
    },
    async inContents(contents) {
      const texts = contents.map(({ bytes }) => textsOf(bytes));
      const found = await inPieces(texts);
      for (const [at, { bytes }] of contents.entries()) {
        // Bytes with a zero may be UTF-16 from anywhere on, also behind what git takes for a text.
        if (texts[at]?.length && !bytes.includes(0)) continue;
        for (const { text } of piecesOf(bytes.toString('latin1'), shared)) addAll(found[at], inBytes(text));
      }
      return Promise.all(
        contents.map(async ({ paths, bytes }, at) => {
          const readings = [...(texts[at]?.slice(0, 1) ?? []), ...(bytes.includes(0) ? [withoutZeros(bytes)] : [])];
          const byName = await inNamed(paths, readings);
          return byName.map(onceBy(itself, (more) => distinct([...more, ...(found[at] ?? [])])));
        }),
      );
    },
  };
}

/**
 * What gives a secret away wherever it stands: a value of an environment, or what has the shape of a credential.
 * @param shared how much pieces of a long text have in common, in UTF-16 code units
 */
async function createContentSearch(catalog: Catalog, secrets: readonly LocalSecret[], shared: number) {
  const valuesIn = createSecretSearch(secrets, shortestSecret);
  const known = valuesOfTypes(catalog);
  const isKnown = (text: string) => isOfTypes(known, text);
  const shapesIn = await createShapeSearch(isKnown);

  const values = (text: string): Exposure[] =>
    valuesIn(text).map(({ secret, line }) => ({
      ...(secret.variable !== undefined && { variable: secret.variable }),
      line,
      what: `holds ${valueText(secret)}`,
    }));

  function inBytes(bytes: string): Exposure[] {
    const readings = [bytes, ...wideReadings(bytes)];
    const shapes = readings.flatMap(credentialsIn).filter(({ text }) => !isStandIn(text) && !isKnown(text));
    const found = [...readings.flatMap(values), ...shapes.map(() => ({ what: `holds ${shapeText('shape')}` }))];
    return found.map(({ line: _none, ...rest }: Exposure) => rest);
  }

  function inShapes(text: string, shapes: readonly ShapeFound[]): Found[] {
    const { numberAt } = textLines(text);
    return shapes.map(({ rule, range: [start, end] }) => ({
      line: numberAt(start),
      last: numberAt(end),
      what: `holds ${shapeText(rule)}`,
    }));
  }

  /** In the texts of each, piece by piece: what looks through one of them has room for no more. */
  async function inPieces(texts: readonly (readonly string[])[]): Promise<Found[][]> {
    const found: Found[][] = texts.map(() => []);
    const pieces: (Piece & { readonly at: number })[] = [];
    for (const [at, each] of texts.entries()) {
      for (const text of each) for (const piece of piecesOf(text, shared)) pieces.push({ at, ...piece });
    }
    const shapes = await shapesIn(pieces.map(({ text }) => text));
    for (const [index, { at, text, line }] of pieces.entries()) {
      const inPiece: Found[] = [...values(text), ...inShapes(text, shapes[index] ?? [])];
      addAll(
        found[at],
        inPiece.map((each) => moved(each, line)),
      );
    }
    return found;
  }

  return { inPieces, inBytes };
}

/** A text with each of these names, where a = is behind it, at the start of a line. */
function onLinesOfTheirOwn(text: string, names: ReadonlySet<string>): string {
  const lengths = [...new Set([...names].map(({ length }) => length))];
  const starts = [0];
  for (const { index } of text.matchAll(/(?<=\S)\s{0,8}=/g)) {
    const start = lengths.map((length) => index - length).find((at) => at > 0 && names.has(text.slice(at, index)));
    if (start !== undefined && text.charAt(start - 1) !== '\n') starts.push(start);
  }
  return starts.map((start, at) => text.slice(start, starts[at + 1])).join('\n');
}

/** Kubernetes takes a MiB of data, a third more in base64. In UTF-16 code units. */
const longestManifest = 1_500_000;

type ManifestSearch = (path: string, text: string) => Promise<Found[]>;

/** Looks for manifests of Secrets with values, by a parser where a name says that a text is one. */
function createManifestSearch(isOfDemo: LocalSecrets['isOfDemo']): ManifestSearch {
  return async (path, reading) => {
    const found: Found[] = [];
    for (const { text, line } of piecesOf(reading, longestManifest, 4 * longestManifest)) {
      const manifests = await secretManifests(path, text, isOfDemo);
      const what = 'holds the manifest of a Secret with values';
      addAll(
        found,
        manifests.map((each) => moved({ line: each, what }, line)),
      );
    }
    return found;
  };
}

/** Exposures that depend on a file's name, or on its being a manifest: of each of the names of one content. */
function createNameSearch(catalog: Catalog, asManifests: ManifestSearch, envs: string) {
  const secrets = [...catalog.variables.values()].filter(({ sensitive }) => sensitive);
  const hasSecrets = secrets.length > 0;
  const names = new Set(secrets.flatMap(({ name, key }) => [name, key]));

  /** Whether a file stands in the folder of env files itself. */
  const isIn = (path: string) => dirname(normalize(path)) === (relative('', envs) || '.');

  /** What only an env file says, and a file that is for secrets by its name and place. */
  function asEnvFile(path: string, text: string, isCiphertext: boolean): Exposure[] {
    const role = envFileRole(path);
    // Values are looked for in every file, and by name.
    if (role && role !== 'secrets') return exposuresInEnvFile(catalog, role, text, () => false);
    if (!hasSecrets || text.trim() === '') return [];
    const isToBeEncrypted = isNamedEncrypted(path);
    if (isToBeEncrypted && isCiphertext) {
      // The end of ciphertext is no end of a line, and ciphertext may look like anything.
      const added = secretVariableInEnvFile(catalog, onLinesOfTheirOwn(text, names), (value) => !isStandIn(value));
      return added ? [{ ...added, what: 'is not encrypted as a whole, and holds secrets' }] : [];
    }
    // There the name says enough, even where no secret is found.
    const isOfEnvs = isIn(path) && (role === 'secrets' || isPatch(path));
    if (!isToBeEncrypted && !isOfEnvs && role !== 'secrets') return [];
    const first = secretInEnvFile(catalog, text, (value) => isOfEnvs || !isStandIn(value));
    const what = isToBeEncrypted ? 'is not encrypted, and holds secrets' : neverCommitted;
    return first || isOfEnvs ? [{ ...first, what }] : [];
  }

  return (paths: readonly string[], readings: readonly string[]): Promise<Found[][]> => {
    const isCiphertext = readings.some(isEncryptedByAge);
    const manifests = readings.map((reading) => onceBy(manifestKind, (path) => asManifests(path, reading)));
    /** From the first decoding of the file that yields any. */
    const inReadings = async (path: string): Promise<Found[]> => {
      for (const [at, reading] of readings.entries()) {
        const found = [...asEnvFile(path, reading, isCiphertext), ...((await manifests[at]?.(path)) ?? [])];
        if (found.length > 0) return found;
      }
      return [];
    };
    const kindOf = (path: string) => [
      isIn(path),
      envFileRole(path),
      isPatch(path),
      isNamedEncrypted(path),
      manifestKind(path),
    ];
    return Promise.all(paths.map(onceBy((path) => kindOf(path).join('\0'), inReadings)));
  };
}

/** Tells whether any of these numbers is in a range. */
function anyOf(numbers: readonly number[]): (from: number, to: number) => boolean {
  const sorted = [...numbers].sort((one, other) => one - other);
  return (from, to) => {
    const next = sorted[least(0, sorted.length, (at) => (sorted[at] ?? 0) >= from)];
    return next !== undefined && next <= to;
  };
}

/** Looks once for each kind, as of names that say the same of what a file is for. */
function onceBy<E, K, T>(kindOf: (each: E) => K, look: (each: E) => T): (each: E) => T {
  const known = new Map<K, T>();
  return (each) => {
    const kind = kindOf(each);
    const found = known.get(kind) ?? look(each);
    known.set(kind, found);
    return found;
  };
}

function itself<T>(each: T): T {
  return each;
}

/** One by one: `push` takes no more at once than the stack has room for. */
function addAll<T>(list: T[] | undefined, more: readonly T[]): void {
  for (const each of more) list?.push(each);
}

/** What is said of a file that is not to be in git at all, and what such an exposure is known by. */
export const neverCommitted = 'is for secrets, and is never to be committed';

/** Whether a file is to be encrypted, by its name. */
function isNamedEncrypted(path: string): boolean {
  return /\.env\.age$/.test(path);
}

function isPatch(path: string): boolean {
  return /-secret-config-patch\.ya?ml$/.test(path);
}

/** "the value of NAME of staging and prod" */
function valueText({ variable, environments }: LocalSecret): string {
  const [first = '', second, ...more] = environments;
  const whose =
    second === undefined ? first : `${first} and ${more.length === 0 ? second : `${more.length + 1} others`}`;
  return variable === undefined
    ? `what stands behind the name of a secret of ${whose}, or on a line that cannot be read`
    : `the value of ${variable} of ${whose}`;
}

function shapeText(rule: string): string {
  const whose = rule === 'shape' ? "this program's list" : `secretlint's rule ${rule}`;
  return `what looks like a credential (${whose})`;
}

/**
 * What a file says as a text; nothing if it is none, as git decides: by a NUL near its start. What begins as UTF-16 may go
 * on in another encoding, where two programs have written to it, or be no text at all: its bytes are a second reading.
 */
function textsOf(bytes: Buffer): string[] {
  const wide = wideEncodingOf(bytes);
  if (wide) return [new TextDecoder(wide).decode(bytes), bytes.toString('latin1')];
  if (bytes.subarray(0, 8_000).includes(0)) return [];
  return [isUtf8(bytes) ? bytes.toString('utf8').replace(/^\ufeff/, '') : bytes.toString('latin1')];
}

/**
 * What a file says in ASCII, in UTF-16 of either order or with zeros among it: what others write behind them is junk. Byte
 * by byte, since replacing them in a text of 32 MiB takes twenty times as long, and 700 MB.
 */
function withoutZeros(bytes: Buffer): string {
  const kept = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0) kept[length++] = bytes[at] ?? 0;
  const marks = /^(?:\xff\xfe|\xfe\xff|\xef\xbb\xbf)/;
  return kept.toString('latin1', 0, length).replace(marks, '');
}

/** What bytes with zeros among them say as UTF-16 of either order, from the first byte on and from the second. */
function wideReadings(bytes: string): string[] {
  if (!bytes.includes('\0')) return [];
  return [0, 1].flatMap((start) => {
    const even = Buffer.from(bytes.slice(start, start + 2 * Math.floor((bytes.length - start) / 2)), 'latin1');
    return [even.toString('utf16le'), even.swap16().toString('utf16le')];
  });
}

/** A part of a long text. */
interface Piece {
  readonly text: string;
  /** How many lines are before it. */
  readonly line: number;
}

/** A long text in pieces that have so many code units in common, or more. */
function* piecesOf(text: string, shared: number, size = Math.max(pieceLength, 2 * shared)): Generator<Piece> {
  let line = 0;
  for (let start = 0; ; start += size - shared) {
    // Up to the end of a line, if it is near: half a placeholder looks like a value.
    const rest = text.slice(start + size, start + size + shared).indexOf('\n');
    yield { text: text.slice(start, start + size + Math.max(0, rest)), line };
    if (start + size >= text.length) return;
    line += textLines(text.slice(start, start + size - shared)).numberAt(size) - 1;
  }
}

/** An exposure that may go on for some lines. */
interface Found extends Exposure {
  readonly last?: number;
}

function moved({ line = 1, last = line, ...rest }: Found, by: number): Found {
  return { ...rest, line: line + by, last: last + by };
}

/**
 * A file that is not to be there at all is one mistake. Else, of each line, what names a variable, each once, or the first
 * thing: what two rules know is one thing.
 */
function distinct(found: readonly Found[]): Exposure[] {
  const whole = found.find(({ what }) => what === neverCommitted);
  if (whole) return [whole];
  const isNamed = anyOf(found.flatMap(({ variable, line }) => (variable === undefined ? [] : (line ?? 0))));
  // What is known by its line need not be said again of the whole file.
  const placed = new Set(found.flatMap(({ line, variable = '' }) => (line === undefined ? [] : [variable])));
  const seen = new Set<string>();
  return found.flatMap(({ last, ...exposure }) => {
    const { variable, line, what } = exposure;
    if (line === undefined && placed.has(variable ?? '')) return [];
    if (line !== undefined && variable === undefined && isNamed(line, last ?? line)) return [];
    const key = `${line} ${variable ?? (line === undefined ? what : '')}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [exposure];
  });
}
