import { catalog as voiceAgent } from '../../catalog';
import { Sensitive, type Text } from '../environment/sensitive';
import { revealText } from '../output/reveal';
import { readPatchFile } from '../sources/patch-file';
import { patchText } from './patch-text';

it('is read back by the reader of patch files, several keys of one object too', () => {
  const given = { OPENAI_API_KEY: 'fake\'"`\n', DEEPGRAM_API_KEY: 'fake', LOG_LEVEL: 'debug' };
  const values = [...voiceAgent.variables.values()].flatMap((variable): [typeof variable, Text][] => {
    const value = (given as Readonly<Record<string, string>>)[variable.name];
    return value === undefined ? [] : [[variable, variable.sensitive ? new Sensitive(value) : value]];
  });
  const text = patchText(voiceAgent, values);
  expect(text).toBeInstanceOf(Sensitive);
  const { assignments, problems } = readPatchFile(revealText(text), voiceAgent, 'envs/x-secret-config-patch.yml');
  expect(problems).toEqual([]);
  const read = assignments.map(({ variable, template }) => [variable, revealText(Sensitive.join(template as Text[]))]);
  expect(Object.fromEntries(read)).toEqual(given);
});
