import { ApiObject, App, JsonPatch, ResolutionContext } from 'cdk8s';
import * as k8s from 'cdk8s-plus-28/lib/imports/k8s'; // its `k8s`, without the rest, which takes twice as long to load
import type { Construct } from 'constructs';
import type { Sensitive } from '../environment/sensitive';
import { isToBeExact, mayChange } from './changed-texts';

/**
 * Renders an object with a map of texts. The level-1 classes copy the whole map once per key, and cdk8s takes every
 * single text for a tree of tokens; texts are texts, so they are put in as they are. Without any there is no `data`.
 * @param patches are made behind that: those that the object itself has would not find it
 * @throws {TypeError} where cdk8s itself may write the object and would change a text
 */
function render<T>(
  object: ApiObject,
  data: Readonly<Record<string, T>>,
  open: (key: string, value: T) => unknown,
  patches: readonly JsonPatch[],
): unknown {
  const rendered = ApiObject.prototype.toJson.call(object) as Record<string, unknown>;
  const opened: Record<string, unknown> = {};
  const isExact = isToBeExact(object);
  for (const key of Object.keys(data).sort()) {
    const value = open(key, data[key] as T);
    if (!isExact && typeof value === 'string' && mayChange(value)) {
      throw new TypeError(`${object.kind}/${object.name}: cdk8s would not write ${key} exactly. Use exactYaml`);
    }
    opened[key] = value;
  }
  const whole = Object.keys(data).length === 0 ? rendered : { ...rendered, data: opened };
  return patches.length === 0 ? whole : JsonPatch.apply(whole, ...patches);
}

/** A Secret whose values stay masked until the manifest is rendered by an app with a resolver that opens them. */
export class SensitiveSecret extends k8s.KubeSecret {
  readonly #data: Readonly<Record<string, Sensitive>>;
  readonly #patches: JsonPatch[] = [];

  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly metadata: k8s.ObjectMeta;
      readonly type: string;
      readonly data: Readonly<Record<string, Sensitive>>;
    },
  ) {
    const { metadata, type, data } = props;
    super(scope, id, { metadata, type });
    this.#data = data;
  }

  override addJsonPatch(...patches: JsonPatch[]): void {
    this.#patches.push(...patches);
  }

  /** @throws {TypeError} where no resolver opens the values */
  override toJson(): unknown {
    const { resolvers } = App.of(this);
    const open = (key: string, value: Sensitive): unknown => {
      const context = new ResolutionContext(this, ['data', key], value);
      for (const resolver of resolvers) {
        resolver.resolve(context);
        if (context.replaced) return context.replacedValue;
      }
      throw new TypeError(`${this.name} stays masked: the app has no resolver that opens it`);
    };
    return render(this, this.#data, open, this.#patches);
  }
}

/** A ConfigMap. */
export class PlainConfigMap extends k8s.KubeConfigMap {
  readonly #data: Readonly<Record<string, string>>;
  readonly #patches: JsonPatch[] = [];

  constructor(
    scope: Construct,
    id: string,
    props: { readonly metadata: k8s.ObjectMeta; readonly data: Readonly<Record<string, string>> },
  ) {
    super(scope, id, { metadata: props.metadata });
    this.#data = props.data;
  }

  override addJsonPatch(...patches: JsonPatch[]): void {
    this.#patches.push(...patches);
  }

  override toJson(): unknown {
    return render(this, this.#data, (_key, text) => text, this.#patches);
  }
}
