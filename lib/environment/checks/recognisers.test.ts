import { type Declaration, defineCatalog } from '../../catalog/define-catalog';
import { dnsLabel, oneOf, text } from '../../catalog/value-type';
import { isOrdinary, recognise, recognisers, recogniseThoroughly } from './recognisers';
import { catalogNames } from './recognisers/catalog-names';
import type { Context, Example, Recogniser } from './recognisers/recogniser';

const secret = (): Declaration<'b'> => ({ kind: 'secret', bundle: 'b', type: text(), description: 'a secret' });
const config = (): Declaration<'b'> => ({ kind: 'config', bundle: 'b', type: text(), description: 'a text' });

const catalog = defineCatalog({
  app: 'app',
  bundles: { b: { description: 'b' } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), default: 'space', description: 'namespace' },
    OPENAI_API_KEY: secret(),
    DEEPGRAM_API_KEY: secret(),
    LIVEKIT_URL: config(),
    DOMAIN: config(),
    LOG_LEVEL: { ...config(), type: oneOf('info', 'warn') } as Declaration<'b'>,
    ENV_MODE: { ...config(), type: oneOf('staging', 'prod'), followsEnvironment: true } as Declaration<'b'>,
  } as Readonly<Record<string, Declaration<'b'>>>,
});
const names = catalogNames(catalog);

const isSecretName = (name: string) => /KEY|SECRET|TOKEN|PASSWORD|USER$/.test(name) && !/^(?:KEY|AUTH)_/.test(name);

/** An example and where it stands. */
function placed(example: Example, each?: Pick<Recogniser, 'in'>): [value: string, context: Context] {
  const { value, name = 'OPENAI_API_KEY', ...rest } = typeof example === 'string' ? { value: example } : example;
  const declared = catalog.variables.get(name);
  const sensitive = declared?.sensitive ?? (each?.in === 'secrets' || (each?.in !== 'config' && isSecretName(name)));
  const variable = declared ?? { name, sensitive, type: text(), followsEnvironment: false };
  return [value, { variable, names, environment: 'staging', ...rest }];
}

describe.each(Object.entries(recognisers))('%s', (code, list) => {
  describe.each(list.map((each) => [each.name, each] as const))('%s', (_name, each) => {
    it('finds its examples, says so in a line, and gives a hint', () => {
      expect(each.examples.length).toBeGreaterThan(0);
      for (const example of each.examples) {
        const [value, context] = placed(example, each);
        expect([value, each.test(value.trim(), context) || each.test(value, context)]).toEqual([value, true]);
        const found = recognise(value, context);
        expect([value, found.map((one) => one.code)]).toEqual([value, expect.arrayContaining([code])]);
        for (const { severity, says, hint } of found) {
          expect(severity).toBe(code === 'not-a-value' && context.variable.sensitive ? 'error' : 'warning');
          expect(`${says} ${hint}`).toMatch(/^[^\n\r]+$/);
        }
      }
    });

    it('leaves alone what only looks like them', () => {
      expect(each.counterExamples.length).toBeGreaterThan(0);
      for (const example of each.counterExamples) {
        const [value, context] = placed(example, each);
        expect([value, each.test(value, context)]).toEqual([value, false]);
      }
    });
  });
});

it('has a name of its own for each recogniser', () => {
  const all = Object.values(recognisers).flatMap((list) => list.map(({ name }) => name));
  expect(new Set(all).size).toBe(all.length);
});

it('takes no short cut past an example', () => {
  for (const each of Object.values(recognisers).flat()) {
    for (const example of each.examples) {
      const [value, context] = placed(example, each);
      expect([value, isOrdinary(value, context)]).toEqual([value, false]);
    }
  }
});
