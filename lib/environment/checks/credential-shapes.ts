/** A kind of credential that is known by its looks, from its first character to its last. */
interface TokenShape {
  /** How variables that hold one are called, where the shape is one issuer's alone. */
  readonly issuer?: readonly string[];
  readonly shape: RegExp;
}

/**
 * From what their issuers document
 * (https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns lists most).
 * Shapes that ordinary values have too, such as the UUID of a Scaleway secret key, are left out, and so is what no
 * secret is, such as Twilio's account AC…. Repetitions are bounded where more must follow them: a long text would otherwise be
 * searched again from every start.
 */
const tokens: readonly TokenShape[] = [
  { issuer: ['OPENAI', 'CHATGPT', 'WHISPER', 'DALLE'], shape: /sk-(?:proj|svcacct|admin)-[\w-]{20,}/ },
  { issuer: ['ANTHROPIC', 'CLAUDE'], shape: /sk-ant-[\w-]{20,}/ },
  { issuer: ['OPENROUTER'], shape: /sk-or-[\w-]{20,}/ },
  { issuer: ['LANGFUSE'], shape: /sk-lf-[\w-]{20,}/ },
  { shape: /sk-(?=[\w-]{0,64}\d)[\w-]{20,}/ }, // OpenAI's older ones, DeepSeek, LiteLLM
  { issuer: ['CARTESIA'], shape: /sk_car_[A-Za-z0-9]{20,}(?!\w)/ },
  { issuer: ['STRIPE'], shape: /(?:sk_(?:live|test)|rk_live)_[A-Za-z0-9]{20,}(?!\w)/ },
  { shape: /sk_[A-Za-z0-9]{20,}(?!\w)/ }, // ElevenLabs, Clerk
  { shape: /whsec_[A-Za-z0-9+/]{20,}={0,2}(?!\w)/ }, // Stripe, Svix
  { issuer: ['GROQ'], shape: /gsk_[A-Za-z0-9]{20,}/ },
  { issuer: ['XAI', 'GROK'], shape: /xai-[A-Za-z0-9_-]{20,}/ },
  { issuer: ['PERPLEXITY', 'PPLX'], shape: /pplx-[A-Za-z0-9]{20,}/ },
  { issuer: ['REPLICATE'], shape: /r8_[A-Za-z0-9]{20,}/ },
  { issuer: ['HUGGINGFACE', 'HUGGING', 'HF'], shape: /hf_[A-Za-z0-9]{30,}(?!\w)/ },
  { issuer: ['NVIDIA', 'NIM', 'NGC'], shape: /nvapi-[\w-]{40,}/ },
  { issuer: ['TAVILY'], shape: /tvly-[\w-]{20,}/ },
  { issuer: ['PINECONE'], shape: /pcsk_\w{20,}/ },
  { issuer: ['LANGSMITH', 'LANGCHAIN'], shape: /lsv2_(?:pt|sk)_\w{20,}/ },
  { issuer: ['RUNPOD'], shape: /rpa_[A-Z0-9]{20,}/ },
  { issuer: ['AWS', 'S3', 'SES', 'SQS', 'BEDROCK', 'POLLY'], shape: /A[KS]IA[0-9A-Z]{16}(?!\w)/ },
  { issuer: ['SCW', 'SCALEWAY'], shape: /SCW[0-9A-Z]{17}(?!\w)/ },
  {
    issuer: ['GOOGLE', 'GEMINI', 'FIREBASE', 'GCP', 'YOUTUBE', 'MAPS'],
    shape: /(?:AIza[\w-]{35}(?![\w-])|GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,})/,
  },
  { issuer: ['CLOUDFLARE', 'CF'], shape: /cf(?:k|ut|at)_[A-Za-z0-9]{40,}/ },
  { issuer: ['DIGITALOCEAN'], shape: /do[opr]_v1_[a-f0-9]{64}(?!\w)/ },
  { shape: /hv[sbr]\.[\w-]{20,}/ }, // HashiCorp Vault
  { issuer: ['DOPPLER'], shape: /dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{20,}/ },
  { issuer: ['OP', '1PASSWORD', 'ONEPASSWORD'], shape: /ops_eyJ[\w-]{40,}={0,2}/ },
  { shape: /AGE-SECRET-KEY-(?:1[0-9A-Z]{58}|PQ-1[0-9A-Z]{58,})(?!\w)/ },
  { issuer: ['GITHUB', 'GH', 'GHCR', 'COPILOT'], shape: /(?:gh[pousr]_[A-Za-z0-9]{36,}(?!\w)|github_pat_\w{60,})/ },
  { issuer: ['GITLAB'], shape: /gl(?:pat|dt|rt|ptt|oas|cbt|ft|imt|agent|soat)-[\w.-]{20,}/ },
  { issuer: ['DOCKER', 'DOCKERHUB'], shape: /dckr_[po]at_[\w-]{20,}/ },
  { issuer: ['NPM'], shape: /npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/ },
  { issuer: ['PYPI'], shape: /pypi-AgE[\w-]{40,}/ },
  {
    issuer: ['ATLASSIAN', 'JIRA', 'CONFLUENCE', 'BITBUCKET'],
    shape: /AT(?:ATT|CTT|BB)[\w-]{20,}(?:={1,2}[0-9A-F]{8})?/,
  },
  { issuer: ['LINEAR'], shape: /lin_(?:api|oauth)_[A-Za-z0-9]{30,}/ },
  { issuer: ['NOTION'], shape: /(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43}(?![A-Za-z0-9]))/ },
  { issuer: ['AIRTABLE'], shape: /pat[A-Za-z0-9]{14}\.[a-f0-9]{64}/ },
  { issuer: ['FIGMA'], shape: /figd_[\w-]{30,}/ },
  { issuer: ['POSTMAN'], shape: /PMAK-[a-f0-9]{24}-[a-f0-9]{34}/ },
  { issuer: ['SLACK'], shape: /(?:xox[abceoprs]|xapp|xoxe\.xox[bp])-[A-Za-z0-9-]{10,}/ },
  { issuer: ['TELEGRAM', 'TG', 'BOT'], shape: /\d{8,10}:AA[\w-]{33}(?![\w-])/ },
  { issuer: ['TWILIO'], shape: /SK[0-9a-f]{32}(?![0-9A-Za-z])/ },
  { issuer: ['SENDGRID'], shape: /SG\.[\w-]{16,64}\.[\w-]{16,}/ },
  { issuer: ['MAILGUN'], shape: /key-[0-9a-f]{32}(?![0-9A-Za-z])/ },
  { issuer: ['MAILCHIMP', 'MANDRILL'], shape: /[0-9a-f]{32}-us\d{1,2}(?!\d)/ },
  { issuer: ['RESEND'], shape: /re_[A-Za-z0-9]{6,12}_[A-Za-z0-9]{16,}/ },
  { issuer: ['BREVO', 'SENDINBLUE'], shape: /xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}/ },
  { issuer: ['TYPEFORM'], shape: /tfp_[\w.=-]{30,}/ },
  { issuer: ['SHOPIFY'], shape: /shp(?:at|ca|pa|ss|ua)_[a-fA-F0-9]{32}/ },
  { issuer: ['SQUARE'], shape: /(?:sq0(?:csp|atp)-[\w-]{20,}|EAAA[\w-]{56,})/ },
  { issuer: ['GRAFANA'], shape: /(?:glsa_[A-Za-z0-9]{20,64}_[a-fA-F0-9]{8}|glc_eyJ[\w+/-]{20,}={0,2})/ },
  { issuer: ['SENTRY'], shape: /sntry[su]_[\w+/=-]{40,}/ },
  { issuer: ['NEWRELIC', 'RELIC'], shape: /NRAK-[A-Z0-9]{27}/ },
  { issuer: ['DATABRICKS'], shape: /dapi[a-f0-9]{32}(?:-\d)?(?![0-9A-Za-z])/ },
  { issuer: ['SUPABASE'], shape: /(?:sbp_[a-f0-9]{40}|sb_secret_[\w-]{20,})/ },
  { issuer: ['PLANETSCALE'], shape: /pscale_(?:tkn|pw|oauth)_[\w.-]{30,}/ },
  { issuer: ['PULUMI'], shape: /pul-[a-f0-9]{40}/ },
  { issuer: ['TAILSCALE'], shape: /tskey-[a-z]{3,12}-[\w-]{16,}/ },
  { issuer: ['FLY'], shape: /fo1_[\w-]{40,}/ },
  { issuer: ['RENDER'], shape: /rnd_[A-Za-z0-9]{28,}/ },
  { issuer: ['HEROKU'], shape: /HRKU-[\w-]{36,}/ },
  { issuer: ['SONAR', 'SONARQUBE', 'SONARCLOUD'], shape: /sq[apu]_[a-f0-9]{40}/ },
  { issuer: ['ALIBABA', 'ALIYUN'], shape: /LTAI[A-Za-z0-9]{16,}/ },
];

/** A signed JSON Web Token, alone and inside a text: there any `eyJ` could be the start of one, far before its first dot. */
const webToken = /eyJ[\w-]{8,2000}\.eyJ[\w-]{8,2000}\.[\w-]{8,}/;
const webTokenInside = /\.(?<=\beyJ[\w-]{8,2000}\.)eyJ[\w-]{8,2000}\.[\w-]{8}/;

/** Private keys, by the line that they start with. */
const keyFiles = /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d/;

/** What stands in the place of a credential in a text that says how to write one: a pattern that looks ahead. */
export const nothingYet = /(?![<{[$%*]|x{3}|\.{3}|your)/i.source;

/** URLs that whoever knows them may post to, in any case of letters. */
const webhooks: readonly RegExp[] = [
  /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Z0-9]{6,}\/[\w/]{8,}/,
  /\bdiscord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d{6,}\/[\w-]{16,}/,
  /\.webhook\.office\.com\/webhookb2\/[\w@-]{16,}/,
  /\bhooks\.zapier\.com\/hooks\/catch\/\d+\/\w+/,
  /\bapi\.telegram\.org\/bot\d+:[\w-]{20,}/,
];

/** Credentials that are known by what stands before them, in any case of letters. */
const introduced: readonly RegExp[] = [
  ...webhooks,
  // libpq's DSN, a URL's query, ADO.NET's and JDBC's connection strings
  new RegExp(String.raw`(?:^|[\s;?&"'])(?:ssl)?(?:password|passwd|pwd)\s?=\s?["']?${nothingYet}[^\s;&"']{3,}`),
  /\bSharedAccessKey=[\w+/]{20,}/,
  /\bAccountKey=[\w+/]{20,}/,
  // A parameter of a URL or a header that is named for what it carries
  new RegExp(
    String.raw`(?:^|[\s,;?&"'])(?:x-)?(?:api[_-]?key|apikey|(?:access|auth|private|refresh|session|bearer)[_-]?token|token|secret|(?:client|app|api)[_-]?secret|secret[_-]?(?:access[_-]?)?key|subscription-key|sig|signature|x-amz-signature)["']?(?:=|:\s?)["']?${nothingYet}(?:[\w.~+/%=-]{20,}|(?=[\w.~+/%=-]{0,20}\d)[\w.~+/%=-]{8,})`,
  ),
  /[?&](?:code|key)=(?=[\w-]{0,30}\d)[\w-]{20,}/,
  new RegExp(String.raw`\bBearer (?:${nothingYet}[\w.~+/-]{20,}|(?=[\w.~+/-]{0,20}\d)[\w.~+/-]{8,20})`),
  new RegExp(String.raw`\bAuthorization["']?\s?[:=]\s?["']?(?:[a-z]{3,12} )?${nothingYet}[\w.~+/:=-]{8,}`),
  /\bBasic (?=[A-Za-z0-9+/]{0,64}[0-9=])[A-Za-z0-9+/]{8,}={0,2}/,
];

const union = (patterns: readonly RegExp[]) => patterns.map(({ source }) => source).join('|');

const anyOf = union(tokens.map(({ shape }) => shape));

/** All of them in two searches, for the sake of environments with thousands of values. */
const tokenInside = new RegExp(`(?<![A-Za-z0-9])(?:${anyOf})|${union([webTokenInside, keyFiles])}`);
const introducedInside = new RegExp(union(introduced), 'i');

/** Of these words one stands in each of those, and in few other texts: V8 needs two milliseconds for the patterns. */
const introductions = /hook|telegram|pass|pwd|key|token|secret|sig|code=|bearer|authorization|basic/i;

/** Whether the text holds something that looks like a well-known kind of credential. */
export function holdsCredentialShape(text: string): boolean {
  return tokenInside.test(text) || (/[=:\s]/.test(text) && introductions.test(text) && introducedInside.test(text));
}

const wholeToken = new RegExp(`^(?:${anyOf}|${webToken.source})$|^(?:${keyFiles.source})`);

/** Whether the text is a credential of a well-known kind, or a file of a private key, and nothing else. */
export function isCredential(text: string): boolean {
  return tokenInside.test(text) && wholeToken.test(text);
}

/** How variables are called that hold credentials of this shape; undefined unless it is one issuer's alone. */
export function issuerNames(text: string): readonly string[] | undefined {
  return isCredential(text)
    ? tokens.find(({ shape }) => new RegExp(`^(?:${shape.source})$`).test(text))?.issuer
    : undefined;
}

/** What stands behind the host in a DSN of Sentry. */
const project = '(?::\\d{1,5})?/(?:[\\w-]{1,40}/)?\\d{1,20}';
/**
 * What is no credential before an `@`: the public key in such a DSN, which stands in every page that reports to it, with the
 * number of a project behind it (https://docs.sentry.io/concepts/key-terms/dsn-explainer/).
 */
const publicKey = `(?<=https?://)[0-9a-f]{32}@(?=(?:[\\w-]{1,63}\\.){0,20}(?:[\\w-]{1,50}-)?sentry)[\\w.-]{1,253}${project}(?![\\w/?#@-]|\\.\\w)`;
const webUser = new RegExp(`\\b(?:https?|wss?)://(?!${publicKey})[^/?#\\s@:]+@`, 'i');
const longUser = new RegExp(`:(?<=[a-z][a-z0-9+.-]{0,30}:)//(?!${publicKey})[^/?#\\s@:]{12,}@`, 'i');

/**
 * Whether the text holds a URL with a password, even an empty one, or with a user name that is one itself: any on the
 * web, where a lone user name is a token, and a long one elsewhere (`ssh://git@…` is none).
 */
export function holdsUrlCredentials(text: string): boolean {
  if (!text.includes('@') || !text.includes('://')) return false;
  // From the colon on, since any letter could be the start of a scheme.
  return (
    /:(?<=[a-z][a-z0-9+.-]{0,30}:)\/\/[^/?#\s@:]*:[^/?#\s@]*@/i.test(text) || webUser.test(text) || longUser.test(text)
  );
}

/** A credential in a text: where it starts, and what is seen of it. */
export interface CredentialFound {
  readonly index: number;
  readonly text: string;
}

const everyToken = new RegExp(`(?<![A-Za-z0-9])(?:${anyOf})|${webTokenInside.source}`, 'g');
/**
 * With a body, in quotes, escapes or a comment or not, and behind fields: documents and programs speak of the line that it
 * starts with.
 */
const everyKeyFile = new RegExp(
  `(?:${keyFiles.source})(?:: [\\w+.-]{1,80})?(?:[\\s"',+\\\\#>*;|/-]|\\\\[nr]|[A-Z][\\w-]{0,30}: [^\\n]{0,200}\\n){0,40}[A-Za-z0-9+/]{32,}`,
  'g',
);
const everyWebhook = new RegExp(union(webhooks), 'gi');
const everyIntroduced = new RegExp(introducedInside.source, 'gi');
const everyUrl = new RegExp(
  `:(?<=[a-z][a-z0-9+.-]{0,30}:)//[^/?#\\s@:]{0,2000}(?::[^/?#\\s@]{0,2000})?@[\\w.-]*(?:${project})?`,
  'gi',
);

/** Those that any file may hold: what is known by its own looks. */
export function credentialsIn(text: string): CredentialFound[] {
  return matchesOf(text, [everyToken, everyKeyFile, everyWebhook]);
}

/** Those as well that are known by what stands before them, and in URLs: programs are full of the like. */
export function credentialsInConfig(text: string): CredentialFound[] {
  const urls = text.includes('@') && text.includes('://') ? matchesOf(text, [everyUrl]) : [];
  return [
    ...matchesOf(text, [everyToken, everyKeyFile, everyIntroduced]),
    // With the scheme, and with the character that ends it.
    ...urls.filter(({ index, text: { length } }) =>
      holdsUrlCredentials(text.slice(Math.max(0, index - 8), index + length + 1)),
    ),
  ];
}

/** Not by `matchAll`, which compiles a copy of each pattern. */
function matchesOf(text: string, patterns: readonly RegExp[]): CredentialFound[] {
  return patterns.flatMap((pattern) => {
    const found: CredentialFound[] = [];
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      found.push({ index: match.index, text: match[0] });
    }
    return found;
  });
}
