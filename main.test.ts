import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog as voiceAgent } from './catalog';
import { Sensitive } from './lib/environment/sensitive';
import { readEnvFile } from './lib/sources/env-file';
import { folderWith, run } from './test/run';

/** The base64 of every Secret's data, so that a snapshot of a real environment would be fit to be committed too. */
function redacted(manifests: string): string {
  return manifests
    .split(/^(?=---$)/m)
    .map((document) =>
      document.includes('"kind": "Secret"')
        ? document.replace(/^( {2}"[^"]+"): "[A-Za-z0-9+/]+=*"$/gm, redactData)
        : document,
    )
    .join('');
}

function redactData(line: string, key: string): string {
  return /"(name|namespace)"/.test(key) ? line : `${key}: "<redacted>"`;
}

describe('synth demo', () => {
  const out = folderWith();

  beforeAll(async () => {
    expect(await run(['synth', 'demo', '--out', out])).toMatchObject({ status: 0, stderr: '' });
  });

  it('writes three files and nothing else', () => {
    expect(readdirSync(out)).toEqual(['demo']);
    expect(readdirSync(join(out, 'demo')).sort()).toEqual(['.gitignore', 'kustomization.yaml', 'voice-agent.k8s.yaml']);
  });

  it.each(['.gitignore', 'kustomization.yaml', 'voice-agent.k8s.yaml'])('writes the same %s as ever', (name) => {
    expect(redacted(readFileSync(join(out, 'demo', name), 'utf8'))).toMatchSnapshot();
  });

  it('leaves no secret in what is snapshotted', () => {
    const text = redacted(readFileSync(join(out, 'demo', 'voice-agent.k8s.yaml'), 'utf8'));
    const { assignments } = readEnvFile(readFileSync('envs/demo.env', 'utf8'), voiceAgent, {
      layer: 'env-file',
      unknownNamesAre: 'errors',
    });
    const secrets = assignments.flatMap(({ template }) => template.filter((part) => part instanceof Sensitive));
    expect(secrets).toHaveLength([...voiceAgent.variables.values()].filter(({ sensitive }) => sensitive).length);
    for (const secret of secrets) {
      expect(secret.matches((value) => text.includes(value))).toBe(false);
      expect(secret.matches((value) => text.includes(Buffer.from(value).toString('base64').slice(0, 6)))).toBe(false);
    }
  });
});

describe('an option with an empty value', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const commands = Object.values(scripts).flatMap((script) => /launch\.js (\S+)/.exec(script)?.[1] ?? []);
  /** What a command needs besides. */
  const others: Readonly<Record<string, readonly string[]>> = { exec: ['--bundle', 'agent'], migrate: ['docker/k8'] };

  it.each(commands)('is a usage error of %s, whichever it is', async (command) => {
    const { stdout } = await run([command, '--help']);
    const options = [...stdout.matchAll(/^ +(--[a-z-]+) </gm)].map(([, option]) => option ?? '');
    expect(options).toContain('--envs');
    for (const option of options) {
      for (const empty of [[option, ''], [`${option}=`]]) {
        const name = command === 'docs' || command === 'migrate' ? [] : ['demo'];
        const result = await run([command, ...name, ...(others[command] ?? []), ...empty]);
        expect(result).toEqual({
          status: 2,
          stdout: '',
          stderr: expect.stringContaining(`${option} has an empty value`),
        });
      }
    }
  });
});
