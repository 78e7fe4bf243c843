import crypto from 'node:crypto';
import fs, { cpSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { growth, mostLinear } from '../../test/growth';
import { itWithKubectl, type KubernetesObject, kustomize } from '../../test/kubectl';
import { folderWith } from '../../test/run';
import { defineCatalog } from '../catalog/define-catalog';
import { dnsLabel, text } from '../catalog/value-type';
import { Sensitive } from '../environment/sensitive';
import { createRenderer } from './dist-files';
import { writeEnvironmentFolder } from './environment-folder';

const secret = { kind: 'secret', type: text(), optional: true, description: 'd' } as const;
const variables = {
  ENV: { kind: 'infra', drives: 'environment', type: dnsLabel(), optional: true, description: 'd' },
  SPACE: { kind: 'infra', drives: 'namespace', type: dnsLabel(), description: 'd' },
  TOKEN: { ...secret, bundle: 'common' },
  DEPOT_KEY: { ...secret, bundle: 'depot' },
  KIOSK_KEY: { ...secret, bundle: 'kiosk' },
  LOG_LEVEL: { kind: 'config', bundle: 'kiosk', type: text(), optional: true, description: 'd' },
} as const;
const bundles = { common: { description: 'c' }, depot: { description: 'd' }, kiosk: { description: 'k' } };
const catalog = defineCatalog({
  app: 'desk',
  bundles: { ...bundles, common: { description: 'c', everyPod: true } },
  variables,
});

/** Nobody finds it by trying: letters and digits as a machine mixes them. */
const strong = (name: string) => crypto.createHash('sha256').update(`fake ${name}`).digest('hex');
const base = { TOKEN: strong('token'), DEPOT_KEY: strong('depot'), KIOSK_KEY: strong('kiosk'), LOG_LEVEL: 'info' };
type Values = Readonly<Partial<Record<keyof typeof base | 'SPACE', string>>>;

/** Writes `dist/<env>` with these values, as synth does. */
function synth(dist: string, values: Values, environment = 'x'): void {
  const given = Object.entries({ SPACE: 's', ...values }).map(([name, value]) => [
    name,
    catalog.variables.get(name)?.sensitive ? new Sensitive(value) : value,
  ]);
  const folder = join(dist, environment);
  const { filesFor } = createRenderer(catalog)({ environment, values: Object.fromEntries(given) });
  expect(writeEnvironmentFolder(folder, () => filesFor(folder).files).problem).toBeUndefined();
}

const workload = (kind: string, name: string, labels: readonly string[]) => {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'fake' }] } };
  return {
    apiVersion: kind === 'CronJob' || kind === 'Job' ? 'batch/v1' : kind === 'Pod' ? 'v1' : 'apps/v1',
    kind,
    metadata: { name, labels: Object.fromEntries(labels.map((label) => [`desk/rollout-${label}`, 'true'])) },
    spec: kind === 'CronJob' ? { schedule: '* * * * *', jobTemplate: { spec: { template } } } : { template },
  };
};

/** The annotations of the pod template of each workload that a tree of all kinds of them has, over `dist/x`. */
function templates(dist: string): Record<string, Record<string, string> | undefined> {
  const folder = join(dist, '../overlay');
  mkdirSync(folder, { recursive: true });
  const workloads = [
    ...['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'].map((kind) => workload(kind, `depot-${kind}`, ['depot'])),
    workload('Deployment', 'kiosk', ['kiosk']),
    workload('Deployment', 'both', ['depot', 'kiosk']),
    workload('Deployment', 'common', ['common']),
    workload('Deployment', 'none', []),
    ...['Job', 'ReplicaSet'].map((kind) => workload(kind, `depot-${kind}`, ['depot'])),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'depot', labels: { 'desk/rollout-depot': 'true' } },
      spec: {},
    },
  ];
  writeFileSync(join(folder, 'workloads.yaml'), workloads.map((each) => `---\n${JSON.stringify(each)}\n`).join(''));
  writeFileSync(
    join(folder, 'kustomization.yaml'),
    JSON.stringify({ resources: ['workloads.yaml', '../dist/x'], components: ['../dist/x/rollout'] }),
  );
  const rendered = kustomize(folder).filter(({ kind }) => kind !== 'Secret' && kind !== 'ConfigMap');
  return Object.fromEntries(rendered.map((object) => [object.metadata.name, annotationsOf(object)]));
}

function annotationsOf(object: KubernetesObject): Record<string, string> | undefined {
  type Template = { metadata?: { annotations?: Record<string, string> } };
  const { spec } = object as { spec?: { template?: Template; jobTemplate?: { spec: { template: Template } } } };
  return (spec?.template ?? spec?.jobTemplate?.spec.template)?.metadata?.annotations;
}

const place = () => join(folderWith(), 'dist');

/** The names of those whose pod template differs. */
function changed(before: ReturnType<typeof templates>, after: ReturnType<typeof templates>): string[] {
  return Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

itWithKubectl(
  'gives a checksum to the pods of those who opted in, whose template can change, and to nobody else',
  () => {
    const dist = place();
    synth(dist, base);
    const found = templates(dist);
    const depot = { 'desk/checksum-depot': expect.stringMatching(/^[0-9a-f]{32}$/) };
    const kiosk = { 'desk/checksum-kiosk': expect.stringMatching(/^[0-9a-f]{32}$/) };
    expect(found).toEqual({
      'depot-Deployment': depot,
      'depot-StatefulSet': depot,
      'depot-DaemonSet': depot,
      'depot-CronJob': depot,
      kiosk,
      both: { ...depot, ...kiosk },
      common: { 'desk/checksum-common': expect.any(String) },
      none: undefined,
      'depot-Job': undefined,
      'depot-ReplicaSet': undefined,
      depot: undefined,
    });
  },
);

itWithKubectl('changes the template of those who load what has changed, and takes it back with the value', () => {
  const dist = place();
  synth(dist, base);
  const before = templates(dist);
  const ofDepot = ['depot-Deployment', 'depot-StatefulSet', 'depot-DaemonSet', 'depot-CronJob', 'both'];
  for (const [change, names] of [
    [{ DEPOT_KEY: strong('other') }, ofDepot],
    [{ LOG_LEVEL: 'debug' }, ['kiosk', 'both']],
    [{ TOKEN: strong('other') }, [...ofDepot, 'kiosk', 'common']],
  ] as const) {
    synth(dist, { ...base, ...change });
    expect(changed(before, templates(dist)).sort()).toEqual([...new Set(names)].sort());
    synth(dist, base);
    expect(templates(dist)).toEqual(before);
  }
});

/** The Component alone. */
const component = (dist: string, environment = 'x') =>
  readFileSync(join(dist, environment, 'rollout/kustomization.yaml'), 'utf8');

it('differs from environment to environment, though they hold the same', () => {
  const dist = place();
  for (const name of ['x', 'y']) synth(dist, base, name);
  expect(component(dist, 'x')).not.toBe(component(dist, 'y'));
});

it('does not say whether a namespace, a label or an unused bundle changed', () => {
  const [one, other] = [place(), place()];
  synth(one, base);
  synth(other, { ...base, SPACE: 'elsewhere' });
  expect(component(one)).toBe(component(other));
});

describe('where no secret is long and random', () => {
  const scrypt = jest.spyOn(crypto, 'scryptSync');
  beforeEach(() => scrypt.mockClear());

  it.each([
    ['words', { TOKEN: 'correct horse battery staple, and a great deal more of them' }, 3],
    ['words without blanks', { TOKEN: 'correcthorsebatterystapleandagreatdealmoreofthem2024' }, 3],
    ['a short one', { TOKEN: strong('x').slice(0, 31) }, 3],
    ['one character', { TOKEN: 'a1'.repeat(40) }, 3],
    ['words and years', { TOKEN: 'Spring2026Summer2026Autumn2026Winter2026' }, 3],
    ...[0, 1, 2].map((cut): [string, object, number] => [
      `words in base64, from character ${cut} on`,
      { TOKEN: Buffer.from('admin:Summer2024! at the registry of ours').toString('base64').slice(cut) },
      3,
    ]),
    ['the head of a token', { TOKEN: Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url') }, 3],
    ['a short one, many times', { TOKEN: strong('x').slice(0, 20).repeat(4) }, 3],
    [
      'a password beside a host that anybody may know',
      { TOKEN: `postgres://desk:fake@db-${strong('host')}.example.com/x` },
      3,
    ],
    ['a token beside one that anybody may know', { TOKEN: `${strong('public')}:fake` }, 3],
    ['a long one with a prefix', { TOKEN: `fake-v1_${strong('x')}==` }, 0],
    ['in one bundle only', { TOKEN: 'fake', DEPOT_KEY: strong('depot') }, 2],
    ['a long one that every pod loads', { TOKEN: strong('token'), DEPOT_KEY: 'fake' }, 0],
    ['none at all', { LOG_LEVEL: 'info' }, 0],
  ])('guessing is made slow: %s', (_what, values, slow) => {
    synth(place(), values);
    expect(scrypt).toHaveBeenCalledTimes(slow);
  });

  it('the checksum is taken over while the data is the same, and made anew when it is not', () => {
    const dist = place();
    synth(dist, { TOKEN: 'fake', LOG_LEVEL: 'info' });
    const before = component(dist);
    scrypt.mockClear();
    synth(dist, { TOKEN: 'fake', LOG_LEVEL: 'info' });
    expect([component(dist), scrypt.mock.calls.length]).toEqual([before, 0]);
    synth(dist, { TOKEN: 'fake', LOG_LEVEL: 'debug' });
    expect(component(dist)).not.toBe(before);
    synth(dist, { TOKEN: 'fake', LOG_LEVEL: 'info' });
    expect(component(dist)).toBe(before);
  });

  it('the checksum is made anew where somebody has put back the manifests of before', () => {
    const dist = place();
    synth(dist, { TOKEN: 'fake-one' });
    const before = component(dist);
    synth(dist, { TOKEN: 'fake-other' });
    cpSync(join(dist, 'x/previous/desk.k8s.yaml'), join(dist, 'x/desk.k8s.yaml'));
    const earlier = new Date(0); // as a copy that keeps times has it
    utimesSync(join(dist, 'x/desk.k8s.yaml'), earlier, earlier);
    // The whole folder is copied then, times kept, and by chance the Component last.
    utimesSync(join(dist, 'x/rollout/kustomization.yaml'), earlier, earlier);
    synth(dist, { TOKEN: 'fake-one' });
    expect(component(dist)).toBe(before);
    scrypt.mockClear();
    synth(dist, { TOKEN: 'fake-one' }); // it is known to be that of these manifests by now
    expect(scrypt.mock.calls.length).toBe(0);
  });
});

it('a checksum is not taken over where other pods load the same objects by now', () => {
  const [dist, fresh] = [place(), place()];
  const moved = defineCatalog({
    app: 'desk',
    bundles: { ...bundles, depot: { description: 'd', everyPod: true } },
    variables,
  });
  const values = { SPACE: 's', TOKEN: new Sensitive('fake'), KIOSK_KEY: new Sensitive('fake') } as never;
  const write = (folder: string, of: typeof catalog) => {
    const { filesFor } = createRenderer(of)({ environment: 'x', values });
    writeEnvironmentFolder(join(folder, 'x'), () => filesFor(join(folder, 'x')).files);
    return component(folder);
  };
  const before = write(dist, catalog);
  expect(write(dist, moved)).toBe(write(fresh, moved));
  expect(component(dist)).not.toBe(before);
});

it('a checksum is not taken over that an earlier version has made fast', () => {
  const [dist, fresh] = [place(), place()];
  const fast = (text: string, salt: string, length: number) =>
    crypto.createHash('sha256').update(salt).update('\0').update(text).digest().subarray(0, length);
  const scrypt = jest.spyOn(crypto, 'scryptSync').mockImplementation(fast as typeof crypto.scryptSync);
  synth(dist, { TOKEN: 'fake' });
  scrypt.mockRestore();
  const before = component(dist);
  synth(dist, { TOKEN: 'fake' });
  synth(fresh, { TOKEN: 'fake' });
  expect(component(dist)).toBe(component(fresh));
  expect(component(dist)).not.toBe(before);
});

it('while the manifests change there are checksums of nobody, also where the old manifests are gone', () => {
  const dist = place();
  synth(dist, base);
  rmSync(join(dist, 'x/desk.k8s.yaml'));
  const values = {
    SPACE: 's',
    ...Object.fromEntries(Object.entries(base).map(([name, value]) => [name, new Sensitive(value)])),
    LOG_LEVEL: 'debug',
  };
  const listed = () =>
    createRenderer(catalog)({ environment: 'x', values: values as never })
      .filesFor(join(dist, 'x'))
      .files.filter(({ name }) => name === 'rollout/kustomization.yaml')
      .map(({ text }) => text ?? '');
  const [unfinished = '', finished = ''] = listed();
  expect([unfinished, finished].map((text) => /checksum-[a-z]+\\":\\"unfinished-[0-9a-f]{16}\\"/.test(text))).toEqual([
    true,
    false,
  ]);
  expect(listed()[0]).not.toBe(unfinished); // nor those of another killed run
});

it('a run that was killed between the manifests and the Component leaves nothing that the next one takes over', () => {
  const render = createRenderer(catalog);
  // Only what the pods of the common bundle load is weak: each slow hash takes its time.
  const [one, other] = ['fake-one', 'fake-other'].map((token) => ({
    SPACE: 's',
    TOKEN: new Sensitive(token),
    DEPOT_KEY: new Sensitive(base.DEPOT_KEY),
    KIOSK_KEY: new Sensitive(base.KIOSK_KEY),
  }));
  const rendered = (dist: string, values: typeof one) =>
    render({ environment: 'x', values: values ?? {} } as never).filesFor(join(dist, 'x')).files;
  const whole = place();
  writeEnvironmentFolder(join(whole, 'x'), () => rendered(whole, other));
  const count = rendered(whole, one).length;
  for (let steps = 1; steps <= count; steps++) {
    for (const next of [one, other]) {
      const dist = place();
      writeEnvironmentFolder(join(dist, 'x'), () => rendered(dist, one));
      writeEnvironmentFolder(join(dist, 'x'), () => rendered(dist, other).slice(0, steps));
      writeEnvironmentFolder(join(dist, 'x'), () => rendered(dist, next));
      const fresh = place();
      writeEnvironmentFolder(join(fresh, 'x'), () => rendered(fresh, next));
      expect(component(dist)).toBe(component(fresh));
    }
  }
});

describe('what was there before the last change', () => {
  const other = defineCatalog({ app: 'counter', bundles, variables });
  const write = (dist: string, of: typeof catalog, token: string) => {
    const values = { SPACE: 's', TOKEN: new Sensitive(token), DEPOT_KEY: new Sensitive(base.DEPOT_KEY) };
    const { filesFor } = createRenderer(of)({ environment: 'x', values: values as never });
    writeEnvironmentFolder(join(dist, 'x'), () => filesFor(join(dist, 'x')).files);
  };

  it.each([
    ['another application', (dist: string) => write(dist, other, 'fake-third')],
    ['none, by hand', (dist: string) => rmSync(join(dist, 'x/desk.k8s.yaml'))],
  ])('is not what is older than the manifests of %s', (_whose, between) => {
    const dist = place();
    write(dist, catalog, 'fake-first');
    write(dist, catalog, 'fake-second');
    expect(existsSync(join(dist, 'x/previous/desk.k8s.yaml'))).toBe(true);
    between(dist);
    write(dist, catalog, 'fake-third');
    expect(existsSync(join(dist, 'x/previous'))).toBe(false);
  });

  it('goes before the manifests that it is not of, wherever that run is stopped', () => {
    const rename = fs.renameSync;
    for (let steps = 0; steps < 6; steps++) {
      const dist = place();
      write(dist, catalog, 'fake-first');
      write(dist, catalog, 'fake-second');
      rmSync(join(dist, 'x/desk.k8s.yaml'));
      let left = steps;
      const spy = jest.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
        if (left-- <= 0) throw Object.assign(new Error('stopped'), { code: 'EIO' });
        return rename(from, to);
      });
      write(dist, catalog, 'fake-third');
      spy.mockRestore();
      write(dist, catalog, 'fake-third');
      expect([steps, existsSync(join(dist, 'x/previous'))]).toEqual([steps, false]);
    }
  });

  itWithKubectl('is kept as a folder that kubectl applies, for its owner alone', () => {
    const dist = place();
    synth(dist, base);
    const before = kustomize(join(dist, 'x'));
    synth(dist, { ...base, LOG_LEVEL: 'debug' });
    synth(dist, { ...base, LOG_LEVEL: 'debug' }); // changes nothing
    expect(kustomize(join(dist, 'x/previous'))).toEqual(before);
  });
});

const root = join(__dirname, '../..');

itWithKubectl(
  'the example of workloads takes the folder in, and only the agent follows a key of the agent',
  async () => {
    const { run } = await import('../../test/run');
    const { catalog: product } = await import('../../test/fixture/readme/catalog');
    const folder = folderWith();
    for (const [from, to] of [
      ['examples', 'examples'],
      ['test/fixture/readme/envs', 'envs'],
    ] as const) {
      mkdirSync(dirname(join(folder, to)), { recursive: true });
      cpSync(join(root, from), join(folder, to), { recursive: true });
    }
    const envs = join(folder, 'envs');
    const rendered = async (...change: readonly string[]) => {
      const file = join(envs, 'demo.env');
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, change.length === 0 ? text : text.replace(...(change as [string, string])));
      const line = ['synth', 'demo', '--envs', envs, '--out', join(folder, 'dist')];
      expect(await run(line, { catalog: product })).toMatchObject({ status: 0 });
      const workloads = kustomize(join(folder, 'examples/workloads/overlays/demo')).filter(
        ({ kind }) => kind === 'Deployment',
      );
      return Object.fromEntries(workloads.map((object) => [object.metadata.name, annotationsOf(object)]));
    };
    const before = await rendered();
    const key = /^OPENAI_API_KEY=(.*)$/m.exec(readFileSync(join(envs, 'demo.env'), 'utf8'))?.[1] ?? '';
    const after = await rendered(`OPENAI_API_KEY=${key}`, 'OPENAI_API_KEY=fake-another-key');
    expect(changed(before, after)).toEqual(['agent']);
    expect(await rendered('OPENAI_API_KEY=fake-another-key', `OPENAI_API_KEY=${key}`)).toEqual(before);
  },
);

it('takes time that is linear in the length of a secret of which no four characters come twice', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
    .flatMap((each) => [each, each.toUpperCase()])
    .concat([...'0123456789']);
  /** The beginning of a de Bruijn sequence, by Duval's way from each Lyndon word to the next. */
  const sequence = (length: number) => {
    let text = '';
    for (let word = [0]; text.length < length; ) {
      if (4 % word.length === 0) text += word.map((at) => letters[at]).join('');
      word = Array.from({ length: 4 }, (_, at) => word[at % word.length] ?? 0);
      while (word.at(-1) === letters.length - 1) word.pop();
      word.push((word.pop() ?? 0) + 1);
    }
    return text.slice(0, length);
  };
  const work = (size: number) => {
    const value = sequence(size);
    const render = createRenderer(catalog);
    const values = { ...base, TOKEN: value, DEPOT_KEY: value, KIOSK_KEY: value, SPACE: 's' };
    const given = Object.entries(values).map(([name, each]) => [
      name,
      catalog.variables.get(name)?.sensitive ? new Sensitive(`${each}${value.slice(-4)}`) : each,
    ]);
    return () => render({ environment: 'x', values: Object.fromEntries(given) }).filesFor('nowhere');
  };
  expect(growth(work, 2 ** 14)).toBeLessThan(mostLinear);
});
