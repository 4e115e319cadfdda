/** The part of a `ReadableStream` that is used. */
export interface LanguageModelStream {
  // biome-ignore lint/suspicious/noExplicitAny: what comes differs between the versions of the AI SDK
  getReader(): { read(): Promise<{ done: boolean; value?: any }>; cancel(reason?: unknown): Promise<void> };
}

/**
 * A language model of the AI SDK 6 or 7: `LanguageModelV3` or `LanguageModelV4`, told by what it can do, so that any
 * copy and any release of `@ai-sdk/provider` fits.
 */
export interface LanguageModel {
  readonly specificationVersion: 'v3' | 'v4';
  readonly provider: string;
  readonly modelId: string;
  // biome-ignore lint/suspicious/noExplicitAny: the options of V3 and V4 are not assignable to each other
  doGenerate(options: any): PromiseLike<any>;
  // biome-ignore lint/suspicious/noExplicitAny: the options of V3 and V4 are not assignable to each other
  doStream(options: any): PromiseLike<{ stream: LanguageModelStream }>;
}
