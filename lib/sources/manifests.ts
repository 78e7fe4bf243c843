import { statSync } from 'node:fs';
import { LineCounter, parseAllDocuments } from 'yaml';
import type { Problem } from '../environment/problem';

/** Whether a path leads to a folder. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // whoever reads it says why that is not possible
  }
}

/**
 * Reads manifests of anybody's: multi-document YAML, or JSON as `kubectl get -o json` prints it. Neither is checked: what
 * stands in them is for Kubernetes to judge.
 * @param file as messages call it
 * @returns a problem, code `unreadable`, where it is neither
 */
export function parseManifests(text: string, file: string): readonly unknown[] | Problem {
  const lineCounter = new LineCounter();
  const unreadable = (what: string, line?: number): Problem => ({
    severity: 'error',
    code: 'unreadable',
    file,
    ...(line !== undefined && { line }),
    message: `${file} ${what}`,
    hint: 'Hand in what kubectl kustomize or kubectl get --output=yaml prints',
  });
  if (text.trimStart().startsWith('{')) {
    try {
      return [JSON.parse(text)];
    } catch {
      return unreadable('starts like JSON but is not JSON');
    }
  }
  const documents = [
    ...parseAllDocuments(text, { version: '1.1', prettyErrors: false, logLevel: 'silent', lineCounter }),
  ];
  const broken = documents.find(({ errors }) => errors.length > 0);
  // The parser's own message quotes what it found.
  if (broken)
    return unreadable('is not YAML that kubectl reads', lineCounter.linePos(broken.errors[0]?.pos[0] ?? 0).line);
  try {
    return documents.map((document) => document.toJS() as unknown).filter((each) => each !== null);
  } catch {
    return unreadable('has aliases that multiply');
  }
}
