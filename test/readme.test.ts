import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fields } from '../lib/catalog/declaration';
import { valueTypes } from '../lib/catalog/value-type';
import { kubectlApply } from '../lib/environment/kubectl-apply';
import { engines } from '../package.json';
import { catalog as spokenOf } from './fixture/readme/catalog';
import { programWorkflows } from './project';
import { copyRepository, expectGreenAfterEdit, isCopy, launch } from './project-copy';
import { folderWith, launchedCommands, run, validEnvironment } from './run';

// What README.md says is run, and what it shows is what comes out.

const root = join(__dirname, '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const readme = read('README.md');

/** The product that the README speaks of: a team's own may be another. */
const product = join(__dirname, 'fixture/readme');
const envs = join(product, 'envs');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** Of what a team may have deleted. */
const isThere = (name: string) => existsSync(join(root, name));
const justfile = ['justfile'].filter(isThere);

/** Whether the README has a text; a failure shows the text, not the README. */
function expectReadme(text: string): void {
  if (!readme.includes(text)) expect(text).toBe('in the README');
}

it('says which Node.js it needs', () => {
  expect(readme).toContain(`Node.js ${engines.node.replace('>=', '')} or later`);
});

it('names only npm scripts that exist', () => {
  const named = [readme, read('CONTRIBUTING.md'), ...justfile.map(read)].flatMap((text) =>
    [...text.matchAll(/npm run (?:-s )?([a-z0-9][a-z0-9:-]*)/g)].map(([, name]) => name),
  );
  expect(named.filter((name) => !scripts[name ?? ''])).toEqual([]);
});

it.each([
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/design.md',
  'docs/another-product.md',
  'docs/sources.md',
])('%s names only files that exist', (name) => {
  const paths = [
    ...read(name).matchAll(/`((?:lib|test|envs|imports|docs)\/[^`\s<*…]+\.(?:ts|md|env|yaml|example))`/g),
  ].map(([, path]) => path ?? '');
  const exists = (path: string) => existsSync(join(path.startsWith('envs/') ? product : root, path));
  expect(paths.filter((path) => !exists(path) && !/staging\.env$|preview/.test(path))).toEqual([]);
});

it('shows the overlay of the example', () => {
  expectReadme(read('examples/workloads/overlays/staging/kustomization.yaml'));
});

it('names every type and field of a declaration', () => {
  const [, section = ''] = readme.split('## Add a variable');
  const named = new Set([...(section.split('\n2. ')[0] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name));
  const types = valueTypes.map(([usage]) => usage.replace(/\(.*/s, ''));
  const shown = ['type', 'description', 'kind', 'bundle']; // in the example
  expect([...types, ...Object.keys(fields)].filter((name) => !named.has(name) && !shown.includes(name))).toEqual([]);
});

describe('manifests are applied in one way', () => {
  /** Elsewhere than behind the word "plain", with which a text explains why not. */
  const otherwise = (text: string) =>
    text.replaceAll(/\s+/g, ' ').match(/(?<!plain `?)kubectl apply(?! --server-side --force-conflicts).{0,30}/gi) ?? [];
  const roots = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...justfile, 'main.ts', 'package.json'];
  const workflows = programWorkflows.map((name) => `.github/workflows/${name}`).filter(isThere);
  const folders = ['docs', 'lib', 'imports', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.test\.ts$|\.snap$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );

  it('in every document, recipe, workflow and source', () => {
    expect(folders).toContain('lib/commands/synth.ts');
    const found = [...roots, ...workflows, ...folders].flatMap((name) =>
      otherwise(read(name)).map((text) => `${name}: ${text}`),
    );
    expect(found).toEqual([]);
  });

  it('in every line that the program prints', async () => {
    const root = folderWith({
      'envs/a.env': validEnvironment('a', {
        PARTNER_API_KEY: 'a'.repeat(100_000),
        PARTNER_API_SECRET: 'b'.repeat(100_000),
      }),
      'envs/b.env': validEnvironment('b'),
    });
    const folders = ['--envs', join(root, 'envs'), '--out', join(root, 'dist')];
    for (const [args, isTTY] of [
      ...[[], ...launchedCommands().map((command) => [command])].map(
        (command) => [[...command, '--help'], false] as const,
      ),
      [['synth', 'b', ...folders], false],
      [['synth', 'a', ...folders], false],
      [['synth', '--all', ...folders], false],
      [['synth', 'b', '--stdout'], true],
    ] as const) {
      const { stdout, stderr } = await run(args, { isTTY });
      expect({ args, found: otherwise(stdout + stderr) }).toEqual({ args, found: [] });
      if (args[0] === 'synth') expect(stdout + stderr).toContain(kubectlApply);
    }
  });

  it('and any other is found', () => {
    for (const text of [
      'kubectl apply -k dist/x',
      'x |\nkubectl\n  apply -f -',
      '`kubectl apply --server-side -k x`',
    ]) {
      expect(otherwise(text)).toHaveLength(1);
    }
    expect(otherwise('Plain `kubectl apply -k` prints Secrets; plain\n`kubectl apply` keeps them')).toEqual([]);
    expect(otherwise(`${kubectlApply} -k dist/x`)).toEqual([]);
  });
});

it('shows what the demo prints', async () => {
  const out = folderWith();
  const { stdout } = await run(['synth', 'demo', '--envs', envs, '--out', out], { catalog: spokenOf });
  expectReadme(stdout.replaceAll(out, 'dist'));
});

it('shows what a mistake looks like', async () => {
  const root = folderWith({
    'envs/staging.config.env': readFileSync(join(envs, 'staging.config.env'), 'utf8'),
    'envs/staging.env': [
      '# fakes',
      ...['SCW_SECRET_KEY', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET', 'CARTESIA_API_KEY', 'DEEPGRAM_API_KEI'].map(
        (name, i) => `${name}=fake-${i}`,
      ),
      ...['LIVEKIT_URL=wss://livekit.example.com', 'DOMAIN=app.example.com', 'OPENAI_API_KEY=fake#key'],
    ].join('\n'),
  });
  const { stderr } = await run(['synth', 'staging', '--envs', join(root, 'envs'), '--out', join(root, 'dist')], {
    catalog: spokenOf,
  });
  expectReadme(stderr.replaceAll(`${root}/`, ''));
});

(isCopy ? it.skip : it)('shows the path of a newcomer who adds a variable and an environment, which ends green', () => {
  const folder = copyRepository(product);
  const edit = (name: string, change: (text: string) => string) =>
    writeFileSync(join(folder, name), change(readFileSync(join(folder, name), 'utf8')));
  const fillIn = (name: string) =>
    edit(name, (text) =>
      text.replace(/^([A-Z0-9_]+(?:KEY|SECRET))=$/gm, (_, variable) => `${variable}=fake-${name}-${variable}`),
    );
  /** Shows that the README has every line of this, in this order, but for those it leaves out with … */
  const expectShown = (output: string) => {
    const shown = readme.replace(/^ {3}/gm, '');
    const [first = ''] = output.trim().split('\n');
    const block = shown.split('```').find((each) => each.trim().startsWith(first.trim())) ?? 'nothing of it';
    const pieces = block.trim().split(/\n…\n/);
    for (const piece of pieces) expect(output).toContain(piece);
  };

  const declaration = /ELEVENLABS_API_KEY: \{.*\},/.exec(readme)?.[0] ?? '';
  edit('catalog.ts', (text) => text.replace(/^ {4}ENV_MODE: \{/m, `    ${declaration}\n$&`));
  edit('envs/demo.env', (text) => `${text}ELEVENLABS_API_KEY=fake-elevenlabs-api-key\n`);
  cpSync(join(folder, 'envs/staging.env.example'), join(folder, 'envs/staging.env'));
  chmodSync(join(folder, 'envs/staging.env'), 0o600);
  edit('envs/staging.env', (text) => `${text}ELEVENLABS_API_KEY=\n`);
  fillIn('envs/staging.env');
  edit('envs/staging.env', (text) =>
    text.replace('LIVEKIT_URL=', '$&wss://livekit.staging.example.com').replace('DOMAIN=', '$&staging.example.com'),
  );
  expectShown(launch(folder, 'new', 'preview', '--from', 'staging').stdout);
  fillIn('envs/preview.env');
  expectShown(launch(folder, 'check', '--all').stdout);
  expect(launch(folder, 'synth', 'preview')).toMatchObject({ status: 0, stderr: '' });
  const { status, stdout } = launch(folder, 'diff', 'staging', 'preview');
  expectShown(stdout);
  expect([status, stdout]).toEqual([
    1,
    expect.stringMatching(/^ELEVENLABS_API_KEY +different +\(secret\) +\(secret\)$/m),
  ]);
  expectGreenAfterEdit(folder);
});

it('shows what synth says of a key that changed', async () => {
  const root = folderWith();
  const secrets = [...spokenOf.variables.values()].filter(({ sensitive }) => sensitive);
  const synth = async (key: string) => {
    const text = secrets.map(({ name }) => `${name}=fake-${name === 'OPENAI_API_KEY' ? key : name}\n`).join('');
    mkdirSync(join(root, 'envs'), { recursive: true });
    cpSync(join(envs, 'prod.config.env'), join(root, 'envs/prod.config.env'));
    writeFileSync(
      join(root, 'envs/prod.env'),
      `${text}LIVEKIT_URL=wss://livekit.example.com\nDOMAIN=app.example.com\n`,
    );
    return (
      await run(['synth', 'prod', '--envs', join(root, 'envs'), '--out', join(root, 'dist')], { catalog: spokenOf })
    ).stdout;
  };
  await synth('old');
  const said = (await synth('new')).replaceAll(`${root}/`, '').replace(/\nNext: .*\n$/, '');
  expect(readme).toContain(`\`\`\`\n${said}\`\`\`\n`);
});

it('shows a piece of what check prints', async () => {
  const { stdout } = await run(['check', 'demo', '--envs', envs], { catalog: spokenOf });
  const shown = stdout.replaceAll(envs, 'envs');
  const piece = /^ConfigMap shared-config\n(?: {2}.*\n)+/m.exec(readme)?.[0];
  expect(shown).toContain(piece);
});

it('gives GitHub Actions every secret that there is', () => {
  const listed = [...readme.matchAll(/^ {4}([A-Z0-9_]+): \$\{\{ (?:secrets|vars)\./gm)].map(([, name]) => name);
  const secrets = [...spokenOf.variables.values()].filter(({ sensitive }) => sensitive).map(({ name }) => name);
  expect(listed).toEqual(expect.arrayContaining(secrets));
});

it.each(['staging', 'prod'])('has an example for %s that asks for exactly what is missing', async (name) => {
  const root = folderWith({ [`${name}.config.env`]: readFileSync(join(envs, `${name}.config.env`), 'utf8') });
  const { stdout } = await run(['synth', name, '--envs', root, '--json'], { catalog: spokenOf });
  const problems: { code: string; variable: string }[] = JSON.parse(stdout).environments[0].problems;
  expect(problems.map(({ code }) => code)).toEqual(problems.map(() => 'missing'));
  const asked = [...readFileSync(join(envs, `${name}.env.example`), 'utf8').matchAll(/^([A-Z0-9_]+)=$/gm)].map(
    ([, variable]) => variable ?? '',
  );
  expect(asked.sort()).toEqual(problems.map(({ variable }) => variable).sort());
});
