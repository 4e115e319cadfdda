import { type MessageData, type PromptOptions, type Schema, toStored } from '@sess/core';
import { picoschema } from 'dotprompt';
import { fileError, messageOf } from './file-error.ts';
import { type FrontMatter, readFrontMatter } from './front-matter.ts';
import { schemaOf } from './json-schema.ts';
import type { FolderFile } from './read-folder.ts';
import { compileTemplate } from './render.ts';
import { splitFile } from './split-file.ts';
import { parseTemplate, startsWithSystem, type Template } from './template.ts';

/** The file of a prompt, read and found to be well formed. */
export interface PromptFile {
  readonly name: string;
  readonly template: Template;
  readonly values: FrontMatter;
  /** In which line of the file something of the front matter stands. */
  readonly lineOf: (place: readonly string[]) => number;
}

/** What a prompt of a file is given as its input. */
type Input = Record<string, unknown>;

/** Throws INVALID_ARGUMENT. */
export function readPrompt({ name, path, text }: FolderFile): PromptFile {
  const { frontMatter, template } = splitFile(path, text);
  return { name, template: parseTemplate(path, template), ...readFrontMatter(path, frontMatter) };
}

/** What core needs to know of a prompt. Rejects with INVALID_ARGUMENT for a schema that is none. */
export async function promptOptions(
  file: PromptFile,
  partials: ReadonlyMap<string, Template>,
): Promise<PromptOptions<Input | undefined, Input>> {
  const { name, template, values, lineOf } = file;
  const { description, model, config, tools, toolChoice, maxTurns, input = {}, output = {} } = values;
  const render = await compileTemplate(template, partials);
  const hasSystem = startsWithSystem(template);
  return {
    name,
    description,
    model,
    config,
    tools,
    toolChoice,
    maxTurns,
    input: await schemaIn(file, 'input', input.schema ?? { type: 'object' }, input.default ?? {}),
    output: output.schema
      ? { schema: await schemaIn(file, 'output', output.schema) }
      : output.format === 'json'
        ? { format: 'json' }
        : undefined,
    // A system message at its head takes the place of the one that `sess()` or a chat has.
    system: hasSystem ? async (context) => systemOf(await render(context))?.content : undefined,
    messages: async (context) => {
      const messages = await render(context);
      return hasSystem && systemOf(messages) ? messages.slice(1) : messages;
    },
    source: `${template.path}:${lineOf(['input', 'schema'])}`,
  };
}

/** The system message that messages begin with. */
function systemOf([first]: MessageData[]): MessageData | undefined {
  return first?.role === 'system' ? first : undefined;
}

/** A schema of the front matter, in Picoschema or JSON Schema. */
async function schemaIn<Given, Value>(
  { template: { path }, lineOf }: PromptFile,
  key: 'input' | 'output',
  schema: unknown,
  defaults?: Record<string, unknown>,
): Promise<Schema<Given, Value>> {
  try {
    return schemaOf(toStored(await picoschema(schema), 'schema'), defaults);
  } catch (cause) {
    throw fileError(path, lineOf([key, 'schema']), `The schema is none: ${messageOf(cause)}`, cause);
  }
}
