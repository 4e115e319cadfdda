import type { LanguageModelV4CallOptions, LanguageModelV4GenerateResult } from '@ai-sdk/provider';
import type { Model, ModelChunk, ModelResponse } from '@sess/core';
import { SessError } from '@sess/core/store';
import { callError } from './call-error.ts';
import { toCallOptions } from './call-options.ts';
import type { LanguageModel } from './language-model.ts';
import type { AiSdkModelOptions } from './options.ts';
import { toProviderTools } from './provider-tools.ts';
import { readStream } from './read-stream.ts';
import { toResponse } from './to-response.ts';

/**
 * Any language model of the AI SDK 6 or 7 as a model for `sess()`.
 *
 * Its calls reject with a `ModelCallError`, which turns report as the cause of `MODEL_FAILED`, and with the signal's
 * reason after an abort. Nothing is retried: `retryable` says whether that may help. Throws `INVALID_ARGUMENT` for
 * anything but a `LanguageModelV3` or `LanguageModelV4`, and for `providerTools` that no provider runs.
 *
 * @example
 * ```ts no-run
 * import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
 * import { aiSdkModel } from '@sess/ai-sdk';
 * import { memoryStore, sess } from '@sess/core';
 *
 * const ollama = createOpenAICompatible({ name: 'ollama', baseURL: 'http://localhost:11434/v1' });
 * const ai = sess({ model: aiSdkModel(ollama('llama3.2')), store: memoryStore() });
 * const { text } = await ai.createSession().chat().send('hi');
 * ```
 */
export function aiSdkModel(languageModel: LanguageModel, options: AiSdkModelOptions = {}): Model {
  const version: unknown = Object(languageModel).specificationVersion;
  if (version !== 'v3' && version !== 'v4') {
    throw new SessError(
      'INVALID_ARGUMENT',
      'aiSdkModel() takes a language model of the AI SDK 6 or 7 (specification v3 or v4), as a provider makes it.',
    );
  }
  const providerTools = toProviderTools(options.providerTools);
  return async (request, onChunk = () => {}) => {
    request.signal.throwIfAborted();
    try {
      const callOptions = toCallOptions(request, options.config, providerTools, languageModel.specificationVersion);
      return options.stream === false
        ? await generate(languageModel, callOptions, onChunk)
        : await stream(languageModel, callOptions, request.signal, onChunk);
    } catch (error) {
      request.signal.throwIfAborted();
      throw callError(error);
    }
  };
}

async function generate(
  languageModel: LanguageModel,
  callOptions: LanguageModelV4CallOptions,
  onChunk: (chunk: ModelChunk) => void,
): Promise<ModelResponse> {
  const generated: LanguageModelV4GenerateResult = await languageModel.doGenerate(callOptions);
  const response = toResponse(languageModel, generated);
  if (response.message.content.length > 0) onChunk({ content: response.message.content });
  return response;
}

async function stream(
  languageModel: LanguageModel,
  callOptions: LanguageModelV4CallOptions,
  signal: AbortSignal,
  onChunk: (chunk: ModelChunk) => void,
): Promise<ModelResponse> {
  const streamed = await languageModel.doStream(callOptions);
  return toResponse(languageModel, await readStream(streamed.stream, signal, (content) => onChunk({ content })));
}
