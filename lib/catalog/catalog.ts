import type { BundleDeclaration, Declarations, environmentName, Kind, Role } from './declaration';
import type { ValueType } from './value-type';

/** A declaration with everything spelled out. */
export interface Variable {
  readonly name: string;
  readonly kind: Kind;
  /** Never shown: a secret, or an infra variable declared so. */
  readonly sensitive: boolean;
  readonly description: string;
  readonly type: ValueType;
  readonly optional: boolean;
  readonly default?: string | typeof environmentName;
  /** Empty for infra. */
  readonly bundles: readonly string[];
  readonly key: string;
  readonly drives?: Role;
  /** Names that it had before. */
  readonly formerly: readonly string[];
  readonly followsEnvironment: boolean;
  readonly mayBeReused: boolean;
  /** Its values are meant as they are, whatever they look like. */
  readonly verbatim: boolean;
}

/** A Secret or ConfigMap and the variable behind each of its keys. */
export interface BundleObject {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly bundle: string;
  readonly variables: ReadonlyMap<string, Variable>;
}

/** The image pull secret that a registry and its password make, its one key, and what takes the place of a bundle. */
export const registryCredentials = {
  name: 'registry-credentials',
  key: '.dockerconfigjson',
  component: 'registry',
} as const;

/** The variables that drive the output. */
export interface Roles {
  readonly environment: Variable;
  readonly namespace: Variable;
  readonly createNamespace: Variable | undefined;
  readonly cluster: Variable | undefined;
  readonly registry?: {
    readonly path: Variable;
    readonly password: Variable;
    /** A variable, or the user itself. */
    readonly user: Variable | string;
  };
  /** What says where Secrets come from. */
  readonly secrets?: {
    readonly backend: Variable;
    readonly store: Variable;
    readonly storeKind: Variable | undefined;
    readonly key: Variable | undefined;
    readonly property: Variable | undefined;
    readonly optional: Variable | undefined;
    readonly refresh: Variable | undefined;
  };
}

/** Every variable there is, in the order of its declaration. `D` keeps the declarations' own types. */
export interface Catalog<D extends Declarations = Declarations> {
  /** The application's name: file name and label. */
  readonly app: string;
  readonly declarations: D;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly bundles: ReadonlyMap<string, BundleDeclaration>;
  /** Both objects of every bundle, empty ones too. */
  readonly objects: readonly BundleObject[];
  readonly roles: Roles;
}

/** What declares the product's variables. */
export interface CatalogModule extends SeenOfCatalog {
  /** Evaluates it. */
  load(): Promise<{ readonly catalog: Catalog }>;
}

/** What evaluating a catalog does not tell. */
export interface SeenOfCatalog {
  /** Its file, and those of the same team that it imports, for messages. */
  readonly files: readonly [string, ...string[]];
  readonly givenTwice: readonly GivenTwice[];
}

/** A key that an object literal has twice: JavaScript takes the last and says nothing. */
export interface GivenTwice {
  readonly name: string;
  readonly file: string;
  /** Of the second, from 1. */
  readonly line: number;
}
