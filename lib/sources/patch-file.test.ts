import { cpuTime } from '../../test/cpu-time';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { Sensitive } from '../environment/sensitive';
import { readPatchFile } from './patch-file';

const catalog = defineCatalog({
  app: 'app',
  bundles: {
    common: { description: 'common', everyPod: true },
    depot: { description: 'depot' },
    kiosk: { description: 'kiosk' },
  },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'namespace' },
    URL: { kind: 'config', bundle: 'common', type: text(), description: 'url' },
    TOKEN: { kind: 'secret', bundle: 'depot', type: text(), description: 'token' },
    BOTH: { kind: 'secret', bundle: ['depot', 'kiosk'], type: text(), description: 'both' },
    DEPOT_LEVEL: { kind: 'config', bundle: 'depot', key: 'LEVEL', type: text(), description: 'level' },
  },
});

const secret = (body: string, name = 'depot-secrets') =>
  `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n${body}\n`;
const configMap = (body: string, name = 'common-config') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${body}\n`;

const read = (file: string) => readPatchFile(file, catalog, 'envs/x-secret-config-patch.yml');

/** What the source gives, secrets opened by asking. */
function values(file: string, expected: Record<string, string>) {
  const found = read(file).assignments.map(({ variable, template }) => {
    const [part = ''] = template;
    const matches =
      part instanceof Sensitive ? part.matches((each) => each === expected[variable]) : part === expected[variable];
    return [variable, matches ? expected[variable] : 'something else'];
  });
  return Object.fromEntries(found);
}

function problems(file: string): string[] {
  return read(file).problems.map(
    ({ code, line, severity }) => `${severity === 'warning' ? 'warning ' : ''}${code}:${line}`,
  );
}

describe('reads', () => {
  it.each([
    ['stringData', secret('stringData:\n  TOKEN: "fake token"'), { TOKEN: 'fake token' }],
    ['base64 data', secret(`data:\n  TOKEN: ${Buffer.from('fake é\n').toString('base64')}`), { TOKEN: 'fake é\n' }],
    ['base64 over several lines', secret('data:\n  TOKEN: |\n    ZmFr\n    ZQ==\n'), { TOKEN: 'fake' }],
    ['type Opaque', secret('type: Opaque\nstringData:\n  TOKEN: fake'), { TOKEN: 'fake' }],
    ['a ConfigMap', configMap('data:\n  URL: wss://x'), { URL: 'wss://x' }],
    ['keys that are not the names', configMap('data:\n  LEVEL: debug', 'depot-config'), { DEPOT_LEVEL: 'debug' }],
    ['a block of lines', secret('stringData:\n  TOKEN: |\n    a\n    b\n'), { TOKEN: 'a\nb\n' }],
    ['escapes', secret('stringData:\n  TOKEN: "\\u2028\\U0001F511\\x07"'), { TOKEN: '\u2028🔑\u0007' }],
    [
      'many documents',
      `# c\n---\n${secret('stringData:\n  TOKEN: t')}---\n---\n${configMap('data:\n  URL: u')}...\n`,
      { TOKEN: 't', URL: 'u' },
    ],
    [
      'the same value in two bundles',
      `${secret('stringData:\n  BOTH: b')}---\n${secret('data:\n  BOTH: Yg==', 'kiosk-secrets')}`,
      { BOTH: 'b' },
    ],
    [
      'JSON',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"common-config"},"data":{"URL":"u"}}',
      { URL: 'u' },
    ],
    ['CRLF', configMap('data:\n  URL: u').replaceAll('\n', '\r\n'), { URL: 'u' }],
    [
      'CRLF in a block',
      secret('stringData:\n  TOKEN: |\n    a\n\n    b\n').replaceAll('\n', '\r\n'),
      { TOKEN: 'a\n\nb\n' },
    ],
    ['a block without its last newline', secret('stringData:\n  TOKEN: |-\n    a\n     b\n'), { TOKEN: 'a\n b' }],
    ['a folded block', secret('stringData:\n  TOKEN: >\n    a\n    b\n\n    c\n'), { TOKEN: 'a b\nc\n' }],
    [
      'a folded block without its last newline',
      secret('stringData:\n  TOKEN: >- # c\n    a\n    b\n'),
      { TOKEN: 'a b' },
    ],
    [
      'tabs inside a block',
      secret('stringData:\n  TOKEN: |\n    {\n    \t"a": 1\n    }\n'),
      { TOKEN: '{\n\t"a": 1\n}\n' },
    ],
    ['single quotes', secret("stringData:\n  TOKEN: 'it''s # \\n'"), { TOKEN: "it's # \\n" }],
    ['what only looks like a number', configMap('data:\n  URL: _1\n'), { URL: '_1' }],
    ['a value below its key', configMap('data:\n  URL:\n    # c\n    "u"'), { URL: 'u' }],
    [
      'a block without a newline of its own or of the file',
      secret('stringData:\n  TOKEN: |-\n    a').trimEnd(),
      { TOKEN: 'a' },
    ],
    ['an empty block at the end of the file', secret('stringData:\n  TOKEN: |').trimEnd(), { TOKEN: '' }],
    ['tabs that indent nothing', configMap('data:\n  URL:\t"u"\t# c'), { URL: 'u' }],
    [
      'a hundred documents with braces',
      `${configMap('data: {}').replace('\n  name: common-config', ' {name: common-config}')}---\n`.repeat(100) +
        configMap('data: {URL: u}'),
      { URL: 'u' },
    ],
    ['comments everywhere', `# c\n${configMap('data: # c\n# c\n  URL: u # c\n  # c')}# c`, { URL: 'u' }],
    [
      'braces',
      '--- # c\n{apiVersion: v1, kind: ConfigMap, metadata: {name: common-config}, data: {URL: u}}',
      { URL: 'u' },
    ],
    [
      'JSON over several lines',
      JSON.stringify(
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'depot-secrets' }, data: { TOKEN: 'YQ==' } },
        null,
        2,
      ),
      { TOKEN: 'a' },
    ],
    ['no data at all', secret('data: {}\nstringData: {}'), {}],
    ['nothing', '# only a comment\n', {}],
  ])('%s', (_what, file, expected) => {
    expect(problems(file)).toEqual([]);
    expect(values(file, expected as Record<string, string>)).toEqual(expected);
  });

  it('the lines of values', () => {
    expect(read(secret('stringData:\n  TOKEN: t\n  BOTH: b')).assignments.map(({ line }) => line)).toEqual([6, 7]);
  });

  it('namespaces, to be compared once they are known', () => {
    const { namespaces } = read(configMap('  namespace: ${SPACE}\ndata: {}'));
    expect(namespaces).toEqual([{ template: [{ variable: 'SPACE' }], line: 5 }]);
  });
});

describe('refuses', () => {
  it.each([
    ['a foreign kind', 'apiVersion: v1\nkind: Deployment\nmetadata:\n  name: x\n', 'invalid-patch:2'],
    ['no kind', 'metadata:\n  name: x\n', 'invalid-patch:1'],
    ['another apiVersion', configMap('data: {}').replace('v1', 'v2'), 'invalid-patch:1'],
    ['a foreign object', secret('stringData: {}', 'worker-secrets'), 'invalid-patch:4'],
    ['an object of the other kind', configMap('data: {}', 'depot-secrets'), 'invalid-patch:4'],
    ['no name', 'apiVersion: v1\nkind: Secret\nstringData: {}\n', 'invalid-patch:1'],
    ['a field that no Secret has', secret('spec: {}'), 'invalid-patch:5'],
    ['stringData in a ConfigMap', configMap('stringData:\n  URL: u'), 'invalid-patch:5'],
    ['immutable', secret('immutable: true'), 'invalid-patch:5'],
    ['$patch', secret('$patch: delete'), 'invalid-patch:5'],
    ['$patch in the metadata', configMap('  $patch: delete\ndata: {}'), 'invalid-patch:5'],
    ['$patch in the data', configMap('data:\n  $patch: replace'), 'invalid-patch:6'],
    ['a namespace that is no text', configMap('  namespace: 123\ndata: {}'), 'invalid-patch:5'],
    ['an unknown key twice', configMap('data:\n  FOO: a\n  FOO: b'), 'duplicate:7'],
    ['another type', secret('type: kubernetes.io/tls'), 'invalid-patch:5'],
    ['a number', configMap('data:\n  URL: 1e3'), 'invalid-patch:6'],
    ['an octal number', configMap('data:\n  URL: 0o17'), 'invalid-patch:6'],
    ['yes, a boolean of YAML 1.1', configMap('data:\n  URL: yes'), 'invalid-patch:6'],
    ['a date', configMap('data:\n  URL: 2026-11-23'), 'invalid-patch:6'],
    ['null', configMap('data:\n  URL:'), 'invalid-patch:6'],
    ['data of nothing, which Kustomize removes', configMap('data:'), 'invalid-patch:5'],
    ['data of ~', configMap('data: ~'), 'invalid-patch:5'],
    ['stringData of nothing', secret('stringData:\n#  TOKEN: t'), 'invalid-patch:5'],
    [
      'an annotation for which Kustomize leaves the object out',
      configMap('  annotations:\n    config.kubernetes.io/local-config: "true"\ndata: {}'),
      'invalid-patch:5',
    ],
    [
      'an order to Kustomize about names',
      configMap('  annotations: {kustomize.config.k8s.io/behavior: replace}\ndata: {}'),
      'invalid-patch:5',
    ],
    [
      'an order to Kustomize to put a hash behind the name',
      configMap('  annotations: {internal.config.kubernetes.io/needsHashSuffix: enabled}\ndata: {}'),
      'invalid-patch:5',
    ],
    [
      'what Kustomize itself has noted',
      configMap(
        '  annotations: {config.kubernetes.io/origin: x, config.kubernetes.io/local-config: "false"}\ndata: {}',
      ),
      'warning invalid-patch:5',
    ],
    ['a list', configMap('data:\n  URL: [a]'), 'invalid-patch:6'],
    ['a map', configMap('data:\n  URL: {a: b}'), 'invalid-patch:6'],
    ['bad base64', secret('data:\n  TOKEN: "fake token"'), 'invalid-patch:6'],
    ['base64 without its padding', secret('data:\n  TOKEN: ZmFrZQ'), 'invalid-patch:6'],
    ['base64 of no UTF-8', secret('data:\n  TOKEN: /w=='), 'invalid-patch:6'],
    ['a key in data and stringData', secret('data:\n  TOKEN: Yg==\nstringData:\n  TOKEN: b'), 'invalid-patch:8'],
    ['a key twice', secret('stringData:\n  TOKEN: b\n  TOKEN: b'), 'duplicate:7'],
    [
      'a key twice in two documents',
      `${secret('stringData:\n  TOKEN: b')}---\n${secret('stringData:\n  TOKEN: b')}`,
      'duplicate:13',
    ],
    ['a field twice', secret('stringData: {}\nstringData: {}'), 'duplicate:6'],
    [
      'unequal values across bundles',
      `${secret('stringData:\n  BOTH: a')}---\n${secret('stringData:\n  BOTH: b', 'kiosk-secrets')}`,
      'invalid-patch:13',
    ],
    ['a key in one of the two objects that hold it', secret('stringData:\n  BOTH: b'), 'invalid-patch:6'],
    ['a known key in another object', secret('stringData:\n  TOKEN: t', 'kiosk-secrets'), 'invalid-patch:6'],
    ['a name where another key is used', configMap('data:\n  DEPOT_LEVEL: x', 'depot-config'), 'invalid-patch:6'],
    ['infra', configMap('data:\n  SPACE: x'), 'invalid-patch:6'],
    ['a secret in a ConfigMap', configMap('data:\n  TOKEN: t'), 'misplaced-secret:6'],
    ['an anchor', configMap('data:\n  URL: &a u'), 'invalid-patch:6'],
    ['an alias', configMap('data:\n  URL: *a'), 'invalid-patch:6'],
    ['a tag', configMap('data:\n  URL: !!str u'), 'invalid-patch:6'],
    ['a tag of the user', configMap('data:\n  URL: !mine u'), 'invalid-patch:6'],
    ['a merge key', configMap('data:\n  <<: {URL: u}'), 'invalid-patch:6'],
    ['an anchor on a map', configMap('data: &a\n  URL: u'), 'invalid-patch:5'],
    ['a key that is no text', configMap('data:\n  yes: u'), 'invalid-patch:6'],
    ['a list at the top', '- a\n', 'invalid-patch:1'],
    ['text at the top', 'text\n', 'invalid-patch:1'],
    ['a tab for indentation', 'kind: Secret\nmetadata:\n\tname: x\n', 'invalid-patch:3'],
    ['a quote that is not closed', configMap('data:\n  URL: "u'), 'invalid-patch:6'],
    ['a second colon on a line', configMap('data:\n  URL: a: b'), 'invalid-patch:6'],
    ['a %YAML directive', `%YAML 1.2\n---\n${configMap('data: {}')}`, 'invalid-patch:1'],
  ])('%s', (_what, file, problem) => expect(problems(file)).toEqual([problem]));

  // Each of these was read without a word, otherwise than by kubectl or where kubectl reads nothing.
  it.each([
    ['quotes: text that goes on in a line that is not indented', 'data:\n  URL: "pass \\"phrase\\"\n  # 42"', 6],
    ['the same in single quotes', "data:\n  URL: 'pass ''phrase''\n  # 42'", 6],
    ['quotes: a key in what is still quoted', 'data:\n  OTHER: "a \\"b\\"\n  URL: "c"', 6],
    ['quotes: an escaped line break before an empty line', 'data:\n  URL: "a\\\n\n    b"', 6],
    ['quotes: several lines', 'data:\n  URL: "a\n    b"', 6],
    ['single quotes: several lines', "data:\n  URL: 'a\n    b'", 6],
    ['no quotes: several lines', 'data:\n  URL: a\n    b', 6],
    ['a carriage return behind a value', 'data:\n  URL: a\r # b', 6],
    ['a carriage return in a comment', '# a\rdata:\n  URL: b', 5],
    ['U+0085 in quotes', 'data:\n  URL: "a\u0085b"', 6],
    ['U+2028 without quotes', 'data:\n  URL: N\u2028', 6],
    ['U+2028 in a comment', 'data:\n  URL: a # b\u2028  OTHER: c', 6],
    ['U+2029 in a block', 'data:\n  URL: |\n    a\n    b\u2029c', 8],
    ['U+FEFF in a value', 'data:\n  URL: "\ufeffa"', 6],
    ['a control character in a comment', 'data: # \u0001\n  URL: a', 5],
    ['U+007F in quotes', 'data:\n  URL: "\u007f"', 6],
    ['U+FFFE in quotes', 'data:\n  URL: "\ufffe"', 6],
    ['U+FFFF in a comment', 'data: {} # \uffff', 5],
    ['an escape of JSON', 'data:\n  URL: "a\\/b"', 6],
    ['a surrogate pair as escapes', 'data:\n  URL: "\\ud83d\\ude00"', 6],
    ['half a surrogate pair as an escape', 'data:\n  URL: "\\U0000D800"', 6],
    ['a number with _ in it', 'data:\n  URL: 1e_3', 6],
    ['a hexadecimal number with _ in it', 'data:\n  URL: 0_x1F', 6],
    ['a block with its indentation', 'data:\n  URL: >1\n     a\n\n    \n', 6],
    ['a block with all its newlines', 'data:\n  URL: |+\n    a\n\n# c\n', 6],
    ['a folded block with further indentation', 'data:\n  URL: >\n    a\n     b\n    c', 6],
    ['a folded block with no-break spaces', 'data:\n  URL: >\n    \u00a0a\n     b\n', 6],
    ['a folded block with tabs', 'data:\n  URL: >-\n    a\n    \tb', 6],
    ['a folded block with a line of a tab', 'data:\n  URL: >-\n    a\n    \t\n    b', 6],
    ['a block that starts with a tab', 'data:\n  URL: |\n\n    \ta', 7],
    ['a tab between keys', 'data:\n  URL: a\n\t\n', 7],
    ['a tab behind spaces', 'data:\n  URL: a\n  \t\n', 7],
    ['a document behind ...', 'data:\n  URL: a\n...\nkind: Secret', 8],
    ['a document behind ... and ---', 'data:\n  URL: a\n...\n---\nkind: Secret', 8],
    ['... behind nothing', 'data:\n  URL: a\n---\n...\n', 8],
    ['--- with a text', 'data:\n  URL: a\n--- b\n', 7],
    [
      'a document beside ---',
      'data:\n  URL: a\n--- {apiVersion: v1, kind: ConfigMap, metadata: {name: depot-config}, data: {LEVEL: b}}',
      7,
    ],
    ['---- for ---', 'data:\n  URL: a\n----\n', 7],
    ['a PEM that is not indented', 'data:\n  URL: "\n-----BEGIN FAKE-----\n"', 7],
    ['a directive', 'data:\n  URL: a\n...\n%TAG ! !a\n---\n', 8],
    ['brackets: a ? without quotes', 'data: {URL: a?b}', 5],
    ['brackets: a : without quotes', 'data: {URL: :a}', 5],
    ['brackets: a colon on the next line', 'data: {URL\n  : a}', 6],
    ['brackets: a key that is too long', `  annotations: {"${'a'.repeat(1030)}": b}\ndata: {}`, 5],
    ['a colon on the next line', 'data:\n  URL\n   : a', 7],
    ['a colon below an empty block', '  labels:\n    a: >\n    b\n     : c\ndata: {}', 8],
    ['a key marked with ?', 'data:\n ? URL\n  : a', 6],
    ['labels that are no texts', '  labels: {a: 1}\ndata: {}', 5],
    ['annotations with an alias', '  annotations: {a: *b}\ndata: {}', 5],
    ['an annotation that is given twice', '  annotations:\n    a: b\n    a: b\ndata: {}', 5],
  ])('%s', (_what, body, line) => expect(problems(configMap(body))).toEqual([`invalid-patch:${line}`]));

  it.each(['[', '{a: ', '- ', 'a: '])('%j a hundred times within itself', (mark) => {
    expect(read(mark.repeat(100)).problems).toEqual([
      expect.objectContaining({ code: 'invalid-patch', message: expect.stringContaining('nested too deeply') }),
    ]);
  });

  it.each([
    ['keys', configMap(`data:\n${'  URL: u\n'.repeat(10_000)}`), 'more than 20,000 keys, values and marks'],
    ['marks', `[${'a,'.repeat(20_000)}]`, 'more than 20,000 keys, values and marks'],
    ['documents', '---\n'.repeat(20_001), 'more than 20,000 keys, values and marks'],
    ['blank lines', '\n'.repeat(100_001), 'more than 100,000 lines'],
    ['lines of a value', secret(`stringData:\n  TOKEN: |\n${'    a\n'.repeat(100_000)}`), 'more than 100,000 lines'],
  ])('more %s than a patch can need, with one problem', (_what, file, reason) => {
    expect(read(file).problems).toEqual([
      expect.objectContaining({ code: 'invalid-patch', message: expect.stringContaining(reason) }),
    ]);
  });

  it.each(['|', '>', '|  # c'])(
    'a block of %j whose last line has no newline, with a hint that leads to the value',
    (header) => {
      const file = configMap(`data:\n  URL: ${header}\n    a`);
      expect(read(file.trimEnd()).problems).toEqual([
        expect.objectContaining({ line: 7, hint: 'End the file with a newline' }),
      ]);
      expect(values(file, { URL: 'a\n' })).toEqual({ URL: 'a\n' });
    },
  );

  it('what starts with { and is no JSON, as kubectl takes it for', () => {
    expect(problems('\n{kind: Secret}')).toEqual(['invalid-patch:2']);
  });

  it.each([
    ['"a\u2028b"', 'In a value write \\u2028 in double quotes; elsewhere remove it', '"a\\u2028b"', 'a\u2028b'],
    ['a\u0001b', 'In a value write \\u0001 in double quotes; elsewhere remove it', '"a\\u0001b"', 'a\u0001b'],
    ['"a\\/b"', 'Write / alone', '"a/b"', 'a/b'],
    ['"\\ud83d\\udd11"', 'Write the character itself, or \\U and its eight hexadecimal digits', '"\\U0001F511"', '🔑'],
    [
      '"a \\"b\\"\n  c"',
      'Write the value on one line, in double quotes, with \\" for a quote and \\n for a newline',
      '"a \\"b\\"\\nc"',
      'a "b"\nc',
    ],
    ['"a\n    b"', 'Write it on one line in double quotes, with escapes', '"a b"', 'a b'],
    [
      '|\n    \ta\n',
      'Use spaces; a value that starts with a tab is written in double quotes, with \\t',
      '"\\ta\\n"',
      '\ta\n',
    ],
    ['{a: b?}', 'Put it in double quotes', '"{a: b?}"', '{a: b?}'],
  ])('%j with a hint that leads to the value', (wrong, hint, right, value) => {
    expect(read(configMap(`data:\n  URL: ${wrong}`)).problems).toEqual([expect.objectContaining({ hint })]);
    expect(values(configMap(`data:\n  URL: ${right}`), { URL: value })).toEqual({ URL: value });
  });

  it.each([
    ['secret', 'Did you mean Secret?'],
    ['Secrets', 'Did you mean Secret?'],
    ['Configmap', 'Did you mean ConfigMap?'],
    ['Deployment', undefined],
  ])('kind: %s with the near one', (kind, hint) => {
    const [problem] = read(`kind: ${kind}\napiVersion: v1\nmetadata: {name: x}\n`).problems;
    expect([problem?.line, problem?.hint]).toEqual([1, hint]);
  });

  it.each([':fake', '=fake'])('a key without a blank behind it (%s), with a hint at the line above', (slip) => {
    const [problem] = read(configMap(`data:\n  A${slip}\n  URL: fake`)).problems;
    expect(problem?.hint).toMatch(/It may be the line above that has none/);
  });

  it('braces that are no JSON with a hint that leads to their values', () => {
    const braces = '{apiVersion: v1, kind: ConfigMap, metadata: {name: common-config}, data: {URL: u}}';
    expect(read(braces).problems).toEqual([
      expect.objectContaining({ hint: 'Write --- on a line of its own before it, or correct the JSON' }),
    ]);
    expect(values(`---\n${braces}`, { URL: 'u' })).toEqual({ URL: 'u' });
  });

  it('labels and annotations with a warning, since they are not carried', () => {
    expect(problems(configMap('  labels: {a: b}\ndata: {}'))).toEqual(['warning invalid-patch:5']);
  });

  it('unknown keys by line, and by name only where a known one is near', () => {
    expect(read(configMap('data:\n  __proto__: x\n  DEPOT_LEVEK: y')).unknownNames).toEqual([
      { name: '__proto__', line: 6 },
      { name: 'DEPOT_LEVEK', line: 7, near: 'DEPOT_LEVEL' },
    ]);
  });
});

describe('a variable is not missing as well', () => {
  it('where its value could not be read', () => {
    expect([...(read(configMap('data:\n  URL: 1')).faulty ?? [])]).toEqual(['URL']);
  });

  it('where a document could not be read', () => {
    expect(read('kind: [').unreadable).toBe(true);
    expect(read(secret('', 'worker-secrets')).unreadable).toBe(true);
  });
});

it('never quotes what it could not read', () => {
  const files = [
    'kind: "fake-value',
    'fake-value',
    '*fake-value',
    '!fake-value x',
    'a: fake-value: b',
    '%fake-value\n---\nx',
    '`fake-value',
    '@fake-value',
  ];
  for (const file of [
    ...files,
    ...files.filter((each) => each !== 'fake-value').map((each) => secret(`stringData:\n  TOKEN: ${each}`)),
  ]) {
    const source = read(file);
    expect(source.problems).not.toEqual([]);
    expect(JSON.stringify(source.problems)).not.toContain('fake-value');
  }
});

it.each([
  [
    'an alias bomb',
    `a: &a [x,x]\n${Array.from({ length: 50 }, (_, i) => `b${i}: &b${i} [*a,*a,*a,*a,*a,*a,*a,*a]\n`).join('')}`,
  ],
  ['a thousand documents', `${secret('stringData: {}')}---\n`.repeat(1_000)],
  ['100,000 brackets', '['.repeat(100_000)],
  ['100,000 open maps', '{a: '.repeat(100_000)],
  ['100,000 lists in one line', '- '.repeat(100_000)],
  ['100,000 complex keys in one line', '? '.repeat(100_000)],
  ['2,000 maps in each other', Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
  ['100,000 keys', configMap(`data:\n${'  URL: u\n'.repeat(100_000)}`)],
])('answers on %s in a moment', (_what, file) => {
  expect(cpuTime(() => read(file))).toBeLessThan(20_000);
});
