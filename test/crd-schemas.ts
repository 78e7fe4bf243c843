import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parseAllDocuments } from 'yaml';

/** An excerpt of a published schema, in `test/schemas`. */
interface Excerpt {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: object;
}

const folder = join(__dirname, 'schemas');
const ajv = new Ajv({ allErrors: true });
const validators = new Map(
  readdirSync(folder)
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
    .map((document) => document.toJS() as Excerpt)
    .map(({ apiVersion, kind, schema }) => [`${apiVersion}/${kind}`, ajv.compile(schema)]),
);

/** What an object of a custom resource has that its schema does not take, each with its path. */
export function schemaFaults(object: unknown): string[] {
  const { apiVersion, kind } = object as { apiVersion?: string; kind?: string };
  const validate = validators.get(`${apiVersion}/${kind}`);
  if (!validate) return [`no schema of ${apiVersion}/${kind}`];
  validate(object);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
