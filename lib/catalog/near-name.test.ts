import { nearArgument, nearName } from './near-name';

const variables = ['OFFICE', 'POSTAL_API_KEY', 'PORT'];

it.each([
  ['POSTAL_API_KEI', 'POSTAL_API_KEY'],
  ['POSTAPI_KEY', 'POSTAL_API_KEY'],
  ['postal-api-key', 'POSTAL_API_KEY'],
  ['OPSTAL_PAI_KEY', 'POSTAL_API_KEY'], // two swaps
  ['OFFICES', 'OFFICE'],
  ['OFFIECS', 'OFFICE'], // a swap and a letter
  ['OFFIECXS', undefined], // three edits: more than a quarter of the name
  ['PORTO', 'PORT'],
  ['POTRO', undefined],
  ['FOO', undefined],
  ['', undefined],
  ['OFFICE', undefined], // itself
])('of %j is %j', (unknown, near) => expect(nearName(unknown, variables)).toBe(near));

it('is the nearest of several', () => {
  expect(nearName('PARTNER_API_KEYS', ['PARTNER_API_KE', 'PARTNER_API_KEY'])).toBe('PARTNER_API_KEY');
});

it.each([
  ['prdo', 'prod'],
  ['production', 'prod'],
  ['sta', 'staging'],
  ['STAGING', 'staging'],
  ['prod.env', 'prod'],
  ['prod.config.env', 'prod'],
  ['envs/prod.env', 'prod'],
  ['.env.staging', 'staging'],
  ['./envs/prod.config.env', 'prod'],
  ['prod.env.example', 'prod'],
  ['dist/prod/', 'prod'],
  ['config/.env.k8s.prod', 'prod'],
  ['/', undefined],
  ['main-preview', 'preview-main'],
  ['POSTAL_KEY', 'POSTAL_API_KEY'],
  ['p', undefined],
  ['', undefined],
  ['canary', undefined],
])('on a command line %j is %j', (typed, near) => {
  expect(nearArgument(typed, ['preview-main', 'prod', 'staging', 'POSTAL_API_KEY'])).toBe(near);
});
