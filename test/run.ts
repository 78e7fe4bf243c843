import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Catalog, Variable } from '../lib/catalog/catalog';
import type { Host } from '../lib/report/host';
import { main } from '../main';
import { catalog as parcelDesk } from './fixture/catalog';

export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface HostOptions {
  readonly catalog?: Catalog;
  readonly env?: NodeJS.ProcessEnv;
  /** A text, or what is typed once that is asked for. */
  readonly stdin?: string | (() => AsyncIterable<string>);
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** A host of the test's own, whose product is the fixture unless it says otherwise, and what is written to it. */
export function captureHost(options: HostOptions = {}) {
  const { catalog = parcelDesk, env = {}, stdin = '', isTTY = false, columns, rows } = options;
  const written = { stdout: '', stderr: '' };
  const output = (stream: keyof typeof written) => ({
    isTTY,
    ...(columns !== undefined && { columns }),
    ...(rows !== undefined && { rows }),
    write: (text: string) => {
      written[stream] += text;
    },
  });
  const input = (async function* () {
    if (typeof stdin === 'string') yield Buffer.from(stdin);
    else for await (const typed of stdin()) yield Buffer.from(typed);
  })();
  const host: Host = {
    catalog: { files: ['catalog.ts'], givenTwice: [], load: async () => ({ catalog }) },
    env,
    stdin: input,
    canAnswer: () => isTTY === true,
    stdout: output('stdout'),
    stderr: output('stderr'),
  };
  return { host, written };
}

/** Runs a command line of the program in this process. */
export async function run(args: readonly string[], options?: HostOptions): Promise<Run> {
  const { host, written } = captureHost(options);
  const status = await main(args, host);
  return { status, ...written };
}

/** The names of the commands that npm scripts launch. */
export function launchedCommands(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  return Object.values(scripts).flatMap((script) => /launch\.js (\S+)/.exec(script)?.[1] ?? []);
}

const folders: string[] = [];

/** A folder of the test's own, with these files in it (mode 0600); removed after the tests of the file. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'config-test-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  }
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/**
 * The values of a complete and valid environment: for every required variable an obvious fake of its type.
 * What a test is about is laid over them.
 */
export function validValues(name: string, changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  const needed = [...parcelDesk.variables.values()].filter(
    (variable) => variable.default === undefined && !variable.optional,
  );
  const fakes = needed.map((variable): [string, string] => {
    if (variable.drives === 'namespace') return [variable.name, `parcel-desk-${name}`];
    return [variable.name, variable.sensitive ? fakeSecret(variable.name) : variable.type.example];
  });
  return { ...Object.fromEntries(fakes), ...changes };
}

/** One that every pod loads is long and random, as in a real environment: its roll-out needs no slow hash. */
function fakeSecret(name: string): string {
  const fake = `fake-${name.toLowerCase()}`;
  return name === 'PARTNER_API_SECRET' ? `${fake}-${createHash('sha256').update(fake).digest('hex')}` : fake;
}

/** The same as an env file, a line for each in that order. */
export function validEnvironment(name: string, changes: Readonly<Record<string, string>> = {}): string {
  return Object.entries(validValues(name, changes))
    .map(([variable, value]) => `${variable}=${value}\n`)
    .join('');
}

/** The fixture's catalog, with every value taken at its word: for tests that go through all texts there are. */
export const verbatimCatalog: Catalog = verbatim(parcelDesk);

function verbatim(catalog: Catalog): Catalog {
  const spoken = new Map([...catalog.variables.values()].map((each) => [each, { ...each, verbatim: true }]));
  const taken = (variables: ReadonlyMap<string, Variable>) =>
    new Map([...variables].map(([name, variable]) => [name, spoken.get(variable) ?? variable]));
  const objects = catalog.objects.map((object) => ({ ...object, variables: taken(object.variables) }));
  return { ...catalog, variables: taken(catalog.variables), objects };
}
