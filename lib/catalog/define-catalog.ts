import { accepts, isDnsLabel, type ValueType } from './value-type';

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

/** What an infra variable drives in the output. `environment` and `namespace` are needed, the registry's two go together. */
export type Role = 'environment' | 'namespace' | 'create-namespace' | 'cluster' | 'registry' | 'registry-password';

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
  readonly followsEnvironment: boolean;
  readonly mayBeReused: boolean;
}

/** A Secret or ConfigMap and the variable behind each of its keys. */
export interface BundleObject {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly bundle: string;
  readonly variables: ReadonlyMap<string, Variable>;
}

/** The image pull secret that a registry and its password make, and its one key. */
export const registryCredentials = { name: 'registry-credentials', key: '.dockerconfigjson' } as const;

/** Every variable there is, in the order of its declaration. `D` keeps the declarations' own types. */
export interface Catalog<D extends Declarations = Declarations> {
  /** The application's name: file name and label. */
  readonly app: string;
  readonly declarations: D;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly bundles: ReadonlyMap<string, BundleDeclaration>;
  /** Both objects of every bundle, empty ones too. */
  readonly objects: readonly BundleObject[];
  readonly roles: ReadonlyMap<Role, Variable>;
  /** The user name that goes with the registry's password. */
  readonly registryUser: string;
}

/** A catalog that contradicts itself. The message names every contradiction. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError';
  constructor(contradictions: readonly string[]) {
    super(`The catalog contradicts itself:\n${contradictions.map((line) => `  - ${line}`).join('\n')}`);
  }
}

/** The fields of each kind of declaration. Typed so that it cannot lag behind the declarations. */
const fieldsOf = {
  secret: ['kind', 'bundle', 'type', 'description', 'optional', 'key', 'mayBeReused'],
  config: ['kind', 'bundle', 'type', 'description', 'optional', 'key', 'default', 'followsEnvironment'],
  infra: ['kind', 'type', 'description', 'optional', 'drives', 'sensitive', 'default', 'mayBeReused'],
} as const satisfies { [K in Kind]: readonly (keyof Extract<Declaration, { kind: K }>)[] };

/** Refuses, for the type checker, fields that a declaration of its kind does not have. */
type NoOtherFields<D extends Declarations> = {
  readonly [N in keyof D]: { readonly [F in Exclude<keyof D[N], (typeof fieldsOf)[D[N]['kind']][number]>]: never };
};

/**
 * Builds the catalog and checks that it can be carried out.
 * @throws {CatalogError} naming everything in it that cannot
 */
export function defineCatalog<
  const Bundle extends string,
  const D extends Readonly<Record<string, Declaration<Bundle>>>,
>(declared: {
  readonly app: string;
  readonly registryUser?: string;
  readonly bundles: Readonly<Record<Bundle, BundleDeclaration>>;
  readonly variables: D & NoOtherFields<D>;
}): Catalog<D> {
  const faults = Object.entries<Declaration>(declared.variables).flatMap((entry) => [...declarationFaults(...entry)]);
  if (faults.length > 0) throw new CatalogError(faults);
  const bundles = new Map<string, BundleDeclaration>(Object.entries(declared.bundles));
  const variables = new Map<string, Variable>();
  for (const [name, declaration] of Object.entries<Declaration>(declared.variables)) {
    variables.set(name, spellOut(name, declaration));
  }
  const all = [...variables.values()];
  const objects = [...bundles.keys()].flatMap((bundle) => [
    { kind: 'Secret' as const, name: `${bundle}-secrets`, bundle, variables: new Map<string, Variable>() },
    { kind: 'ConfigMap' as const, name: `${bundle}-config`, bundle, variables: new Map<string, Variable>() },
  ]);
  for (const variable of all) {
    const kind = variable.kind === 'secret' ? 'Secret' : 'ConfigMap';
    for (const object of objects) {
      if (object.kind === kind && variable.bundles.includes(object.bundle))
        object.variables.set(variable.key, variable);
    }
  }
  const catalog: Catalog<D> = {
    app: declared.app,
    declarations: declared.variables,
    variables,
    bundles,
    objects,
    roles: new Map(all.flatMap((variable) => (variable.drives ? [[variable.drives, variable] as const] : []))),
    registryUser: declared.registryUser ?? 'nologin',
  };
  const contradictions = [
    ...structuralContradictions(catalog),
    ...all.flatMap((variable) => [...variableContradictions(catalog, variable)]),
    ...twiceInAPod(catalog),
  ];
  if (contradictions.length > 0) throw new CatalogError(contradictions);
  return catalog;
}

/**
 * What the type checker would say of a declaration. The program runs without it, and a mistyped kind must not send a
 * secret to a ConfigMap.
 */
function* declarationFaults(name: string, declaration: Declaration): Generator<string> {
  const fields: readonly string[] | undefined = Object.hasOwn(fieldsOf, declaration.kind)
    ? fieldsOf[declaration.kind]
    : undefined;
  if (!fields) {
    yield `${name}: its kind is none of ${Object.keys(fieldsOf).join(', ')}`;
    return;
  }
  for (const field of Object.keys(declaration)) {
    if (!fields.includes(field)) yield `${name}: ${field} is no field of kind ${declaration.kind}`;
  }
  if (typeof declaration.type?.rule !== 'string') yield `${name}: needs a type`;
  if (typeof declaration.description !== 'string') yield `${name}: needs a description`;
  const names: unknown = declaration.kind === 'infra' ? [] : declaration.bundle;
  if (typeof names !== 'string' && !Array.isArray(names)) yield `${name}: needs a bundle`;
}

function spellOut(name: string, declaration: Declaration): Variable {
  const bundle = declaration.kind === 'infra' ? [] : declaration.bundle;
  const fallback = declaration.kind === 'secret' ? undefined : declaration.default;
  const drives = declaration.kind === 'infra' ? declaration.drives : undefined;
  return {
    name,
    kind: declaration.kind,
    sensitive: declaration.kind === 'secret' || (declaration.kind === 'infra' && declaration.sensitive === true),
    description: declaration.description,
    type: declaration.type,
    optional: declaration.optional === true,
    ...(fallback === undefined ? {} : { default: fallback }),
    bundles: typeof bundle === 'string' ? [bundle] : bundle,
    key: (declaration.kind === 'infra' ? undefined : declaration.key) ?? name,
    ...(drives === undefined ? {} : { drives }),
    followsEnvironment: declaration.kind === 'config' && declaration.followsEnvironment === true,
    mayBeReused: declaration.kind !== 'config' && declaration.mayBeReused === true,
  };
}

/** The names that envFrom takes (Kubernetes skips others silently), and the longest data key it stores. */
const variableNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,252}$/;

function* structuralContradictions(catalog: Catalog): Generator<string> {
  if (!isDnsLabel(catalog.app)) yield `app ${catalog.app}: not a DNS-1123 label`;
  for (const bundle of catalog.bundles.keys()) {
    if (!isDnsLabel(bundle)) yield `bundle ${bundle}: not a DNS-1123 label`;
  }
  const common = [...catalog.bundles].filter(([, bundle]) => bundle.everyPod).map(([name]) => name);
  if (common.length > 1) yield `bundles ${common.join(' and ')}: only one can be loaded by every pod`;
  for (const role of ['environment', 'namespace'] as const) {
    if (!catalog.roles.has(role)) yield `no variable drives the ${role}`;
  }
  if (catalog.roles.has('registry') !== catalog.roles.has('registry-password')) {
    yield 'the roles registry and registry-password need each other';
  }
}

function* variableContradictions(catalog: Catalog, variable: Variable): Generator<string> {
  const { name, key, kind, bundles, drives, type, optional, sensitive, description, default: fallback } = variable;
  for (const each of key === name ? [name] : [name, key]) {
    if (!variableNamePattern.test(each)) yield `${name}: ${each} is a name that no environment variable may have`;
    // cdk8s loses or crashes on keys that every JavaScript object inherits.
    else if (each in Object.prototype) yield `${name}: ${each} is a name that JavaScript keeps for itself`;
  }
  if (description.trim() === '' || description.includes('\n')) yield `${name}: needs a description of one line`;
  if (kind !== 'infra' && bundles.length === 0) yield `${name}: is in no bundle`;
  for (const bundle of bundles) if (!catalog.bundles.has(bundle)) yield `${name}: there is no bundle ${bundle}`;
  if (new Set(bundles).size < bundles.length) yield `${name}: names a bundle twice`;
  if (drives) {
    const other = catalog.roles.get(drives)?.name;
    if (other !== name) yield `${name} and ${other}: both drive the ${drives}`;
    if (sensitive !== (drives === 'registry-password')) {
      yield `${name}: what drives the ${drives} must ${sensitive ? 'not ' : ''}be sensitive`;
    }
  }
  if (fallback !== undefined) {
    if (sensitive) yield `${name}: is sensitive, and a default is committed`;
    if (optional) yield `${name}: has a default, so it cannot be optional`;
    if (typeof fallback === 'string' && !fallback.includes('${') && !accepts(type, fallback)) {
      yield `${name}: its default is not ${type.rule}`;
    }
    for (const [placeholder, read = ''] of String(fallback).matchAll(/(?<!\$)\$\{([^}]*)\}?/g)) {
      if (!catalog.variables.has(read)) yield `${name}: its default reads ${placeholder}, which is not in the catalog`;
    }
  }
}

/** A pod loads the Secret and ConfigMap of its own bundle and of the one for every pod: of two equal keys one is lost. */
function* twiceInAPod(catalog: Catalog): Generator<string> {
  const held = new Map<string, Variable[]>([...catalog.bundles.keys()].map((bundle) => [bundle, []]));
  for (const variable of catalog.variables.values()) {
    for (const bundle of variable.bundles) held.get(bundle)?.push(variable);
  }
  const common = [...catalog.bundles].filter(([, bundle]) => bundle.everyPod).map(([name]) => name);
  const reported = new Set<string>();
  for (const bundle of catalog.bundles.keys()) {
    const owners = new Map<string, string>();
    for (const variable of [...new Set([...common, bundle])].flatMap((loaded) => held.get(loaded) ?? [])) {
      const owner = owners.get(variable.key);
      owners.set(variable.key, variable.name);
      if (owner === undefined) continue;
      const names = owner === variable.name ? owner : `${owner} and ${variable.name}`;
      const report = `${names}: a pod of bundle ${bundle} would get the key ${variable.key} twice`;
      if (!reported.has(report)) yield report;
      reported.add(report);
    }
  }
}
