import { catalog } from '../../test/fixture/catalog';
import { remedyForAbsentFile } from './absent-file';

/** What is proposed for an environment without a reviewed file, beside so many that have nothing else. */
function hintBeside(count: number): string | undefined {
  const lone = Array.from({ length: count }, (_, i) => `staging-${i + 10}.config.env`);
  const names = new Set(['staging-10x.env', ...lone]);
  return remedyForAbsentFile('staging-10x', { shown: 'envs', names, strays: [] }, true)?.hint;
}

it('takes the one file of an environment of nearly the same name for a misnamed one', () => {
  expect(hintBeside(1)).toBe(
    'is envs/staging-10.config.env meant for staging-10x? Then: mv -i envs/staging-10.config.env envs/staging-10x.config.env; ' +
      'else make envs/staging-10x.config.env and fill it in: npm run new -- staging-10x --top-up',
  );
});

it('takes none for misnamed of so many that it is their habit', () => {
  expect(hintBeside(100)).toMatch(/^is envs/);
  expect(hintBeside(101)).toMatch(/^make envs/);
});

it('asks for no file of secrets where none is missing, as where they are in a store', () => {
  const folder = { shown: 'envs', names: new Set(['x.config.env', 'x.env.example']), strays: [] };
  expect(remedyForAbsentFile('x', folder, true)?.hint).toContain('make envs/x.env');
  expect(remedyForAbsentFile('x', folder, false)).toBeUndefined();
});

it('has the reviewed file made where there is none, for what is no secret', () => {
  const folder = { shown: 'envs', names: new Set(['x.env', 'x.env.example']), strays: [] };
  const remedy = remedyForAbsentFile('x', folder, true);
  expect(remedy?.hint).toBe('make envs/x.config.env and fill it in: npm run new -- x --top-up');
  const variables = [...catalog.variables.values()];
  expect(variables.filter((each) => remedy?.covers(each)).map(({ name }) => name)).toEqual(
    variables.filter(({ sensitive }) => !sensitive).map(({ name }) => name),
  );
});
