import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { readProcessEnvironment } from './process-environment';

const description = 'fake';
const catalog = defineCatalog({
  app: 'app',
  bundles: { common: { description } },
  variables: {
    NAME: { kind: 'infra', drives: 'environment', type: dnsLabel(), description },
    SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description },
    SECRET: { kind: 'secret', bundle: 'common', type: text(), description },
  },
});

it('takes the names of the catalog, and of the others one for each that may be meant', () => {
  const source = readProcessEnvironment({ SPACE: 'space', SECRRT: 'x', SECRETS: 'y', HOME: '/' }, catalog);
  expect(source.assignments).toEqual([{ variable: 'SPACE', template: ['space'] }]);
  expect(source.unknownNames).toEqual([{ name: 'SECRRT', near: 'SECRET' }]);
});

it('asks for the values of the names of the catalog and of near ones only: the system looks for each in a list of all', () => {
  const asked: unknown[] = [];
  const environment = new Proxy<NodeJS.ProcessEnv>(
    { SPACE: 'space', HOME: '/', SECRRT: 'x' },
    {
      get: (target, name) => {
        asked.push(name);
        return Reflect.get(target, name);
      },
      getOwnPropertyDescriptor: (target, name) => {
        asked.push(name);
        return Reflect.getOwnPropertyDescriptor(target, name);
      },
    },
  );
  readProcessEnvironment(environment, catalog);
  expect(asked).toEqual(['SPACE', 'SECRRT']);
});
