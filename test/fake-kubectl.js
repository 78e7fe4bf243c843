// @ts-nocheck: it reads JSON of any shape, as an API server does.
// A kubectl that plays an API server: no network, its state is a file of JSON beside it. It knows what this program asks of
// a cluster and refuses all else, so that a flag that kubectl does not have fails a test. It says in its errors what real
// ones may say: values of Secrets. The program starts a script of bash for each call, which asks this thread for the
// answer: a Node.js for each would take longer than all that the tests are about.
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:net');
const { join } = require('node:path');
const { workerData: port } = require('node:worker_threads');
const { parseAllDocuments } = require('yaml');

// Of the call that is being answered: one after the other.
let folder;
let args;
let input;
let state;
let calls;
let kinds;
let output;

/** What a call says on its standard error before it ends. */
class Failed extends Error {}

/** Status, standard error and standard output of a call, from the folder of its cluster, its words and its input. */
function answer(...given) {
  [folder, ...args] = given;
  input = args.pop();
  output = '';
  state = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
  kinds = kindsOf(state);
  appendFileSync(join(folder, 'calls'), `${JSON.stringify(args)}\n`);
  calls = readFileSync(join(folder, 'calls'), 'utf8').split('\n').length - 1;
  try {
    run(parse());
    return ['0', '', output];
  } catch (error) {
    if (!(error instanceof Failed)) appendFileSync(join(folder, 'misuse'), `${error.stack}\n`);
    return ['1', `${error.message}\n${state.leak ?? ''}\n`, output];
  }
}

/** A call sends the number of its words, then these; each ends with a NUL. */
const server = createServer((socket) => {
  let received = '';
  socket.setEncoding('utf8').on('data', (text) => {
    received += text;
    const [count, ...words] = received.split('\0').slice(0, -1);
    if (words.length === Number(count)) socket.end(answer(...words).join('\0'));
  });
});
server.listen(0, '127.0.0.1', () => {
  Atomics.store(port, 0, server.address().port);
  Atomics.notify(port, 0);
});

/** What each command takes; `=` ends those with a value. */
const flags = {
  config: ['--minify', '--output='],
  get: ['-n', '--selector', '--ignore-not-found', '--show-managed-fields', '--output='],
  apply: ['--server-side', '--force-conflicts', '-f', '--dry-run='],
  annotate: ['-n', '--overwrite'],
  patch: ['-n', '--type=', '--field-manager=', '--patch='],
  rollout: ['-n', '--timeout='],
  wait: ['-n', '--for=', '--timeout='],
  delete: ['-n', '--ignore-not-found', '--wait='],
};
const always = ['--context=', '--request-timeout='];
const withNextWord = ['-n', '--selector', '-f'];

function parse() {
  const [verb, ...rest] = args;
  if (!flags[verb]) misuse(`there is no command ${verb} here`);
  const words = [];
  const given = {};
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at];
    if (!word.startsWith('-') || word === '-' || /^[\w./-]+-$/.test(word)) {
      words.push(word);
      continue;
    }
    const [name, value] = word.includes('=') ? word.split(/=(.*)/s) : [word];
    const known = [...flags[verb], ...always].find((flag) => flag === name || flag === `${name}=`);
    if (!known || known.endsWith('=') !== (value !== undefined)) misuse(`${verb} has no flag ${name}`);
    given[name] = withNextWord.includes(name) ? rest[++at] : (value ?? true);
  }
  return { verb, words, given };
}

function misuse(message) {
  appendFileSync(join(folder, 'misuse'), `${message}\n`);
  fail(`error: ${message}`);
}

/** Ends with what a real one might add. */
function fail(message) {
  throw new Failed(message);
}

function save() {
  state.now += 1; // no two changes are of one second
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state, null, 1));
}

const kindsOf = ({ hasExternalSecrets }) => ({
  Secret: { plural: 'secrets', group: '' },
  ConfigMap: { plural: 'configmaps', group: '' },
  Namespace: { plural: 'namespaces', group: '', global: true },
  Pod: { plural: 'pods', group: '' },
  ServiceAccount: { plural: 'serviceaccounts', group: '' },
  Deployment: { plural: 'deployments', group: 'apps' },
  StatefulSet: { plural: 'statefulsets', group: 'apps' },
  DaemonSet: { plural: 'daemonsets', group: 'apps' },
  ReplicaSet: { plural: 'replicasets', group: 'apps' },
  Job: { plural: 'jobs', group: 'batch' },
  CronJob: { plural: 'cronjobs', group: 'batch' },
  ...(hasExternalSecrets && {
    ExternalSecret: { plural: 'externalsecrets.external-secrets.io', group: 'external-secrets.io' },
  }),
});

function kindOf(word) {
  const found = Object.entries(kinds).find(([kind, { plural }]) => [plural, kind.toLowerCase()].includes(word));
  if (!found) fail(`error: the server doesn't have a resource type "${word}"`);
  return found[0];
}

/** Whether the user may; what is asked for is written down. */
function may(verb, kind) {
  const { plural, group } = kinds[kind];
  const resource = plural.split('.')[0];
  appendFileSync(join(folder, 'used'), `${verb} ${group}/${resource}\n`);
  const { role } = state;
  return (
    !role ||
    role.some(
      (rule) => rule.apiGroups.includes(group) && rule.resources.includes(resource) && rule.verbs.includes(verb),
    )
  );
}

const forbidden = (verb, kind, name = '') =>
  `Error from server (Forbidden): ${kinds[kind].plural} ${JSON.stringify(name)} is forbidden: User "fake" cannot ${verb} resource "${kinds[kind].plural}" in API group "${kinds[kind].group}" in the namespace "x"`;

const timeNow = () => new Date(state.now * 1000).toISOString().replace('.000', '');
const find = (kind, name, namespace) =>
  state.objects.find(
    (each) =>
      each.kind === kind &&
      each.metadata.name === name &&
      (kinds[kind].global || each.metadata.namespace === namespace),
  );

function get({ words, given }) {
  const namespace = given['-n'];
  const errors = [];
  const items = [];
  const isNamed = words[0].includes('/');
  for (const word of isNamed ? words : words.join(',').split(',')) {
    const [type, name] = word.split('/');
    const kind = kindOf(type);
    const verb = isNamed ? 'get' : 'list';
    if (!may(verb, kind)) {
      errors.push(forbidden(verb, kind, name));
      continue;
    }
    if (isNamed) {
      const object = find(kind, name, namespace);
      if (object) items.push(object);
      else if (!given['--ignore-not-found']) errors.push(`Error from server (NotFound): ${word} not found`);
      continue;
    }
    const wanted = Object.fromEntries(
      (given['--selector'] ?? '')
        .split(',')
        .filter(Boolean)
        .map((each) => each.split('=')),
    );
    items.push(
      ...state.objects.filter(
        (each) =>
          each.kind === kind &&
          each.metadata.namespace === namespace &&
          Object.entries(wanted).every(([label, value]) => each.metadata.labels?.[label] === value),
      ),
    );
  }
  if (given['--output'] !== 'json') misuse('get is asked for JSON here');
  const shown = items.map((item) => {
    const { managedFields, ...metadata } = item.metadata;
    return { ...item, metadata: given['--show-managed-fields'] ? { ...metadata, managedFields } : metadata };
  });
  const isOne = isNamed && words.length === 1;
  const answer = isOne ? shown[0] : shown.length === 0 && isNamed ? undefined : { kind: 'List', items: shown };
  output = answer ? JSON.stringify(answer) : '';
  if (errors.length > 0) fail(errors.join('\n'));
}

const ownFields = (object) => ({
  ...(object.data && { 'f:data': Object.fromEntries(Object.keys(object.data).map((key) => [`f:${key}`, {}])) }),
  'f:metadata': {
    'f:labels': Object.fromEntries(Object.keys(object.metadata.labels ?? {}).map((key) => [`f:${key}`, {}])),
  },
});
const dataOf = (entry) => entry?.fieldsV1?.['f:data'] ?? {};
const labelsOf = (entry) => entry?.fieldsV1?.['f:metadata']?.['f:labels'] ?? {};

/** As the server merges what it is sent with what it has. */
function applyOne(wanted) {
  const { kind } = wanted;
  const { name, namespace } = wanted.metadata;
  const live = find(kind, name, namespace);
  if (!may('patch', kind)) return forbidden('patch', kind, name);
  if (!live && !may('create', kind)) return forbidden('create', kind, name);
  if (!kinds[kind].global && !find('Namespace', namespace))
    return `Error from server (NotFound): namespaces "${namespace}" not found`;
  if (state.admission) {
    return `Error from server: admission webhook "policy.example.com" denied the request: ${JSON.stringify(wanted.data)}`;
  }
  const entry = { manager: 'kubectl', operation: 'Apply', time: timeNow(), fieldsV1: ownFields(wanted) };
  if (!live) {
    const creationTimestamp = timeNow();
    state.objects.push({ ...wanted, metadata: { ...wanted.metadata, creationTimestamp, managedFields: [entry] } });
    return undefined;
  }
  if (wanted.type && live.type !== wanted.type) {
    return `The ${kind} "${name}" is invalid: data: Forbidden: field is immutable: ${JSON.stringify(live.data)}`;
  }
  const managers = live.metadata.managedFields ?? [];
  const isOwn = ({ manager, operation }) =>
    (manager === 'kubectl' && operation === 'Apply') || manager === 'kubectl-client-side-apply';
  const [own, others] = [managers.filter(isOwn), managers.filter((each) => !isOwn(each))];
  const data = { ...live.data };
  const labels = { ...live.metadata.labels };
  for (const [map, fieldsOf, given] of [
    [data, dataOf, wanted.data ?? {}],
    [labels, labelsOf, wanted.metadata.labels ?? {}],
  ]) {
    for (const key of own.flatMap((each) => Object.keys(fieldsOf(each)).map((field) => field.slice(2)))) {
      if (!(key in given) && !others.some((each) => `f:${key}` in fieldsOf(each))) delete map[key];
    }
    for (const [key, value] of Object.entries(given)) {
      for (const other of map[key] === value ? [] : others) delete fieldsOf(other)[`f:${key}`];
      map[key] = value;
    }
  }
  const same = (one, other) => JSON.stringify(sorted(one ?? {})) === JSON.stringify(sorted(other ?? {}));
  const spec = wanted.spec && { ...live.spec, ...wanted.spec };
  // Where no value changes, the server leaves the time of the entry as it is, and gives a new entry none.
  if (same(data, live.data) && same(labels, live.metadata.labels) && same(spec, wanted.spec && live.spec)) {
    const [before] = own.filter(({ operation }) => operation === 'Apply');
    entry.time = before?.time;
  }
  if (spec) live.spec = spec;
  live.data = data;
  live.metadata.labels = labels;
  live.metadata.managedFields = [...others, entry];
  const copy = 'kubectl.kubernetes.io/last-applied-configuration';
  if (live.metadata.annotations?.[copy]) live.metadata.annotations[copy] = JSON.stringify(wanted);
  return undefined;
}

function sorted(value) {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function apply({ given }) {
  if (given['-f'] !== '-' || !given['--server-side'] || !given['--force-conflicts'])
    misuse('apply is called otherwise here');
  const errors = [];
  const documents = parseAllDocuments(input)
    .map((each) => each.toJS())
    .filter(Boolean);
  for (const wanted of documents.slice(0, state.applyOnly ?? documents.length)) {
    const error = applyOne(wanted);
    if (error) errors.push(error);
  }
  state.role = state.roleAfterApply ?? state.role;
  for (const { kind, metadata, data } of state.objects)
    Object.assign(data ?? {}, state.overwritten?.[`${kind}/${metadata.name}`]);
  const isGone = ({ metadata }) => state.goneAfterApply?.some((name) => metadata.name.startsWith(name));
  state.objects = state.objects.filter((object) => !isGone(object));
  save();
  if (state.applyOnly !== undefined) fail('error: it was killed here');
  if (errors.length > 0) fail(errors.join('\n'));
}

function objectFor(word, namespace, ...verbs) {
  const [type, name] = word.split('/');
  const kind = kindOf(type);
  for (const verb of verbs) if (!may(verb, kind)) fail(forbidden(verb, kind, name));
  const object = find(kind, name, namespace);
  if (!object) fail(`Error from server (NotFound): ${word} not found`);
  return object;
}

function annotate({ words, given }) {
  if (!given['--overwrite']) misuse('annotate is called otherwise here');
  const isObject = (word) => /^(?:secret|configmap)\/[^=]*[^-=]$/.test(word);
  for (const word of words.filter(isObject)) {
    const { metadata } = objectFor(word, given['-n'], 'get', 'patch');
    metadata.annotations ??= {};
    for (const change of words.filter((each) => !isObject(each))) {
      const [, name, value] = /^(.+?)(?:-|=(.*))$/.exec(change) ?? misuse(`annotate takes no ${change}`);
      if (value === undefined) delete metadata.annotations[name];
      else metadata.annotations[name] = value;
    }
  }
  save();
}

const templateOf = (object) =>
  object.kind === 'CronJob' ? object.spec.jobTemplate.spec.template : object.spec.template;

/** What a controller does of it: other pods, from the next second on. */
function rollOut(object) {
  const { kind, metadata } = object;
  const { name, namespace } = metadata;
  state.rolls[`${kind}/${name}`] = (state.rolls[`${kind}/${name}`] ?? 0) + 1;
  if (!state.controllers || kind === 'CronJob') return;
  object.status = { ...object.status, observedGeneration: metadata.generation };
  state.now += 1;
  const owns = (each, owner) => each.metadata.ownerReferences?.[0]?.name === owner.metadata.name;
  const sets = state.objects.filter((each) => each.kind === 'ReplicaSet' && owns(each, object));
  const owner = kind === 'Deployment' ? replicaSet(object, sets.length + 1) : object;
  const parents = [object, ...sets];
  const before = state.objects.filter((each) => each.kind === 'Pod' && parents.some((parent) => owns(each, parent)));
  state.objects = state.objects.filter((each) => !before.includes(each));
  if (owner !== object) state.objects.push(owner);
  for (const old of before) {
    state.objects.push({
      kind: 'Pod',
      metadata: {
        name: `${old.metadata.name}-next`,
        namespace,
        annotations: templateOf(object).metadata.annotations,
        ownerReferences: [{ kind: owner.kind, name: owner.metadata.name, controller: true }],
      },
      spec: old.spec,
      status: {
        phase: 'Running',
        startTime: timeNow(),
        containerStatuses: old.spec.containers.map((each) => ({
          name: each.name,
          state: { running: { startedAt: timeNow() } },
        })),
      },
    });
  }
}

function replicaSet({ kind, metadata }, revision) {
  return {
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${revision}`,
      namespace: metadata.namespace,
      annotations: { 'deployment.kubernetes.io/revision': String(revision) },
      ownerReferences: [{ kind, name: metadata.name, controller: true }],
    },
  };
}

function annotateTemplate(object, annotations, manager) {
  const template = templateOf(object);
  const before = JSON.stringify(template);
  template.metadata ??= {};
  template.metadata.annotations = { ...template.metadata.annotations, ...annotations };
  if (JSON.stringify(template) === before) return;
  object.metadata.generation = (object.metadata.generation ?? 1) + 1;
  const fields = Object.fromEntries(Object.keys(annotations).map((key) => [`f:${key}`, {}]));
  object.metadata.managedFields = [
    ...(object.metadata.managedFields ?? []).filter((each) => each.manager !== manager),
    {
      manager,
      operation: 'Update',
      time: timeNow(),
      fieldsV1: { 'f:spec': { 'f:template': { 'f:metadata': { 'f:annotations': fields } } } },
    },
  ];
  rollOut(object);
}

function patch({ words, given }) {
  const object = objectFor(words[0], given['-n'], 'get', 'patch');
  if (given['--type'] === 'json') return patchByOperations(object, JSON.parse(given['--patch']));
  if (given['--type'] !== 'merge' || given['--field-manager'] !== 'kubectl') misuse('patch is called otherwise here');
  const { spec } = JSON.parse(given['--patch']);
  const template = object.kind === 'CronJob' ? spec.jobTemplate.spec.template : spec.template;
  annotateTemplate(object, template.metadata.annotations, given['--field-manager']);
  save();
}

/** A JSON patch, RFC 6902: the server makes it, and looks at the version then. */
function patchByOperations(object, operations) {
  const version = object.metadata.resourceVersion;
  for (const { op, path, value } of operations) {
    const names = path.split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = names.pop();
    const holder = names.slice(1).reduce((each, name) => each?.[name], object);
    if (op === 'remove' && !(holder && last in holder)) {
      fail('The request is invalid: the server rejected our request due to an error in our request');
    }
    if (op === 'remove') delete holder[last];
    else holder[last] = value;
  }
  if (object.metadata.resourceVersion !== version)
    fail('Error from server (Conflict): the object has been modified; please apply your changes to the latest version');
  save();
}

function rollout({ words: [what, ...names], given }) {
  if (what === 'restart') {
    for (const name of names) {
      const object = objectFor(name, given['-n'], 'get', 'patch');
      annotateTemplate(object, { 'kubectl.kubernetes.io/restartedAt': timeNow() }, 'kubectl-rollout');
      save();
    }
    return;
  }
  if (what !== 'status' || names.length !== 1) misuse('rollout is called otherwise here');
  objectFor(names[0], given['-n'], 'get', 'list', 'watch');
  if ((state.neverReady ?? []).includes(names[0])) fail('error: timed out waiting for the condition');
}

function wait({ words, given }) {
  if (given['--for'] !== 'condition=Ready') misuse('wait is called otherwise here');
  for (const word of words) objectFor(word, given['-n'], 'get', 'list', 'watch');
  const late = words.find((word) => (state.neverReady ?? []).includes(word));
  if (late) fail(`error: timed out waiting for the condition on ${late}`);
  const isNew =
    ({ kind, metadata }) =>
    (each) =>
      each.kind === kind && each.metadata.name === metadata.name;
  for (const fetched of state.fetchedMeanwhile ?? [])
    state.objects = [...state.objects.filter((each) => !isNew(fetched)(each)), fetched];
  save();
}

function remove({ words, given }) {
  for (const word of words) {
    const object = objectFor(word, given['-n'], 'delete');
    state.objects = state.objects.filter((each) => each !== object);
    state.role = state.roleAfterDelete ?? state.role;
    save();
  }
}

function config({ words: [what], given }) {
  const context = given['--context'] ?? state.current;
  if (what === 'get-contexts') {
    output = Object.keys(state.contexts)
      .map((name) => `${name}\n`)
      .join('');
    return;
  }
  if (!context) fail('error: current-context is not set');
  if (what === 'current-context') {
    output = `${context}\n`;
    return;
  }
  const cluster = state.contexts[context];
  if (cluster === undefined) fail(`error: cannot locate context ${context}`);
  output = JSON.stringify({ contexts: [{ name: context, context: { cluster } }] });
}

const work = { config, get, apply, annotate, patch, rollout, wait, delete: remove };

function run(parsed) {
  if (parsed.verb !== 'config' && state.contexts[parsed.given['--context']] === undefined)
    misuse('no context is pinned');
  if (state.failAt === calls && !state.failAfterwards) fail(state.failWith ?? 'error: it was killed here');
  const failure = state.failures?.[parsed.verb] ?? state.failures?.[`${parsed.verb} ${parsed.words[0]}`];
  if (failure) fail(failure);
  work[parsed.verb](parsed);
  if (state.failAt === calls && state.failAfterwards) fail('error: it was killed here');
}
