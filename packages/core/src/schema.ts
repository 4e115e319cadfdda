import { placeOf, type StandardSchema } from './standard-schema.ts';
import { SessError } from './store/index.ts';

/** JSON Schema, as models understand it. */
export type JsonSchema = Record<string, unknown>;

/**
 * A schema that can also tell its JSON Schema: Standard Schema with Standard JSON Schema, as in zod 4.2 and later.
 *
 * @see https://standardschema.dev/json-schema
 */
export interface SelfDescribingSchema<Input = unknown, Output = Input> {
  readonly '~standard': StandardSchema<Input, Output>['~standard'] & {
    readonly jsonSchema: {
      readonly input: (options: { target: 'draft-2020-12' }) => JsonSchema;
      readonly output: (options: { target: 'draft-2020-12' }) => JsonSchema;
    };
  };
}

/** A schema of a library that cannot tell its JSON Schema (zod 3, valibot), and that; or a JSON Schema alone. */
export interface DescribedSchema<Input = unknown, Output = Input> {
  /** Checks the values. Absent: they are not checked. */
  readonly schema?: StandardSchema<Input, Output> | undefined;
  /** What models are told. */
  readonly jsonSchema: JsonSchema;
}

/** What data of models and tools must look like. */
export type Schema<Input = unknown, Output = Input> =
  | SelfDescribingSchema<Input, Output>
  | DescribedSchema<Input, Output>;

/** A value as its schema gives it back, or what is wrong with it. */
export type CheckedValue<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: CheckedIssue[] };

export interface CheckedIssue {
  /** Where in the value: `input.city`. */
  readonly place: string;
  /** What is wrong there, in the words of the schema. They may quote the value. */
  readonly message: string;
}

/** What models are told of a schema. Throws INVALID_ARGUMENT where it cannot tell. */
export function jsonSchemaOf(schema: Schema, side: 'input' | 'output', name: string): JsonSchema {
  if ('jsonSchema' in schema) return schema.jsonSchema;
  const { jsonSchema } = schema['~standard'] ?? {};
  try {
    if (jsonSchema) return jsonSchema[side]({ target: 'draft-2020-12' });
  } catch (cause) {
    throw new SessError('INVALID_ARGUMENT', `${name} cannot be told to models as JSON Schema.`, { cause });
  }
  throw new SessError(
    'INVALID_ARGUMENT',
    `${name} does not know its JSON Schema: give { schema, jsonSchema }, or a schema of zod 4.2 or later.`,
  );
}

/** Checks a value; `name` is what it is, to tell where in it something is wrong. */
export async function checkValue<T>(
  schema: Schema<unknown, T> | undefined,
  value: unknown,
  name: string,
): Promise<CheckedValue<T>> {
  const checker = schema && 'jsonSchema' in schema ? schema.schema : schema;
  const result = await checker?.['~standard'].validate(value);
  if (result === undefined) return { value: value as T };
  if (result.issues === undefined) return { value: result.value };
  return { issues: result.issues.map((issue) => ({ place: placeOf(issue, name), message: issue.message })) };
}
