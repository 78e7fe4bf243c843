import { yamlText } from '../../lib/output/yaml-text';

/** The kustomization of an app called app, as the program writes it. */
export const kustomization = yamlText([
  { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: ['app.k8s.yaml'] },
]);
