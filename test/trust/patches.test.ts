import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import type { Declaration } from '../../lib/catalog/declaration';
import { defineCatalog } from '../../lib/catalog/define-catalog';
import { dnsLabel, text } from '../../lib/catalog/value-type';
import { Sensitive } from '../../lib/environment/sensitive';
import { readPatchFile } from '../../lib/sources/patch-file';
import { itWithKubectl, type KubernetesObject, kustomize, objectsInEach } from '../kubectl';
import { folderWith } from '../run';

// SECURITY.md promises that a patch is read exactly as kubectl reads it, or refused. Files in every layout of YAML, and
// in some that are none, are read by us and by the real kubectl, as `kubectl apply -f` and as `kubectl kustomize`.

const seed = Number(process.env['FC_SEED'] ?? randomInt(2 ** 31));
const batches = Number(process.env['PATCH_BATCHES'] ?? 4);
const batchSize = 500;
process.stderr.write(`patches: FC_SEED=${seed} repeats this run\n`);

const bundles = ['a', 'b'] as const;
const numbers = [0, 1, 2, 3];
/** `CA0` is config of bundle a, `SB3` a secret of bundle b. */
const keysOf = (letter: 'C' | 'S', bundle: (typeof bundles)[number]) =>
  numbers.map((number) => `${letter}${bundle.toUpperCase()}${number}`);

const catalog = defineCatalog({
  app: 'app',
  bundles: { a: { description: 'a' }, b: { description: 'b' } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'name' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), default: 'space', description: 'namespace' },
    ...Object.fromEntries(
      bundles.flatMap((bundle) => [
        ...keysOf('C', bundle).map((key) => [key, { kind: 'config', bundle, type: text(), description: key }]),
        ...keysOf('S', bundle).map((key) => [key, { kind: 'secret', bundle, type: text(), description: key }]),
      ]),
    ),
  } as Readonly<Record<string, Declaration<'a' | 'b'>>>,
});

// What files are made of

type Texts = fc.Arbitrary<string>;
const often = (weight: number, arbitrary: Texts) => ({ weight, arbitrary });
const oneOf = (...texts: string[]): Texts => fc.constantFrom(...texts);
const joined = (...parts: Texts[]): Texts => fc.tuple(...parts).map((texts) => texts.join(''));
const rowOf = (part: Texts, minLength: number, maxLength: number): Texts =>
  fc.array(part, { minLength, maxLength }).map((texts) => texts.join(''));
/** Mostly the first. */
const mostly = (usual: string, ...others: string[]): Texts =>
  fc.oneof(often(Math.max(12, others.length), fc.constant(usual)), often(1, oneOf(...others)));

const word = oneOf(
  ...['a', 'fake', 'b c', '0', '1', 'e', 'x', '_', '.', '-', '+', '=', 'é', '🔑'],
  ...['yes', 'no', 'on', 'y', 'N', 'null', '~', 'true', 'TRUE', 'NaN', 'infinity', '.inf', '-.INF', '.nan', '<<'],
  ...['0o17', '0x1F', '0X1F', '0_x1F', '1_000', '0b1', '017', '09', '1e3', '1_e3', '.5', '0.', '+1', '-0', '._1', '_1'],
  ...['1:30', '2026-11-23', '2026-11-23T10:00:00Z'],
);
const mark = oneOf(
  ...[
    ': ',
    ':',
    ' :',
    ' #',
    '#',
    '# ',
    '- ',
    '-',
    '? ',
    '?',
    '&a ',
    '*a',
    '!t ',
    '!!str ',
    '!',
    '|',
    '>',
    '%',
    '@',
    '`',
  ],
  ...['{', '}', '[', ']', ',', ', ', '"', "'", "''", '<<: ', '---', '...', '"a": b', 'CA1: x'],
  ...[
    '\\',
    '\\"',
    '\\\\',
    '\\n',
    '\\x41',
    '\\xe9',
    '\\u2028',
    '\\U0001F511',
    '\\ud83d\\udd11',
    '\\ud800',
    '\\e',
    '\\z',
  ],
  ...['\\ ', '\\/', '\\_', '\\N', '\\L', '\\0', '\\\t'],
);
const gap = oneOf(
  ...[
    ' ',
    '  ',
    '\t',
    '\n',
    '\n ',
    '\n  ',
    '\n   ',
    '\n    ',
    '\n     ',
    '\n\n',
    '\n\n  ',
    ' \n',
    ' \n  ',
    '\n\t',
    '\n  \t',
  ],
  ...['\\\n', '\\\n  ', '\\ \n   ', '\n---\n', '\n...\n', '\n# c\n', '\n  # c\n', ' # c\n  ', '\n  # 42'],
);
const odd = oneOf(...'\r\t\0\u0001\u007f\u0085\u009f\u00a0\u200b\u2028\u2029\ufeff\ufffe', '\r\n');
const soup = rowOf(oneOf(...' \n\t"\'\\:#-?|>{}[],a0.&*!%@`=~<_', '\n  ', '\n    '), 1, 8);

const calmText = rowOf(fc.oneof(often(6, word), often(1, oneOf(' ', ': ', '#', '-', ':', '_'))), 1, 4);
const lineText = rowOf(fc.oneof(often(6, word), often(3, mark), often(1, oneOf(' ', '  ', '\t'))), 0, 4);
const anyText = rowOf(fc.oneof(often(6, word), often(4, mark), often(3, gap), often(1, odd)), 0, 5);
const comment = mostly('', ' ', '  ', '\t', ' # c', '\t# c', '# c', ' #"', " # it's", ' # a: b', ' #\t');
const lineEnd = mostly('\n', '\r\n', '\n\n', ' \n', '\n  \n', '\n\t\n', '\r', '\n     \n');

const inDoubleQuotes = (content: Texts) => content.map((each) => `"${each.replace(/\\*"/g, '\\"')}"`);
const inSingleQuotes = (content: Texts) => content.map((each) => `'${each.replaceAll("'", "''")}'`);

const block = fc
  .tuple(
    joined(oneOf('|', '>'), mostly('', '-', '-', '+', '1', '2', '4', '2-', '-2', '3+', '0', '--'), comment),
    mostly('    ', '   ', '     ', '  ', ' ', '', '\t', '    \t'),
    fc.array(
      fc.tuple(
        mostly('', ' ', '  ', '\t', '\u00a0', '\u3000'),
        fc.oneof(
          often(10, calmText),
          often(2, lineText),
          often(1, anyText),
          often(
            2,
            oneOf('', ' ', '   ', '     ', '\t', 'a ', '# c', '- a', 'a: b', '---', '...', '-----BEGIN FAKE-----'),
          ),
        ),
        lineEnd,
      ),
      { maxLength: 5 },
    ),
    mostly('', '\n', '\n\n', '    \n', '  \n', '      \n', '    # c\n', '  # c\n', '# c\n'),
  )
  .map(([header, indentation, lines, end]) => {
    const body = lines.map(([further, line, ending]) => `${line && indentation + further}${line}${ending}`);
    return `${header}\n${body.join('')}${end}`.replace(/\n$/, '');
  });

const value = fc.oneof(
  often(
    5,
    calmText.map((each) => each.trim()),
  ),
  often(2, lineText),
  often(4, inDoubleQuotes(calmText)),
  often(6, inDoubleQuotes(lineText)),
  often(6, inSingleQuotes(lineText)),
  often(14, block),
  often(1, anyText),
  often(1, inDoubleQuotes(anyText)),
  often(1, inSingleQuotes(anyText)),
  often(1, joined(oneOf('"', "'"), fc.oneof(anyText, soup), oneOf('"', "'", ''))),
  often(2, soup),
  often(1, oneOf('', '{}', '[]', 'null', '[a, b]', '{a: b}', '{', '[')),
  often(1, joined(oneOf('&a ', '!!str ', '!t ', '!!binary ', '! ', '*a'), calmText)),
);

const keyOf = (name: string) =>
  mostly(
    name,
    ...[
      `"${name}"`,
      `'${name}'`,
      `"${name}"`,
      `'${name}'`,
      `${name} `,
      `"${name}" `,
      `${name}\t`,
      `"\\x${name.charCodeAt(0).toString(16)}${name.slice(1)}"`,
    ],
    ...[`? ${name}\n  `, `? "${name}"\n`, `!!str ${name}`, `&a ${name}`],
  );

const entry = (name: string) =>
  fc
    .tuple(
      mostly('', ' ', '\t', '\n', '\n  ', '# c\n', '  # c\n', '? ', '- '),
      keyOf(name),
      mostly(': ', ':', ':  ', ':\t', ':\n    ', ': \n   ', ':\n  ', ': # c\n    ', ':\n\n    ', ' : ', '\n   : '),
      value,
      comment,
      lineEnd,
    )
    .map(
      ([before, key, colon, content, after, end]) =>
        `${before}${key}${colon}${content}${/^[|>]/.test(content) ? '' : after}${end}`,
    );

const entryInBrackets = (name: string) =>
  joined(
    fc.oneof(often(5, keyOf(name)), often(1, fc.constant(`"${name}${'k'.repeat(1030)}"`))),
    mostly(': ', ':', ' : ', '\n : ', ':\n  ', ' # c\n  : '),
    fc.oneof(calmText, inDoubleQuotes(lineText), inDoubleQuotes(anyText), inSingleQuotes(lineText), lineText, soup),
    mostly(', ', ',', ' ,\n ', ',\n', ', # c\n ', ''),
  );

/** Stands for the namespace, which tells the files apart in what Kustomize makes of them. */
const marker = '@@';

const document = (kind: 'Secret' | 'ConfigMap', bundle: (typeof bundles)[number]): Texts => {
  const name = `${bundle}-${kind === 'Secret' ? 'secrets' : 'config'}`;
  const field = kind === 'Secret' ? 'stringData' : 'data';
  const metadata = mostly(
    `metadata:\n  name: ${name}\n  namespace: ${marker}\n`,
    `metadata: {name: ${name}, namespace: ${marker}}\n`,
    `metadata: {"name": "${name}",\n  "namespace":"${marker}" }\n`,
    `metadata:\n    namespace: "${marker}"\n    name: '${name}'\n`,
    `"metadata": # c\n name: ${name} # c\n \n namespace: ${marker}\n`,
  );
  const further = fc.oneof(
    often(6, fc.constant('')),
    often(1, joined(oneOf('  annotations: ', '  labels:\n    a: '), value, fc.constant('\n'))),
    often(1, joined(fc.constant('  annotations: {'), entryInBrackets('a'), fc.constant('}\n'))),
  );
  const someKeys = fc.shuffledSubarray(keysOf(kind === 'Secret' ? 'S' : 'C', bundle), { minLength: 1, maxLength: 3 });
  const data = fc.oneof(
    often(
      6,
      fc
        .tuple(
          mostly('  ', '    ', ' ', '   '),
          someKeys.chain((keys) => fc.tuple(...keys.map(entry))),
        )
        .map(([indentation, entries]) => `${field}:\n${entries.map((each) => indentation + each).join('')}`),
    ),
    often(
      1,
      someKeys.chain((keys) => joined(...keys.map(entryInBrackets))).map((entries) => `${field}: {${entries}}\n`),
    ),
  );
  const fields = [fc.constant('apiVersion: v1\n'), fc.constant(`kind: ${kind}\n`), joined(metadata, further), data];
  const inBraces = fc
    .tuple(
      mostly('', '\n', ' ', '\n  ', '\t', '# c\n'),
      mostly('"', "'", ''),
      someKeys.chain((keys) =>
        fc.tuple(
          ...keys.map((key) =>
            fc.tuple(
              fc.constant(key),
              fc.oneof(
                lineText.map((each) => JSON.stringify(each)),
                inDoubleQuotes(anyText),
                inSingleQuotes(calmText),
              ),
            ),
          ),
        ),
      ),
    )
    .map(([space, q, entries]) => {
      const body = entries.map(([key, content]) => `${space}${q}${key}${q}: ${content}`).join(',');
      return `{${space}${q}apiVersion${q}: ${q}v1${q},${space}${q}kind${q}: ${q}${kind}${q},${space}${q}metadata${q}: {${q}name${q}: ${q}${name}${q}, ${q}namespace${q}: "${marker}"},${space}${q}${field}${q}: {${body}}${space}}\n`;
    });
  return fc.oneof(
    often(6, joined(...fields)),
    often(
      2,
      fc.shuffledSubarray(fields, { minLength: 4 }).chain((each) => joined(...each)),
    ),
    often(1, inBraces),
  );
};

const divider = mostly(
  '---\n',
  ...[
    '--- # c\n',
    '---\n---\n',
    '---\t\n',
    '--- \n',
    '---\r\n',
    '\n---\n\n',
    '# c\n---\n# c\n',
    '---\n# c\n---\n',
    ' ---\n',
  ],
  ...[
    '...\n---\n',
    '...\n',
    '---',
    '--- text\n',
    '----\n',
    '--- {}\n',
    '---#c\n',
    '--- |\n',
    '---\n...\n---\n',
    '%YAML 1.1\n---\n',
  ],
);
const start = mostly(
  '',
  ...['---\n', '# c\n', '\n', '  \n', ' # c\n', '--- # c\n', '---\n---\n', '\ufeff', '\ufeff# c\n', '\ufeff---\n'],
  ...['\t\n', '...\n', '---\ufeff\n', '# c\r', '# \u2028\n', '%YAML 1.1\n---\n', '%TAG ! !x\n---\n'],
);
const end = mostly(
  '',
  ...['---\n', '...\n', '# c', '\n\n', '...\n# c\n', '---\n# c\n', '  \n', ' # c\n', '---', '...'],
  ...['\t', '...\nkind: Secret\n', '\ufeff', 'x', '}'],
);

/** One change somewhere, as a slip of the hand or a bad tool makes it. */
const slip = fc
  .tuple(
    oneOf('insert', 'delete', 'swap', 'at the line start', 'at the line end', 'twice', 'indent'),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.oneof(word, mark, gap, odd),
  )
  .map(([what, where, piece]) => (file: string) => {
    const at = Math.floor(where * file.length);
    const lineStart = file.lastIndexOf('\n', at - 1) + 1;
    const lineStop = file.indexOf('\n', at) < 0 ? file.length : file.indexOf('\n', at);
    const put = (offset: number, added: string, dropped = 0) =>
      file.slice(0, offset) + added + file.slice(offset + dropped);
    if (what === 'insert') return put(at, piece);
    if (what === 'delete') return put(at, '', 1);
    if (what === 'swap')
      return put(
        at,
        file
          .slice(at, at + 2)
          .split('')
          .reverse()
          .join(''),
        2,
      );
    if (what === 'at the line start') return put(lineStart, piece);
    if (what === 'at the line end') return put(lineStop, piece);
    if (what === 'twice') return put(lineStop, `\n${file.slice(lineStart, lineStop)}`);
    return put(lineStart, ' ');
  });

const patchFile = fc
  .tuple(
    start,
    fc
      .shuffledSubarray(
        [document('Secret', 'a'), document('Secret', 'b'), document('ConfigMap', 'a'), document('ConfigMap', 'b')],
        { minLength: 1, maxLength: 2 },
      )
      .chain(([first, second]) => (first && second ? joined(first, divider, second) : (first ?? fc.constant('')))),
    end,
    fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(slip, { maxLength: 2 }) }),
    mostly('', 'CRLF', 'no last newline'),
  )
  .map(([before, documents, after, slips, ends]) => {
    const file = slips.reduce((changed, change) => change(changed), before + documents + after);
    if (ends === 'CRLF') return file.replace(/\r?\n/g, '\r\n');
    return ends === '' ? file : file.replace(/\r?\n$/, '');
  });

// What we make of them

interface Reading {
  readonly values: Readonly<Record<string, unknown>>;
  readonly namespaces: readonly (string | undefined)[];
}

interface OurReading extends Reading {
  readonly lines: readonly (readonly [variable: string, line: number])[];
}

/** What a patch gives; undefined if it is refused. */
function readByUs(file: string): OurReading | undefined {
  const source = readPatchFile(file.replace(/^\ufeff/, ''), catalog, 'x.yml');
  if (source.unknownNames.length > 0 || source.problems.some(({ severity }) => severity === 'error')) return undefined;
  const { assignments, namespaces = [] } = source;
  return {
    values: Object.fromEntries(assignments.map(({ variable, template }) => [variable, template.map(opened).join('')])),
    namespaces: namespaces.map(({ template }) => template.map(opened).join('')),
    lines: assignments.map(({ variable, line = 0 }) => [variable, line]),
  };
}

function opened(part: unknown): string {
  let found = String(part);
  if (part instanceof Sensitive) {
    part.matches((content) => {
      found = content;
      return true;
    });
  }
  return found;
}

function readingOf(objects: readonly KubernetesObject[]): Reading {
  return {
    values: Object.assign({}, ...objects.flatMap(({ data, stringData }) => [data, stringData])),
    namespaces: objects.map(({ metadata }) => metadata.namespace).filter((namespace) => namespace !== undefined),
  };
}

function isSame(some: Reading, other: Reading): boolean {
  const names = Object.keys({ ...some.values, ...other.values });
  const namespaces = [some, other].map((reading) => [...reading.namespaces].sort().join());
  return names.every((name) => some.values[name] === other.values[name]) && namespaces[0] === namespaces[1];
}

const namespaceOf = (index: number) => `n${index}`;

/** Kustomize refuses these, or prints them so that they cannot be read back; see docs/design.md. */
const isCarriedByKustomize = (file: string, { values }: Reading) =>
  !/[\x7f-\x9f\u2028\u2029\ufffe\uffff]/.test(Object.values(values).join('')) &&
  !/(?:labels|annotations).*[\t\\]/s.test(file);

/** The files of a batch that are read otherwise than kubectl reads them, and how many are not refused. */
function compare(batch: readonly string[]): { accepted: number; mistakes: unknown[] } {
  const readings = batch.flatMap((file, index) => {
    const us = readByUs(file);
    return us ? [{ file, us, namespace: namespaceOf(index) }] : [];
  });
  const applied = objectsInEach(readings.map(({ file }) => file)).map((objects) => objects && readingOf(objects));
  const wrong = readings.flatMap(({ file, us }, i) => {
    const kubectl = applied[i];
    const isRight = kubectl && isSame(us, kubectl) && hasRightLines(file, us);
    return isRight ? [] : [{ file, us, kubectl: kubectl ?? 'refuses it' }];
  });

  const resources = readings.filter(
    ({ file, us, namespace }, i) =>
      applied[i]?.namespaces.length &&
      applied[i].namespaces.every((each) => each === namespace) &&
      isCarriedByKustomize(file, us),
  );
  const built = build(new Map(resources.map(({ file, namespace }) => [namespace, file])));
  const wronglyBuilt = resources.flatMap(({ file, us, namespace }) => {
    const kustomized = built.get(namespace);
    return kustomized && isSame(us, kustomized) ? [] : [{ file, us, kustomize: kustomized ?? 'refuses it' }];
  });
  return { accepted: readings.length, mistakes: [...wrong, ...wronglyBuilt] };
}

/** What Kustomize makes of files, by their namespace. Without those that it refuses: for one of them it refuses all. */
function build(files: ReadonlyMap<string, string>): Map<string, Reading> {
  const resources = [...files.keys()].map((namespace) => `${namespace}.yml`);
  const folder = folderWith({
    ...Object.fromEntries([...files].map(([namespace, file]) => [`${namespace}.yml`, file])),
    'kustomization.yaml': JSON.stringify({ resources }),
  });
  try {
    const objects = kustomize(folder);
    const namespaces = new Set(objects.map(({ metadata }) => metadata.namespace ?? ''));
    return new Map(
      [...namespaces].map((namespace) => [
        namespace,
        readingOf(objects.filter(({ metadata }) => metadata.namespace === namespace)),
      ]),
    );
  } catch (error) {
    if (files.size === 0) throw error;
    if (files.size === 1) return new Map();
    const [all, middle] = [[...files], Math.ceil(files.size / 2)];
    return new Map([...build(new Map(all.slice(0, middle))), ...build(new Map(all.slice(middle)))]);
  }
}

/** Whether every variable stands on the line that is told, unless its name is written with an escape, and in order. */
function hasRightLines(file: string, { lines }: OurReading): boolean {
  const text = file.split('\n');
  return lines.every(
    ([variable, line], i) =>
      (text[line - 1]?.includes(variable) || text[line - 1]?.includes('\\x')) && line >= (lines[i - 1]?.[1] ?? 1),
  );
}

itWithKubectl(
  'a patch is read as kubectl reads it, or refused',
  () => {
    let accepted = 0;
    const mistakes: unknown[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const samples = fc.sample(patchFile, { seed: seed + batch, numRuns: batchSize });
      const result = compare(samples.map((file, index) => file.replaceAll(marker, namespaceOf(index))));
      accepted += result.accepted;
      mistakes.push(...result.mistakes);
    }
    expect(mistakes.sort((a, b) => JSON.stringify(a).length - JSON.stringify(b).length).slice(0, 5)).toEqual([]);
    // Whoever refuses everything makes no mistake.
    expect(accepted).toBeGreaterThan((batches * batchSize) / 10);
  },
  60_000 + batches * 10_000,
);
