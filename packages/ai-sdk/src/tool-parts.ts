import type {
  JSONValue,
  LanguageModelV4Message,
  LanguageModelV4ToolResultOutput,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';
import type { Part } from '@sess/core';
import { detailsOf } from './details.ts';
import { partOptions } from './part-options.ts';
import { toUserParts } from './user-parts.ts';

type ToolPart = Extract<LanguageModelV4Message, { role: 'tool' }>['content'][number];

/** A part of a tool message: the answer of a tool, or of a person to a request for approval. */
export function toToolParts(part: Part): ToolPart[] {
  const { type, approvalId, approved, reason } = detailsOf(part);
  if (type === 'tool-approval-response') {
    const why = typeof reason === 'string' ? { reason } : {};
    return [{ type, approvalId: String(approvalId), approved: approved === true, ...why, ...partOptions(part) }];
  }
  if (part.toolResponse === undefined) return [];
  const { name, ref = '', output, content } = part.toolResponse;
  return [
    {
      type: 'tool-result',
      toolCallId: ref,
      toolName: name,
      output: content && content.length > 0 ? contentOutput(output, content) : describeOutput(output),
      ...partOptions(part),
    } satisfies LanguageModelV4ToolResultPart,
  ];
}

export function toolOutput(value: unknown, isError: boolean): LanguageModelV4ToolResultOutput {
  if (typeof value === 'string') return { type: isError ? 'error-text' : 'text', value };
  return { type: isError ? 'error-json' : 'json', value: (value ?? null) as JSONValue };
}

/** What core answers for a tool that has failed is `{ error }`. */
function describeOutput(output: unknown): LanguageModelV4ToolResultOutput {
  const { error, ...others } = Object(output) as { error?: unknown };
  const isError = typeof error === 'string' && Object.keys(others).length === 0;
  return isError ? toolOutput(error, true) : toolOutput(output, false);
}

function contentOutput(output: unknown, content: readonly Part[]): LanguageModelV4ToolResultOutput {
  const text = output === undefined ? [] : [{ text: typeof output === 'string' ? output : JSON.stringify(output) }];
  return { type: 'content', value: [...text, ...content].flatMap(toUserParts) };
}
