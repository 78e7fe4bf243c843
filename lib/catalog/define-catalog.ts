import type { BundleObject, Catalog, Roles, Variable } from './catalog';
import { CatalogError, catalogFaults, declarationFaults, shapeFaults } from './catalog-faults';
import type { BundleDeclaration, Declaration, NoOtherFields, Role } from './declaration';

/**
 * Builds the catalog and checks that it can be carried out.
 * @throws {CatalogError} naming everything in it that cannot
 */
export function defineCatalog<
  const Bundle extends string,
  const D extends Readonly<Record<string, Declaration<Bundle>>>,
>(declared: {
  /** The application's name: file name and label. */
  readonly app: string;
  /** The user that goes with the registry's password, where it is the same everywhere. */
  readonly registryUser?: string;
  readonly bundles: Readonly<Record<Bundle, BundleDeclaration>>;
  readonly variables: D & NoOtherFields<D>;
}): Catalog<D> {
  refuse([...shapeFaults(declared)]);
  const declarations = Object.entries<Declaration>(declared.variables);
  const names = Object.keys(declared.bundles);
  refuse(declarations.flatMap(([name, declaration]) => [...declarationFaults(name, declaration, names)]));
  const bundles = new Map<string, BundleDeclaration>(Object.entries(declared.bundles));
  const variables = new Map(declarations.map(([name, declaration]) => [name, spellOut(name, declaration)]));
  const { app, registryUser } = declared;
  refuse([...catalogFaults({ app, bundles, variables, ...(registryUser !== undefined && { registryUser }) })]);
  return {
    app,
    declarations: declared.variables,
    variables,
    bundles,
    objects: objectsFor(bundles, variables),
    roles: rolesAmong(variables, registryUser),
  };
}

/** @throws {CatalogError} if there is any */
function refuse(faults: ConstructorParameters<typeof CatalogError>[0]): void {
  if (faults.length > 0) throw new CatalogError(faults);
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
    formerly: declaration.formerly ?? [],
    followsEnvironment: declaration.kind === 'config' && declaration.followsEnvironment === true,
    mayBeReused: declaration.kind !== 'config' && declaration.mayBeReused === true,
    verbatim: declaration.verbatim === true || drives === 'secret-store-optional', // its values are names of variables
  };
}

/** Both objects of every bundle, with the variables that go there. */
function objectsFor(
  bundles: ReadonlyMap<string, BundleDeclaration>,
  variables: ReadonlyMap<string, Variable>,
): BundleObject[] {
  const held = new Map(
    [...bundles.keys()].map((bundle) => [
      bundle,
      {
        Secret: { kind: 'Secret', name: `${bundle}-secrets`, bundle, variables: new Map<string, Variable>() },
        ConfigMap: { kind: 'ConfigMap', name: `${bundle}-config`, bundle, variables: new Map<string, Variable>() },
      } as const,
    ]),
  );
  for (const variable of variables.values()) {
    const kind = variable.kind === 'secret' ? 'Secret' : 'ConfigMap';
    for (const bundle of variable.bundles) held.get(bundle)?.[kind].variables.set(variable.key, variable);
  }
  return [...held.values()].flatMap(({ Secret, ConfigMap }) => [Secret, ConfigMap]);
}

/** The faults that were looked for leave none of those out that are needed. */
function rolesAmong(variables: ReadonlyMap<string, Variable>, registryUser: string | undefined): Roles {
  const driving = new Map([...variables.values()].flatMap((each) => (each.drives ? [[each.drives, each]] : [])));
  const driver = (role: Role) => driving.get(role);
  const [path, password, user] = [driver('registry'), driver('registry-password'), driver('registry-user')];
  const [backend, store] = [driver('secrets-backend'), driver('secret-store')];
  return {
    environment: driver('environment') as Variable,
    namespace: driver('namespace') as Variable,
    createNamespace: driver('create-namespace'),
    cluster: driver('cluster'),
    ...(path && password && { registry: { path, password, user: user ?? registryUser ?? '' } }),
    ...(backend &&
      store && {
        secrets: {
          backend,
          store,
          storeKind: driver('secret-store-kind'),
          key: driver('secret-store-key'),
          property: driver('secret-store-property'),
          optional: driver('secret-store-optional'),
          refresh: driver('secret-refresh'),
        },
      }),
  };
}
