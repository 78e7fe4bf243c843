import { nearArgument, suggestion } from '../catalog/near-name';
import { hasFields, listAt } from '../environment/field-at';
import { limits } from '../environment/limits';
import { type Refusal, refusal } from '../environment/problem';
import { shellWord } from '../environment/shell-word';
import { askProgram, type Failure, type Question } from './ask-program';

/** Why kubectl failed, as far as its messages tell. */
export type Cause = (typeof causes)[number][0];

/**
 * What tells causes apart in the messages of kubectl 1.27 to 1.36: the first that fits. Each with what is said of it,
 * completing "kubectl …", and what to do about it.
 */
const causes = [
  [
    'webhook',
    /failed (?:calling|to call) webhook|conversion webhook/i,
    'needed a webhook of the cluster that does not answer, or fails (webhook)',
    'Who runs the cluster knows it',
  ],
  [
    'not-ready',
    /exceeded its progress deadline/i,
    'says that a roll-out makes no progress (not ready)',
    'kubectl describe shows why its pods do not start',
  ],
  [
    'no-current-context',
    /current-context is not set/i,
    'has no current context',
    'Is KUBECONFIG set to the right file? kubectl config use-context <name> sets one; --context <name> takes another',
  ],
  [
    'no-context',
    /cannot locate context|context .* does not exist|context was not found/i,
    'found no such context in the kubeconfig',
    'kubectl config get-contexts lists them',
  ],
  [
    'kubeconfig',
    /error loading config file|invalid configuration|no configuration has been provided|localhost:8080/i,
    'has no kubeconfig that names a cluster',
    'Is KUBECONFIG set to the right file?',
  ],
  [
    'unauthorized',
    /Unauthorized|must be logged in|provide credentials|getting credentials|Please enter (?:Username|Password)|token (?:is|has) expired|exec plugin|^error: EOF/im,
    'is not let in: the credentials are missing, wrong or have expired (unauthorized)',
    'Log in again, or get a new kubeconfig',
  ],
  [
    'terminating',
    /is being terminated|is terminating/i,
    'may make nothing in a namespace that is being deleted (terminating)',
    'Wait until it is gone, then create it again',
  ],
  [
    'admission',
    /denied (?:the )?request|admission webhook|ValidatingAdmissionPolicy|exceeded quota/i,
    'was refused by an admission policy, a webhook or a quota of the cluster (admission)',
    'Who runs the cluster knows the policy',
  ],
  [
    'forbidden',
    /\(Forbidden\)|is forbidden|\bcannot (?:get|list|watch|create|patch|delete) resource/i,
    'is not allowed to do that (forbidden)',
    'examples/apply-role.yaml has the rights that are needed, but not those to make or change the Namespace',
  ],
  [
    'no-such-kind',
    // What a webhook could not find is something else, and what stands in a line of kubectl's own log.
    /^(?![EWIF]\d{4} |.*webhook).*(?:doesn't have a resource type|no matches for kind|could not find the requested resource)/im,
    'knows no such kind of object on this cluster (not found)',
    'Is it the right cluster?',
  ],
  [
    'conflict',
    /\bconflicts?\b.*\bwith\b|\(Conflict\)/i,
    'met another change at the same time (conflict)',
    'Run it again',
  ],
  [
    'certificate',
    /x509|certificate|tls:|HTTP response to HTTPS/i,
    "does not trust the server's certificate, or the server does not trust its own (certificate)",
    'Get a new kubeconfig, and look at the clock of this machine',
  ],
  [
    'unknown-host',
    /no such host|server misbehaving|name resolution|lookup .* on /i,
    "found no address for the server's name (unknown host)",
    'Is the name in the kubeconfig right, and the network or VPN up?',
  ],
  [
    'time-out',
    /Client\.Timeout|deadline exceeded|i\/o timeout|time allotted|timed out|TLS handshake timeout|request canceled/i,
    'got no answer in time (time-out)',
    'Is the network or VPN up?',
  ],
  [
    'unreachable',
    /was refused - did you specify|connection refused|no route to host|network is unreachable|connection reset|unable to connect|: EOF$/im,
    'could not reach the server (unreachable)',
    'Is the cluster running, and the network or VPN up?',
  ],
  [
    'too-large',
    /\bis too large\b|entity too large|data: Too long/i,
    'was told by the server that an object is too large (too large)',
    'Kubernetes takes no Secret or ConfigMap of more than 1 MiB',
  ],
  [
    'server-error',
    // Not what stands in a line of kubectl's own log: another API of the cluster may be down.
    /^(?![EWIF]\d{4} ).*(?:\((?:InternalError|ServiceUnavailable|TooManyRequests)\)|unable to handle the request|etcdserver|unexpected EOF|connection lost)/im,
    'got no answer from a server that is there (server error)',
    'It may be busy, or being renewed: wait, and run the same again',
  ],
  ['not-found', /\(NotFound\)|not found/i, 'did not find what it was asked for (not found)', 'Is the namespace there?'],
  [
    'invalid',
    /\(Invalid\)|\(BadRequest\)|is invalid|unable to decode|error validating/i,
    'was told by the server that an object is invalid (invalid)',
    'Does the cluster have an object of this name with another type, or with one of its keys in binaryData?',
  ],
  [
    'restarted',
    // Of several workloads, nothing else may be wrong with any: each line says this, or warns.
    /^(?=[\s\S]*restart has already been triggered)(?:(?:Warning: |[WI]\d{4} |(?:error: )?(?:failed to create patch for \S+: )?if restart has already been triggered within the past second)[^\n]*(?:\n|$))+\s*$/i,
    'was not let restart what somebody has restarted in this second (restarted)',
    'Its pods are being replaced already',
  ],
] as const;

/** What may be said about a request. */
interface Asked extends Pick<Question, 'input' | 'seconds'> {
  /** The arguments with which somebody may try the same, where these read what only this program has. */
  readonly byHand?: readonly string[];
}

/** kubectl at one context. */
export interface Kubectl {
  /** The context of every request, as messages may show it: one from the command line only if the kubeconfig has it. */
  readonly shownContext: string;
  readonly cluster: string;
  /** @throws {Refusal} code `cluster` if it fails; what it says itself is left out, since it may quote an object */
  ask(args: readonly string[], question?: Asked): Promise<string>;
  /** The same, where some causes are no reason to stop. */
  tryTo(
    args: readonly string[],
    harmless: readonly Cause[],
    question?: Asked,
  ): Promise<{ readonly text: string } | { readonly cause: Cause }>;
  /** A command as it is typed by hand. */
  line(args: readonly string[]): string;
}

/**
 * Finds the context and pins it: whatever becomes of the current one, all requests go to this.
 * @param context taken instead of the current one
 * @throws {Refusal} code `cluster`
 */
export async function connect(context: string | undefined, env: NodeJS.ProcessEnv): Promise<Kubectl> {
  const run = (args: readonly string[], question?: Question) => runKubectl(args, env, question);
  const local = async (args: readonly string[], shown: readonly string[] = args) => {
    const answer = await run(args);
    if ('text' in answer) return answer.text;
    const isUnknown = context !== undefined && answer.failure.cause === 'no-context';
    throw isUnknown ? await noContext(context, run) : failed(answer.failure, shown);
  };
  const named = context ?? (await local(['config', 'current-context'])).trim();
  checkName(named);
  const view = (name: string) => ['config', 'view', '--minify', '--output=json', `--context=${name}`];
  const config = parsedObject(await local(view(named), view(context === undefined ? named : unnamed)));
  const [found] = listAt(config, 'contexts') as { name?: unknown; context?: { cluster?: unknown } }[];
  const cluster = found?.context?.cluster ?? '';
  checkName(cluster);
  const shownContext = context === undefined || found?.name === context ? named : unnamed;
  const full = (args: readonly string[], name: string) => [...args, `--context=${name}`];
  const line = (args: readonly string[]) => commandText(full(args, shownContext));
  const tryTo: Kubectl['tryTo'] = async (args, harmless, question) => {
    const answer = await run([...full(args, named), ...(isWatching(args) ? [] : [requestTimeout()])], question);
    if ('text' in answer) return answer;
    const { cause } = answer.failure;
    if (cause !== undefined && harmless.includes(cause)) return { cause };
    const shown = withFewNames(withoutData(question?.byHand ?? args));
    throw failed(answer.failure, full(shown, shownContext));
  };
  return {
    shownContext,
    cluster,
    ask: async (args, question) => {
      const answer = await tryTo(args, [], question);
      return 'text' in answer ? answer.text : '';
    },
    tryTo,
    line,
  };
}

/** What is said of a context that the kubeconfig does not have: one that it has may be named. */
async function noContext(context: string, run: (args: readonly string[]) => ReturnType<typeof runKubectl>) {
  const listed = await run(['config', 'get-contexts', '--output=name']);
  const names = 'text' in listed ? listed.text.split('\n').filter((name) => name !== '') : [];
  const hint = suggestion(nearArgument(context, names)) ?? 'kubectl config get-contexts lists them';
  return refusal('cluster', 'kubectl found no such context in the kubeconfig', hint);
}

/** The arguments that ask for the same, and print no Secret. */
function withoutData(args: readonly string[]): string[] {
  return args.flatMap((arg) =>
    arg === '--show-managed-fields' ? [] : arg === '--output=json' ? '--output=name' : arg,
  );
}

/** The arguments with no more names of objects, `<kind>/<name>`, than somebody may want to see. */
function withFewNames(args: readonly string[]): string[] {
  let left: number = limits.keysListed;
  return args.filter((arg) => !/^[a-z.]+\/[^=]*[^-=]$/.test(arg) || left-- > 0);
}

/** @throws {Refusal} if it is no name that can be shown on a line */
function checkName(name: unknown): asserts name is string {
  if (typeof name === 'string' && name.length <= 1_000 && !/[\0\r\n\u2028\u2029]/.test(name)) return;
  throw refusal(
    'cluster',
    'The name of the context, or of its cluster, has a line break in it, or no end',
    'Look at the contexts of your kubeconfig: kubectl config view',
  );
}

/** What stands for a context that the kubeconfig does not have: it may be anything. */
const unnamed = '<--context>';

const requestTimeout = () => `--request-timeout=${limits.secondsOfRequest}s`;

/** Its request lasts as long as what is waited for. */
function isWatching([verb, noun]: readonly string[]): boolean {
  return verb === 'wait' || (verb === 'rollout' && noun === 'status');
}

/** What users prefer when they type is nothing for a program, such as to be asked before each deletion. */
export const withoutPreferences = { KUBERC: 'off', KUBECTL_KUBERC: 'false' };

function runKubectl(args: readonly string[], env: NodeJS.ProcessEnv, question: Question = {}) {
  return askProgram('kubectl', args, { ...env, ...withoutPreferences }, { ...question, causeOf });
}

function causeOf(messages: string): Cause | undefined {
  return causes.find(([, pattern]) => pattern.test(messages))?.[0];
}

function failed({ absent, reason, cause }: Failure<Cause>, args: readonly string[]): Refusal {
  if (absent) {
    return refusal('cluster', 'kubectl is not installed', 'Install it: https://kubernetes.io/docs/tasks/tools/');
  }
  const isLate = reason.startsWith('did not answer');
  const [, , what, advice = ''] = causes.find(([name]) => name === (isLate ? 'time-out' : cause)) ?? [];
  const byHand = `Try it by hand: ${commandText(args)}`;
  const said = isLate ? `${reason} (time-out)` : (what ?? reason);
  return refusal(
    'cluster',
    `kubectl ${said}`,
    advice === '' ? byHand : `${advice}${advice.endsWith('?') ? '' : '.'} ${byHand}`,
  );
}

/** As a shell takes it. What it would read from its standard input is left to whoever tries it. */
function commandText(args: readonly string[]): string {
  return ['kubectl', ...args].map((word) => (word.includes(unnamed) ? word : shellWord(word))).join(' ');
}

/**
 * What kubectl answered, as an object.
 * @throws {Refusal} if it is not JSON of one
 */
export function parsedObject(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    if (hasFields(value)) return value;
  } catch {}
  throw refusal('cluster', 'kubectl answered something that is no JSON of an object', 'Look at: kubectl version');
}
