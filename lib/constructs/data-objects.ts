import { ApiObject, type ApiObjectMetadata, App, JsonPatch, ResolutionContext } from 'cdk8s';
// Its types alone: to load the level-1 classes takes a twentieth of a run. A test compares the objects with theirs.
import type { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import type { Sensitive } from '../environment/sensitive';
import { writable } from './changed-texts';

/**
 * An object with a map of texts. The level-1 classes copy the whole map once per key, and cdk8s takes every single text
 * for a tree of tokens; texts are texts, so they are put in as they are. Without any there is no `data`.
 */
abstract class DataObject<T> extends ApiObject {
  readonly #data: Readonly<Record<string, T>>;
  readonly #patches: JsonPatch[] = [];

  constructor(scope: Construct, id: string, props: Props, data: Readonly<Record<string, T>>) {
    super(scope, id, props);
    this.#data = data;
  }

  protected abstract open(key: string, value: T): unknown;

  /** Kept until the object is whole: cdk8s would change the one without `data`. */
  override addJsonPatch(...patches: JsonPatch[]): void {
    this.#patches.push(...patches);
  }

  /** @throws {TypeError} where a patch does not fit, or cdk8s itself may write the object and would change a text */
  override toJson(): unknown {
    const object = super.toJson();
    const keys = Object.keys(this.#data).sort();
    const data: Record<string, unknown> = {};
    for (const key of keys) data[key] = this.open(key, this.#data[key] as T);
    if (keys.length > 0) object.data = data;
    return writable(this, this.#patched(object));
  }

  #patched(object: unknown): unknown {
    if (this.#patches.length === 0) return object; // which would be copied
    try {
      return JsonPatch.apply(object, ...this.#patches);
    } catch {
      // What is thrown may hold the whole object.
      const why = 'a path is not there, or a test fails';
      throw new TypeError(`${this.kind}/${this.name}: a JSON patch does not fit it: ${why}`);
    }
  }
}

interface Props extends Pick<k8s.KubeSecretProps, 'type'> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ApiObjectMetadata;
}

/** A Secret whose values stay masked until the manifest is rendered by an app with a resolver that opens them. */
export class SensitiveSecret extends DataObject<Sensitive> {
  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly metadata: ApiObjectMetadata;
      readonly type: string;
      readonly data: Readonly<Record<string, Sensitive>>;
    },
  ) {
    const { metadata, type, data } = props;
    super(scope, id, { apiVersion: 'v1', kind: 'Secret', metadata, type }, data);
  }

  /** @throws {TypeError} where no resolver opens it */
  protected override open(key: string, value: Sensitive): unknown {
    const context = new ResolutionContext(this, ['data', key], value);
    for (const resolver of App.of(this).resolvers) {
      resolver.resolve(context);
      if (context.replaced) return context.replacedValue;
    }
    throw new TypeError(`${this.name} stays masked: the app has no resolver that opens it`);
  }
}

/** A ConfigMap. */
export class PlainConfigMap extends DataObject<string> {
  constructor(
    scope: Construct,
    id: string,
    props: { readonly metadata: ApiObjectMetadata; readonly data: Readonly<Record<string, string>> },
  ) {
    super(scope, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: props.metadata }, props.data);
  }

  protected override open(_key: string, text: string): string {
    return text;
  }
}
