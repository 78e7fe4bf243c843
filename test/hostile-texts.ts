import fc from 'fast-check';

/** Strings that failed once, kept for ever. */
export const foundTexts: readonly string[] = [
  'a\u2028b',
  '\'\u2028"a"',
  '\ufeff',
  '\r',
  '\\',
  "'\\",
  '0X1F',
  '\t\n',
  '${',
  '$${A}',
  '$$${',
];

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
  {
    weight: 2,
    arbitrary: fc.string({
      unit: fc.constantFrom(...' \t\n\r\0\\"\'`#$%&*!|>-?:,{}[]@=~<^();/.0x1eEo_'),
      maxLength: 12,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        '${A}',
        '$${',
        '$(reboot)',
        '`reboot`',
        '---',
        '\n---\n',
        '...',
        ': ',
        ' #',
        '- ',
        '? ',
        '&a ',
        '*a',
        '!!str ',
        '<<: ',
        '%YAML',
      ],
      ...[
        'yes',
        'null',
        '~',
        '0o17',
        '0x1F',
        '1e3',
        '.inf',
        '1_000',
        '1:30',
        '2026-11-23',
        'true',
        '\u0085',
        '\u2028',
        '\u2029',
        '\ufeff',
      ],
      ...[
        '\\n',
        '\\r',
        '\\"',
        "\\'",
        '\\u0041',
        '\r\n',
        '\n\n',
        ' \n ',
        "''",
        '""',
        '``',
        '$A',
        '%s',
        '{{.A}}',
        '\u007f',
        '\u0080',
        '\ufffe',
        '\uffff',
      ],
      '-----BEGIN FAKE KEY-----\nAAAA+/==\n-----END FAKE KEY-----\n',
    ),
  },
);

/** Anything but a NUL, which no environment variable can hold; now and then up to 120 KiB. */
export const anyText = fc
  .tuple(
    fc.array(piece, { minLength: 1, maxLength: 6 }),
    fc.oneof(
      { weight: 60, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ max: 120 * 1024, min: 1 }) },
    ),
  )
  .map(([pieces, length]) => {
    const short = pieces.join('').replaceAll('\0', '');
    const long = length > 0 && short !== '' ? short.repeat(Math.ceil(length / Buffer.byteLength(short))) : short;
    return Buffer.from(long.slice(0, length || undefined)).length > 120 * 1024 ? short : long.toWellFormed();
  })
  .filter((value) => value !== '');
