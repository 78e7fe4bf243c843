import type { Assigned } from './catalog-names';
import type { Context, Recogniser } from './recogniser';

/** What may stand before the name of a variable in a list of pairs that a program takes: `a=b,NAME=c`, `-DNAME=c`, `?NAME=c`. */
const partOfPairs = /(?:[?&,]|-{1,2}|-D|-e |--env[ =]|--set[ =])$/;

/** The names of the catalog that a value assigns: it swallowed them from a line that was to follow. */
export function swallowedNames(text: string, context: Context): string[] {
  if (!text.includes('=')) return [];
  const assigned = context.names.assignedIn(text);
  if (assigned.length === 0) return [];
  const around: Surroundings = {
    firstBlank: text.search(/\s/),
    lastBlank: text.trimEnd().search(/\s\S*$/),
    isConnectionString: (text.match(/(?:^|;)\s?[A-Za-z ]{2,20}=/g)?.length ?? 0) > 2,
  };
  const swallowed = assigned.filter((each) => isSwallowed(text, each, context, around));
  return [...new Set(swallowed.map(({ name }) => name))];
}

/** What is looked up once for a text, however many names it assigns. */
interface Surroundings {
  readonly firstBlank: number;
  /** Before the last word. */
  readonly lastBlank: number;
  /** Whether it is of the sort Server=…;Database=…;Port=… */
  readonly isConnectionString: boolean;
}

function isSwallowed(text: string, { name, at }: Assigned, { variable }: Context, around: Surroundings): boolean {
  const before = text.slice(Math.max(0, at - 12), at);
  const next = text.charAt(at + name.length + 1);
  if (next === '' || next === '=') return false; // the padding of base64
  // On a line of its own it belongs to the text: a file, say, that a pod reads.
  if (/\n(?:export )?$/.test(before)) return false;
  const isFirst = at === 0 || (at < 8 && /^(?:export\s|set\s)$/.test(before));
  // A short name is in many a text by chance.
  if (name.length < 4) return name.length > 2 && (isFirst || /[\s;]$/.test(before));
  if (partOfPairs.test(before)) return false;
  if (around.isConnectionString && !name.includes('_') && /;\s?$/.test(before)) return false;
  if (variable.sensitive) return true;
  // Ordinary texts may well speak of a variable: only what a missing line break makes is meant here.
  if (isFirst) return around.lastBlank < at;
  return around.firstBlank < 0 || around.firstBlank >= at - 1;
}

const ownKey = (text: string, { variable }: Context) =>
  text.trimStart().startsWith('{') && new RegExp(`^\\s*\\{[^{}]{0,500}"${variable.name}"\\s?:`).test(text);

const pair = /^([A-Za-z_]\w{2,252}):[ \t]+\S/;

/** An assignment of another variable inside a value. */
export const assignments: readonly Recogniser[] = [
  {
    name: 'swallowed-assignment',
    about:
      'an assignment of a name of the catalog inside a value (a missing line break, `NAME=` in front of the value)',
    in: 'any',
    test: (text, context) => swallowedNames(text, context).length > 0,
    says: (text, context) => {
      const names = swallowedNames(text, context);
      return names[0] === context.variable.name && text.startsWith(context.variable.name)
        ? 'starts with its own name and = once more'
        : `holds an assignment of ${names.filter((name) => name !== context.variable.name).join(', ') || 'itself'}`;
    },
    hint: (text, context) => {
      const [name = ''] = swallowedNames(text, context);
      return text.startsWith(`${name}=`)
        ? `Remove ${name}= in front of the value`
        : `Put ${name}=… on a line of its own: the line before it lacked its line break`;
    },
    examples: [
      'sk-fakeLOG_LEVEL=warn',
      'sk-fake0000 LOG_LEVEL=warn',
      'sk-fake0000; LOG_LEVEL=warn;',
      'OPENAI_API_KEY=sk-fake0000',
      'export OPENAI_API_KEY=sk-fake0000',
      'sk-fakeDOMAIN=app.example.com',
      { value: 'infoDOMAIN=app.example.com', name: 'LOG_FORMAT' },
      { value: 'wss://lk.example.com LOG_LEVEL=warn', name: 'LINK' },
    ],
    counterExamples: [
      'ZmFrZQLOG_LEVEL==',
      'https://example.com/?LOG_LEVEL=warn',
      'Server=db.example.com;Database=app;User Id=app;DOMAIN=fake;',
      'fake\nLOG_LEVEL=warn\n',
      'a=b',
      { value: '-Xmx1g -DLOG_LEVEL=debug', name: 'JAVA_OPTS' },
      { value: 'service.name=agent,DOMAIN=example.com', name: 'OTEL_RESOURCE_ATTRIBUTES' },
      { value: 'Say that LOG_LEVEL=debug helps', name: 'GREETING' },
      { value: 'LOG_LEVEL=debug node main.js', name: 'START_COMMAND' },
    ],
  },
  {
    name: 'pair',
    about: 'the name of the variable and its value together, as YAML or JSON',
    in: 'any',
    test: (text, context) => {
      const name = pair.exec(text)?.[1];
      return (name !== undefined && context.names.has(name)) || ownKey(text, context);
    },
    says: 'holds a name as well as a value',
    hint: 'Put only the value there, without the name in front of it',
    examples: ['OPENAI_API_KEY: sk-fake0000', '{"OPENAI_API_KEY":"sk-fake0000"}', 'LOG_LEVEL: warn'],
    counterExamples: [
      '{"type":"service_account"}',
      'fake: fake',
      '{"a":{"OPENAI_API_KEY":"fake"}}',
      'OPENAI_API_KEY:fake',
    ],
  },
];
