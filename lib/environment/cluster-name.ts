/** The id that Scaleway's kubeconfig appends to the name of a cluster: a UUID. */
const clusterId = /-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The name before the id of the cluster. Undefined if there is no id. */
export function nameBeforeId(cluster: string): string | undefined {
  const at = cluster.search(clusterId);
  return at > 0 ? cluster.slice(0, at) : undefined;
}

/** Whether two names are of one cluster: equal, or one of them is the other with the id that Scaleway appends. */
export function isSameCluster(a: string, b: string): boolean {
  return a === b || nameBeforeId(a) === b || a === nameBeforeId(b);
}
