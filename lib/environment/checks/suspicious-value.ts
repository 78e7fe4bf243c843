import { configValues } from './recognisers/config-values';
import { foreignCredentials } from './recognisers/foreign-credentials';
import type { Recogniser } from './recognisers/recogniser';
import { shellHabits } from './recognisers/shell-habits';
import { surroundings } from './recognisers/surroundings';

/** What is likely wrong with a value that may be one. Secrets that stand under two names: see repeated-secrets.ts. */
export const suspicions: readonly Recogniser[] = [
  ...surroundings,
  ...shellHabits,
  ...foreignCredentials,
  ...configValues,
];
