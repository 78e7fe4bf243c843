import type { Catalog } from '../catalog/catalog';
import { reusedSecrets } from './checks/reused-secret';
import { sharedTargets } from './checks/shared-target';
import type { Problem } from './problem';
import type { EnvironmentSummary } from './summary';

/**
 * Compares environments with each other: `shared-target` among all, `reused-secret` among those of the run.
 * @param run the environments that are asked for
 * @param rest others that are known
 * @returns the problems of one environment of the run
 */
export function compareEnvironments(
  catalog: Catalog,
  run: readonly EnvironmentSummary[],
  rest: readonly EnvironmentSummary[],
): (environment: string) => Problem[] {
  const summaries = new Map(run.map((summary) => [summary.environment, summary]));
  const checks = [sharedTargets(catalog, run, rest), reusedSecrets(run)];
  return (environment) => {
    const summary = summaries.get(environment);
    return summary ? checks.flatMap((check) => check(summary)) : [];
  };
}
