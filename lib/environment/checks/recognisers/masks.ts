import type { Recogniser } from './recogniser';

const hidden =
  'sensitive(?: value)?|redacted|hidden|masked|removed|filtered|protected|encrypted|concealed|obfuscated|confidential|omitted|restricted|secret|known after apply|unchanged|censored|private';

const inBrackets = new RegExp(
  `^[*_]{0,8}(?:\\[(?:${hidden})\\]|\\((?:${hidden})\\)|<(?:${hidden})>|\\{(?:${hidden})\\})[*_]{0,8}$`,
  'i',
);

/** What a screen shows in the place of a secret. */
export const masks: readonly Recogniser[] = [
  {
    name: 'mask',
    about: 'what a dashboard shows in place of a secret (`***`, `••••`, `[REDACTED]`, `(sensitive value)`)',
    in: 'any',
    startsWith: '*＊•●▪■█▒░∗⁎_[(<{RMCF-+',
    test: (text) =>
      /^[*＊•●▪■█▒░∗⁎]{3,}(?: \((?:before|after)\))?$/.test(text) ||
      inBrackets.test(text) ||
      /^\*{3,8}[A-Za-z ]{3,20}\*{3,8}$/.test(text) ||
      /^(?:REDACTED|MASKED|CENSORED|FILTERED|(?:REDACTED|[-+]{4,}) # \(\d{1,9} bytes\))$/.test(text),
    says: 'is the mask that a screen shows in place of a value',
    hint: 'Copy the value itself: the page that shows the mask has a button that reveals or copies it, or makes a new one',
    examples: [
      '***',
      '••••••••',
      '[REDACTED]',
      '[sensitive]',
      '(secret)',
      '<redacted>',
      '(sensitive value)',
      '***REMOVED***',
      'REDACTED # (32 bytes)',
      '*** (before)',
    ],
    counterExamples: [
      '*',
      '**',
      'f*a*k*e',
      '(fake)',
      '[fake]',
      { value: '**/*.ts', name: 'GLOB' },
      { value: 'private', name: 'VISIBILITY' },
    ],
  },
  {
    name: 'partly-masked',
    about: 'a secret of which a dashboard shows the ends (`sk-...abcd`, `AKIA****`, `xxxx-1234`)',
    in: 'secrets',
    test: (text) =>
      /^[\w-]{0,16}(?:\*{3,}|[•●█▒]{2,}|\.{3,}|…+)[\w-]{1,8}$/.test(text) ||
      /^[\w-]{1,16}(?:\*{3,}|[•●█▒]{2,})$/.test(text) ||
      /^(?:[xX*•]{4}[- ]){1,4}\w{4}$/.test(text),
    says: 'is what a screen shows of a secret, its middle left out',
    hint: 'Copy the value itself: most services show it only once, and make a new one',
    examples: [
      'sk-...abcd',
      'sk-****abcd',
      'AKIA************',
      'sk-proj-…wxyz',
      '••••1234',
      'xxxx-1234',
      'xxxx xxxx xxxx 1234',
    ],
    counterExamples: ['fake...', 'f**e', 'fake*', 'fake..fake', 'a...b/c+d=', 'xxxx-12345'],
  },
  {
    name: 'size-only',
    about: 'the number of bytes that kubectl describe shows of a secret',
    in: 'secrets',
    startsWith: '0123456789',
    test: (text) => /^\d{1,7} bytes$/.test(text),
    says: 'is the size that kubectl describe shows in place of a secret',
    hint: 'Read it with kubectl get secret <name> -o jsonpath={.data.<key>} | base64 -d',
    examples: ['51 bytes'],
    counterExamples: ['51', '51 bytes of fake'],
  },
];
