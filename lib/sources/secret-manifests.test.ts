import { secretManifests } from './secret-manifests';

const linesIn = (path: string, text: string) => secretManifests(path, text, (value) => value === 'of-the-demo');
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** In pieces, so that this file holds no manifest of a Secret itself. */
const kind = `kind: ${'Secret'}`;
const quotedKind = `"kind": ${'"Secret"'}`;
const block = `apiVersion: v1\n${kind}\nmetadata:\n  name: x\nstringData:\n  # one\n  A: real-one\n`;
const flow = (values = 'A: real-one') => `{apiVersion: v1, ${kind}, metadata: {name: x}, stringData: {${values}}}`;
const json = (value: string) => `{"apiVersion":"v1","data":{"A":"${base64(value)}"},"kind":${'"Secret"'}}`;
const list = `{"kind":${'"SecretList"'},"items":[\n{"metadata":{"name":"x"},\n"data":{"A":"${base64('real-one')}"}}]}`;
const prettyJson = JSON.stringify(JSON.parse(json('real-one')), null, 2).split('\n');
const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
/** With its kind in front. */
const opened = `${kind}\nstringData:\n  A: real-one\n`;
const without = `apiVersion: v1\n${kind}\nmetadata:\n  name: x\n  annotations:\n    ${annotation}: `;
/** A key in PEM with this text in it. */
const pem = (text: string) =>
  `-----BEGIN ${'PRIVATE'} KEY-----\n${'MIIabcDEF123'.repeat(5)}MIIa\n${'abcDEF123456'.repeat(3)}${text}${'MIIabcDEF12'.repeat(2)}\nMIIab=\n-----END ${'PRIVATE'} KEY-----\n`;
/** Maps that each take the one before over twice. */
const doubling = `${kind}\na: &a0 {b: c}\n${Array.from({ length: 30 }, (_, i) => `c${i}: &a${i + 1} {<<: [*a${i}, *a${i}]}\n`).join('')}`;

describe('a Secret with a value is found', () => {
  it.each<[what: string, path: string, text: string, ...lines: number[]]>([
    ['in flow style in a script', 'a.sh', `# Go\nkubectl apply -f - <<< '${flow()}'\n`, 2],
    ['in flow style in double quotes', 'a.sh', `run() {\n  echo "${flow()}" | kubectl apply -f -\n}\n`, 2],
    ['in flow style in a document', 'a.md', `Write \`${flow()}\`, don't wait.\n`, 1],
    ['in flow style over lines', 'a.md', `x\n${flow().replaceAll(', ', ',\n  ').replace('{A', '{\n    A')}\n`, 1 + 5],
    ['in flow style with quotes', 'a.sh', flow(`"A": 'real-one'`), 1],
    ['in flow style behind what is none', 'a.sh', flow('A: "", B: ${B}, C: {{ .Values.c }}, D: real-one'), 1],
    ['in flow style in a template', 'a.yaml', `{{- if .x }}\n${flow()}\n{{- end }}\n`, 2],
    ['in flow style inside of block style', 'a.md', `\`\`\`\n${kind}\nstringData: {A: real-one}\n\`\`\`\n`, 3],
    ['in flow style, the value on its own line', 'a.sh', flow('A:\n    real-one'), 2],
    ['in escaped JSON', 'a.sh', `echo "${json('real-one').replaceAll('"', '\\"')}"\n`, 1],
    ['in JSON in JSON', 'a.log', JSON.stringify({ a: JSON.stringify({ b: json('real-one') }) }), 1],
    ['in JSON over lines', 'a.txt', `> ${JSON.stringify(JSON.parse(json('real-one')), null, 2)}`, 4],
    ['in code', 'a.ts', `const a = { kind: ${"'Secret'"}, stringData: { A: 'real-one' } };\n`, 1],
    ['each of several', 'a.sh', `${flow()}\n${flow('A: fake')}\n${flow()}\n`, 1, 3],

    ['a kind in quotes over a value without', 'a.md', `kind: ${'"Secret"'}\nstringData: {A: real-one}\n`, 2],
    ['in a list of Secrets in JSON', 'a.json', list, 3],
    ['in a list of Secrets in a document', 'a.md', `Look:\n${list}\n`, 4],
    [
      'in a list of Secrets in YAML',
      'a.yaml',
      `kind: ${'SecretList'}\nitems:\n- data:\n    A: ${base64('real-one')}\n`,
      4,
    ],
    [
      'in a list of Secrets in a log',
      'a.txt',
      `kind: ${'SecretList'}\nitems:\n- data:\n    A: ${base64('real-one')}\n`,
      4,
    ],
    ...[
      (at: number) => `2026-01-01T00:00:0${at}Z INFO deploy: `,
      (at: number) => `deploy\tSTEP\t2026-01-01T00:00:0${at}.1234567Z `,
      () => 'web-1  | ',
      (at: number) => `${String(at + 3).padStart(6)}\t`,
      (at: number) => `a.yaml:${at + 4}:`,
    ].map((prefix): [string, string, string, number] => {
      const lines = block.trimEnd().split('\n');
      return [
        `behind ${JSON.stringify(prefix(0))}`,
        'a.log',
        lines.map((line, at) => `${prefix(at)}${line}\n`).join(''),
        7,
      ];
    }),
    ['with the value on the next line', 'a.md', block.replace('A: real', 'A:\n    real'), 7],
    ['with the value on the next line, quoted', 'a.md', block.replace('A: real-one', 'A:\n\n    "real-one"'), 7],
    ['with the second line of a text', 'a.md', block.replace('A: real', 'A: |\n\n    real'), 7],
    ['with a key of a certificate', 'a.md', block.replace('real-one', '|\n    -----BEGIN X-----\n    real'), 7],
    ['in colours', 'a.log', block.replace(/\w+(?=:)/g, '\u001b[36m$&\u001b[0m').replace(/^(?=.)/gm, '\u001b[36;1m'), 7],
    ...(
      [
        ['a certificate that has the mark of a stand-in in it', pem('9xXX/')],
        ['one that has a word for it in it', pem('/todo/')],
        [
          'a keystore that has marks of templates in it',
          Buffer.from([0xff, 0xfe, ...Buffer.from('${a} {{b}} *** fake')]),
        ],
        ['bytes, all but one the same', Buffer.from([0xff, 0xff, 0xff, 0xfe])],
      ] as const
    ).flatMap(([what, bytes]): [string, string, string, number][] => {
      const value = Buffer.from(bytes).toString('base64');
      return [
        [what, 'a.yaml', `${kind}\ndata:\n  A: ${value}\n`, 3],
        [`${what}, in a document`, 'a.md', `${kind}\ndata:\n  A: ${value}\n`, 3],
      ];
    }),
    ['with a value that begins like null', 'a.yaml', block.replace('real', '~real'), 7],
    [
      'with a value that begins like ciphertext',
      'a.yaml',
      block.replace('real', "'ENC[a]real'").replace("'-one", "-one'"),
      7,
    ],
    ['with a value that is no base64', 'a.yaml', `${kind}\ndata:\n  A: real one!\n`, 3],
    [
      'behind the first of two lines that are the same, in other columns',
      'a.py',
      `f("${kind}\n   stringData:\n     A: real-one\n")\nf("${kind}\nstringData:\n  A: changeme\n")\n`,
      3,
    ],
    ['with an anchor', 'a.md', block.replace('real-one', '&a real-one'), 7],
    ['with a tag', 'a.md', block.replace('real-one', '!!binary |\n    cmVhbA=='), 7],

    ...['> ', '>> ', '# ', '#', '## ', '// ', ' * ', '    ', '+', '| ', '; ', '-- '].map(
      (mark): [string, string, string, number] => [
        `behind ${JSON.stringify(mark)}`,
        'a.txt',
        `Text\n${block.replace(/^(?=.)/gm, mark)}\nText\n`,
        8,
      ],
    ),
    [
      'behind "> " with an empty line',
      'a.md',
      block.replace(/^/gm, '> ').replace('> stringData', '>\n> stringData'),
      8,
    ],
    ['in a comment of YAML', 'a.yaml', `a: b\n${block.replace(/^(?=.)/gm, '# ')}c: d\n`, 8],
    ['in a comment of values', 'values.yaml', `a:\n  b: c\n${block.replace(/^(?=.)/gm, '  # ')}`, 9],
    ['as an item of a list', 'a.md', `items:\n- stringData:\n    A: real-one\n  ${kind}\n`, 3],

    ['behind a line of Go', 'a.yaml', block.replace('  A', '{{- if .x }}\n  A').concat('{{- end }}\n'), 8],
    ['behind a line of Jinja', 'a.j2', block.replace('  A', '{% if x %}\n  A').concat('{% endif %}\n'), 8],
    ['behind a line of ERB', 'a.erb', block.replace('  A', '<% if x %>\n  A').concat('<% end %>\n'), 8],
    ['behind a comment at the margin', 'a.sh', block.replace('  # one', '# one'), 7],
    ['behind a line of dashes', 'a.sh', block.replace('  # one', '# ------ one'), 7],

    ['by a merge of values', 'a.yaml', `x: &x\n  A: real-one\n${kind}\nstringData:\n  <<: *x\n`, 2],
    ['by a merge of many', 'a.yaml', `x: &x {A: fake}\ny: &y {A: real-one}\n${kind}\ndata:\n  <<: [*x, *y]\n`, 2],
    ['by a merge of a Secret', 'a.yaml', `x: &x\n  ${kind}\ny:\n  <<: *x\n  stringData: {A: real-one}\n`, 5],
    ['by a merge of data', 'a.yaml', `x: &x\n  stringData: {A: real-one}\ny:\n  <<: *x\n  ${kind}\n`, 2],
    [
      'by an alias of an item',
      'a.yaml',
      `x: &x\n  data: {A: ${base64('real-one')}}\nkind: ${'SecretList'}\nitems: [*x, *x]\n`,
      2,
    ],
    [
      'by an alias of items',
      'a.yaml',
      `x: &x\n- stringData: {A: real-one}\n- *x\nkind: ${'SecretList'}\nitems: *x\n`,
      2,
    ],
    ['by a merge of a merge', 'a.yaml', `x: &x {A: real-one}\ny: &y {<<: *x}\n${kind}\ndata: {<<: *y}\n`, 1],

    ['by a merge in a document', 'a.md', `# A\n\`\`\`\nx: &x {A: real-one}\n${kind}\ndata: {<<: *x}\n\`\`\`\n`, 3],
    ['by a merge in a part', 'a.sh', `echo {\n---\nx: &x\n  A: real-one\n${kind}\ndata: *x\n---\n`, 4],

    ['by an alias behind what doubles', 'a.sh', `${doubling}---\n x: &x {A: real-one}\n ${kind}\n data: *x\n`, 34],

    ['in an annotation', 'a.yaml', `${without}|\n      ${json('real-one')}\n`, 7],
    ['in an annotation on one line', 'a.yaml', `${without}'${json('real-one')}'\n`, 6],
    ['in an annotation in a document', 'a.md', `${without}'${json('real-one')}'\n`, 6],
    [
      'in an annotation in JSON',
      'a.json',
      `{${quotedKind}, "metadata": {"annotations": {"${annotation}":\n${JSON.stringify(json('real-one'))}}}}`,
      2,
    ],
    ['in a text of JSON', 'a.tfstate', JSON.stringify({ a: 1, b: { c: block } }, null, 2), 4],
    ['in a text in JSON in JSON', 'a.log', JSON.stringify({ a: JSON.stringify({ b: block }) }), 1],
    ['in a text of JSON with CRLF', 'a.tfstate', JSON.stringify({ a: block.replaceAll('\n', '\r\n') }), 1],
    ['in lines of a notebook on one line', 'a.ipynb', JSON.stringify({ source: block.split(/(?<=\n)/) }), 1],
    [
      'in lines with the + in front',
      'A.java',
      `String a = ${block
        .trimEnd()
        .split('\n')
        .map((line) => `"${line}\\n"`)
        .join('\n  + ')};\n`,
      7,
    ],
    ...[
      ['MANIFEST = """', '"""'],
      ['const manifest = `', '`;'],
      ["kubectl apply -f - <<< '", "'"],
      ['<pre>', '</pre>'],
      ['let a = r#"', '"#;'],
      ["M='", "'"],
      ['', ''],
    ].map(([before = '', after = '']): [string, string, string, number] => [
      `right behind ${JSON.stringify(before)}`,
      'a.txt',
      `Text\n${before}${opened.trimEnd()}${after}\n`,
      4,
    ]),
    ...[
      ['y = (', '', '\\n"', ')'],
      ['', 'y += ', '\\n";', ''],
      ['', '', '",', ''],
      ['', 'echo ', '"', ''],
    ].map(([before = '', each = '', end = '', after = '']): [string, string, string, number] => [
      `in lines behind ${JSON.stringify(before + each)}, to ${JSON.stringify(end)}`,
      'a.txt',
      `${before}${opened
        .trimEnd()
        .split('\n')
        .map((line) => `${each}"${line}${end}`)
        .join('\n  ')}${after}\n`,
      3,
    ]),
    ['with a key of a template', 'a.tpl', block.replace('  A:', '  {{ .Values.name }}-a:'), 7],
    [
      'in lines of which the first has the kind',
      'a.go',
      `a := ${block
        .split('\n')
        .slice(1, -1)
        .map((line) => `"${line}\\n"`)
        .join(' +\n  ')}\n`,
      6,
    ],
    [
      'in a text in JSON in JSON, at its end',
      'a.log',
      JSON.stringify({ log: JSON.stringify({ msg: 'x', manifest: block.trimEnd() }) }),
      1,
    ],
    [
      'in a text in quotes of a shell',
      'a.sh',
      `curl -d ${JSON.stringify(JSON.stringify({ m: block.trimEnd() }))} x\n`,
      1,
    ],
    ['in a text of JSON in quotes', 'a.jsonc', `// a\n{"a": ${JSON.stringify(`---\n${block}`)}}`, 2],
    ...[
      'Server=db;User ID=sa;Password=Hq7tRw2z',
      'Hq7$tRw2z-99',
      '|\n    a=real\n    b=one',
      `'{"a":"real-one"}'`,
      `postgres${'://u'}:p%40real@h/db`,
      'real%20secret%d1',
      'real%0D%0Asecret',
      'hunter2%5@host9',
      '"real-one"',
    ].flatMap((value): [string, string, string, number][] => {
      const manifest = block.replace('real-one', value);
      return [
        [`in a text, the value ${value}`, 'a.tfstate', JSON.stringify({ a: manifest }, null, 1), 2],
        [
          `in lines of a notebook, the value ${value}`,
          'a.ipynb',
          JSON.stringify(manifest.split(/(?<=\n)/), null, 1),
          8,
        ],
      ];
    }),
    ['in a text behind an apostrophe', 'a.js', `/* don't */ const a = '${block.replaceAll('\n', '\\n')}';\n`, 1],
    ['in a text behind an odd quote', 'a.txt', `5" disk: ${JSON.stringify(block)}\n`, 1],
    ['in a text without quotes', 'a.log', `INFO applying: ${block.replaceAll('\n', '\\n')}\n`, 1],
    ['in a text that is cut off in front', 'a.jsonl', `xx", "b": ${JSON.stringify(block)}}\n`, 1],
    ['in a text that is cut off behind', 'a.jsonl', `{"b": ${JSON.stringify(block).slice(0, -3)}`, 1],
    ['in a comment whose columns differ', 'a.sh', `# ${kind}\n#stringData:\n#  a: real-one\n`, 3],
    ['in a text of code', 'a.py', `a = '${block.replaceAll('\n', '\\n').replace('real-one', '"real-one"')}'\n`, 1],
    [
      'in lines of a notebook',
      'a.ipynb',
      JSON.stringify({ source: block.split(/(?<=\n)/) }, null, 1),
      2 + block.split('\n').length - 1,
    ],
    [
      'in lines that code adds up',
      'a.js',
      block
        .trimEnd()
        .split('\n')
        .map((line) => `  '${line}\\n'`)
        .join(' +\n'),
      7,
    ],
    ...[
      (at: number) => `2026-01-01T00:00:0${at % 10}.1234567Z `,
      (at: number) => `2026-01-01 00:00:0${at % 10} INFO deploy: `,
      (at: number) => `Jan  1 00:00:0${at % 10} host app[12]: `,
      (at: number) => `a.json:${at}:`,
      () => 'web-1  | ',
    ].map((prefix): [string, string, string, number] => [
      `in JSON over lines behind ${JSON.stringify(prefix(0))}`,
      'a.log',
      prettyJson.map((line, at) => `${prefix(at)}${line}\n`).join(''),
      4,
    ]),
    [
      'in a list of Secrets in JSON, of which the kind comes last',
      'a.md',
      `{"items":[{"metadata":{"name":"x"},\n"data":{"A":"${base64('real-one')}"}}],"kind":${'"SecretList"'}}`,
      2,
    ],
    ...(
      [
        ['echo "', '" >> s.yaml'],
        ["echo '", "' >>s.yaml"],
        ['print("', '")'],
        ['f.write("', '\\n")'],
        ['sb.append("', '\\n");'],
        ['fmt.Fprintln(f, "', '")'],
        ["puts '", "'"],
        ["console.log('", "');"],
        ['$m .= "', '\\n";'],
        ['', '\\n\\'],
      ] as const
    ).map(([before, after]): [string, string, string, number] => [
      `in lines of ${before}…${after}`,
      'a.txt',
      `#\n${opened
        .trimEnd()
        .split('\n')
        .map((line) => `  ${before}${line}${after}\n`)
        .join('')}`,
      4,
    ]),
    ...(
      [
        ['(', 'echo "', '"', '; ', ') | kubectl apply -f -'],
        ["printf '%s\\n' ", "'", "'", ' ', ''],
        ['const m = [', "'", "'", ', ', "].join('\\n')"],
        ['m = (', '"', '\\n"', ' ', ')'],
        ['$m = ', '"', '\\n"', ' . ', ';'],
      ] as const
    ).map(([before, open, close, between, after]): [string, string, string, number] => [
      `in texts on one line: ${before}${open}…${close}${between}`,
      'a.txt',
      `#\n${before}${opened
        .trimEnd()
        .split('\n')
        .map((line) => `${open}${line}${close}`)
        .join(between)}${after}\n`,
      2,
    ]),
    ['in a list of lines in JSON', 'a.json', JSON.stringify({ 'Fn::Join': ['\n', opened.split('\n')] }, null, 1), 7],
    ['in a list of lines in YAML', 'a.yaml', `x:\n- "${kind}\\n"\n- "stringData:\\n"\n- "  A: real-one\\n"\n`, 4],
    ['in a list of lines, with empty ones', 'a.json', JSON.stringify(['', ...opened.split('\n')], null, 1), 5],
    ['in JSON with comments', 'a.json', `{${quotedKind},\n// one\n"data": {"A": "${base64('real-one')}"}}`, 3],
    ['in a comment behind a value', 'a.yaml', `a: b # ${json('real-one')}\n`, 1],
    ['in code that encodes', 'a.js', `const a = {${quotedKind}, data: { A: btoa('real-one') } };\n`, 1],
    ['in bytes', 'a.py', `a = {${quotedKind.replaceAll('"', "'")}, 'stringData': {'A': b'real-one'}}\n`, 1],
    ['in code with a comment', 'a.js', `a({ ${quotedKind}, stringData: /* x */ { A: 'real-one' } });\n`, 1],
    ['in a value of a ConfigMap', 'a.yaml', `kind: ConfigMap\ndata:\n  x: |\n${block.replace(/^/gm, '    ')}`, 10],
  ])('%s', async (_what, path, text, ...lines) => expect(await linesIn(path, text)).toEqual(lines));
});

describe('no Secret with a value is', () => {
  it.each<[what: string, path: string, text: string]>([
    ['a placeholder', 'a.sh', flow('A: ${A}, B: "<b>", C: fake-c, D: example, E: {{ .e }}, F: "", G: of-the-demo')],
    ['what is filled in', 'a.sh', flow('A: x-${A}, B: $B, C: "$(c d)", E: ENC[x], F: null, G: ~, H: ...')],
    ['a variable of a shell', 'a.sh', block.replace('real-one', '$PASSWORD')],
    ['a template', 'a.yaml', block.replace('real-one', '\n    {{ .Values.a }}')],
    ...[`# never use ${kind}`, `echo "applying ${kind}"`, `Put this where you had ${kind}`].map(
      (line): [string, string, string] => [
        `a ConfigMap below ${JSON.stringify(line)}`,
        'a.txt',
        `${line}\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  LOG_LEVEL: info\n`,
      ],
    ),
    [
      'a ConfigMap that takes over a Secret without values',
      'a.yaml',
      `x: &x\n  ${kind}\n  type: Opaque\ny:\n  <<: *x\n  kind: ConfigMap\n  data: {A: cmVhbC1vbmU=}\n`,
    ],
    ['a text that is none', 'a.md', block.replace('real-one', '|\n    fake\n    text')],
    ['what code asks for', 'a.js', `a({ ${quotedKind}, stringData: { A: env('NAME_OF_IT'), B: os.environ["B"] } });\n`],
    ['a list of other texts', 'a.json', JSON.stringify([kind, '---', 'data:', '  A: real-one'])],
    [
      'what stands in one object of a list, and its kind in another',
      'a.md',
      `{"items":[{"data":{"A":"cmVhbC1vbmU="}}],"x":{"kind":${'"SecretList"'}}}`,
    ],
    ['a name in code', 'a.ts', `const a = { kind: ${"'Secret'"}, data: { A: b, C: read(d), [e]: f } };\n`],
    ['a type in code', 'a.ts', `type A = { ${kind}; data: { [name: string]: string } };\n`],
    ['one in another flow', 'a.sh', `{${kind}, data: {}}\n{kind: ConfigMap, data: {A: real-one}}\n`],
    ['one of another kind in a list', 'a.yaml', 'kind: List\nitems:\n- kind: ConfigMap\n  data: {A: real-one}\n'],
    ['a list beside a list of Secrets', 'a.yaml', `kind: ${'SecretList'}\nx:\n- data: {A: real-one}\n`],
    ['one inside of another', 'a.sh', `{${kind}, metadata: {labels: {data: x}}, x: {data: {A: real-one}}}\n`],
    ...[
      '" + token + "',
      '"+token+"',
      '%(token)s',
      '\\(token)',
      '%@',
      '%s',
      '{token}',
      '{}',
      '{0}',
      '$token',
      '%-10.3q',
      '{{token}}',
      '24 bytes',
    ].map((put): [string, string, string] => [
      `what code puts into a text: ${put}`,
      'a.py',
      `a = "${block.replaceAll('\n', '\\n').replace('real-one', put)}" % b # it's so\n`,
    ]),
    ...["' + token + '", "'+token+'", "' + base64(token) + '", '%s', 'pw-%02d', 'key%10s', '{token}', '$token'].map(
      (put): [string, string, string] => [
        `what code puts into a list of lines: ${put}`,
        'a.js',
        block
          .trimEnd()
          .split('\n')
          .map((line) => `  '${line.replace('real-one', put)}\\n'`)
          .join(' +\n'),
      ],
    ),
    [
      'lines that a command prints',
      'a.sh',
      `printf '${block.replaceAll('\n', '\\n').replace('real-one', '%s')}' "$A"\n`,
    ],
    [
      'two texts on a line, one after the other',
      'a.jsonl',
      JSON.stringify({ a: block.replace('real-one', '${A}'), b: "kind: ConfigMap\ndata:\n  A: it's-one\n" }),
    ],
    [
      'two texts in a list',
      'a.ts',
      JSON.stringify([block.replace('real-one', '${A}'), 'kind: ConfigMap\ndata:\n  A: real-one\n']),
    ],
    ...['a.md', 'a.tfstate'].map((path): [string, string, string] => {
      const release = `spec:\n  valuesFrom:\n    - ${kind}\n      name: x\n  values:\n    data:\n      path: /var/lib/x\n`;
      return [`an object that names one in ${path}`, path, path === 'a.md' ? release : JSON.stringify({ a: release })];
    }),
    ['a text of JSON with a fake', 'a.tfstate', JSON.stringify({ c: block.replace('real-one', 'fake') })],
    ['a text of JSON beside another', 'a.tfstate', JSON.stringify({ a: `${kind}\n`, b: 'data:\n  A: real-one\n' })],
    ['prose', 'a.md', `A ${kind} has data: of two sorts. Write stringData: {…} or data: nothing.\n`],
    ['a heading', 'a.md', `> ${kind}\n\ndata: of two sorts\n\nstringData:\n  - none\n`],
    ['a comment without values', 'a.yaml', `# ${kind}\n# stringData:\n#   A: \${A}\nkind: ConfigMap\ndata: {A: b}\n`],
    ['an annotation without values', 'a.yaml', `${without}|\n      {${quotedKind}}\n`],
    ['an annotation of fakes', 'a.yaml', `${without}|\n      ${json('fake')}\n`],
    ['a merge of fakes', 'a.yaml', `x: &x {A: fake}\n${kind}\nstringData: {<<: *x}\n`],
    ['a merge of itself', 'a.yaml', `x: &x {<<: *x}\n${kind}\nstringData: {<<: *x}\n`],
  ])('%s', async (_what, path, text) => expect(await linesIn(path, text)).toEqual([]));
});

it('takes time by the length of a text that stands in items of items', async () => {
  const nested = (levels: number) => {
    const inner = `"${kind}\\ndata:\\n${'  a: real\\n'.repeat(20)}"`;
    const maps = Array.from({ length: levels }, (_, at) => at + 1);
    const whole = `${maps.map((at) => `&a${at} {k: `).join('')}${inner}${'}'.repeat(levels)}`;
    return `x: ${whole}\nkind: ${'SecretList'}\nitems: [${maps.map((at) => `*a${at}`).join(', ')}]\n`;
  };
  const looksAt = async (levels: number) => {
    let looks = 0;
    await secretManifests('a.yaml', nested(levels), () => looks++ < 0);
    return looks;
  };
  const few = await looksAt(5);
  expect(few).toBeGreaterThan(0);
  expect(await looksAt(50)).toBe(few);
});
