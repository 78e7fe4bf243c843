import { Command, Option } from '@commander-js/extra-typings';
import type { Catalog } from '../catalog/catalog';
import type { Host } from '../report/host';

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
    .addOption(jsonOption())
    .addOption(quietOption());
}

export const allOption = () => new Option('--all', 'every environment there is');
export const envsOption = () => new Option('--envs <dir>', 'the folder of env files').default('envs' as string);
export const outOption = () => new Option('--out <dir>', 'the folder to write to').default('dist' as string);
export const fromEnvOption = () =>
  new Option('--from-env', 'take values from the process environment too; they win over the env files');
export const fromEnvFileOption = () =>
  new Option('--from-env-file <path>', 'read this file instead of <env>.env; - is standard input');
export const jsonOption = () => new Option('--json', 'print one JSON document, and nothing else, to standard output');
export const quietOption = () => new Option('--quiet', 'print problems only');

/** Command lines below the help of a command. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}
