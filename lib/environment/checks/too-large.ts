import { type BundleObject, type Catalog, registryCredentials } from '../../catalog/catalog';
import { kubectlApply } from '../kubectl-apply';
import { numberText } from '../number-text';
import type { Problem } from '../problem';
import type { Resolved } from '../resolve';
import { measureText, type Text } from '../sensitive';
import { problemAt } from '../source';

/** The API server's limit on the decoded values of a Secret or ConfigMap together, in bytes (MaxSecretSize). */
const largestObject = 1_048_576;

/**
 * The API server's limit on all annotations of an object, keys and values, in bytes (TotalAnnotationSizeLimitB).
 * Client-side apply stores the whole object as JSON in one.
 */
const largestAnnotations = 262_144;

/** What that JSON and the annotation's key need besides the data: more than names and labels of 63 characters take. */
const besidesData = 1_024;

/**
 * The longest `KEY=value`, in bytes, that Linux passes to a process: MAX_ARG_STRLEN is 32 pages of 4096 bytes, the
 * final NUL included (execve(2)). A container with a longer one never starts.
 */
const longestEnvironmentString = 131_071;

/** A value that no process can be given. */
export function oversizedValue({ variable, layerValue, value }: Resolved): Problem[] {
  const isShort = 3 * measureText(value, (text) => text.length) + variable.key.length < longestEnvironmentString;
  if (isShort) return []; // a UTF-16 code unit has at most three bytes in UTF-8
  const bytes = Buffer.byteLength(variable.key) + 1 + measureText(value, Buffer.byteLength);
  if (bytes <= longestEnvironmentString) return [];
  return [
    problemAt(variable.name, layerValue.origin, {
      severity: 'error',
      code: 'too-large',
      says: `is longer than the 131,071 bytes that Linux takes for ${variable.key}=value: no container would start`,
      hint: 'Mount it as a file instead of passing it as a variable',
    }),
  ];
}

/** Objects that the API server, or client-side apply, would refuse for their size. */
export function oversizedObjects(textOf: (name: string) => Text | undefined, catalog: Catalog): Problem[] {
  return [...catalog.objects, ...credentialsObject(catalog)].flatMap(({ kind, name, variables }): Problem[] => {
    if (isSmall(variables, textOf)) return [];
    let bytes = 0;
    let annotation = besidesData;
    for (const [key, variable] of variables) {
      const value = textOf(variable.name);
      if (value === undefined) continue;
      const length =
        name === registryCredentials.name
          ? measureText(value, dockerConfigBytes)
          : measureText(value, Buffer.byteLength);
      bytes += length;
      annotation += key.length + 6 + (kind === 'Secret' ? Math.ceil(length / 3) * 4 : measureText(value, jsonBytes));
    }
    if (bytes > largestObject) {
      return [
        {
          severity: 'error',
          code: 'too-large',
          message: `${kind} ${name} would hold ${numberText(bytes)} bytes, and Kubernetes stores at most ${numberText(largestObject)} in one`,
          hint: 'Move variables to another bundle, or large ones to a file that pods mount',
        },
      ];
    }
    if (annotation > largestAnnotations) {
      return [
        {
          severity: 'warning',
          code: 'too-large',
          message: `${kind} ${name} holds ${numberText(bytes)} bytes, too many for client-side apply to keep a copy in an annotation`,
          hint: `Apply it as ever, by ${kubectlApply}: that keeps no copy`,
        },
      ];
    }
    return [];
  });
}

/** Whether the object is far from every limit, were each of its characters escaped: as nearly all are. */
function isSmall(variables: BundleObject['variables'], textOf: (name: string) => Text | undefined): boolean {
  const longestEscape = 6; // bytes for a UTF-16 code unit, in JSON; the password of a registry stands in its object twice
  let most = 2 * besidesData;
  for (const [key, variable] of variables) {
    const value = textOf(variable.name);
    if (value !== undefined) most += key.length + 6 + 2 * longestEscape * measureText(value, (text) => text.length);
  }
  return most < largestAnnotations;
}

/** The image pull secret, as far as its size goes: the password decides it. */
function credentialsObject({ roles }: Catalog): Pick<BundleObject, 'kind' | 'name' | 'variables'>[] {
  if (!roles.registry) return [];
  const variables = new Map([[registryCredentials.key, roles.registry.password]]);
  return [{ kind: 'Secret', name: registryCredentials.name, variables }];
}

/** The password stands in it twice: as it is, and with the user's name in base64. */
function dockerConfigBytes(password: string): number {
  return besidesData + jsonBytes(password) + Math.ceil(Buffer.byteLength(password) / 3) * 4;
}

/** The bytes of a text inside JSON as kubectl writes it: Go also escapes <, >, &, U+2028 and U+2029. */
function jsonBytes(text: string): number {
  return (
    Buffer.byteLength(JSON.stringify(text)) -
    2 +
    5 * occurrences(text, /[<>&]/g) +
    3 * occurrences(text, /[\u2028\u2029]/g)
  );
}

/** How often a single character of those occurs: in a text of nothing else, a list of them would fill the memory. */
function occurrences(text: string, characters: RegExp): number {
  return text.length - text.replace(characters, '').length;
}
