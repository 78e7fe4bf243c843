import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { limits } from './limits';
import { createResolver } from './resolve';
import { parseTemplate } from './template';

const description = 'fake';
const names = ['A', 'B', 'C'] as const;
const catalog = defineCatalog({
  app: 'app',
  bundles: { common: { description } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description },
    A: { kind: 'config', bundle: 'common', type: text(), description },
    B: { kind: 'config', bundle: 'common', type: text(), description },
    C: { kind: 'config', bundle: 'common', type: text(), description },
  },
});

const template = (value: string) => parseTemplate(value, catalog, false);

function resolverOf(values: Readonly<Record<string, string>>) {
  const assignments = Object.entries(values).map(([variable, value]) => ({ variable, template: template(value) }));
  return createResolver(catalog, 'x', [
    { layer: 'env-file', assignments, unknownNames: [], unknownNamesAre: 'errors', problems: [] },
  ]);
}

it('makes a value as long as a container takes, and none that is longer', () => {
  const most = limits.valueLength;
  const { resolve, problems } = resolverOf({ A: 'a', B: '${A}'.repeat(most), C: '${A}'.repeat(most + 1) });
  expect([resolve('B')?.value, resolve('C')?.value]).toEqual(['a'.repeat(most), undefined]);
  expect(problems).toMatchObject([{ code: 'too-large', variable: 'C' }]);
});

it('fills no template beyond that, and not without end', () => {
  const long = limits.valueLength - 1;
  const { fill } = resolverOf({ A: 'a'.repeat(long) });
  expect(fill(template('${A}bb'))).toBeUndefined();
  let filled = 0;
  while (filled < 1_000 && fill(template('${A}b')) !== undefined) filled++;
  expect(filled).toBe(Math.floor(limits.substitutedTogether / limits.valueLength));
});

it('tells each mistake of a value once, however often it is made', () => {
  const { resolve, problems } = resolverOf({ A: '${B}${NOBODY}${'.repeat(1_000) });
  for (const name of names) resolve(name);
  expect(problems.map(({ variable, message }) => [variable, message])).toEqual([
    ['A', 'A reads ${B}, which has no value'],
    ['A', 'A holds a ${…} that names no variable of the catalog'],
  ]);
});

it('tells of a loop once, however often its values read each other', () => {
  const { resolve, problems } = resolverOf({
    A: '${B}'.repeat(1_000),
    B: '${C}${A}'.repeat(1_000),
    C: '${A}${B}'.repeat(1_000),
  });
  for (const name of names) expect(resolve(name)).toBeUndefined();
  expect(problems.map(({ code, variable }) => `${code} ${variable}`)).toEqual(
    names.map((name) => `placeholder-cycle ${name}`),
  );
});

it('tells of two loops once where they meet', () => {
  const { resolve, problems } = resolverOf({ A: '${B}${C}', B: '${A}', C: '${A}' });
  for (const name of names) expect(resolve(name)).toBeUndefined();
  expect(problems.map(({ variable, message }) => `${variable} ${message.split(': ')[1]}`)).toEqual([
    'A A → B → A',
    'B A → B → A',
    'C A → C → A',
  ]);
});
