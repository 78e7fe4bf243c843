/** Where the Secrets of pods come from: they are written, or External Secrets makes them of a store. */
export const secretsBackends = ['kubernetes', 'external-secrets'] as const;

/** The kinds of a store: one namespace's, or the cluster's. */
export const secretStoreKinds = ['SecretStore', 'ClusterSecretStore'] as const;

/** What is taken for granted where nothing says otherwise. */
export const storeDefaults = { kind: 'SecretStore', key: '{variable}', refresh: '1h' } as const;

/** What a pattern of keys may have in it, each in braces. */
const places = ['variable', 'environment', 'app', 'bundle'] as const;

export type StoreKeyParts = Readonly<Record<(typeof places)[number], string>>;

/** What is wrong with something that a person wrote, and what to do about it. */
export interface StoreFault {
  /** Completes "<name> …" */
  readonly message: string;
  readonly hint: string;
}

/** What is wrong with a pattern of keys, if anything is. A text without a word in braces is one too. */
export function storeKeyFault(pattern: string): StoreFault | undefined {
  const braced = pattern.match(/\{[^{}]*\}|[{}]/g) ?? [];
  if (braced.every((each) => (places as readonly string[]).includes(each.slice(1, -1)))) return undefined;
  const known = places.map((place) => `{${place}}`).join(', ');
  return {
    message: 'has something else in braces than what it may have there',
    hint: `There are ${known}. For example: ${'{app}-{environment}-{variable}'}`,
  };
}

/** A key of the store, made of its pattern. */
export function storeKey(pattern: string, parts: StoreKeyParts): string {
  return pattern.replace(/\{(variable|environment|app|bundle)\}/g, (_, place: keyof StoreKeyParts) => parts[place]);
}

/** Whether the key that a pattern makes says which secret it is. */
export function tellsSecretsApart(pattern: string): boolean {
  return pattern.includes('{variable}');
}

/** What is wrong with an interval, if anything is: it is a duration as Go reads one, of hours, minutes and seconds; or 0. */
export function refreshFault(text: string): StoreFault | undefined {
  const hint = 'For example: 1h, 15m or 1h30m; 0 reads the store only once';
  const duration = /^(?:0|(?:([0-9]+(?:\.[0-9]+)?)h)?(?:([0-9]+(?:\.[0-9]+)?)m)?(?:([0-9]+(?:\.[0-9]+)?)s)?)$/.exec(
    text,
  );
  if (!duration || text === '') return { message: 'is not a duration of hours, minutes and seconds', hint };
  const [hours = 0, minutes = 0, seconds = 0] = duration.slice(1).map((part) => Number(part ?? 0));
  if (hours + minutes / 60 + seconds / 3_600 <= longestHours) return undefined;
  return { message: `is more than ${longestHours} hours, the longest duration that Go knows`, hint };
}

/** 2 ** 63 - 1 nanoseconds, in whole hours. External Secrets does not read an object with a longer one, nor any beside it. */
const longestHours = 2_562_047;
