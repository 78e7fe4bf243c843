import { ApiObject } from 'cdk8s';
import * as k8s from 'cdk8s-plus-28/lib/imports/k8s'; // its `k8s`, without the rest, which takes twice as long to load
import type { Construct } from 'constructs';
import type { Sensitive } from '../environment/sensitive';

/**
 * The level-1 classes copy the whole data map once per key when they render it. What they render is what they were
 * given, so the plain rendering of cdk8s gives the same in time that grows with the number of keys, not its square.
 */
function renderPlainly(object: ApiObject): unknown {
  return ApiObject.prototype.toJson.call(object);
}

/** A Secret whose values stay sealed until the manifest is rendered. Without values it has no `data` field at all. */
export class SealedSecret extends k8s.KubeSecret {
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
    // cdk8s declares texts here; the resolver that opens the values makes them texts.
    const sealed = data as unknown as Record<string, string>;
    super(scope, id, { metadata, type, ...(Object.keys(data).length > 0 && { data: sealed }) });
  }

  override toJson(): unknown {
    return renderPlainly(this);
  }
}

/** A ConfigMap. Without values it has no `data` field at all. */
export class PlainConfigMap extends k8s.KubeConfigMap {
  constructor(
    scope: Construct,
    id: string,
    props: { readonly metadata: k8s.ObjectMeta; readonly data: Readonly<Record<string, string>> },
  ) {
    const { metadata, data } = props;
    super(scope, id, { metadata, ...(Object.keys(data).length > 0 && { data }) });
  }

  override toJson(): unknown {
    return renderPlainly(this);
  }
}
