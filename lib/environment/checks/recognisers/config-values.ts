import type { Recogniser } from './recogniser';

/** What only config values can be. */
export const configValues: readonly Recogniser[] = [
  {
    name: 'tab-and-newline',
    about: 'a config value that starts with a tab and holds a newline: Kustomize cannot patch its ConfigMap',
    in: 'config',
    startsWith: '\t',
    test: (text) => text.startsWith('\t') && text.includes('\n'),
    says: 'starts with a tab and holds a newline, so that Kustomize cannot patch its ConfigMap',
    hint: 'Remove the tab at its start',
    examples: [{ value: '\ta\nb', name: 'PROMPT' }],
    counterExamples: [
      { value: 'a\t\nb', name: 'PROMPT' },
      { value: '  a\nb', name: 'PROMPT' },
    ],
  },
  {
    name: 'unlike-environment',
    about: 'a mode unlike the environment, where that is called like another mode',
    in: 'config',
    test: (text, { variable, environment }) =>
      variable.followsEnvironment && variable.type.allowed?.includes(environment) === true && text !== environment,
    says: (_text, { environment }) => `is not ${environment}, like the environment`,
    hint: (_text, { environment, variable }) => `Set ${variable.name}=${environment}, unless this is meant`,
    examples: [{ value: 'prod', name: 'ENV_MODE' }],
    counterExamples: [
      { value: 'staging', name: 'ENV_MODE' },
      { value: 'prod', name: 'OTHER_MODE' },
    ],
  },
];
