import * as v from 'valibot';

/** What values a variable takes. `T` is the TypeScript type of a valid value: always text, since pods get text. */
export interface ValueType<T extends string = string> {
  /** What a value must be, as a noun phrase for messages and documents: "one of debug, info". */
  readonly rule: string;
  /** A valid value, for hints and documents; a fake one. */
  readonly example: string;
  readonly schema: v.GenericSchema<string, T>;
  /** Every valid value, where they can be listed. */
  readonly allowed?: readonly T[];
}

/** Whether a text, after substitution, is a valid value of the type. */
export function accepts(type: ValueType, text: string): boolean {
  return v.is(type.schema, text);
}

const anyText: ValueType = { rule: 'a text', example: 'fake-text', schema: v.pipe(v.string(), v.nonEmpty()) };

/** Any text that is not empty. */
export function text(): ValueType {
  return anyText;
}

/** One of the given texts, spelled exactly so. */
export function oneOf<const T extends string>(...allowed: readonly [T, ...T[]]): ValueType<T> {
  return { rule: `one of ${allowed.join(', ')}`, example: allowed[0], schema: v.picklist(allowed), allowed };
}

/** `true` or `false`, in lower case. */
export function flag(): ValueType<'true' | 'false'> {
  return { ...oneOf('true', 'false'), rule: 'true or false' };
}

const hostNamePattern = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*(?![0-9]+$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/i;

/** A host name without scheme, port or final dot (RFC 1123; the last label is not a number, RFC 3696). */
export function hostName(): ValueType {
  return {
    rule: 'a host name',
    example: 'app.example.com',
    schema: v.pipe(v.string(), v.maxLength(253), v.regex(hostNamePattern)),
  };
}

/** An absolute URL with a host and one of the given schemes, as the WHATWG parser reads it without any repair. */
export function url(...schemes: readonly [string, ...string[]]): ValueType {
  const isUrl = (text: string): boolean => {
    const scheme = /^([a-z][a-z0-9+.-]*):\/\/[^/?#\\]/.exec(text)?.[1];
    // The parser drops tabs and newlines and escapes blanks: what it would repair, a pod would get unrepaired.
    return scheme !== undefined && schemes.includes(scheme) && !/[\s\p{Cc}]/u.test(text) && URL.canParse(text);
  };
  return {
    rule: `a URL of scheme ${schemes.join(', ').replace(/, ([^,]*)$/, ' or $1')}`,
    example: `${schemes[0]}://service.example.com`,
    schema: v.pipe(v.string(), v.check(isUrl)),
  };
}

/** Whether a text is a DNS-1123 label: at most 63 of a-z, 0-9 and inner hyphens. */
export function isDnsLabel(text: string): boolean {
  return /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
}

/** A DNS-1123 label, which namespaces and label values need. */
export function dnsLabel(): ValueType {
  return {
    rule: 'a DNS-1123 label (a-z, 0-9, hyphens inside, at most 63 characters)',
    example: 'voice-agent',
    schema: v.pipe(v.string(), v.check(isDnsLabel)),
  };
}

const registryPathPattern =
  /^(?<host>(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?\.)*[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?::[0-9]{1,5})?)(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+$/;

/** `host[:port]/path` of a container registry: no scheme, tag or final slash (the OCI distribution spec's grammar). */
export function registryPath(): ValueType {
  return {
    rule: 'a registry path (host[:port]/path, no scheme, no tag)',
    example: 'registry.example.com/team',
    schema: v.pipe(v.string(), v.maxLength(500), v.regex(registryPathPattern)),
  };
}

/** The `host[:port]` of a valid registry path: what image pull secrets call the server. */
export function registryHost(path: string): string {
  return path.slice(0, path.indexOf('/'));
}
