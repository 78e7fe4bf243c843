import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import fc from 'fast-check';
import type { Catalog, Variable } from '../../lib/catalog/catalog';
import { defineCatalog } from '../../lib/catalog/define-catalog';
import { podVariables } from '../../lib/catalog/pods';
import { dnsLabel, flag, integer, json, oneOf, port, text } from '../../lib/catalog/value-type';
import { holdsCredentialShape, holdsUrlCredentials } from '../../lib/environment/checks/credential-shapes';
import { escapePlaceholders } from '../../lib/environment/template';
import { pythonFileName } from '../../lib/report/python-reader';
import { typescriptFileName } from '../../lib/report/typescript-reader';
import { anyText, foundTexts } from '../hostile-texts';
import { folderWith, run, validValues, verbatimCatalog } from '../run';

// What `npm run docs` writes for the code in the pods reads every value as it was given, in Python and in TypeScript.

const seed = Number(process.env['FC_SEED'] ?? randomInt(2 ** 31));
process.stderr.write(`readers: FC_SEED=${seed} repeats this run\n`);

const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0;

interface Language {
  readonly command: string;
  /** A program that writes what it reads to the file that it is given, or what is wrong; and, of other texts, what it makes of each. */
  script(reader: string): string;
}

const languages: readonly [name: string, language: Language, isThere: boolean][] = [
  [
    'Python',
    {
      command: 'python3',
      script: (bundle) => `
import dataclasses, importlib, json, sys
reader = importlib.import_module(${JSON.stringify(pythonFileName(bundle).replace(/\.py$/, ''))})

def outcome(environ):
    try:
        environment = reader.read_environment(environ)
    except reader.InvalidEnvironment as problem:
        return {"problems": list(problem.problems), "message": str(problem)}
    values = {field.name: getattr(environment, field.name) for field in dataclasses.fields(environment)}
    return {"values": {name: value for name, value in values.items() if value is not None}, "printed": repr(environment)}

def main(target, others=None):
    given = json.load(open(others)) if others else [None]
    json.dump([outcome(each) for each in given], open(target, "w"))

main(*sys.argv[1:])
`,
    },
    hasPython,
  ],
  [
    'TypeScript',
    {
      command: process.execPath,
      script: (bundle) => `
const { readFileSync, writeFileSync } = require('node:fs');
const { inspect } = require('node:util');
const reader = require(${JSON.stringify(`./${typescriptFileName(bundle).replace(/ts$/, 'js')}`)});

function outcome(environment) {
  try {
    const values = reader.readEnvironment(environment);
    const all = Object.fromEntries(Object.getOwnPropertyNames(values).map((name) => [name, values[name]]));
    const plain = inspect(values, { customInspect: false }) + inspect({ ...values });
    return { values: all, printed: inspect(values) + JSON.stringify(values) + JSON.stringify({ ...values }) + plain };
  } catch (error) {
    if (!(error instanceof reader.InvalidEnvironment)) throw error;
    return { problems: error.problems, message: error.message };
  }
}

const [target, others] = process.argv.slice(2);
const given = others ? JSON.parse(readFileSync(others, 'utf8')) : [process.env];
writeFileSync(target, JSON.stringify(given.map(outcome)));
`,
    },
    true,
  ],
];

interface Outcome {
  readonly values?: Readonly<Record<string, unknown>>;
  readonly printed?: string;
  readonly problems?: readonly string[];
  readonly message?: string;
}

/** The readers of a catalog, and the program of each language beside them. */
async function readersOf(catalog: Catalog, bundle: string): Promise<string> {
  const root = folderWith({ 'envs/.keep': '' });
  const { stderr } = await run(['docs', '--envs', join(root, 'envs')], { catalog });
  expect(stderr).toBe('');
  const folder = join(root, 'readers');
  const source = readFileSync(join(folder, typescriptFileName(bundle)), 'utf8');
  const { code } = transformSync(source, { loader: 'ts', format: 'cjs' });
  writeFileSync(join(folder, typescriptFileName(bundle).replace(/ts$/, 'js')), code);
  for (const [name, { script }] of languages) writeFileSync(join(folder, name), script(bundle));
  return folder;
}

/** What a reader makes of each of these environments. */
function read(folder: string, [name, { command }]: (typeof languages)[number], given: readonly object[]): Outcome[] {
  const [target, others] = [join(folder, 'target.json'), join(folder, 'others.json')];
  writeFileSync(others, JSON.stringify(given));
  const { status, stderr } = spawnSync(command, [join(folder, name), target, others], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  // A number beyond all others is printed by Python as no JSON has it.
  return JSON.parse(readFileSync(target, 'utf8').replaceAll('Infinity', '1e999'));
}

const fitsConfigMap = (value: string) =>
  !/[\u007f-\u009f\ufffe\uffff]/.test(value) && !holdsCredentialShape(value) && !holdsUrlCredentials(value);

describe.each(languages)('in %s', (...language) => {
  const [name, { command }, isThere] = language;
  const itWhereThere = isThere ? it : it.skip;

  itWhereThere('every value is read as pods get it, under with-env', async () => {
    const bundle = 'depot';
    const folder = await readersOf(verbatimCatalog, bundle);
    const texts = podVariables(verbatimCatalog, bundle).filter(
      ({ type, kind }) => kind === 'secret' && type.accepts("any text's \n"),
    );
    const typed = { TRACING_ENABLED: 'false', DEPOT_THREADS: '64', METRICS_PORT: '65535', LOG_FLOOR: 'warn' };
    const envs = folderWith({ 'x.env': 'PD_ENV=x\n' });
    const check = async (hostile: readonly string[], routes: unknown) => {
      const secrets = Object.fromEntries(texts.map((variable, at) => [variable.name, hostile[at] ?? 'fake']));
      const settings = { ...typed, ROUTES: JSON.stringify(routes) };
      const isCarried = (value: string) => !value.includes('\ufffd');
      if (!Object.values(secrets).every(isCarried) || !fitsConfigMap(settings.ROUTES)) return;
      const given = { ...validValues('x'), ...secrets, ...settings };
      const env = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, escapePlaceholders(value)]));
      const target = join(folder, 'target.json');
      const line = ['with-env', 'x', '--bundle', bundle, '--envs', envs, '--from-env', '--'];
      const ran = await run([...line, command, join(folder, name), target], {
        catalog: verbatimCatalog,
        // Python is to read UTF-8 whatever it takes for the locale.
        env: { ...env, PATH: process.env['PATH'], LC_ALL: 'C', PYTHONUTF8: '0', PYTHONCOERCECLOCALE: '0' },
      });
      expect(ran).toEqual({ status: 0, stdout: '', stderr: expect.not.stringContaining('error') });
      const [{ values, printed = '' } = {}] = JSON.parse(readFileSync(target, 'utf8')) as Outcome[];
      const wanted = podVariables(verbatimCatalog, bundle).flatMap(({ key, name, default: fallback }) => {
        const text = (given as Record<string, string>)[name] ?? fallback;
        return text === undefined ? [] : [[key, text]];
      });
      expect(values).toEqual({
        ...Object.fromEntries(wanted),
        TRACING_ENABLED: false,
        THREADS: 64,
        METRICS_PORT: 65_535,
        ...(routes !== null || name === 'TypeScript' ? { ROUTES: routes } : { ROUTES: undefined }),
      });
      for (const secret of Object.values(secrets)) {
        if (secret.length > 40)
          expect([printed.includes(secret), printed.includes(JSON.stringify(secret))]).toEqual([false, false]);
      }
    };
    for (let at = 0; at < foundTexts.length; at += texts.length) {
      await check(foundTexts.slice(at, at + texts.length), { [foundTexts[at] ?? '']: [at, null, true] });
    }
    const hostile = fc.array(anyText, { minLength: texts.length, maxLength: texts.length, size: 'max' });
    const routes = fc.json().map((text) => JSON.parse(text));
    await fc.assert(fc.asyncProperty(hostile, routes, check), { seed, numRuns: 20, endOnFailure: true });
  });

  const odd = defineCatalog({
    app: 'odd',
    bundles: { '3-d': { description: 'A bundle whose name no Python module may have' } },
    variables: {
      NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
      FLAG: { kind: 'config', bundle: '3-d', type: flag(), optional: true, description: '*/ """ \\ end' },
      NUMBER: { kind: 'config', bundle: '3-d', type: integer(), optional: true, description: 'any number' },
      RANGE: {
        kind: 'secret',
        bundle: '3-d',
        type: integer({ min: -5, max: 10 }),
        optional: true,
        description: 'some',
      },
      PORT: { kind: 'config', bundle: '3-d', type: port(), optional: true, description: 'port' },
      JSON: { kind: 'config', bundle: '3-d', type: json(), optional: true, description: 'json' },
      CHOICE: { kind: 'config', bundle: '3-d', type: oneOf('a"', "b'\\", 'ħ\u2028'), optional: true, description: 'c' },
      class: { kind: 'config', bundle: '3-d', type: text(), optional: true, description: 'a keyword' },
      variable_class: { kind: 'config', bundle: '3-d', type: text(), optional: true, description: 'what it becomes' },
      __doc__: { kind: 'secret', bundle: '3-d', type: text(), optional: true, description: 'mangled' },
      _field: { kind: 'secret', bundle: '3-d', type: text(), optional: true, description: 'used by the class' },
      str: { kind: 'secret', bundle: '3-d', type: text(), optional: true, description: 'a builtin' },
      self: { kind: 'secret', bundle: '3-d', type: text(), optional: true, description: 'an argument' },
    },
  });
  const pod = podVariables(odd, '3-d');

  itWhereThere('exactly what a type takes is taken', async () => {
    const folder = await readersOf(odd, '3-d');
    const texts = [
      ...['true', 'false', 'True', 'TRUE', ' true', 'true\n', '1', 'yes', 'on', 'a"', "b'\\", 'ħ\u2028', 'a', 'b'],
      ...['0', '-0', '+1', '01', '1_000', '1e3', '1.0', '１２', '٣', '10', '11', '-5', '-6', ' 5', '5\n', '5\u2028'],
      ...['65535', '65536', '9007199254740991', '9007199254740992', '-9007199254740991', '99999999999999999', '0x1'],
      ...[
        'null',
        'NaN',
        'Infinity',
        '-Infinity',
        '[1,]',
        '{"a":1,"a":2}',
        "{'a':1}",
        '[1]//',
        '"\ud83d\ude00"',
        '\ufeff[]',
      ],
      ...[
        '"\u0001"',
        '"\\ud800"',
        '\u00a0[]',
        '\t[ ]\r\n',
        '1.',
        '.5',
        '-',
        '1E400',
        '[1e999]',
        '{',
        '"',
        '[[[[]]]]',
        '\f1',
      ],
    ];
    const cases = pod.flatMap((variable) => texts.map((text): [Variable, string] => [variable, text]));
    const outcomes = read(
      folder,
      language,
      cases.map(([{ key }, text]) => ({ [key]: text })),
    );
    const taken = (of: readonly [Variable, string][]) => of.map(([{ key }, text]) => `${key}=${text}`);
    expect(taken(cases.filter((_, at) => outcomes[at]?.values))).toEqual(
      taken(cases.filter(([{ type }, text]) => type.accepts(text))),
    );
  });

  itWhereThere('what is missing and what is wrong is told at once, without a value', async () => {
    const folder = await readersOf(verbatimCatalog, 'depot');
    const given = { LOG_FLOOR: 'loud-fake', THREADS: '65', ROUTES: '{fake', TRACING_ENABLED: '', METRICS_PORT: '0' };
    const [outcome] = read(folder, language, [given]);
    expect(outcome?.problems).toEqual([
      ...['PARTNER_API_KEY', 'PARTNER_API_SECRET', 'PARTNER_URL', 'OFFICE', 'GEOCODES_API_KEY', 'POSTAL_API_KEY'].map(
        (each) => `${each} is required and has no value`,
      ),
      'LOCATION_API_KEY is required and has no value',
      'DEP_MODE is required and has no value',
      'LOG_FLOOR is not one of debug, info, warn, error',
      'TRACING_ENABLED is required and has no value',
      'THREADS is not a whole number, at least 1 and at most 64',
      'ROUTES is not JSON',
      'METRICS_PORT is not a port, 1 to 65535',
    ]);
    expect(outcome?.message).toBe(outcome?.problems?.join('; '));
  });
});

(hasPython ? it : it.skip).each(['', 'os.environ'])(
  'in Python a failure to read (%s) shows no value to what reports the variables of each function, and can be handed on',
  async (environ) => {
    const folder = await readersOf(verbatimCatalog, 'depot');
    const script = `
import importlib, os, pickle, traceback
reader = importlib.import_module(${JSON.stringify(pythonFileName('depot').replace(/\.py$/, ''))})
try:
    reader.read_environment(${environ})
except reader.InvalidEnvironment as problem:
    print("".join(traceback.TracebackException.from_exception(problem, capture_locals=True).format()))
    other = pickle.loads(pickle.dumps(problem))
    print(str(other) == str(problem), other.problems == problem.problems)
`;
    const env = { PATH: process.env['PATH'], POSTAL_API_KEY: 'fake-shown-to-nobody', THREADS: '65' };
    const { stdout } = spawnSync('python3', ['-'], { cwd: folder, input: script, encoding: 'utf8', env });
    expect(stdout).toContain('THREADS is not a whole number');
    expect(stdout).toContain('problems = [');
    expect(stdout).not.toContain('fake-shown-to-nobody');
    expect(stdout).toContain('True True');
  },
);

(hasPython ? it : it.skip)('in Python the bytes count, where a locale has two codes for one character', async () => {
  const folder = await readersOf(verbatimCatalog, 'depot');
  const script = `
import importlib, os
reader = importlib.import_module(${JSON.stringify(pythonFileName('depot').replace(/\.py$/, ''))})
os.fsencode = lambda text: text.encode() if text.isascii() else b"other"  # as with BIG5
print(ascii(reader._own_variable("POSTAL_API_KEY")))
os.environ = {"POSTAL_API_KEY": "fake-of-a-test"}  # as tests may do
print(reader._own_variable("POSTAL_API_KEY"))
`;
  const env = { PATH: process.env['PATH'], POSTAL_API_KEY: 'f\u00e4ke' };
  const { stdout } = spawnSync('python3', ['-'], { cwd: folder, input: script, encoding: 'utf8', env });
  expect(stdout).toBe("'f\\xe4ke'\nfake-of-a-test\n");
});

it('a bundle without variables has readers too', async () => {
  const catalog = defineCatalog({
    app: 'bare',
    bundles: { b: { description: 'nothing' } },
    variables: {
      NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
      SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
    },
  });
  const folder = await readersOf(catalog, 'b');
  for (const language of languages.filter(([, , isThere]) => isThere)) {
    expect(read(folder, language, [{ OTHER: 'x' }])).toMatchObject([{ values: {} }]);
  }
});
