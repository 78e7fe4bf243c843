import type { Problem } from '../environment/problem';

/**
 * A workflow command that shows the problem at its file and line in GitHub's review view
 * (https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions).
 */
export function githubAnnotation({ severity, code, file, line, message, hint }: Problem): string {
  const properties = { file, line, title: code };
  const listed = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${escapeProperty(`${value}`)}`,
  );
  return `::${severity} ${listed.join(',')}::${escapeData(hint === undefined ? message : `${message}. ${hint}`)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
