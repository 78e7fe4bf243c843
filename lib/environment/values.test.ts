import type { catalog as parcelDesk } from '../../test/fixture/catalog';
import { Sensitive } from './sensitive';
import type { Values } from './values';

it('gives the values of an environment a type of their own', () => {
  // This test is one for the type checker: the values of each variable, and what it must refuse.
  const level: Values<typeof parcelDesk>['LOG_FLOOR'] = 'debug';
  const metrics: Values<typeof parcelDesk>['TRACING_ENABLED'] = 'true';
  const key: Values<typeof parcelDesk>['POSTAL_API_KEY'] = new Sensitive('fake');
  const registryKey: Values<typeof parcelDesk>['REGISTRY_TOKEN'] = new Sensitive('fake');
  // @ts-expect-error: not a level
  const loud: Values<typeof parcelDesk>['LOG_FLOOR'] = 'loud';
  // @ts-expect-error: a secret is never a plain text
  const plain: Values<typeof parcelDesk>['POSTAL_API_KEY'] = 'fake';
  // @ts-expect-error: not in the catalog
  const unknown: Values<typeof parcelDesk>['POSTAL_API_KEI'] = 'fake';
  expect([level, metrics, key, registryKey, loud, plain, unknown]).toHaveLength(7);
});
