import type { Catalog, Variable } from '../catalog/catalog';
import { podVariables } from '../catalog/pods';
import { commentText, generatedSource, literal } from './source-text';

/** The name of the TypeScript file that reads what pods of a bundle get. */
export function typescriptFileName(bundle: string): string {
  return `${bundle}-environment.ts`;
}

/** A module of TypeScript, without dependencies, that reads what pods of a bundle get. */
export function typescriptReader(catalog: Catalog, bundle: string): string {
  const variables = podVariables(catalog, bundle);
  return `// ${generatedSource}

/** What a pod of ${bundle} gets. Secrets are neither printed nor made JSON of, nor copied by \`{ ...environment }\`. */
export interface Environment {
${variables.map(propertyText).join('')}}

/** All that is wrong with an environment. No message holds a value. */
export class InvalidEnvironment extends Error {
  override readonly name = 'InvalidEnvironment';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}

/**
 * Checks environment variables and turns them into their types: \`readEnvironment(process.env)\`.
 * @throws {InvalidEnvironment} with all that is wrong
 */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): Environment {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, isOptional, rule, read] of variables) {
    const text = environment[name] ?? '';
    if (text === '') {
      if (!isOptional) problems.push(\`\${name} is required and has no value\`);
      continue;
    }
    const value = read(text);
    if (value === undefined) problems.push(\`\${name} is not \${rule}\`);
    else values[name] = value;
  }
  if (problems.length > 0) throw new InvalidEnvironment(problems);
  const shown = () =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, secrets.has(name) ? '(secret)' : value]));
  const masks = { toJSON: shown, [Symbol.for('nodejs.util.inspect.custom')]: shown };
  const read = Object.create(masks);
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(read, name, { value, enumerable: !secrets.has(name) });
  }
  return Object.freeze(read) as Environment;
}

/** What a text stands for; undefined if it is not what it must be. */
type Read = (text: string) => unknown;

${waysOfReading(variables)}
/** Name, whether it is optional, what it must be, and how it is read. */
const variables: readonly (readonly [name: string, isOptional: boolean, rule: string, read: Read])[] = [
${variables.map(rowText).join('')}];

const secrets: ReadonlySet<string> = new Set([${variables
    .filter(({ sensitive }) => sensitive)
    .map(({ key }) => literal(key))
    .join(', ')}]);
`;
}

/** How texts are read, by what {@link readText} calls it. */
const ways = {
  asText: '(text) => text',
  asFlag: "(text) => (text === 'true' ? true : text === 'false' ? false : undefined)",
  asOneOf: `
  (...allowed: readonly string[]): Read =>
  (text) =>
    allowed.includes(text) ? text : undefined`,
  asInteger: `
  (least: number, most: number): Read =>
  (text) =>
    /^(?:0|-?[1-9][0-9]{0,15})$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined`,
  asJson: `(text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}`,
} as const;

function waysOfReading(variables: readonly Variable[]): string {
  const needed = new Set(variables.map((variable) => readText(variable).replace(/\(.*/s, '')));
  return Object.entries(ways)
    .filter(([name]) => needed.has(name))
    .map(([name, text]) => (text.startsWith('\n') ? `const ${name} =${text};\n` : `const ${name}: Read = ${text};\n`))
    .join('');
}

function propertyText(variable: Variable): string {
  const { key, description, optional } = variable;
  return `  /** ${commentText(description)} */\n  readonly ${key}${optional ? '?' : ''}: ${typeText(variable)};\n`;
}

function typeText({ type: { reading, allowed } }: Variable): string {
  if (reading) return { flag: 'boolean', integer: 'number', json: 'unknown' }[reading.as];
  return allowed ? allowed.map(literal).join(' | ') : 'string';
}

function rowText(variable: Variable): string {
  const { key, optional, type } = variable;
  return `  [${[literal(key), optional, literal(type.rule), readText(variable)].join(', ')}],\n`;
}

function readText({ type: { reading, allowed } }: Variable): string {
  if (reading?.as === 'integer') return `asInteger(${reading.min}, ${reading.max})`;
  if (reading) return { flag: 'asFlag', json: 'asJson' }[reading.as];
  return allowed ? `asOneOf(${allowed.map(literal).join(', ')})` : 'asText';
}
