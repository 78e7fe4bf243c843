import { Command, Option } from '@commander-js/extra-typings';
import type { Catalog } from '../catalog/catalog';
import { nearArgument, suggestion } from '../catalog/near-name';
import { refusal } from '../environment/problem';
import { type FormatName, formatNames } from '../report/formats';
import type { Host } from '../report/host';
import type { Screen } from '../report/report';
import { colorsFor, sizeOf } from '../report/terminal';

/** What a command works with. */
export interface Context {
  readonly host: Host;
  /** Read when it is needed: a catalog that cannot be built must not break --help. */
  catalog(): Promise<Catalog>;
  /** Takes the command's exit status. */
  exit(status: number): void;
}

/** The options of a command line, as they are typed where it is described. */
export type OptionsOf<Line extends () => { opts(): unknown }> = ReturnType<ReturnType<Line>['opts']>;

/** A command that looks at environments, with the options that all of them have. */
export function environmentLine(name: string, usage: string) {
  return new Command(name)
    .usage(`-- ${usage}  [options]`)
    .argument('[env...]', 'environments: those with files in the envs folder')
    .addOption(envsOption())
    .addOption(fromEnvOption())
    .addOption(fromEnvFileOption())
    .addOption(strictOption())
    .addOption(jsonOption())
    .addOption(quietOption());
}

export const allOption = () => new Option('--all', 'every environment there is');
export const envsOption = () => new Option('--envs <dir>', 'the folder of env files').default('envs' as string);
export const outOption = (what = 'the folder to write to') => new Option('--out <dir>', what).default('dist' as string);
export const fromEnvOption = () =>
  new Option('--from-env', 'take values from the process environment too; they win over the env files');
export const fromEnvFileOption = () =>
  new Option(
    '--from-env-file <path>',
    'read this file of NAME=value, or of one JSON object, instead of <env>.env; - is standard input',
  );
export const strictOption = () => new Option('--strict', 'take warnings for errors');
export const jsonOption = () => new Option('--json', 'print one JSON document, and nothing else, to standard output');
export const quietOption = () => new Option('--quiet', 'print problems only');

export const reportOption = (names = formatNames) =>
  new Option('--report <format>', `the form of the report: ${names.join(', ')}`);

/**
 * The form that a report is asked for in; `--json` is short for `--report json`.
 * @param names those that the command has
 * @throws {Refusal} code `usage` if there is no such form, or if two are asked for
 */
export function formatOf(
  { report, json }: { readonly report?: string | undefined; readonly json?: true | undefined },
  names = formatNames,
): FormatName {
  if (report === undefined) return json ? 'json' : 'text';
  const name = names.find((each) => each === report);
  if (name === undefined) {
    throw refusal('usage', `--report takes ${names.join(', ')}`, suggestion(nearArgument(report, names)));
  }
  if (json && name !== 'json') throw refusal('usage', '--json is --report json: choose one form');
  return name;
}

/** What is known of where a report is shown. */
export function screenOf({ stdout, env }: Host): Screen {
  return { colors: colorsFor(stdout, env), ...sizeOf(stdout) };
}

/** Command lines below the help of a command. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}
