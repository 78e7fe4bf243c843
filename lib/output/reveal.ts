import type { IResolver, ResolutionContext } from 'cdk8s';
import { decodingsOf } from '../environment/decodings';
import { mask, Sensitive, type Text, textMatches } from '../environment/sensitive';

/** Opens sensitive values while cdk8s renders a manifest: the base64 of their UTF-8, as `data` of a Secret wants it. */
export class OpenSecrets implements IResolver {
  /** @throws {TypeError} where one stands anywhere else: all that would be written of it in the clear */
  resolve(context: ResolutionContext): void {
    const { obj, key, value } = context;
    if (!(value instanceof Sensitive)) return;
    if (obj.apiVersion !== 'v1' || obj.kind !== 'Secret' || key[0] !== 'data') {
      throw new TypeError(`${obj.kind}/${obj.name}: a secret stands in it, and only the data of a Secret may hold one`);
    }
    const text = value.reveal();
    if (!text.isWellFormed()) {
      throw new TypeError(
        `${obj.kind}/${obj.name}: ${key.join('.')} holds half a character, which UTF-8 has no bytes for`,
      );
    }
    context.replaceValue(Buffer.from(text).toString('base64'));
  }
}

/** The same for apps of others, whose own code may have made a text of a secret. */
export class RevealSecrets extends OpenSecrets {
  /** @throws {TypeError} also where such a text stands: it is a mask and no secret */
  override resolve(context: ResolutionContext): void {
    const { obj, key, value } = context;
    const isKey = holdsMask(key.at(-1) ?? '');
    const isText = typeof value === 'string' || value instanceof Sensitive; // which may have been made of one
    if (isKey || (isText && textMatches(value, holdsMask))) {
      const place = isKey ? 'a key' : key.join('.');
      throw new TypeError(
        `${obj.kind}/${obj.name}: ${place} holds ${mask}, which is what a secret becomes where it is made a text`,
      );
    }
    super.resolve(context);
  }
}

/** Too short, alone, for what finds base64. */
const masksInBase64 = [mask, mask.toUpperCase()].map((each) => Buffer.from(each).toString('base64').replace(/=+$/, ''));

/** Whether a text holds the mask, as it is, in capitals, or as it was encoded since: a URL in base64 was so twice. */
function holdsMask(text: string): boolean {
  const holds = (each: string) =>
    masksInBase64.some((encoded) => each.includes(encoded)) || each.toLowerCase().includes(mask);
  if (holds(text)) return true;
  for (const once of decodingsOf(text)) {
    for (const twice of decodingsOf(once)) if (holds(twice)) return true;
  }
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
