import { basename } from 'node:path';
import type { Catalog } from '../catalog/catalog';
import { type Exposure, envFileRole, exposuresInEnvFile } from '../environment/checks/exposed-file';
import { shortestSecret } from '../environment/checks/misplaced-secret';
import { secretsOf } from '../environment/evaluate';
import type { Problem } from '../environment/problem';
import { secretFinder } from '../environment/secret-search';
import { valuesOfTypes } from '../environment/type-values';
import { filesForGit, keepOutOfGit } from '../output/kept-from-git';
import type { Host } from '../report/host';
import { demo, environmentFiles } from '../sources/environment-files';
import { readTextFile } from '../sources/text-file';
import { gitWith } from '../tools/git';
import type { Outcome } from './environments';

/**
 * Finds what of an environment's files gives its secrets away: one for secrets that git tracks or would take, and what is
 * written into one that is committed. Git is asked once for all environments, and only if one has a file for secrets.
 * @param envs the folder of env files
 */
export function createExposureCheck(catalog: Catalog, envs: string, host: Host): (outcome: Outcome) => Problem[] {
  const hasSecrets = [...catalog.variables.values()].some(({ sensitive }) => sensitive);
  const ordinary = valuesOfTypes(catalog);
  let forGit: ReturnType<typeof filesForGit> | undefined;

  function inGit(path: string): Problem[] {
    const file = readTextFile(path);
    if (file.status === 'absent' || (file.status === 'read' && file.text.trim() === '')) return [];
    forGit ??= filesForGit(envs, gitWith(host.env));
    const state = forGit.get(basename(path));
    if (state === undefined) return [];
    return [
      {
        severity: 'warning',
        code: 'exposed-file',
        file: path,
        message: `${path} is for secrets, and git ${state === 'tracked' ? 'tracks it' : 'would take it'}`,
        hint: keepOutOfGit(envs, basename(path), state === 'tracked'),
      },
    ];
  }

  return (outcome) => {
    if (!hasSecrets || !('resolved' in outcome)) return [];
    const { environment } = outcome;
    const files = environmentFiles(envs, environment);
    // Not those that a type allows or gives as its example.
    const isOrdinary = (text: string) => ordinary.has(text);
    const secrets = environment === demo ? [] : secretsOf(outcome).filter((secret) => !secret.matches(isOrdinary));
    const holds = secretFinder(secrets, shortestSecret);
    const committed = [files.config, `${files.env}.example`, ...(environment === demo ? [files.env] : [])];
    return [
      ...(environment === demo ? [] : [files.env, files.patch].flatMap(inGit)),
      ...committed.flatMap((path) => inCommitted(catalog, path, holds)),
    ];
  };
}

function inCommitted(catalog: Catalog, path: string, holdsSecret: (text: string) => boolean): Problem[] {
  const role = envFileRole(path);
  const file = readTextFile(path);
  if (file.status !== 'read' || role === undefined || role === 'secrets') return [];
  return exposuresInEnvFile(catalog, role, file.text, holdsSecret).map((exposure) => exposed(exposure, path));
}

function exposed({ what, ...place }: Exposure, path: string): Problem {
  return {
    severity: 'warning',
    code: 'exposed-file',
    ...place,
    file: path,
    message: `${path} ${what}`,
    hint: 'Remove it there. If it was ever pushed, rotate the secret',
  };
}
