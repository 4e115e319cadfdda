import type {
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import type { FinishReason, ModelResponse, Usage } from '@sess/core';
import { brokenOff, callError } from './call-error.ts';
import { type AiSdkMessageDetails, metadataOf } from './details.ts';
import { fromContent } from './from-content.ts';
import type { LanguageModel } from './language-model.ts';

const finishReasons: Record<string, FinishReason> = {
  stop: 'stop',
  'tool-calls': 'stop',
  length: 'length',
  'content-filter': 'blocked',
  other: 'other',
} satisfies Partial<Record<LanguageModelV4FinishReason['unified'], FinishReason>>;

/** A whole answer. Throws where it ended as a failure: half of it must not be stored as all of it. */
export function toResponse(
  { provider, modelId }: LanguageModel,
  { content, finishReason, usage, ...others }: LanguageModelV4GenerateResult,
): ModelResponse {
  const { unified, raw } = finishReason;
  if (unified === 'error') throw callError('The language model ended its answer with an error.');
  if (unified === 'interrupted') throw brokenOff();
  const { id, modelId: answeredBy, timestamp } = others.response ?? {};
  const details = {
    provider,
    modelId,
    response: { id, modelId: answeredBy, timestamp },
    rawFinishReason: raw,
    usage: { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens },
    warnings: others.warnings?.length > 0 ? others.warnings : undefined,
    providerMetadata: others.providerMetadata,
  } satisfies { [Key in keyof AiSdkMessageDetails]?: unknown };
  return {
    message: { role: 'model', content: content.flatMap(fromContent), ...metadataOf(details) },
    finishReason: finishReasons[unified] ?? 'unknown',
    usage: toUsage(usage),
  };
}

function toUsage({ inputTokens: { total: input }, outputTokens: { total: output } }: LanguageModelV4Usage): Usage {
  const isKnown = input !== undefined || output !== undefined;
  return { inputTokens: input, outputTokens: output, totalTokens: isKnown ? (input ?? 0) + (output ?? 0) : undefined };
}
