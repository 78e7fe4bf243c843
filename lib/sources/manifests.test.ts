import { parseManifests } from './manifests';

it.each([
  ['more anchors than anybody sets: each is looked for among all that stands before it', 'a: &a x\n'.repeat(1_000)],
  ['more parts', 'a: b\n'.repeat(50_000)],
  ['more lines', `a: |\n${'  b\n'.repeat(260_000)}`],
  ['brackets in brackets', `a: ${'['.repeat(101)}${']'.repeat(101)}\n`],
  ['marks on one line', `${'- '.repeat(101)}a\n`],
])('refuses %s', (_what, text) => {
  expect(parseManifests(text, 'w.yml')).toMatchObject({
    code: 'unreadable',
    message: expect.stringMatching(/^w\.yml has more than 250,000/),
  });
});

it.each([
  ['anchors', Array.from({ length: 900 }, (_, i) => `a${i}: &a${i} x\n`).join('')],
  [
    'keys in brackets, as many as on no line without',
    `a: {${Array.from({ length: 500 }, (_, i) => `k${i}: 1`).join()}}\n`,
  ],
  ['brackets in brackets', `a: ${'['.repeat(100)}${']'.repeat(100)}\n`],
  ['lines', `a: |\n${'  b\n'.repeat(200_000)}`],
])('reads many %s', (_what, text) => {
  expect(parseManifests(text, 'w.yml')).toHaveLength(1);
});
