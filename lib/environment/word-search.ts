/**
 * A search for the words inside a text. Its time is linear in the lengths of words and texts together, whatever they
 * hold: a hostile file makes every other search take the product of the two.
 * @param shortest words with fewer UTF-16 code units are not looked for
 */
export function wordSearch(words: readonly string[], shortest: number): (text: string) => boolean {
  const sought = words.filter(({ length }) => length >= shortest);
  const startsIn = pieceSearch(new Set(sought.map((word) => word.slice(0, shortest))), shortest);
  // Hardly any text holds as much as the start of a word, so that the automaton is hardly ever needed.
  let automaton: ((text: string) => boolean) | undefined;
  return (text) => {
    if (!startsIn(text, () => true)) return false;
    automaton ??= wordAutomaton(sought);
    return automaton(text);
  };
}

/**
 * A search for pieces of one length: `visit` gets each that stands in the text, until it returns true. Whether it did.
 * @param length in UTF-16 code units, from 4
 */
export function pieceSearch(
  pieces: ReadonlySet<string>,
  length: number,
): (text: string, visit: (piece: string) => boolean) => boolean {
  // With every code unit the hash moves by so many of its 32 bits: it is that of the last `length` code units, or fewer.
  const shift = Math.ceil(32 / length);
  const add = (hash: number, text: string, at: number) => (hash << shift) + text.charCodeAt(at);
  const mayEnd = new Uint8Array(pieces.size === 0 ? 0 : 2 ** 16);
  for (const piece of pieces) {
    let hash = 0;
    for (let at = 0; at < length; at++) hash = add(hash, piece, at);
    mayEnd[hash >>> 16] = 1;
  }
  return (text, visit) => {
    if (pieces.size === 0) return false;
    let hash = 0;
    for (let at = 0; at < text.length; at++) {
      hash = add(hash, text, at);
      if (mayEnd[hash >>> 16] !== 1 || at + 1 < length) continue;
      const piece = text.slice(at + 1 - length, at + 1);
      if (pieces.has(piece) && visit(piece)) return true;
    }
    return false;
  };
}

/** What is known of a node of the automaton. */
const branches = 1;
const wordEnds = 2;

/**
 * The automaton of Aho and Corasick (https://doi.org/10.1145/360825.360855): it reads a text once, and always knows the
 * longest start of a word that the text read so far ends with. Takes some 15 bytes for each code unit of the words.
 */
function wordAutomaton(words: readonly string[]): (text: string) => boolean {
  const most = words.reduce((sum, { length }) => sum + length, 1);
  // Node 0 is the root, and stands for nothing read. The nodes that a word adds stand in a row, so that the child of
  // nearly every node is the next one. No node at which a word ends has children: whoever gets there has found one.
  const units = new Uint16Array(most);
  const marks = new Uint8Array(most);
  const otherChildren = edgeTable(words.length);
  let count = 1;

  /** The child of a node for a code unit, or 0. */
  function childOf(node: number, unit: number): number {
    if (node > 0 && units[node + 1] === unit) return node + 1;
    return node === 0 || marks[node] === branches ? otherChildren.get(node, unit) : 0;
  }

  for (const word of words) {
    let node = 0;
    let at = 0;
    for (let next = 0; at < word.length && marks[node] !== wordEnds; at++, node = next) {
      next = childOf(node, word.charCodeAt(at));
      if (next === 0) break;
    }
    if (marks[node] === wordEnds) continue;
    if (at < word.length) {
      marks[node] = branches;
      otherChildren.set(node, word.charCodeAt(at), count);
      for (; at < word.length; at++) units[count++] = word.charCodeAt(at);
      node = count - 1;
    }
    marks[node] = wordEnds;
  }

  /** For each node the one of the longest start of a word that is a proper end of its own. */
  const shorter = new Int32Array(count);
  function nodeAfter(from: number, unit: number): number {
    for (let node = from; ; node = shorter[node] ?? 0) {
      const next = childOf(node, unit);
      if (next > 0 || node === 0) return next;
    }
  }
  // All words in step, since a node needs what is known of those that are nearer to the root.
  let walks = words.map((word) => ({ word, node: 0 }));
  for (let depth = 0; walks.length > 0; depth++) {
    walks = walks.filter((walk) => {
      const unit = walk.word.charCodeAt(depth);
      const node = childOf(walk.node, unit);
      if (depth > 0) shorter[node] = nodeAfter(shorter[walk.node] ?? 0, unit);
      if (marks[shorter[node] ?? 0] === wordEnds) marks[node] = wordEnds;
      walk.node = node;
      return marks[node] !== wordEnds;
    });
  }

  return (text) => {
    let node = 0;
    for (let at = 0; at < text.length; at++) {
      node = nodeAfter(node, text.charCodeAt(at));
      if (marks[node] === wordEnds) return true;
    }
    return false;
  };
}

/**
 * A hash table from a node and a code unit to a node other than 0. A Map needs a multiple of time and memory, and its
 * hashes of numbers are no secret, so that a file may be written in which they all collide.
 * @param most how many entries there will be at most
 */
function edgeTable(most: number) {
  const size = 2 ** (33 - Math.clz32(most)); // at most half of it is used
  const shift = 1 + Math.clz32(size);
  const { imul } = Math;
  const [nodeFactor, unitFactor] = [randomOdd(), randomOdd()];
  const froms = new Int32Array(size);
  const units = new Uint16Array(size);
  const tos = new Int32Array(size);

  function slotOf(from: number, unit: number): number {
    const mixed = imul(from, nodeFactor) ^ imul(unit + 1, unitFactor);
    let slot = imul(mixed, 0x9e3779b1) >>> shift; // the golden ratio, after Knuth
    while (tos[slot] !== 0 && (froms[slot] !== from || units[slot] !== unit)) slot = (slot + 1) & (size - 1);
    return slot;
  }
  return {
    get: (from: number, unit: number): number => tos[slotOf(from, unit)] ?? 0,
    set(from: number, unit: number, to: number): void {
      const slot = slotOf(from, unit);
      froms[slot] = from;
      units[slot] = unit;
      tos[slot] = to;
    },
  };
}

function randomOdd(): number {
  return Math.floor(Math.random() * 2 ** 32) | 1;
}
