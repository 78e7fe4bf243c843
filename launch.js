'use strict';

// Runs main.ts. TypeScript and everything it imports are bundled into one file, which is kept for as long as nothing
// that it was made from changes: the next run after an edit always sees the edit.

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const root = __dirname;
const cache = path.join(root, 'node_modules', '.cache', 'voice-agent-config');

/** What decides the bundle besides the sources: the dependencies, locked and installed, and how it is made. */
const otherInputs = ['package-lock.json', 'node_modules/.package-lock.json', 'tsconfig.json', 'launch.js'];

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

/** A hash of every input: contents, not times, since an edit can keep a file's time and size. */
function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  for (const name of [...otherInputs, 'main.ts', ...sourcesIn('lib').sort(), ...sourcesIn('imports').sort()]) {
    const content = fs.readFileSync(path.join(root, name));
    hash.update(`\0${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}

/**
 * @param {string} file where the bundle is to be kept
 * @returns {string} its code
 */
function bundle(file) {
  const { outputFiles } = require('esbuild').buildSync({
    entryPoints: [path.join(root, 'main.ts')],
    absWorkingDir: root,
    outfile: file,
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'error',
  });
  for (const { path: name, contents } of outputFiles) keep(name, contents);
  return outputFiles.find(({ path: name }) => name === file)?.text ?? '';
}

/**
 * Keeps a file for the next run. Whole or not at all: other runs may be doing the same.
 * @param {string} file
 * @param {Uint8Array} contents
 */
function keep(file, contents) {
  // Where nothing can be kept, every run makes its own.
  try {
    fs.mkdirSync(cache, { recursive: true });
  } catch {
    return;
  }
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    fs.writeFileSync(temporary, contents);
    fs.renameSync(temporary, file);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

if (!fs.existsSync(path.join(root, 'node_modules', '.package-lock.json'))) {
  process.stderr.write('The dependencies are not installed yet. Run: npm ci\n');
  process.exit(1);
}
const file = path.join(cache, `${fingerprint()}.js`);
const code = readIfThere(file) ?? bundle(file);
if (process.env['DEBUG']) process.setSourceMapsEnabled(true); // stacks then show TypeScript files and lines
const compiled = /** @type {any} */ (new Module(file));
compiled._compile(code, file); // what require() itself calls; the code is in memory already
compiled.exports.start();
