export { aiSdkModel } from './ai-sdk-model.ts';
export { ModelCallError } from './call-error.ts';
export type { AiSdkMessageDetails, AiSdkPartDetails } from './details.ts';
export type { LanguageModel, LanguageModelStream } from './language-model.ts';
export type { AiSdkConfig, AiSdkModelOptions, ProviderOptions } from './options.ts';
