import type { IResolver, ResolutionContext } from 'cdk8s';
import { decodingsOf } from '../environment/decodings';
import { mask, Sensitive, type Text } from '../environment/sensitive';

/** Opens sensitive values while cdk8s renders a manifest: the base64 of their UTF-8, as `data` of a Secret wants it. */
export class OpenSecrets implements IResolver {
  /** @throws {TypeError} where one stands anywhere else: all that would be written of it in the clear */
  resolve(context: ResolutionContext): void {
    const { obj, key, value } = context;
    if (!(value instanceof Sensitive)) return;
    if (obj.apiVersion !== 'v1' || obj.kind !== 'Secret' || key[0] !== 'data') {
      throw new TypeError(`${obj.kind}/${obj.name}: a secret stands in it, and only the data of a Secret may hold one`);
    }
    context.replaceValue(Buffer.from(value.reveal()).toString('base64'));
  }
}

/** The same for apps of others, whose own code may have made a text of a secret. */
export class RevealSecrets extends OpenSecrets {
  /** @throws {TypeError} also where such a text stands: it is a mask and no secret */
  override resolve(context: ResolutionContext): void {
    const { obj, key, value } = context;
    const texts = [value, key.at(-1)].filter((each) => typeof each === 'string');
    if (texts.some(holdsMask)) {
      const place = key.some(holdsMask) ? 'a key' : key.join('.');
      throw new TypeError(
        `${obj.kind}/${obj.name}: ${place} holds ${mask}, which is what a secret becomes where it is made a text`,
      );
    }
    super.resolve(context);
  }
}

const maskInBase64 = Buffer.from(mask).toString('base64').replace(/=+$/, '');

/** Whether a text holds the mask, as it is or as it was encoded since, in capitals too. */
function holdsMask(text: string): boolean {
  if (text.includes(maskInBase64)) return true;
  for (const decoded of decodingsOf(text)) if (decoded.toLowerCase().includes(mask)) return true;
  return false;
}

/** Opens sensitive values for the environment of a child process. */
export function revealVariables(variables: ReadonlyMap<string, Text | undefined>): NodeJS.ProcessEnv {
  return Object.fromEntries(
    [...variables].map(([name, value]) => [name, value instanceof Sensitive ? value.reveal() : value]),
  );
}

/** Opens a text of either sort that is about to be written to a file. */
export function revealText(text: Text): string {
  return text instanceof Sensitive ? text.reveal() : text;
}
