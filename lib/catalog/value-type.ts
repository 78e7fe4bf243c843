import { isDnsLabel, isHostName } from './host-name';
import { isJson } from './json';
import { nearArgument, suggestion } from './near-name';
import { isUrl, punycodeOf } from './url';

/** What values a variable takes. `T` is the TypeScript type of a valid value: always text, since pods get text. */
export interface ValueType<T extends string = string> {
  /** What a value must be, as a noun phrase for messages and documents: "one of debug, info". */
  readonly rule: string;
  /** A valid value, for hints and documents; a fake one. */
  readonly example: string;
  /** What to do about a value that is not valid, where the example does not say it. */
  readonly hint?: string;
  /** Every valid value, where they can be listed. */
  readonly allowed?: readonly T[];
  /** What programs turn a value into, where it is more than a text. */
  readonly reading?: Reading;
  /** How it is called, where it was called in another way: the program runs without the type checker. */
  readonly usage?: string;
  /** Whether a text, after substitution, is a valid value. Never throws. */
  accepts(text: string): boolean;
  /**
   * What to write instead of a text that is not valid, where that can be told. It may quote the text: for what is not
   * sensitive only.
   */
  advice?(text: string): string | undefined;
}

/** A flag, a whole number of this range (both ends included), or whatever JSON holds. */
export type Reading =
  | { readonly as: 'flag' }
  | { readonly as: 'integer'; readonly min: number; readonly max: number }
  | { readonly as: 'json' };

const anyText: ValueType = { rule: 'a text', example: 'fake-text', accepts: (text) => text !== '' };

/** What a call of a type makes that the type checker would have refused. Of its usages the last shows the most. */
function miscalled(name: string): ValueType<never> {
  const [usage = `${name}()`] = valueTypes.findLast(([each]) => each.startsWith(`${name}(`)) ?? [];
  return { ...anyText, allowed: [], usage };
}

/** The type, unless its function was called with more than it takes. */
function alone<T extends string>(name: string, others: readonly never[], type: ValueType<T>): ValueType<T> {
  return others.length > 0 ? miscalled(name) : type;
}

/** Any text that is not empty. */
export function text(...others: readonly never[]): ValueType {
  return alone('text', others, anyText);
}

/** One of the given texts, spelled exactly so. */
export function oneOf<const T extends string>(...allowed: readonly [T, ...T[]]): ValueType<T> {
  const known = new Set<string>(allowed);
  if (allowed.length === 0 || known.size < allowed.length || known.has('') || !allowed.every(isText)) {
    return miscalled('oneOf');
  }
  return {
    rule: `one of ${allowed.join(', ')}`,
    example: allowed[0],
    allowed,
    accepts: (text) => known.has(text),
    advice: (text) => suggestion(nearArgument(text, allowed)),
  };
}

/** `true` or `false`, in lower case. */
export function flag(...others: readonly never[]): ValueType<'true' | 'false'> {
  return alone('flag', others, { ...oneOf('true', 'false'), rule: 'true or false', reading: { as: 'flag' } });
}

/**
 * A whole number in plain decimal digits, without leading zeros or a plus sign: every language reads it alike.
 * @param range both ends included; without one, what every language counts exactly (±2^53)
 */
export function integer(
  range: { readonly min?: number; readonly max?: number } = {},
  ...others: readonly never[]
): ValueType {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER, ...unknown } = Object(range);
  const isRange = Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max && typeof range === 'object';
  if (!isRange || others.length + Object.keys(unknown).length > 0) return miscalled('integer');
  const limits = [
    ...(range.min === undefined ? [] : [`at least ${min}`]),
    ...(range.max === undefined ? [] : [`at most ${max}`]),
  ];
  return {
    rule: limits.length === 0 ? 'a whole number' : `a whole number, ${limits.join(' and ')}`,
    example: `${Math.min(Math.max(min, 1), max)}`,
    reading: { as: 'integer', min, max },
    accepts: (text) => /^(?:0|-?[1-9][0-9]{0,15})$/.test(text) && Number(text) >= min && Number(text) <= max,
  };
}

/** A TCP or UDP port. */
export function port(...others: readonly never[]): ValueType {
  return alone('port', others, { ...integer({ min: 1, max: 65_535 }), rule: 'a port, 1 to 65535', example: '8080' });
}

/** A host name without scheme, port or final dot (RFC 1123; the last label is not a number, RFC 3696). */
export function hostName(...others: readonly never[]): ValueType {
  return alone('hostName', others, { rule: 'a host name', example: 'app.example.com', accepts: isHostName });
}

/**
 * An absolute URL of one of the given schemes, in ASCII, whose host is a host name or an IP literal, and in which the
 * WHATWG parser would repair nothing.
 */
export function url(...schemes: readonly [string, ...string[]]): ValueType {
  const isScheme = (each: unknown) => isText(each) && /^[a-z][a-z0-9+.-]*$/.test(each);
  if (schemes.length === 0 || !schemes.every(isScheme)) return miscalled('url');
  return {
    rule: `a URL of scheme ${schemes.join(', ').replace(/, ([^,]*)$/, ' or $1')}`,
    example: `${schemes[0]}://service.example.com`,
    accepts: (text) => isUrl(text, schemes),
    advice: (text) => {
      const name = punycodeOf(text, schemes);
      return name === undefined ? undefined : `Write the host name in punycode: ${name}`;
    },
  };
}

/** A DNS-1123 label, which namespaces and label values need. */
export function dnsLabel(...others: readonly never[]): ValueType {
  return alone('dnsLabel', others, {
    rule: 'a DNS-1123 label (a-z, 0-9, hyphens inside, at most 63 characters)',
    example: 'my-label',
    accepts: isDnsLabel,
  });
}

const registryPathPattern =
  /^(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?\.)*[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?::[0-9]{1,5})?(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+$/;

/** `host[:port]/path` of a container registry: no scheme, tag or final slash (the OCI distribution spec's grammar). */
export function registryPath(...others: readonly never[]): ValueType {
  return alone('registryPath', others, {
    rule: 'a registry path (host[:port]/path, no scheme, no tag)',
    example: 'registry.example.com/team',
    accepts: (text) => text.length <= 500 && registryPathPattern.test(text),
  });
}

/** The `host[:port]` of a valid registry path: what image pull secrets call the server. */
export function registryHost(path: string): string {
  return path.replace(/\/.*$/s, '');
}

/** Any JSON value (RFC 8259). */
export function json(...others: readonly never[]): ValueType {
  return alone('json', others, { rule: 'JSON', example: '{"fake":true}', reading: { as: 'json' }, accepts: isJson });
}

/**
 * One PEM block or several in a row, with their line breaks (RFC 7468).
 * @param label what stands behind BEGIN and END, such as `CERTIFICATE`; without it, any
 */
export function pem(label?: string, ...others: readonly never[]): ValueType {
  if (label !== undefined && !isPemLabel(label)) return miscalled('pem');
  const shown = label ?? 'MESSAGE';
  return alone('pem', others, {
    rule: label === undefined ? 'PEM' : `PEM of ${label}`,
    example: `-----BEGIN ${shown}-----\nZmFrZQ==\n-----END ${shown}-----\n`,
    accepts: (text) => isPem(text, label),
    hint:
      label === undefined
        ? 'Give the whole block with its line breaks, in single quotes'
        : `Give the whole block from -----BEGIN ${label}----- on, with its line breaks, in single quotes`,
  });
}

function isPemLabel(label: unknown): boolean {
  return isText(label) && /^[A-Z0-9]+(?:[ -][A-Z0-9]+)*$/.test(label);
}

/** Line by line: a pattern for the whole could be made to take very long. */
function isPem(text: string, label: string | undefined): boolean {
  let open: string | undefined;
  let blocks = 0;
  for (const line of text.replace(/\r?\n$/, '').split(/\r?\n/)) {
    const [, mark, name] = /^-----(BEGIN|END) ([A-Z0-9]+(?:[ -][A-Z0-9]+)*)-----$/.exec(line) ?? [];
    if (mark === 'BEGIN') {
      if (open !== undefined || (label !== undefined && name !== label)) return false;
      open = name;
    } else if (mark === 'END') {
      if (open !== name) return false;
      open = undefined;
      blocks++;
    } else if (open === undefined || !/^[A-Za-z0-9+/]*={0,2}$|^[A-Za-z0-9-]+: [\x20-\x7e]+$/.test(line)) {
      return false; // in a block stand base64, headers of the kind "Proc-Type: …", and an empty line between the two
    }
  }
  return blocks > 0 && open === undefined;
}

/** How a type that a team makes is told of in messages and documents. */
export interface Described {
  /** What a value must be, as a noun phrase: "a phone number (+ and digits)". */
  readonly rule: string;
  /** A valid value; a fake one. */
  readonly example: string;
}

function isDescribed(described: unknown): described is Described {
  const { rule, example } = Object(described);
  return isText(rule) && isText(example);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A text that the whole of the pattern matches. */
export function matching(pattern: RegExp, described: Described, ...others: readonly never[]): ValueType {
  if (!isText(Object(pattern).source) || !isDescribed(described) || others.length > 0) {
    return miscalled('matching');
  }
  const { rule, example } = described;
  // Not ^ and $, which mean lines where the pattern has the flag m.
  const whole = new RegExp(`(?<![^])(?:${pattern.source})(?![^])`, pattern.flags.replace(/[gy]/g, ''));
  return { rule, example, accepts: (text) => whole.test(text) };
}

/** What a schema of any library looks like that follows https://standardschema.dev. */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
  };
}

/**
 * A text that a schema of another library accepts, one that answers at once. Pods get the text as it is: what the
 * schema makes of it is not used, nor are its messages, which quote values.
 */
export function schema(schema: StandardSchema, described: Described, ...others: readonly never[]): ValueType {
  if (typeof Object(schema)['~standard']?.validate !== 'function' || !isDescribed(described) || others.length > 0) {
    return miscalled('schema');
  }
  const { rule, example } = described;
  const accepts = (text: string) => {
    try {
      const result: unknown = schema['~standard'].validate(text);
      if (result instanceof Promise) result.catch(() => {}); // it is refused, and its error is not to end the process
      return (
        typeof result === 'object' && result !== null && 'value' in result && !('issues' in result && result.issues)
      );
    } catch {
      return false;
    }
  };
  return { rule, example, accepts };
}

/** Every type there is, as a declaration writes it; for documents. */
export const valueTypes: readonly (readonly [usage: string, type: ValueType])[] = [
  ['text()', text()],
  ["oneOf('json', 'text')", oneOf('json', 'text')],
  ['flag()', flag()],
  ['integer()', integer()],
  ['integer({ min: 1, max: 10 })', integer({ min: 1, max: 10 })],
  ['port()', port()],
  ['hostName()', hostName()],
  ["url('https', 'wss')", url('https', 'wss')],
  ['dnsLabel()', dnsLabel()],
  ['registryPath()', registryPath()],
  ['json()', json()],
  ['pem()', pem()],
  ["pem('CERTIFICATE')", pem('CERTIFICATE')],
  [
    "matching(/v[0-9]+/, { rule: 'a version (v and digits)', example: 'v1' })",
    matching(/v[0-9]+/, { rule: 'a version (v and digits)', example: 'v1' }),
  ],
  [
    "schema(anyStandardSchema, { rule: 'an even number', example: '2' })",
    { rule: 'an even number', example: '2', accepts: (text) => /[02468]$/.test(text) },
  ],
];
