import { nearName } from './near-name';

it.each([
  ['OPENAI_API_KEI', 'OPENAI_API_KEY'],
  ['OPENAPI_KEY', 'OPENAI_API_KEY'],
  ['DOMAINS', 'DOMAIN'],
  ['DOMANIS', undefined], // three edits: more than a quarter of the name
  ['FOO', undefined],
  ['', undefined],
  ['OPENAI_API_KEY', undefined], // itself
])('of %j is %j', (unknown, near) => expect(nearName(unknown, ['DOMAIN', 'OPENAI_API_KEY'])).toBe(near));

it('is the nearest of several', () => {
  expect(nearName('LIVEKIT_API_KEYS', ['LIVEKIT_API_KE', 'LIVEKIT_API_KEY'])).toBe('LIVEKIT_API_KEY');
});
