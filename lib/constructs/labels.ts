/** What every object of an environment has in common. */
export interface CommonProps {
  /** The application's name. */
  readonly app: string;
  readonly environment: string;
  readonly namespace: string;
}

/**
 * The recommended labels (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/) and the
 * environment.
 */
export function labelsFor({ app, environment }: CommonProps, component: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': app,
    'app.kubernetes.io/part-of': app,
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/managed-by': 'cdk8s',
    environment,
  };
}
