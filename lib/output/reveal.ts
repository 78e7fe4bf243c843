import type { IResolver, ResolutionContext } from 'cdk8s';
import { Sensitive, type Text } from '../environment/sensitive';

/** Opens sensitive values while cdk8s renders a manifest: the base64 of their UTF-8, as `data` of a Secret wants it. */
export class RevealSecrets implements IResolver {
  resolve(context: ResolutionContext): void {
    if (context.value instanceof Sensitive) {
      context.replaceValue(Buffer.from(context.value.reveal()).toString('base64'));
    }
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
