import { catalog as parcelDesk } from '../../test/fixture/catalog';
import { Sensitive, type Text } from '../environment/sensitive';
import { revealText } from '../output/reveal';
import { readPatchFile } from '../sources/patch-file';
import { patchText } from './patch-text';

it('is read back by the reader of patch files, several keys of one object too', () => {
  const given = { POSTAL_API_KEY: 'fake\'"`\n', LOCATION_API_KEY: 'fake', LOG_FLOOR: 'debug' };
  const values = [...parcelDesk.variables.values()].flatMap((variable): [typeof variable, Text][] => {
    const value = (given as Readonly<Record<string, string>>)[variable.name];
    return value === undefined ? [] : [[variable, variable.sensitive ? new Sensitive(value) : value]];
  });
  const text = patchText(parcelDesk, values);
  expect(text).toBeInstanceOf(Sensitive);
  const { assignments, problems } = readPatchFile(revealText(text), parcelDesk, 'envs/x-secret-config-patch.yml');
  expect(problems).toEqual([]);
  const read = assignments.map(({ variable, template }) => [variable, revealText(Sensitive.join(template as Text[]))]);
  expect(Object.fromEntries(read)).toEqual(given);
});
