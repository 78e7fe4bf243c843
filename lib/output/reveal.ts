import type { IResolver, ResolutionContext } from 'cdk8s';
import { mask, Sensitive, type Text } from '../environment/sensitive';

/** Opens sensitive values while cdk8s renders a manifest: the base64 of their UTF-8, as `data` of a Secret wants it. */
export class RevealSecrets implements IResolver {
  /** @throws {TypeError} where one stands anywhere else: all that would be written of it in the clear */
  resolve(context: ResolutionContext): void {
    const { obj, key, value } = context;
    if (typeof value === 'string' && value.includes(mask)) {
      throw new TypeError(`${obj.kind}/${obj.name}: a secret was made a text in it, which is a mask and no secret`);
    }
    if (!(value instanceof Sensitive)) return;
    if (obj.kind !== 'Secret' || key[0] !== 'data') {
      throw new TypeError(`${obj.kind}/${obj.name}: a secret stands in it, and only the data of a Secret may hold one`);
    }
    context.replaceValue(Buffer.from(value.reveal()).toString('base64'));
  }
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
