import { catalog } from '../../test/fixture/catalog';
import { folderWith, run, validEnvironment, validValues } from '../../test/run';

const isSecret = ([name]: readonly [string, string]) => catalog.variables.get(name)?.sensitive === true;
const secrets = Object.entries(validValues('staging')).filter(isSecret);
const plain = Object.entries(validValues('staging', { DEP_MODE: 'prod' })).filter((entry) => !isSecret(entry));
const lines = (entries: readonly (readonly [string, string])[]) =>
  entries.map(([name, value]) => `${name}=${value}\n`).join('');

/** A folder of env files, and what a command says in it. */
function place(files: Readonly<Record<string, string>>) {
  const root = folderWith(Object.fromEntries(Object.entries(files).map(([name, text]) => [`envs/${name}`, text])));
  return async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const before = process.cwd();
    process.chdir(root);
    try {
      return await run(args, { env });
    } finally {
      process.chdir(before);
    }
  };
}

const missing = (names: readonly string[]) =>
  names.map((name) => `error[missing] ${name} is required and has no value\n`).join('');

/** A refused run in which all of these are missing for one reason. */
const refused = (names: readonly string[], hint: string) =>
  `${missing([...names].sort())}  hint ${hint}\n\nstaging: ${names.length} errors, nothing written\n`;

const names = secrets.map(([name]) => name);
const reviewed = { 'staging.config.env': lines(plain).replace('DEP_MODE=prod', 'DEP_MODE=staging') };

describe('an env file that is not there', () => {
  it('is one hint: the line that makes it', async () => {
    const synth = place({ ...reviewed, 'staging.env.example': '' });
    expect(await synth(['synth', 'staging'])).toEqual({
      status: 1,
      stdout: '',
      stderr: refused(
        names,
        'Make envs/staging.env and fill it in: (umask 077 && cp envs/staging.env.example envs/staging.env)',
      ),
    });
  });

  it('gives what the committed file leaves open, too: the example asks for it', async () => {
    const some = Object.entries(validValues('staging'))
      .filter((entry) => !isSecret(entry))
      .filter(([name]) => name !== 'OFFICE' && name !== 'PARTNER_URL');
    const synth = place({ 'staging.config.env': lines(some), 'staging.env.example': '' });
    expect((await synth(['synth', 'staging'])).stderr).toBe(
      refused(
        [...names, 'OFFICE', 'PARTNER_URL'],
        'Make envs/staging.env and fill it in: (umask 077 && cp envs/staging.env.example envs/staging.env)',
      ),
    );
  });

  it('is made without an example by what adds the lines that lack', async () => {
    const synth = place(reviewed);
    expect((await synth(['synth', 'staging'])).stderr).toBe(
      refused(names, 'Make envs/staging.env and fill it in: npm run new -- staging --top-up'),
    );
  });

  it('is not needed where the process environment has every value: --from-env', async () => {
    const synth = place({ ...reviewed, 'staging.env.example': '' });
    const env = Object.fromEntries(secrets);
    expect((await synth(['synth', 'staging'], env)).stderr).toBe(
      refused(
        names,
        'The process environment has what is missing: say --from-env to take it from there. Else make envs/staging.env and fill it in: (umask 077 && cp envs/staging.env.example envs/staging.env)',
      ),
    );
    expect(await synth(['synth', 'staging', '--from-env'], env)).toMatchObject({ status: 0, stderr: '' });
  });

  it('is asked for where the process environment has some only: they may be those of a laptop', async () => {
    const synth = place({ ...reviewed, 'staging.env.example': '' });
    const { stderr } = await synth(['synth', 'staging'], Object.fromEntries(secrets.slice(1)));
    expect(stderr).not.toContain('--from-env');
  });

  it('is one hint for one variable, too', async () => {
    const check = place({ ...reviewed, 'staging.env.example': '' });
    const { status, stderr } = await check(['check', 'staging', 'POSTAL_API_KEY']);
    expect([status, stderr]).toEqual([
      1,
      `${missing(['POSTAL_API_KEY'])}  hint Make envs/staging.env and fill it in: (umask 077 && cp envs/staging.env.example envs/staging.env)\n\nstaging: 1 error\n`,
    ]);
  });
});

it('an env file that is there and empty is asked for the values, in one hint', async () => {
  const synth = place({ ...reviewed, 'staging.env': '', 'staging.env.example': '' });
  expect((await synth(['synth', 'staging'])).stderr).toBe(refused(names, 'Set it in envs/staging.env'));
  expect((await synth(['synth', 'staging'], Object.fromEntries(secrets))).stderr).toBe(
    refused(names, 'The process environment has what is missing: say --from-env to take it from there'),
  );
});

it('lines that are there and empty have each their own hint', async () => {
  const text = lines(secrets).replace(/^(POSTAL|GEOCODES)_API_KEY=.*$/gm, '$1_API_KEY=');
  const { stderr } = await place({ ...reviewed, 'staging.env': text })(['synth', 'staging']);
  expect(stderr.match(/^ {2}(?:at|hint) .*$/gm)).toEqual(
    ['GEOCODES', 'POSTAL'].flatMap((name) => [
      `  at   envs/staging.env:${text.split('\n').indexOf(`${name}_API_KEY=`) + 1}`,
      '  hint Set it in envs/staging.env',
    ]),
  );
});

describe('a file of nearly this name is taken for the one that is not there', () => {
  const example = 'make envs/prod.env and fill it in: (umask 077 && cp envs/prod.env.example envs/prod.env)';
  const hintOf = async (files: Readonly<Record<string, string>>, environment: string) => {
    const { status, stderr } = await place(files)(['synth', environment]);
    return [status, [...stderr.matchAll(/^ {2}hint (.*)$/gm)].map(([, hint]) => hint)];
  };
  const config = { 'prod.config.env': lines(plain), 'prod.env.example': '' };

  it.each([
    ['production.env', 'prod'],
    ['prd.env', 'prod'],
    ['main-prod.env', 'prod'],
  ])('%s for %s', async (file, environment) => {
    expect(await hintOf({ ...config, [file]: '' }, environment)).toEqual([
      1,
      [`Is envs/${file} meant for prod? Then: mv -i envs/${file} envs/prod.env; else ${example}`],
    ]);
  });

  it('a stray file before another', async () => {
    const [, hints] = await hintOf({ ...config, '.env.prod': '', 'production.env': '' }, 'prod');
    expect(hints).toContain(
      `Is envs/.env.prod meant for prod? Then: mv -i envs/.env.prod envs/prod.env; else ${example}`,
    );
  });

  it('a patch that is not read', async () => {
    const patch = 'prod-secret-config-patch.yaml';
    const right = 'envs/prod-secret-config-patch.yml';
    const question = `s envs/${patch} meant for prod? Then: mv -i envs/${patch} ${right}`;
    const [, hints] = await hintOf({ ...config, [patch]: '' }, 'prod');
    expect(hints).toContain(`I${question}; else ${example}`);
    const [, others] = await hintOf({ ...config, 'prod.env': 'REGISTRY_TOKEN=fake-token\n', [patch]: '' }, 'prod');
    expect(others).toContain(`I${question}`);
  });

  it('the config file as well', async () => {
    const files = { 'prod.env': lines(secrets), 'production.config.env': '' };
    expect(await hintOf(files, 'prod')).toEqual([
      1,
      [
        'Is envs/production.config.env meant for prod? Then: mv -i envs/production.config.env envs/prod.config.env; ' +
          'else make envs/prod.config.env and fill it in: npm run new -- prod --top-up',
      ],
    ]);
  });

  it.each([
    ['an environment with both files', { 'production.env': '', 'production.config.env': '' }],
    ['one of quite another name', { 'demo.env': '' }],
    ['an example', { 'production.env.example': '' }],
  ])('but not %s', async (_what, others) => {
    expect(await hintOf({ ...config, ...others }, 'prod')).toEqual([1, [example.replace('make', 'Make')]]);
  });
});

it('an environment without any file is taken from the process environment that names it: --from-env', async () => {
  const env = { ...validValues('staging'), PD_ENV: 'staging' };
  const synth = place({ 'other.env': '' });
  expect((await synth(['synth', 'staging'], env)).stderr).toContain(
    '  hint PD_ENV in the process environment says this name: say --from-env to take values from there\n',
  );
  expect(await synth(['synth', 'staging', '--from-env'], env)).toMatchObject({ status: 0, stderr: '' });
});

describe('with --from-env', () => {
  it('what is set to empty is said to be so', async () => {
    const env = { ...Object.fromEntries(secrets), POSTAL_API_KEY: '' };
    const { status, stderr } = await place(reviewed)(['synth', 'staging', '--from-env'], env);
    expect([status, stderr]).toEqual([
      1,
      `error[missing] POSTAL_API_KEY is required, and is set but empty in the process environment
  hint What a CI system does not have arrives empty: set it there, or in envs/staging.env

staging: 1 error, nothing written
`,
    ]);
  });

  it('what is not set at all is asked for in both places', async () => {
    const env = Object.fromEntries(secrets.slice(1));
    expect((await place(reviewed)(['synth', 'staging', '--from-env'], env)).stderr).toContain(
      '  hint Set it in the process environment or in envs/staging.env\n',
    );
  });
});

it.each([
  ['production', 'prod'],
  ['prdo', 'prod'],
  ['prod.env', 'prod'],
  ['envs/prod.env', 'prod'],
  ['./envs/prod.config.env', 'prod'],
  ['envs/prod-secret-config-patch.yml', 'prod'],
  ['envs/prod.env.example', 'prod'],
  ['envs/prod.env.local', 'prod'],
  ['.env.prod.local', 'prod'],
  ['dist/prod', 'prod'],
  ['dist/prod/', 'prod'],
  ['config/.env.k8s.prod', 'prod'],
  ['PROD', 'prod'],
  ['Production.env', 'prod'],
])('%s leads to %s', async (typed, near) => {
  const { status, stderr } = await place({ 'prod.env': validEnvironment('prod'), 'staging.env': '' })(['synth', typed]);
  expect([status > 0, stderr]).toEqual([true, expect.stringContaining(`hint Did you mean ${near}?\n`)]);
});
