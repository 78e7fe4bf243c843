import { nearArgument, nearName } from './near-name';

const variables = ['DOMAIN', 'OPENAI_API_KEY', 'PORT'];

it.each([
  ['OPENAI_API_KEI', 'OPENAI_API_KEY'],
  ['OPENAPI_KEY', 'OPENAI_API_KEY'],
  ['openai-api-key', 'OPENAI_API_KEY'],
  ['OEPNAI_PAI_KEY', 'OPENAI_API_KEY'], // two swaps
  ['DOMAINS', 'DOMAIN'],
  ['DOMANIS', 'DOMAIN'], // a swap and a letter
  ['DOMANIXS', undefined], // three edits: more than a quarter of the name
  ['PORTO', 'PORT'],
  ['POTRO', undefined],
  ['FOO', undefined],
  ['', undefined],
  ['DOMAIN', undefined], // itself
])('of %j is %j', (unknown, near) => expect(nearName(unknown, variables)).toBe(near));

it('is the nearest of several', () => {
  expect(nearName('LIVEKIT_API_KEYS', ['LIVEKIT_API_KE', 'LIVEKIT_API_KEY'])).toBe('LIVEKIT_API_KEY');
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
  ['main-preview', 'preview-main'],
  ['OPENAI_KEY', 'OPENAI_API_KEY'],
  ['p', undefined],
  ['', undefined],
  ['canary', undefined],
])('on a command line %j is %j', (typed, near) => {
  expect(nearArgument(typed, ['preview-main', 'prod', 'staging', 'OPENAI_API_KEY'])).toBe(near);
});
