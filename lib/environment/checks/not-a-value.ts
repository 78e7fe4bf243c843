import { assignments } from './recognisers/assignments';
import { ciphertext } from './recognisers/ciphertext';
import { foreignTemplates } from './recognisers/foreign-templates';
import { hiddenCharacters } from './recognisers/hidden-characters';
import { masks } from './recognisers/masks';
import { pem } from './recognisers/pem';
import type { Recogniser } from './recognisers/recogniser';
import { secretReferences } from './recognisers/secret-references';
import { standIns } from './recognisers/stand-ins';

/** What is certainly no value, as a whole: of several that say so the first is enough. */
export const noValueAsAWhole: readonly Recogniser[] = [
  ...ciphertext,
  ...secretReferences,
  ...foreignTemplates,
  ...pem,
  ...masks,
  ...standIns,
];

/** What a value certainly does not hold. */
export const noValueInside: readonly Recogniser[] = [...assignments, ...hiddenCharacters];
