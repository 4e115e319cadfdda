import type { JsonSchema, Schema } from '@sess/core';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';

/** Something that does not fit: where in the value, and why. */
export interface Issue {
  readonly path: string[];
  readonly message: string;
}

const ajv = new Ajv2020({
  addUsedSchema: false,
  allErrors: true,
  logger: false,
  ownProperties: true,
  strict: false,
  validateFormats: false,
});

/** Makes a function that tells what in a value does not fit a JSON Schema. Throws where it is none. */
export function compileSchema(jsonSchema: JsonSchema): (value: unknown) => Issue[] {
  const validate = ajv.compile(jsonSchema);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map(issueOf));
}

/** A JSON Schema as a schema of core. The defaults go below what is given. Throws where it is no JSON Schema. */
export function schemaOf<Given, Value>(
  jsonSchema: JsonSchema,
  defaults?: Record<string, unknown>,
): Schema<Given, Value> {
  const check = compileSchema(jsonSchema);
  const validate = (given: unknown) => {
    const value = defaults ? withDefaults(given, defaults) : given;
    const issues = check(value);
    return issues.length > 0 ? { issues } : { value: value as Value };
  };
  return { jsonSchema, schema: { '~standard': { version: 1, vendor: 'sess', validate } } };
}

function withDefaults(given: unknown, defaults: Record<string, unknown>): unknown {
  if (given === undefined) return defaults;
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? { ...defaults, ...given } : given;
}

function issueOf({ instancePath, params, message = 'does not fit' }: ErrorObject): Issue {
  const steps = instancePath.split('/').slice(1);
  const last: string | undefined = params.missingProperty ?? params.additionalProperty;
  const path = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return { path: last === undefined ? path : [...path, last], message };
}
