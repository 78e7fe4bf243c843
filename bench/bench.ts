import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { linkDependencies } from '../test/project';
import { type Case, fittedExponent, interleaved } from './measure';
import { copyProject, syntheticCatalog, writeEnvironments } from './project';

// Measures what docs/performance.md explains. Takes some minutes; not a test: it exits 0 where a target is missed.

interface Row {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  /** Undefined where nothing was measured, or where there is no number to compare with. */
  readonly met?: boolean;
}

const work = mkdtempSync(join(workIn(), 'config-bench-'));
const environmentCounts = [100, 200, 500, 1_000];
const variableCounts = [100, 500, 1_000, 2_000, 5_000];
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
const progress = (text: string) => process.stderr.write(`${text}\n`);

/** In memory, where there is room for all that is written: a disk takes three times as long in one minute as in another. */
function workIn(): string {
  const memory = '/dev/shm';
  if (process.env['TMPDIR'] || !existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > 2e9 ? memory : tmpdir();
}

function node(cwd: string, ...args: string[]): Case {
  return { command: process.execPath, args, cwd };
}

function npm(cwd: string, ...args: string[]): Case {
  return { command: 'npm', args: ['run', ...args], cwd };
}

/** What a person waits for: one environment, beside a program that only loads cdk8s. */
function startUp(): Row[] {
  progress('start-up');
  const project = copyProject(join(work, 'demo'));
  const floor = join(work, 'floor');
  linkDependencies(process.cwd(), floor);
  writeFileSync(join(floor, 'package.json'), JSON.stringify({ scripts: { floor: `node -e "require('cdk8s')"` } }));
  const hasCheck = 'check' in JSON.parse(readFileSync('package.json', 'utf8')).scripts;
  const { npmFloor, npmSynth, bareFloor, bareSynth, bareCheck } = interleaved(15, {
    npmFloor: npm(floor, 'floor'),
    npmSynth: npm(project, 'synth', '--', 'demo'),
    bareFloor: node(floor, '-e', "require('cdk8s')"),
    bareSynth: node(project, '--', 'launch.js', 'synth', 'demo'),
    bareCheck: hasCheck ? node(project, '--', 'launch.js', 'check', 'demo') : node(floor, '-e', '0'),
  });
  const edited = seesEdit(project);
  return [
    atMost(1.1, '`npm run synth -- demo` / `npm run` of loading cdk8s', npmSynth.time / npmFloor.time),
    atMost(1.2, 'the same without npm', bareSynth.time / bareFloor.time),
    {
      what: 'an edit to the catalog that keeps time and size',
      target: 'seen by the next run',
      measured: edited ? 'seen' : 'stale',
      met: edited,
    },
    ...(hasCheck ? [atMost(1.05, '`check` / `synth`', bareCheck.time / bareSynth.time)] : []),
  ];
}

function seesEdit(project: string): boolean {
  const catalog = join(project, 'catalog.ts');
  const { atime, mtime } = statSync(catalog);
  writeFileSync(catalog, readFileSync(catalog, 'utf8').replace("app: 'parcel-desk'", "app: 'parcel-ksed'"));
  utimesSync(catalog, atime, mtime);
  spawnSync(process.execPath, ['--', 'launch.js', 'synth', 'demo'], { cwd: project });
  const written = readdirSync(join(project, 'dist/demo')).filter((name) => name.endsWith('.k8s.yaml'));
  return written.join() === 'parcel-ksed.k8s.yaml';
}

/** What a platform waits for. The smallest case is subtracted, as start-up, before exponents are fitted. */
function bulk(): Row[] {
  progress('1,000 environments, 5,000 variables');
  const project = copyProject(join(work, 'many'));
  writeFileSync(join(project, 'catalog.ts'), syntheticCatalog);
  const most = Math.max(...environmentCounts);
  const out = (name: string) => join(work, 'out', name);
  const states: string[] = [];
  const synth = (name: string, environments: number, variables: number): Case => {
    const envs = writeEnvironments(join(work, 'envs', name), environments, variables);
    return {
      ...node(project, '--', 'launch.js', 'synth', '--all', '--quiet', '--envs', envs, '--out', out(name)),
      env: { BENCH_VARIABLES: String(variables), BENCH_MEMORY: 'yes' },
      before: () => putAside(out(name)),
    };
  };
  const all = synth('all', most, 100);
  const measured = interleaved(5, {
    start: synth('one', 1, 100),
    ...Object.fromEntries(
      environmentCounts.slice(0, -1).map((count) => [`${count} environments`, synth(`e${count}`, count, 100)]),
    ),
    [`${most} environments`]: { ...all, after: () => states.push(stateOf(out('all'))) },
    again: { ...all, before: () => {}, after: () => states.push(stateOf(out('all'))) },
    ...Object.fromEntries(variableCounts.map((count) => [`${count} variables`, synth(`v${count}`, 1, count)])),
    demo: node(copyProject(join(work, 'demo again')), '--', 'launch.js', 'synth', 'demo'),
    ...(hasKubectl && {
      kustomize: { command: 'kubectl', args: ['kustomize', join(out('all'), 'env-0000')], cwd: work },
    }),
  } as Readonly<Record<string, Case>>);

  const time = (name: string) => measured[name]?.time ?? Number.NaN;
  const memory = (name: string) => measured[name]?.memory ?? Number.NaN;
  const first = `${most} environments`;
  const untouched = states.every((state, i) => i % 2 === 0 || state === states[i - 1]);
  const perEnvironment = time(first) / most;
  const beyond = (smallest: number, start: string, counts: readonly number[], what: string) =>
    fittedExponent(counts.map((count) => [count - smallest, time(`${count} ${what}`) - time(start)]));
  const environmentExponent = beyond(1, 'start', environmentCounts, 'environments');
  const variableExponent = beyond(100, '100 variables', variableCounts.slice(1), 'variables');
  series.push(
    ...[...environmentCounts.map((n) => `${n} environments`), ...variableCounts.map((n) => `${n} variables`)].map(
      (name) => ({ name, milliseconds: round(time(name), 0), megabytes: round(memory(name), 0) }),
    ),
  );
  const one = `one environment of ${variableCounts.at(-1)?.toLocaleString('en')} variables`;
  return [
    hasKubectl
      ? atLeast(
          30,
          '`kubectl kustomize` / `synth --all`, per environment of 100 variables',
          time('kustomize') / perEnvironment,
        )
      : { what: '`kubectl kustomize` / `synth --all`', target: 'at least 30 ×', measured: 'kubectl is not installed' },
    atMost(11, '1,000 environments / 100', time(first) / time('100 environments')),
    exponent('environments', environmentExponent),
    {
      what: 'peak memory, 1,000 environments',
      target: 'under 250 MB',
      measured: `${round(memory(first), 0)} MB`,
      met: memory(first) < 250,
    },
    atMost(1.2, 'peak memory, 1,000 environments / 500', memory(first) / memory('500 environments')),
    atMost(1.05, 'the same again, nothing changed / the first time', time('again') / time(first)),
    {
      what: 'files touched by the same again',
      target: 'none',
      measured: untouched ? 'none' : 'some',
      met: untouched,
    },
    atMost(3, `${one} / the demo`, time(`${variableCounts.at(-1)} variables`) / time('demo')),
    exponent('variables', variableExponent),
  ];
}

/** Moved, not removed: ext4 is slow to make files for a while after many were deleted. */
function putAside(folder: string): void {
  if (existsSync(folder)) renameSync(folder, join(mkdtempSync(join(work, 'aside-')), 'out'));
}

const series: { name: string; milliseconds: number; megabytes: number }[] = [];

/** Every path below a folder, with the file's identity and time. */
function stateOf(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const states = names.map((name) => {
    const { ino, mtimeNs } = lstatSync(join(folder, name), { bigint: true });
    return `${name} ${ino} ${mtimeNs}`;
  });
  return states.join('\n');
}

/** What `npm ci --omit=dev` installs, as far as it is there: optional packages of other platforms are not. */
function installedSize(): Row {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const runTime = Object.entries<{ dev?: boolean }>(packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path]) => ({ path, size: sizeOf(path) }))
    .filter(({ size }) => size > 0);
  const total = runTime.reduce((sum, { size }) => sum + size, 0);
  const largest = [...runTime].sort((a, b) => b.size - a.size).slice(0, 4);
  const named = largest.map(({ path, size }) => `${path.replace(/.*node_modules\//, '')} ${round(size / 1e6, 0)}`);
  return {
    what: 'installed size of run-time dependencies',
    target: 'as small as can be',
    measured: `${round(total / 1e6, 0)} MB in ${runTime.length} packages (MB: ${named.join(', ')})`,
  };
}

function sizeOf(folder: string): number {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name !== 'node_modules');
    const sizes = entries.map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sizeOf(path) : lstatSync(path).size;
    });
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch {
    return 0;
  }
}

function atMost(most: number, what: string, ratio: number): Row {
  return { what, target: `at most ${most} ×`, measured: `${round(ratio, 2)} ×`, met: ratio <= most };
}

function atLeast(least: number, what: string, ratio: number): Row {
  return { what, target: `at least ${least} ×`, measured: `${round(ratio, 1)} ×`, met: ratio >= least };
}

function exponent(what: string, measured: number): Row {
  return {
    what: `time beyond start-up ~ ${what}^e`,
    target: 'e at most 1.1',
    measured: `e = ${round(measured, 2)}`,
    met: measured <= 1.1,
  };
}

function round(number: number, digits: number): number {
  return Number(number.toFixed(digits));
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

try {
  const rows = [...startUp(), ...bulk(), installedSize()];
  const machine = `Node.js ${process.version}, ${cpus().length} cores, files in ${dirname(work)}`;
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ machine, rows, series }, undefined, 2)}\n`);
  } else {
    const met = ({ met }: Row) => (met === undefined ? '–' : met ? 'yes' : 'no');
    process.stdout.write(
      [
        `${machine}. Medians of whole processes run in turn.\n`,
        table(
          ['what', 'target', 'measured', 'met'],
          rows.map((row) => [row.what, row.target, row.measured, met(row)]),
        ),
        table(
          ['series', 'ms', 'peak MB'],
          series.map((point) => [point.name, point.milliseconds, point.megabytes]),
        ),
      ].join('\n'),
    );
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
