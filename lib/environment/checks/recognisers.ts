import { limits } from '../limits';
import type { Problem } from '../problem';
import type { Resolved } from '../resolve';
import { mapText, Sensitive, type Text, textMatches } from '../sensitive';
import { problemAt } from '../source';
import { escapePlaceholders, isReference, loneReference, type Template } from '../template';
import { isCredential } from './credential-shapes';
import { noValueAsAWhole, noValueInside } from './not-a-value';
import type { CatalogNames } from './recognisers/catalog-names';
import { configValues } from './recognisers/config-values';
import type { Context, Phrase, Recogniser } from './recognisers/recogniser';
import { remarks } from './recognisers/stand-in-words';
import { suspicions } from './suspicious-value';

/** Every recogniser there is, by the code of the problems that it makes. */
export const recognisers: Readonly<Record<'not-a-value' | 'suspicious-value', readonly Recogniser[]>> = {
  'not-a-value': [...noValueAsAWhole, ...noValueInside],
  'suspicious-value': suspicions,
};

/**
 * What is wrong with values that their types may well take. The catalog's own defaults and what a declaration calls verbatim
 * are taken at their word, and what a value only repeats is looked at where it is given.
 */
export function recognisedValues(
  values: Iterable<Resolved>,
  names: CatalogNames,
  environment: string,
  isSensitive: (variable: string) => boolean,
): Problem[] {
  const problems: Problem[] = [];
  for (const { variable, layerValue, value } of values) {
    if (variable.verbatim || layerValue.origin.layer === 'default') continue;
    const repeated = loneReference(layerValue.template);
    if (repeated !== undefined && isSensitive(repeated) === variable.sensitive) continue;
    const place = { variable, names, environment, quote: layerValue.quote };
    const found = recogniseText(value, layerValue.template, place);
    problems.push(...found.map((each) => problemAt(variable.name, layerValue.origin, each)));
  }
  return problems;
}

/** What is to be said holds no piece of the value, so it may leave a sensitive one. */
function recogniseText(value: Text, template: Template, place: Context): readonly Recognition[] {
  let found = nothing;
  const written = asWritten(template);
  textMatches(value, (text) => {
    const look = (source?: string) => {
      // Nothing is to be said of what is too large anyway.
      if (Math.max(text.length, source?.length ?? 0) > limits.valueLength) return false;
      found = recognise(text, source === undefined ? place : { ...place, written: source });
      return found.length > 0;
    };
    return written === undefined ? look() : textMatches(written, look);
  });
  return found;
}

/** A template as a source says it. Undefined where that is the value itself. */
function asWritten(template: Template): Text | undefined {
  const isPlain = (part: Template[number]) =>
    (typeof part === 'string' || part instanceof Sensitive) && !textMatches(part, (text) => text.includes('${'));
  if (template.every(isPlain)) return undefined;
  return Sensitive.join(
    template.map((part) => {
      if (isReference(part)) return `\${${part.variable}}`;
      return typeof part === 'string' || part instanceof Sensitive ? mapText(part, escapePlaceholders) : '';
    }),
  );
}

/** What a recogniser has to say of a value. */
export interface Recognition {
  readonly recogniser: string;
  readonly code: keyof typeof recognisers;
  readonly severity: 'error' | 'warning';
  /** Completes the sentence that starts with the variable's name. No piece of the value is in it. */
  readonly says: string;
  readonly hint: string;
}

/**
 * What is wrong with a value that its type may well take. Synchronous, and quick with the values that nearly all are.
 * A value that its declaration calls verbatim, or that comes from the catalog, is not to be asked about.
 */
export function recognise(text: string, context: Context): readonly Recognition[] {
  return isOrdinary(text, context) ? nothing : recogniseThoroughly(text, context);
}

const nothing: readonly Recognition[] = [];

/** The same without the short cut. */
export function recogniseThoroughly(text: string, context: Context): readonly Recognition[] {
  const { type, sensitive } = context.variable;
  const place = sensitive ? 'secrets' : 'config';
  const looks = (each: Recogniser, looked: string) =>
    (each.in === 'any' || each.in === place) &&
    (each.startsWith === undefined || each.startsWith.includes(looked.charAt(0))) &&
    each.test(looked, context);
  const finds = (each: Recogniser) => looks(each, text);
  const say = (phrase: Phrase) => (typeof phrase === 'string' ? phrase : phrase(text, context));
  const reported =
    (code: keyof typeof recognisers) =>
    ({ name, says, hint }: Recogniser): Recognition => {
      const severity = code === 'not-a-value' && sensitive ? 'error' : 'warning';
      return { recogniser: name, code, severity, says: say(says), hint: say(hint) };
    };
  // What the catalog itself lists or shows is what somebody means.
  const isListed = type.allowed?.includes(text) === true;
  if (isListed || text === type.example) return configValues.filter(finds).map(reported('suspicious-value'));
  const trimmed = text.trim();
  const whole = noValueAsAWhole.find((each) => looks(each, trimmed));
  const notAValue = whole ? [whole] : noValueInside.filter(finds);
  if (notAValue.length > 0) return notAValue.map(reported('not-a-value'));
  return recognisers['suspicious-value'].filter(finds).map(reported('suspicious-value'));
}

/** Letters, digits and a few marks; at the end perhaps the padding of base64. */
const plain = /^[\w.:/+@-]+={0,2}$/;
const letterOrDigit = /[A-Za-z0-9]/;

/** Digits between two letters, twice: random characters have it and words do not. */
const random = /[a-z]\d+[a-z].*[a-z]\d+[a-z]/i;

/** Stand-ins that are words have fewer characters. */
const longestWords = 120;

/** Of the words that stand-ins are made of, at least one is always there. */
const words =
  /key|secret|token|pass|pw|auth|api|jwt|cred|your|change|replace|place|insert|enter|put|past|fill|todo|fixme|tb[ad]|example|sample|dummy|stub|goes|foo|ba[rz]|lorem|ipsum|thing|whatever|insecure|here|random|generat|string|clave|contrase|senha|chave|segredo|geheim|schl|cl[eé]|mdp|sleutel|wachtwoord|has[lł]o|klucz|[sş]ifre|anahtar|ici|aqu[ií]|hier|qui|tutaj|buraya|not|safe|optional|required|unused|disabled|pending|me$|dead|cafe|feed|root|admin|guest|postgres|mysql|toor|letmein|welcome|shh|(?:to|must|should)[^a-z]?be|for[^a-z]?(?:test|dev|local|demo|prod|ci)|vault|team|docs|readme|wiki|leave|from|coming|test|chiave/i;

const firstWords =
  /^(?:(?:la|el|le|il|die|der|das|ein|eine|the|a|o)[-_.: ])?(?:votre|vos|tu|tus|su|sua|seu|suas|seus|ta|tua|tuo|dein|deine|deinen|ihre?|meine?|mi|mon|mes|meu|minha|jouw|uw|twoj|senin|nuev[ao]|nouve(?:au|lle)|nov[ao])[-_.: ]/i;

/** Runs and marks that no ordinary value has, beginnings of addresses, and words that say something by themselves. */
const noticeable =
  /x{3}|example|(?:replace|change)[-_]?me|placeholder|your_|\.\.|__|@|:\/|0{8}|1{8}|123|abc|bcd|insecure|unsafe|path\/to|^(?:[a-z][a-z0-9+-]{1,20}:|projects\/|[a-z]+\.[a-z_])|^(?:null|undefined|none|nil|nan|na|n\/a|tests?|testing|demo|dev|value|text|default|unset|empty|blank|missing|unknown|void|xyz|asdf|qwerty|admin1|mock|masked|redacted|censored|filtered)$/i;

/** How ciphertext begins, and base64 of a text: its first four groups stand for nothing but printable characters. */
const encoded = /^(?:age-enc|YWdlLWVu|U2FsdGVkX1|Salted__|eyJpdiI6|AQICAH|Ag[A-D]|(?:[I-Za-f][\w+/-]{3}){4})/;

/** What says of itself that it is a fake. */
const fake = /^fake[-_a-z]/i;

/** In a config value fewer words say something: ordinary ones are what it is made of. */
const noticeableInConfig =
  /your|change|replace|placeholder|todo|fixme|tbd|here|aqu|ici|\.\.\.|__|path\/to|^@|^(?:[a-z][a-z0-9+-]{1,20}:|projects\/|(?:process|import|os|deno|bun|secrets|vars|env|var|local|data|module)\.)|^(?:null|undefined|nan|masked|redacted|censored|filtered)$/i;

/** An address without a user, and words that only an example has in its place. */
const plainUrl = /^(?:wss?|https?):\/\/[a-z0-9.-]+(?::\d+)?(?:\/[\w.-]*)*$/i;
const noticeableInUrl = /your|xxx|undefined|null|none|nan|host|server|change|replace|placeholder|todo|\.\.\.|__|vault/i;

/** Whether no recogniser can have anything to say: true for nearly every value, in well under a microsecond. */
export function isOrdinary(text: string, { variable, names, written }: Context): boolean {
  if (written !== undefined || variable.followsEnvironment || !plain.test(text) || !letterOrDigit.test(text))
    return false;
  if (names.has(text)) return false;
  if (!variable.sensitive) {
    if (plainUrl.test(text)) return !noticeableInUrl.test(text);
    return !noticeableInConfig.test(text) && !encoded.test(text);
  }
  return (
    text.length > variable.name.length + 2 &&
    !noticeable.test(text) &&
    !encoded.test(text) &&
    (text.length > longestWords ||
      random.test(text) ||
      fake.test(text) ||
      !(words.test(text) || remarks.test(text) || firstWords.test(text))) &&
    !isCredential(text) &&
    !mayBeKeyId.test(text)
  );
}

const mayBeKeyId = /^(?:A[KS]IA|SCW|API)[A-Za-z0-9]{12,17}$/;
