import { isCredential, issuerNames } from '../credential-shapes';
import { wordsOfName } from './catalog-names';
import type { Context, Recogniser } from './recogniser';

/** A text whose base64 starts like this starts with four printable characters; so do few others. */
const mayBeBase64OfText = /^(?:[I-Za-f][\w+/-]{3}){4}[\w+/-]*={0,2}\s?$/;

/** What a text is base64 of, if it is base64 of a text. In UTF-16 code units at most 32,768. */
export function textBehindBase64(text: string): string | undefined {
  if (text.length > 32_768 || !mayBeBase64OfText.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const decoded = bytes.toString('latin1');
  return /^[\x20-\x7e\s]+$/.test(decoded) ? decoded.trim() : undefined;
}

/** A name that says that the value is encoded, or that it may be anybody's. */
const saysEncoded = ({ variable }: Context) => /(?:^|_)(?:B64|BASE64|ENCODED|ENC)(?:_|$)/i.test(variable.name);
const neutral = /^(?:LLM|AI|STT|TTS|ASR|MODEL|EMBEDDINGS?|VISION|CHAT|COMPLETIONS?|FALLBACK|PROVIDER)$/;

function isForeign(text: string, { variable, names }: Context): boolean {
  const issuer = issuerNames(text);
  if (!issuer) return false;
  const own = wordsOfName(variable.name);
  return !own.some((word) => neutral.test(word) || issuer.includes(word)) && names.anyHasWord(issuer);
}

/** A credential in the wrong form or under the wrong name. */
export const foreignCredentials: readonly Recogniser[] = [
  {
    name: 'base64-of-credential',
    about: 'base64 of a well-known kind of credential',
    in: 'secrets',
    test: (text, context) => {
      const decoded = textBehindBase64(text);
      return decoded !== undefined && isCredential(decoded) && !saysEncoded(context);
    },
    says: 'is base64 of what looks like a credential',
    hint: 'Put what base64 -d makes of it there: this program encodes for Kubernetes by itself',
    examples: [Buffer.from(`sk-${'proj'}-${'FAKE0'.repeat(6)}`).toString('base64')],
    counterExamples: [
      { value: Buffer.from(`sk-${'proj'}-${'FAKE0'.repeat(6)}`).toString('base64'), name: 'OPENAI_API_KEY_BASE64' },
      Buffer.from('a fake text that is no credential').toString('base64'),
      Buffer.from('{"type":"service_account"}').toString('base64'),
    ],
  },
  {
    name: 'key-of-another-vendor',
    about: "a key of one vendor's shape in a variable of another name, where a variable of that vendor's name exists",
    in: 'secrets',
    test: isForeign,
    says: 'looks like a key of another vendor, whose name another variable bears',
    hint: 'Look up which key is which: were two of them swapped?',
    examples: [{ value: `sk-${'proj'}-${'FAKE0'.repeat(6)}`, name: 'DEEPGRAM_API_KEY' }],
    counterExamples: [
      `sk-${'proj'}-${'FAKE0'.repeat(6)}`,
      { value: `sk-${'proj'}-${'FAKE0'.repeat(6)}`, name: 'LLM_API_KEY' },
      { value: `sk-${'FAKE0'.repeat(8)}`, name: 'DEEPGRAM_API_KEY' },
      { value: `xai-${'FAKE0'.repeat(8)}`, name: 'DEEPGRAM_API_KEY' },
    ],
  },
  {
    name: 'key-id',
    about: 'the id of a key where its secret belongs (`AKIA…`, `SCW…`, `API…`)',
    in: 'secrets',
    test: (text, { variable }) =>
      /(?:^|_)SECRET(?:_|$)/i.test(variable.name) &&
      !/_ID$/i.test(variable.name) &&
      (/^A[KS]IA[0-9A-Z]{16}$|^SCW[0-9A-Z]{17}$/.test(text) ||
        (/API_SECRET$/i.test(variable.name) && /^API[A-Za-z0-9]{12}$/.test(text))),
    says: 'looks like the id of a key, not like its secret',
    hint: 'Put the secret there that was shown together with this id',
    examples: [
      { value: `${'SCW'}FAKE0FAKE0FAKE0FA`, name: 'REGISTRY_SECRET_KEY' },
      { value: `${'AKIA'}FAKE0FAKE0FAKE0F`, name: 'AWS_SECRET_ACCESS_KEY' },
      { value: 'APIfake0fake0fa', name: 'PARTNER_API_SECRET' },
    ],
    counterExamples: [
      { value: `${'SCW'}FAKE0FAKE0FAKE0FA`, name: 'REGISTRY_ACCESS_KEY' },
      { value: 'APIfake0fake0fa', name: 'PARTNER_API_KEY' },
      { value: 'APIfake0fake0fa', name: 'OTHER_SECRET' },
    ],
  },
];
