import { textOf } from './chat-response.ts';
import type { ModelRequest } from './model.ts';
import { checkValue, type JsonSchema, jsonSchemaOf, type Schema } from './schema.ts';
import { defined, type MessageData } from './store/index.ts';
import { describeIssues } from './tool-requests.ts';

/** The form that an answer must have: JSON of a schema, or JSON of which only the model is told the schema. */
export type OutputOptions<Output = unknown> =
  | { readonly schema: Schema<unknown, Output>; readonly format?: 'json'; readonly jsonSchema?: undefined }
  | { readonly format: 'json'; readonly jsonSchema?: JsonSchema | undefined; readonly schema?: undefined };

/** What a model is told of the form. */
export function outputRequest({ schema, jsonSchema }: OutputOptions): ModelRequest['output'] {
  const told = schema ? jsonSchemaOf(schema, 'input', 'output.schema') : jsonSchema;
  return defined<NonNullable<ModelRequest['output']>>({ format: 'json', schema: told });
}

/** The data that an answer is. Throws where it is not in the form. */
export async function parseOutput<Output>(message: MessageData, { schema }: OutputOptions<Output>): Promise<Output> {
  const checked = await checkValue(schema, dataOf(message), 'output');
  if (checked.issues === undefined) return checked.value;
  throw new TypeError(describeIssues(checked.issues));
}

/** A data part, or the text as JSON, which some models put between fences. */
function dataOf(message: MessageData): unknown {
  const part = message.content.find(({ data, text }) => data !== undefined && text === undefined);
  if (part !== undefined) return part.data;
  const text = textOf(message);
  const [, fenced] = /```(?:json)?([\s\S]*)```/i.exec(text) ?? [];
  try {
    return parseFirst(text, fenced ?? '');
  } catch (cause) {
    throw new TypeError('The answer is not JSON.', { cause });
  }
}

/** The first text that is JSON. */
function parseFirst(text: string, other: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(other);
  }
}
