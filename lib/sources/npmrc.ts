import { readTextFile } from './text-file';

/** Whether a file of npm's sets one of its options: the project's, the user's, or everybody's. */
export function setInNpmrc(option: string, env: NodeJS.ProcessEnv): boolean {
  const files = ['.npmrc', env['npm_config_userconfig'], env['npm_config_globalconfig']];
  return files.some((path) => {
    const file = path ? readTextFile(path) : undefined;
    return file?.status === 'read' && new RegExp(`^[ \\t]*${option}[ \\t\\r]*(?:=|$)`, 'm').test(file.text);
  });
}
