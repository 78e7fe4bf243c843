'use strict';

// The files that launch.js keeps for later runs. What is read from here is run, so nothing is read that somebody else
// may have written. SECURITY.md says who that is.

const { createHash, randomBytes } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

/** Bundles of other versions of the sources that are kept, so that switching branches to and fro costs nothing. */
const otherVersions = 3;

/** Milliseconds after which a file that is being kept is what a killed run left. Who needs longer keeps nothing. */
const longestKeeping = 60_000;

/** What is kept here, what earlier versions kept, and what a killed run leaves of it. Nothing else is ever removed. */
const ownName = /^[0-9a-f]{32}\.(?:dependencies|js(?:\.map|\.[a-z-]+\.v8)?)(?:\.[0-9a-f]{12}\.tmp)?$/;

/** Undefined on Windows, whose owners and rights Node.js does not tell. */
const user = process.geteuid?.();

/** This user, the owner of the program, and root: they decide anyway what runs here. */
const trusted = [user, fs.statSync(__filename).uid, 0];

/** @param {fs.Stats} stat */
const isForeign = ({ uid }) => user !== undefined && !trusted.includes(uid);

/** @param {fs.Stats} stat */
const othersMayWrite = ({ mode }) => (user === undefined ? 0 : mode & 0o022);

/**
 * @typedef {object} Cache
 * @property {(name: string) => Buffer | undefined} read what was kept under the name, if it is whole and nobody else's
 * @property {(name: string, contents: string | Uint8Array) => boolean} keep whether it could: where nothing can be kept,
 * every run makes its own
 * @property {(fresh: readonly string[]) => void} prune removes what is older than the last few bundles, but none of these
 */

/** @type {Cache} */
const noCache = { read: () => undefined, keep: () => false, prune: () => {} };

/**
 * @param {string} folder made if it is not there, as is the one around it
 * @param {(reason: string) => void} warn called where the folder is not used for a reason that somebody can mend
 * @returns {Cache}
 */
function openCache(folder, warn) {
  try {
    const reason = reasonAgainst(folder);
    if (reason === undefined) {
      return {
        read: (name) => read(path.join(folder, name)),
        keep: (name, contents) => keep(path.join(folder, name), contents),
        prune: (fresh) => prune(folder, fresh),
      };
    }
    warn(reason);
  } catch {
    // There is no such folder and none can be made: nobody's mistake.
  }
  return noCache;
}

/**
 * @param {string} folder
 * @throws if the folder cannot be made, looked at or made private
 */
function reasonAgainst(folder) {
  const around = path.dirname(folder);
  // This one may be a link, to a place that outlives the installation. Whoever may write to the folder that it is in
  // may replace the dependencies as well; nobody else may replace our folder once it was looked at.
  const above = makeFolder(around, fs.statSync);
  if (isForeign(above)) return `${around} belongs to another user. Remove it`;
  const beside = fs.statSync(path.dirname(around));
  const isOpen = (/** @type {fs.Stats} */ stat) =>
    !isSticky(stat) && (othersMayWrite(stat) & ~rightsOf(beside, stat)) !== 0;
  if (isOpen(above)) return `others may write to ${around}. Run: chmod go-w '${around}'`;
  if (fs.lstatSync(around).isSymbolicLink()) {
    const real = fs.realpathSync(around);
    if (path.resolve(path.dirname(around), fs.readlinkSync(around)) !== real) {
      return `${around} leads through another link. Link it to ${real} itself`;
    }
    for (const each of foldersAbove(real)) {
      const stat = fs.statSync(each);
      if (isForeign(stat) || isOpen(stat))
        return `others may replace what ${around} leads to, in ${each}. Remove the link`;
    }
  }

  const here = makeFolder(folder, fs.lstatSync);
  if (!here.isDirectory()) return `${folder} is a link or a file. Remove it`;
  if (isForeign(here)) return `${folder} belongs to another user. Remove it`;
  if (othersMayWrite(here)) takeBack(folder);
  return undefined;
}

/**
 * @param {fs.Stats} beside the folder of the dependencies
 * @param {fs.Stats} stat another one
 * @returns the rights to write to the other one that mean no more than those to the dependencies
 */
function rightsOf(beside, stat) {
  const theirs = isSticky(beside) ? 0 : othersMayWrite(beside);
  // Rights of another group say something only where everybody may.
  return theirs === 0o022 || stat.gid === beside.gid ? theirs : 0;
}

/** @param {fs.Stats} stat of a folder in which nobody may replace what is another's */
function isSticky(stat) {
  return (stat.mode & 0o1000) !== 0;
}

/**
 * @param {string} folder
 * @returns {string[]} those that it stands in
 */
function foldersAbove(folder) {
  const above = path.dirname(folder);
  return above === folder ? [] : [above, ...foldersAbove(above)];
}

/**
 * @param {string} folder
 * @param {typeof fs.lstatSync} look
 */
function makeFolder(folder, look) {
  const there = look(folder, { throwIfNoEntry: false });
  if (there) return there;
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
    fs.chmodSync(folder, 0o700); // a umask may have taken away the owner's own rights
  } catch (error) {
    // Another run may have made it meanwhile.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  return look(folder);
}

/**
 * Makes a folder private that others may write to, as earlier versions made it under some umasks. What is in it may be
 * theirs.
 * @param {string} folder
 * @throws if it stays as it was: not every file system knows of rights
 */
function takeBack(folder) {
  fs.chmodSync(folder, 0o700);
  if (othersMayWrite(fs.lstatSync(folder))) throw new Error('no rights');
  for (const name of namesIn(folder)) removeIfThere(path.join(folder, name));
}

/**
 * What was kept in a file. Looked at once it is open, since another may be in its place at any time.
 * @param {string} file
 */
function read(file) {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants; // not through a link, and not waiting for a pipe
  let descriptor;
  try {
    descriptor = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stat = fs.fstatSync(descriptor);
    if (!stat.isFile() || isForeign(stat) || othersMayWrite(stat)) return undefined;
    const bytes = fs.readFileSync(descriptor);
    const contents = bytes.subarray(0, -sealLength);
    return seal(contents).equals(bytes.subarray(contents.length)) ? contents : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/**
 * The end of every file: a checksum of what stands before it, as a comment. A crash of the machine cuts files off, and
 * V8 itself looks no further than at the head of what it compiled.
 * @param {string | Uint8Array} contents
 */
const seal = (contents) => Buffer.from(`\n//${createHash('sha256').update(contents).digest('hex')}\n`);

const sealLength = seal('').length;

/**
 * Whole or not at all: other runs may be doing the same.
 * @param {string} file
 * @param {string | Uint8Array} contents
 */
function keep(file, contents) {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const whole = Buffer.concat([Buffer.from(contents), seal(contents)]);
    fs.writeFileSync(temporary, whole, { flag: 'wx', mode: 0o600, flush: true });
    fs.chmodSync(temporary, 0o600); // a umask may have taken away the owner's own rights
    fs.renameSync(temporary, file);
    return true;
  } catch {
    removeIfThere(temporary);
    return false;
  }
}

/**
 * A run that misses what it was about to read makes its own, and one that has read it needs it no more.
 * @param {string} folder
 * @param {readonly string[]} fresh names of what this run made, whatever the clock says
 */
function prune(folder, fresh) {
  const latest = Date.now() + 60_000;
  const files = namesIn(folder).flatMap((name) => {
    if (fresh.includes(name)) return [];
    const file = path.join(folder, name);
    const made = fs.lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return { file, made: made > latest ? 0 : made }; // made before the clock was set back: as good as the oldest
  });
  const bundles = files.filter(({ file }) => file.endsWith('.js')).sort((a, b) => b.made - a.made);
  const tooOld = bundles[otherVersions]?.made ?? 0;
  const isLeftover = (/** @type {{ file: string, made: number }} */ { file, made }) =>
    file.endsWith('.tmp') && made < Date.now() - longestKeeping;
  for (const each of files) if (each.made <= tooOld || isLeftover(each)) removeIfThere(each.file);
}

/**
 * Files of the launcher's; none where they cannot be listed.
 * @param {string} folder
 */
function namesIn(folder) {
  try {
    return fs.readdirSync(folder).filter((name) => ownName.test(name));
  } catch {
    return [];
  }
}

/** @param {string} file */
function removeIfThere(file) {
  try {
    fs.unlinkSync(file); // not rmSync, which may go through a link
  } catch {
    // Nothing depends on it.
  }
}

module.exports = { noCache, openCache };
