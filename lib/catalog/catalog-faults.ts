import type { Variable } from './catalog';
import {
  type BundleDeclaration,
  environmentName,
  fields,
  fieldsOf,
  type Kind,
  type Role,
  roles as rolesThereAre,
} from './declaration';
import { isDnsLabel } from './host-name';
import { nearArgument, nearName, suggestion } from './near-name';
import { refreshFault, type StoreFault, secretStoreKinds, secretsBackends, storeKeyFault } from './secret-store';
import * as types from './value-type';

/** Something in a catalog that cannot be carried out. */
export interface CatalogFault {
  /** The name in the catalog that it is about: a variable or a bundle. */
  readonly name?: string;
  /** One line. */
  readonly message: string;
  /** What to do about it, one line. */
  readonly hint?: string;
}

/** A catalog that cannot be built. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError';
  readonly faults: readonly CatalogFault[];
  constructor(faults: readonly CatalogFault[]) {
    super(faults.map(({ message }) => message).join('\n'));
    this.faults = faults;
  }
}

const kinds: readonly Kind[] = fields.kind[0];
const fieldsByKind = new Map(kinds.map((kind) => [kind, fieldsOf(kind)]));

const noDefault = 'The catalog is committed: a secret gets its value in the file of each environment';

/** What a catalog is made of, and what a bundle is. */
const fieldsOfCatalog = ['app', 'registryUser', 'bundles', 'variables'];
const fieldsOfBundle = ['description', 'everyPod'];

/** What the type checker would say of all that stands around the declarations. */
export function* shapeFaults(declared: unknown): Generator<CatalogFault> {
  const given = Object(declared) as Record<string, unknown>;
  for (const field of Object.keys(given)) {
    if (!fieldsOfCatalog.includes(field))
      yield { name: field, message: `a catalog has no field ${field}`, hint: didYouMean(field, fieldsOfCatalog) };
  }
  const { app, registryUser, bundles, variables } = given;
  if (typeof app !== 'string') {
    yield { name: 'app', message: 'app is the name of the application, a text', hint: "For example: app: 'my-app'" };
  }
  if (registryUser !== undefined && (typeof registryUser !== 'string' || registryUser === '')) {
    yield { name: 'registryUser', message: 'registryUser is a text, or left out' };
  }
  for (const [field, value] of [
    ['bundles', bundles],
    ['variables', variables],
  ] as const) {
    if (!isObject(value)) yield { name: field, message: `${field} is an object: a name, and what it is, on each line` };
  }
  for (const [name, bundle] of Object.entries(isObject(bundles) ? bundles : {})) yield* bundleFaults(name, bundle);
}

function* bundleFaults(name: string, bundle: unknown): Generator<CatalogFault> {
  if (!isObject(bundle)) {
    yield { name, message: `bundle ${name}: is declared by { description }` };
    return;
  }
  const { description } = bundle;
  for (const field of Object.keys(bundle)) {
    if (!fieldsOfBundle.includes(field))
      yield { name, message: `bundle ${name}: has no field ${field}`, hint: didYouMean(field, fieldsOfBundle) };
  }
  if (!isOneLine(description)) yield { name, message: `bundle ${name}: needs a description of one line` };
}

/** An object literal, or all that a module exports. */
function isObject(value: unknown): value is Record<string, unknown> {
  return /^\[object (?:Object|Module)\]$/.test(Object.prototype.toString.call(value));
}

function isOneLine(text: unknown): boolean {
  return typeof text === 'string' && text.trim() !== '' && !text.includes('\n');
}

/** The fields that are `true` or left out. */
const switches = ['optional', 'sensitive', 'mayBeReused', 'followsEnvironment', 'verbatim'] as const;

/**
 * What the type checker would say of a declaration. The program runs without it, and a mistyped kind must not send a
 * secret to a ConfigMap.
 */
export function* declarationFaults(
  name: string,
  declaration: unknown,
  bundles: readonly string[],
): Generator<CatalogFault> {
  const say = (message: string, hint?: string): CatalogFault => ({
    name,
    message: `${name}: ${message}`,
    ...(hint !== undefined && { hint }),
  });
  if (typeof declaration !== 'object' || declaration === null) {
    yield say('is declared by { kind, type, description, … }');
    return;
  }
  const given = declaration as Record<string, unknown>;
  const { kind, type, description, bundle, default: fallback, drives, key, formerly } = given;
  if (!kinds.includes(kind as Kind)) {
    yield say(`its kind is not one of ${kinds.join(', ')}`, didYouMean(kind, kinds));
    return;
  }
  const allowed = fieldsByKind.get(kind as Kind) ?? [];
  for (const field of Object.keys(declaration)) {
    if (allowed.includes(field)) continue;
    const isSecretDefault = kind === 'secret' && field === 'default';
    yield say(`kind ${kind} has no field ${field}`, isSecretDefault ? noDefault : didYouMean(field, allowed));
  }
  yield* typeFaults(type, say);
  if (!isOneLine(description)) yield say('needs a description of one line');
  const names = Array.isArray(bundle) ? bundle : [bundle];
  if (kind !== 'infra' && !names.every((each) => typeof each === 'string')) {
    yield say('needs a bundle', `There are ${bundles.join(', ')}`);
  }
  if (fallback !== undefined && typeof fallback !== 'string' && fallback !== environmentName) {
    yield say('its default is not a text: pods get texts', asText(fallback));
  }
  if (key !== undefined && typeof key !== 'string') yield say('its key is not a text');
  if (formerly !== undefined && !(Array.isArray(formerly) && formerly.every((each) => typeof each === 'string'))) {
    yield say('formerly is a list of names', "For example: formerly: ['OLD_NAME']");
  }
  if (drives !== undefined && !Object.hasOwn(rolesThereAre, drives as string)) {
    const known = Object.keys(rolesThereAre);
    yield say(`what it drives is not one of ${known.join(', ')}`, didYouMean(drives, known));
  }
  for (const field of switches) {
    if (given[field] !== undefined && given[field] !== true) yield say(`${field} is true or left out`);
  }
}

/** How to write a default that is no text. What is in an object is not shown. */
function asText(fallback: unknown): string {
  if (fallback === null) return 'Leave it out, or write null in quotes if pods are to get that';
  if (typeof fallback === 'object') return 'Write the text that pods are to get, as in default: JSON.stringify(…)';
  return `Put it in quotes: default: '${String(fallback)}'`;
}

function* typeFaults(type: unknown, say: (message: string, hint?: string) => CatalogFault): Generator<CatalogFault> {
  if (typeof type === 'function') {
    // By a name of its own, a bundler may have given it another one.
    const name = Object.entries(types).find(([, each]) => each === type)?.[0] ?? type.name;
    yield say('its type is not called', `Write type: ${name}()`);
    return;
  }
  const { rule, example, accepts, usage } = Object(type) as Record<string, unknown>;
  if (typeof rule !== 'string' || typeof example !== 'string' || typeof accepts !== 'function') {
    yield say('needs a type', 'For example: type: text()');
  } else if (usage !== undefined) {
    yield say('its type is not called as it has to be', `For example: type: ${usage}`);
  } else if (!accepts(example)) {
    const hint = 'Correct the one or the other. A schema of another library has to answer at once, not by a promise';
    yield say(`its type refuses its own example: it is not ${rule}`, hint);
  }
}

function didYouMean(typed: unknown, known: readonly string[]): string {
  const near = nearArgument(String(typed), known);
  return suggestion(near) ?? `There are ${known.join(', ')}`;
}

/** A catalog whose declarations are sound by themselves. */
interface Draft {
  readonly app: string;
  readonly registryUser?: string;
  readonly bundles: ReadonlyMap<string, BundleDeclaration>;
  readonly variables: ReadonlyMap<string, Variable>;
}

/** Whatever the declarations together cannot mean. */
export function* catalogFaults(draft: Draft): Generator<CatalogFault> {
  yield* namesOfBundles(draft);
  yield* rolesFaults(draft);
  yield* secretStoreFaults(draft);
  for (const variable of draft.variables.values()) {
    for (const fault of variableFaults(draft, variable)) {
      yield { name: variable.name, ...fault, message: `${variable.name}: ${fault.message}` };
    }
  }
  yield* twiceInAPod(draft);
}

function* namesOfBundles({ app, bundles }: Draft): Generator<CatalogFault> {
  const rule = 'not a DNS-1123 label (a-z, 0-9, hyphens inside, at most 63 characters)';
  if (!isDnsLabel(app)) yield { name: 'app', message: `app ${app}: ${rule}` };
  for (const [name, { everyPod }] of bundles) {
    // Its objects are called <bundle>-secrets and <bundle>-config.
    if (!isDnsLabel(name)) yield { name, message: `bundle ${name}: ${rule}` };
    // Labels and annotations of workloads are called <app>/checksum-<bundle>, at most 63 characters behind the slash.
    else if (name.length > 54) yield { name, message: `bundle ${name}: longer than 54 characters` };
    if (name === 'infra') yield { name, message: 'bundle infra: with-env calls the infra variables so' };
    if (everyPod !== undefined && everyPod !== true)
      yield { name, message: `bundle ${name}: everyPod is true or left out` };
  }
  const common = commonBundles(bundles);
  if (common.length > 1) yield { message: `bundles ${common.join(' and ')}: only one can be loaded by every pod` };
}

function commonBundles(bundles: Draft['bundles']): string[] {
  return [...bundles].filter(([, bundle]) => bundle.everyPod).map(([name]) => name);
}

function* rolesFaults({ registryUser, variables }: Draft): Generator<CatalogFault> {
  const drivers = new Map<Role, string>();
  for (const { name, drives, sensitive, optional } of variables.values()) {
    if (!drives) continue;
    const other = drivers.get(drives);
    if (other !== undefined) yield { name, message: `${other} and ${name}: both drive the ${drives}` };
    drivers.set(drives, name);
    if (drives === 'registry-user' && optional) yield { name, message: `${name}: the registry always needs a user` };
    if (drives === 'registry-user' || sensitive === (drives === 'registry-password')) continue;
    const hint = sensitive ? 'Remove sensitive: true' : 'Add sensitive: true';
    yield { name, message: `${name}: what drives the ${drives} must ${sensitive ? 'not ' : ''}be sensitive`, hint };
  }
  for (const role of ['environment', 'namespace'] as const) {
    if (drivers.has(role)) continue;
    yield { message: `no variable drives the ${role}`, hint: `One infra variable has drives: '${role}'` };
  }
  if (drivers.has('registry') !== drivers.has('registry-password')) {
    yield { message: 'the roles registry and registry-password need each other' };
  } else if (drivers.has('registry') && registryUser === undefined && !drivers.has('registry-user')) {
    const hint = "Name it beside app, as registryUser: '…', or declare an infra variable with drives: 'registry-user'";
    yield { message: 'the registry has no user', hint };
  }
  const user = drivers.get('registry-user');
  if (user !== undefined && registryUser !== undefined) {
    yield {
      name: user,
      message: `${user} and registryUser: both give the registry's user`,
      hint: 'Keep one of the two',
    };
  }
  if (user !== undefined && !drivers.has('registry')) {
    yield { name: user, message: `${user}: drives the user of a registry, and there is none` };
  }
}

/** Roles that choose among words of the program's: they may be fewer, and not others. */
const wordsOf = new Map<Role, readonly string[]>([
  ['secrets-backend', secretsBackends],
  ['secret-store-kind', secretStoreKinds],
]);

/** What is wrong with the text that drives a role, if anything is. */
const faultOf = new Map<Role, (text: string) => StoreFault | undefined>([
  ['secret-store-key', storeKeyFault],
  ['secret-store-property', storeKeyFault],
  ['secret-refresh', refreshFault],
]);

function* secretStoreFaults({ variables }: Draft): Generator<CatalogFault> {
  const driving = [...variables.values()].filter(({ drives }) => drives !== undefined);
  const nameOf = (role: Role) => driving.find(({ drives }) => drives === role)?.name;
  const [backend, store] = [nameOf('secrets-backend'), nameOf('secret-store')];
  if ((backend === undefined) !== (store === undefined)) {
    const name = backend ?? store;
    const message = 'the roles secrets-backend and secret-store need each other';
    yield { ...(name !== undefined && { name }), message };
  }
  for (const { name, drives, type, default: fallback } of driving) {
    if (!drives) continue;
    const words = wordsOf.get(drives);
    if (words && !type.allowed?.every((each) => words.includes(each))) {
      const hint = `Write type: oneOf(${words.map((each) => `'${each}'`).join(', ')})`;
      yield { name, message: `${name}: what drives the ${drives} is one of ${words.join(', ')}`, hint };
    }
    if (drives.startsWith('secret-') && drives !== 'secret-store' && backend === undefined && store === undefined) {
      yield { name, message: `${name}: drives the ${drives}, and no variable drives the secrets-backend` };
    }
    if (typeof fallback !== 'string' || fallback.includes('${')) continue;
    const fault = faultOf.get(drives)?.(fallback);
    if (fault !== undefined) yield { name, message: `${name}: its default ${fault.message}`, hint: fault.hint };
  }
}

/** The names that envFrom takes (Kubernetes skips others silently), and the longest data key it stores. */
const variableNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,252}$/;

function* nameFaults(names: readonly string[]): Generator<Omit<CatalogFault, 'name'>> {
  for (const each of names) {
    if (!variableNamePattern.test(each)) {
      const hint = 'Letters, digits and _, not a digit first, at most 253';
      yield { message: `${each} is a name that no environment variable may have`, hint };
    }
    // cdk8s loses or crashes on keys that every JavaScript object inherits.
    else if (each in Object.prototype) yield { message: `${each} is a name that JavaScript keeps for itself` };
  }
}

function* variableFaults(
  { bundles: known, variables }: Draft,
  variable: Variable,
): Generator<Omit<CatalogFault, 'name'>> {
  const { name, key, kind, bundles, type, optional, sensitive, formerly, followsEnvironment } = variable;
  yield* nameFaults([...new Set([name, key, ...formerly])]);
  if (new Set(formerly).size < formerly.length) yield { message: 'formerly names one twice' };
  if (kind !== 'infra' && bundles.length === 0) yield { message: 'is in no bundle' };
  for (const bundle of bundles) {
    if (!known.has(bundle))
      yield { message: `there is no bundle ${bundle}`, hint: didYouMean(bundle, [...known.keys()]) };
  }
  if (bundles.length > 1 && new Set(bundles).size < bundles.length) yield { message: 'names a bundle twice' };
  if (followsEnvironment && !type.allowed) yield { message: 'followsEnvironment needs a type that lists its values' };
  for (const former of formerly) {
    const holder =
      variables.get(former) ??
      [...variables.values()].find((each) => each !== variable && each.formerly.includes(former));
    if (holder) yield { message: `${former} cannot be its former name: ${holder.name} has it` };
  }
  const { default: fallback } = variable;
  if (fallback === undefined) return;
  if (sensitive) yield { message: 'is sensitive, and a default is committed' };
  if (optional) yield { message: 'has a default, so it cannot be optional' };
  if (typeof fallback === 'string' && !fallback.includes('${') && !type.accepts(fallback)) {
    yield {
      message: `its default is not ${type.rule}`,
      ...(type.allowed && { hint: didYouMean(fallback, type.allowed) }),
    };
  }
  for (const [placeholder, read = ''] of String(fallback).matchAll(/(?<!\$)\$\{([^}]*)\}?/g)) {
    if (read === name) yield { message: `its default reads ${placeholder}, which is itself` };
    if (variables.has(read)) continue;
    const near = nearName(read, variables.keys());
    yield {
      message: `its default reads ${placeholder}, which is not in the catalog`,
      ...(near !== undefined && { hint: `Did you mean \${${near}}?` }),
    };
  }
}

/** A pod loads the Secret and ConfigMap of its own bundle and of the one for every pod: of two equal keys one is lost. */
function* twiceInAPod({ bundles, variables }: Draft): Generator<CatalogFault> {
  const held = new Map<string, Variable[]>([...bundles.keys()].map((bundle) => [bundle, []]));
  for (const variable of variables.values())
    for (const bundle of new Set(variable.bundles)) held.get(bundle)?.push(variable); // a bundle named twice is told by itself
  const reported = new Set<string>();
  const common = commonBundles(bundles);
  for (const bundle of bundles.keys()) {
    const owners = new Map<string, string>();
    for (const { name, key } of [...new Set([...common, bundle])].flatMap((each) => held.get(each) ?? [])) {
      const owner = owners.get(key);
      owners.set(key, name);
      if (owner === undefined) continue;
      const names = owner === name ? owner : `${owner} and ${name}`;
      if (!reported.has(names))
        yield {
          name,
          message: `${names}: a pod of bundle ${bundle} would get the key ${key} twice`,
          ...(owner === name && {
            hint: `Leave it to ${variables.get(name)?.bundles.find((each) => common.includes(each))}, which every pod loads`,
          }),
        };
      reported.add(names);
    }
  }
}
