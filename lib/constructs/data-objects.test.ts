import { App, Chart, JsonPatch } from 'cdk8s';
import { Sensitive } from '../environment/sensitive';
import { RevealSecrets } from '../output/reveal';
import { PlainConfigMap, SensitiveSecret } from './data-objects';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** The data of a Secret and a ConfigMap, changed by patches. */
function patched(texts: Readonly<Record<string, string>>, ...patches: JsonPatch[]): unknown[] {
  const chart = new Chart(new App({ resolvers: [new RevealSecrets()] }), 'c');
  const secrets = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, new Sensitive(text)]));
  for (const object of [
    new SensitiveSecret(chart, 's', { metadata: { name: 's' }, type: 'Opaque', data: secrets }),
    new PlainConfigMap(chart, 'm', { metadata: { name: 'm' }, data: texts }),
  ])
    object.addJsonPatch(...patches);
  return chart.toJson().map(({ data }) => data);
}

it.each([
  ['adds a key', JsonPatch.add('/data/FOO', 'YQ=='), { FOO: 'YQ==' }, {}],
  ['replaces one', JsonPatch.replace('/data/MODE', 'YQ=='), { MODE: 'YQ==' }, {}],
  ['removes one', JsonPatch.remove('/data/MODE'), {}, { MODE: undefined }],
])('a JSON patch %s, whatever there is beside it', (_what, patch, added, removed) => {
  const expected = (secret: unknown) => ({ A: secret, MODE: secret, ...added, ...removed });
  expect(patched({ A: 'fake', MODE: 'fake' }, patch)).toEqual([expected(base64('fake')), expected('fake')]);
});

it('a JSON patch puts data in the place of other, or of none', () => {
  const patch = JsonPatch.add('/data', { FOO: 'YQ==' });
  for (const texts of [{}, { A: 'fake' }]) expect(patched(texts, patch)).toEqual([{ FOO: 'YQ==' }, { FOO: 'YQ==' }]);
});

it.each([
  ['a key to no data', {}, JsonPatch.add('/data/FOO', 'x')],
  ['what is not as it says', { A: 'fake-secret' }, JsonPatch.test('/data/A', 'x')],
])('a JSON patch of %s stops the app, and shows nothing of the object', (_what, texts, patch) => {
  const said = new TypeError('Secret/s: a JSON patch does not fit it: a path is not there, or a test fails');
  expect(() => patched(texts, patch)).toThrow(said);
});
