// A test by the type checker: which values an environment of this product may have, and what must be refused.

import { Sensitive } from '../lib/environment/sensitive';
import type { Values } from '../lib/environment/values';
import type { catalog } from './fixture/catalog';

type Given = Values<typeof catalog>;

export const accepted: Partial<Given> = {
  LOG_FLOOR: 'debug',
  TRACING_ENABLED: 'true',
  POSTAL_API_KEY: new Sensitive('fake'),
  REGISTRY_TOKEN: new Sensitive('fake'),
};

// @ts-expect-error: not a level
export const loud: Given['LOG_FLOOR'] = 'loud';
// @ts-expect-error: a secret is never a plain text
export const plain: Given['POSTAL_API_KEY'] = 'fake';
// @ts-expect-error: not in the catalog
export const unknown: Given['POSTAL_API_KEI'] = 'fake';
