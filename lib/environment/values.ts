import type { Catalog } from '../catalog/catalog';
import type { Declaration } from '../catalog/declaration';
import type { ValueType } from '../catalog/value-type';
import type { Sensitive, Text } from './sensitive';

type ValueOf<D extends Declaration> = D extends { readonly kind: 'secret' } | { readonly sensitive: true }
  ? Sensitive
  : D['type'] extends ValueType<infer T>
    ? T
    : never;

type OptionalNames<D> = { [N in keyof D]: D[N] extends { readonly optional: true } ? N : never }[keyof D];

/**
 * The values of an environment, inferred from its catalog: `Values<typeof catalog>` has `LOG_LEVEL: 'debug' | …`
 * and `OPENAI_API_KEY: Sensitive`. Optional variables may be left out.
 */
export type Values<C extends Catalog> =
  C extends Catalog<infer D>
    ? { readonly [N in Exclude<keyof D, OptionalNames<D>>]: ValueOf<D[N]> } & {
        readonly [N in OptionalNames<D>]?: ValueOf<D[N]>;
      }
    : never;

/** The values of an environment of any catalog. */
export type AnyValues = Readonly<Record<string, Text | undefined>>;
