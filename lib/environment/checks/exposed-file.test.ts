import { defineCatalog } from '../../catalog/define-catalog';
import { dnsLabel, matching, oneOf, text } from '../../catalog/value-type';
import { envFileRole, exposuresInEnvFile, filledIn, secretInEnvFile } from './exposed-file';

/** In pieces: nothing here is to look like a credential. */
const example = `sk-${'proj'}-${'0123456789'.repeat(3)}`;
const key = `sk-${'proj'}-${'Ab3dEf6hIj'.repeat(3)}`;

const catalog = defineCatalog({
  app: 'other',
  bundles: { web: { description: 'Web pods' } },
  variables: {
    ENVIRONMENT: { kind: 'infra', drives: 'environment', type: dnsLabel(), description: 'The name' },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'The namespace' },
    TOKEN: {
      kind: 'secret',
      bundle: 'web',
      key: 'WEB_TOKEN',
      formerly: ['OLD_TOKEN'],
      type: matching(/sk-proj-.*/, { rule: 'a key', example }),
      description: 'A token',
    },
    MODE: { kind: 'secret', bundle: 'web', type: oneOf('everything-on', 'nothing'), description: 'A mode' },
    LEVEL: { kind: 'config', bundle: 'web', type: text(), description: 'A level' },
  },
});

it.each([
  ['envs/prod.config.env', 'config'],
  ['demo.config.env', 'config'],
  ['a/demo.env', 'demo'],
  ['prod.env.example', 'example'],
  ['.env.example', 'example'],
  ['.env.k8s.prod.example', 'example'],
  ['env.sample', 'example'],
  ['.env.template', 'example'],
  ['secrets.yaml.example', 'example'],
  ['prod.env', 'secrets'],
  ['a/.env', 'secrets'],
  ['.env.local', 'secrets'],
  ['.env.k8s.prod', 'secrets'],
  ['prod.env.age', undefined],
  ['.env.age', undefined],
  ['environment.ts', undefined],
  ['a.env/b.txt', undefined],
])('%s is for %s', (path, role) => expect(envFileRole(path)).toBe(role));

describe('a committed env file', () => {
  const found = (role: 'config' | 'example' | 'demo', content: string) =>
    exposuresInEnvFile(catalog, role, content, (part) => part.includes('the-secret-itself')).map(
      ({ variable, line }) => `${variable ?? '?'}:${line}`,
    );

  it.each([
    ['example', 'TOKEN=real-one', ['TOKEN:1']],
    ['example', 'TOKENN=real-one\nLEVELL=real-one\nELSE=real-one', ['TOKEN:1']],
    ['example', '\r\nexport WEB_TOKEN = "real one" # x\r\nOLD_TOKEN: real', ['TOKEN:2', 'TOKEN:3']],
    ['example', `LEVEL=${key}`, ['?:1']],
    ['config', `# ${key}`, ['?:1']],
    ['config', `LEVEL='#' # ${key}`, ['?:1']],
    ['config', `LEVEL=x #${key}`, ['?:1']],
    ['config', '# the-secret-itself', ['?:1']],
    ['config', '#TOKEN=abcdefghijk1', ['TOKEN:1']],
    ['demo', `TOKEN=${key}`, ['TOKEN:1']],
    ['demo', 'LEVEL=the-secret-itself', ['?:1']],
  ] as const)('%s: %j', (role, content, expected) => expect(found(role, content)).toEqual(expected));

  it.each([
    ['example', `TOKEN=${example}\nMODE=everything-on\nLEVEL=anything\nTOKEN=\nTOKEN=''\nTOKEN=fake-one\n`],
    ['example', `# TOKEN=${example}\n# A token (such as ${example})\n`],
    ['config', `LEVEL=${key}\n`], // that is misplaced-secret
    ['config', '# TOKEN=see the handbook, page 12\n# TOKEN=from-the-dashboard\n# MODE=everything-on\n'],
    ['config', `LEVEL="# ${key.slice(0, 9)}"\n`],
    ['demo', `TOKEN=fake-token\nMODE=nothing\n# ${key.replace('Ab3', 'fake-')}\n`],
  ] as const)('%s: nothing in %j', (role, content) => expect(found(role, content)).toEqual([]));
});

it('a file for secrets counts where it holds one, by any name of it', () => {
  const first = (content: string) => secretInEnvFile(catalog, content, (value) => value !== 'fake')?.line;
  expect(first('LEVEL=x\nTOKEN=real')).toBe(2);
  expect(first('LEVEL=x\nOLD_TOKEN=real')).toBe(2);
  expect(first(`A=\nB=${key}`)).toBe(2);
  expect(first('LEVEL=x\nTOKEN=\nTOKEN=${OTHER}\nTOKEN=fake\nTOKEN={{ x }}\n# TOKEN=real')).toBeUndefined();
});

it('what is filled in is whatever is neither generated, nor empty, nor a comment without a value', () => {
  const generated = '# A token (a key; required)\nTOKEN=\n\n# MODE=\n';
  const lines = (content: string) =>
    filledIn(catalog, content, generated).map(({ variable, line }) => `${variable ?? '?'}:${line}`);
  expect(lines(generated.replaceAll('\n', '\r\n'))).toEqual([]);
  expect(lines('# a note: x=1\nOLD=\n#\n  TOKEN=  \n')).toEqual([]);
  expect(lines('TOKEN=x\n# MODE=nothing\nLEVEL: x\nOTHER=x\nx\n')).toEqual([
    'TOKEN:1',
    'MODE:2',
    'LEVEL:3',
    '?:4',
    '?:5',
  ]);
});
