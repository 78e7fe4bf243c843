import type { Catalog, Variable } from '../catalog/catalog';
import { environmentName } from '../catalog/declaration';
import { mayBeInStore, type SecretStore } from '../environment/secret-store';

/** Variables that belong together, for whoever reads them. */
export interface Section {
  /** `infra` or a bundle. */
  readonly name: string;
  readonly description: string;
  readonly variables: readonly Variable[];
}

/** Infra, then each bundle. A variable of several bundles stands with the first it names; empty sections are left out. */
export function sectionsOf(catalog: Catalog, belongs: (variable: Variable) => boolean): Section[] {
  const variables = [...catalog.variables.values()].filter(belongs);
  const sections = [
    {
      name: 'infra',
      description: 'drives the output itself, reaches no pod',
      variables: variables.filter(({ kind }) => kind === 'infra'),
    },
    ...[...catalog.bundles].map(([name, { description }]) => ({
      name,
      description,
      variables: variables.filter(({ bundles }) => bundles[0] === name),
    })),
  ];
  return sections.filter((section) => section.variables.length > 0);
}

/** `required`, `optional`, or the default. */
export function requirement({ default: fallback, optional }: Variable): string {
  if (fallback === environmentName) return "default: the environment's name";
  if (fallback !== undefined) return `default: ${fallback}`;
  return optional ? 'optional' : 'required';
}

/** What a person needs to know in order to give the variable a value. One line. */
export function describe(variable: Variable): string {
  const { description, type, bundles, key, name } = variable;
  const facts = [
    type.rule,
    requirement(variable),
    ...(bundles.length > 1 ? [`for ${bundles.join(' and ')}`] : []),
    ...(key === name ? [] : [`pods know it as ${key}`]),
  ];
  return `${description} (${facts.join('; ')})`;
}

/** A variable's place in an env file. */
export interface Entry {
  readonly variable: Variable;
  /** The assignment, or that in a comment. */
  readonly line: string;
  /** What is to be said besides the description. */
  readonly note?: string;
}

export interface EntrySection {
  readonly heading: string;
  readonly entries: readonly Entry[];
}

/** An env file for people: a header, and in every section each variable below its description. */
export function envFileText(header: readonly string[], sections: readonly EntrySection[]): string {
  const blocks = sections.flatMap(({ heading, entries }) => [
    `#${comment(heading)}`,
    ...entries.map(({ variable, line, note }) =>
      [comment(describe(variable)), ...(note === undefined ? [] : [comment(note)]), line].join('\n'),
    ),
  ]);
  return `${[header.map(comment).join('\n'), ...blocks].join('\n\n')}\n`;
}

/** The sections of a catalog's variables, with an entry for each. */
export function entrySections(
  catalog: Catalog,
  belongs: (variable: Variable) => boolean,
  entryOf: (variable: Variable) => Entry,
): EntrySection[] {
  return sectionsOf(catalog, belongs).map(({ name, description, variables }) => ({
    heading: `${name}: ${description}`,
    entries: variables.map(entryOf),
  }));
}

/**
 * Every sensitive variable, to be filled in.
 * @param store that has the secrets, if one has them: nothing is to be filled in of what it may have
 */
export function secretSections(catalog: Catalog, store?: SecretStore): EntrySection[] {
  return entrySections(catalog, (each) => each.sensitive && !(store && mayBeInStore(each)), openEntry);
}

/** An entry to be filled in. What is optional is a comment, so that whatever is left empty is missing. */
export function openEntry(variable: Variable): Entry {
  return { variable, line: variable.optional ? `# ${variable.name}=` : `${variable.name}=` };
}

/** The first line of a committed env file. @param isDemo whether its secrets are committed too */
export function configHeading(environment: string, isDemo = false): string {
  const secrets = isDemo ? 'which holds obvious fakes' : 'which never is';
  return `${environment}: what is reviewed and committed. Secrets go to ${environment}.env, ${secrets}.`;
}

/** The first line of an env file that is never committed; or that is, and holds fakes. */
export function secretHeading(environment: string, isDemo = false): string {
  return isDemo
    ? `${environment}: obvious fakes in the place of secrets. This file is committed.`
    : `${environment}: what is never committed, secrets above all.`;
}

export const quotingAdvice =
  'Values with # or spaces go in quotes, best in single ones. An empty value counts as not given.';

/** dotenv ends a comment at any of these. */
function comment(text: string): string {
  return `# ${text.replace(/[\r\n\u2028\u2029]+/g, ' ')}`.trimEnd();
}
