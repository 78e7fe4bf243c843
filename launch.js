#!/usr/bin/env -S node --
'use strict';

// Runs main.ts. TypeScript and everything it imports are bundled into one file, which is kept, with what V8 compiled of
// it, for as long as nothing that it was made from changes: the next run after an edit always sees the edit. Where
// catalog.ts imports files of the team's own it is made for each run: too many things decide where such imports lead.
// docs/performance.md says why, and what it is worth.

// An old Node.js is to get as far as this: no syntax in this file is newer than Node.js 12, and no module comes before.
const oldestNode = 20;
/** The status of a run that comes to nothing: for diff, 1 means a difference. */
const failure = process.argv[2] === 'diff' ? 3 : 1;
if (parseInt(process.version.slice(1), 10) < oldestNode) {
  process.stderr.write(`Node.js ${oldestNode} or later is needed; this is ${process.version}. With nvm: nvm install\n`);
  process.exit(failure);
}

/** Whoever has started this: it may be gone by the time the program is there. */
const parent = process.ppid;

const { isAscii } = require('node:buffer');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { getSystemErrorMap } = require('node:util');
const { Script } = require('node:vm');

const root = __dirname;
if (!fs.existsSync(path.join(root, 'main.ts'))) {
  process.stderr.write('This is the library alone: its commands run in a checkout of the program\n');
  process.exit(failure);
}

const { noCache, openCache } = require('./launch-cache');

const cacheFolder = path.join(root, 'node_modules', '.cache', 'launch');

/** What decides the bundle besides the sources: the dependencies, locked and installed, and how it is made. */
const otherInputs = [
  'package.json',
  'package-lock.json',
  'node_modules/.package-lock.json',
  'tsconfig.json',
  'launch.js',
  'launch-cache.js',
];

/**
 * The TypeScript files of a folder that a run may import.
 * @param {string} folder relative to the root
 * @returns {string[]}
 */
function sourcesIn(folder) {
  const entries = fs.readdirSync(`${root}/${folder}`, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourcesIn(name);
    return name.endsWith('.ts') && !name.endsWith('.test.ts') ? [name] : [];
  });
}

/**
 * Only what is not there is as good as empty: what could not be read this time may be different the next time.
 * @param {string} name relative to the root
 */
function contentOf(name) {
  try {
    return fs.readFileSync(`${root}/${name}`);
  } catch (error) {
    const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code)) return Buffer.alloc(0);
    throw error;
  }
}

/** The sources that every bundle is made of, and what else decides it. */
function sources() {
  return [...otherInputs, 'main.ts', 'catalog.ts', ...sourcesIn('lib').sort(), ...sourcesIn('imports').sort()];
}

/**
 * A hash of files: contents, not times, since an edit can keep a file's time and size.
 * @param {readonly string[]} names relative to the root
 */
function fingerprintOf(names) {
  const hash = createHash('sha256').update(process.version);
  for (const name of names) {
    const content = contentOf(name);
    hash.update(`\0${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}

/**
 * What the bundle of these sources and these files of dependencies is called. The lock files, hashed above, say which
 * dependencies there are; size and time tell of the one that was edited in place, or that is a link to a folder.
 * @param {string} fingerprint of the sources
 * @param {readonly string[]} dependencies files of theirs, relative to the root
 */
function bundleName(fingerprint, dependencies) {
  const states = dependencies.map((name) => {
    const { size, mtimeMs } = fs.statSync(`${root}/${name}`, { throwIfNoEntry: false }) || {};
    return `\0${name}\0${size}\0${mtimeMs}`;
  });
  const hash = createHash('sha256').update(fingerprint + states.join(''));
  return `${hash.digest('hex').slice(0, 32)}.js`;
}

/** @param {string} fingerprint of the sources */
const dependenciesName = (fingerprint) => `${fingerprint}.dependencies`;

/**
 * The bundle of what is there now, if an earlier run made it.
 * @param {import('./launch-cache').Cache} cache
 */
function findBundle(cache) {
  const fingerprint = fingerprintOf(sources());
  const list = cache.read(dependenciesName(fingerprint));
  if (list === undefined) return undefined;
  const name = bundleName(fingerprint, list.toString().split('\n'));
  const code = cache.read(name);
  // Of ASCII, which it nearly always is, this encoding has nothing to decode.
  return code === undefined ? undefined : { name, code: code.toString(isAscii(code) ? 'latin1' : 'utf8') };
}

/**
 * Where one of these files has a key twice in one object: JavaScript takes the last.
 * @param {readonly import('esbuild').Message[]} warnings
 * @param {readonly string[]} files
 */
function namesGivenTwice(warnings, files) {
  return warnings.flatMap(({ id, text, location }) =>
    id === 'duplicate-object-key' && location && files.includes(location.file)
      ? [{ name: (/"(.*)"/.exec(text) || [])[1], file: location.file, line: location.line }]
      : [],
  );
}

/**
 * @param {import('./launch-cache').Cache} cache
 * @returns {{ name?: string, code: string }} what it is kept as, if it can be kept, and the bundle itself
 * @throws {import('esbuild').BuildFailure} if a line cannot be read
 */
function makeBundle(cache) {
  const before = fingerprintOf(sources());
  const sourcemap = process.env['DEBUG'] ? 'inline' : false;
  const { outputFiles, metafile, warnings } = withEsbuild((esbuild) =>
    esbuild.buildSync({
      entryPoints: [path.join(root, 'main.ts')],
      absWorkingDir: root,
      outfile: path.join(cacheFolder, 'bundle.js'),
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      target: `node${oldestNode}`,
      sourcemap,
      sourcesContent: false,
      // Without comments and blanks it is two thirds as long and plain ASCII, which is read in a fifth of the time.
      minifyWhitespace: true,
      legalComments: 'none',
      logLevel: 'silent', // what is wrong is said below
    }),
  );
  const known = sources();
  const fingerprint = fingerprintOf(known);
  // Edited meanwhile: this may be neither the old version nor the new one.
  if (fingerprint !== before) return makeBundle(cache);

  const inputs = Object.keys(metafile.inputs).filter((name) => !known.includes(name));
  const dependencies = inputs.filter((name) => /(?:^|\/)node_modules\//.test(name));
  const files = ['catalog.ts', ...inputs.filter((name) => !dependencies.includes(name))];
  // What is not there may be there the next time.
  const { imports } = metafile.inputs['catalog.ts'] || { imports: [] };
  const lacksNothing = imports.every(({ external, path: name }) => !external || Module.isBuiltin(name));
  const givenTwice = namesGivenTwice(warnings, files);
  const program = asAscii(outputFiles.map(({ text }) => text).join(''));
  const code = `${program};module.exports.seen=${JSON.stringify({ givenTwice, files })};`;
  if (files.length > 1 || !lacksNothing) return { code };
  const [list, name] = [dependenciesName(fingerprint), bundleName(fingerprint, dependencies)];
  if (cache.keep(list, dependencies.join('\n')) && cache.keep(name, code)) cache.prune([list, name]);
  return { name, code };
}

/**
 * Code with every character beyond ASCII as an escape, which means the same in a text and in a regular expression, where
 * esbuild leaves them. One such character makes V8 read all of the code twice as slowly.
 * @param {string} code
 */
function asAscii(code) {
  // Behind a backslash it would mean something else.
  return code.replace(/(?<!\\)[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Calls esbuild with an environment of its own: the program that it starts needs nothing of ours, which may hold secrets,
 * and a variable of ours could name another program. Without its worker thread: where that cannot be started, it waits
 * for ever.
 * @template T
 * @param {(esbuild: typeof import('esbuild')) => T} call
 */
function withEsbuild(call) {
  const childProcess = require('node:child_process');
  const { env } = process;
  const { execFileSync } = childProcess;
  const little = { ESBUILD_WORKER_THREADS: '0', SystemRoot: env['SystemRoot'] };
  process.env = little;
  // From Node.js 26 on, a program that is started gets what was there at first.
  childProcess.execFileSync = /** @type {any} */ (
    (/** @type {string} */ file, /** @type {string[]} */ args, /** @type {object} */ options) =>
      execFileSync(file, args, { ...options, env: little })
  );
  try {
    return call(require('esbuild'));
  } finally {
    process.env = env;
    childProcess.execFileSync = execFileSync;
  }
}

/**
 * Says which line cannot be read.
 * @param {import('esbuild').BuildFailure} failure
 */
function explainBuild({ errors }) {
  // Notes that name no place are advice on esbuild's own options.
  const plain = errors.map((each) => ({ ...each, notes: each.notes.filter(({ location }) => location) }));
  const color = process.stderr.isTTY && !process.env['NO_COLOR'];
  const texts = withEsbuild((esbuild) => esbuild.formatMessagesSync(plain, { kind: 'error', color }));
  process.stderr.write(texts.join(''));
  if (errors.some(({ text }) => text === 'Could not resolve "./catalog"')) {
    process.stderr.write(
      'catalog.ts, which declares the variables, is not there: git status, or git log -- catalog.ts, tells what became of it\n',
    );
  } else if (errors.some(({ text }) => text.startsWith('Could not resolve'))) {
    process.stderr.write('A package is installed by npm install; the path of a file begins with ./\n');
  }
}

/**
 * Loads the bundle as a module. What V8 compiled of it is kept for each command: that saves a fifth of the whole time.
 * @param {{ name?: string, code: string }} bundle
 * @param {import('./launch-cache').Cache} cache
 */
function load({ name, code }, cache) {
  const file = path.join(cacheFolder, name || 'bundle.js');
  const module = /** @type {any} */ (new Module(file));
  if (process.env['DEBUG']) {
    process.setSourceMapsEnabled(true); // stacks then show TypeScript files and lines
    module._compile(code, file); // what require() itself calls
    return module.exports;
  }
  const command = process.argv[2] || '';
  const compiled = name && /^[a-z-]+$/.test(command) ? `${name}.${command}.v8` : undefined;
  const cachedData = compiled === undefined ? undefined : cache.read(compiled);
  const script = new Script(Module.wrap(code), { filename: file, ...(cachedData && { cachedData }) });
  if (compiled !== undefined && (!cachedData || script.cachedDataRejected)) {
    // V8 compiles a function when it is first called, so that after the work is the time to keep what it needed.
    process.once('exit', (status) => {
      if (status === 0 && !process.argv.includes('--help')) cache.keep(compiled, script.createCachedData());
    });
  }
  script.runInThisContext()(module.exports, require, module, file, cacheFolder);
  return module.exports;
}

/**
 * One line on standard error. The error itself may hold the environment that esbuild was started with.
 * @param {unknown} error
 */
function explain(error) {
  const { code, errno, message, path: file, stack, syscall } = /** @type {NodeJS.ErrnoException} */ (error);
  const [, words] = (errno !== undefined && getSystemErrorMap().get(errno)) || [];
  const reason = words ? `${words} (${code})` : message.split('\n')[0];
  const isOurs = file !== undefined && !String(syscall).startsWith('spawn');
  const hint = isOurs ? `Look at ${path.relative(root, file)}` : 'Try: npm ci';
  process.stderr.write(
    `The program could not be bundled: ${reason}. ${code === 'EMFILE' ? 'Raise the limit: ulimit -n 1024' : hint}\n`,
  );
  if (process.env['DEBUG']) process.stderr.write(`${stack}\n`);
}

/**
 * Keeps what NODE_DEBUG asks Node.js for from being written: it shows the environment of every program that is started,
 * and what is read. Node.js looks at NODE_DEBUG before anything of ours runs, so that it cannot be unset any more.
 */
function silenceNodeDebug() {
  const { stderr } = process;
  const write = /** @type {(...args: unknown[]) => boolean} */ (stderr.write.bind(stderr));
  stderr.write = (/** @type {unknown[]} */ ...args) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 10;
    const { stack } = new Error();
    Error.stackTraceLimit = stackTraceLimit;
    return String(stack).includes('node:internal/util/debuglog') || write(...args);
  };
}

/** @param {string} reason */
function warn(reason) {
  process.stderr.write(`The launcher can keep nothing, so each run takes longer: ${reason}\n`);
}

/** Whether all dependencies are in folders above, as those of a workspace. */
function isInstalledAbove() {
  const { dependencies, peerDependencies } = JSON.parse(contentOf('package.json').toString());
  const [, ...above] = require.resolve.paths('any') || [];
  return Object.keys({ ...dependencies, ...peerDependencies }).every((name) =>
    above.some((folder) => fs.existsSync(path.join(folder, name, 'package.json'))),
  );
}

/** A workspace may have no folder of its own for its dependencies, in which the cache is. */
function makeRoomForCache() {
  const modules = path.join(root, 'node_modules');
  if (fs.existsSync(modules)) return;
  try {
    fs.mkdirSync(modules);
  } catch {
    // Then nothing is kept.
  }
}

/** Runs the program, or says why it cannot be run. */
function launch() {
  if (process.env['NODE_DEBUG']) silenceNodeDebug();
  // npm writes this list last.
  if (!fs.existsSync(path.join(root, 'node_modules', '.package-lock.json'))) {
    if (!isInstalledAbove()) {
      process.stderr.write('The dependencies are not installed yet. Run: npm ci\n');
      process.exitCode = failure;
      return;
    }
    makeRoomForCache();
  }
  // What is kept has no map of its sources, which stacks need.
  const cache = process.env['DEBUG'] ? noCache : openCache(cacheFolder, warn);
  let bundle;
  try {
    bundle = findBundle(cache) || makeBundle(cache);
  } catch (error) {
    process.exitCode = failure;
    if (error instanceof Error && 'errors' in error) explainBuild(/** @type {any} */ (error));
    else explain(error);
    return;
  }
  const program = load(bundle, cache);
  program.start(program.seen, parent);
}

launch();
