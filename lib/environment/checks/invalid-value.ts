import type { Problem } from '../problem';
import type { Resolved } from '../resolve';
import { textMatches } from '../sensitive';
import { problemAt } from '../source';

/** What Kustomize's reader refuses or changes in a ConfigMap, however it is escaped. */
const unfitForConfigMaps = /[\u007f-\u009f\ufffe\uffff]/;

/** Whether nothing below can find anything: one look at what nearly every value is. */
function isPlainlyValid(text: string, { variable }: Resolved): boolean {
  return /^[\x20-\x7e]{1,4096}$/.test(text) && variable.type.accepts(text);
}

/**
 * Problems of a value by itself: its characters and its type.
 * @param mayBeQuoted whether a hint may hold a part of it
 */
export function checkValue(resolved: Resolved, mayBeQuoted: boolean): Problem[] {
  const { variable, layerValue, value } = resolved;
  if (textMatches(value, (text) => isPlainlyValid(text, resolved))) return [];
  const error = (says: string, hint?: string): Problem =>
    problemAt(variable.name, layerValue.origin, { severity: 'error', code: 'invalid-value', says, hint });
  const is = (predicate: (text: string) => boolean) => textMatches(value, predicate);

  if (is((text) => text.includes('\0'))) {
    return [error('holds a NUL, which no environment variable can hold')];
  }
  if (is((text) => !text.isWellFormed())) {
    return [error('holds a lone surrogate, which no UTF-8 text can hold')];
  }
  if (layerValue.origin.layer === 'process-env' && is((text) => text.includes('\ufffd'))) {
    return [
      error('holds U+FFFD: its bytes were probably not UTF-8', 'Give it in a file, where the bytes can be checked'),
    ];
  }
  const problems: Problem[] = [];
  if (variable.kind === 'config' && is((text) => unfitForConfigMaps.test(text))) {
    problems.push(
      error(
        'holds a character that Kustomize refuses or changes in a ConfigMap (U+007F–U+009F, U+FFFE or U+FFFF)',
        'Only a Secret carries these; declare it as kind secret if it needs them',
      ),
    );
  }
  if (!is((text) => variable.type.accepts(text))) {
    const { rule, hint, example, advice } = variable.type;
    const own = mayBeQuoted && typeof value === 'string' ? advice?.(value) : undefined;
    problems.push(error(`is not ${rule}`, own ?? hint ?? `For example: ${variable.name}=${example}`));
  }
  return problems;
}
