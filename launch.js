'use strict';

// Runs main.ts. TypeScript and everything it imports are bundled into one file, which is kept, with what V8 compiled of
// it, for as long as nothing that it was made from changes: the next run after an edit always sees the edit.
// docs/performance.md says why, and what it is worth.

const { createHash, randomBytes } = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { Script } = require('node:vm');

const root = __dirname;
const cache = path.join(root, 'node_modules', '.cache', 'voice-agent-config');

/** Bundles of other versions of the sources that are kept, so that switching branches to and fro costs nothing. */
const otherVersions = 3;

/** What decides the bundle besides the sources: the dependencies, locked and installed, and how it is made. */
const otherInputs = [
  'package.json',
  'package-lock.json',
  'node_modules/.package-lock.json',
  'tsconfig.json',
  'launch.js',
];

/**
 * The TypeScript files of a folder that a run may import.
 * @param {string} folder relative to the root
 * @returns {string[]}
 */
function sourcesIn(folder) {
  const entries = fs.readdirSync(path.join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourcesIn(name);
    return name.endsWith('.ts') && !name.endsWith('.test.ts') ? [name] : [];
  });
}

/** A hash of the sources: contents, not times, since an edit can keep a file's time and size. */
function fingerprintOfSources() {
  const hash = createHash('sha256').update(process.version);
  for (const name of [...otherInputs, 'main.ts', ...sourcesIn('lib').sort(), ...sourcesIn('imports').sort()]) {
    const content = readIfThere(path.join(root, name)) ?? '';
    hash.update(`\0${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}

/**
 * Where the bundle of these sources and these files of dependencies is kept. The lock files, hashed above, say which
 * dependencies there are; size and time tell of the one that was edited in place, or that is a link to a folder.
 * @param {string} sources
 * @param {string} dependencies a path relative to the root on each line
 */
function bundleFile(sources, dependencies) {
  const hash = createHash('sha256').update(sources);
  for (const name of dependencies.split('\n')) {
    const stat = fs.statSync(path.join(root, name), { throwIfNoEntry: false });
    hash.update(`\0${name}\0${stat?.size}\0${stat?.mtimeMs}`);
  }
  return path.join(cache, `${hash.digest('hex').slice(0, 32)}.js`);
}

/** @param {string} sources their fingerprint */
const dependenciesFile = (sources) => path.join(cache, `${sources}.dependencies`);

/** The bundle of what is there now, if an earlier run made it. */
function findBundle() {
  const sources = fingerprintOfSources();
  const dependencies = readIfThere(dependenciesFile(sources));
  if (dependencies === undefined) return undefined;
  const file = bundleFile(sources, dependencies);
  const code = readIfThere(file);
  return code === undefined ? undefined : { file, code };
}

/**
 * @returns {{ file: string, code: string }} where it is kept, if anything can be, and the bundle itself
 * @throws {import('esbuild').BuildFailure} after esbuild has said which line it cannot read
 */
function makeBundle() {
  const sources = fingerprintOfSources();
  const { outputFiles, metafile } = require('esbuild').buildSync({
    entryPoints: [path.join(root, 'main.ts')],
    absWorkingDir: root,
    outfile: path.join(cache, 'bundle.js'),
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node20',
    sourcemap: 'external',
    sourcesContent: false,
    // Without comments and blanks it is two thirds as long and plain ASCII, which is read in a fifth of the time.
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'error',
  });
  // Edited meanwhile: this is neither the old version nor the new one.
  if (sources !== fingerprintOfSources()) return makeBundle();

  const [map, bundle] = outputFiles;
  if (!map || !bundle) throw new Error('esbuild made no bundle');
  const inputs = Object.keys(metafile.inputs).filter((name) => name.includes('node_modules/'));
  const dependencies = inputs.join('\n');
  const file = bundleFile(sources, dependencies);
  const mapUrl = keep(`${file}.map`, map.contents)
    ? `${path.basename(file)}.map`
    : `data:application/json;base64,${Buffer.from(map.contents).toString('base64')}`;
  const code = `${bundle.text}//# sourceMappingURL=${mapUrl}\n`;
  if (keep(dependenciesFile(sources), dependencies) && keep(file, code)) prune();
  return { file, code };
}

/**
 * Keeps a file for later runs. Whole or not at all: other runs may be doing the same.
 * @param {string} file
 * @param {string | Uint8Array} contents
 * @returns whether it could; where nothing can be kept, every run makes its own
 */
function keep(file, contents) {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(temporary, contents, { flag: 'wx', flush: true });
    fs.renameSync(temporary, file);
    return true;
  } catch {
    removeIfThere(temporary);
    return false;
  }
}

/**
 * Removes whatever is older than the last few bundles. A run that misses what it was about to read makes its own, and
 * one that has read it needs it no more.
 */
function prune() {
  const files = fs.readdirSync(cache).map((name) => {
    const file = path.join(cache, name);
    return { file, made: fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  });
  const bundles = files.filter(({ file }) => file.endsWith('.js')).sort((a, b) => b.made - a.made);
  const tooOld = bundles[1 + otherVersions]?.made ?? 0;
  for (const { file, made } of files) if (made <= tooOld) removeIfThere(file);
}

/** @param {string} file */
function removeIfThere(file) {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Nothing depends on it.
  }
}

/** @param {string} file */
function readBytesIfThere(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

/** @param {string} file */
const readIfThere = (file) => readBytesIfThere(file)?.toString('utf8');

/** @param {Uint8Array} bytes */
const checksum = (bytes) => createHash('sha256').update(bytes).digest();

/**
 * V8 itself looks at the head of what it compiled, no further: of 60 damaged files it crashed on 28.
 * @param {string} file
 * @param {Uint8Array} compiled
 */
function keepCompiled(file, compiled) {
  keep(file, Buffer.concat([checksum(compiled), compiled]));
}

/** @param {string} file */
function readCompiled(file) {
  const bytes = readBytesIfThere(file);
  if (bytes === undefined) return undefined;
  const compiled = bytes.subarray(32);
  return checksum(compiled).equals(bytes.subarray(0, 32)) ? compiled : undefined;
}

/**
 * Loads the bundle as a module. What V8 compiled of it is kept for each command: that saves a fifth of the whole time.
 * @param {string} file
 * @param {string} code
 */
function load(file, code) {
  const module = /** @type {any} */ (new Module(file));
  if (process.env['DEBUG']) {
    process.setSourceMapsEnabled(true); // stacks then show TypeScript files and lines
    module._compile(code, file); // what require() itself calls
    return module.exports;
  }
  const command = process.argv[2] ?? '';
  const compiled = /^[a-z]+$/.test(command) ? `${file}.${command}.v8` : undefined;
  const cachedData = compiled === undefined ? undefined : readCompiled(compiled);
  const script = new Script(Module.wrap(code), { filename: file, ...(cachedData && { cachedData }) });
  if (compiled !== undefined && (!cachedData || script.cachedDataRejected)) {
    // V8 compiles a function when it is first called, so that after the work is the time to keep what it needed.
    process.once('exit', (status) => {
      if (status === 0 && !process.argv.includes('--help')) keepCompiled(compiled, script.createCachedData());
    });
  }
  script.runInThisContext()(module.exports, require, module, file, cache);
  return module.exports;
}

/** Runs the program, or says why it cannot be run. */
function launch() {
  if (!fs.existsSync(path.join(root, 'node_modules', '.package-lock.json'))) {
    process.stderr.write('The dependencies are not installed yet. Run: npm ci\n');
    process.exitCode = 1;
    return;
  }
  let bundle = findBundle();
  try {
    bundle ??= makeBundle();
  } catch (error) {
    if (!(error instanceof Error && 'errors' in error)) throw error;
    process.exitCode = 1; // esbuild has printed what is wrong, and where
    return;
  }
  load(bundle.file, bundle.code).start();
}

launch();
