import type { Catalog } from '../catalog/catalog';
import { mapText, Sensitive, type Text, textMatches } from '../environment/sensitive';
import { escapePlaceholders } from '../environment/template';
import type { NewFile } from '../output/new-files';
import { configHeading, describe, quotingAdvice, secretHeading, sectionsOf } from '../report/env-file-text';
import { envLine } from '../report/env-line-text';
import { readEnvFile } from '../sources/env-file';
import type { EnvironmentFiles } from '../sources/environment-files';
import { patchText } from './patch-text';
import type { Placed, Target } from './plan';
import type { Open } from './values';

/** Whether an env file can say exactly this text, such that it is read back without a problem. */
export function envFileCanSay(catalog: Catalog, name: string, value: Text): boolean {
  return textMatches(value, (text) => {
    const line = text.isWellFormed() && !text.includes('\0') ? envLine(name, escapePlaceholders(text)) : undefined;
    if (line === undefined) return false;
    const kind = { layer: 'env-file', unknownNamesAre: 'errors' } as const;
    const { assignments, problems } = readEnvFile(`${line}\n`, catalog, kind);
    const [only, ...more] = assignments.map(({ template }) => Sensitive.join(template as Text[]));
    return problems.length + more.length === 0 && only !== undefined && textMatches(only, (read) => read === text);
  });
}

/** The files of an environment that is taken over. The patch file is made only if something goes there. */
export function migratedFiles(
  catalog: Catalog,
  environment: string,
  placed: readonly Placed[],
  open: readonly Open[],
  paths: EnvironmentFiles,
): NewFile[] {
  const reviewed = [configHeading(environment), quotingAdvice];
  const secret = [secretHeading(environment), quotingAdvice];
  const patched = placed.filter(({ to }) => to === 'patch');
  return [
    { path: paths.config, content: envText(catalog, 'config', reviewed, placed, open), secret: false },
    { path: paths.env, content: envText(catalog, 'env', secret, placed, open), secret: true },
    ...(patched.length === 0
      ? []
      : [
          {
            path: paths.patch,
            content: patchText(
              catalog,
              patched.map(({ variable, value }) => [variable, mapText(value, escapePlaceholders)]),
            ),
            secret: true,
          },
        ]),
  ];
}

/** Values are literal. What is open and required is an empty assignment, which every command reports by its line. */
function envText(
  catalog: Catalog,
  target: Target,
  header: readonly string[],
  placed: readonly Placed[],
  open: readonly Open[],
): Text {
  const lines = new Map<string, Text>();
  for (const { variable, value, to } of placed) {
    const line = (text: string) => {
      const said = envLine(variable.name, escapePlaceholders(text));
      if (said === undefined) throw new Error(`${variable.name} was placed in a file that cannot hold its value`);
      return said;
    };
    if (to === target) lines.set(variable.name, mapText(value, line));
  }
  for (const { variable } of open) {
    const isRequired = variable.default === undefined && !variable.optional;
    if (isRequired && variable.sensitive === (target === 'env')) lines.set(variable.name, `${variable.name}=`);
  }
  const parts: Text[] = [header.map((line) => `# ${line}\n`).join('')];
  for (const { name, description, variables } of sectionsOf(catalog, (variable) => lines.has(variable.name))) {
    parts.push(`\n## ${name}: ${description}\n`);
    for (const variable of variables) {
      parts.push(`\n# ${describe(variable)}\n`, lines.get(variable.name) ?? '', '\n');
    }
  }
  return Sensitive.join(parts);
}
