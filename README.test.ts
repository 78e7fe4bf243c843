import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { voiceAgent } from './lib/catalog/voice-agent';
import { folderWith, run } from './test/run';

// What README.md says is run, and what it shows is what comes out.

const read = (name: string) => readFileSync(join(__dirname, name), 'utf8');
const readme = read('README.md');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

it('names only npm scripts that exist', () => {
  const named = [readme, read('CONTRIBUTING.md')].flatMap((text) =>
    [...text.matchAll(/npm run (?:-s )?([a-z:]+)/g)].map(([, name]) => name),
  );
  expect(named.filter((name) => !scripts[name ?? ''])).toEqual([]);
});

it.each(['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/design.md'])('%s names only files that exist', (name) => {
  const paths = [
    ...read(name).matchAll(/`((?:lib|test|envs|imports|docs|dist)\/[^`\s<*…]+\.(?:ts|md|env|yaml|example))`/g),
  ].map(([, path]) => path ?? '');
  expect(
    paths.filter(
      (path) => !path.startsWith('dist/') && !existsSync(join(__dirname, path)) && !/staging\.env$|preview/.test(path),
    ),
  ).toEqual([]);
});

it('shows what the demo prints', async () => {
  const out = folderWith();
  const { stdout } = await run(['synth', 'demo', '--out', out]);
  expect(readme).toContain(stdout.replaceAll(out, 'dist'));
});

it('shows what a mistake looks like', async () => {
  const root = folderWith({
    'envs/staging.config.env': read('envs/staging.config.env'),
    'envs/staging.env': [
      '# fakes',
      ...['SCW_SECRET_KEY', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET', 'CARTESIA_API_KEY', 'DEEPGRAM_API_KEI'].map(
        (name, i) => `${name}=fake-${i}`,
      ),
      ...['LIVEKIT_URL=wss://livekit.example.com', 'DOMAIN=app.example.com', 'OPENAI_API_KEY=fake#key'],
    ].join('\n'),
  });
  const { stderr } = await run(['synth', 'staging', '--envs', join(root, 'envs'), '--out', join(root, 'dist')]);
  expect(readme).toContain(stderr.replaceAll(`${root}/`, ''));
});

it('adds an environment that lacks nothing but secrets and addresses', async () => {
  const recipe = /^sed '[^\n]*\n\(umask[^\n]*\n/m.exec(readme)?.[0] ?? '';
  const root = folderWith(
    Object.fromEntries(
      ['staging.config.env', 'staging.env.example'].map((name) => [`envs/${name}`, read(`envs/${name}`)]),
    ),
  );
  execFileSync('bash', ['-euc', recipe], { cwd: root });
  const { stdout } = await run(['synth', 'preview', '--envs', join(root, 'envs'), '--json']);
  const [{ problems }] = JSON.parse(stdout).environments;
  expect(new Set(problems.map(({ code }: { code: string }) => code))).toEqual(new Set(['missing']));
});

it('gives GitHub Actions every secret that there is', () => {
  const listed = [...readme.matchAll(/^ {4}([A-Z0-9_]+): \$\{\{ (?:secrets|vars)\./gm)].map(([, name]) => name);
  const secrets = [...voiceAgent.variables.values()].filter(({ sensitive }) => sensitive).map(({ name }) => name);
  expect(listed).toEqual(expect.arrayContaining(secrets));
});

it.each(['staging', 'prod'])('has an example for %s that asks for exactly what is missing', async (name) => {
  const root = folderWith({ [`${name}.config.env`]: read(`envs/${name}.config.env`) });
  const { stdout } = await run(['synth', name, '--envs', root, '--json']);
  const problems: { code: string; variable: string }[] = JSON.parse(stdout).environments[0].problems;
  expect(problems.map(({ code }) => code)).toEqual(problems.map(() => 'missing'));
  const asked = [...read(`envs/${name}.env.example`).matchAll(/^([A-Z0-9_]+)=$/gm)].map(
    ([, variable]) => variable ?? '',
  );
  expect(asked.sort()).toEqual(problems.map(({ variable }) => variable).sort());
});
