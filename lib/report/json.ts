import { type Catalog, registryCredentials, type Variable } from '../catalog/catalog';
import { objectsHolding } from '../catalog/lookups';
import type { Difference } from '../environment/difference';
import { isError, type Problem, type Refusal } from '../environment/problem';
import { atMostPerFile } from '../environment/problem-list';
import type { Restart } from '../environment/restart';
import type { Origin } from '../environment/source';
import type { VariableState } from '../environment/variable-states';
import { pastState } from './differences';
import type { ApplyReport, ClusterReport, DiffReport, ReportFormat } from './report';

/** One document for programs. */
export const json: ReportFormat = {
  showsAllValues: true,
  check: ({ catalog, environments }) =>
    jsonText({
      environments: environments.map(({ name, problems, states }) =>
        environmentDocument(catalog, name, problems, states),
      ),
    }),
  diff: (report) => jsonText(differenceDocument(report)),
  apply: applyDocument,
  refusal: refusalDocument,
};

function differenceDocument(report: DiffReport): unknown {
  if (report.with === 'environment') {
    return {
      environments: report.names,
      variables: report.found.map((each) => variableDifference(each, each.state)),
      problems: report.problems,
    };
  }
  if (report.with === 'past') {
    const variables = report.found.map((each) => variableDifference(each, pastState(each.state)));
    const { environment, commit, hasOtherCatalog } = report;
    return { environment, since: commit, catalogChanged: hasOtherCatalog, variables };
  }
  if (report.with === 'cluster') return clusterDocument(report);
  const { environment, folder, found, notCompared } = report;
  return { environment, folder, objects: found, notCompared };
}

/** What `--json` says of an environment on a cluster. */
export function clusterDocument(report: ClusterReport) {
  const { environment, context, cluster, namespace, found, leftOvers, restarts, outlasting, problems, unknown } =
    report;
  const withoutChecksums = restarts.map(({ checksums: _never, ...rest }) => rest);
  return {
    environment,
    context,
    cluster,
    namespace,
    objects: found,
    leftOver: leftOvers,
    restarts: withoutChecksums,
    outlasting,
    problems,
    notRead: unknown,
  };
}

/** What `apply` has done. */
function applyDocument(report: ApplyReport): string {
  const { plan, folder, outcome, pruned, restarted, left, spared, waited, unawaited, takenOver, changedAgain } = report;
  const names = (some: readonly Restart[]) => some.map(({ workload, how }) => ({ workload, how }));
  return jsonText({
    ...clusterDocument(plan),
    folder,
    outcome,
    pruned,
    restarted: names(restarted),
    notRestarted: names(left),
    restartUnneeded: names(spared),
    waited,
    notAwaited: unawaited,
    takenOver,
    changedAgain,
  });
}

function variableDifference({ variable, shown: [first, second] }: Difference, state: string) {
  return {
    name: variable.name,
    kind: variable.kind,
    sensitive: variable.sensitive,
    state,
    ...((first !== undefined || second !== undefined) && { values: [first ?? null, second ?? null] }),
  };
}

/** What `--json` says of one environment. */
export interface EnvironmentDocument {
  readonly name: string;
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly variables: readonly VariableDocument[];
  /** The folder, and whether anything in it changed; of `synth` only. */
  readonly output?: string;
  readonly changed?: boolean;
}

interface VariableDocument {
  readonly name: string;
  readonly kind: Variable['kind'];
  readonly sensitive: boolean;
  readonly status: VariableState['status'];
  readonly value?: string;
  readonly objects: readonly { readonly object: string; readonly key: string }[];
  readonly origin?: Origin;
  readonly overrides: readonly Origin[];
}

/** @param variables of an environment that exists; none otherwise */
export function environmentDocument(
  catalog: Catalog,
  name: string,
  problems: readonly Problem[],
  variables: readonly VariableState[],
): EnvironmentDocument {
  return {
    name,
    ok: !problems.some(isError),
    problems: atMostPerFile(problems),
    variables: variables.map(({ variable, status, shownValue, origin, overrides }) => ({
      name: variable.name,
      kind: variable.kind,
      sensitive: variable.sensitive,
      status,
      ...(shownValue !== undefined && { value: shownValue }),
      objects: objectsOf(catalog, variable),
      ...(origin && { origin }),
      overrides,
    })),
  };
}

/** The objects that hold a variable, each with the key it has there. */
export function objectsOf(catalog: Catalog, variable: Variable): { object: string; key: string }[] {
  if (variable.drives?.startsWith('registry')) {
    return [{ object: `Secret/${registryCredentials.name}`, key: registryCredentials.key }];
  }
  return objectsHolding(catalog, variable).map(({ kind, name }) => ({ object: `${kind}/${name}`, key: variable.key }));
}

/** The whole answer where no environment could be looked at. */
function refusalDocument([first, ...others]: Refusal['problems']): string {
  const { severity: _always, ...error } = first;
  return jsonText({ environments: [], error, ...(others.length > 0 && { problems: [first, ...others] }) });
}

/**
 * What `guard --json` says: it looks at files of git, not at environments.
 * @param unread encrypted files whose secrets were not looked for
 */
export function guardDocument(problems: readonly Problem[], files: number, unread: readonly string[] = []): string {
  return jsonText({
    environments: [],
    ok: !problems.some(isError),
    files,
    problems,
    ...(unread.length > 0 && { unread }),
  });
}

/** The one JSON document that a command prints. What would drive a terminal is escaped: it is the same document. */
export function jsonText(document: unknown): string {
  const text = JSON.stringify(document, null, 2);
  const escaped = text.replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${escaped}\n`;
}
