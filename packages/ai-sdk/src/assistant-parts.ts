import type { LanguageModelV4Message } from '@ai-sdk/provider';
import type { MessageData, Part } from '@sess/core';
import { type AiSdkPartDetails, detailsOf } from './details.ts';
import { toFileData } from './file-data.ts';
import { partOptions } from './part-options.ts';
import { toolOutput } from './tool-parts.ts';
import { toFilePart, toTextParts } from './user-parts.ts';

type AssistantPart = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];

/** The parts of a model's message. What an answer that broke off has left unfinished is left out. */
export function toAssistantParts({ content, metadata }: MessageData): AssistantPart[] {
  const { end } = (metadata?.sess ?? {}) as { end?: string };
  const finished = end === undefined ? content : content.filter((part) => isFinished(part, content));
  return finished.flatMap(toAssistantPart);
}

/**
 * Whether a part of an answer that broke off can be shown to a provider: it refuses reasoning without its signature,
 * which comes last, and calls of its own tools without results.
 */
function isFinished(part: Part, content: readonly Part[]): boolean {
  const { type, toolCallId } = detailsOf(part);
  if (part.reasoning !== undefined || type === 'reasoning-file') return false;
  if (type !== 'tool-call') return true;
  return content.map(detailsOf).some((other) => other.type === 'tool-result' && other.toolCallId === toolCallId);
}

function toAssistantPart(part: Part): AssistantPart[] {
  const details = detailsOf(part);
  const options = partOptions(part);
  if (part.text !== undefined) return toTextParts(part.text, part);
  if (part.reasoning !== undefined) {
    const isEmpty = part.reasoning === '' && options.providerOptions === undefined;
    return isEmpty ? [] : [{ type: 'reasoning', text: part.reasoning, ...options }];
  }
  if (part.media !== undefined) {
    return details.type === 'reasoning-file'
      ? [{ type: 'reasoning-file', ...toFileData(part.media), ...options }]
      : [toFilePart(part)];
  }
  if (part.toolRequest !== undefined) {
    const { name, ref = '', input = {} } = part.toolRequest;
    // Providers expect an object; what the model wrote instead was no JSON.
    const sent = details.isMalformed === true ? {} : input;
    return [{ type: 'tool-call', toolCallId: ref, toolName: name, input: sent, ...options }];
  }
  if (part.data !== undefined) return toTextParts(JSON.stringify(part.data), part);
  return toProviderPart(details, options);
}

/** What only the provider knows what to do with. Sources and requests for approval are not shown to it again. */
function toProviderPart(details: AiSdkPartDetails, options: ReturnType<typeof partOptions>): AssistantPart[] {
  const { type, toolCallId, toolName, input, kind, result, isError } = details;
  const call = { toolCallId: String(toolCallId), toolName: String(toolName), ...options };
  if (type === 'custom') return [{ type, kind: kind as `${string}.${string}`, ...options }];
  if (type === 'tool-call') return [{ type, ...call, input, providerExecuted: true }];
  if (type === 'tool-result') return [{ type, ...call, output: toolOutput(result, isError === true) }];
  return [];
}
