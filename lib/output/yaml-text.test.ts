import { parseAllDocuments } from 'yaml';
import { yamlText } from './yaml-text';

it('writes block style with every text quoted', () => {
  expect(yamlText([{ a: 'b', list: ['c', { d: 'e' }], flag: true, none: {}, empty: [] }, { second: 'x' }])).toBe(
    `---
"a": "b"
"list":
  - "c"
  -
    "d": "e"
"flag": true
"none": {}
"empty": []
---
"second": "x"
`,
  );
});

it.each([
  ['a newline', 'a\nb', '"a\\nb"'],
  ['a quote and a backslash', '"\\', '"\\"\\\\"'],
  ['a control character', '\u0007\u0000', '"\\u0007\\u0000"'],
  ['DEL', '\u007f', '"\\u007f"'],
  ['NEL', '\u0085', '"\\u0085"'],
  ['a line separator', '\u2028', '"\\u2028"'],
  ['a byte order mark', '\ufeff', '"\\ufeff"'],
  ['an accent', 'é', '"\\u00e9"'],
  ['an emoji, as one escape', '🔑', '"\\U0001f511"'],
])('escapes %s', (_what, text, written) => {
  expect(yamlText([{ k: text }])).toBe(`---\n"k": ${written}\n`);
  expect(parseAllDocuments(yamlText([{ k: text }]), { version: '1.1' })[0]?.toJS()).toEqual({ k: text });
});
