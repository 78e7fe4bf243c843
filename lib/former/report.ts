import { limits } from '../environment/limits';
import { numberText } from '../environment/number-text';
import type { Problem } from '../environment/problem';
import { atMostPerFile } from '../environment/problem-list';
import { placeText, printable } from '../report/terminal';
import type { Placed } from './plan';
import type { FormerUnknown, Open } from './values';

/** What came of one environment of the former layout. */
export interface Migration {
  readonly name: string;
  /** What was written; nothing if something stood in the way. */
  readonly files: readonly string[];
  readonly variables: readonly Placed[];
  readonly open: readonly Open[];
  readonly unknown: readonly FormerUnknown[];
  readonly problems: readonly Problem[];
}

/** The path of the file that a value went to. */
type PathOf = (to: Placed['to']) => string;

/** What `--json` says of it. Names and places only. */
export function migrationDocument({ name, files, variables, open, unknown, problems }: Migration, pathOf: PathOf) {
  return {
    name,
    files,
    variables: variables.map(({ variable, from, to, note }) => ({
      name: variable.name,
      from,
      to: pathOf(to),
      ...(note !== undefined && { note }),
    })),
    open: open.map(({ variable, from, why }) => ({ name: variable.name, ...(from && { from }), why })),
    unknown,
    problems: atMostPerFile(problems),
  };
}

/** The same for people: each file with where its values came from, then what is left to do. */
export function migrationText({ name, files, variables, open, unknown }: Migration, pathOf: PathOf): string {
  const width = Math.max(...[...variables, ...open].map(({ variable }) => variable.name.length), 0);
  const row = (variable: string, text: string) => `  ${variable.padEnd(width)}  ${text}\n`;
  const sections = files.flatMap((file) => [
    `\n${file}\n`,
    ...variables
      .filter(({ to }) => pathOf(to) === file)
      .flatMap(({ variable, from, note }) => [
        row(variable.name, placeText(from)),
        ...(note === undefined ? [] : [row('', note)]),
      ]),
  ]);
  const left = open.flatMap(({ variable, from, why }) => {
    const until = variable.default === undefined ? '' : '; the default applies';
    return [row(variable.name, `${why}${until}`), ...(from ? [row('', placeText(from))] : [])];
  });
  return printable(
    [
      `${name}: ${files.length === 0 ? 'nothing written' : `wrote ${files.join(', ')}`}\n`,
      ...sections,
      ...(left.length === 0 ? [] : ['\nStill open\n', ...left]),
      ...(unknown.length === 0 ? [] : ['\nNot in the catalog, not taken over\n', ...unknownLines(unknown)]),
      '\n',
    ].join(''),
  );
}

function unknownLines(unknown: readonly FormerUnknown[]): string[] {
  const more = unknown.length - limits.problemsOfFile;
  const listed = unknown.slice(0, limits.problemsOfFile).map(unknownLine);
  return more <= 0 ? listed : [...listed, `  and ${numberText(more)} more\n`];
}

function unknownLine(unknown: FormerUnknown): string {
  const { near, isFormerName } = unknown;
  const meant = isFormerName ? `it is called ${near} now: set it by hand` : `did you mean ${near}?`;
  return `  ${placeText(unknown)}${near === undefined ? '' : `  ${meant}`}\n`;
}
