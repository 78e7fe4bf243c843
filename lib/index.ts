// What another cdk8s app may import. docs/library.md shows its use.

export type { BundleObject, Catalog, Variable } from './catalog/catalog';
export { CatalogError } from './catalog/catalog-faults';
export { type Declaration, type Declarations, environmentName } from './catalog/declaration';
export { defineCatalog } from './catalog/define-catalog';
export { type EnvFromNames, envFromNames } from './catalog/pods';
export {
  dnsLabel,
  flag,
  hostName,
  integer,
  json,
  matching,
  oneOf,
  pem,
  port,
  registryPath,
  type StandardSchema,
  schema,
  text,
  url,
  type ValueType,
} from './catalog/value-type';
export { type EnvironmentSource, type ReadEnvironment, readEnvironment } from './commands/read-environment';
export { EnvironmentChart, type EnvironmentProps } from './constructs/environment-app';
export { type Problem, type ProblemCode, Refusal } from './environment/problem';
export { Sensitive } from './environment/sensitive';
export type { Values } from './environment/values';
export { exactYaml } from './output/exact-yaml';
export { RevealSecrets } from './output/reveal';
