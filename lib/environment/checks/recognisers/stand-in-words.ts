import { letters } from './letters';
import { wordList } from './word-list';

/** Words that no value holds but one that waits for another. */
const telling = wordList(`
  you your yours youre change changeme changethis changeit replace replaceme replacethis placeholder placeholders insert
  enter put paste fill todo fixme tbd tba example examples sample dummy stub goes foo bar baz foobar lorem ipsum
  something anything whatever insecure unsafe optional required unused disabled pending coming setme fillme updated here random generate generated string
`);

/** Of these one is enough, whatever else stands there. */
const outright =
  /(?:^|[^a-z0-9])(?:change[-_ ]?(?:me|it)|replace[-_ ]?me|set[-_ ]?me|fill[-_ ]?me|placeholders?|insecure|dummy|todo|fixme|tbd|tba|foobar|lorem)(?:$|[^a-z0-9])/i;

/** The same, in other languages; in front of a second word. */
const tellingElsewhere = wordList(`
  votre vos ta tu tus su sua seu suas seus tua tuo dein deine deinen ihr ihre mein meine mi mon mes meu minha
  jouw uw twoj twój ваш ваша ваши твой мой senin nueva nuevo nouvelle nova novo
`);

/** The word at the end that says where the value is to go. */
const lastWords = wordList('here ici aqui aquí hier qui tutaj buraya сюда здесь هنا');

/** What says so in scripts that do not part words by blanks. */
const tellingPieces =
  /你|您|请|填|替换|替換|输入|輸入|修改|密钥|密鑰|密码|密碼|令牌|随机|あなた|入力|置き換|変更|パスワード|여기|입력|변경|당신|비밀번호|вставь|введи|замени|укажи|впиши|сюда|здесь|ваш/i;

/** Whether the last word stands apart from the one before. */
const endsApart = new RegExp(`[^${letters}\\d][${letters}]+[^${letters}\\d]{0,8}$|[a-z]Here$|^[a-z]+$`);

/** What credentials are called. */
const credentials = wordList(`
  key keys apikey secret secrets token tokens password passwords passwd passphrase passcode pass pwd pw jwt api auth
  credential credentials cred creds clave contraseña contrasena secreta secreto senha chave segredo passwort geheim geheime geheimer geheimes chiave
  schluessel schlüssel cle clé mdp sleutel wachtwoord haslo hasło klucz sifre şifre anahtar ключ токен пароль секрет
`);

/** Other words of names, and of remarks on what a value should be. */
const others = wordList(`
  a an the my our this that these some any is are be it and or not no in on for of to at by as from with must should
  do will can please use used using set get update add make sure me i we
  ignore openssl rand chars blank above soon dashboard la el le il die der das ein eine einen einer
  keep top only so see ask needed hello world known encoded another
  secure secured segura seguro sicher sicheres super very long longer strong short unique real actual own new old valid test testing tests demo dev
  development prod production staging stage local localhost live preview default defaults main internal external
  bit bits byte bytes char character characters letter letters digit digits hex base64 base32 min minimum max
  least more than randomly value values text
  client access app application bot user username users login account admin administrator root superuser owner
  db database postgres postgresql mysql mariadb mongo mongodb redis rabbitmq mail email smtp host hostname port server
  url uri dsn gmail outlook com net io id ids sid uuid guid name names phone number connection service role anon public private encryption
  encrypt encrypted decrypt signing signature sign session cookie cookies refresh bearer personal oauth license webhook
  hook project org organization organisation team tenant workspace instance cluster domain region bucket endpoint
  deployment version hash salt pepper iv cert certificate certificates file path json data code pin otp
  nextauth openai azure google github gitlab aws gcp slack discord telegram stripe supabase firebase deepgram
  cartesia anthropic claude gemini groq elevenlabs twilio sendgrid resend sentry datadog cloudflare vercel llm ai tts stt
`);

/** What keys of well-known services start with. */
const prefixes = wordList(`
  sk pk rk ak proj svcacct ant api03 or v1 test live car gsk xai pplx r8 hf nvapi tvly pcsk lsv2 pt akia aiza sy gocspx
  ghp gho ghs ghu ghr github pat glpat dckr npm lin ntn xoxb xoxp xoxa xapp sg re whsec price ac whs shpat sq0csp glsa
  sbp sb eyj eyjhbgci dp st bearer basic mongodb srv postgres postgresql mysql redis amqp https http wss ws
`);

/** Words that make a value a stand-in only if nothing else stands there. */
const alone = wordList(`
  test testing tests demo dev value text default none null nil undefined nan na unset empty blank missing unknown void
  string abc xyz asdf qwerty foobar admin1 stub mock
`);

/** Words that may be written together with others. */
const listedWords = new Set([...others, ...credentials, ...telling, ...lastWords]);

const knownWords = new Set([...listedWords, ...prefixes, ...tellingElsewhere, ...alone]);

/** Whether a text is nothing but words, and they say that another value belongs there. */
export function isWordsInPlace(text: string, ownWords: ReadonlySet<string>, mayBeName: boolean): boolean {
  if (/(?:^|[^a-z])fake/i.test(text)) return false;
  const words = wordsOf(text);
  if (!words) return false;
  const [first = '', second = ''] = words;
  if (tellingPieces.test(text) || outright.test(text)) return true;
  const last = words.at(-1) ?? '';
  if (words.some((word) => word === 'your' || (word.startsWith('your') && word !== 'yourself'))) return true;
  if (words.length > 1 && ((lastWords.has(last) && endsApart.test(text)) || isOrder(words))) return true;
  const known = words.every((word) => isKnown(word, ownWords));
  if (
    known &&
    words.length > 1 &&
    (tellingElsewhere.has(first) || (words.length > 2 && tellingElsewhere.has(second)))
  ) {
    return true;
  }
  if (known && words.some((word) => telling.has(word))) return true;
  if (mayBeName) return false;
  if (words.some((word) => alone.has(word)) && words.every((word) => alone.has(word) || prefixes.has(word)))
    return true;
  if (
    known &&
    ((words.length > 2 && remarks.test(text) && !text.includes('.')) || words.some((word) => credentials.has(word)))
  )
    return true;
  return isNamedLikeVariable(text);
}

const remark =
  'char|byte|digit|letter|least|min|long|dev|local|test|prod|stag|demo|default|version|deploy|server|user|account|openssl';

/** What is said of a value and stands in none, at the border of a word. */
export const remarks = new RegExp(`(?:^|[^a-z])(?:${remark})|(?:${remark})(?:$|[^a-z])`, 'i');

const isPair = (one: string, other: string) => one !== other && credentials.has(one) && credentials.has(other);

/** Words joined as in the name of a variable, the last of which says what it holds: `taskboard_password`. */
function isNamedLikeVariable(text: string): boolean {
  const words = text.toLowerCase().split(/[_\s.-]/);
  if (
    /^[a-z]+(?:_[a-z]+){1,2}$/.test(text) &&
    /^(?:key|secret|token|password|passwd|pass|pwd|pw)$/.test(words.at(-1) ?? '')
  ) {
    return true;
  }
  return words.length >= 4 && words.some((word, at) => isPair(word, words[at + 1] ?? ''));
}

/**
 * The same for a config value, where words are ordinary: only what nobody would mean.
 */
export function isPlainlyInPlace(text: string): boolean {
  if (!/your|change|replace|placeholder|todo|fixme|tbd|here|aqu|ici/i.test(text) || /\s/.test(text)) return false;
  const words = wordsOf(text);
  if (!words) return false;
  if (words.some((word) => word === 'your' || word === 'yours')) return true;
  const [first = '', second = ''] = words;
  if (words.length === 1) return /^(?:(?:change|replace)(?:me|this)|placeholder|todo|fixme|tbd)$/.test(first);
  if (/^(?:change|replace)$/.test(first) && /^(?:me|this|it|with|before|in)$/.test(second)) return true;
  return words.length > 2 && lastWords.has(words.at(-1) ?? '') && /^(?:put|insert|enter|paste|add|set)$/.test(first);
}

/** Two words in a row that say what to do with the value, or what is wrong with it. */
const orders: readonly (readonly [word: RegExp, next: RegExp])[] = [
  [/^(?:change|replace)$/, /^(?:me|this|it|in|before|after|for|on|to|with|by|the|now)$/],
  [
    /^(?:insert|enter|paste|put|add|fill|set|use|get|generate|create|provide|copy|choose|pick)$/,
    /^(?:your|the|a|an|this|it|in|me|from|with|at|new|any|here|key|token|secret|password|api|value)$/,
  ],
  [/^leave$/, /^(?:blank|empty|unset|out|it|as)$/],
  [/^(?:ask|see|check|from|in)$/, /^(?:the|vault|lastpass|bitwarden|admin|team|docs|readme|wiki)$/],
  [/^for$/, /^(?:testing|tests?|dev|development|local|demo|production|prod|ci)$/],
  [/^(?:to|must|should)$/, /^be$/],
  [/^not$/, /^(?:a|so|real|safe|secret|secure|set|configured|provided|defined|available|needed|required|used)$/],
];

function isOrder(words: readonly string[]): boolean {
  return words.some((word, at) => {
    const next = words[at + 1];
    return next !== undefined && orders.some(([one, other]) => one.test(word) && other.test(next));
  });
}

function isKnown(word: string, ownWords: ReadonlySet<string>): boolean {
  return knownWords.has(word) || ownWords.has(word) || /^\d{1,4}$|^x{2,}$/.test(word) || isSequence(word);
}

/** Three or more characters that count up, such as 1234 or abcdef, or nothing but zeros. */
export function isSequence(word: string): boolean {
  if (word.length < 3) return false;
  if (/^0+$/.test(word)) return true;
  for (let at = 1; at < word.length; at++) {
    const step = word.charCodeAt(at) - word.charCodeAt(at - 1);
    if (step !== 1 && !(word[at - 1] === '9' && word[at] === '0')) return false;
  }
  return true;
}

const noWords: ReadonlySet<string> = new Set();

/** More is no stand-in, but a text. */
const longest = 120;

/**
 * The words of a text in lower case, also those written together, as in apiKey and mysecretkey. Undefined where it is
 * not made of words: of random characters most pieces are shorter.
 */
export function wordsOf(text: string): string[] | undefined {
  if (text.length > longest) return undefined;
  const plain = text.replace(bracketedRemark, '$1');
  if (!wordCharacters.test(plain) && !email.test(plain)) return undefined;
  const pieces = plain
    .replace(exampleDomain, '')
    .replace(/(?<![a-z])e\.g\.?(?![a-z])/gi, '')
    .normalize()
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .match(lettersOrDigits);
  // Letters, digits and letters again without a mark between them: once it may be base64encoded, but not twice.
  if (!pieces || (text.match(/[A-Za-z]\d+(?=[A-Za-z])/g)?.length ?? 0) > 1) return undefined;
  const spelt = pieces.filter((piece) => /\D/.test(piece));
  const short = spelt.filter((piece) => /^[a-z]{1,2}$/.test(piece) && !isKnown(piece, noWords));
  const long = pieces.filter((piece) => /^\d{5}/.test(piece) && !isSequence(piece));
  if (spelt.length === 0 || long.length > 0 || short.length > spelt.length / 4) return undefined;
  // Among other words the parts of one are chance: onset is not on and set.
  return spelt.length > 2 ? pieces : pieces.flatMap((piece) => separated(piece) ?? piece);
}

const wordCharacters = new RegExp(`^[${letters}\\d\\s_.,:;/|'"?…-]+!{0,3}$`);
const lettersOrDigits = new RegExp(`[${letters}]+|\\d+`, 'g');

/** A remark in brackets, apart from the rest. */
const bracketedRemark = /(?<=^|\s)\(([^()]{1,80})\)(?=$|\s)/g;
const email = /^[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}$/;

/** The domains that documents use say nothing of a value. */
const exampleDomain = /[@.]example\.(?:com|org|net)$|\.example$/;

/** Words that are written together, all of them known; undefined where they are not, or where it is one known word. */
function separated(text: string): string[] | undefined {
  if (text.length > 40 || isListed(text)) return undefined;
  /** The fewest words that make up the first characters of the text, by their number. */
  const best: (string[] | undefined)[] = [[]];
  for (let end = 1; end <= text.length; end++) {
    for (let start = Math.max(0, end - 13); start < end; start++) {
      const before = best[start];
      const word = text.slice(start, end);
      if (
        before &&
        isListed(word) &&
        (word.length > 1 || word === 'a') &&
        !(best[end] && (best[end]?.length ?? 0) <= before.length + 1)
      ) {
        best[end] = [...before, word];
      }
    }
  }
  return best[text.length];
}

function isListed(word: string): boolean {
  return listedWords.has(word) || (word.length > 2 && tellingElsewhere.has(word));
}
