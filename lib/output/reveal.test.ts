import { ApiObject, App, Chart } from 'cdk8s';
import { Sensitive } from '../environment/sensitive';
import { RevealSecrets } from './reveal';

const secret = 'fake-secret-value';

function rendered(kind: string, fields: object): unknown {
  const chart = new Chart(new App({ resolvers: [new RevealSecrets()] }), 'c');
  new ApiObject(chart, 'o', { apiVersion: 'v1', kind, metadata: { name: 'n' }, ...fields });
  return chart.toJson();
}

it('opens a secret in the data of a Secret, in base64', () => {
  const [object] = rendered('Secret', { data: { KEY: new Sensitive(secret) } }) as { data: object }[];
  expect(object?.data).toEqual({ KEY: Buffer.from(secret).toString('base64') });
});

it.each([
  ['a ConfigMap', 'ConfigMap', { data: { KEY: new Sensitive(secret) } }],
  ['an annotation of a Secret', 'Secret', { metadata: { name: 'n', annotations: { key: new Sensitive(secret) } } }],
  ['the text of a Secret, which is no base64', 'Secret', { stringData: { KEY: new Sensitive(secret) } }],
  ['an object of others', 'Foo', { spec: { list: [{ key: new Sensitive(secret) }] } }],
])('opens none in %s, and says where it stands', (_what, kind, fields) => {
  expect(() => rendered(kind, fields)).toThrow(`${kind}/n: a secret stands in it, and only the data of a Secret may`);
});

it('lets no mask be written in the place of a secret that was made a text', () => {
  const url = `postgres://user:${new Sensitive(secret)}@host`;
  expect(() => rendered('ConfigMap', { data: { URL: url } })).toThrow('ConfigMap/n: a secret was made a text in it');
});
