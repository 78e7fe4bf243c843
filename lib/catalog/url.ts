import { isIPv4, isIPv6 } from 'node:net';
import { isHostName } from './host-name';

/** A URL whose host is plain, apart from which schemes are wanted. */
interface Parts {
  readonly scheme: string;
  readonly host: string;
  /** From the path on. */
  readonly rest: string;
}

/**
 * The parts of an absolute URL with a host. RFC 3986 says what a user name, a host and a port are made of; whatever
 * stands before the path and is none of these makes it no URL.
 */
function partsOf(text: string): Parts | undefined {
  const found =
    /^([a-z][a-z0-9+.-]*):\/\/(?:(?:[\w.~!$&'()*+,;=:-]|%[0-9a-f]{2})+@)?(\[[^\]]*\]|[^/?#:@[\]\\]+)(?::([0-9]{1,5}))?([/?#].*)?$/is.exec(
      text,
    );
  const [, scheme, host, port, rest = ''] = found ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) return undefined;
  return { scheme, host, rest };
}

/**
 * Whether a text is an absolute URL of one of the schemes that says what it means: its host is a host name or an IP
 * literal, and the WHATWG parser, which most programs have, would repair nothing in it (https://url.spec.whatwg.org).
 * What a parser repairs, others read differently.
 */
export function isUrl(text: string, schemes: readonly string[]): boolean {
  const parts = /^[\x21-\x7e]+$/.test(text) ? partsOf(text) : undefined;
  return parts !== undefined && schemes.includes(parts.scheme) && isHost(parts.host) && isUnrepaired(parts);
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1)) && !host.includes('%');
  // `wss://https//…`: two URLs pasted into one.
  if (/^(?:https?|wss?)$/i.test(host)) return false;
  return isIPv4(host) || isHostName(host.endsWith('.') ? host.slice(0, -1) : host);
}

/** Whether the parser gives path, query and fragment back as they are. A missing path is the same as `/`. */
function isUnrepaired({ scheme, rest }: Parts): boolean {
  if (/%(?![0-9a-f]{2})/i.test(rest)) return false;
  const start = `${scheme}://host`;
  try {
    const { href } = new URL(start + rest);
    return href === start + rest || href === `${start}/${rest}`;
  } catch {
    return false;
  }
}

/** The host name of a text that would be such a URL, were that name not written in letters beyond ASCII; else undefined. */
export function punycodeOf(text: string, schemes: readonly string[]): string | undefined {
  const parts = partsOf(text);
  if (!parts || /^[\x21-\x7e]*$/.test(parts.host) || /\s/.test(parts.host)) return undefined;
  try {
    const { hostname } = new URL(`https://${parts.host}`);
    return isUrl(
      text.replace(parts.host, () => hostname),
      schemes,
    )
      ? hostname
      : undefined;
  } catch {
    return undefined;
  }
}
