import type { IResolver, ResolutionContext } from 'cdk8s';
import { Sensitive } from '../environment/sensitive';

/** Opens sensitive values while cdk8s renders a manifest: the base64 of their UTF-8, as `data` of a Secret wants it. */
export class RevealSecrets implements IResolver {
  resolve(context: ResolutionContext): void {
    if (context.value instanceof Sensitive) {
      context.replaceValue(Buffer.from(context.value.reveal()).toString('base64'));
    }
  }
}
