import type { LanguageModelV4Content } from '@ai-sdk/provider';
import type { Part } from '@sess/core';
import { metadataOf } from './details.ts';
import { toMedia } from './file-data.ts';

/** What a language model has said, as parts: none for what says nothing. */
export function fromContent(content: LanguageModelV4Content): Part[] {
  switch (content.type) {
    case 'text': {
      const { type: _, text, ...details } = content;
      return fromText({ text: text.toWellFormed() }, details);
    }
    case 'reasoning': {
      const { type: _, text, ...details } = content;
      return fromText({ reasoning: text.toWellFormed() }, details);
    }
    case 'file': {
      const { type: _, data, mediaType, ...details } = content;
      return [{ media: toMedia(data, mediaType), ...metadataOf(details) }];
    }
    case 'reasoning-file': {
      const { data, mediaType, ...details } = content;
      return [{ media: toMedia(data, mediaType), ...metadataOf(details) }];
    }
    case 'tool-call':
      return [fromToolCall(content)];
    case 'tool-result':
      // What comes before the final result is for showing progress only.
      return content.preliminary === true ? [] : [metadataOf(content)];
    default:
      return [metadataOf(content)];
  }
}

function fromText(part: Part, details: object): Part[] {
  const { metadata } = metadataOf(details);
  if (metadata === undefined) return (part.text ?? part.reasoning) === '' ? [] : [part];
  return [{ ...part, metadata }];
}

function fromToolCall(content: Extract<LanguageModelV4Content, { type: 'tool-call' }>): Part {
  const { type, toolCallId, toolName, input: text, providerExecuted, ...details } = content;
  const input = parseInput(text);
  if (providerExecuted === true) {
    // No tool request: it must not be answered by the application.
    return metadataOf({ type, toolCallId, toolName, input: input.value, ...details });
  }
  return {
    toolRequest: { name: toolName, ref: toolCallId, input: input.value },
    ...metadataOf({ ...details, ...(input.isMalformed && { isMalformed: true }) }),
  };
}

/** Models write JSON that is none at times. The tool's check then refuses the text, and the model is told. */
function parseInput(text: string): { value: unknown; isMalformed: boolean } {
  if (text.trim() === '') return { value: {}, isMalformed: false };
  try {
    return { value: JSON.parse(text), isMalformed: false };
  } catch {
    return { value: text, isMalformed: true };
  }
}
