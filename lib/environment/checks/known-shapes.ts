import { inBatches } from '../batches';
import { isStandIn } from '../stand-in';
import { type TextLines, textLines } from '../text-lines';
import { credentialsIn } from './credential-shapes';

/** Something in a text that has the shape of a credential. */
export interface ShapeFound {
  /** The rule that knows it: one of secretlint's, or `shape` for one of this program's own. */
  readonly rule: string;
  /** Of its first character, and of the one behind it. */
  readonly range: readonly [number, number];
}

/**
 * Texts of so many UTF-16 code units are given to secretlint at once. It takes some milliseconds each time, and compares
 * each thing that it finds with each other one.
 */
const batchLength = 32_768;

/** Parts of a longer text have so much in common: no credential is longer that is not known by its beginning. */
const overlap = 4_096;

/** Stands between two texts of a batch, so that no credential goes from one to the next. */
const between = '\n\0\n';

/** Tells of each of some texts where it holds credentials. */
export type ShapeSearch = (texts: readonly string[]) => Promise<ShapeFound[][]>;

/**
 * A search for credentials of well-known kinds, by secretlint's rules and by this program's own. Of secretlint's findings
 * only rule and place are used: its messages quote the credential.
 * @param isKnown whether a credential is nobody's: an example
 */
export async function createShapeSearch(isKnown: (text: string) => boolean): Promise<ShapeSearch> {
  const [{ lintSource }, { secretLintProfiler }, { creator }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/profiler'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  // It keeps some 60 marks of each text, and goes through all of them for each new one.
  secretLintProfiler.mark = () => {};
  const preset = {
    id: '@secretlint/secretlint-rule-preset-recommend',
    rule: creator,
    options: {},
    // The words by which a person lets something pass are read here: they hold for one line, and for every rule.
    rules: [{ id: '@secretlint/secretlint-rule-filter-comments', disabled: true }],
  };
  const options = { noPhysicFilePath: true, maskSecrets: true, config: { rules: [preset] } };
  const lint = async (content: string): Promise<ShapeFound[]> => {
    const source = { content, filePath: 'text', ext: '', contentType: 'text' } as const;
    const { messages } = await lintSource({ source, options });
    return messages.map(({ ruleId, range: [start, end] }) => ({
      rule: ruleId.replace(/^.*secretlint-rule-/, ''),
      range: [start, end],
    }));
  };
  return async (texts) => {
    const sieves = texts.map((text) => createSieve(text, isKnown));
    const found = texts.map((text, at) => {
      const shapes = credentialsIn(text).map((each): ShapeFound => {
        return { rule: 'shape', range: [each.index, each.index + each.text.length] };
      });
      return sieves[at]?.(shapes) ?? [];
    });
    const linted: ShapeFound[][] = texts.map(() => []);
    for (const batch of inBatches(partsOf(texts), batchLength, ({ text }) => text.length)) {
      let start = 0;
      const shapes = await lint(batch.map(({ text }) => text).join(between));
      for (const { at, from, text } of batch) {
        const end = start + text.length;
        const shift = from - start;
        for (const { rule, range } of shapes) {
          if (range[0] < start || range[1] > end) continue;
          linted[at]?.push({ rule, range: [range[0] + shift, range[1] + shift] });
        }
        start = end + between.length;
      }
    }
    return texts.map((_, at) => [...(sieves[at]?.(linted[at] ?? []) ?? []), ...(found[at] ?? [])]);
  };
}

/** The texts in parts that are short enough, with their places. */
function* partsOf(
  texts: readonly string[],
): Generator<{ readonly at: number; readonly from: number; readonly text: string }> {
  for (const [at, text] of texts.entries()) {
    for (let from = 0; from === 0 || from + overlap < text.length; from += batchLength - overlap) {
      yield { at, from, text: text.slice(from, from + batchLength) };
    }
  }
}

/** Leaves of what was found in a text the first real credential of each line that no comment lets pass. */
function createSieve(
  text: string,
  isKnown: (text: string) => boolean,
): (shapes: readonly ShapeFound[]) => ShapeFound[] {
  const lines = textLines(text);
  const isAllowed = allowedLines(text, lines);
  return (shapes) => {
    const told = new Set<number>();
    return shapes.filter(({ range: [start, end] }) => {
      const line = lines.numberAt(start);
      const found = text.slice(start, end);
      const isTold = told.has(line) || isAllowed(line) || isKnown(found);
      if (isTold || !isRealFinding(found, text.slice(end, end + 80))) return false;
      told.add(line);
      return true;
    });
  };
}

/**
 * Whether what a rule has found is no example, no placeholder, and no password of a server that is nobody's.
 * @param behind what follows it: some rules leave out the host of a URL
 */
function isRealFinding(text: string, behind: string): boolean {
  const [, user, password = '', host = ''] = /:\/\/([^:/@\s]*):([^@\s]*)@([^/:?\s"'`]*)/.exec(`${text}${behind}`) ?? [];
  const isUrl = user !== undefined && text.includes('://');
  // What the user or the database is called says nothing of the password.
  if (isStandIn(isUrl ? password : text) || inWords.test(text) || isFakeKey(text)) return false;
  if (!isUrl) return true;
  return password !== user && password.length >= 8 && !/^[<{[$%*(]/.test(password) && !nobodysHost.test(host);
}

/** A name of several words, such as that of an option of npm. */
const inWords = /^[a-z]+(?:[_-][a-z]+){3,}$/;

/** Whether the body of a private key says that it is a fake, as its base64 cannot. */
function isFakeKey(text: string): boolean {
  const body = /PRIVATE KEY(?: BLOCK)?-----(.*)/s.exec(text)?.[1];
  return (
    body !== undefined && /fake|example/i.test(Buffer.from(body.replaceAll('\\n', ''), 'base64').toString('latin1'))
  );
}

/** This very machine, or a name that no server has (RFC 2606). */
const nobodysHost =
  /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|(?:.*\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost))$/i;

/** Tells whether a line, or the one before it, lets pass what is on it, by the words that people know from secretlint. */
function allowedLines(text: string, { line }: TextLines): (number: number) => boolean {
  if (!text.includes('secretlint-disable-')) return () => false;
  const known = new Map<number, boolean>();
  return (number) => {
    const isAllowed =
      known.get(number) ??
      (line(number).includes('secretlint-disable-line') || line(number - 1).includes('secretlint-disable-next-line'));
    known.set(number, isAllowed);
    return isAllowed;
  };
}
