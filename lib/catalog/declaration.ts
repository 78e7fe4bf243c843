import type { ValueType } from './value-type';

/** As a default: the name of the environment. */
export const environmentName: unique symbol = Symbol('the name of the environment');

/** A group of pods. Its variables become the objects `<bundle>-secrets` and `<bundle>-config`. */
export interface BundleDeclaration {
  readonly description: string;
  /** The bundle that the pods of every other bundle load too. */
  readonly everyPod?: true;
}

interface CommonDeclaration {
  /** One line, for examples, documents and `check`. */
  readonly description: string;
  readonly type: ValueType;
  /** May stay without a value; pods then do not get it. */
  readonly optional?: true;
  /** Names that it had before: a file that still says one is told the new one. */
  readonly formerly?: readonly string[];
  /** Its values are meant as they are, whatever they look like: no `not-a-value`, no `suspicious-value`. */
  readonly verbatim?: true;
}

interface BundledDeclaration<Bundle extends string> extends CommonDeclaration {
  /** The bundle, or the bundles, whose pods get it. */
  readonly bundle: Bundle | readonly Bundle[];
  /** The name that pods know it by, if not its own. */
  readonly key?: string;
}

/** Goes to Secrets. Has no default: the catalog is committed. */
export interface SecretDeclaration<Bundle extends string> extends BundledDeclaration<Bundle> {
  readonly kind: 'secret';
  /** Environments may hold the same value without a `reused-secret` warning. */
  readonly mayBeReused?: true;
}

/** Goes to ConfigMaps, readable by anybody who may see the namespace. */
export interface ConfigDeclaration<Bundle extends string> extends BundledDeclaration<Bundle> {
  readonly kind: 'config';
  readonly default?: string | typeof environmentName;
  /** In an environment that is named like one of its allowed values, any other value is suspicious. */
  readonly followsEnvironment?: true;
}

/** What an infra variable may drive in the output. `environment` and `namespace` are needed, the registry's go together. */
export const roles = {
  environment: "the environment's name, which it may not contradict",
  namespace: 'the namespace that every object goes to',
  'create-namespace': 'whether the Namespace is written too (`true`)',
  cluster: 'the cluster that the environment lives on',
  registry: 'the registry that images are pulled from, for `registry-credentials`',
  'registry-password': 'its password or token; sensitive',
  'registry-user': "its user; in place of the catalog's constant `registryUser`",
  'secrets-backend':
    'where pods have their Secrets from: `kubernetes` (they are written; so too without a value) or `external-secrets` (an operator makes them of a store)',
  'secret-store': 'the name of that store; `external-secrets` needs it',
  'secret-store-kind': 'its kind: `SecretStore` (so too without a value) or `ClusterSecretStore`',
  'secret-store-key':
    'the key of a secret there, with `{variable}`, `{environment}`, `{app}` and `{bundle}` for what they say; `{variable}` without a value',
  'secret-store-property': 'where one key holds many secrets: the property of one, written in the same way',
  'secret-store-optional': 'the optional secrets that the store has: names, separated by commas',
  'secret-refresh': 'how often the store is read anew: `1h` without a value, `0` for never',
} as const;

export type Role = keyof typeof roles;

/** Drives the output itself, reaches no pod. */
export interface InfraDeclaration extends CommonDeclaration {
  readonly kind: 'infra';
  readonly drives?: Role;
  readonly sensitive?: true;
  readonly default?: string | typeof environmentName;
  /** As for secrets. */
  readonly mayBeReused?: true;
}

export type Declaration<Bundle extends string = string> =
  | SecretDeclaration<Bundle>
  | ConfigDeclaration<Bundle>
  | InfraDeclaration;

export type Declarations = Readonly<Record<string, Declaration>>;

export type Kind = Declaration['kind'];

/** Every field of a declaration: the kinds that have it, and what it says. Typed so that it cannot lag behind them. */
export const fields = {
  kind: [['secret', 'config', 'infra'], '`secret`, `config` or `infra`'],
  type: [['secret', 'config', 'infra'], 'what values it takes'],
  description: [['secret', 'config', 'infra'], 'one line for examples, documents and `check`'],
  bundle: [['secret', 'config'], 'the bundle whose pods get it, or a list of them'],
  key: [['secret', 'config'], 'the name that pods know it by, if not its own'],
  default: [['config', 'infra'], "a text; or `environmentName`, the environment's own name"],
  optional: [['secret', 'config', 'infra'], '`true`: it may stay without a value'],
  followsEnvironment: [
    ['config'],
    '`true`: in an environment named like one of its values, another value is a warning',
  ],
  mayBeReused: [['secret', 'infra'], '`true`: environments may hold the same secret without a warning'],
  sensitive: [['infra'], '`true`: it is kept like a secret'],
  drives: [['infra'], 'what it decides of the output: its role'],
  formerly: [['secret', 'config', 'infra'], 'names that it had before: a file that still uses one is told the new one'],
  verbatim: [
    ['secret', 'config', 'infra'],
    '`true`: its values are meant as they are, even one that looks like a stand-in, a template or a mistake (no `not-a-value`, no `suspicious-value`)',
  ],
} as const satisfies { [F in Field]: readonly [readonly K<F>[], string] };

type Field = Declaration extends infer D ? (D extends Declaration ? keyof D : never) : never;
type K<F> = Declaration extends infer D
  ? D extends Declaration
    ? F extends keyof D
      ? D['kind']
      : never
    : never
  : never;

/** The fields that a declaration of this kind may have. */
export function fieldsOf(kind: Kind): string[] {
  return Object.entries(fields).flatMap(([field, [kinds]]) =>
    (kinds as readonly Kind[]).includes(kind) ? [field] : [],
  );
}

type FieldOf<Which extends Kind> = {
  [F in keyof typeof fields]: Which extends (typeof fields)[F][0][number] ? F : never;
}[keyof typeof fields];

/** Refuses, for the type checker, fields that a declaration of its kind does not have. */
export type NoOtherFields<D extends Declarations> = {
  readonly [N in keyof D]: { readonly [F in Exclude<keyof D[N], FieldOf<D[N]['kind']>>]: never };
};
