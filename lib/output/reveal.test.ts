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

it('opens none that holds half a character; a NUL may stand in what pods mount', () => {
  const said = 'Secret/n: data.KEY holds half a character, which UTF-8 has no bytes for';
  expect(() => rendered('Secret', { data: { KEY: new Sensitive('a\ud800b') } })).toThrow(said);
  for (const text of ['a😀b', 'a\0b'])
    expect(() => rendered('Secret', { data: { KEY: new Sensitive(text) } })).not.toThrow();
});

it('opens none in a Secret that is not of Kubernetes itself', () => {
  const fields = { apiVersion: 'example.com/v1', data: { KEY: new Sensitive(secret) } };
  expect(() => rendered('Secret', fields)).toThrow('Secret/n: a secret stands in it');
});

const password = `${new Sensitive(secret)}`;
const url = Object.assign(new URL('postgres://user@host'), { password });
const base64 = (text: string) => Buffer.from(text).toString('base64');

it.each([
  ['as it is', { data: { URL: `postgres://user:${password}@host` } }, 'data.URL'],
  ['percent-encoded', { data: { URL: `x${encodeURIComponent(password)}` } }, 'data.URL'],
  ['in a URL', { data: { URL: url.href } }, 'data.URL'],
  ['in a query', { data: { URL: `${new URLSearchParams({ password })}` } }, 'data.URL'],
  ['in JSON', { data: { URL: JSON.stringify({ password }) } }, 'data.URL'],
  ['in base64', { data: { URL: base64(password) } }, 'data.URL'],
  ['in a text in base64', { data: { URL: base64(`user:${password}`) } }, 'data.URL'],
  ['in a URL in base64', { data: { URL: base64(url.href) } }, 'data.URL'],
  [
    'in base64 in JSON in base64',
    { data: { URL: base64(JSON.stringify({ auth: base64(`user:${password}`) })) } },
    'data.URL',
  ],
  ['in a list', { data: { URL: ['x', password] } }, 'data.URL.1'],
  ['in a secret again', { data: { URL: new Sensitive(url.href) } }, 'data.URL'],
  ['in capitals', { data: { URL: password.toUpperCase() } }, 'data.URL'],
  ['in capitals in base64', { data: { URL: base64(password.toUpperCase()) } }, 'data.URL'],
  ['in an annotation', { metadata: { name: 'n', annotations: { a: password } } }, 'annotations.a'],
  ['in the name of a key', { data: { [password]: 'x' } }, 'a key'],
])('lets no mask be written in the place of a secret that was made a text: %s', (_what, fields, place) => {
  const said = `/n: ${place} holds [sensitive], which is what a secret becomes where it is made a text`;
  for (const kind of ['ConfigMap', 'Secret']) expect(() => rendered(kind, fields)).toThrow(`${kind}${said}`);
});

it('says nothing of texts that only look like it, however large they are', () => {
  const data = { A: 'sensitive', B: 'W3N', C: '%5B', D: base64('x'.repeat(1_000_000)), E: '%5B'.repeat(300_000) };
  expect(rendered('ConfigMap', { data })).toMatchObject([{ data }]);
});
