// Checked by the compiler only: which language models fit, and what must not compile.
import type { LanguageModelV2, LanguageModelV3, LanguageModelV4 } from '@ai-sdk/provider';
import { type AiSdkConfig, aiSdkModel, type LanguageModel } from '@sess/ai-sdk';
import { type Model, sess } from '@sess/core';

declare const v2: LanguageModelV2;
declare const v3: LanguageModelV3;
declare const v4: LanguageModelV4;
declare const any: LanguageModelV3 | LanguageModelV4;

export const models: Model[] = [aiSdkModel(v3), aiSdkModel(v4), aiSdkModel(any)];
export const fits: LanguageModel[] = [v3, v4];
sess({ model: aiSdkModel(v4, { stream: false }) });

// @ts-expect-error: the AI SDK 5 is too old
aiSdkModel(v2);
// @ts-expect-error: names are resolved by the AI SDK's own functions only
aiSdkModel('openai/gpt-5');
// @ts-expect-error: a typing error
aiSdkModel(v4, { config: { temprature: 1 } });
aiSdkModel(v4, { providerTools: { search: { id: 'openai.web_search', args: {} } } });
export const config: AiSdkConfig = { reasoning: 'low', providerOptions: { openai: { store: false } } };
