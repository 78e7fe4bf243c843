import { type GoodValue, goodValues } from '../../test/good-values';
import type { Declaration } from '../catalog/declaration';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { evaluate } from './evaluate';
import { resolveEnvironment } from './resolve';
import type { Source } from './source';
import { escapePlaceholders, parseTemplate } from './template';

// SECURITY.md says how many good values raise anything when the whole engine looks at them: none.

const seed = Number(process.env['GOOD_VALUES_SEED'] ?? 1);
const count = Number(process.env['GOOD_VALUES'] ?? 30_000);

/** What two pods' programs call alike is one variable here: its name says what it holds. */
const all = [...goodValues(seed, count)];
const kinds = new Map(all.map(({ name, sensitive }) => [name, sensitive]));
const catalog = defineCatalog({
  app: 'app',
  bundles: { b: { description: 'b' } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), default: 'staging', description: 'name' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), default: 'space', description: 'namespace' },
    ...Object.fromEntries(
      [...kinds].map(([name, sensitive]): [string, Declaration<'b'>] => [
        name,
        { kind: sensitive ? 'secret' : 'config', bundle: 'b', type: text(), optional: true, description: name },
      ]),
    ),
  } as Readonly<Record<string, Declaration<'b'>>>,
});

/** As many environments as it takes for each value to stand under its own name. */
function* environments(): Generator<Map<string, GoodValue>> {
  let environment = new Map<string, GoodValue>();
  for (const value of all) {
    if (environment.has(value.name)) {
      yield environment;
      environment = new Map();
    }
    environment.set(value.name, value);
  }
  yield environment;
}

it('no good value raises anything, not even a warning', () => {
  const raised: string[] = [];
  let looked = 0;
  for (const environment of environments()) {
    const source: Source = {
      layer: 'env-file',
      file: 'staging.env',
      assignments: [...environment].map(([variable, { value, sensitive }], index) => ({
        variable,
        template: parseTemplate(escapePlaceholders(value), catalog, sensitive),
        line: index + 1,
      })),
      unknownNames: [],
      unknownNamesAre: 'errors',
      problems: [],
    };
    const { problems } = evaluate(catalog, resolveEnvironment(catalog, 'staging', [source]), {
      secrets: '',
      config: '',
    });
    looked += environment.size;
    for (const { code, variable = '' } of problems) {
      const { kind, value } = environment.get(variable) ?? {};
      raised.push(`${kind}: ${code}: ${value}`);
    }
  }
  process.stderr.write(`good values: ${raised.length} of ${looked} raise anything (GOOD_VALUES_SEED=${seed})\n`);
  expect(looked).toBe(count);
  expect(raised).toEqual([]);
});
