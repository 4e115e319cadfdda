import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4ProviderTool,
} from '@ai-sdk/provider';
import type { ModelRequest, ToolDefinition } from '@sess/core';
import type { LanguageModel } from './language-model.ts';
import type { AiSdkConfig, ProviderOptions } from './options.ts';
import { toPrompt } from './to-prompt.ts';
import { toV3Prompt } from './to-v3-prompt.ts';

const settings: readonly string[] = [
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'stopSequences',
  'seed',
  'headers',
  'providerOptions',
] satisfies (keyof AiSdkConfig)[];

/** What a language model of the AI SDK is called with. */
export function toCallOptions(
  { messages, config, tools = [], toolChoice, output, signal }: ModelRequest,
  general: AiSdkConfig | undefined,
  providerTools: readonly LanguageModelV4ProviderTool[],
  version: LanguageModel['specificationVersion'],
): LanguageModelV4CallOptions {
  const prompt = toPrompt(messages);
  const callOptions: LanguageModelV4CallOptions = {
    ...mergeConfig(checkConfig(general, version), checkConfig(config, version)),
    // A model of V3 gets its own form of it: the rest is the same in both.
    prompt: version === 'v3' ? (toV3Prompt(prompt) as unknown as typeof prompt) : prompt,
    abortSignal: signal,
  };
  const allTools = [...tools.map(toFunctionTool), ...providerTools];
  if (allTools.length > 0) {
    callOptions.tools = allTools;
    if (toolChoice !== undefined) callOptions.toolChoice = { type: toolChoice };
  }
  if (output?.format === 'json') {
    callOptions.responseFormat = { type: 'json', ...(output.schema && { schema: output.schema }) };
  }
  return callOptions;
}

/** Refuses settings that the call has no place for: a typing error would go unnoticed. */
function checkConfig(config: object = {}, version: LanguageModel['specificationVersion']): AiSdkConfig {
  for (const name of Object.keys(config)) {
    const isKnown = settings.includes(name) || (name === 'reasoning' && version === 'v4');
    if (!isKnown) {
      throw new TypeError(
        `There is no setting ${name} of language models; a provider's own belong in providerOptions.`,
      );
    }
  }
  return config as AiSdkConfig;
}

function mergeConfig(general: AiSdkConfig, own: AiSdkConfig): Omit<LanguageModelV4CallOptions, 'prompt'> {
  const merged: AiSdkConfig = { ...general, ...own };
  if (general.headers && own.headers) merged.headers = { ...general.headers, ...own.headers };
  if (general.providerOptions && own.providerOptions) {
    merged.providerOptions = mergeProviderOptions(general.providerOptions, own.providerOptions);
  }
  return merged as Omit<LanguageModelV4CallOptions, 'prompt'>;
}

function mergeProviderOptions(general: ProviderOptions, own: ProviderOptions): ProviderOptions {
  const merged = { ...general };
  for (const [provider, options] of Object.entries(own)) merged[provider] = { ...general[provider], ...options };
  return merged;
}

function toFunctionTool({ name, description, inputSchema }: ToolDefinition): LanguageModelV4FunctionTool {
  return { type: 'function', name, description, inputSchema: inputSchema ?? { type: 'object', properties: {} } };
}
