import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { limits, sizeText } from './limits';

it('are told to users one by one in SECURITY.md, in the same order', () => {
  const text = readFileSync(join(__dirname, '../../SECURITY.md'), 'utf8');
  const [, section = ''] = text.split('## Limits\n');
  const told = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| [^|]+ \| ([\d,]+)( [KM]iB)?[^|]* \| [^|]+ \|$/gm)];
  expect(told.map(([, number, unit = '']) => `${number}${unit}`)).toEqual(
    Object.entries(limits).map(([name, limit]) =>
      /bytes/i.test(name) ? sizeText(limit) : limit.toLocaleString('en-US'),
    ),
  );
});
