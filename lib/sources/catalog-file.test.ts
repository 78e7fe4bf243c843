import { dirname, join } from 'node:path';
import { folderWith } from '../../test/run';
import { defineCatalog } from '../catalog/define-catalog';
import { oneOf, text, url } from '../catalog/value-type';
import { type Problem, Refusal } from '../environment/problem';
import { loadCatalog } from './catalog-file';

/** What is said of a catalog whose file has this text, and whose evaluation this is. */
async function refused(file: string, evaluate: () => unknown, imported = ''): Promise<string> {
  const path = join(folderWith({ 'team.ts': imported, 'catalog.ts': file }), 'catalog.ts');
  const load = async () => evaluate() as never;
  try {
    await loadCatalog({ files: [path, join(dirname(path), 'team.ts')], givenTwice: [], load });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const inFile = ({ file, line }: Problem) => (file === path ? (line ?? '') : `team.ts:${line}`);
    return error.problems.map((each) => [inFile(each), each.message, each.hint].join(' | ')).join('\n');
  }
  return 'nothing';
}

const build = (variables: Readonly<Record<string, unknown>>) => ({
  catalog: defineCatalog({ app: 'app', bundles: { desk: { description: 'x' } }, variables: variables as never }),
});
const sound = { kind: 'config', bundle: 'desk', description: 'x' };

it.each([
  ['nothing', {}],
  ['something else by that name', { catalog: { variables: {} } }],
  ['a default', { default: build }],
])('a file that exports %s is told what it has to export', async (_what, exported) =>
  expect(await refused('', () => exported)).toBe(
    ' | It exports no catalog | Write: export const catalog = defineCatalog({ … })',
  ),
);

it.each([
  ['hostNme', 'Did you mean hostName? It is imported from ./lib/catalog/value-type'],
  ['integer', "Add it to the import from './lib/catalog/value-type'"],
  [
    'somethingElse',
    'Declare or import it. The types of variables are text, oneOf, flag, integer, port, hostName, url, dnsLabel, registryPath, json, pem, matching, schema',
  ],
])('%s, which is not there, comes with what to do about it', async (name, hint) => {
  const file = `import { text } from './lib/catalog/value-type';\nconst a = ${name}();\n`;
  const evaluate = () => {
    throw new ReferenceError(`${name} is not defined`);
  };
  expect(await refused(file, evaluate)).toBe(`2 | ${name} is not defined | ${hint}`);
});

it('any other error names types as the file does, and the command that knows the line', async () => {
  const evaluate = () => {
    throw new TypeError('text2(...).optional is not a function');
  };
  expect(await refused('', evaluate)).toBe(
    ' | It could not be evaluated: text(...).optional is not a function | npm run types says where',
  );
});

it('a type that is not called is named as the file names it, whatever a bundler makes of it', async () => {
  Object.defineProperty(text, 'name', { value: 'text2' });
  expect(await refused('A: {', () => build({ A: { ...sound, type: text } }))).toBe(
    '1 | A: its type is not called | Write type: text()',
  );
});

it('the line is that of the variable', async () => {
  const file = '// A and B\nA: { type: oneOf() },\nB: { type: url("https://") },';
  const types = { oneOf: oneOf as () => never, url };
  const said = await refused(file, () =>
    build({ A: { ...sound, type: types.oneOf() }, B: { ...sound, type: types.url('https://') } }),
  );
  expect(said).toBe(
    [
      "2 | A: its type is not called as it has to be | For example: type: oneOf('json', 'text')",
      "3 | B: its type is not called as it has to be | For example: type: url('https', 'wss')",
    ].join('\n'),
  );
});

it('the line is in the file that declares the variable, wherever it is mentioned', async () => {
  const said = await refused('import { A } from "./team";', () => build({ A: { ...sound, type: text } }), '\nA: {},');
  expect(said).toBe('team.ts:2 | A: its type is not called | Write type: text()');
});
