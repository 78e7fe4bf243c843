/**
 * The shapes of credentials that are known by their looks, from what their issuers document
 * (https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns lists most).
 * Shapes that ordinary values have too, such as the UUID of a Scaleway secret key, are left out. Repetitions are bounded
 * where a long text could otherwise be searched again from every start.
 */
const shapes: readonly RegExp[] = [
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/,
  /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/,
  /\bsk-(?:proj-|svcacct-|admin-|ant-)?[A-Za-z0-9_-]{20,}/, // OpenAI, Anthropic
  /\bsk_(?:car_|live_|test_)?[A-Za-z0-9]{20,}\b/, // Cartesia, Stripe, ElevenLabs
  /\b(?:rk_live|whsec)_[A-Za-z0-9]{20,}\b/, // Stripe
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, // AWS
  /\bSCW[0-9A-Z]{17}\b/, // Scaleway access key
  /\bgh[pousr]_[A-Za-z0-9]{36,}\b/, // GitHub
  /\bgithub_pat_[A-Za-z0-9_]{60,}\b/,
  /\bglpat-[A-Za-z0-9_-]{20,}/, // GitLab
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/, // Slack
  /\bAIza[0-9A-Za-z_-]{35}\b/, // Google
  /\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16}/, // SendGrid
  /\bhf_[A-Za-z0-9]{30,}\b/, // Hugging Face
  /\bnpm_[A-Za-z0-9]{36}\b/,
  /\bdop_v1_[a-f0-9]{64}\b/, // DigitalOcean
  // A signed JSON Web Token. Looked for from its first dot: any `eyJ` could be the start of one, far before it.
  /\.(?<=\beyJ[A-Za-z0-9_-]{8,2000}\.)eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8}/,
];

/** Whether the text holds something that looks like a well-known kind of credential. */
export function holdsCredentialShape(text: string): boolean {
  return anyShape.test(text);
}

/** All of them in one search, for the sake of environments with thousands of values. */
const anyShape = new RegExp(shapes.map(({ source }) => source).join('|'));

/**
 * Whether the text holds a URL with a password, even an empty one, or with a user name that is one itself: any on the
 * web, where a lone user name is a token, and a long one elsewhere (`ssh://git@…` is none).
 */
export function holdsUrlCredentials(text: string): boolean {
  if (!text.includes('@') || !text.includes('://')) return false;
  // From the colon on, since any letter could be the start of a scheme.
  return (
    /:(?<=[a-z][a-z0-9+.-]{0,30}:)\/\/[^/?#\s@:]*:[^/?#\s@]*@/i.test(text) ||
    /\b(?:https?|wss?):\/\/[^/?#\s@:]+@/i.test(text) ||
    /:(?<=[a-z][a-z0-9+.-]{0,30}:)\/\/[^/?#\s@:]{12,}@/i.test(text)
  );
}
