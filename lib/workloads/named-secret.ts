import { shortestSecret } from '../environment/checks/misplaced-secret';
import type { Problem } from '../environment/problem';
import { secretFinder } from '../environment/secret-search';
import type { Sensitive } from '../environment/sensitive';

/**
 * What is to be said of workloads, without the names in it that hold a secret, as where one was pasted in the place of a
 * key: that is said instead.
 * @param secrets those of the environment; short ones are not looked for
 */
export function withoutSecrets(problems: readonly Problem[], secrets: readonly Sensitive[]): Problem[] {
  const holdsSecret = secretFinder(secrets, shortestSecret);
  const said = new Set<string>();
  return problems.flatMap((problem) => {
    if (!holdsSecret(`${problem.message}\n${problem.hint ?? ''}`)) return [problem];
    const [subject = ''] = /^\w+ [^:]+/.exec(problem.message) ?? [];
    const shown = subject === '' || holdsSecret(subject) ? 'A workload' : subject;
    if (said.has(shown)) return [];
    said.add(shown);
    return [
      {
        ...problem,
        message: `${shown}: a name in it holds a secret of this environment, and is not shown`,
        hint: 'Look at the names of its variables, keys, containers and objects. Whoever may see workloads has seen it: rotate it',
      },
    ];
  });
}
