/**
 * How the manifests are applied, everywhere the same: completed by `-k <folder>` or `-f -`. README.md says why not by
 * plain `kubectl apply`.
 */
export const kubectlApply = 'kubectl apply --server-side --force-conflicts';
