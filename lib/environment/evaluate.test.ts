import { growth, mostLinear } from '../../test/growth';
import type { Catalog } from '../catalog/catalog';
import { type Declarations, environmentName } from '../catalog/declaration';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, flag, hostName, oneOf, text, url } from '../catalog/value-type';
import { evaluate as evaluateResolved, type HintFiles } from './evaluate';
import { limits } from './limits';
import { resolveEnvironment } from './resolve';
import { Sensitive, type Text, textMatches } from './sensitive';
import type { Layer, Source, UnreadSecret } from './source';
import { parseTemplate } from './template';

const declarations = {
  NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), default: environmentName, description: 'name' },
  SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), default: 'space', description: 'namespace' },
  HOST: { kind: 'config', bundle: 'b', type: hostName(), optional: true, description: 'host' },
  LINK: { kind: 'config', bundle: 'b', type: url('https'), optional: true, description: 'link' },
  FLAG: { kind: 'config', bundle: 'b', type: flag(), optional: true, description: 'flag' },
  MODE: {
    kind: 'config',
    bundle: 'b',
    type: oneOf('staging', 'prod', 'like-production'),
    followsEnvironment: true,
    optional: true,
    description: 'mode',
  },
  TEXT: { kind: 'config', bundle: 'b', type: text(), optional: true, description: 'text' },
  MORE: { kind: 'config', bundle: 'b', type: text(), default: 'more', description: 'more' },
  SECRET: { kind: 'secret', bundle: 'b', type: text(), optional: true, description: 'secret' },
  TOKEN: { kind: 'secret', bundle: 'b', type: text(), optional: true, description: 'token' },
  APP_KEY: {
    kind: 'secret',
    bundle: 'b',
    key: 'LINK_KEY',
    formerly: ['APP_PASSWORD'],
    type: text(),
    optional: true,
    description: 'key',
  },
  NOTHING: { kind: 'config', bundle: 'b', type: text(), default: 'undefined', description: 'nothing' },
  VERBATIM: { kind: 'secret', bundle: 'b', type: text(), verbatim: true, optional: true, description: 'verbatim' },
} as const satisfies Declarations;

const evaluate = (catalog: Catalog, environment: string, given: readonly Source[], files: HintFiles) =>
  evaluateResolved(catalog, resolveEnvironment(catalog, environment, given), files);

const catalog = defineCatalog({ app: 'app', bundles: { b: { description: 'b' } }, variables: declarations });

type Given = Partial<Record<Layer, Readonly<Record<string, string>>>>;

/** Sources in which the line of an assignment is its place in the list. */
function sources(given: Given): Source[] {
  return (['patch', 'process-env', 'env-file', 'config-file'] as const).flatMap((layer) => {
    const entries = Object.entries(given[layer] ?? {});
    if (entries.length === 0) return [];
    const inFile = layer !== 'process-env';
    const assignments = entries.map(([variable, value], index) => ({
      variable,
      template: parseTemplate(value, catalog, catalog.variables.get(variable)?.sensitive === true),
      ...(inFile && { line: index + 1 }),
    }));
    return [
      {
        layer,
        ...(inFile && { file: layer }),
        assignments,
        unknownNames: [],
        unknownNamesAre: 'errors' as const,
        problems: [],
      },
    ];
  });
}

const emptySource: Source = {
  layer: 'env-file',
  assignments: [],
  unknownNames: [],
  unknownNamesAre: 'errors',
  problems: [],
};
const hintFiles = { secrets: 'x.env', config: 'x.config.env' };

const look = (given: Given, environment = 'x') => evaluate(catalog, environment, sources(given), hintFiles);

/** Whether a variable has exactly this value. */
const has = (given: Given, variable: string, value: string) => {
  const found: Text | undefined = look(given).resolved.get(variable)?.value;
  return found !== undefined && textMatches(found, (each) => each === value);
};

const problems = (given: Given, environment?: string) =>
  look(given, environment).problems.map(({ code, variable, file, line }) =>
    [code, variable, file, line].filter(Boolean).join(' '),
  );

/** A catalog of so many variables of one kind, V0 and on. */
const many = (count: number, kind: 'secret' | 'config') =>
  defineCatalog({
    app: 'app',
    bundles: { b: { description: 'b' } },
    variables: {
      NAME: declarations.NAME,
      SPACE: declarations.SPACE,
      SECRET: declarations.SECRET,
      ...Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `V${i}`,
          { kind, bundle: 'b', type: text(), description: 'v' } as const,
        ]),
      ),
    },
  });

describe('layers', () => {
  const all: Given = {
    patch: { TEXT: 'patch' },
    'process-env': { TEXT: 'process', MORE: 'process' },
    'env-file': { TEXT: 'env', MORE: 'env', HOST: 'env.example' },
    'config-file': { TEXT: 'config', MORE: 'config', HOST: 'config.example', LINK: 'https://config.example' },
  };

  it('win from the patch file down to the default, key by key', () => {
    const origins = look(all)
      .describeVariables()
      .map(({ variable, origin }) => [variable.name, origin?.layer]);
    expect(Object.fromEntries(origins)).toMatchObject({
      TEXT: 'patch',
      MORE: 'process-env',
      HOST: 'env-file',
      LINK: 'config-file',
      SPACE: 'default',
      FLAG: undefined,
    });
  });

  it('that lose are said to be overridden', () => {
    const more = look(all)
      .describeVariables()
      .find(({ variable }) => variable.name === 'MORE');
    expect(more?.overrides).toEqual([
      { layer: 'env-file', file: 'env-file', line: 2 },
      { layer: 'config-file', file: 'config-file', line: 2 },
      { layer: 'default' },
    ]);
  });

  it('that are all of the catalog: a default that lacks what is missing is missing, one that may be elsewhere is not', () => {
    const config = (name: string, more: object) => ({
      [name]: { kind: 'config', bundle: 'b', type: text(), description: name, ...more } as const,
    });
    const chain = Array.from({ length: 3_000 }, (_, at) => config(`V${at + 1}`, { default: `\${V${at}}` })).reverse();
    const own = defineCatalog({
      app: 'app',
      bundles: { b: { description: 'b' } },
      variables: Object.assign(
        {
          NAME: declarations.NAME,
          SPACE: declarations.SPACE,
          ...config('V0', {}),
          ...config('OPTION', { optional: true }),
        },
        ...chain,
        config('BOTH', { default: '${V1}${V0}${V0}' }),
        config('OTHER', { default: '${V0}${OPTION}' }),
      ),
    });
    const states = (...given: Partial<Source>[]) => {
      const found = evaluate(
        own,
        'x',
        given.map((each) => ({ ...emptySource, ...each })),
        hintFiles,
      ).describeVariables();
      return new Map(found.map(({ variable, status }) => [variable.name, status]));
    };
    const lacking = states();
    expect(['V0', 'V1', 'V3000', 'BOTH', 'OTHER'].map((name) => lacking.get(name))).toEqual([
      ...['missing', 'missing', 'missing', 'missing', 'invalid'],
    ]);
    const onFaultyLine = states({ faulty: new Set(['V1']) });
    expect(['V0', 'V1', 'V2'].map((name) => onFaultyLine.get(name))).toEqual(['missing', 'invalid', 'invalid']);
  });

  it('that give an empty value give none', () => {
    expect(has({ patch: { MORE: '' }, 'process-env': { MORE: '' }, 'env-file': { MORE: 'env' } }, 'MORE', 'env')).toBe(
      true,
    );
    expect(has({ patch: { MORE: '' } }, 'MORE', 'more')).toBe(true);
  });
});

describe('placeholders', () => {
  it.each([
    ['another variable', { TEXT: 'a ${HOST} b', HOST: 'h' }, 'a h b'],
    ['a chain', { TEXT: '${MORE}', MORE: '${HOST}', HOST: 'h' }, 'h'],
    ['the same twice', { TEXT: '${HOST}${HOST}', HOST: 'h' }, 'hh'],
    ['the name of the environment', { TEXT: '${NAME}' }, 'x'],
    ['nothing, escaped', { TEXT: '$${HOST}', HOST: 'h' }, '${HOST}'],
    ['$ and nothing, escaped', { TEXT: '$$${HOST}', HOST: 'h' }, '$${HOST}'],
    ['nothing: other dollars', { TEXT: '$ $$ $HOM $(reboot) `reboot` $5' }, '$ $$ $HOM $(reboot) `reboot` $5'],
    ['what is brought in is not read again', { TEXT: '${MORE}', MORE: '$${HOST}', HOST: 'h' }, '${HOST}'],
    ['an escape before a placeholder', { TEXT: '$${${HOST}', HOST: 'h' }, '${h'],
  ])('%s', (_what, given, value) => expect(has({ 'env-file': given }, 'TEXT', value)).toBe(true));

  it('of a variable itself are its value in the next lower layer that gives one', () => {
    const given: Given = {
      patch: { TEXT: '${TEXT}!' },
      'process-env': { TEXT: '' },
      'env-file': { TEXT: '<${TEXT}>' },
      'config-file': { TEXT: '${MORE}' },
    };
    expect(has(given, 'TEXT', '<more>!')).toBe(true);
  });

  it('make a secret of a text that a secret is put into another secret with', () => {
    expect(has({ 'env-file': { SECRET: 'fake:${TOKEN}', TOKEN: 'fake' } }, 'SECRET', 'fake:fake')).toBe(true);
  });

  it.each([
    ['a name outside the catalog', { TEXT: '${NOPE}' }],
    ['a name without a value', { TEXT: '${HOST}' }],
    ['a name whose value is empty', { TEXT: '${HOST}', HOST: '' }],
    ['no name', { TEXT: '${}' }],
    ['a default in the manner of the shell', { TEXT: '${HOST:-b}', HOST: 'h' }],
    ['blanks', { TEXT: '${ HOST }', HOST: 'h' }],
    ['no end', { TEXT: '${HOST', HOST: 'h' }],
    ['itself, and no lower layer', { TEXT: '${TEXT}' }],
  ])('of %s are unresolved', (_what, given) => {
    expect(problems({ 'env-file': given })).toEqual(['unresolved-placeholder TEXT env-file 1']);
  });

  it('that loop are told to everyone in the loop, and to nobody else', () => {
    expect(
      problems({ 'env-file': { TEXT: '${MORE}', MORE: '${HOST}', HOST: '${TEXT}', LINK: 'https://${HOST}' } }),
    ).toEqual([
      'placeholder-cycle TEXT env-file 1',
      'placeholder-cycle MORE env-file 2',
      'placeholder-cycle HOST env-file 3',
    ]);
  });

  it('that multiply are stopped before memory runs out', () => {
    const ten = (name: string) => `\${${name}}`.repeat(1_000);
    const given = { TEXT: ten('MORE'), MORE: ten('HOST'), HOST: ten('SECRET'), SECRET: 'a'.repeat(1_000) };
    expect(problems({ 'env-file': given })).toEqual(['too-large HOST env-file 3']);
  });

  it('may form a chain as long as the catalog', () => {
    const count = 20_000;
    const catalog = many(count, 'config');
    const chain = (last: string): Source => ({
      layer: 'env-file',
      assignments: Array.from({ length: count }, (_, i) => ({
        variable: `V${i}`,
        template: parseTemplate(i === count - 1 ? last : `\${V${i + 1}}`, catalog, false),
      })),
      unknownNames: [],
      unknownNamesAre: 'errors',
      problems: [],
    });
    const hints = { secrets: '', config: '' };
    expect(evaluate(catalog, 'x', [chain('end')], hints).resolved.get('V0')?.value).toBe('end');
    const loop = evaluate(catalog, 'x', [chain('${V0}')], hints).problems;
    expect(loop.filter(({ code }) => code === 'placeholder-cycle')).toHaveLength(count);
  });

  it('that make small values large are stopped when all of them together are too large', () => {
    const count = 200;
    const catalog = many(count, 'config');
    const long = 'a'.repeat(100_000);
    const assignments = Array.from({ length: count }, (_, i) => ({
      variable: `V${i}`,
      template: parseTemplate(i === 0 ? long : '${V0}', catalog, false),
    }));
    const { problems } = evaluate(catalog, 'x', [{ ...emptySource, assignments }], hintFiles);
    const stopped = problems.filter(({ message }) => message.endsWith('grows too large through placeholders'));
    expect(stopped).toHaveLength(count - 1 - limits.substitutedTogether / long.length);
  });

  it('that stand for nothing are told once, however often they stand there', () => {
    expect(problems({ 'env-file': { TEXT: '${NOPE} ${NOPE} ${'.repeat(1_000) } })).toEqual([
      'unresolved-placeholder TEXT env-file 1',
    ]);
  });

  it('whose values may be where nothing can be read are no errors of their own', () => {
    const [given = emptySource] = sources({ 'env-file': { TEXT: 'a${HOST}', MORE: 'a${LINK}', TOKEN: '${TOKEN}' } });
    const codes = (more: Partial<Source>) =>
      evaluate(catalog, 'x', [given, { ...emptySource, layer: 'config-file', ...more }], hintFiles).problems.map(
        ({ code, variable }) => `${code} ${variable}`,
      );
    const told = ['TEXT', 'MORE', 'TOKEN'].map((name) => `unresolved-placeholder ${name}`);
    expect(codes({})).toEqual(told);
    expect(codes({ faulty: new Set(['HOST', 'TOKEN']) })).toEqual(told.slice(1, 2));
    expect(codes({ unreadable: true })).toEqual(told.slice(2)); // that file holds no secret
  });

  it('are not looked at in a value that loses and is not read', () => {
    expect(problems({ 'env-file': { TEXT: 'a' }, 'config-file': { TEXT: '${NOPE}' } })).toEqual([]);
    expect(problems({ 'env-file': { TEXT: 'a${TEXT}' }, 'config-file': { TEXT: '${NOPE}' } })).toEqual([
      'unresolved-placeholder TEXT config-file 1',
    ]);
  });
});

describe('invalid values', () => {
  it.each([
    ['a type that refuses it', { FLAG: 'yes' }, ['invalid-value FLAG env-file 1']],
    [
      'a value that becomes invalid by substitution',
      { LINK: 'https://${TEXT}', TEXT: 'a b' },
      ['invalid-value LINK env-file 1'],
    ],
    ['U+0085 in a ConfigMap', { TEXT: 'a\u0085' }, ['invalid-value TEXT env-file 1']],
    ['U+FFFE in a ConfigMap', { TEXT: 'a\ufffeb' }, ['invalid-value TEXT env-file 1']],
    ['a lone surrogate', { SECRET: 'a\ud800b' }, ['invalid-value SECRET env-file 1']],
    ['a NUL', { SECRET: 'a\0b' }, ['invalid-value SECRET env-file 1']],
    ['a namespace that is no label', { SPACE: 'My_Space' }, ['invalid-value SPACE env-file 1']],
  ])('%s', (_what, given, expected) => expect(problems({ 'env-file': given })).toEqual(expected));

  it('U+FFFD is one in the process environment only', () => {
    expect(problems({ 'process-env': { SECRET: 'a\ufffd' } })).toEqual(['invalid-value SECRET']);
    expect(problems({ 'env-file': { SECRET: 'a\ufffd' } })).toEqual([]);
  });

  it('control characters are fine in a Secret', () => {
    expect(problems({ 'env-file': { VERBATIM: 'a\u0085\u009f\ufffe\uffffb' } })).toEqual([]);
  });

  it.each([
    ['DEBUG', 'Did you mean debug?'],
    ['warning', 'Did you mean warn?'],
    ['loud', 'For example: LEVEL=debug'],
  ])('%s for one of some texts comes with the one that was meant', (value, hint) => {
    const level = { kind: 'config', bundle: 'b', type: oneOf('debug', 'warn'), description: 'level' } as const;
    const leveled = defineCatalog({
      app: 'app',
      bundles: { b: { description: 'b' } },
      variables: { NAME: declarations.NAME, SPACE: declarations.SPACE, LEVEL: level },
    });
    const source = { ...emptySource, assignments: [{ variable: 'LEVEL', template: [value], line: 1 }] };
    expect(evaluate(leveled, 'x', [source], hintFiles).problems.map((each) => each.hint)).toEqual([hint]);
  });

  it('are found where they stand, not where they are only repeated', () => {
    expect(problems({ patch: { FLAG: '${FLAG}' }, 'env-file': { FLAG: 'yes' } })).toEqual([
      'invalid-value FLAG env-file 1',
    ]);
  });
});

describe('sizes', () => {
  it('KEY=value may have the 131,071 bytes that Linux takes, and not one more', () => {
    expect(problems({ 'env-file': { SECRET: 'a'.repeat(131_071 - 'SECRET='.length) } })).toEqual([]);
    expect(problems({ 'env-file': { SECRET: 'a'.repeat(131_072 - 'SECRET='.length) } })).toEqual([
      'too-large SECRET env-file 1',
    ]);
    expect(problems({ 'env-file': { SECRET: 'é'.repeat(65_533) } })).toEqual(['too-large SECRET env-file 1']);
  });

  const filled = (count: number, kind: 'secret' | 'config', value: string) => {
    const catalog = many(count, kind);
    const assignments = Array.from({ length: count }, (_, i) => ({
      variable: `V${i}`,
      template: parseTemplate(value, catalog, kind === 'secret'),
    }));
    const source: Source = {
      layer: 'env-file',
      assignments,
      unknownNames: [],
      unknownNamesAre: 'errors',
      problems: [],
    };
    const { problems } = evaluate(catalog, 'x', [source], { secrets: '', config: '' });
    return problems
      .filter(({ code }) => code === 'too-large') // they are all the same secret, too
      .map(({ severity, code, hint }) => [severity, code, hint]);
  };

  it('an object may hold 1 MiB', () => {
    expect(filled(16, 'secret', 'a'.repeat(65_536))).toEqual([
      ['warning', 'too-large', expect.stringContaining('--server-side')],
    ]);
    expect(filled(17, 'secret', 'a'.repeat(65_536))).toEqual([['error', 'too-large', expect.anything()]]);
  });

  it('client-side apply carries less: base64 in Secrets, escapes in ConfigMaps', () => {
    expect(filled(2, 'secret', 'a'.repeat(97_000))).toEqual([]);
    expect(filled(2, 'secret', 'a'.repeat(98_304))).toEqual([
      ['warning', 'too-large', expect.stringContaining('--server-side')],
    ]);
    expect(filled(2, 'config', 'a'.repeat(129_000))).toEqual([]);
    expect(filled(2, 'config', '<'.repeat(25_000))).toEqual([
      ['warning', 'too-large', expect.stringContaining('--server-side')],
    ]);
  });
});

it('tells what is missing in time that is linear in the variables and the lines', () => {
  const work = (count: number) => {
    const required = many(count, 'config');
    const assignments = Array.from({ length: 4 * count }, (_, line) => ({ variable: 'V0', template: ['v'], line }));
    return () =>
      expect(evaluate(required, 'x', [{ ...emptySource, assignments }], hintFiles).problems.length).toBe(count - 1);
  };
  expect(growth(work, 250)).toBeLessThan(mostLinear);
});

describe('misplaced secrets', () => {
  it.each([
    ['a config value that reads a secret', { TEXT: 'a ${SECRET}', SECRET: 'fake' }],
    ['through another variable', { TEXT: '${TOKEN}', TOKEN: '${SECRET}', SECRET: 'fake' }],
    ['a config value that equals a secret', { TEXT: 'fake-secret-value', SECRET: 'fake-secret-value' }],
    ['a config value that contains a secret', { TEXT: 'a=fake-secret-value;', SECRET: 'fake-secret-value' }],
    [
      'a secret without its newline',
      { TEXT: 'fake-secret-value', SECRET: 'fake-secret-value\n' },
      'suspicious-value SECRET env-file 2',
    ],
    ['a secret behind a sign too many', { TEXT: 'a-fake-secret-value', SECRET: '=> fake-secret-value' }],
    ['a secret as a URL has it', { TEXT: 'https://example.com/?a=fake%2fsecret+value', SECRET: 'fake/secret value' }],
    ['a secret in base64', { TEXT: 'https://example.com/ZmFrZS1zZWNyZXQtdmFsdWU', SECRET: 'fake-secret-value' }],
    ['credentials in a URL', { TEXT: 'https://user:fake@example.com/x' }],
    ['a user name on the web', { TEXT: 'https://short@example.com/x' }],
    ['an empty password', { TEXT: 'ftp://fake:@example.com/x' }],
    ['a token in a URL', { TEXT: 'https://fakefakefakefake@example.com/x' }],
    ['an OpenAI key by its looks', { TEXT: `sk-proj-${'FAKE0'.repeat(6)}` }],
    [
      'a private key by its looks',
      { TEXT: '-----BEGIN RSA PRIVATE KEY-----\nRkFLRQ==\n-----END RSA PRIVATE KEY-----' },
    ],
    ['a value of a secret in a query', { TEXT: 'https://example.com/?a=b&SECRET=fake-value-12' }],
    [
      'the same in a query of a query',
      { TEXT: 'https://example.com/?u=https%3A%2F%2Fa.example%3FSECRET%3Dfake-value-12' },
    ],
    ['a value of a secret in JSON', { TEXT: '{"a": {"SECRET" : "fake-value-12"}}' }],
    ['a value of a secret among arguments', { TEXT: 'run --env SECRET="fake-value-12"' }],
    ['a value with marks in it', { TEXT: 'https://example.com/?SECRET=fa,ke-value&12' }],
    ['by its key', { TEXT: 'run --set LINK_KEY=fake-value-12' }],
    ['by a former name', { TEXT: 'a;APP_PASSWORD=fake-value-12;b' }],
    ['behind another that gives nothing', { TEXT: 'run -e APP_KEY=$THE_OTHER_NAME -e SECRET=fake-value-12' }],
    [
      'the line of a secret that follows without a line break',
      { TEXT: 'infoAPP_KEY=fake-value-12' },
      'not-a-value TEXT env-file 1',
    ],
  ])('%s', (_what, given, ...others) =>
    expect(problems({ 'env-file': given })).toEqual(['misplaced-secret TEXT env-file 1', ...others]),
  );

  it.each<[string, string[], Partial<UnreadSecret> | undefined]>([
    ['a replaced assignment', ['fake-secret-value', 'fake'], undefined],
    ['a placeholder that stands for nothing', ['fake-secret-value${NOPE}'], undefined],
    ['a line that cannot be read', [], {}],
    ['a near name, as long as the secret is missed', [], { unless: 'SECRET' }],
  ])('by what stands behind the name of a secret in %s', (_what, values, unread) => {
    const secrets = values.map((value) => ({ variable: 'SECRET', template: parseTemplate(value, catalog, true) }));
    const more: Source = {
      ...emptySource,
      assignments: [{ variable: 'TEXT', template: ['a fake-secret-value'], line: 1 }, ...secrets],
      ...(unread && { unreadSecrets: [{ text: new Sensitive('fake-secret-value'), ...unread }] }),
    };
    const found = evaluate(catalog, 'x', [more], hintFiles);
    expect(found.problems).toContainEqual(
      expect.objectContaining({
        code: 'misplaced-secret',
        variable: 'TEXT',
        hint: expect.stringContaining('mend or remove it in'),
      }),
    );
    expect(found.describeVariables().find(({ variable }) => variable.name === 'TEXT')).not.toHaveProperty('shownValue');
  });

  it('but not in a default of the catalog, which a comment may name', () => {
    const [given = emptySource] = sources({ 'env-file': { SECRET: 'fake' } });
    const unreadSecrets = [{ text: new Sensitive('undefined'.padEnd(12, '-')) }, { text: new Sensitive('more') }];
    const own = defineCatalog({
      app: 'app',
      bundles: { b: { description: 'b' } },
      variables: {
        ...declarations,
        MORE: { kind: 'config', bundle: 'b', type: text(), default: 'undefined---', description: 'more' },
      },
    });
    expect(evaluate(own, 'x', [{ ...given, unreadSecrets }], hintFiles).problems).toEqual([]);
  });

  it('says which file gave it, of several', () => {
    const given: Source = {
      ...emptySource,
      assignments: [{ variable: 'TEXT', template: ['a fake-secret-value'], line: 1 }],
      unreadSecrets: [{ text: new Sensitive('another-fake-value') }],
    };
    const unreadSecrets = [{ text: new Sensitive('fake-secret-value') }];
    const found = (other: Source) => evaluate(catalog, 'x', [given, { ...other, unreadSecrets }], hintFiles).problems;
    const file = 'envs/.env.x.secrets';
    expect(found({ ...emptySource, file })).toEqual([
      expect.objectContaining({
        message: `TEXT is config, readable by many, and contains what ${file} has behind a secret's name, or one like it, where that does not set the secret`,
        hint: `If that is a secret, remove it from here. If not, mend or remove it in ${file}`,
      }),
    ]);
    const { file: _none, ...inProcess } = emptySource;
    expect(found({ ...inProcess, layer: 'process-env' })).toEqual([
      expect.objectContaining({ message: expect.stringContaining('what the process environment has') }),
    ]);
  });

  it('but not by a near name if the secret has its value', () => {
    const [given = emptySource] = sources({ 'env-file': { TEXT: 'a fake-secret-value', SECRET: 'fake' } });
    const unreadSecrets = [{ text: new Sensitive('fake-secret-value'), unless: 'SECRET' }];
    const { problems } = evaluate(catalog, 'x', [{ ...given, unreadSecrets }], hintFiles);
    expect(problems).toEqual([]);
  });

  it('names the secrets that it reads, a few of them, and the nearest behind another variable', () => {
    const messages = (given: Given) =>
      look(given)
        .problems.filter(({ code }) => code === 'misplaced-secret')
        .map(({ message }) => message.replace(/.* and /, ''));
    const given = { TEXT: '${MORE} ${TOKEN}', MORE: '${LINK}', LINK: '${SECRET}', SECRET: 'fake', TOKEN: '${SECRET}' };
    expect(messages({ 'env-file': given })).toEqual([
      'reads ${SECRET}, ${TOKEN}',
      'reads ${SECRET}',
      'reads ${SECRET}',
    ]);
  });

  it('in time that is linear in the variables that read each other', () => {
    const work = (count: number) => {
      const chain = many(count, 'config');
      const values = Array.from({ length: count }, (_, i) => [`V${i}`, i + 1 < count ? `\${V${i + 1}}` : '${SECRET}']);
      const assignments = [...values, ['SECRET', 'fake']].map(([variable = '', value = '']) => ({
        variable,
        template: parseTemplate(value, chain, variable === 'SECRET'),
      }));
      const source: Source = { ...emptySource, assignments };
      return () => expect(evaluate(chain, 'x', [source], hintFiles).problems.length).toBe(count);
    };
    expect(growth(work, 250)).toBeLessThan(mostLinear);
  });

  it.each<[string, (length: number) => string]>([
    ['=', (length) => 'a='.repeat(length / 2)],
    ['names', (length) => 'APP_KEY=a'.repeat(length / 9)],
    ['a long name', (length) => `${'_'.repeat(length)}=fake-value-12`],
  ])('in time that is linear in the text, whatever is assigned in it: %s', (_what, assigned) => {
    const work = (length: number) => {
      const given = { 'env-file': { TEXT: ` ${assigned(length)}` } };
      return () => expect(look(given).problems.map(({ code }) => code)).not.toContain('missing');
    };
    expect(growth(work, 20_000)).toBeLessThan(mostLinear);
  });

  it.each<[what: string, fallback: string]>([
    ['that holds the value of a secret', 'a fake-secret-value'],
    ['that reads a secret', '${SECRET}'],
    ['that reads one by another default', '${OTHER}'],
    ['that gives a secret a value', 'a;SECRET=fake-value-12'],
    ['that carries credentials', 'https://fake:fake-password@c.example'],
    ['that looks like a credential', ['gh', 'p_', '0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R'].join('')],
  ])('in a default of the catalog %s, whether it wins or not', (_what, fallback) => {
    const own = defineCatalog({
      app: 'app',
      bundles: { b: { description: 'b' } },
      variables: {
        ...declarations,
        TEXT: { kind: 'config', bundle: 'b', type: text(), default: fallback, description: 'text' },
        OTHER: { kind: 'config', bundle: 'b', type: text(), default: '${SECRET}', description: 'other' },
      },
    });
    for (const line of [{}, { TEXT: 'harmless' }]) {
      const given = sources({ 'env-file': { SECRET: 'fake-secret-value', ...line } });
      const { problems: found, describeVariables } = evaluate(own, 'x', given, hintFiles);
      const misplaced = found.filter(({ code, variable }) => code === 'misplaced-secret' && variable === 'TEXT');
      expect(misplaced.map(({ message }) => message)).toEqual([
        expect.stringMatching(/^TEXT in the catalog is config, readable by many, and /),
      ]);
      const { variable: _declared, ...state } =
        describeVariables().find(({ variable }) => variable.name === 'TEXT') ?? {};
      expect(JSON.stringify(state)).not.toContain('fake-');
    }
  });

  it('in a layer that loses, whose file is read by many all the same', () => {
    const given = { 'env-file': { TEXT: 'a', SECRET: 'other' }, 'config-file': { TEXT: 'https://a:b@c.example' } };
    expect(problems(given)).toEqual(['misplaced-secret TEXT config-file 1']);
    const secretLoses: Given = {
      'process-env': { SECRET: 'other' },
      'env-file': { TEXT: 'fake-secret-value', SECRET: 'fake-secret-value' },
    };
    expect(problems(secretLoses)).toEqual(['misplaced-secret TEXT env-file 1']);
    expect(problems({ 'env-file': { TEXT: 'a' }, 'config-file': { TEXT: '${NOPE}' } })).toEqual([]);
  });

  it.each([
    ['a short secret', { TEXT: 'a fake1234567', SECRET: 'fake1234567' }],
    ['the most of a secret', { TEXT: 'fake-secret-valu', SECRET: 'fake-secret-value' }],
    ['a secret that is an allowed value elsewhere', { TEXT: 'like-production', SECRET: 'like-production' }],
    [
      'a piece between the placeholders of a secret',
      { TEXT: '@host.example.com', SECRET: '${TOKEN}@host.example.com', TOKEN: 'fake' },
    ],
    ['a user name in a URL', { TEXT: 'ssh://git@example.com' }],
    ['an ordinary URL', { TEXT: 'https://example.com/a@b:c' }],
    ['secrets of the same kind', { SECRET: 'a ${TOKEN}', TOKEN: 'fake-token-value' }],
    ['a reference in a shell', { TEXT: 'run --env APP_KEY=$THE_OTHER_NAME --env SECRET=%THE_OTHER_NAME%' }],
    ['what is to be put there', { TEXT: 'You may set APP_KEY=[the-key-of-the-app] and APP_PASSWORD={key-of-the-app}' }],
    ['a short value behind a name', { TEXT: 'https://example.com/?APP_KEY=fake-value1' }],
    ['a name of which another ends', { TEXT: 'run --env NOSECRET=fake-value-12' }],
    ['a name in prose', { TEXT: 'The APP_KEY: documented-elsewhere' }],
    ['the padding of base64', { TEXT: 'c29tZXRoaW5nAPP_KEY==' }],
  ])('but not %s', (_what, given) => expect(problems({ 'env-file': given })).toEqual([]));
});

describe('suspicious values', () => {
  it.each([
    ['a blank before', ' fake'],
    ['a newline behind', 'fake\n'],
    ['quotes around', '"fake"'],
    ['a quote left over', 'fake"'],
    ['$NAME of a variable', 'a-$TOKEN'],
  ])('%s', (_what, value) =>
    expect(problems({ 'env-file': { SECRET: value } })).toEqual(['suspicious-value SECRET env-file 1']),
  );

  it.each([
    ['a PEM block', '-----BEGIN FAKE-----\nAAAA\n-----END FAKE-----\n'],
    ['JSON', '{"a":"b"}'],
    ['a quoted word at the end', 'say "so"'],
    ['$NAME of nobody', 'a$b$5'],
    ['< inside', 'a<b>c'],
  ])('but not %s', (_what, value) => expect(problems({ 'env-file': { SECRET: value } })).toEqual([]));

  it('a mode unlike an environment that is named like one', () => {
    const given: Given = { 'env-file': { MODE: 'staging' } };
    expect(problems(given, 'prod')).toEqual(['suspicious-value MODE env-file 1']);
    expect(problems(given, 'staging')).toEqual([]);
    expect(problems(given, 'preview')).toEqual([]);
  });
});

describe('what is no value', () => {
  const found = (given: Given) =>
    look(given).problems.map(({ severity, code, variable, file }) => [severity, code, variable, file].join(' '));

  it('is an error in a secret and a warning in config', () => {
    expect(found({ 'env-file': { SECRET: 'changeme', HOST: 'undefined' } })).toEqual([
      'error not-a-value SECRET env-file',
      'warning not-a-value HOST env-file',
    ]);
  });

  it('is found in the process environment and in patches too', () => {
    expect(found({ 'process-env': { SECRET: 'changeme' } })).toEqual(['error not-a-value SECRET ']);
    expect(found({ patch: { SECRET: 'changeme' } })).toEqual(['error not-a-value SECRET patch']);
  });

  it('is told of where it is given, once, however often it is repeated', () => {
    expect(found({ 'env-file': { SECRET: 'changeme', TOKEN: '${SECRET}' } })).toEqual([
      'error not-a-value SECRET env-file',
    ]);
    expect(found({ patch: { SECRET: '${SECRET}' }, 'env-file': { SECRET: 'changeme' } })).toEqual([
      'error not-a-value SECRET env-file',
    ]);
    expect(found({ 'config-file': { TEXT: 'null' }, 'env-file': { SECRET: '${TEXT}' } })).toEqual([
      'warning not-a-value TEXT config-file',
      'error not-a-value SECRET env-file',
    ]);
  });

  it('is what a declaration says it is not', () => {
    expect(found({ 'env-file': { VERBATIM: 'changeme' } })).toEqual([]);
    expect(found({ 'env-file': { VERBATIM: ' $TOKEN;' } })).toEqual([]);
  });

  it('is no default of the catalog', () => {
    expect(found({})).toEqual([]);
    expect(found({ 'env-file': { NOTHING: 'null' } })).toEqual(['warning not-a-value NOTHING env-file']);
  });
});

describe('a secret that is empty in the process environment', () => {
  const empty = { 'process-env': { SECRET: '' } };

  it('is a warning where the value of a file is taken instead', () => {
    expect(look({ ...empty, 'env-file': { SECRET: 'fake-1' } }).problems).toEqual([
      {
        severity: 'warning',
        code: 'empty-value',
        variable: 'SECRET',
        message: 'SECRET is empty in the process environment, and the value of env-file is taken',
        hint: 'Give SECRET its value there: is its name spelled differently in the secret store? Or do not list it',
      },
    ]);
  });

  it.each<[what: string, given: Given]>([
    ['no layer gives it a value', empty],
    ['a higher layer does', { ...empty, patch: { SECRET: 'fake-1' } }],
    ['it is config', { 'process-env': { TEXT: '' }, 'config-file': { TEXT: 'a' } }],
    ['it is empty in a file', { 'env-file': { SECRET: '' } }],
  ])('is none where %s', (_what, given) => expect(problems(given)).toEqual([]));
});

describe('what may be shown', () => {
  const shown = (given: Given) =>
    Object.fromEntries(
      look(given)
        .describeVariables()
        .flatMap(({ variable, shownValue }) => (shownValue === undefined ? [] : [[variable.name, shownValue]])),
    );

  it('is config and infra without a problem, not even a warning', () => {
    const given = {
      SECRET: 'fake-secret',
      TOKEN: 'fake',
      HOST: 'h',
      TEXT: ' suspicious',
      FLAG: 'invalid',
      LINK: 'https://${TOKEN}',
    };
    expect(shown({ 'env-file': given })).toEqual({
      NAME: 'x',
      SPACE: 'space',
      MORE: 'more',
      NOTHING: 'undefined',
      HOST: 'h',
    });
  });

  it('is no text of a variable with a problem by way of another', () => {
    expect(shown({ 'env-file': { HOST: 'My_Pasted_Secret', LINK: 'https://a.example/${HOST}' } })).not.toHaveProperty(
      'LINK',
    );
  });

  it('is never a piece of a secret in a message', () => {
    const given = { SECRET: ' fake-secret-value', TEXT: 'fake-secret-value ${SECRET}', FLAG: 'fake-secret-value' };
    expect(JSON.stringify(look({ 'env-file': given }).problems)).not.toMatch(/fake-s|ecret-v/);
  });
});

describe('a name outside the catalog is shown beside the near one', () => {
  /** The problems of a misspelt SECRET_KEY, where TOKEN has this value. */
  const said = (name: string, token: string, layer: 'env-file' | 'process-env' = 'env-file') => {
    const [source] = sources({ [layer]: { TOKEN: token } });
    const unknown = { name, near: 'SECRET_KEY', ...(layer === 'env-file' && { line: 7 }) };
    const unknownNamesAre = layer === 'env-file' ? 'errors' : 'hints';
    return evaluate(withKey, 'x', [{ ...(source as Source), unknownNames: [unknown], unknownNamesAre }], {
      secrets: 'x.env',
      config: 'x.config.env',
    }).problems;
  };
  const withKey = defineCatalog({
    app: 'app',
    bundles: { b: { description: 'b' } },
    variables: {
      ...declarations,
      SECRET_KEY: { kind: 'secret', bundle: 'b', type: text(), formerly: ['PASSWORD'], description: 'key' },
    },
  });

  it.each([
    ['no secret holds a piece of it', 'SECRET_KEI', 'fake-of-nothing', true],
    ['a secret holds six characters of it', 'SECRET_KEI', 'fake-ET_KEI-fake', false],
    ['a secret holds five', 'SECRET_KEI', 'fake-T_KEI-fake', true],
    ['a secret ends in them', 'SECRET_KEI', 'fake-RET_KEI', false],
    ['a secret holds what the near name has too', 'SECRET_KEI', 'fake-SECRET_KE-fake', true],
  ])('if %s', (_what, name, token, shown) => {
    const unknown = said(name, token).find(({ code }) => code === 'unknown-variable');
    expect(unknown).toMatchObject({ line: 7, hint: 'Did you mean SECRET_KEY?' });
    expect([unknown?.variable, unknown?.message]).toEqual(
      shown ? [name, `${name} is not in the catalog`] : [undefined, 'This assigns a name that is not in the catalog'],
    );
    const missing = said(name, token, 'process-env').find(({ code }) => code === 'missing');
    expect(missing?.hint).toBe(`Is ${shown ? name : 'a name'} in the process environment a misspelling of it?`);
  });

  it('is told where it is what pods know a variable by, whatever else is near', () => {
    const own = defineCatalog({
      app: 'app',
      bundles: { b: { description: 'b' } },
      variables: {
        NAME: declarations.NAME,
        SPACE: declarations.SPACE,
        KEY: { kind: 'secret', bundle: 'b', key: 'SESSION_BASE', type: text(), description: 'key' },
        SESSION_BASES: { kind: 'config', bundle: 'b', type: text(), optional: true, description: 'others' },
      },
    });
    for (const near of [{}, { near: 'SESSION_BASES' }]) {
      const unknown = { ...emptySource, file: 'x.env', unknownNames: [{ name: 'SESSION_BASE', line: 1, ...near }] };
      const found = evaluate(own, 'x', [unknown], hintFiles).problems.map(({ code, hint }) => [code, hint]);
      expect(found).toEqual([
        ['missing', 'Is line 1 of x.env meant for it? Only pods call it SESSION_BASE'],
        ['unknown-variable', 'It is called KEY here: only pods know it by this name'],
      ]);
    }
  });

  it('and a former name as what it is', () => {
    const missing = said('PASSWORD', 'fake').find(({ code }) => code === 'missing');
    expect(missing?.hint).toBe('Its former name PASSWORD still has the value: rename it (line 7 of env-file)');
  });
});
