import { limits } from './limits';
import { createNearNames } from './near-names';

it('is looked up once for each name, and for no more than so many', () => {
  const known = new Map([['OFFICE', { formerly: [] as string[] }]]);
  const asked = jest.spyOn(known, 'keys');
  const nearNames = createNearNames(known);
  expect([nearNames('OFFICA'), nearNames('OFFICA')]).toEqual(['OFFICE', 'OFFICE']);
  expect(asked).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 2 * limits.nearNames; i++) nearNames(`NAME_${i}`);
  expect(asked).toHaveBeenCalledTimes(limits.nearNames);
  expect([nearNames('OFFICA'), nearNames('OFFICX')]).toEqual(['OFFICE', undefined]);
});

it('is the new name of a variable that was renamed', () => {
  const nearNames = createNearNames(new Map([['OFFICE', { formerly: ['HEADQUARTERS'] }]]));
  expect([nearNames('HEADQUARTERS'), nearNames('HEADQUARTER')]).toEqual(['OFFICE', undefined]);
});
