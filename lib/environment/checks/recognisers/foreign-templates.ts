import type { Context, Recogniser } from './recogniser';

/** A word in one case of letters: what stands at random between two marks is of mixed case and has digits. */
const word = '(?:[A-Z][A-Z0-9_.-]*|[a-z][a-z0-9_.-]*|[A-Za-z]{1,20})';

const commands =
  'cat|openssl|echo|printf|pwgen|head|tail|tr|base64|op|vault|bao|aws|gcloud|az|kubectl|sops|age|gpg|pass|security|jq|yq|curl|date|uuidgen|whoami|hostname|node|python3?|ruby|php|grep|cut|sed|awk|git';

const runsCommand = new RegExp(`\\$\\(\\s?(?:${commands}) [^)]{1,500}\\)`);
const bracketedWord = new RegExp(`^(?:\\(\\(${word}\\)\\)|\\[\\[${word}\\]\\]|\\$\\[${word}\\])$`);
const percentWord = new RegExp(`^%${word}%$`);
const markedWord = new RegExp(
  `^(?:@@${word}@@|__(?:[A-Z][A-Z0-9_]*|[a-z][a-z0-9_]*|[A-Za-z]{1,20})__|@[A-Z_][A-Z0-9_.]*@)$`,
);

/** What stands for another variable in another tool: with its name the hint can say how to read it here. */
const hintFor =
  (pattern: RegExp) =>
  (text: string, { names, variable }: Context) => {
    const name = pattern.exec(text.slice(-200))?.[1];
    return name !== undefined && name !== variable.name && names.has(name)
      ? `Write \${${name}} to read ${name}`
      : 'Put there what it stands for: nothing here fills it in';
  };

/** What another tool would have replaced before anybody read it. */
export const foreignTemplates: readonly Recogniser[] = [
  {
    name: 'command-substitution',
    about: 'a command for a shell to run (`$(…)`, `<(…)`, backticks)',
    in: 'any',
    test: (text) =>
      /[$<]\(|^`/.test(text) &&
      (/^[$<]\(\s?(?:<\s?)?(?:[A-Za-z_][\w.-]*|(?=[\w~-]*[./])[\w./~-]*)\)$/.test(text) ||
        /^[$<]\(\s?[a-z][\w./-]+ [\s\S]*\)$/.test(text) ||
        /^`[a-z][\w./-]+ [^`]+`$/.test(text) ||
        runsCommand.test(text)),
    says: 'is a command that no shell runs here',
    hint: 'Run the command yourself, and put what it prints there',
    examples: [
      '$(openssl rand -hex 32)',
      '$(cat key.txt)',
      '$(OPENAI_API_KEY)',
      '$(< key.txt)',
      '<(cat key.txt)',
      '`cat key.txt`',
      'postgresql://app:$(cat password.txt)@db.example.com/app',
    ],
    counterExamples: ['$(', 'fake$(x', '$(fa0)ke$(1)', '`', '$(Fake1)and(2)', 'cost: $(5)'],
  },
  {
    name: 'bare-command',
    about: 'a command line that makes or reads a secret',
    in: 'secrets',
    startsWith: 'ohbagvksnprudce',
    test: (text) =>
      /^(?:openssl (?:rand|genrsa|genpkey)|head -c|base64 -|aws (?:secretsmanager|ssm)|gcloud secrets|op (?:read|item)|vault (?:kv|read)|kubectl get|az keyvault|sops (?:-d|decrypt)|age -d|gpg -d|node -[ep]|python3? -c|ruby -e|php (?:-r|artisan)|rails secret|bundle exec|npx |pwgen |dd if=|date \+|cat (?=[\w~-]*[./])[\w./~-]*$|echo -|uuidgen$|uuidgen -)/.test(
        text,
      ),
    says: 'is a command that nobody runs here',
    hint: 'Run the command yourself, and put what it prints there',
    examples: [
      'openssl rand -hex 32',
      'openssl rand -base64 32',
      'cat /run/secrets/key',
      'uuidgen',
      'op read "op://Private/OpenAI/key"',
      'npx auth secret',
    ],
    counterExamples: ['openssl', 'cat horse battery staple', 'head over heels', 'date palm oasis'],
  },
  {
    name: 'braces',
    about: 'a template in braces (`{{ }}`, `{% %}`, `#{ }`, `((…))`, `[[…]]`)',
    in: 'any',
    startsWith: '{#([$',
    test: (text) =>
      /^\{\{[^{}]*\}\}\}?$|^\{\{\{[^{}]*\}\}\}$|^\{%[\s\S]*%\}$/.test(text) ||
      /^#\{[\w.:\][ -]+\}#?$/.test(text) ||
      bracketedWord.test(text),
    says: 'is a template that nobody fills in here',
    hint: hintFor(/([A-Za-z_]\w*)[^\w]*$/),
    examples: [
      '{{ OPENAI_API_KEY }}',
      '{{ .Values.openai.key }}',
      '{{{key}}}',
      '{% key %}',
      '#{OPENAI_API_KEY}#',
      '#{Octopus.OpenAI}',
      '((openai-api-key))',
      '[[OPENAI_API_KEY]]',
      '$[variables.key]',
      { value: '{{ DOMAIN }}', name: 'PARTNER_URL_TEXT' },
    ],
    counterExamples: [
      '{"a":{"b":{}}}',
      '{{fa0}ke{1}}',
      '#{F4:ke}1}',
      { value: 'Hello {{ name }}, how can I help?', name: 'GREETING' },
      '[[1,2],[3,4]]',
    ],
  },
  {
    name: 'percent',
    about: 'a variable of the Windows shell, PowerShell or Python (`%X%`, `$env:X`, `%(x)s`)',
    in: 'any',
    startsWith: '%$',
    test: (text) => percentWord.test(text) || /^%\([A-Za-z_]\w*\)s$/.test(text) || /^\$env:[A-Za-z_]\w*$/i.test(text),
    says: 'is the name of a variable as another tool writes it, which nothing fills in here',
    hint: hintFor(/(\w+?)(?:%|\)s)?$/),
    examples: [
      '%OPENAI_API_KEY%',
      '%key%',
      '%(api_key)s',
      '$env:OPENAI_API_KEY',
      { value: '%DOMAIN%', name: 'PARTNER_URL_TEXT' },
    ],
    counterExamples: ['%', '%%', '100%', '%Fa0keFa1keFa2keFa3ke%', { value: '%d %m%n', name: 'LOG_FORMAT' }],
  },
  {
    name: 'erb',
    about: 'a template of ERB, EJS or PHP (`<%= %>`, `<?= ?>`)',
    in: 'any',
    startsWith: '<[',
    test: (text) => /^<%[\s\S]*%>$|^<\?(?:=|php )[\s\S]*\?>$|^\[%[\s\S]*%\]$/.test(text),
    says: 'is a template that nobody fills in here',
    hint: hintFor(/(\w+)\W*$/),
    examples: ['<%= ENV["OPENAI_API_KEY"] %>', '<?= $key ?>', '[% key %]'],
    counterExamples: ['<%', '<a>', '<%fake'],
  },
  {
    name: 'marked-word',
    about: 'a word between the marks of a replacing tool (`@@X@@`, `__X__`, `@X@`)',
    in: 'any',
    startsWith: '@_',
    test: (text) => markedWord.test(text),
    says: 'is a mark that another tool was to replace',
    hint: hintFor(/^[@_]+(\w+?)[@_]+$/),
    examples: [
      '@@OPENAI_API_KEY@@',
      '__OPENAI_API_KEY__',
      '__apiKey__',
      '@OPENAI_API_KEY@',
      { value: '__DOMAIN__', name: 'HOST' },
    ],
    counterExamples: ['__', '@fake@', '__fa0__ke1__F', '@@', 'fake@@fake'],
  },
  {
    name: 'code',
    about: 'program code that would read a variable (`process.env.X`, `os.environ["X"]`, `secrets.X`, `!Ref X`)',
    in: 'any',
    startsWith: 'pPiodDBbEeSsGgCcvVlLm$!',
    test: (text) =>
      /^(?:process\.env|import\.meta\.env|os\.environ|Deno\.env|Bun\.env|\$_ENV|\$_SERVER|ENV\[)[^\s;]{1,100}$/.test(
        text,
      ) ||
      /^(?:os\.getenv|System\.getenv|getenv|env|config|secret|var|lookup)\((["'])?[\w.-]+\1?(?:,[^()]{0,60})?\)$/i.test(
        text,
      ) ||
      /^(?:secrets|vars|env)\.[A-Z][A-Z0-9_]+$/.test(text) ||
      /^(?:var|local|data|module)\.[a-z][a-z0-9]*_[a-z0-9_.]+$/.test(text) ||
      /^!(?:Ref|Sub|GetAtt|ImportValue|Join|FindInMap|secret|vault|env|env_var|include|reference) \S/.test(text),
    says: 'is code that would read the value elsewhere, not the value',
    hint: hintFor(/(\w+)\W*$/),
    examples: [
      'process.env.OPENAI_API_KEY',
      'os.environ["OPENAI_API_KEY"]',
      "os.getenv('OPENAI_API_KEY')",
      'env("OPENAI_API_KEY")',
      'secrets.OPENAI_API_KEY',
      'var.openai_api_key',
      '!Ref OpenAiKey',
      { value: 'process.env.DOMAIN', name: 'HOST' },
    ],
    counterExamples: [
      { value: 'data.example.com', name: 'HOST' },
      { value: 'env.example.com', name: 'HOST' },
      'env.fake',
      '!Reference',
    ],
  },
];
