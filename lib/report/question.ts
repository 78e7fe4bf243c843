import type { Host } from './host';
import { colorsFor, isTerminal, sizeOf, wrap } from './terminal';

/** Whether somebody sees a question and can answer it. */
export function canAsk(host: Host): boolean {
  return isTerminal(host.stderr) && host.canAnswer?.() === true;
}

/** Asks a question that nothing but y or yes agrees to. */
export async function agrees(question: string, { stdin, stderr, env }: Host): Promise<boolean> {
  stderr.write(`${colorsFor(stderr, env).bold(wrap(`${question} [y/N]`, '  ', sizeOf(stderr).columns))} `);
  let answer = '';
  for await (const chunk of stdin) {
    answer += chunk.toString('utf8');
    if (answer.includes('\n')) break;
  }
  if (!answer.includes('\n')) stderr.write('\n');
  return /^\s*y(?:es)?\s*$/i.test(answer);
}
