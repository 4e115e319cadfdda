import type { LanguageModelV4ProviderTool } from '@ai-sdk/provider';
import { SessError } from '@sess/core/store';
import type { AiSdkModelOptions } from './options.ts';

/** The tools that the provider runs by itself, as language models take them. Throws INVALID_ARGUMENT for others. */
export function toProviderTools(tools: AiSdkModelOptions['providerTools'] = {}): LanguageModelV4ProviderTool[] {
  return Object.entries(tools).map(([name, tool]) => {
    const { id, args = {} } = tool as { id?: unknown; args?: LanguageModelV4ProviderTool['args'] };
    if (typeof id === 'string' && id.includes('.')) {
      return { type: 'provider', id: id as LanguageModelV4ProviderTool['id'], name, args };
    }
    const advice = 'Tools of the application go into the chat.';
    throw new SessError('INVALID_ARGUMENT', `providerTools.${name} is no tool that a provider runs. ${advice}`);
  });
}
