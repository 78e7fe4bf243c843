import { encrypted, identityFile, keyPair } from '../../test/age';
import { catalog } from '../../test/fixture/catalog';
import { folderWith, validEnvironment } from '../../test/run';
import { Refusal } from '../environment/problem';
import { readEnvironment } from './read-environment';

const envs = folderWith({
  'good.env': validEnvironment('good', { GEOCODES_API_KEY: "' fake-blank'" }),
  'bad.env': validEnvironment('bad', { LOG_FLOOR: 'loud', OFFICE: '' }),
});

it('gives typed values and what is likely wrong with them', async () => {
  const { values, warnings } = await readEnvironment(catalog, 'good', { envs });
  expect(values.LOG_FLOOR).toBe('info');
  expect(String(values.POSTAL_API_KEY)).toBe('[sensitive]');
  expect(warnings.map(({ code, variable }) => [code, variable])).toEqual([['suspicious-value', 'GEOCODES_API_KEY']]);
});

it('refuses an environment with everything that is wrong, and one that is not there', async () => {
  const refused = await readEnvironment(catalog, 'bad', { envs }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refusal);
  expect((refused as Refusal).problems.map(({ code, variable }) => [code, variable])).toEqual([
    ['missing', 'OFFICE'],
    ['invalid-value', 'LOG_FLOOR'],
  ]);
  await expect(readEnvironment(catalog, 'nobody', { envs })).rejects.toMatchObject({
    problems: [
      {
        code: 'unknown-environment',
        message: 'No environment of this name has a file in the folder of env files',
        hint: 'There are: bad, good',
      },
    ],
  });
});

it('reads a process environment only if it is given one', async () => {
  process.env['LOG_FLOOR'] = 'debug';
  try {
    expect((await readEnvironment(catalog, 'good', { envs })).values.LOG_FLOOR).toBe('info');
    const processEnvironment = { LOG_FLOOR: 'warn' };
    expect((await readEnvironment(catalog, 'good', { envs, processEnvironment })).values.LOG_FLOOR).toBe('warn');
  } finally {
    delete process.env['LOG_FLOOR'];
  }
});

it('opens what is encrypted where it is told where the identities are, and says so where it is not', async () => {
  const keys = await keyPair();
  const folder = folderWith({ 'sealed.env.age': await encrypted(validEnvironment('sealed'), keys.recipient) });
  const identities = { AGE_IDENTITY_FILE: identityFile(keys) };
  const { values } = await readEnvironment(catalog, 'sealed', { envs: folder, identities });
  expect(values.LOG_FLOOR).toBe('info');
  await expect(readEnvironment(catalog, 'sealed', { envs: folder })).rejects.toMatchObject({
    problems: [{ code: 'unreadable-secrets', hint: 'Say { identities: process.env }, which tells where yours is' }],
  });
  const theirs = { AGE_IDENTITY: (await keyPair()).identity };
  await expect(readEnvironment(catalog, 'sealed', { envs: folder, identities: theirs })).rejects.toMatchObject({
    problems: [
      {
        hint: expect.stringMatching(
          /npm run encrypt -- sealed --envs \S+ \(in a checkout of the program, with --envs and the path from there\)$/,
        ),
      },
    ],
  });
});
