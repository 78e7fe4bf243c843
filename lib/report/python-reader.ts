import type { Catalog, Variable } from '../catalog/catalog';
import { podVariables } from '../catalog/pods';
import { commentText, generatedSource, literal } from './source-text';

/** The name of the Python file that reads what pods of a bundle get: one that can be imported. */
export function pythonFileName(bundle: string): string {
  const name = `${bundle.replaceAll('-', '_')}_environment.py`;
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

/** A module of Python 3.10 or later, without dependencies, that reads what pods of a bundle get. */
export function pythonReader(catalog: Catalog, bundle: string): string {
  const variables = podVariables(catalog, bundle);
  const names = attributeNames(variables);
  return `# ${generatedSource}
"""What pods of ${bundle} get: environment variables, checked and turned into their types.

    from ${pythonFileName(bundle).replace(/\.py$/, '')} import read_environment

    environment = read_environment()
"""

from __future__ import annotations

${importLines(variables)}
from collections.abc import Callable, Mapping
from dataclasses import ${variables.some(({ sensitive }) => sensitive) ? 'dataclass, field as _field' : 'dataclass'}
from typing import ${typingNames(variables)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """What a pod of ${bundle} gets. An optional variable without a value is None. Secrets are not printed."""
${variables.map((variable) => fieldText(variable, names.get(variable) ?? '')).join('')}

class InvalidEnvironment(Exception):
    """All that is wrong with an environment. No message holds a value."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "; ".join(self.problems)


def read_environment(environ: Mapping[str, str] | None = None) -> Environment:
    """Read this process's environment variables, or others.

    Raises InvalidEnvironment, with all that is wrong.
    """
    values, problems = _read(environ)
    if problems:
        del values, environ  # what reports a failure may show the variables of this function
        raise InvalidEnvironment(tuple(problems))
    return Environment(**values)


def _read(environ: Mapping[str, str] | None) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, attribute, is_optional, rule, read in _VARIABLES:
        text = _own_variable(name) if environ is None else environ.get(name, "")
        if text == "":
            if not is_optional:
                problems.append(f"{name} is required and has no value")
            continue
        try:
            values[attribute] = read(text)
        except (ValueError, RecursionError):
            problems.append(f"{name} is not {rule}")
    return values, problems


def _own_variable(name: str) -> str:
    """Pods get UTF-8, whatever the locale makes of it: BIG5 has two codes for some characters."""
    text = os.environ.get(name, "")
    raw = os.environb.get(os.fsencode(name), b"") if os.supports_bytes_environ else b""
    encoded = raw if os.fsdecode(raw) == text else os.fsencode(text)
    return encoded.decode("utf-8", "surrogateescape")


${waysOfReading(variables)}# Name, attribute, whether it is optional, what it must be, and how it is read.
_VARIABLES: tuple[tuple[str, str, bool, str, Callable[[str], Any]], ...] = (
${variables.map((variable) => rowText(variable, names.get(variable) ?? '')).join('')})
`;
}

function fieldText(variable: Variable, attribute: string): string {
  const { description, optional, sensitive } = variable;
  const options = [...(optional ? ['default=None'] : []), ...(sensitive ? ['repr=False'] : [])];
  const value = sensitive ? ` = _field(${options.join(', ')})` : optional ? ' = None' : '';
  return `
    # ${commentText(description)}
    ${attribute}: ${typeText(variable)}${optional ? ' | None' : ''}${value}
`;
}

function typeText({ type }: Variable): string {
  if (type.reading) return { flag: 'bool', integer: 'int', json: 'Any' }[type.reading.as];
  return type.allowed ? `Literal[${type.allowed.map(literal).join(', ')}]` : 'str';
}

function rowText(variable: Variable, attribute: string): string {
  const { key, optional, type } = variable;
  const cells = [literal(key), literal(attribute), optional ? 'True' : 'False', literal(type.rule), readText(variable)];
  return `    (${cells.join(', ')}),\n`;
}

function readText({ type: { reading, allowed } }: Variable): string {
  if (reading?.as === 'integer') return `_integer(${reading.min}, ${reading.max})`;
  if (reading) return `_${reading.as}`;
  return allowed ? `_one_of(${allowed.map(literal).join(', ')})` : 'str';
}

/** How texts are read, by what {@link readText} calls it. */
const ways = {
  _flag: `def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError
    return text == "true"
`,
  _integer: `def _integer(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch("0|-?[1-9][0-9]{0,15}", text) or not least <= int(text) <= most:
            raise ValueError
        return int(text)

    return read
`,
  _json: `def _json(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse)


def _refuse(_constant: str) -> NoReturn:
    """NaN and Infinity, which are no JSON."""
    raise ValueError
`,
  _one_of: `def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError
        return text

    return read
`,
} as const;

function needs(variables: readonly Variable[], way: keyof typeof ways): boolean {
  return variables.some((variable) => readText(variable).replace(/\(.*/s, '') === way);
}

function waysOfReading(variables: readonly Variable[]): string {
  const needed = (Object.keys(ways) as (keyof typeof ways)[]).filter((way) => needs(variables, way));
  return needed.map((way) => `${ways[way]}\n\n`).join('');
}

function importLines(variables: readonly Variable[]): string {
  return [
    ...(needs(variables, '_json') ? ['import json'] : []),
    'import os',
    ...(needs(variables, '_integer') ? ['import re'] : []),
  ].join('\n');
}

function typingNames(variables: readonly Variable[]): string {
  return [
    'Any',
    ...(needs(variables, '_one_of') ? ['Literal'] : []),
    ...(needs(variables, '_json') ? ['NoReturn'] : []),
  ].join(', ');
}

/** The keywords of Python, and what the class above uses by itself. */
const reserved = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from global if
  import in is lambda nonlocal not or pass raise return try while with yield _field`.split(/\s+/),
);

/** Each variable's own key, but for those that Python keeps for itself. */
function attributeNames(variables: readonly Variable[]): Map<Variable, string> {
  const taken = new Set(variables.map(({ key }) => key));
  return new Map(
    variables.map((variable) => {
      let name = variable.key;
      while (reserved.has(name) || name.startsWith('__') || (name !== variable.key && taken.has(name))) {
        name = `variable_${name}`;
      }
      taken.add(name);
      return [variable, name];
    }),
  );
}
