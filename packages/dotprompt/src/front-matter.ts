import type { PromptOptions } from '@sess/core';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import { fileError, inFile } from './file-error.ts';
import { compileSchema } from './json-schema.ts';
import { lineAt, type Section } from './split-file.ts';

/** What stands above the template. A schema is Picoschema or JSON Schema. */
export interface FrontMatter extends Pick<PromptOptions, 'config' | 'toolChoice' | 'maxTurns' | 'description'> {
  readonly model?: string;
  readonly tools?: readonly string[];
  readonly input?: { readonly schema?: unknown; readonly default?: Record<string, unknown> };
  readonly output?: { readonly format?: 'json' | 'text'; readonly schema?: unknown };
}

const check = compileSchema({
  type: 'object',
  properties: {
    description: { type: 'string' },
    model: { type: 'string' },
    config: { type: 'object' },
    tools: { type: 'array', items: { type: 'string' } },
    toolChoice: { enum: ['auto', 'required', 'none'] },
    maxTurns: { type: 'integer', minimum: 1 },
    input: {
      type: 'object',
      properties: { schema: {}, default: { type: 'object' } },
      additionalProperties: false,
    },
    output: {
      type: 'object',
      properties: { format: { enum: ['json', 'text'] }, schema: {} },
      additionalProperties: false,
    },
    // What the format knows and nothing here needs: the file's name counts.
    name: {},
    variant: {},
    version: {},
    metadata: {},
  },
  // Extensions.
  patternProperties: { '\\.': {} },
  additionalProperties: false,
});

/**
 * Reads a front matter; `lineOf` tells in which line of the file something of it stands, or what it should stand in.
 * Throws INVALID_ARGUMENT for one that is no YAML, and for a key or value that cannot be right.
 *
 * It is not left to the library, which takes a front matter that it cannot read for a part of the template.
 */
export function readFrontMatter(
  path: string,
  { text, line }: Section,
): { values: FrontMatter; lineOf: (place: readonly string[]) => number } {
  const document = parseDocument(text, { prettyErrors: false });
  const lineOfPosition = (position: number) => line - 1 + lineAt(text, position);
  const lineOf = (place: readonly string[]) => lineOfPosition(positionOf(document, place));
  const [error] = document.errors;
  if (error)
    throw fileError(path, lineOfPosition(error.pos[0]), `The front matter is not YAML: ${error.message}`, error);
  const values = inFile(path, line, () => document.toJS() ?? {});
  const [issue] = check(values);
  if (issue) throw fileError(path, lineOf(issue.path), `The front matter does not fit: ${describe(issue)}.`);
  return { values, lineOf };
}

function describe({ path, message }: { path: readonly string[]; message: string }): string {
  return [path.join('.'), message].filter((text) => text !== '').join(' ');
}

/** Where a key or an item stands; the nearest one around it, where it is not there. */
function positionOf({ contents }: Document, place: readonly string[]): number {
  let node: unknown = contents;
  let position = 0;
  for (const step of place) {
    const pair = isMap(node) ? node.items.find(({ key }) => String(key) === step) : undefined;
    const found: unknown = isSeq(node) ? node.items[Number(step)] : pair?.key;
    if (found === undefined) break;
    position = (found as { range?: [number, number, number] }).range?.[0] ?? position;
    node = pair ? pair.value : found;
  }
  return position;
}
