import { isAlias, isCollection, isNode, isPair, LineCounter, parseAllDocuments } from 'yaml';
import { limits } from '../environment/limits';
import { numberText } from '../environment/number-text';
import type { Problem } from '../environment/problem';
import { yamlTokens } from './yaml-tokens';

/**
 * Reads manifests of anybody's: multi-document YAML, or JSON as `kubectl get -o json` prints it. Neither is checked: what
 * stands in them is for Kubernetes to judge.
 * @param file as messages call it
 * @returns a problem, code `unreadable`, where it is neither
 */
export function parseManifests(text: string, file: string): readonly unknown[] | Problem {
  const lineCounter = new LineCounter();
  const handIn = 'Hand in what kubectl kustomize or kubectl get --output=yaml prints';
  const unreadable = (what: string, line?: number, hint = handIn): Problem => ({
    severity: 'error',
    code: 'unreadable',
    file,
    ...(line !== undefined && { line }),
    message: `${file} ${what}`,
    hint,
  });
  if (text.trimStart().startsWith('{')) {
    try {
      return [JSON.parse(text)];
    } catch {
      return unreadable('starts like JSON but is not JSON');
    }
  }
  if (isTooMuch(text)) {
    const what = `has more than ${numberText(limits.manifestParts)} keys, values, marks and lines, or nests them too deeply`;
    return unreadable(what, undefined, 'Hand in the workloads that load this configuration, and no others');
  }
  const documents = [
    ...parseAllDocuments(text, {
      version: '1.1',
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter,
      uniqueKeys: false, // each key of a map would be compared with each other
    }),
  ];
  const broken = documents.find(({ errors }) => errors.length > 0);
  // The parser's own message quotes what it found.
  if (broken)
    return unreadable('is not YAML that kubectl reads', lineCounter.linePos(broken.errors[0]?.pos[0] ?? 0).line);
  const anchored = new Map<string, number>();
  const parts = documents.reduce((sum, { contents }) => sum + partsOf(contents, anchored), 0);
  if (parts > limits.expandedParts) return unreadable('has aliases that multiply');
  try {
    const most = { maxAliasCount: limits.manifestParts / anchorParts };
    return documents.map((document) => document.toJS(most) as unknown).filter((each) => each !== null);
  } catch {
    return unreadable('has aliases that multiply');
  }
}

/** What an anchor or alias counts as, since it is looked for among all that stands before it. */
const anchorParts = 250;

/**
 * How many keys and values a node has once each alias is what it stands for: as such they are looked at, and what is merged
 * into a map is copied.
 * @param anchored the same of what has an anchor, by its name
 */
function partsOf(node: unknown, anchored: Map<string, number>): number {
  if (isPair(node)) return partsOf(node.key, anchored) + partsOf(node.value, anchored);
  if (isAlias(node)) return anchored.get(node.source) ?? 1;
  const anchor = isNode(node) ? node.anchor : undefined;
  if (anchor !== undefined) anchored.set(anchor, Number.POSITIVE_INFINITY); // until its end: an alias within it has no end
  const inside = isCollection(node) ? node.items : [];
  const parts = inside.reduce<number>((sum, item) => sum + partsOf(item, anchored), 1);
  if (anchor !== undefined) anchored.set(anchor, parts);
  return parts;
}

/** Whether the parser would take very long for a text, or all memory. It keeps nothing, so it is safe on any text. */
function isTooMuch(text: string): boolean {
  let parts = 0;
  let openBrackets = 0;
  let marksOfLine = 0;
  for (const [type, token] of yamlTokens(text)) {
    if (type === 'space') continue;
    if (type === 'newline') marksOfLine = 0;
    if (type === 'anchor' || type === 'alias') parts += anchorParts;
    if (type === 'flow-map-start' || type === 'flow-seq-start') openBrackets++;
    if (type === 'flow-map-end' || type === 'flow-seq-end') openBrackets--;
    const isMark = type === 'seq-item-ind' || type === 'explicit-key-ind' || type === 'map-value-ind';
    if (isMark && openBrackets === 0) marksOfLine++;
    parts++;
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) parts++;
    if (parts > limits.manifestParts || Math.max(openBrackets, marksOfLine) > limits.manifestDepth) return true;
  }
  return false;
}
