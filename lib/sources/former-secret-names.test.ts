import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { findUnreadSecrets } from './unread-secrets';

const description = 'fake';
const catalog = defineCatalog({
  app: 'app',
  bundles: { b: { description } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description },
    API_KEY: { kind: 'secret', bundle: 'b', type: text(), description, formerly: ['VENDOR_TOKEN'] },
    MODE: { kind: 'config', bundle: 'b', type: text(), description, formerly: ['OLD_STYLE'] },
  },
});

it('takes a former name of a secret for that of a secret, and no other', () => {
  const { isName } = findUnreadSecrets(catalog, 'errors');
  expect(['VENDOR_TOKEN', 'vendor-token', 'OLD_STYLE'].map(isName)).toEqual([true, true, false]);
});
